//! Reading whole agreements, and the references to them that other records show.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::doc::{Before, Doc, Part};
use super::force::{EndedBy, Force, in_force};
use super::individuals::{hide_names, names as names_of};
use super::links::{Bases, Linked};
use super::renewing::{CurrentTerm, current_term};
use super::reports::Reports;
use super::types::{Agreement, AgreementContent, AgreementStatus};
use super::view::present;
use super::{anchors, duties, look_alikes, renewal, reports, rules, sharing};
use crate::db::schema::{agreement_parties, agreements};
use crate::db::{AnyConnection, Json, in_list};
use crate::directory::holidays::holidays;
use crate::directory::names::{Names, names};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::{AgreementId, OrganizationId};
use crate::kernel::values::{
    AgreementRef, ImpreciseDate, Localized, Meta, OrganizationRef, ProjectRef, stored_id, to_stored,
};
use crate::ledger::personal::Subject;
use crate::ledger::tail::{Basis, ids_in};
use crate::ledger::{RequestContext, Scope};
use crate::projections::policies;
use crate::projections::policies::Policy;
use crate::projections::timeline_entry::{ALWAYS, NEVER_ENDS};
use crate::projects::store as projects;

#[derive(Queryable, Selectable)]
#[diesel(table_name = agreements)]
pub struct Row {
    pub id: String,
    pub version: i64,
    pub doc: Json<Doc>,
    pub created_at: NaiveDateTime,
    pub updated_at: NaiveDateTime,
    pub report_changes: i64,
}

/// Stored agreement with its version.
pub struct Stored {
    pub id: AgreementId,
    pub meta: Meta<AgreementId>,
    pub doc: Doc,
    pub before: Before,
    pub reports: Reports,
    /// Policies of its municipality.
    pub policies: Vec<Policy>,
}

impl Stored {
    pub fn new(
        id: AgreementId,
        meta: Meta<AgreementId>,
        doc: Doc,
        reports: Reports,
        policies: Vec<Policy>,
    ) -> Self {
        Self {
            before: Before::of(&doc, &policies),
            id,
            meta,
            doc,
            reports,
            policies,
        }
    }

    /// Returns a reference to the agreement.
    pub fn reference(&self) -> AgreementRef {
        AgreementRef {
            id: self.id,
            title: self.doc.content.title.clone(),
        }
    }
}

/// Loads an agreement in order to change it, and locks the policies of its municipality.
///
/// # Errors
/// `not_found`; `forbidden` if it belongs to another municipality.
pub fn load_own(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
) -> Result<Stored, ApiError> {
    let stored = load_locked(conn, cx, id)?;
    cx.caller.may_change(stored.doc.municipality_id)?;
    Ok(stored)
}

/// Like [`load_own`], but for an act of one of the municipalities that share the agreement.
///
/// # Errors
/// `not_found`; `forbidden` if the caller works for none of them.
pub(super) fn load_shared(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
) -> Result<Stored, ApiError> {
    let stored = load_locked(conn, cx, id)?;
    match sharing::works_for_one(cx, &stored.doc) {
        true => Ok(stored),
        false => cx
            .caller
            .may_change(stored.doc.municipality_id)
            .map(|()| stored),
    }
}

fn load_locked(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
) -> Result<Stored, ApiError> {
    let mut stored = load(conn, cx, id)?;
    stored.policies = policies::locked(conn, stored.doc.municipality_id)?;
    Ok(stored)
}

/// Loads an agreement.
///
/// # Errors
/// `not_found` if it does not exist or is not visible to the caller.
pub fn load(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
) -> Result<Stored, ApiError> {
    let row: Row = agreements::table
        .filter(agreements::id.eq(id.to_string()))
        .filter(Scope::of(&cx.caller, "agreements"))
        .select(Row::as_select())
        .first(conn)?;
    let meta = Meta::read(&row.id, row.version, row.created_at, row.updated_at)?;
    // Most agreements have no reports; the query is skipped for them.
    let reports = match row.report_changes {
        0 => Reports::default(),
        changes => Reports {
            changes,
            all: reports::store::of_agreement(conn, cx, id)?,
        },
    };
    let Json(mut doc) = row.doc;
    anchors::attach(conn, std::iter::once(&mut doc), cx.today)?;
    let policies = policies::of(conn, doc.municipality_id)?;
    Ok(Stored::new(id, meta, doc, reports, policies))
}

/// Reads an agreement as of a day.
///
/// # Errors
/// `not_found`, also if nothing was known of it on that day.
pub fn get(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    as_of: Option<NaiveDate>,
) -> Result<Agreement, ApiError> {
    Ok(get_shown(conn, cx, id, as_of)?.0)
}

/// Like [`get`], with what the agreement depends on.
///
/// # Errors
/// Like [`get`].
pub fn get_shown(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    as_of: Option<NaiveDate>,
) -> Result<(Agreement, Option<Basis>), ApiError> {
    let stored = load(conn, cx, id)?;
    let basis = basis(&stored)?;
    let related = Related::of(conn, cx, &stored.doc)?;
    Ok((view(conn, cx, stored, related, as_of)?, basis))
}

/// Returns what an agreement depends on; `None` if its dates change with milestones, and with those
/// that these follow.
fn basis(stored: &Stored) -> Result<Option<Basis>, ApiError> {
    if stored.doc.milestones().next().is_some() {
        return Ok(None);
    }
    // Records that the caller cannot see are among them: it may see them later.
    let named: BTreeSet<Uuid> = ids_in(&to_stored(&stored.doc)?).collect();
    let owners = sharing::owners(&stored.doc).map(Uuid::from);
    Ok(Some(Basis {
        // Agreements that are linked to it name it.
        named: vec![stored.id.into()],
        shown: named.into_iter().collect(),
        // Agreements that it resembles are theirs.
        municipalities: owners.collect(),
    }))
}

/// Reads an agreement for its parts only, always without its contact.
///
/// # Errors
/// `not_found`, also if nothing was known of it on that day.
pub fn get_for_parts(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    as_of: Option<NaiveDate>,
) -> Result<Agreement, ApiError> {
    let mut stored = load(conn, cx, id)?;
    stored.doc.content.contact = None;
    hide_names(&mut stored.doc.content.individual_parties);
    let related = Related::of(conn, cx, &stored.doc)?;
    view(conn, cx, stored, related, as_of)
}

/// Records to which an agreement refers, without those that the caller cannot see.
pub(super) struct Related {
    pub names: Names,
    pub projects: Vec<ProjectRef>,
    pub supersedes: Option<AgreementRef>,
    pub bases: Bases,
    /// Policies of the co-owners that have any.
    pub policies_of_others: HashMap<OrganizationId, Vec<Policy>>,
}

impl Related {
    /// Loads the records to which an agreement refers.
    pub fn of(conn: &mut AnyConnection, cx: &RequestContext, doc: &Doc) -> Result<Self, ApiError> {
        let supersedes = match doc.content.supersedes_id {
            Some(id) => references(conn, cx, &[id])?.pop(),
            None => None,
        };
        Self::beside(conn, cx, doc, supersedes)
    }

    /// Like [`Self::of`], but without loading the predecessor, which is at hand.
    pub fn beside(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        doc: &Doc,
        supersedes: Option<AgreementRef>,
    ) -> Result<Self, ApiError> {
        let organizations = doc.parties.iter().map(|p| p.content.organization_id);
        let organizations = organizations.chain(sharing::owners(doc));
        let mut projects = projects::references(conn, cx, &doc.content.project_ids)?;
        // As rows of lists have them: in the order in which they are stated.
        let stated = &doc.content.project_ids;
        projects.sort_by_key(|project| stated.iter().position(|id| *id == project.id));
        Ok(Self {
            names: names(conn, organizations.chain(doc.owing()))?,
            projects,
            bases: Bases::load(conn, cx, &doc.content)?,
            policies_of_others: policies::of_all(conn, doc.content.co_owner_ids.iter().copied())?,
            supersedes,
        })
    }
}

/// Returns an agreement in its API form, as of the day `as_of` or of today.
///
/// # Errors
/// `not_found` if nothing was known of it on that day.
pub(super) fn view(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    mut from: Stored,
    related: Related,
    as_of: Option<NaiveDate>,
) -> Result<Agreement, ApiError> {
    let day = as_of.unwrap_or(cx.today);
    let past = as_of.filter(|day| *day < cx.today);
    let Stored { id, doc, .. } = &mut from;
    let state = rewind_to(doc, cx, day)?;
    if let Some(day) = as_of {
        doc.keep_parties_on(day);
        let reviewed = &mut doc.content.partner_reviewed_on;
        reviewed.take_if(|on| !on.known_by(day));
    }
    let alike = match as_of {
        None => look_alikes::warning(conn, cx, *id, doc)?,
        Some(_) => None,
    };
    let superseded_by = superseding(conn, cx, *id, past)?;
    let overtaken = superseded_by.as_ref().and_then(|new| doc.ended_after(new));
    let overtook = match &related.supersedes {
        Some(old) => renewal::ended_after_this(conn, cx, *id, old, day)?,
        None => None,
    };
    let linked = Linked::load(conn, cx, *id, past)?;
    // Records that the caller cannot see do not exist for it.
    doc.content.supersedes_id = related.supersedes.as_ref().map(|old| old.id);
    related.bases.hide_others(&mut doc.content);
    doc.hide_milestones(&related.projects);
    doc.content.project_ids = related.projects.iter().map(|project| project.id).collect();
    if !cx.caller.works_for(doc.municipality_id) {
        doc.content.contact = None;
        hide_names(&mut doc.content.individual_parties);
    }
    let content = &from.doc.content;
    if content.contact.is_some() || names_of(&content.individual_parties).next().is_some() {
        cx.shown.note(Subject {
            agreement: from.id,
            version: from.meta.version,
            municipality: from.doc.municipality_id,
        });
    }
    let holidays = holidays(conn)?;
    let shown = present(from, related, &holidays, (&state, day))?;
    Ok(Agreement {
        superseded_by,
        implemented_by: linked.implemented_by,
        annexes: linked.annexes,
        amended_by: linked.amended_by,
        continued_by: linked.continued_by,
        warnings: (shown.warnings.into_iter())
            .chain(overtaken)
            .chain(overtook)
            .chain(alike)
            .collect(),
        ..shown
    })
}

/// State of an agreement on a day.
pub struct State {
    pub status: AgreementStatus,
    /// The period in which it is in force, also by what became known later: an end on an unknown
    /// day leaves open how long it was in force. `None` if it was never signed.
    pub force: Option<Force>,
}

impl State {
    /// Returns whether the agreement is in force on a day; `None` if its dates leave it open.
    pub fn in_force(&self, day: NaiveDate) -> Option<bool> {
        in_force(self.force.as_ref(), self.status, day)
    }

    /// Returns true if a recorded end may lie on or before a day, or after it.
    pub fn may_have_ended(&self, day: NaiveDate) -> bool {
        let end = self.force.and_then(|force| force.end);
        end.is_some_and(|end| end.from.is_by(day).is_none())
    }

    /// Returns how the agreement ended, if it has certainly ended by a day.
    pub fn ended_by(&self, day: NaiveDate) -> Option<EndedBy> {
        let force = self.force.filter(|_| self.status.is_signed());
        force.and_then(|force| force.ended_by(day))
    }

    /// Returns the term that runs on a day, if the agreement renews automatically, is certainly in
    /// force and has no other end.
    pub fn current_term(&self, content: &AgreementContent, day: NaiveDate) -> Option<CurrentTerm> {
        let goes_on = self.force.is_some_and(|force| force.goes_on());
        let runs = goes_on && self.in_force(day) == Some(true);
        current_term(content, day).filter(|_| runs)
    }

    /// Returns `true` if news of the agreement is expected: it is signed and has not ended, by its
    /// term or otherwise.
    pub fn is_awaited(&self, day: NaiveDate) -> bool {
        self.status == AgreementStatus::Signed && self.ended_by(day).is_none()
    }
}

/// Takes an agreement back to its state on a day, if that day is past, and returns the state.
///
/// # Errors
/// `not_found` if nothing was known of it on that day.
pub fn rewind_to(doc: &mut Doc, cx: &RequestContext, day: NaiveDate) -> Result<State, ApiError> {
    let counting = doc.counting(cx.zone);
    let force = Force::of(&doc.transitions, &doc.content, &counting);
    doc.ahead = duties::ahead(doc, cx, day);
    if day >= cx.today {
        let status = rules::status_on(&doc.transitions, day, &counting);
        let status = status.unwrap_or(AgreementStatus::Draft);
        doc.derive_dates(day);
        return Ok(State { status, force });
    }
    let nothing = || {
        ApiError::with(
            Code::NotFound,
            "그날까지 알려진 것이 없습니다.",
            "Nothing was known of it by that day.",
        )
    };
    let status = rules::status_on(&doc.transitions, day, &counting).ok_or_else(nothing)?;
    doc.transitions
        .retain(|step| rules::counts_on(step, day, &counting));
    // Before the signing only its own municipalities could see it.
    if !doc.was_signed() && !sharing::works_for_one(cx, doc) {
        return Err(nothing());
    }
    remove_later_facts(doc, day);
    let day_of = |at: &DateTime<Utc>| at.with_timezone(&cx.zone).date_naive();
    doc.corrections
        .retain(|one| day_of(&one.recorded_at) <= day);
    doc.derive_dates(day);
    Ok(State { status, force })
}

/// Removes what had not been signed, said or published by a day.
fn remove_later_facts(doc: &mut Doc, day: NaiveDate) {
    let known = |date: &Option<ImpreciseDate>| date.as_ref().is_none_or(|d| d.known_by(day));
    if !doc.was_signed() {
        doc.content.signed_on = None;
    }
    for Part { content, .. } in &mut doc.parties {
        let own = content.signed_on.take_if(|on| !on.known_by(day));
        if own.is_some_and(|on| on.starts_after(day)) {
            content.signatory = None;
        }
        content.until.take_if(|on| !on.known_by(day));
    }
    doc.keep_parties_on(day);
    doc.content.statements.retain(|s| known(&s.said_on));
    doc.content.sources.retain(|s| known(&s.published_on));
    duties::forget(doc, day);
}

/// Returns references to agreements, without those that the caller cannot see.
pub fn references(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: &[AgreementId],
) -> Result<Vec<AgreementRef>, ApiError> {
    use agreements as a;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = ids.iter().map(AgreementId::to_string).collect();
    let rows: Vec<(String, Json<Localized>)> = a::table
        .filter(in_list(a::id, ids))
        .filter(Scope::of(&cx.caller, "agreements"))
        .select((a::id, a::title))
        .order(a::id)
        .load(conn)?;
    rows.into_iter().map(reference).collect()
}

fn reference((id, Json(title)): (String, Json<Localized>)) -> Result<AgreementRef, ApiError> {
    Ok(AgreementRef {
        id: stored_id(&id)?,
        title,
    })
}

/// Returns the agreement that supersedes this one; on a past day, only if it was signed by then.
/// Withdrawn and voided agreements supersede nothing.
pub(super) fn superseding(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    by: Option<NaiveDate>,
) -> Result<Option<AgreementRef>, ApiError> {
    use agreements as a;
    let found = a::table
        .filter(a::supersedes_id.eq(id.to_string()))
        .filter(Scope::of(&cx.caller, "agreements"))
        // Compared one by one: diesel prepares a statement with a list anew each time.
        .filter(a::status.ne("withdrawn").and(a::status.ne("voided")));
    let Some(day) = by else {
        let found = found.select((a::id, a::title)).first(conn).optional()?;
        return found.map(reference).transpose();
    };
    let found = found.select((a::id, a::title, a::doc)).first(conn);
    let Some((id, title, Json(doc))): Option<(_, _, Json<Doc>)> = found.optional()? else {
        return Ok(None);
    };
    let then = rules::status_on(&doc.transitions, day, &doc.counting(cx.zone));
    then.filter(|status| status.is_signed())
        .map(|_| reference((id, title)))
        .transpose()
}

/// Returns the parties of agreements on a day, keyed by agreement id.
pub fn parties_of(
    conn: &mut AnyConnection,
    ids: &BTreeSet<String>,
    day: NaiveDate,
) -> Result<HashMap<String, Vec<OrganizationRef>>, ApiError> {
    use crate::db::schema::organizations as o;
    use agreement_parties as p;
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let day = day.clamp(ALWAYS, NEVER_ENDS);
    let rows: Vec<(String, String, Json<Localized>, Option<String>)> = p::table
        .inner_join(o::table.on(o::id.eq(p::organization_id)))
        .filter(in_list(p::agreement_id, ids))
        .filter(p::since.le(day).and(p::until.ge(day)))
        .order((p::agreement_id, o::sort_name, o::id))
        .select((p::agreement_id, o::id, o::name, o::code))
        .load(conn)?;
    let mut parties: HashMap<String, Vec<_>> = HashMap::new();
    for (agreement, id, Json(name), code) in rows {
        let party = OrganizationRef {
            id: stored_id(&id)?,
            name,
            code,
        };
        // Two parties can have been merged into one organization since.
        let parties = parties.entry(agreement).or_default();
        if parties.last() != Some(&party) {
            parties.push(party);
        }
    }
    Ok(parties)
}
