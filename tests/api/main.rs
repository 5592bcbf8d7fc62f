//! Tests of the API over HTTP, on both databases.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "a panic fails the test"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "the tests act as the world around the server"
)]
#![allow(clippy::too_many_lines, reason = "a case is a table or a story")]

use std::process::ExitCode;

#[macro_use]
mod support;

mod access;
mod agreement_targets;
mod agreements;
mod announcements;
mod audit;
mod backup;
mod calendars;
mod council_report;
mod db;
mod demo;
mod edge;
mod examples;
mod exports;
mod file_texts;
mod holidays;
mod http;
mod imports;
mod imprecise_dates;
mod model;
mod openapi;
mod organizations;
mod owasp;
mod pages;
mod project_facts;
mod project_phases;
mod projects;
mod ranges;
mod relative_targets;
mod search;
mod statistics;
mod webhooks;
mod wording;
mod working_groups;

fn main() -> ExitCode {
    support::runner::run(libtest_mimic::Arguments::from_args())
}
