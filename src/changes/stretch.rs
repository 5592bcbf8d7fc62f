//! `/changes/checkpoint` and `/changes/verification`: what an admin can check of the log without access
//! to the server. The whole check is `mou-registry audit verify`.

use actix_web::get;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::verify::{Broken, What, stretch};
use crate::db::AnyConnection;
use crate::db::schema::changes as c;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Read, Single};
use crate::kernel::clock::six_digits;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::language::Message;
use crate::kernel::values::{Revision, Versioned};
use crate::ledger::chain::head;
use crate::ledger::{Reach, RequestContext};

/// Entries that one verification reads at most.
const MOST: i64 = 10_000;

/// The end of the log, to be kept elsewhere: whoever has it can tell later whether the log was cut off or
/// rewritten. It is not signed; `mou-registry audit checkpoint` signs one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogCheckpoint {
    /// Number of entries.
    #[schema(minimum = 0, example = 42)]
    pub size: i64,
    /// SHA-256 hash of the last entry, in hexadecimal digits; empty for an empty log.
    #[schema(example = "3b9c358f36f0a31b6ad3e14f309c7cf198ac9246e8316f9ce543d5b19ac02b80")]
    pub hash: String,
    /// Instant of the checkpoint.
    #[serde(serialize_with = "six_digits")]
    pub time: DateTime<Utc>,
}

/// The result of checking a part of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogVerification {
    /// Number of the first entry that was checked.
    #[schema(minimum = 1, example = 1)]
    pub from: i64,
    /// Number of the last entry that was checked: at most 10,000 from the first.
    #[schema(minimum = 0, example = 42)]
    pub to: i64,
    /// Hash of the last entry that was checked; null if an entry does not match.
    #[schema(example = "3b9c358f36f0a31b6ad3e14f309c7cf198ac9246e8316f9ce543d5b19ac02b80")]
    pub hash: Option<String>,
    /// Number of the first entry that does not match; null if all do.
    #[schema(example = json!(null))]
    pub broken_at: Option<i64>,
    /// What is wrong with that entry, in words; null if all match.
    #[schema(example = json!(null))]
    pub broken_because: Option<Message>,
}

/// The part of the log to check.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StretchFilter {
    /// Number of the first entry.
    #[param(minimum = 1, default = 1, example = 1)]
    from: Option<i64>,
    /// Number of the last entry. Defaults to the end of the log.
    #[param(minimum = 1, example = 42)]
    to: Option<i64>,
}

impl Versioned for LogCheckpoint {
    /// Constant, since this representation cannot be changed.
    fn revision(&self) -> Revision {
        Revision::default()
    }
}

impl Versioned for LogVerification {
    /// Constant, since this representation cannot be changed.
    fn revision(&self) -> Revision {
        Revision::default()
    }
}

/// Read a checkpoint of the log
///
/// Returns the number of entries and the hash of the last one, to be kept outside of the registry. For
/// admins of all municipalities.
#[utoipa::path(tag = "changes", operation_id = "get_changes_checkpoint",
    responses((status = 200, description = "The end of the log", body = LogCheckpoint)))]
#[get("/changes/checkpoint")]
async fn get_changes_checkpoint(read: Read) -> Result<Single<LogCheckpoint>, ApiError> {
    read.unlogged(checkpoint).await
}

/// Verify a part of the log
///
/// Checks that each entry follows the one before it, and that its text and the columns beside it are
/// those that its hash is of. For admins of all municipalities. Records, and what is derived from
/// them, are checked by `mou-registry audit verify`.
#[utoipa::path(tag = "changes", operation_id = "verify_changes", params(StretchFilter),
    responses((status = 200, description = "The result", body = LogVerification)))]
#[get("/changes/verification")]
async fn verify_changes(read: Read<StretchFilter>) -> Result<Single<LogVerification>, ApiError> {
    let StretchFilter { from, to } = read.query;
    read.unlogged(move |conn, cx| verification(conn, cx, from, to))
        .await
}

/// Returns the end of the log.
///
/// # Errors
/// `forbidden` unless the caller is an admin of all municipalities.
pub fn checkpoint(
    conn: &mut AnyConnection,
    cx: &RequestContext,
) -> Result<LogCheckpoint, ApiError> {
    sees_all(cx)?;
    let (size, hash) = head(conn)?;
    Ok(LogCheckpoint {
        size,
        hash,
        time: cx.now.and_utc(),
    })
}

/// Checks a part of the log.
///
/// # Errors
/// `forbidden` unless the caller is an admin of all municipalities; `invalid_parameters` if the log has
/// no such part.
pub fn verification(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    from: Option<i64>,
    to: Option<i64>,
) -> Result<LogVerification, ApiError> {
    sees_all(cx)?;
    let (size, _) = head(conn)?;
    let from = from.unwrap_or(1).max(1);
    let to = to.unwrap_or(size);
    let beyond = |name, number: i64| {
        let message = Message::new(
            format!("로그는 {size}번에서 끝납니다."),
            format!("The log ends with entry {size}."),
        );
        (number > size).then(|| FieldError::query(name, "beyond_the_end", message))
    };
    let mut wrong: Vec<FieldError> = [beyond("from", from), beyond("to", to)]
        .into_iter()
        .flatten()
        .collect();
    if to < from && from <= size {
        let message = Message::fixed("끝이 시작보다 앞섭니다.", "This ends before it begins.");
        wrong.push(FieldError::query("to", "reversed", message));
    }
    if size > 0 && !wrong.is_empty() {
        return Err(ApiError::new(Code::InvalidParameters).and(wrong));
    }
    let to = to.min(from + MOST - 1).min(size);
    let before = c::table.find(from - 1).select(c::hash);
    let before = before.first::<String>(conn).optional()?;
    let found = stretch(conn, (from, to), before.unwrap_or_default());
    let (hash, broken) = match found {
        Ok(hash) => (Some(hash), None),
        Err(Broken::Entry(seq, what)) => (None, Some((seq, said(what)))),
        Err(Broken::Unreadable(error)) => return Err(error),
        Err(other) => return Err(ApiError::internal(other)),
    };
    let (broken_at, broken_because) = broken.unzip();
    Ok(LogVerification {
        from,
        to,
        hash,
        broken_at,
        broken_because,
    })
}

fn sees_all(cx: &RequestContext) -> Result<(), ApiError> {
    match cx.caller.reach {
        Reach::All => Ok(()),
        Reach::Of(_) => Err(ApiError::with(
            Code::Forbidden,
            "로그 전체는 모든 지방자치단체의 관리자만 확인합니다.",
            "The log as a whole is checked by admins of all municipalities.",
        )),
    }
}

fn said(what: What) -> Message {
    let ko = match what {
        What::Missing => "항목이 없습니다.",
        What::Misplaced => "앞의 항목에 이어지지 않습니다.",
        What::Changed => "내용이 해시와 다릅니다.",
        What::Beside => "옆에 적힌 값이 내용과 다릅니다.",
        _ => "읽을 수 없습니다.",
    };
    Message::new(ko, what.to_string())
}

pub fn configure(config: &mut impl Mount) {
    config
        .route(get_changes_checkpoint, Access::Manage)
        .route(verify_changes, Access::Manage.to_figures());
}
