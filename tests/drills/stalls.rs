//! One caller cannot stall the others: cheap reads while others ask for figures and feeds.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use diesel::prelude::*;
use mou_registry::access::tokens;
use mou_registry::db::schema::{agreements as a, organizations as o};
use mou_registry::db::{DatabaseUrl, dialect};
use mou_registry::kernel::clock::{Clock, NewIds};
use mou_registry::ledger::RequestContext;
use serde_json::json;

use crate::support::client::{Answers, ask};
use crate::support::databases::{Backend, database};
use crate::support::generate::generate;
use crate::support::is_short;
use crate::support::server::Server;

on_both!(ignored = "takes long; MOU_DRILL_AGREEMENTS sets the numbers of agreements", sync:
    cheap_reads_go_on_beside_expensive_ones);

/// Callers of cheap reads, and of expensive ones.
const CHEAP: usize = 8;
const EXPENSIVE: usize = 64;

/// How much longer cheap reads may take beside expensive ones.
const FACTOR: f64 = 3.0;

/// Numbers of agreements of the registries, by default; the short form takes the first.
const SIZES: [usize; 2] = [5_000, 100_000];

/// Maximum number of municipalities whose records go through the registry's stores. The database copies
/// them for a larger registry.
const MUNICIPALITIES: usize = 50;

/// Number of measurements, the first good one of which counts: other programs on the machine can
/// stall reads for a while, a fault of the server does so each time.
const ATTEMPTS: usize = 3;

/// The ids in requests, and the token of a member of the staff.
struct Targets {
    token: String,
    cities: Vec<String>,
    agreements: Vec<String>,
}

impl Targets {
    fn of(url: &DatabaseUrl) -> Self {
        let mut conn = dialect::connect(url).unwrap();
        let cx = RequestContext::new(&Clock::system(chrono_tz::Asia::Seoul), NewIds::Random);
        let new = json!({"name": "staff", "role": "editor", "all_municipalities": true});
        let new = serde_json::from_value(new).unwrap();
        let made = dialect::write(&mut conn, |conn| tokens::create(conn, &cx, &new));
        let cities = o::table.filter(o::kind.eq("municipality")).select(o::id);
        let agreements = a::table.select(a::id).order(a::id).limit(500);
        Self {
            token: made.unwrap().1.as_str().to_owned(),
            cities: cities.load(&mut conn).unwrap(),
            agreements: agreements.load(&mut conn).unwrap(),
        }
    }

    fn cheap(&self, caller: usize, n: usize) -> String {
        let of = |ids: &[String]| ids[(caller * 7 + n) % ids.len()].clone();
        match n % 4 {
            0 => format!("/api/v1/agreements/{}", of(&self.agreements)),
            1 => format!("/api/v1/agreements?municipality_id={}", of(&self.cities)),
            2 => format!(
                "/api/v1/timeline?municipality_id={}&from=2024-04-01&to=2024-06-30",
                of(&self.cities)
            ),
            _ => "/readyz".to_owned(),
        }
    }

    /// A request that nobody asked before, so that no kept answer helps.
    fn expensive(caller: usize, n: usize) -> String {
        let day = chrono::NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
        let day = day + chrono::Days::new((n * EXPENSIVE + caller) as u64 % 9_000);
        match n % 3 {
            0 => format!("/api/v1/statistics/agreements?group_by=party&signed_from={day}"),
            1 => format!("/api/v1/timeline.ics?from={day}"),
            _ => format!("/api/v1/statistics/agreements/records?freshness=stale&signed_from={day}"),
        }
    }
}

/// Asks for `span`, and returns the answers to cheap reads and to expensive ones. The expensive ones
/// begin with that of the number `first` of each caller.
fn measure(
    server: &Server,
    targets: &Targets,
    span: Duration,
    expensive: usize,
    first: usize,
) -> [Answers; 2] {
    let end = AtomicBool::new(false);
    let (address, token) = (server.address, Some(targets.token.as_str()));
    std::thread::scope(|scope| {
        let dear = scope.spawn(|| {
            ask(address, None, expensive, &end, |c, n| {
                Targets::expensive(c, first + n)
            })
        });
        let cheap = scope.spawn(|| ask(address, token, CHEAP, &end, |c, n| targets.cheap(c, n)));
        std::thread::sleep(span);
        end.store(true, Ordering::Relaxed);
        [cheap.join().unwrap(), dear.join().unwrap()]
    })
}

fn sizes() -> Vec<usize> {
    match std::env::var("MOU_DRILL_AGREEMENTS") {
        Ok(wanted) => wanted.split(',').map(|n| n.parse().unwrap()).collect(),
        Err(_) if is_short() => SIZES[..1].to_vec(),
        Err(_) => SIZES.to_vec(),
    }
}

fn cheap_reads_go_on_beside_expensive_ones(backend: Backend) {
    for agreements in sizes() {
        go_on(backend, agreements);
    }
}

fn go_on(backend: Backend, agreements: usize) {
    let municipalities = (agreements / 100).clamp(1, MUNICIPALITIES);
    let url = database(backend);
    let scale = agreements.div_ceil(municipalities * 100);
    generate(&url, municipalities, u32::try_from(scale).unwrap()).unwrap();
    let targets = Targets::of(&url);
    let server = Server::start_with(&url, &["--rate-limit-anonymous", "0"]);
    let span = Duration::from_secs(if is_short() { 5 } else { 20 });
    measure(&server, &targets, span / 5, 0, 0);
    let mut factor = f64::INFINITY;
    for attempt in 0..ATTEMPTS {
        println!("{backend:?}, {agreements} agreements:");
        // More than a caller asks in one attempt.
        factor = compare(&server, &targets, span, 40 * attempt);
        if factor <= FACTOR {
            break;
        }
    }
    assert!(
        factor <= FACTOR,
        "cheap reads take {factor:.2} times as long"
    );
}

/// Measures cheap reads alone and beside expensive ones, and returns how many times longer they
/// take.
fn compare(server: &Server, targets: &Targets, span: Duration, first: usize) -> f64 {
    let [alone, _] = measure(server, targets, span, 0, first);
    let [beside, dear] = measure(server, targets, span, EXPENSIVE, first);
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let factor = ms(beside.within(0.99)) / ms(alone.within(0.99));
    println!(
        "cheap reads p50 {:.1} ms, p99 {:.1} ms alone ({}); \
         p50 {:.1} ms, p99 {:.1} ms beside {EXPENSIVE} expensive callers ({}): {factor:.2} times; \
         expensive: {} answered, {} refused, p50 {:.0} ms",
        ms(alone.within(0.5)),
        ms(alone.within(0.99)),
        alone.len(),
        ms(beside.within(0.5)),
        ms(beside.within(0.99)),
        beside.len(),
        dear.count(200),
        dear.count(503),
        ms(dear.within(0.5)),
    );
    assert_eq!(alone.count(200), alone.len());
    assert_eq!(beside.count(200), beside.len());
    assert_eq!(dear.count(200) + dear.count(503), dear.len());
    factor
}
