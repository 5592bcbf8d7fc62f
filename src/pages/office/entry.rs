//! The page of a form, and what becomes of it when it is sent.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use chrono::Datelike;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::form::{
    Candidate, Choices, Control, Group, Input, MORE, Notice, OPENED, Section, body, compact, items,
    sections,
};
use super::tables::Table;
use super::visit::{Refusal, go_to, shown, shown_as};
use crate::db::AnyConnection;
use crate::http::forms::Form;
use crate::http::permissions::Access;
use crate::http::signed_in::{KEY, SignedIn, Submission, TAG, Typed};
use crate::kernel::error::{ApiError, FieldError, Place};
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;
use crate::pages::layout::Layout;
use crate::pages::lists::pick;
use crate::pages::markup::Link;
use crate::pages::reader::Frame;
use crate::pages::words::Words;

/// A page with a form.
#[derive(Debug, Default)]
pub struct Entry {
    pub title: String,
    /// What is said before the form.
    pub lead: Vec<String>,
    /// Links to other ways to the same end.
    pub ways: Vec<Link>,
    /// Lines of a list after that.
    pub list: Vec<String>,
    pub groups: &'static [Group],
    /// Label of the button that sends the form; empty if nothing can be sent.
    pub send: &'static str,
    /// Path of the page to which somebody goes who gives the form up.
    pub back: String,
    /// Tag of the state of the record that the form shows, if it changes one.
    pub tag: Option<String>,
    /// URL to which the form is sent, if not that of its page.
    pub action: Option<String>,
    /// Whether the form shows what was read from a file: no draft that the browser keeps takes its place.
    pub is_read: bool,
    /// Further fields that the form passes on.
    pub passed: Vec<(&'static str, String)>,
    /// Headings of items, by their places, such as `signatures/0`.
    pub titles: Vec<(String, String)>,
    /// Tables before the form.
    pub tables: Vec<Table>,
    /// The field with a file, if the form takes one.
    pub file: Option<FileField>,
    /// The municipality whose staff alone can send the form; `None` if others can.
    pub owner: Option<OrganizationId>,
    /// Why the caller could not send the form, by a rule other than that of the owner.
    pub barred: Option<ApiError>,
    /// What fields offer that depends on the records, by their places in their groups.
    pub offers: Vec<(&'static str, Choices)>,
    /// What a field can mean, among which one is chosen.
    pub candidates: Vec<(&'static str, Vec<Candidate>)>,
    /// Paths of the forms with what this one has no field for, by members of the body; by an empty one for
    /// what the whole body lacks.
    pub leads: Vec<(&'static str, String)>,
}

/// A field with a file.
#[derive(Clone, Debug)]
pub struct FileField {
    pub label: &'static str,
    pub hint: &'static str,
    /// Endings of the names of accepted files, for the browser's choice.
    pub accept: &'static str,
    /// What is wrong with it.
    pub errors: Vec<String>,
}

/// Place of the file in the pointers of errors.
pub const FILE: &str = "/file";

#[derive(Template)]
#[template(path = "office_entry.html")]
struct EntryPage {
    l: Layout,
    lead: Vec<String>,
    ways: Vec<Link>,
    list: Vec<String>,
    tables: Vec<Table>,
    is_refused: bool,
    is_read: bool,
    /// What was not done.
    undone: &'static str,
    /// What whoever sent the form is asked to do.
    asks: &'static str,
    /// What is wrong beside the fields, with the URL of the form where that is filled in.
    notices: Vec<(String, Option<String>)>,
    /// The fields with something wrong: id and label.
    marked: Vec<(String, String)>,
    action: String,
    /// URLs that say what texts mean, and which organizations are perhaps meant.
    readings: String,
    organizations: String,
    hidden: Vec<(&'static str, String)>,
    sections: Vec<Section>,
    file: Option<FileField>,
    send: &'static str,
    back: String,
}

impl Entry {
    /// Checks that the caller could send the form.
    fn may_be_sent(&self, cx: &RequestContext) -> Result<(), ApiError> {
        if let Some(owner) = self.owner {
            Access::Write.check(&cx.caller, true)?;
            cx.caller.may_change(owner)?;
        }
        self.barred.clone().map_or(Ok(()), Err)
    }

    /// Renders the form with what was typed, and with what is wrong if it was refused.
    ///
    /// # Errors
    /// `forbidden` if the form is opened by somebody who could not send it; internal, if the page cannot
    /// be rendered.
    pub fn page(
        self,
        cx: &RequestContext,
        frame: &Frame,
        form: &Form,
        refusal: Option<&Refusal>,
    ) -> Result<String, ApiError> {
        let w = frame.w;
        // Whoever has sent it keeps what was typed, and is told why.
        if refusal.is_none() {
            self.may_be_sent(cx)?;
        }
        let errors = refusal.map_or(&[][..], |refusal| &refusal.errors).to_vec();
        let is_of_file = |error: &FieldError| matches!(&error.place, Place::Body(at) if at == FILE);
        let (of_file, errors): (Vec<_>, Vec<_>) = errors.into_iter().partition(is_of_file);
        let (mut sections, elsewhere) = sections(self.groups, form, &errors, w, cx.today.year());
        self.complete(&mut sections, form);
        let file = self.file.map(|file| FileField {
            errors: of_file.iter().map(|one| w.message(&one.message)).collect(),
            ..file
        });
        let inputs = || {
            sections
                .iter()
                .flat_map(|section| &section.items)
                .flat_map(|item| &item.fields)
        };
        let marked = inputs().filter(|input| !input.errors.is_empty());
        let marked: Vec<(String, String)> = marked
            .map(|input| (input.id.clone(), input.label.to_owned()))
            .collect();
        let notice = refusal.and_then(|refusal| refusal.notice.clone());
        let leads = &self.leads;
        let led = |Notice { text, member }: Notice| {
            let lead = leads.iter().find(|(known, _)| *known == member);
            (text, lead.map(|(_, path)| frame.to(path)))
        };
        let elsewhere = elsewhere.into_iter().map(led);
        let notices = notice.map(|text| (text, None));
        let notices = notices.into_iter().chain(elsewhere).collect();
        let key = (KEY, cx.id::<Uuid>().to_string());
        let opened = Some((OPENED, form.get(OPENED).to_owned()));
        let opened = opened.filter(|(_, shown)| self.tag.is_some() && !shown.is_empty());
        let tag = self.tag.map(|now| (TAG, tag_of(form, refusal, now)));
        let page = EntryPage {
            l: Layout::new(frame, self.title.clone(), self.title).with_forms(),
            readings: frame.to("office/readings"),
            organizations: frame.to("office/suggestions"),
            lead: self.lead,
            ways: self.ways,
            list: self.list,
            tables: self.tables,
            is_refused: refusal.is_some(),
            is_read: self.is_read,
            undone: undone(w, self.send),
            asks: asks(w, refusal, &marked),
            notices,
            marked,
            action: self
                .action
                .unwrap_or_else(|| frame.to(frame.path.trim_start_matches('/'))),
            hidden: [key]
                .into_iter()
                .chain(tag)
                .chain(opened)
                .chain(self.passed)
                .collect(),
            sections,
            file,
            send: self.send,
            back: frame.to(&self.back),
        };
        page.render().map_err(ApiError::internal)
    }

    /// Gives the sections the titles of their items and the values that can be chosen.
    fn complete(&self, sections: &mut [Section], form: &Form) {
        for section in &mut *sections {
            for (number, item) in section.items.iter_mut().enumerate() {
                let place = format!("{}/{number}", section.list);
                if let Some((_, title)) = self.titles.iter().find(|(known, _)| *known == place) {
                    item.title.clone_from(title);
                }
            }
        }
        for input in fields_of(sections) {
            let offered = self.offers.iter().find(|(at, _)| {
                let before = input.name.strip_suffix(at);
                before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
            });
            if let Some((_, values)) = offered {
                input.offer(values, form);
            }
            let meant = self.candidates.iter().find(|(at, _)| *at == input.name);
            if let Some((_, candidates)) = meant {
                input.choices.clone_from(candidates);
                input.kept = None;
            }
        }
        // Nothing can be chosen among none.
        for item in sections.iter_mut().flat_map(|section| &mut section.items) {
            item.fields.retain(|input| !input.offers_none());
        }
    }
}

/// Labels of buttons that do something else than record, with what is said where it was not done.
const UNDONE: [((&str, &str), (&str, &str)); 15] = [
    (
        ("저장", "Save"),
        ("아직 저장하지 않았습니다.", "Nothing is saved yet."),
    ),
    (
        ("만들기", "Create"),
        ("아직 만들지 않았습니다.", "Nothing is created yet."),
    ),
    (
        ("초안 만들기", "Make the draft"),
        ("아직 만들지 않았습니다.", "Nothing is created yet."),
    ),
    (
        ("통합", "Merge"),
        ("통합하지 않았습니다.", "Nothing was merged."),
    ),
    (
        ("삭제", "Delete"),
        ("지우지 않았습니다.", "Nothing was deleted."),
    ),
    (
        ("삭제", "Remove"),
        ("지우지 않았습니다.", "Nothing was removed."),
    ),
    (
        ("내용 삭제", "Erase the content"),
        ("지우지 않았습니다.", "Nothing was erased."),
    ),
    (
        ("철회", "Retract"),
        ("철회하지 않았습니다.", "Nothing was retracted."),
    ),
    (
        ("철회하기", "Retract"),
        ("철회하지 않았습니다.", "Nothing was retracted."),
    ),
    (
        ("취소하기", "Revoke"),
        ("취소하지 않았습니다.", "Nothing was revoked."),
    ),
    (
        ("지정 취소", "Withdraw"),
        ("취소하지 않았습니다.", "Nothing was withdrawn."),
    ),
    (
        ("되돌리기", "Take back"),
        ("되돌리지 않았습니다.", "Nothing was taken back."),
    ),
    (
        ("되돌리기", "Take it back"),
        ("되돌리지 않았습니다.", "Nothing was taken back."),
    ),
    (
        ("다시 보내기", "Send again"),
        ("보내지 않았습니다.", "Nothing was sent."),
    ),
    (
        ("로그인 끝내기", "End the sessions"),
        ("끝내지 않았습니다.", "Nothing was ended."),
    ),
];

/// Says that what a button does was not done.
fn undone(w: Words, button: &str) -> &'static str {
    let known = UNDONE.iter().find(|(label, _)| pick(w, *label) == button);
    let said = known.map(|(_, said)| *said);
    pick(
        w,
        said.unwrap_or(("아직 기록하지 않았습니다.", "Nothing is recorded yet.")),
    )
}

/// Returns what whoever sent a form that was refused is asked to do.
fn asks(w: Words, refusal: Option<&Refusal>, marked: &[(String, String)]) -> &'static str {
    let is_stale = refusal.is_some_and(|one| one.status == StatusCode::PRECONDITION_FAILED);
    match (marked.is_empty(), is_stale) {
        (true, _) => "",
        (false, true) => w.t(
            "표시된 곳에서 바뀐 내용을 확인한 뒤 다시 보내 주십시오.",
            "Look at what was changed at the marked places, and send the form again.",
        ),
        (false, false) => w.t(
            "표시된 곳을 수정해 다시 보내 주십시오.",
            "Correct the marked places, and send the form again.",
        ),
    }
}

/// Returns the tag of the state that a form changes: the one with which it was opened, also when it is
/// shown again, so that a change by somebody else is never missed. The present one once the page tells of
/// such a change.
pub fn tag_of(form: &Form, refusal: Option<&Refusal>, now: String) -> String {
    let is_told = refusal.is_some_and(|one| one.status == StatusCode::PRECONDITION_FAILED);
    match form.get(TAG) {
        opened if !is_told && !opened.is_empty() => opened.to_owned(),
        _ => now,
    }
}

fn fields_of(sections: &mut [Section]) -> impl Iterator<Item = &mut Input> {
    let items = sections.iter_mut().flat_map(|section| &mut section.items);
    items.flat_map(|item| &mut item.fields)
}

/// Returns the form with one more item, if it was sent for that.
pub fn with_one_more(form: &Form, groups: &[Group]) -> Option<Form> {
    let list = form.get(MORE);
    let group = groups
        .iter()
        .find(|group| !group.list.is_empty() && group.list == list)?;
    let place = items(group, form).max(group.offered);
    let field = group.fields.first()?;
    Some(
        form.clone()
            .with(format!("{list}/{place}/{}", field.at), ""),
    )
}

/// Makes a page with a form of what was typed, to which it can add what the record holds.
pub trait Make:
    FnOnce(&mut AnyConnection, &RequestContext, &Frame, Form) -> Result<(Entry, Form), ApiError>
    + Send
    + 'static
{
}

impl<F> Make for F where
    F: FnOnce(&mut AnyConnection, &RequestContext, &Frame, Form) -> Result<(Entry, Form), ApiError>
        + Send
        + 'static
{
}

/// Sends the browser on if the operation was done, and else shows the form again with what is wrong.
///
/// # Errors
/// What no form can help with.
pub async fn settled(
    by: &SignedIn,
    frame: Frame,
    form: Form,
    done: Result<String, ApiError>,
    make: impl Make,
) -> Result<HttpResponse, ApiError> {
    let error = match done {
        Ok(url) => return Ok(go_to(&url)),
        Err(error) => error,
    };
    let refusal = Refusal::of(error, &frame)?;
    let status = refusal.status;
    shown(by, frame, status, rendered(form, Some(refusal), make)).await
}

/// Like [`settled`], for an operation that not every role may do: others are not shown the form.
///
/// # Errors
/// Like [`settled`]; `forbidden` for other roles.
pub async fn settled_as(
    operation: &'static str,
    by: &SignedIn,
    frame: Frame,
    form: Form,
    done: Result<String, ApiError>,
    make: impl Make,
) -> Result<HttpResponse, ApiError> {
    let error = match done {
        Ok(url) => return Ok(go_to(&url)),
        Err(error) => error,
    };
    let refusal = Refusal::of(error, &frame)?;
    let status = refusal.status;
    let page = rendered(form, Some(refusal), make);
    shown_as(operation, by, frame, status, page).await
}

fn rendered(
    form: Form,
    refusal: Option<Refusal>,
    make: impl Make,
) -> impl FnOnce(&mut AnyConnection, &RequestContext, &Frame) -> Result<String, ApiError> + Send + 'static
{
    move |conn, cx, frame| {
        let (entry, form) = make(conn, cx, frame, form)?;
        entry.page(cx, frame, &form, refusal.as_ref())
    }
}

/// Does an operation that records what a form says, with what `complete` adds to its body, and goes on
/// to the page that `place` names.
///
/// # Errors
/// What no form can help with.
pub async fn record<T, R>(
    mut sent: Submission,
    groups: &'static [Group],
    operation: &'static str,
    (complete, place): (
        impl FnOnce(&mut Typed, &Form),
        impl Fn(&Frame, &R) -> String + Send + 'static,
    ),
    work: impl FnMut(&mut AnyConnection, &RequestContext, &T) -> Result<R, ApiError> + Send + 'static,
    make: impl Make,
) -> Result<HttpResponse, ApiError>
where
    T: ToSchema + DeserializeOwned + Validate + Send + 'static,
    R: Serialize + Versioned + Send + 'static,
{
    let frame = Frame::of(sent.by.request())?;
    if let Some(form) = with_one_more(&sent.form, groups) {
        return open(&sent.by, frame, form, make).await;
    }
    sent.form = compact(groups, &sent.form, frame.w);
    let mut typed = body(groups, &sent.form, frame.w, sent.by.today()?.year());
    complete(&mut typed, &sent.form);
    let links = frame.clone();
    let place = move |one: &R| place(&links, one);
    let done = sent.post(operation, typed, place, work).await;
    let Submission { by, form } = sent;
    settled(&by, frame, form, done, make).await
}

/// Shows a form that was not sent yet.
///
/// # Errors
/// `unauthenticated` if the session has ended; otherwise the error of `make`.
pub async fn open(
    by: &SignedIn,
    frame: Frame,
    form: Form,
    make: impl Make,
) -> Result<HttpResponse, ApiError> {
    shown(by, frame, StatusCode::OK, rendered(form, None, make)).await
}

/// Like [`open`], for an operation that not every role may do.
///
/// # Errors
/// Like [`open`]; `forbidden` for other roles.
pub async fn open_as(
    operation: &'static str,
    by: &SignedIn,
    frame: Frame,
    form: Form,
    make: impl Make,
) -> Result<HttpResponse, ApiError> {
    let page = rendered(form, None, make);
    shown_as(operation, by, frame, StatusCode::OK, page).await
}
