//! What a confirmed announcement is a source of.

use super::store::{Stored, Target};
use super::types::AnnouncementContent;
use crate::agreements::read::load;
use crate::agreements::sources::{add_source, replace_source};
use crate::db::AnyConnection;
use crate::directory::succession;
use crate::kernel::error::ApiError;
use crate::kernel::ids::AgreementId;
use crate::kernel::language::Message;
use crate::kernel::values::{Source, Warning};
use crate::ledger::RequestContext;
use crate::projects::milestones::statements::restate_source;

/// Returns an announcement as the source of a fact.
pub(super) fn source(content: &AnnouncementContent) -> Source {
    Source {
        publisher: content.publisher.clone(),
        title: content
            .title
            .texts()
            .next()
            .map(|text| text.chars().take(1000).collect()),
        author: None,
        url: content.url.clone(),
        published_on: content.announced_on.clone(),
        retrieved_on: None,
    }
}

/// Returns whether the caller may change the sources of an agreement: another municipality perhaps keeps
/// it.
///
/// # Errors
/// `not_found`
pub(super) fn may_cite(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    agreement: AgreementId,
) -> Result<bool, ApiError> {
    let owner = load(conn, cx, agreement)?.doc.municipality_id;
    Ok(cx.caller.may_change(owner).is_ok())
}

/// Makes an announcement a source of an agreement. Returns the source, or else a warning if the caller
/// may not change the agreement, which another municipality shares.
pub(super) fn cite(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    agreement: AgreementId,
    source: Source,
) -> Result<(Option<Source>, Option<Warning>), ApiError> {
    if may_cite(conn, cx, agreement)? {
        add_source(conn, cx, agreement, &source)?;
        return Ok((Some(source), None));
    }
    let warning = Warning::new(
        "source_not_added",
        "/agreement",
        Message::fixed(
            "다른 지방자치단체가 관리하는 협약이라 출처로 더하지 않았습니다.",
            "Another municipality keeps this agreement, so the announcement did not become its source.",
        ),
    );
    Ok((None, Some(warning)))
}

/// Carries the change of a confirmed announcement into what it became a source of: the agreement, and the
/// forecasts and outcomes that were made of it. Returns a warning if the agreement keeps the source as it
/// was, since the caller may not change it.
///
/// # Errors
/// Those of changing the agreement or a milestone.
pub(super) fn follow(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &mut Stored,
    before: &AnnouncementContent,
) -> Result<Option<Warning>, ApiError> {
    let after = source(&stored.doc.content);
    let Some(about) = stored.doc.verdict.about.filter(|_| after != source(before)) else {
        return Ok(None);
    };
    let cited = stored.doc.verdict.source.clone();
    let was = cited.clone().unwrap_or_else(|| source(before));
    let held = succession::held_of(conn, stored.doc.municipality_id, cx.today)?;
    restate_source(conn, cx, &held, (&was, &after))?;
    let Some((Target::Agreement(agreement), cited)) = Some(about).zip(cited) else {
        return Ok(None);
    };
    if may_cite(conn, cx, agreement)? {
        replace_source(conn, cx, agreement, (&cited, &after))?;
        stored.doc.verdict.source = Some(after);
        return Ok(None);
    }
    Ok(Some(Warning::new(
        "source_not_changed",
        "/agreement",
        Message::fixed(
            "다른 지방자치단체가 관리하는 협약이라 출처를 고치지 않았습니다.",
            "Another municipality keeps this agreement, so its source stays as it was.",
        ),
    )))
}
