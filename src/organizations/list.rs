//! Lists of organizations.

use diesel::prelude::*;

use super::members;
use super::store::{Record, Row, records};
use super::types::{OrganizationGap, OrganizationKind};
use crate::db::page::{Listed, Page};
use crate::db::schema::{organization_identifiers, organizations};
use crate::db::{AnyConnection, MultiBackend, in_list};
use crate::directory::names::survivor;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{Identifier, Scheme, stored_id};
use crate::projections::{gap_codes, search_index as search};

/// Filters of a list of organizations.
#[derive(Debug, Default)]
pub struct Filters {
    pub kinds: Vec<OrganizationKind>,
    /// Only Korean municipalities, those with a code.
    pub only_official: bool,
    pub country: Option<String>,
    pub level: Option<&'static str>,
    pub municipality_kind: Option<&'static str>,
    pub parent_code: Option<String>,
    pub code: Option<String>,
    pub identifier: Option<String>,
    pub member_of: Option<OrganizationId>,
    pub gaps: Vec<OrganizationGap>,
    pub q: Option<String>,
}

/// Reads one page of organizations.
pub fn list(
    conn: &mut AnyConnection,
    filters: &Filters,
    page: &Page,
) -> Result<Listed<Record>, ApiError> {
    let found = filters
        .q
        .as_ref()
        .map(|q| search::Found::by(conn, "organization", q));
    let association = match filters.member_of {
        Some(id) => Some(surviving(conn, id)?),
        None => None,
    };
    let query = || filtered(filters, association, found.as_ref());
    let listed = page.load(conn, query, |row: &Row| row.id.clone())?;
    listed.try_map(|rows| records(conn, rows))
}

/// Returns the id of the surviving organization; an unknown id is returned unchanged.
fn surviving(conn: &mut AnyConnection, id: OrganizationId) -> Result<OrganizationId, ApiError> {
    let found = survivor(id).first::<String>(conn).optional()?;
    found.map_or(Ok(id), |id| stored_id(&id))
}

type Query<'a> = organizations::BoxedQuery<'a, MultiBackend>;

/// Returns the query for the filtered organizations. `association` is the association whose members
/// are listed.
fn filtered<'a>(
    filters: &'a Filters,
    association: Option<OrganizationId>,
    found: Option<&search::Found>,
) -> Query<'a> {
    use organizations as o;
    let mut query = o::table.filter(o::merged_into_id.is_null()).into_boxed();
    if !filters.kinds.is_empty() {
        query = query.filter(in_list(o::kind, filters.kinds.iter().map(|k| k.as_str())));
    }
    if !filters.gaps.is_empty() {
        query = query.filter(gap_codes::any_of("organizations.gaps", &filters.gaps));
    }
    if filters.only_official {
        query = query.filter(o::code.is_not_null());
    }
    if let Some(country) = &filters.country {
        query = query.filter(o::country.eq(country));
    }
    if let Some(level) = filters.level {
        query = query.filter(o::level.eq(level));
    }
    if let Some(kind) = filters.municipality_kind {
        query = query.filter(o::municipality_kind.eq(kind));
    }
    if let Some(code) = &filters.parent_code {
        query = query.filter(o::parent_code.eq(code));
    }
    if let Some(code) = &filters.code {
        query = query.filter(o::code.eq(code));
    }
    if let Some(value) = &filters.identifier {
        query = with_identifier(query, value);
    }
    if let Some(association) = association {
        query = query.filter(o::id.eq_any(members::ids_of(association)));
    }
    if let Some(found) = found {
        query = query.filter(found.condition("organizations.id"));
    }
    query
}

/// Selects organizations by an identifier of any scheme, compared in the form of each scheme.
fn with_identifier<'a>(query: Query<'a>, value: &str) -> Query<'a> {
    use organization_identifiers as i;
    let key = |scheme| {
        let id = value.to_owned();
        Identifier { scheme, id }.key()
    };
    let other = i::scheme
        .eq(Scheme::Other.as_str())
        .and(i::value.eq(key(Scheme::Other)));
    let number = i::scheme
        .ne(Scheme::Other.as_str())
        .and(i::value.eq(key(Scheme::BusinessNumber)));
    let owners = i::table.filter(other.or(number)).select(i::organization_id);
    query.filter(organizations::id.eq_any(owners))
}
