//! One party with the texts in brackets beside its name.

use super::PartyName;
use super::lists::is_role;
use super::split::{country_of, looks_like_one};
use crate::kernel::wording::Context;

/// Abbreviations of legal forms, which belong to a name.
pub(super) const FORMS: [&str; 20] = [
    "주", "유", "유한", "합", "합자", "합명", "재", "사", "학", "의", "복", "사복", "농", "영농",
    "특", "株", "有", "財", "社", "책",
];

/// Reads a name; `None` if the text holds none.
pub(super) fn read(text: &str, context: &Context) -> Option<PartyName> {
    let mut party = PartyName::default();
    let text = match text.split_once('/') {
        Some((country, name)) if context.country_first => {
            party.country = Some(country.trim().to_owned()).filter(|country| !country.is_empty());
            name
        }
        _ => text,
    };
    let mut name = String::with_capacity(text.len());
    let (mut rest, former) = renamed(without_footnote(text.trim()));
    party.former = former.map(str::to_owned);
    while let Some(open) = rest.find('(') {
        let Some(close) = closing(&rest[open..]) else {
            break;
        };
        let aside = rest[open + 1..open + close].trim();
        name.push_str(&rest[..open]);
        if FORMS.contains(&aside) {
            name.push_str(&rest[open..=open + close]);
        } else {
            party.add(aside);
        }
        rest = &rest[open + close + 1..];
    }
    name.push_str(rest);
    // The person who represents it is no part of the name.
    if let Some(at) = name.find(" 대표").filter(|at| is_person(&name[*at..])) {
        party.add(name[at..].trim());
        name.truncate(at);
    }
    // `을대학교: 홍길동`
    if let Some((before, after)) = name.clone().split_once(':')
        && !after.trim().is_empty()
        && !before.trim().is_empty()
    {
        let (own, aside) = match looks_like_one(before) || !looks_like_one(after) {
            true => (before, after),
            false => (after, before),
        };
        party.add(aside.trim());
        name = own.trim().to_owned();
    }
    if let Some((city, after)) = name.clone().rsplit_once(',')
        && let Some(country) = country_of(after)
    {
        party.country = Some(country.to_owned());
        name = city.trim().to_owned();
    }
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = match share_behind(&name) {
        Some((before, share)) if party.share_percent.is_none() => {
            party.share_percent = Some(share);
            before.to_owned()
        }
        _ => name,
    };
    party.name = name.trim_matches([' ', ',', ':']).to_owned();
    (party.name.chars().any(char::is_alphanumeric) || party.name.contains('○')).then_some(party)
}

/// Removes the number of a footnote: `을전자1)`.
fn without_footnote(text: &str) -> &str {
    let is_open = text.matches(')').count() > text.matches('(').count();
    let before = text.strip_suffix(')').filter(|_| is_open);
    let name = before.map(|before| before.trim_end_matches(|c: char| c.is_ascii_digit()));
    // `을전자 주1)`
    let name = name.map(|name| name.strip_suffix(" 주").unwrap_or(name));
    name.filter(|name| Some(name.len()) < before.map(str::len) && !name.is_empty())
        .unwrap_or(text)
}

/// Splits a name at the arrow behind its former name: `을전자→병전자`.
fn renamed(text: &str) -> (&str, Option<&str>) {
    let is_outside = |text: &str| text.matches('(').count() == text.matches(')').count();
    match text.rsplit_once('→') {
        Some((former, name))
            if !former.trim().is_empty() && !name.trim().is_empty() && is_outside(former) =>
        {
            (name.trim(), Some(former.trim()))
        }
        _ => (text, None),
    }
}

/// Returns whether a text that begins with ` 대표` is a person, not a name such as 대표도서관.
fn is_person(text: &str) -> bool {
    let after = text.trim_start().trim_start_matches("대표");
    let after = ["이사", "자", "회장", "변호사", "위원장"]
        .iter()
        .find_map(|post| after.strip_prefix(post))
        .unwrap_or(after);
    !after.starts_with(char::is_alphanumeric)
}

/// Returns the place of the bracket that closes the one at the beginning.
pub(super) fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

impl PartyName {
    /// Adds a text in brackets.
    fn add(&mut self, aside: &str) {
        if let Some(share) = percent(aside) {
            self.share_percent = Some(share);
            return;
        }
        let former = ["구.", "구:", "舊", "옛", "구 ", "전 ", "前", "변경 전"];
        if let Some(name) = former.iter().find_map(|word| aside.strip_prefix(word)) {
            self.former = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
            return;
        }
        let foreign = |c: char| {
            ('\u{3400}'..='\u{9fff}').contains(&c) || ('\u{3040}'..='\u{30ff}').contains(&c)
        };
        let is_local =
            !aside.is_empty() && !is_role(aside) && aside.chars().all(|c| foreign(c) || c == ' ');
        if is_local {
            self.local_name = Some(aside.to_owned());
        } else if !aside.is_empty() {
            self.remarks.push(aside.to_owned());
        }
    }
}

/// Reads `85%`, `85.5 %`, `지분 85%`.
fn percent(text: &str) -> Option<f64> {
    let number = text.trim().strip_suffix('%')?.trim_end();
    let number = number.strip_prefix("지분").unwrap_or(number).trim_start();
    let plain = number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let share: f64 = number.parse().ok().filter(|_| plain)?;
    (0.0..=100.0).contains(&share).then_some(share)
}

/// Splits off a share behind a name: `LH 85%`.
fn share_behind(name: &str) -> Option<(&str, f64)> {
    let (before, last) = name.rsplit_once(' ')?;
    Some((before.trim_end(), percent(last)?))
}
