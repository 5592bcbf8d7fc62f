//! Classes of reads, and writes: none keeps the others waiting.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use actix_web::rt::{spawn, task, time};
use diesel::connection::SimpleConnection;
use mou_registry::db::{AnyConnection, Db, PoolSettings, ReadClass, Turn, dialect};
use serde_json::json;

use crate::support::Api;

on_both!(new:
    each_class_has_connections_of_its_own, figures_are_answered_in_turn, a_held_log_end_stops_no_read,
    a_kept_answer_takes_no_connection_for_figures);

const FIGURES: &str = "/statistics/agreements?group_by=year";

/// Like `api`, with one connection for each class, for which nobody waits longer than a second.
async fn tight(api: Api) -> Api {
    waiting(api, 1).await
}

/// Like [`tight`], but one waits for a connection for up to `max_wait` seconds.
async fn waiting(mut api: Api, max_wait: u16) -> Api {
    let settings = PoolSettings {
        figure_connections: 1,
        past_connections: 1,
        max_wait,
        ..PoolSettings::default()
    };
    api.state.db = Db::open(&api.url, &settings).unwrap();
    api.served().await
}

/// Takes the only connection of a class until the returned sender is dropped.
async fn occupy(api: &Api, class: ReadClass) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel::<()>();
    let (begin, begun) = mpsc::channel();
    let db = api.state.db.clone();
    spawn(async move {
        let work = move |_: &mut AnyConnection| {
            begin.send(()).unwrap();
            let _ = released.recv();
            Ok(())
        };
        db.read_in(class, Turn::PROGRAM, work).await
    });
    while begun.try_recv().is_err() {
        time::sleep(Duration::from_millis(1)).await;
    }
    release
}

async fn each_class_has_connections_of_its_own(api: Api) {
    let city = api.municipality().await;
    let api = tight(api).await;
    let report = format!("/municipalities/{city}/council-report?from=2021-01-01&to=2021-12-31");
    let figures = [
        FIGURES,
        "/statistics/agreements/records",
        "/statistics/milestones",
        "/statistics/milestones/records",
        "/timeline.ics",
        &report,
    ];
    let past = "/agreements?recorded_as_of=2026-11-23T03:00:00Z";
    let cheap = ["/agreements", "/timeline", "/readyz", "/healthz"];
    for (class, late, quick) in [
        (ReadClass::Figures, &figures[..], &[past][..]),
        (ReadClass::Past, &[past], &figures[..1]),
    ] {
        let held = occupy(&api, class).await;
        for path in late {
            let started = Instant::now();
            let refused = api.get(path).await.expect(503);
            assert!(started.elapsed() < Duration::from_secs(10), "{path}");
            assert_eq!(refused.body["code"], "unavailable", "{path}");
            assert_eq!(refused.headers["retry-after"], "1", "{path}");
            let ko = refused.body["detail"].as_str().unwrap();
            assert!(ko.contains("1초 뒤"), "{ko}");
        }
        let english = [("accept-language", "en")];
        let refused = api.send("GET", late[0], &english, None).await.expect(503);
        let en = refused.body["detail"].as_str().unwrap();
        assert!(en.contains("Try again in 1 s"), "{en}");
        for path in cheap.iter().chain(quick) {
            api.read(path).await;
        }
        let new = json!({"kind": "company", "name": {"ko": "회사"}});
        api.create("/organizations", &new).await;
        drop(held);
        for path in late {
            api.read(path).await;
        }
    }
}

async fn figures_are_answered_in_turn(api: Api) {
    let api = waiting(api, 60).await;
    let held = occupy(&api, ReadClass::Figures).await;
    let done = Rc::new(RefCell::new(Vec::new()));
    let ask = |api: Api, name: &'static str, year: i32| {
        let done = done.clone();
        spawn(async move {
            let path = format!("{FIGURES}&signed_from={year}-01-01");
            api.read(&path).await;
            done.borrow_mut().push(name);
        })
    };
    let press = api.with(None).from("192.0.2.1");
    let mut asked: Vec<_> = (0..10)
        .map(|n| ask(press.clone(), "press", 2000 + n))
        .collect();
    // Until they wait for the connection.
    time::sleep(Duration::from_secs(1)).await;
    asked.push(ask(api.clone(), "staff", 1999));
    asked.push(ask(api.with(None).from("192.0.2.2"), "council", 1998));
    time::sleep(Duration::from_secs(1)).await;
    assert!(done.borrow().is_empty());
    drop(held);
    for one in asked {
        one.await.unwrap();
    }
    let order = done.take();
    let place = |name| order.iter().position(|n| *n == name).unwrap();
    assert!(place("staff") <= 3 && place("council") <= 3, "{order:?}");
}

/// Runs `work` while another program holds the end of the log.
async fn with_held_log_end(api: &Api, work: impl Future<Output = ()>) {
    let mut conn = dialect::connect(&api.url).unwrap();
    let (begin, end) = match &mut conn {
        AnyConnection::Sqlite(_) => ("BEGIN IMMEDIATE", "ROLLBACK"),
        AnyConnection::Postgres(_) => ("BEGIN; SELECT * FROM changes_head FOR UPDATE", "ROLLBACK"),
    };
    let mut run = |sql: &str| match &mut conn {
        AnyConnection::Sqlite(conn) => conn.batch_execute(sql).unwrap(),
        AnyConnection::Postgres(conn) => conn.batch_execute(sql).unwrap(),
    };
    run(begin);
    work.await;
    run(end);
}

async fn a_held_log_end_stops_no_read(api: Api) {
    let city = api.municipality().await;
    let api = tight(api).await;
    let new = json!({"kind": "company", "name": {"ko": "회사"}});
    with_held_log_end(&api, async {
        let writes: Vec<_> = (0..12)
            .map(|_| {
                let (api, new) = (api.clone(), new.clone());
                spawn(async move { api.post("/organizations", &new).await })
            })
            .collect();
        task::yield_now().await;
        let started = Instant::now();
        for path in ["/agreements", "/readyz", FIGURES, "/organizations"] {
            let started = Instant::now();
            for _ in 0..5 {
                api.read(path).await;
            }
            // Five that wait for the lock take 25 s.
            assert!(started.elapsed() < Duration::from_secs(10), "{path}");
        }
        api.read(&format!("/municipalities/{city}")).await;
        for write in writes {
            let refused = write.await.unwrap().expect(503);
            assert_eq!(refused.body["code"], "unavailable");
            assert!(refused.headers.contains_key("retry-after"));
        }
        // One waits for a connection, and five seconds for the lock.
        assert!(started.elapsed() < Duration::from_secs(40));
    })
    .await;
    api.create("/organizations", &new).await;
}

async fn a_kept_answer_takes_no_connection_for_figures(api: Api) {
    let city = api.municipality().await;
    let api = tight(api).await;
    let colleague = json!({"name": "동료", "role": "admin", "all_municipalities": true});
    let colleague = api.caller(colleague).await;
    let report = format!("/municipalities/{city}/council-report?from=2021-01-01&to=2021-12-31");
    for path in [
        FIGURES,
        "/timeline.ics",
        &report,
        "/statistics/milestones/records?limit=5",
    ] {
        let first = api.read(path).await;
        let held = occupy(&api, ReadClass::Figures).await;
        assert_eq!(colleague.read(path).await.text, first.text, "{path}");
        let again = api.read(path).await;
        assert_eq!(again.text, first.text, "{path}");
        for name in ["etag", "content-type", "vary"] {
            assert_eq!(again.headers[name], first.headers[name], "{path}: {name}");
        }
        assert_eq!(
            again.headers.get("content-language"),
            first.headers.get("content-language"),
            "{path}"
        );
        let known = [("if-none-match", first.headers["etag"].as_str())];
        api.send("GET", path, &known, None).await.expect(304);
        // Something else was not asked before.
        let other = api.with(None).get(path).await.expect(503);
        assert_eq!(other.headers["retry-after"], "1");
        drop(held);
    }
}
