//! Forms that change a record: they send what differs, and show what somebody else has changed meanwhile.

use actix_web::HttpResponse;
use serde_json::Value;
use utoipa::ToSchema;

use super::entry::{Make, open, settled, with_one_more};
use super::form::{Group, changes_with_items, compact, rebased};
use super::tables::DONE;
use super::visit::{Refusal, go_to, shown};
use crate::db::AnyConnection;
use crate::http::forms::Form;
use crate::http::signed_in::{SignedIn, Submission, Typed};
use crate::http::{IfMatch, Patch};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;
use crate::pages::reader::Frame;

/// Reads a record as a form shows it.
pub trait Read:
    Fn(&mut AnyConnection, &RequestContext) -> Result<Value, ApiError> + Clone + Send + 'static
{
}

impl<F> Read for F where
    F: Fn(&mut AnyConnection, &RequestContext) -> Result<Value, ApiError> + Clone + Send + 'static
{
}

/// A form that changes a record.
pub struct Change<J> {
    pub groups: &'static [Group],
    pub operation: &'static str,
    /// Path of the page to which it goes on.
    pub path: String,
    pub read: J,
}

/// Changes a record by what differs between a form and the record, with what `complete` makes of that.
///
/// # Errors
/// What no form can help with.
pub async fn change<T, R>(
    mut sent: Submission,
    Change {
        groups,
        operation,
        path,
        read,
    }: Change<impl Read>,
    complete: impl FnOnce(&mut Typed),
    work: impl FnMut(&mut AnyConnection, &RequestContext, &IfMatch, &Patch<T>) -> Result<R, ApiError>
    + Send
    + 'static,
    make: impl Make,
) -> Result<HttpResponse, ApiError>
where
    T: ToSchema + Send + 'static,
    R: Versioned + Send + 'static,
{
    let frame = Frame::of(sent.by.request())?;
    if let Some(form) = with_one_more(&sent.form, groups) {
        return open(&sent.by, frame, form, make).await;
    }
    sent.form = compact(groups, &sent.form, frame.w);
    let record = read.clone();
    let record = sent
        .by
        .read(move |conn, cx| Ok((record(conn, cx)?, cx.today)));
    let (before, today) = record.await?;
    let mut typed = changes_with_items(groups, &sent.form, &before, (frame.w, today));
    complete(&mut typed);
    let changed = sent.change(operation, typed, work).await;
    let done = changed.map(|_| frame.with(&path, &[(DONE, "1")]));
    let Submission { by, form } = sent;
    settle(&by, frame, form, done, (groups, read), make).await
}

/// Like [`settled`], for the change of a record. If somebody else has changed it since the form was opened,
/// the form takes that over where it was not touched.
///
/// # Errors
/// What no form can help with.
pub async fn settle(
    by: &SignedIn,
    frame: Frame,
    form: Form,
    done: Result<String, ApiError>,
    (groups, read): (&'static [Group], impl Read),
    make: impl Make,
) -> Result<HttpResponse, ApiError> {
    let error = match done {
        Ok(url) => return Ok(go_to(&url)),
        Err(error) => error,
    };
    if error.code != Code::PreconditionFailed {
        return settled(by, frame, form, Err(error), make).await;
    }
    let mut refusal = Refusal::of(error, &frame)?;
    let status = refusal.status;
    shown(by, frame, status, move |conn, cx, frame| {
        let record = read(conn, cx)?;
        let (form, theirs) = rebased(groups, &form, &record, frame.w);
        refusal.errors = theirs;
        let (entry, form) = make(conn, cx, frame, form)?;
        entry.page(cx, frame, &form, Some(&refusal))
    })
    .await
}
