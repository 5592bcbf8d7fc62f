//! Closes connections that do not deliver a whole request in time, and notices those that clients
//! have closed.
//!
//! The HTTP library limits how long the first head on a connection can take, and how long a
//! connection can wait for the next one. A later head that has begun can arrive byte by byte
//! forever.

use std::io::ErrorKind;
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use actix_web::rt::net::TcpStream;
use actix_web::rt::time::sleep;
use socket2::{SockRef, Socket};

/// A watched connection.
pub struct Connection {
    socket: Socket,
    opened: Instant,
    /// Age of the connection, in milliseconds, at which even a slow client has read the last
    /// answer; [`SERVED`] while a request is under way.
    waits_since: AtomicU64,
}

/// Marks a connection with a request under way; not a valid age.
const SERVED: u64 = u64::MAX;
/// Time between two looks at whether a client is still there.
const LOOK: Duration = Duration::from_millis(250);
/// Reading speed of a slow client, in bytes per millisecond.
const SLOW: u64 = 10;

impl Connection {
    /// Marks the arrival of a request.
    pub fn begins(&self) {
        self.waits_since.store(SERVED, Ordering::Relaxed);
    }

    /// Marks the end of a request, answered with this number of bytes.
    pub fn waits(&self, bytes: u64) {
        let read = self.age() + bytes / SLOW;
        self.waits_since.store(read, Ordering::Relaxed);
    }

    /// Waits until the client has closed the connection. The HTTP library notices only when it sends
    /// the answer.
    pub async fn closed(&self) {
        loop {
            sleep(LOOK).await;
            if self.is_closed() {
                return;
            }
        }
    }

    fn is_closed(&self) -> bool {
        match self.socket.peek(&mut [MaybeUninit::uninit()]) {
            Ok(bytes) => bytes == 0,
            Err(error) => error.kind() != ErrorKind::WouldBlock,
        }
    }

    fn age(&self) -> u64 {
        self.opened.elapsed().as_millis() as u64
    }

    fn waits_longer_than(&self, patience: Duration) -> bool {
        let since = self.waits_since.load(Ordering::Relaxed);
        since != SERVED && self.age().saturating_sub(since) > patience.as_millis() as u64
    }
}

/// The connections of a server.
pub struct ConnectionWatch(Mutex<Vec<Weak<Connection>>>);

impl ConnectionWatch {
    /// Watches connections until dropped, and closes those that wait for longer than `patience`.
    pub fn watch(patience: Duration) -> Arc<Self> {
        let watch = Arc::new(Self(Mutex::default()));
        let watched = Arc::downgrade(&watch);
        actix_web::rt::spawn(async move {
            loop {
                sleep(patience / 4).await;
                let Some(watch) = watched.upgrade() else {
                    return;
                };
                watch.close(patience);
            }
        });
        watch
    }

    /// Starts to watch a connection.
    ///
    /// # Errors
    /// Fails if the process may not open more files.
    pub fn open(&self, connection: &TcpStream) -> std::io::Result<Arc<Connection>> {
        let connection = Arc::new(Connection {
            socket: SockRef::from(connection).try_clone()?,
            opened: Instant::now(),
            waits_since: AtomicU64::new(0),
        });
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Arc::downgrade(&connection));
        Ok(connection)
    }

    fn close(&self, patience: Duration) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|connection| {
            let Some(connection) = connection.upgrade() else {
                return false;
            };
            let late = connection.waits_longer_than(patience);
            if late && let Err(error) = connection.socket.shutdown(Shutdown::Both) {
                tracing::debug!(%error, "a connection that waits too long is closed already");
            }
            !late
        });
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use actix_web::rt::net::TcpListener;
    use actix_web::rt::time::timeout;

    use super::*;

    #[actix_web::test]
    async fn a_closed_connection_is_noticed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let watch = ConnectionWatch::watch(Duration::from_secs(60));
        let connection = watch.open(&stream).unwrap();
        assert!(timeout(LOOK * 2, connection.closed()).await.is_err());
        // A request that nobody has read yet.
        client.write_all(b"GET").unwrap();
        assert!(timeout(LOOK * 2, connection.closed()).await.is_err());
        let mut read = [0; 3];
        stream.readable().await.unwrap();
        stream.try_read(&mut read).unwrap();
        drop(client);
        assert!(timeout(LOOK * 120, connection.closed()).await.is_ok());
    }
}
