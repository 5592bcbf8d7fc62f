mod buckets;
mod export;
mod files;
mod restore;
mod secrets;
mod serving;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mou_registry::db::DatabaseUrl;

use crate::support::databases::text;

/// A directory of its own for a test, empty.
pub fn scratch(name: &str) -> PathBuf {
    let name = format!("{name}-{}", std::process::id());
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

/// Runs the program in a directory, on a database.
pub fn program(dir: &Path, url: &DatabaseUrl, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mou-registry"))
        .current_dir(dir)
        .args(arguments)
        .args(["--database-url", &text(url)])
        .output()
        .unwrap()
}

/// What a command prints, which must succeed.
#[track_caller]
pub fn done(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The complaint of a command, which must fail.
#[track_caller]
pub fn refused(output: &Output) -> String {
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub fn sqlite(path: &Path) -> DatabaseUrl {
    DatabaseUrl::Sqlite(path.display().to_string())
}
