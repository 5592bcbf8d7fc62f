//! Drills: long tests of servers as processes, under load and in trouble.
//!
//! `cargo test --release -- --ignored drills` runs all of them, one at a time; `MOU_DRILLS=short` in
//! a short form. Each is a module below, registered with `on_both!` as in the API tests.
#![allow(
    clippy::cast_sign_loss,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "a panic fails the drill, and its figures are printed"
)]
#![allow(
    dead_code,
    unused_macros,
    reason = "the harness of the API tests has more than drills need"
)]

use std::process::ExitCode;

#[macro_use]
mod support;

/// The names of all drills begin with that of this module.
#[path = "."]
mod drills {
    mod outages;
    mod stalls;
}

fn main() -> ExitCode {
    support::main()
}
