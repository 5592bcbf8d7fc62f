//! Figures over many records: how agreements and their commitments are carried out, how milestones
//! keep their dates, and how fresh what is known of them is.

pub mod freshness;
pub mod group;
pub mod rules;
