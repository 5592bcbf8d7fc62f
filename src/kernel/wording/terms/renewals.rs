//! Automatic renewal: `이의 없으면 1년씩 자동 연장`.

use super::lengths::{Unit, step};
use super::{Term, verdict};
use crate::kernel::values::RenewalTerms;
use crate::kernel::wording::{Note, plain};

/// A clause of automatic renewal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Renewal {
    /// Whether the agreement renews by itself; `None` if the clause does not say so.
    renews: Option<bool>,
    months: Option<u32>,
    /// Whether each renewal is as long as the first term.
    same: bool,
    notice_days: Option<u32>,
    notice_months: bool,
    times: Option<u32>,
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Returns whether a text is about automatic renewal, or an end without a word.
fn is_clause(text: &str) -> bool {
    let text = squeezed(text);
    let renews = text.contains("연장") || text.contains("갱신");
    const BY: [&str; 13] = [
        "자동", "묵시", "이의", "의사", "통보", "통지", "씩", "합의", "협의", "동의", "승인",
        "가능", "매년",
    ];
    // `연장하지 않는다` says so too.
    let is_denied = || verdict::verdict(&text) == Some(false);
    (renews && (BY.iter().any(|word| text.contains(word)) || is_denied()))
        || verdict::ends_by_absence(&text)
}

/// Returns the place of the first number that is none of a notice, such as `30일 전`.
fn term_at(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = text[from..].find(|c: char| c.is_ascii_digit()) {
        let at = from + found;
        match step(&text[at..]) {
            Some((.., after)) if is_notice(after) => from = text.len() - after.len(),
            _ => return Some(at),
        }
    }
    None
}

fn states_a_term(text: &str) -> bool {
    term_at(text).is_some()
}

/// Returns whether a text begins with a condition of its renewal, so that its length is that of the
/// renewal: `만료 30일 전까지 통보가 없으면 1년간 연장된다`.
fn is_conditional(text: &str) -> bool {
    let before = &text[..term_at(text).unwrap_or(text.len())];
    before.contains(|c: char| c.is_ascii_digit()) || verdict::is_absence(&squeezed(before))
}

/// Returns whether the text behind a length makes it that of a notice.
fn is_notice(after: &str) -> bool {
    after.starts_with('전') || after.starts_with("이전")
}

/// Splits a clause without a number from the term behind it: `자동연장 없음, 체결일로부터 2년`.
fn leading(text: &str) -> Option<(&str, &str)> {
    let (clause, term) = text.split_once([',', ';', '\n'])?;
    let is_leading = is_clause(clause) && !states_a_term(clause);
    (is_leading && !is_clause(term) && states_a_term(term)).then_some((clause, term.trim()))
}

/// Words and signs with which a clause of renewal begins.
const BEGINNINGS: [&str; 20] = [
    "\n",
    ",",
    ";",
    "이의",
    "자동",
    "묵시",
    "별도",
    "만료",
    "기간",
    "이후",
    "그 후",
    "상호",
    "서면",
    "해지",
    "쌍방",
    "당사자",
    "단,",
    "다만",
    "어느",
    "종료",
];

/// Splits a text into the term and the clause of its renewal, if it has one.
pub(super) fn split(text: &str) -> (String, Option<Renewal>) {
    if !is_clause(text) {
        return (text.to_owned(), None);
    }
    let (outside, aside) = plain::brackets(text);
    if let Some(clause) = aside.iter().find(|aside| is_clause(aside))
        && !is_clause(&outside)
    {
        return (outside, Some(clause_of(clause)));
    }
    if let Some((clause, term)) = leading(text) {
        return (term.to_owned(), Some(clause_of(clause)));
    }
    if is_conditional(text) {
        return (String::new(), Some(clause_of(text)));
    }
    let places = |word: &&str| {
        text.match_indices(*word)
            .map(|(at, _)| at)
            .collect::<Vec<_>>()
    };
    let begins = BEGINNINGS.iter().flat_map(places);
    let begin = begins.filter(|at| states_a_term(&text[..*at])).min();
    let (main, clause) = match begin {
        Some(at) => text.split_at(at),
        None => ("", text),
    };
    // `1년 단위 자동연장` states no term.
    let of_clause = ["단위", "단위로", "씩", "마다"]
        .iter()
        .any(|word| main.trim_end().ends_with(word));
    match of_clause {
        true => (String::new(), Some(clause_of(text))),
        false => (main.trim().to_owned(), Some(clause_of(clause))),
    }
}

fn clause_of(text: &str) -> Renewal {
    let mut clause = Renewal::default();
    let squeezed = squeezed(text);
    clause.renews = verdict::verdict(&squeezed);
    clause.same = [
        "동일기간",
        "동일한기간",
        "같은기간",
        "동일조건",
        "같은조건",
        "동일한조건",
    ]
    .iter()
    .any(|word| squeezed.contains(word));
    clause.months = squeezed.contains("매년").then_some(12);
    let mut rest = squeezed.as_str();
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        rest = &rest[at..];
        let width = rest.bytes().take_while(u8::is_ascii_digit).count();
        if let Some((number, unit, after)) = step(rest) {
            clause.add(number, unit, after);
            rest = after;
        } else {
            let number = rest[..width].parse().ok();
            if rest[width..].starts_with(['회', '차']) {
                clause.times = number.filter(|times| (1..=100).contains(times));
            }
            rest = &rest[width..];
        }
    }
    clause
}

impl Renewal {
    fn add(&mut self, number: u32, unit: Unit, after: &str) {
        match (is_notice(after), unit) {
            (true, Unit::Days) => self.notice_days = Some(number).filter(|days| *days <= 3650),
            (true, _) => self.notice_months = true,
            (false, Unit::Years) => self.add_length(number.checked_mul(12), after),
            (false, Unit::Months) => self.add_length(Some(number), after),
            (false, Unit::Days) => {}
        }
    }

    /// Adds a length: the first one, or that of each renewal; `최대 3년까지` limits all renewals together.
    fn add_length(&mut self, months: Option<u32>, after: &str) {
        let starts = |words: &[&str]| words.iter().any(|word| after.starts_with(word));
        let is_limit = starts(&["까지", "이내", "한도", "범위"]);
        let is_each = starts(&["씩", "단위", "마다"]);
        if !is_limit && (self.months.is_none() || is_each) {
            self.months = months.filter(|months| (1..=1200).contains(months));
        }
    }

    /// Adds the renewal to a term whose length in months is known or not.
    pub fn apply(self, term: &mut Term, length: Option<u32>, notes: &mut Vec<Note>) {
        term.auto_renews = self.renews;
        if self.renews != Some(true) {
            notes.extend(self.renews.is_none().then(Note::not_automatic));
            return;
        }
        if self.notice_months {
            notes.push(Note::notice_in_months());
        }
        let months = self.months.or(length.filter(|_| self.same));
        term.renewal = months.map(|months| RenewalTerms {
            months,
            notice_days: self.notice_days,
            times: self.times,
        });
        let is_stated = self.same || self.times.is_some() || self.notice_days.is_some();
        if months.is_none() && is_stated {
            notes.push(Note::renewal_unclear());
        }
    }
}
