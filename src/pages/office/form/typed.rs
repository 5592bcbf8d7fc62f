//! What was typed into a form, as the body of an operation, and the reverse.

use serde_json::{Map, Value, json};

use super::hanging::read_due;
use super::{ANEW, FOR, Field, Group, Kind, READING};
use crate::http::forms::Form;
use crate::http::signed_in::Typed;
use crate::kernel::error::FieldError;
use crate::kernel::language::{Language, Message};
use crate::kernel::values::{ImpreciseDate, Localized, OrganizationRef};
use crate::kernel::wording::{
    Context, Reading, Term, read_area, read_count, read_date, read_money, read_term,
};
use crate::pages::words::Words;

/// Digits of a business registration number.
const BUSINESS_NUMBER: usize = 10;

/// Code of the note on what looks like a date and is none.
const NO_SUCH_DAY: &str = "no_such_day";

/// The list of the body to whose items fields of other lists refer.
pub const PARTIES: &str = "parties";

/// Returns the name of a field of an item in a form. A text is in the language of the page, unless the
/// form has it in the other one alone.
pub fn name(group: &Group, item: usize, field: &Field, form: &Form, w: Words) -> String {
    let place = format!("{}{}", group.place(item), field.at);
    let in_language = |language: Language| place.replace('*', language.tag());
    let own = in_language(w.0);
    if !place.contains('*') || form.has(&own) {
        return own;
    }
    let other = in_language(w.0.other());
    if form.has(&other) { other } else { own }
}

/// Returns the number of items of a group that a form has fields of.
pub fn items(group: &Group, form: &Form) -> usize {
    if group.list.is_empty() {
        return 1;
    }
    let numbers = form.fields().filter_map(|(name, _)| {
        let rest = name.strip_prefix(group.list)?.strip_prefix('/')?;
        rest.split('/').next()?.parse::<usize>().ok()
    });
    // More than the body takes are refused there; far more are no form of ours.
    numbers
        .filter(|number| *number < 1000)
        .max()
        .map_or(0, |last| last + 1)
}

/// Returns the form without the items in which nothing is typed, so that the items of the form are
/// those of the body.
pub fn compact(groups: &[Group], form: &Form, w: Words) -> Form {
    let mut kept: Vec<(String, String)> = Vec::new();
    let lists: Vec<&str> = groups
        .iter()
        .map(|group| group.list)
        .filter(|list| !list.is_empty())
        .collect();
    let in_list = |name: &str| {
        lists.iter().any(|list| {
            name.strip_prefix(list)
                .is_some_and(|rest| rest.starts_with('/'))
        })
    };
    for (name, value) in form.fields().filter(|(name, _)| !in_list(name)) {
        kept.push((name.to_owned(), value.to_owned()));
    }
    // The new place of each party of the form, to which other fields refer by its place.
    let mut parties = Vec::new();
    let has_parties = lists.contains(&PARTIES);
    for group in groups.iter().filter(|group| !group.list.is_empty()) {
        let filled = (0..items(group, form)).filter(|item| is_typed(group, *item, form, w));
        for (new, old) in filled.enumerate() {
            if group.list == PARTIES {
                parties.push((old.to_string(), new.to_string()));
            }
            let (from, to) = (group.place(old), group.place(new));
            for (name, value) in form.fields() {
                if let Some(rest) = name.strip_prefix(&from) {
                    let mut fields = group.fields.iter();
                    let refers = has_parties
                        && fields.any(|field| field.at == rest && field.kind.names_parties());
                    let moved = parties.iter().find(|(old, _)| old == value);
                    // A party that was chosen but not named is none.
                    let value = match refers {
                        true => moved.map(|(_, new)| new.as_str()),
                        false => Some(value),
                    };
                    kept.extend(value.map(|value| (format!("{to}{rest}"), value.to_owned())));
                }
            }
        }
    }
    Form::of(kept)
}

/// Returns whether anything is typed in an item. What is chosen from a list says nothing by itself.
pub fn is_typed(group: &Group, item: usize, form: &Form, w: Words) -> bool {
    let mut fields = group.fields.iter();
    fields.any(|field| {
        !field.kind.is_always_set() && !form.get(&name(group, item, field, form, w)).is_empty()
    })
}

/// Returns the body of the operation, and an error for each text that cannot be read, or in several
/// ways.
pub fn body(groups: &[Group], form: &Form, w: Words, this_year: i32) -> Typed {
    let mut body = Value::Object(Map::new());
    let mut unclear = Vec::new();
    for group in groups {
        for item in 0..items(group, form) {
            for field in group.fields {
                let name = name(group, item, field, form, w);
                let text = form.get(&name);
                if field.kind.has_several() {
                    // A form says nothing of boxes of which none is checked.
                    let is_party = field.kind == Kind::Parties;
                    let chosen = form.all(&name).filter(|one| !one.is_empty());
                    let chosen: Vec<Value> = match is_party {
                        true => chosen.map(party).collect(),
                        false => chosen.map(Value::from).collect(),
                    };
                    if !chosen.is_empty() {
                        put(&mut body, &name, json!(chosen));
                    }
                } else if !text.is_empty() || field.kind == Kind::Organization {
                    match value(field.kind, text, this_year, chosen_reading(form, &name)) {
                        Ok(value) => set(&mut body, &name, field.kind, value, form),
                        Err(message) => {
                            unclear.push(FieldError::body(format!("/{name}"), "unclear", message));
                        }
                    }
                }
            }
        }
    }
    Typed { body, unclear }
}

/// Returns the place of the reading that was chosen for the text of a field, if one was.
pub fn chosen_reading(form: &Form, name: &str) -> Option<usize> {
    let of = |part: &str| form.get(&format!("{name}/{part}"));
    let is_current = of(FOR) == form.get(name);
    of(READING).parse().ok().filter(|_| is_current)
}

/// Returns the ways in which a text can be read, if there are several.
pub fn readings(kind: Kind, text: &str, this_year: i32) -> Vec<Message> {
    fn ways<T>(reading: Reading<T>) -> Vec<Message> {
        let all = reading.choices.into_iter();
        all.map(|choice| choice.reason).collect()
    }
    let plain = Context::default();
    match kind {
        Kind::Date | Kind::Target => ways(read_date(text, &plain)),
        Kind::Due => ways(read_due(text)),
        Kind::Past => ways(read_date(text, &Context::past(this_year))),
        Kind::Term => ways(read_term(text, &plain)),
        Kind::Money => ways(read_money(text, &plain)),
        Kind::Area => ways(read_area(text, &plain)),
        Kind::Count => ways(read_count(text, &plain)),
        _ => Vec::new(),
    }
}

/// Returns the value of a text, which is read in the chosen way if there are several.
fn value(kind: Kind, text: &str, this_year: i32, chosen: Option<usize>) -> Result<Value, Message> {
    let plain = Context::default();
    Ok(match kind {
        Kind::Line
        | Kind::Lines
        | Kind::Code(_)
        | Kind::CodeOr(..)
        | Kind::Needed(..)
        | Kind::Among(..)
        | Kind::Organization
        | Kind::Recorded
        | Kind::Choice
        | Kind::ChoiceOrNone
        | Kind::Several
        | Kind::Hidden => json!(text),
        Kind::Day => day(&settled(read_date(text, &plain), chosen)?)?,
        Kind::Date | Kind::Target => settled(read_date(text, &plain), chosen)?.as_sent(),
        Kind::Due => settled(read_due(text), chosen)?.as_sent(),
        Kind::Past => settled(read_date(text, &Context::past(this_year)), chosen)?.as_sent(),
        Kind::Term => term(&settled(read_term(text, &plain), chosen)?),
        Kind::Money => json!(settled(read_money(text, &plain), chosen)?),
        Kind::Area => json!(settled(read_area(text, &plain), chosen)?),
        Kind::Count => json!(settled(read_count(text, &plain), chosen)?),
        Kind::Whole => {
            let number = text.trim_end_matches('%').trim_end();
            let digits: String = number.chars().filter(|c| *c != ',').collect();
            json!(digits.parse::<i64>().map_err(|_| Message::fixed(
                "수를 적어 주십시오. 예: 40",
                "Enter a whole number, such as 40.",
            ))?)
        }
        Kind::Decimal => {
            let number = text.trim_end_matches('%').trim_end().parse::<f64>();
            let number = number.ok().filter(|number| number.is_finite());
            json!(number.ok_or(Message::fixed(
                "수를 적어 주십시오. 예: 37.5",
                "Enter a number, such as 37.5.",
            ))?)
        }
        Kind::Parties => party(text),
        // One that does not exist is refused by its place.
        Kind::Party => json!(text.parse::<u32>().unwrap_or(u32::MAX)),
        Kind::Texts => json!(
            texts(text)
                .map(Localized::in_its_language)
                .collect::<Vec<_>>()
        ),
        Kind::YesNo | Kind::Yes => json!(text == "true"),
    })
}

fn day(date: &ImpreciseDate) -> Result<Value, Message> {
    let day = date.earliest().filter(|_| date.is_certain_day());
    let day = day.ok_or(Message::fixed(
        "하루를 적어 주십시오. 예: 2027. 1. 4.",
        "Enter one day, such as 2027-01-04.",
    ))?;
    Ok(json!(day))
}

fn term(term: &Term) -> Value {
    json!({
        "effective_from": term.from.as_ref().map(ImpreciseDate::as_sent),
        "effective_until": term.until.as_ref().map(ImpreciseDate::as_sent),
        "auto_renews": term.auto_renews,
        "renewal": term.renewal,
    })
}

/// Returns a party by its place in the form. One that does not exist is refused by its place.
fn party(text: &str) -> Value {
    json!({ "party": text.parse::<usize>().unwrap_or(usize::MAX) })
}

/// Returns the one value that a text has, or the chosen one of several.
fn settled<T>(mut reading: Reading<T>, chosen: Option<usize>) -> Result<T, Message> {
    if let Some(at) = chosen.filter(|at| *at < reading.choices.len()) {
        return Ok(reading.choices.swap_remove(at).value);
    }
    if reading.is_question() {
        let ways = |text: fn(&Message) -> &str| {
            let all = reading.choices.iter().map(|choice| text(&choice.reason));
            all.collect::<Vec<_>>().join(" / ")
        };
        return Err(Message::new(
            format!(
                "여러 가지로 읽힙니다. 아래에서 고르거나 더 분명하게 적어 주십시오: {}",
                ways(|m| &m.ko)
            ),
            format!(
                "This can be read in several ways. Choose one below, or write it more clearly: {}",
                ways(|m| &m.en)
            ),
        ));
    }
    let notes = reading.notes;
    // A file keeps the wording of such a date; whoever types it can mend it at once.
    if notes.iter().any(|note| note.code == NO_SUCH_DAY) {
        return Err(Message::fixed(
            "달력에 없는 날입니다.",
            "The calendar has no such day.",
        ));
    }
    reading.value.ok_or_else(|| match notes.into_iter().next() {
        Some(note) => note.message,
        None => Message::fixed("읽을 수 없습니다.", "This cannot be read."),
    })
}

/// Puts a value into the body.
fn set(body: &mut Value, name: &str, kind: Kind, value: Value, form: &Form) {
    match kind {
        // Also those that the text does not state: together they are what it means.
        Kind::Term => {
            for (member, value) in value.as_object().into_iter().flatten() {
                put(body, member, value.clone());
            }
        }
        Kind::Organization => organization(body, name, value.as_str().unwrap_or_default(), form),
        Kind::Recorded => {
            let of = |part: &str| form.get(&format!("{name}/{part}"));
            let is_chosen = !of("choice").is_empty() && value == of("for");
            match is_chosen {
                true => put(body, &format!("{name}_id"), json!(of("choice"))),
                false => put(body, name, value),
            }
        }
        _ => put(body, name, value),
    }
}

/// Puts an organization into the body: the candidate that was chosen, or the one that is named.
fn organization(body: &mut Value, name: &str, text: &str, form: &Form) {
    let of = |part: &str| form.get(&format!("{name}/{part}"));
    let chosen = match of(FOR) == text {
        true => of("choice"),
        false => "",
    };
    if !chosen.is_empty() && chosen != ANEW {
        return put(body, &format!("{name}_id"), json!(chosen));
    }
    if text.is_empty() {
        return;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_number = digits.len() == BUSINESS_NUMBER
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || c == '-' || c == ' ');
    let language = if text.is_ascii() { "en" } else { "ko" };
    let mut named = match is_number {
        true => json!({ "identifiers": [{ "scheme": "KR-BRN", "id": digits }] }),
        false => json!({ "name": { language: text } }),
    };
    let kind = of("kind");
    if !kind.is_empty() {
        named["kind"] = json!(kind);
    }
    if chosen == ANEW {
        named["record_anew"] = json!(true);
    }
    put(body, name, named);
}

/// Names an organization in a field of a form, as if it had been chosen for its name.
pub fn with_organization(form: Form, name: &str, one: &OrganizationRef, w: Words) -> Form {
    let text = one.name.in_language(w.0);
    form.with(name, text)
        .with(format!("{name}/{FOR}"), text)
        .with(format!("{name}/choice"), one.id.to_string())
}

/// Returns the texts of which each has a line.
pub fn texts(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty())
}

/// Puts a value at a place, and makes the objects and lists on the way.
pub fn put(body: &mut Value, place: &str, value: Value) {
    let mut at = body;
    for token in place.split('/') {
        at = if let Ok(index) = token.parse::<usize>() {
            if !at.is_array() {
                *at = json!([]);
            }
            let Some(items) = at.as_array_mut() else {
                return;
            };
            if items.len() <= index {
                items.resize(index + 1, json!({}));
            }
            &mut items[index]
        } else {
            if !at.is_object() {
                *at = json!({});
            }
            &mut at[token]
        };
    }
    *at = value;
}

#[cfg(test)]
#[path = "examples_tests.rs"]
mod tests;
