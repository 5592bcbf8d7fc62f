//! Agreements of the municipality that rows of a file perhaps repeat.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use serde_json::{Map, Value};

use super::plan::title_of;
use super::rows::Row;
use super::types::ImportOutcome;
use crate::db::schema::agreements as a;
use crate::db::{AnyConnection, Json, in_list};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, OrganizationId};
use crate::kernel::text::squeeze;
use crate::kernel::values::stored_id;

/// A recorded agreement.
struct Known {
    id: AgreementId,
    doc: Value,
}

/// Agreements by their number and by their title.
#[derive(Default)]
pub struct Existing {
    by_number: HashMap<String, Vec<usize>>,
    by_title: HashMap<String, Vec<usize>>,
    all: Vec<Known>,
    ids: HashSet<AgreementId>,
}

type Found = (String, Option<String>, String, Json<Value>);

/// Reads the agreements with the numbers and titles of rows.
pub fn existing(
    conn: &mut AnyConnection,
    municipality: OrganizationId,
    rows: &[Row],
) -> Result<Existing, ApiError> {
    let mut existing = Existing::default();
    let of = |row: &Row| {
        let title = row.body.get("title").map(title_of).unwrap_or_default();
        title_key(&title)
    };
    let titles: Vec<String> = rows.iter().map(of).collect();
    let numbers: Vec<String> = rows.iter().filter_map(|row| number(&row.body)).collect();
    let base = || {
        a::table
            .filter(a::municipality_id.eq(municipality.to_string()))
            .filter(a::status.ne_all(["voided", "withdrawn"]))
            .select((a::id, a::reference_number, a::title_key, a::doc))
    };
    for titles in titles.chunks(500) {
        let found: Vec<Found> = base()
            .filter(in_list(a::title_key, titles.iter().cloned()))
            .load(conn)?;
        existing.add(found)?;
    }
    for numbers in numbers.chunks(500) {
        let numbers: Vec<Option<String>> = numbers.iter().cloned().map(Some).collect();
        let found: Vec<Found> = base()
            .filter(a::reference_number.eq_any(numbers))
            .load(conn)?;
        existing.add(found)?;
    }
    Ok(existing)
}

/// Returns a title in the form in which titles count as equal.
fn title_key(title: &str) -> String {
    squeeze(title).chars().take(200).collect()
}

fn number(body: &Map<String, Value>) -> Option<String> {
    body.get("reference_number")?.as_str().map(str::to_owned)
}

impl Existing {
    fn add(&mut self, found: Vec<Found>) -> Result<(), ApiError> {
        for (id, number, title, Json(doc)) in found {
            let id = stored_id(&id)?;
            if !self.ids.insert(id) {
                continue;
            }
            let place = self.all.len();
            if let Some(number) = number {
                self.by_number.entry(number).or_default().push(place);
            }
            self.by_title.entry(title).or_default().push(place);
            self.all.push(Known { id, doc });
        }
        Ok(())
    }

    /// Compares a body with the recorded agreements. Returns the agreement that it repeats or
    /// changes, too.
    pub fn outcome(&self, body: &Map<String, Value>) -> (ImportOutcome, Option<AgreementId>) {
        let known = if let Some(number) = number(body) {
            self.by_number.get(&number).and_then(|all| all.first())
        } else {
            let title = body.get("title").map(title_of).unwrap_or_default();
            let all = self.by_title.get(&title_key(&title));
            let mut all = all.into_iter().flatten();
            all.find(|place| is_like(body, &self.all[**place].doc))
        };
        let Some(known) = known.and_then(|place| self.all.get(*place)) else {
            return (ImportOutcome::New, None);
        };
        let outcome = match says_the_same(body, &known.doc) {
            true => ImportOutcome::Same,
            false => ImportOutcome::Change,
        };
        (outcome, Some(known.id))
    }
}

/// Returns the ids of a body's parties; `None` if one of them is not recorded yet.
fn parties(body: &Map<String, Value>) -> Option<Vec<String>> {
    let parties = body.get("parties")?.as_array()?;
    let ids = parties
        .iter()
        .map(|p| Some(p["organization_id"].as_str()?.to_owned()));
    let mut ids: Vec<String> = ids.collect::<Option<_>>()?;
    ids.sort_unstable();
    Some(ids)
}

fn recorded_parties(doc: &Value) -> Vec<String> {
    let parties = doc["parties"].as_array().into_iter().flatten();
    let ids = parties.filter_map(|p| p["content"]["organization_id"].as_str());
    let mut ids: Vec<String> = ids.map(str::to_owned).collect();
    ids.sort_unstable();
    ids
}

/// Returns whether an agreement has the parties and the day of signing of a body.
fn is_like(body: &Map<String, Value>, doc: &Value) -> bool {
    let day = body.get("signed_on").unwrap_or(&Value::Null);
    let same_day = match (&day["edtf"], &doc["content"]["signed_on"]["edtf"]) {
        (Value::Null, Value::Null) => true,
        (one, other) => one == other,
    };
    same_day && parties(body).is_some_and(|ids| ids == recorded_parties(doc))
}

/// Members that are compared. Members that the import itself adds, such as sources, are not.
const COMPARED: &[&str] = &[
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
    "topics",
    "other_parties",
    "note",
];

fn says_the_same(body: &Map<String, Value>, doc: &Value) -> bool {
    let content = &doc["content"];
    let same = COMPARED.iter().all(|member| {
        let stated = body.get(*member).unwrap_or(&Value::Null);
        stated.is_null() || is_in(stated, &content[*member])
    });
    let last = doc["transitions"].as_array().and_then(|steps| steps.last());
    let status = last.map_or("draft", |step| step["to"].as_str().unwrap_or_default());
    let same_status = body.get("status").and_then(Value::as_str) == Some(status);
    let same_parties = parties(body).is_some_and(|ids| ids == recorded_parties(doc));
    same && same_status && same_parties
}

/// Returns whether a recorded value contains everything that is stated.
fn is_in(stated: &Value, recorded: &Value) -> bool {
    match (stated, recorded) {
        (Value::Object(stated), recorded) => stated
            .iter()
            .all(|(name, value)| value.is_null() || is_in(value, &recorded[name])),
        (Value::Array(stated), Value::Array(recorded)) => {
            let pairs = stated.iter().zip(recorded);
            stated.len() == recorded.len() && pairs.into_iter().all(|(a, b)| is_in(a, b))
        }
        (stated, recorded) => stated == recorded,
    }
}
