//! Pages of working groups.

mod list;
mod meetings;
mod members;
mod one;

pub use list::{Group, groups, groups_of, list_page};
pub use one::{group, group_page};
