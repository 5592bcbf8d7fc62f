//! Municipalities: the organizations that own agreements and projects.

mod handlers;
pub mod retraction;
pub mod store;
pub mod succession;
pub mod types;
mod view;

pub use handlers::configure;
