//! Working groups as staff see them, and the forms by which they record them and their meetings.

mod edit;
mod fields;
mod meetings;
mod members;
mod new;
mod one;

use actix_web::{HttpResponse, get, web};

use super::visit::Visit;
use crate::kernel::error::ApiError;
use crate::kernel::ids::WorkingGroupId;
use crate::pages::groups::list_page;
use crate::pages::reader::Frame;

pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(list)
        .service(new::open)
        .service(new::send)
        .service(one::show)
        .service(edit::open)
        .service(edit::send)
        .service(members::open)
        .service(members::send)
        .service(members::open_one)
        .service(members::send_one)
        .service(meetings::open)
        .service(meetings::send)
        .service(meetings::open_one)
        .service(meetings::send_one);
}

#[get("/office/working-groups")]
async fn list(visit: Visit) -> Result<HttpResponse, ApiError> {
    visit.page(list_page).await
}

/// Returns the path of the page of a working group.
fn path(id: WorkingGroupId) -> String {
    format!("office/working-groups/{id}")
}

/// Returns the URL of the page of a group on which something was recorded.
fn done(frame: &Frame, id: WorkingGroupId) -> String {
    frame.with(&path(id), &[("done", "1")])
}
