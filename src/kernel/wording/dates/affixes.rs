//! The words around a date: brackets, a label, the time of day, and words such as `까지`.

use chrono::{DateTime, Days, NaiveDate};

/// The side on which a date is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Limit {
    #[default]
    None,
    /// Before it, or on it.
    By,
    /// As long as it lasts (`까지`): of a term, it is the end.
    Until,
    From,
}

/// The words around a point of the calendar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Affixes {
    pub limit: Limit,
    pub approximate: bool,
    pub planned: bool,
    /// It is a part of the period that is named, such as its beginning.
    pub part: bool,
    /// It is the end of the period.
    pub end: bool,
    /// It lies within the period that is named.
    pub within: bool,
    /// It ends like a length of time (`이내`).
    pub is_length: bool,
}

/// Words behind a date that add nothing to it in a column of days.
const IDLE: [&str; 20] = [
    "체결함",
    "체결",
    "서명",
    "업무협약",
    "협약",
    "협정",
    "조인",
    "계약",
    "개최",
    "시행",
    "발효",
    "기준",
    "현재",
    "준공",
    "착공",
    "완료",
    "지정",
    "승인",
    "자로",
    "자",
];
/// Words before a date that name it.
const LABELS: [&str; 8] = [
    "협약체결일",
    "체결일자",
    "체결일",
    "협약일자",
    "협약일",
    "서명일",
    "계약일",
    "시행일",
];
const PARTS: [&str; 7] = ["초순", "중순", "하순", "중반", "초반", "후반", "초"];
const ABOUT: [&str; 6] = ["무렵", "즈음", "경", "쯤", "께", "전후"];
const PLANNED: [&str; 4] = ["예정", "계획", "목표", "잠정"];

/// Splits off the words around a point of the calendar.
pub(super) fn strip(text: &str) -> (&str, Affixes) {
    let mut affixes = Affixes::default();
    let mut rest = text.trim();
    for word in ["약", "대략", "총"] {
        rest = match rest.strip_prefix(word) {
            Some(after) => {
                affixes.approximate |= word != "총";
                after.trim_start()
            }
            None => rest,
        };
    }
    if let Some(after) = LABELS.iter().find_map(|label| rest.strip_prefix(label)) {
        let after = after.trim_start();
        let dated = after.starts_with(|c: char| c.is_ascii_digit() || c == '\'');
        rest = if dated { after } else { rest };
    }
    loop {
        rest = rest.trim_end_matches([' ', ',', ':', ';', '\n']);
        let Some(shorter) = strip_one(rest, &mut affixes) else {
            return (rest, affixes);
        };
        rest = shorter;
    }
}

fn strip_one<'a>(text: &'a str, affixes: &mut Affixes) -> Option<&'a str> {
    let any = |words: &[&str]| words.iter().find_map(|word| text.strip_suffix(word));
    if let Some(rest) = any(&PLANNED) {
        affixes.planned = true;
        return Some(rest);
    }
    // `현재` is idle behind a day, but is an end by itself.
    if let Some(rest) = any(&IDLE) {
        return rest.contains(|c: char| c.is_ascii_digit()).then_some(rest);
    }
    if let Some(rest) = any(&["까지", "한"]) {
        affixes.limit = Limit::Until;
        return Some(rest);
    }
    if let Some(rest) = text.strip_suffix("이전") {
        affixes.limit = Limit::By;
        return Some(rest);
    }
    if let Some(rest) = any(&["부터", "이후", "이래"]) {
        affixes.limit = Limit::From;
        return Some(rest);
    }
    if let Some(rest) = any(&["이내", "안에", "내", "중"]) {
        affixes.within = true;
        affixes.is_length |= text.ends_with("이내");
        return Some(rest);
    }
    if let Some(rest) = any(&ABOUT) {
        affixes.approximate = true;
        return Some(rest);
    }
    if let Some(rest) = text.strip_suffix('말') {
        affixes.end = true;
        return Some(rest.strip_suffix('연').unwrap_or(rest));
    }
    let rest = any(&PARTS)?;
    affixes.part = true;
    Some(rest.strip_suffix('연').unwrap_or(rest))
}

/// Returns whether a remark is the name of a weekday.
pub(super) fn is_weekday(text: &str) -> bool {
    let text = text.trim().trim_end_matches("요일");
    matches!(text, "월" | "화" | "수" | "목" | "금" | "토" | "일")
}

/// Returns whether a remark says that something is planned.
pub(super) fn is_planned(text: &str) -> bool {
    PLANNED.iter().any(|word| text.trim() == *word)
}

/// Returns the day of a text that goes on with the hours of that day: `2021.4.16. 14:00~16:00`.
pub(super) fn before_hours<'a>(from: &'a str, until: &str) -> Option<&'a str> {
    let day = without_clock(from);
    let hours = format!("1 {}", until.trim_end_matches("까지").trim());
    let is_hours = until.is_empty() || without_clock(&hours) == "1";
    (day.len() < from.trim_end().len() && is_hours).then_some(day)
}

/// Removes a weekday outside brackets, and the time of day at the end of a text.
pub(super) fn without_time(text: &str) -> &str {
    let rest = without_clock(text);
    match rest.strip_suffix("요일") {
        Some(day)
            if day
                .chars()
                .next_back()
                .is_some_and(|c| is_weekday(&c.to_string())) =>
        {
            let mut day = day.chars();
            day.next_back();
            day.as_str().trim_end()
        }
        _ => rest,
    }
}

/// Removes the time of day at the end of a text.
fn without_clock(text: &str) -> &str {
    let mut rest = text.trim_end();
    let digits_before = |rest: &str| rest.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    if let Some(colon) = rest.find(':') {
        let tail = &rest[colon + 1..];
        let clock = |c: char| c.is_ascii_digit() || matches!(c, ':' | '.' | ' ' | 'Z');
        let start = digits_before(&rest[..colon]);
        let before = &rest[..start];
        let apart =
            before.ends_with([' ', 'T', ')']) && before.contains(|c: char| c.is_ascii_digit());
        if start < colon && apart && !tail.trim().is_empty() && tail.chars().all(clock) {
            rest = before.trim_end_matches('T').trim_end();
        }
    }
    for unit in ['분', '시'] {
        if let Some(before) = rest.strip_suffix(unit) {
            let number = digits_before(before);
            if number < before.len() && before[..number].ends_with(' ') {
                rest = before[..number].trim_end();
            }
        }
    }
    for word in ["오전", "오후", "AM", "PM"] {
        rest = rest.strip_suffix(word).unwrap_or(rest).trim_end();
    }
    rest
}

/// Seconds by which the time of Korea is ahead of UTC.
const KOREA_AHEAD: i64 = 9 * 3600;

/// Returns the day in Korea of an instant: one with its offset, or milliseconds since 1970.
pub(super) fn instant(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let is_count = matches!(text.len(), 12 | 13) && text.bytes().all(|b| b.is_ascii_digit());
    let seconds = match is_count {
        // Twelve digits are also a day with its time.
        true if text.len() == 12 => return None,
        true => text.parse::<i64>().ok()? / 1000,
        false => DateTime::parse_from_rfc3339(&text.replacen(' ', "T", 1))
            .ok()?
            .timestamp(),
    };
    let days = u64::try_from((seconds + KOREA_AHEAD).div_euclid(86_400)).ok()?;
    NaiveDate::from_ymd_opt(1970, 1, 1)?.checked_add_days(Days::new(days))
}
