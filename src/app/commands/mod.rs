//! The commands beside `serve` and `demo`.
#![expect(clippy::print_stdout, reason = "a command prints its result")]

pub mod audit;
pub mod backup;
pub mod files;
pub mod import;
pub mod load;
pub mod municipalities;
pub mod secrets;
pub mod token;
