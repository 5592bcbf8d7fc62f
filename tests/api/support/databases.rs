//! A fresh database for each test, of either kind.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex};

use diesel::connection::SimpleConnection;
use mou_registry::db::{AnyConnection, DatabaseUrl, dialect};

/// Directory of the SQLite files; those of the last run are removed.
static SCRATCH: LazyLock<PathBuf> = LazyLock::new(|| {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("databases");
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    dir
});

static NEXT: AtomicU32 = AtomicU32::new(0);

/// The key file that the servers of all tests share.
pub fn secret_key() -> PathBuf {
    SCRATCH.join("secret-key")
}

/// The folder of the files of a registry.
pub fn files_beside(url: &DatabaseUrl) -> PathBuf {
    let text = text(url);
    let name = text.rsplit('/').next().unwrap();
    SCRATCH.join(format!("{name}.files"))
}

/// A migrated SQLite file, copied for each test.
static SQLITE: LazyLock<PathBuf> = LazyLock::new(|| {
    let path = SCRATCH.join("template.db");
    let url = DatabaseUrl::Sqlite(path.display().to_string());
    let mut conn = dialect::connect(&url).unwrap();
    dialect::migrate(&mut conn).unwrap();
    if let AnyConnection::Sqlite(conn) = &mut conn {
        conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE")
            .unwrap();
    }
    path
});

/// Directory of `initdb` and `postgres`, if they are installed. Debian keeps them out of the path.
pub static POSTGRES_BIN: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter();
    let installed = installed.flatten().flatten();
    let mut dirs: Vec<PathBuf> = installed
        .map(|version| version.path().join("bin"))
        .collect();
    dirs.sort();
    dirs.reverse();
    let path = std::env::var_os("PATH").unwrap_or_default();
    dirs.extend(std::env::split_paths(&path));
    let has = |dir: &PathBuf, program: &str| dir.join(program).is_file();
    dirs.into_iter()
        .find(|dir| has(dir, "initdb") && has(dir, "postgres"))
});

/// A private PostgreSQL server on a socket, with a migrated template database.
static POSTGRES: LazyLock<String> = LazyLock::new(|| {
    let bin = POSTGRES_BIN
        .as_ref()
        .expect("PostgreSQL's programs are installed");
    let bin = bin.display();
    // Not in the project's directory: the path of a socket must be short.
    let dir = std::env::temp_dir().join(format!("mou-registry-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let dir = dir.display();
    // PostgreSQL refuses to run as root. The server ends when the pipe to this process closes.
    let script = format!(
        "chown -R postgres {dir} 2>/dev/null; run() {{ if [ $(id -u) = 0 ]; then setpriv --reuid postgres --regid postgres --init-groups \"$@\"; else \"$@\"; fi; }}
         run {bin}/initdb -D {dir}/data -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null 2>&1 || exit 1
         run {bin}/postgres -D {dir}/data -k {dir} -h '' -c fsync=off -c max_connections=1000 >{dir}/log 2>&1 &
         read _; run {bin}/pg_ctl -D {dir}/data -m immediate stop; rm -rf {dir}"
    );
    let child = Command::new("sh")
        .arg("-c")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    #[expect(
        clippy::mem_forget,
        reason = "it outlives this process, and clears up after it"
    )]
    std::mem::forget(child);
    let url = |name: &str| {
        format!(
            "postgres://postgres@{}/{name}",
            dir.to_string().replace('/', "%2F")
        )
    };
    let admin = DatabaseUrl::Postgres(url("postgres"));
    let mut conn = std::iter::repeat_with(|| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        dialect::connect(&admin)
    })
    .take(2_400)
    .find_map(Result::ok)
    .expect("PostgreSQL starts within two minutes");
    run(&mut conn, "CREATE DATABASE template_mou");
    let template = DatabaseUrl::Postgres(url("template_mou"));
    dialect::migrate(&mut dialect::connect(&template).unwrap()).unwrap();
    url("")
});

static CREATING: Mutex<()> = Mutex::new(());

pub fn run(conn: &mut AnyConnection, sql: &str) {
    match conn {
        AnyConnection::Sqlite(conn) => conn.batch_execute(sql).unwrap(),
        AnyConnection::Postgres(conn) => conn.batch_execute(sql).unwrap(),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// The URL as the command line takes it.
pub fn text(url: &DatabaseUrl) -> String {
    match url {
        DatabaseUrl::Sqlite(path) => format!("sqlite:{path}"),
        DatabaseUrl::Postgres(url) => url.clone(),
    }
}

/// A fresh, migrated database.
pub fn database(backend: Backend) -> DatabaseUrl {
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    match backend {
        Backend::Sqlite => {
            let path = SCRATCH.join(format!("{n}.db"));
            std::fs::copy(&*SQLITE, &path).unwrap();
            DatabaseUrl::Sqlite(path.display().to_string())
        }
        Backend::Postgres => create_on_postgres(n, "template_mou"),
    }
}

/// A database without tables; on SQLite, a file that does not exist yet.
pub fn empty_database(backend: Backend) -> DatabaseUrl {
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    match backend {
        Backend::Sqlite => {
            DatabaseUrl::Sqlite(SCRATCH.join(format!("{n}.db")).display().to_string())
        }
        Backend::Postgres => create_on_postgres(n, "template0"),
    }
}

/// The directory of the socket and the name of a database on PostgreSQL.
pub fn socket_of(url: &DatabaseUrl) -> (PathBuf, String) {
    let DatabaseUrl::Postgres(url) = url else {
        panic!("SQLite has no socket")
    };
    let rest = url.strip_prefix("postgres://postgres@").unwrap();
    let (dir, name) = rest.split_once('/').unwrap();
    (dir.replace("%2F", "/").into(), name.to_owned())
}

fn create_on_postgres(n: u32, template: &str) -> DatabaseUrl {
    let base = &*POSTGRES;
    // Only one session at a time can copy a template.
    let _turn = CREATING
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut conn = dialect::connect(&DatabaseUrl::Postgres(format!("{base}postgres"))).unwrap();
    run(
        &mut conn,
        &format!("CREATE DATABASE test_{n} TEMPLATE {template}"),
    );
    DatabaseUrl::Postgres(format!("{base}test_{n}"))
}
