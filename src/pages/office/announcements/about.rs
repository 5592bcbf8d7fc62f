//! The record on which a form decides, which a link names and the form passes on.

use serde_json::json;
use uuid::Uuid;

use super::path;
use crate::agreements::read as agreements;
use crate::announcements::types::Announcement;
use crate::db::AnyConnection;
use crate::http::forms::Form;
use crate::http::signed_in::Typed;
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, MilestoneId};
use crate::ledger::RequestContext;
use crate::pages::reader::Frame;
use crate::projects::milestones::store as milestones;
use crate::projects::milestones::types::Milestone;

/// Names of the parameters, and of the fields that pass them on, with the record that is decided on.
const RECORDS: [&str; 2] = ["agreement_id", "milestone_id"];

/// Returns a form that passes the record on that a link names.
pub fn form_about(frame: &Frame) -> Form {
    let named = frame.only(&RECORDS).into_iter();
    Form::of(
        named
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    )
}

/// Adds the record that a form is about to the body.
pub fn add_record(typed: &mut Typed, form: &Form) {
    for (name, value) in passed(form) {
        typed.body[name] = json!(value);
    }
}

/// Returns the fields that pass on the record that a form is about.
pub fn passed(form: &Form) -> Vec<(&'static str, String)> {
    let named = RECORDS
        .into_iter()
        .map(|name| (name, form.get(name).to_owned()));
    named.filter(|(_, value)| !value.is_empty()).collect()
}

/// Returns the title of the record that a form is about.
pub fn named(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: &Form,
) -> Result<Option<String>, ApiError> {
    let w = frame.w;
    if let Ok(id) = form.get("agreement_id").parse::<Uuid>() {
        let ids = [AgreementId::from(id)];
        let found = agreements::references(conn, cx, &ids)?.pop();
        return Ok(found.map(|one| one.title.in_language(w.0).to_owned()));
    }
    Ok(milestone(conn, cx, form)?.map(|one| title_of(frame, &one)))
}

pub fn title_of(frame: &Frame, one: &Milestone) -> String {
    let w = frame.w;
    let own = one.content.title.as_ref();
    let step = own.map_or_else(
        || w.label("MilestoneKind", &one.content.kind),
        |title| title.in_language(w.0).to_owned(),
    );
    format!("{}: {step}", one.project.title.in_language(w.0))
}

pub fn milestone(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    form: &Form,
) -> Result<Option<Milestone>, ApiError> {
    match form.get("milestone_id").parse::<Uuid>() {
        Ok(id) => milestones::get(conn, cx, MilestoneId::from(id), None).map(Some),
        Err(_) => Ok(None),
    }
}

/// Returns the URL of the page of an announcement that was recorded or decided on.
pub fn placed(frame: &Frame, one: &Announcement) -> String {
    frame.with(&path(one.meta.id), &[("done", "1")])
}
