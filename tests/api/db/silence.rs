//! A database that falls silent: a proxy in front of it takes everything and forwards nothing.

use std::time::{Duration, Instant};

use mou_registry::db::DatabaseUrl;
use serde_json::{Value, json};

use super::servers::admin;
use crate::support::databases::socket_of;
use crate::support::proxy::{Proxy, Target};
use crate::support::server::{Response, Server};
use crate::support::{Backend, database};

on_both!(sync: a_silent_database_is_an_outage_that_heals);

/// Limit for work that notices the silence, or does not meet it, in seconds. The server takes up to
/// 4.5 s, and a busy machine longer; a silence that nobody notices lasts for 45 s.
const SOON: u64 = 20;
/// Limit for what does not wait, in seconds. A probe of a silent database takes 3 s.
const AT_ONCE: u64 = 2;

/// A database behind a proxy. SQLite has no network that could fall silent.
fn behind_proxy(url: &DatabaseUrl) -> (Proxy, DatabaseUrl) {
    let (dir, name) = socket_of(url);
    let proxy = Proxy::new(Target::Socket(dir.join(".s.PGSQL.5432")));
    let url = format!("postgres://postgres@{}/{name}", proxy.address);
    (proxy, DatabaseUrl::Postgres(url))
}

fn company(name: &str) -> Value {
    json!({"kind": "company", "name": {"ko": name}})
}

/// Expects that a request is refused, or answered, in time.
fn within(seconds: u64, ask: impl FnOnce() -> Response, status: u16) -> Response {
    let begun = Instant::now();
    let answer = ask();
    let taken = begun.elapsed();
    assert_eq!(answer.status, status, "{}", answer.body);
    assert!(taken < Duration::from_secs(seconds), "{taken:?}");
    if status == 503 {
        assert!(
            answer.head.to_lowercase().contains("\r\nretry-after:"),
            "{}",
            answer.head
        );
    }
    answer
}

fn a_silent_database_is_an_outage_that_heals(backend: Backend) {
    if backend == Backend::Sqlite {
        return;
    }
    let url = database(backend);
    let token = admin(&url);
    let (proxy, url) = behind_proxy(&url);
    let server = Server::start_with(&url, &["--connections", "2"]);
    let get = |path: &str| server.ask("GET", path, &token, &Value::Null);
    let post = |name: &str| server.ask("POST", "/api/v1/organizations", &token, &company(name));
    let list = "/api/v1/organizations";
    within(SOON, || post("가"), 201);
    for cut in [false, true] {
        within(SOON, || get("/readyz"), 200);
        within(SOON, || get(list), 200);
        proxy.fall_silent();
        // More at once than there are connections.
        std::thread::scope(|scope| {
            for n in 0..8 {
                let (get, post) = (&get, &post);
                scope.spawn(move || match n {
                    0 => drop(within(SOON, || post("나"), 503)),
                    1 => {
                        let answer = within(SOON, || get("/readyz"), 503);
                        assert_eq!(answer.body["outage"], "no_answer");
                    }
                    _ => drop(within(SOON, || get(list), 503)),
                });
            }
        });
        // From now on, nobody waits.
        within(AT_ONCE, || get(list), 503);
        within(AT_ONCE, || post("다"), 503);
        within(AT_ONCE, || get("/healthz"), 200);
        if cut {
            proxy.cut();
        }
        proxy.go_on();
        let begun = Instant::now();
        while get(list).status != 200 || get("/readyz").status != 200 {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "it does not heal"
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        within(SOON, || post("라"), 201);
    }
    // What was refused was not done later.
    let listed = get("/api/v1/organizations?with_total=true").body;
    assert_eq!(listed["total"], 3, "{listed}");
}
