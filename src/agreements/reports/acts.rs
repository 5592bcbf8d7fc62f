//! Actions on reports: recording, confirmation or refusal by the city, retraction of mistakes.

use super::store::{Doc, city_report, rewrite, write};
use super::types::{
    CommitmentReport, CommitmentReportCreate, Confirmation, ConfirmationCreate, Refusal,
    RefusalCreate, Standing,
};
use super::views::{commitment, position, view_of};
use crate::agreements::doc::Doc as Agreement;
use crate::agreements::read::Stored;
use crate::agreements::{derived, read};
use crate::db::AnyConnection;
use crate::directory::names::names;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::{AgreementId, OrganizationId, PartId, ReportId};
use crate::kernel::language::Message;
use crate::kernel::values::past_events::not_passed;
use crate::kernel::values::{ImpreciseDate, Localized, Retraction, RetractionCreate};
use crate::ledger::RequestContext;

/// Fails unless the agreement was signed and has not been voided.
fn can_be_reported_on(doc: &Agreement) -> Result<(), ApiError> {
    if doc.status().is_signed() {
        return Ok(());
    }
    Err(ApiError::with(
        Code::Conflict,
        "체결된 협약의 협약 사항에 대해서만 보고할 수 있습니다.",
        "Only commitments of an agreement that was signed, and not voided, are reported on.",
    ))
}

/// Returns the organization among some for which the caller reports as a co-owner of the agreement.
fn of_co_owner(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    doc: &Agreement,
    among: impl Iterator<Item = OrganizationId> + Clone,
) -> Result<Option<OrganizationId>, ApiError> {
    let others = doc.content.co_owner_ids.iter().copied();
    let own: Vec<OrganizationId> = others.filter(|id| cx.caller.works_for(*id)).collect();
    if own.is_empty() {
        return Ok(None);
    }
    let names = names(conn, among.clone().chain(own.iter().copied()))?;
    let is_own = |id: &OrganizationId| own.iter().any(|own| names.holds(*own, *id, cx.today));
    let mut among = among;
    Ok(among.find(is_own).map(|id| names.survivor(id)))
}

/// Returns the organization for which the caller reports: a partner, or a co-owner that owes the
/// commitment itself; `None` for the city that owns the agreement.
///
/// # Errors
/// `forbidden` if the caller cannot report on the commitment.
fn reporter(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    doc: &Agreement,
    owed_by: &[OrganizationId],
) -> Result<Option<OrganizationId>, ApiError> {
    let Some(organization) = cx.caller.organization_id else {
        if !cx.caller.works_for(doc.municipality_id)
            && let Some(own) = of_co_owner(conn, cx, doc, owed_by.iter().copied())?
        {
            return Ok(Some(own));
        }
        return cx.caller.may_change(doc.municipality_id).map(|()| None);
    };
    let names = names(conn, owed_by.iter().copied().chain([organization]))?;
    let own = names.survivor(organization);
    let reached = cx.caller.reach.holds(doc.municipality_id);
    if reached && owed_by.iter().any(|id| names.survivor(*id) == own) {
        return Ok(Some(own));
    }
    Err(ApiError::with(
        Code::Forbidden,
        "이 토큰의 기관이 이행한다고 기록된 협약 사항이 아닙니다.",
        "This commitment is not recorded as owed by the token's organization.",
    ))
}

/// Checks that the caller may report on a commitment.
///
/// # Errors
/// `not_found`; `forbidden`; `conflict` if the agreement was not signed or was voided.
pub fn may_report(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (id, commitment_id): (AgreementId, PartId),
) -> Result<(), ApiError> {
    let stored = read::load(conn, cx, id)?;
    let promise = &commitment(&stored.doc, commitment_id)?.content;
    reporter(conn, cx, &stored.doc, &promise.owed_by)?;
    can_be_reported_on(&stored.doc)
}

/// Records a report. A report of the city counts at once; one of a partner, or of a co-owner on what it
/// owes itself, waits for the city to confirm or decline it.
///
/// # Errors
/// `not_found`; `forbidden`; `conflict` if the agreement was not signed or was voided;
/// `validation_failed` if the date has not passed yet or lies before the signing.
pub fn create(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (id, commitment_id): (AgreementId, PartId),
    new: &CommitmentReportCreate,
) -> Result<CommitmentReport, ApiError> {
    let mut stored = read::load(conn, cx, id)?;
    let promise = &commitment(&stored.doc, commitment_id)?.content;
    let organization_id = reporter(conn, cx, &stored.doc, &promise.owed_by)?;
    can_be_reported_on(&stored.doc)?;
    let signed = stored.doc.content.signed_on.as_ref();
    let before = signed
        .and_then(ImpreciseDate::earliest)
        .is_some_and(|day| new.on.ends_before(day));
    let wrong = not_passed(&new.on, "/on", cx.today).or_else(|| {
        let message = Message::fixed(
            "협약을 체결하기 전입니다.",
            "This lies before the agreement was signed.",
        );
        before.then(|| FieldError::body("/on", "before_signing", message))
    });
    let unmeasured = (new.value.is_some() && promise.target.is_none()).then(|| {
        let message = Message::fixed(
            "이 협약 사항에는 목표 수치(target)가 없습니다.",
            "The commitment has no target whose unit the number could have.",
        );
        FieldError::body("/value", "no_target", message)
    });
    let errors: Vec<FieldError> = wrong.into_iter().chain(unmeasured).collect();
    if !errors.is_empty() {
        return Err(ApiError::invalid(errors));
    }
    let on = new.on.clone().happened_by(cx.today);
    let content = CommitmentReportCreate { on, ..new.clone() }.into();
    let doc = Doc {
        organization_id,
        ..city_report(cx, content)
    };
    write(conn, cx, &mut stored, commitment_id, doc)?;
    derived::rewrite_derived(conn, cx, &stored)?;
    let last = stored.reports.all.len() - 1;
    view_of(conn, &stored, last)
}

fn load_unconfirmed(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (id, commitment, report): (AgreementId, PartId, ReportId),
) -> Result<(Stored, usize), ApiError> {
    let stored = read::load_own(conn, cx, id)?;
    let place = position(&stored, commitment, report)?;
    let (ko, en) = match stored.reports.all[place].standing() {
        Standing::AwaitingConfirmation => return Ok((stored, place)),
        Standing::Counted => ("이미 반영된 보고입니다.", "This report counts already."),
        Standing::Declined => (
            "이미 반려된 보고입니다.",
            "This report is declined already.",
        ),
        Standing::Retracted => ("철회된 보고입니다.", "This report is retracted."),
    };
    Err(ApiError::with(Code::Conflict, ko, en))
}

/// Confirms a partner's report, which then counts.
///
/// # Errors
/// `not_found`; `forbidden`; `conflict` if the report does not await confirmation, or the agreement
/// was voided.
pub fn confirm(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: (AgreementId, PartId, ReportId),
    with: &ConfirmationCreate,
) -> Result<CommitmentReport, ApiError> {
    let (mut stored, place) = load_unconfirmed(conn, cx, ids)?;
    can_be_reported_on(&stored.doc)?;
    stored.reports.all[place].doc.confirmation = Some(Confirmation {
        by: cx.caller.name.clone(),
        confirmed_at: cx.now.and_utc(),
        note: with.note.clone(),
    });
    save(conn, cx, &mut stored, place, with.note.as_ref())
}

/// Declines a partner's report, which stays visible.
///
/// # Errors
/// `not_found`; `forbidden`; `conflict` if the report does not await confirmation.
pub fn decline(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: (AgreementId, PartId, ReportId),
    why: &RefusalCreate,
) -> Result<CommitmentReport, ApiError> {
    let (mut stored, place) = load_unconfirmed(conn, cx, ids)?;
    stored.reports.all[place].doc.refusal = Some(Refusal {
        by: cx.caller.name.clone(),
        declined_at: cx.now.and_utc(),
        reason: why.reason.clone(),
    });
    save(conn, cx, &mut stored, place, Some(&why.reason))
}

/// Retracts a mistaken report, which stays visible. The city can retract any report, a partner its
/// own until the city confirms it.
///
/// # Errors
/// `not_found`; `forbidden`; `conflict` if it is retracted already.
pub fn retract(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (id, commitment, report): (AgreementId, PartId, ReportId),
    why: &RetractionCreate,
) -> Result<CommitmentReport, ApiError> {
    let mut stored = read::load(conn, cx, id)?;
    let place = position(&stored, commitment, report)?;
    may_amend(conn, cx, &stored, place)?;
    if stored.reports.all[place].doc.retraction.is_some() {
        let (ko, en) = ("이미 철회되었습니다.", "It is retracted already.");
        return Err(ApiError::with(Code::Conflict, ko, en));
    }
    stored.reports.all[place].doc.retraction = Some(Retraction {
        reason: why.reason.clone(),
        retracted_on: cx.today,
    });
    save(conn, cx, &mut stored, place, Some(&why.reason))
}

/// Checks that the caller may retract a report.
///
/// # Errors
/// `not_found`, `forbidden`
pub fn may_retract(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (id, commitment, report): (AgreementId, PartId, ReportId),
) -> Result<(), ApiError> {
    let stored = read::load(conn, cx, id)?;
    let place = position(&stored, commitment, report)?;
    may_amend(conn, cx, &stored, place)
}

/// Checks that the caller may retract a report or change its files: the city any, a partner its own
/// until the city confirms it.
///
/// # Errors
/// `forbidden`
pub(super) fn may_amend(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &Stored,
    place: usize,
) -> Result<(), ApiError> {
    let doc = &stored.reports.all[place].doc;
    match (cx.caller.organization_id, doc.organization_id) {
        (None, reporter) => {
            let owner = stored.doc.municipality_id;
            let by = reporter.into_iter();
            if cx.caller.works_for(owner) || of_co_owner(conn, cx, &stored.doc, by)?.is_none() {
                cx.caller.may_change(owner)?;
            } else {
                check_unconfirmed(doc)?;
            }
        }
        (Some(own), reporter) => {
            let names = names(conn, reporter.into_iter().chain([own]))?;
            let same = |id: OrganizationId| names.survivor(id) == names.survivor(own);
            let reached = cx.caller.reach.holds(stored.doc.municipality_id);
            if !reached || !reporter.is_some_and(same) {
                return Err(ApiError::with(
                    Code::Forbidden,
                    "다른 기관의 보고는 철회하거나 파일을 바꿀 수 없습니다.",
                    "Reports of others, and their files, are not yours to retract or change.",
                ));
            }
            check_unconfirmed(doc)?;
        }
    }
    Ok(())
}

fn check_unconfirmed(report: &Doc) -> Result<(), ApiError> {
    if report.confirmation.is_none() {
        return Ok(());
    }
    Err(ApiError::with(
        Code::Forbidden,
        "확인된 보고는 지방자치단체만 철회하고 파일을 바꿀 수 있습니다.",
        "A report that the city has confirmed is retracted by the city, which also changes its files.",
    ))
}

pub(super) fn save(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &mut Stored,
    place: usize,
    reason: Option<&Localized>,
) -> Result<CommitmentReport, ApiError> {
    rewrite(conn, cx, stored, place, reason)?;
    derived::rewrite_derived(conn, cx, stored)?;
    view_of(conn, stored, place)
}
