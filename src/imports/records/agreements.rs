//! Agreements.

use chrono::NaiveDate;
use std::collections::HashMap;

use diesel::prelude::*;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{AT_ONCE, Recorded, Records, recorded_ids};
use crate::agreements;
use crate::agreements::records::AGREEMENT;
use crate::agreements::rules::first_days;
use crate::agreements::store::update;
use crate::agreements::types::{
    AgreementContent, AgreementCreate, AgreementStatus, TransitionCreate,
};
use crate::db::schema::agreements as a;
use crate::db::{AnyConnection, Json, in_list};
use crate::directory::legal_forms::name_key;
use crate::http::checked::{broken_rules, decode};
use crate::http::contract::Members;
use crate::http::{IfMatch, Patch, input_name};
use crate::imports::difference::{differs, patch};
use crate::imports::existing::{Existing, Known, names_others};
use crate::imports::plan::title_of;
use crate::imports::rows::Row;
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::text::{self, squeeze};
use crate::kernel::values::{Localized, stored_id};
use crate::ledger::records::Record;
use crate::ledger::{RequestContext, Scope};

pub struct Agreements;

type Found = (String, i64, String, Option<String>, String, Json<Value>);

impl Records for Agreements {
    fn record(&self) -> &'static Record {
        &AGREEMENT
    }

    fn schema(&self) -> &'static str {
        "AgreementCreate"
    }

    fn broken_rules(&self, body: Value, today: NaiveDate) -> serde_json::Result<Vec<FieldError>> {
        let new: AgreementCreate = serde_json::from_value(body)?;
        let days = first_days(new.status, &new.transitions, &new.content, today);
        Ok([broken_rules(&new), days].concat())
    }

    fn compared(&self) -> &'static [&'static str] {
        &[
            "kind",
            "title",
            "reference_number",
            "purpose",
            "signed_on",
            "venue",
            "effective_from",
            "effective_until",
            "auto_renews",
            "financial_obligation",
            "cost",
            "lead_department",
            "visibility",
            "topics",
            "other_parties",
            "note",
            "status",
            "parties",
            "renewal",
            "contact",
            "commitments",
            "sources",
        ]
    }

    fn clearable(&self) -> &'static [&'static str] {
        &[
            "reference_number",
            "effective_from",
            "effective_until",
            "lead_department",
            "purpose",
            "financial_obligation",
            "note",
        ]
    }

    fn members(&self, field: &str) -> &'static [&'static str] {
        match field {
            "title" | "title_en" | "title_ko" => &["title"],
            "reference_number" => &["reference_number"],
            "kind" => &["kind"],
            "parties" => &["parties", "other_parties"],
            "other_parties" | "other_parties_count" => &["other_parties"],
            "signed_on" | "signed_year" | "signed_month" | "signed_day" | "signing_planned_on" => {
                &["signed_on"]
            }
            "effective_from" => &["effective_from"],
            "effective_until" => &["effective_until"],
            "effective_period" => &[
                "effective_from",
                "effective_until",
                "auto_renews",
                "renewal",
            ],
            "status" | "terminated_on" | "completed_on" | "ended_on" => &["status"],
            "lead_department" => &["lead_department"],
            "topics" => &["topics"],
            "visibility" => &["visibility"],
            "purpose" => &["purpose"],
            "financial_obligation" => &["financial_obligation"],
            "cost" => &["cost", "financial_obligation"],
            "cost_min" | "cost_max" | "cost_currency" | "cost_approximate" | "cost_as_stated" => {
                &["cost"]
            }
            "note" => &["note"],
            "contact" | "contact_phone" | "contact_email" => &["contact"],
            "sources_url" => &["sources"],
            "commitment_amount" | "commitment_persons" | "commitment_area" => &["commitments"],
            _ => &[],
        }
    }

    fn not_corrected(&self, member: &str) -> Option<(&'static str, Message)> {
        match member {
            "status" => Some((
                "status_differs",
                Message::fixed(
                    "등록된 협약과 상태가 다릅니다. 상태는 그 협약에서 단계로 바꾸십시오.",
                    "The recorded agreement has another status. Make the transition of the agreement itself.",
                ),
            )),
            "parties" => Some((
                "parties_differ",
                Message::fixed(
                    "등록된 협약과 당사자가 다릅니다. 당사자는 그 협약에서 고치십시오.",
                    "The recorded agreement has other parties. Correct the parties of the agreement itself.",
                ),
            )),
            "commitments" => Some((
                "commitments_differ",
                Message::fixed(
                    "등록된 협약과 협약 사항(투자액, 고용, 면적 등)이 다릅니다. 협약 사항은 그 협약에서 고치십시오.",
                    "The recorded agreement has other commitments, such as amounts, jobs or areas. Correct those of the agreement itself.",
                ),
            )),
            _ => None,
        }
    }

    fn differs(&self, member: &str, stated: &Value, recorded: &Value) -> bool {
        match member {
            "parties" => names_others(stated, recorded),
            "commitments" => promises_others(stated, recorded),
            "sources" => !further_sources(stated, recorded).is_empty(),
            _ => differs(stated, recorded),
        }
    }

    fn merged(&self, member: &str, stated: &Value, recorded: &Value) -> Value {
        if member != "sources" {
            return stated.clone();
        }
        let known = recorded.as_array().into_iter().flatten().cloned();
        known.chain(further_sources(stated, recorded)).collect()
    }

    fn key(&self, body: &Map<String, Value>) -> Option<String> {
        Some(match number(body) {
            Some(number) => by_number(&number),
            None => by_title(&title_key(&title(body))),
        })
    }

    fn is_meant(&self, body: &Map<String, Value>, known: &Known) -> bool {
        if number(body).is_some() {
            return true;
        }
        let day = body.get("signed_on").unwrap_or(&Value::Null);
        let same_day = match (&day["edtf"], &known.content["signed_on"]["edtf"]) {
            (Value::Null, Value::Null) => true,
            (one, other) => one == other,
        };
        let parties = body.get("parties").unwrap_or(&Value::Null);
        same_day && !names_others(parties, &known.content["parties"])
    }

    fn repeated(&self, body: &Map<String, Value>) -> Vec<String> {
        let day = body.get("signed_on").map(|day| day["edtf"].to_string());
        let (title, parties) = (by_title(&squeeze(&title(body))), party_keys(body));
        let content = format!("{title} {} {parties:?}", day.unwrap_or_default());
        let number = number(body).map(|number| by_number(&squeeze(&number)));
        // One that is numbered twice is repeated, too.
        number.into_iter().chain([content]).collect()
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
        let mut add = |found: Vec<Found>| add(&mut existing, municipality, found);
        let columns = (
            a::id,
            a::version,
            a::municipality_id,
            a::reference_number,
            a::title_key,
            a::doc,
        );
        let ids = recorded_ids(rows);
        for ids in ids.chunks(AT_ONCE) {
            let seen = a::table.filter(Scope::of(&cx.caller, "agreements"));
            let query = seen.filter(in_list(a::id, ids)).select(columns);
            add(query.load(conn)?)?;
        }
        let base = || {
            a::table
                .filter(a::municipality_id.eq(municipality.to_string()))
                .filter(a::status.ne_all(["voided", "withdrawn"]))
                .select(columns)
        };
        let titles: Vec<String> = rows
            .iter()
            .map(|row| title_key(&title(&row.body)))
            .collect();
        for titles in titles.chunks(AT_ONCE) {
            let titles = titles.iter().cloned();
            add(base().filter(in_list(a::title_key, titles)).load(conn)?)?;
        }
        let numbers: Vec<Option<String>> = rows.iter().map(|row| number(&row.body)).collect();
        let numbers: Vec<Option<String>> = numbers.into_iter().filter(Option::is_some).collect();
        for numbers in numbers.chunks(AT_ONCE) {
            add(base()
                .filter(a::reference_number.eq_any(numbers))
                .load(conn)?)?;
        }
        if shows {
            show(conn, cx, &mut existing)?;
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
        let schema = input_name(self.schema());
        let new: AgreementCreate = decode(&schema, Members::Closed, body)?;
        let made = agreements::record(conn, cx, &new)?;
        Ok(Recorded::new(made.id.into(), made.version))
    }

    fn correct(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        id: Uuid,
        changes: &Value,
        reason: &Localized,
    ) -> Result<Recorded, ApiError> {
        let stored = agreements::read::load_own(conn, cx, id.into())?;
        let before = json!(stored.doc.content);
        let wanted: Patch<AgreementContent> = Patch::of(changes.clone());
        let any = IfMatch::any();
        let after = update(conn, cx, id.into(), &any, &wanted, Some(reason))?;
        wanted.check_rules()?;
        let undo = patch(&json!(after.content), &before);
        Ok(Recorded::new(id, after.meta.version).restored_by(changes, undo))
    }

    fn take_back(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        recorded: &Recorded,
        gone: &[OrganizationId],
    ) -> Result<(), ApiError> {
        let step = TransitionCreate {
            to: AgreementStatus::Voided,
            on: None,
            notified_on: None,
            reason: Some(super::undone()),
            commitments: Vec::new(),
            signatures: Vec::new(),
            urgent: None,
        };
        agreements::transition_without(conn, cx, recorded.id.into(), &step, gone).map(|_| ())
    }
}

/// Returns the parties of a body in the form in which two lists are equal, whatever their order and the legal
/// forms in the names.
fn party_keys(body: &Map<String, Value>) -> Vec<String> {
    let parties = body.get("parties").and_then(Value::as_array);
    let keys = parties.into_iter().flatten().map(|party| {
        let name = party["organization"].get("name").map(title_of);
        match (party["organization_id"].as_str(), name) {
            (Some(id), _) => id.to_owned(),
            (None, name) => name_key(&name.unwrap_or_default()),
        }
    });
    let mut keys: Vec<String> = keys.collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Returns whether a row promises what no recorded commitment does: another number, or other words without
/// one.
fn promises_others(stated: &Value, recorded: &Value) -> bool {
    let target = |one: &Value| {
        let target = &one["target"];
        Some((target["value"].as_f64()?, target["unit"].clone()))
    };
    let all = || recorded.as_array().into_iter().flatten();
    let is_known = |stated: &Value| {
        all().any(|known| match target(stated) {
            Some(number) => target(known) == Some(number),
            None => !differs(&stated["text"], &known["text"]),
        })
    };
    let mut stated = stated.as_array().into_iter().flatten();
    stated.any(|one| !is_known(one))
}

/// Returns the addresses that a row states as sources and the record does not have. The file itself is one of
/// every import.
fn further_sources(stated: &Value, recorded: &Value) -> Vec<Value> {
    let known: Vec<&Value> = recorded
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| &one["url"])
        .collect();
    let stated = stated.as_array().into_iter().flatten();
    let further = stated.filter(|one| one["url"].is_string() && !known.contains(&&one["url"]));
    further.cloned().collect()
}

/// Adds records under their numbers and titles.
fn add(
    existing: &mut Existing,
    municipality: OrganizationId,
    found: Vec<Found>,
) -> Result<(), ApiError> {
    for (id, version, owner, number, title, Json(mut doc)) in found {
        let parties = doc["parties"].as_array_mut().map(std::mem::take);
        let parties = parties.into_iter().flatten();
        let parties: Vec<Value> = parties.map(|mut part| part["content"].take()).collect();
        let steps = doc["transitions"].as_array();
        let last = steps
            .and_then(|steps| steps.last())
            .map(|step| step["to"].clone());
        let commitments = doc["commitments"].as_array_mut().map(std::mem::take);
        let commitments = commitments.into_iter().flatten();
        let commitments: Vec<Value> = commitments.map(|mut part| part["content"].take()).collect();
        let mut content = doc["content"].take();
        content["parties"] = json!(parties);
        content["commitments"] = json!(commitments);
        content["status"] = last.unwrap_or_else(|| json!("draft"));
        let known = Known {
            id: stored_id(&id)?,
            version,
            content,
            shown: Value::Null,
            is_own: owner == municipality.to_string(),
            is_fixed: false,
        };
        let number = number.as_deref().map(by_number);
        existing.add(known, number.into_iter().chain([by_title(&title)]));
    }
    Ok(())
}

/// Reads the rows of the lists for all records.
fn show(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    existing: &mut Existing,
) -> Result<(), ApiError> {
    let ids: Vec<String> = existing
        .all_mut()
        .map(|known| known.id.to_string())
        .collect();
    let mut shown: HashMap<Uuid, Value> = HashMap::new();
    for ids in ids.chunks(AT_ONCE) {
        for row in agreements::ledger::rows_of(conn, cx, ids)? {
            let id = row.agreement.meta.id.into();
            shown.insert(id, serde_json::to_value(row).map_err(ApiError::internal)?);
        }
    }
    for known in existing.all_mut() {
        known.shown = shown.remove(&known.id).unwrap_or_default();
    }
    Ok(())
}

fn title(body: &Map<String, Value>) -> String {
    body.get("title").map(title_of).unwrap_or_default()
}

/// Returns a title in the form in which titles count as equal.
fn title_key(title: &str) -> String {
    squeeze(title).chars().take(200).collect()
}

fn number(body: &Map<String, Value>) -> Option<String> {
    body.get("reference_number")?.as_str().map(text::number)
}

fn by_number(number: &str) -> String {
    format!("number {number}")
}

fn by_title(key: &str) -> String {
    format!("title {key}")
}
