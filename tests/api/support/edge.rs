//! Settings of servers.

use std::sync::Arc;

use clap::Parser;
use mou_registry::app::config::{Cli, Command, Settings};
use mou_registry::edge::Edge;

/// The settings of a server started with these flags, without the limits that they do not set.
pub fn settings(flags: &[&str]) -> Settings {
    let mut all = vec!["mou-registry", "serve", "--listen", "127.0.0.1:0"];
    for limit in [
        "--rate-limit-token",
        "--rate-limit-anonymous",
        "--rate-limit-failures",
    ] {
        if !flags.contains(&limit) {
            all.extend([limit, "0"]);
        }
    }
    all.extend(flags);
    match Cli::try_parse_from(all).unwrap().command {
        Command::Serve { settings, .. } => settings,
        _ => unreachable!(),
    }
}

/// The edge of a server started with these flags.
pub fn at(flags: &[&str]) -> Arc<Edge> {
    Edge::new(&settings(flags).edge)
}
