//! Statements about a project: its title, area, budget and implementers as stated on a day.

pub mod changes;
mod handlers;
pub mod rules;
pub mod store;
pub mod types;

pub use handlers::configure;
