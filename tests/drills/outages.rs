//! Outages under load: a primary with a standby, and two servers that know both.
//!
//! Writers and readers ask both servers all the time, while the primary restarts, the network falls
//! silent, the pooler is killed, and the primary is lost and its standby promoted. No acknowledged
//! write is lost, and no answer is a 500.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mou_registry::access::tokens;
use mou_registry::changes::verify::verify;
use mou_registry::db::{DatabaseUrl, dialect, migrations};
use mou_registry::kernel::clock::{Clock, NewIds};
use mou_registry::ledger::RequestContext;
use serde_json::{Value, json};

use crate::support::cluster::{Node, Pooler, pgbouncer};
use crate::support::databases::{Backend, text};
use crate::support::is_short;
use crate::support::proxy::{Proxy, Target};
use crate::support::server::{Server, ask};

on_both!(ignored = "takes a minute", sync: outages_lose_nothing);

const WRITERS: usize = 8;
const READERS: usize = 4;

/// What the servers answered: the ids of acknowledged records, and how often each status came.
#[derive(Default)]
struct Seen {
    acknowledged: Mutex<Vec<String>>,
    statuses: Mutex<BTreeMap<u16, usize>>,
}

impl Seen {
    fn note(&self, status: u16) {
        *self.statuses.lock().unwrap().entry(status).or_default() += 1;
    }

    fn acknowledged(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }
}

fn admin(url: &DatabaseUrl) -> String {
    let mut conn = dialect::connect(url).unwrap();
    let cx = RequestContext::new(&Clock::system(chrono_tz::UTC), NewIds::Random);
    let new = json!({"name": "drill", "role": "admin", "all_municipalities": true});
    let new = serde_json::from_value(new).unwrap();
    let made = dialect::write(&mut conn, |conn| tokens::create(conn, &cx, &new));
    made.unwrap().1.as_str().to_owned()
}

/// A primary, and a standby that has each commit before it is acknowledged.
fn cluster() -> (Node, Node, String) {
    let primary = Node::primary();
    primary.run("postgres", "CREATE DATABASE mou");
    migrations::migrate(&mut dialect::connect(&primary.url("mou")).unwrap()).unwrap();
    let token = admin(&primary.url("mou"));
    let standby = Node::standby_of(&primary);
    primary.run(
        "postgres",
        "ALTER SYSTEM SET synchronous_standby_names = '*'",
    );
    primary.run("postgres", "SELECT pg_reload_conf()");
    primary.wait_for("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'");
    // Nobody has to follow it when it is promoted.
    standby.configure("synchronous_standby_names = ''\n");
    (primary, standby, token)
}

/// Writes and reads at both servers until the end.
fn load(servers: &[Server], token: &str, seen: &Seen, end: &AtomicBool, worker: usize) {
    for n in 0.. {
        if end.load(Ordering::Relaxed) {
            return;
        }
        let address = servers[(worker + n) % servers.len()].address;
        let answer = if worker < WRITERS {
            let body = json!({"kind": "company", "name": {"ko": format!("기업 {worker} {n}")}});
            ask(address, "POST", "/api/v1/organizations", token, &body)
        } else {
            let path = "/api/v1/organizations?limit=20&sort=-name";
            ask(address, "GET", path, token, &Value::Null)
        };
        let answer = answer.expect("the server answers");
        seen.note(answer.status);
        match answer.status {
            201 => {
                let id = answer.body["id"].as_str().unwrap().to_owned();
                seen.acknowledged.lock().unwrap().push(id);
            }
            200 => {}
            503 => std::thread::sleep(Duration::from_millis(50)),
            other => panic!("{other}: {}", answer.body),
        }
    }
}

/// Waits until more writes are acknowledged. Returns how long that took.
fn healed(seen: &Seen) -> Duration {
    let (begun, before) = (Instant::now(), seen.acknowledged());
    while seen.acknowledged() < before + 10 {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "it does not heal"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    begun.elapsed()
}

fn outages_lose_nothing(backend: Backend) {
    if backend == Backend::Sqlite {
        return;
    }
    let (primary, standby, token) = cluster();
    let proxies = [&primary, &standby].map(|node| Proxy::new(Target::Port(node.port)));
    let hosts = proxies.each_ref().map(|proxy| proxy.address.to_string());
    let both = format!(
        "postgres://postgres@{}/mou?target_session_attrs=read-write",
        hosts.join(",")
    );
    let both = DatabaseUrl::Postgres(both);
    let pooler = pgbouncer().map(|_| Pooler::start("127.0.0.1", primary.port));
    let reading = ["--read-database-url".to_owned(), text(&standby.url("mou"))];
    let reading: Vec<&str> = reading.iter().map(String::as_str).collect();
    let servers = [Server::start_with(&both, &reading), Server::start(&both)];
    let seen = Seen::default();
    let end = AtomicBool::new(false);
    let _kept = std::thread::scope(|scope| {
        for worker in 0..WRITERS + READERS {
            let (servers, token, seen, end) = (&servers, &token, &seen, &end);
            scope.spawn(move || load(servers, token, seen, end, worker));
        }
        let begun = Instant::now();
        let drill = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            trouble(&primary, &standby, proxies, pooler, &token, &seen)
        }));
        end.store(true, Ordering::Relaxed);
        println!("{:?}: {:?}", begun.elapsed(), seen.statuses.lock().unwrap());
        drill.unwrap()
    });
    nothing_is_lost(&standby, &servers, &token, &seen);
}

/// Makes all the trouble. Returns the proxy that remains in use.
fn trouble(
    primary: &Node,
    standby: &Node,
    proxies: [Proxy; 2],
    pooler: Option<Pooler>,
    token: &str,
    seen: &Seen,
) -> Proxy {
    println!("start: {:?}", healed(seen));
    for round in 0..if is_short() { 1 } else { 5 } {
        primary.stop(["fast", "immediate"][round % 2]);
        primary.start();
        println!("restart {round}: writes go on after {:?}", healed(seen));
    }
    for cut in [false, true] {
        proxies.iter().for_each(Proxy::fall_silent);
        std::thread::sleep(Duration::from_secs(if is_short() { 5 } else { 15 }));
        if cut {
            proxies.iter().for_each(Proxy::cut);
        }
        proxies.iter().for_each(Proxy::go_on);
        println!("silence, cut {cut}: writes go on after {:?}", healed(seen));
    }
    if let Some(pooler) = pooler {
        println!("pooler restarts: {:?}", pooler_restarts(pooler, token));
    }
    // The port of a lost primary refuses connections, as no proxy in front of it would.
    let [of_primary, of_standby] = proxies;
    primary.stop("immediate");
    drop(of_primary);
    standby.promote();
    println!("promotion: writes go on after {:?}", healed(seen));
    of_standby
}

/// A third server behind a pooler that is killed and started again.
fn pooler_restarts(mut pooler: Pooler, token: &str) -> Duration {
    let url = pooler.url("mou");
    let server = Server::start(&url);
    let write = || {
        let body = json!({"kind": "company", "name": {"ko": "풀러"}});
        server
            .ask("POST", "/api/v1/organizations", token, &body)
            .status
    };
    assert_eq!(write(), 201);
    let begun = Instant::now();
    for _ in 0..if is_short() { 1 } else { 5 } {
        pooler.restart();
        let restarted = Instant::now();
        loop {
            match write() {
                201 => break,
                503 => std::thread::sleep(Duration::from_millis(50)),
                other => panic!("{other}"),
            }
            assert!(
                restarted.elapsed() < Duration::from_secs(60),
                "it does not heal"
            );
        }
    }
    begun.elapsed()
}

fn nothing_is_lost(now_primary: &Node, servers: &[Server], token: &str, seen: &Seen) {
    let statuses = seen.statuses.lock().unwrap().clone();
    assert!(
        statuses
            .keys()
            .all(|status| [200, 201, 503].contains(status)),
        "{statuses:?}"
    );
    let acknowledged = seen.acknowledged.lock().unwrap();
    for (n, id) in acknowledged.iter().enumerate() {
        let path = format!("/api/v1/organizations/{id}");
        let read = servers[n % servers.len()].ask("GET", &path, token, &Value::Null);
        assert_eq!(read.status, 200, "{id} is lost");
    }
    println!("{} acknowledged writes, none lost", acknowledged.len());
    let mut conn = dialect::connect(&now_primary.url("mou")).unwrap();
    let verified = dialect::read(&mut conn, |conn| verify(conn, chrono_tz::Asia::Seoul, None));
    verified.unwrap_or_else(|broken| panic!("{broken}"));
}
