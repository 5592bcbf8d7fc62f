//! The server as a service: it reports to the service manager (`sd_notify(3)`) and stops on SIGTERM.

use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::Duration;

use crate::support::server::Server;
use crate::support::{Backend, database};

tests!(sync: the_service_manager_is_told);

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
