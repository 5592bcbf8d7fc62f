//! The stream of changes: every visible change once and in order.

use std::future::poll_fn;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::pin::Pin;
use std::process::Command;
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::rt::time::{sleep, timeout};
use mou_registry::access::tokens;
use mou_registry::db::{Db, PoolSettings};
use mou_registry::kernel::clock::NewIds;
use mou_registry::ledger::RequestContext;
use mou_registry::ledger::feed::{Feed, Pace};
use serde_json::{Value, json};

use crate::support::log::meddle;
use crate::support::server::Server;
use crate::support::{Api, Backend, clock, database};

on_both!(new:
    changes_are_told_as_they_are_made, each_is_told_what_it_may_know, many_writers_and_none_is_lost,
    a_stream_ends_with_its_token, another_process_is_heard,
    a_quiet_stream_is_alive_until_the_server_stops, it_outlives_an_outage, who_does_not_read_is_left,
    what_is_no_number_is_refused, it_filters_as_the_list_does);
#[cfg(target_os = "linux")]
tests!(sync: idle_streams_cost_little_and_end_with_the_server);

/// Limit for what must come, generous enough for a busy machine.
const SOON: Duration = Duration::from_secs(60);

/// A stream that is being read.
pub struct Events(BoxBody, String);

impl Events {
    pub async fn open(api: &Api, path: &str, headers: &[(&str, &str)]) -> Self {
        let response = api.open(path, headers).await;
        assert_eq!(response.status(), 200);
        let kind = response.headers().get("content-type").unwrap();
        assert_eq!(kind, "text/event-stream");
        Self(response.into_body(), String::new())
    }

    /// The next block, or `None` at the end of the stream.
    pub async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.1.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.1 = rest;
                return Some(block);
            }
            let next = poll_fn(|cx| Pin::new(&mut self.0).poll_next(cx));
            let chunk = timeout(SOON, next).await;
            let chunk = chunk.expect("something comes in time")?;
            self.1 += std::str::from_utf8(&chunk.unwrap()).unwrap();
        }
    }

    /// The next change, or `None` at the end of the stream.
    pub async fn change(&mut self) -> Option<Value> {
        let began = Instant::now();
        loop {
            assert!(began.elapsed() < SOON, "only signs of life come");
            let block = self.block().await?;
            let Some((id, data)) = block.split_once("\nevent: change\ndata: ") else {
                continue;
            };
            let change: Value = serde_json::from_str(data).unwrap();
            assert_eq!(id, format!("id: {}", change["seq"]));
            return Some(change);
        }
    }

    pub async fn rest(mut self) -> Vec<Value> {
        let mut all = Vec::new();
        while let Some(change) = self.change().await {
            all.push(change);
        }
        all
    }
}

async fn listed(api: &Api, after: i64) -> Vec<Value> {
    let path = format!("/changes?after={after}&limit=500");
    let list = api.read(&path).await;
    list.items().clone()
}

/// Like `api`, but with another pace of its streams.
async fn paced(mut api: Api, change: impl FnOnce(&mut Pace)) -> Api {
    let mut pace = Pace::default();
    change(&mut pace);
    api.state.feed = Feed::new(&api.state.db, pace);
    api.served().await
}

async fn changes_are_told_as_they_are_made(api: Api) {
    let mut events = Events::open(&api, "/changes/stream", &[]).await;
    let begin = events.block().await.unwrap();
    let start: i64 = begin
        .strip_prefix("retry: 3000\nid: ")
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(start, listed(&api, 0).await.last().unwrap()["seq"]);
    let id = api.organization("가").await;
    let told = events.change().await.unwrap();
    assert_eq!(
        (&told["record_id"], &told["version"]),
        (&json!(id), &json!(1))
    );
    assert_eq!(told["seq"], start + 1);
    let path = format!("/organizations/{id}");
    let patch = json!({"name": {"ko": "나"}});
    api.update(&path, "*", &patch).await;
    let second = events.change().await.unwrap();
    assert_eq!(listed(&api, start).await, [told, second.clone()]);
    // A client that reconnects gets the changes it missed.
    drop(events);
    for name in ["다", "라"] {
        api.organization(name).await;
    }
    let last = second["seq"].to_string();
    let again = [("last-event-id", last.as_str())];
    for path in ["/changes/stream?limit=2", "/changes/stream?after=0&limit=2"] {
        let missed = Events::open(&api, path, &again).await.rest().await;
        assert_eq!(missed, listed(&api, start + 2).await);
    }
    // From the beginning, in more than one read; and filtered.
    for n in 0..60 {
        api.organization(&format!("기관 {n}")).await;
    }
    let all = listed(&api, 0).await;
    let path = format!("/changes/stream?after=0&limit={}", all.len());
    assert_eq!(Events::open(&api, &path, &[]).await.rest().await, all);
    let path = "/changes/stream?after=0&limit=1&types=token";
    let one = Events::open(&api, path, &[]).await.rest().await;
    assert_eq!(one[0]["record_type"], "token");
    let head = api.send("HEAD", "/changes/stream", &[], None).await;
    head.expect(200);
}

async fn each_is_told_what_it_may_know(api: Api) {
    let city = api.municipality().await;
    let mut anyone = Events::open(&api.with(None), "/changes/stream", &[]).await;
    let mut admin = Events::open(&api, "/changes/stream", &[]).await;
    let mut project = json!({"municipality_id": city, "kind": "other", "title": {"ko": "내부"}, "visibility": "internal"});
    let inner = api.create("/projects", &project).await;
    let token = json!({"name": "t", "role": "viewer", "municipality_ids": [city]});
    api.create("/tokens", &token).await;
    project["visibility"] = json!("public");
    let outer = api.create("/projects", &project).await;
    assert_eq!(admin.change().await.unwrap()["record_id"], inner.id());
    assert_eq!(admin.change().await.unwrap()["record_type"], "token");
    let told = [
        admin.change().await.unwrap(),
        anyone.change().await.unwrap(),
    ];
    assert!(told.iter().all(|change| change["record_id"] == outer.id()));
}

async fn many_writers_and_none_is_lost(api: Api) {
    let before = listed(&api, 0).await.len() as i64;
    let streams = (0..3).map(|_| async {
        let path = format!("/changes/stream?after={before}&limit=40");
        Events::open(&api, &path, &[]).await.rest().await
    });
    let streams = futures_util::future::join_all(streams);
    let writers = (0..4).map(|writer| {
        let api = &api;
        async move {
            for n in 0..10 {
                api.organization(&format!("기관 {writer} {n}")).await;
            }
        }
    });
    let writers = futures_util::future::join_all(writers);
    let (told, _) = futures_util::future::join(streams, writers).await;
    let all = listed(&api, before).await;
    assert_eq!(all.len(), 40);
    assert!(told.iter().all(|told| *told == all));
}

async fn a_stream_ends_with_its_token(api: Api) {
    let new = json!({"name": "t", "role": "admin", "all_municipalities": true});
    let made = api.create("/tokens", &new).await;
    let second = api.with(made.body["token"].as_str());
    let mut events = Events::open(&second, "/changes/stream", &[]).await;
    events.block().await.unwrap();
    let path = format!("/tokens/{}/revocation", made.id());
    api.act(&path, &json!({})).await;
    // The stream's own token does not see its revocation.
    assert_eq!(events.block().await, None);
    second.get("/changes/stream").await.expect(401);
}

async fn another_process_is_heard(api: Api) {
    let mut events = Events::open(&api, "/changes/stream", &[]).await;
    events.block().await.unwrap();
    let other = Db::open(&api.url, &PoolSettings::default()).unwrap();
    let made = other.write(|conn| {
        let cx = RequestContext::new(&clock(), NewIds::Random);
        let new = json!({"name": "elsewhere", "role": "admin", "all_municipalities": true});
        tokens::create(conn, &cx, &serde_json::from_value(new).unwrap())
    });
    let made = made.await.unwrap().0;
    let told = events.change().await.unwrap();
    assert_eq!(told["record_id"], json!(made.meta.id));
}

async fn a_quiet_stream_is_alive_until_the_server_stops(api: Api) {
    let api = paced(api, |pace| pace.heartbeat = Duration::from_millis(50)).await;
    let mut events = Events::open(&api, "/changes/stream", &[]).await;
    events.block().await.unwrap();
    for _ in 0..3 {
        assert_eq!(events.block().await.unwrap(), ":");
    }
    api.state.feed.stop();
    while let Some(block) = events.block().await {
        assert_eq!(block, ":");
    }
    let late = Events::open(&api, "/changes/stream?after=0", &[]).await;
    assert_eq!(late.rest().await, [0; 0]);
}

async fn it_outlives_an_outage(api: Api) {
    let api = paced(api, |pace| {
        pace.heartbeat = Duration::from_millis(50);
        pace.poll = Duration::from_millis(50);
    })
    .await;
    let mut before = Events::open(&api, "/changes/stream", &[]).await;
    before.block().await.unwrap();
    meddle(&api, "ALTER TABLE changes_head RENAME TO elsewhere");
    api.get("/changes").await.expect(503);
    // A browser that reconnects meanwhile would give up for good at any answer but 200.
    let mut meanwhile = Events::open(&api, "/changes/stream", &[]).await;
    let mut beyond = Events::open(&api, "/changes/stream?after=1000000", &[]).await;
    for events in [&mut meanwhile, &mut beyond] {
        assert_eq!(events.block().await.unwrap(), "retry: 3000");
    }
    for events in [&mut before, &mut meanwhile, &mut beyond] {
        for _ in 0..3 {
            assert_eq!(events.block().await.unwrap(), ":");
        }
    }
    meddle(&api, "ALTER TABLE elsewhere RENAME TO changes_head");
    while !meanwhile.block().await.unwrap().starts_with("id: ") {}
    let id = api.organization("가").await;
    for events in [&mut before, &mut meanwhile] {
        assert_eq!(events.change().await.unwrap()["record_id"], id);
    }
    assert_eq!(beyond.rest().await, [0; 0]);
}

async fn who_does_not_read_is_left(api: Api) {
    let api = paced(api, |pace| pace.patience = Duration::from_millis(100)).await;
    for n in 0..100 {
        api.organization(&format!("기관 {n}")).await;
    }
    let all = listed(&api, 0).await;
    let path = format!("/changes/stream?after=0&limit={}", all.len());
    let mut told = Vec::new();
    // A slow machine takes longer to fill the buffer, after which the stream is left.
    for seconds in [1, 3, 9] {
        let events = Events::open(&api, &path, &[]).await;
        sleep(Duration::from_secs(seconds)).await;
        // Buffered changes, then the end of the stream.
        told = events.rest().await;
        if told.len() < 60 {
            break;
        }
    }
    assert!(!told.is_empty() && told.len() < 60, "{}", told.len());
    assert_eq!(told, all[..told.len()]);
}

async fn what_is_no_number_is_refused(api: Api) {
    for wrong in ["abc", "-1", "1.5"] {
        let header = [("last-event-id", wrong)];
        let refused = api.send("GET", "/changes/stream", &header, None).await;
        assert_eq!(refused.expect(400).places(), ["Last-Event-ID"], "{wrong}");
    }
    for (wrong, place) in [("after=-1", "after"), ("limit=0", "limit")] {
        let refused = api.get(&format!("/changes/stream?{wrong}")).await;
        assert_eq!(refused.expect(400).places(), [place]);
    }
}

/// Opens the stream and reads until it has begun.
fn connect(server: &Server) -> TcpStream {
    let mut connection = TcpStream::connect(server.address).unwrap();
    connection.set_read_timeout(Some(SOON)).unwrap();
    let request =
        "GET /api/v1/changes/stream HTTP/1.1\r\nhost: test\r\naccept-encoding: gzip\r\n\r\n";
    connection.write_all(request.as_bytes()).unwrap();
    let mut seen = Vec::new();
    while !seen.ends_with(b"\n\n\r\n") {
        let mut some = [0; 1024];
        let n = connection.read(&mut some).unwrap();
        assert!(n > 0, "{}", String::from_utf8_lossy(&seen));
        seen.extend(&some[..n]);
    }
    connection
}

/// The memory of the server, in KiB.
#[cfg(target_os = "linux")]
fn memory(server: &Server) -> i64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
fn idle_streams_cost_little_and_end_with_the_server() {
    let url = database(Backend::Sqlite);
    let mut server = Server::start_with(&url, &["--rate-limit-anonymous", "0"]);
    // The first stream makes the program build its spec. That memory is released a moment later,
    // once something else is requested.
    let mut streams: Vec<TcpStream> = (0..100).map(|_| connect(&server)).collect();
    std::thread::sleep(Duration::from_secs(2));
    streams.extend((0..100).map(|_| connect(&server)));
    let before = memory(&server);
    streams.extend((0..500).map(|_| connect(&server)));
    let after = memory(&server);
    assert!(after < before + 20_000, "from {before} to {after} KiB");
    let pid = server.child.id().to_string();
    let started = Instant::now();
    let told = Command::new("kill").args(["-TERM", &pid]).status();
    assert!(told.unwrap().success());
    for stream in &mut streams {
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        // Signs of life, if the test takes long enough, and the last chunk.
        let rest = String::from_utf8(rest).unwrap();
        assert_eq!(rest.replace("3\r\n:\n\n\r\n", ""), "0\r\n\r\n");
    }
    assert!(server.child.wait().unwrap().success());
    let took = started.elapsed();
    // Requests in progress, such as a stream that does not end, are given 30 s.
    assert!(took < Duration::from_secs(20), "{took:?}");
}

async fn it_filters_as_the_list_does(api: Api) {
    let city = api.municipality().await;
    let other = api.other_municipality().await;
    for city in [&other, &city] {
        let new = json!({"municipality_id": city, "kind": "other", "title": {"ko": "사업"}});
        api.create("/projects", &new).await;
    }
    let whole = listed(&api, 0).await.len();
    for query in [
        "after=2".to_owned(),
        "after=0&types=project".into(),
        "after=0&types=token,project".into(),
        format!("after=0&municipality_id={city}"),
        format!("after=0&types=project&municipality_id={city}"),
    ] {
        let list = api.read(&format!("/changes?{query}")).await;
        let count = list.items().len();
        assert!((1..whole).contains(&count), "{query}: {count} of {whole}");
        let path = format!("/changes/stream?{query}&limit={count}");
        let told = Events::open(&api, &path, &[]).await.rest().await;
        assert_eq!(&told, list.items(), "{query}");
    }
}
