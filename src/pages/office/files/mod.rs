//! The forms that add a file to a record, and erase the content of one: of a document or an action of the
//! council of an agreement, of a report, a meeting or a milestone.

mod erasure;

use actix_web::{HttpResponse, guard, web};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::agreements::{CORRECTING, reason};
use super::entry::{self, Entry, FileField};
use super::form::{Choices, Field, Group, Kind};
use super::tables::DONE;
use super::visit::Visit;
use crate::agreements::files::{OfCouncilAction, OfDocument};
use crate::agreements::read;
use crate::agreements::reports::files::OfReport;
use crate::agreements::reports::views;
use crate::agreements::types::Agreement;
use crate::db::AnyConnection;
use crate::files::Edition;
use crate::http::attached::{NewFile, kept};
use crate::http::filed::{self, HasFiles, Stated, WithFile};
use crate::http::forms::Form;
use crate::http::signed_in::{FileSubmission, Submission};
use crate::http::{Path, State};
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::AgreementId;
use crate::kernel::language::Message;
use crate::ledger::RequestContext;
use crate::pages::reader::Frame;
use crate::pages::words::Words;
use crate::projects::milestones::files::OfMilestone;
use crate::projects::milestones::store as milestones;
use crate::working_groups::meeting_files::OfMeeting;
use crate::working_groups::meetings;

const EDITION: Field = Field {
    at: "edition",
    kind: Kind::Needed("Edition", "full"),
    label: ("어떤 판입니까?", "Which edition is it?"),
    hint: (
        "가림 처리본을 더하면 그 뒤로 공개되는 것은 가림 처리본뿐이고, 전문은 직원과 당사자만 봅니다.",
        "Once there is a redacted copy, others read that alone; the whole document is for the staff and the parties.",
    ),
};

const FOLLOWS: Field = Field {
    at: "follows",
    kind: Kind::ChoiceOrNone,
    label: (
        "어느 파일의 새 판입니까?",
        "Of which file is it a new version?",
    ),
    hint: (
        "이미 더한 파일의 새 판이나 가림 처리본이면 고르십시오. 앞의 파일은 남습니다.",
        "Choose the file that it replaces, or of which it is a redacted copy. The earlier one stays.",
    ),
};

/// A further file of a document follows those before; after the signing, that is a correction.
const OF_DOCUMENT: &[Group] = &[Group::of_body(("파일", "File"), &[EDITION]), CORRECTING];

/// A file of another record can be a document of its own.
const OF_RECORD: &[Group] = &[Group::of_body(("파일", "File"), &[EDITION, FOLLOWS])];

/// A record as its form shows it.
struct About {
    /// What names it.
    list: Vec<String>,
    groups: &'static [Group],
    /// Path of the page to which the form goes on.
    back: String,
}

impl About {
    fn part(w: Words, one: &Agreement, part: String) -> Self {
        let groups = match one.status.is_signed() {
            true => OF_DOCUMENT,
            false => &OF_DOCUMENT[..1],
        };
        Self {
            list: vec![one.content.title.in_language(w.0).to_owned(), part],
            groups,
            back: page_of(one.meta.id),
        }
    }

    fn record(list: Vec<String>, back: String) -> Self {
        Self {
            list,
            groups: OF_RECORD,
            back,
        }
    }
}

fn page_of(id: AgreementId) -> String {
    format!("office/agreements/{id}")
}

/// A kind of records to which a form adds files.
trait Keeps: HasFiles<Ids: DeserializeOwned> {
    /// Path of the record, or of the document, below that of these pages.
    const PATH: &'static str;
    /// The operations that add and erase a file.
    const OPERATIONS: [&'static str; 2];

    fn about(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        w: Words,
        ids: Self::Ids,
    ) -> Result<About, ApiError>;
}

impl Keeps for OfDocument {
    const PATH: &'static str = "agreements/{id}/documents/{part_id}";
    const OPERATIONS: [&'static str; 2] = [
        "create_agreement_document_file",
        "delete_agreement_document_file",
    ];

    fn about(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        w: Words,
        (id, part): Self::Ids,
    ) -> Result<About, ApiError> {
        let one = read::get(conn, cx, id, None)?;
        let found = one.documents.iter().find(|known| known.id == part);
        let found = found.ok_or_else(ApiError::not_found)?;
        let title = found.content.content.title.in_language(w.0).to_owned();
        Ok(About::part(w, &one, title))
    }
}

impl Keeps for OfCouncilAction {
    const PATH: &'static str = "agreements/{id}/council-actions/{part_id}";
    const OPERATIONS: [&'static str; 2] =
        ["create_council_action_file", "delete_council_action_file"];

    fn about(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        w: Words,
        (id, part): Self::Ids,
    ) -> Result<About, ApiError> {
        let one = read::get(conn, cx, id, None)?;
        let found = one.council_actions.iter().find(|known| known.id == part);
        let content = &found.ok_or_else(ApiError::not_found)?.content;
        let kind = w.label("CouncilActionKind", &content.kind);
        let said = format!("{}: {kind}", w.date(Some(&content.on)));
        Ok(About::part(w, &one, said))
    }
}

impl Keeps for OfReport {
    const PATH: &'static str = "agreements/{id}/commitments/{commitment_id}/reports/{report_id}";
    const OPERATIONS: [&'static str; 2] = ["create_report_file", "delete_report_file"];

    fn about(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        w: Words,
        ids: Self::Ids,
    ) -> Result<About, ApiError> {
        let report = views::get(conn, cx, ids)?;
        let on = w.date(Some(&report.content.on));
        let status = w.label("ReportedStatus", &report.content.status);
        let list = vec![
            report.commitment.text.in_language(w.0).to_owned(),
            format!("{on}: {status}"),
        ];
        Ok(About::record(list, page_of(ids.0)))
    }
}

impl Keeps for OfMeeting {
    const PATH: &'static str = "meetings/{id}";
    const OPERATIONS: [&'static str; 2] = ["create_meeting_file", "delete_meeting_file"];

    fn about(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        w: Words,
        id: Self::Ids,
    ) -> Result<About, ApiError> {
        let one = meetings::get(conn, cx, id)?;
        let list = vec![one.content.title.in_language(w.0).to_owned()];
        let back = format!("office/working-groups/{}", one.working_group_id);
        Ok(About::record(list, back))
    }
}

impl Keeps for OfMilestone {
    const PATH: &'static str = "milestones/{id}";
    const OPERATIONS: [&'static str; 2] = ["create_milestone_file", "delete_milestone_file"];

    fn about(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        w: Words,
        id: Self::Ids,
    ) -> Result<About, ApiError> {
        let one = milestones::get(conn, cx, id, None)?;
        let title = one.content.title.clone();
        let title = title.unwrap_or_else(|| one.content.kind.title());
        let names = [&one.project.title, &title];
        let list = names.map(|name| name.in_language(w.0).to_owned());
        let back = format!("office/projects/{}", one.project_id);
        Ok(About::record(list.into(), back))
    }
}

pub fn configure(config: &mut web::ServiceConfig) {
    mount::<OfDocument>(config);
    mount::<OfCouncilAction>(config);
    mount::<OfReport>(config);
    mount::<OfMeeting>(config);
    mount::<OfMilestone>(config);
}

/// Mounts the forms of a kind of records.
fn mount<H: Keeps>(config: &mut web::ServiceConfig) {
    let at = |rest: &str| web::resource(format!("/office/{}/files/{rest}", H::PATH));
    config
        .service(at("new").guard(guard::Get()).to(open::<H>))
        .service(at("new").guard(guard::Post()).to(send::<H>))
        .service(at("erasure").guard(guard::Get()).to(erasure::ask::<H>))
        .service(at("erasure").guard(guard::Post()).to(erasure::send::<H>));
}

async fn open<H: Keeps>(Path(ids): Path<H::Ids>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make =
        move |conn: &mut _, cx: &_, frame: &_, form| entry_of::<H>(conn, cx, frame, form, ids);
    entry::open_as(H::OPERATIONS[0], &by, frame, Form::default(), make).await
}

async fn send<H: Keeps>(
    Path(ids): Path<H::Ids>,
    sent: FileSubmission,
    state: web::Data<State>,
) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.sent.by.request())?;
    let done = add::<H>(ids, &sent, &state, &frame).await;
    let Submission { by, form } = sent.sent;
    let make =
        move |conn: &mut _, cx: &_, frame: &_, form| entry_of::<H>(conn, cx, frame, form, ids);
    entry::settled(&by, frame, form, done, make).await
}

/// Adds the file, and returns the URL to go on to.
async fn add<H: Keeps>(
    ids: H::Ids,
    sent: &FileSubmission,
    state: &State,
    frame: &Frame,
) -> Result<String, ApiError> {
    let Submission { by, form } = &sent.sent;
    let w = frame.w;
    // Nobody has a file kept who may not add it.
    let back = by.read_as(H::OPERATIONS[0], move |conn, cx| {
        H::check(conn, cx, ids)?;
        Ok(H::about(conn, cx, w, ids)?.back)
    });
    let url = frame.with(&back.await?, &[(DONE, "1")]);
    let file = file(sent, state).await?.and_then(|file| {
        let message = Message::fixed("파일을 고르십시오.", "Choose a file.");
        file.ok_or_else(|| FieldError::body(entry::FILE, "required", message))
    });
    let file = file.map_err(|wrong| ApiError::invalid(vec![wrong]))?;
    let edition: Option<Edition> = serde_json::from_value(json!(form.get(EDITION.at))).ok();
    let stated = Stated {
        name: None,
        edition: edition.unwrap_or_default(),
        follows: form.get(FOLLOWS.at).parse().ok(),
        reason: reason(form),
    };
    let place = move |_: &WithFile<H::View>| url.clone();
    let new = file.clone();
    let work = move |conn: &mut AnyConnection, cx: &RequestContext| {
        filed::add::<H>(conn, cx, ids, (&new, &stated))
    };
    let recorded = sent.post(H::OPERATIONS[0], place, work);
    file.kept_by(state, recorded).await
}

fn entry_of<H: Keeps>(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    ids: H::Ids,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let About { list, groups, back } = H::about(conn, cx, w, ids)?;
    let entry = Entry {
        title: w.t("파일 추가", "Add a file").to_owned(),
        list,
        groups,
        send: w.t("기록", "Record"),
        back,
        offers: vec![(FOLLOWS.at, held::<H>(conn, cx, w, ids)?)],
        barred: H::check(conn, cx, ids).err(),
        file: Some(field(
            w,
            w.t(
                "PDF, HWP, HWPX, DOCX, XLSX와 그림을 받습니다.",
                "PDF, HWP, HWPX, DOCX, XLSX or a picture.",
            ),
        )),
        ..Entry::default()
    };
    Ok((entry, form))
}

/// Returns the files whose content is not erased.
fn held<H: Keeps>(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    w: Words,
    ids: H::Ids,
) -> Result<Choices, ApiError> {
    let mut record = H::read(conn, cx, ids)?;
    let document = record.document();
    let files = record.files().iter().filter(|of| {
        let is_there = document.is_none_or(|document| of.document_id == document);
        is_there && of.file.erased.is_none()
    });
    let files = files.map(|of| {
        // Versions of a document often have one name.
        let day = of.file.added_at.with_timezone(&cx.zone).date_naive();
        let edition = w.label("Edition", &of.file.edition);
        let said = format!("{} ({edition}, {})", of.file.name, w.day(day));
        (of.file.id.to_string(), said)
    });
    Ok(files.collect())
}

/// Returns the field with a file, in the language of its hint.
pub fn field(w: Words, hint: &'static str) -> FileField {
    FileField {
        label: w.t("파일", "File"),
        hint,
        accept: ".pdf,.hwp,.hwpx,.docx,.xlsx,.png,.jpg,.jpeg,.gif,.webp,.tif,.tiff",
        errors: Vec::new(),
    }
}

/// Returns the file of a form, if one was chosen, or what is wrong with it.
///
/// # Errors
/// What no form can help with.
pub async fn file(
    sent: &FileSubmission,
    state: &State,
) -> Result<Result<Option<NewFile>, FieldError>, ApiError> {
    match (sent.file.bytes.is_empty(), &sent.file.name) {
        (true, None) => return Ok(Ok(None)),
        (true, Some(name)) if name.is_empty() => {
            let message = Message::fixed(
                "다시 로그인하는 동안 파일은 남지 않았습니다. 파일을 다시 고르십시오.",
                "The file was not kept while you signed in again. Choose it again.",
            );
            return Ok(Err(FieldError::body(entry::FILE, "required", message)));
        }
        (true, Some(_)) => {
            let message = Message::fixed("파일에 내용이 없습니다.", "The file has no content.");
            return Ok(Err(FieldError::body(entry::FILE, "file_empty", message)));
        }
        (false, _) => {}
    }
    match kept(state, &sent.file).await {
        Ok(file) => Ok(Ok(Some(file))),
        Err(error) => wrong(error).map(Err),
    }
}

/// Returns what is wrong with a file.
///
/// # Errors
/// Returns an error again that says something else.
pub fn wrong(error: ApiError) -> Result<FieldError, ApiError> {
    let too_large = || Message::fixed("파일이 너무 큽니다.", "The file is too large.");
    let said = match error.code {
        Code::TooLarge => Some(error.detail.as_deref().cloned().unwrap_or_else(too_large)),
        Code::UnsupportedMediaType => error.detail.as_deref().cloned(),
        _ => None,
    };
    match said {
        Some(said) => Ok(FieldError::body(entry::FILE, "file_kind", said)),
        None => Err(error),
    }
}
