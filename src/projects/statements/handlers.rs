//! `/projects/{id}/statements`

use actix_web::{get, post};
use serde::Deserialize;
use utoipa::IntoParams;

use super::store;
use super::types::{
    FactDirection, ListedProjectStatement, ProjectFact, ProjectStatement, ProjectStatementContent,
};
use crate::db::page::{Order, PageBody};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Filter, List, Paged, Paging, Path, Post, Posted, Session};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{ProjectId, StatementId};
use crate::kernel::values::{OrganizationRef, RetractionCreate};
use crate::projects::store as projects;
use crate::projects::types::Project;

/// No filters: the statements about a project are listed by date.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProjectStatementFilter {}

impl Filter for ProjectStatementFilter {
    fn order(&self) -> Order {
        Order::ascending("day", "id")
    }
}

/// List the statements about a project
///
/// Title, area, budget and implementers of the project as stated on a day, by date. Statements are
/// never edited; retracted ones stay visible.
#[utoipa::path(tag = "projects", operation_id = "list_project_statements",
    params(("id" = Uuid, Path, description = "The project's id"), ProjectStatementFilter, Paging),
    responses((status = 200, description = "One page of statements", body = PageBody<ListedProjectStatement>)))]
#[get("/projects/{id}/statements")]
async fn list_project_statements(
    session: Session,
    Path(id): Path<ProjectId>,
    list: List<ProjectStatementFilter>,
) -> Result<Paged<ListedProjectStatement>, ApiError> {
    session
        .read_list(list, move |conn, cx, _, page| {
            let project = projects::get(conn, cx, id, None)?;
            let listed = page.of(
                project.statements,
                |s| s.content.stated_on.sort_key(),
                |s| s.id.to_string(),
            );
            Ok(listed.map(|statement| with_names(statement, &project.named_organizations)))
        })
        .await
}

/// Adds the names of the implementers to a statement.
fn with_names(statement: ProjectStatement, named: &[OrganizationRef]) -> ListedProjectStatement {
    let implementers = statement.content.implementers.iter();
    let named = implementers.filter_map(|implementer| {
        let mut named = named.iter();
        named.find(|one| one.id == implementer.organization_id)
    });
    ListedProjectStatement {
        implementing_organizations: named.cloned().collect(),
        statement,
    }
}

/// Add a statement about a project
///
/// Returns the project. The latest statement of a fact by its day becomes the present view of it:
/// the member `title`, `area`, `budget` or `implementers` of the project.
#[utoipa::path(tag = "projects", operation_id = "create_project_statement", request_body = ProjectStatementContent,
    params(("id" = Uuid, Path, description = "The project's id")),
    responses((status = 200, description = "The project with the new statement", body = Project)))]
#[post("/projects/{id}/statements")]
async fn create_project_statement(
    Path(id): Path<ProjectId>,
    post: Post<ProjectStatementContent>,
) -> Result<Posted<Project>, ApiError> {
    post.changed(move |conn, cx, body| store::add(conn, cx, id, body))
        .await
}

/// Retract a statement about a project
///
/// For a statement that was a mistake: it no longer counts, and stays visible with the reason. If it
/// is the present view of a fact, the latest statement that is left takes its place.
#[utoipa::path(tag = "projects", operation_id = "retract_project_statement", request_body = RetractionCreate,
    params(("id" = Uuid, Path, description = "The project's id"), ("statement_id" = Uuid, Path, description = "The statement's id")),
    responses((status = 200, description = "The project after the retraction", body = Project)))]
#[post("/projects/{id}/statements/{statement_id}/retraction")]
async fn retract_project_statement(
    Path((id, statement)): Path<(ProjectId, StatementId)>,
    post: Post<RetractionCreate>,
) -> Result<Posted<Project>, ApiError> {
    post.changed(move |conn, cx, body| store::retract(conn, cx, id, statement, body))
        .await
}

pub fn configure(config: &mut impl Mount) {
    config.schema::<ProjectFact>().schema::<FactDirection>();
    config
        .route(list_project_statements, Access::Read)
        .route(create_project_statement, Access::Write)
        .route(retract_project_statement, Access::Write);
}
