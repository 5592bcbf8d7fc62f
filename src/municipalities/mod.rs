//! Municipalities: the organizations that own agreements and projects.

mod catalog;
mod handlers;
pub mod preview;
pub mod retraction;
pub mod store;
pub mod succession;
pub mod types;
pub mod view;

use crate::http::mount::Mount;

pub fn configure(config: &mut impl Mount) {
    handlers::configure(config);
    preview::configure(config);
    catalog::configure(config);
}
