//! Facts about each agreement on a day, read in one pass.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::types::{AgreementFigure, AgreementGroup, Selection};
use crate::agreements::doc::{Doc, Part};
use crate::agreements::list::AgreementFilter;
use crate::agreements::read::Row;
use crate::agreements::reports::types::CommitmentStatus;
use crate::agreements::reports::{Reports, rules as reported};
use crate::agreements::types::{AgreementKind, AgreementStatus};
use crate::agreements::{freshness, list, read, reports, rules};
use crate::db::AnyConnection;
use crate::db::schema::agreements as a;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::{AgreementId, PartId, ProjectId};
use crate::kernel::values::{
    ImpreciseDate, Localized, OrganizationRef, ProjectRef, stored, stored_id, to_db,
};
use crate::ledger::RequestContext;
use crate::projections::freshness::Freshness;
use crate::projects::store as projects;
use crate::statistics::group::{GroupKey, by_term, by_topics, by_year, or_unknown};
use crate::statistics::owners::{Owner, Owners};
use crate::statistics::rules::Place;
use crate::statistics::{CHUNK, group, rules as figures};

/// A commitment, with its status on the day.
pub struct Promise {
    pub id: PartId,
    pub text: Localized,
    pub due: Option<ImpreciseDate>,
    pub status: CommitmentStatus,
}

/// Facts about an agreement on a day.
pub struct Facts {
    pub id: AgreementId,
    pub title: Localized,
    pub municipality: OrganizationRef,
    pub kind: AgreementKind,
    pub status: AgreementStatus,
    pub signed_on: Option<ImpreciseDate>,
    pub in_force: Option<bool>,
    pub freshness: Option<Freshness>,
    pub completed: Option<Place>,
    pub promises: Vec<Promise>,
    /// The groups in which the agreement counts.
    pub keys: Vec<GroupKey>,
}

impl Facts {
    /// Returns the places of the agreement, or of each of its commitments, in a figure. Empty if
    /// the agreement does not take part in it.
    pub fn places(
        &self,
        figure: AgreementFigure,
        day: NaiveDate,
    ) -> Vec<(Option<&Promise>, Place)> {
        let whole = |place| vec![(None, place)];
        match figure {
            AgreementFigure::Agreements => whole(Place::Counted),
            AgreementFigure::Freshness => whole(group::awaited(self.freshness)),
            AgreementFigure::ExecutionRateAgreements => self.completed.map_or_else(Vec::new, whole),
            AgreementFigure::ExecutionRateCommitments if self.status.is_signed() => {
                let place = |p: &Promise| figures::carried_out(p.status, p.due.as_ref(), day);
                self.promises.iter().map(|p| (Some(p), place(p))).collect()
            }
            AgreementFigure::ExecutionRateCommitments => Vec::new(),
        }
    }
}

/// Data looked up once per chunk of agreements.
#[derive(Default)]
struct Related {
    reports: HashMap<AgreementId, Vec<reports::Recorded>>,
    parties: HashMap<String, Vec<OrganizationRef>>,
    projects: HashMap<ProjectId, ProjectRef>,
}

/// Calls `see` with the facts of each selected agreement, in the order of ids, starting at the id
/// `from`. Holds one chunk of agreements in memory at a time.
pub fn each(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    wanted: &Selection,
    from: Option<&str>,
    mut see: impl FnMut(Facts) -> ControlFlow<()>,
) -> Result<(), ApiError> {
    let filter = AgreementFilter {
        municipality_id: wanted.municipality_id,
        project_id: wanted.project_id,
        organization_id: wanted.organization_id,
        kind: wanted.kind.clone(),
        signed_from: wanted.from,
        signed_to: wanted.to,
        ..AgreementFilter::default()
    };
    let mut owners = Owners::default();
    let mut after = String::new();
    loop {
        let mut query = list::filtered(cx, &filter, None, None);
        query = match from.filter(|_| after.is_empty()) {
            Some(from) => query.filter(a::id.ge(from)),
            None => query.filter(a::id.gt(&after)),
        };
        let rows: Vec<Row> = query
            .order(a::id)
            .limit(CHUNK)
            .select(Row::as_select())
            .load(conn)?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after.clone_from(&last.id);
        let full = rows.len() as i64 == CHUNK;
        let mut docs = Vec::with_capacity(rows.len());
        for row in &rows {
            docs.push(stored::<Doc>(&row.doc)?);
        }
        owners.load(conn, docs.iter().map(|doc| doc.municipality_id))?;
        let mut related = related(conn, cx, wanted.group_by, (&rows, &docs))?;
        for (row, doc) in rows.iter().zip(docs) {
            let owner = owners.get(doc.municipality_id)?;
            let found = facts(cx, wanted, (stored_id(&row.id)?, doc), owner, &mut related)?;
            if let Some(facts) = found
                && see(facts).is_break()
            {
                return Ok(());
            }
        }
        if !full {
            return Ok(());
        }
    }
}

fn related(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    group_by: Option<AgreementGroup>,
    (rows, docs): (&[Row], &[Doc]),
) -> Result<Related, ApiError> {
    let mut related = Related::default();
    // Most agreements have no reports; skip the query for them.
    let reported = rows.iter().filter(|row| row.report_changes > 0);
    let reported: Vec<&str> = reported.map(|row| row.id.as_str()).collect();
    if !reported.is_empty() {
        related.reports = reports::store::of_agreements(conn, cx, &reported)?;
    }
    if group_by == Some(AgreementGroup::Party) {
        let ids: BTreeSet<String> = rows.iter().map(|row| row.id.clone()).collect();
        related.parties = read::parties_of(conn, &ids)?;
    }
    if group_by == Some(AgreementGroup::Project) {
        let ids = docs.iter().flat_map(|doc| &doc.content.project_ids);
        let ids: BTreeSet<ProjectId> = ids.copied().collect();
        let ids: Vec<ProjectId> = ids.into_iter().collect();
        let found = projects::references(conn, cx, &ids)?;
        related.projects = found.into_iter().map(|p| (p.id, p)).collect();
    }
    Ok(related)
}

fn facts(
    cx: &RequestContext,
    wanted: &Selection,
    (id, mut doc): (AgreementId, Doc),
    owner: &Owner,
    related: &mut Related,
) -> Result<Option<Facts>, ApiError> {
    let day = wanted.day;
    let status = if day < cx.today {
        match read::back_to(&mut doc, cx, day) {
            Ok(status) => status,
            // The agreement was not known on that day.
            Err(error) if error.code == Code::NotFound => return Ok(None),
            Err(error) => return Err(error),
        }
    } else {
        doc.status()
    };
    let signed_on = doc.content.signed_on.as_ref();
    let windowed = wanted.from.is_some() || wanted.to.is_some();
    if windowed && !signed_on.is_some_and(|on| on.overlaps(wanted.from, wanted.to)) {
        return Ok(None);
    }
    let all = related.reports.remove(&id).unwrap_or_default();
    let reports = Reports { changes: 0, all };
    let renews = doc.content.auto_renews == Some(true);
    let (start, until) = rules::term(&doc.content);
    let keys = wanted.group_by.map(|by| keys(by, id, &doc, owner, related));
    Ok(Some(Facts {
        id,
        municipality: owner.organization.clone(),
        kind: doc.content.kind,
        in_force: rules::in_force(status, (start, until), renews, day),
        freshness: freshness::freshness(&doc, &reports, status, &owner.policies, day),
        completed: figures::completed(status, until, renews, day),
        promises: doc
            .commitments
            .into_iter()
            .map(|Part { id, content }| Promise {
                id,
                status: reported::progress(reports.on(id), content.due.as_ref(), status, day)
                    .status,
                text: content.text,
                due: content.due,
            })
            .collect(),
        keys: keys.unwrap_or_default(),
        status,
        title: doc.content.title,
        signed_on: doc.content.signed_on,
    }))
}

fn keys(
    by: AgreementGroup,
    id: AgreementId,
    doc: &Doc,
    owner: &Owner,
    related: &Related,
) -> Vec<GroupKey> {
    let content = &doc.content;
    let signed_on = content.signed_on.as_ref();
    match by {
        AgreementGroup::Year => vec![by_year(signed_on)],
        AgreementGroup::Municipality => vec![GroupKey::organization(&owner.organization)],
        AgreementGroup::Term => vec![by_term(owner.organization.id, &owner.officers, signed_on)],
        AgreementGroup::Department => vec![GroupKey::of(content.lead_department.clone())],
        AgreementGroup::Kind => vec![GroupKey::of(Some(to_db(&content.kind)))],
        AgreementGroup::Party => {
            let parties = related.parties.get(&id.to_string());
            let parties = parties.into_iter().flatten();
            or_unknown(parties.map(GroupKey::organization).collect())
        }
        AgreementGroup::Topic => or_unknown(by_topics(&content.topics)),
        AgreementGroup::Project => {
            let ids: BTreeSet<ProjectId> = content.project_ids.iter().copied().collect();
            let found = ids.iter().filter_map(|id| related.projects.get(id));
            or_unknown(
                found
                    .map(|p| GroupKey::named(p.id.to_string(), p.title.clone()))
                    .collect(),
            )
        }
    }
}
