//! The commands beside `serve` and `demo`.

pub mod audit;
pub mod token;
