//! What was announced, compared with what was recorded.

mod differences;
mod handlers;
mod rules;
pub mod store;
pub mod types;

pub use handlers::{ReconciliationFilter, configure};
