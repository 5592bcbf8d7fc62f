//! The `/search` endpoint.

use std::collections::HashMap;

use actix_web::{HttpRequest, get};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::snippet::snippet;
use super::store::{self, Criteria, FoundPassage, Hit};
use crate::db::AnyConnection;
use crate::db::page::{Listed, Order, PageBody};
use crate::directory::names::names;
use crate::directory::succession;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Filter, List, Paged, Paging, Session, link};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{OrganizationId, PartId};
use crate::kernel::values::{Localized, OrganizationRef, stored_id};
use crate::ledger::RequestContext;
use crate::records::FoundType;

/// Where the query matched: in the record's name, only in one of its other texts, or only in the text
/// of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Matched {
    Name,
    Text,
    File,
}

/// Place in a file where the query matched.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FoundFile {
    /// Id of the file, whose text `GET /files/{file_id}/text` returns.
    pub id: PartId,
    /// Name under which it is saved.
    #[schema(example = "업무협약서.pdf")]
    pub name: String,
    /// Number of the page, or of the sheet of a workbook; null for documents without fixed pages.
    #[schema(minimum = 1, example = 2)]
    pub page: Option<i32>,
    /// Number of the paragraph, or of the row of a sheet; null for a page.
    #[schema(minimum = 1, example = json!(null))]
    pub paragraph: Option<i32>,
    /// The words around the place.
    #[schema(example = "… 제3조(협력 사항) 의료·바이오 클러스터의 육성을 지원한다. …")]
    pub snippet: String,
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
    /// Whether the query matched the name, only another text, or only a file.
    pub matched: Matched,
    /// The place in a file, if the query matched only there; otherwise null.
    pub file: Option<FoundFile>,
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
    let in_files = listed.items.iter().filter(|hit| hit.rank.starts_with('4'));
    let in_files: Vec<String> = in_files.map(|hit| hit.record_id.clone()).collect();
    let passages = store::passages(conn, cx, &filter.q, &in_files)?;
    let passages = passages.into_iter().map(|p| (p.record_id.clone(), p));
    let mut passages: HashMap<String, FoundPassage> = passages.collect();
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
    let mut found = |hit: Hit| {
        let file = passages.remove(&hit.record_id);
        let file = file.map(|passage| found_file(passage, &filter.q));
        found(hit, &mut titles, &owners, cx.today, file.transpose()?)
    };
    listed.try_map(|hits| hits.into_iter().map(&mut found).collect())
}

fn found(
    hit: Hit,
    titles: &mut HashMap<(String, String), Localized>,
    owners: &crate::directory::names::Names,
    today: NaiveDate,
    file: Option<FoundFile>,
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
        matched: match hit.rank.chars().next() {
            Some('4') => Matched::File,
            Some('3') => Matched::Text,
            _ => Matched::Name,
        },
        file,
    })
}

fn found_file(passage: FoundPassage, query: &str) -> Result<FoundFile, ApiError> {
    let (line, snippet) = snippet(&passage.text, query);
    let line = i32::try_from(line).map_err(ApiError::internal)?;
    Ok(FoundFile {
        id: stored_id(&passage.file_id)?,
        name: passage.name,
        page: passage.page,
        paragraph: passage.paragraph.map(|first| first + line),
        snippet,
    })
}

/// Search everything
///
/// Searches all names, titles and texts, also inside longer words: `협약` finds `업무협약을`.
/// Records whose name equals the query come first, then those whose name begins with it, then those
/// whose name contains it, then those that contain it in another text, then those with a file that
/// contains it on one page or in neighbouring paragraphs. The texts of files are read some time after
/// the upload, and are searched in the present alone; a file is found by those who may read it.
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
