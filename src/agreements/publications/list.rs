//! List of publications of all agreements.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Publication, PublicationContent, PublicationExtent};
use crate::db::page::{Listed, Order, Page};
use crate::db::schema::{agreements as a, organizations as o, publications as p};
use crate::db::{AnyConnection, Json, MultiBackend, in_list, in_period};
use crate::directory::names::{Names, names};
use crate::directory::succession;
use crate::http::{Filter, Shown};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, OrganizationId};
use crate::kernel::values::{AgreementRef, Localized, OrganizationRef, stored_id};
use crate::ledger::chain::read_instant;
use crate::ledger::tail::Basis;
use crate::ledger::{RequestContext, Scope};
use crate::organizations::types::OrganizationKind;

/// Sort order of publications; `-` for descending.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub enum PublicationSort {
    #[serde(rename = "published_on")]
    Published,
    #[serde(rename = "-published_on")]
    PublishedDown,
}

/// Filter of a list of publications.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PublicationFilter {
    /// Only publications by this municipality.
    pub municipality_id: Option<OrganizationId>,
    /// Only publications of this agreement.
    pub agreement_id: Option<AgreementId>,
    /// Only publications of one of these extents (comma-separated).
    #[param(style = Form, explode = false, min_items = 1, max_items = 3, example = json!(["full_text"]))]
    pub extent: Option<Vec<PublicationExtent>>,
    /// Only publications on or after this day. An imprecise date matches if it can mean such a day.
    #[param(example = "2026-11-01")]
    pub published_from: Option<NaiveDate>,
    /// Only publications on or before this day. An imprecise date matches if it can mean such a day.
    #[param(example = "2026-11-30")]
    pub published_to: Option<NaiveDate>,
    /// Sort order; latest publication first by default.
    #[param(example = "-published_on")]
    pub sort: Option<PublicationSort>,
}

const ID: &str = "publications.publication_id";

/// The order of a feed: what was recorded or changed last comes first.
pub const LAST_CHANGED: Order = Order::descending("publications.sort_changed", ID);

impl Filter for PublicationFilter {
    fn order(&self) -> Order {
        const DAY: &str = "publications.sort_published";
        match self.sort.unwrap_or(PublicationSort::PublishedDown) {
            PublicationSort::Published => Order::ascending(DAY, ID),
            PublicationSort::PublishedDown => Order::descending(DAY, ID),
        }
    }
}

/// Publication with its agreement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListedPublication {
    #[serde(flatten)]
    pub publication: Publication,
    /// Agreement that was published.
    pub agreement: AgreementRef,
    /// Municipality that published it.
    pub municipality: OrganizationRef,
    /// Instant of the recording or last change.
    #[serde(skip)]
    pub changed_at: DateTime<Utc>,
}

/// A publication on a page.
#[derive(Queryable, Selectable)]
#[diesel(table_name = p)]
struct FoundId {
    publication_id: String,
}

/// Finds one page of publications: their ids.
///
/// # Errors
/// Fails if the database does.
pub fn find(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    wanted: &PublicationFilter,
    page: &Page,
) -> Result<Listed<String>, ApiError> {
    let owners = succession::owners(conn, wanted.municipality_id, cx.today)?;
    let query = || filtered(cx, wanted, owners.as_deref());
    let listed = page.load(conn, query, |found: &FoundId| found.publication_id.clone())?;
    Ok(listed.map(|found| found.publication_id))
}

/// Returns the municipalities with publications that the caller sees, by their names.
///
/// # Errors
/// Fails if the database does.
pub fn publishing(
    conn: &mut AnyConnection,
    cx: &RequestContext,
) -> Result<Vec<OrganizationRef>, ApiError> {
    // There are fewer municipalities than publications, and the first publication of each is enough.
    let published = p::table
        .filter(p::municipality_id.eq(o::id))
        .filter(exists(seen_by(cx)));
    let seen: Vec<String> = o::table
        .filter(o::kind.eq(OrganizationKind::Municipality.as_str()))
        .filter(exists(published))
        .select(o::id)
        .load(conn)?;
    let seen = seen.iter().map(|id| stored_id(id));
    let seen = seen.collect::<Result<Vec<OrganizationId>, _>>()?;
    let known = names(conn, seen.iter().copied())?;
    let mut all = known.owners(seen, cx.today)?;
    all.sort_by_key(|one| (one.name.sort_key(), one.id));
    all.dedup_by_key(|one| one.id);
    Ok(all)
}

type Query<'a> = p::BoxedQuery<'a, MultiBackend>;

/// Returns the query for the agreement of a publication, if the caller sees it. It is asked for each
/// publication: the caller can see many more agreements than were published.
#[diesel::dsl::auto_type(no_type_alias)]
fn seen_by(cx: &RequestContext) -> _ {
    let scope: Scope = Scope::of(&cx.caller, "agreements");
    a::table.filter(a::id.eq(p::agreement_id)).filter(scope)
}

/// Returns the query for the filtered publications of agreements that are visible to the caller.
fn filtered<'a>(
    cx: &RequestContext,
    wanted: &'a PublicationFilter,
    owners: Option<&[String]>,
) -> Query<'a> {
    let mut query = p::table.filter(exists(seen_by(cx))).into_boxed();
    if let Some(owners) = owners {
        query = query.filter(in_list(p::municipality_id, owners));
    }
    if let Some(id) = wanted.agreement_id {
        query = query.filter(p::agreement_id.eq(id.to_string()));
    }
    if let Some(extents) = &wanted.extent {
        query = query.filter(in_list(p::extent, extents.iter().map(|one| one.as_str())));
    }
    in_period!(
        query,
        (p::published_earliest, p::published_latest),
        (wanted.published_from, wanted.published_to)
    )
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = p)]
struct Row {
    publication_id: String,
    agreement_id: String,
    municipality_id: String,
    sort_changed: String,
    doc: Json<PublicationContent>,
}

/// Returns publications as rows, with what they depend on.
///
/// # Errors
/// Fails if the database does.
pub fn shown(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: &[String],
) -> Result<Vec<Shown<ListedPublication>>, ApiError> {
    let rows: Vec<(Row, Json<Localized>)> = p::table
        .inner_join(a::table.on(a::id.eq(p::agreement_id)))
        .filter(in_list(p::publication_id, ids))
        .select((Row::as_select(), a::title))
        .load(conn)?;
    let cities = rows.iter().map(|(row, _)| stored_id(&row.municipality_id));
    let names = names(conn, cities.collect::<Result<Vec<_>, _>>()?)?;
    let shown = rows.into_iter().map(|(row, Json(title))| {
        let key = row.publication_id.clone();
        let row = listed(row, title, &names, cx.today)?;
        let basis = Basis {
            named: vec![row.agreement.id.into()],
            ..Basis::default()
        };
        Ok(Shown {
            key,
            row,
            basis: Some(basis),
        })
    });
    shown.collect()
}

fn listed(
    row: Row,
    title: Localized,
    names: &Names,
    day: NaiveDate,
) -> Result<ListedPublication, ApiError> {
    let Json(mut content) = row.doc;
    let municipality = names.owner(stored_id(&row.municipality_id)?, day)?;
    content.municipality_id = content.municipality_id.map(|_| municipality.id);
    Ok(ListedPublication {
        publication: Publication {
            id: stored_id(&row.publication_id)?,
            content,
        },
        agreement: AgreementRef {
            id: stored_id(&row.agreement_id)?,
            title,
        },
        municipality,
        changed_at: read_instant(&row.sort_changed)?,
    })
}
