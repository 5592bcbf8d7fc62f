//! `/changes` and `…/history`

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev, get};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::store::Wanted;
use super::stream::stream_changes;
use super::types::ChangeList;
use super::{store, stream_addresses};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Answered, Read};
use crate::kernel::error::{ApiError, Place};
use crate::kernel::ids::OrganizationId;
use crate::records::{HistoryResource, LoggedType};

/// Default number of changes in a list.
const USUAL: i64 = 100;

/// Filters for changes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChangeFilter {
    /// Only changes after this number: the `last_seq` of the previous list.
    #[param(minimum = 0, default = 0, example = 0)]
    after: Option<i64>,
    /// Maximum number of changes in the list.
    #[param(minimum = 1, maximum = 500, default = 100, example = 100)]
    limit: Option<i64>,
    /// Only changes of records of these types, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 14, example = json!(["agreement"]))]
    #[serde(rename = "type")]
    types: Option<Vec<LoggedType>>,
    /// Only changes of records of this municipality, including agreements that it shares.
    municipality_id: Option<OrganizationId>,
}

/// The part of a history to return.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HistoryFilter {
    /// Only changes after this number: the `last_seq` of the previous list.
    #[param(minimum = 0, default = 0, example = 0)]
    after: Option<i64>,
    /// Maximum number of changes in the list.
    #[param(minimum = 1, maximum = 500, default = 100, example = 100)]
    limit: Option<i64>,
}

/// A record in the path, by its resource and id. Anything else names no record.
struct OfRecord(HistoryResource, Uuid);

impl FromRequest for OfRecord {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let part = |name| req.match_info().get(name).unwrap_or_default();
        let resource = HistoryResource::named(part("resource"));
        let id = Uuid::try_parse(part("id")).ok();
        let found = resource.zip(id).map(|(resource, id)| Self(resource, id));
        ready(found.ok_or_else(ApiError::not_found))
    }
}

/// List changes
///
/// Returns every accepted change of records that the caller may see, in commit order, which is the
/// order of their numbers. Continue after `last_seq` to miss none. A record that becomes visible to
/// the caller, as an agreement does when it is signed, appears as a whole, as if it were new. A
/// record that is withdrawn, for example by a change of its visibility, appears in one last change
/// that removes it; its earlier changes are no longer listed. Records that belong to another, such
/// as the milestones of a project, appear and disappear with it, without a change of their own. An
/// `after` beyond the last change that the caller sees is rejected: the registry was restored to an
/// earlier state, or the caller sees less than before, and copies of it must be rebuilt.
#[utoipa::path(tag = "changes", operation_id = "list_changes", params(ChangeFilter),
    responses((status = 200, description = "Changes, oldest first", body = ChangeList)))]
#[get("/changes")]
async fn list_changes(read: Read<ChangeFilter>) -> Result<Answered<ChangeList>, ApiError> {
    let Read { session, query } = read;
    let wanted = Wanted {
        after: query.after.unwrap_or(0),
        limit: query.limit.unwrap_or(USUAL),
        latest: false,
        types: query.types.iter().flatten().map(|t| t.record).collect(),
        municipality_id: query.municipality_id,
        record: None,
        gone: true,
        ..Wanted::default()
    };
    session
        .read_value(move |conn, cx| {
            store::reached(conn, cx, wanted.after, Place::Query("after".into()))?;
            store::list(conn, cx, &wanted)
        })
        .await
}

/// List the history of a record
///
/// Returns who changed what, when and why, oldest first, also for records that were removed. The
/// history of an agreement includes the reports on its commitments.
#[utoipa::path(tag = "changes", operation_id = "list_history",
    params(("resource" = HistoryResource, Path, description = "The resource", example = "agreements"),
        ("id" = Uuid, Path, description = "The record's id"), HistoryFilter),
    responses((status = 200, description = "The record's changes, oldest first", body = ChangeList)))]
#[get("/{resource}/{id}/history")]
async fn list_history(
    OfRecord(resource, id): OfRecord,
    read: Read<HistoryFilter>,
) -> Result<Answered<ChangeList>, ApiError> {
    let Read { session, query } = read;
    let wanted = Wanted {
        after: query.after.unwrap_or(0),
        limit: query.limit.unwrap_or(USUAL),
        record: Some((resource.record, id)),
        ..Wanted::default()
    };
    session
        .read_value(move |conn, cx| {
            store::reached(conn, cx, wanted.after, Place::Query("after".into()))?;
            store::history(conn, cx, &wanted)
        })
        .await
}

pub fn configure(config: &mut impl Mount) {
    config
        .route(list_changes, Access::Timeless)
        .route(stream_changes, Access::Timeless)
        .route(list_history, Access::Timeless);
    stream_addresses::configure(config);
}
