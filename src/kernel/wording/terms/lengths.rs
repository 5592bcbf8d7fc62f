//! Lengths of time: `2년`, `1년 6개월`, `30일간`.

use crate::kernel::values::{Anchor, RelativeTo};

/// A length of time as it is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    pub years: u32,
    pub months: u32,
    pub days: u32,
    /// Whether it is a limit (`이내`).
    pub is_limit: bool,
}

impl Counted {
    pub fn from(self, anchor: Anchor) -> RelativeTo {
        let Self {
            years,
            months,
            days,
            is_limit,
        } = self;
        let mut to = RelativeTo::after(anchor, years, months, days);
        to.is_limit = is_limit;
        to
    }
}

/// Reads a text that is a length of time and nothing else.
pub(super) fn counted(text: &str) -> Option<Counted> {
    let mut text = text.trim().trim_end_matches(['.', ',', ' ']);
    let mut length = Counted::default();
    const AFTER: [&str; 14] = [
        "으로 하되",
        "으로 하며",
        "으로 한다",
        "으로 함",
        "으로",
        "로 한다",
        "유효",
        "까지",
        "동안",
        "간",
        "이내",
        "내",
        "기간",
        "함",
    ];
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
    while let Some(before) = AFTER.iter().find_map(|word| {
        length.is_limit |= matches!(*word, "이내") && text.ends_with(word);
        text.strip_suffix(word)
    }) {
        text = before.trim_end();
    }
    let mut rest = text;
    let mut found = false;
    while !rest.is_empty() {
        let (number, unit, after) = step(rest)?;
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
    found.then_some(length)
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
