//! Milestones of projects.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Recorded, Records, undone};
use crate::db::AnyConnection;
use crate::http::checked::{broken_rules, decode};
use crate::http::contract::Members;
use crate::http::{IfMatch, Patch, input_name};
use crate::imports::difference::{differs, patch};
use crate::imports::existing::{Existing, Known};
use crate::imports::plan::title_of;
use crate::imports::rows::{RECEIVED, Row};
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::{MilestoneId, OrganizationId, ProjectId};
use crate::kernel::language::Message;
use crate::kernel::text::squeeze;
use crate::kernel::values::{Localized, Retraction, RetractionCreate, stored_id};
use crate::ledger::RequestContext;
use crate::ledger::records::Record;
use crate::projects::milestones::statements::Statement;
use crate::projects::milestones::store::future_statements;
use crate::projects::milestones::types::{
    ForecastContent, Milestone, MilestoneContent, MilestoneCreate, OutcomeContent,
};
use crate::projects::milestones::{slips, statements, store};
use crate::projects::records::MILESTONE;

pub struct Milestones;

/// The members with statements: an import adds to them and takes nothing away.
const STATEMENTS: [&str; 2] = ["forecasts", "outcomes"];
/// The member of an undo with the ids of added statements.
const ADDED: &str = "added";

impl Records for Milestones {
    fn record(&self) -> &'static Record {
        &MILESTONE
    }

    fn schema(&self) -> &'static str {
        "MilestoneCreate"
    }

    fn broken_rules(&self, body: Value, today: NaiveDate) -> serde_json::Result<Vec<FieldError>> {
        let new: MilestoneCreate = serde_json::from_value(body)?;
        Ok([broken_rules(&new), future_statements(&new, "", today)].concat())
    }

    fn posted(&self, mut body: Value) -> Value {
        if let Some(members) = body.as_object_mut() {
            members.remove("project_id");
        }
        body
    }

    fn compared(&self) -> &'static [&'static str] {
        &[
            "project_id",
            "kind",
            "title",
            "phase",
            "forecasts",
            "outcomes",
        ]
    }

    fn clearable(&self) -> &'static [&'static str] {
        &["title", "phase"]
    }

    fn members(&self, field: &str) -> &'static [&'static str] {
        match field {
            "project" => &["project_id"],
            "kind" => &["kind", "title"],
            "title" => &["title"],
            "phase" => &["phase", "title"],
            "target" | "first_target" | "event" => &["forecasts", "outcomes"],
            "stated_on" | "stated_by" | "reason" | "reason_code" | "note" | "source"
            | "source_url" => &["forecasts"],
            "outcome_on" | "outcome" => &["outcomes"],
            _ => &[],
        }
    }

    fn not_corrected(&self, member: &str) -> Option<(&'static str, Message)> {
        (member == "project_id").then(|| {
            let message = Message::fixed(
                "등록된 추진 단계는 다른 사업의 것입니다. 가져오기로는 옮기지 않습니다.",
                "The recorded milestone is one of another project; an import does not move it.",
            );
            ("project_differs", message)
        })
    }

    fn differs(&self, member: &str, stated: &Value, recorded: &Value) -> bool {
        match STATEMENTS.contains(&member) {
            true => !missing(stated, recorded).is_empty(),
            false => differs(stated, recorded),
        }
    }

    fn merged(&self, member: &str, stated: &Value, recorded: &Value) -> Value {
        match STATEMENTS.contains(&member) {
            true => json!(missing(stated, recorded)),
            false => stated.clone(),
        }
    }

    fn key(&self, body: &Map<String, Value>) -> Option<String> {
        let project = body.get("project_id")?.as_str()?;
        let of = |member: &str| body.get(member).unwrap_or(&Value::Null);
        Some(key(project, of("kind"), of("title"), of("phase")))
    }

    fn repeated(&self, body: &Map<String, Value>) -> Vec<String> {
        let mut said = STATEMENTS.iter().filter_map(|member| body.get(*member));
        let dates = said
            .clone()
            .flat_map(|all| all.as_array().into_iter().flatten());
        let dates = dates.map(|one| {
            let dates = ["target", "stated_on", "on", "kind"].map(|name| &one[name]);
            json!(dates).to_string()
        });
        let dates: Vec<String> = dates.collect();
        let key = said.next().and_then(|_| self.key(body));
        let key = key.map(|key| format!("{key} {}", dates.join(" ")));
        key.into_iter().collect()
    }

    fn existing(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        municipality: OrganizationId,
        rows: &[&Row],
        shows: bool,
    ) -> Result<Existing, ApiError> {
        let mut existing = Existing::default();
        for milestone in store::of_municipality(conn, cx, municipality)? {
            let content = content(&milestone);
            let [kind, title, phase] = ["kind", "title", "phase"].map(|name| &content[name]);
            let key = key(&milestone.project_id.to_string(), kind, title, phase);
            let id = milestone.meta.id.into();
            // Points of a slip history are compared by their own ids.
            let is_listed = shows && rows.iter().any(|row| row.record == Some(id));
            let known = Known {
                id,
                version: milestone.meta.version,
                shown: match is_listed {
                    true => json!(milestone),
                    false => Value::Null,
                },
                content,
                is_own: true,
                is_fixed: false,
            };
            existing.add(known, [key]);
        }
        if shows {
            for (milestone, point) in slips::rows_of_municipality(conn, cx, municipality)? {
                existing.add_part(milestone.into(), point);
            }
        }
        Ok(existing)
    }

    fn create(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        _owner: OrganizationId,
        body: Value,
    ) -> Result<Recorded, ApiError> {
        let project = body["project_id"].as_str().unwrap_or_default();
        let project: ProjectId = stored_id(project)?;
        let schema = input_name(self.schema());
        let new: MilestoneCreate = decode(&schema, Members::Closed, self.posted(body))?;
        // An earlier row perhaps recorded it.
        if let Some(id) = store::like(conn, project, &new.content)? {
            return add(conn, cx, id, (&new.forecasts, &new.outcomes));
        }
        let made = store::create(conn, cx, project, &new)?;
        Ok(Recorded::new(made.meta.id.into(), made.meta.version))
    }

    fn correct(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        id: Uuid,
        changes: &Value,
        reason: &Localized,
    ) -> Result<Recorded, ApiError> {
        let id: MilestoneId = id.into();
        let mut changes = changes.clone();
        let mut take = |member: &str| {
            let members = changes.as_object_mut();
            members
                .and_then(|members| members.remove(member))
                .unwrap_or_default()
        };
        let [forecasts, outcomes, added] = ["forecasts", "outcomes", ADDED].map(&mut take);
        let before = json!(store::get(conn, cx, id, None)?.content);
        let wanted: Patch<MilestoneContent> = Patch::of(changes.clone());
        let after = store::update(conn, cx, id, &IfMatch::any(), |content| {
            wanted.apply(content)
        })?;
        wanted.check_rules()?;
        let undo = patch(&json!(after.content), &before);
        retract(conn, cx, id, &added, reason)?;
        let (forecasts, outcomes) = (list(forecasts)?, list(outcomes)?);
        let mut recorded = add(conn, cx, id, (&forecasts, &outcomes))?;
        let added = recorded.undo.take().map(|undo| undo[ADDED].clone());
        let mut recorded = recorded.restored_by(&changes, undo);
        if let (Some(undo), Some(added)) = (&mut recorded.undo, added) {
            undo[ADDED] = added;
        }
        Ok(recorded)
    }

    fn take_back(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        recorded: &Recorded,
        _gone: &[OrganizationId],
    ) -> Result<(), ApiError> {
        store::take_back(conn, cx, recorded.id.into())
    }
}

/// Returns the key of a milestone: its project, step, title and phase.
fn key(project: &str, kind: &Value, title: &Value, phase: &Value) -> String {
    let (kind, phase) = (kind.as_str(), phase.as_str());
    let [kind, phase] = [kind, phase].map(Option::unwrap_or_default);
    format!("{project} {kind} {phase} {}", squeeze(&title_of(title)))
}

/// Returns a milestone in the members of the body that records it, with the statements that count as
/// known: retracted ones too, but not those that an undone import took back.
fn content(milestone: &Milestone) -> Value {
    let counts = |retraction: &Option<Retraction>| {
        let reason = retraction.as_ref().map(|retraction| &retraction.reason);
        reason != Some(&undone())
    };
    let mut content = json!(milestone.content);
    content["project_id"] = json!(milestone.project_id);
    let forecasts = milestone.forecasts.iter();
    let forecasts = forecasts.filter(|one| counts(&one.retraction));
    content["forecasts"] = forecasts.map(|one| json!(one.content)).collect();
    let outcomes = milestone.outcomes.iter();
    let outcomes = outcomes.filter(|one| counts(&one.retraction));
    content["outcomes"] = outcomes.map(|one| json!(one.content)).collect();
    content
}

/// Returns the stated statements that are not recorded.
fn missing(stated: &Value, recorded: &Value) -> Vec<Value> {
    let stated = stated.as_array().into_iter().flatten();
    let new = stated.filter(|one| {
        let mut known = recorded.as_array().into_iter().flatten();
        !known.any(|other| is_same(one, other))
    });
    new.cloned().collect()
}

/// Returns whether two statements say the same on the same day.
fn is_same(stated: &Value, recorded: &Value) -> bool {
    let same = |member: &str| match &stated[member] {
        Value::Null => true,
        // The day on which a file came is that of no statement.
        date if date["as_stated"] == RECEIVED => true,
        date if date["edtf"].is_string() => date["edtf"] == recorded[member]["edtf"],
        date => date["as_stated"] == recorded[member]["as_stated"],
    };
    let is_kind = stated["kind"] == recorded["kind"];
    is_kind && ["target", "stated_on", "on"].into_iter().all(same)
}

fn list<T: serde::de::DeserializeOwned>(value: Value) -> Result<Vec<T>, ApiError> {
    let read = serde_json::from_value::<Option<Vec<T>>>(value);
    Ok(read.map_err(ApiError::internal)?.unwrap_or_default())
}

/// Adds statements to a milestone. The undo of what is returned has their ids.
fn add(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: MilestoneId,
    (forecasts, outcomes): (&[ForecastContent], &[OutcomeContent]),
) -> Result<Recorded, ApiError> {
    let before = store::get(conn, cx, id, None)?;
    for forecast in forecasts {
        statements::add_forecast(conn, cx, id, forecast)?;
    }
    for outcome in outcomes {
        statements::add_outcome(conn, cx, id, outcome)?;
    }
    let after = store::get(conn, cx, id, None)?;
    let known = ids(&before);
    let mut added = ids(&after);
    added.retain(|id| !known.contains(id));
    let mut recorded = Recorded::new(id.into(), after.meta.version);
    recorded.undo = Some(json!({ ADDED: added }));
    Ok(recorded)
}

/// Returns the ids of the statements of a milestone.
fn ids(milestone: &Milestone) -> Vec<Uuid> {
    let forecasts = milestone.forecasts.iter().map(|one| one.id.into());
    let outcomes = milestone.outcomes.iter().map(|one| one.id.into());
    forecasts.chain(outcomes).collect()
}

/// Retracts statements.
fn retract(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: MilestoneId,
    added: &Value,
    reason: &Localized,
) -> Result<(), ApiError> {
    let added: Vec<Uuid> = list(added.clone())?;
    let milestone = store::get(conn, cx, id, None)?;
    let why = RetractionCreate {
        reason: reason.clone(),
    };
    for statement in added {
        let mut forecasts = milestone.forecasts.iter();
        let statement = match forecasts.any(|one| Uuid::from(one.id) == statement) {
            true => Statement::Forecast(statement.into()),
            false => Statement::Outcome(statement.into()),
        };
        statements::retract(conn, cx, id, statement, &why)?;
    }
    Ok(())
}
