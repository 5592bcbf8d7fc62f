//! An agreement that follows another: the links that lead to its form, and what the form takes over.

use serde_json::{Value, json};

use super::fields::{NEW, PROJECTS};
use super::part_fields::NEW_COMMITMENT;
use super::{path, projects};
use crate::agreements::read;
use crate::agreements::reports::types::CommitmentStatus;
use crate::agreements::types::{Agreement, Commitment, Party};
use crate::db::AnyConnection;
use crate::http::forms::Form;
use crate::kernel::error::ApiError;
use crate::kernel::ids::AgreementId;
use crate::kernel::values::{OrganizationRef, to_db};
use crate::ledger::RequestContext;
use crate::pages::markup::{Link, Text};
use crate::pages::office::entry::Entry;
use crate::pages::office::form;
use crate::pages::office::municipalities::MUNICIPALITY;
use crate::pages::reader::Frame;
use crate::pages::words::Words;

/// How a new agreement follows an earlier one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Following {
    /// It renews, amends or replaces the earlier one, which ends.
    Supersedes,
    /// It amends a part of the earlier one, of which the rest goes on.
    Amends,
}

impl Following {
    const ALL: [Self; 2] = [Self::Supersedes, Self::Amends];

    /// Returns the link that a request or a form states, with the earlier agreement.
    pub fn of<'a>(stated: impl Fn(&'static str) -> &'a str) -> Option<(Self, AgreementId)> {
        let mut all = Self::ALL.into_iter();
        all.find_map(|how| Some((how, stated(how.member()).parse().ok()?)))
    }

    /// Returns the member of the agreement that names the earlier one, which is also that of the form.
    pub fn member(self) -> &'static str {
        match self {
            Self::Supersedes => "supersedes_id",
            Self::Amends => "amends_id",
        }
    }

    fn name(self, w: Words) -> &'static str {
        match self {
            Self::Supersedes => w.t("갱신·변경 협약 기록", "Record a renewal or a replacement"),
            Self::Amends => w.t("일부 변경 협약 기록", "Record an amendment of a part"),
        }
    }

    fn said(self, w: Words) -> &'static str {
        match self {
            Self::Supersedes => w.t(
                "이 협약을 연장하거나 바꾸거나 대신하는 새 협약입니다. 새 협약이 체결되면 앞의 협약은 대체되어 끝나고, 남은 협약 사항은 새 협약으로 넘어갑니다. 이미 체결했으면 상태를 ‘체결’로 바꾸고 체결일을 적으십시오. 앞의 협약에서 옮겨 적은 내용이 맞는지 확인하고, 기한처럼 달라진 내용을 수정하십시오.",
                "The new agreement renews, amends or replaces this one, which ends when the new one is signed; its open commitments go over. If it was signed already, choose so and give the day. Check what is taken over from it below, and change what differs, such as deadlines.",
            ),
            Self::Amends => w.t(
                "이 협약의 일부만 바꾸는 새 협약입니다. 앞의 협약은 그대로 이어집니다. 달라진 협약 사항만 적으십시오.",
                "The new agreement amends a part of this one, of which the rest goes on. Write only the commitments that are new.",
            ),
        }
    }
}

/// Returns the links to the forms of agreements that follow a signed one.
pub fn links(frame: &Frame, one: &Agreement) -> Vec<Link> {
    if !one.status.is_signed() {
        return Vec::new();
    }
    let (municipality, id) = (one.municipality_id.to_string(), one.meta.id.to_string());
    let mut all = Following::ALL.to_vec();
    // Only one agreement supersedes another.
    all.retain(|how| *how == Following::Amends || one.superseded_by.is_none());
    let links = all.into_iter().map(|how| {
        let query = [(MUNICIPALITY, municipality.as_str()), (how.member(), &id)];
        let href = frame.with("office/agreements/new", &query);
        Link::to(href, Text::stated(how.name(frame.w), frame.w))
    });
    links.collect()
}

/// Completes the form of an agreement that follows another, with what it takes over unless it was filled
/// `from_paper`.
///
/// # Errors
/// `not_found` if the caller does not see the earlier one.
pub fn entry(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    mut entry: Entry,
    (how, old, from_paper): (Following, AgreementId, bool),
) -> Result<Entry, ApiError> {
    let w = frame.w;
    let one = read::get(conn, cx, old, None)?;
    entry.title = how.name(w).to_owned();
    entry.lead.insert(0, how.said(w).to_owned());
    if how == Following::Supersedes && !from_paper {
        entry.lead.extend(left_open(&one, w));
    }
    let choices = projects::choices(conn, cx, one.municipality_id, &one.projects, w)?;
    entry.offers = vec![(PROJECTS, choices)];
    entry.list = vec![one.content.title.in_language(w.0).to_owned()];
    entry.back = path(old);
    entry.passed.push((how.member(), old.to_string()));
    Ok(entry)
}

/// Says for which commitments the form does not name who owes them.
fn left_open(one: &Agreement, w: Words) -> Option<String> {
    let parties = present(one);
    let all = one.commitments.iter().filter(|known| is_open(known));
    let all = all.filter(|known| places(&parties, &known.owed_by_organizations).is_none());
    let all: Vec<&str> = all
        .map(|known| known.content.text.in_language(w.0))
        .collect();
    let said = w.t(
        "다음 협약 사항은 탈퇴한 당사자가 이행하던 것이어서 이행 주체를 비워 두었습니다. 확인하십시오",
        "Who owes these commitments is left open, since a party that has left owed them. Check them",
    );
    (!all.is_empty()).then(|| format!("{said}: {}", all.join(", ")))
}

/// Returns the topics of the agreement that another follows, in their languages.
///
/// # Errors
/// `not_found` if the caller does not see the earlier one.
pub fn topics(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    old: AgreementId,
) -> Result<Value, ApiError> {
    Ok(json!(read::get(conn, cx, old, None)?.content.topics))
}

/// Members that an agreement has in common with the one that it follows, at their beginnings.
const SHARED: [&str; 9] = [
    "title",
    "kind",
    "purpose",
    "lead_department",
    "visibility",
    "legally_binding",
    "financial_obligation",
    "contact",
    "topics",
];

/// Adds to a form what an agreement takes over from the one that it follows: what both have in common,
/// the present parties and, where it supersedes that one, the open commitments.
///
/// # Errors
/// `not_found` if the caller does not see the earlier one.
pub fn filled(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    w: Words,
    mut form: Form,
    (how, old): (Following, AgreementId),
) -> Result<Form, ApiError> {
    let one = read::get(conn, cx, old, None)?;
    // Signing ends the earlier agreement, so it is chosen.
    form = form
        .with(how.member(), old.to_string())
        .with("status", "draft");
    let record: Value = serde_json::to_value(&one).map_err(ApiError::internal)?;
    let content = form::filled_as_held(NEW, &record, w);
    let is_shared = |name: &str| SHARED.contains(&name.split('/').next().unwrap_or_default());
    for (name, value) in content.fields().filter(|(name, _)| is_shared(name)) {
        form = form.with(name, value);
    }
    // Those that the caller sees.
    for project in &one.projects {
        form = form.with(PROJECTS, project.id.to_string());
    }
    let parties = present(&one);
    for (place, party) in parties.iter().enumerate() {
        let at = format!("parties/{place}");
        let name = format!("{at}/organization");
        form = form::with_organization(form, &name, &party.organization, w)
            .with(format!("{at}/role"), to_db(&party.content.role));
    }
    if how == Following::Amends {
        return Ok(form);
    }
    let open = one.commitments.iter().filter(|known| is_open(known));
    for (place, commitment) in open.enumerate() {
        let at = format!("commitments/{place}");
        let content = json!(commitment.content);
        let held = form::filled_as_held(&NEW_COMMITMENT[1..], &content, w);
        for (name, text) in held.fields().filter(|(name, _)| name.starts_with("text/")) {
            form = form.with(format!("{at}/{name}"), text);
        }
        if let Some(target) = &commitment.content.target {
            let said = target.as_stated.clone();
            form = form.with(
                format!("{at}/target"),
                said.unwrap_or_else(|| w.amount(target)),
            );
        }
        if let Some(due) = &commitment.content.due {
            // A time after the signing is one after the new signing, in the same words.
            let said = due.as_stated().map(str::to_owned);
            form = form.with(format!("{at}/due"), said.unwrap_or_else(|| due.words(w.0)));
        }
        for (member, of) in [
            ("owed_by", &commitment.owed_by_organizations),
            ("owed_to", &commitment.owed_to_organizations),
        ] {
            for place in places(&parties, of).unwrap_or_default() {
                form = form.with(format!("{at}/{member}"), place.to_string());
            }
        }
    }
    Ok(form)
}

fn present(one: &Agreement) -> Vec<&Party> {
    let all = one.parties.iter();
    all.filter(|party| party.content.until.is_none()).collect()
}

/// Returns the places of organizations among the parties; `None` if one of them is there no more.
fn places(parties: &[&Party], of: &[OrganizationRef]) -> Option<Vec<usize>> {
    let place = |one: &OrganizationRef| {
        let mut all = parties.iter();
        all.position(|party| party.organization.id == one.id)
    };
    of.iter().map(place).collect()
}

/// Returns whether a commitment waits for what becomes of it.
pub fn is_open(one: &Commitment) -> bool {
    matches!(
        one.progress.status,
        CommitmentStatus::Unknown | CommitmentStatus::NotStarted | CommitmentStatus::InProgress
    )
}
