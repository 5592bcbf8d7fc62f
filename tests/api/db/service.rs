//! The server as a service: it reports to the service manager (`sd_notify(3)`) and stops on SIGTERM.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::databases::{secret_key, text};
use crate::support::server::Server;
use crate::support::{Backend, database};

tests!(sync: the_service_manager_is_told, a_socket_of_the_service_manager_is_served);

fn the_service_manager_is_told() {
    let socket = std::env::temp_dir().join(format!("mou-notify-{}", std::process::id()));
    // A run that was killed leaves it behind.
    let _ = std::fs::remove_file(&socket);
    let manager = UnixDatagram::bind(&socket).unwrap();
    manager
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let url = database(Backend::Sqlite);
    let mut server = Server::start_in(&url, &[("NOTIFY_SOCKET", &socket)]);
    let mut message = [0; 64];
    let length = manager.recv(&mut message).unwrap();
    assert_eq!(&message[..length], b"READY=1\n");
    let pid = server.child.id().to_string();
    Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    assert!(server.child.wait().unwrap().success());
    std::fs::remove_file(socket).unwrap();
}

/// A connection that was made before the program started is answered (`sd_listen_fds(3)`).
fn a_socket_of_the_service_manager_is_served() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut waiting = TcpStream::connect(socket.local_addr().unwrap()).unwrap();
    waiting
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let request = "GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
    waiting.write_all(request.as_bytes()).unwrap();
    // No machine has the address (RFC 5737), so the program can listen on the passed socket alone.
    let start = "exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" serve --listen 192.0.2.1:1 \"$@\"";
    let mut child = Command::new("sh")
        .args(["-c", start, env!("CARGO_BIN_EXE_mou-registry")])
        .args(["--log", "error", "--database-url"])
        .arg(text(&database(Backend::Sqlite)))
        .env("MOU_SECRET_KEY_FILE", secret_key())
        .stdin(Stdio::from(OwnedFd::from(socket.try_clone().unwrap())))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut greeting = String::new();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    said.read_line(&mut greeting).unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let mut answer = String::new();
    let read = waiting.read_to_string(&mut answer);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(greeting.contains(&address), "{greeting}");
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{read:?} {answer}");
}
