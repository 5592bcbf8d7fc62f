//! Every declared filter narrows its list. The filters come from the spec: a new one needs no line
//! here.

use std::collections::BTreeSet;

use mou_registry::http::contract;
use serde_json::{Value, json};

use super::lists::{List, Listed};
use crate::support::full::full;
use crate::support::spec::{enumerated, operations, parameters, plural, schema};
use crate::support::{Api, SPEC};

on_both!(with_demo: every_declared_filter_narrows_its_list);

/// Parameters that select no records: pages, orders, days, languages and forms.
const NO_FILTERS: [&str; 10] = [
    "limit",
    "cursor",
    "sort",
    "with_total",
    "fields",
    "as_of",
    "recorded_as_of",
    "lang",
    "encoding",
    "prefix",
];

/// Parameters that are not tried here.
const UNTRIED: [(&str, &str); 26] = [
    // None is a list, and neither a package nor an export can be empty; their own tests read them.
    ("export_records", "municipality_id"),
    ("get_catalog", "municipality_id"),
    ("get_reconciliation_figures", "municipality_id"),
    ("get_project_package", "municipality_id"),
    // They are those of `list_projects`, by the same query; few projects have positions.
    ("get_project_features", "municipality_id"),
    ("get_project_features", "organization_id"),
    ("get_project_features", "agreement_id"),
    ("get_project_features", "kind"),
    ("get_project_features", "status"),
    ("get_project_features", "gap"),
    ("get_project_features", "q"),
    // A report, whose figures its own tests hold to the period.
    ("get_council_report", "from"),
    ("get_council_report", "to"),
    ("get_council_report", "format"),
    // The stream waits for what a filter does not find; its own tests compare it with the list.
    ("stream_changes", "after"),
    ("get_change_feed", "after"),
    ("stream_changes", "type"),
    ("stream_changes", "municipality_id"),
    // These choose the figures and their order, and select no records.
    ("get_agreement_statistics", "group_by"),
    ("get_milestone_statistics", "group_by"),
    ("list_agreement_statistics_records", "figure"),
    ("list_agreement_statistics_records", "group_by"),
    ("list_milestone_statistics_records", "figure"),
    ("list_milestone_statistics_records", "group_by"),
    // A part of the log to check, and no list.
    ("verify_changes", "from"),
    ("verify_changes", "to"),
];

/// Parameters that a filter needs beside it.
fn beside(list: &List, name: &str) -> &'static [(&'static str, &'static str)] {
    match (list.id, name) {
        ("search", "q") | ("list_reconciliation", "municipality_id") => &[],
        ("list_agreement_statistics_records", "part") => {
            &[("figure", "execution_rate_commitments")]
        }
        ("list_agreement_statistics_records", "unit") => &[("figure", "amounts")],
        ("list_milestone_statistics_records", "part") => &[("figure", "on_time_rate")],
        ("list_agreement_statistics_records", "reason") => &[
            ("figure", "execution_rate_commitments"),
            ("part", "left_out"),
        ],
        ("list_milestone_statistics_records", "reason") => {
            &[("figure", "on_time_rate"), ("part", "left_out")]
        }
        (_, "group" | "group_unknown") => &[("group_by", "kind")],
        (_, "direction" | "stated_year" | "reason_code") => &[("figure", "moves")],
        _ => list.needed(),
    }
}

async fn every_declared_filter_narrows_its_list(api: Api) {
    let api = full(api).await;
    let mut wrong = Vec::new();
    let mut untried = BTreeSet::new();
    for (template, _, operation) in operations().filter(|(_, method, _)| *method == "get") {
        let filters = parameters(operation)
            .filter(|parameter| !NO_FILTERS.contains(&parameter["name"].as_str().unwrap()));
        let filters: Vec<&Value> = filters.collect();
        let id = operation["operationId"].as_str().unwrap();
        let mut list = None;
        for filter in filters {
            let name = filter["name"].as_str().unwrap();
            if UNTRIED.contains(&(id, name)) {
                untried.insert((id, name));
                continue;
            }
            if list.is_none() {
                list = Some(List::new(&api, template, operation).await);
            }
            if let Err(how) = narrows(&api, list.as_ref().unwrap(), filter).await {
                wrong.push(format!("{id} {name}: {how}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(untried, UNTRIED.into(), "the others are not declared");
}

/// Asks with values of a filter until the list was narrowed and something was found. Every value of
/// an enumeration is asked for.
async fn narrows(api: &Api, list: &List, filter: &'static Value) -> Result<(), String> {
    let name = filter["name"].as_str().unwrap();
    let base = beside(list, name);
    let whole = list.ask(api, base).await;
    let is_enumerated = !enumerated(schema(filter)).is_empty();
    let mut found: Vec<(String, Listed)> = Vec::new();
    for value in candidates(api, filter, whole.as_ref()).await {
        let query = [base, &[(name, value.as_str())]].concat();
        if let Some(listed) = list.ask(api, &query).await {
            found.push((value, listed));
        }
        if !is_enumerated && judged(whole.as_ref(), &found).is_ok() {
            break;
        }
    }
    judged(whole.as_ref(), &found)
}

/// Whether a filter filtered. `whole` is the answer without it, if it can be left out.
fn judged(whole: Option<&Listed>, found: &[(String, Listed)]) -> Result<(), String> {
    let sizes = || found.iter().map(|(_, listed)| listed.size);
    let most = whole.map(|whole| whole.size).or(sizes().max()).unwrap_or(0);
    let shown: BTreeSet<&str> = found.iter().map(|(_, one)| one.shown.as_str()).collect();
    let wrong = if sizes().all(|size| size >= most) {
        "no value gives fewer"
    } else if sizes().all(|size| size == 0) {
        "no value gives any"
    } else if shown.len() < 2 {
        "every value gives the same"
    } else {
        return Ok(());
    };
    let some = found.iter().take(10);
    let some: Vec<_> = some.map(|(value, one)| (value, one.size)).collect();
    Err(format!("{wrong} of {most}: {some:?}"))
}

/// Values to ask for: those of the schema, and those that fit it among its example, limits, the
/// records of a kind, and all that the list shows.
async fn candidates(api: &Api, filter: &'static Value, whole: Option<&Listed>) -> Vec<String> {
    let schema = schema(filter);
    let name = filter["name"].as_str().unwrap();
    if schema["type"] == "boolean" {
        return vec!["true".into(), "false".into()];
    }
    let known = enumerated(schema);
    if !known.is_empty() {
        return known.into_iter().map(str::to_owned).collect();
    }
    let mut all = LIMITS.map(|limit| json!(limit)).to_vec();
    all.extend([json!(0), json!(36_500), json!(1_000_000)]);
    all.push(filter["example"].clone());
    let stem = name.trim_end_matches("_id");
    let records = plural(stem);
    if SPEC["paths"].get(format!("/api/v1/{records}")).is_some() {
        let list = api.read(&format!("/{records}?limit=200")).await;
        all.extend(list.items().iter().map(|record| record["id"].clone()));
    }
    let shown = whole.map_or(Value::Null, |whole| whole.body.clone());
    let (mut near, mut far) = (Vec::new(), Vec::new());
    gather(&shown, stem, false, &mut near, &mut far);
    all.extend(near);
    all.extend(far);
    let fits = contract::compile(schema).unwrap();
    let mut seen = BTreeSet::new();
    all.retain(|value| !value.is_null() && fits.is_valid(value) && seen.insert(value.to_string()));
    all.truncate(80);
    let text = |value: Value| value.as_str().map_or(value.to_string(), str::to_owned);
    all.into_iter().map(text).collect()
}

/// Values beyond what a registry holds, in every format.
const LIMITS: [&str; 9] = [
    "0178d7fa-2c00-7000-8000-00000000ffff",
    "1900-01-01",
    "2100-01-01",
    "1900-01-01T00:00:00Z",
    "2100-01-01T00:00:00Z",
    "0000000000",
    "없는 말",
    // A unit, which no list shows by itself.
    "persons",
    // A phase, which no calendar shows by itself.
    "2",
];

/// Gathers the texts and numbers of an answer; `near` are those of members named like the filter.
fn gather(value: &Value, name: &str, named: bool, near: &mut Vec<Value>, far: &mut Vec<Value>) {
    match value {
        Value::Array(items) => {
            for item in items {
                gather(item, name, named, near, far);
            }
        }
        Value::Object(members) => {
            for (member, value) in members {
                gather(value, name, named || member.starts_with(name), near, far);
            }
        }
        Value::String(_) | Value::Number(_) if named => near.push(value.clone()),
        Value::String(_) | Value::Number(_) => far.push(value.clone()),
        _ => {}
    }
}
