//! Projects that agreements serve, with their milestones.

pub mod funding;
pub mod gaps;
mod geojson;
pub mod handlers;
pub mod list;
pub mod milestones;
mod oc4ids;
pub mod phases;
pub mod records;
pub mod statements;
pub mod store;
pub mod types;
mod view;

use crate::http::mount::Mount;

pub fn configure(config: &mut impl Mount) {
    config
        .tag("projects", "사업: projects that agreements support")
        .tag(
            "milestones",
            "추진 단계: the steps of a project, every date ever stated for them, and the outcomes",
        )
        .schema::<handlers::ProjectSort>()
        .schema::<types::ProjectKind>()
        .schema::<types::ProjectStatus>();
    handlers::configure(config);
    geojson::configure(config);
    oc4ids::configure(config);
    statements::configure(config);
    milestones::configure(config);
    milestones::files::configure(config);
}
