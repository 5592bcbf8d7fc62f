//! A load generator over persistent connections.

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// Number of concurrent clients.
pub const CLIENTS: usize = 32;

/// The measurements of one operation.
pub struct Measured {
    pub requests: usize,
    pub per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
    /// Size of a response body, in bytes.
    pub bytes: usize,
}

fn authorization(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

/// Returns a GET request, with or without a token.
pub fn get(path: &str, token: Option<&str>) -> Vec<u8> {
    let authorization = token.map(authorization).unwrap_or_default();
    format!("GET {path} HTTP/1.1\r\nHost: bench\r\n{authorization}\r\n").into_bytes()
}

/// Returns a POST request with a JSON body.
pub fn post(path: &str, body: &str, token: &str) -> Vec<u8> {
    let authorization = authorization(token);
    format!(
        "POST {path} HTTP/1.1\r\nHost: bench\r\n{authorization}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Sends one request. Returns the body of its response, which must be a success.
pub fn ask(address: SocketAddr, request: &[u8]) -> io::Result<Vec<u8>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    runtime.block_on(async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(request).await?;
        let mut buffer = Vec::new();
        let length = read_answer(&mut stream, &mut buffer).await?;
        Ok(buffer.split_off(buffer.len() - length))
    })
}

/// When clients stop to send requests.
#[derive(Clone, Copy)]
pub enum Until {
    Elapsed(Duration),
    /// So many requests were sent by all clients together.
    Sent(usize),
}

impl Until {
    fn goes_on(self, elapsed: Duration, sent: usize) -> bool {
        match self {
            Self::Elapsed(span) => elapsed < span,
            Self::Sent(requests) => sent < requests,
        }
    }
}

/// Sends requests; each client sends its next request as soon as the last one is answered.
pub fn measure(
    address: SocketAddr,
    until: Until,
    request: impl Fn(usize) -> Vec<u8> + 'static,
) -> io::Result<Measured> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let request = Rc::new(request);
    let latencies = Rc::new(RefCell::new(Vec::<u32>::new()));
    let next = Rc::new(RefCell::new(0));
    let started = Instant::now();
    let local = LocalSet::new();
    let bytes = local.block_on(&runtime, async {
        let mut clients = Vec::new();
        for _ in 0..CLIENTS {
            let (request, latencies, next) = (request.clone(), latencies.clone(), next.clone());
            clients.push(tokio::task::spawn_local(async move {
                let mut stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                let mut buffer = Vec::new();
                let mut size = 0;
                while until.goes_on(started.elapsed(), *next.borrow()) {
                    let n = {
                        let mut next = next.borrow_mut();
                        *next += 1;
                        *next
                    };
                    let bytes = request(n);
                    let sent = Instant::now();
                    stream.write_all(&bytes).await?;
                    size = read_answer(&mut stream, &mut buffer).await?;
                    latencies
                        .borrow_mut()
                        .push(sent.elapsed().as_micros() as u32);
                }
                Ok::<usize, io::Error>(size)
            }));
        }
        let mut size = 0;
        for client in clients {
            size = client.await.map_err(io::Error::other)??;
        }
        Ok::<usize, io::Error>(size)
    })?;
    let seconds = started.elapsed().as_secs_f64();
    let mut latencies = latencies.take();
    latencies.sort_unstable();
    let at = |share: f64| {
        Duration::from_micros(u64::from(
            latencies[(latencies.len() as f64 * share) as usize],
        ))
    };
    Ok(Measured {
        requests: latencies.len(),
        per_second: latencies.len() as f64 / seconds,
        p50: at(0.5),
        p99: at(0.99),
        bytes,
    })
}

/// Reads one response. A response other than success ends the benchmark.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<usize> {
    buffer.clear();
    let head = loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
    let length = text
        .split("content-length: ")
        .nth(1)
        .and_then(|rest| rest.split('\r').next()?.parse::<usize>().ok());
    let length = length.ok_or_else(|| io::Error::other(text.clone()))?;
    while buffer.len() < head + length {
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    if !text.starts_with("http/1.1 2") {
        return Err(io::Error::other(
            String::from_utf8_lossy(buffer).into_owned(),
        ));
    }
    Ok(length)
}
