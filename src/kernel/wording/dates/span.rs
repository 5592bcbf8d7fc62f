//! A date with the words around it, and a span of two.

use super::affixes::{self, Affixes, Limit, strip, without_time};
use super::point::{Part, Point};
use super::single::{self, Found};
use super::{Failure, How, Order, era};
use crate::kernel::values::ImpreciseDate;
use crate::kernel::wording::plain::brackets;
use crate::kernel::wording::{Context, Note};

/// A point of the calendar, and whether it is approximate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    point: Point,
    approximate: bool,
}

/// A date as a text states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stated {
    One(End),
    By(End),
    /// By a date that is the last one of something that lasts.
    Until(End),
    From(End),
    Between(End, End),
}

impl End {
    fn edtf(self) -> String {
        let about = if self.approximate { "~" } else { "" };
        self.point.edtf() + about
    }

    pub fn date(self) -> Result<ImpreciseDate, Failure> {
        parsed(&self.edtf())
    }
}

fn parsed(edtf: &str) -> Result<ImpreciseDate, Failure> {
    use crate::kernel::values::EdtfError;
    ImpreciseDate::parse(edtf).map_err(|error| match error {
        EdtfError::NoSuchDay => Failure::NoSuchDay,
        EdtfError::Reversed => Failure::Reversed,
        _ => Failure::NotUnderstood,
    })
}

impl Stated {
    /// Returns the date, of a span the time between its ends.
    pub fn date(self) -> Result<ImpreciseDate, Failure> {
        match self {
            Self::One(end) => end.date(),
            Self::By(end) | Self::Until(end) => parsed(&format!("../{}", end.edtf())),
            Self::From(end) => parsed(&format!("{}/..", end.edtf())),
            Self::Between(from, until) => parsed(&format!("{}/{}", from.edtf(), until.edtf())),
        }
    }
}

/// Reads a text in normal form.
pub(super) fn read(
    plain: &str,
    context: &Context,
    notes: &mut Vec<Note>,
) -> Result<Vec<(Stated, How)>, Failure> {
    if is_lunar(plain) {
        return Err(Failure::Lunar);
    }
    let (text, era) = era::resolve(plain);
    if era {
        notes.push(Note::era());
    }
    let text = without_remarks(&text, notes);
    let text = without_label(&text);
    let whole = text.replace('\n', " ");
    let failure = match ends(&whole, context, notes) {
        Ok(found) => return Ok(found),
        Err(failure) => failure,
    };
    several(text, context).ok_or_else(|| match failure {
        Failure::NotUnderstood => without_a_date(&whole),
        other => other,
    })
}

/// Returns whether a date is one of the lunar calendar: `2021.3.5(음)`, `2021. 3. 5.(양력 4. 16.)`. In
/// `2021.4.16(음력 3.5)`, it stands beside the day itself.
fn is_lunar(plain: &str) -> bool {
    let names = ["음력", "陰", "lunar"];
    let named = |text: &str| names.iter().any(|word| text.contains(word));
    let numbered = |text: &str| text.contains(|c: char| c.is_ascii_digit());
    let (outside, inside) = brackets(&plain.to_lowercase());
    let begins = outside.trim_start().strip_prefix('음').is_some_and(|rest| {
        let rest = rest.trim_start();
        rest.starts_with(|c: char| c.is_ascii_digit() || c == '\'')
    });
    let says_so = |remark: &String| {
        let is_sign = remark.trim_matches(['.', ' ', '-']) == "음";
        match numbered(remark) && numbered(&outside) {
            true => remark.contains("양력"),
            false => named(remark) || is_sign,
        }
    };
    begins || named(&outside) || inside.iter().any(says_so)
}

/// Removes the texts in brackets beside a date, with a note; returns the only one with a number where
/// nothing outside has any.
fn without_remarks(text: &str, notes: &mut Vec<Note>) -> String {
    let numbered = |text: &str| text.contains(|c: char| c.is_ascii_digit());
    let (outside, inside) = brackets(text);
    if !numbered(&outside) {
        let mut dated = inside.into_iter().filter(|remark| numbered(remark));
        return match (dated.next(), dated.next()) {
            (Some(only), None) => {
                if affixes::is_planned(&outside) {
                    notes.push(Note::planned());
                } else if !outside.trim().is_empty() {
                    notes.push(Note::remark());
                }
                notes.dedup();
                only
            }
            _ => text.to_owned(),
        };
    }
    for remark in &inside {
        if affixes::is_planned(remark) {
            notes.push(Note::planned());
        } else if !affixes::is_weekday(remark) && !remark.trim().is_empty() {
            notes.push(Note::remark());
        }
    }
    notes.dedup();
    outside
}

/// Removes a label before a colon.
fn without_label(text: &str) -> &str {
    match text.split_once(':') {
        Some((label, rest))
            if !label.contains(|c: char| c.is_ascii_digit())
                && rest.contains(|c: char| c.is_ascii_digit()) =>
        {
            rest.trim()
        }
        _ => text.trim(),
    }
}

/// Reads a text as one of several dates, apart by lines, commas and the like.
fn several(text: &str, context: &Context) -> Option<Vec<(Stated, How)>> {
    let parts: Vec<&str> = text
        .split(['\n', ',', ';', '→', '/'])
        .map(str::trim)
        .collect();
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if !(2..=8).contains(&parts.len()) {
        return None;
    }
    let mut all: Vec<(Stated, How)> = Vec::new();
    for part in parts {
        let found = match (ends(part, context, &mut Vec::new()), all.last()) {
            // `2021년 5월, 6월`: the year is that of the date before.
            (Err(_), Some((Stated::One(before), _))) if part.contains(['월', '일']) => {
                let found = point(part, context, Some(before.point), &mut Vec::new()).ok()?;
                found
                    .into_iter()
                    .map(|(end, how)| (Stated::One(end), how))
                    .collect()
            }
            (found, _) => found.ok()?,
        };
        let [(stated, _)] = found[..] else {
            return None;
        };
        all.push((stated, How::OneOfSeveral));
    }
    all.dedup();
    Some(all)
}

/// Splits a span into its ends; `None` if the text is no span.
fn split(text: &str) -> Option<(&str, &str)> {
    let numbered = |text: &str| text.contains(|c: char| c.is_ascii_digit());
    if let Some((from, until)) = text.split_once('~') {
        // Several tildes in a row are one.
        return Some((from, until.trim_start_matches(['~', ' '])));
    }
    if let Some((from, until)) = text.split_once("부터")
        && (numbered(until) || numbered(from) && (is_no_date(until) || is_event(until)))
    {
        return Some((from, until));
    }
    let at = match text.split_once(" - ") {
        Some(at) => Some(at),
        None if text.matches('-').count() == 1 => text.split_once('-'),
        None => None,
    };
    let (from, until) = at.filter(|(from, until)| numbered(from) && numbered(until))?;
    let is_year = |text: &str| text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    let years = is_year(from.trim()) && is_year(until.trim());
    let by_slashes = from.matches('/').count() == 2;
    let is_dated = by_slashes || from.contains(['.', '년']);
    (years || text.contains(" - ") || is_dated).then_some((from, until))
}

/// Reads a date or a span.
fn ends(
    text: &str,
    context: &Context,
    notes: &mut Vec<Note>,
) -> Result<Vec<(Stated, How)>, Failure> {
    let Some((from, until)) = split(text) else {
        return one(text, context, notes);
    };
    let (from, until) = (from.trim(), until.trim());
    if let Some(day) = affixes::before_hours(from, until) {
        return one(day, context, notes);
    }
    if text.contains("부터") && is_length(from, until) {
        return Err(Failure::NotUnderstood);
    }
    let numbered = |text: &str| text.contains(|c: char| c.is_ascii_digit());
    if numbered(from) && numbered(until) {
        let mut of_both = Vec::new();
        match between(from, until, context, &mut of_both) {
            // `2021.4.16.~착공 후 36개월` has a beginning alone.
            Err(Failure::NotUnderstood | Failure::YearMissing) if is_event(until) => {}
            both => {
                notes.append(&mut of_both);
                return both;
            }
        }
    }
    let is_open = |end: &str| end.is_empty() || is_no_date(end) || is_event(end);
    if is_open(until) {
        if !until.is_empty() {
            notes.push(without_a_date(until).note().unwrap_or_else(Note::no_date));
        }
        let found = point(from, context, None, notes)?;
        return Ok(found
            .into_iter()
            .map(|(end, how)| (Stated::From(end), how))
            .collect());
    }
    if is_open(from) && !numbered(from) {
        let found = point(until, context, None, notes)?;
        return Ok(found
            .into_iter()
            .map(|(end, how)| (Stated::Until(end), how))
            .collect());
    }
    between(from, until, context, notes)
}

/// Returns whether the text behind `부터` is a length: `3년`, `2년 6월`. Behind a date, `24년까지` is
/// rather a year.
fn is_length(from: &str, until: &str) -> bool {
    let (core, affixes) = strip(until);
    let is_dated = from.contains(|c: char| c.is_ascii_digit());
    counts_short_years(core) && !(is_dated && affixes.limit == Limit::Until)
}

/// Returns whether a text counts years by one or two digits and names no day.
fn counts_short_years(core: &str) -> bool {
    let width = core.bytes().take_while(u8::is_ascii_digit).count();
    let is_counted = core[width..].trim_start().starts_with('년');
    (1..=2).contains(&width) && is_counted && !core.trim_end().ends_with('일')
}

fn between(
    from: &str,
    until: &str,
    context: &Context,
    notes: &mut Vec<Note>,
) -> Result<Vec<(Stated, How)>, Failure> {
    let from = shared_unit(from, until);
    let mut spans = Vec::new();
    let mut failure = Failure::NotUnderstood;
    for (first, how) in point(&from, context, None, notes)? {
        let order = match how {
            How::YearFirst => Order::YearFirst,
            How::DayFirst => Order::DayFirst,
            How::MonthFirst => Order::MonthFirst,
            How::NoYear => continue,
            _ => context.order,
        };
        let context = Context {
            order,
            ..context.clone()
        };
        match point(until, &context, Some(first.point), notes) {
            Ok(found) => spans.extend(found.into_iter().map(|(last, other)| {
                let how = if how == How::Plain { other } else { how };
                (Stated::Between(first, last), how)
            })),
            // Another order is no proof of itself where the usual one has no such day.
            Err(Failure::NoSuchDay) if how == How::YearFirst => return Err(Failure::NoSuchDay),
            Err(other) => failure = other,
        }
    }
    notes.dedup();
    if spans.is_empty() {
        Err(failure)
    } else {
        Ok(spans)
    }
}

/// Adds the unit that the end of a span names for both, as in `3~4분기`.
fn shared_unit(from: &str, until: &str) -> String {
    let until = strip(until).0;
    let has_unit = ["년", "월", "일", "분기", "반기"]
        .iter()
        .any(|unit| strip(from).0.ends_with(unit));
    let unit = ["분기", "반기"]
        .into_iter()
        .find(|unit| until.ends_with(unit) && !has_unit);
    from.to_owned() + unit.unwrap_or_default()
}

/// Reads one date with the words around it.
fn one(
    text: &str,
    context: &Context,
    notes: &mut Vec<Note>,
) -> Result<Vec<(Stated, How)>, Failure> {
    let (_, affixes) = strip(without_time(text));
    let found = point(text, context, None, notes)?;
    let stated = |(end, how): (End, How)| {
        let is_day = matches!(end.point.part, Part::Day(..));
        let stated = match affixes.limit {
            Limit::By => Stated::By(end),
            Limit::Until => Stated::Until(end),
            Limit::None if affixes.within && is_day => Stated::By(end),
            Limit::From => Stated::From(end),
            Limit::None => Stated::One(end),
        };
        (stated, how)
    };
    Ok(found.into_iter().map(stated).collect())
}

/// Reads one end of a span, or the only date.
fn point(
    text: &str,
    context: &Context,
    inherited: Option<Point>,
    notes: &mut Vec<Note>,
) -> Result<Vec<(End, How)>, Failure> {
    let (core, affixes) = strip(without_time(text));
    // `10년 이내` is rather a length.
    if affixes.is_length && counts_short_years(core) {
        return Err(Failure::NotUnderstood);
    }
    let found: Found = single::read(core, context, inherited)?;
    note(&affixes, notes);
    let end = |(point, how)| {
        let approximate = affixes.approximate;
        (End { point, approximate }, how)
    };
    Ok(found.into_iter().map(end).collect())
}

fn note(affixes: &Affixes, notes: &mut Vec<Note>) {
    if affixes.planned {
        notes.push(Note::planned());
    }
    // "By the end of 2024" is by 2024.
    let is_by = matches!(affixes.limit, Limit::By | Limit::Until);
    if affixes.part || (affixes.end && !is_by) {
        notes.push(Note::part_of_period());
    }
    notes.dedup();
}

/// Returns why a text without a date has none.
fn without_a_date(text: &str) -> Failure {
    if is_no_date(text) {
        Failure::NoDate
    } else if is_event(text) {
        Failure::Depends
    } else {
        Failure::NotUnderstood
    }
}

/// Returns whether a text says that no date is set or known.
fn is_no_date(text: &str) -> bool {
    const WORDS: [&str; 21] = [
        "미정",
        "무기한",
        "기한 없음",
        "기한없음",
        "영구",
        "계속",
        "상시",
        "추후",
        "별도 협의",
        "미상",
        "불명",
        "확인 불가",
        "확인불가",
        "비공개",
        "해당없음",
        "해당 없음",
        "없음",
        "현재",
        "미체결",
        "향후",
        "수시",
    ];
    !text.contains(|c: char| c.is_ascii_digit()) && WORDS.iter().any(|word| text.contains(word))
}

/// Returns whether a date hangs on an event.
fn is_event(text: &str) -> bool {
    const WORDS: [&str; 17] = [
        "통보",
        "통지",
        "시까지",
        "때까지",
        "해지",
        "완료",
        "착공",
        "준공",
        "확보",
        "종료",
        "만료",
        "체결일",
        "협약일",
        "이후",
        "체결 후",
        "승인",
        "변경",
    ];
    let text = text.trim();
    WORDS.iter().any(|word| text.contains(word)) || text.ends_with(" 시") || text.contains(" 후 ")
}
