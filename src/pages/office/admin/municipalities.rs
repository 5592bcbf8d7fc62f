//! Municipalities as their admins see them: posts, policies, and who succeeded whom.

use actix_web::{HttpResponse, get, post, web};
use serde_json::Value;

use super::approvers::Approvers;
use super::policies;
use crate::db::AnyConnection;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, tag};
use crate::http::{Path, State};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;
use crate::ledger::caller::Reach;
use crate::municipalities::store::{self, KIND};
use crate::municipalities::succession::{self, Passing, Planned};
use crate::municipalities::types::Municipality;
use crate::municipalities::view;
use crate::organizations::store as organizations;
use crate::pages::markup::{Dated, Fact, Link, Text, Value as Shown};
use crate::pages::office::change::{self, Change};
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::fields::OFFICERS;
use crate::pages::office::form::{Field, Group, Kind, OF_RECORD, filled_with_items};
use crate::pages::office::municipalities::own;
use crate::pages::office::tables::{Cell, Sheet, Table};
use crate::pages::office::visit::Visit;
use crate::pages::reader::Frame;
use crate::pages::words::Words;
use crate::projections::policies::Policy;

const LIST: &str = "office/admin/municipalities";

/// Returns the path of the page of a municipality.
pub fn path(id: OrganizationId) -> String {
    format!("{LIST}/{id}")
}

const EDIT: &[Group] = &[
    Group::of_body(
        ("지방자치단체", "Municipality"),
        &[Field::plain("website", Kind::Line, ("누리집", "Website"))],
    ),
    OFFICERS,
    Group {
        list: "annual_reports",
        title: ("연간 의회 보고", "Annual reports to the council"),
        fields: &[
            OF_RECORD,
            Field::plain("on", Kind::Past, ("보고한 날", "Reported on")),
            Field::plain(
                "due_year",
                Kind::Whole,
                ("보고했어야 하는 해", "Year in which it was due"),
            ),
            Field::plain("session", Kind::Line, ("회기", "Session")),
        ],
        item: ("연간 보고", "report"),
        offered: 1,
        closed: true,
    },
];

#[get("/office/admin/municipalities")]
pub async fn list(visit: Visit) -> Result<HttpResponse, ApiError> {
    visit
        .page_as("update_municipality", |conn, cx, frame| {
            let w = frame.w;
            let rows = own(conn, cx)?.into_iter().map(|one| {
                let link = Link::to(frame.to(&path(one.id)), Text::of(&one.name, w));
                let code = one.code.unwrap_or_default();
                vec![link.into(), Text::stated(code, w).into()]
            });
            let record = (cx.caller.reach == Reach::All).then(|| {
                let text = w.t("지방자치단체 기록", "Record a municipality");
                Link::to(frame.to("office/municipalities/new"), Text::stated(text, w))
            });
            let title = w.t("지방자치단체와 정책", "Municipalities and policies");
            let sheet = Sheet {
                title: title.to_owned(),
                acts: record.into_iter().collect(),
                tables: vec![Table {
                    caption: w.t("지방자치단체", "Municipalities").to_owned(),
                    none: w.t(
                        "기록된 지방자치단체가 없습니다.",
                        "No municipality is recorded.",
                    ),
                    heads: vec![w.t("이름", "Name"), w.t("법정동코드", "Official code")],
                    rows: rows.collect(),
                }],
                ..Sheet::default()
            };
            sheet.page(frame)
        })
        .await
}

#[get("/office/admin/municipalities/{id}")]
pub async fn show(
    Path(id): Path<OrganizationId>,
    visit: Visit,
    state: web::Data<State>,
) -> Result<HttpResponse, ApiError> {
    let oidc = state.oidc.clone();
    visit
        .page_as("update_municipality", move |conn, cx, frame| {
            let w = frame.w;
            let one = load(conn, cx, id)?;
            let planned = succession::planned(conn, Some(&one.code))?;
            let passing = match planned.first() {
                Some(planned) => Some((planned, succession::passing(conn, cx, planned)?)),
                None => None,
            };
            let approvers = Approvers::of(conn, cx, oidc.as_deref(), id, w)?;
            let link = |rest: &str, text| {
                Link::to(
                    frame.to(&format!("{}/{rest}", path(id))),
                    Text::stated(text, w),
                )
            };
            let sheet = Sheet {
                title: one.content.content.name.in_language(w.0).to_owned(),
                lead: passing
                    .iter()
                    .flat_map(|(planned, passing)| succession_lead(w, planned, *passing))
                    .collect(),
                acts: vec![
                    link("policies/new", w.t("정책 기록", "Record a policy")),
                    link("edit", w.t("내용 수정", "Change the content")),
                ],
                facts: facts(frame, &one),
                tables: vec![policy_table(frame, &one, &approvers), officers(w, &one)],
                ..Sheet::default()
            };
            sheet.page(frame)
        })
        .await
}

/// Loads a municipality that the caller may change.
pub fn load(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
) -> Result<Municipality, ApiError> {
    organizations::row(conn, id, KIND)?.may_be_changed(cx)?;
    let record = organizations::get(conn, id, KIND)?;
    view::view(conn, record, cx.today)
}

fn facts(frame: &Frame, one: &Municipality) -> Vec<Fact> {
    let w = frame.w;
    let fact = |name, values| Fact {
        name,
        values,
        note: None,
    };
    let text = |text: String| Shown::Text(Text::stated(text, w));
    let about = |id: OrganizationId, name: &_| {
        let href = frame.to(&format!("municipalities/{id}"));
        Shown::Link(Link::to(href, Text::of(name, w)))
    };
    let mut facts = vec![
        fact(
            w.t("법정동코드", "Official code"),
            vec![text(one.code.clone())],
        ),
        fact(
            w.t("단계", "Level"),
            vec![text(w.label("MunicipalityLevel", &one.level))],
        ),
        fact(
            w.t("공개 화면", "Page for readers"),
            vec![about(one.meta.id, &one.content.content.name)],
        ),
    ];
    if let Some(website) = &one.content.content.website {
        let link = Link::elsewhere(Some(website), Text::stated(website.clone(), w));
        facts.push(fact(w.t("누리집", "Website"), vec![Shown::Link(link)]));
    }
    for before in &one.predecessors {
        let day = Shown::Date(Dated::day(before.on, w));
        let known = about(before.municipality.id, &before.municipality.name);
        facts.push(fact(w.t("승계한 곳", "Predecessor"), vec![known, day]));
    }
    if let Some(after) = &one.succession {
        let known = after.successors.iter();
        let mut values: Vec<Shown> = known.map(|next| about(next.id, &next.name)).collect();
        values.push(Shown::Date(Dated::day(after.on, w)));
        facts.push(fact(w.t("승계하는 곳", "Successors"), values));
    }
    facts
}

/// Says what would pass over by a succession that the official list states and that is not recorded.
fn succession_lead(w: Words, planned: &Planned, passing: Passing) -> [String; 2] {
    let day = w.day(planned.on);
    let Passing {
        agreements,
        projects,
        working_groups: groups,
        tokens,
        ..
    } = passing;
    match w.tag() {
        "ko" => [
            format!(
                "공식 목록에 따르면 {day} 승계되지만 아직 등록되지 않았습니다: {}",
                planned.into.join(", ")
            ),
            format!(
                "승계 대상: 협약 {agreements}건, 사업 {projects}건, 실무협의체 {groups}곳, 토큰 {tokens}개. 운영자가 서버에서 mou-registry municipalities succeed --apply 명령으로 등록합니다."
            ),
        ],
        _ => [
            format!(
                "The official list states a succession on {day} that is not recorded yet: {}",
                planned.into.join(", ")
            ),
            format!(
                "It would pass over {agreements} agreements, {projects} projects, {groups} working groups and {tokens} tokens. Your operator records it on the server, by mou-registry municipalities succeed --apply."
            ),
        ],
    }
}

fn policy_table(frame: &Frame, one: &Municipality, approvers: &Approvers) -> Table {
    let w = frame.w;
    let keys = policies::keys(&one.content.policies);
    let rows = one.content.policies.iter().zip(keys).map(|(policy, key)| {
        let at = format!("{}/policies/{key}", path(one.meta.id));
        let link = |path: &str, text| Link::to(frame.to(path), Text::stated(text, w));
        let is_in_force = one.policy.as_ref() == Some(policy);
        let state = match is_in_force {
            true => w.t("시행 중", "In force"),
            false => "",
        };
        let may_approve = approvers.said(policy.approver_ids.as_deref()).into_iter();
        let may_approve: Vec<Text> = may_approve.map(|who| Text::stated(who, w)).collect();
        let acts = vec![
            link(&at, w.t("수정", "Change")),
            link(&format!("{at}/removal"), w.t("삭제", "Delete")),
        ];
        vec![
            Text::stated(named(w, policy), w).into(),
            Text::stated(validity(w, policy), w).into(),
            Text::stated(state, w).into(),
            may_approve.into(),
            acts.into(),
        ]
    });
    Table {
        caption: w.t("정책", "Policies").to_owned(),
        none: w.t("정책이 없습니다.", "There is no policy."),
        heads: vec![
            w.t("근거", "Basis"),
            w.t("효력", "Validity"),
            w.t("상태", "State"),
            w.t("승인할 수 있는 사람", "Who may approve"),
            w.t("할 일", "Actions"),
        ],
        rows: rows.collect(),
    }
}

pub fn named(w: Words, policy: &Policy) -> String {
    let reference = policy.reference.as_ref();
    reference.map_or_else(
        || w.t("근거를 적지 않음", "No basis stated").to_owned(),
        |reference| reference.title.clone(),
    )
}

pub fn validity(w: Words, policy: &Policy) -> String {
    let day = |day: Option<_>| day.map(|day| w.day(day)).unwrap_or_default();
    match (policy.valid_from, policy.valid_until) {
        (None, None) => w.t("항상", "Always").to_owned(),
        (from, until) => format!("{} ~ {}", day(from), day(until)),
    }
}

fn officers(w: Words, one: &Municipality) -> Table {
    let date = |date: &Option<_>| Cell::from(Dated::of(date.as_ref(), w));
    let rows = one.content.content.officers.iter().map(|officer| {
        vec![
            Text::of(&officer.title, w).into(),
            Text::stated(officer.name.clone(), w).into(),
            date(&officer.from),
            date(&officer.until),
        ]
    });
    Table {
        caption: w.t("기관장 등", "Officers").to_owned(),
        none: w.unknown(),
        heads: vec![
            w.t("직위", "Post"),
            w.t("이름", "Name"),
            w.t("취임", "From"),
            w.t("퇴임", "Until"),
        ],
        rows: rows.collect(),
    }
}

#[get("/office/admin/municipalities/{id}/edit")]
pub async fn open(Path(id): Path<OrganizationId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &Frame, _| {
        let form = filled_with_items(EDIT, &content(conn, cx, id)?, frame.w);
        entry_of(conn, cx, frame, form, id)
    };
    entry::open_as("update_municipality", &by, frame, Form::default(), make).await
}

#[post("/office/admin/municipalities/{id}/edit")]
pub async fn send(
    Path(id): Path<OrganizationId>,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    let work = move |conn: &mut _, cx: &RequestContext, expected: &_, patch: &_| {
        let changed = store::update(conn, cx, id, expected, patch)?;
        view::view(conn, changed, cx.today)
    };
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, id);
    let change = Change {
        groups: EDIT,
        operation: "update_municipality",
        path: path(id),
        read: move |conn: &mut _, cx: &_| content(conn, cx, id),
    };
    change::change(sent, change, |_| (), work, make).await
}

/// Returns the content as the API shows it.
fn content(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
) -> Result<Value, ApiError> {
    serde_json::to_value(load(conn, cx, id)?.content).map_err(ApiError::internal)
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: OrganizationId,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = load(conn, cx, id)?;
    let entry = Entry {
        title: one.content.content.name.in_language(w.0).to_owned(),
        groups: EDIT,
        send: w.t("저장", "Save"),
        back: path(id),
        tag: Some(tag(&one.revision())),
        ..Entry::default()
    };
    Ok((entry, form))
}
