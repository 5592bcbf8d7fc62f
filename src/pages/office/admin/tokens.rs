//! Tokens: who may do what, since when and until when.

use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::organizations::resolve;
use super::secret::{self, Said};
use crate::access::types::{Token, TokenContent};
use crate::access::{bound_tokens, tokens};
use crate::db::AnyConnection;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, Typed};
use crate::http::{List, Path};
use crate::kernel::clock::begin_of;
use crate::kernel::error::ApiError;
use crate::kernel::ids::TokenId;
use crate::kernel::values::OrganizationRef;
use crate::ledger::RequestContext;
use crate::ledger::caller::Reach;
use crate::pages::lists::{self, Choice};
use crate::pages::markup::{Link, Text};
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::{Choices, Field, Group, Kind, body};
use crate::pages::office::municipalities::choices;
use crate::pages::office::tables::{Cell, DONE, Sheet, Table, day_of, pager};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::pages::words::Words;
use crate::tokens::TokenFilter;

const PATH: &str = "office/admin/tokens";

/// Value of the choice of every municipality.
const ALL: &str = "all";

/// Places of the municipalities that the form can name; the API takes more.
const PLACES: [&str; 3] = [
    "municipality_ids/0",
    "municipality_ids/1",
    "municipality_ids/2",
];

const FIELDS: &[Field] = &[
    Field {
        at: "name",
        kind: Kind::Line,
        label: ("보유자", "Holder"),
        hint: (
            "변경 이력에 이 이름이 남습니다. 예: 전략산업과 협약 담당",
            "The history of changes names it. Such as: agreements desk, strategic industry",
        ),
    },
    Field::plain("role", Kind::Needed("Role", "editor"), ("역할", "Role")),
    municipality_field(PLACES[0]),
    Field {
        at: "expires_at",
        kind: Kind::Day,
        label: ("만료일", "Expires on"),
        hint: (
            "이날까지 쓸 수 있습니다. 비우면 만료되지 않습니다.",
            "The last day on which it works. Leave it empty for none.",
        ),
    },
];

const PARTNER: &[Field] = &[
    Field {
        at: "organization",
        kind: Kind::Recorded,
        label: ("협력기관", "Organization of a partner"),
        hint: (
            "역할이 협력기관일 때만 적습니다: 이름 또는 사업자등록번호",
            "For the role of a partner alone: its name or business number",
        ),
    },
    municipality_field(PLACES[1]),
    municipality_field(PLACES[2]),
];

const fn municipality_field(at: &'static str) -> Field {
    Field::plain(at, Kind::ChoiceOrNone, ("지방자치단체", "Municipality"))
}

const NEW: &[Group] = &[
    Group::of_body(("토큰", "Token"), FIELDS),
    Group {
        closed: true,
        ..Group::of_body(
            (
                "협력기관, 지방자치단체 추가",
                "Partner, further municipalities",
            ),
            PARTNER,
        )
    },
];

#[get("/office/admin/tokens")]
pub async fn list(visit: Visit) -> Result<HttpResponse, ApiError> {
    let query = lists::query(&visit.frame, &["role"]);
    let List { filter, page } = List::<TokenFilter>::of_query(&query)?;
    visit
        .page_as("list_tokens", move |conn, cx, frame| {
            let w = frame.w;
            let listed = tokens::list(conn, cx, filter.role, &page)?;
            let rows = listed.items.iter().map(|one| row(frame, cx, one));
            let sheet = Sheet {
                title: w.t("토큰", "Tokens").to_owned(),
                acts: vec![Link::to(
                    frame.to(&format!("{PATH}/new")),
                    Text::stated(w.t("토큰 발급", "Create a token"), w),
                )],
                choices: vec![Choice::of(
                    frame,
                    "role",
                    ("역할", "Role"),
                    w.choices("Role"),
                )],
                tables: vec![Table {
                    caption: w.t("토큰", "Tokens").to_owned(),
                    none: w.t("토큰이 없습니다.", "There is no token."),
                    heads: vec![
                        w.t("보유자", "Holder"),
                        w.t("역할", "Role"),
                        w.t("범위", "Reaches"),
                        w.t("마지막 사용", "Last used"),
                        w.t("만료", "Expires"),
                        w.t("상태", "State"),
                        w.t("할 일", "Actions"),
                    ],
                    rows: rows.collect(),
                }],
                pager: pager(frame, &["role"], listed.next.as_ref()),
                ..Sheet::default()
            };
            sheet.page(frame)
        })
        .await
}

fn row(frame: &Frame, cx: &RequestContext, one: &Token) -> Vec<Cell> {
    let w = frame.w;
    let act = |act: &str, text| {
        let href = frame.to(&format!("{PATH}/{}/{act}", one.meta.id));
        Link::to(href, Text::stated(text, w))
    };
    let mut acts = Vec::new();
    if one.revoked_at.is_none() {
        acts.push(act("revocation", w.t("취소", "Revoke")));
        if one.suspended {
            acts.push(act("renewal", w.t("다시 열기", "Renew")));
        }
    }
    vec![
        Text::stated(one.name.clone(), w).into(),
        Text::stated(w.label("Role", &one.role), w).into(),
        reach(w, one).into(),
        day_of(w, cx.zone, one.last_used_at, w.t("없음", "Never")),
        day_of(w, cx.zone, last_instant(one), w.t("없음", "Never")),
        Text::stated(state(w, cx, one), w).into(),
        acts.into(),
    ]
}

fn reach(w: Words, one: &Token) -> Vec<Text> {
    let name = |one: &OrganizationRef| Text::of(&one.name, w);
    let all = one
        .all_municipalities
        .then(|| Text::stated(w.t("모든 지방자치단체", "Every municipality"), w));
    let some = one.municipalities.iter().map(name);
    let organization = one.organization.iter().map(name);
    all.into_iter().chain(some).chain(organization).collect()
}

fn state(w: Words, cx: &RequestContext, one: &Token) -> &'static str {
    ended(w, cx, one).unwrap_or(w.t("유효", "Valid"))
}

/// Returns why a token grants nothing; `None` if it is valid.
pub(super) fn ended(w: Words, cx: &RequestContext, one: &Token) -> Option<&'static str> {
    let is_past = |at: Option<DateTime<Utc>>| at.is_some_and(|at| at.naive_utc() <= cx.now);
    match one {
        one if one.revoked_at.is_some() => Some(w.t("취소됨", "Revoked")),
        one if is_past(one.expires_at) => Some(w.t("만료됨", "Expired")),
        one if one.suspended => Some(w.t("정지됨", "Suspended")),
        _ => None,
    }
}

#[get("/office/admin/tokens/new")]
pub async fn open(visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    entry::open_as("create_token", &by, frame, Form::default(), entry_of).await
}

#[post("/office/admin/tokens/new")]
pub async fn send(sent: Submission) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let mut typed = body(NEW, &sent.form, frame.w, sent.by.today()?.year());
    complete(&mut typed, sent.by.zone()?);
    resolve(&sent.by, &mut typed, "organization", None).await?;
    let w = frame.w;
    let said = Said {
        title: w.t("토큰을 발급했습니다", "The token is created"),
        label: w.t("토큰", "Token"),
        warning: w.t(
            "이 토큰을 가진 사람은 누구나 그 역할로 일할 수 있습니다. 보유자에게만 안전하게 전하십시오. 잃어버리면 취소하고 새로 만드십시오.",
            "Whoever has the token can act in its role. Hand it to its holder alone, in a safe way. If it is lost, revoke it and create another.",
        ),
    };
    let on = frame.to(PATH);
    let place = move |_: &Token| on.clone();
    let work = |conn: &mut _, cx: &_, new: &TokenContent| {
        let (token, secret) = tokens::create(conn, cx, new)?;
        Ok((token, secret.as_str().to_owned()))
    };
    let asked = ("create_token", typed);
    secret::record(sent, frame, asked, said, place, work, entry_of).await
}

/// Turns what the form says into the body of the operation: the choice of municipalities, and the
/// instant at which the last day ends.
fn complete(typed: &mut Typed, zone: Tz) {
    let body = &mut typed.body;
    let ids = body.get_mut("municipality_ids");
    if let Some(ids) = ids.and_then(Value::as_array_mut) {
        ids.retain(Value::is_string);
        let before = ids.len();
        ids.retain(|id| id != ALL);
        let reaches_all = ids.len() < before;
        body["all_municipalities"] = json!(reaches_all);
    }
    let last = body["expires_at"].as_str().and_then(|day| day.parse().ok());
    body["expires_at"] = json!(last.and_then(|day| end_of(day, zone)));
}

/// Returns the last instant at which a token can be used: it ends with a day, where the next begins.
fn last_instant(one: &Token) -> Option<DateTime<Utc>> {
    one.expires_at.map(|at| at - TimeDelta::microseconds(1))
}

/// Returns the instant at which a day ends.
fn end_of(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    Some(begin_of(day.succ_opt()?, zone)?.to_utc())
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let mut offers = PLACES.map(|place| (place, Choices::new()));
    let some = choices(conn, cx, w)?;
    if cx.caller.reach == Reach::All {
        let label = w.t("모든 지방자치단체", "Every municipality");
        offers[0].1.push((ALL.to_owned(), label.to_owned()));
    }
    for (_, offered) in &mut offers {
        offered.extend(some.iter().cloned());
    }
    let entry = Entry {
        title: w.t("토큰 발급", "Create a token").to_owned(),
        lead: vec![
            w.t(
                "토큰은 다음 화면에서 한 번만 보여 드립니다.",
                "The next page shows the token, once.",
            )
            .to_owned(),
        ],
        groups: NEW,
        send: w.t("만들기", "Create"),
        back: PATH.to_owned(),
        offers: offers.into(),
        ..Entry::default()
    };
    Ok((entry, form))
}

/// A step with a token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Revoke,
    Renew,
}

impl Step {
    fn operation(self) -> &'static str {
        match self {
            Self::Revoke => "revoke_token",
            Self::Renew => "renew_token",
        }
    }
}

#[get("/office/admin/tokens/{id}/revocation")]
pub async fn ask_to_revoke(
    Path(id): Path<TokenId>,
    visit: Visit,
) -> Result<HttpResponse, ApiError> {
    ask(id, visit, Step::Revoke).await
}

#[get("/office/admin/tokens/{id}/renewal")]
pub async fn ask_to_renew(Path(id): Path<TokenId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    ask(id, visit, Step::Renew).await
}

#[post("/office/admin/tokens/{id}/revocation")]
pub async fn revoke(Path(id): Path<TokenId>, sent: Submission) -> Result<HttpResponse, ApiError> {
    take(id, sent, Step::Revoke).await
}

#[post("/office/admin/tokens/{id}/renewal")]
pub async fn renew(Path(id): Path<TokenId>, sent: Submission) -> Result<HttpResponse, ApiError> {
    take(id, sent, Step::Renew).await
}

async fn ask(id: TokenId, visit: Visit, step: Step) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| asked(conn, cx, frame, form, id, step);
    entry::open_as(step.operation(), &by, frame, Form::default(), make).await
}

async fn take(id: TokenId, sent: Submission, step: Step) -> Result<HttpResponse, ApiError> {
    let frame = Frame::of(sent.by.request())?;
    let done = sent.act(step.operation(), move |conn, cx| match step {
        Step::Revoke => tokens::revoke(conn, cx, id),
        Step::Renew => bound_tokens::renew(conn, cx, id),
    });
    let done = done.await.map(|_| frame.with(PATH, &[(DONE, "1")]));
    let Submission { by, form } = sent;
    let make = move |conn: &mut _, cx: &_, frame: &_, form| asked(conn, cx, frame, form, id, step);
    entry::settled_as(step.operation(), &by, frame, form, done, make).await
}

fn asked(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: TokenId,
    step: Step,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = tokens::get(conn, cx, id)?;
    let (title, said, label) = match step {
        Step::Revoke => (
            w.t("토큰을 취소합니까?", "Revoke the token?"),
            w.t(
                "곧바로 효력을 잃고 되돌릴 수 없습니다. 이 토큰의 로그인, 캘린더와 웹훅도 끝납니다.",
                "It ends at once and for good, with its sessions, calendars and webhooks.",
            ),
            w.t("취소하기", "Revoke"),
        ),
        Step::Renew => (
            w.t("토큰을 다시 엽니까?", "Renew the token?"),
            w.t(
                "기관이 통합되어 정지된 토큰입니다. 다시 열면 남은 기관의 것까지 봅니다.",
                "It was suspended when its organization was merged. Renewed, it sees what the surviving organization takes part in.",
            ),
            w.t("다시 열기", "Renew"),
        ),
    };
    let entry = Entry {
        title: title.to_owned(),
        lead: vec![said.to_owned()],
        list: vec![format!("{} ({})", one.name, w.label("Role", &one.role))],
        send: if one.revoked_at.is_some() { "" } else { label },
        back: PATH.to_owned(),
        ..Entry::default()
    };
    Ok((entry, form))
}
