//! The commands beside `serve` and `demo`.
#![expect(clippy::print_stdout, reason = "a command prints its result")]

pub mod audit;
pub mod municipalities;
pub mod token;
