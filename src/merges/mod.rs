//! Merges of organizations, which reach into every kind of record.

mod facts;
mod memberships;
pub mod preview;
mod references;
pub mod store;
pub mod undo;

use actix_web::post;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Path, Post, Posted};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::Localized;
use crate::organizations::types::Organization;

/// Target of a merge.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct MergeCreate {
    /// Organization that survives the merge.
    pub into_id: OrganizationId,
}

/// Merge a duplicate into another organization
///
/// References to the duplicate then point to the other organization, which takes over its names,
/// identifiers and every fact that it lacks. `warnings` names the facts that were not kept
/// (`merge_dropped`). Where both were members of an association or a working group, or implementers
/// of a project, one remains, with the sum of the shares. The duplicate's id keeps working and
/// returns the survivor. Tokens that are bound to the duplicate are suspended until an admin of all
/// municipalities renews them, which `warnings` says (`tokens_suspended`); if records name the duplicate,
/// so are those of the survivor, which would see them.
#[utoipa::path(tag = "organizations", operation_id = "merge_organization", params(("id" = Uuid, Path, description = "The duplicate's id")),
    request_body = MergeCreate,
    responses((status = 200, description = "The surviving organization", body = Organization)))]
#[post("/organizations/{id}/merge")]
async fn merge_organization(
    Path(id): Path<OrganizationId>,
    post: Post<MergeCreate>,
) -> Result<Posted<Organization>, ApiError> {
    post.changed(move |conn, cx, merge| {
        Ok(store::merge(conn, cx, id, merge.into_id)?.into_organization())
    })
    .await
}

/// Reason for undoing a merge.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct UnmergeCreate {
    /// Reason, for the history.
    #[validate(nested)]
    #[schema(example = json!({"ko": "다른 기관으로 확인됨", "en": "They are two bodies"}))]
    pub reason: Option<Localized>,
}

/// Undo a merge
///
/// The duplicate, by its own id, is an organization of its own again: references, memberships and
/// facts that the merge moved go back to it. What was changed since stays with the survivor, and
/// `warnings` names it (`changed_since_merge`).
#[utoipa::path(tag = "organizations", operation_id = "unmerge_organization", params(("id" = Uuid, Path, description = "The duplicate's id")),
    request_body = UnmergeCreate,
    responses((status = 200, description = "The organization that was a duplicate", body = Organization)))]
#[post("/organizations/{id}/unmerge")]
async fn unmerge_organization(
    Path(id): Path<OrganizationId>,
    post: Post<UnmergeCreate>,
) -> Result<Posted<Organization>, ApiError> {
    post.changed(move |conn, cx, new| Ok(undo::undo(conn, cx, id, new)?.into_organization()))
        .await
}

pub fn configure(config: &mut impl Mount) {
    config
        .route(preview::preview_organization_merge, Access::Write)
        .route(merge_organization, Access::Write)
        .route(unmerge_organization, Access::Write);
}
