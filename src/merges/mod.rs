//! Merges of organizations, which reach into every kind of record.

mod store;

use actix_web::post;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Path, Post, Posted};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::organizations::types::Organization;

/// Target of a merge.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct MergeCreate {
    /// Organization that survives the merge.
    pub into_id: OrganizationId,
}

/// Merge a duplicate into another organization
///
/// References to the duplicate then point to the other organization, which takes over its names and
/// identifiers. The duplicate's id keeps working and returns the survivor.
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

pub fn configure(config: &mut impl Mount) {
    config.route(merge_organization, Access::Write);
}
