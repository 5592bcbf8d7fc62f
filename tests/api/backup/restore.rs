//! What a backup holds, and what is restored.

use std::path::Path;

use mou_registry::access::tokens;
use mou_registry::db::{DatabaseUrl, dialect};
use mou_registry::kernel::clock::{Clock, NewIds};
use mou_registry::ledger::RequestContext;
use serde_json::{Value, json};

use super::{done, program, refused, scratch, sqlite};
use crate::support::databases::{run, text};
use crate::support::{Api, Backend, database};

on_both!(with_demo: a_backup_brings_everything_back, only_a_whole_backup_is_restored);
on_both!(sync: only_an_empty_place_is_filled);
tests!(sync: lines_go_from_one_database_to_the_other);

/// The name of a backup in the form that a database has by default.
fn name(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => "backup.db",
        Backend::Postgres => "backup.jsonl.gz",
    }
}

/// An empty database of the same kind.
fn empty(backend: Backend, dir: &Path) -> DatabaseUrl {
    match backend {
        Backend::Sqlite => sqlite(&dir.join("restored.db")),
        Backend::Postgres => database(backend),
    }
}

async fn a_backup_brings_everything_back(api: Api) {
    let dir = scratch(&format!("backup-{:?}", api.backend()));
    for name in [name(api.backend()), "lines.jsonl"] {
        let written = done(&program(&dir, &api.url, &["backup", name]));
        assert!(written.contains("up to log entry"), "{written}");
        let checkpoint = format!("{name}.checkpoint.json");
        // What is recorded later is not in it.
        api.organization("나중").await;
        let restored = dir.join(format!("{name}.restored"));
        let url = match api.backend() {
            Backend::Sqlite => sqlite(&restored),
            Backend::Postgres => database(Backend::Postgres),
        };
        let said = done(&program(&dir, &url, &["restore", name]));
        assert!(said.contains("It fits the checkpoint"), "{said}");
        let verify = ["audit", "verify", "--against", &checkpoint];
        done(&program(&dir, &url, &verify));
        done(&program(&dir, &api.url, &verify));
        let old = Api::on(url).await;
        let now = api.read("/organizations?with_total=true&limit=1").await;
        let then = old.read("/organizations?with_total=true&limit=1").await;
        let total = |answer: &Value| answer["total"].as_i64().unwrap();
        assert_eq!(total(&then.body) + 1, total(&now.body));
        let found = "/search?q=%EB%B0%94%EC%9D%B4%EC%98%A4&limit=200";
        assert_eq!(old.read(found).await.body, api.read(found).await.body);
    }
    let mut names: Vec<_> = std::fs::read_dir(&dir).unwrap().flatten().collect();
    names.retain(|entry| entry.file_name().to_string_lossy().contains("partial"));
    assert!(names.is_empty(), "{names:?}");
    let again = refused(&program(&dir, &api.url, &["backup", "lines.jsonl"]));
    assert!(again.contains("exists already"), "{again}");
    std::fs::remove_dir_all(&dir).unwrap();
}

async fn only_a_whole_backup_is_restored(api: Api) {
    let dir = scratch(&format!("whole-{:?}", api.backend()));
    let name = name(api.backend());
    done(&program(&dir, &api.url, &["backup", name]));
    let whole = std::fs::read(dir.join(name)).unwrap();
    let half = &whole[..whole.len() / 2];
    let mut changed = whole.clone();
    let (from, to) = (whole.len() / 2, whole.len() * 3 / 4);
    changed[from..to].fill(b'x');
    for broken in [half, &changed, b""] {
        std::fs::write(dir.join("broken"), broken).unwrap();
        let url = empty(api.backend(), &dir);
        refused(&program(&dir, &url, &["restore", "broken"]));
        match url.file() {
            // Nothing is left that looks whole.
            Some(file) => assert!(!file.exists()),
            // The place is as empty as before.
            None => drop(done(&program(&dir, &url, &["restore", name]))),
        }
    }
    // The checkpoint of another registry.
    api.organization("다른").await;
    let other = ["audit", "checkpoint", "--out", "other.json"];
    done(&program(&dir, &api.url, &other));
    let url = empty(api.backend(), &dir);
    let against = ["restore", name, "--against", "other.json"];
    let said = refused(&program(&dir, &url, &against));
    assert!(said.contains("the log ends after entry"), "{said}");
    std::fs::remove_dir_all(&dir).unwrap();
}

fn only_an_empty_place_is_filled(backend: Backend) {
    let dir = scratch(&format!("place-{backend:?}"));
    let url = database(backend);
    let made = [
        "token",
        "create",
        "--name",
        "a",
        "--role",
        "admin",
        "--municipality",
        "all",
    ];
    done(&program(&dir, &url, &made));
    done(&program(&dir, &url, &["backup", "a.jsonl"]));
    let said = refused(&program(&dir, &url, &["restore", "a.jsonl"]));
    assert!(said.contains("into an empty"), "{said}");
    if backend == Backend::Sqlite {
        std::fs::write(dir.join("b.db-wal"), "left").unwrap();
        let said = refused(&program(
            &dir,
            &sqlite(&dir.join("b.db")),
            &["restore", "a.jsonl"],
        ));
        assert!(said.contains("is left of another database"), "{said}");
    }
    std::fs::remove_dir_all(&dir).unwrap();
}

/// The rows of a backup in JSON Lines.
fn rows(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("{\"table\""));
    // Members have the order of each database.
    let rows = rows.map(|line| serde_json::from_str::<Value>(line).unwrap().to_string());
    // SQLite has numbers for booleans.
    rows.map(|row| row.replace("\"enabled\":true", "\"enabled\":1"))
        .collect()
}

/// Instants of every precision survive the way from PostgreSQL to SQLite and back.
fn lines_go_from_one_database_to_the_other() {
    if crate::support::databases::POSTGRES_BIN.is_none() {
        return;
    }
    let dir = scratch("both");
    let from = database(Backend::Postgres);
    let made = [
        "token",
        "create",
        "--name",
        "가",
        "--role",
        "admin",
        "--municipality",
        "all",
    ];
    for _ in 0..3 {
        done(&program(&dir, &from, &made));
    }
    let mut conn = dialect::connect(&from).unwrap();
    // Records, and the log with their instants as PostgreSQL writes them.
    for second in ["03", "03.1", "03.12", "03.123", "03.123456"] {
        let now = format!("2026-11-28T01:02:{second}Z").parse().unwrap();
        let cx = RequestContext::new(&Clock::fixed(chrono_tz::UTC, now), NewIds::Random);
        let new = json!({"name": second, "role": "admin", "all_municipalities": true});
        let new = serde_json::from_value(new).unwrap();
        let made = dialect::write(&mut conn, |conn| tokens::create(conn, &cx, &new));
        made.unwrap();
    }
    for (n, fraction) in ["", ".12", ".123", ".123456", ".1"].iter().enumerate() {
        run(
            &mut conn,
            &format!(
                "INSERT INTO idempotency_keys (key, path, digest, status, headers, body, created_at) \
                 VALUES ('{n}', '/', '', 201, '{{}}', '{}', '2026-11-28 01:02:03{fraction}')",
                json!({"quoted": "\"\\\n가"})
            ),
        );
    }
    run(
        &mut conn,
        "INSERT INTO webhooks (id, version, token_id, enabled, doc, created_at, updated_at, secret, planned_to, leased_until) \
         SELECT id, 1, id, true, '{}', created_at, created_at, 'x', 0, created_at FROM tokens LIMIT 1; DELETE FROM webhooks",
    );
    done(&program(&dir, &from, &["backup", "first.jsonl"]));
    let between = sqlite(&dir.join("between.db"));
    done(&program(&dir, &between, &["restore", "first.jsonl"]));
    done(&program(&dir, &between, &["backup", "second.jsonl"]));
    let to = database(Backend::Postgres);
    done(&program(&dir, &to, &["restore", "second.jsonl"]));
    done(&program(&dir, &to, &["backup", "third.jsonl"]));
    let [first, second, third] =
        ["first", "second", "third"].map(|name| rows(&dir.join(format!("{name}.jsonl"))));
    assert_eq!(first, second);
    assert_eq!(first, third);
    assert!(first.len() > 10, "{}", text(&to));
    std::fs::remove_dir_all(&dir).unwrap();
}
