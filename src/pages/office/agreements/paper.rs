//! The form that takes the paper of an agreement, and fills the form of a new agreement, or of one that
//! follows another, with what it says.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, get, post, web};
use chrono::Datelike;
use serde_json::{Map, Value, json};

use super::fields::NEW;
use super::following::{self, Following};
use super::{new, path};
use crate::agreements::types::Agreement;
use crate::db::AnyConnection;
use crate::directory::names::names;
use crate::files::protected;
use crate::http::State;
use crate::http::forms::Form;
use crate::http::signed_in::{FileSubmission, SignedIn};
use crate::imports::paper::{self, PaperPlace, PaperReading};
use crate::imports::store::may_import;
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::{AgreementId, OrganizationId};
use crate::kernel::language::Message;
use crate::kernel::values::to_db;
use crate::kernel::wording::{Context, read_date};
use crate::ledger::RequestContext;
use crate::pages::agreements::Doing;
use crate::pages::markup::{Link, Text};
use crate::pages::office::entry::{self, Entry, FileField};
use crate::pages::office::files::{file, wrong};
use crate::pages::office::form;
use crate::pages::office::municipalities::{MUNICIPALITY, chosen};
use crate::pages::office::tables::DONE;
use crate::pages::office::visit::{Visit, go_to};
use crate::pages::reader::Frame;
use crate::pages::words::Words;
use crate::texts::FileTextStatus;

const PATH: &str = "office/agreements/paper";

const OPERATION: &str = "read_paper";

/// Name of the field that says that a form was filled from a paper, and how much could be read of it.
const PAPER: &str = "paper";

/// Name of the field that says that personal data of the paper were left out.
const WITHHELD: &str = "withheld";

/// Value of [`PAPER`] for a text that says nothing of an agreement.
const NOTHING: &str = "nothing";

#[get("/office/agreements/paper")]
pub async fn open(visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let (frame, own) = match chosen(&by, frame, PATH).await? {
        Ok(found) => found,
        Err(choice) => return Ok(choice),
    };
    let link = Following::of(|name| frame.get(name).unwrap_or_default());
    entry::open_as(OPERATION, &by, frame, empty(own.id, link), entry_of).await
}

/// Returns the form that takes a paper, with the agreement that it follows.
fn empty(own: OrganizationId, link: Option<(Following, AgreementId)>) -> Form {
    let form = Form::default().with(MUNICIPALITY, own.to_string());
    match link {
        Some((how, old)) => form.with(how.member(), old.to_string()),
        None => form,
    }
}

#[post("/office/agreements/paper")]
pub async fn send(
    by: SignedIn,
    // What is wrong with the file is said at its field.
    sent: Result<FileSubmission, ApiError>,
    state: web::Data<State>,
) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(by.request())?;
    // It stands in the URL, where it is known also if the file is too large to be received.
    let own = frame.get(MUNICIPALITY).and_then(|own| own.parse().ok());
    let Some(own) = own else {
        return Ok(go_to(&frame.to(PATH)));
    };
    let link = Following::of(|name| frame.get(name).unwrap_or_default());
    match filled(&by, (own, link, frame.w), sent, &state).await {
        Ok(form) => entry::open(&by, frame, form, new::entry_of).await,
        Err(error) => {
            let form = empty(own, link);
            entry::settled_as(OPERATION, &by, frame, form, Err(error), entry_of).await
        }
    }
}

/// Reads the paper, and returns the form of a new agreement with what it says.
async fn filled(
    by: &SignedIn,
    (own, link, w): (OrganizationId, Option<(Following, AgreementId)>, Words),
    sent: Result<FileSubmission, ApiError>,
    state: &State,
) -> Result<Form, ApiError> {
    let refused = |wrong: FieldError| ApiError::invalid(vec![wrong]);
    by.read_as(OPERATION, move |conn, cx| may_import(conn, cx, own))
        .await?;
    let sent = match sent {
        Ok(sent) => sent,
        Err(error) => return Err(refused(wrong(error)?)),
    };
    let Some(file) = file(&sent, state).await?.map_err(refused)? else {
        let message = Message::fixed("파일을 고르십시오.", "Choose a file.");
        return Err(refused(FieldError::body("/file", "required", message)));
    };
    let today = by.today()?;
    let read = paper::read(state, file, today).await?;
    if read.is_protected {
        return Err(refused(FieldError::body(
            "/file",
            "file_encrypted",
            protected(),
        )));
    }
    if read.status == FileTextStatus::Failed {
        let message = Message::fixed(
            "파일을 읽지 못했습니다. 손상되었거나 읽는 데 너무 오래 걸립니다. 다시 저장한 파일을 고르십시오.",
            "The file cannot be read: it is damaged, or takes too long. Choose one that was saved anew.",
        );
        return Err(refused(FieldError::body("/file", "unreadable", message)));
    }
    by.read_as(OPERATION, move |conn, cx| {
        let read = paper::completed(conn, own, read)?;
        let form = form_of(conn, own, &read, (w, today.year()))?;
        let stated = read.body.get("supersedes_id").and_then(Value::as_str);
        let stated = stated.and_then(|id| Some((Following::Supersedes, id.parse().ok()?)));
        match link.or(stated) {
            Some(link) if read.places.is_empty() => {
                let form = empty(own, None).with(PAPER, form.get(PAPER));
                with_earlier(conn, cx, form, (link, w))
            }
            Some(link) => with_earlier(conn, cx, form, (link, w)),
            None => Ok(form),
        }
    })
    .await
}

/// Returns the form of a new agreement with what was read, each part with its place in the paper.
fn form_of(
    conn: &mut AnyConnection,
    own: OrganizationId,
    read: &PaperReading,
    (w, this_year): (Words, i32),
) -> Result<Form, ApiError> {
    let PaperReading {
        status,
        body,
        places,
        ..
    } = read;
    if places.is_empty() {
        let known = names(conn, [own])?;
        let own = known.find(own);
        let form = own.map_or_else(Form::default, |own| new::first(&own, w));
        let said = match status {
            FileTextStatus::NoText => to_db(status),
            _ => NOTHING.to_owned(),
        };
        return Ok(form.with(PAPER, said));
    }
    let content = form::filled_as_held(NEW, &json!(body), w);
    let mut form = Form::default()
        .with(MUNICIPALITY, own.to_string())
        .with(PAPER, to_db(status))
        .with("signed_on", signing_day(body, this_year));
    if places.iter().any(|place| place.withheld) {
        form = form.with(WITHHELD, "1");
    }
    for (name, value) in content.fields().filter(|(name, _)| *name != "signed_on") {
        form = form.with(name, value);
    }
    form = with_parties(conn, form, own, body, w)?;
    form = with_commitments(form, body);
    // The agreement that it renews is no field, but what the form is about.
    let places = places
        .iter()
        .filter(|place| place.pointer != "/supersedes_id");
    let places: Vec<PaperPlace> = places.cloned().collect();
    Ok(form::with_quotes(form, NEW, &places, w))
}

/// Adds to a form that was filled from a paper what an agreement takes over from the one that it follows,
/// where the paper says nothing.
fn with_earlier(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    form: Form,
    (link, w): ((Following, AgreementId), Words),
) -> Result<Form, ApiError> {
    let member = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
    let is_said = |(_, value): &(&str, &str)| !value.is_empty();
    let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let mut all: Vec<(String, String)> = form.fields().filter(is_said).map(own).collect();
    let said: BTreeSet<String> = all.iter().map(|(name, _)| member(name)).collect();
    let earlier = following::filled(conn, cx, w, Form::default(), link)?;
    let fits = |(name, _): &(&str, &str)| {
        // Who owes what is told by the places of parties, which are those of the paper.
        let is_owing = name.ends_with("/owed_by") || name.ends_with("/owed_to");
        !(said.contains(&member(name)) || is_owing && said.contains("parties"))
    };
    all.extend(earlier.fields().filter(fits).map(own));
    Ok(Form::of(all))
}

/// Returns the day of signing as the paper has it, unless a form would not read that as the same day.
fn signing_day(body: &Map<String, Value>, this_year: i32) -> String {
    let member = |name: &str| {
        let held = body.get("signed_on").and_then(|day| day[name].as_str());
        held.unwrap_or_default().to_owned()
    };
    let (stated, day) = (member("as_stated"), member("edtf"));
    let read = read_date(&stated, &Context::past(this_year));
    let is_same = read.value.and_then(|date| date.edtf()).as_deref() == Some(day.as_str());
    if is_same { stated } else { day }
}

fn items<'a>(body: &'a Map<String, Value>, list: &str) -> impl Iterator<Item = (usize, &'a Value)> {
    let items = body.get(list).and_then(Value::as_array);
    items.into_iter().flatten().enumerate()
}

/// Adds the parties: those that are recorded as chosen, and others as named. The municipality leads, as
/// in every new form.
fn with_parties(
    conn: &mut AnyConnection,
    mut form: Form,
    own: OrganizationId,
    body: &Map<String, Value>,
    w: Words,
) -> Result<Form, ApiError> {
    let id = |party: &Value| -> Option<OrganizationId> {
        party["organization_id"].as_str()?.parse().ok()
    };
    let known = names(
        conn,
        items(body, "parties").filter_map(|(_, party)| id(party)),
    )?;
    for (place, party) in items(body, "parties") {
        let at = format!("parties/{place}");
        let name = format!("{at}/organization");
        if let Some(one) = id(party).and_then(|id| known.find(id)) {
            form = form::with_organization(form, &name, &one, w);
            if one.id == own {
                form = form.with(format!("{at}/role"), "lead");
            }
            continue;
        }
        let named = &party["organization"];
        let texts = named["name"].as_object().into_iter().flatten();
        let text = texts.filter_map(|(_, text)| text.as_str()).next();
        let kind = named["kind"].as_str().unwrap_or_default();
        form = form
            .with(name.clone(), text.unwrap_or_default())
            .with(format!("{name}/kind"), kind);
    }
    Ok(form)
}

fn with_commitments(mut form: Form, body: &Map<String, Value>) -> Form {
    for (place, commitment) in items(body, "commitments") {
        let at = format!("commitments/{place}");
        for (language, text) in commitment["text"].as_object().into_iter().flatten() {
            let text = text.as_str().unwrap_or_default();
            form = form.with(format!("{at}/text/{language}"), text);
        }
        let owing = commitment["owed_by"].as_array().into_iter().flatten();
        for party in owing.map(|owing| &owing["party"]) {
            form = form.with(format!("{at}/owed_by"), party.to_string());
        }
    }
    form
}

fn entry_of(
    conn: &mut AnyConnection,
    _: &RequestContext,
    frame: &Frame,
    form: Form,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let own = form.get(MUNICIPALITY);
    let link = Following::of(|name| form.get(name));
    let known = names(conn, own.parse::<OrganizationId>())?;
    let owner = own.parse().ok().and_then(|own| known.find(own));
    let owner = owner.map(|owner| match w.tag() {
        "ko" => format!(
            "협약을 기록할 지방자치단체: {}",
            owner.name.in_language(w.0)
        ),
        _ => format!("The municipality: {}", owner.name.in_language(w.0)),
    });
    let lead = w.t(
        "협약서 파일에서 이름, 당사자, 체결일, 기간과 협약 사항을 읽어 새 협약의 양식을 채웁니다. 이때 아무것도 기록하지 않고 파일도 보관하지 않습니다.",
        "Title, parties, day of signing, term and commitments are read from the paper into the form of a new agreement. Nothing is recorded by that, and the file is not kept.",
    );
    let entry = Entry {
        title: w
            .t("문서에서 읽어 오기", "Read an agreement from its paper")
            .to_owned(),
        lead: owner.into_iter().chain([lead.to_owned()]).collect(),
        file: Some(FileField {
            label: w.t("협약서 파일", "The paper"),
            hint: w.t(
                "PDF, HWP, HWPX, DOCX. 글이 들어 있는 파일이어야 합니다. 스캔한 그림은 읽지 못합니다. 암호는 먼저 푸십시오.",
                "PDF, HWP, HWPX or DOCX with text; scans cannot be read. Remove a password first.",
            ),
            accept: ".pdf,.hwp,.hwpx,.docx",
            errors: Vec::new(),
        }),
        send: w.t("읽기", "Read"),
        action: Some(frame.with(PATH, &query(&form))),
        back: link.map_or_else(|| "office".to_owned(), |(_, old)| path(old)),
        ..Entry::default()
    };
    Ok((entry, form))
}

/// Returns the municipality of a form, and the agreement that it follows, as a query.
fn query(form: &Form) -> Vec<(&'static str, &str)> {
    let link = Following::of(|name| form.get(name)).map(|(how, _)| how.member());
    let names = [MUNICIPALITY].into_iter().chain(link);
    names.map(|name| (name, form.get(name))).collect()
}

/// Returns whether a form was filled from a paper.
pub fn is_source(form: &Form) -> bool {
    form.has(PAPER)
}

/// Completes the form of an agreement, perhaps one that follows another: with the way to here, or with what
/// is to be known of a form that was filled from a paper.
pub fn entry(
    frame: &Frame,
    mut entry: Entry,
    form: &Form,
    link: Option<(Following, AgreementId)>,
) -> Entry {
    let w = frame.w;
    let Some(said) = said(form.get(PAPER), link.is_some(), w) else {
        let href = frame.with(PATH, &query(form));
        let text = w.t(
            "협약서 파일이 있으면: 문서에서 읽어 오기",
            "If there is a file of the paper: read it from there",
        );
        entry.ways = vec![Link::to(href, Text::stated(text, w))];
        return entry;
    };
    let said = said.into_iter().map(str::to_owned);
    match link {
        Some(_) => entry.lead.extend(said),
        None => entry.lead = said.collect(),
    }
    if form.has(WITHHELD) {
        let said = w.t(
            "전화번호, 전자우편 주소와 개인을 식별하는 번호는 누구나 볼 수 있는 곳에 적지 않으므로 뺐습니다.",
            "Telephone numbers, addresses of mail and numbers that identify a person are left out, since everyone could see them.",
        );
        entry.lead.push(said.to_owned());
        entry.passed.push((WITHHELD, "1".to_owned()));
    }
    entry.action = Some(frame.to("office/agreements/new"));
    entry.is_read = true;
    entry.passed.push((PAPER, form.get(PAPER).to_owned()));
    entry
}

/// Returns what is said of a paper before the form that was filled from it, and from an earlier agreement if
/// it `follows` one; `None` for no paper.
fn said(read: &str, follows: bool, w: Words) -> Option<Vec<&'static str>> {
    let much = match read {
        "text" => w.t(
            "문서의 글을 모두 읽었습니다.",
            "All of the paper's text was read.",
        ),
        "partly_readable" => w.t(
            "문서의 글을 일부만 읽었습니다. 읽지 못한 곳에 적힌 것은 아래에 빠져 있습니다.",
            "Only a part of the paper's text could be read. What stands elsewhere is missing below.",
        ),
        "no_text" => w.t(
            "이 파일에는 글이 없어 읽지 못했습니다. 스캔한 문서나 그림은 보고 적으십시오.",
            "The file has no text that could be read. Type what a scan or a picture shows.",
        ),
        NOTHING => w.t(
            "문서의 글에서 협약의 내용을 찾지 못했습니다. 문서를 보고 적으십시오.",
            "Nothing of an agreement was found in the paper's text. Type what it says.",
        ),
        _ => return None,
    };
    let of_both = w.t(
        "문장이 있는 칸은 문서에서, 다른 칸은 앞의 협약에서 옮겨 적었습니다. 칸 아래에 있는 문서의 문장과 비교해 확인하고, 틀린 것은 수정하십시오.",
        "Fields with a sentence are filled from the paper, and the others from the agreement before. Compare each with the sentence below it, and correct what is wrong.",
    );
    let of_paper = w.t(
        "칸 아래에 있는 문서의 문장과 비교해 확인하고, 틀린 것은 수정하십시오. 문서에 분명하지 않은 것은 비워 두었습니다. 비울 수 없는 상태, 종류와 역할은 꼭 확인하십시오.",
        "Compare each field with the paper's sentence below it, and correct what is wrong. What the paper does not say for certain is left empty. Look well at status, kinds and roles, which cannot be empty.",
    );
    let nothing = w.t(
        "아직 아무것도 기록하지 않았고, 파일은 보관하지 않았습니다. 기록한 뒤에 문서로 더하십시오.",
        "Nothing is recorded yet, and the file was not kept: add it as a document once the agreement is recorded.",
    );
    let compare = if follows { of_both } else { of_paper };
    let is_filled = !matches!(read, "no_text" | NOTHING);
    let all = [Some(much), is_filled.then_some(compare), Some(nothing)];
    Some(all.into_iter().flatten().collect())
}

/// Returns the word by which the page of a recorded agreement knows what its form was filled from.
pub fn done(form: &Form) -> &'static str {
    if form.has(PAPER) { PAPER } else { "1" }
}

/// Leads from an agreement that was recorded from its paper to the form that keeps the paper.
pub fn lead_on(doing: &mut Doing, frame: &Frame, one: &Agreement) {
    if frame.get(DONE) != Some(PAPER) {
        return;
    }
    let w = frame.w;
    let done = w.t(
        "기록했습니다. 읽은 파일은 보관하지 않았습니다.",
        "Recorded. The file that was read is not kept.",
    );
    let text = w.t("그 파일을 문서로 추가", "Add it as a document");
    let href = frame.to(&format!("{}/documents/new", path(one.meta.id)));
    doing.done = Some(done.to_owned());
    doing.next = Some(Link::to(href, Text::stated(text, w)));
}
