//! Outages: what is wrong with the database is an answer of 503 that names it, never one of 500.

use std::time::Duration;

use diesel::prelude::*;
use mou_registry::db::{AnyConnection, DatabaseUrl, Db, PoolSettings, dialect};
use mou_registry::kernel::error::{ApiError, Code};
use serde_json::{Value, json};

use crate::support::{Api, Backend, run};

on_both!(new: readiness_names_missing_and_unknown_migrations, a_ready_server_writes_nothing,
    low_disk_space_is_told_ahead,
    a_cut_off_or_cancelled_statement_is_an_outage, a_read_only_database_is_an_outage);
tests!(async: a_file_that_is_moved_or_replaced_is_noticed, a_damaged_file_is_an_outage);

/// Expects that the server is not ready because of an outage.
async fn not_ready(api: &Api, outage: &str) {
    let answer = api.get("/readyz").await.expect(503);
    assert_eq!(answer.body["code"], "unavailable");
    assert_eq!(answer.body["outage"], outage, "{}", answer.text);
    assert!(answer.headers.contains_key("retry-after"));
    let in_korean = api
        .send("GET", "/readyz", &[("accept-language", "ko")], None)
        .await;
    let in_english = api
        .send("GET", "/readyz", &[("accept-language", "en")], None)
        .await;
    assert_ne!(in_korean.body["detail"], Value::Null);
    assert_ne!(in_korean.body["detail"], in_english.body["detail"]);
}

fn by_hand(api: &Api, sql: &str) {
    run(&mut dialect::connect(&api.url).unwrap(), sql);
}

/// Ends the connections that the server has open, except those that ask.
fn disconnect(api: &Api) {
    by_hand(
        api,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
}

async fn readiness_names_missing_and_unknown_migrations(api: Api) {
    let table = "__diesel_schema_migrations";
    api.read("/readyz").await;
    by_hand(
        &api,
        &format!("INSERT INTO {table} (version) VALUES ('29990101000000')"),
    );
    not_ready(&api, "migrations_unknown").await;
    by_hand(
        &api,
        &format!("DELETE FROM {table} WHERE version <> '29990101000000'"),
    );
    not_ready(&api, "migrations_missing").await;
    by_hand(&api, &format!("ALTER TABLE {table} RENAME TO elsewhere"));
    not_ready(&api, "migrations_missing").await;
}

#[derive(QueryableByName)]
struct Position {
    #[diesel(sql_type = diesel::sql_types::Text)]
    at: String,
}

async fn a_ready_server_writes_nothing(api: Api) {
    let mut conn = dialect::connect(&api.url).unwrap();
    let written = match conn {
        // Changes with each commit of another connection.
        AnyConnection::Sqlite(_) => {
            "SELECT CAST(data_version AS TEXT) AS at FROM pragma_data_version"
        }
        AnyConnection::Postgres(_) => {
            "SELECT (tup_inserted + tup_updated + tup_deleted)::text AS at FROM pg_stat_database \
             WHERE datname = current_database()"
        }
    };
    let mut at = || {
        let row = diesel::sql_query(written).get_result::<Position>(&mut conn);
        row.unwrap().at
    };
    api.read("/readyz").await;
    let before = at();
    for _ in 0..3 {
        api.read("/readyz").await;
    }
    assert_eq!(before, at());
}

/// Runs SQL in a read, as a query of the server.
async fn ask(api: &Api, sql: &'static str) -> ApiError {
    let read = api
        .state
        .db
        .read(move |conn| Ok(diesel::sql_query(sql).execute(conn)?));
    read.await.unwrap_err()
}

async fn a_cut_off_or_cancelled_statement_is_an_outage(api: Api) {
    if api.backend() == Backend::Sqlite {
        // A table that is not there: the database is not the program's.
        let error = ask(&api, "SELECT * FROM nowhere").await;
        assert_eq!(error.code, Code::Unavailable);
        return;
    }
    for end in ["pg_cancel_backend", "pg_terminate_backend"] {
        let url = api.url.clone();
        let ending = std::thread::spawn(move || {
            let mut conn = dialect::connect(&url).unwrap();
            let sql = format!(
                "SELECT {end}(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' \
                 AND datname = current_database()"
            );
            for _ in 0..750 {
                std::thread::sleep(Duration::from_millis(20));
                if diesel::sql_query(&sql).execute(&mut conn).unwrap() > 0 {
                    return;
                }
            }
            panic!("nothing sleeps");
        });
        let error = ask(&api, "SELECT pg_sleep(20)").await;
        assert_eq!(error.code, Code::Unavailable, "{end}");
        assert!(error.retry_after.is_some());
        ending.join().unwrap();
        api.read("/organizations").await;
    }
    for sql in [
        "DO $$BEGIN RAISE SQLSTATE '53100' USING MESSAGE = '장치에 남은 공간이 없음'; END$$",
        "DO $$BEGIN RAISE SQLSTATE 'XX001' USING MESSAGE = '손상됨'; END$$",
        "DO $$BEGIN RAISE SQLSTATE '57014' USING MESSAGE = '취소됨'; END$$",
        "DO $$BEGIN RAISE SQLSTATE '58030' USING MESSAGE = '입출력 오류'; END$$",
    ] {
        assert_eq!(ask(&api, sql).await.code, Code::Unavailable, "{sql}");
    }
}

/// The server goes on, and says so ahead of a write that fails.
async fn low_disk_space_is_told_ahead(api: Api) {
    let ready = async |low_disk: u32| {
        let mut served = api.clone();
        let settings = PoolSettings {
            low_disk,
            ..PoolSettings::default()
        };
        served.state.db = Db::open(&api.url, &settings).unwrap();
        let free = served.state.db.disk().map(|disk| disk.free);
        let served = served.served().await;
        let answer = served.read("/readyz").await.body;
        served.organization("가").await;
        (
            answer["status"].clone(),
            answer["degraded_by"].clone(),
            free,
        )
    };
    let is_file = matches!(api.url, DatabaseUrl::Sqlite(_));
    let (status, why, free) = ready(u32::MAX).await;
    let (low, by): (_, &[&str]) = match is_file {
        true => ("degraded", &["low_disk"]),
        false => ("ok", &[]),
    };
    assert_eq!((status, why), (json!(low), json!(by)));
    assert_eq!(free.is_some_and(|free| free > 0), is_file);
    let (status, why, _) = ready(0).await;
    assert_eq!((status, why), (json!("ok"), json!([])));
}

async fn a_read_only_database_is_an_outage(api: Api) {
    api.organization("가").await;
    let company = json!({"kind": "company", "name": {"ko": "나"}});
    if let DatabaseUrl::Sqlite(path) = &api.url {
        let url = DatabaseUrl::Sqlite(format!("file:{path}?mode=ro"));
        let mut only_read = api.clone();
        only_read.state.db = Db::open(&url, &PoolSettings::default()).unwrap();
        let only_read = only_read.served().await;
        not_ready(&only_read, "read_only").await;
        only_read.read("/organizations").await;
        only_read.post("/organizations", &company).await.expect(503);
        return;
    }
    let set = |value: &str| {
        by_hand(
            &api,
            &format!(
                "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = {value}', current_database()); END$$"
            ),
        );
        disconnect(&api);
    };
    set("on");
    not_ready(&api, "read_only").await;
    let refused = api.post("/organizations", &company).await.expect(503);
    assert_eq!(refused.body["outage"], "read_only");
    api.read("/organizations").await;
    let DatabaseUrl::Postgres(url) = &api.url else {
        unreachable!()
    };
    let mut conn = dialect::connect(&DatabaseUrl::Postgres(url.clone())).unwrap();
    run(&mut conn, "SET default_transaction_read_only = off");
    run(
        &mut conn,
        "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = off', current_database()); END$$",
    );
    disconnect(&api);
    api.read("/readyz").await;
    api.create("/organizations", &company).await;
}

async fn a_file_that_is_moved_or_replaced_is_noticed() {
    let api = Api::new(Backend::Sqlite).await;
    api.organization("가").await;
    let DatabaseUrl::Sqlite(path) = api.url.clone() else {
        unreachable!()
    };
    let elsewhere = format!("{path}.moved");
    let company = json!({"kind": "company", "name": {"ko": "나"}});
    let is_out = async || {
        for answer in [
            api.get("/organizations").await,
            api.post("/organizations", &company).await,
            api.get("/readyz").await,
        ] {
            assert_eq!(
                (answer.status.as_u16(), &answer.body["outage"]),
                (503, &json!("file_moved"))
            );
        }
    };
    std::fs::rename(&path, &elsewhere).unwrap();
    is_out().await;
    // Nothing was made in its place.
    assert!(!std::path::Path::new(&path).exists());
    std::fs::copy(&elsewhere, &path).unwrap();
    is_out().await;
    std::fs::rename(&elsewhere, &path).unwrap();
    api.read("/readyz").await;
    api.create("/organizations", &company).await;
    assert_eq!(api.read("/organizations").await.items().len(), 2);
}

async fn a_damaged_file_is_an_outage() {
    let api = Api::with_demo(Backend::Sqlite).await;
    let DatabaseUrl::Sqlite(path) = api.url.clone() else {
        unreachable!()
    };
    let copy = format!("{path}.damaged");
    by_hand(&api, "PRAGMA wal_checkpoint(TRUNCATE)");
    let whole = std::fs::read(&path).unwrap();
    let pages = whole.len() / 4096;
    for fill in [0, 0xff] {
        for first in (1..pages / 3).step_by(1 + pages / 15) {
            let mut damaged = whole.clone();
            for page in (first..pages).step_by(pages / 3) {
                damaged[page * 4096..(page + 1) * 4096].fill(fill);
            }
            std::fs::write(&copy, damaged).unwrap();
            let _ = std::fs::remove_file(format!("{copy}-wal"));
            let _ = std::fs::remove_file(format!("{copy}-shm"));
            let Ok(db) = Db::open(&DatabaseUrl::Sqlite(copy.clone()), &PoolSettings::default())
            else {
                continue; // A refusal to start.
            };
            let mut other = api.clone();
            other.state.db = db;
            let other = other.served().await;
            let company = json!({"kind": "company", "name": {"ko": "나"}});
            let answers = [
                other.get("/organizations").await,
                other.get("/agreements").await,
                other.get("/timeline").await,
                other.get("/projects").await,
                other.get("/search?q=%ED%98%91%EC%95%BD").await,
                other.post("/organizations", &company).await,
                other.get("/readyz").await,
            ];
            for (n, answer) in answers.iter().enumerate() {
                assert_ne!(
                    answer.status, 500,
                    "page {first}, {fill}, request {n}: {}",
                    answer.text
                );
            }
        }
    }
}
