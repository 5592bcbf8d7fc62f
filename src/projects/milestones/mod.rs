//! Milestones: every date once stated for a step of a project, and what happened.

pub mod derived;
pub mod freshness;
mod handlers;
pub mod rules;
mod slips;
pub mod store;
pub mod types;

pub use handlers::configure;
