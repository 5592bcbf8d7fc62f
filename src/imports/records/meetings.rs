//! Meetings of working groups.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Recorded, Records, adds, recorded_ids, union};
use crate::db::AnyConnection;
use crate::db::schema::meetings as m;
use crate::http::checked::{broken_rules, decode};
use crate::http::contract::Members;
use crate::http::{IfMatch, Patch, input_name};
use crate::imports::difference::{differs, patch};
use crate::imports::existing::{Existing, Known};
use crate::imports::plan::title_of;
use crate::imports::planned::groups_of;
use crate::imports::rows::Row;
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::{OrganizationId, WorkingGroupId};
use crate::kernel::language::Message;
use crate::kernel::text::squeeze;
use crate::kernel::values::{Localized, stored_id};
use crate::ledger::RequestContext;
use crate::ledger::records::Record;
use crate::working_groups::records::MEETING;
use crate::working_groups::types::{MeetingContent, WorkingGroupCreate};
use crate::working_groups::{meetings, store};

pub struct Meetings;

/// Members of a body that the path of the POST takes.
const PATH: [&str; 2] = ["working_group_id", "working_group"];

impl Records for Meetings {
    fn record(&self) -> &'static Record {
        &MEETING
    }

    fn schema(&self) -> &'static str {
        "MeetingContent"
    }

    fn broken_rules(&self, body: Value, _: NaiveDate) -> serde_json::Result<Vec<FieldError>> {
        serde_json::from_value::<MeetingContent>(body).map(|new| broken_rules(&new))
    }

    fn posted(&self, mut body: Value) -> Value {
        if let Some(members) = body.as_object_mut() {
            members.retain(|member, _| !PATH.contains(&member.as_str()));
        }
        body
    }

    fn compared(&self) -> &'static [&'static str] {
        &[
            "working_group_id",
            "title",
            "held_on",
            "status",
            "venue",
            "agenda",
            "decisions",
            "attendee_ids",
        ]
    }

    fn clearable(&self) -> &'static [&'static str] {
        &["venue", "agenda", "decisions"]
    }

    fn members(&self, field: &str) -> &'static [&'static str] {
        match field {
            "working_group" => &["working_group_id"],
            "title" => &["title"],
            "held_on" => &["held_on"],
            "status" => &["status"],
            "venue" => &["venue"],
            "agenda" => &["agenda"],
            "decisions" => &["decisions"],
            "attendees" => &["attendee_ids"],
            _ => &[],
        }
    }

    fn not_corrected(&self, member: &str) -> Option<(&'static str, Message)> {
        (member == "working_group_id").then(|| {
            let message = Message::fixed(
                "등록된 회의는 다른 실무협의체의 것입니다. 가져오기로는 옮기지 않습니다.",
                "The recorded meeting is one of another working group; an import does not move it.",
            );
            ("working_group_differs", message)
        })
    }

    fn differs(&self, member: &str, stated: &Value, recorded: &Value) -> bool {
        match member {
            "attendee_ids" => adds(stated, recorded),
            _ => differs(stated, recorded),
        }
    }

    fn merged(&self, member: &str, stated: &Value, recorded: &Value) -> Value {
        match member {
            "attendee_ids" => union(stated, recorded),
            _ => stated.clone(),
        }
    }

    fn key(&self, body: &Map<String, Value>) -> Option<String> {
        let group = body.get("working_group_id")?.as_str()?;
        Some(key(group, body.get("title")?, body.get("held_on")?))
    }

    fn repeated(&self, body: &Map<String, Value>) -> Vec<String> {
        let of_meeting = || {
            let group = PATH.iter().find_map(|member| body.get(*member))?;
            let (title, held_on) = (body.get("title")?, body.get("held_on")?);
            Some(key(&group.to_string(), title, held_on))
        };
        of_meeting().into_iter().collect()
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
        let ids = recorded_ids(rows);
        for (meeting, owner) in meetings::of_municipality(conn, cx, municipality, &ids)? {
            let group = meeting.working_group_id.to_string();
            let mut content = json!(meeting.content);
            let key = key(&group, &content["title"], &content["held_on"]);
            content["working_group_id"] = json!(group);
            let known = Known {
                id: meeting.meta.id.into(),
                version: meeting.meta.version,
                content,
                shown: match shows {
                    true => json!(meeting),
                    false => Value::Null,
                },
                is_own: owner == municipality,
                is_fixed: false,
            };
            existing.add(known, [key]);
        }
        Ok(existing)
    }

    fn create(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        owner: OrganizationId,
        body: Value,
    ) -> Result<Recorded, ApiError> {
        let (group, made) = group(conn, cx, owner, &body)?;
        let schema = input_name(self.schema());
        let new: MeetingContent = decode(&schema, Members::Closed, self.posted(body))?;
        let meeting = meetings::create(conn, cx, group, &new)?;
        let mut recorded = Recorded::new(meeting.meta.id.into(), meeting.meta.version);
        recorded.group = made.then_some(group);
        Ok(recorded)
    }

    fn correct(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        id: Uuid,
        changes: &Value,
        _reason: &Localized,
    ) -> Result<Recorded, ApiError> {
        let before = json!(meetings::get(conn, cx, id.into())?.content);
        let wanted: Patch<MeetingContent> = Patch::of(changes.clone());
        let after = meetings::update(conn, cx, id.into(), &IfMatch::any(), &wanted)?;
        wanted.check_rules()?;
        let undo = patch(&json!(after.content), &before);
        Ok(Recorded::new(id, after.meta.version).restored_by(changes, undo))
    }

    fn take_back(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        recorded: &Recorded,
        _gone: &[OrganizationId],
    ) -> Result<(), ApiError> {
        meetings::remove(conn, cx, recorded.id.into(), &IfMatch::any())?;
        let Some(group) = recorded.group else {
            return Ok(());
        };
        // A group that somebody changed or used since stays.
        let left: i64 = m::table
            .filter(m::working_group_id.eq(group.to_string()))
            .count()
            .get_result(conn)?;
        match store::load_own(conn, cx, group) {
            Ok(record) if left == 0 && record.meta.version == 1 => {
                store::delete(conn, cx, group, &IfMatch::any())
            }
            _ => Ok(()),
        }
    }
}

/// Returns the key of a meeting: its group, its day and its title.
fn key(group: &str, title: &Value, held_on: &Value) -> String {
    format!("{group} {} {}", held_on["edtf"], squeeze(&title_of(title)))
}

/// Returns the working group of a meeting, and whether it was recorded for it.
fn group(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    owner: OrganizationId,
    body: &Value,
) -> Result<(WorkingGroupId, bool), ApiError> {
    if let Some(id) = body["working_group_id"].as_str() {
        return Ok((stored_id(id)?, false));
    }
    let name = body["working_group"]["name"].clone();
    // An earlier row perhaps recorded it.
    let groups = groups_of(conn, cx, owner)?;
    if let Some(id) = groups.get(&squeeze(&title_of(&name))) {
        return Ok((*id, false));
    }
    let new = json!({ "municipality_id": owner, "name": name, "sources": body["sources"] });
    let schema = input_name("WorkingGroupCreate");
    let new: WorkingGroupCreate = decode(&schema, Members::Closed, new)?;
    let made = store::create(conn, cx, &new)?;
    Ok((made.meta.id, true))
}
