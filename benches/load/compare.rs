//! The program beside a server made by hand (`benches/bare`) that gives answers of equal bytes, and
//! beside other builds, in interleaved rounds.
//!
//! The CPU time of the server for each request counts, which other work on the machine moves least.
//! An operation is *cold* while records change twenty times a second, and *hot* while nothing does.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use mou_registry::db::DatabaseUrl;
use serde_json::Value;

use crate::client::{ask, get, measure};
use crate::server::Server;
use crate::{Error, OPERATIONS, Options, Targets, database, generate, targets};

/// The operations that are compared, by their place in [`OPERATIONS`].
const COMPARED: [usize; 4] = [0, 1, 2, 4];
const CREATE: usize = 4;

/// The pause between two changes while an operation is measured cold.
const CHANGES: Duration = Duration::from_millis(50);

/// Another build of the program, with a database of its own.
#[derive(Clone, Debug)]
pub struct Beside {
    name: String,
    binary: PathBuf,
    url: DatabaseUrl,
}

impl FromStr for Beside {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.splitn(3, '=');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(name), Some(binary), Some(url)) => Ok(Self {
                name: name.to_owned(),
                binary: binary.into(),
                url: url.parse()?,
            }),
            _ => Err("expected NAME=BINARY=URL".into()),
        }
    }
}

/// A server that takes part.
struct Candidate {
    name: String,
    server: Server,
    targets: Rc<Targets>,
}

/// One measurement: requests a second, and the server's CPU time for each in µs.
#[derive(Clone, Copy)]
struct Cost {
    per_second: f64,
    cpu: f64,
    bytes: usize,
}

/// Compares the servers and prints the table.
pub fn run(options: &Options, binary: &Path) -> Result<(), Error> {
    let url = database(options, options.scales[0])?;
    let program = Candidate {
        name: "program".into(),
        targets: Rc::new(targets(&url)?),
        server: Server::start(binary, &url)?,
    };
    let bare = Candidate {
        name: "bare".into(),
        targets: program.targets.clone(),
        server: bare(options, &program)?,
    };
    let mut candidates = vec![bare, program];
    for Beside { name, binary, url } in &options.beside {
        candidates.push(Candidate {
            name: name.clone(),
            targets: Rc::new(targets(url)?),
            server: Server::start(binary, url)?,
        });
    }
    let span = Duration::from_secs(options.seconds);
    for operation in COMPARED {
        println!("\n{}", OPERATIONS[operation]);
        let states: &[bool] = if operation == CREATE {
            &[false]
        } else {
            &[true, false]
        };
        for &cold in states {
            compare(options, &candidates, operation, cold, span)?;
        }
    }
    for candidate in &candidates {
        println!(
            "memory of {}: {:.1} MB",
            candidate.name,
            candidate.server.memory()?
        );
    }
    Ok(())
}

fn compare(
    options: &Options,
    candidates: &[Candidate],
    operation: usize,
    cold: bool,
    span: Duration,
) -> Result<(), Error> {
    let mut rounds: Vec<Vec<Cost>> = vec![Vec::new(); candidates.len()];
    let mut limits = Vec::new();
    for round in 0..=options.rounds {
        for (candidate, costs) in candidates.iter().zip(&mut rounds) {
            let cost = cost(candidate, operation, cold, span)?;
            // The first round warms up.
            if round > 0 {
                costs.push(cost);
            }
        }
        let bytes = rounds[1].last().map_or(1_000, |cost| cost.bytes);
        let path = format!("/hello/{bytes}");
        let server = &candidates[0].server;
        limits.push(measured(server, span, move |_| get(&path, None))?);
    }
    let limit = median(&limits[1..]);
    let reference = median(&rounds[0]);
    for (candidate, costs) in candidates.iter().zip(&rounds) {
        let cost = median(costs);
        println!(
            "  {:<12} {:<5} {:>7.1} µs CPU, {:>6.2} × bare, {:>6.2} × hello; {:>7.0}/s, {:.3} of hello; {} bytes",
            candidate.name,
            if operation == CREATE {
                ""
            } else if cold {
                "cold"
            } else {
                "hot"
            },
            cost.cpu,
            cost.cpu / reference.cpu,
            cost.cpu / limit.cpu,
            cost.per_second,
            cost.per_second / limit.per_second,
            cost.bytes
        );
    }
    Ok(())
}

/// Measures one operation, if `cold` beside a client that changes records all the time.
fn cost(
    candidate: &Candidate,
    operation: usize,
    cold: bool,
    span: Duration,
) -> Result<Cost, Error> {
    let targets = candidate.targets.clone();
    let stop = AtomicBool::new(false);
    let (address, token) = (candidate.server.address, &targets.token);
    let (newcomer, partner) = (&targets.newcomer, &targets.partner);
    std::thread::scope(|scope| {
        let writer = cold.then(|| scope.spawn(|| change(address, token, newcomer, partner, &stop)));
        let for_requests = targets.clone();
        let cost = measured(&candidate.server, span, move |n| {
            for_requests.request(operation, n)
        });
        stop.store(true, Ordering::Relaxed);
        if let Some(writer) = writer {
            writer.join().map_err(|_| "the writer failed")??;
        }
        cost
    })
}

/// Creates agreements until it is told to stop.
fn change(
    address: SocketAddr,
    token: &str,
    city: &str,
    partner: &str,
    stop: &AtomicBool,
) -> std::io::Result<()> {
    let mut n = 0;
    while !stop.load(Ordering::Relaxed) {
        n += 1;
        let body = generate::agreement_of(n, city, partner);
        ask(
            address,
            &crate::client::post("/api/v1/agreements", &body, token),
        )?;
        std::thread::sleep(CHANGES);
    }
    Ok(())
}

fn measured(
    server: &Server,
    span: Duration,
    request: impl Fn(usize) -> Vec<u8> + 'static,
) -> Result<Cost, Error> {
    let before = server.cpu()?;
    let measured = measure(server.address, span, request)?;
    let cpu = server.cpu()? - before;
    Ok(Cost {
        per_second: measured.per_second,
        cpu: cpu.as_secs_f64() * 1e6 / measured.requests as f64,
        bytes: measured.bytes,
    })
}

fn median(costs: &[Cost]) -> Cost {
    let mut sorted = costs.to_vec();
    sorted.sort_by(|a, b| a.cpu.total_cmp(&b.cpu));
    sorted[sorted.len() / 2]
}

/// Builds the server made by hand, fills its database with the program's answers and starts it.
fn bare(options: &Options, program: &Candidate) -> Result<Server, Error> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bare");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "--locked", "--manifest-path"])
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/benches/bare/Cargo.toml"
        ))
        .arg("--target-dir")
        .arg(&target)
        .status()?;
    if !built.success() {
        return Err("benches/bare does not build".into());
    }
    let file = options.directory.join("bare.db");
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", file.display()));
    }
    fill(&file.display().to_string(), program)?;
    let url = DatabaseUrl::Sqlite(file.display().to_string());
    Server::start(&target.join("release/bare"), &url)
}

/// The tables of the server made by hand.
const TABLES: &str = "PRAGMA journal_mode = WAL;
         CREATE TABLE agreements (id TEXT NOT NULL, municipality_id TEXT NOT NULL, status TEXT NOT NULL,
             position INTEGER NOT NULL, body TEXT NOT NULL, row TEXT NOT NULL);
         CREATE TABLE parties (agreement_id TEXT NOT NULL, organization_id TEXT NOT NULL, role TEXT NOT NULL);
         CREATE TABLE timeline (municipality_id TEXT NOT NULL, position INTEGER NOT NULL, first TEXT NOT NULL,
             last TEXT NOT NULL, row TEXT NOT NULL);
         CREATE TABLE created (body TEXT NOT NULL);
         CREATE UNIQUE INDEX agreements_id ON agreements (id);
         CREATE INDEX agreements_list ON agreements (municipality_id, status, position);
         CREATE INDEX parties_agreement ON parties (agreement_id);
         CREATE INDEX parties_organization ON parties (organization_id);
         CREATE INDEX timeline_list ON timeline (municipality_id, position)";

/// Copies all answers that the compared operations can get.
fn fill(file: &str, program: &Candidate) -> Result<(), Error> {
    let mut conn = SqliteConnection::establish(file)?;
    conn.batch_execute(TABLES)?;
    let Targets {
        token,
        cities,
        newcomer,
        partner,
        ..
    } = &*program.targets;
    let address = program.server.address;
    let list = |path: &str| list(address, token, path);
    conn.transaction::<_, Error, _>(|conn| {
        for city in cities {
            let listed = list(&format!("agreements?municipality_id={city}&status=signed"))?;
            for (n, row) in listed.iter().enumerate() {
                let id = row["id"].as_str().ok_or("an id")?;
                let body = ask(
                    address,
                    &get(&format!("/api/v1/agreements/{id}"), Some(token)),
                )?;
                diesel::sql_query("INSERT INTO agreements VALUES (?, ?, 'signed', ?, ?, ?)")
                    .bind::<Text, _>(id)
                    .bind::<Text, _>(city)
                    .bind::<BigInt, _>(n as i64)
                    .bind::<Text, _>(String::from_utf8(body)?)
                    .bind::<Text, _>(row.to_string())
                    .execute(conn)?;
            }
            let dated = list(&format!("timeline?municipality_id={city}"))?;
            let quarter = list(&format!(
                "timeline?municipality_id={city}&from=2024-04-01&to=2024-06-30"
            ))?;
            fill_timeline(conn, city, &dated, &quarter)?;
        }
        let body = generate::agreement_of(0, newcomer, partner);
        let created = ask(
            address,
            &crate::client::post("/api/v1/agreements", &body, token),
        )?;
        diesel::sql_query("INSERT INTO created VALUES (?)")
            .bind::<Text, _>(String::from_utf8(created)?)
            .execute(conn)?;
        Ok(())
    })
}

/// Reads all pages of a list.
fn list(address: SocketAddr, token: &str, path: &str) -> Result<Vec<Value>, Error> {
    let (mut rows, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/{path}&limit=200{cursor}");
        let mut page: Value = serde_json::from_slice(&ask(address, &get(&path, Some(token)))?)?;
        rows.append(page["items"].as_array_mut().ok_or("a page")?);
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(rows),
        }
    }
}

/// Entries of the quarter match as the program says, the others do not.
fn fill_timeline(
    conn: &mut SqliteConnection,
    city: &str,
    dated: &[Value],
    quarter: &[Value],
) -> Result<(), Error> {
    for (n, row) in dated.iter().enumerate() {
        let day = if quarter.contains(row) {
            "2024-05-01"
        } else {
            "2001-01-01"
        };
        diesel::sql_query("INSERT INTO timeline VALUES (?, ?, ?, ?, ?)")
            .bind::<Text, _>(city)
            .bind::<BigInt, _>(n as i64)
            .bind::<Text, _>(day)
            .bind::<Text, _>(day)
            .bind::<Text, _>(row.to_string())
            .execute(conn)?;
    }
    Ok(())
}
