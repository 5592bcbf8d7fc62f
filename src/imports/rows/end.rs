//! A column of last days, which can say more of the term: `2024. 4. 15.까지`, `체결일로부터 3년`,
//! `2024.4.15(자동연장)`.

use serde_json::json;

use super::row::{Reader, WORDING, line};
use super::term::set;
use crate::kernel::values::ImpreciseDate;
use crate::kernel::wording::{Term, read_date, read_end};

pub fn end(reader: &mut Reader<'_>, column: usize) {
    let text = reader.stated(column);
    let text = text.filter(|text| {
        reader.cell(column).as_text().is_some() && !is_exported(reader, column, text)
    });
    let Some(text) = text else {
        if let Some(date) = reader.date(column, "/effective_until") {
            reader.set("effective_until", date);
        }
        return;
    };
    let reading = read_end(&text, &reader.ledger.columns[column].context);
    let key = |term: &Term| {
        let edtf = term.until.as_ref().and_then(ImpreciseDate::edtf);
        edtf.unwrap_or_else(|| WORDING.to_owned())
    };
    let term = reader.settled(column, "/effective_until", reading, key);
    let words = json!({ "edtf": null, "as_stated": line(&text, 500) });
    reader.set("effective_until", words);
    if let Some(term) = term {
        set(reader, &term);
    }
}

/// Returns whether a text is a date as exports write it: `2024년까지` is by that year there.
fn is_exported(reader: &Reader<'_>, column: usize, text: &str) -> bool {
    let context = &reader.ledger.columns[column].context;
    let is_dated = || {
        read_date(text, context)
            .value
            .is_some_and(|date| date.is_dated())
    };
    reader.ledger.exported.is_some() && is_dated()
}
