//! One point of the calendar as texts write it: `2021. 4. 16.`, `'21.4.16`, `2022년 3/4분기`.

use super::fraction::fraction;
use super::point::{Part, Point};
use super::{Failure, How, Order};
use crate::kernel::wording::Context;

/// The points that a text can mean, each with the way in which it is read.
pub(super) type Found = Vec<(Point, How)>;

/// A number of a date.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub value: u32,
    pub width: usize,
    /// Whether an apostrophe stands before it: then it is a year.
    short: bool,
    pub mark: Mark,
}

/// The sign or word behind a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Year,
    Month,
    Day,
    Dash,
    Slash,
    Dot,
    None,
}

impl Field {
    /// Returns whether it is a year. `3년` is a length: a short year has two digits or an apostrophe.
    pub fn is_year(self) -> bool {
        self.short
            || (self.mark == Mark::Year && self.width == 2)
            || (self.width == 4 && (self.mark == Mark::Year || self.value >= 1000))
    }

    fn can_be_month(self) -> bool {
        self.width <= 2 && !self.short && !matches!(self.mark, Mark::Year | Mark::Day)
    }

    fn can_be_day(self) -> bool {
        self.width <= 2 && !self.short && !matches!(self.mark, Mark::Year | Mark::Month)
    }
}

/// Reads one point. `inherited` is the beginning of a span whose end the text is.
pub(super) fn read(
    text: &str,
    context: &Context,
    inherited: Option<Point>,
) -> Result<Found, Failure> {
    if let Some(found) = part_of_year(text, context, inherited)? {
        return Ok(found);
    }
    let fields = fields(text).ok_or(Failure::NotUnderstood)?;
    if fields
        .iter()
        .any(|field| field.mark == Mark::Year && !field.is_year())
    {
        return Err(Failure::NotUnderstood);
    }
    if let Some(found) = fraction(&fields, inherited, context)? {
        return existing(found);
    }
    // `2021년 5/6` is a day or two months.
    let has_slash = fields.iter().any(|field| field.mark == Mark::Slash);
    if fields[0].mark == Mark::Year && has_slash {
        return Err(Failure::NotUnderstood);
    }
    let found = match (&fields[..], inherited) {
        ([only], _) if only.width == 8 || only.width == 6 => solid(*only, context)?,
        ([only], None) if is_far_year(text.trim()) => far_year(*only, context)?,
        ([first, rest @ ..], _) if first.is_year() && first.width <= 4 => {
            year_first(*first, rest, context)?
        }
        ([.., last], None) if last.width == 4 => year_last(&fields)?,
        (_, Some(from)) => inherit(&fields, from, context)?,
        ([a, b, c], None) if plain_numbers(&fields) => triple([*a, *b, *c], context)?,
        ([year, month], None) if plain_numbers(&fields) => pair(*year, *month, context)?,
        ([a, ..], None) if matches!(a.mark, Mark::Month | Mark::Day) => {
            return Err(Failure::YearMissing);
        }
        _ => return Err(Failure::NotUnderstood),
    };
    existing(found)
}

/// Keeps the points that the calendar has.
fn existing(found: Found) -> Result<Found, Failure> {
    let kept: Found = found
        .into_iter()
        .filter(|(point, _)| point.exists())
        .collect();
    if kept.is_empty() {
        Err(Failure::NoSuchDay)
    } else {
        Ok(kept)
    }
}

fn one(year: i32, part: Part) -> Found {
    vec![(Point { year, part }, How::Plain)]
}

/// Splits a text into numbers with their marks; `None` if it holds anything else.
fn fields(text: &str) -> Option<Vec<Field>> {
    let mut rest = text.trim();
    let mut fields = Vec::new();
    while !rest.is_empty() {
        let short = rest.starts_with('\'');
        rest = rest.trim_start_matches('\'').trim_start();
        let width = rest.bytes().take_while(u8::is_ascii_digit).count();
        let value = rest.get(..width)?.parse().ok().filter(|_| width <= 8)?;
        rest = rest[width..].trim_start();
        let marked = rest.chars().next().and_then(|c| {
            Some(match c {
                '년' => Mark::Year,
                '월' => Mark::Month,
                '일' => Mark::Day,
                '-' => Mark::Dash,
                '/' => Mark::Slash,
                '.' => Mark::Dot,
                _ => return None,
            })
        });
        if let Some(mark) = marked {
            rest = rest.get(
                if mark == Mark::Dot || mark == Mark::Dash || mark == Mark::Slash {
                    1
                } else {
                    3
                }..,
            )?;
            if mark == Mark::Year {
                rest = rest.strip_prefix('도').unwrap_or(rest);
            }
            // A word may have a point behind it, and a point may stand twice. A comma behind a month or
            // a day makes a list.
            let is_list = matches!(mark, Mark::Month | Mark::Day);
            rest = rest.trim_start_matches(|c| matches!(c, '.' | ' ') || (c == ',' && !is_list));
        }
        fields.push(Field {
            value,
            width,
            short,
            mark: marked.unwrap_or(Mark::None),
        });
        if fields.len() > 3 {
            return None;
        }
    }
    (!fields.is_empty()).then_some(fields)
}

/// Returns whether no number is named a year, month or day, and each has at most two digits.
fn plain_numbers(fields: &[Field]) -> bool {
    let named = |field: &Field| matches!(field.mark, Mark::Year | Mark::Month | Mark::Day);
    fields.iter().all(|field| field.width <= 2 && !named(field))
}

/// Reads digits without signs: `20240115`, `202401`, `240115`.
fn solid(field: Field, context: &Context) -> Result<Found, Failure> {
    let (high, low) = (field.value / 100, field.value % 100);
    if field.width == 8 {
        let year = i32::try_from(high / 100).map_err(|_| Failure::NotUnderstood)?;
        return match (1800..=2200).contains(&year) {
            true => Ok(one(year, Part::Day(high % 100, low))),
            false => Err(Failure::NotUnderstood),
        };
    }
    let mut found = Found::new();
    if (1900..=2099).contains(&high) && (1..=12).contains(&low) {
        let year = i32::try_from(high).map_err(|_| Failure::NotUnderstood)?;
        found.push((
            Point {
                year,
                part: Part::Month(low),
            },
            How::YearAndMonth,
        ));
    }
    let days = years(high / 100, context).into_iter();
    let days = days.map(|year| {
        (
            Point {
                year,
                part: Part::Day(high % 100, low),
            },
            How::YearFirst,
        )
    });
    found.extend(days.filter(|(point, _)| point.exists()));
    match found.is_empty() {
        true => Err(Failure::NotUnderstood),
        false => Ok(found),
    }
}

/// Returns whether a text is digits alone that would be a year beyond all plans.
pub(super) fn is_far_year(text: &str) -> bool {
    text.len() == 4 && text.parse::<u32>().is_ok_and(|year| year >= 2100)
}

/// Reads four digits that are a far year or a short year and its month: `2104`.
fn far_year(field: Field, context: &Context) -> Result<Found, Failure> {
    let year = i32::try_from(field.value).map_err(|_| Failure::NotUnderstood)?;
    let (short, month) = (field.value / 100, field.value % 100);
    let point = |year, part, how| (Point { year, part }, how);
    let mut found = Found::new();
    if (1..=12).contains(&month) {
        let years = years(short, context).into_iter();
        found.extend(years.map(|year| point(year, Part::Month(month), How::YearAndMonth)));
    }
    if year > 2200 || context.is_past() {
        return Err(Failure::NotUnderstood);
    }
    found.push(point(year, Part::Year, How::Plain));
    Ok(found)
}

/// Returns the years that a year of two digits can mean.
pub(super) fn years(short: u32, context: &Context) -> Vec<i32> {
    let Ok(short) = i32::try_from(short) else {
        return Vec::new();
    };
    let (first, last) = context.years;
    let all = [1900 + short, 2000 + short];
    let within: Vec<i32> = all
        .into_iter()
        .filter(|y| (first..=last).contains(y))
        .collect();
    if within.is_empty() {
        all.to_vec()
    } else {
        within
    }
}

/// The last year that a date with its day or month names. A later one is mistyped, or of an era: `4354.4.16`.
const LAST_YEAR: i32 = 2200;

/// Returns the year of a field of four digits.
fn full_year(field: Field) -> Result<i32, Failure> {
    let year = i32::try_from(field.value).ok();
    year.filter(|year| *year <= LAST_YEAR)
        .ok_or(Failure::NotUnderstood)
}

/// Returns the years that a field can mean.
pub(super) fn years_of(field: Field, context: &Context) -> Result<Vec<i32>, Failure> {
    match field.width {
        4 => Ok(vec![full_year(field)?]),
        1 | 2 => Ok(years(field.value, context)),
        _ => Err(Failure::NotUnderstood),
    }
}

/// Reads a date that begins with a year.
pub(super) fn year_first(
    first: Field,
    rest: &[Field],
    context: &Context,
) -> Result<Found, Failure> {
    let part = match rest {
        [] => Part::Year,
        [month] if month.can_be_month() => Part::Month(month.value),
        [month, day] if month.can_be_month() && day.can_be_day() => {
            Part::Day(month.value, day.value)
        }
        _ => return Err(Failure::NotUnderstood),
    };
    let all = years_of(first, context)?;
    let how = match all.len() {
        1 => How::Plain,
        _ => How::Century,
    };
    let mut found: Found = all
        .into_iter()
        .map(|year| (Point { year, part }, how))
        .collect();
    // An apostrophe can also be lost typing: in a column that begins with days, it settles nothing.
    let marked_day = first.short && first.mark != Mark::Year;
    if let ([month, year], true) = (rest, marked_day && context.order.has_day_first()) {
        for year in years_of(*year, context)? {
            let part = Part::Day(month.value, first.value);
            found.push((Point { year, part }, How::DayFirst));
        }
        found = existing(found)?;
        if let [(_, how), _, ..] = &mut found[..] {
            *how = How::YearFirst;
        }
    }
    Ok(found)
}

/// Reads `16.4.2021`, `4/2021`.
fn year_last(fields: &[Field]) -> Result<Found, Failure> {
    if fields[..fields.len() - 1]
        .iter()
        .any(|field| field.width > 2)
    {
        return Err(Failure::NotUnderstood);
    }
    match fields {
        [month, last] if month.can_be_month() => {
            Ok(one(full_year(*last)?, Part::Month(month.value)))
        }
        [a, b, last] => {
            let year = full_year(*last)?;
            let of = |month: &Field, day: &Field, how| {
                let part = Part::Day(month.value, day.value);
                (month.can_be_month() && day.can_be_day()).then_some((Point { year, part }, how))
            };
            let found = [of(b, a, How::DayFirst), of(a, b, How::MonthFirst)];
            Ok(distinct(existing(found.into_iter().flatten().collect())?))
        }
        _ => Err(Failure::NotUnderstood),
    }
}

/// Reads three short numbers in the orders that are possible, or in the order of the column.
pub(super) fn triple([a, b, c]: [Field; 3], context: &Context) -> Result<Found, Failure> {
    let mut found = Found::new();
    for (how, year, month, day) in [
        (How::YearFirst, a, b, c),
        (How::DayFirst, c, b, a),
        (How::MonthFirst, c, a, b),
    ] {
        let all = years(year.value, context);
        let within = |y: &i32| (context.years.0..=context.years.1).contains(y);
        let points = all.into_iter().filter(within).map(|year| {
            let part = Part::Day(month.value, day.value);
            (Point { year, part }, how)
        });
        found.extend(points);
    }
    let found = existing(found)?;
    let all = distinct(found.clone());
    // A year of one digit is hardly one, whatever the other cells show.
    let year = match context.order {
        Order::YearFirst => a,
        _ => c,
    };
    if context.order.is_settled() && (year.width > 1 || all.len() < 2) {
        let mut of_column = found;
        of_column.retain(|(_, how)| context.order.is(*how));
        if let ([(_, how)], 2..) = (&mut of_column[..], all.len()) {
            *how = How::OrderOfColumn;
        }
        return existing(of_column);
    }
    // A mistyped day, which is no proof of another order.
    if is_mistyped(b.value, c.value) && all.iter().all(|(_, how)| *how != How::YearFirst) {
        return Err(Failure::NoSuchDay);
    }
    Ok(all)
}

/// Returns whether a date with the year first has a month, but a day that the calendar lacks and that
/// as a year, of this century, hardly any text names in another order.
pub(super) fn is_mistyped(month: u32, day: u32) -> bool {
    (1..=12).contains(&month) && (29..50).contains(&day)
}

/// Reads two short numbers: a year and its month. A month and its day lack their year.
fn pair(year: Field, month: Field, context: &Context) -> Result<Found, Failure> {
    let all = years(year.value, context).into_iter();
    let found = all.map(|year| {
        (
            Point {
                year,
                part: Part::Month(month.value),
            },
            How::YearAndMonth,
        )
    });
    let found: Found = found.filter(|(point, _)| point.exists()).collect();
    match &found[..] {
        [] => Err(Failure::YearMissing),
        [(point, _)] if context.order == Order::YearFirst => Ok(vec![(*point, How::OrderOfColumn)]),
        _ => {
            let mut found = found;
            found.push((found[0].0, How::NoYear));
            Ok(found)
        }
    }
}

/// Keeps the first of several ways to read the same day.
fn distinct(found: Found) -> Found {
    let mut kept = Found::new();
    for (point, how) in found {
        if kept.iter().all(|(other, _)| *other != point) {
            kept.push((point, how));
        }
    }
    kept
}

/// Reads the end of a span, which leaves out what it shares with the beginning.
fn inherit(fields: &[Field], from: Point, context: &Context) -> Result<Found, Failure> {
    let Point { year, part } = from;
    let short_year = |field: Field| years(field.value, context).into_iter().find(|y| *y >= year);
    Ok(match (fields, part) {
        ([only], _) if only.width > 2 => return Err(Failure::NotUnderstood),
        ([only], _) if only.mark == Mark::Month => one(year, Part::Month(only.value)),
        ([only], Part::Day(month, _)) if only.can_be_day() => {
            one(year, Part::Day(month, only.value))
        }
        ([only], Part::Month(_)) if only.can_be_month() => one(year, Part::Month(only.value)),
        ([only], Part::Year) if only.width == 2 => {
            one(short_year(*only).ok_or(Failure::NotUnderstood)?, Part::Year)
        }
        ([month, day], Part::Day(..)) if month.can_be_month() && day.can_be_day() => {
            one(year, Part::Day(month.value, day.value))
        }
        ([late, month], Part::Month(_)) if plain_numbers(fields) => one(
            short_year(*late).ok_or(Failure::NotUnderstood)?,
            Part::Month(month.value),
        ),
        ([a, b, c], _) if plain_numbers(fields) => {
            let mut context = context.clone();
            context.order = match context.order {
                Order::Unknown | Order::FullYear => Order::YearFirst,
                order => order,
            };
            triple([*a, *b, *c], &context)?
        }
        _ => return Err(Failure::NotUnderstood),
    })
}

/// Reads a half-year or a quarter; `None` if the text names neither.
fn part_of_year(
    text: &str,
    context: &Context,
    inherited: Option<Point>,
) -> Result<Option<Found>, Failure> {
    let Some((before, part)) = named_part(text) else {
        return Ok(None);
    };
    let before = before.trim();
    let found = match inherited {
        Some(from) if before.is_empty() => one(from.year, part),
        _ => {
            let year = read(before, context, None)?;
            let whole = |(point, how): (Point, How)| match point.part {
                Part::Year => Some((Point { part, ..point }, how)),
                _ => None,
            };
            let found: Option<Found> = year.into_iter().map(whole).collect();
            found.ok_or(Failure::NotUnderstood)?
        }
    };
    existing(found).map(Some)
}

/// Splits off the half-year or quarter at the end of a text.
fn named_part(text: &str) -> Option<(&str, Part)> {
    const HALVES: [(&str, u32); 6] = [
        ("상반기", 1),
        ("전반기", 1),
        ("하반기", 2),
        ("후반기", 2),
        ("H1", 1),
        ("H2", 2),
    ];
    for (word, half) in HALVES {
        if let Some(before) = text.strip_suffix(word) {
            return Some((before, Part::Half(half)));
        }
    }
    for (word, quarter) in [("IV", 4), ("III", 3), ("II", 2), ("I", 1)] {
        let before = text.strip_suffix("분기").map(str::trim_end);
        if let Some(before) = before.and_then(|before| before.strip_suffix(word)) {
            return Some((before, Part::Quarter(quarter)));
        }
    }
    let quarter = |digit: char| digit.to_digit(10).filter(|q| (1..=9).contains(q));
    if let Some(before) = text.strip_suffix("분기").or_else(|| text.strip_suffix('Q')) {
        let before = before.trim_end().trim_end_matches('사').trim_end();
        let before = before
            .strip_suffix('4')
            .and_then(|b| b.trim_end().strip_suffix(['/', '·']))
            .unwrap_or(before);
        let digit = before.trim_end().chars().next_back().and_then(quarter)?;
        let before = before.trim_end();
        let before = before[..before.len() - 1].trim_end().trim_end_matches('제');
        let apart = !before.ends_with(|c: char| c.is_ascii_digit());
        return apart.then_some((before, Part::Quarter(digit)));
    }
    let last = text.chars().next_back().and_then(quarter)?;
    let before = text[..text.len() - 1].strip_suffix('Q')?;
    Some((before.trim_end_matches('-'), Part::Quarter(last)))
}
