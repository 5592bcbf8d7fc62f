//! The load benchmark: `cargo bench --bench load`.
//!
//! With `--compare` it measures other servers beside the program (see [`compare`]), with `--pages` the
//! pages beside the API (see [`pages`]). Otherwise, for each size it fills a registry, starts the release binary on it, and measures five operations
//! with 32 clients: one agreement with its parties, a filtered list of 50 with its total, a
//! municipality's timeline, its statistics by year, and durable creates. It prints ratios within
//! this run, to the server's own `/healthz` and to the smallest size: absolute numbers depend more
//! on the machine.
#![allow(
    clippy::cast_sign_loss,
    clippy::disallowed_methods,
    dead_code,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program of its own, which nobody but its starter sees"
)]

mod client;
mod compare;
mod generate;
mod pages;
mod server;

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::str::FromStr;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use clap::Parser;
use client::{Measured, Until, get, measure, post};
use compare::Beside;
use diesel::prelude::*;
use mou_registry::access::tokens;
use mou_registry::access::types::TokenContent;
use mou_registry::agreements::list;
use mou_registry::agreements::list::AgreementFilter;
use mou_registry::agreements::read as agreements;
use mou_registry::agreements::summary;
use mou_registry::agreements::types::AgreementStatus;
use mou_registry::db::page::Page;
use mou_registry::db::schema::{agreements as a, organizations as o};
use mou_registry::db::{AnyConnection, DatabaseUrl, dialect};
use mou_registry::http::Filter;
use mou_registry::kernel::clock::{Clock, NewIds};
use mou_registry::kernel::error::ApiError;
use mou_registry::kernel::values::stored_id;
use mou_registry::ledger::RequestContext;
use mou_registry::ledger::Role;
use mou_registry::timeline::handlers::TimelineFilter;
use mou_registry::timeline::store as timeline;
use server::Server;

/// Measure the server under load
#[derive(Parser)]
struct Options {
    /// Sizes, in multiples of 20,000 agreements
    #[arg(long, value_delimiter = ',', default_values_t = [1, 10])]
    scales: Vec<u32>,
    /// Duration of each measurement, in seconds
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// PostgreSQL instead of SQLite: URL of an empty database per size, with {} in place of the
    /// size
    #[arg(long)]
    postgres: Option<String>,
    /// Directory of the SQLite files; existing files are reused
    #[arg(long, default_value = concat!(env!("CARGO_TARGET_TMPDIR"), "/load"))]
    directory: PathBuf,
    /// Compare the program with a server made by hand and with `--beside`, on the first size
    #[arg(long, group = "comparison")]
    compare: bool,
    /// Compare pages with the API's answers of the same content, on the first size
    #[arg(long, group = "comparison")]
    pages: bool,
    /// Compare the instructions in user space instead of the CPU time; takes valgrind
    #[arg(long, requires = "comparison")]
    instructions: bool,
    /// Another build of the program instead of the one that is built with the benchmark
    #[arg(long, default_value = env!("CARGO_BIN_EXE_mou-registry"))]
    binary: PathBuf,
    /// Rounds of the comparison; the medians count
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Another build of the program, on a database that its own benchmark filled: NAME=BINARY=URL
    #[arg(long)]
    beside: Vec<Beside>,
    /// Set by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

/// Number of municipalities at the smallest size.
const MUNICIPALITIES: usize = 200;

type Error = Box<dyn std::error::Error>;

const OPERATIONS: [&str; 5] = [
    "one agreement",
    "list of 50, total",
    "timeline, a quarter",
    "statistics, a city",
    "durable create",
];

/// The records used in requests, and the token.
struct Targets {
    token: String,
    cities: Vec<String>,
    ids: Vec<String>,
    /// The city of the created agreements; no other request concerns it.
    newcomer: String,
    partner: String,
}

impl Targets {
    fn city(&self, n: usize) -> &str {
        &self.cities[n % self.cities.len()]
    }

    fn id(&self, n: usize) -> &str {
        &self.ids[n % self.ids.len()]
    }

    /// Returns the nth request of an operation.
    fn request(&self, operation: usize, n: usize) -> Vec<u8> {
        let city = self.city(n);
        match operation {
            0 => get(
                &format!("/api/v1/agreements/{}", self.id(n)),
                Some(&self.token),
            ),
            1 => get(
                &format!("/api/v1/agreements?municipality_id={city}&status=signed&with_total=true"),
                Some(&self.token),
            ),
            2 => get(
                &format!("/api/v1/timeline?municipality_id={city}&from=2024-04-01&to=2024-06-30"),
                Some(&self.token),
            ),
            3 => get(
                &format!("/api/v1/statistics/agreements?municipality_id={city}&group_by=year"),
                Some(&self.token),
            ),
            _ => post(
                "/api/v1/agreements",
                &generate::agreement_of(n, &self.newcomer, &self.partner),
                &self.token,
            ),
        }
    }
}

struct Run {
    ceiling: f64,
    measured: Vec<Measured>,
}

fn main() -> Result<(), Error> {
    let options = Options::parse();
    std::fs::create_dir_all(&options.directory)?;
    let binary = options.binary.as_path();
    println!(
        "binary: {:.1} MB",
        std::fs::metadata(binary)?.len() as f64 / 1e6
    );
    if options.compare {
        return compare::run(&options, binary);
    }
    if options.pages {
        return pages::run(&options, binary);
    }
    let mut runs: Vec<Run> = Vec::new();
    for &scale in &options.scales {
        let run = at_scale(&options, binary, scale)?;
        report(&run, runs.first().unwrap_or(&run));
        runs.push(run);
    }
    Ok(())
}

fn database(options: &Options, scale: u32) -> Result<DatabaseUrl, Error> {
    if let Some(pattern) = &options.postgres {
        let url: DatabaseUrl = pattern.replace("{}", &scale.to_string()).parse()?;
        generate::generate(&url, MUNICIPALITIES, scale)?;
        return Ok(url);
    }
    let file = options.directory.join(format!("{scale}x.db"));
    if !file.exists() {
        let unfinished = options.directory.join("unfinished.db");
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", unfinished.display()));
        }
        let started = Instant::now();
        generate::generate(
            &DatabaseUrl::Sqlite(unfinished.display().to_string()),
            MUNICIPALITIES,
            scale,
        )?;
        std::fs::rename(&unfinished, &file)?;
        println!(
            "generated {scale}x in {} s, {:.0} MB",
            started.elapsed().as_secs(),
            std::fs::metadata(&file)?.len() as f64 / 1e6
        );
    }
    Ok(DatabaseUrl::Sqlite(file.display().to_string()))
}

/// Returns agreements from the whole registry, the same ones each time.
fn sample(conn: &mut AnyConnection, cities: &[String]) -> Result<Vec<String>, Error> {
    let mut ids = Vec::new();
    for city in cities.iter().step_by(cities.len().div_ceil(200)) {
        ids.extend(
            a::table
                .filter(a::municipality_id.eq(city))
                .select(a::id)
                .order(a::id)
                .limit(5)
                .load::<String>(conn)?,
        );
    }
    Ok(ids)
}

/// Returns what requests on a database ask for, with a token made for them.
fn targets(url: &DatabaseUrl) -> Result<Targets, Error> {
    let mut conn = dialect::connect(url)?;
    let mut cities: Vec<String> = o::table
        .filter(o::kind.eq("municipality"))
        .select(o::id)
        .order(o::id)
        .load(&mut conn)?;
    let newcomer = cities.pop().ok_or("a city")?;
    let partner: String = o::table
        .filter(o::kind.eq("company"))
        .select(o::id)
        .first(&mut conn)?;
    let ids = sample(&mut conn, &cities)?;
    let token = token(&mut conn)?;
    Ok(Targets {
        token,
        cities,
        ids,
        newcomer,
        partner,
    })
}

fn at_scale(options: &Options, binary: &Path, scale: u32) -> Result<Run, Error> {
    let url = database(options, scale)?;
    let mut conn = dialect::connect(&url)?;
    println!(
        "\n{scale}x: {} agreements",
        a::table.count().get_result::<i64>(&mut conn)?
    );
    let targets = Rc::new(targets(&url)?);
    without_http(&mut conn, &targets.cities, &targets.ids)?;
    drop(conn);

    let server = Server::start(binary, &url)?;
    let span = Until::Elapsed(Duration::from_secs(options.seconds));
    let address = server.address;
    println!("idle memory: {:.1} MB", server.memory()?);
    let warm_up = Until::Elapsed(Duration::from_millis(500));
    let health = || measure(address, span, |_| get("/healthz", None));
    measure(address, warm_up, |_| get("/healthz", None))?;
    let before = health()?.per_second;
    let mut measured = Vec::new();
    for operation in 0..OPERATIONS.len() {
        let request = || {
            let targets = targets.clone();
            move |n| targets.request(operation, n)
        };
        measure(address, warm_up, request())?;
        measured.push(measure(address, span, request())?);
    }
    let after = health()?.per_second;
    println!(
        "memory after: {:.1} MB; /healthz {:.0}/s before, {:.0}/s after",
        server.memory()?,
        before,
        after
    );
    Ok(Run {
        ceiling: (before + after) / 2.0,
        measured,
    })
}

/// Creates a token for an editor of all municipalities, as a city's system would use.
fn token(conn: &mut AnyConnection) -> Result<String, Error> {
    let cx = RequestContext::new(&Clock::system(chrono_tz::Asia::Seoul), NewIds::Random);
    let new = TokenContent {
        name: "load".into(),
        role: Role::Editor,
        all_municipalities: true,
        municipality_ids: Vec::new(),
        organization_id: None,
        expires_at: None,
    };
    let made = dialect::write(conn, |conn| tokens::create(conn, &cx, &new));
    Ok(made.map_err(|e| e.to_string())?.1.as_str().to_owned())
}

fn nth<Id: FromStr<Err = uuid::Error>>(ids: &[String], n: usize) -> Result<Id, ApiError> {
    stored_id(&ids[n % ids.len()])
}

/// Measures the store alone: the same reads from one thread, without HTTP and serialization.
fn without_http(conn: &mut AnyConnection, cities: &[String], ids: &[String]) -> Result<(), Error> {
    let cx = RequestContext::new(&Clock::system(chrono_tz::Asia::Seoul), NewIds::Random);
    let mut per_second = |work: &dyn Fn(&mut AnyConnection, usize) -> Result<(), ApiError>| {
        let started = Instant::now();
        let mut n = 0;
        while started.elapsed() < Duration::from_secs(1) {
            work(conn, n).map_err(|e| e.to_string())?;
            n += 1;
        }
        Ok::<f64, Error>(n as f64 / started.elapsed().as_secs_f64())
    };
    let page = |order| Page {
        order,
        limit: 50,
        after: None,
        with_total: true,
    };
    let one = per_second(&|conn, n| agreements::get(conn, &cx, nth(ids, n)?, None).map(drop))?;
    let list = per_second(&|conn, n| {
        let filter = AgreementFilter {
            municipality_id: Some(nth(cities, n)?),
            status: Some(vec![AgreementStatus::Signed]),
            ..AgreementFilter::default()
        };
        let found = list::find(conn, &cx, &filter, &page(filter.order()))?;
        summary::shown_rows(conn, &cx, &found.items, None).map(drop)
    })?;
    let timeline = per_second(&|conn, n| {
        let filter = TimelineFilter {
            municipality_id: Some(nth(cities, n)?),
            from: NaiveDate::from_ymd_opt(2024, 4, 1),
            to: NaiveDate::from_ymd_opt(2024, 6, 30),
            ..TimelineFilter::default()
        };
        let page = Page {
            with_total: false,
            ..page(filter.order())
        };
        timeline::list(conn, &cx, &filter, &page).map(drop)
    })?;
    println!("reads from one thread, without HTTP, per s: {one:.0}, {list:.0}, {timeline:.0}");
    Ok(())
}

fn report(run: &Run, smallest: &Run) {
    println!(
        "{:<20} {:>9} {:>11} {:>9} {:>9} {:>9} {:>8}",
        "", "per s", "of /healthz", "p50 ms", "p99 ms", "p50 growth", "bytes"
    );
    for ((name, measured), first) in OPERATIONS.iter().zip(&run.measured).zip(&smallest.measured) {
        let growth = measured.p50.as_secs_f64() / first.p50.as_secs_f64();
        let ms = |d: Duration| d.as_secs_f64() * 1e3;
        println!(
            "{name:<20} {:>9.0} {:>11.3} {:>9.2} {:>9.2} {:>10.2} {:>8}",
            measured.per_second,
            measured.per_second / run.ceiling,
            ms(measured.p50),
            ms(measured.p99),
            growth,
            measured.bytes
        );
    }
}
