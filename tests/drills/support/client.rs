//! Clients that ask over connections of their own and measure how long answers take.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A client with a connection.
pub struct Client {
    stream: BufReader<TcpStream>,
    address: SocketAddr,
    authorization: String,
}

fn connect(address: SocketAddr) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    BufReader::new(stream)
}

impl Client {
    pub fn new(address: SocketAddr, token: Option<&str>) -> Self {
        let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n"));
        Self {
            stream: connect(address),
            address,
            authorization: authorization.unwrap_or_default(),
        }
    }

    /// Sends a request, reads the answer to its end, and returns the status.
    pub fn get(&mut self, path: &str) -> u16 {
        self.try_get(path).unwrap_or_else(|_| {
            // An idle connection was closed.
            self.stream = connect(self.address);
            self.try_get(path).unwrap()
        })
    }

    fn try_get(&mut self, path: &str) -> std::io::Result<u16> {
        let authorization = &self.authorization;
        let request = format!("GET {path} HTTP/1.1\r\nHost: drill\r\n{authorization}\r\n");
        self.stream.get_mut().write_all(request.as_bytes())?;
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(rest) = line.strip_prefix("http/1.1 ") {
                status = rest[..3].parse().unwrap();
            } else if let Some(rest) = line.strip_prefix("content-length: ") {
                length = rest.parse().unwrap();
            } else if line.is_empty() {
                break;
            }
        }
        std::io::copy(&mut self.stream.by_ref().take(length), &mut std::io::sink())?;
        Ok(status)
    }
}

/// The answers to several clients: their statuses, and how long they took.
#[derive(Default)]
pub struct Answers(Vec<(u16, Duration)>);

impl Answers {
    /// Number of answers with a status.
    pub fn count(&self, status: u16) -> usize {
        self.0.iter().filter(|(found, _)| *found == status).count()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The time within which a share of the answers came.
    pub fn within(&self, share: f64) -> Duration {
        let mut times: Vec<Duration> = self.0.iter().map(|(_, time)| *time).collect();
        times.sort_unstable();
        times[((times.len() - 1) as f64 * share) as usize]
    }
}

/// Lets `clients` clients ask one request after the other, of the number of the client and of the
/// request, until `end`.
pub fn ask(
    address: SocketAddr,
    token: Option<&str>,
    clients: usize,
    end: &AtomicBool,
    request: impl Fn(usize, usize) -> String + Sync,
) -> Answers {
    let request = &request;
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..clients)
            .map(|c| {
                scope.spawn(move || {
                    let mut client = Client::new(address, token);
                    let mut answers = Vec::new();
                    for n in 0.. {
                        if end.load(Ordering::Relaxed) {
                            break;
                        }
                        let path = request(c, n);
                        let started = Instant::now();
                        let status = client.get(&path);
                        answers.push((status, started.elapsed()));
                    }
                    answers
                })
            })
            .collect();
        let all = asking.into_iter().flat_map(|asked| asked.join().unwrap());
        Answers(all.collect())
    })
}
