//! The tables that lists are exported as.

mod agreements;
mod announcements;
mod organizations;
mod projects;
mod publications;
mod timeline;

use super::columns::Table;
pub use projects::OF_VALUES;

/// Returns the tables of lists.
pub fn tables() -> impl Iterator<Item = &'static Table> {
    let all = [
        agreements::TABLES,
        announcements::TABLES,
        organizations::TABLES,
        projects::TABLES,
        publications::TABLES,
        timeline::TABLES,
    ];
    all.into_iter().flatten()
}
