//! The municipalities for which somebody works, and the form that records the first ones.

use actix_web::{HttpResponse, get, post};
use askama::Template;
use serde_json::json;

use super::entry::{self, Entry};
use super::form::{Candidate, Choices, Field, Group, Kind};
use super::municipality_names::{Meant, meant};
use super::tables::{DONE, Table};
use super::visit::{Visit, shown};
use crate::db::AnyConnection;
use crate::db::page::{Order, Page};
use crate::directory::names::names;
use crate::http::forms::Form;
use crate::http::signed_in::{SignedIn, Submission, Typed};
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::values::OrganizationRef;
use crate::ledger::RequestContext;
use crate::ledger::caller::{Reach, Role};
use crate::municipalities::store;
use crate::municipalities::types::{Municipality, MunicipalityCreate};
use crate::municipalities::view;
use crate::organizations::list::{self, Filters};
use crate::organizations::store::check_manages_all_municipalities;
use crate::organizations::types::OrganizationKind;
use crate::pages::layout::Layout;
use crate::pages::markup::{Link, Text};
use crate::pages::reader::Frame;
use crate::pages::words::Words;

/// Municipalities that a choice offers at most; there are about 250.
const MOST: usize = 500;

/// Returns the recorded municipalities for which the caller works, for a choice among them.
pub fn own(
    conn: &mut AnyConnection,
    cx: &RequestContext,
) -> Result<Vec<OrganizationRef>, ApiError> {
    let ids = match &cx.caller.reach {
        Reach::Of(some) => some.iter().copied().collect(),
        Reach::All => recorded(conn, MOST)?,
    };
    let known = names(conn, ids.iter().copied())?;
    Ok(ids.into_iter().filter_map(|id| known.find(id)).collect())
}

/// Returns the municipalities for which the caller works, as values that a field offers.
pub fn choices(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    w: Words,
) -> Result<Choices, ApiError> {
    let own = own(conn, cx)?.into_iter();
    let own = own.map(|one| (one.id.to_string(), one.name.in_language(w.0).to_owned()));
    Ok(own.collect())
}

/// Returns whether the caller works for any municipality that is recorded.
pub fn has_own(conn: &mut AnyConnection, cx: &RequestContext) -> Result<bool, ApiError> {
    Ok(match &cx.caller.reach {
        Reach::Of(some) => !some.is_empty(),
        Reach::All => !recorded(conn, 1)?.is_empty(),
    })
}

/// Returns the ids of recorded municipalities, at most so many, by their names.
fn recorded(conn: &mut AnyConnection, most: usize) -> Result<Vec<OrganizationId>, ApiError> {
    let filters = Filters {
        kinds: vec![OrganizationKind::Municipality],
        only_official: true,
        ..Filters::default()
    };
    let page = Page {
        order: Order::ascending("organizations.sort_name", "organizations.id"),
        limit: most,
        after: None,
        with_total: false,
    };
    let listed = list::list(conn, &filters, &page)?;
    Ok(listed.items.iter().map(|one| one.meta.id).collect())
}

/// Name of the parameter with the municipality that a new record belongs to.
pub const MUNICIPALITY: &str = "municipality";

/// Returns the municipality that the page names, or the only one for which the caller works; otherwise
/// the choice among several, each of which leads to the path.
///
/// # Errors
/// `unauthenticated` if the session has ended.
pub async fn chosen(
    by: &SignedIn,
    frame: Frame,
    path: &'static str,
) -> Result<Result<(Frame, OrganizationRef), HttpResponse>, ApiError> {
    let all = by.read(own).await?;
    let said = frame.get(MUNICIPALITY);
    let named = all
        .iter()
        .find(|one| said.is_some_and(|said| one.id.to_string() == said));
    match (named, &all[..]) {
        (Some(one), _) | (None, [one]) => Ok(Ok((frame, one.clone()))),
        _ => Ok(Err(choose(by, frame, all, path, MUNICIPALITY).await?)),
    }
}

#[derive(Template)]
#[template(path = "office_choose.html")]
struct ChoosePage {
    l: Layout,
    choices: Vec<Link>,
    /// URL of the form that records a municipality; `None` for whoever cannot.
    record: Option<String>,
}

/// Shows the choice among municipalities, each with the page to which it leads.
///
/// # Errors
/// `unauthenticated` if the session has ended.
pub async fn choose(
    by: &SignedIn,
    frame: Frame,
    own: Vec<OrganizationRef>,
    path: &'static str,
    parameter: &'static str,
) -> Result<HttpResponse, ApiError> {
    let status = actix_web::http::StatusCode::OK;
    shown(by, frame, status, move |_, cx, frame| {
        let w = frame.w;
        let choices = own.iter().map(|one| {
            let url = frame.with(path, &[(parameter, &one.id.to_string())]);
            Link::to(url, Text::of(&one.name, w))
        });
        let may_record = cx.caller.role == Some(Role::Admin) && cx.caller.reach == Reach::All;
        let title = match own.is_empty() {
            true => w.t(
                "아직 지방자치단체가 없습니다",
                "No municipality is recorded yet",
            ),
            false => w.t("어느 지방자치단체입니까?", "Which municipality is it?"),
        };
        let page = ChoosePage {
            choices: choices.collect(),
            record: may_record.then(|| frame.to("office/municipalities/new")),
            l: Layout::new(frame, title, title),
        };
        page.render().map_err(ApiError::internal)
    })
    .await
}

const OPERATION: &str = "create_municipality";

const NEW: &[Group] = &[Group::of_body(
    ("지방자치단체", "Municipality"),
    &[Field {
        at: "code",
        kind: Kind::Line,
        label: ("이름 또는 법정동코드", "Name or official code"),
        hint: (
            "예: 고양시, 경기도 광주시, 4128000000",
            "Such as: Goyang-si, 4128000000",
        ),
    }],
)];

#[get("/office/municipalities/new")]
pub async fn open(visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    entry::open_as(OPERATION, &by, frame, Form::default(), entry_of).await
}

#[post("/office/municipalities/new")]
pub async fn send(sent: Submission) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let text = sent.form.get("code").to_owned();
    let chosen = sent.form.get("code/choice");
    let is_current = sent.form.get("code/for") == text;
    let all = meant(&text);
    let chosen = all.iter().find(|one| is_current && one.one.code == chosen);
    let done = if let Some(chosen) = chosen {
        record(&sent, &frame, &chosen.one.code).await
    } else {
        let asked = asked(&all, frame.w);
        let allowed = sent.by.read_as(OPERATION, |_, _| Ok(()));
        allowed.await.and(Err(ApiError::invalid(vec![asked])))
    };
    let Submission { by, form } = sent;
    entry::settled(&by, frame, form, done, entry_of).await
}

async fn record(sent: &Submission, frame: &Frame, code: &str) -> Result<String, ApiError> {
    let typed = Typed::from(json!({ "code": code }));
    let next = frame.with("office", &[(DONE, "1")]);
    let place = move |_: &Municipality| next.clone();
    let work = |conn: &mut _, cx: &RequestContext, new: &MunicipalityCreate| {
        let created = store::create(conn, cx, new)?;
        view::view(conn, created, cx.today)
    };
    sent.post(OPERATION, typed, place, work).await
}

/// Asks which municipality is meant, or whether the only one is.
fn asked(all: &[Meant], w: Words) -> FieldError {
    let message = match all {
        [] => Message::fixed(
            "공식 목록에서 찾을 수 없습니다. 이름이나 법정동코드(숫자 열 자리)를 확인하십시오.",
            "The official list has none of this name. Look at the name, or at the code of ten digits.",
        ),
        [one] => Message::new(
            format!(
                "‘{}’입니까? 아래에서 확인하고 다시 보내 주십시오.",
                label(one, w)
            ),
            format!(
                "Is it {}? Look at it below, and send the form again.",
                label(one, w)
            ),
        ),
        _ => Message::fixed(
            "여러 곳이 있습니다. 아래에서 고르고 다시 보내 주십시오.",
            "There are several. Choose one below, and send the form again.",
        ),
    };
    FieldError::body("/code", "unclear", message)
}

/// Returns a municipality with its parent and code, and the one of former days that it succeeds.
fn label(meant: &Meant, w: Words) -> String {
    let name = meant.one.full_name.in_language(w.0);
    let code = &meant.one.code;
    match meant.former.map(|former| former.name.in_language(w.0)) {
        None => format!("{name} ({code})"),
        Some(former) => match w.tag() {
            "ko" => format!("{name} ({code}, 이전 명칭 {former})"),
            _ => format!("{name} ({code}, formerly {former})"),
        },
    }
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let all = meant(form.get("code"));
    let mut recorded = Vec::new();
    for one in &all {
        if let Some(id) = store::recorded(conn, &one.one.code)? {
            let url = frame.to(&format!("municipalities/{id}"));
            recorded.push(vec![Link::to(url, Text::stated(label(one, w), w)).into()]);
        }
    }
    let chosen = form.get("code/choice");
    let candidates = all.iter().map(|one| Candidate {
        value: one.one.code.clone(),
        label: label(one, w),
        chosen: one.one.code == chosen || all.len() == 1,
    });
    let tables = (!recorded.is_empty()).then(|| Table {
        caption: w.t("이미 기록된 곳", "Recorded already").to_owned(),
        none: "",
        heads: vec![w.t("지방자치단체", "Municipality")],
        rows: recorded,
    });
    let entry = Entry {
        title: w.t("지방자치단체 기록", "Record a municipality").to_owned(),
        lead: vec![
            w.t(
                "이름, 단계와 상급 단체는 공식 목록에서 가져옵니다. 기록하기 전에 어느 곳인지 확인합니다.",
                "Name, level and parent come from the official list. You see which one it is before it is recorded.",
            )
            .to_owned(),
        ],
        groups: NEW,
        send: w.t("기록", "Record"),
        back: "office".to_owned(),
        candidates: vec![("code", candidates.collect())],
        tables: tables.into_iter().collect(),
        barred: check_manages_all_municipalities(cx).err(),
        ..Entry::default()
    };
    Ok((entry, form))
}
