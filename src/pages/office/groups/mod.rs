//! Working groups as staff see them, and the forms by which they record them and their meetings.

mod edit;
mod fields;
mod meetings;
mod new;
mod one;

use actix_web::{HttpResponse, get, web};

use super::municipalities::MUNICIPALITY;
use super::visit::Visit;
use crate::kernel::error::ApiError;
use crate::kernel::ids::{OrganizationId, WorkingGroupId};
use crate::pages::groups::list_page;
use crate::pages::markup::{Link, Text};
use crate::pages::reader::Frame;

pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(list)
        .service(new::open)
        .service(new::send)
        .service(one::show)
        .service(edit::open)
        .service(edit::send)
        .service(meetings::open)
        .service(meetings::send)
        .service(meetings::open_one)
        .service(meetings::send_one);
}

#[get("/office/working-groups")]
async fn list(visit: Visit) -> Result<HttpResponse, ApiError> {
    visit.page(list_page).await
}

/// Returns the link to the form that records a working group, which serves the record that a parameter
/// of the form names.
pub fn recording(
    frame: &Frame,
    municipality: OrganizationId,
    (parameter, id): (&str, &str),
) -> Link {
    let municipality = municipality.to_string();
    let query = [(MUNICIPALITY, municipality.as_str()), (parameter, id)];
    let text = frame.w.t("실무협의체 기록", "Record a working group");
    Link::to(
        frame.with("office/working-groups/new", &query),
        Text::stated(text, frame.w),
    )
}

/// Returns the path of the page of a working group.
fn path(id: WorkingGroupId) -> String {
    format!("office/working-groups/{id}")
}

/// Returns the URL of the page of a group on which something was recorded.
fn done(frame: &Frame, id: WorkingGroupId) -> String {
    frame.with(&path(id), &[("done", "1")])
}
