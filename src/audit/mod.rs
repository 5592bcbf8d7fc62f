//! The log of changes: append-only, written in the transaction of each change, each entry bound to
//! the one before it by its hash.

mod chain;
pub mod checkpoint;
pub mod command;
pub mod feed;
mod handlers;
mod past;
pub mod records;
pub(crate) mod store;
mod stream;
pub mod types;
pub mod verify;

pub use chain::{append, begin, hash, head};
pub use handlers::configure;
pub use past::Pasts;

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
