//! `/projects.oc4ids.json`: projects in the Open Contracting for Infrastructure Data Standard, 0.9.5.

mod handlers;
mod project;

pub use handlers::configure;
