//! Importing a file as a page: upload, corrections in place, recording and taking back.

mod apply;
mod corrections;
mod list;
mod new;
mod one;
mod rows;
mod summary;
mod undo;
mod words;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use super::visit::shown_as;
use crate::db::AnyConnection;
use crate::http::signed_in::SignedIn;
use crate::kernel::error::ApiError;
use crate::kernel::ids::ImportId;
use crate::ledger::RequestContext;
use crate::pages::reader::Frame;

/// Name of the parameter that says what was done before a page was shown.
const DONE: &str = "done";

pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(list::show)
        .service(new::open)
        .service(new::send)
        .service(one::show)
        .service(one::send)
        .service(apply::open)
        .service(apply::send)
        .service(undo::open)
        .service(undo::send);
}

/// Returns the path of the page of an import.
fn path(id: ImportId) -> String {
    format!("office/imports/{id}")
}

/// Answers with a page for those who may import.
///
/// # Errors
/// `unauthenticated` if the session has ended; `forbidden` for other roles; otherwise the error of
/// `work`.
async fn page(
    by: &SignedIn,
    frame: Frame,
    status: StatusCode,
    work: impl FnOnce(&mut AnyConnection, &RequestContext, &Frame) -> Result<String, ApiError>
    + Send
    + 'static,
) -> Result<HttpResponse, ApiError> {
    shown_as("get_import", by, frame, status, work).await
}
