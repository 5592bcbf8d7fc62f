//! The pages that people read beside the API's answers with the same content, for a reader without a
//! token, in interleaved rounds: what the server uses for a page, and for all the answers together that a
//! program would ask for in its place.
//!
//! As in [`compare`](super::compare), both are *cold* while records change, and *hot* while nothing does.

use std::path::Path;
use std::rc::Rc;

use crate::client::get;
use crate::compare::{Cost, Meter, cost, median, start};
use crate::server::Server;
use crate::{Error, Options, Targets, database, targets};

/// The nth path of a kind.
type Paths = fn(&Targets, usize) -> String;

/// A page, and the answers that hold its content.
struct Compared {
    name: &'static str,
    page: Paths,
    answers: &'static [Paths],
}

/// The pages, with as many rows in the answers as they show.
const COMPARED: [Compared; 3] = [
    Compared {
        name: "one agreement",
        page: |targets, n| format!("/agreements/{}", targets.id(n)),
        answers: &[
            |targets, n| format!("/api/v1/agreements/{}", targets.id(n)),
            |targets, n| {
                let id = targets.id(n);
                format!("/api/v1/agreements/{id}/history?limit=100")
            },
            |targets, n| {
                let id = targets.id(n);
                format!("/api/v1/working-groups?agreement_id={id}&limit=10")
            },
        ],
    },
    Compared {
        name: "list of 25, total",
        page: |targets, n| format!("/agreements?{}", listed(targets, n)),
        answers: &[|targets, n| {
            let listed = listed(targets, n);
            format!("/api/v1/agreements?{listed}&limit=25&with_total=true")
        }],
    },
    Compared {
        name: "timeline, a quarter",
        page: |targets, n| format!("/timeline?{}", quarter(targets, n)),
        answers: &[|targets, n| {
            let quarter = quarter(targets, n);
            format!("/api/v1/timeline?{quarter}&limit=25&with_total=true")
        }],
    },
];

fn listed(targets: &Targets, n: usize) -> String {
    format!("municipality_id={}&status=signed", targets.city(n))
}

fn quarter(targets: &Targets, n: usize) -> String {
    format!(
        "municipality_id={}&from=2024-04-01&to=2024-06-30",
        targets.city(n)
    )
}

/// Compares the pages with the answers and prints the table.
pub fn run(options: &Options, binary: &Path) -> Result<(), Error> {
    let url = database(options, options.scales[0])?;
    let targets = Rc::new(targets(&url)?);
    let server = start(options, "program", binary, &url)?;
    for compared in &COMPARED {
        println!("\n{}", compared.name);
        for state in ["cold", "hot"] {
            compare(options, &server, &targets, compared, state)?;
        }
    }
    println!("memory: {:.1} MB", server.memory()?);
    Ok(())
}

fn compare(
    options: &Options,
    server: &Server,
    targets: &Rc<Targets>,
    compared: &Compared,
    state: &str,
) -> Result<(), Error> {
    let meter = Meter::of(options);
    let of = |paths: Paths| {
        let of_paths = targets.clone();
        let request = move |n| get(&paths(&of_paths, n), None);
        cost(server, targets, state == "cold", meter, request)
    };
    let (mut pages, mut answers) = (Vec::new(), Vec::new());
    for round in 0..=options.rounds {
        let page = of(compared.page)?;
        let all = compared.answers.iter().map(|paths| of(*paths));
        let all = together(&all.collect::<Result<Vec<Cost>, Error>>()?);
        // The first round warms up.
        if round > 0 {
            pages.push(page);
            answers.push(all);
        }
    }
    let (page, all) = (median(&pages), median(&answers));
    let count = compared.answers.len();
    for (name, cost) in [("page".to_owned(), page), (format!("API, {count} ×"), all)] {
        println!(
            "  {name:<12} {state:<5} {:>7.1} {}, {:>6.2} × API; {:>7.0}/s; {} bytes",
            cost.used,
            meter.unit(),
            cost.used / all.used,
            cost.per_second,
            cost.bytes
        );
    }
    Ok(())
}

/// Returns the cost of requests that are sent one after the other.
fn together(costs: &[Cost]) -> Cost {
    Cost {
        per_second: 1.0 / costs.iter().map(|cost| 1.0 / cost.per_second).sum::<f64>(),
        used: costs.iter().map(|cost| cost.used).sum(),
        bytes: costs.iter().map(|cost| cost.bytes).sum(),
    }
}
