//! Terms of agreements: beginning, end, and automatic renewal.

mod extensions;
mod lengths;
mod renewals;
mod verdict;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::dates::{Ends, open_span};
use super::{Choice, Context, Note, Reading, english, plain, read_date, shortened};
use crate::kernel::language::Message;
use crate::kernel::values::{Anchor, ImpreciseDate, RelativeDate, RelativeTo, RenewalTerms};
use extensions::extended;
use lengths::{Before, Counted, counted};

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
    read(text, context, false)
}

/// Reads a text as the end of a term, as [`read_term`] does, where a single date is the last day.
pub fn read_end(text: &str, context: &Context) -> Reading<Term> {
    read(text, context, true)
}

fn read(text: &str, context: &Context, is_end: bool) -> Reading<Term> {
    let stated = text.trim();
    let plain = plain::normal(stated);
    if plain::is_blank(&plain) {
        return Reading::blank(stated);
    }
    let mut notes = Vec::new();
    let words = shortened(stated, &mut notes);
    let english = english::term(&plain).or_else(|| english::date(&plain));
    let plain = english.unwrap_or(plain);
    let (main, renewal) = renewals::split(&plain);
    let mut all = ends(
        without_sentence(&main),
        (context, is_end),
        &words,
        &mut notes,
    );
    if let [only] = &all[..]
        && let Some(several) = extended(&plain, only, &words, context, renewal.is_some())
    {
        all = several;
    }
    let mut clause = Term::default();
    if let Some(renewal) = renewal {
        let length = match &all[..] {
            [(_, Some(until), _)] => months_of(until),
            _ => None,
        };
        renewal.apply(&mut clause, length, &mut notes);
    }
    let choice = |(from, until, reason)| Choice {
        value: Term {
            from,
            until,
            ..clause.clone()
        },
        reason,
    };
    let mut choices: Vec<Choice<Term>> = all.into_iter().map(choice).collect();
    match choices.len() {
        1 => Reading::of(stated, choices.remove(0).value, notes),
        _ => Reading::question(stated, choices, notes),
    }
}

/// Returns the ends that a text without a clause of renewal can mean.
fn ends(
    main: &str,
    (context, is_end): (&Context, bool),
    words: &str,
    notes: &mut Vec<Note>,
) -> Vec<Ends> {
    let named = |date: ImpreciseDate| date.stated(words);
    let only = |from: Option<ImpreciseDate>, until: ImpreciseDate| {
        let reason = Message::fixed("적힌 그대로 읽음", "Read as it is written");
        vec![(from, Some(until), reason)]
    };
    if main.trim().is_empty() {
        return only(None, ImpreciseDate::in_words(words));
    }
    let mut of_dates = Vec::new();
    let dated = open_span(main, context, is_end, &mut of_dates);
    // In a column of ends, `15년` is rather a year.
    let is_dated = is_end && dated.is_ok();
    if !is_dated && let Some((from, until)) = length(main, context, words, notes) {
        return only(from, until);
    }
    notes.append(&mut of_dates);
    match dated {
        Ok(all) => {
            let all = all.into_iter();
            all.map(|(from, until, how)| (from.map(named), until.map(named), how))
                .collect()
        }
        Err(failure) => {
            notes.extend(failure.note());
            only(None, ImpreciseDate::in_words(words))
        }
    }
}

/// Removes the words that make a sentence of a term: `유효기간은 체결일로부터 3년으로 한다.`,
/// `이 협약은 체결일로부터 3년간 유효하다.`
fn without_sentence(main: &str) -> &str {
    const NAMES: [&str; 7] = ["기간", "효력", "기한", "협약", "협정", "각서", "합의서"];
    let text = main.trim();
    let named = ["은", "는", ":"].iter().find_map(|end| {
        let (name, rest) = text.split_once(end)?;
        let name: String = name.chars().filter(|c| !c.is_whitespace()).collect();
        let ends = NAMES.iter().any(|word| name.ends_with(word));
        (ends && name.chars().count() <= 10).then_some(rest.trim_start())
    });
    without_length(without_predicate(named.unwrap_or(text)))
}

/// Removes the words at the end of a sentence that say no more than that the term is so long.
fn without_predicate(text: &str) -> &str {
    const ENDS: [&str; 20] = [
        "이며",
        "이고",
        "한다",
        "하며",
        "하되",
        "하고",
        "정한다",
        "정하며",
        "이다",
        "유효하다",
        "유효하며",
        "유효하고",
        "효력을 가진다",
        "효력을 가지며",
        "효력을 갖는다",
        "효력을 지닌다",
        "효력이 있다",
        "효력을 유지한다",
        "존속한다",
        "존속하며",
    ];
    let text = text.trim_end_matches(['.', ',', ' ']);
    // The longest first: `정한다` ends with `한다`.
    let ends = ENDS.iter().filter_map(|end| text.strip_suffix(end));
    let Some(before) = ends.min_by_key(|before| before.len()) else {
        return text;
    };
    let before = before.trim_end();
    let bare = before.strip_suffix("으로").or(before.strip_suffix('로'));
    let is_end = |bare: &&str| bare.ends_with("까지") || bare.ends_with(')');
    bare.filter(is_end).unwrap_or(before)
}

/// Removes the length behind a last day, which the days themselves say: `2025. 12. 31.까지 2년으로`.
fn without_length(text: &str) -> &str {
    let Some((before, after)) = text.rsplit_once("까지") else {
        return text;
    };
    let length = after.trim_matches(|c: char| c.is_whitespace() || "(),".contains(c));
    match counted(length, Before::Nothing) {
        Some(_) => &text[..before.len() + "까지".len()],
        None => text,
    }
}

/// Returns the dates in brackets behind a length: `3년간(2021.4.16.~2024.4.15.)`.
fn dated_aside(
    main: &str,
    context: &Context,
    notes: &mut Vec<Note>,
) -> (Option<ImpreciseDate>, Option<ImpreciseDate>) {
    let (_, aside) = plain::brackets(main);
    let numbered = |text: &&String| text.contains(|c: char| c.is_ascii_digit());
    let Some(dated) = aside.iter().find(numbered) else {
        return (None, None);
    };
    let ends = open_span(dated, context, false, &mut Vec::new()).ok();
    let Some([(from, until, _)]) = ends.as_deref() else {
        notes.push(Note::remark());
        return (None, None);
    };
    let dated = |date: &Option<ImpreciseDate>| date.clone().filter(ImpreciseDate::is_dated);
    (dated(from), dated(until))
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
const SIGNING: [&str; 24] = [
    "서명날인한날",
    "날인한날",
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

/// Words before such an anchor that name who signs what.
const BY_WHOM: [&str; 12] = [
    "본협약은",
    "이협약은",
    "양기관의",
    "각기관의",
    "양기관이",
    "쌍방이",
    "당사자가",
    "대표자가",
    "대표가",
    "협약서에",
    "본협약서에",
    "이협약서에",
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
    if let Some(until) = until_from_event(text, context) {
        return Some((None, until.stated(words)));
    }
    let mut own_notes = Vec::new();
    let bare = counted(text, Before::Nothing);
    let (from, until) = match bare {
        Some(bare) => {
            own_notes.extend(bare.note());
            (None, relative(bare, Anchor::EffectiveFrom, words))
        }
        None => counted_from(text, context, words, &mut own_notes)?,
    };
    let (stated_from, stated_until) = dated_aside(main, context, notes);
    let named = |date: ImpreciseDate| date.stated(words);
    let from = from.or(stated_from.map(named));
    if bare.is_some() && from.is_none() && stated_until.is_none() {
        notes.push(Note::start_not_stated());
    }
    let until = stated_until.map_or(until, named);
    notes.append(&mut own_notes);
    Some((from, until))
}

/// Removes what is said of the beginning alone: `체결한 날부터 효력이 발생하며, 3년간 유효하다`.
fn without_force(after: &str) -> &str {
    const BEGINS: [&str; 7] = [
        "효력이 발생하",
        "효력을 발생하",
        "효력이 생기",
        "효력을 가지",
        "발효하",
        "발효되",
        "시행하",
    ];
    let after = after.trim();
    let begun = BEGINS.iter().find_map(|word| after.strip_prefix(word));
    let rest = begun.and_then(|rest| rest.strip_prefix(['며', '고']));
    rest.map_or(after, |rest| rest.trim_start_matches([',', ' ']))
}

/// Reads a last day behind an event that begins the term: `체결일부터 2027년 12월 31일까지`.
fn until_from_event(text: &str, context: &Context) -> Option<ImpreciseDate> {
    const MARKS: [&str; 4] = ["으로부터", "로부터", "부터", "~"];
    let (before, after) = MARKS.iter().find_map(|mark| text.split_once(mark))?;
    anchor_of(before)?;
    let ends = open_span(without_force(after), context, true, &mut Vec::new()).ok()?;
    let [(from, until, _)] = &ends[..] else {
        return None;
    };
    let until = until.clone();
    until.filter(|until| until.is_dated() && from.is_none())
}

/// Reads a length from a day or an event that is named: `체결일로부터 2년`.
fn counted_from(
    text: &str,
    context: &Context,
    words: &str,
    notes: &mut Vec<Note>,
) -> Option<(Option<ImpreciseDate>, ImpreciseDate)> {
    const MARKS: [&str; 7] = ["으로부터", "로부터", "부터", "이후", "후", "에서", "~"];
    let numbered = |text: &str| text.contains(|c: char| c.is_ascii_digit());
    let (before, counted) = MARKS.iter().find_map(|mark| {
        let (before, after) = text.rsplit_once(mark)?;
        let kind = match numbered(before) {
            true if *mark == "~" => Before::Tilde,
            true => Before::Date,
            false => Before::Event,
        };
        Some((before.trim(), counted(without_force(after), kind)?))
    })?;
    notes.extend(counted.note());
    if let Some(anchor) = anchor_of(before) {
        return Some((None, relative(counted, anchor, words)));
    }
    if let Some((day, anchor)) = dated_anchor(before) {
        let day = read_date(day, context).value?;
        // The day of the signing is no beginning; the first day in force is one.
        let from = (anchor == Anchor::EffectiveFrom).then(|| day.stated(words));
        notes.extend(from.is_none().then(Note::remark));
        return Some((from, relative(counted, anchor, words)));
    }
    if numbered(before) {
        let from = read_date(before, context)
            .value
            .filter(ImpreciseDate::is_dated)?;
        let until = relative(counted, Anchor::EffectiveFrom, words);
        return Some((Some(from.stated(words)), until));
    }
    notes.push(Note::depends());
    Some((None, ImpreciseDate::in_words(words)))
}

/// Returns the anchor that the words before a length name.
fn anchor_of(before: &str) -> Option<Anchor> {
    let key: String = before.chars().filter(|c| !c.is_whitespace()).collect();
    let key = key.to_lowercase();
    let key = BY_WHOM.iter().fold(key.as_str(), |key, word| {
        key.strip_prefix(word).unwrap_or(key)
    });
    if SIGNING.contains(&key) {
        return Some(Anchor::Signing);
    }
    IN_FORCE.contains(&key).then_some(Anchor::EffectiveFrom)
}

/// Splits a date from the words that name its event: `2021. 4. 16. 체결일`.
fn dated_anchor(before: &str) -> Option<(&str, Anchor)> {
    let last = before.rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ')')?;
    let end = last + before[last..].chars().next()?.len_utf8();
    let end = match before[end..].strip_prefix(['일', '월', '년']) {
        Some(rest) => before.len() - rest.len(),
        None => end,
    };
    Some((&before[..end], anchor_of(&before[end..])?))
}

/// Returns the date of a text that is a length and no date: counted from the signing or the first day
/// in force if the text says so, in its words otherwise; `None` if the text is no length.
pub(in crate::kernel) fn only_length(text: &str) -> Option<ImpreciseDate> {
    let plain = plain::normal(text);
    let plain = english::term(&plain).unwrap_or(plain);
    let plain = plain.trim();
    let mut notes = Vec::new();
    let context = Context::default();
    if counted(plain, Before::Nothing).is_some() {
        return Some(ImpreciseDate::in_words(text));
    }
    let (from, until) = counted_from(plain, &context, text, &mut notes)?;
    match from.is_none() && notes.is_empty() {
        true => Some(until),
        false => Some(ImpreciseDate::in_words(text)),
    }
}

fn relative(counted: Counted, anchor: Anchor, words: &str) -> ImpreciseDate {
    ImpreciseDate::relative(counted.from(anchor), words)
}
