//! Full-text search over all names, titles and texts.

pub mod handlers;
pub mod snippet;
pub mod store;

pub use handlers::configure;
