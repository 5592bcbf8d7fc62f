//! Agreements as staff and partners see them, and the forms by which they record them.

mod act_edits;
mod act_fields;
mod council;
mod demands;
mod documents;
mod edit;
mod fields;
mod following;
mod new;
mod one;
mod paper;
mod part_edits;
mod part_fields;
mod part_list;
mod parts;
mod projects;
mod report;
mod report_retraction;
mod review;
mod step_day;
mod step_fields;
mod steps;

pub use fields::CORRECTING;
pub use parts::reason;

use actix_web::{HttpResponse, get, web};

use super::visit::Visit;
use crate::kernel::error::ApiError;
use crate::kernel::ids::AgreementId;
use crate::pages::agreements::list_page;

pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(list)
        .service(new::open)
        .service(new::send)
        .service(paper::open)
        .service(paper::send)
        .service(one::show)
        .service(edit::open)
        .service(edit::send)
        .service(parts::open_party)
        .service(parts::send_party)
        .service(parts::open_commitment)
        .service(parts::send_commitment)
        .service(parts::open_source)
        .service(parts::send_source)
        .service(part_list::show)
        .service(documents::open)
        .service(documents::send)
        .service(part_edits::ask)
        .service(part_edits::remove)
        .service(part_edits::open)
        .service(part_edits::send)
        .service(step_day::open)
        .service(step_day::send)
        .service(steps::open)
        .service(steps::send)
        .service(report::open)
        .service(report::send)
        .service(report_retraction::open)
        .service(report_retraction::send)
        .service(review::open)
        .service(review::send)
        .service(council::open)
        .service(council::send)
        .service(act_edits::open)
        .service(act_edits::send)
        .service(act_edits::ask)
        .service(act_edits::remove);
}

#[get("/office/agreements")]
async fn list(visit: Visit) -> Result<HttpResponse, ApiError> {
    visit
        .page(|conn, cx, frame| list_page(conn, cx, frame, None))
        .await
}

/// Returns the path of the page of an agreement.
fn path(id: AgreementId) -> String {
    format!("office/agreements/{id}")
}
