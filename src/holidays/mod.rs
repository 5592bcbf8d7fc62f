//! Public holidays: those of the program's table, and those declared later by an admin, which move
//! the due dates of duties.

pub mod handlers;
pub mod records;
pub mod store;
pub mod types;

pub use handlers::configure;
