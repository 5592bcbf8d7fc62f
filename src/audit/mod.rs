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

/// What of the log a reader of the spec is to know.
pub const DESCRIBED: &str = "Every accepted change is an entry, written in the change's own transaction, in the order of the commits and \
    without a gap. Each entry carries the SHA-256 of its text and of the hash before it, so that an entry that is changed, \
    removed, swapped or added is found by `mou-registry audit verify`, as is a record, or what follows from records, that was \
    changed past the log. That the log was not cut or written anew as a whole is proved by checkpoints that are signed and kept \
    elsewhere (`audit checkpoint`). It does not prove that what was recorded is true: that is what sources are for. Personal data \
    stands in it only as a salted digest, which tells nothing once the data is erased.\n\n\
    `recorded_as_of` asks every read about the registry as the log had it at an instant.";

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
