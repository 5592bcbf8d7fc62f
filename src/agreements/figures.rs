//! The few facts of an agreement from which its figures follow for any day.
//!
//! They are stored beside the document, so that figures of many agreements are computed without reading
//! their documents. A date relative to a milestone depends on the day: the facts of an agreement with
//! such a date are taken from its document, by the same function.

use chrono::NaiveDate;
use chrono_tz::Tz;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::anchors;
use super::doc::{Doc, Part};
use super::force::Force;
use super::known::Steps;
use super::read::{Row, State};
use super::reports::types::{CommitmentStatus, ReportedStatus, Standing};
use super::reports::{self, Recorded, Reports, rules as reported};
use super::types::{AgreementKind, CommitmentContent};
use crate::db::schema::{agreement_figures as f, agreements as a};
use crate::db::{AnyConnection, Json, directly, in_list};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, OrganizationId, PartId, ProjectId};
use crate::kernel::values::{Bounds, Localized, stored_id, to_stored};
use crate::ledger::RequestContext;
use crate::projections::freshness::{self, Freshness, SignOfLife, Thresholds};
use crate::projections::policies::Policy;

/// The facts of an agreement for its figures.
#[derive(Serialize, Deserialize)]
pub struct FigureFacts {
    pub municipality_id: OrganizationId,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    co_owner_ids: Vec<OrganizationId>,
    pub kind: AgreementKind,
    steps: Steps,
    force: Option<Force>,
    signed: Bounds,
    pub department: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topics: Vec<Localized>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub project_ids: Vec<ProjectId>,
    /// The last possible days of the reviews.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reviews: Vec<NaiveDate>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    commitments: Vec<Commitment>,
    /// The reports that count, in the order of recording.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reports: Vec<Report>,
}

#[derive(Serialize, Deserialize)]
struct Commitment {
    id: PartId,
    due: Bounds,
    /// The due date before the signing is known, from which it is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_unsigned: Option<Bounds>,
    /// The promised number and its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<(f64, String)>,
}

#[derive(Serialize, Deserialize)]
struct Report {
    /// Index of the commitment; `None` if it was removed.
    #[serde(rename = "on")]
    commitment: Option<usize>,
    /// See [`Recorded::known_from`].
    known_from: NaiveDate,
    earliest: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    at_end: bool,
    status: ReportedStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
}

impl Report {
    fn of(doc: &Doc, report: &Recorded) -> Self {
        let on = |part: &Part<CommitmentContent>| part.id == report.commitment_id;
        let content = &report.doc.content;
        Self {
            commitment: doc.commitments.iter().position(on),
            known_from: report.known_from(),
            earliest: content.on.earliest(),
            at_end: report.doc.at_end,
            status: content.status,
            value: content.value,
        }
    }
}

/// A commitment, with its status on a day.
#[derive(Clone)]
pub struct Promise {
    pub id: PartId,
    pub due: Bounds,
    pub status: CommitmentStatus,
    /// The promised number and its unit.
    pub target: Option<(f64, String)>,
    /// Reached number, in the unit of the target.
    pub value: Option<f64>,
}

impl FigureFacts {
    /// Returns the facts of an agreement, of whose dates those that are relative to milestones are known
    /// as of `day`.
    fn of(doc: &Doc, reports: &Reports, zone: Tz, day: NaiveDate) -> Self {
        let content = &doc.content;
        let counting = doc.counting(zone);
        let reviews = doc.reviews.iter();
        let counted = reports.all.iter();
        let counted = counted.filter(|report| report.standing() == Standing::Counted);
        Self {
            municipality_id: doc.municipality_id,
            co_owner_ids: content.co_owner_ids.clone(),
            kind: content.kind,
            steps: Steps::of(&doc.transitions, &counting),
            force: Force::of(&doc.transitions, content, &counting),
            signed: Bounds::of(content.signed_on.as_ref()),
            department: content.lead_department.clone(),
            topics: content.topics.clone(),
            project_ids: content.project_ids.clone(),
            reviews: reviews
                .filter_map(|part| part.content.on.latest())
                .collect(),
            commitments: commitments(doc, day),
            reports: counted.map(|report| Report::of(doc, report)).collect(),
        }
    }

    /// Returns the municipalities whose agreement it is: the owner first.
    pub fn owners(&self) -> impl Iterator<Item = OrganizationId> {
        std::iter::once(self.municipality_id).chain(self.co_owner_ids.iter().copied())
    }

    /// Returns the state on a day by the rule of `read::rewind_to`; `None` if nothing was known of the
    /// agreement, as far as the caller can see.
    pub fn state_on(&self, cx: &RequestContext, day: NaiveDate) -> Option<State> {
        self.steps.state_on(self.force, self.owners(), cx, day)
    }

    /// Returns true if the signing was not known yet on a day.
    fn is_before_signing(&self, cx: &RequestContext, day: NaiveDate) -> bool {
        day < cx.today && !self.steps.signed_by(day)
    }

    /// Returns the date of signing as known on a day.
    pub fn signed_on(&self, cx: &RequestContext, day: NaiveDate) -> Bounds {
        match self.is_before_signing(cx, day) {
            true => Bounds::UNKNOWN,
            false => self.signed,
        }
    }

    /// Returns the freshness on a day by the rule of `freshness::freshness`.
    pub fn freshness(
        &self,
        state: &State,
        policies: &[Policy],
        cx: &RequestContext,
        day: NaiveDate,
    ) -> Option<Freshness> {
        let signed = self.signed_on(cx, day).latest.into_iter();
        let reviews = self.reviews.iter().copied();
        let reviews = reviews.filter(|on| day >= cx.today || *on <= day);
        let reports = self.reports.iter().map(|report| report.known_from);
        let reports = reports.filter(|from| *from <= day);
        let signs = signed
            .map(|on| (SignOfLife::Signing, on))
            .chain(reviews.map(|on| (SignOfLife::Review, on)))
            .chain(reports.map(|on| (SignOfLife::Report, on)));
        state
            .is_awaited(day)
            .then(|| freshness::freshness(signs, Thresholds::on(policies, day), day))
    }

    /// Returns the commitments with their status on a day, in the order of their ids.
    pub fn promises(&mut self, cx: &RequestContext, day: NaiveDate) -> Vec<Promise> {
        let unsigned = self.is_before_signing(cx, day);
        let commitments = std::mem::take(&mut self.commitments).into_iter();
        let promises = commitments.enumerate().map(|(place, commitment)| {
            let counted = || {
                let on = |report: &&Report| report.commitment == Some(place);
                let reports = self.reports.iter().filter(on);
                reports.filter(|report| report.known_from <= day)
            };
            let told = decisive(counted());
            let numbered = decisive(counted().filter(|report| report.value.is_some()));
            Promise {
                id: commitment.id,
                due: commitment
                    .due_unsigned
                    .filter(|_| unsigned)
                    .unwrap_or(commitment.due),
                status: told.map_or(CommitmentStatus::Unknown, |report| report.status.into()),
                target: commitment.target,
                value: numbered.and_then(|report| report.value),
            }
        });
        let mut promises: Vec<Promise> = promises.collect();
        promises.sort_by_key(|promise| promise.id);
        promises
    }
}

fn decisive<'a>(reports: impl Iterator<Item = &'a Report>) -> Option<&'a Report> {
    reported::decisive(reports, |report| {
        ((report.known_from, report.earliest), report.at_end)
    })
}

fn commitments(doc: &Doc, day: NaiveDate) -> Vec<Commitment> {
    let due = |part: &Part<CommitmentContent>| Bounds::of(part.content.due.as_ref());
    let relative = doc.commitments.iter().any(|part| {
        let due = part.content.due.as_ref();
        due.is_some_and(|due| due.relative_to().is_some())
    });
    let unsigned = relative.then(|| {
        let mut unsigned = doc.clone();
        unsigned.content.signed_on = None;
        unsigned.derive_dates(day);
        unsigned.commitments
    });
    let unsigned = unsigned.unwrap_or_default();
    let commitments = doc.commitments.iter().enumerate().map(|(i, part)| {
        let other = unsigned.get(i).map(due);
        let target = part.content.target.as_ref();
        Commitment {
            id: part.id,
            due: due(part),
            due_unsigned: other.filter(|other| *other != due(part)),
            target: target.map(|target| (target.value, target.unit.clone())),
        }
    });
    commitments.collect()
}

/// Writes the facts of an agreement.
pub(super) fn write(
    conn: &mut AnyConnection,
    id: AgreementId,
    doc: &Doc,
    reports: &Reports,
    zone: Tz,
) -> Result<(), ApiError> {
    let depends_on_day = doc.milestones().next().is_some();
    // Without milestones, no date depends on the day.
    let facts = (!depends_on_day).then(|| FigureFacts::of(doc, reports, zone, NaiveDate::MAX));
    let facts = facts.as_ref().map(to_stored).transpose()?;
    let row = (f::agreement_id.eq(id.to_string()), f::facts.eq(facts));
    let inserted = diesel::insert_into(f::table).values(row);
    directly!(conn, inserted, execute)?;
    Ok(())
}

/// Removes the row written by [`write()`].
pub(super) fn remove(conn: &mut AnyConnection, id: &str) -> Result<(), ApiError> {
    let own = diesel::delete(f::table.filter(f::agreement_id.eq(id)));
    directly!(conn, own, execute)?;
    Ok(())
}

/// Reads the facts of agreements for figures of a day, in the order of their ids.
///
/// # Errors
/// Fails if the database does.
pub fn load(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: &[String],
    day: NaiveDate,
) -> Result<Vec<(String, FigureFacts)>, ApiError> {
    let stored = f::table.filter(in_list(f::agreement_id, ids));
    let stored: Vec<(String, Option<Json<FigureFacts>>)> =
        stored.select((f::agreement_id, f::facts)).load(conn)?;
    let (mut found, mut following) = (Vec::with_capacity(stored.len()), Vec::new());
    for (id, facts) in stored {
        match facts {
            Some(Json(facts)) => found.push((id, facts)),
            None => following.push(id),
        }
    }
    if !following.is_empty() {
        found.extend(from_documents(conn, cx, &following, day)?);
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(found)
}

/// Takes the facts of agreements from their documents, with their dates as known on a day.
fn from_documents(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: &[String],
    day: NaiveDate,
) -> Result<Vec<(String, FigureFacts)>, ApiError> {
    let rows = a::table.filter(in_list(a::id, ids));
    let mut rows: Vec<Row> = rows.select(Row::as_select()).load(conn)?;
    let named: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut all = reports::store::of_agreements(conn, cx, &named)?;
    anchors::attach(conn, rows.iter_mut().map(|row| &mut row.doc.0), day)?;
    let facts = rows.into_iter().map(|row| {
        let id = stored_id(&row.id)?;
        let all = all.remove(&id).unwrap_or_default();
        let reports = Reports { changes: 0, all };
        Ok((row.id, FigureFacts::of(&row.doc.0, &reports, cx.zone, day)))
    });
    facts.collect()
}
