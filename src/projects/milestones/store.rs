//! Queries on milestones.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::agreements;
use super::dependents;
use super::derived::{index, rewrite_relative, unindex};
use super::figures::MilestoneFacts;
use super::freshness::freshness;
use super::gaps::{missing_sources, missing_target};
use super::phases::wrong_phase;
use super::relations;
use super::rules::{in_order, state, statement_days};
use super::statements::{forecast, outcome};
use super::targets;
use super::targets::Derived;
use super::types::{
    Forecast, ForecastContent, Milestone, MilestoneContent, MilestoneCreate, MilestoneStatus,
    Outcome, OutcomeContent,
};
use crate::db::schema::milestones;
use crate::db::{AnyConnection, Json, in_list};
use crate::directory::succession;
use crate::files::{RecordFile, table};
use crate::http::IfMatch;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::{MilestoneId, OrganizationId, ProjectId};
use crate::kernel::language::Language;
use crate::kernel::text::squeeze;
use crate::kernel::values::past_events::not_passed;
use crate::kernel::values::{ImpreciseDate, Localized, Meta, ProjectRef, Source, stored_id};
use crate::ledger;
use crate::ledger::records::PastState;
use crate::ledger::{RequestContext, Scope, Visibility};
use crate::projections::policies;
use crate::projections::policies::Policy;
use crate::projects::records::MILESTONE;
use crate::projects::store as projects;

/// Stored document of a milestone.
#[derive(Clone, Serialize, Deserialize)]
pub struct Doc {
    pub municipality_id: OrganizationId,
    pub content: MilestoneContent,
    pub forecasts: Vec<Forecast>,
    pub outcomes: Vec<Outcome>,
    /// In the order in which they were added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<RecordFile>,
    /// What follows from other milestones and agreements, read with this one.
    #[serde(skip)]
    pub(super) derived: Derived,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = milestones)]
pub(super) struct Row {
    pub(super) id: String,
    version: i64,
    project_id: String,
    pub(super) doc: Json<Doc>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

pub(super) struct Record {
    pub(super) meta: Meta<MilestoneId>,
    pub project: ProjectRef,
    pub doc: Doc,
}

impl Row {
    fn read(self, project: ProjectRef) -> Result<Record, ApiError> {
        Ok(Record {
            meta: Meta::read(&self.id, self.version, self.created_at, self.updated_at)?,
            project,
            doc: self.doc.0,
        })
    }
}

/// Loads a milestone, which is visible to the callers who see its project.
pub(super) fn load(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: MilestoneId,
) -> Result<Record, ApiError> {
    let mut row: Row = milestones::table
        .find(id.to_string())
        .select(Row::as_select())
        .first(conn)?;
    targets::attach(conn, [(row.project_id.clone(), &mut row.doc.0)])?;
    let project = projects::references(conn, cx, &[stored_id(&row.project_id)?])?.pop();
    row.read(project.ok_or_else(ApiError::not_found)?)
}

/// Like [`load`], but fails with `forbidden` unless the caller can change the milestone.
pub(super) fn load_to_change(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: MilestoneId,
) -> Result<Record, ApiError> {
    let record = load(conn, cx, id)?;
    cx.caller.may_change(record.doc.municipality_id)?;
    Ok(record)
}

/// Reads a milestone as of a day.
///
/// # Errors
/// `not_found`
pub fn get(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: MilestoneId,
    as_of: Option<NaiveDate>,
) -> Result<Milestone, ApiError> {
    let mut record = load(conn, cx, id)?;
    agreements::hide(conn, cx, std::iter::once(&mut record.doc))?;
    let policies = policies::of(conn, record.doc.municipality_id)?;
    Ok(view(
        record,
        &policies,
        as_of.unwrap_or(cx.today),
        as_of.is_some_and(|day| day < cx.today),
    ))
}

/// Reads the milestones of a project, in the order in which they were recorded, as of today or of a
/// day. A past view leaves out milestones for which everything was stated later, like the timeline.
///
/// # Errors
/// `not_found`
pub fn of_project(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    project_id: ProjectId,
    as_of: Option<NaiveDate>,
) -> Result<Vec<Milestone>, ApiError> {
    use milestones as m;
    let project = projects::references(conn, cx, &[project_id])?
        .pop()
        .ok_or_else(ApiError::not_found)?;
    let mut rows: Vec<Row> = m::table
        .filter(m::project_id.eq(project_id.to_string()))
        .order(m::id)
        .select(Row::as_select())
        .load(conn)?;
    let docs = rows
        .iter_mut()
        .map(|row| (row.project_id.clone(), &mut row.doc.0));
    targets::attach(conn, docs)?;
    agreements::hide(conn, cx, rows.iter_mut().map(|row| &mut row.doc.0))?;
    let records = rows.into_iter().map(|row| row.read(project.clone()));
    let mut records = records.collect::<Result<Vec<_>, _>>()?;
    if let Some(day) = as_of {
        records.retain(|record| known_by(&record.doc, day));
    }
    let day = as_of.unwrap_or(cx.today);
    let past = as_of.is_some_and(|day| day < cx.today);
    let policies = match records.first() {
        Some(record) => policies::of(conn, record.doc.municipality_id)?,
        None => Vec::new(),
    };
    let views = records
        .into_iter()
        .map(|record| view(record, &policies, day, past));
    Ok(views.collect())
}

/// Reads the milestones of all projects that a municipality holds today and the caller sees.
pub fn of_municipality(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipality: OrganizationId,
) -> Result<Vec<Milestone>, ApiError> {
    use crate::db::schema::projects as p;
    use milestones as m;
    let owners = succession::owners(conn, Some(municipality), cx.today)?;
    let mut rows: Vec<(Json<Localized>, Row)> = p::table
        .inner_join(m::table.on(m::project_id.eq(p::id)))
        .filter(in_list(p::municipality_id, owners.unwrap_or_default()))
        .filter(Scope::of(&cx.caller, "projects"))
        .order(m::id)
        .select((p::title, Row::as_select()))
        .load(conn)?;
    let docs = rows
        .iter_mut()
        .map(|(_, row)| (row.project_id.clone(), &mut row.doc.0));
    targets::attach(conn, docs)?;
    agreements::hide(conn, cx, rows.iter_mut().map(|(_, row)| &mut row.doc.0))?;
    let policies = policies::of(conn, municipality)?;
    let views = rows.into_iter().map(|(Json(title), row)| {
        let id = stored_id(&row.project_id)?;
        let record = row.read(ProjectRef { id, title })?;
        Ok(view(record, &policies, cx.today, false))
    });
    views.collect()
}

/// Returns the milestone of a project with the same step, phase and title.
pub fn like(
    conn: &mut AnyConnection,
    project_id: ProjectId,
    content: &MilestoneContent,
) -> Result<Option<MilestoneId>, ApiError> {
    use milestones as m;
    let docs: Vec<(String, Json<Doc>)> = m::table
        .filter(m::project_id.eq(project_id.to_string()))
        .filter(m::kind.eq(content.kind.as_str()))
        .order(m::id)
        .select((m::id, m::doc))
        .load(conn)?;
    let key = |content: &MilestoneContent| {
        let title = content.title.as_ref();
        let title = title.map(|title| squeeze(title.in_language(Language::Korean)));
        (content.phase.clone(), title)
    };
    let mut docs = docs.iter();
    let found = docs.find(|(_, doc)| key(&doc.0.content) == key(content));
    found.map(|(id, _)| stored_id(id)).transpose()
}

/// Returns true if anything was stated by a day, or nothing ever was. The timeline begins likewise.
pub fn known_by(doc: &Doc, day: NaiveDate) -> bool {
    let days = statement_days(&doc.forecasts, &doc.outcomes);
    days.first().is_none_or(|first| *first <= day)
}

/// Builds the API view of a milestone. A past view leaves out facts not known by the day.
fn view(record: Record, policies: &[Policy], day: NaiveDate, past: bool) -> Milestone {
    let Record { meta, project, doc } = record;
    let known = |date: &ImpreciseDate| !past || date.known_by(day);
    let shown = doc.forecasts_on(day);
    let mut forecasts: Vec<Forecast> = in_order(&shown, |f| &f.content.stated_on)
        .filter(|f| known(&f.content.stated_on))
        .cloned()
        .collect();
    let mut outcomes: Vec<Outcome> = in_order(&doc.outcomes, |o| &o.content.on)
        .filter(|o| known(&o.content.on))
        .cloned()
        .collect();
    // A source that the past view leaves out is not a gap.
    let without_source = missing_sources(&forecasts);
    if past {
        remove_later_sources(&mut forecasts, &mut outcomes, day);
    }
    let state = state(doc.targets(), &doc.outcomes, day);
    let status = state.phase.status(state.target, day).into();
    let unknown_target = (status == MilestoneStatus::Unknown).then(missing_target);
    Milestone {
        status,
        overdue_days: state.phase.overdue_days(state.target, day),
        baseline: state.baseline.cloned(),
        target: state.target.cloned(),
        actual: state.actual.cloned(),
        slip: state.slip,
        deadline_slip_days: state.deadline_slip_days,
        slip_from_previous: state.slip_from_previous,
        deadline_slip_days_from_previous: state.deadline_slip_days_from_previous,
        forecast_count: state.forecast_count,
        freshness: freshness(&forecasts, &outcomes, state.phase, policies, day),
        meta,
        project_id: project.id,
        project,
        content: doc.content,
        files: doc.files,
        sources: sources(&forecasts, &outcomes),
        gaps: unknown_target.into_iter().chain(without_source).collect(),
        warnings: Vec::new(),
        forecasts,
        outcomes,
    }
}

/// Removes the sources published after a day.
fn remove_later_sources(forecasts: &mut [Forecast], outcomes: &mut [Outcome], day: NaiveDate) {
    let forecasts = forecasts.iter_mut().map(|f| &mut f.content.source);
    let outcomes = outcomes.iter_mut().map(|o| &mut o.content.source);
    for source in forecasts.chain(outcomes) {
        source.take_if(|source| !source.known_by(day));
    }
}

/// Returns the sources of the statements, each once.
fn sources(forecasts: &[Forecast], outcomes: &[Outcome]) -> Vec<Source> {
    let forecasts = forecasts.iter().map(|f| &f.content.source);
    let outcomes = outcomes.iter().map(|o| &o.content.source);
    let mut sources: Vec<Source> = Vec::new();
    for source in forecasts.chain(outcomes).flatten() {
        if !sources.contains(source) {
            sources.push(source.clone());
        }
    }
    sources
}

/// Records a milestone of a project, under an id if others name it by that already. The caller then runs
/// [`rewrite_relative`].
pub fn insert(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (project_id, id): (ProjectId, Option<MilestoneId>),
    (municipality_id, visibility): (OrganizationId, Visibility),
    new: &MilestoneCreate,
) -> Result<MilestoneId, ApiError> {
    let forecast = |content: &ForecastContent| forecast(cx, content);
    let outcome = |content: &OutcomeContent| outcome(cx, content);
    let doc = Doc {
        municipality_id,
        content: new.content.clone(),
        forecasts: new.forecasts.iter().map(forecast).collect(),
        outcomes: new.outcomes.iter().map(outcome).collect(),
        files: Vec::new(),
        derived: Derived::default(),
    };
    let mut meta = cx.new_meta();
    let id = id.unwrap_or(meta.id);
    meta.id = id;
    put(conn, &meta, project_id, visibility, &doc)?;
    ledger::append(conn, cx, &MILESTONE, &id.to_string(), None)?;
    Ok(id)
}

/// Restores a milestone from its logged state, but for what [`write_all_relative`] writes once all are
/// restored.
///
/// [`write_all_relative`]: super::derived::write_all_relative
pub fn restore(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    was: &PastState,
) -> Result<(), ApiError> {
    let project_id = was.id_in("project_id")?;
    let (_, visibility) = projects::owner_of(conn, cx, project_id)?;
    let doc: Doc = was.doc()?;
    table::restore(conn, &doc.files)?;
    put(conn, &was.meta()?, project_id, visibility, &doc)
}

fn put(
    conn: &mut AnyConnection,
    meta: &Meta<MilestoneId>,
    project_id: ProjectId,
    visibility: Visibility,
    doc: &Doc,
) -> Result<(), ApiError> {
    use milestones as m;
    diesel::insert_into(m::table)
        .values((
            m::id.eq(meta.id.to_string()),
            m::version.eq(meta.version),
            m::project_id.eq(project_id.to_string()),
            m::kind.eq(doc.content.kind.as_str()),
            m::facts.eq(Json(MilestoneFacts::of(doc))),
            m::doc.eq(Json(doc)),
            m::created_at.eq(meta.created_at.naive_utc()),
            m::updated_at.eq(meta.updated_at.naive_utc()),
        ))
        .execute(conn)?;
    write_uses(conn, meta.id, doc)?;
    index(conn, meta.id, (project_id, visibility), doc)
}

/// Writes anew which files a milestone uses.
fn write_uses(conn: &mut AnyConnection, id: MilestoneId, doc: &Doc) -> Result<(), ApiError> {
    let id = id.to_string();
    table::rewrite_uses(conn, (&id, &id), &doc.files)
}

/// Returns an error for each outcome and each forecast of a new milestone whose date has not fully
/// passed.
pub fn future_statements(new: &MilestoneCreate, at: &str, today: NaiveDate) -> Vec<FieldError> {
    let forecasts = new.forecasts.iter().enumerate();
    let stated = forecasts.filter_map(|(i, forecast)| {
        let at = format!("{at}/forecasts/{i}/stated_on");
        not_passed(&forecast.stated_on, at, today)
    });
    let outcomes = new.outcomes.iter().enumerate();
    let happened =
        outcomes.filter_map(|(i, o)| not_passed(&o.on, format!("{at}/outcomes/{i}/on"), today));
    stated.chain(happened).collect()
}

/// Records a milestone of a project that exists.
///
/// # Errors
/// `not_found`; `forbidden` if the project belongs to another municipality; `validation_failed` for
/// an outcome or a forecast whose date has not fully passed.
pub fn create(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    project_id: ProjectId,
    new: &MilestoneCreate,
) -> Result<Milestone, ApiError> {
    let owner = projects::owner_of(conn, cx, project_id)?;
    cx.caller.may_change(owner.0)?;
    let mut wrong = future_statements(new, "", cx.today);
    wrong.extend(wrong_phase(conn, cx, project_id, &new.content)?);
    dependents::lock(conn, project_id)?;
    wrong.extend(relations::wrong_in(conn, cx, project_id, new)?);
    if !wrong.is_empty() {
        return Err(ApiError::invalid(wrong));
    }
    let id = insert(conn, cx, (project_id, None), owner, new)?;
    rewrite_relative(conn, project_id)?;
    dependents::follow(conn, cx, project_id)?;
    get(conn, cx, id, None)
}

pub(super) fn save(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    record: &Record,
    reason: Option<&Localized>,
) -> Result<Milestone, ApiError> {
    use milestones as m;
    let Record { meta, project, doc } = record;
    dependents::lock(conn, project.id)?;
    let (_, visibility) = projects::owner_of(conn, cx, project.id)?;
    let changed = diesel::update(
        m::table
            .find(meta.id.to_string())
            .filter(m::version.eq(meta.version)),
    )
    .set((
        m::version.eq(meta.version + 1),
        m::kind.eq(doc.content.kind.as_str()),
        m::facts.eq(Json(MilestoneFacts::of(doc))),
        m::doc.eq(Json(doc)),
        m::updated_at.eq(cx.now),
    ))
    .execute(conn)?;
    if changed == 0 {
        return Err(ApiError::collision());
    }
    unindex(conn, &meta.id.to_string())?;
    write_uses(conn, meta.id, doc)?;
    index(conn, meta.id, (project.id, visibility), doc)?;
    rewrite_relative(conn, project.id)?;
    ledger::append(conn, cx, &MILESTONE, &meta.id.to_string(), reason)?;
    dependents::follow(conn, cx, project.id)?;
    get(conn, cx, meta.id, None)
}

/// Changes the kind, title or phase of a milestone.
///
/// # Errors
/// `not_found`, `forbidden`, `precondition_failed`, `validation_failed`
pub fn update(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: MilestoneId,
    expected: &IfMatch,
    change: impl Fn(&MilestoneContent) -> Result<Option<MilestoneContent>, ApiError>,
) -> Result<Milestone, ApiError> {
    let mut record = load_to_change(conn, cx, id)?;
    expected.check(&record.meta.revision())?;
    let Some(content) = change(&record.doc.content)? else {
        return get(conn, cx, id, None);
    };
    if let Some(wrong) = wrong_phase(conn, cx, record.project.id, &content)? {
        return Err(ApiError::invalid(vec![wrong]));
    }
    record.doc.content = content;
    save(conn, cx, &record, None)
}

/// Deletes a milestone for which nothing was ever stated.
///
/// # Errors
/// `not_found`, `forbidden`, `precondition_failed`; `conflict` if it has a forecast or an outcome, or
/// a date is relative to it.
pub fn delete(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: MilestoneId,
    expected: &IfMatch,
) -> Result<(), ApiError> {
    let record = load_to_change(conn, cx, id)?;
    expected.check(&record.meta.revision())?;
    if !record.doc.forecasts.is_empty() || !record.doc.outcomes.is_empty() {
        return Err(ApiError::with(
            Code::Conflict,
            "한 번 밝힌 시점은 지울 수 없습니다. 잘못된 것은 철회하고, 중단된 단계는 cancelled로 기록하십시오.",
            "A date once stated is never deleted: a mistaken one is retracted, a milestone that is given up is cancelled by an outcome.",
        ));
    }
    remove(conn, cx, &record)
}

/// Deletes a milestone with all that was stated for it: one that was recorded by mistake as a whole.
///
/// # Errors
/// `not_found`, `forbidden`; `conflict` if a date is relative to it.
pub fn take_back(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: MilestoneId,
) -> Result<(), ApiError> {
    let record = load_to_change(conn, cx, id)?;
    remove(conn, cx, &record)
}

fn remove(conn: &mut AnyConnection, cx: &RequestContext, record: &Record) -> Result<(), ApiError> {
    let id = record.meta.id;
    dependents::lock(conn, record.project.id)?;
    relations::check_unused(conn, record.project.id, id)?;
    unindex(conn, &id.to_string())?;
    table::remove_uses(conn, &id.to_string())?;
    diesel::delete(milestones::table.find(id.to_string())).execute(conn)?;
    ledger::append(conn, cx, &MILESTONE, &id.to_string(), None)?;
    dependents::follow(conn, cx, record.project.id)
}
