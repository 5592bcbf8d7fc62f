//! The benchmark of imports: `cargo bench --bench import`.
//!
//! It measures side by side, on the same rows: parsing an XLSX against calamine alone, and applying an
//! import of agreements with two parties each against as many single POSTs from 32 clients. Times are
//! CPU times of the processes, the database's included, beside the time that passed: the former depend
//! less on what else the machine does.
#![allow(
    clippy::cast_sign_loss,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    dead_code,
    reason = "a program of its own, which nobody but its starter sees, with parts of another one"
)]

#[path = "../load/client.rs"]
mod client;
mod ledger;
mod process;
#[path = "../load/server.rs"]
mod server;

use std::io::{Cursor, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use calamine::{Reader, Xlsx};
use clap::Parser;
use client::{CLIENTS, ask, post};
use mou_registry::access::tokens;
use mou_registry::access::types::TokenContent;
use mou_registry::db::{AnyConnection, DatabaseUrl, dialect};
use mou_registry::imports::files::{self, Limits};
use mou_registry::kernel::clock::{Clock, NewIds};
use mou_registry::ledger::{RequestContext, Role};
use process::Database;
use serde_json::{Value, json};
use server::Server;

/// Measure imports
#[derive(Parser)]
struct Options {
    /// Rows of the ledger
    #[arg(long, default_value_t = 10_000)]
    rows: usize,
    /// PostgreSQL instead of SQLite: URL of an empty database, with {} in place of `posts` and
    /// `import`
    #[arg(long)]
    postgres: Option<String>,
    /// Directory of the SQLite files
    #[arg(long, default_value = concat!(env!("CARGO_TARGET_TMPDIR"), "/import"))]
    directory: PathBuf,
    /// Rounds of the parsing, of which the mean counts
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// The program
    #[arg(long, default_value = env!("CARGO_BIN_EXE_mou-registry"))]
    binary: PathBuf,
    /// Set by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

type Error = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Error> {
    let options = Options::parse();
    let file = ledger::workbook(options.rows)?;
    println!("{} rows, {:.2} MB", options.rows, file.len() as f64 / 1e6);
    parsing(&file, options.rounds)?;
    let posts = posts(&options, &file)?;
    let import = import(&options, &file)?;
    println!(
        "{:<16} {:>9} {:>11} {:>9} {:>9}",
        "", "CPU s", "CPU s of DB", "passed s", "peak MB"
    );
    for (name, cost) in [("32 clients POST", &posts), ("apply", &import)] {
        println!(
            "{name:<16} {:>9.2} {:>11.2} {:>9.2} {:>9.1}",
            cost.program.as_secs_f64(),
            cost.database.as_secs_f64(),
            cost.passed.as_secs_f64(),
            cost.peak
        );
    }
    let cpu = |cost: &Cost| (cost.program + cost.database).as_secs_f64();
    println!(
        "apply / POSTs: {:.3} of the CPU time, {:.3} of the time; {:+.1} MB",
        cpu(&import) / cpu(&posts),
        import.passed.as_secs_f64() / posts.passed.as_secs_f64(),
        import.peak - posts.peak
    );
    Ok(())
}

/// Compares the parsing of the whole file with calamine's reading of its sheets.
fn parsing(file: &[u8], rounds: u32) -> Result<(), Error> {
    let limits = Limits {
        unpacked: 500_000_000,
    };
    let (mut ours, mut alone) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..rounds {
        let before = process::own_cpu()?;
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file))?;
        let mut cells = 0;
        for name in book.sheet_names() {
            cells += book.worksheet_range(&name)?.used_cells().count();
        }
        let between = process::own_cpu()?;
        let read = files::read(file, "", limits).map_err(|p| p.message().en)?;
        let after = process::own_cpu()?;
        let rows: usize = read.sheets.iter().map(|sheet| sheet.rows.len()).sum();
        assert!(cells > rows, "both read the rows");
        alone += (between - before) / rounds;
        ours += (after - between) / rounds;
    }
    println!(
        "parsing: {:.1} ms, calamine alone {:.1} ms: {:.2} times",
        ours.as_secs_f64() * 1e3,
        alone.as_secs_f64() * 1e3,
        ours.as_secs_f64() / alone.as_secs_f64()
    );
    Ok(())
}

/// The cost of recording all rows.
struct Cost {
    program: Duration,
    database: Duration,
    passed: Duration,
    /// Highest resident memory of the program, in MB.
    peak: f64,
}

/// A registry with the ledger as an import that is not applied.
struct Prepared {
    url: DatabaseUrl,
    token: String,
    /// The import as it was answered.
    import: Value,
}

fn posts(options: &Options, file: &[u8]) -> Result<Cost, Error> {
    let prepared = prepare(options, "posts", file)?;
    let rows = prepared.import["rows"].as_array().ok_or("rows")?;
    let requests: Vec<Vec<u8>> = rows
        .iter()
        .map(|row| {
            post(
                "/api/v1/agreements",
                &row["body"].to_string(),
                &prepared.token,
            )
        })
        .collect();
    measured(options, &prepared, |address| send_all(address, &requests))
}

fn import(options: &Options, file: &[u8]) -> Result<Cost, Error> {
    let prepared = prepare(options, "import", file)?;
    let id = prepared.import["id"].as_str().ok_or("an id")?;
    let request = post(
        &format!("/api/v1/imports/{id}/apply"),
        "{}",
        &prepared.token,
    );
    measured(options, &prepared, |address| {
        let answer = ask(address, &request)?;
        let applied: Value = serde_json::from_slice(&answer)?;
        let recorded = &applied["counts"]["recorded"];
        assert_eq!(*recorded, options.rows, "all rows are recorded");
        Ok(())
    })
}

/// Measures the work on a server that has done nothing else.
fn measured(
    options: &Options,
    prepared: &Prepared,
    work: impl FnOnce(SocketAddr) -> Result<(), Error>,
) -> Result<Cost, Error> {
    let server = start(options, &prepared.url)?;
    let database = Database::of(&prepared.url)?;
    let (program, of_database) = (server.cpu()?, database.cpu()?);
    let began = Instant::now();
    work(server.address)?;
    let passed = began.elapsed();
    Ok(Cost {
        program: server.cpu()? - program,
        database: database.cpu()?.saturating_sub(of_database),
        passed,
        peak: server.peak()?,
    })
}

fn start(options: &Options, url: &DatabaseUrl) -> Result<Server, Error> {
    Server::start(&options.binary, url)
}

fn text(error: impl std::fmt::Display) -> Error {
    error.to_string().into()
}

/// Records the city and the organizations, and uploads the ledger.
fn prepare(options: &Options, name: &str, file: &[u8]) -> Result<Prepared, Error> {
    let url = match &options.postgres {
        Some(pattern) => pattern.replace("{}", name).parse()?,
        None => DatabaseUrl::Sqlite(empty(&options.directory, name)?),
    };
    let mut conn = dialect::connect(&url)?;
    dialect::migrate(&mut conn)?;
    let token = token(&mut conn)?;
    drop(conn);
    let server = start(options, &url)?;
    let create = |path: &str, body: &Value| -> Result<Value, Error> {
        let request = post(&format!("/api/v1{path}"), &body.to_string(), &token);
        Ok(serde_json::from_slice(&ask(server.address, &request)?)?)
    };
    let city = create("/municipalities", &json!({"code": "4128000000"}))?;
    for name in ledger::organizations() {
        let new = json!({"kind": "company", "name": {"ko": name}});
        create("/organizations", &new)?;
    }
    let city = city["id"].as_str().ok_or("an id")?;
    let head = format!(
        "POST /api/v1/imports?municipality_id={city}&file_name=ledger.xlsx HTTP/1.1\r\nHost: bench\r\n\
         Authorization: Bearer {token}\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n",
        file.len()
    );
    let began = Instant::now();
    let answer = ask(server.address, &[head.as_bytes(), file].concat())?;
    let import: Value = serde_json::from_slice(&answer)?;
    println!(
        "uploaded for {name} in {:.1} s, {:.1} MB of answer, peak {:.1} MB",
        began.elapsed().as_secs_f64(),
        answer.len() as f64 / 1e6,
        server.peak()?
    );
    assert_eq!(
        import["counts"]["valid"], options.rows,
        "all rows are valid"
    );
    Ok(Prepared { url, token, import })
}

/// Returns the path of a SQLite file that does not exist yet.
fn empty(directory: &Path, name: &str) -> Result<String, Error> {
    std::fs::create_dir_all(directory)?;
    let file = directory.join(format!("{name}.db")).display().to_string();
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{file}{end}"));
    }
    Ok(file)
}

fn token(conn: &mut AnyConnection) -> Result<String, Error> {
    let cx = RequestContext::new(&Clock::system(chrono_tz::Asia::Seoul), NewIds::Random);
    let new = TokenContent {
        name: "import".into(),
        role: Role::Admin,
        all_municipalities: true,
        municipality_ids: Vec::new(),
        organization_id: None,
        expires_at: None,
    };
    let made = dialect::write(conn, |conn| tokens::create(conn, &cx, &new));
    Ok(made.map_err(text)?.1.as_str().to_owned())
}

/// Sends requests from all clients until each is answered once.
fn send_all(address: SocketAddr, requests: &[Vec<u8>]) -> Result<(), Error> {
    let next = AtomicUsize::new(0);
    let client = || -> Result<(), Error> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let mut buffer = Vec::new();
        while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
            stream.write_all(request)?;
            answer(&mut stream, &mut buffer)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        let mut ends = clients.into_iter().map(std::thread::ScopedJoinHandle::join);
        ends.try_for_each(|end| end.map_err(|_| "a client broke down")?)
    })
}

/// Reads an answer, which must be a success.
fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<(), Error> {
    buffer.clear();
    let mut part = [0; 16_384];
    loop {
        let read = stream.read(&mut part)?;
        buffer.extend_from_slice(&part[..read]);
        let end = buffer.windows(4).position(|w| w == b"\r\n\r\n");
        let whole = end.is_some_and(|end| {
            let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
            let length = head.split("content-length: ").nth(1);
            let length = length.and_then(|rest| rest.split('\r').next()?.parse::<usize>().ok());
            length.is_some_and(|length| buffer.len() >= end + 4 + length)
        });
        if !buffer.starts_with(b"HTTP/1.1 2") || read == 0 {
            return Err(String::from_utf8_lossy(buffer).into());
        }
        if whole {
            return Ok(());
        }
    }
}
