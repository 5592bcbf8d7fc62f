//! The log of changes: append-only, written in the transaction of each change, each entry bound to
//! the one before it by its hash.

mod chain;
pub mod checkpoint;
pub mod command;
pub mod derive;
mod derived;
pub mod feed;
mod handlers;
mod keys;
mod past;
pub mod personal;
mod rebuild;
pub mod records;
pub(crate) mod store;
mod stream;
mod told;
pub mod types;
pub mod verify;

pub use chain::{append, begin, hash, head};
pub use past::Pasts;
pub use store::names_ever;

use crate::http::mount::Mount;

pub fn configure(config: &mut impl Mount) {
    handlers::configure(config);
    personal::configure(config);
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    halves
        .map(|half| char::from(DIGITS[usize::from(half)]))
        .collect()
}
