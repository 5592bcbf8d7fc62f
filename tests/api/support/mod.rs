//! The harness of the tests: databases, clients, and shared records.

#[macro_use]
pub mod runner;

pub mod api;
pub mod case;
pub mod city;
pub mod cluster;
pub mod databases;
pub mod edge;
pub mod full;
pub mod issuer;
pub mod log;
pub mod objects;
pub mod provider;
pub mod proxy;
pub mod queries;
pub mod receiver;
pub mod records;
pub mod server;
pub mod spec;

pub use api::{Answer, Api, SPEC, clock, now};
pub use databases::{Backend, database, run};

/// The municipality of the demonstration.
pub const CITY: &str = "0178d7fa-2c00-7000-8000-000000000001";
