//! Queries on projects.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::handlers::ProjectFilter;
use super::milestones::{derived, store as milestones};
use super::types::{Project, ProjectContent, ProjectCreate, ProjectSummary};
use crate::db::page::{Listed, Page};
use crate::db::schema::{project_implementers, projects};
use crate::db::{AnyConnection, MultiBackend, in_list};
use crate::directory::names::{Names, known, known_municipality, names, survivor};
use crate::http::IfMatch;
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::{OrganizationId, ProjectId};
use crate::kernel::values::{
    Gap, Meta, OrganizationRef, ProjectRef, from_db, no_source, stored, stored_id, to_db, to_stored,
};
use crate::ledger;
use crate::ledger::records::PastState;
use crate::ledger::{RequestContext, Scope, Visibility, scope};
use crate::projections::search_index as search;
use crate::projections::search_index::Owned;
use crate::projects::records::PROJECT;

#[derive(Clone, Serialize, Deserialize)]
struct Doc {
    municipality_id: OrganizationId,
    content: ProjectContent,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = projects)]
struct Row {
    id: String,
    version: i64,
    doc: String,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl Row {
    fn read(&self) -> Result<(Meta<ProjectId>, Doc), ApiError> {
        Ok((
            Meta::read(&self.id, self.version, self.created_at, self.updated_at)?,
            stored(&self.doc)?,
        ))
    }
}

fn row(conn: &mut AnyConnection, cx: &RequestContext, id: ProjectId) -> Result<Row, ApiError> {
    Ok(projects::table
        .find(id.to_string())
        .filter(Scope::of(&cx.caller, "projects"))
        .select(Row::as_select())
        .first(conn)?)
}

/// Returns projects with their titles, without those that the caller cannot see.
pub fn references(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: &[ProjectId],
) -> Result<Vec<ProjectRef>, ApiError> {
    use projects as p;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = ids.iter().map(ProjectId::to_string).collect();
    let rows: Vec<(String, String)> = p::table
        .filter(in_list(p::id, ids))
        .filter(Scope::of(&cx.caller, "projects"))
        .select((p::id, p::title))
        .order(p::id)
        .load(conn)?;
    rows.into_iter()
        .map(|(id, title)| {
            Ok(ProjectRef {
                id: stored_id(&id)?,
                title: stored(&title)?,
            })
        })
        .collect()
}

/// Returns the municipality that owns a project, and the project's visibility.
///
/// # Errors
/// `not_found`
pub fn owner_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: ProjectId,
) -> Result<(OrganizationId, Visibility), ApiError> {
    let (owner, audience) = projects::table
        .find(id.to_string())
        .filter(Scope::of(&cx.caller, "projects"))
        .select((projects::municipality_id, projects::audience))
        .first::<(String, String)>(conn)?;
    Ok((stored_id(&owner)?, from_db(&audience)?))
}

/// Reads a project with its milestones as of a day.
///
/// # Errors
/// `not_found`
pub fn get(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: ProjectId,
    as_of: Option<NaiveDate>,
) -> Result<Project, ApiError> {
    let (meta, mut doc) = row(conn, cx, id)?.read()?;
    if let Some(day) = as_of.filter(|day| *day < cx.today) {
        doc.content.sources.retain(|source| source.known_by(day));
    }
    let milestones = milestones::of_project(conn, cx, id, as_of)?;
    let implementers = doc.content.implementers.iter().map(|i| i.organization_id);
    let names = names(conn, implementers.chain([doc.municipality_id]))?;
    let content = with_survivors(doc.content, &names)?;
    Ok(Project {
        meta,
        municipality_id: doc.municipality_id,
        municipality: names.get(doc.municipality_id)?,
        implementing_organizations: implementer_names(&content, &names)?,
        gaps: gaps(&content, milestones.is_empty()),
        warnings: Vec::new(),
        content,
        milestones,
    })
}

/// Replaces merged duplicates with their survivors.
fn with_survivors(mut content: ProjectContent, names: &Names) -> Result<ProjectContent, ApiError> {
    for implementer in &mut content.implementers {
        implementer.organization_id = names.get(implementer.organization_id)?.id;
    }
    Ok(content)
}

fn implementer_names(
    content: &ProjectContent,
    names: &Names,
) -> Result<Vec<OrganizationRef>, ApiError> {
    content
        .implementers
        .iter()
        .map(|i| names.get(i.organization_id))
        .collect()
}

fn gaps(content: &ProjectContent, no_milestones: bool) -> Vec<Gap> {
    let mut gaps = missing_facts(content, no_milestones);
    gaps.extend(missing_shares(content));
    gaps.extend(content.sources.is_empty().then(no_source));
    gaps
}

fn missing_facts(c: &ProjectContent, no_milestones: bool) -> Vec<Gap> {
    let facts = [
        (
            c.budget.is_none(),
            "/budget",
            "budget_unknown",
            "사업비를 모릅니다.",
            "What it costs is unknown.",
        ),
        (
            c.area.is_none(),
            "/area",
            "area_unknown",
            "면적을 모릅니다.",
            "How much land it takes is unknown.",
        ),
        (
            c.locations.is_empty(),
            "/locations",
            "location_unknown",
            "위치를 모릅니다.",
            "Where it lies is unknown.",
        ),
        (
            c.implementers.is_empty(),
            "/implementers",
            "implementer_unknown",
            "시행자를 모릅니다.",
            "Who carries it out is unknown.",
        ),
        (
            c.legal_basis.is_none(),
            "/legal_basis",
            "legal_basis_unknown",
            "근거 법령을 모릅니다.",
            "The law that it rests on is unknown.",
        ),
        (
            no_milestones,
            "/milestones",
            "milestones_unknown",
            "추진 단계가 없습니다.",
            "No milestone is recorded.",
        ),
    ];
    let missing = facts.into_iter().filter(|(is_missing, ..)| *is_missing);
    missing
        .map(|(_, at, code, ko, en)| Gap::new(at, code, ko, en))
        .collect()
}

fn missing_shares(content: &ProjectContent) -> impl Iterator<Item = Gap> {
    let all = content.implementers.iter().enumerate();
    let missing = all.filter(|(_, implementer)| implementer.share_percent.is_none());
    missing.map(|(i, _)| {
        Gap::new(
            format!("/implementers/{i}/share_percent"),
            "share_unknown",
            "지분을 모릅니다.",
            "Its share is unknown.",
        )
    })
}

/// Reads one page of projects.
pub fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    wanted: &ProjectFilter,
    page: &Page,
) -> Result<Listed<ProjectSummary>, ApiError> {
    let found = wanted.q.as_ref();
    let found = found.map(|q| search::Found::by(conn, "project", q));
    let query = || filtered(cx, wanted, found.as_ref());
    let listed = page.load(conn, query, |row: &Row| row.id.clone())?;
    listed.try_map(|rows| summaries(conn, &rows))
}

type Query<'a> = projects::BoxedQuery<'a, MultiBackend>;

fn filtered<'a>(
    cx: &RequestContext,
    wanted: &'a ProjectFilter,
    found: Option<&'a search::Found>,
) -> Query<'a> {
    use crate::db::schema::agreement_projects as j;
    use project_implementers as i;
    use projects as p;
    let mut query = p::table
        .filter(Scope::of(&cx.caller, "projects"))
        .into_boxed();
    if let Some(id) = wanted.municipality_id {
        query = query.filter(p::municipality_id.eq(id.to_string()));
    }
    if let Some(id) = wanted.organization_id {
        let of = i::table
            .filter(i::organization_id.eq_any(survivor(id)))
            .select(i::project_id);
        query = query.filter(p::id.eq_any(of));
    }
    if let Some(id) = wanted.agreement_id {
        let of = j::table
            .filter(j::agreement_id.eq_any(scope::visible_agreement(cx, id)))
            .select(j::project_id);
        query = query.filter(p::id.eq_any(of));
    }
    if let Some(kinds) = &wanted.kind {
        query = query.filter(in_list(p::kind, kinds.iter().map(to_db)));
    }
    if let Some(statuses) = &wanted.status {
        query = query.filter(in_list(p::status, statuses.iter().map(to_db)));
    }
    if let Some(found) = found {
        query = query.filter(found.condition("projects.id"));
    }
    query
}

fn summaries(conn: &mut AnyConnection, rows: &[Row]) -> Result<Vec<ProjectSummary>, ApiError> {
    let rows = rows.iter().map(Row::read).collect::<Result<Vec<_>, _>>()?;
    let named = rows.iter().flat_map(|(_, doc)| {
        let implementers = doc.content.implementers.iter().map(|i| i.organization_id);
        implementers.chain([doc.municipality_id])
    });
    let names = names(conn, named.collect::<Vec<_>>())?;
    let summary = |(meta, doc): (Meta<ProjectId>, Doc)| {
        let content = with_survivors(doc.content, &names)?;
        Ok(ProjectSummary {
            meta,
            municipality: names.get(doc.municipality_id)?,
            implementing_organizations: implementer_names(&content, &names)?,
            content,
        })
    };
    rows.into_iter().map(summary).collect()
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = projects)]
struct Columns {
    kind: String,
    status: String,
    title: String,
    sort_title: String,
    audience: &'static str,
    doc: String,
}

fn columns(doc: &Doc) -> Result<Columns, ApiError> {
    Ok(Columns {
        kind: to_db(&doc.content.kind),
        status: to_db(&doc.content.status),
        title: to_stored(&doc.content.title)?,
        sort_title: doc.content.title.sort_key(),
        audience: doc.content.visibility.as_str(),
        doc: to_stored(doc)?,
    })
}

fn check(
    conn: &mut AnyConnection,
    content: &ProjectContent,
    mut errors: Vec<FieldError>,
) -> Result<(), ApiError> {
    let references = content.implementers.iter().enumerate();
    let references: Vec<_> = references
        .map(|(i, m)| {
            (
                format!("/implementers/{i}/organization_id"),
                m.organization_id,
            )
        })
        .collect();
    known(conn, &references, &mut errors)?;
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ApiError::invalid(errors))
    }
}

fn index(conn: &mut AnyConnection, id: ProjectId, doc: &Doc) -> Result<(), ApiError> {
    use project_implementers as i;
    let text = id.to_string();
    diesel::delete(i::table.filter(i::project_id.eq(&text))).execute(conn)?;
    let organizations = doc.content.implementers.iter().map(|i| i.organization_id);
    let organizations: Vec<OrganizationId> = organizations.collect();
    // Two of them can have been merged into one since.
    for organization in names(conn, organizations.iter().copied())?.all(&organizations)? {
        diesel::insert_into(i::table)
            .values((
                i::project_id.eq(&text),
                i::organization_id.eq(organization.id.to_string()),
            ))
            .execute(conn)?;
    }
    let content = serde_json::to_value(&doc.content).map_err(ApiError::internal)?;
    search::index(
        conn,
        "project",
        id.into(),
        Owned {
            municipality_id: Some(doc.municipality_id),
            audience: doc.content.visibility,
            context_id: id.into(),
        },
        &[&doc.content.title],
        &content,
    )
}

/// Records a project with its milestones.
///
/// # Errors
/// `forbidden`; `validation_failed`, naming every unknown reference and every outcome whose date
/// has not fully passed.
pub fn create(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    new: &ProjectCreate,
) -> Result<Project, ApiError> {
    cx.caller.may_change(new.municipality_id)?;
    let mut errors = Vec::new();
    known_municipality(conn, "/municipality_id", new.municipality_id, &mut errors)?;
    for (i, milestone) in new.milestones.iter().enumerate() {
        let at = format!("/milestones/{i}");
        errors.extend(milestones::future_outcomes(milestone, &at, cx.today));
    }
    check(conn, &new.content, errors)?;
    let meta = cx.new_meta();
    let id = meta.id;
    let doc = Doc {
        municipality_id: new.municipality_id,
        content: new.content.clone(),
    };
    put(conn, &meta, &doc)?;
    ledger::append(conn, cx, &PROJECT, &id.to_string(), None)?;
    for milestone in &new.milestones {
        milestones::insert(
            conn,
            cx,
            id,
            (doc.municipality_id, doc.content.visibility),
            milestone,
        )?;
    }
    get(conn, cx, id, None)
}

/// Restores a project from its logged state.
pub fn restore(conn: &mut AnyConnection, was: &PastState) -> Result<(), ApiError> {
    put(conn, &was.meta()?, &was.doc()?)
}

fn put(conn: &mut AnyConnection, meta: &Meta<ProjectId>, doc: &Doc) -> Result<(), ApiError> {
    use projects as p;
    diesel::insert_into(p::table)
        .values((
            p::id.eq(meta.id.to_string()),
            p::version.eq(meta.version),
            p::municipality_id.eq(doc.municipality_id.to_string()),
            columns(doc)?,
            p::created_at.eq(meta.created_at.naive_utc()),
            p::updated_at.eq(meta.updated_at.naive_utc()),
        ))
        .execute(conn)?;
    index(conn, meta.id, doc)
}

/// Changes a project.
///
/// # Errors
/// `not_found`, `forbidden`, `precondition_failed`, `validation_failed`
pub fn update(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: ProjectId,
    expected: &IfMatch,
    change: impl Fn(&ProjectContent) -> Result<Option<ProjectContent>, ApiError>,
) -> Result<Project, ApiError> {
    use projects as p;
    let (meta, mut doc) = row(conn, cx, id)?.read()?;
    cx.caller.may_change(doc.municipality_id)?;
    expected.check(meta.version)?;
    let Some(content) = change(&doc.content)? else {
        return get(conn, cx, id, None);
    };
    check(conn, &content, Vec::new())?;
    let visibility = doc.content.visibility;
    doc.content = content;
    let changed = diesel::update(
        p::table
            .find(id.to_string())
            .filter(p::version.eq(meta.version)),
    )
    .set((
        columns(&doc)?,
        p::version.eq(meta.version + 1),
        p::updated_at.eq(cx.now),
    ))
    .execute(conn)?;
    if changed == 0 {
        return Err(ApiError::collision());
    }
    search::remove(conn, "project", &id.to_string())?;
    index(conn, id, &doc)?;
    ledger::append(conn, cx, &PROJECT, &id.to_string(), None)?;
    if visibility != doc.content.visibility {
        derived::set_visibility(conn, id, doc.content.visibility)?;
    }
    get(conn, cx, id, None)
}

/// Deletes a project that nothing refers to and for which no date was ever stated.
///
/// # Errors
/// `not_found`, `forbidden`, `precondition_failed`; `conflict` if a record refers to it or a date
/// was stated.
pub fn delete(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: ProjectId,
    expected: &IfMatch,
) -> Result<(), ApiError> {
    let project = get(conn, cx, id, None)?;
    cx.caller.may_change(project.municipality_id)?;
    expected.check(project.meta.version)?;
    for milestone in &project.milestones {
        milestones::delete(conn, cx, milestone.meta.id, &IfMatch::Any)?;
    }
    diesel::delete(projects::table.find(id.to_string())).execute(conn)?;
    search::remove(conn, "project", &id.to_string())?;
    ledger::append(conn, cx, &PROJECT, &id.to_string(), None)
}
