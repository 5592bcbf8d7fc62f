//! Sources that a record becomes, beside those that a person states.

use super::read::load_own;
use super::store::{edit, write};
use crate::db::AnyConnection;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::AgreementId;
use crate::kernel::values::{Localized, Source};
use crate::ledger::RequestContext;

/// Maximum number of sources of an agreement.
const MOST: usize = 100;

/// Adds a source to an agreement unless it has it. After signing, this is a correction.
///
/// # Errors
/// `not_found`; `forbidden`, also if the agreement is approved and the caller cannot approve it;
/// `conflict` if the agreement has too many sources.
pub fn add_source(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    source: &Source,
) -> Result<(), ApiError> {
    let reason = reason(
        "출처 추가: 확인된 발표",
        "Source added: a confirmed announcement",
    );
    change(conn, cx, id, &reason, |sources| {
        if sources.contains(source) {
            return Ok(false);
        }
        if sources.len() >= MOST {
            return Err(ApiError::with(
                Code::Conflict,
                format!("협약의 출처가 이미 {MOST}개입니다."),
                format!("The agreement has {MOST} sources already."),
            ));
        }
        sources.push(source.clone());
        Ok(true)
    })
}

/// Removes a source from an agreement if it has it. After signing, this is a correction.
///
/// # Errors
/// `not_found`; `forbidden`, also if the agreement is approved and the caller cannot approve it.
pub fn remove_source(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    source: &Source,
) -> Result<(), ApiError> {
    let reason = reason(
        "출처 삭제: 발표의 확인을 취소함",
        "Source removed: the announcement is no longer confirmed",
    );
    change(conn, cx, id, &reason, |sources| {
        let before = sources.len();
        sources.retain(|one| one != source);
        Ok(sources.len() < before)
    })
}

/// Replaces a source of an agreement by what it is now, if the agreement has it. After signing, this is a
/// correction.
///
/// # Errors
/// `not_found`; `forbidden`, also if the agreement is approved and the caller cannot approve it.
pub fn replace_source(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    (before, after): (&Source, &Source),
) -> Result<(), ApiError> {
    let reason = reason(
        "출처 정정: 확인된 발표를 고침",
        "Source corrected: the confirmed announcement was changed",
    );
    change(conn, cx, id, &reason, |sources| {
        let Some(at) = sources.iter().position(|one| one == before) else {
            return Ok(false);
        };
        match sources.contains(after) {
            true => drop(sources.remove(at)),
            false => sources[at] = after.clone(),
        }
        Ok(true)
    })
}

fn reason(ko: &str, en: &str) -> Localized {
    Localized {
        ko: Some(ko.to_owned()),
        en: Some(en.to_owned()),
    }
}

/// Saves an agreement if `work` changes its sources.
fn change(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    reason: &Localized,
    work: impl FnOnce(&mut Vec<Source>) -> Result<bool, ApiError>,
) -> Result<(), ApiError> {
    let mut stored = load_own(conn, cx, id)?;
    if !work(&mut stored.doc.content.sources)? {
        return Ok(());
    }
    edit(cx, &mut stored, Some(reason))?;
    write(conn, cx, stored, Vec::new()).map(drop)
}
