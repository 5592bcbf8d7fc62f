//! Projects: what agreements serve, with their milestones.

pub mod handlers;
pub mod milestones;
pub mod store;
pub mod types;

use crate::http::mount::Mount;

pub fn configure(config: &mut impl Mount) {
    handlers::configure(config);
    milestones::configure(config);
}
