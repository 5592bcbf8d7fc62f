//! Projects as staff see them, and the forms by which they record them.

mod edit;
mod fields;
mod milestones;
mod new;
mod one;
mod retraction;
mod statements;

use actix_web::{HttpResponse, get, web};

use super::visit::Visit;
use crate::kernel::error::ApiError;
use crate::kernel::ids::ProjectId;
use crate::pages::projects::list_page;
use crate::pages::words::Words;
use crate::projects::types::Project;

pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(list)
        .service(new::open)
        .service(new::send)
        .service(one::show)
        .service(edit::open)
        .service(edit::send)
        .service(edit::open_phase)
        .service(edit::send_phase)
        .service(statements::open)
        .service(statements::send)
        .service(milestones::open)
        .service(milestones::send)
        .service(milestones::open_edit)
        .service(milestones::send_edit)
        .service(milestones::open_target)
        .service(milestones::send_target)
        .service(milestones::open_outcome)
        .service(milestones::send_outcome)
        .service(retraction::open)
        .service(retraction::send)
        .service(retraction::open_figures)
        .service(retraction::send_figures);
}

#[get("/office/projects")]
async fn list(visit: Visit) -> Result<HttpResponse, ApiError> {
    visit.page(list_page).await
}

/// Returns the path of the page of a project.
fn path(id: ProjectId) -> String {
    format!("office/projects/{id}")
}

/// Returns the phases of a project for a choice, by their keys.
fn phases(w: Words, one: &Project) -> Vec<(String, String)> {
    let phases = one.content.phases.iter().filter_map(|phase| {
        let key = phase.key.clone()?;
        Some((key, phase.title.in_language(w.0).to_owned()))
    });
    phases.collect()
}
