//! Announcements (보도자료): what a municipality told the press, matched with what it recorded.

pub mod candidates;
pub mod events;
pub mod feed;
mod handlers;
pub mod list;
pub mod matching;
mod parties;
pub mod reconciliation;
pub mod records;
mod sources;
mod step_handlers;
pub mod steps;
pub mod store;
pub mod types;
mod views;

use crate::http::mount::Mount;

pub fn configure(config: &mut impl Mount) {
    config.tag(
        "announcements",
        "발표: what was told to the press, and how it compares with the record",
    );
    handlers::configure(config);
    step_handlers::configure(config);
    reconciliation::configure(config);
    feed::configure(config);
}
