mod classes;
mod columns;
mod migrations;
pub mod queries;
mod servers;
#[cfg(target_os = "linux")]
mod service;
mod writes;
