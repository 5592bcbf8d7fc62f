//! Working groups (실무협의체): standing groups of organizations, with members and meetings.

mod handlers;
pub mod meetings;
pub mod store;
pub mod types;

use utoipa_actix_web::service_config::ServiceConfig;

pub use handlers::WorkingGroupSort;
pub use meetings::attendees_of;

pub fn configure(config: &mut ServiceConfig) {
    handlers::configure(config);
    meetings::configure(config);
}
