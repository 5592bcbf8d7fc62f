//! Ends that a remark moves: `2021.4.17.~2024.4.16.(연장: ~2026.4.16.)`, `2024.4.15.(1년 연장)`.

use chrono::{Days, Months};

use super::lengths::{Before, Counted, counted};
use crate::kernel::language::Message;
use crate::kernel::values::ImpreciseDate;
use crate::kernel::wording::dates::{Ends, open_span};
use crate::kernel::wording::{Context, english, plain};

/// Words of a term that goes on behind its end.
const EXTENDED: [&str; 4] = ["연장", "갱신", "extended", "renewed"];
/// Words of an end that takes the place of another, which is stated with it.
const CHANGED: [&str; 4] = ["변경", "당초", "재협약", "재체결"];

/// Returns the two terms that a text with such a remark can mean; `None` without one. Of an end that is
/// moved to an unknown day, the words are known. `has_clause` tells that the text says how the term
/// renews, which is no extension by itself.
pub(super) fn extended(
    text: &str,
    term: &Ends,
    words: &str,
    context: &Context,
    has_clause: bool,
) -> Option<Vec<Ends>> {
    let (from, Some(until), _) = term else {
        return None;
    };
    let (_, aside) = plain::brackets(text);
    let mut remarks = aside.iter().filter_map(|remark| moved(remark));
    let (is_extended, bare) = remarks.next()?;
    let other = end(&bare, until, context).filter(|other| other.edtf() != until.edtf());
    let is_told = until.is_dated() && is_extended && !has_clause;
    let (other, reason) = match other {
        Some(other) => (
            other,
            ("괄호 안의 종료일로 읽음", "Read with the end in brackets"),
        ),
        None if is_told => (
            ImpreciseDate::in_words(words),
            (
                "연장되어 종료일을 알 수 없음",
                "Extended; the end is not known",
            ),
        ),
        None => return None,
    };
    let stated = Message::fixed(
        "괄호 밖의 종료일로 읽음",
        "Read with the end outside the brackets",
    );
    let reason = Message::fixed(reason.0, reason.1);
    Some(vec![
        (from.clone(), Some(until.clone()), stated),
        (from.clone(), Some(other.stated(words)), reason),
    ])
}

/// Returns whether a remark moves an end by an extension, and the remark without the words for it; `None`
/// if it moves none.
fn moved(remark: &str) -> Option<(bool, String)> {
    let remark = remark.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| remark.contains(word));
    let is_extended = has(&EXTENDED) && !remark.contains("미연장");
    if !is_extended && !has(&CHANGED) {
        return None;
    }
    let words = EXTENDED.iter().chain(&CHANGED);
    let bare = words.fold(remark.clone(), |bare, word| bare.replace(word, " "));
    let bare = bare.trim_matches([' ', ':', '.', '됨', '함']).to_owned();
    Some((is_extended, bare))
}

/// Returns the end that a remark states: a date, or a length behind the end outside it.
fn end(remark: &str, until: &ImpreciseDate, context: &Context) -> Option<ImpreciseDate> {
    if let Some(length) = counted(remark, Before::Nothing) {
        return later(until, length);
    }
    let behind = remark.rsplit_once(':').map(|(_, date)| date);
    let until_day = remark.split_once("까지").map(|(date, _)| date);
    let to_day = remark
        .strip_suffix('로')
        .map(|date| date.trim_end_matches('으'));
    let dates = [
        Some(remark),
        behind,
        until_day,
        to_day,
        remark.strip_prefix("to "),
    ];
    dates.into_iter().flatten().find_map(|date| {
        let english = english::date(date);
        let date = english.as_deref().unwrap_or(date).trim();
        let ends = open_span(date, context, true, &mut Vec::new()).ok()?;
        let [(_, Some(until), _)] = &ends[..] else {
            return None;
        };
        Some(until.clone()).filter(ImpreciseDate::is_dated)
    })
}

/// Returns the day that is a length behind another.
fn later(until: &ImpreciseDate, length: Counted) -> Option<ImpreciseDate> {
    let day = until.earliest().filter(|_| until.is_certain_day())?;
    let months = length.years.checked_mul(12)?.checked_add(length.months)?;
    let day = day.checked_add_months(Months::new(months))?;
    let day = day.checked_add_days(Days::new(u64::from(length.days)))?;
    Some(ImpreciseDate::from_day(day))
}
