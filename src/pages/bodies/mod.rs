//! Pages of municipalities and other organizations.

mod facts;
mod one;

pub use one::{municipality, organization};
