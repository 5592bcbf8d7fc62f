//! Organizations of every kind: municipalities, associations, hospitals, companies and others.

mod associations;
mod handlers;
mod identifiers;
mod list;
pub mod members;
mod merge;
mod municipalities;
pub mod names;
pub mod policies;
pub mod rules;
pub mod store;
pub mod types;
mod views;

pub use handlers::OrganizationSort;

use crate::http::mount::Mount;

pub fn configure(config: &mut impl Mount) {
    municipalities::configure(config);
    handlers::configure(config);
    associations::configure(config);
}
