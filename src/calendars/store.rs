//! Queries of calendars.

use super::types::{Calendar, CalendarContent};
use crate::access::address;
use crate::access::address::{Address, Kind};
use crate::access::kept_addresses;
use crate::access::kept_addresses::KeptAddress;
use crate::db::AnyConnection;
use crate::db::page::{Listed, Page};
use crate::directory::names::{Names, names, unknown};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AddressId, OrganizationId, ProjectId};
use crate::kernel::values::ProjectRef;
use crate::ledger::RequestContext;
use crate::projects::store as projects;

/// Returns the settings of the calendar at an address.
///
/// # Errors
/// `not_found`
pub fn content_at(
    conn: &mut AnyConnection,
    address: &Address,
) -> Result<CalendarContent, ApiError> {
    address::document_at(conn, address)
}

/// Creates a calendar for the caller's token. Returns it with the path of its address.
///
/// # Errors
/// `validation_failed` for each reference that the caller cannot see; `forbidden` for a caller
/// without a token of this registry; `conflict` if the token has too many calendars.
pub fn create(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    new: &CalendarContent,
) -> Result<(Calendar, String), ApiError> {
    check(conn, cx, new)?;
    let (id, path) = kept_addresses::create(conn, cx, Kind::Calendar, &new.name, new)?;
    Ok((get(conn, cx, id)?, path))
}

fn check(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    new: &CalendarContent,
) -> Result<(), ApiError> {
    let mut errors = Vec::new();
    let organizations = [
        ("/municipality_id", new.municipality_id),
        ("/organization_id", new.organization_id),
    ];
    let known = names(conn, organizations.iter().filter_map(|(_, id)| *id))?;
    for (pointer, id) in organizations {
        if id.is_some_and(|id| !known.contains(id)) {
            errors.push(unknown(pointer));
        }
    }
    if let Some(id) = new.project_id
        && projects::references(conn, cx, &[id])?.is_empty()
    {
        errors.push(unknown("/project_id"));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ApiError::invalid(errors))
    }
}

/// Reads a calendar's settings.
///
/// # Errors
/// `not_found`, also if the calendar belongs to another token.
pub fn get(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AddressId,
) -> Result<Calendar, ApiError> {
    let found = load(conn, cx, Some(id))?.pop();
    found.ok_or_else(ApiError::not_found)
}

/// Reads one page of the caller's calendars.
pub fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    active: Option<bool>,
    page: &Page,
) -> Result<Listed<Calendar>, ApiError> {
    let mut all = load(conn, cx, None)?;
    all.retain(|calendar| active.is_none_or(|active| calendar.state.active == active));
    let id = |calendar: &Calendar| calendar.meta.id.to_string();
    Ok(page.of(all, id, id))
}

fn load(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: Option<AddressId>,
) -> Result<Vec<Calendar>, ApiError> {
    let kept = kept_addresses::load::<CalendarContent>(conn, cx, Kind::Calendar, id)?;
    let contents = || kept.iter().map(|kept| &kept.content);
    let organizations = contents().flat_map(|c| [c.municipality_id, c.organization_id]);
    let names = names(conn, organizations.flatten())?;
    let projects: Vec<ProjectId> = contents().filter_map(|c| c.project_id).collect();
    let projects = projects::references(conn, cx, &projects)?;
    let related = Related { names, projects };
    Ok(kept.into_iter().map(|kept| view(kept, &related)).collect())
}

/// Names of the records to which calendars refer.
struct Related {
    names: Names,
    projects: Vec<ProjectRef>,
}

fn view(
    KeptAddress {
        meta,
        content,
        state,
    }: KeptAddress<CalendarContent>,
    related: &Related,
) -> Calendar {
    let named = |id: Option<OrganizationId>| related.names.find(id?);
    let project = |wanted: &&ProjectRef| Some(wanted.id) == content.project_id;
    Calendar {
        meta,
        municipality: named(content.municipality_id),
        organization: named(content.organization_id),
        project: related.projects.iter().find(project).cloned(),
        content,
        state,
    }
}

/// Revokes a calendar permanently. Revoking it again changes nothing.
///
/// # Errors
/// `not_found`
pub fn revoke(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AddressId,
) -> Result<Calendar, ApiError> {
    kept_addresses::revoke(conn, cx, Kind::Calendar, id)?;
    get(conn, cx, id)
}
