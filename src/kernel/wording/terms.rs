//! Terms of agreements: beginning, end, and automatic renewal.

mod lengths;
mod renewals;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::dates::open_span;
use super::{Choice, Context, Note, Reading, plain, read_date, shortened};
use crate::kernel::values::{Anchor, ImpreciseDate, RelativeDate, RelativeTo, RenewalTerms};
use lengths::{Counted, counted};

/// The term of an agreement, as far as a text states it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Term {
    /// First day in force; null if the text does not state it.
    #[serde(rename = "effective_from")]
    #[schema(value_type = Option<RelativeDate>)]
    pub from: Option<ImpreciseDate>,
    /// Last day in force; null if the text does not state it.
    #[serde(rename = "effective_until")]
    #[schema(value_type = Option<RelativeDate>)]
    pub until: Option<ImpreciseDate>,
    /// Whether the agreement renews automatically at its end; null if the text does not state it.
    pub auto_renews: Option<bool>,
    /// How the term renews; null if the text does not state it.
    pub renewal: Option<RenewalTerms>,
}

/// Reads a text as the term of an agreement: a span, a length from a day, an end, or words, with or
/// without automatic renewal.
pub fn read_term(text: &str, context: &Context) -> Reading<Term> {
    let stated = text.trim();
    let plain = plain::normal(stated);
    if plain::is_blank(&plain) {
        return Reading::blank(stated);
    }
    let mut notes = Vec::new();
    let words = shortened(stated, &mut notes);
    let (main, renewal) = renewals::split(&plain);
    let main = dated_aside(&main).unwrap_or(main);
    let mut term = Term::default();
    let mut choices = Vec::new();
    if main.trim().is_empty() {
        term.until = Some(ImpreciseDate::in_words(words.clone()));
    } else if let Some((from, until)) = length(&main, context, &words, &mut notes) {
        (term.from, term.until) = (from, Some(until));
    } else {
        let ends = open_span(&main, context, &mut notes);
        match ends {
            Ok(mut all) if all.len() == 1 => {
                let (from, until, _) = all.remove(0);
                let named = |date: ImpreciseDate| date.stated(words.clone());
                (term.from, term.until) = (from.map(named), until.map(named));
            }
            Ok(all) => choices = all,
            Err(failure) => {
                notes.extend(failure.note());
                term.until = Some(ImpreciseDate::in_words(words.clone()));
            }
        }
    }
    if let Some(renewal) = renewal {
        let length = term.until.as_ref().and_then(months_of);
        renewal.apply(&mut term, length, &mut notes);
    }
    if choices.is_empty() {
        return Reading::of(stated, term, notes);
    }
    let choice = |(from, until, reason): (Option<ImpreciseDate>, Option<ImpreciseDate>, _)| {
        let named = |date: ImpreciseDate| date.stated(words.clone());
        let (from, until) = (from.map(named), until.map(named));
        Choice {
            value: Term {
                from,
                until,
                ..term.clone()
            },
            reason,
        }
    };
    Reading::question(stated, choices.into_iter().map(choice).collect(), notes)
}

/// Returns the span in brackets behind a length: `3년간(2021.4.16.~2024.4.15.)`.
fn dated_aside(main: &str) -> Option<String> {
    let (outside, aside) = plain::brackets(main);
    let is_span =
        |text: &&String| text.contains('~') && text.contains(|c: char| c.is_ascii_digit());
    counted(&outside).and_then(|_| aside.iter().find(is_span).cloned())
}

/// Returns the months of a date that is so many after another.
fn months_of(until: &ImpreciseDate) -> Option<u32> {
    let RelativeTo {
        years,
        months,
        days: 0,
        ..
    } = *until.relative_to()?
    else {
        return None;
    };
    Some(years * 12 + months).filter(|months| (1..=1200).contains(months))
}

/// Anchors by the words before `부터` or `후`, without spaces.
const SIGNING: [&str; 22] = [
    "체결",
    "체결일",
    "협약체결",
    "협약체결일",
    "협약일",
    "서명",
    "서명일",
    "협약서명일",
    "계약일",
    "계약체결일",
    "조인일",
    "체결한날",
    "체결된날",
    "협약서체결일",
    "협약서서명일",
    "서명한날",
    "협정체결일",
    "협정일",
    "업무협약체결일",
    "협약을체결한날",
    "협약체결한날",
    "mou체결일",
];
const IN_FORCE: [&str; 11] = [
    "발효일",
    "효력발생일",
    "협약발효일",
    "시행일",
    "협약시행일",
    "개시일",
    "협약개시일",
    "발효한날",
    "효력이발생한날",
    "발효",
    "효력발생",
];

/// Reads a text as a length from a day: the first and the last day of the term; `None` if it has none.
fn length(
    main: &str,
    context: &Context,
    words: &str,
    notes: &mut Vec<Note>,
) -> Option<(Option<ImpreciseDate>, ImpreciseDate)> {
    let (outside, _) = plain::brackets(main);
    let text = outside.trim();
    if let Some(bare) = counted(text) {
        // `24년` is rather a year of two digits, as is `15년까지`.
        let most_years = if text.ends_with("까지") { 9 } else { 19 };
        let is_length =
            bare.years <= most_years || bare.months > 0 || bare.days > 0 || text.ends_with("년간");
        return is_length.then(|| {
            notes.push(Note::start_not_stated());
            (None, relative(bare, Anchor::EffectiveFrom, words))
        });
    }
    const MARKS: [&str; 8] = ["으로부터", "로부터", "부터", "이후", "후", "에서", "~", "∼"];
    let (before, counted) = MARKS.iter().find_map(|mark| {
        let (before, after) = text.rsplit_once(mark)?;
        let after = after.trim_start_matches([' ', '약', '총']);
        Some((before.trim(), counted(after)?))
    })?;
    let key: String = before.chars().filter(|c| !c.is_whitespace()).collect();
    let key = key.to_lowercase();
    if SIGNING.contains(&key.as_str()) {
        return Some((None, relative(counted, Anchor::Signing, words)));
    }
    if IN_FORCE.contains(&key.as_str()) {
        return Some((None, relative(counted, Anchor::EffectiveFrom, words)));
    }
    if before.contains(|c: char| c.is_ascii_digit()) {
        let from = read_date(before, context)
            .value
            .filter(ImpreciseDate::is_dated)?;
        let until = relative(counted, Anchor::EffectiveFrom, words);
        return Some((Some(from.stated(words)), until));
    }
    notes.push(Note::depends());
    Some((None, ImpreciseDate::in_words(words)))
}

fn relative(counted: Counted, anchor: Anchor, words: &str) -> ImpreciseDate {
    ImpreciseDate::relative(counted.from(anchor), words)
}
