//! Servers as processes: concurrent writers, two servers on one database, and killed servers.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use mou_registry::access::tokens;
use mou_registry::changes::verify::verify;
use mou_registry::db::{DatabaseUrl, dialect};
use mou_registry::kernel::clock::{Clock, NewIds};
use mou_registry::ledger::RequestContext;
use serde_json::{Value, json};

use crate::support::receiver::{Receiver, Reply};
use crate::support::server::Server;
use crate::support::{Backend, database};

on_both!(sync: fifty_writers_lose_nothing, a_webhook_outlives_its_server);
on_both!(ignored = "takes long; MOU_KILL_ROUNDS sets the number of rounds", sync:
    a_killed_server_keeps_what_it_acknowledged);
tests!(sync: the_address_of_a_calendar_is_not_logged, requests_are_measured_by_their_routes);

/// Sends one request. Returns `None` if the server is killed before it has answered.
pub fn send(
    address: SocketAddr,
    token: &str,
    method: &str,
    path: &str,
    headers: &str,
    body: &Value,
) -> Option<(u16, String, Value)> {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let mut stream = TcpStream::connect(address).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .ok()?;
    write!(
        stream,
        "{method} /api/v1{path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
    .ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let etag = head
        .lines()
        .find_map(|line| line.strip_prefix("etag: "))
        .unwrap_or_default();
    // A truncated answer does not count.
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .and_then(|n| n.parse::<usize>().ok());
    if length.is_some_and(|length| length != body.len()) {
        return None;
    }
    Some((
        status,
        etag.to_owned(),
        serde_json::from_str(body).unwrap_or(Value::Null),
    ))
}

/// Reads a path outside of the API, with the head of the answer.
pub fn text_of(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = "HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
    write!(stream, "GET {path} {head}").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

pub fn admin(url: &DatabaseUrl) -> String {
    let mut conn = dialect::connect(url).unwrap();
    let cx = RequestContext::new(&Clock::system(chrono_tz::UTC), NewIds::Random);
    let new = json!({"name": "writers", "role": "admin", "all_municipalities": true});
    let new = serde_json::from_value(new).unwrap();
    let made = dialect::write(&mut conn, |conn| tokens::create(conn, &cx, &new));
    made.unwrap().1.as_str().to_owned()
}

fn check_log(url: &DatabaseUrl) {
    let mut conn = dialect::connect(url).unwrap();
    let verified = dialect::read(&mut conn, |conn| verify(conn, chrono_tz::Asia::Seoul, None));
    verified.unwrap_or_else(|broken| panic!("{broken}"));
}

const WRITERS: usize = 50;
const CHANGES: usize = 2;

/// Each writer makes all its changes to one record, and an idempotency key has one effect.
fn nothing_is_lost(url: &DatabaseUrl, servers: &[Server]) {
    let token = admin(url);
    let at = |n: usize| servers[n % servers.len()].address;
    let ask = |n: usize, method: &str, path: &str, headers: &str, body: &Value| {
        send(at(n), &token, method, path, headers, body).expect("the server answers")
    };
    let organization = json!({"kind": "company", "name": {"ko": "함께 쓰는 기업"}});
    let (_, _, record) = ask(0, "POST", "/organizations", "", &organization);
    let path = format!("/organizations/{}", record["id"].as_str().unwrap());
    let (made, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (ask, path, made, refused) = (&ask, &path, &made, &refused);
            scope.spawn(move || {
                let once = json!({"kind": "company", "name": {"ko": "한 번만"}});
                let (status, ..) = ask(
                    writer,
                    "POST",
                    "/organizations",
                    "Idempotency-Key: once\r\n",
                    &once,
                );
                assert_eq!(status, 201);
                let mut left = CHANGES;
                while left > 0 {
                    let (_, etag, read) = ask(writer, "GET", path, "", &Value::Null);
                    let mut names = read["other_names"].as_array().unwrap().clone();
                    // The list is limited to fifty names, so a writer removes the oldest.
                    if names.len() == 50 {
                        names.remove(0);
                    }
                    names.push(json!({"ko": format!("이름 {writer} {left}")}));
                    let patch = json!({"other_names": names});
                    let (status, ..) = ask(
                        writer,
                        "PATCH",
                        path,
                        &format!("If-Match: {etag}\r\n"),
                        &patch,
                    );
                    match status {
                        200 => {
                            made.fetch_add(1, Ordering::Relaxed);
                            left -= 1;
                        }
                        412 => drop(refused.fetch_add(1, Ordering::Relaxed)),
                        other => panic!("{other}"),
                    }
                }
            });
        }
    });
    assert_eq!(made.into_inner(), WRITERS * CHANGES);
    // Each accepted change made its own version: no write was lost.
    let (_, _, record) = ask(0, "GET", &path, "", &Value::Null);
    assert_eq!(record["version"], WRITERS * CHANGES + 1);
    let (_, _, history) = ask(
        0,
        "GET",
        &format!("{path}/history?limit=500"),
        "",
        &Value::Null,
    );
    let versions: Vec<u64> = history["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["version"].as_u64().unwrap())
        .collect();
    assert!(
        versions
            .iter()
            .copied()
            .eq(1..=(WRITERS * CHANGES + 1) as u64),
        "{versions:?}"
    );
    let (_, _, once) = ask(
        0,
        "GET",
        "/organizations?q=%ED%95%9C%20%EB%B2%88%EB%A7%8C&with_total=true",
        "",
        &Value::Null,
    );
    assert_eq!(once["total"], 1, "{once}");
    check_log(url);
}

fn fifty_writers_lose_nothing(backend: Backend) {
    let url = database(backend);
    // On a slow machine, the last of fifty waits for long.
    let start = || Server::start_with(&url, &["--max-wait", "60"]);
    let mut servers = vec![start()];
    // Only PostgreSQL supports several servers.
    if backend == Backend::Postgres {
        servers.push(start());
    }
    nothing_is_lost(&url, &servers);
}

/// Kills a server under its writers, again and again: each acknowledged write is there once and
/// complete.
fn a_killed_server_keeps_what_it_acknowledged(backend: Backend) {
    let rounds = std::env::var("MOU_KILL_ROUNDS").map_or(50, |n| n.parse().unwrap());
    let url = database(backend);
    let token = admin(&url);
    let mut acknowledged = BTreeSet::new();
    for round in 0..rounds {
        let server = Server::start(&url);
        let address = server.address;
        let stop = AtomicBool::new(false);
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let (sender, token, stop) = (sender.clone(), &token, &stop);
                scope.spawn(move || {
                    for n in 0.. {
                        let body = json!({"kind": "company", "name": {"ko": format!("기업 {round} {writer} {n}")}});
                        let answer = send(address, token, "POST", "/organizations", "", &body);
                        match answer {
                            Some((201, _, record)) => sender.send(record["id"].as_str().unwrap().to_owned()).unwrap(),
                            Some((status, ..)) if !stop.load(Ordering::Relaxed) => panic!("{status}"),
                            _ => return,
                        }
                    }
                });
            }
            // Kills at a different moment in each round.
            for _ in 0..10 + 7 * (round % 9) {
                acknowledged.insert(receiver.recv_timeout(Duration::from_secs(60)).unwrap());
            }
            stop.store(true, Ordering::Relaxed);
            drop(server);
        });
        acknowledged.extend(receiver.try_iter());
        check_log(&url);
    }
    let server = Server::start(&url);
    for id in &acknowledged {
        let answer = send(
            server.address,
            &token,
            "GET",
            &format!("/organizations/{id}/history"),
            "",
            &Value::Null,
        );
        let (status, _, history) = answer.unwrap();
        assert_eq!(
            (status, history["items"].as_array().map(Vec::len)),
            (200, Some(1)),
            "{id}"
        );
        let (status, ..) = send(
            server.address,
            &token,
            "GET",
            &format!("/organizations/{id}"),
            "",
            &Value::Null,
        )
        .unwrap();
        assert_eq!(status, 200, "{id}");
    }
}

/// Readers of the log or the metrics cannot read a calendar.
fn requests_are_measured_by_their_routes() {
    let url = database(Backend::Sqlite);
    let server = Server::start(&url);
    let nobody = uuid::Uuid::now_v7();
    for (path, route) in [
        ("/healthz".to_owned(), "/healthz"),
        ("/api/v1/agreements".into(), "/api/v1/agreements"),
        (
            format!("/api/v1/agreements/{nobody}"),
            "/api/v1/agreements/{id}",
        ),
        ("/docs/problems".into(), "/docs/problems"),
        ("/agreements".into(), "/agreements"),
        (format!("/agreements/{nobody}"), "/agreements/{id}"),
        ("/office/sign-in".into(), "/office/sign-in"),
        (
            format!("/office/agreements/{nobody}"),
            "/office/agreements/{id}",
        ),
        ("/nowhere".into(), "unmatched"),
        ("/office/nowhere".into(), "unmatched"),
    ] {
        let count = |metrics: &str| -> u64 {
            let of_route = format!("route=\"{route}\"");
            let lines = metrics
                .lines()
                .filter(|line| line.starts_with("http_request_duration_seconds_count{"));
            let lines = lines.filter(|line| line.contains(&of_route));
            lines
                .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
                .sum()
        };
        let before = count(&text_of(server.address, "/metrics"));
        text_of(server.address, &path);
        let after = count(&text_of(server.address, "/metrics"));
        assert_eq!(after, before + 1, "{path}");
    }
}

fn the_address_of_a_calendar_is_not_logged() {
    let url = database(Backend::Sqlite);
    let token = admin(&url);
    let log = std::env::temp_dir().join(format!("mou-registry-log-{}", std::process::id()));
    let server = Server::logging(&url, "debug", std::fs::File::create(&log).unwrap());
    let ask = |method: &str, path: &str, body: &Value| {
        send(server.address, &token, method, path, "", body).expect("the server answers")
    };
    let (_, _, made) = ask("POST", "/calendars", &json!({"name": "일정"}));
    let address = made["address"].as_str().unwrap();
    let address = address.strip_prefix("/api/v1").unwrap();
    let key = address.rsplit('/').next().unwrap().trim_end_matches(".ics");
    assert_eq!(key.len(), 68);
    for (path, status) in [
        (address.to_owned(), 200),
        (format!("{address}?x=1"), 400),
        (format!("{address}/x"), 404),
        (address.replace("feeds", "feed"), 404),
    ] {
        assert_eq!(ask("GET", &path, &Value::Null).0, status, "{path}");
    }
    let (_, _, _) = ask("POST", address, &json!({}));
    let (_, _, made) = ask("POST", "/change-streams", &json!({"name": "현황판"}));
    let stream = made["address"].as_str().unwrap();
    let stream = stream.strip_prefix("/api/v1").unwrap();
    let chg = stream.rsplit('/').next().unwrap();
    for (path, status) in [
        (format!("{stream}?x=1"), 400),
        (format!("{stream}/x"), 404),
        (stream.replace("feeds", "feed"), 404),
    ] {
        assert_eq!(ask("GET", &path, &Value::Null).0, status, "{path}");
    }
    let mut stream = TcpStream::connect(server.address).unwrap();
    write!(
        stream,
        "GET /metrics HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut metrics = String::new();
    stream.read_to_string(&mut metrics).unwrap();
    drop(server);
    let logged = std::fs::read_to_string(&log).unwrap();
    std::fs::remove_file(&log).unwrap();
    assert!(logged.contains("/api/v1/calendar-feeds/…"), "{logged}");
    assert!(
        metrics.contains("/api/v1/calendar-feeds/{feed}"),
        "{metrics}"
    );
    assert!(
        [key, chg]
            .iter()
            .all(|key| !logged.contains(key) && !metrics.contains(key)),
        "{logged}{metrics}"
    );
}

/// Deliveries that wait when a server is killed are sent by the next one.
fn a_webhook_outlives_its_server(backend: Backend) {
    let url = database(backend);
    let token = admin(&url);
    let receiver = Receiver::new(|_| Reply::Status(500));
    let flags = ["--webhook-http", "--webhook-allow", "127.0.0.0/8"];
    let server = Server::start_with(&url, &flags);
    let post = |server: &Server, path: &str, body: &Value| {
        send(server.address, &token, "POST", path, "", body).unwrap()
    };
    let new = json!({"name": "w", "url": receiver.url(), "record_types": ["organization"]});
    let (status, _, made) = post(&server, "/webhooks", &new);
    assert_eq!(status, 201, "{made}");
    let company = json!({"kind": "company", "name": {"ko": "가"}});
    assert_eq!(post(&server, "/organizations", &company).0, 201);
    let path = format!("/webhooks/{}/deliveries", made["id"].as_str().unwrap());
    let first = |server: &Server| {
        let listed = send(server.address, &token, "GET", &path, "", &Value::Null).unwrap();
        listed.2["items"][0].clone()
    };
    let wait = |server: &Server, done: &dyn Fn(&Value) -> bool| {
        // A server killed before it releases the webhook's lease holds it for another minute.
        for _ in 0..2_400 {
            let delivery = first(server);
            if done(&delivery) {
                return delivery;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("not in time: {}", first(server))
    };
    wait(&server, &|d| d["attempts"][0]["status"] == 500);
    drop(server);
    receiver.now(|_| Reply::Status(204));
    let next = Server::start_with(&url, &flags);
    let delivered = wait(&next, &|d| d["state"] == "delivered");
    assert_eq!(delivered["attempts"].as_array().unwrap().len(), 2);
    let got = receiver.got();
    assert!(got.iter().all(|got| got.id() == delivered["id"]));
    assert!(got[1].verify(made["secret"].as_str().unwrap()));
    // SIGTERM stops the server.
    let pid = next.child.id().to_string();
    Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    for _ in 0..400 {
        if TcpStream::connect(next.address).is_err() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it still listens");
}
