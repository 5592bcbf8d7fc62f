//! Agreements as list rows.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::doc::Doc;
use super::force::{EndedBy, Force};
use super::known::Steps;
use super::read::{State, rewind_to};
use super::reports::types::{CommitmentCounts, Fulfilment};
use super::reports::{Reports, rules as reported};
use super::types::{AgreementKind, AgreementStatus, OtherParties, PartyRole};
use super::{anchors, freshness, gaps, read, reports, rules};
use crate::db::schema::agreements as a;
use crate::db::{AnyConnection, Json, in_list};
use crate::directory::names::{Names, names};
use crate::http::Shown;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::{AgreementId, OrganizationId, ProjectId};
use crate::kernel::values::{
    DayRange, Gap, ImpreciseDate, Localized, Meta, OrganizationRef, ProjectRef,
};
use crate::ledger::tail::Basis;
use crate::ledger::{RequestContext, Visibility};
use crate::projections::agreement_dates::AgreementDates;
use crate::projections::freshness::{Freshness, SignOfLife, Thresholds};
use crate::projections::policies;
use crate::projections::policies::Policy;
use crate::projects::store as projects;

/// Agreement in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgreementSummary {
    #[serde(flatten)]
    pub meta: Meta<AgreementId>,
    /// Municipality that owns the agreement.
    pub municipality: OrganizationRef,
    /// Other municipalities that share the agreement.
    #[schema(example = json!([]))]
    pub co_owners: Vec<OrganizationRef>,
    /// Kind of agreement.
    pub kind: AgreementKind,
    /// Title of the agreement.
    pub title: Localized,
    /// The city's own number of the agreement.
    pub reference_number: Option<String>,
    /// Status on the day of `as_of`, by default today.
    pub status: AgreementStatus,
    /// Visibility after signing; until then the agreement is internal.
    pub visibility: Visibility,
    /// Date of signing; null if unknown.
    pub signed_on: Option<ImpreciseDate>,
    /// First day in force; null if it is the day of signing, or unknown.
    pub effective_from: Option<ImpreciseDate>,
    /// Last day in force; null if unknown.
    pub effective_until: Option<ImpreciseDate>,
    /// Whether the agreement is in force today; null if its dates leave it open.
    pub in_force: Option<bool>,
    /// Number of days until the last day in force; null unless the agreement is certainly in force
    /// and that day is known.
    pub expires_in_days: Option<i64>,
    /// Number of days until the last day in force, as a range; null if the agreement is certainly
    /// not in force or nothing is known of its end.
    pub expires_in: Option<DayRange>,
    /// How the agreement ended; null if it has not certainly ended.
    pub ended_by: Option<EndedBy>,
    /// Department in charge.
    pub lead_department: Option<String>,
    /// Topics of the agreement.
    pub topics: Vec<Localized>,
    /// Organizations that take part on the day: the agreement itself has those that left or join later.
    pub parties: Vec<PartySummary>,
    /// Parties beside these that the source does not name; null if there are none.
    pub other_parties: Option<OtherParties>,
    /// Number of parties who are individuals.
    pub individual_party_count: usize,
    /// Projects that the agreement serves.
    pub projects: Vec<ProjectRef>,
    /// Number of commitments.
    pub commitment_count: usize,
    /// Fulfilment of the commitments, derived from the reports on them.
    pub fulfilment: Fulfilment,
    /// Freshness of the information today; null unless the agreement is signed and has not ended.
    pub freshness: Option<Freshness>,
}

/// Party in a list of agreements.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PartySummary {
    /// Organization with its name.
    pub organization: OrganizationRef,
    /// Role of the organization in the agreement.
    pub role: PartyRole,
}

/// Number of documents that are in memory at once.
const MOST_AT_ONCE: usize = 500;

/// Row data of an agreement, stored beside the document from which it is derived.
#[derive(Serialize, Deserialize)]
pub struct StoredSummary {
    municipality_id: OrganizationId,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    co_owner_ids: Vec<OrganizationId>,
    kind: AgreementKind,
    title: Localized,
    reference_number: Option<String>,
    status: AgreementStatus,
    /// The day from which the status counts, if it is an end that may lie ahead.
    ended_from: Option<NaiveDate>,
    /// The transitions, each with the day from which it counts.
    steps: Steps,
    /// The dates from which targets of milestones are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dates: Option<AgreementDates>,
    force: Option<Force>,
    signed_on: Option<ImpreciseDate>,
    effective_from: Option<ImpreciseDate>,
    effective_until: Option<ImpreciseDate>,
    lead_department: Option<String>,
    visibility: Visibility,
    topics: Vec<Localized>,
    project_ids: Vec<ProjectId>,
    parties: Vec<(OrganizationId, PartyRole)>,
    /// Places of the parties that joined later or left, each with its first and its last day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    party_days: Vec<(usize, Option<NaiveDate>, Option<NaiveDate>)>,
    other_parties: Option<OtherParties>,
    #[serde(default)]
    individual_party_count: usize,
    commitment_count: usize,
    #[serde(rename = "followed")]
    activity: Activity,
}

/// Status of the commitments, and the last sign of life. A report counts at the latest from the day
/// of its recording, which keeps stored values valid on later days.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Activity {
    #[serde(rename = "stand")]
    commitments: CommitmentCounts,
    #[serde(rename = "last")]
    last_sign: Option<(SignOfLife, NaiveDate)>,
}

impl Activity {
    fn on(day: NaiveDate, doc: &Doc, reports: &Reports) -> Self {
        let stands = doc.commitments.iter();
        let stands = stands.map(|part| reported::status_on(reports.on(part.id), day));
        Self {
            commitments: CommitmentCounts::of(stands),
            last_sign: freshness::last(doc, reports, day),
        }
    }

    /// Returns the freshness by the rule of `freshness::freshness`, from the last sign of life
    /// alone.
    fn freshness(&self, policies: &[Policy], day: NaiveDate) -> Freshness {
        use crate::projections::freshness::freshness;
        freshness(
            self.last_sign.into_iter(),
            Thresholds::on(policies, day),
            day,
        )
    }
}

impl StoredSummary {
    pub fn of(doc: &Doc, reports: &Reports, zone: Tz) -> Self {
        let counting = doc.counting(zone);
        let state = State {
            status: doc.status(),
            force: Force::of(&doc.transitions, &doc.content, &counting),
        };
        Self {
            ended_from: rules::ended_from(&doc.transitions, &counting),
            steps: Steps::of(&doc.transitions, &counting),
            dates: Some(anchors::dates(&doc.stored(), zone)),
            ..Self::on(NaiveDate::MAX, doc, reports, &state)
        }
    }

    /// Returns the row data of an agreement in its state on a day.
    fn on(day: NaiveDate, doc: &Doc, reports: &Reports, state: &State) -> Self {
        let content = doc.content.clone();
        let parties = doc.parties.iter().map(|party| &party.content);
        let days = parties.clone().map(|p| (p.joined_by(), p.left_by()));
        let days = days
            .enumerate()
            .map(|(at, (from, until))| (at, from, until));
        Self {
            municipality_id: doc.municipality_id,
            co_owner_ids: content.co_owner_ids,
            kind: content.kind,
            title: content.title,
            reference_number: content.reference_number,
            status: state.status,
            ended_from: None,
            steps: Steps::default(),
            dates: None,
            force: state.force,
            signed_on: content.signed_on,
            effective_from: content.effective_from.map(|date| date.plain()),
            effective_until: content.effective_until.map(|date| date.plain()),
            lead_department: content.lead_department,
            visibility: content.visibility,
            topics: content.topics,
            project_ids: content.project_ids,
            parties: parties.map(|p| (p.organization_id, p.role)).collect(),
            party_days: days
                .filter(|(_, from, until)| from.or(*until).is_some())
                .collect(),
            other_parties: content.other_parties,
            individual_party_count: content.individual_parties.len(),
            commitment_count: doc.commitments.len(),
            activity: Activity::on(day, doc, reports),
        }
    }
}

impl StoredSummary {
    /// Returns whether the party at a place takes part on a day, by the rule of
    /// [`PartyContent::takes_part_on`](super::parties::PartyContent::takes_part_on).
    fn takes_part_on(&self, place: usize, day: NaiveDate) -> bool {
        let mut days = self.party_days.iter();
        let days = days.find(|(at, ..)| *at == place);
        days.is_none_or(|(_, from, until)| {
            from.is_none_or(|from| from <= day) && until.is_none_or(|until| day <= until)
        })
    }

    /// Returns the state today: an end that lies ahead has no effect yet.
    fn state(&self, today: NaiveDate) -> State {
        let is_ahead = self.ended_from.is_some_and(|from| from > today);
        State {
            status: if is_ahead {
                AgreementStatus::Signed
            } else {
                self.status
            },
            force: self.force,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = a)]
struct Row {
    id: String,
    version: i64,
    summary: Json<StoredSummary>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// Records to which rows refer, loaded once for all rows.
struct Related {
    names: Names,
    projects: HashMap<ProjectId, ProjectRef>,
    /// Policies of the municipalities that have any.
    policies: HashMap<OrganizationId, Vec<Policy>>,
}

/// Returns the rows of agreements as they are today, or as they were on the day `as_of`, as each shows
/// itself then, with what they depend on.
pub fn shown_rows(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: &[String],
    as_of: Option<NaiveDate>,
) -> Result<Vec<Shown<AgreementSummary>>, ApiError> {
    let rows = match as_of {
        None => stored_rows(conn, ids)?,
        Some(day) => {
            let known = known_on(conn, cx, ids.iter().cloned(), day)?.into_iter();
            known.map(|(row, _)| row).collect()
        }
    };
    let following = anchors::following(conn, ids)?;
    let served = rows.iter().map(|(_, row)| row.project_ids.clone());
    let served: Vec<Vec<ProjectId>> = served.collect();
    let rows = shown(conn, cx, rows, as_of.unwrap_or(cx.today))?.into_iter();
    let rows = rows.zip(served).map(|(row, served)| {
        let key = row.meta.id.to_string();
        let basis = Basis {
            named: vec![row.meta.id.into()],
            shown: served.into_iter().map(Into::into).collect(),
            municipalities: Vec::new(),
        };
        Shown {
            // Its dates change with milestones, and with those that these follow.
            basis: (!following.contains(&key)).then_some(basis),
            key,
            row,
        }
    });
    Ok(rows.collect())
}

/// Returns the rows of agreements as they were on a day, as each shows itself then.
pub fn rows_on(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: impl Iterator<Item = String>,
    day: NaiveDate,
) -> Result<Vec<AgreementSummary>, ApiError> {
    let rows = known_on(conn, cx, ids, day)?.into_iter();
    shown(conn, cx, rows.map(|(row, _)| row).collect(), day)
}

/// Returns the row data of agreements.
fn stored_rows(
    conn: &mut AnyConnection,
    ids: &[String],
) -> Result<Vec<(Meta<AgreementId>, StoredSummary)>, ApiError> {
    let rows = a::table.filter(in_list(a::id, ids));
    let rows: Vec<Row> = rows.select(Row::as_select()).load(conn)?;
    let read = |row: Row| {
        let meta = Meta::read(&row.id, row.version, row.created_at, row.updated_at)?;
        Ok((meta, row.summary.0))
    };
    rows.into_iter().map(read).collect()
}

/// Row data of an agreement on a day, with the expected facts that it lacks on that day.
type OnDay = ((Meta<AgreementId>, StoredSummary), Vec<Gap>);

/// Returns the row data of agreements as they were on a day, in the order of `ids`, without those of
/// which nothing was known.
pub fn known_on(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: impl Iterator<Item = String>,
    day: NaiveDate,
) -> Result<Vec<OnDay>, ApiError> {
    let ids: Vec<String> = ids.collect();
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(MOST_AT_ONCE) {
        let rows = a::table.filter(in_list(a::id, some));
        let rows: Vec<read::Row> = rows.select(read::Row::as_select()).load(conn)?;
        let reported = rows.iter().filter(|row| row.report_changes > 0);
        let reported: Vec<&str> = reported.map(|row| row.id.as_str()).collect();
        let mut reports = reports::store::of_agreements(conn, cx, &reported)?;
        let mut rows: HashMap<String, read::Row> =
            rows.into_iter().map(|row| (row.id.clone(), row)).collect();
        let docs = rows.values_mut().map(|row| &mut row.doc.0);
        anchors::attach(conn, docs, cx.today)?;
        for row in some.iter().filter_map(|id| rows.remove(id)) {
            let meta = Meta::read(&row.id, row.version, row.created_at, row.updated_at)?;
            let Json(mut doc) = row.doc;
            let state = match rewind_to(&mut doc, cx, day) {
                Err(error) if error.code == Code::NotFound => continue,
                state => state?,
            };
            doc.keep_parties_on(day);
            let reports = Reports {
                changes: row.report_changes,
                all: reports.remove(&meta.id).unwrap_or_default(),
            };
            let gaps = gaps::of(&doc, &reports, state.status, day);
            let row = StoredSummary::on(day, &doc, &reports, &state);
            found.push(((meta, row), gaps));
        }
    }
    Ok(found)
}

/// Returns rows in their API form on a day.
fn shown(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    rows: Vec<(Meta<AgreementId>, StoredSummary)>,
    day: NaiveDate,
) -> Result<Vec<AgreementSummary>, ApiError> {
    let organizations = rows.iter().flat_map(|(_, row)| {
        let parties = row.parties.iter().map(|(organization, _)| *organization);
        let others = row.co_owner_ids.iter().copied();
        parties.chain(others).chain([row.municipality_id])
    });
    let names = names(conn, organizations)?;
    let ids = rows.iter().flat_map(|(_, row)| &row.project_ids);
    let projects = projects::references(conn, cx, &distinct(ids.copied()))?
        .into_iter()
        .map(|p| (p.id, p))
        .collect();
    let fresh = rows
        .iter()
        .filter(|(_, row)| row.state(day).is_awaited(day));
    let cities = fresh.map(|(_, row)| row.municipality_id);
    let related = Related {
        names,
        projects,
        policies: policies::of_all(conn, cities)?,
    };
    rows.into_iter()
        .map(|(meta, row)| view(meta, row, day, &related))
        .collect()
}

fn distinct<Id: Ord>(ids: impl Iterator<Item = Id>) -> Vec<Id> {
    let mut ids: Vec<Id> = ids.collect();
    ids.sort();
    ids.dedup();
    ids
}

fn view(
    meta: Meta<AgreementId>,
    row: StoredSummary,
    day: NaiveDate,
    related: &Related,
) -> Result<AgreementSummary, ApiError> {
    let state = row.state(day);
    let force = state.force.filter(|_| state.status.is_signed());
    let parties = row.parties.iter().enumerate();
    let parties = parties.filter(|(at, _)| row.takes_part_on(*at, day));
    let parties = parties.map(|(_, (organization, role))| {
        Ok(PartySummary {
            organization: related.names.get(*organization)?,
            role: *role,
        })
    });
    let parties = parties.collect::<Result<_, ApiError>>()?;
    let ids = row.project_ids.iter();
    let projects = ids.filter_map(|id| related.projects.get(id));
    let municipality = related.names.owner(row.municipality_id, day)?;
    let mut co_owners = related.names.owners(row.co_owner_ids, day)?;
    co_owners.retain(|other| *other != municipality);
    let policies = related.policies.get(&row.municipality_id);
    let policies = policies.map(Vec::as_slice).unwrap_or_default();
    Ok(AgreementSummary {
        municipality,
        co_owners,
        in_force: state.in_force(day),
        expires_in_days: force.and_then(|force| force.expires_in_days(day)),
        expires_in: force.and_then(|force| force.expires_in(day)),
        ended_by: state.ended_by(day),
        parties,
        other_parties: row.other_parties,
        individual_party_count: row.individual_party_count,
        projects: projects.cloned().collect(),
        commitment_count: row.commitment_count,
        fulfilment: reported::fulfilment_of(row.activity.commitments, state.status),
        freshness: state
            .is_awaited(day)
            .then(|| row.activity.freshness(policies, day)),
        lead_department: row.lead_department,
        visibility: row.visibility,
        topics: row.topics,
        meta,
        kind: row.kind,
        title: row.title,
        reference_number: row.reference_number,
        status: state.status,
        signed_on: row.signed_on,
        effective_from: row.effective_from,
        effective_until: row.effective_until,
    })
}
