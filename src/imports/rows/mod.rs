//! The records of the rows of a table.

mod agreement;
mod amounts;
mod columns;
mod names;
mod party_list;
mod row;
mod words;

pub use agreement::{Group, agreement, groups};
pub use columns::Ledger;
pub use names::{Names, party_names};
pub use row::Row;
