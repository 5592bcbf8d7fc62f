//! Writing agreements.

use chrono::NaiveDate;
use chrono_tz::Tz;
use diesel::prelude::*;

use super::derived::{remove_derived, write_derived};
use super::doc::{Before, Doc};
use super::force::Force;
use super::read::{Related, Stored, load_own, view};
use super::renewal::Succession;
use super::reports::Reports;
use super::summary::StoredSummary;
use super::types::{Agreement, AgreementContent, AgreementStatus, Correction};
use super::{
    anchors, approval, contact, duties, freshness, gaps, links, list, look_alikes, publications,
    reports, rules, sharing,
};
use crate::agreements::records::AGREEMENT;
use crate::db::schema::agreements;
use crate::db::{AnyConnection, Json, directly};
use crate::directory::names::{Names, names, unknown};
use crate::files::table;
use crate::http::{IfMatch, Patch};
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::AgreementId;
use crate::kernel::language::Message;
use crate::kernel::text::number;
use crate::kernel::values::past_events::not_passed;
use crate::kernel::values::{Bounds, ImpreciseDate, Localized, to_db, to_stored};
use crate::ledger;
use crate::ledger::RequestContext;
use crate::ledger::records::{PastState, Written};
use crate::projections::{gap_codes, policies};
use crate::projects::milestones::agreements::{check_unused, follow_agreement};

/// Restores an agreement to a recorded state; `cx` has the day of its last write. Its reports are
/// restored before it.
pub fn restore(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    was: &PastState,
) -> Result<(), ApiError> {
    let mut doc: Doc = was.doc()?;
    anchors::attach_to_write(conn, &mut doc, cx.today)?;
    let parties = doc.parties.iter().map(|p| p.content.organization_id);
    let names = names(conn, parties)?;
    let meta = was.meta()?;
    let all = reports::store::of_agreement(conn, cx, meta.id)?;
    let policies = policies::locked(conn, doc.municipality_id)?;
    // Each change to a report made a version of it.
    let changes = all.iter().map(|report| report.meta.version).sum();
    let reports = Reports { changes, all };
    let restored = Stored::new(meta.id, meta, doc, reports, policies);
    table::restore(conn, &restored.doc.files)?;
    insert(conn, cx, &restored, &names)?;
    follow_agreement(conn, cx, restored.id)
}

/// Inserts an agreement with its derived tables. Returns the document as it was written.
fn insert(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &Stored,
    names: &Names,
) -> Result<String, ApiError> {
    use agreements as a;
    let Stored {
        meta, doc, reports, ..
    } = stored;
    let columns = columns(doc, &doc.stored(), reports, cx.zone)?;
    let written = columns.doc.clone();
    let inserted = diesel::insert_into(a::table).values((
        a::id.eq(meta.id.to_string()),
        a::version.eq(meta.version),
        a::municipality_id.eq(doc.municipality_id.to_string()),
        columns,
        a::created_at.eq(meta.created_at.naive_utc()),
        a::updated_at.eq(meta.updated_at.naive_utc()),
        a::report_changes.eq(reports.changes),
    ));
    directly!(conn, inserted, execute)?;
    write_derived(conn, cx, meta.id, doc, (names, reports, &stored.policies))?;
    Ok(written)
}

/// Logs an agreement whose document was just written.
fn log(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    Stored { meta, doc, .. }: &Stored,
    written: &str,
    reason: Option<&Localized>,
) -> Result<(), ApiError> {
    let (owner, visibility) = (doc.municipality_id, doc.visibility());
    let written = Written::of(conn, meta, owner, visibility, written)?;
    ledger::append_written(conn, cx, &AGREEMENT, written, reason)
}

/// A new or changed agreement that satisfies every rule, with the records that it refers to.
pub(super) struct Accepted {
    pub stored: Stored,
    pub succession: Succession,
    related: Related,
}

/// Checks a new or changed agreement in which the caller has found `errors`.
///
/// # Errors
/// `validation_failed`, with these errors and everything else that does not fit; `conflict` if
/// another agreement supersedes the same one; `forbidden` if the policy demands an approval of what
/// is recorded as signed, and the caller may not approve.
pub(super) fn accept(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    mut stored: Stored,
    succession: Succession,
    mut errors: Vec<FieldError>,
) -> Result<Accepted, ApiError> {
    stored.doc.date_past_events(cx.today);
    anchors::attach_to_write(conn, &mut stored.doc, cx.today)?;
    approval::check_signing(cx, &stored)?;
    publications::note_first_seen(cx, &mut stored);
    let Stored { doc, before, .. } = &stored;
    let related = Related::beside(conn, cx, doc, succession.predecessor())?;
    check(cx, doc, before, &related, &mut errors);
    errors.extend(anchors::counted_in_a_circle(conn, stored.id, doc)?);
    links::check(conn, cx, (stored.id, doc, &related.names), &mut errors)?;
    sharing::check(conn, cx, (doc, &related.names), before, &mut errors)?;
    succession.check(doc, before, &mut errors)?;
    if errors.is_empty() {
        Ok(Accepted {
            stored,
            succession,
            related,
        })
    } else {
        Err(ApiError::invalid(errors))
    }
}

/// Applies the rules that span the parts of an agreement and the records that it refers to.
fn check(
    cx: &RequestContext,
    doc: &Doc,
    before: &Before,
    related: &Related,
    errors: &mut Vec<FieldError>,
) {
    doc.check(&related.names, before, errors);
    for (pointer, organization) in doc.organizations() {
        if !related.names.contains(organization) {
            errors.push(unknown(&pointer));
        }
    }
    for (i, project) in doc.content.project_ids.iter().enumerate() {
        if !related.projects.iter().any(|p| p.id == *project) {
            errors.push(unknown(&format!("/project_ids/{i}")));
        }
    }
    errors.extend(doc.foreign_milestones());
    errors.extend(doc.reversed_term());
    errors.extend(duties::future_dates(doc, cx.today));
    for (i, party) in doc.parties.iter().enumerate() {
        let own = party.content.signed_on.as_ref();
        let at = format!("/parties/{i}/signed_on");
        errors.extend(own.and_then(|on| not_passed(on, at, cx.today)));
    }
}

impl Accepted {
    /// Writes and logs a new agreement.
    pub fn insert(&self, conn: &mut AnyConnection, cx: &RequestContext) -> Result<(), ApiError> {
        let written = insert(conn, cx, &self.stored, &self.related.names)?;
        log(conn, cx, &self.stored, &written, None)
    }

    /// Writes and logs the next version of an agreement.
    ///
    /// # Errors
    /// A collision if another transaction changed the agreement or its reports.
    pub fn update(
        &mut self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
    ) -> Result<(), ApiError> {
        use agreements as a;
        let Stored {
            id,
            meta,
            doc,
            reports,
            policies,
            ..
        } = &mut self.stored;
        let columns = columns(doc, &doc.stored(), reports, cx.zone)?;
        let written = columns.doc.clone();
        let changed = diesel::update(
            a::table
                .find(id.to_string())
                .filter(a::version.eq(meta.version))
                .filter(a::report_changes.eq(reports.changes)),
        )
        .set((
            columns,
            a::version.eq(meta.version + 1),
            a::updated_at.eq(cx.now),
        ))
        .execute(conn)?;
        if changed == 0 {
            return Err(ApiError::collision());
        }
        meta.version += 1;
        meta.updated_at = cx.now.and_utc();
        remove_derived(conn, *id)?;
        write_derived(conn, cx, *id, doc, (&self.related.names, reports, policies))?;
        let Stored { meta, doc, .. } = &self.stored;
        let reason = doc.reason_of(meta.version, meta.updated_at);
        log(conn, cx, &self.stored, &written, reason)?;
        follow_agreement(conn, cx, self.stored.id)
    }

    /// Writes the changes to predecessors that follow from the written agreement.
    ///
    /// # Errors
    /// The errors of saving them.
    pub fn write_predecessors(
        &mut self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
    ) -> Result<(), ApiError> {
        let succession = std::mem::take(&mut self.succession);
        succession.write(conn, cx, &self.stored)
    }

    /// Returns the written agreement in its API form.
    pub fn view(
        self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
    ) -> Result<Agreement, ApiError> {
        view(conn, cx, self.stored, self.related, None)
    }
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = agreements, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct Columns<'a> {
    kind: String,
    status: &'static str,
    stated_visibility: &'static str,
    visibility: &'static str,
    withholding: Option<String>,
    title: Json<&'a Localized>,
    sort_title: String,
    sort_signed: String,
    sort_until: String,
    signed_earliest: Option<NaiveDate>,
    signed_latest: Option<NaiveDate>,
    starts_earliest: Option<NaiveDate>,
    starts_latest: Option<NaiveDate>,
    ends_earliest: Option<NaiveDate>,
    ends_latest: Option<NaiveDate>,
    ended_from: Option<NaiveDate>,
    known_from: Option<NaiveDate>,
    last_sign: Option<NaiveDate>,
    supersedes_id: Option<String>,
    reference_number: Option<String>,
    lead_department: Option<String>,
    topics: String,
    gaps: String,
    title_key: String,
    summary: Json<StoredSummary>,
    /// The document as it is stored.
    doc: String,
}

/// Returns the columns of an agreement, of which `stored` is the document as it is stored.
pub(super) fn columns<'a>(
    doc: &'a Doc,
    stored: &Doc,
    reports: &Reports,
    zone: Tz,
) -> Result<Columns<'a>, ApiError> {
    let content = &doc.content;
    let counting = doc.counting(zone);
    let force = Force::of(&doc.transitions, content, &counting);
    let from = force.map_or(Bounds::UNKNOWN, |force| force.from);
    let until = force.map_or(Bounds::UNKNOWN, |force| force.until);
    // An agreement without a last day sorts last.
    let key =
        |date: Option<&ImpreciseDate>| date.map_or_else(|| "~".to_owned(), ImpreciseDate::sort_key);
    let signed = content.signed_on.as_ref();
    Ok(Columns {
        kind: to_db(&content.kind),
        status: doc.status().as_str(),
        stated_visibility: content.visibility.as_str(),
        visibility: doc.visibility().as_str(),
        withholding: content.withholding.as_ref().map(to_stored).transpose()?,
        title: Json(&content.title),
        sort_title: content.title.sort_key(),
        // Undated agreements sort first, so the newest come first in descending order.
        sort_signed: signed.map(ImpreciseDate::event_key).unwrap_or_default(),
        sort_until: key(content.effective_until.as_ref()),
        signed_earliest: signed.and_then(ImpreciseDate::earliest),
        signed_latest: signed.and_then(ImpreciseDate::latest),
        starts_earliest: from.earliest,
        starts_latest: from.latest,
        ends_earliest: until.earliest,
        ends_latest: until.latest,
        ended_from: rules::ended_from(&doc.transitions, &counting),
        known_from: rules::known_from(&doc.transitions, &counting),
        last_sign: freshness::last_sign(doc, reports),
        supersedes_id: content.supersedes_id.map(|id| id.to_string()),
        reference_number: content.reference_number.as_deref().map(number),
        lead_department: content.lead_department.clone(),
        topics: list::topics_column(&content.topics),
        gaps: gap_codes::to_column(&gaps::of(doc, reports, doc.status(), NaiveDate::MAX)),
        title_key: look_alikes::title_key(content),
        summary: Json(StoredSummary::of(doc, reports, zone)),
        doc: to_stored(stored)?,
    })
}

/// Saves a changed agreement in which the caller has found `errors`.
///
/// # Errors
/// Fails like [`write()`].
pub fn save(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    changed: Stored,
    errors: Vec<FieldError>,
) -> Result<Agreement, ApiError> {
    write(conn, cx, changed, errors)?.view(conn, cx)
}

/// Like [`save`], but without the API form of the agreement.
///
/// # Errors
/// Fails like [`accept`]; with a collision if another transaction changed the agreement or its
/// reports.
pub(super) fn write(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    changed: Stored,
    errors: Vec<FieldError>,
) -> Result<Accepted, ApiError> {
    let succession = Succession::load(conn, cx, changed.id, &changed.doc, &changed.before)?;
    let mut accepted = accept(conn, cx, changed, succession, errors)?;
    accepted.update(conn, cx)?;
    accepted.write_predecessors(conn, cx)?;
    Ok(accepted)
}

/// Changes the content. After signing, the change is a correction and needs a reason.
///
/// # Errors
/// `not_found`; `forbidden`; `precondition_failed` if the version is not the expected one;
/// `invalid_parameters` if a correction has no reason; `validation_failed` if the content does not
/// fit.
pub fn update(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    expected: &IfMatch,
    patch: &Patch<AgreementContent>,
    reason: Option<&Localized>,
) -> Result<Agreement, ApiError> {
    let mut stored = load_own(conn, cx, id)?;
    expected.check(&stored.meta.revision())?;
    let Some(content) = patch.apply(&stored.doc.content)? else {
        let related = Related::of(conn, cx, &stored.doc)?;
        return view(conn, cx, stored, related, None);
    };
    let mut errors = Vec::new();
    // The day of signing is stored in two places; corrections are made to the content.
    if content.signed_on != stored.doc.content.signed_on {
        for step in stored
            .doc
            .transitions
            .iter_mut()
            .filter(|s| s.to == AgreementStatus::Signed)
        {
            step.on.clone_from(&content.signed_on);
        }
        let wrong = rules::corrected_signing(&stored.doc.transitions, cx.today)
            .or_else(|| duties::signed_too_late(&stored.doc, &stored.reports));
        errors.extend(wrong);
    }
    let before = std::mem::replace(&mut stored.doc.content, content);
    stored.doc = contact::salted(stored.doc, Some(&before));
    edit(cx, &mut stored, reason)?;
    save(conn, cx, stored, errors)
}

/// Records the author of a change before the approval, and the reason for a change after the
/// signing.
///
/// # Errors
/// `forbidden` if the agreement is approved and the caller cannot approve it; `invalid_parameters`
/// if a correction has no reason.
pub fn edit(
    cx: &RequestContext,
    stored: &mut Stored,
    reason: Option<&Localized>,
) -> Result<(), ApiError> {
    rewrite(cx, stored)?;
    if !stored.doc.status().is_signed() {
        return Ok(());
    }
    let Some(reason) = reason else {
        let message = Message::fixed(
            "체결된 협약의 정정에는 사유가 필요합니다. 내용을 바꾸기로 합의했다면 이 협약을 잇는 새 협약을 등록하십시오.",
            "Correcting a signed agreement needs a reason; an amendment is a new agreement that supersedes it.",
        );
        let errors = vec![FieldError::query("correction_reason", "required", message)];
        return Err(ApiError::new(Code::InvalidParameters).and(errors));
    };
    add_correction(cx, stored, reason.clone());
    Ok(())
}

/// Records the author of a change before the approval.
///
/// # Errors
/// `forbidden` if the agreement is approved and the caller cannot approve it.
pub(super) fn rewrite(cx: &RequestContext, stored: &mut Stored) -> Result<(), ApiError> {
    approval::check_change(cx, &stored.doc, &stored.policies)?;
    let status = stored.doc.status();
    if matches!(status, AgreementStatus::Draft | AgreementStatus::InReview) {
        approval::add_author(cx, &mut stored.doc);
    }
    Ok(())
}

/// Records a change that is not a transition.
pub(super) fn add_correction(cx: &RequestContext, stored: &mut Stored, reason: Localized) {
    let correction = Correction {
        version: stored.meta.version + 1,
        recorded_at: cx.now.and_utc(),
        reason,
    };
    stored.doc.corrections.push(correction);
}

/// Deletes an agreement that was never signed.
///
/// # Errors
/// `not_found`; `forbidden`, also if the agreement was approved and the caller cannot approve it;
/// `precondition_failed` if the version is not the expected one; `conflict` if the agreement was
/// signed, or a target of a milestone is relative to it.
pub fn delete(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    expected: &IfMatch,
) -> Result<(), ApiError> {
    use agreements as a;
    let stored = load_own(conn, cx, id)?;
    expected.check(&stored.meta.revision())?;
    approval::check_change(cx, &stored.doc, &stored.policies)?;
    if stored.doc.was_signed() {
        return Err(ApiError::with(
            Code::Conflict,
            "체결된 협약은 지울 수 없습니다. 잘못 등록했다면 voided로 바꾸십시오.",
            "What is signed is never deleted; an agreement that was entered in error is voided.",
        ));
    }
    check_unused(conn, cx, id)?;
    remove_derived(conn, id)?;
    diesel::delete(a::table.find(id.to_string())).execute(conn)?;
    ledger::append(conn, cx, &AGREEMENT, &id.to_string(), None)
}
