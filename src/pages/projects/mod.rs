//! Pages of projects.

mod chart;
mod facts;
mod ladder;
mod list;
mod one;
mod scale;

pub use list::projects;
pub use one::project;
