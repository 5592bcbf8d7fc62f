//! Each example that the hint of a field prints is read by that field. The fields are taken from the source
//! of all forms, so that none is left out.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::super::Kind;
use super::super::hanging::{Hanging, hang};
use super::value;

/// Words before examples.
const BEFORE: [&str; 10] = [
    "예: ",
    "문서에 적힌 대로: ",
    "밝힌 대로: ",
    "발표에 적힌 대로: ",
    "Such as: ",
    "Such as ",
    "such as ",
    "As the document has it: ",
    "As it was stated: ",
    "As announced: ",
];

/// A field as the source states it.
#[derive(Clone)]
struct Stated {
    /// Name of its constant, if it has one.
    name: String,
    base: String,
    kind: String,
    hints: Vec<String>,
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true if path.ends_with("form") => {}
            true => sources(&path, found),
            false => found.push(path),
        }
    }
}

/// Returns the text of the braces that a text begins with.
fn braces(text: &str) -> &str {
    let mut depth = 0;
    let end = text.char_indices().find_map(|(at, c)| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        (depth == 0).then_some(at)
    });
    &text[..end.unwrap()]
}

/// Returns the texts in quotation marks.
fn quoted(text: &str) -> Vec<String> {
    text.split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

fn fields(text: &str) -> Vec<Stated> {
    let starts = text.match_indices("Field {").map(|(at, _)| at);
    let word = |text: &str| -> String {
        let is_of_name = |c: &char| c.is_alphanumeric() || *c == '_';
        text.chars().take_while(is_of_name).collect()
    };
    let behind = |body: &str, mark: &str| {
        let found = body.split_once(mark);
        found.map_or_else(String::new, |(_, rest)| word(rest))
    };
    let all = starts.map(|at| {
        let body = braces(&text[at + "Field ".len()..]);
        let line = text[..at].lines().next_back().unwrap_or_default();
        let hint = body.split_once("hint: (").map_or("", |(_, rest)| rest);
        Stated {
            name: behind(line, "const "),
            base: behind(body, " .."),
            kind: behind(body, "kind: Kind::"),
            hints: quoted(hint).into_iter().take(2).collect(),
        }
    });
    all.collect()
}

/// Returns the examples of a hint.
fn examples(hint: &str, kind: &str) -> Vec<String> {
    let begin = BEFORE.iter().find_map(|before| hint.split_once(before));
    let text = begin.map_or("", |(_, text)| text);
    // A sentence follows a point before a word; a day is followed by its month.
    let ends = |at: &usize| {
        let next = text[at + 2..].chars().next();
        next.is_none_or(char::is_alphabetic)
    };
    let points = text.match_indices(". ").map(|(at, _)| at);
    let end = points.filter(ends).chain(text.find(';')).min();
    let text = &text[..end.unwrap_or(text.len())];
    let marks: &[&str] = if kind == "Term" { &[" / "] } else { &[", "] };
    let listed = marks.iter().flat_map(|mark| text.split(mark));
    let named = hint
        .split('‘')
        .skip(1)
        .filter_map(|rest| rest.split_once('’'));
    let named = named.map(|(name, _)| name).filter(|name| numbered(name));
    let all = listed.filter(|text| !text.is_empty()).chain(named);
    all.map(|text| text.trim().to_owned()).collect()
}

fn numbered(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
}

/// Returns whether a value says more than its wording.
fn says_more(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            let date = members.get("effective_until").unwrap_or(value);
            let members = date.as_object().into_iter().flatten();
            let beside = ["as_stated", "approximate", "currency", "unit"];
            let mut said = members.filter(|(name, _)| !beside.contains(&name.as_str()));
            said.any(|(_, value)| !value.is_null())
        }
        value => !value.is_null(),
    }
}

#[test]
fn each_example_of_a_form_is_read_by_its_field() {
    let mut files = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pages/office");
    sources(&root, &mut files);
    let texts = files
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap());
    let all: Vec<Vec<Stated>> = texts.map(|text| fields(&text)).collect();
    let known: Vec<Stated> = all.iter().flatten().cloned().collect();
    let groundbreaking = Hanging {
        id: None,
        place: Some(0),
        names: vec!["착공".to_owned(), "Groundbreaking".to_owned()],
    };
    let mut count = 0;
    for of_file in &all {
        for field in of_file {
            // That of the same file goes first.
            let mut bases = of_file.iter().chain(&known);
            let base = bases.find(|base| !base.name.is_empty() && base.name == field.base);
            let kind = match (field.kind.as_str(), base) {
                ("", Some(base)) => &base.kind,
                _ => &field.kind,
            };
            let read = match kind.as_str() {
                "Whole" => Kind::Whole,
                "Decimal" => Kind::Decimal,
                name => match Kind::read_as(&name.to_lowercase()) {
                    Some(kind) => kind,
                    None => continue,
                },
            };
            for hint in &field.hints {
                let found = examples(hint, kind);
                let is_range = matches!(read, Kind::Whole | Kind::Decimal);
                assert!(is_range || !numbered(hint) || !found.is_empty(), "{hint}");
                for text in found {
                    count += 1;
                    let mut value = value(read, &text, 2026, None)
                        .unwrap_or_else(|why| panic!("{text}: {}", why.en));
                    hang(&mut value, std::slice::from_ref(&groundbreaking));
                    assert!(says_more(&value), "{text} of {kind}: {value}");
                }
            }
        }
    }
    assert!(count > 40, "{count}");
}
