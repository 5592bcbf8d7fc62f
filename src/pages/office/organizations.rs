//! An organization as staff see it, and the form that corrects it: its name, kind, numbers and officers.

use actix_web::{HttpResponse, get, post};
use serde_json::Value;

use super::change::{self, Change};
use super::entry::{self, Entry};
use super::fields::{HELD_SOURCES, OFFICERS};
use super::form::{Field, Group, Kind, OF_RECORD, filled_with_items};
use super::members::Of;
use super::unmerge;
use super::visit::Visit;
use crate::db::AnyConnection;
use crate::http::Path;
use crate::http::forms::Form;
use crate::http::permissions::Access;
use crate::http::signed_in::{Submission, tag};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;
use crate::merges::store as merges;
use crate::organizations::store::{self, Record};
use crate::organizations::types::{Member, OrganizationKind};
use crate::pages::agreements::Doing;
use crate::pages::bodies::body_page;
use crate::pages::markup::{Link, Text};
use crate::pages::reader::Frame;

/// The form that corrects an organization.
const EDIT: &[Group] = &[
    Group::of_body(
        ("기관", "The organization"),
        &[
            Field::plain("name/*", Kind::Line, ("이름", "Name")),
            Field::plain(
                "kind",
                Kind::Needed("OrganizationKind", "other"),
                ("종류", "Kind"),
            ),
            Field::plain("short_name/*", Kind::Line, ("약칭", "Short name")),
            Field {
                at: "other_names",
                kind: Kind::Texts,
                label: ("다른 이름", "Other names"),
                hint: (
                    "이전 명칭 등. 한 줄에 하나씩",
                    "Such as former names, one a line",
                ),
            },
            Field {
                at: "founded",
                kind: Kind::Past,
                label: ("설립일", "Founded"),
                hint: ("예: 1991. 3. 1., 1991년", "Such as: 1991-03-01, 1991"),
            },
            Field {
                at: "website",
                kind: Kind::Line,
                label: ("누리집", "Website"),
                hint: (
                    "https://로 시작하는 주소",
                    "An address that begins with https://",
                ),
            },
        ],
    ),
    Group {
        list: "identifiers",
        title: ("번호", "Numbers"),
        fields: &[
            OF_RECORD,
            Field::plain(
                "scheme",
                Kind::Needed("Scheme", "KR-BRN"),
                ("번호의 종류", "Kind of number"),
            ),
            Field {
                at: "id",
                kind: Kind::Line,
                label: ("번호", "Number"),
                hint: ("예: 124-81-00998", "Such as: 124-81-00998"),
            },
        ],
        item: ("번호", "number"),
        offered: 1,
        closed: false,
    },
    OFFICERS,
    HELD_SOURCES,
];

#[get("/office/organizations/{id}")]
pub async fn show(Path(id): Path<OrganizationId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    visit
        .page_of_figures(move |conn, cx, frame| {
            let record = store::get(conn, id, None)?;
            let row = store::row(conn, id, None)?;
            let may_write = Access::Write.is_for(cx.caller.role) && row.may_be_changed(cx).is_ok();
            let merged = match may_write {
                true => merges::merged_into(conn, record.meta.id)?,
                false => Vec::new(),
            };
            body_page(conn, cx, frame, record, |record, members| {
                let mut acts = match may_write {
                    true => acts(frame, record, members),
                    false => Vec::new(),
                };
                acts.extend(merged.iter().map(|one| unmerge::link(frame, one)));
                Doing::of(frame, acts, &record.warnings)
            })
        })
        .await
}

/// Returns what can be done with an organization by whoever may change it.
fn acts(frame: &Frame, record: &Record, members: &[Member]) -> Vec<Link> {
    let w = frame.w;
    let own = Of::Organizations.page(record.meta.id);
    let link = |rest: &str, text: String| {
        Link::to(frame.to(&format!("{own}/{rest}")), Text::stated(text, w))
    };
    let mut acts = vec![link(
        "edit",
        w.t("내용 수정", "Change the content").to_owned(),
    )];
    if record.kind != OrganizationKind::Association {
        return acts;
    }
    let [add, change, remove] = Of::Organizations.acts(w);
    acts.push(link("members/new", add.to_owned()));
    acts.extend(members.iter().flat_map(|member| {
        let name = member.organization.name.in_language(w.0);
        [("", change), ("/removal", remove)].map(|(rest, text)| {
            let at = format!("members/{}{rest}", member.meta.id);
            link(&at, format!("{name}: {text}"))
        })
    }));
    acts
}

#[get("/office/organizations/{id}/edit")]
pub async fn open(Path(id): Path<OrganizationId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &Frame, _| {
        let form = filled_with_items(EDIT, &json(conn, id)?, frame.w);
        entry_of(conn, cx, frame, form, id)
    };
    entry::open_as("update_organization", &by, frame, Form::default(), make).await
}

#[post("/office/organizations/{id}/edit")]
pub async fn send(
    Path(id): Path<OrganizationId>,
    sent: Submission,
) -> Result<HttpResponse, ApiError> {
    let work = move |conn: &mut _, cx: &_, expected: &_, patch: &_| {
        Ok(store::revise(conn, cx, id, expected, patch)?.into_organization())
    };
    let make = move |conn: &mut _, cx: &_, frame: &_, form| entry_of(conn, cx, frame, form, id);
    let change = Change {
        groups: EDIT,
        operation: "update_organization",
        path: Of::Organizations.page(id),
        read: move |conn: &mut _, _: &_| json(conn, id),
    };
    change::change(sent, change, |_| (), work, make).await
}

/// Returns the organization as the API shows it.
fn json(conn: &mut AnyConnection, id: OrganizationId) -> Result<Value, ApiError> {
    let one = store::get(conn, id, None)?.into_organization();
    serde_json::to_value(one).map_err(ApiError::internal)
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    id: OrganizationId,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let one = store::get(conn, id, None)?.into_organization();
    let entry = Entry {
        title: one.content.name.in_language(w.0).to_owned(),
        lead: vec![
            w.t(
                "이 기관이 나오는 모든 협약과 사업에서 함께 바뀝니다. 중복 기록된 기관은 수정하지 말고 통합하십시오. 다른 기관을 잘못 고른 것이면 협약에서 당사자를 수정하십시오.",
                "This changes the organization in every agreement and project that names it. Merge one that is recorded twice. If another organization was meant, change the party of the agreement.",
            )
            .to_owned(),
        ],
        groups: EDIT,
        send: w.t("저장", "Save"),
        back: Of::Organizations.page(id),
        tag: Some(tag(&one.revision())),
        barred: store::row(conn, id, None)?.may_be_changed(cx).err(),
        ..Entry::default()
    };
    Ok((entry, form))
}
