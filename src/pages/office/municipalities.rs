//! The municipalities for which somebody works, and the form that records the first ones.

use actix_web::{HttpResponse, get, post};
use askama::Template;
use serde_json::json;

use super::entry::{self, Entry};
use super::form::{Choices, Field, Group, Kind, body};
use super::visit::{Visit, shown};
use crate::db::AnyConnection;
use crate::db::page::{Order, Page};
use crate::directory::municipalities::MUNICIPALITIES;
use crate::directory::names::names;
use crate::http::forms::Form;
use crate::http::signed_in::{SignedIn, Submission};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::text::squeeze;
use crate::kernel::values::OrganizationRef;
use crate::ledger::RequestContext;
use crate::ledger::caller::{Reach, Role};
use crate::municipalities::store;
use crate::municipalities::types::{Municipality, MunicipalityCreate};
use crate::municipalities::view;
use crate::organizations::list::{self, Filters};
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

const NEW: &[Group] = &[Group::of_body(
    ("지방자치단체", "Municipality"),
    &[Field {
        at: "code",
        kind: Kind::Line,
        label: ("이름 또는 법정동코드", "Name or official code"),
        hint: ("예: 고양시, 4128000000", "Such as: Goyang-si, 4128000000"),
    }],
)];

#[get("/office/municipalities/new")]
pub async fn open(visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    entry::open(&by, frame, Form::default(), entry_of).await
}

#[post("/office/municipalities/new")]
pub async fn send(sent: Submission) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let mut typed = body(NEW, &sent.form, frame.w, 0);
    if let Some(code) = code(sent.form.get("code")) {
        typed.body["code"] = json!(code);
    }
    let next = frame.to("office");
    let place = move |_: &Municipality| next.clone();
    let done = sent.post(
        "create_municipality",
        typed,
        place,
        |conn, cx, new: &MunicipalityCreate| {
            let created = store::create(conn, cx, new)?;
            view::view(conn, created, cx.today)
        },
    );
    let done = done.await;
    let Submission { by, form } = sent;
    entry::settled(&by, frame, form, done, entry_of).await
}

/// Returns the code of the only municipality in force with a name.
fn code(name: &str) -> Option<&'static str> {
    let wanted = squeeze(name);
    let mut found = MUNICIPALITIES.iter().filter(|one| {
        let mut names = one.name.texts().chain(one.full_name.texts());
        one.valid_to.is_none() && names.any(|name| squeeze(name) == wanted)
    });
    match (found.next(), found.next()) {
        (Some(one), None) => Some(&one.code),
        _ => None,
    }
}

fn entry_of(
    _: &mut AnyConnection,
    _: &RequestContext,
    frame: &Frame,
    form: Form,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let entry = Entry {
        title: w.t("지방자치단체 기록", "Record a municipality").to_owned(),
        lead: vec![
            w.t(
                "이름, 단계와 상급 단체는 공식 목록에서 가져옵니다. 이름이 같은 곳이 여럿이면 ‘경기도 광주시’처럼 적어 주십시오.",
                "Name, level and parent come from the official list. Where several have one name, write the full name or the code.",
            )
            .to_owned(),
        ],
        groups: NEW,
        send: w.t("기록", "Record"),
        back: "office".to_owned(),
        ..Entry::default()
    };
    Ok((entry, form))
}
