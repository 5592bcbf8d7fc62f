//! Agreements as rows of a list.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::doc::Doc;
use super::reports::types::{CommitmentCounts, Fulfilment};
use super::reports::{self, Recorded, Reports, rules as reported};
use super::types::{AgreementKind, AgreementStatus, PartyRole};
use super::{freshness, rules};
use crate::access::Visibility;
use crate::app::Cx;
use crate::db::schema::{agreements as a, organizations as o};
use crate::db::{AnyConnection, among};
use crate::error::ApiError;
use crate::organizations::names::{Names, names};
use crate::organizations::policies::{self, Policy};
use crate::projects::store as projects;
use crate::statistics::freshness::{Freshness, SignOfLife, Thresholds};
use crate::values::{
    ImpreciseDate, Localized, Meta, OrganizationRef, ProjectRef, stored, stored_id,
};

/// An agreement in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AgreementSummary {
    #[serde(flatten)]
    pub meta: Meta,
    /// The municipality whose agreement it is.
    pub municipality: OrganizationRef,
    /// What sort of agreement it is.
    pub kind: AgreementKind,
    /// Its title.
    pub title: Localized,
    /// Its status.
    pub status: AgreementStatus,
    /// Who may see it.
    pub visibility: Visibility,
    /// When it was signed.
    pub signed_on: Option<ImpreciseDate>,
    /// Since when it is in force.
    pub effective_from: Option<ImpreciseDate>,
    /// The last day in force.
    pub effective_until: Option<ImpreciseDate>,
    /// Whether it is in force today; null where its dates do not tell.
    pub in_force: Option<bool>,
    /// How many days are left until the last day in force.
    pub expires_in_days: Option<i64>,
    /// The department in charge.
    pub lead_department: Option<String>,
    /// What it is about.
    pub topics: Vec<Localized>,
    /// The organizations that take part.
    pub parties: Vec<PartySummary>,
    /// The projects that it serves.
    pub projects: Vec<ProjectRef>,
    /// How many things are promised.
    pub commitment_count: usize,
    /// What has become of what is promised, as the reports on it tell.
    pub fulfilment: Fulfilment,
    /// How fresh what is known of it is today; null unless it is signed and has not ended.
    pub freshness: Option<Freshness>,
}

/// A party in a list of agreements.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PartySummary {
    /// The organization.
    pub organization: OrganizationRef,
    /// What it is in the agreement.
    pub role: PartyRole,
}

/// What a row shows of an agreement, stored beside the document that it is taken from.
#[derive(Serialize, Deserialize)]
pub struct StoredSummary {
    municipality_id: Uuid,
    kind: AgreementKind,
    title: Localized,
    status: AgreementStatus,
    signed_on: Option<ImpreciseDate>,
    effective_from: Option<ImpreciseDate>,
    effective_until: Option<ImpreciseDate>,
    auto_renews: Option<bool>,
    lead_department: Option<String>,
    visibility: Visibility,
    topics: Vec<Localized>,
    project_ids: Vec<Uuid>,
    parties: Vec<(Uuid, PartyRole)>,
    commitment_count: usize,
    /// None in what was written before it was kept: then the documents tell.
    followed: Option<Followed>,
}

/// What came of an agreement and when it was last heard of. A report counts no later than from the
/// day of its recording, so that no day changes what was written once.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Followed {
    stand: CommitmentCounts,
    last: Option<(SignOfLife, NaiveDate)>,
}

impl Followed {
    fn of(doc: &Doc, reports: &Reports) -> Self {
        let stands = doc.commitments.iter();
        let stands = stands.map(|part| reported::stands(reports.on(part.id), NaiveDate::MAX));
        Self {
            stand: CommitmentCounts::of(stands),
            last: freshness::last(doc, reports),
        }
    }

    /// The rule of `freshness::freshness`, of the one sign that tells.
    fn freshness(&self, policies: &[Policy], day: NaiveDate) -> Freshness {
        use crate::statistics::freshness::freshness;
        freshness(self.last.into_iter(), Thresholds::on(policies, day), day)
    }
}

impl StoredSummary {
    pub fn of(doc: &Doc, reports: &Reports) -> Self {
        let content = doc.content.clone();
        let parties = doc.parties.iter().map(|party| &party.content);
        Self {
            municipality_id: doc.municipality_id,
            kind: content.kind,
            title: content.title,
            status: doc.status(),
            signed_on: content.signed_on,
            effective_from: content.effective_from,
            effective_until: content.effective_until,
            auto_renews: content.auto_renews,
            lead_department: content.lead_department,
            visibility: content.visibility,
            topics: content.topics,
            project_ids: content.project_ids,
            parties: parties.map(|p| (p.organization_id, p.role)).collect(),
            commitment_count: doc.commitments.len(),
            followed: Some(Followed::of(doc, reports)),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = a)]
pub struct Row {
    pub id: String,
    version: i64,
    summary: String,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// What rows refer to, looked up once for all of them.
struct Related {
    names: Names,
    projects: HashMap<Uuid, ProjectRef>,
    /// Of the municipalities that have any.
    policies: HashMap<Uuid, Vec<Policy>>,
    /// Of what was written before it was kept.
    followed: HashMap<Uuid, Followed>,
}

/// The rows as they are sent.
///
/// # Errors
/// What the database says.
pub fn views(
    conn: &mut AnyConnection,
    cx: &Cx,
    rows: Vec<Row>,
) -> Result<Vec<AgreementSummary>, ApiError> {
    let read = |row: Row| {
        let meta = Meta::read(&row.id, row.version, row.created_at, row.updated_at)?;
        Ok((meta, stored(&row.summary)?))
    };
    let rows: Vec<(Meta, StoredSummary)> = rows
        .into_iter()
        .map(read)
        .collect::<Result<_, ApiError>>()?;
    let organizations = rows.iter().flat_map(|(_, row)| {
        let parties = row.parties.iter().map(|(organization, _)| *organization);
        parties.chain([row.municipality_id])
    });
    let names = names(conn, organizations)?;
    let ids = rows.iter().flat_map(|(_, row)| &row.project_ids);
    let projects = projects::references(conn, cx, &distinct(ids.copied()))?
        .into_iter()
        .map(|p| (p.id, p))
        .collect();
    let fresh = rows
        .iter()
        .filter(|(_, row)| freshness::awaited(row.status));
    let cities = fresh.map(|(_, row)| row.municipality_id);
    let older = rows.iter().filter(|(_, row)| row.followed.is_none());
    let related = Related {
        names,
        projects,
        policies: policies_of(conn, &distinct(cities))?,
        followed: followed(conn, cx, &distinct(older.map(|(meta, _)| meta.id)))?,
    };
    rows.into_iter()
        .map(|(meta, row)| view(meta, row, cx.today, &related))
        .collect()
}

fn distinct(ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = ids.collect();
    ids.sort();
    ids.dedup();
    ids
}

fn policies_of(
    conn: &mut AnyConnection,
    cities: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Policy>>, ApiError> {
    if cities.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(String, Option<String>)> = o::table
        .filter(among(o::id, cities.iter().map(Uuid::to_string)))
        .filter(o::policies.is_not_null())
        .select((o::id, o::policies))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, text)| Ok((stored_id(&id)?, policies::stored_beside(text.as_deref())?)))
        .collect()
}

/// What came of agreements that were written before it was kept beside them.
fn followed(
    conn: &mut AnyConnection,
    cx: &Cx,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Followed>, ApiError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let texts: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    let rows: Vec<(String, String)> = a::table
        .filter(among(a::id, &texts))
        .select((a::id, a::doc))
        .load(conn)?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut reports: HashMap<Uuid, Vec<Recorded>> =
        reports::store::of_agreements(conn, cx, &texts)?;
    rows.into_iter()
        .map(|(id, doc)| {
            let id = stored_id(&id)?;
            let all = reports.remove(&id).unwrap_or_default();
            let reports = Reports { changes: 0, all };
            Ok((id, Followed::of(&stored::<Doc>(&doc)?, &reports)))
        })
        .collect()
}

fn view(
    meta: Meta,
    row: StoredSummary,
    today: NaiveDate,
    related: &Related,
) -> Result<AgreementSummary, ApiError> {
    let renews = row.auto_renews == Some(true);
    let start = row.effective_from.as_ref().or(row.signed_on.as_ref());
    let until = row.effective_until.as_ref();
    let parties = row.parties.iter().map(|(organization, role)| {
        Ok(PartySummary {
            organization: related.names.get(*organization)?,
            role: *role,
        })
    });
    let ids = row.project_ids.iter();
    let projects = ids.filter_map(|id| related.projects.get(id));
    let older = || related.followed.get(&meta.id).copied();
    let followed = row.followed.or_else(older);
    let followed = followed
        .ok_or_else(|| ApiError::internal(format!("nothing was read of agreement {}", meta.id)))?;
    let policies = related.policies.get(&row.municipality_id);
    let policies = policies.map(Vec::as_slice).unwrap_or_default();
    Ok(AgreementSummary {
        municipality: related.names.get(row.municipality_id)?,
        in_force: rules::in_force(row.status, (start, until), renews, today),
        expires_in_days: rules::expires_in_days(row.status, until, renews, today),
        parties: parties.collect::<Result<_, ApiError>>()?,
        projects: projects.cloned().collect(),
        commitment_count: row.commitment_count,
        fulfilment: reported::fulfilment_of(followed.stand, row.status),
        freshness: freshness::awaited(row.status).then(|| followed.freshness(policies, today)),
        lead_department: row.lead_department,
        visibility: row.visibility,
        topics: row.topics,
        meta,
        kind: row.kind,
        title: row.title,
        status: row.status,
        signed_on: row.signed_on,
        effective_from: row.effective_from,
        effective_until: row.effective_until,
    })
}
