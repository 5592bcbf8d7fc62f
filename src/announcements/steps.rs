//! Steps with an announcement: it is confirmed, rejected, made into a draft, and reopened.

use super::candidates::is_held;
use super::parties;
use super::sources::{cite, may_cite, source};
use super::store::{Stored, Target, Verdict, load_own, save};
use super::types::{
    Announcement, AnnouncementConfirmation, AnnouncementContent, AnnouncementDraft,
    AnnouncementKind, AnnouncementRejection, AnnouncementStanding,
};
use crate::agreements;
use crate::agreements::sources::remove_source;
use crate::agreements::types::{AgreementCreate, OtherParties, PartyContent};
use crate::db::AnyConnection;
use crate::directory::names::unknown;
use crate::directory::succession;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::{AgreementId, AnnouncementId, MilestoneId, OrganizationId};
use crate::kernel::language::Message;
use crate::kernel::values::{ImpreciseDate, Localized};
use crate::ledger::RequestContext;
use crate::organizations::matching::{Directory, Matched, Wanted};
use crate::projects::milestones::statements::{repeat_forecast, repeat_outcome};
use crate::projects::milestones::types::{ForecastContent, OutcomeContent, OutcomeKind};

fn target(agreement: Option<AgreementId>, milestone: Option<MilestoneId>) -> Option<Target> {
    agreement
        .map(Target::Agreement)
        .or(milestone.map(Target::Milestone))
}

/// Loads an announcement that is not confirmed.
///
/// # Errors
/// `not_found`, `forbidden`, or `conflict` if it is confirmed.
fn load_unconfirmed(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AnnouncementId,
) -> Result<Stored, ApiError> {
    let stored = load_own(conn, cx, id)?;
    match stored.doc.verdict.about {
        None => Ok(stored),
        Some(_) => Err(ApiError::with(
            Code::Conflict,
            "이미 확인된 발표입니다. 먼저 확인을 취소해야 합니다.",
            "It is confirmed already: reopen it first.",
        )),
    }
}

/// Checks that the municipality of an announcement holds a record.
///
/// # Errors
/// `validation_failed`
fn check_held(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipality: OrganizationId,
    target: Target,
) -> Result<(), ApiError> {
    let at = match target {
        Target::Agreement(_) => "/agreement_id",
        Target::Milestone(_) => "/milestone_id",
    };
    let held = succession::held_of(conn, municipality, cx.today)?;
    match is_held(conn, cx, &held, target)? {
        Some(true) => Ok(()),
        None => Err(ApiError::invalid(vec![unknown(at)])),
        Some(false) => {
            let message = Message::fixed(
                "다른 지방자치단체의 기록입니다.",
                "It belongs to another municipality.",
            );
            Err(ApiError::invalid_at(at, "another_municipality", message))
        }
    }
}

/// Confirms that an announcement is about an agreement or a milestone, and records what it states of
/// milestones. The agreement gets it as a source.
///
/// # Errors
/// `not_found`, `forbidden`; `conflict` if it is confirmed already; `validation_failed`, with each
/// record that is unknown or another municipality's, and each date that cannot be recorded.
pub fn confirm(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AnnouncementId,
    new: &AnnouncementConfirmation,
) -> Result<Announcement, ApiError> {
    let mut stored = load_unconfirmed(conn, cx, id)?;
    let Some(about) = target(new.agreement_id, new.milestone_id) else {
        return Err(ApiError::invalid(vec![unknown("/agreement_id")]));
    };
    let mut errors = Vec::new();
    let held = check_held(conn, cx, stored.doc.municipality_id, about);
    gather(held, "", &mut errors)?;
    if errors.is_empty() {
        errors = record_targets(conn, cx, &stored.doc.content, new)?;
    }
    if !errors.is_empty() {
        return Err(ApiError::invalid(errors));
    }
    let (source, warning) = match about {
        Target::Agreement(agreement) => cite(conn, cx, agreement, source(&stored.doc.content))?,
        Target::Milestone(_) => (None, None),
    };
    stored.doc.verdict = Verdict {
        standing: AnnouncementStanding::Confirmed,
        about: Some(about),
        source,
        reason: None,
        ruled_out: std::mem::take(&mut stored.doc.verdict.ruled_out),
    };
    let mut view = save(conn, cx, stored, None)?;
    view.warnings.extend(warning);
    Ok(view)
}

/// Adds what is invalid to `errors`, with pointers below `at`; passes every other error on.
fn gather<T>(
    result: Result<T, ApiError>,
    at: &str,
    errors: &mut Vec<FieldError>,
) -> Result<(), ApiError> {
    match result {
        Ok(_) => Ok(()),
        Err(refused) if refused.code == Code::Invalid => {
            errors.extend(refused.errors.into_iter().map(|error| error.below(at)));
            Ok(())
        }
        Err(refused) => Err(refused),
    }
}

/// Records the forecasts and the outcome that a person confirms, but for those that an earlier
/// confirmation recorded. Returns what is wrong with them.
fn record_targets(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    content: &AnnouncementContent,
    new: &AnnouncementConfirmation,
) -> Result<Vec<FieldError>, ApiError> {
    let (mut errors, source) = (Vec::new(), source(content));
    if let Some((id, on)) = new.milestone_id.zip(new.met_on.as_ref()) {
        let outcome = OutcomeContent {
            kind: OutcomeKind::Met,
            on: on.clone(),
            note: None,
            source: Some(source.clone()),
        };
        let met = repeat_outcome(conn, cx, id, &outcome).map_err(|e| e.pointing("/on", "/met_on"));
        gather(met, "", &mut errors)?;
    }
    let Some(stated_on) = content.announced_on.as_ref().filter(|on| on.is_dated()) else {
        if !new.forecasts.is_empty() {
            let message = Message::fixed(
                "발표일을 모르면 언제 밝힌 시점인지 적을 수 없습니다. 먼저 발표일을 적어야 합니다.",
                "Without the date of the announcement it is unknown when a target was stated: record it first.",
            );
            errors.push(FieldError::body(
                "/forecasts",
                "announced_on_unknown",
                message,
            ));
        }
        return Ok(errors);
    };
    for (i, stated) in new.forecasts.iter().enumerate() {
        let at = format!("/forecasts/{i}");
        let forecast = ForecastContent {
            target: stated.target.clone(),
            stated_on: ImpreciseDate::clone(stated_on),
            stated_by: content.publisher.clone(),
            reason_code: None,
            reason: None,
            note: None,
            source: Some(source.clone()),
        };
        match repeat_forecast(conn, cx, stated.milestone_id, &forecast) {
            Err(refused) if refused.code == Code::NotFound => {
                errors.push(unknown(&format!("{at}/milestone_id")));
            }
            result => gather(result, &at, &mut errors)?,
        }
    }
    Ok(errors)
}

/// Rejects one candidate of an announcement, or every record.
///
/// # Errors
/// `not_found`, `forbidden`; `conflict` if it is confirmed; `validation_failed` for an unknown record.
pub fn reject(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AnnouncementId,
    new: &AnnouncementRejection,
) -> Result<Announcement, ApiError> {
    let mut stored = load_unconfirmed(conn, cx, id)?;
    let verdict = &mut stored.doc.verdict;
    if let Some(about) = target(new.agreement_id, new.milestone_id) {
        check_held(conn, cx, stored.doc.municipality_id, about)?;
        verdict.ruled_out.insert(about);
    } else {
        verdict.standing = AnnouncementStanding::Rejected;
        verdict.reason.clone_from(&new.reason);
    }
    save(conn, cx, stored, new.reason.as_ref())
}

/// Takes back the confirmation and every rejection of an announcement. A source that it became is
/// removed from the agreement; forecasts and outcomes stay, which are retracted one by one.
///
/// # Errors
/// `not_found`, `forbidden`; `conflict` if there is nothing to take back.
pub fn reopen(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AnnouncementId,
) -> Result<Announcement, ApiError> {
    let mut stored = load_own(conn, cx, id)?;
    let before = std::mem::take(&mut stored.doc.verdict);
    if before == Verdict::default() {
        return Err(ApiError::with(
            Code::Conflict,
            "확인하거나 제외한 적이 없는 발표입니다.",
            "It was neither confirmed nor rejected.",
        ));
    }
    let agreement = before.about.and_then(Target::agreement);
    if let Some((agreement, source)) = agreement.zip(before.source)
        && may_cite(conn, cx, agreement)?
    {
        remove_source(conn, cx, agreement, &source)?;
    }
    save(conn, cx, stored, None)
}

/// Makes a draft agreement of an announcement, and confirms that the announcement is about it.
///
/// # Errors
/// `not_found`, `forbidden`; `conflict` if it is confirmed already; the errors of recording the
/// agreement.
pub fn draft(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AnnouncementId,
    new: &AnnouncementDraft,
) -> Result<Announcement, ApiError> {
    let mut stored = load_unconfirmed(conn, cx, id)?;
    let municipality = stored.doc.municipality_id;
    let content = &stored.doc.content;
    let (parties, others) = match new.parties.is_empty() {
        true => recorded_parties(conn, municipality, content)?,
        false => (new.parties.clone(), None),
    };
    let signed_on = content.happened_on.as_ref();
    let signed_on = signed_on.filter(|_| content.kind == AnnouncementKind::Signing);
    let sources = std::iter::once(source(content)).chain(content.sources.iter().take(99).cloned());
    let body = serde_json::json!({
        "municipality_id": municipality,
        "status": "draft",
        "kind": new.kind,
        "title": new.title.as_ref().unwrap_or(&content.title),
        "signed_on": signed_on,
        "visibility": content.visibility,
        "parties": parties,
        "other_parties": others,
        "cost": content.amount,
        "lead_department": content.lead_department,
        "sources": sources.collect::<Vec<_>>(),
    });
    let body: AgreementCreate = serde_json::from_value(body).map_err(ApiError::internal)?;
    let made = agreements::create(conn, cx, &body)?;
    stored.doc.verdict = Verdict {
        standing: AnnouncementStanding::Confirmed,
        about: Some(Target::Agreement(made.meta.id)),
        source: Some(source(content)),
        ..Verdict::default()
    };
    let reason = Localized {
        ko: Some("협약 초안을 만듦".into()),
        en: Some("A draft agreement was made of it".into()),
    };
    save(conn, cx, stored, Some(&reason))
}

/// Returns the parties whose announced names mean one recorded organization, and the others in words.
fn recorded_parties(
    conn: &mut AnyConnection,
    municipality: OrganizationId,
    content: &AnnouncementContent,
) -> Result<(Vec<PartyContent>, Option<OtherParties>), ApiError> {
    if content.parties.is_empty() {
        return Ok((Vec::new(), None));
    }
    let directory = Directory::load(conn, municipality)?;
    let wanted = content.parties.iter().map(|party| {
        let read = parties::read(party, &|name| directory.is_known(name));
        match (&read.named[..], read.others) {
            ([one], None) => Wanted::party(one),
            _ => Wanted {
                names: vec![party.name.clone()],
                ..Wanted::default()
            },
        }
    });
    let found = directory.find(conn, &wanted.collect::<Vec<_>>())?;
    let (mut ids, mut unknown) = (Vec::new(), Vec::new());
    for (party, matched) in content.parties.iter().zip(found) {
        let id = match matched {
            Matched::Own { department: None } => Some(municipality),
            Matched::Known(candidate) => Some(candidate.organization.id),
            Matched::Own { .. } | Matched::Unclear(_) | Matched::New { .. } => None,
        };
        match id {
            Some(id) if !ids.contains(&id) => ids.push(id),
            Some(_) => {}
            None => unknown.push(party.name.clone()),
        }
    }
    let parties = ids.into_iter().map(|id| {
        let party = serde_json::json!({"organization_id": id});
        serde_json::from_value(party).map_err(ApiError::internal)
    });
    let others = (!unknown.is_empty()).then(|| OtherParties::with_names(None, &unknown));
    Ok((parties.collect::<Result<_, _>>()?, others))
}
