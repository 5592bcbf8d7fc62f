//! Recording who succeeds a municipality, and what passes over by it.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::store;
use super::types::MunicipalityCreate;
use crate::access::bound_tokens;
use crate::agreements::duties;
use crate::db::schema::{
    agreement_owners as s, agreements as a, commitment_reports as r, duties as d,
    organizations as o, projects as p, working_groups as w,
};
use crate::db::{AnyConnection, alone};
use crate::directory::municipalities::{
    MUNICIPALITIES, ReferenceMunicipality, municipality as official,
};
use crate::directory::succession::{Succession, Successions};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::stored_id;
use crate::ledger::RequestContext;
use crate::organizations::store as organizations;
use crate::projections::policies;

/// A succession that is to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    pub code: String,
    /// Codes of the successors.
    pub into: Vec<String>,
    /// First day of the successors.
    pub on: NaiveDate,
}

/// Numbers of the records that pass over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passing {
    pub agreements: i64,
    pub reports: i64,
    /// Duties as they are known today.
    pub duties: i64,
    pub projects: i64,
    pub working_groups: i64,
    pub tokens: usize,
}

/// Returns the successions that the official list states for recorded municipalities, and that are
/// not recorded yet; only that of the municipality with a code, if one is given.
pub fn planned(conn: &mut AnyConnection, only: Option<&str>) -> Result<Vec<Planned>, ApiError> {
    let recorded: Vec<Option<String>> = o::table
        .filter(o::code.is_not_null().and(o::succession.is_null()))
        .order(o::code)
        .select(o::code)
        .load(conn)?;
    let wanted = recorded.iter().flatten();
    let wanted = wanted.filter(|code| only.is_none_or(|only| only == *code));
    let planned = wanted.filter_map(|code| official(code).and_then(stated));
    Ok(planned.collect())
}

/// Returns the succession that the official list states for a municipality.
fn stated(of: &ReferenceMunicipality) -> Option<Planned> {
    let on = of.valid_to.filter(|_| !of.succeeded_by.is_empty())?;
    Some(Planned {
        code: of.code.clone(),
        into: of.succeeded_by.clone(),
        on,
    })
}

pub(super) fn id_of(
    conn: &mut AnyConnection,
    code: &str,
) -> Result<Option<OrganizationId>, ApiError> {
    let id = o::table.filter(o::code.eq(code)).select(o::id);
    let id = id.first::<String>(conn).optional()?;
    id.as_deref().map(stored_id).transpose()
}

/// Counts what passes over with a succession.
///
/// # Errors
/// `not_found` if the municipality is not recorded.
pub fn passing(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    planned: &Planned,
) -> Result<Passing, ApiError> {
    let id = id_of(conn, &planned.code)?.ok_or_else(ApiError::not_found)?;
    let owner = id.to_string();
    let shared = s::table.filter(s::municipality_id.eq(&owner));
    let shared = a::id.eq_any(shared.select(s::agreement_id));
    let own = a::table.filter(a::municipality_id.eq(&owner).or(shared));
    let own = own.select(a::id);
    let known = d::known_from.le(cx.today).and(d::known_until.gt(cx.today));
    let duties = d::table.filter(d::municipality_id.eq(&owner)).filter(known);
    let projects = p::table.filter(p::municipality_id.eq(&owner));
    let groups = w::table.filter(w::municipality_id.eq(&owner));
    let reports = r::table.filter(r::agreement_id.eq_any(own));
    Ok(Passing {
        agreements: own.count().get_result(conn)?,
        reports: reports.count().get_result(conn)?,
        duties: duties.count().get_result(conn)?,
        projects: projects.count().get_result(conn)?,
        working_groups: groups.count().get_result(conn)?,
        tokens: bound_tokens::bound_to(conn, cx, id)?,
    })
}

/// Records a succession, and the successors that are not recorded yet. Runs alone: writes of agreements
/// read the policies of all municipalities that continue each other.
///
/// # Errors
/// `not_found` if the municipality is not recorded; `conflict` if another succession of it is, or
/// if it succeeded one of the successors itself; `validation_failed` if no municipality has the
/// code of a successor.
pub fn succeed(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    planned: &Planned,
) -> Result<(), ApiError> {
    let id = id_of(conn, &planned.code)?.ok_or_else(ApiError::not_found)?;
    let mut successor_ids = Vec::new();
    for code in &planned.into {
        let successor = match id_of(conn, code)? {
            Some(id) => id,
            None => {
                store::create(conn, cx, &MunicipalityCreate::with_code(code))?
                    .meta
                    .id
            }
        };
        successor_ids.push(successor);
    }
    let on = planned.on;
    record(conn, cx, id, Succession { on, successor_ids })
}

/// Records the successions that the official list states for a municipality that was just recorded:
/// its own, and those of its predecessors, as far as all who take part are recorded.
pub(super) fn follow_official_list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    new: &ReferenceMunicipality,
) -> Result<(), ApiError> {
    let predecessors = MUNICIPALITIES.iter();
    let predecessors = predecessors.filter(|m| m.succeeded_by.contains(&new.code));
    for planned in predecessors.chain([new]).filter_map(stated) {
        // Of two that are recorded at the same moment, neither would see the other.
        alone::demand(conn)?;
        let mut all = vec![id_of(conn, &planned.code)?];
        for code in &planned.into {
            all.push(id_of(conn, code)?);
        }
        let all: Option<Vec<OrganizationId>> = all.into_iter().collect();
        if let Some([id, successors @ ..]) = all.as_deref() {
            let successor_ids = successors.to_vec();
            let on = planned.on;
            if Successions::load(conn)?.of(*id).is_none() {
                record(conn, cx, *id, Succession { on, successor_ids })?;
            }
        }
    }
    Ok(())
}

fn record(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
    succession: Succession,
) -> Result<(), ApiError> {
    alone::demand(conn)?;
    let known = Successions::load(conn)?;
    match known.of(id) {
        Some(recorded) if *recorded == succession => return Ok(()),
        Some(_) => {
            return Err(ApiError::with(
                Code::Conflict,
                "이 지방자치단체의 다른 승계가 이미 등록되어 있습니다.",
                "Another succession of this municipality is recorded already.",
            ));
        }
        None => {}
    }
    let successors = succession.successor_ids.iter().copied();
    if successors.clone().any(|one| one == id) || known.reachable(successors).contains(&id) {
        return Err(ApiError::with(
            Code::Conflict,
            "승계한 지방자치단체가 다시 승계될 수 없습니다.",
            "A municipality cannot be succeeded by one that it succeeded itself.",
        ));
    }
    // Writes of agreements read the policies that apply to them.
    policies::locked(conn, id)?;
    let row = organizations::row(conn, id, store::KIND)?;
    let mut doc = row.doc.0.clone();
    let successors = succession.successor_ids.clone();
    doc.succession = Some(succession);
    organizations::save(conn, cx, &row, &doc, None)?;
    write_duties(conn, cx, id)?;
    // From now on each successor reports for what it holds.
    for successor in successors {
        let policies = policies::locked(conn, successor)?;
        duties::write_own(conn, cx, successor, &policies)?;
    }
    Ok(())
}

/// Derives the duties anew on which the policies of a municipality bear.
pub(super) fn write_duties(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
) -> Result<(), ApiError> {
    let known = Successions::load(conn)?;
    let line = known.line(id);
    let governed = line.iter().flat_map(|(id, _)| known.governed_by(*id));
    let governed: std::collections::BTreeSet<OrganizationId> = governed.collect();
    for owner in governed {
        let policies = policies::locked(conn, owner)?;
        duties::write_projections(conn, cx, owner, &policies)?;
    }
    Ok(())
}
