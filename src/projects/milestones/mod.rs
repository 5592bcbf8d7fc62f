//! Milestones: the steps of a project, with all their forecasts and outcomes.

pub mod agreements;
pub mod anchors;
pub mod dependents;
pub mod derived;
pub mod figures;
pub mod files;
pub mod freshness;
mod gaps;
mod handlers;
pub mod phases;
pub mod relations;
pub mod rules;
pub mod slips;
pub mod statements;
pub mod store;
pub mod targets;
pub mod types;

pub use handlers::configure;
