//! Lengths of time: `2년`, `1년 6개월`, `30일간`.

use crate::kernel::values::{Anchor, RelativeTo};
use crate::kernel::wording::Note;

/// A length of time as it is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    pub years: u32,
    pub months: u32,
    pub days: u32,
    /// Whether it is a limit (`이내`).
    pub is_limit: bool,
    /// Whether it is approximate (`약`), which a relative date cannot say.
    pub approximate: bool,
}

/// What stands before a length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    Nothing,
    /// A date and a tilde, behind which `24년` is rather a year.
    Tilde,
    /// A date and a word such as `부터`.
    Date,
    /// An event, of which `6월` counts months.
    Event,
}

impl Counted {
    pub fn from(self, anchor: Anchor) -> RelativeTo {
        let Self {
            years,
            months,
            days,
            is_limit,
            ..
        } = self;
        let mut to = RelativeTo::after(anchor, years, months, days);
        to.is_limit = is_limit;
        to
    }

    /// Returns the note on what a relative date cannot say.
    pub fn note(self) -> Option<Note> {
        self.approximate.then(Note::approximate_length)
    }
}

/// Reads a text that is a length of time and nothing else. `24년` is rather a year of two digits where
/// nothing makes it a length.
pub(super) fn counted(text: &str, before: Before) -> Option<Counted> {
    let (text, mut length) = bare(text);
    let is_end = text.ends_with("까지");
    let is_lasting = ["간", "동안", "이내"]
        .iter()
        .any(|word| text.contains(word));
    let core = without_words(text, &mut length);
    let mut rest = core;
    let mut found = false;
    while !rest.is_empty() {
        let step = step(rest).or_else(|| months(rest, length, before, is_end));
        let (number, unit, after) = step?;
        let limit = match unit {
            Unit::Years => (&mut length.years, 100),
            Unit::Months => (&mut length.months, 1200),
            Unit::Days => (&mut length.days, 36_500),
        };
        if number > limit.1 || *limit.0 != 0 {
            return None;
        }
        (*limit.0, found, rest) = (number, number > 0 || found, after);
    }
    let most_years = match before {
        Before::Event => 100,
        Before::Date if !is_end => 100,
        Before::Nothing if !is_end => 19,
        Before::Nothing | Before::Tilde | Before::Date => 9,
    };
    let has_parts = length.months > 0 || length.days > 0;
    (found && (length.years <= most_years || is_lasting || has_parts)).then_some(length)
}

/// Reads `6월` as months, which it is behind years of one digit, and behind an event.
fn months(text: &str, length: Counted, before: Before, is_end: bool) -> Option<(u32, Unit, &str)> {
    let width = text.bytes().take_while(u8::is_ascii_digit).count();
    let number = text.get(..width)?.parse().ok().filter(|_| width <= 2)?;
    let rest = text[width..].trim_start().strip_prefix('월')?;
    let behind_years = (1..=9).contains(&length.years);
    let behind_event = before == Before::Event && (length.years, length.days) == (0, 0);
    (rest.is_empty() && (behind_years || (behind_event && !is_end))).then_some((
        number,
        Unit::Months,
        rest,
    ))
}

/// Removes the words before a length.
fn bare(text: &str) -> (&str, Counted) {
    let mut text = text.trim().trim_end_matches(['.', ',', ' ']);
    let mut length = Counted::default();
    const NAMES: [&str; 8] = [
        "협약기간은",
        "협약기간",
        "유효기간은",
        "유효기간",
        "계약기간은",
        "계약기간",
        "협약 기간",
        "유효 기간",
    ];
    if let Some(after) = NAMES.iter().find_map(|name| text.strip_prefix(name)) {
        text = after.trim_start_matches([':', ' ']);
    }
    for word in ["총", "약", "대략", "만"] {
        if let Some(after) = text.strip_prefix(word) {
            length.approximate |= matches!(word, "약" | "대략");
            text = after.trim_start();
        }
    }
    (text, length)
}

/// Removes the words behind a length.
fn without_words<'a>(mut text: &'a str, length: &mut Counted) -> &'a str {
    const AFTER: [&str; 17] = [
        "으로 하고",
        "으로 하되",
        "으로 하며",
        "으로 한다",
        "으로 함",
        "으로",
        "로 한다",
        "로",
        "정도",
        "유효",
        "까지",
        "동안",
        "간",
        "이내",
        "내",
        "기간",
        "함",
    ];
    while let Some(before) = AFTER.iter().find_map(|word| {
        length.is_limit |= *word == "이내" && text.ends_with(word);
        length.approximate |= *word == "정도" && text.ends_with(word);
        text.strip_suffix(word)
    }) {
        text = before.trim_end();
    }
    text
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Years,
    Months,
    Days,
}

/// Reads a number and its unit at the beginning of a text.
pub(super) fn step(text: &str) -> Option<(u32, Unit, &str)> {
    let text = text.trim_start();
    let width = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: u32 = text[..width].parse().ok().filter(|_| width <= 4)?;
    let rest = text[width..].trim_start();
    let unit = |words: &[&str]| words.iter().find_map(|word| rest.strip_prefix(word));
    if let Some(rest) = unit(&["개년", "년"]) {
        return Some((number, Unit::Years, rest.trim_start()));
    }
    if let Some(rest) = unit(&["개월", "달", "월간"]) {
        return Some((number, Unit::Months, rest.trim_start()));
    }
    if let Some(rest) = unit(&["주"]) {
        return Some((number.checked_mul(7)?, Unit::Days, rest.trim_start()));
    }
    let rest = unit(&["일"])?;
    Some((number, Unit::Days, rest.trim_start()))
}
