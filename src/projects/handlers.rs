//! `/projects`

use actix_web::{delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::store;
use super::types::{
    Project, ProjectContent, ProjectCreate, ProjectKind, ProjectStatus, ProjectSummary,
};
use crate::access::Session;
use crate::agreements::AsOf;
use crate::db::page::{Order, PageBody};
use crate::error::ApiError;
use crate::http::mount::Mount;
use crate::http::{
    Body, Deleted, Filter, Id, IfMatch, Keyed, List, NoParams, Paged, Paging, Params, Patch,
    Posted, Single,
};

/// The orders of a list of projects; `-` for descending.
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

/// Which projects are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProjectFilter {
    /// Only those of this municipality.
    pub municipality_id: Option<Uuid>,
    /// Only those that this organization carries out.
    pub organization_id: Option<Uuid>,
    /// Only those that this agreement serves.
    pub agreement_id: Option<Uuid>,
    /// Only those of these kinds, parted by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 5, example = json!(["urban_development"]))]
    pub kind: Option<Vec<ProjectKind>>,
    /// Only those in these statuses, parted by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 6, example = json!(["implementation"]))]
    pub status: Option<Vec<ProjectStatus>>,
    /// Only those whose titles or texts hold this.
    #[param(min_length = 1, max_length = 100, example = "테크노밸리")]
    pub q: Option<String>,
    /// The order of the list.
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
/// With the names of those who carry them out.
#[utoipa::path(tag = "projects", operation_id = "list_projects", params(ProjectFilter, Paging),
    responses((status = 200, description = "One page of projects", body = PageBody<ProjectSummary>)))]
#[get("/projects")]
async fn list_projects(
    session: Session,
    list: List<ProjectFilter>,
) -> Result<Paged<ProjectSummary>, ApiError> {
    let List { filter, page } = list;
    Ok(Paged(
        session
            .read_logged(move |conn, cx| store::list(conn, cx, &filter, &page))
            .await?,
    ))
}

/// Record a project
///
/// With its milestones, every date once stated for them, and what happened, in one transaction.
#[utoipa::path(tag = "projects", operation_id = "create_project", request_body = ProjectCreate,
    responses((status = 201, description = "The project as recorded", body = Project)))]
#[post("/projects")]
async fn create_project(
    session: Session,
    keyed: Keyed,
    _: Params<NoParams>,
    body: Body<ProjectCreate>,
) -> Result<Posted<Project>, ApiError> {
    let Body { value, digest } = body;
    let location = |p: &Project| format!("/api/v1/projects/{}", p.meta.id);
    Posted::created(&session, keyed, digest, location, move |conn, cx| {
        store::create(conn, cx, &value)
    })
    .await
}

/// Read a project
///
/// With its milestones as they stand today, or stood on the day of `as_of`: without those of which
/// nothing had been stated yet, and without sources published later. What is not dated, as the
/// description and the status, is shown as it is today.
#[utoipa::path(tag = "projects", operation_id = "get_project", params(("id" = Uuid, Path, description = "The project's id"), AsOf),
    responses((status = 200, description = "The project", body = Project)))]
#[get("/projects/{id}")]
async fn get_project(
    session: Session,
    id: Id,
    query: Params<AsOf>,
) -> Result<Single<Project>, ApiError> {
    let ([id], as_of) = (id.0, query.0.as_of);
    Ok(Single(
        session
            .read(move |conn, cx| store::get(conn, cx, id, as_of))
            .await?,
    ))
}

/// Change a project
///
/// By a merge patch (RFC 7396). Its milestones are changed on paths of their own.
#[utoipa::path(tag = "projects", operation_id = "update_project", params(("id" = Uuid, Path, description = "The project's id")),
    request_body(content = ProjectContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The project as changed", body = Project)))]
#[patch("/projects/{id}")]
async fn update_project(
    session: Session,
    id: Id,
    expected: IfMatch,
    _: Params<NoParams>,
    patch: Patch<ProjectContent>,
) -> Result<Single<Project>, ApiError> {
    let [id] = id.0;
    let changed = session.write(move |conn, cx| {
        store::update(conn, cx, id, &expected, |content| patch.apply(content))
    });
    Ok(Single(changed.await?))
}

/// Delete a project
///
/// Only one that no other record refers to and of which no date was ever stated.
#[utoipa::path(tag = "projects", operation_id = "delete_project", params(("id" = Uuid, Path, description = "The project's id")),
    responses((status = 204, description = "It is deleted")))]
#[delete("/projects/{id}")]
async fn delete_project(
    session: Session,
    id: Id,
    expected: IfMatch,
    _: Params<NoParams>,
) -> Result<Deleted, ApiError> {
    let [id] = id.0;
    session
        .write(move |conn, cx| store::delete(conn, cx, id, &expected))
        .await?;
    Ok(Deleted)
}

pub fn configure(config: &mut impl Mount) {
    config
        .service(list_projects)
        .service(create_project)
        .service(get_project)
        .service(update_project)
        .service(delete_project);
}
