//! The `/search` endpoint.

use std::collections::HashMap;

use actix_web::{HttpRequest, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::store::{self, Criteria, Hit};
use chrono::NaiveDate;

use crate::db::AnyConnection;
use crate::db::page::{Listed, Order, PageBody};
use crate::directory::names::names;
use crate::directory::succession;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Filter, List, Paged, Paging, Session, link};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{Localized, OrganizationRef, stored_id};
use crate::ledger::RequestContext;
use crate::records::FoundType;

/// Where the query matched: in the record's name, or only in one of its other texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Matched {
    Name,
    Text,
}

/// A search result.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Found {
    /// Type of the record.
    #[serde(rename = "type")]
    pub type_: FoundType,
    /// The record's id.
    pub id: Uuid,
    /// Path of the record on the server, or its URL if the server knows its public one.
    #[schema(example = "/api/v1/agreements/0178d7fa-2c00-7000-8000-000000000001")]
    pub url: String,
    /// The record's name or title.
    pub title: Localized,
    /// The municipality that owns the record; null for an organization, which is shared.
    pub municipality: Option<OrganizationRef>,
    /// Whether the query matched the name or only another text.
    pub matched: Matched,
}

/// The search query and its filters.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchFilter {
    /// The words to search for; all of them must match, also inside longer words.
    #[param(min_length = 1, max_length = 100, example = "협약")]
    pub q: String,
    /// Only records of these types, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 7, example = json!(["agreement"]))]
    #[serde(rename = "type")]
    pub types: Option<Vec<FoundType>>,
    /// Only records of this municipality, including agreements that it shares.
    pub municipality_id: Option<OrganizationId>,
}

impl Filter for SearchFilter {
    fn order(&self) -> Order {
        Order::ascending("rank", "record_id")
    }
}

/// Finds one page of records.
///
/// # Errors
/// `internal_error` if a found record is gone.
pub fn search(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    filter: &SearchFilter,
    page: &crate::db::page::Page,
) -> Result<Listed<Found>, ApiError> {
    let types = filter.types.iter().flatten();
    let types: Vec<String> = types.map(|found| found.name.to_owned()).collect();
    let criteria = Criteria {
        text: &filter.q,
        types: &types,
        held: succession::held(conn, filter.municipality_id, cx.today)?,
    };
    let listed = store::find(conn, cx, &criteria, page)?;
    let mut titles: HashMap<(String, String), Localized> = HashMap::new();
    for FoundType { name, record } in FoundType::all() {
        let hits = listed.items.iter().filter(|hit| hit.record_type == name);
        let ids: Vec<String> = hits.map(|hit| hit.record_id.clone()).collect();
        for (id, title) in store::titles(conn, record, &ids)? {
            titles.insert((name.to_owned(), id), title);
        }
    }
    let owners = listed
        .items
        .iter()
        .flat_map(|h| &h.municipality_id)
        .map(|id| stored_id(id));
    let owners = names(conn, owners.collect::<Result<Vec<_>, _>>()?)?;
    let mut found = |hit| found(hit, &mut titles, &owners, cx.today);
    listed.try_map(|hits| hits.into_iter().map(&mut found).collect())
}

fn found(
    hit: Hit,
    titles: &mut HashMap<(String, String), Localized>,
    owners: &crate::directory::names::Names,
    today: NaiveDate,
) -> Result<Found, ApiError> {
    let id = stored_id(&hit.record_id)?;
    let type_ = FoundType::named(&hit.record_type)
        .ok_or_else(|| ApiError::internal("an unknown record type was found"))?;
    let path = type_.record.path.unwrap_or_default();
    let title = titles.remove(&(hit.record_type, hit.record_id));
    Ok(Found {
        type_,
        id,
        url: format!("{}/{path}/{id}", crate::http::BASE),
        title: title
            .ok_or_else(|| ApiError::internal(format!("{path} {id} was found but is gone")))?,
        municipality: hit
            .municipality_id
            .map(|id| owners.owner(stored_id(&id)?, today))
            .transpose()?,
        matched: if hit.rank.starts_with('3') {
            Matched::Text
        } else {
            Matched::Name
        },
    })
}

/// Search everything
///
/// Searches all names, titles and texts, also inside longer words: `협약` finds `업무협약을`.
/// Records whose name equals the query come first, then those whose name begins with it, then those
/// whose name contains it, then those that contain it in another text.
#[utoipa::path(tag = "search", operation_id = "search", params(SearchFilter, Paging),
    responses((status = 200, description = "One page of search results", body = PageBody<Found>)))]
#[get("/search")]
async fn search_all(
    req: HttpRequest,
    session: Session,
    list: List<SearchFilter>,
) -> Result<Paged<Found>, ApiError> {
    let base = link(&req, "");
    session
        .read_list(list, move |conn, cx, filter, page| {
            let found = search(conn, cx, filter, page)?;
            Ok(found.map(|mut hit| {
                hit.url.insert_str(0, &base);
                hit
            }))
        })
        .await
}

pub fn configure(config: &mut impl Mount) {
    config
        .tag(
            "search",
            "Full-text search over all names, titles and texts",
        )
        .schema::<FoundType>();
    config.route(search_all, Access::Read);
}
