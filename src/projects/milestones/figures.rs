//! The few facts of a milestone from which its figures follow for any day.
//!
//! They are stored beside the document, so that figures of many milestones are computed without reading
//! their documents. They are read as a document without its words, to which the rules of documents apply.

use serde::{Deserialize, Serialize, Serializer};

use super::store::Doc;
use super::targets::{self, Derived};
use super::types::{
    Forecast, ForecastContent, MilestoneContent, MilestoneKind, Origin, Outcome, OutcomeContent,
    OutcomeKind, ReasonCode,
};
use crate::db::{AnyConnection, Json};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{OrganizationId, StatementId};
use crate::kernel::values::{ImpreciseDate, Localized};

/// The facts of a milestone for its figures: retracted statements are not among them.
#[derive(Serialize, Deserialize)]
pub struct MilestoneFacts {
    municipality_id: OrganizationId,
    kind: MilestoneKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<Localized>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    targets: Vec<Target>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    events: Vec<Event>,
}

/// A target as it was stated.
#[derive(Serialize, Deserialize)]
struct Target {
    id: StatementId,
    #[serde(rename = "on", serialize_with = "short")]
    stated_on: ImpreciseDate,
    #[serde(serialize_with = "short")]
    target: ImpreciseDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<ReasonCode>,
}

/// Something that happened.
#[derive(Serialize, Deserialize)]
struct Event {
    id: StatementId,
    kind: OutcomeKind,
    #[serde(serialize_with = "short")]
    on: ImpreciseDate,
}

/// Writes a date without what follows from its text.
fn short<S: Serializer>(date: &ImpreciseDate, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Short<'a> {
        edtf: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        as_stated: Option<&'a str>,
    }
    match date.edtf().filter(|_| date.relative_to().is_none()) {
        Some(edtf) => {
            let as_stated = date.as_stated();
            Short { edtf, as_stated }.serialize(serializer)
        }
        None => date.serialize(serializer),
    }
}

impl MilestoneFacts {
    /// Returns the facts of a milestone.
    pub(super) fn of(doc: &Doc) -> Self {
        let forecasts = doc.forecasts.iter();
        let outcomes = doc.outcomes.iter();
        let target = |forecast: &Forecast| Target {
            id: forecast.id,
            stated_on: forecast.content.stated_on.clone(),
            target: forecast.content.target.clone(),
            reason: forecast.content.reason_code,
        };
        let event = |outcome: &Outcome| Event {
            id: outcome.id,
            kind: outcome.content.kind,
            on: outcome.content.on.clone(),
        };
        Self {
            municipality_id: doc.municipality_id,
            kind: doc.content.kind,
            title: doc.content.title.clone(),
            targets: forecasts
                .filter(|forecast| forecast.retraction.is_none())
                .map(target)
                .collect(),
            events: outcomes
                .filter(|outcome| outcome.retraction.is_none())
                .map(event)
                .collect(),
        }
    }

    /// Returns the document without what the facts leave out: words, the phase, sources, files, and
    /// retracted statements.
    fn into_doc(self) -> Doc {
        let forecast = |target: Target| Forecast {
            id: target.id,
            content: ForecastContent {
                target: target.target,
                stated_on: target.stated_on,
                stated_by: None,
                reason_code: target.reason,
                reason: None,
                note: None,
                source: None,
            },
            retraction: None,
            origin: Origin::Stated,
        };
        let outcome = |event: Event| Outcome {
            id: event.id,
            content: OutcomeContent {
                kind: event.kind,
                on: event.on,
                note: None,
                source: None,
            },
            retraction: None,
        };
        Doc {
            municipality_id: self.municipality_id,
            content: MilestoneContent {
                kind: self.kind,
                title: self.title,
                phase: None,
            },
            forecasts: self.targets.into_iter().map(forecast).collect(),
            outcomes: self.events.into_iter().map(outcome).collect(),
            files: Vec::new(),
            derived: Derived::default(),
        }
    }
}

/// Reads milestones as their facts tell them, with their derived targets. Each is given by its key, the
/// id of its project and its facts, and has its document without words, phase, sources, files and
/// retracted statements.
///
/// # Errors
/// Fails if the database does.
pub fn read_facts<K>(
    conn: &mut AnyConnection,
    rows: impl IntoIterator<Item = (K, String, Json<MilestoneFacts>)>,
) -> Result<Vec<(K, String, Doc)>, ApiError> {
    let rows = rows.into_iter();
    let read = rows.map(|(key, project, Json(facts))| (key, project, facts.into_doc()));
    let mut read: Vec<(K, String, Doc)> = read.collect();
    let docs = read.iter_mut();
    targets::attach(conn, docs.map(|(_, project, doc)| (project.clone(), doc)))?;
    Ok(read)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::projects::milestones::rules::{state, targets_by};

    /// A milestone as it is stored, with two targets and a retracted third one.
    fn doc() -> Doc {
        let id = |n: u8| format!("0178d7fa-2c00-7000-8000-00000000000{n}");
        let said = |n: u8, target: Value, on: &str| {
            json!({"id": id(n), "target": target, "stated_on": {"edtf": on}, "reason_code": "budget",
                "note": {"ko": "비고"}, "stated_by": "고양시", "retraction": null})
        };
        let words = json!({"as_stated": "예산이 정해지면"});
        let mut mistaken = said(3, json!({"edtf": "2035"}), "2022");
        mistaken["retraction"] = json!({"reason": {"ko": "오독"}, "retracted_on": "2026-01-01"});
        let doc = json!({
            "municipality_id": id(9),
            "content": {"kind": "groundbreaking", "title": {"ko": "착공"}, "phase": "2"},
            "forecasts": [
                said(1, json!({"edtf": "../2022-06", "as_stated": "2022년 6월까지"}), "2020-05-01"),
                mistaken,
                said(2, words, "2021"),
            ],
            "outcomes": [{"id": id(4), "kind": "met", "on": {"edtf": "2023-10"}, "retraction": null}],
        });
        serde_json::from_value(doc).unwrap()
    }

    #[test]
    fn what_the_rules_find_in_facts_is_what_they_find_in_the_document() {
        let doc = doc();
        let stored = serde_json::to_string(&MilestoneFacts::of(&doc)).unwrap();
        let whole = serde_json::to_string(&doc).unwrap();
        assert!(stored.len() * 2 < whole.len(), "{stored}");
        let facts: MilestoneFacts = serde_json::from_str(&stored).unwrap();
        let facts = facts.into_doc();
        for day in ["2020-01-01", "2020-05-01", "2022-07-01", "2025-01-01"] {
            let day = day.parse().unwrap();
            assert_eq!(
                state(facts.targets(), &facts.outcomes, day),
                state(doc.targets(), &doc.outcomes, day)
            );
            let stated = |doc: &Doc| -> Vec<_> {
                let stated = targets_by(doc.targets(), day).into_iter();
                stated
                    .map(|one| (one.id, one.content.target.clone(), one.content.reason_code))
                    .collect()
            };
            assert_eq!(stated(&facts), stated(&doc), "{day}");
        }
    }
}
