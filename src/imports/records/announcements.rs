//! Announcements.

use chrono::NaiveDate;
use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Recorded, Records, recorded_ids};
use crate::announcements::records::ANNOUNCEMENT;
use crate::announcements::types::{AnnouncementContent, AnnouncementCreate};
use crate::announcements::{list, store};
use crate::db::AnyConnection;
use crate::http::checked::{broken_rules, decode};
use crate::http::contract::Members;
use crate::http::{IfMatch, Patch, input_name};
use crate::imports::difference::patch;
use crate::imports::existing::{Existing, Known};
use crate::imports::plan::title_of;
use crate::imports::rows::Row;
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::OrganizationId;
use crate::kernel::text::squeeze;
use crate::kernel::values::Localized;
use crate::ledger::RequestContext;
use crate::ledger::records::Record;

pub struct Announcements;

impl Records for Announcements {
    fn record(&self) -> &'static Record {
        &ANNOUNCEMENT
    }

    fn schema(&self) -> &'static str {
        "AnnouncementContent"
    }

    fn broken_rules(&self, body: Value, today: NaiveDate) -> serde_json::Result<Vec<FieldError>> {
        let new: AnnouncementContent = serde_json::from_value(body)?;
        let ahead = store::wrong_days(today, &new);
        Ok(broken_rules(&new).into_iter().chain(ahead).collect())
    }

    fn compared(&self) -> &'static [&'static str] {
        &[
            "kind",
            "title",
            "announced_on",
            "happened_on",
            "publisher",
            "url",
            "text",
            "parties",
            "amount",
            "lead_department",
        ]
    }

    fn clearable(&self) -> &'static [&'static str] {
        &[
            "announced_on",
            "happened_on",
            "publisher",
            "url",
            "text",
            "amount",
            "lead_department",
        ]
    }

    fn members(&self, field: &str) -> &'static [&'static str] {
        let mut compared = self.compared().chunks(1);
        compared.find(|member| member[0] == field).unwrap_or(&[])
    }

    fn key(&self, body: &Map<String, Value>) -> Option<String> {
        if let Some(url) = body.get("url").and_then(Value::as_str) {
            return Some(url.to_owned());
        }
        // A record without a date says null, and a row says nothing.
        let day = body
            .get("announced_on")
            .and_then(|day| day["edtf"].as_str());
        let title = squeeze(&title_of(body.get("title")?));
        Some(format!("{title} {}", day.unwrap_or_default()))
    }

    fn repeated(&self, body: &Map<String, Value>) -> Vec<String> {
        self.key(body).into_iter().collect()
    }

    fn existing(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        municipality: OrganizationId,
        rows: &[&Row],
        shows: bool,
    ) -> Result<Existing, ApiError> {
        let ids = recorded_ids(rows);
        let keys = rows.iter().filter_map(|row| self.key(&row.body));
        let keys: HashSet<String> = keys.collect();
        let named: HashSet<&String> = ids.iter().collect();
        let mut found = Vec::new();
        for one in store::of_municipalities(conn, cx, &[municipality.to_string()], &ids)? {
            let content = json!(one.doc.content);
            let key = content.as_object().and_then(|content| self.key(content));
            let is_meant = key.as_ref().is_some_and(|key| keys.contains(key))
                || named.contains(&one.meta.id.to_string());
            if is_meant {
                found.push((one, content, key));
            }
        }
        let mut shown: HashMap<Uuid, Value> = HashMap::new();
        if shows {
            let ids = found.iter().map(|(one, ..)| one.meta.id.to_string());
            let rows = list::shown(conn, cx, &ids.collect::<Vec<_>>())?.into_iter();
            shown = rows
                .map(|one| (one.row.meta.id.into(), json!(one.row)))
                .collect();
        }
        let mut existing = Existing::default();
        for (one, content, key) in found {
            let id: Uuid = one.meta.id.into();
            let known = Known {
                id,
                version: one.meta.version,
                content,
                is_own: one.doc.municipality_id == municipality,
                is_fixed: false,
                shown: shown.remove(&id).unwrap_or_default(),
            };
            existing.add(known, key);
        }
        Ok(existing)
    }

    fn create(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        owner: OrganizationId,
        mut body: Value,
    ) -> Result<Recorded, ApiError> {
        body["municipality_id"] = json!(owner);
        let schema = input_name("AnnouncementCreate");
        let new: AnnouncementCreate = decode(&schema, Members::Closed, body)?;
        let made = store::insert(conn, cx, &new)?;
        Ok(Recorded::new(made.meta.id.into(), made.meta.version))
    }

    fn correct(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        id: Uuid,
        changes: &Value,
        _reason: &Localized,
    ) -> Result<Recorded, ApiError> {
        let before = json!(store::get(conn, cx, id.into())?.content);
        let wanted: Patch<AnnouncementContent> = Patch::of(changes.clone());
        let after = store::update(conn, cx, id.into(), &IfMatch::any(), &wanted)?;
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
        store::delete(conn, cx, recorded.id.into(), &IfMatch::any())
    }
}
