//! Backups of a registry that is served, and those that the server makes by itself.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::{done, program, scratch, sqlite};
use crate::db::servers::{admin, send, text_of};
use crate::support::server::Server;
use crate::support::{Backend, database};

on_both!(sync: a_backup_is_consistent_while_others_write, the_server_makes_backups_and_removes_old_ones);

/// Ends the writers when it is dropped, also by a failure: they are waited for.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn a_backup_is_consistent_while_others_write(backend: Backend) {
    let dir = scratch(&format!("serving-{backend:?}"));
    let url = database(backend);
    let token = admin(&url);
    let server = Server::start(&url);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (stop, token, address) = (&stop, &token, server.address);
            scope.spawn(move || {
                for n in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let body =
                        json!({"kind": "company", "name": {"ko": format!("기업 {writer} {n}")}});
                    let made = send(address, token, "POST", "/organizations", "", &body);
                    assert_eq!(made.unwrap().0, 201);
                }
            });
        }
        let _stop = Stop(&stop);
        for round in 0..3 {
            std::thread::sleep(Duration::from_millis(200));
            let name = format!("{round}.jsonl.gz");
            done(&program(&dir, &url, &["backup", &name]));
            let restored = sqlite(&dir.join(format!("{round}.db")));
            let said = done(&program(&dir, &restored, &["restore", &name]));
            assert!(said.contains("It fits the checkpoint"), "{said}");
        }
    });
    std::fs::remove_dir_all(&dir).unwrap();
}

fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".db") || name.ends_with(".jsonl.gz"))
        .filter(|name| name.starts_with("mou-registry-"))
        .collect();
    names.sort();
    names
}

fn the_server_makes_backups_and_removes_old_ones(backend: Backend) {
    let dir = scratch(&format!("schedule-{backend:?}"));
    let backups = dir.join("made/backups");
    let (to, key) = (
        backups.display().to_string(),
        dir.join("key").display().to_string(),
    );
    let url = database(backend);
    let flags = [
        "--backup-dir",
        &to,
        "--backup-every",
        "1s",
        "--backup-keep",
        "2",
        "--key",
        &key,
    ];
    let server = Server::start_with(&url, &flags);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..2_400 {
        let there = names(&backups);
        assert!(there.len() <= 3, "{there:?}");
        seen.extend(there);
        if seen.len() >= 4 {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(seen.len() >= 4, "{seen:?}");
    let metrics = text_of(server.address, "/metrics");
    assert!(
        metrics.contains("backups_total{outcome=\"written\"}"),
        "{metrics}"
    );
    assert!(
        metrics.contains("backup_last_success_timestamp_seconds"),
        "{metrics}"
    );
    drop(server);
    let newest = names(&backups).pop().unwrap();
    let path = backups.join(&newest);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&backups), mode(&path)), (0o700, 0o600));
    }
    let checkpoint = std::fs::read_to_string(format!("{}.checkpoint.json", path.display()));
    let checkpoint: Value = serde_json::from_str(&checkpoint.unwrap()).unwrap();
    assert_eq!(checkpoint["size"], 0);
    let restored = sqlite(&dir.join("restored.db"));
    done(&program(
        &dir,
        &restored,
        &["restore", &path.display().to_string()],
    ));
    std::fs::remove_dir_all(&dir).unwrap();
}
