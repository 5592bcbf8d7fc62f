//! What was announced, compared with what was recorded.

mod differences;
mod handlers;
mod rules;
mod store;
pub mod types;

pub use handlers::configure;
