//! Policies of a municipality: a form that shows what a policy would demand before it is saved.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use serde_json::{Value, json};
use xxhash_rust::xxh3::xxh3_64;

use super::approvers::Approvers;
use super::at_fields;
use super::municipalities::{load, path};
use super::policy_fields::{APPROVERS, POLICY, changed, shown};
use crate::access::oidc::Oidc;
use crate::db::AnyConnection;
use crate::http::forms::Form;
use crate::http::signed_in::{Submission, Typed, tag};
use crate::http::{Path, State};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::{OrganizationId, TokenId};
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;
use crate::municipalities::preview::{PolicyPreview, PolicyPreviewCreate, preview};
use crate::municipalities::store::{self, KIND};
use crate::municipalities::view;
use crate::organizations::store as organizations;
use crate::pages::markup::{Dated, Link, Text};
use crate::pages::office::change;
use crate::pages::office::entry::{self, Entry};
use crate::pages::office::form::{changes, filled};
use crate::pages::office::tables::{Cell, DONE, Table};
use crate::pages::office::visit::{Visit, go_to};
use crate::pages::reader::Frame;
use crate::pages::words::Words;
use crate::projections::policies::Policy;

/// Name of the field with the digest of the policies of which a preview was shown.
const PREVIEWED: &str = "previewed";

/// Key of a policy that is not recorded yet.
const NEW: &str = "new";

pub type Ids = (OrganizationId, String);

/// The policy that is asked for, and who knows the people of the single sign-on.
#[derive(Clone)]
struct Asked {
    id: OrganizationId,
    key: String,
    oidc: Option<Arc<Oidc>>,
}

impl Asked {
    fn of((id, key): Ids, state: &State) -> Self {
        let oidc = state.oidc.clone();
        Self { id, key, oidc }
    }
}

/// Returns the keys of recorded policies in their addresses. A key stands for what keeps policies apart,
/// when one begins and for which organ, and not for its place in the list: the removal of another policy
/// would give that to its neighbour.
pub fn keys(policies: &[Policy]) -> Vec<String> {
    let apart = |policy: &Policy| (policy.valid_from, policy.organ());
    let keys = policies.iter().enumerate().map(|(place, policy)| {
        let own = apart(policy);
        // A policy that never was in force can begin with another one.
        let before = policies[..place].iter().filter(|one| apart(one) == own);
        digest(&json!([own.0, own.1, before.count()]))
    });
    keys.collect()
}

fn digest(value: &Value) -> String {
    format!("{:016x}", xxh3_64(value.to_string().as_bytes()))
}

/// The recorded policies, and the one that the form shows.
struct Recorded {
    policies: Vec<Value>,
    place: usize,
    today: NaiveDate,
}

impl Recorded {
    /// # Errors
    /// `not_found` if there is no such policy; `forbidden` if the caller may not change it.
    fn load(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        asked: &Asked,
    ) -> Result<Self, ApiError> {
        let row = organizations::row(conn, asked.id, KIND)?;
        row.may_be_changed(cx)?;
        let recorded = &row.doc.0.policies;
        let place = match asked.key.as_str() {
            NEW => recorded.len(),
            key => {
                let mut keys = keys(recorded).into_iter();
                let place = keys.position(|known| known == key);
                place.ok_or_else(ApiError::not_found)?
            }
        };
        let policies = recorded.iter().map(serde_json::to_value);
        let policies = policies.collect::<Result<_, _>>();
        Ok(Self {
            policies: policies.map_err(ApiError::internal)?,
            place,
            today: cx.today,
        })
    }

    fn one(&self) -> Value {
        let one = self.policies.get(self.place);
        shown(one.unwrap_or(&json!({})))
    }

    /// Returns the policies as the form would make them.
    fn proposed(mut self, form: &Form, w: Words) -> Typed {
        let mut typed = changes(POLICY, form, &self.one(), w, self.today);
        let before = self.policies.get(self.place).cloned();
        let policy = changed(&before.unwrap_or(json!({})), &typed.body);
        match self.policies.get_mut(self.place) {
            Some(one) => *one = policy,
            None => self.policies.push(policy),
        }
        typed.body = json!({ "policies": self.policies });
        typed
    }
}

#[get("/office/admin/municipalities/{id}/policies/{key}")]
pub async fn open(
    Path(ids): Path<Ids>,
    visit: Visit,
    state: web::Data<State>,
) -> Result<HttpResponse, ApiError> {
    let asked = Asked::of(ids, &state);
    let Visit { by, frame } = visit;
    let make = move |conn: &mut _, cx: &_, frame: &Frame, _| {
        let form = filled(POLICY, &Recorded::load(conn, cx, &asked)?.one(), frame.w);
        entry_of(conn, cx, frame, form, &asked)
    };
    entry::open_as("update_municipality", &by, frame, Form::default(), make).await
}

#[post("/office/admin/municipalities/{id}/policies/{key}")]
pub async fn send(
    Path(ids): Path<Ids>,
    sent: Submission,
    state: web::Data<State>,
) -> Result<HttpResponse, ApiError> {
    let asked = Asked::of(ids, &state);
    let operation = "update_municipality";
    let frame = Frame::of(sent.by.request())?;
    let (w, form) = (frame.w, sent.form.clone());
    let known = asked.clone();
    let read = sent.by.read_as(operation, move |conn, cx| {
        let recorded = Recorded::load(conn, cx, &known)?;
        let place = recorded.place;
        Ok((place, recorded.proposed(&form, w)))
    });
    let (place, typed) = match read.await {
        Err(error) if error.code == Code::NotFound => {
            let error = Err(gone());
            let make = move |conn: &mut _, cx: &_, frame: &_, form| {
                entry_of(conn, cx, frame, form, &asked)
            };
            let Submission { by, form } = sent;
            return entry::settled_as(operation, &by, frame, form, error, make).await;
        }
        read => read?,
    };
    let digest = digest(&typed.body);
    let id = asked.id;
    let done = if sent.form.get(PREVIEWED) == digest {
        let work = move |conn: &mut _, cx: &RequestContext, expected: &_, patch: &_| {
            let changed = store::update(conn, cx, id, expected, patch)?;
            view::view(conn, changed, cx.today)
        };
        let changed = sent.change(operation, typed, work).await;
        changed.map(|_| None)
    } else {
        let work = move |conn: &mut _, cx: &_, new: &PolicyPreviewCreate| {
            preview(conn, cx, id, &new.policies)
        };
        let shown = sent.ask("preview_municipality_policies", typed, work).await;
        shown.map(Some)
    };
    let Submission { by, form } = sent;
    match done {
        Ok(Some(preview)) => {
            let make = move |conn: &mut _, cx: &_, frame: &_, form| {
                previewed(conn, cx, frame, form, (&asked, digest, &preview))
            };
            entry::open_as(operation, &by, frame, form, make).await
        }
        Ok(None) => Ok(go_to(&frame.with(&path(id), &[(DONE, "1")]))),
        Err(error) => {
            let error = at_fields(error, &[(format!("/policies/{place}"), "")]);
            let known = asked.clone();
            let read = move |conn: &mut _, cx: &_| Ok(Recorded::load(conn, cx, &known)?.one());
            let make = move |conn: &mut _, cx: &_, frame: &_, form| {
                entry_of(conn, cx, frame, form, &asked)
            };
            change::settle(&by, frame, form, Err(error), (POLICY, read), make).await
        }
    }
}

/// The answer to a form whose policy is there no more. What was typed stays in it.
fn gone() -> ApiError {
    ApiError::with(
        Code::Conflict,
        "이 정책은 삭제되었거나 시작하는 날이 바뀌었습니다. 지방자치단체 화면에서 다시 여십시오. 적은 내용은 아래에 그대로 있습니다.",
        "This policy was removed, or begins on another day now. Open it again from the page of the municipality; what you typed is still below.",
    )
}

fn entry_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    asked: &Asked,
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let municipality = load(conn, cx, asked.id)?;
    let approvers = Approvers::of(conn, cx, asked.oidc.as_deref(), asked.id, w)?;
    let recorded = recorded(&municipality.content.policies, &asked.key).unwrap_or_default();
    let chosen = named(&form);
    let others = recorded.iter().filter(|id| !chosen.contains(id));
    let named: Vec<TokenId> = chosen.iter().chain(others).copied().collect();
    let name = municipality.content.content.name.in_language(w.0);
    let title = match asked.key.as_str() {
        NEW => w.t("정책 기록", "Record a policy"),
        _ => w.t("정책 수정", "Change a policy"),
    };
    let entry = Entry {
        title: format!("{name}: {title}"),
        lead: vec![
            w.t(
                "조례가 협약에 요구하는 것을 적습니다. 저장하기 전에 기존 협약에 무엇을 요구하게 되는지 보여 드립니다.",
                "State what the ordinance demands of agreements. Before it is saved, you see what it would demand of those that are recorded.",
            )
            .to_owned(),
        ],
        groups: POLICY,
        send: w.t("미리 보기", "Preview"),
        back: path(asked.id),
        tag: Some(tag(&municipality.revision())),
        offers: vec![(APPROVERS, approvers.choices(&named))],
        ..Entry::default()
    };
    Ok((entry, form))
}

/// Returns those whom the recorded policy with a key names.
fn recorded<'a>(policies: &'a [Policy], key: &str) -> Option<&'a [TokenId]> {
    let place = keys(policies).iter().position(|known| known == key)?;
    policies.get(place)?.approver_ids.as_deref()
}

/// Returns those who are chosen in a form.
fn named(form: &Form) -> Vec<TokenId> {
    form.all(APPROVERS)
        .filter_map(|id| id.parse().ok())
        .collect()
}

/// Says who would approve, and who does now if that differs.
fn approval(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (form, w): (&Form, Words),
    asked: &Asked,
) -> Result<Vec<String>, ApiError> {
    let municipality = load(conn, cx, asked.id)?;
    let approvers = Approvers::of(conn, cx, asked.oidc.as_deref(), asked.id, w)?;
    let now = recorded(&municipality.content.policies, &asked.key);
    // A form without the field changes nothing of it.
    let named = match form.has(APPROVERS) {
        true => Some(named(form)).filter(|named| !named.is_empty()),
        false => now.map(<[TokenId]>::to_vec),
    };
    let of_both = [named.as_deref(), now];
    let [new, old] = of_both.map(|some| some.map(|ids| ids.iter().collect::<BTreeSet<_>>()));
    let said = |label: &str, who| format!("{label}: {}", approvers.said(who).join("; "));
    let mut all = vec![said(
        w.t("승인할 수 있는 사람", "Who may approve"),
        named.as_deref(),
    )];
    if asked.key != NEW && new != old {
        all.push(said(w.t("저장하기 전까지", "Until it is saved"), now));
    }
    Ok(all)
}

/// Makes the form with what the policy would demand, from where it can be saved.
fn previewed(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    form: Form,
    (asked, digest, preview): (&Asked, String, &PolicyPreview),
) -> Result<(Entry, Form), ApiError> {
    let w = frame.w;
    let (mut entry, form) = entry_of(conn, cx, frame, form, asked)?;
    entry.list = approval(conn, cx, (&form, w), asked)?;
    let agreements = w.number(preview.agreement_count);
    let day = w.day(preview.on);
    entry.lead = vec![
        w.t(
            "아직 저장하지 않았습니다. 아래와 같이 달라집니다. 맞으면 저장하십시오. 내용을 수정하면 다시 미리 보여 드립니다.",
            "Nothing is saved yet. This is what would change: save it if it is right. If you change the form, the preview is shown again.",
        )
        .to_owned(),
        match w.tag() {
            "ko" => format!("협약 {agreements}건을 {day} 기준으로 살펴보았습니다."),
            _ => format!("Agreements: {agreements}, as on {day}."),
        },
    ];
    entry.send = w.t("저장", "Save");
    entry.passed = vec![(PREVIEWED, digest)];
    entry.tables = tables(frame, preview);
    Ok((entry, form))
}

/// Returns the tables of what would differ.
pub fn tables(frame: &Frame, preview: &PolicyPreview) -> Vec<Table> {
    let all = [
        counts(frame.w, preview),
        lacking(frame.w, preview),
        duties(frame, preview),
    ];
    // A table without rows says something only of the whole.
    let all = all.into_iter();
    all.filter(|table| !table.rows.is_empty() || !table.none.is_empty())
        .collect()
}

fn number(w: Words, number: usize) -> Cell {
    Text::stated(w.number(number), w).into()
}

fn counts(w: Words, preview: &PolicyPreview) -> Table {
    let counts = preview.counts.iter().map(|one| {
        vec![
            Text::stated(w.label("DutyKind", &one.kind), w).into(),
            number(w, one.added),
            number(w, one.removed),
            number(w, one.moved),
            number(w, one.overdue),
        ]
    });
    Table {
        caption: w.t("달라지는 의무", "Duties that would differ").to_owned(),
        none: w.t("달라지는 의무가 없습니다.", "No duty would differ."),
        heads: vec![
            w.t("의무", "Duty"),
            w.t("새로 생김", "Added"),
            w.t("없어짐", "Removed"),
            w.t("기한이 바뀜", "Moved"),
            w.t("곧바로 기한이 지남", "Overdue at once"),
        ],
        rows: counts.collect(),
    }
}

fn lacking(w: Words, preview: &PolicyPreview) -> Table {
    let lacking = preview.lacking.iter().map(|one| {
        vec![
            Text::stated(w.label("RequiredFact", &one.fact), w).into(),
            number(w, one.agreement_count),
        ]
    });
    Table {
        caption: w
            .t(
                "체결 전인 협약에 없는 것",
                "What agreements lack that are not signed yet",
            )
            .to_owned(),
        none: "",
        heads: vec![w.t("필요 사항", "Fact"), w.t("협약", "Agreements")],
        rows: lacking.collect(),
    }
}

fn duties(frame: &Frame, preview: &PolicyPreview) -> Table {
    let w = frame.w;
    let duties = preview.duties.iter().map(|one| {
        let duty = &one.duty;
        let about = match &duty.agreement {
            Some(agreement) => {
                let href = frame.to(&format!("agreements/{}", agreement.id));
                Link::to(href, Text::of(&agreement.title, w))
            }
            None => Link::perhaps(None, Text::of(&duty.municipality.name, w)),
        };
        let kind = w.label("DutyKind", &duty.kind);
        let occasion = w.label("Occasion", &duty.occasion);
        vec![
            about.into(),
            Text::stated(format!("{kind} ({occasion})"), w).into(),
            Text::stated(w.label("DutyChange", &one.change), w).into(),
            Dated::of(duty.due.as_ref(), w).into(),
            Text::stated(w.label("DutyStatus", &duty.status), w).into(),
        ]
    });
    Table {
        caption: w
            .t(
                "기한이 이른 의무부터 100건까지",
                "The first 100 duties by due date",
            )
            .to_owned(),
        none: "",
        heads: vec![
            w.t("협약", "Agreement"),
            w.t("의무", "Duty"),
            w.t("변화", "Change"),
            w.t("기한", "Due"),
            w.t("상태", "Status"),
        ],
        rows: duties.collect(),
    }
}
