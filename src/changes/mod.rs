//! The log of changes as callers read it: feeds, streams, histories, and the registry of an instant
//! rebuilt from it.

pub mod checkpoint;
pub mod copied;
pub mod derive;
mod derived;
mod handlers;
mod keys;
mod participants;
mod past;
mod personal_reads;
pub mod rebuild;
pub mod store;
mod stream;
mod stream_addresses;
pub mod stretch;
mod summary;
pub mod types;
pub mod verify;

pub use past::Pasts;

use crate::http::mount::Mount;
use crate::records::{HistoryResource, LoggedType};

/// Description of the log in the API spec.
const DESCRIBED: &str = "The log of changes: who changed what, when and why\n\n\
    Every accepted change becomes a log entry, written in the transaction of the change. Entries are numbered in commit \
    order, without gaps. Each entry carries the SHA-256 hash of its text and of the previous entry's hash, so \
    `mou-registry audit verify` finds entries that were changed, removed, reordered or added. It also finds records and derived \
    rows that were changed without a log entry. Signed checkpoints that are kept elsewhere (`audit checkpoint`) prove that the \
    log was not truncated or rewritten as a whole. The log does not prove that what was recorded is true: that is what sources \
    are for. Personal data appears in it only as a salted digest, which reveals nothing once the data is erased.\n\n\
    Reads of records accept `recorded_as_of`, and then answer with the registry as the log had recorded it at that instant.";

pub fn configure(config: &mut impl Mount) {
    config
        .tag("changes", DESCRIBED)
        .schema::<LoggedType>()
        .schema::<HistoryResource>();
    handlers::configure(config);
    stretch::configure(config);
    personal_reads::configure(config);
}
