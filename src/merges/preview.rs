//! What a merge would move, before it is made.

use actix_web::post;
use serde::Serialize;
use utoipa::ToSchema;

use super::MergeCreate;
use super::facts::Filled;
use super::memberships;
use super::references::{naming, visible};
use super::store::{
    bodies, combined, dropped, dropped_of_members, duplicates_of, merging, named_by, other_kind,
};
use crate::access::bound_tokens;
use crate::db::AnyConnection;
use crate::http::{Answered, Ask, Path};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{OrganizationRef, Warning};
use crate::ledger::RequestContext;

/// What a merge would move.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MergePreview {
    /// The organization that would become a duplicate.
    pub duplicate: OrganizationRef,
    /// The organization that would survive.
    pub survivor: OrganizationRef,
    /// Agreements to which the duplicate is a party, of those that the caller sees.
    #[schema(example = 3)]
    pub agreement_count: usize,
    /// Projects that name the duplicate, of those that the caller sees.
    #[schema(example = 1)]
    pub project_count: usize,
    /// Working groups of which the duplicate is or was a member, of those that the caller sees.
    #[schema(example = 0)]
    pub working_group_count: usize,
    /// Memberships of the duplicate in associations, and of others in it.
    #[schema(example = 0)]
    pub membership_count: usize,
    /// Memberships of these that would become one with one of the survivor, or end because an association is
    /// never a member of itself.
    #[schema(example = 0)]
    pub joined_membership_count: usize,
    /// Organizations that were merged into the duplicate before, and that would move with it.
    #[schema(example = 0)]
    pub duplicate_count: usize,
    /// Tokens that would be suspended: those of the duplicate and, if records name it, of the survivor.
    #[schema(example = 0)]
    pub token_count: usize,
    /// JSON Pointers to the members that the survivor would take over, or add to.
    #[schema(example = json!(["/website", "/other_names"]))]
    pub taken: Vec<String>,
    /// The facts that would not be kept (`merge_dropped`).
    pub warnings: Vec<Warning>,
}

/// Preview a merge
///
/// Returns what `POST /organizations/{id}/merge` with the same body would move. Nothing is recorded.
#[utoipa::path(tag = "organizations", operation_id = "preview_organization_merge",
    params(("id" = Uuid, Path, description = "The duplicate's id")), request_body = MergeCreate,
    responses((status = 200, description = "What the merge would move", body = MergePreview)))]
#[post("/organizations/{id}/merge-preview")]
pub(super) async fn preview_organization_merge(
    Path(id): Path<OrganizationId>,
    ask: Ask<MergeCreate>,
) -> Result<Answered<MergePreview>, ApiError> {
    ask.value(move |conn, cx, merge| preview(conn, cx, id, merge.into_id))
        .await
}

/// Returns what a merge would move.
///
/// # Errors
/// Like the merge.
pub fn preview(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
    into: OrganizationId,
) -> Result<MergePreview, ApiError> {
    let (duplicate, survivor) = bodies(conn, cx, id, into)?;
    let named = naming(conn, &duplicate.id)?;
    let mut count = |kind: &str| {
        let ids = named.get(kind).map(Vec::as_slice).unwrap_or_default();
        visible(conn, cx, kind, ids.iter()).map(|seen| seen.len())
    };
    let agreement_count = count("agreement")?;
    let project_count = count("project")?;
    let working_group_count = count("working_group")?;
    let memberships = memberships::outlook(conn, &duplicate.id, &survivor.id)?;
    let duplicates = duplicates_of(conn, &duplicate.id)?;
    let merging = merging((&duplicate, &duplicates), &survivor, &named)?;
    let token_count = bound_tokens::suspended_by(conn, cx, &merging)?;
    let kind = other_kind(&duplicate, &survivor);
    let (_, Filled { taken, lost }) = combined(&survivor.doc.0, &duplicate.doc.0)?;
    let lost = kind.into_iter().chain(lost);
    Ok(MergePreview {
        agreement_count,
        project_count,
        working_group_count,
        membership_count: memberships.count,
        joined_membership_count: memberships.joined,
        duplicate_count: duplicates.len(),
        token_count,
        taken: taken.keys().map(|member| format!("/{member}")).collect(),
        warnings: lost
            .map(|(member, value)| dropped(&format!("/{member}"), &value))
            .chain(dropped_of_members(memberships.lost))
            .collect(),
        duplicate: named_by(&duplicate)?,
        survivor: named_by(&survivor)?,
    })
}
