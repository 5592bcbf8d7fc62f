//! The form that takes a file.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use askama::Template;
use uuid::Uuid;

use super::{DONE, page, path};
use crate::http::State;
use crate::http::forms::Form;
use crate::http::signed_in::{FileSubmission, KEY, SignedIn, Submission};
use crate::imports::kind::ImportKind;
use crate::imports::types::LedgerImport;
use crate::imports::{files, store};
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::values::OrganizationRef;
use crate::pages::layout::Layout;
use crate::pages::markup::Text;
use crate::pages::office::municipalities::{choose, own};
use crate::pages::office::visit::{Refusal, Visit, go_to};
use crate::pages::reader::Frame;

/// Path of the form.
const PATH: &str = "office/imports/new";

/// Name of the field with the municipality whose records the file holds.
const MUNICIPALITY: &str = "municipality";

/// Name of the field with the kind of the records.
const KIND: &str = "kind";

#[derive(Template)]
#[template(path = "office_import_new.html")]
struct NewPage {
    l: Layout,
    errors: Vec<String>,
    is_refused: bool,
    action: String,
    hidden: Vec<(&'static str, String)>,
    municipality: Text,
    kinds: Vec<(String, String, bool)>,
    back: String,
}

#[get("/office/imports/new")]
pub async fn open(visit: Visit) -> Result<HttpResponse, ApiError> {
    first(&visit.by, visit.frame).await
}

/// Shows the form, or first the choice among the caller's municipalities.
///
/// # Errors
/// `unauthenticated` if the session has ended; `forbidden` for those who may not import.
pub async fn first(by: &SignedIn, frame: Frame) -> Result<HttpResponse, ApiError> {
    let said = frame.get(MUNICIPALITY).unwrap_or_default().to_owned();
    shown(by, frame, Form::default().with(MUNICIPALITY, said), None).await
}

async fn shown(
    by: &SignedIn,
    frame: Frame,
    form: Form,
    refusal: Option<Refusal>,
) -> Result<HttpResponse, ApiError> {
    let own = by.read_as("create_import", own).await?;
    let said = form.get(MUNICIPALITY);
    let chosen = own.iter().find(|one| one.id.to_string() == said);
    let chosen = match (chosen, &own[..]) {
        (Some(one), _) | (None, [one]) => one.clone(),
        _ => return choose(by, frame, own, PATH, MUNICIPALITY).await,
    };
    let status = refusal.as_ref().map_or(StatusCode::OK, |one| one.status);
    page(by, frame, status, move |_, cx, frame| {
        let key = cx.id::<Uuid>().to_string();
        form_page(frame, &form, &chosen, refusal, key)
    })
    .await
}

fn form_page(
    frame: &Frame,
    form: &Form,
    municipality: &OrganizationRef,
    refusal: Option<Refusal>,
    key: String,
) -> Result<String, ApiError> {
    let w = frame.w;
    let is_refused = refusal.is_some();
    let mut errors = Vec::new();
    if let Some(refusal) = refusal {
        errors.extend(refusal.notice);
        errors.extend(refusal.errors.iter().map(|error| w.message(&error.message)));
    }
    let title = w.t("파일 가져오기", "Import a file");
    let kinds = w.choices("ImportKind").into_iter().map(|(code, label)| {
        let is_chosen = code == form.get(KIND);
        (code, label, is_chosen)
    });
    let page = NewPage {
        errors,
        is_refused,
        action: frame.to(PATH),
        hidden: vec![(KEY, key), (MUNICIPALITY, municipality.id.to_string())],
        municipality: Text::of(&municipality.name, w),
        kinds: kinds.collect(),
        back: frame.to("office"),
        l: Layout::new(frame, title, title),
    };
    page.render().map_err(ApiError::internal)
}

#[post("/office/imports/new")]
pub async fn send(sent: FileSubmission, state: web::Data<State>) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.sent.by.request())?;
    let error = match taken(&sent, &state, &frame).await {
        Ok(url) => return Ok(go_to(&url)),
        Err(error) => error,
    };
    let refusal = match error.code {
        // A file that is too large when it is unpacked.
        Code::TooLarge => Refusal {
            status: error.code.status(),
            notice: error
                .detail
                .as_deref()
                .map(|detail| frame.w.message(detail)),
            errors: Vec::new(),
        },
        _ => Refusal::of(error, &frame)?,
    };
    let Submission { by, form } = sent.sent;
    shown(&by, frame, form, Some(refusal)).await
}

/// Takes the file, and returns the URL of its import.
async fn taken(sent: &FileSubmission, state: &State, frame: &Frame) -> Result<String, ApiError> {
    let form = &sent.sent.form;
    let wrong = |at: &str, code: &'static str, ko, en| {
        ApiError::invalid(vec![FieldError::body(at, code, Message::fixed(ko, en))])
    };
    let municipality = form.get(MUNICIPALITY).parse::<Uuid>().map_err(|_| {
        wrong(
            "/municipality",
            "required",
            "지방자치단체를 고르십시오.",
            "Choose the municipality.",
        )
    })?;
    let kind: ImportKind = form.get(KIND).parse().map_err(|_| {
        wrong(
            "/kind",
            "required",
            "무엇이 적힌 파일인지 고르십시오.",
            "Choose what the file holds.",
        )
    })?;
    let municipality = OrganizationId::from(municipality);
    let file = &sent.file;
    if file.bytes.is_empty() && file.name.as_deref().is_none_or(str::is_empty) {
        return Err(wrong(
            "/file",
            "required",
            "파일을 고르십시오.",
            "Choose a file.",
        ));
    }
    let by = &sent.sent.by;
    by.read_as("create_import", move |conn, cx| {
        store::may_import(conn, cx, municipality)
    })
    .await?;
    let limits = files::Limits {
        unpacked: state.max_import,
    };
    let (bytes, name) = (file.bytes.clone(), file.name.clone());
    // What a browser calls the type of a file depends on the programs of its computer.
    let book = file
        .apart(move || Ok(files::read(&bytes, "", limits)?))
        .await?;
    let links = frame.clone();
    let place =
        move |new: &LedgerImport| links.with(&path(new.summary.meta.id), &[(DONE, "taken")]);
    sent.post("create_import", place, move |conn, cx| {
        store::create(conn, cx, (municipality, kind), name.as_deref(), &book)
    })
    .await
}
