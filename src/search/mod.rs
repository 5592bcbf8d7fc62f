//! Full-text search over all names, titles and texts.

mod handlers;
mod store;

pub use handlers::configure;
