//! Lists of organizations.

use diesel::prelude::*;

use super::members;
use super::store::{Record, Row, records};
use super::types::OrganizationKind;
use crate::db::page::{Listed, Page};
use crate::db::schema::{organization_identifiers, organizations};
use crate::db::{AnyConnection, in_list};
use crate::directory::names::survivor;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{Identifier, Scheme, stored_id};
use crate::projections::search_index as search;

/// Filters of a list of organizations.
#[derive(Debug, Default)]
pub struct Wanted {
    pub kinds: Vec<OrganizationKind>,
    pub level: Option<&'static str>,
    pub municipality_kind: Option<&'static str>,
    pub parent_code: Option<String>,
    pub code: Option<String>,
    pub identifier: Option<String>,
    pub member_of: Option<OrganizationId>,
    pub q: Option<String>,
}

/// Reads one page of organizations.
pub fn list(
    conn: &mut AnyConnection,
    wanted: &Wanted,
    page: &Page,
) -> Result<Listed<Record>, ApiError> {
    use organizations as o;
    let found = wanted
        .q
        .as_ref()
        .map(|q| search::Found::by(conn, "organization", q));
    let member_of = match wanted.member_of {
        Some(id) => survivor(id).first::<String>(conn).optional()?,
        None => None,
    };
    let member_of = member_of.as_deref().map(stored_id).transpose()?;
    let filtered = || {
        let mut query = o::table.filter(o::merged_into_id.is_null()).into_boxed();
        if !wanted.kinds.is_empty() {
            query = query.filter(in_list(o::kind, wanted.kinds.iter().map(|k| k.as_str())));
        }
        if let Some(level) = wanted.level {
            query = query.filter(o::level.eq(level));
        }
        if let Some(kind) = wanted.municipality_kind {
            query = query.filter(o::municipality_kind.eq(kind));
        }
        if let Some(code) = &wanted.parent_code {
            query = query.filter(o::parent_code.eq(code));
        }
        if let Some(code) = &wanted.code {
            query = query.filter(o::code.eq(code));
        }
        if let Some(value) = &wanted.identifier {
            use organization_identifiers as i;
            let of = |scheme| Identifier {
                scheme,
                id: value.clone(),
            };
            // The scheme is not given, so the value is compared in the form of each scheme.
            let other = of(Scheme::Other).key();
            let number = of(Scheme::BusinessNumber).key();
            let is_other = i::scheme.eq(Scheme::Other.as_str());
            let is_number = i::scheme.ne(Scheme::Other.as_str());
            let owners = i::table
                .filter(
                    is_other
                        .and(i::value.eq(other))
                        .or(is_number.and(i::value.eq(number))),
                )
                .select(i::organization_id);
            query = query.filter(o::id.eq_any(owners));
        }
        if let Some(association) = member_of.or(wanted.member_of) {
            query = query.filter(o::id.eq_any(members::of(association)));
        }
        if let Some(found) = &found {
            query = query.filter(found.condition("organizations.id"));
        }
        query
    };
    let total = page
        .with_total
        .then(|| filtered().count().get_result(conn))
        .transpose()?;
    let rows: Vec<(Row, String)> = filtered()
        .filter(page.rest())
        .order(page.order())
        .limit(page.fetch())
        .select((Row::as_select(), page.order.key()))
        .load(conn)?;
    let (rows, next) = page.cut(rows, |row| row.id.clone());
    Ok(Listed {
        items: records(conn, rows)?,
        next,
        total,
    })
}
