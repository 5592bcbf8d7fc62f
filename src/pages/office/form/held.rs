//! What a record holds, as the fields of a form show it, and what a form changes of it.

use chrono::{Datelike, NaiveDate};
use serde_json::{Map, Value, json};

use super::opened::remembered;
use super::typed::{body, name, put, texts};
use super::{FOR, Field, Group, Kind, READING, terms};
use crate::http::forms::Form;
use crate::http::signed_in::Typed;
use crate::kernel::values::Localized;
use crate::pages::words::Words;

/// Returns a form with what a record holds in its fields. Texts are those in the language of the page,
/// so that it can add them to those in the other one.
pub fn filled(groups: &[Group], record: &Value, w: Words) -> Form {
    remembered(own_filled(groups, record, w), groups, record, w)
}

/// Like [`filled`], without what the form remembers of the record.
pub fn own_filled(groups: &[Group], record: &Value, w: Words) -> Form {
    with_texts(groups, record, w, |field, _| field.at.replace('*', w.tag()))
}

/// Like [`own_filled`], with each text in the language in which the record has it: that of the page, if
/// it has both.
pub fn filled_as_held(groups: &[Group], record: &Value, w: Words) -> Form {
    with_texts(groups, record, w, |field, record| {
        let own = field.at.replace('*', w.tag());
        let other = field.at.replace('*', w.0.other().tag());
        let has = |name: &str| held(record, name).is_string();
        if !has(&own) && has(&other) {
            other
        } else {
            own
        }
    })
}

fn with_texts(
    groups: &[Group],
    record: &Value,
    w: Words,
    name: impl Fn(&Field, &Value) -> String,
) -> Form {
    let own = groups.iter().filter(|group| group.list.is_empty());
    let fields = own.flat_map(|group| group.fields).flat_map(|field| {
        let name = name(field, record);
        let values = values(field.kind, record, &name, w).into_iter();
        values.map(move |value| (name.clone(), value))
    });
    Form::of(fields.collect())
}

/// Returns the value of a field in a record.
fn held<'a>(record: &'a Value, name: &str) -> &'a Value {
    record.pointer(&format!("/{name}")).unwrap_or(&Value::Null)
}

/// Returns the values of a field: one, unless it has several.
pub fn values(kind: Kind, record: &Value, name: &str, w: Words) -> Vec<String> {
    let held = held(record, name);
    match kind {
        Kind::Term => vec![terms::text(record)],
        _ if kind.has_several() => {
            let ids = held.as_array().into_iter().flatten();
            ids.filter_map(Value::as_str).map(str::to_owned).collect()
        }
        _ => vec![text(kind, held, w)],
    }
}

/// Returns the merge patch of what differs between a form and the record that it shows, and an error
/// for each text that cannot be read. A field that was emptied removes its value, and one with another
/// text replaces it whole.
pub fn changes(groups: &[Group], form: &Form, record: &Value, w: Words, today: NaiveDate) -> Typed {
    let mut changed = Form::default();
    let mut patch = Value::Object(Map::new());
    let mut places = Vec::new();
    for field in groups
        .iter()
        .flat_map(|group| group.fields.iter().map(move |field| (group, field)))
    {
        let (group, field) = field;
        let name = name(group, 0, field, form, w);
        let shown = values(field.kind, record, &name, w);
        if !form.has(&name) || is_same(field.kind, form, &name, &shown) {
            continue;
        }
        let typed = form.get(&name);
        if field.kind.has_several() {
            let chosen = form.all(&name).filter(|one| !one.is_empty());
            put(&mut patch, &name, json!(chosen.collect::<Vec<_>>()));
        } else if field.kind == Kind::Texts {
            put(&mut patch, &name, localized(typed, held(record, &name), w));
        } else if typed.is_empty() {
            for place in filled_by(field.kind, &name) {
                put(&mut patch, &place, emptied(field.kind));
            }
        } else {
            places.extend(filled_by(field.kind, &name));
            for part in PARTS {
                let of = format!("{name}/{part}");
                if form.has(&of) {
                    changed = changed.with(of.clone(), form.get(&of));
                }
            }
            changed = changed.with(name, typed);
        }
    }
    let mut typed = body(groups, &changed, w, today.year());
    overlay(&mut patch, typed.body);
    for place in places {
        replace_date(&mut patch, record, &place);
    }
    remove_emptied(&mut patch, record);
    typed.body = patch;
    typed
}

/// Returns the value of a field in which nothing is left: none, or of a condition that it does not hold.
fn emptied(kind: Kind) -> Value {
    match kind {
        Kind::Yes => json!(false),
        _ => Value::Null,
    }
}

/// The parts of a field beside its text.
const PARTS: [&str; 4] = [FOR, READING, "choice", "kind"];

/// Returns whether a field of a form has just these values.
fn is_same(kind: Kind, form: &Form, name: &str, shown: &[String]) -> bool {
    if !kind.has_several() {
        return shown.iter().any(|shown| shown.trim() == form.get(name));
    }
    let mut typed: Vec<&str> = form.all(name).filter(|one| !one.is_empty()).collect();
    let mut shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    typed.sort_unstable();
    shown.sort_unstable();
    typed == shown
}

/// Returns the members of the body that a field fills.
fn filled_by(kind: Kind, name: &str) -> Vec<String> {
    match kind {
        Kind::Term => terms::MEMBERS.map(str::to_owned).to_vec(),
        Kind::Organization => vec![format!("{name}_id")],
        _ => vec![name.to_owned()],
    }
}

/// Returns the texts of which each has a line. One that the record has keeps its other language.
pub fn localized(lines: &str, held: &Value, w: Words) -> Value {
    let held = held.as_array().map_or(&[][..], Vec::as_slice);
    let all = texts(lines).map(|line| {
        let known = held.iter().find(|known| in_language(known, w) == line);
        known
            .cloned()
            .unwrap_or_else(|| json!(Localized::in_its_language(line)))
    });
    Value::Array(all.collect())
}

/// Returns a text in the language of the page, or else in the other one.
fn in_language(text: &Value, w: Words) -> String {
    let own = text[w.tag()].as_str();
    let text = own.or(text[w.0.other().tag()].as_str());
    text.unwrap_or_default().to_owned()
}

/// Adds the members of a body to a patch. Unlike a merge, it keeps those that remove something.
fn overlay(patch: &mut Value, body: Value) {
    match (patch, body) {
        (Value::Object(patch), Value::Object(body)) => {
            for (member, value) in body {
                overlay(patch.entry(member).or_insert(Value::Null), value);
            }
        }
        (patch, body) => *patch = body,
    }
}

/// Members of a date that a request states. What its wording said before goes with it.
const DATE: [&str; 3] = ["edtf", "as_stated", "relative_to"];

/// Makes a date of a patch replace the one of the record whole.
fn replace_date(patch: &mut Value, record: &Value, place: &str) {
    let held = held(record, place);
    let new = patch.pointer_mut(&format!("/{place}"));
    if let Some(new) = new.and_then(Value::as_object_mut) {
        for member in DATE.iter().filter(|member| !held[**member].is_null()) {
            new.entry(*member).or_insert(Value::Null);
        }
    }
}

/// Removes each value of the record of which a patch leaves nothing, such as a text in its only
/// language.
fn remove_emptied(patch: &mut Value, record: &Value) {
    for (member, change) in patch.as_object_mut().into_iter().flatten() {
        let mut left = record[member].clone();
        json_patch::merge(&mut left, change);
        let is_emptied = |value: &Value| {
            let members = value.as_object();
            members.is_some_and(|members| members.values().all(Value::is_null))
        };
        if change.is_object() && is_emptied(&left) {
            *change = Value::Null;
        }
    }
}

/// Returns a value as it is typed.
fn text(kind: Kind, value: &Value, w: Words) -> String {
    let member = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    match kind {
        Kind::Date
        | Kind::Due
        | Kind::Target
        | Kind::Past
        | Kind::Money
        | Kind::Area
        | Kind::Count => match member("as_stated") {
            stated if !stated.is_empty() => stated,
            _ if kind == Kind::Area => figure(value, "square_metres", "㎡"),
            _ if kind == Kind::Money => {
                figure(value, "amount", &format!(" {}", member("currency")))
            }
            _ if kind == Kind::Count => figure(value, "value", &format!(" {}", member("unit"))),
            _ => member("edtf"),
        },
        Kind::Organization => in_language(&value["name"], w),
        Kind::Texts => {
            let all = value.as_array().into_iter().flatten();
            let all: Vec<String> = all.map(|text| in_language(text, w)).collect();
            all.join("\n")
        }
        Kind::Yes => match value.as_bool() {
            Some(true) => "true".to_owned(),
            _ => String::new(),
        },
        Kind::YesNo => value
            .as_bool()
            .map(|yes| yes.to_string())
            .unwrap_or_default(),
        _ => match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        },
    }
}

/// Returns a quantity without words: its figure, or its range.
fn figure(value: &Value, member: &str, unit: &str) -> String {
    let part = |member: &str| match &value[member] {
        Value::Null => String::new(),
        number => format!("{number}{unit}"),
    };
    match (
        part(member),
        part(&format!("min_{member}")),
        part(&format!("max_{member}")),
    ) {
        (one, low, high) if low.is_empty() && high.is_empty() => one,
        (_, low, high) => format!("{low} ~ {high}").trim().to_owned(),
    }
}

#[cfg(test)]
#[path = "held_tests.rs"]
mod tests;
