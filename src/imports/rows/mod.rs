//! What each row of a table becomes.

mod agreement;
mod amounts;
mod columns;
mod names;
mod parties;
mod row;
mod words;

pub use agreement::{Group, agreement, groups};
pub use columns::Ledger;
pub use names::{Directory, Own, found, party_names};
pub use row::Row;
