//! Servers as processes.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use mou_registry::db::DatabaseUrl;

use super::databases::text;

/// A server process, killed on drop.
pub struct Server {
    pub child: Child,
    pub address: SocketAddr,
}

impl Server {
    pub fn start(url: &DatabaseUrl) -> Self {
        Self::start_with(url, &[])
    }

    pub fn start_with(url: &DatabaseUrl, flags: &[&str]) -> Self {
        Self::run(url, "error", flags, &[], Stdio::inherit())
    }

    pub fn start_in(url: &DatabaseUrl, environment: &[(&str, &Path)]) -> Self {
        Self::run(url, "error", &[], environment, Stdio::inherit())
    }

    pub fn logging(url: &DatabaseUrl, level: &str, to: impl Into<Stdio>) -> Self {
        Self::run(url, level, &[], &[], to)
    }

    fn run(
        url: &DatabaseUrl,
        level: &str,
        flags: &[&str],
        environment: &[(&str, &Path)],
        to: impl Into<Stdio>,
    ) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mou-registry"))
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--log",
                level,
                "--rate-limit-token",
                "0",
            ])
            .args(["--database-url", &text(url)])
            .args(flags)
            // Nothing listens there: a request through the proxy would fail.
            .env("HTTP_PROXY", "http://127.0.0.1:1")
            .env("ALL_PROXY", "http://127.0.0.1:1")
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(to)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split(' ').next());
        let address = address.unwrap_or_else(|| panic!("the server says {line:?}"));
        Self {
            child,
            address: address.parse().unwrap(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // On Unix this is SIGKILL.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
