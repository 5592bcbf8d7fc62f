//! Projects: what agreements serve, with their milestones.

pub mod handlers;
pub mod milestones;
pub mod store;
pub mod types;

use utoipa_actix_web::service_config::ServiceConfig;

pub fn configure(config: &mut ServiceConfig) {
    handlers::configure(config);
    milestones::configure(config);
}
