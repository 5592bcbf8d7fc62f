//! The records of the rows of a table.

mod agreement;
mod amounts;
mod announcement;
mod columns;
mod meeting;
mod names;
mod organization;
mod party_list;
mod row;
mod words;

pub use agreement::{Group, agreement, groups};
pub use announcement::announcement;
pub use columns::Ledger;
pub use meeting::meeting;
pub use names::{Names, party_names};
pub use organization::{organization, wanted};
pub use row::Row;
