//! Pages of working groups.

mod list;
mod meetings;
mod members;
mod one;

pub use list::{Group, groups, groups_of};
pub use one::group;
