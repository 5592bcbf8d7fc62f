//! Tests of the API over HTTP, on both databases.

use std::process::ExitCode;

#[macro_use]
mod support;

mod access;
mod agreements;
mod audit;
mod calendars;
mod council_report;
mod db;
mod demo;
mod edge;
mod http;
mod imprecise_dates;
mod model;
mod openapi;
mod organizations;
mod owasp;
mod projects;
mod search;
mod statistics;
mod webhooks;
mod working_groups;

fn main() -> ExitCode {
    support::runner::main()
}
