//! Slow clients of a real server: they are cut off and do not block others.

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::time::timeout;
use mou_registry::app::server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::edge;
use crate::support::{Api, Backend};

tests!(async:
    bodies_that_trickle_are_cut_and_hold_up_nobody, heads_that_trickle_are_cut_and_hold_up_nobody,
    later_heads_that_trickle_are_cut_too, connections_on_which_nothing_is_asked_are_closed);

/// Number of clients that are slow at once.
const SLOW: usize = 50;
/// Time limit for answers, generous enough for a busy machine.
const SOON: Duration = Duration::from_secs(30);

/// A server on a port of its own.
struct Real {
    address: SocketAddr,
    handle: ServerHandle,
    token: String,
}

impl Real {
    async fn start(flags: &[&str]) -> Self {
        let api = Api::new(Backend::Sqlite).await;
        let mut state = api.state.clone();
        let settings = edge::settings(flags);
        state.edge = edge::at(flags);
        let (server, address) = server::bind(state, &settings).unwrap();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        let token = api.token().unwrap().to_owned();
        Self {
            address,
            handle,
            token,
        }
    }

    async fn connect(&self, sent: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        stream
    }

    /// The beginning of a POST request.
    fn post(&self) -> String {
        format!(
            "POST /api/v1/organizations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{",
            self.token
        )
    }

    /// Asks as another client, which must be answered despite the slow ones.
    async fn answers_others(&self) {
        let ask = format!(
            "GET /api/v1/organizations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
             Connection: close\r\n\r\n",
            self.token
        );
        let answer = rest(&mut self.connect(&ask).await).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
}

/// Reads until the server closes the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = timeout(SOON, stream.read_to_end(&mut bytes)).await;
    // A connection that is cut in mid-transfer may end in an error.
    let _ = read.expect("the server closes the connection");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Sends a byte now and then until the server closes the connection. Returns what it answered.
async fn trickle(stream: TcpStream, byte: &'static [u8]) -> String {
    let (mut from, mut to) = stream.into_split();
    let sending = actix_web::rt::spawn(async move {
        while to.write_all(byte).await.is_ok() {
            actix_web::rt::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let mut bytes = Vec::new();
    let read = timeout(SOON, from.read_to_end(&mut bytes)).await;
    let _ = read.expect("the server closes the connection");
    sending.abort();
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn bodies_that_trickle_are_cut_and_hold_up_nobody() {
    let server = Real::start(&["--body-timeout", "1", "--header-timeout", "60"]).await;
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        let stream = server.connect(&server.post()).await;
        slow.push(actix_web::rt::spawn(trickle(stream, b" ")));
    }
    server.answers_others().await;
    for client in slow {
        let answer = client.await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("\"code\":\"request_timeout\""), "{answer}");
        assert!(
            answer.to_lowercase().contains("\r\nconnection: close\r\n"),
            "{answer}"
        );
    }
    server.answers_others().await;
    server.handle.stop(false).await;
}

async fn heads_that_trickle_are_cut_and_hold_up_nobody() {
    let server = Real::start(&["--header-timeout", "1"]).await;
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        let stream = server.connect("GET /healthz HTTP/1.1\r\nX-Slow: ").await;
        slow.push(actix_web::rt::spawn(trickle(stream, b"a")));
    }
    server.answers_others().await;
    for client in slow {
        let answer = client.await.unwrap();
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 408 "),
            "{answer}"
        );
    }
    server.handle.stop(false).await;
}

async fn later_heads_that_trickle_are_cut_too() {
    let short = [
        "--keep-alive",
        "1",
        "--header-timeout",
        "1",
        "--body-timeout",
        "1",
    ];
    let server = Real::start(&short).await;
    let whole = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    let begun = format!("{whole}GET /healthz HTTP/1.1\r\nX-Slow: ");
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        let stream = server.connect(&begun).await;
        slow.push(actix_web::rt::spawn(trickle(stream, b"a")));
    }
    // Meanwhile a client that sends complete requests on one connection is served.
    let mut steady = server.connect("").await;
    for _ in 0..10 {
        steady.write_all(whole.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        timeout(SOON, steady.read_exact(&mut answer))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        // Drains the rest of the answer and lets time pass.
        let mut more = [0; 4096];
        let _ = timeout(Duration::from_millis(500), steady.read(&mut more)).await;
    }
    for client in slow {
        let answer = client.await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
    server.handle.stop(false).await;
}

async fn connections_on_which_nothing_is_asked_are_closed() {
    let server = Real::start(&["--keep-alive", "1", "--header-timeout", "1"]).await;
    let ask = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut stale = server.connect("").await;
    let mut kept = server.connect(ask).await;
    assert!(rest(&mut kept).await.starts_with("HTTP/1.1 200 "));
    rest(&mut stale).await;
    server.handle.stop(false).await;
}
