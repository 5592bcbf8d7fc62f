//! Agreements as dates from which targets are counted: "two years from the signing", "six months before
//! the end of the agreement".
//!
//! The module of agreements lies above this one. It stores the dates of an agreement with it, and asks
//! for [`follow_agreement`] when they changed.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::anchors::History;
use super::dependents;
use super::derived::{rewrite_relative, title};
use super::store::Doc;
use super::targets::AnchorId;
use crate::db::schema::{
    agreement_owners as o, agreements as a, milestone_anchors as n, milestones as m, projects as p,
};
use crate::db::{AnyConnection, Json, Name, in_list};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::{AgreementId, MilestoneId, OrganizationId, ProjectId};
use crate::kernel::language::Language;
use crate::kernel::values::{Anchor, Localized, stored_id};
use crate::ledger::{RequestContext, Scope, Visibility};
use crate::projections::agreement_dates::{AgreementDates, Dated};

/// An agreement to which targets are relative.
#[derive(Clone, Debug)]
pub(super) struct AgreementAnchor {
    pub title: Localized,
    owners: BTreeSet<OrganizationId>,
    visibility: Visibility,
    dates: AgreementDates,
}

impl AgreementAnchor {
    /// Returns whether everyone who sees the milestones of a project sees the agreement too. Otherwise
    /// its days would be told by way of the targets.
    pub fn is_shown_with(&self, (owner, visibility): (OrganizationId, Visibility)) -> bool {
        match self.visibility {
            Visibility::Public => true,
            _ => visibility == Visibility::Internal && self.owners.contains(&owner),
        }
    }

    /// Returns a date of the agreement in the course of time: it is known from the signing on.
    pub fn history(&self, anchor: Anchor) -> History {
        let signed = self.dates.signed_from;
        let known = signed.map(|day| (day, self.dates.of(anchor).unwrap_or_default()));
        History::of_dates(known.into_iter())
    }
}

/// Loads agreements as anchors, whoever sees them.
pub(super) fn load(
    conn: &mut AnyConnection,
    ids: BTreeSet<AgreementId>,
) -> Result<BTreeMap<AgreementId, AgreementAnchor>, ApiError> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<String> = ids.iter().map(AgreementId::to_string).collect();
    type Row = (
        String,
        String,
        Json<Localized>,
        Name<Visibility>,
        Json<Dated>,
    );
    let rows: Vec<Row> = a::table
        .filter(in_list(a::id, &ids))
        .select((
            a::id,
            a::municipality_id,
            a::title,
            a::visibility,
            a::summary,
        ))
        .load(conn)?;
    let shared: Vec<(String, String)> = o::table
        .filter(in_list(o::agreement_id, &ids))
        .select((o::agreement_id, o::municipality_id))
        .load(conn)?;
    let anchors = rows.into_iter().map(
        |(id, owner, Json(title), Name(visibility), Json(Dated { dates }))| {
            let others = shared.iter().filter(|(of, _)| *of == id).map(|(_, id)| id);
            let owners = others.chain([&owner]).map(|id| stored_id(id));
            let anchor = AgreementAnchor {
                title,
                owners: owners.collect::<Result<_, _>>()?,
                visibility,
                dates,
            };
            Ok((stored_id(&id)?, anchor))
        },
    );
    anchors.collect()
}

/// Returns the dates of those of the agreements that the caller sees. On PostgreSQL, `lock` keeps them
/// from changing until the transaction ends, since targets that are counted from them are written in it.
pub(super) fn visible(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: impl IntoIterator<Item = AgreementId>,
    lock: bool,
) -> Result<BTreeMap<AgreementId, AgreementDates>, ApiError> {
    let ids: BTreeSet<AgreementId> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<String> = ids.iter().map(AgreementId::to_string).collect();
    if lock && let AnyConnection::Postgres(conn) = conn {
        let query = a::table.filter(a::id.eq_any(&ids)).order(a::id);
        let _: Vec<String> = query.select(a::id).for_share().load(conn)?;
    }
    let rows: Vec<(String, Json<Dated>)> = a::table
        .filter(in_list(a::id, ids))
        .filter(Scope::of(&cx.caller, "agreements"))
        .select((a::id, a::summary))
        .load(conn)?;
    let found = rows.into_iter();
    found
        .map(|(id, Json(Dated { dates }))| Ok((stored_id(&id)?, dates)))
        .collect()
}

/// Hides the agreements that the caller cannot see, in the targets of milestones.
pub(super) fn hide<'a>(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    docs: impl Iterator<Item = &'a mut Doc>,
) -> Result<(), ApiError> {
    let of =
        |doc: &Doc| -> Vec<AgreementId> { doc.anchors().filter_map(AnchorId::agreement).collect() };
    let mut docs: Vec<&mut Doc> = docs.filter(|doc| !of(doc).is_empty()).collect();
    let ids: Vec<AgreementId> = docs.iter().flat_map(|doc| of(doc)).collect();
    let shown = visible(conn, cx, ids, false)?;
    for forecast in docs.iter_mut().flat_map(|doc| &mut doc.forecasts) {
        let target = &mut forecast.content.target;
        let id = target.relative_to().and_then(|to| to.agreement_id);
        if id.is_some_and(|id| !shown.contains_key(&id)) {
            target.hide_agreement();
        }
    }
    Ok(())
}

/// Writes the agreements to which targets of a milestone are relative.
pub(super) fn write(conn: &mut AnyConnection, id: MilestoneId, doc: &Doc) -> Result<(), ApiError> {
    let anchors: BTreeSet<AnchorId> = doc.anchors().collect();
    for anchor in anchors {
        let AnchorId::Agreement(agreement, anchor) = anchor else {
            continue;
        };
        diesel::insert_into(n::table)
            .values((
                n::milestone_id.eq(id.to_string()),
                n::agreement_id.eq(agreement.to_string()),
                n::anchor.eq(anchor.as_str()),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Removes the rows of [`write()`].
pub(super) fn remove(conn: &mut AnyConnection, id: &str) -> Result<(), ApiError> {
    diesel::delete(n::table.filter(n::milestone_id.eq(id))).execute(conn)?;
    Ok(())
}

/// Derives the targets anew that are relative to an agreement that was just written, and what depends on
/// them.
pub fn follow_agreement(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    agreement: AgreementId,
) -> Result<(), ApiError> {
    let projects: Vec<String> = n::table
        .inner_join(m::table.on(m::id.eq(n::milestone_id)))
        .filter(n::agreement_id.eq(agreement.to_string()))
        .order(m::project_id)
        .select(m::project_id)
        .distinct()
        .load(conn)?;
    for project in projects {
        let project: ProjectId = stored_id(&project)?;
        dependents::lock(conn, project)?;
        rewrite_relative(conn, project)?;
        dependents::follow(conn, cx, project)?;
    }
    Ok(())
}

/// Returns those of the milestones that have or had targets relative to agreements.
pub fn following(conn: &mut AnyConnection, ids: &[String]) -> Result<BTreeSet<String>, ApiError> {
    let following = n::table.filter(in_list(n::milestone_id, ids));
    let following: Vec<String> = following.select(n::milestone_id).load(conn)?;
    Ok(following.into_iter().collect())
}

/// Returns which dates of an agreement a target of a milestone is or was relative to.
pub fn anchors_of(
    conn: &mut AnyConnection,
    agreement: AgreementId,
) -> Result<BTreeSet<String>, ApiError> {
    let anchors: Vec<String> = n::table
        .filter(n::agreement_id.eq(agreement.to_string()))
        .select(n::anchor)
        .load(conn)?;
    Ok(anchors.into_iter().collect())
}

/// Refuses to delete an agreement to which a target of a milestone is or was relative. The refusal names
/// the milestone if the caller sees it.
///
/// # Errors
/// `conflict`
pub fn check_unused(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    agreement: AgreementId,
) -> Result<(), ApiError> {
    if anchors_of(conn, agreement)?.is_empty() {
        return Ok(());
    }
    let user: Option<Json<Doc>> = n::table
        .inner_join(m::table.on(m::id.eq(n::milestone_id)))
        .inner_join(p::table.on(p::id.eq(m::project_id)))
        .filter(n::agreement_id.eq(agreement.to_string()))
        .filter(Scope::of(&cx.caller, "projects"))
        .order(m::id)
        .select(m::doc)
        .first(conn)
        .optional()?;
    let named = |language, words: &str| match &user {
        Some(Json(doc)) => format!("{words}: {}", title(&doc.content).in_language(language)),
        None => format!("{words}."),
    };
    Err(ApiError::with(
        Code::Conflict,
        named(
            Language::Korean,
            "추진 단계의 목표 시점이 이 협약을 기준으로 합니다",
        ),
        named(
            Language::English,
            "The target of a milestone is relative to this agreement",
        ),
    ))
}
