//! Exports of the records of a municipality with their history, as JSON Lines, and registries that are
//! loaded from them.
//!
//! Unlike a backup, which holds the rows of all tables, an export holds records in the form of the
//! log, without what belongs to the installation: tokens, secret addresses, webhooks, and personal
//! data.

mod format;
mod handlers;
pub mod load;
mod read;
mod select;
mod write;

pub use handlers::configure;
pub use read::Flaw;
