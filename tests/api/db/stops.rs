//! SQLite's write-ahead log: merged into the file by a clean stop, bounded while the server runs,
//! and missed where it is lost.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use diesel::RunQueryDsl;
use mou_registry::db::{DatabaseUrl, Db, PoolSettings, dialect};
use serde_json::json;

use super::servers::{admin, send};
use crate::support::databases::text;
use crate::support::server::Server;
use crate::support::{Backend, database};

tests!(sync: a_stopped_server_leaves_one_whole_file, a_lost_log_of_the_engine_is_found, files_are_for_their_owner);
tests!(async: the_log_of_the_engine_stays_short_under_readers);

fn path_of(url: &DatabaseUrl) -> PathBuf {
    url.file().unwrap().to_owned()
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    mou_registry::kernel::files::beside(path, suffix)
}

/// Records as many organizations as named by the number, over HTTP.
fn record(server: &Server, token: &str, count: usize) {
    for n in 0..count {
        let body = json!({"kind": "company", "name": {"ko": format!("기업 {n}")}});
        let made = send(server.address, token, "POST", "/organizations", "", &body);
        assert_eq!(made.unwrap().0, 201);
    }
}

fn verify(path: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mou-registry"))
        .args(["audit", "verify", "--database-url"])
        .arg(format!("sqlite:{}", path.display()))
        .output()
        .unwrap()
}

fn terminate(mut server: Server) {
    let pid = server.child.id().to_string();
    Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    assert!(server.child.wait().unwrap().success());
}

fn a_stopped_server_leaves_one_whole_file() {
    let url = database(Backend::Sqlite);
    let (path, token) = (path_of(&url), admin(&url));
    let server = Server::start(&url);
    record(&server, &token, 25);
    terminate(server);
    assert!(
        !beside(&path, "-wal").exists(),
        "the last connection was closed"
    );
    let copy = beside(&path, ".copy");
    std::fs::copy(&path, &copy).unwrap();
    let verified = verify(&copy);
    let said = String::from_utf8(verified.stdout).unwrap();
    // The token and the organizations.
    assert!(said.contains("26 entries"), "{said}");
}

fn a_lost_log_of_the_engine_is_found() {
    let url = database(Backend::Sqlite);
    let (path, token) = (path_of(&url), admin(&url));
    let server = Server::start(&url);
    record(&server, &token, 25);
    // SIGKILL: everything is still in the write-ahead log.
    drop(server);
    let wal = beside(&path, "-wal");
    let whole = std::fs::read(&wal).unwrap();
    for cut in [0, whole.len() / 2] {
        std::fs::write(&wal, &whole[..cut]).unwrap();
        let _ = std::fs::remove_file(beside(&path, "-shm"));
        let copy = beside(&path, &format!(".{cut}"));
        for suffix in ["", "-wal", "-head"] {
            std::fs::copy(beside(&path, suffix), beside(&copy, suffix)).unwrap();
        }
        let verified = verify(&copy);
        let said = String::from_utf8(verified.stderr).unwrap();
        assert!(!verified.status.success(), "{said}");
        assert!(
            said.contains("entry 26 was committed to this file"),
            "{said}"
        );
    }
    std::fs::write(&wal, whole).unwrap();
    assert!(verify(&path).status.success());
}

/// Readers that follow one another without a gap, so that SQLite by itself never starts its log
/// anew.
async fn the_log_of_the_engine_stays_short_under_readers() {
    let url = database(Backend::Sqlite);
    let db = Db::open(&url, &PoolSettings::default()).unwrap();
    let stop = std::sync::Arc::new(AtomicBool::new(false));
    let read = || {
        let (db, stop) = (db.clone(), stop.clone());
        actix_web::rt::spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                let slow = db.read(|conn| {
                    diesel::sql_query("SELECT count(*) FROM changes").execute(conn)?;
                    std::thread::sleep(Duration::from_millis(30));
                    Ok(())
                });
                slow.await.unwrap();
            }
        })
    };
    let readers = [read(), read(), read()];
    let wal = beside(&path_of(&url), "-wal");
    let (mut longest, mut written) = (0, 0);
    for n in 0..160 {
        let insert = format!(
            "INSERT INTO idempotency_keys (key, path, digest, status, headers, body, created_at) \
             VALUES ('{n}', '', '', 1, '', hex(zeroblob(500000)), '2026-01-01 00:00:00')"
        );
        let write = db.write(move |conn| Ok(diesel::sql_query(&insert).execute(conn)?));
        written += write.await.unwrap() * 1_000_000;
        actix_web::rt::time::sleep(Duration::from_millis(25)).await;
        longest = longest.max(wal.metadata().unwrap().len());
    }
    stop.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
    assert!(written > 150_000_000);
    eprintln!("the write-ahead log took up to {longest} bytes");
    // Without the bound it takes up all that was written. An attempt to empty it is made every
    // 17 MB; on a busy machine, some fail.
    assert!(longest < 100_000_000, "{longest}");
    db.close();
    assert!(!wal.exists());
}

fn files_are_for_their_owner() {
    use std::os::unix::fs::PermissionsExt;
    let name = format!("mou-owner-{}.db", std::process::id());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let url = DatabaseUrl::Sqlite(path.display().to_string());
    let mut conn = dialect::connect(&url).unwrap();
    dialect::migrate(&mut conn).unwrap();
    for suffix in ["", "-wal", "-shm"] {
        let mode = beside(&path, suffix)
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{suffix} of {}", text(&url));
    }
    drop(conn);
    std::fs::remove_file(&path).unwrap();
}
