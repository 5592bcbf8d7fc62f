//! Cells of tables: the values of a row's members as a spreadsheet holds them.

use chrono::NaiveDate;
use serde_json::Value;

use super::columns::{Column, Kind};
use super::joined::joined;
use super::labels;
use crate::kernel::language::Language;
use crate::kernel::values::{ImpreciseDate, Precision};

/// A cell of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(f64),
    Day(NaiveDate),
}

impl Cell {
    /// Returns the cell of a column for a row, as the row is serialized.
    pub fn of(column: &Column, row: &Value, language: Language) -> Self {
        let mut found = Vec::new();
        collect(row, column.path, &mut found);
        let found = found.into_iter();
        let mut cells = found.map(|value| cell(value, column.kind, language));
        if !column.is_joined() {
            return cells.next().unwrap_or(Self::Empty);
        }
        let texts: Vec<String> = cells.map(|cell| cell.text()).collect();
        match joined(&texts) {
            text if text.is_empty() => Self::Empty,
            text => Self::Text(text),
        }
    }

    /// Returns the cell as text: a day as ISO 8601 has it.
    pub fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Day(day) => day.to_string(),
        }
    }
}

/// Collects the values at a path, in which `*` stands for every item of a list. An item without the
/// value has null in its place.
fn collect<'a>(value: &'a Value, path: &str, found: &mut Vec<&'a Value>) {
    if path.is_empty() {
        return found.push(value);
    }
    let (name, rest) = path.split_once('/').unwrap_or((path, ""));
    match name {
        "*" => {
            let items = value.as_array().into_iter().flatten();
            items.for_each(|item| collect(item, rest, found));
        }
        name => collect(&value[name], rest, found),
    }
}

/// Returns the cell of a value.
fn cell(value: &Value, kind: Kind, language: Language) -> Cell {
    let text = match (value, kind) {
        (Value::String(code), Kind::Code(enumeration)) => labels::word(enumeration, code, language),
        (Value::String(text), Kind::Day) => match text.parse() {
            Ok(day) => return Cell::Day(day),
            Err(_) => text.clone(),
        },
        (Value::String(text), _) => text.clone(),
        (Value::Number(number), _) => return number.as_f64().map_or(Cell::Empty, Cell::Number),
        (Value::Bool(is_so), _) => yes_or_no(*is_so, language).to_owned(),
        (Value::Object(_), _) if value.get("edtf").is_some() => return date(value),
        (Value::Object(_), _) => localized(value, language),
        (Value::Null | Value::Array(_), _) => String::new(),
    };
    match text.is_empty() {
        true => Cell::Empty,
        false => Cell::Text(text),
    }
}

fn yes_or_no(is_so: bool, language: Language) -> &'static str {
    match (language, is_so) {
        (Language::Korean, true) => "예",
        (Language::Korean, false) => "아니요",
        (Language::English, true) => "Yes",
        (Language::English, false) => "No",
    }
}

/// Returns the text in a language, or in the other one if it has none.
fn localized(value: &Value, language: Language) -> String {
    let other = match language {
        Language::Korean => Language::English,
        Language::English => Language::Korean,
    };
    let texts = [language, other].map(|language| value[language.tag()].as_str());
    texts
        .into_iter()
        .flatten()
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// Returns the cell of an imprecise date: a day if it certainly is one, otherwise its words. Those of the
/// source stand for a date of which they say all: that it had passed when it was recorded is no statement.
fn date(value: &Value) -> Cell {
    let edtf = value["edtf"].as_str();
    let date = edtf.and_then(|edtf| ImpreciseDate::parse(edtf).ok());
    let is_by_day = date
        .as_ref()
        .is_some_and(|date| date.earliest().is_none() && date.precision() == Some(Precision::Day));
    let stated = value["as_stated"].as_str().filter(|_| is_by_day);
    if let Some(words) = stated.filter(|words| ImpreciseDate::from_text(words).is_err()) {
        return Cell::Text(words.to_owned());
    }
    if let Some(day) = date
        .filter(ImpreciseDate::is_certain_day)
        .and_then(|date| date.earliest())
    {
        return Cell::Day(day);
    }
    let words = ["text", "as_stated", "edtf"]
        .into_iter()
        .find_map(|name| value[name].as_str());
    words.map_or(Cell::Empty, |words| Cell::Text(words.to_owned()))
}

/// Signs with which a formula begins.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
/// Characters at which a spreadsheet can begin a cell, besides the comma: in many languages a
/// semicolon separates the cells of CSV, whatever the file has.
const SEPARATORS: [char; 4] = [';', '\t', '\r', '\n'];

/// Returns a text as a file without types of cells holds it: with an apostrophe before each sign with
/// which a spreadsheet would begin a formula, at the beginning and after what could separate
/// cells, as OWASP advises against CSV injection. Apostrophes that stand there already are followed by
/// one more, so that [`original`] undoes it.
pub fn harmless(text: String) -> String {
    let mut made = String::new();
    let mut copied = 0;
    each_formula(&text, |at, _| {
        made.push_str(&text[copied..at]);
        made.push('\'');
        copied = at;
    });
    match copied == 0 && made.is_empty() {
        true => text,
        false => made + &text[copied..],
    }
}

/// Returns the text that [`harmless`] made harmless.
#[must_use]
pub fn original(text: &str) -> String {
    let mut made = String::new();
    let mut copied = 0;
    each_formula(text, |at, apostrophes| {
        if apostrophes > 0 {
            made.push_str(&text[copied..at - 1]);
            copied = at;
        }
    });
    made + &text[copied..]
}

/// Calls `work` with the place of each sign with which a spreadsheet would begin a formula, and the
/// number of apostrophes before it.
fn each_formula(text: &str, mut work: impl FnMut(usize, usize)) {
    let mut begins = true;
    let mut apostrophes = 0;
    for (at, character) in text.char_indices() {
        let separates = SEPARATORS.contains(&character);
        // A tab or a line break at the beginning hides the sign after it.
        let hides = separates && character != ';' && text[..at].chars().all(|c| c == '\'');
        if begins && (FORMULA.contains(&character) || hides) {
            work(at, apostrophes);
        }
        match character {
            '\'' if begins => apostrophes += 1,
            // What quotes and blanks are before it does not help.
            '"' | ' ' if begins && apostrophes == 0 => {}
            _ => (begins, apostrophes) = (separates, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::columns::column;
    use super::*;

    fn of(path: &'static str, kind: Kind, row: &Value) -> Cell {
        Cell::of(&column(path, kind), row, Language::Korean)
    }

    #[test]
    fn values_are_cells_of_their_types() {
        let row = json!({
            "title": {"ko": "협약", "en": null}, "name": {"ko": null, "en": "Name"},
            "kind": "mou", "in_force": false, "count": 3, "percent": 2.5, "day": "2021-04-16",
            "signed_on": {"edtf": "2021-04-16", "text": "2021년 4월 16일"},
            "until": {"edtf": "../2024", "text": "2024년까지"},
            "in_words": {"edtf": null, "as_stated": "체결일로부터 2년"}, "nothing": null,
            "passed": {"edtf": "../2026-11-23", "as_stated": "지난해 말", "text": "2026년 11월 23일까지"},
            "by": {"edtf": "../2026-11-23", "as_stated": "2026. 11. 23.까지", "text": "2026년 11월 23일까지"},
            "parties": [{"name": {"ko": "가"}, "share": null}, {"name": {"ko": "나"}, "share": 30}],
            "names": ["A, Inc.", "B"], "one": null,
        });
        let text = |text: &str| Cell::Text(text.into());
        let day = Cell::Day("2021-04-16".parse().unwrap());
        for (path, kind, expected) in [
            ("title", Kind::Plain, text("협약")),
            ("name", Kind::Plain, text("Name")),
            ("kind", Kind::Code("AgreementKind"), text("업무협약(MOU)")),
            ("in_force", Kind::Plain, text("아니요")),
            ("count", Kind::Plain, Cell::Number(3.0)),
            ("percent", Kind::Plain, Cell::Number(2.5)),
            ("day", Kind::Day, day.clone()),
            ("signed_on", Kind::Plain, day),
            ("until", Kind::Plain, text("2024년까지")),
            ("in_words", Kind::Plain, text("체결일로부터 2년")),
            ("passed", Kind::Plain, text("지난해 말")),
            ("by", Kind::Plain, text("2026년 11월 23일까지")),
            ("nothing", Kind::Plain, Cell::Empty),
            ("nothing/deeper", Kind::Plain, Cell::Empty),
            ("parties/*/name", Kind::Plain, text("가, 나")),
            ("parties/*/share", Kind::Plain, text(", 30")),
            ("parties/*/post/name", Kind::Plain, Cell::Empty),
            ("one/*", Kind::Plain, Cell::Empty),
            ("names/*", Kind::Plain, text("\"A, Inc.\", B")),
        ] {
            assert_eq!(of(path, kind, &row), expected, "{path}");
        }
    }

    #[test]
    fn formulas_are_made_harmless() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("-", "'-"),
            ("@a", "'@a"),
            ("\t=1", "'\t'=1"),
            ("\n", "'\n"),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
            ("'고양시'", "'고양시'"),
            ("고양시=1", "고양시=1"),
            ("협약;=cmd|' /C calc'!A0", "협약;'=cmd|' /C calc'!A0"),
            ("협약; \"=1", "협약; \"'=1"),
            ("협약;'=1", "협약;''=1"),
            ("가\n- 나\n@다", "가\n'- 나\n'@다"),
            (";;+1;", ";;'+1;"),
            ("가; 나-다, =1", "가; 나-다, =1"),
        ] {
            assert_eq!(harmless(text.into()), expected);
            assert_eq!(original(expected), text);
        }
    }

    proptest! {
        #[test]
        fn harmless_texts_are_read_as_they_were(text in "['\"=+@; \\t\\n가-]{0,8}") {
            let made = harmless(text.clone());
            prop_assert_eq!(original(&made), text);
        }
    }
}
