//! Municipalities: the organizations that own agreements and projects.

mod handlers;
pub mod store;
pub mod types;

pub use handlers::configure;
