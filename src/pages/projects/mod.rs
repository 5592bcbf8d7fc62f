//! Pages of projects.

mod chart;
mod facts;
mod ladder;
mod list;
mod one;

pub use list::projects;
pub use one::project;
