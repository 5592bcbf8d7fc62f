//! The records of the rows of a table.

mod agreement;
mod amounts;
mod announcement;
mod apart;
mod cells;
mod columns;
mod contact;
mod end;
mod kinds;
mod meeting;
mod milestone;
pub(super) mod names;
mod officers;
mod organization;
mod outcomes;
mod party_list;
mod persons;
mod projects;
mod row;
mod signing;
pub mod stand_ins;
mod statements;
mod status;
mod status_words;
pub mod step_headers;
pub mod steps;
mod term;
mod visibility;
pub(super) mod words;

#[cfg(test)]
mod tests;

pub use agreement::{Group, agreement, groups};
pub use announcement::announcement;
pub use columns::Ledger;
pub use meeting::meeting;
pub use milestone::milestones;
pub use names::{Names, party_names};
pub use officers::without_persons;
pub use organization::{organization, wanted};
pub use projects::Projects;
pub use row::{Position, Row};
pub use statements::RECEIVED;
