mod classes;
mod columns;
mod migrations;
mod outages;
pub mod queries;
pub mod servers;
#[cfg(target_os = "linux")]
mod service;
mod silence;
mod standbys;
mod starts;
mod stops;
mod writes;
