//! Queries on projects.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::funding::{exceeding, unknown_phases};
use super::gaps::gaps;
use super::milestones::phases::phases_named;
use super::milestones::relations::{with_ids, wrong_in_project};
use super::milestones::{dependents, derived, store as milestones};
use super::phases;
use super::phases::unknown_phase;
use super::statements;
use super::statements::changes::changes;
use super::statements::rules;
use super::statements::types::{ProjectStatement, RecordedDays};
use super::types::{Implementer, Project, ProjectContent, ProjectCreate};
use super::view::{
    implementer_names, known_statements, named, replace_by_survivors, statements_by,
};
use crate::db::schema::{project_implementers, project_organizations, projects};
use crate::db::{AnyConnection, Json, Name, in_list};
use crate::directory::names::{known, known_municipality, names};
use crate::http::IfMatch;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::{OrganizationId, ProjectId};
use crate::kernel::values::{Localized, Meta, ProjectRef, stored_id, to_db};
use crate::ledger;
use crate::ledger::records::PastState;
use crate::ledger::{RequestContext, Scope, Visibility};
use crate::projections::gap_codes;
use crate::projections::search_index as search;
use crate::projections::search_index::Owned;
use crate::projects::records::PROJECT;

/// Stored document of a project.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Doc {
    pub municipality_id: OrganizationId,
    pub content: ProjectContent,
    #[serde(default)]
    pub statements: Vec<ProjectStatement>,
    /// Days on which the present facts were recorded.
    #[serde(default)]
    pub recorded: RecordedDays,
}

impl Doc {
    /// Returns every organization that the project names as an implementer, then or now.
    pub fn implementers(&self) -> impl Iterator<Item = OrganizationId> {
        let stated = self.statements.iter().flat_map(|s| &s.content.implementers);
        let stated = stated.map(|implementer| implementer.organization_id);
        self.content.present_implementers().chain(stated)
    }

    /// Replaces the present facts by those of a past day, and leaves out later sources.
    pub fn rewind_to(&mut self, notices: &[NaiveDate], day: NaiveDate) {
        let Self {
            content,
            statements,
            recorded,
            ..
        } = self;
        rules::as_of(content, statements, *recorded, notices, day);
        content.sources.retain(|source| source.known_by(day));
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = projects)]
pub(super) struct Row {
    pub id: String,
    version: i64,
    doc: Json<Doc>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl Row {
    pub fn read(self) -> Result<(Meta<ProjectId>, Doc), ApiError> {
        let meta = Meta::read(&self.id, self.version, self.created_at, self.updated_at)?;
        Ok((meta, self.doc.0))
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
    let rows: Vec<(String, Json<Localized>)> = p::table
        .filter(in_list(p::id, ids))
        .filter(Scope::of(&cx.caller, "projects"))
        .select((p::id, p::title))
        .order(p::id)
        .load(conn)?;
    rows.into_iter()
        .map(|(id, Json(title))| {
            Ok(ProjectRef {
                id: stored_id(&id)?,
                title,
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
    let (owner, Name(visibility)) = projects::table
        .find(id.to_string())
        .filter(Scope::of(&cx.caller, "projects"))
        .select((projects::municipality_id, projects::visibility))
        .first::<(String, Name<Visibility>)>(conn)?;
    Ok((stored_id(&owner)?, visibility))
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
    let milestones = milestones::of_project(conn, cx, id, as_of)?;
    let names = names(conn, doc.implementers().chain([doc.municipality_id]))?;
    let mut warnings = replace_by_survivors(&mut doc, &names)?;
    let municipality = names.owner(doc.municipality_id, as_of.unwrap_or(cx.today))?;
    let past = as_of.filter(|day| *day < cx.today);
    let mut gaps_of = doc.content.clone();
    if let Some(day) = past {
        let notices = statements::store::notices(conn, [id])?.remove(&id);
        doc.rewind_to(&notices.unwrap_or_default(), day);
        gaps_of.sources.clone_from(&doc.content.sources);
    }
    warnings.extend(exceeding(doc.content.budget.as_ref(), &doc.content.funding));
    let stated_changes = changes(&doc.statements, past);
    let statements = known_statements(&doc.statements, past);
    // A fact or a source that a past view leaves out is not a gap.
    let stated = statements_by(&doc.statements, past);
    let gaps = gaps(&gaps_of, &stated, milestones.is_empty());
    Ok(Project {
        meta,
        municipality_id: municipality.id,
        municipality,
        implementing_organizations: implementer_names(&doc.content, &names)?,
        named_organizations: named(&doc.content, &statements, &names)?,
        progress: rules::progress(&doc.statements, past),
        stated_changes,
        statements,
        gaps,
        warnings,
        content: doc.content,
        milestones,
    })
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = projects)]
struct Columns<'a> {
    kind: String,
    status: String,
    title: Json<&'a Localized>,
    sort_title: String,
    visibility: &'static str,
    gaps: String,
    doc: Json<&'a Doc>,
}

fn columns(doc: &Doc) -> Columns<'_> {
    Columns {
        kind: to_db(&doc.content.kind),
        status: to_db(&doc.content.status),
        title: Json(&doc.content.title),
        sort_title: doc.content.title.sort_key(),
        visibility: doc.content.visibility.as_str(),
        // Milestones are records of their own.
        gaps: gap_codes::to_column(&gaps(&doc.content, &doc.statements, false)),
        doc: Json(doc),
    }
}

/// Implementers in a request, with the pointer to what they carry out.
pub(super) type Place<'a> = (String, &'a [Implementer]);

/// Returns the places of a project's content that name implementers.
fn places(content: &ProjectContent) -> Vec<Place<'_>> {
    let phases = content.phases.iter().enumerate();
    let phases = phases.map(|(i, phase)| (format!("/phases/{i}"), phase.implementers.as_slice()));
    let own = (String::new(), content.implementers.as_slice());
    std::iter::once(own).chain(phases).collect()
}

/// Looks up the implementers at each place of a request, and refuses with all errors.
///
/// # Errors
/// `validation_failed`, with `errors` and an error for each unknown organization.
pub(super) fn check_implementers(
    conn: &mut AnyConnection,
    places: &[Place<'_>],
    mut errors: Vec<FieldError>,
) -> Result<(), ApiError> {
    let references = places.iter().flat_map(|(at, implementers)| {
        let all = implementers.iter().enumerate();
        all.map(move |(i, one)| {
            let pointer = format!("{at}/implementers/{i}/organization_id");
            (pointer, one.organization_id)
        })
    });
    let references: Vec<_> = references.collect();
    known(conn, &references, &mut errors)?;
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ApiError::invalid(errors))
    }
}

fn index(conn: &mut AnyConnection, id: ProjectId, doc: &Doc) -> Result<(), ApiError> {
    use project_implementers as i;
    use project_organizations as o;
    let text = id.to_string();
    diesel::delete(i::table.filter(i::project_id.eq(&text))).execute(conn)?;
    diesel::delete(o::table.filter(o::project_id.eq(&text))).execute(conn)?;
    let all: Vec<OrganizationId> = doc.implementers().collect();
    let all = names(conn, all.iter().copied())?.all(&all)?;
    let all: BTreeSet<String> = all.iter().map(|one| one.id.to_string()).collect();
    for organization in all {
        diesel::insert_into(o::table)
            .values((o::project_id.eq(&text), o::organization_id.eq(organization)))
            .execute(conn)?;
    }
    // Two of them can have been merged into one since.
    let present: Vec<OrganizationId> = doc.content.present_implementers().collect();
    let present = names(conn, present.iter().copied())?.all(&present)?;
    let present: BTreeSet<String> = present.iter().map(|one| one.id.to_string()).collect();
    for organization in present {
        diesel::insert_into(i::table)
            .values((i::project_id.eq(&text), i::organization_id.eq(organization)))
            .execute(conn)?;
    }
    let content = serde_json::to_value((&doc.content, &doc.statements));
    let content = content.map_err(ApiError::internal)?;
    search::index(
        conn,
        "project",
        id.into(),
        Owned {
            municipality_id: Some(doc.municipality_id),
            visibility: doc.content.visibility,
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
    let keys = phases::keys(&new.content.phases);
    for (i, milestone) in new.milestones.iter().enumerate() {
        let at = format!("/milestones/{i}");
        errors.extend(milestones::future_statements(milestone, &at, cx.today));
        let (phase, at) = (milestone.content.phase.as_ref(), format!("{at}/phase"));
        errors.extend(unknown_phase(phase, &keys, at));
    }
    errors.extend(wrong_in_project(conn, cx, &new.milestones)?);
    errors.extend(statements::store::future_statements(
        &new.statements,
        cx.today,
    ));
    for (i, statement) in new.statements.iter().enumerate() {
        let at = format!("/statements/{i}");
        errors.extend(unknown_phases(&statement.progress, &keys, &at));
    }
    let stated = new.statements.iter().enumerate();
    let stated = stated.map(|(i, s)| (format!("/statements/{i}"), s.implementers.as_slice()));
    let mut places = places(&new.content);
    places.extend(stated);
    check_implementers(conn, &places, errors)?;
    let meta = cx.new_meta();
    let id = meta.id;
    let doc = draft(cx, new);
    put(conn, &meta, &doc)?;
    ledger::append(conn, cx, &PROJECT, &id.to_string(), None)?;
    let owner = (doc.municipality_id, doc.content.visibility);
    for (own, new) in with_ids(&new.milestones, || cx.id()) {
        milestones::insert(conn, cx, (id, own), owner, &new)?;
    }
    derived::rewrite_relative(conn, id)?;
    get(conn, cx, id, None)
}

/// Builds the document of a new project. Facts that only statements give are filled in from them.
fn draft(cx: &RequestContext, new: &ProjectCreate) -> Doc {
    let statements = new.statements.iter();
    let statements = statements.map(|content| statements::store::statement(cx, content));
    let statements: Vec<ProjectStatement> = statements.collect();
    let mut content = new.content.clone();
    phases::number(&mut content.phases);
    rules::fill(&mut content, &statements);
    let mut recorded = RecordedDays::default();
    recorded.note(None, &content, cx.today);
    Doc {
        municipality_id: new.municipality_id,
        content,
        statements,
        recorded,
    }
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
            columns(doc),
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
    let (meta, mut doc) = load_to_change(conn, cx, id)?;
    expected.check(&meta.revision())?;
    let Some(mut content) = change(&doc.content)? else {
        return get(conn, cx, id, None);
    };
    let keys = phases::keys(&content.phases);
    let mut named = phases_named(conn, id)?;
    let progress = doc.statements.iter().flat_map(|s| &s.content.progress);
    named.extend(progress.filter_map(|progress| progress.phase.clone()));
    let missing = phases::missing_phases(&named, &keys);
    check_implementers(conn, &places(&content), missing.into_iter().collect())?;
    phases::number(&mut content.phases);
    let before = std::mem::replace(&mut doc.content, content);
    save(conn, cx, &meta, &before, doc, None)
}

/// Returns the keys of a project's phases.
///
/// # Errors
/// `not_found`
pub(super) fn phase_keys(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: ProjectId,
) -> Result<Vec<String>, ApiError> {
    let (_, doc) = row(conn, cx, id)?.read()?;
    Ok(phases::keys(&doc.content.phases))
}

/// Loads a project to change it.
///
/// # Errors
/// `not_found`, `forbidden`
pub(super) fn load_to_change(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: ProjectId,
) -> Result<(Meta<ProjectId>, Doc), ApiError> {
    let (meta, doc) = row(conn, cx, id)?.read()?;
    cx.caller.may_change(doc.municipality_id)?;
    Ok((meta, doc))
}

/// Writes a changed project, with everything derived from it.
pub(super) fn save(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    meta: &Meta<ProjectId>,
    before: &ProjectContent,
    mut doc: Doc,
    reason: Option<&Localized>,
) -> Result<Project, ApiError> {
    use projects as p;
    let id = meta.id;
    doc.recorded.note(Some(before), &doc.content, cx.today);
    dependents::lock(conn, id)?;
    let changed = diesel::update(
        p::table
            .find(id.to_string())
            .filter(p::version.eq(meta.version)),
    )
    .set((
        columns(&doc),
        p::version.eq(meta.version + 1),
        p::updated_at.eq(cx.now),
    ))
    .execute(conn)?;
    if changed == 0 {
        return Err(ApiError::collision());
    }
    search::remove(conn, "project", &id.to_string())?;
    index(conn, id, &doc)?;
    ledger::append(conn, cx, &PROJECT, &id.to_string(), reason)?;
    if before.visibility != doc.content.visibility {
        derived::set_visibility(conn, id, doc.content.visibility)?;
    }
    dependents::follow(conn, cx, id)?;
    get(conn, cx, id, None)
}

/// Deletes a project that nothing refers to and about which nothing was ever stated.
///
/// # Errors
/// `not_found`, `forbidden`, `precondition_failed`; `conflict` if a record refers to it, or
/// something was stated about it or its milestones.
pub fn delete(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: ProjectId,
    expected: &IfMatch,
) -> Result<(), ApiError> {
    let project = get(conn, cx, id, None)?;
    cx.caller.may_change(project.municipality_id)?;
    expected.check(&project.meta.revision())?;
    if !project.statements.is_empty() {
        return Err(ApiError::with(
            Code::Conflict,
            "한 번 밝힌 것은 지울 수 없습니다. 잘못된 것은 철회하고, 그만둔 사업은 cancelled로 기록하십시오.",
            "What was once stated is never deleted: a mistake is retracted, and a project that is given up is set to cancelled.",
        ));
    }
    for milestone in &project.milestones {
        milestones::delete(conn, cx, milestone.meta.id, &IfMatch::any())?;
    }
    diesel::delete(projects::table.find(id.to_string())).execute(conn)?;
    search::remove(conn, "project", &id.to_string())?;
    ledger::append(conn, cx, &PROJECT, &id.to_string(), None)
}
