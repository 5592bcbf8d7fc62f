//! Words for codes, from the table of the labels.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::kernel::language::{Language, Message};

/// The labels by enumeration and code. A test of the labels parses the table, so no row is left out.
static LABELS: LazyLock<HashMap<(String, String), Message>> = LazyLock::new(|| {
    let table = include_str!("../../reference/labels.csv");
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let rows = rows.records().flatten().filter_map(|row| {
        let text = |at: usize| row.get(at).map(str::to_owned);
        let label = Message::new(text(2)?, text(3)?);
        Some(((text(0)?, text(1)?), label))
    });
    rows.collect()
});

/// Returns the word for a code of an enumeration, or the code itself if it has none.
pub(super) fn word(enumeration: &str, code: &str, language: Language) -> String {
    let label = LABELS.get(&(enumeration.to_owned(), code.to_owned()));
    label
        .map_or(code, |label| label.in_language(language))
        .to_owned()
}

/// Returns the code of an enumeration that has this word in one of the languages.
#[must_use]
pub fn code_of(enumeration: &str, word: &str) -> Option<&'static str> {
    let mut labels = LABELS.iter().filter(|((of, _), _)| of == enumeration);
    let found = labels.find(|(_, label)| label.ko == word || label.en == word);
    found.map(|((_, code), _)| code.as_str())
}
