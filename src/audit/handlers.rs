//! `/changes` and `…/history`

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev, get};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::store::{self, Wanted};
use super::stream::stream_changes;
use super::types::{ChangeList, HistoryResource, LoggedType};
use crate::access::Session;
use crate::error::{ApiError, Place};
use crate::http::mount::Mount;
use crate::http::{Logged, Params};
use crate::values::stored_word;

/// How many changes a list holds where it is not said.
const USUAL: i64 = 100;

/// Which changes are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ChangeFilter {
    /// Only those after this one: the `last_seq` of the list before.
    #[param(minimum = 0, default = 0, example = 0)]
    after: Option<i64>,
    /// How many changes the list holds at most.
    #[param(minimum = 1, maximum = 500, default = 100, example = 100)]
    limit: Option<i64>,
    /// Only those of records of these types, parted by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 11, example = json!(["agreement"]))]
    types: Option<Vec<LoggedType>>,
    /// Only those of records of this municipality.
    municipality_id: Option<Uuid>,
}

/// Which part of a history is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HistoryFilter {
    /// Only the changes after this one: the `last_seq` of the list before.
    #[param(minimum = 0, default = 0, example = 0)]
    after: Option<i64>,
    /// How many changes the list holds at most.
    #[param(minimum = 1, maximum = 500, default = 100, example = 100)]
    limit: Option<i64>,
}

/// A record in the path, by its resource and its id; what is neither names no record.
struct OfRecord(HistoryResource, Uuid);

impl FromRequest for OfRecord {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let part = |name| req.match_info().get(name).unwrap_or_default();
        let resource = stored_word(part("resource")).ok();
        let id = Uuid::try_parse(part("id")).ok();
        let found = resource.zip(id).map(|(resource, id)| Self(resource, id));
        ready(found.ok_or_else(ApiError::not_found))
    }
}

/// List changes
///
/// Every accepted change of what the caller may see, in the order of their commits, which is that of
/// their numbers: who goes on after `last_seq` misses none. A record that comes into the caller's
/// sight, as an agreement does when it is signed, is told whole, as if it were new; of one that is
/// taken from it, as by a change of its visibility, one last change tells that it is gone, and those
/// before are told no more. What belongs to such a record, as the milestones of a project, comes and
/// goes with it. `after` a number that the log does not reach is refused: the registry was restored
/// to an earlier state, and a copy of it is to be made anew.
#[utoipa::path(tag = "changes", operation_id = "list_changes", params(ChangeFilter),
    responses((status = 200, description = "Changes, the oldest first", body = ChangeList)))]
#[get("/changes")]
async fn list_changes(
    session: Session,
    query: Params<ChangeFilter>,
) -> Result<Logged<ChangeList>, ApiError> {
    let filter = query.0;
    let wanted = Wanted {
        after: filter.after.unwrap_or(0),
        limit: filter.limit.unwrap_or(USUAL),
        types: filter.types.iter().flatten().map(|t| t.record()).collect(),
        municipality_id: filter.municipality_id,
        record: None,
        gone: true,
    };
    session
        .read_logged(move |conn, cx| {
            store::reached(conn, wanted.after, Place::Query("after".into()))?;
            store::list(conn, cx, &wanted)
        })
        .await
}

/// List what became of a record
///
/// Who changed what, when and why, the oldest first; of a record that was removed, too. The history of
/// an agreement tells also what was reported of its commitments.
#[utoipa::path(tag = "changes", operation_id = "list_history",
    params(("resource" = HistoryResource, Path, description = "The resource", example = "agreements"),
        ("id" = Uuid, Path, description = "The record's id"), HistoryFilter),
    responses((status = 200, description = "The record's changes, the oldest first", body = ChangeList)))]
#[get("/{resource}/{id}/history")]
async fn list_history(
    session: Session,
    record: OfRecord,
    query: Params<HistoryFilter>,
) -> Result<Logged<ChangeList>, ApiError> {
    let (OfRecord(resource, id), filter) = (record, query.0);
    let wanted = Wanted {
        after: filter.after.unwrap_or(0),
        limit: filter.limit.unwrap_or(USUAL),
        record: Some((resource.record(), id)),
        ..Wanted::default()
    };
    session
        .read_logged(move |conn, cx| {
            store::reached(conn, wanted.after, Place::Query("after".into()))?;
            store::history(conn, cx, &wanted)
        })
        .await
}

pub fn configure(config: &mut impl Mount) {
    config
        .service(list_changes)
        .service(stream_changes)
        .service(list_history);
}
