//! Working groups (실무협의체): standing groups of organizations, with members and meetings.

pub mod handlers;
pub mod list;
pub mod meeting_files;
pub mod meeting_handlers;
mod meeting_index;
pub mod meetings;
pub mod members;
mod merged;
pub mod records;
mod rules;
pub mod store;
pub mod types;
mod views;

pub use handlers::WorkingGroupSort;
pub use meetings::attendees_of;

use crate::http::mount::Mount;

pub fn configure(config: &mut impl Mount) {
    config
        .tag(
            "working-groups",
            "실무협의체: standing groups of organizations and their meetings",
        )
        .schema::<WorkingGroupSort>();
    handlers::configure(config);
    meeting_handlers::configure(config);
    meeting_files::configure(config);
}
