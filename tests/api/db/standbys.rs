//! Poolers in transaction mode, and standbys that take reads.

use std::time::{Duration, Instant};

use mou_registry::db::dialect;
use mou_registry::db::{DatabaseUrl, migrations};
use serde_json::{Value, json};

use super::servers::admin;
use crate::support::cluster::{Node, Pooler, pgbouncer, url_at};
use crate::support::databases::{empty_database, socket_of, text};
use crate::support::proxy::{Proxy, Target};
use crate::support::server::Server;
use crate::support::{Backend, run};

on_both!(sync: a_pooler_in_transaction_mode_works, a_caller_never_reads_backwards);

fn company(name: &str) -> Value {
    json!({"kind": "company", "name": {"ko": name}})
}

fn a_pooler_in_transaction_mode_works(backend: Backend) {
    if backend == Backend::Sqlite || pgbouncer().is_none() {
        return;
    }
    let (dir, name) = socket_of(&empty_database(backend));
    let mut pooler = Pooler::start(dir.to_str().unwrap(), 5432);
    let url = pooler.url(&name);
    let begun = Instant::now();
    while dialect::connect(&url).is_err() {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "the pooler starts"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    // Two servers migrate at once through the pooler, and share three connections behind it.
    let servers: Vec<Server> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| Server::start_with(&url, &["--max-wait", "60"])))
            .collect();
        starts
            .into_iter()
            .map(|start| start.join().unwrap())
            .collect()
    });
    let token = admin(&url);
    let ask = |n: usize, method: &str, path: &str, body: &Value| {
        let path = format!("/api/v1{path}");
        servers[n % 2].ask(method, &path, &token, body)
    };
    std::thread::scope(|scope| {
        for caller in 0..12 {
            let ask = &ask;
            scope.spawn(move || {
                for n in 0..5 {
                    let made = ask(
                        caller,
                        "POST",
                        "/organizations",
                        &company(&format!("기업 {caller} {n}")),
                    );
                    assert_eq!(made.status, 201, "{}", made.body);
                    for path in [
                        "/organizations?kind=company",
                        "/timeline",
                        "/search?q=%EA%B8%B0%EC%97%85",
                    ] {
                        let read = ask(caller + n, "GET", path, &Value::Null);
                        assert_eq!(read.status, 200, "{}", read.body);
                    }
                }
            });
        }
    });
    let count = || {
        ask(
            0,
            "GET",
            "/organizations?with_total=true&limit=1",
            &Value::Null,
        )
    };
    assert_eq!(count().body["total"], 60);
    pooler.restart();
    let begun = Instant::now();
    loop {
        let answer = count();
        assert!([200, 503].contains(&answer.status), "{}", answer.body);
        if answer.status == 200 {
            break;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "it does not heal"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A primary with a standby, and a registry on them.
fn with_standby() -> (Node, Node, String) {
    let primary = Node::primary();
    primary.run("postgres", "CREATE DATABASE mou");
    let url = primary.url("mou");
    migrations::migrate(&mut dialect::connect(&url).unwrap()).unwrap();
    let standby = Node::standby_of(&primary);
    primary.wait_for("SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'");
    let token = admin(&url);
    (primary, standby, token)
}

fn reads(standby: &Node) -> i64 {
    use diesel::prelude::*;
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let mut conn = dialect::connect(&standby.url("postgres")).unwrap();
    let sql = "SELECT xact_commit AS n FROM pg_stat_database WHERE datname = 'mou'";
    diesel::sql_query(sql)
        .get_result::<Count>(&mut conn)
        .unwrap()
        .n
}

/// Writes at one server, and reads at the other, whose reads go to the standby.
fn a_caller_never_reads_backwards(backend: Backend) {
    if backend == Backend::Sqlite {
        return;
    }
    let (primary, standby, token) = with_standby();
    let proxy = Proxy::new(Target::Port(standby.port));
    let flags = [
        "--read-database-url".to_owned(),
        text(&url_at(proxy.address.port(), "mou")),
    ];
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let url: DatabaseUrl = primary.url("mou");
    let servers = [
        Server::start_with(&url, &flags),
        Server::start_with(&url, &flags),
    ];
    let mut count = 0;
    let mut write_and_read = || {
        let n = count;
        count += 1;
        let made = servers[n % 2].ask(
            "POST",
            "/api/v1/organizations",
            &token,
            &company(&format!("기업 {n}")),
        );
        assert_eq!(made.status, 201, "{}", made.body);
        let path = format!(
            "/api/v1/organizations/{}",
            made.body["id"].as_str().unwrap()
        );
        let read = servers[(n + 1) % 2].ask("GET", &path, &token, &Value::Null);
        assert_eq!(read.status, 200, "{n}: {}", read.body);
    };
    let before = reads(&standby);
    for _ in 0..30 {
        write_and_read();
    }
    // Statistics of the standby are counted with a delay, and a standby that lagged rests.
    let begun = Instant::now();
    while reads(&standby) < before + 20 {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "the standby takes no reads"
        );
        std::thread::sleep(Duration::from_millis(100));
        write_and_read();
    }
    // A standby that lags is passed over.
    run(
        &mut dialect::connect(&standby.url("mou")).unwrap(),
        "SELECT pg_wal_replay_pause()",
    );
    for _ in 0..15 {
        write_and_read();
    }
    // So is one that falls silent, or was promoted, or is gone.
    proxy.fall_silent();
    write_and_read();
    write_and_read();
    proxy.go_on();
    standby.promote();
    for _ in 0..8 {
        write_and_read();
    }
    standby.stop("immediate");
    for _ in 0..5 {
        write_and_read();
    }
}
