//! PostgreSQL servers of their own: primaries, standbys, and a pooler.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use mou_registry::db::{DatabaseUrl, dialect};

use super::databases::{POSTGRES_BIN, run};

static NEXT: AtomicU32 = AtomicU32::new(0);

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A command that runs as the user `postgres`: PostgreSQL refuses to run as root.
fn as_postgres(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let mut command = if is_root {
        let mut command = Command::new("setpriv");
        command.args([
            "--reuid",
            "postgres",
            "--regid",
            "postgres",
            "--init-groups",
        ]);
        command.arg(program);
        command
    } else {
        Command::new(program)
    };
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn pg(program: &str) -> Command {
    as_postgres(
        POSTGRES_BIN
            .as_ref()
            .expect("PostgreSQL is installed")
            .join(program),
    )
}

fn done(command: &mut Command) {
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}

fn new_dir() -> PathBuf {
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let dir = std::env::temp_dir().join(format!("mou-node-{}-{n}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let _ = Command::new("chown")
        .arg("postgres")
        .arg(&dir)
        .stderr(Stdio::null())
        .status();
    dir
}

/// A server, stopped and removed on drop.
pub struct Node {
    dir: PathBuf,
    pub port: u16,
}

impl Node {
    /// A primary that acknowledges a commit when its standbys have it, once it has any.
    pub fn primary() -> Self {
        let mut node = Self {
            dir: new_dir(),
            port: 0,
        };
        let data = node.data();
        done(pg("initdb").arg("-D").arg(&data).args([
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]));
        node.configure(
            "fsync = off\nmax_connections = 200\nhot_standby_feedback = on\n\
             wal_retrieve_retry_interval = 200ms\n",
        );
        node.begin();
        node
    }

    /// A standby that follows a primary.
    pub fn standby_of(primary: &Self) -> Self {
        let mut node = Self {
            dir: new_dir(),
            port: 0,
        };
        let port = primary.port.to_string();
        done(
            pg("pg_basebackup")
                .args([
                    "-h",
                    "127.0.0.1",
                    "-p",
                    &port,
                    "-U",
                    "postgres",
                    "-R",
                    "-X",
                    "stream",
                ])
                .args(["-c", "fast", "-D"])
                .arg(node.data()),
        );
        node.begin();
        node
    }

    /// Starts it for the first time, on a port that was free just now.
    fn begin(&mut self) {
        self.port = free_port();
        self.start();
    }

    fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// Adds settings, which the next start reads.
    pub fn configure(&self, settings: &str) {
        let path = self.data().join("postgresql.auto.conf");
        let now = std::fs::read_to_string(&path).unwrap_or_default();
        std::fs::write(path, now + settings).unwrap();
    }

    fn control(&self) -> Command {
        let mut command = pg("pg_ctl");
        command.arg("-D").arg(self.data()).args(["-w", "-t", "120"]);
        command
    }

    pub fn start(&self) {
        let dir = self.dir.display();
        let options = format!("-p {} -h 127.0.0.1 -k {dir}", self.port);
        let log = self.dir.join("log");
        done(
            self.control()
                .arg("-l")
                .arg(log)
                .args(["-o", &options, "start"]),
        );
    }

    /// Stops it; `immediate` is a crash.
    pub fn stop(&self, mode: &str) {
        done(self.control().args(["-m", mode, "stop"]));
    }

    pub fn promote(&self) {
        done(self.control().arg("promote"));
    }

    pub fn url(&self, name: &str) -> DatabaseUrl {
        url_at(self.port, name)
    }

    pub fn run(&self, name: &str, sql: &str) {
        run(&mut dialect::connect(&self.url(name)).unwrap(), sql);
    }

    /// Waits until a query that counts finds something.
    pub fn wait_for(&self, sql: &str) {
        use diesel::prelude::*;
        let begun = Instant::now();
        loop {
            let conn = dialect::connect(&self.url("postgres"));
            let found = conn.is_ok_and(|mut conn| {
                diesel::sql_query(sql)
                    .execute(&mut conn)
                    .is_ok_and(|rows| rows > 0)
            });
            if found {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{sql}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.control().args(["-m", "immediate", "stop"]).status();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// The URL of a database on a port of this machine.
pub fn url_at(port: u16, name: &str) -> DatabaseUrl {
    DatabaseUrl::Postgres(format!("postgres://postgres@127.0.0.1:{port}/{name}"))
}

/// PgBouncer in transaction mode, stopped on drop.
pub struct Pooler {
    dir: PathBuf,
    child: Child,
    pub port: u16,
}

/// Path of PgBouncer, where it is installed.
pub fn pgbouncer() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut dirs: Vec<PathBuf> = std::env::split_paths(&path).collect();
    dirs.push("/usr/sbin".into());
    dirs.into_iter()
        .map(|dir| dir.join("pgbouncer"))
        .find(|program| program.is_file())
}

impl Pooler {
    /// Pools connections to the PostgreSQL that listens at `host` (an address or the directory of
    /// its socket) and `port`.
    pub fn start(host: &str, port: u16) -> Self {
        let dir = new_dir();
        let own = free_port();
        std::fs::write(dir.join("users"), "\"postgres\" \"\"\n").unwrap();
        let at = dir.display();
        let settings = format!(
            "[databases]\n* = host={host} port={port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {own}\nunix_socket_dir =\nauth_type = trust\nauth_file = {at}/users\n\
             pool_mode = transaction\ndefault_pool_size = 3\nmax_client_conn = 500\n\
             logfile = {at}/log\nserver_login_retry = 1\n"
        );
        std::fs::write(dir.join("settings"), settings).unwrap();
        Self {
            child: Self::spawn(&dir),
            dir,
            port: own,
        }
    }

    fn spawn(dir: &Path) -> Child {
        let program = pgbouncer().expect("PgBouncer is installed");
        let child = as_postgres(program)
            .arg("-q")
            .arg(dir.join("settings"))
            .spawn();
        child.unwrap()
    }

    /// Kills it and starts it anew.
    pub fn restart(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = Self::spawn(&self.dir);
    }

    pub fn url(&self, name: &str) -> DatabaseUrl {
        let port = self.port;
        DatabaseUrl::Postgres(format!(
            "postgres://postgres@127.0.0.1:{port}/{name}?pooler=transaction"
        ))
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}
