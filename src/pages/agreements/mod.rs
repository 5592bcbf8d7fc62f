//! Pages of agreements.

mod chain;
mod commitments;
mod facts;
mod follow_up;
mod list;
mod one;

pub use list::agreements;
pub use one::{DaysForm, agreement, gaps, source};
