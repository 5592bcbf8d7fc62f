//! Agreements as staff and partners see them, and the forms by which they record them.

mod act_fields;
mod council;
mod documents;
mod edit;
mod fields;
mod following;
mod new;
mod one;
mod parts;
mod publications;
mod report;
mod review;
mod steps;

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
        .service(one::show)
        .service(edit::open)
        .service(edit::send)
        .service(parts::open_party)
        .service(parts::send_party)
        .service(parts::open_commitment)
        .service(parts::send_commitment)
        .service(parts::open_source)
        .service(parts::send_source)
        .service(documents::open)
        .service(documents::send)
        .service(steps::open)
        .service(steps::send)
        .service(report::open)
        .service(report::send)
        .service(review::open)
        .service(review::send)
        .service(council::open)
        .service(council::send)
        .service(publications::open)
        .service(publications::send)
        .service(publications::ask)
        .service(publications::remove);
}

#[get("/office/agreements")]
async fn list(visit: Visit) -> Result<HttpResponse, ApiError> {
    visit.page(list_page).await
}

/// Returns the path of the page of an agreement.
fn path(id: AgreementId) -> String {
    format!("office/agreements/{id}")
}
