//! The records of the rows of a table.

mod agreement;
mod amounts;
mod announcement;
mod cells;
mod columns;
mod contact;
mod meeting;
mod milestone;
pub(super) mod names;
mod officers;
mod organization;
mod party_list;
mod persons;
mod projects;
mod row;
mod stand_ins;
pub mod steps;
pub(super) mod words;

#[cfg(test)]
mod tests;

pub use agreement::{Group, agreement, groups};
pub use announcement::announcement;
pub use columns::Ledger;
pub use meeting::meeting;
pub use milestone::{RECEIVED, milestones};
pub use names::{Names, party_names};
pub use officers::without_persons;
pub use organization::{organization, wanted};
pub use projects::Projects;
pub use row::{Position, Row};
