//! Checks that sample files become the expected rows. The folder of the samples is in
//! `MOU_TEST_LEDGERS`; without it, nothing is checked.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::imports::book::Book;
use crate::imports::files::{Limits, read};
use crate::imports::kind::ImportKind;
use crate::imports::plan::{self, Table};
use crate::imports::rows::{Names, Projects, Row, party_names};
use crate::imports::types::{ImportContent, Origin};
use crate::organizations::matching::Matched;

const LIMITS: Limits = Limits {
    unpacked: 50_000_000,
};

#[expect(clippy::disallowed_methods, reason = "a setting of the tests")]
fn folder() -> Option<PathBuf> {
    std::env::var("MOU_TEST_LEDGERS").ok().map(PathBuf::from)
}

fn expected() -> Vec<(PathBuf, Value)> {
    let Some(folder) = folder() else {
        return Vec::new();
    };
    let files = fs::read_dir(&folder).unwrap().map(|f| f.unwrap().path());
    let mut all: Vec<(PathBuf, Value)> = files
        .filter(|path| path.to_string_lossy().ends_with(".expected.json"))
        .filter(|path| !path.ends_with("bad.expected.json"))
        .map(|path| {
            let value: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            (folder.join(value["file"].as_str().unwrap()), value)
        })
        .filter(|(_, value)| value["kind"] == "agreements")
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn numbers(value: &Value) -> Vec<usize> {
    let numbers = value.as_array().unwrap().iter();
    numbers.map(|n| n.as_u64().unwrap() as usize).collect()
}

/// Returns whether a value is one of those that are right.
fn is_one_of(value: &Value, right: &Value) -> bool {
    match right {
        Value::Array(all) => all.contains(value),
        Value::String(any) if any == "any" => true,
        right => value == right,
    }
}

/// Returns whether a value holds an amount, wherever it is.
fn holds(value: &Value, amount: &Value) -> bool {
    let number = |v: &Value| v.as_f64();
    let here = match (&amount["value"], &amount["square_metres"]) {
        (wanted, Value::Null) => ["value", "amount"].iter().any(|m| {
            let found = number(&value[*m]);
            let unit = value["unit"].as_str().or(value["currency"].as_str());
            found.is_some() && found == number(wanted) && unit == amount["unit"].as_str()
        }),
        (_, area) => {
            let found = number(&value["value"]);
            value["unit"] == "square_metres" && found.is_some() && found == number(area)
        }
    };
    here || match value {
        Value::Object(members) => members.values().any(|v| holds(v, amount)),
        Value::Array(items) => items.iter().any(|v| holds(v, amount)),
        _ => false,
    }
}

fn fault(faults: &mut Vec<String>, what: &str, found: &Value, right: &Value) {
    faults.push(format!("{what}: {found} is not {right}"));
}

fn check_parties(body: &Value, right: &Value, faults: &mut Vec<String>) {
    let named = right["named"].as_array().unwrap();
    let parties = body["parties"].as_array().unwrap();
    let found: Vec<&Value> = parties
        .iter()
        .filter_map(|p| p.get("organization"))
        .map(|o| o["name"].as_object().unwrap().values().next().unwrap())
        .collect();
    let named: Vec<&Value> = named.iter().map(|n| &n["name"]).collect();
    if found != named {
        faults.push(format!("parties: {found:?} are not {named:?}"));
    }
    let count = right.get("unnamed_count");
    if count.is_some_and(|count| body["other_parties"]["count"] != *count) {
        faults.push(format!("others: {}", body["other_parties"]));
    }
}

fn check_amounts(body: &Value, member: &str, right: &Value, faults: &mut Vec<String>) {
    for amount in right.as_array().unwrap() {
        let or = amount["or"].as_array();
        let in_words = ["value", "square_metres"]
            .iter()
            .any(|m| amount[*m].is_array());
        let held = holds(body, amount) || or.is_some_and(|or| or.iter().any(|a| holds(body, a)));
        if !held && !in_words {
            fault(faults, member, &body["commitments"], amount);
        }
    }
}

fn check_row(body: &Value, right: &Value, faults: &mut Vec<String>) {
    for (member, right) in right.as_object().unwrap() {
        let found = &body[member];
        match member.as_str() {
            "title" if right.is_null() => {}
            "title" if found["ko"] == *right || found["en"] == *right => {}
            "status"
            | "kind"
            | "lead_department"
            | "reference_number"
            | "auto_renews"
            | "financial_obligation" => {
                if !is_one_of(found, right) {
                    fault(faults, member, found, right);
                }
            }
            "signed_on" | "effective_from" | "effective_until" => {
                if right.is_null() {
                    if !found.is_null() {
                        fault(faults, member, found, right);
                    }
                    continue;
                }
                for part in ["edtf", "as_stated"] {
                    let stated = right.get(part);
                    if stated.is_some_and(|stated| !is_one_of(&found[part], stated)) {
                        fault(faults, member, found, right);
                    }
                }
            }
            "parties" => check_parties(body, right, faults),
            "amounts" | "areas" => check_amounts(body, member, right, faults),
            "kept" => {
                let text = body.to_string();
                for word in right.as_array().unwrap() {
                    let word = serde_json::to_string(word).unwrap();
                    if !text.contains(word.trim_matches('"')) {
                        faults.push(format!("not kept: {word}"));
                    }
                }
            }
            // Further members are left to null.
            "renewal" if found["months"] == right["months"] => {}
            _ => fault(faults, member, found, right),
        }
    }
}

#[test]
fn files_become_what_is_expected() {
    super::spec();
    let mut faults = Vec::new();
    for (path, right) in expected() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let kind = right["content_type"].as_str().unwrap();
        let book: Book = match read(&fs::read(&path).unwrap(), kind, LIMITS) {
            Ok(book) => book,
            Err(problem) => {
                faults.push(format!("{name}: {problem:?}"));
                continue;
            }
        };
        for fault in file_faults(&name, &book, &right) {
            faults.push(format!("{name}: {fault}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn file_faults(name: &str, book: &Book, right: &Value) -> Vec<String> {
    let content = ImportContent::default();
    let mut table = plan::table(ImportKind::Agreements, book, &content);
    table.withhold();
    let mut faults = table_faults(&table, right);
    let rows = planned_rows(name, &table, &content);
    faults.extend(row_faults(&rows, right));
    faults
}

fn table_faults(table: &Table<'_>, right: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let layout = &table.layout;
    let rows: Vec<usize> = layout.header_rows.iter().map(|row| row + 1).collect();
    if rows != numbers(&right["header_rows"]) {
        faults.push(format!("header {rows:?}"));
    }
    let encoding = right.get("encoding").and_then(Value::as_str);
    if encoding.is_some() && table.book.encoding.as_deref() != encoding {
        faults.push(format!("encoding {:?}", table.book.encoding));
    }
    let left: Vec<usize> = layout.left_out.iter().map(|l| l.row + 1).collect();
    let left_right = right["left_out"].as_array().unwrap().iter();
    let left_right: Vec<usize> = left_right
        .map(|l| l["row"].as_u64().unwrap() as usize)
        .collect();
    if left != left_right {
        faults.push(format!("left out {left:?}"));
    }
    let mapped = layout.headers.iter().zip(&table.mapping);
    for (header, found) in mapped.filter(|(header, _)| !header.is_empty()) {
        let Some(fields) = right["mapping"].get(header) else {
            faults.push(format!("unexpected header {header:?}"));
            continue;
        };
        let is_right = fields
            .as_array()
            .unwrap()
            .iter()
            .any(|field| match field.as_str() {
                None => found.field.is_none(),
                Some(part) => found.field.as_deref().is_some_and(|f| f.contains(part)),
            });
        if !is_right {
            faults.push(format!("{header:?} is mapped to {:?}", found.field));
        }
    }
    faults
}

fn planned_rows(name: &str, table: &Table<'_>, content: &ImportContent) -> Vec<Row> {
    let origin = Origin {
        municipality_id: uuid::Uuid::nil().into(),
        file_name: Some(name.to_owned()),
        received_on: "2026-11-28".into(),
    };
    let ledger = plan::ledger(table, &origin, content);
    let is_known = |name: &str| name == "갑시";
    let named = party_names(&ledger, &is_known).into_keys();
    let own = named.filter(|name| name == "갑시");
    let names = Names {
        own: uuid::Uuid::nil().into(),
        is_known: &is_known,
        matched: own
            .map(|name| (name, Matched::Own { department: None }))
            .collect(),
        groups: HashMap::new(),
        recorded: HashSet::new(),
        projects: Projects::default(),
    };
    let today = "2026-11-28".parse().unwrap();
    plan::rows(ImportKind::Agreements, &ledger, &names, today).unwrap()
}

fn row_faults(rows: &[Row], right: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let all = right["rows"].as_array().unwrap();
    if rows.len() != all.len() {
        faults.push(format!("{} rows", rows.len()));
    }
    for (row, right) in rows.iter().zip(all) {
        let mut wrong = Vec::new();
        check_row(&Value::Object(row.body.clone()), &right["body"], &mut wrong);
        for problem in &row.problems {
            wrong.push(format!("{} {}", problem.code, problem.message.en));
        }
        let expects: Vec<&str> = right["expect"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["what"].as_str().unwrap())
            .collect();
        let may_ask = expects.iter().any(|e| e.contains("question"));
        for question in row.questions.iter().filter(|_| !may_ask) {
            wrong.push(format!("asks {} {:?}", question.code, question.cell));
        }
        let must_tell = expects.contains(&"note_or_question");
        if must_tell && row.notes.is_empty() && row.questions.is_empty() {
            wrong.push("tells nothing".to_owned());
        }
        faults.extend(wrong.into_iter().map(|w| format!("row {}: {w}", row.row)));
    }
    let clean = rows
        .iter()
        .filter(|row| row.problems.is_empty() && row.questions.is_empty() && !row.hidden)
        .count() as u64;
    if clean < right["counts"]["clean_rows"].as_u64().unwrap() {
        faults.push(format!("{clean} clean rows"));
    }
    faults
}

#[test]
fn bad_files_have_one_problem() {
    let Some(folder) = folder() else {
        return;
    };
    let bad: Value =
        serde_json::from_slice(&fs::read(folder.join("bad.expected.json")).unwrap()).unwrap();
    let mut found = Vec::new();
    for (name, expected) in bad.as_object().unwrap() {
        let bytes = fs::read(folder.join(name)).unwrap();
        let kind = expected["content_type"].as_str().unwrap();
        let code = match read(&bytes, kind, LIMITS) {
            Ok(_) => "read",
            Err(problem) => problem.code(),
        };
        found.push(format!("{} {code}", &name[..3]));
    }
    let right = [
        "B01 file_damaged",
        "B02 file_no_table",
        "B03 file_encrypted",
        "B04 file_quote_open",
        "B05 read",
        "B06 file_empty",
        "B07 read",
        "B13 file_no_table",
        "B16 file_empty",
        "B20 file_no_table",
    ];
    assert_eq!(found, right);
}
