//! Servers as processes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mou_registry::db::DatabaseUrl;
use serde_json::Value;

use super::databases::{secret_key, text};

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
            .env("MOU_SECRET_KEY_FILE", secret_key())
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

/// The answer of a server process.
pub struct Response {
    pub status: u16,
    pub head: String,
    pub body: Value,
}

impl Server {
    /// Sends a request and waits for the whole answer.
    pub fn ask(&self, method: &str, path: &str, token: &str, body: &Value) -> Response {
        ask(self.address, method, path, token, body).expect("the server answers")
    }
}

/// Like [`Server::ask`], but returns `None` if the server does not answer, or not whole.
pub fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    token: &str,
    body: &Value,
) -> Option<Response> {
    let body = match body {
        Value::Null => String::new(),
        body => body.to_string(),
    };
    let mut stream = TcpStream::connect(address).ok()?;
    let patience = Some(Duration::from_secs(60));
    stream.set_read_timeout(patience).ok()?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some(Response {
        status: head.split(' ').nth(1)?.parse().ok()?,
        head: head.to_owned(),
        body: serde_json::from_str(body).unwrap_or(Value::Null),
    })
}

impl Drop for Server {
    fn drop(&mut self) {
        // On Unix this is SIGKILL.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
