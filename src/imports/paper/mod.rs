//! The text of a signed paper as the agreement that it becomes: a proposal, with the place of each part.
//! What the paper does not say for certain is left out, and nothing is recorded.

mod binding;
mod commitments;
mod english;
#[cfg(test)]
mod english_tests;
mod handlers;
mod lines;
mod listed;
mod marks;
mod missing;
mod parties;
mod propose;
mod reading;
mod renewed;
mod signatures;
mod signing;
mod subjects;
mod term;
#[cfg(test)]
mod tests;
mod title;

pub use handlers::{PaperReading, configure};
pub use propose::PaperPlace;
pub use reading::{completed, read};
