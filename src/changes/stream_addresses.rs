//! `/change-streams` and `/change-feeds`: the stream of changes at secret addresses, for browsers,
//! whose `EventSource` cannot send a token.

use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::stream::{Changes, LastEventId, open};
use crate::access::address;
use crate::access::address::{Address, Kind};
use crate::access::kept_addresses;
use crate::access::kept_addresses::{AddressState, KeptAddress};
use crate::db::AnyConnection;
use crate::db::page::{Listed, Page, PageBody};
use crate::directory::names::{names, unknown};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{
    AddressFilter, List, Paged, Paging, Path, Post, Posted, Read, Session, Single, Step, link,
};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AddressId, OrganizationId};
use crate::kernel::values::{Meta, OrganizationRef, Revision, Versioned};
use crate::ledger::RequestContext;
use crate::records::LoggedType;

/// Settings of a stream of changes with an address.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct ChangeStreamContent {
    /// Name of the stream, by which its maker knows it.
    #[schema(max_length = 200, pattern = r"^.+$", example = "상황판")]
    pub name: String,
    /// Only changes of records of these types; all if empty.
    #[serde(default)]
    #[schema(max_items = 14, example = json!(["agreement"]))]
    pub types: Vec<LoggedType>,
    /// Only changes of records of this municipality, including agreements that it shares.
    #[schema(value_type = Option<Uuid>, example = json!(null))]
    pub municipality_id: Option<OrganizationId>,
}

/// A stream of changes with an address, without the address.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChangeStream {
    #[serde(flatten)]
    pub meta: Meta<AddressId>,
    #[serde(flatten)]
    pub content: ChangeStreamContent,
    /// Municipality in `municipality_id`, with its name; null if it is no longer recorded.
    pub municipality: Option<OrganizationRef>,
    #[serde(flatten)]
    pub state: AddressState,
}

/// A stream of changes that was just created.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CreatedChangeStream {
    #[serde(flatten)]
    pub entry: ChangeStream,
    /// Path of the stream on this server, or its URL if the server knows its public one. Anyone who
    /// has it can read the stream, so it is shown only once.
    #[schema(
        example = "/api/v1/change-feeds/chg_0000000000000000000000000000000000000000000000000000000000000000"
    )]
    pub address: String,
}

impl Versioned for ChangeStream {
    fn revision(&self) -> Revision {
        self.meta.revision()
    }
}

impl Versioned for CreatedChangeStream {
    fn revision(&self) -> Revision {
        self.entry.revision()
    }
}

/// The part of a stream at an address to send.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FeedFilter {
    /// Begin after this change. Defaults to the last one that the caller sees. `Last-Event-ID` takes
    /// precedence.
    #[param(minimum = 0, example = 0)]
    after: Option<i64>,
    /// End after this many changes. Without it the stream does not end by itself.
    #[param(minimum = 1, maximum = 1_000_000, example = 1)]
    limit: Option<i64>,
}

fn load(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: Option<AddressId>,
) -> Result<Vec<ChangeStream>, ApiError> {
    let kept = kept_addresses::load::<ChangeStreamContent>(conn, cx, Kind::ChangeStream, id)?;
    let owners = kept.iter().filter_map(|kept| kept.content.municipality_id);
    let names = names(conn, owners.collect::<Vec<_>>())?;
    let view = |kept: KeptAddress<ChangeStreamContent>| ChangeStream {
        municipality: kept.content.municipality_id.and_then(|id| names.find(id)),
        meta: kept.meta,
        content: kept.content,
        state: kept.state,
    };
    Ok(kept.into_iter().map(view).collect())
}

/// Reads the settings of a stream; `not_found` if it belongs to another token.
fn read(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AddressId,
) -> Result<ChangeStream, ApiError> {
    load(conn, cx, Some(id))?
        .pop()
        .ok_or_else(ApiError::not_found)
}

fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    active: Option<bool>,
    page: &Page,
) -> Result<Listed<ChangeStream>, ApiError> {
    let mut all = load(conn, cx, None)?;
    all.retain(|stream| active.is_none_or(|active| stream.state.active == active));
    let id = |stream: &ChangeStream| stream.meta.id.to_string();
    Ok(page.of(all, id, id))
}

fn create(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    new: &ChangeStreamContent,
) -> Result<(ChangeStream, String), ApiError> {
    let known = names(conn, new.municipality_id)?;
    if new.municipality_id.is_some_and(|id| !known.contains(id)) {
        return Err(ApiError::invalid(vec![unknown("/municipality_id")]));
    }
    let (id, path) = kept_addresses::create(conn, cx, Kind::ChangeStream, &new.name, new)?;
    Ok((read(conn, cx, id)?, path))
}

/// List streams with an address
///
/// Returns the streams of changes made with the caller's token, including revoked ones, without
/// their addresses, which the registry does not store.
#[utoipa::path(tag = "changes", operation_id = "list_change_streams", params(AddressFilter, Paging),
    responses((status = 200, description = "One page of streams", body = PageBody<ChangeStream>)))]
#[get("/change-streams")]
async fn list_change_streams(
    session: Session,
    list_of: List<AddressFilter>,
) -> Result<Paged<ChangeStream>, ApiError> {
    let List { filter, page } = list_of;
    let listed = session.read(move |conn, cx| list(conn, cx, filter.active, &page));
    // The time of the last use is not logged.
    session.page(listed.await?)
}

/// Create a stream with an address
///
/// Creates a stream of changes for browsers, whose `EventSource` cannot send a token. The response
/// contains its address, which is shown only once; an idempotency key has no effect. The stream
/// shows what its token can see, and ends with the token or when it is revoked. Callers by single
/// sign-on cannot create streams.
#[utoipa::path(tag = "changes", operation_id = "create_change_stream", request_body = ChangeStreamContent,
    responses((status = 201, description = "The stream, with its address", body = CreatedChangeStream)))]
#[post("/change-streams")]
async fn create_change_stream(
    req: HttpRequest,
    post: Post<ChangeStreamContent>,
) -> Result<Posted<CreatedChangeStream>, ApiError> {
    let base = link(&req, "");
    let location =
        |new: &CreatedChangeStream| format!("/api/v1/change-streams/{}", new.entry.meta.id);
    // A response stored under an idempotency key would contain the address.
    post.unkept()
        .created(location, move |conn, cx, new| {
            let (entry, path) = create(conn, cx, new)?;
            let address = format!("{base}{path}");
            Ok(CreatedChangeStream { entry, address })
        })
        .await
}

/// Read a stream's settings
///
/// Returns the filters of the stream, its token, and whether its address is still valid.
#[utoipa::path(tag = "changes", operation_id = "get_change_stream",
    params(("id" = Uuid, Path, description = "The stream's id")),
    responses((status = 200, description = "The stream, without its address", body = ChangeStream)))]
#[get("/change-streams/{id}")]
async fn get_change_stream(
    Path(id): Path<AddressId>,
    request: Read,
) -> Result<Single<ChangeStream>, ApiError> {
    request.unlogged(move |conn, cx| read(conn, cx, id)).await
}

/// Revoke a stream
///
/// Invalidates the address immediately and permanently: open connections end, and it answers
/// `not_found`. The stream stays listed. Revoking it again changes nothing.
#[utoipa::path(tag = "changes", operation_id = "revoke_change_stream",
    params(("id" = Uuid, Path, description = "The stream's id")),
    responses((status = 200, description = "The stream, without its address", body = ChangeStream)))]
#[post("/change-streams/{id}/revocation")]
async fn revoke_change_stream(
    Path(id): Path<AddressId>,
    step: Step,
) -> Result<Posted<ChangeStream>, ApiError> {
    step.changed(move |conn, cx| {
        kept_addresses::revoke(conn, cx, Kind::ChangeStream, id)?;
        read(conn, cx, id)
    })
    .await
}

/// Follow changes at an address
///
/// Streams changes like `/changes/stream`, with the filters that were set when the address was
/// made, as its token can see them. It needs no header: `new EventSource(address)`.
#[utoipa::path(tag = "changes", operation_id = "get_change_feed",
    params(("stream" = String, Path, description = "Last segment of the address that `POST /change-streams` returned",
        max_length = 200, example = "chg_0000000000000000000000000000000000000000000000000000000000000000"), FeedFilter),
    responses((status = 200, description = "Changes as they are made, oldest first", body = String,
        content_type = "text/event-stream", example = json!("retry: 3000\nid: 41\n\n"))))]
#[get("/change-feeds/{stream}")]
async fn get_change_feed(
    req: HttpRequest,
    last: LastEventId,
    request: Read<FeedFilter>,
) -> Result<HttpResponse, ApiError> {
    let address = Address::from_path(req.path()).ok_or_else(ApiError::not_found)?;
    let Read { session, query } = request;
    let changes = Changes::new(move |conn| {
        let content: ChangeStreamContent = address::document_at(conn, &address)?;
        let types = content.types.iter().map(|kind| kind.record).collect();
        Ok((types, content.municipality_id))
    });
    open(session, last, query.after, query.limit, changes).await
}

pub fn configure(config: &mut impl Mount) {
    config
        .route(list_change_streams, Access::Own)
        .route(create_change_stream, Access::Own)
        .route(get_change_stream, Access::Own)
        .route(revoke_change_stream, Access::Own)
        .route(get_change_feed, Access::Address);
}
