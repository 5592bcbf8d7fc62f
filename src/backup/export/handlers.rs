//! Handler of `/export`.

use actix_web::http::header::{Header as _, IfNoneMatch};
use actix_web::{HttpRequest, get};
use serde::Deserialize;
use utoipa::IntoParams;

use super::select::Selection;
use super::write;
use crate::http::Read;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::tables::{FileAnswer, FileHead, Spool, failed};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::ledger::RequestContext;

/// The media type of JSON Lines, as public APIs name it.
const JSON_LINES: &str = "application/jsonl";
/// Number of bytes after which what was written is sent.
const SENT_AT: usize = 256 * 1024;

/// The records to export.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportFilter {
    /// The municipality whose records are exported. Defaults to all that the caller administers.
    municipality_id: Option<OrganizationId>,
}

/// Checks that the caller administers a municipality.
fn check(cx: &RequestContext, municipality: Option<OrganizationId>) -> Result<(), ApiError> {
    match municipality {
        Some(id) if !cx.caller.reach.holds(id) => Err(ApiError::with(
            Code::Forbidden,
            "다른 지방자치단체의 기록은 내보낼 수 없습니다.",
            "Records of another municipality are not yours to export.",
        )),
        _ => Ok(()),
    }
}

/// Export all records with their history
///
/// Returns everything of a municipality as JSON Lines, for its archive or for another registry, which
/// `mou-registry load` builds from it. The first line names the format, the municipality and
/// the last log entry that is included. Each further line is a record with its kind, id, version,
/// instants and document, and with every logged version of it (`history`), in the order in
/// which records refer to each other: the municipality's projects, milestones, agreements, reports,
/// working groups and meetings, also removed ones, and the organizations and records of others
/// that these refer to, as far as the caller may see them. The last line has the number of
/// records of each kind, the digest of their digests, and the SHA-256 of all lines before it; a file
/// without it was cut. Left out are personal data (contacts, names of individuals) and its digests,
/// tokens, webhooks, calendars, streams of changes and imported files.
#[utoipa::path(tag = "changes", operation_id = "export_records", params(ExportFilter),
    responses((status = 200, description = "The records, one a line", body = String,
        content_type = "application/jsonl", example = json!("{\"format\":\"mou-registry export\",\"version\":1}\n"))))]
#[get("/export")]
async fn export_records(
    req: HttpRequest,
    read: Read<ExportFilter>,
) -> Result<FileAnswer, ApiError> {
    let Read { session, query } = read;
    let id = query.municipality_id;
    let head = FileHead {
        content_type: JSON_LINES,
        name: Message::fixed("기록", "records"),
        suffix: "jsonl",
    };
    let known = IfNoneMatch::parse(&req).unwrap_or(IfNoneMatch::Items(Vec::new()));
    session
        .stream(head, known, None, move |conn, cx, spool| {
            check(cx, id)?;
            let header = write::header(conn, cx, id)?;
            let selection = Selection::of(conn, cx, id)?;
            let mut unsent = 0;
            let sent = &mut |spool: &mut Spool, length: usize| {
                unsent += length;
                if unsent >= SENT_AT {
                    spool.publish();
                    unsent = 0;
                }
            };
            let mut spool = write::write(conn, &selection, &header, spool, failed, sent)?;
            spool.publish();
            Ok(())
        })
        .await
}

pub fn configure(config: &mut impl Mount) {
    config.route(export_records, Access::Manage.to_figures());
}
