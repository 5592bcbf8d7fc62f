//! Figures over many records: how agreements and their commitments are carried out, how milestones
//! keep their dates, and how fresh what is known of them is.

pub mod agreements;
pub mod freshness;
mod gather;
pub mod group;
pub mod milestones;
mod owners;
pub mod rules;

/// How many records are read at once.
const CHUNK: i64 = 500;

use crate::http::mount::Mount;

pub fn configure(config: &mut impl Mount) {
    agreements::configure(config);
    milestones::configure(config);
}
