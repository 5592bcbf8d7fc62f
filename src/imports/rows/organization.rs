//! A row of a list of organizations.

use serde_json::{Value, json};

use super::cells::{cells, localized, place, stated, unmapped};
use super::columns::Ledger;
use super::kinds;
use super::names::Names;
use super::party_list::choice;
use super::row::{Reader, Row, line};
use super::visibility::ask_whether_public;
use crate::directory::heads::is_post;
use crate::http::tables;
use crate::imports::exported::Exported;
use crate::imports::kind::ImportKind;
use crate::imports::layout::DataRow;
use crate::imports::types::ImportChoice;
use crate::kernel::language::Message;
use crate::kernel::values::{Identifier, Scheme, country};
use crate::organizations::matching::{Matched, Wanted, likely_kind};
use crate::organizations::types::OrganizationKind;

/// Returns the organization of a row.
pub fn organization(ledger: &Ledger<'_>, data: &DataRow, names: &Names<'_>) -> Row {
    let mut reader = Reader::new(ledger, data);
    cells(&mut reader);
    let name = name(&mut reader);
    kind(&mut reader, &name);
    let identifiers = identifiers(&reader);
    if !identifiers.is_empty() {
        reader.set("identifiers", json!(identifiers));
    }
    texts(&mut reader);
    officers(&mut reader);
    reader.out.record = reader.out.record.filter(|id| names.recorded.contains(id));
    if reader.out.record.is_none() && !name.is_empty() {
        record(&mut reader, &name, names);
    }
    for (column, text) in stated(&reader, "note") {
        reader.keep(column, &text);
    }
    unmapped(&mut reader, ImportKind::Organizations);
    ask_whether_public(&mut reader);
    sources(&mut reader);
    reader.out
}

/// Returns by name the organizations that rows describe, as they are looked up.
pub fn wanted(ledger: &Ledger<'_>) -> Vec<(String, Wanted)> {
    let rows = ledger.layout.rows.iter().filter_map(|data| {
        let reader = Reader::new(ledger, data);
        let (_, name) = stated(&reader, "name").pop()?;
        let name = line(&name, 300);
        let wanted = Wanted {
            names: vec![name.clone()],
            identifiers: identifiers(&reader),
            country: None,
        };
        Some((name, wanted))
    });
    rows.collect()
}

fn name(reader: &mut Reader<'_>) -> String {
    let column = reader.ledger.first("name");
    let Some(text) = column.and_then(|column| reader.stated(column)) else {
        let message = Message::fixed("기관명이 없습니다.", "The name is missing.");
        reader.problem(column, "/name", "name_missing", message);
        return String::new();
    };
    let text = line(&text, 300);
    let mut name = localized(&text);
    for (field, language) in [("name_en", "en"), ("name_ko", "ko")] {
        if let Some((_, text)) = stated(reader, field).pop() {
            name[language] = json!(line(&text, 300));
        }
    }
    reader.set("name", name);
    text
}

fn kind(reader: &mut Reader<'_>, name: &str) {
    // In a list of one kind no column states it.
    let rows = reader.ledger.exported.map(Exported::rows);
    let of_one_kind = match rows {
        Some("Association") => Some(OrganizationKind::Association),
        Some("Municipality") => Some(OrganizationKind::Municipality),
        _ => None,
    };
    if let Some(kind) = of_one_kind {
        reader.set("kind", json!(kind));
        reader.out.assumed.push("kind");
        return;
    }
    let column = reader.ledger.first("kind");
    let words = column.and_then(|column| Some((column, reader.stated(column)?)));
    let known = words
        .as_ref()
        .and_then(|(_, words)| tables::code_of("OrganizationKind", words));
    if let Some(code) = known {
        reader.set("kind", json!(code));
        return;
    }
    if let Some((column, words)) = &words
        && let Some(kind) = kinds::kind(words)
    {
        reader.set("kind", json!(kind));
        // A municipality that is recorded has a kind of its own.
        if kind == OrganizationKind::GovernmentAgency {
            reader.out.assumed.push("kind");
        }
        return reader.keep(*column, words);
    }
    // A Korean municipality is recorded by its code alone.
    let by_words = words.as_ref().map(|(_, words)| likely_kind(words));
    let is_unclear = matches!(
        by_words,
        Some(OrganizationKind::Other | OrganizationKind::Company)
    );
    let likely = match by_words.filter(|_| !is_unclear) {
        Some(kind) => kind,
        None => likely_kind(name),
    };
    let likely = match likely {
        OrganizationKind::Municipality => OrganizationKind::GovernmentAgency,
        kind => kind,
    };
    reader.set("kind", json!(likely));
    reader.out.assumed.push("kind");
    let Some((column, words)) = words else {
        return;
    };
    if is_unclear {
        let words = line(&words, 100);
        let message = Message::new(
            format!("“{words}”은(는) 아는 기관 종류가 아니어서, 종류를 기관명에 따라 적었습니다."),
            format!("“{words}” is no known kind of organization; the kind follows the name."),
        );
        reader.note(Some(column), "/kind", "kind_unknown", message);
    }
    reader.keep(column, &words);
}

/// Returns the identifiers that a row states.
fn identifiers(reader: &Reader<'_>) -> Vec<Identifier> {
    let mut identifiers = Vec::new();
    let schemes = all_parts(reader, "identifier_schemes");
    for (field, scheme) in [
        ("business_number", Some(Scheme::BusinessNumber)),
        ("corporate_number", Some(Scheme::CorporateNumber)),
        ("identifiers", None),
    ] {
        for (column, text) in stated(reader, field) {
            for (place, id) in parts(reader, column, &text).into_iter().enumerate() {
                let digits = id.chars().filter(char::is_ascii_digit).count();
                let is_number = id.chars().all(|c| c.is_ascii_digit() || c == '-');
                let stated = schemes.get(place).and_then(|word| scheme_of(word));
                let scheme = scheme.or(stated).unwrap_or(match digits {
                    10 if is_number => Scheme::BusinessNumber,
                    13 if is_number => Scheme::CorporateNumber,
                    _ => Scheme::Other,
                });
                if !id.is_empty() {
                    identifiers.push(Identifier { scheme, id });
                }
            }
        }
    }
    identifiers
}

/// Returns the scheme that a label of an export names.
fn scheme_of(word: &str) -> Option<Scheme> {
    let code = tables::code_of("Scheme", word)?;
    serde_json::from_value(json!(code)).ok()
}

/// Returns the items of a list in a cell. In an export they keep their places, and those that are
/// unknown are empty.
fn parts(reader: &Reader<'_>, column: usize, text: &str) -> Vec<String> {
    if let Some(values) = reader.values(column, text) {
        return values;
    }
    let signs: &[char] = match text.contains("; ") {
        true => &[';', '\n'],
        false => &[',', '\n', '、'],
    };
    let parts = text.split(signs).map(|part| line(part, 300));
    parts.filter(|part| !part.is_empty()).collect()
}

/// Returns the items in the columns of a field.
fn all_parts(reader: &Reader<'_>, field: &str) -> Vec<String> {
    let stated = stated(reader, field).into_iter();
    let parts = stated.map(|(column, text)| parts(reader, column, &text));
    parts.flatten().collect()
}

fn texts(reader: &mut Reader<'_>) {
    if let Some((_, text)) = stated(reader, "short_name").pop() {
        reader.set("short_name", localized(&line(&text, 300)));
    }
    let lists = [("other_names", false), ("activities", true)];
    for (field, is_text) in lists {
        let parts = all_parts(reader, field).into_iter();
        let parts = parts.filter(|part| !part.is_empty());
        let items = parts.map(|part| match is_text {
            true => json!({ "text": localized(&part) }),
            false => localized(&part),
        });
        let items: Vec<Value> = items.collect();
        if !items.is_empty() {
            reader.set(field, json!(items));
        }
    }
    if let Some((column, text)) = stated(reader, "country").pop() {
        match country::is_country(&text) {
            true => reader.set("country", json!(text)),
            false => reader.keep(column, &text),
        }
    }
    if let Some((column, text)) = stated(reader, "website").pop() {
        match reader.cell(column).address() {
            Some(address) => reader.set("website", json!(address)),
            None => reader.keep(column, &text),
        }
    }
    if let Some(column) = reader.ledger.first("founded")
        && let Some(date) = reader.date(column, "/founded")
    {
        reader.set("founded", date);
    }
}

/// Reads the holders of posts. A name whose post no column states holds the one that the header names.
fn officers(reader: &mut Reader<'_>) {
    let titles = all_parts(reader, "officer_titles");
    let mut officers: Vec<Value> = Vec::new();
    let mut place = 0;
    for (column, text) in stated(reader, "officers") {
        let header = &reader.ledger.columns[column].header;
        for name in parts(reader, column, &text) {
            let title = titles.get(place).filter(|title| !title.is_empty());
            place += 1;
            let (post, name) = match title {
                Some(title) => (title.as_str(), name.as_str()),
                None => apart(&name).unwrap_or((header, &name)),
            };
            if !name.is_empty() {
                officers.push(json!({ "title": localized(post), "name": line(name, 200) }));
            }
        }
    }
    if !officers.is_empty() {
        reader.set("officers", json!(officers));
    }
}

/// Tells a post from the name before or behind it: `총장 홍길동`, `홍길동 총장`.
fn apart(text: &str) -> Option<(&str, &str)> {
    let (first, last) = text.trim().split_once(' ')?;
    let last = last.trim();
    match (is_post(first), is_post(last)) {
        (true, false) => Some((first, last)),
        (false, true) => Some((last, first)),
        _ => None,
    }
}

/// Finds the record of an organization, or asks which one it is.
fn record(reader: &mut Reader<'_>, name: &str, names: &Names<'_>) {
    let candidates = match names.of(name) {
        Matched::Own { department: None } => {
            reader.out.record = Some(names.own.into());
            return;
        }
        Matched::Known(known) => {
            reader.out.record = Some(known.organization.id.into());
            // It was found by its name, whatever the legal form, or by a number.
            reader.out.assumed.push("name");
            return;
        }
        Matched::Unclear(candidates) => candidates,
        Matched::New { .. } | Matched::Own { .. } => return,
    };
    let mut choices: Vec<ImportChoice> = candidates.iter().map(choice).collect();
    choices.push(ImportChoice {
        value: "new".into(),
        message: Message::fixed("새 기관", "A new organization"),
    });
    let message = Message::new(
        format!("“{name}”은(는) 등록된 기관입니까?"),
        format!("Is “{name}” one of the recorded organizations?"),
    );
    let column = reader.ledger.first("name");
    let answer = reader.ask(column, "organization_unclear", message, choices);
    reader.out.record = answer.and_then(|answer| answer.parse().ok());
}

/// States the file and the row as the source, with what no member takes.
pub fn sources(reader: &mut Reader<'_>) {
    let place = place(reader);
    let received = json!({ "edtf": reader.ledger.origin.received_on });
    let mut titles = vec![place.clone()];
    for remark in std::mem::take(&mut reader.out.remarks) {
        let remark: Vec<char> = line(&remark, usize::MAX).chars().collect();
        // A title holds 1000 characters.
        for part in remark.chunks(700) {
            let part: String = part.iter().collect();
            let last = titles.last_mut();
            match last {
                Some(last) if last.chars().count() + part.chars().count() < 950 => {
                    last.push_str(" | ");
                    last.push_str(&part);
                }
                _ => titles.push(format!("{} | {part}", line(&place, 240))),
            }
        }
    }
    let sources = titles
        .iter()
        .take(20)
        .map(|title| json!({ "title": line(title, 1_000), "retrieved_on": received }));
    let sources: Vec<Value> = sources.collect();
    reader.set("sources", json!(sources));
}
