//! Pages of projects.

mod chart;
mod facts;
mod ladder;
mod list;
mod one;

pub use list::{list_page, projects};
pub use one::{project, project_page};
