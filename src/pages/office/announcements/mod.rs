//! Announcements as staff see them: recorded by hand, and compared with the record.

mod about;
mod confirm;
mod decide;
mod edit;
mod fields;
mod new;
mod one;

use actix_web::{HttpResponse, get, web};

use super::visit::Visit;
use crate::kernel::error::ApiError;
use crate::kernel::ids::AnnouncementId;
use crate::pages::announcements::{list_page, reconciliation_page};

pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(list)
        .service(reconciliation)
        .service(new::open)
        .service(new::send)
        .service(one::show)
        .service(edit::open)
        .service(edit::send)
        .service(confirm::open)
        .service(confirm::send)
        .service(decide::open_rejection)
        .service(decide::reject)
        .service(decide::open_draft)
        .service(decide::draft)
        .service(decide::open_reopening)
        .service(decide::reopen);
}

#[get("/office/announcements")]
async fn list(visit: Visit) -> Result<HttpResponse, ApiError> {
    visit.page(list_page).await
}

#[get("/office/reconciliation")]
async fn reconciliation(visit: Visit) -> Result<HttpResponse, ApiError> {
    visit.page_of_figures(reconciliation_page).await
}

/// Returns the path of the page of an announcement.
fn path(id: AnnouncementId) -> String {
    format!("office/announcements/{id}")
}
