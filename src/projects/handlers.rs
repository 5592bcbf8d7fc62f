//! `/projects`

use actix_web::{delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::gaps::ProjectGap;
use super::types::{
    Project, ProjectContent, ProjectCreate, ProjectKind, ProjectStatus, ProjectSummary,
};
use super::{list, store};
use crate::db::page::{Order, PageBody};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{
    AsOf, Change, Deleted, Filter, List, Paged, Paging, Path, Post, Posted, Read, Remove, Session,
    Single,
};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, OrganizationId, ProjectId};

/// Sort orders of the project list; `-` for descending.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub enum ProjectSort {
    #[serde(rename = "title")]
    Title,
    #[serde(rename = "-title")]
    TitleDown,
    #[serde(rename = "id")]
    Id,
    #[serde(rename = "-id")]
    IdDown,
}

/// Filters of the project list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProjectFilter {
    /// Only projects of this municipality.
    pub municipality_id: Option<OrganizationId>,
    /// Only projects that this organization carries out.
    pub organization_id: Option<OrganizationId>,
    /// Only projects that this agreement serves.
    pub agreement_id: Option<AgreementId>,
    /// Only projects of these kinds, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 5, example = json!(["urban_development"]))]
    pub kind: Option<Vec<ProjectKind>>,
    /// Only projects with these statuses, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 6, example = json!(["implementation"]))]
    pub status: Option<Vec<ProjectStatus>>,
    /// Only projects that lack at least one of these facts, by the codes in `gaps`, separated by
    /// commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 7, example = json!(["budget_unknown"]))]
    pub gap: Option<Vec<ProjectGap>>,
    /// Only projects whose titles or other texts contain this.
    #[param(min_length = 1, max_length = 100, example = "테크노밸리")]
    pub q: Option<String>,
    /// Valid time: returns the projects as known on this day, which every row shows as the project
    /// does with this `as_of`. Filters and the order go by that day, apart from `q`. Defaults to
    /// today.
    #[param(example = "2021-12-31")]
    pub as_of: Option<chrono::NaiveDate>,
    /// Sort order. Defaults to `title`.
    #[param(example = "title")]
    pub sort: Option<ProjectSort>,
}

impl Filter for ProjectFilter {
    fn order(&self) -> Order {
        const ID: &str = "projects.id";
        match self.sort.unwrap_or(ProjectSort::Title) {
            ProjectSort::Title => Order::ascending("projects.sort_title", ID),
            ProjectSort::TitleDown => Order::descending("projects.sort_title", ID),
            ProjectSort::Id => Order::ascending(ID, ID),
            ProjectSort::IdDown => Order::descending(ID, ID),
        }
    }
}

/// List projects
///
/// Each with the names of the organizations that carry it out.
#[utoipa::path(tag = "projects", operation_id = "list_projects", params(ProjectFilter, Paging),
    responses((status = 200, description = "One page of projects", body = PageBody<ProjectSummary>)))]
#[get("/projects")]
async fn list_projects(
    session: Session,
    wanted: List<ProjectFilter>,
) -> Result<Paged<ProjectSummary>, ApiError> {
    let view = format!("projects {:?}", wanted.filter.as_of);
    session
        .read_shown_list(view, wanted, list::find, |conn, cx, filter, keys| {
            list::shown(conn, cx, keys, filter.as_of)
        })
        .await
}

/// Record a project
///
/// Records the project with what was stated about it, its milestones, all their forecasts and their
/// outcomes, in one transaction.
#[utoipa::path(tag = "projects", operation_id = "create_project", request_body = ProjectCreate,
    responses((status = 201, description = "The project as recorded", body = Project)))]
#[post("/projects")]
async fn create_project(post: Post<ProjectCreate>) -> Result<Posted<Project>, ApiError> {
    let location = |p: &Project| format!("/api/v1/projects/{}", p.meta.id);
    post.created(location, store::create).await
}

/// Read a project
///
/// Returns the project with its milestones, as of today or of `as_of`. A past view leaves out
/// milestones with nothing stated yet and sources published later, and shows title, area, budget and
/// implementers as they had been stated by then, or null. Other undated facts, such as the
/// description and the status, are always the current ones.
#[utoipa::path(tag = "projects", operation_id = "get_project", params(("id" = Uuid, Path, description = "The project's id"), AsOf),
    responses((status = 200, description = "The project", body = Project)))]
#[get("/projects/{id}")]
async fn get_project(
    Path(id): Path<ProjectId>,
    read: Read<AsOf>,
) -> Result<Single<Project>, ApiError> {
    let as_of = read.query.as_of;
    read.record(move |conn, cx| store::get(conn, cx, id, as_of))
        .await
}

/// Change a project
///
/// Applies a merge patch (RFC 7396). Milestones and statements are changed at their own paths.
#[utoipa::path(tag = "projects", operation_id = "update_project", params(("id" = Uuid, Path, description = "The project's id")),
    request_body(content = ProjectContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The project as changed", body = Project)))]
#[patch("/projects/{id}")]
async fn update_project(
    Path(id): Path<ProjectId>,
    change: Change<ProjectContent>,
) -> Result<Single<Project>, ApiError> {
    change
        .changed(move |conn, cx, expected, patch| {
            store::update(conn, cx, id, expected, |content| patch.apply(content))
        })
        .await
}

/// Delete a project
///
/// Only if no other record refers to it, and nothing was ever stated about it or its milestones.
#[utoipa::path(tag = "projects", operation_id = "delete_project", params(("id" = Uuid, Path, description = "The project's id")),
    responses((status = 204, description = "The project was deleted")))]
#[delete("/projects/{id}")]
async fn delete_project(Path(id): Path<ProjectId>, remove: Remove) -> Result<Deleted, ApiError> {
    remove
        .deleted(move |conn, cx, expected| store::delete(conn, cx, id, expected))
        .await
}

pub fn configure(config: &mut impl Mount) {
    config.schema::<ProjectGap>();
    config
        .route(list_projects, Access::Read)
        .route(create_project, Access::Write)
        .route(get_project, Access::Read)
        .route(update_project, Access::Write)
        .route(delete_project, Access::Write);
}
