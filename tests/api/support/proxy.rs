//! A TCP proxy in front of a database, which can fall silent.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use socket2::Socket;

/// Where the proxy forwards to.
#[derive(Clone)]
pub enum Target {
    Socket(PathBuf),
    /// A port of this machine.
    Port(u16),
}

/// Forwards connections, and closes them when it is dropped.
pub struct Proxy {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    target: Target,
    is_silent: AtomicBool,
    is_closed: AtomicBool,
    connections: Mutex<Vec<Close>>,
}

/// Closes both sides of a connection.
type Close = Arc<dyn Fn() + Send + Sync>;

impl Proxy {
    pub fn new(target: Target) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            target,
            is_silent: AtomicBool::new(false),
            is_closed: AtomicBool::new(false),
            connections: Mutex::default(),
        });
        let accepting = shared.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if accepting.is_closed.load(Ordering::Relaxed) {
                    return;
                }
                accepting.clone().serve(client.unwrap());
            }
        });
        Self { address, shared }
    }

    /// From now on, accepts connections and bytes, and forwards nothing.
    pub fn fall_silent(&self) {
        self.shared.is_silent.store(true, Ordering::Relaxed);
    }

    /// Forwards again, beginning with what has come meanwhile.
    pub fn go_on(&self) {
        self.shared.is_silent.store(false, Ordering::Relaxed);
    }

    /// Closes all connections.
    pub fn cut(&self) {
        for close in self.shared.connections.lock().unwrap().drain(..) {
            close();
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.is_closed.store(true, Ordering::Relaxed);
        self.cut();
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn serve(self: Arc<Self>, client: TcpStream) {
        let server = match &self.target {
            Target::Socket(path) => UnixStream::connect(path).map(Socket::from),
            Target::Port(port) => TcpStream::connect(("127.0.0.1", *port)).map(Socket::from),
        };
        // Without a server, the client's end is closed.
        let Ok(server) = server else { return };
        let client = Socket::from(client);
        let twins = || (client.try_clone().unwrap(), server.try_clone().unwrap());
        let (ends, back) = (twins(), twins());
        let close: Close = Arc::new(move || {
            let _ = ends.0.shutdown(Shutdown::Both);
            let _ = ends.1.shutdown(Shutdown::Both);
        });
        self.pump(back.1, back.0, &close);
        self.pump(client, server, &close);
    }

    fn pump(
        self: &Arc<Self>,
        mut from: impl Read + Send + 'static,
        mut to: impl Write + Send + 'static,
        close: &Close,
    ) {
        self.connections.lock().unwrap().push(close.clone());
        let (shared, close) = (self.clone(), close.clone());
        std::thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            while let Ok(read) = from.read(&mut buffer) {
                while shared.is_silent.load(Ordering::Relaxed)
                    && !shared.is_closed.load(Ordering::Relaxed)
                {
                    std::thread::sleep(Duration::from_millis(10));
                }
                if read == 0 || to.write_all(&buffer[..read]).is_err() {
                    break;
                }
            }
            close();
        });
    }
}
