//! Servers that start at the same moment on a database without tables.

use std::net::TcpStream;

use crate::support::Backend;
use crate::support::databases::empty_database;
use crate::support::server::Server;

on_both!(sync: three_first_starts_at_once_succeed);

fn three_first_starts_at_once_succeed(backend: Backend) {
    for _ in 0..2 {
        let url = empty_database(backend);
        std::thread::scope(|scope| {
            let starts: Vec<_> = (0..3)
                .map(|_| scope.spawn(|| Server::start(&url)))
                .collect();
            for start in starts {
                let server = start.join().unwrap();
                TcpStream::connect(server.address).unwrap();
            }
        });
    }
}
