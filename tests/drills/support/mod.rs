//! The harness: that of the API tests, as far as it concerns servers as processes.

#[macro_use]
#[path = "../../api/support/runner.rs"]
pub mod runner;

#[path = "../../api/support/cluster.rs"]
pub mod cluster;
#[path = "../../api/support/databases.rs"]
pub mod databases;
#[path = "../../../benches/load/generate.rs"]
pub mod generate;
#[path = "../../api/support/proxy.rs"]
pub mod proxy;
#[path = "../../api/support/server.rs"]
pub mod server;

pub mod client;

use std::process::ExitCode;

use libtest_mimic::Arguments;

/// Runs the selected drills, one at a time: each needs the machine for itself.
pub fn main() -> ExitCode {
    runner::run(Arguments {
        test_threads: Some(1),
        ..Arguments::from_args()
    })
}

/// Returns true if the drills run in their short form.
pub fn is_short() -> bool {
    std::env::var("MOU_DRILLS").is_ok_and(|form| form == "short")
}
