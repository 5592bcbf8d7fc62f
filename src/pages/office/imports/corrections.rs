//! The corrections of an import that its form states, as the merge patch of the import.

use serde_json::{Map, Value, json};

use crate::http::forms::Form;
use crate::http::signed_in::Typed;
use crate::imports::book::{Cell, place};
use crate::imports::store::Stored;
use crate::imports::types::LedgerImport;
use crate::kernel::error::FieldError;
use crate::kernel::language::Message;

/// Returns the text of a cell in the file; an empty one outside of it.
pub fn original(stored: &Stored, sheet: &str, address: &str) -> String {
    let found = stored.book.sheets.iter().find(|one| one.name == sheet);
    match found.zip(place(address)) {
        Some((sheet, (row, column))) => sheet.cell(row, column).words(),
        None => String::new(),
    }
}

/// Returns the text of a cell as it is corrected.
pub fn present(stored: &Stored, import: &LedgerImport, address: &str) -> String {
    match import.corrections.cells.get(address) {
        Some(text) => text.clone(),
        None => original(stored, &import.sheet, address),
    }
}

/// Returns the numbers of the header's rows as they are typed.
pub fn header_rows(import: &LedgerImport) -> String {
    let rows = import.header_rows.iter().map(ToString::to_string);
    rows.collect::<Vec<_>>().join(", ")
}

/// Returns the merge patch of what differs between the form and the import, and an error for what
/// cannot be read.
pub fn patch(form: &Form, stored: &Stored, import: &LedgerImport) -> Typed {
    let mut patch = Map::new();
    if form.has("sheet") && form.get("sheet") != import.sheet {
        return of_other_sheet(form.get("sheet"), import).into();
    }
    let mut unclear = Vec::new();
    let typed = form.get("header_rows");
    if form.has("header_rows") && typed != header_rows(import) {
        match numbers(typed) {
            Some(rows) if rows.is_empty() => drop(patch.insert("header_rows".into(), Value::Null)),
            Some(rows) => drop(patch.insert("header_rows".into(), json!(rows))),
            None => unclear.push(FieldError::body(
                "/header_rows",
                "unclear",
                Message::fixed(
                    "행 번호를 쉼표로 나누어 적어 주십시오. 예: 3 또는 3, 4",
                    "Enter numbers of rows, separated by commas, such as 3 or 3, 4.",
                ),
            )),
        }
    }
    let mut set = |list: &str, name: &str, value: Value| {
        let members = patch.entry(list).or_insert_with(|| json!({}));
        members[name] = value;
    };
    for column in &import.columns {
        let chosen = form.get(&format!("mapping/{}", column.letters));
        if !chosen.is_empty() && Some(chosen) != column.field.as_deref() {
            set("mapping", &column.letters, json!(chosen));
        }
    }
    for (name, typed) in form.fields() {
        if let Some(address) = name.strip_prefix("cells/") {
            let typed = Cell::text(typed).words();
            if typed == Cell::text(&present(stored, import, address)).words() {
                continue;
            }
            // The text of the file itself is no correction.
            let is_original =
                typed == Cell::text(&original(stored, &import.sheet, address)).words();
            set(
                "cells",
                address,
                if is_original {
                    Value::Null
                } else {
                    json!(typed)
                },
            );
        } else if let Some(question) = name.strip_prefix("answers/") {
            set("answers", question, json!(typed));
        }
    }
    Typed {
        body: Value::Object(patch),
        unclear,
    }
}

/// Returns the patch that goes on to another sheet: corrections concern the cells of the former one.
fn of_other_sheet(sheet: &str, import: &LedgerImport) -> Value {
    fn none<V>(members: &std::collections::BTreeMap<String, V>) -> Value {
        let members = members.keys().map(|name| (name.clone(), Value::Null));
        Value::Object(members.collect())
    }
    let made = &import.corrections;
    json!({
        "sheet": sheet,
        "header_rows": null,
        "mapping": none(&made.mapping),
        "cells": none(&made.cells),
        "answers": none(&made.answers),
    })
}

fn numbers(text: &str) -> Option<Vec<u32>> {
    let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
    parts.map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_rows_are_read() {
        assert_eq!(numbers("3, 4"), Some(vec![3, 4]));
        assert_eq!(numbers(" 5 "), Some(vec![5]));
        assert_eq!(numbers(""), Some(vec![]));
        assert_eq!(numbers("3-4"), None);
    }
}
