//! The program beside a server made by hand (`benches/bare`) that gives answers of equal bytes, and
//! beside other builds, in interleaved rounds.
//!
//! The CPU time of the server for each request counts, which other work on the machine moves little; or
//! with `--instructions` the instructions in user space, which it does not move at all.
//!
//! An operation is *cold* while records change twenty times a second, or by instructions after each
//! change, and *hot* while nothing changes. Each is compared with the server made by hand and with the
//! limit: the framework alone, which sends as many bytes from memory (*hello*).

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

use crate::client::{Until, ask, get, measure};
use crate::server::Server;
use crate::{Error, OPERATIONS, Options, Targets, database, generate, targets};

/// The operations that are compared, by their place in [`OPERATIONS`].
const COMPARED: [usize; 4] = [0, 1, 2, 4];
const CREATE: usize = 4;

/// The pause between two changes while an operation is measured cold.
const CHANGES: Duration = Duration::from_millis(50);

/// Number of requests whose instructions are counted together: as many as are cold after one change.
const COUNTED: usize = 50;

/// What is measured of a server.
#[derive(Clone, Copy)]
pub enum Meter {
    /// CPU time in µs, over requests for so long.
    Time(Duration),
    /// Instructions in user space, in thousands.
    Instructions,
}

impl Meter {
    pub fn of(options: &Options) -> Self {
        match options.instructions {
            true => Self::Instructions,
            false => Self::Time(Duration::from_secs(options.seconds)),
        }
    }

    pub fn unit(self) -> &'static str {
        match self {
            Self::Time(_) => "µs CPU",
            Self::Instructions => "k instructions",
        }
    }
}

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

/// One measurement: requests a second, and what the server used for each, in the unit of the meter.
#[derive(Clone, Copy)]
pub struct Cost {
    pub per_second: f64,
    pub used: f64,
    pub bytes: usize,
}

/// Compares the servers and prints the table.
pub fn run(options: &Options, binary: &Path) -> Result<(), Error> {
    let url = database(options, options.scales[0])?;
    let targets_of_program = Rc::new(targets(&url)?);
    let bare = Candidate {
        name: "bare".into(),
        server: bare(options, binary, &url, &targets_of_program)?,
        targets: targets_of_program.clone(),
    };
    let program = Candidate {
        name: "program".into(),
        server: start(options, "program", binary, &url)?,
        targets: targets_of_program,
    };
    let mut candidates = vec![bare, program];
    for Beside { name, binary, url } in &options.beside {
        candidates.push(Candidate {
            name: name.clone(),
            targets: Rc::new(targets(url)?),
            server: start(options, name, binary, url)?,
        });
    }
    for operation in COMPARED {
        println!("\n{}", OPERATIONS[operation]);
        let states: &[&str] = if operation == CREATE {
            &[""]
        } else {
            &["cold", "hot"]
        };
        for state in states {
            compare(options, &candidates, operation, state)?;
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

/// Starts a server so that what is asked for can be measured.
pub fn start(
    options: &Options,
    name: &str,
    binary: &Path,
    url: &DatabaseUrl,
) -> Result<Server, Error> {
    if options.instructions {
        let counts = options.directory.join(format!("{name}.instructions"));
        return Server::start_counted(binary, url, counts);
    }
    Server::start(binary, url)
}

fn compare(
    options: &Options,
    candidates: &[Candidate],
    operation: usize,
    state: &str,
) -> Result<(), Error> {
    let meter = Meter::of(options);
    let mut rounds: Vec<Vec<Cost>> = vec![Vec::new(); candidates.len()];
    let mut limits = Vec::new();
    for round in 0..=options.rounds {
        for (candidate, costs) in candidates.iter().zip(&mut rounds) {
            let Candidate {
                server, targets, ..
            } = candidate;
            let of_operation = targets.clone();
            let request = move |n| of_operation.request(operation, n);
            let cost = cost(server, targets, state == "cold", meter, request)?;
            // The first round warms up.
            if round > 0 {
                costs.push(cost);
            }
        }
        let bytes = rounds[1].last().map_or(1_000, |cost| cost.bytes);
        let path = format!("/hello/{bytes}");
        let server = &candidates[0].server;
        limits.push(measured(server, meter, move |_| get(&path, None))?);
    }
    let limit = median(&limits[1..]);
    let bare = median(&rounds[0]);
    let costs = rounds.iter().map(|costs| median(costs));
    let named = candidates.iter().map(|candidate| candidate.name.as_str());
    for (name, cost) in std::iter::once(("hello", limit)).chain(named.zip(costs)) {
        println!(
            "  {name:<12} {state:<5} {:>7.1} {}, {:>6.2} × bare, {:>6.2} × hello; {:>7.0}/s, {:.3} of hello; {} bytes",
            cost.used,
            meter.unit(),
            cost.used / bare.used,
            cost.used / limit.used,
            cost.per_second,
            cost.per_second / limit.per_second,
            cost.bytes
        );
    }
    Ok(())
}

/// Measures requests of one kind, if `is_cold` while records change, or once something has changed.
pub fn cost(
    server: &Server,
    targets: &Targets,
    is_cold: bool,
    meter: Meter,
    request: impl Fn(usize) -> Vec<u8> + 'static,
) -> Result<Cost, Error> {
    let (address, token) = (server.address, targets.token.as_str());
    let (newcomer, partner) = (targets.newcomer.as_str(), targets.partner.as_str());
    let stop = AtomicBool::new(false);
    match meter {
        Meter::Time(_) if is_cold => std::thread::scope(|scope| {
            let stop = &stop;
            let writer = scope.spawn(move || change_until(stop, address, token, newcomer, partner));
            let cost = measured(server, meter, request);
            stop.store(true, Ordering::Relaxed);
            writer.join().map_err(|_| "the writer failed")??;
            cost
        }),
        Meter::Instructions if is_cold => {
            change(address, token, newcomer, partner, 1)?;
            measured(server, meter, request)
        }
        _ => measured(server, meter, request),
    }
}

/// Creates agreements until it is told to stop.
fn change_until(
    stop: &AtomicBool,
    address: SocketAddr,
    token: &str,
    city: &str,
    partner: &str,
) -> std::io::Result<()> {
    let mut n = 0;
    while !stop.load(Ordering::Relaxed) {
        n += 1;
        change(address, token, city, partner, n)?;
        std::thread::sleep(CHANGES);
    }
    Ok(())
}

/// Creates an agreement.
fn change(
    address: SocketAddr,
    token: &str,
    city: &str,
    partner: &str,
    n: usize,
) -> std::io::Result<()> {
    let body = generate::agreement_of(n, city, partner);
    let request = crate::client::post("/api/v1/agreements", &body, token);
    ask(address, &request).map(drop)
}

fn measured(
    server: &Server,
    meter: Meter,
    request: impl Fn(usize) -> Vec<u8> + 'static,
) -> Result<Cost, Error> {
    let (used, measured) = match meter {
        Meter::Time(span) => {
            let before = server.cpu()?;
            let measured = measure(server.address, Until::Elapsed(span), request)?;
            let used = server.cpu()? - before;
            (used.as_secs_f64() * 1e6, measured)
        }
        Meter::Instructions => {
            server.instructions()?;
            let measured = measure(server.address, Until::Sent(COUNTED), request)?;
            (server.instructions()? as f64 / 1e3, measured)
        }
    };
    Ok(Cost {
        per_second: measured.per_second,
        used: used / measured.requests as f64,
        bytes: measured.bytes,
    })
}

pub fn median(costs: &[Cost]) -> Cost {
    let mut sorted = costs.to_vec();
    sorted.sort_by(|a, b| a.used.total_cmp(&b.used));
    sorted[sorted.len() / 2]
}

/// Builds the server made by hand, fills its database with the answers of the program at `binary` and
/// starts it.
fn bare(
    options: &Options,
    binary: &Path,
    url: &DatabaseUrl,
    targets: &Targets,
) -> Result<Server, Error> {
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
    let program = Server::start(binary, url)?;
    fill(&file.display().to_string(), program.address, targets)?;
    let url = DatabaseUrl::Sqlite(file.display().to_string());
    start(options, "bare", &target.join("release/bare"), &url)
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
fn fill(file: &str, address: SocketAddr, targets: &Targets) -> Result<(), Error> {
    let mut conn = SqliteConnection::establish(file)?;
    conn.batch_execute(TABLES)?;
    let Targets {
        token,
        cities,
        newcomer,
        partner,
        ..
    } = targets;
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
