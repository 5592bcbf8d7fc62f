//! The day on which a paper was signed, and where.

use chrono::{Datelike, NaiveDate};
use serde_json::json;

use super::english;
use super::lines::{Line, Paper};
use super::marks::leading_day;
use super::parties::headed;
use super::propose::{Proposal, localized, quoted};
use crate::kernel::values::ImpreciseDate;
use crate::kernel::wording::{Context, read_date};

/// Labels of the day, without spaces.
const LABELS: [&str; 12] = [
    "업무협약체결일",
    "협약체결일",
    "협약서명일",
    "협약일",
    "체결일",
    "서명일",
    "날인일",
    "체결연월일",
    "협약연월일",
    "일시",
    "일자",
    "날짜",
];

/// Takes over the last line after the articles that is a day, with a place or a signature beside it; or else
/// one below the title, as a cover has it. A day ahead, or a title with `(안)`, is that of a draft.
pub(super) fn signing(paper: &Paper, today: NaiveDate, out: &mut Proposal) {
    let last = paper
        .articles
        .last()
        .map_or(&[][..], |article| &article.lines);
    let title = out.places.iter().find(|place| place.pointer == "/title");
    let title = title.and_then(|title| {
        let is_title = |line: &Line| quoted(line) == title.text;
        paper.head.iter().position(is_title)
    });
    let head = title.map_or(&[][..], |at| &paper.head[at..]);
    let lines = || last.iter().rev().chain(head.iter().rev());
    let mut days = lines().filter_map(|line| Some((signed(&line.text, today.year())?, line)));
    let month = || month(last, today.year()).or_else(|| month(head, today.year()));
    let Some((signed, line)) = days.next().or_else(month) else {
        return;
    };
    let is_ahead = signed.day.earliest().is_some_and(|day| day > today);
    if is_ahead
        || paper
            .head
            .iter()
            .take_while(|other| *other != line)
            .any(is_draft)
    {
        return;
    }
    out.set("signed_on", signed.day.as_sent(), line);
    out.body.insert("status".into(), json!("signed"));
    if let Some(venue) = signed.venue {
        out.set("venue", localized(&venue), line);
    }
}

/// Returns whether a line says that the paper is a draft: `업무협약서(안)`.
fn is_draft(line: &Line) -> bool {
    let text: String = line.text.split_whitespace().collect();
    ["(안)", "（안）", "(초안)"]
        .iter()
        .any(|draft| text.ends_with(draft))
}

/// When a paper was signed, and where.
struct Signed {
    day: ImpreciseDate,
    venue: Option<String>,
}

/// Reads a line that is a day and nothing else but its label, or a place or signature beside it.
pub(super) fn signing_day(line: &str, this_year: i32) -> Option<ImpreciseDate> {
    signed(line, this_year).map(|signed| signed.day)
}

fn signed(line: &str, this_year: i32) -> Option<Signed> {
    if english::is_english(line) {
        let day = english::signing_day(line, this_year)?;
        return Some(Signed { day, venue: None });
    }
    let text = in_hangul(line.trim());
    let text = without_label(&text);
    let squeezed: String = text.split_whitespace().collect();
    // `2 0 2 5 년 3 월 12 일`
    let is_bare = squeezed
        .chars()
        .all(|c| c.is_ascii_digit() || "년월일.-/".contains(c));
    let (written, beside) = match is_bare {
        true => (squeezed.as_str(), ""),
        false => leading_day(&text).or_else(|| short_day(&text))?,
    };
    let venue = beside_day(beside)?;
    let read = read_date(written, &Context::past(this_year));
    let date = read.value.filter(|_| read.choices.is_empty())?;
    let day = date.earliest().filter(|day| date.latest() == Some(*day))?;
    let is_day = day.to_string() == date.edtf()?;
    // A place or a signature is no part of the day.
    let stated = if is_bare { line } else { written };
    is_day.then(|| Signed {
        day: date.stated(stated.trim()),
        venue,
    })
}

/// Splits a day without a point behind it from what stands beside it: `2026-03-16`, `2026. 3. 16`.
fn short_day(text: &str) -> Option<(&str, &str)> {
    let is_of_day = |c: char| c.is_ascii_digit() || ".-/ ".contains(c);
    let day = text[..text.len() - text.trim_start_matches(is_of_day).len()].trim_end();
    let is_day = day.len() >= 8 && day[..4].chars().all(|c| c.is_ascii_digit());
    is_day.then(|| (day, &text[day.len()..]))
}

/// Removes `서기` and the label before a day.
fn without_label(text: &str) -> String {
    let colon = text.find([':', '：']).filter(|at| *at < 40);
    let split = |at: usize| (&text[..at], text[at..].trim_start_matches([':', '：', ' ']));
    let numbered = super::marks::numbered(text).unwrap_or(text);
    let (label, rest) = split(colon.unwrap_or_else(|| {
        // `체결일자 2026. 3. 16.`
        let at = numbered.find(|c: char| c.is_ascii_digit());
        text.len() - numbered.len() + at.unwrap_or(0)
    }));
    let label = super::marks::numbered(label).unwrap_or(label);
    let label: String = label.split_whitespace().collect();
    let label = label.strip_suffix('자').unwrap_or(&label);
    let is_label = label == "서기" || LABELS.iter().any(|one| one.trim_end_matches('자') == label);
    let rest = if is_label { rest } else { text };
    rest.trim_start_matches("서기").trim_start().to_owned()
}

/// Reads what stands beside a day: a day of the week, a place, a signature, or that it was signed;
/// `None` for anything else, such as the rest of a sentence.
fn beside_day(text: &str) -> Option<Option<String>> {
    const SIGNED: [&str; 6] = [
        "체결함",
        "체결",
        "협약을 체결함",
        "협약을 체결한다",
        "협약 체결",
        "서명함",
    ];
    let text = without_weekday(text.trim());
    let text = text.trim_matches([',', '/', ' ', '.']);
    if text.is_empty() || SIGNED.contains(&text) {
        return Some(None);
    }
    let is_short = text.chars().count() <= 40 && !text.ends_with('다');
    if let Some((label, place)) = text.split_once([':', '：']) {
        let is_place =
            ["장소", "체결장소", "협약장소", "체결 장소", "협약 장소"].contains(&label.trim());
        return (is_place && is_short).then(|| Some(place.trim().to_owned()));
    }
    if let Some(place) = text.strip_suffix("에서").filter(|_| is_short) {
        return Some(Some(place.trim_end().to_owned()));
    }
    let seals = ["(인)", "(서명)", "(직인)", "(날인)", "㊞"];
    let bare = seals.iter().find_map(|seal| text.strip_suffix(seal));
    let is_signature = bare.is_some() || headed(text).is_some();
    (is_signature && is_short).then_some(None)
}

/// Removes a day of the week in brackets.
fn without_weekday(text: &str) -> &str {
    let inner = text.strip_prefix(['(', '（']);
    let Some((day, rest)) = inner.and_then(|inner| inner.split_once([')', '）'])) else {
        return text;
    };
    let day = day.trim().trim_end_matches("요일");
    let is_weekday = day.chars().count() == 1 && "월화수목금토일月火水木金土日".contains(day);
    if is_weekday { rest.trim() } else { text }
}

/// Returns the month that stands alone at the end of a paper, where no sentence follows.
fn month(lines: &[Line], this_year: i32) -> Option<(Signed, &Line)> {
    let is_sentence = |line: &&Line| line.text.trim_end_matches('.').ends_with('다');
    let mut behind = lines.iter().rev().take_while(|line| !is_sentence(line));
    behind.find_map(|line| {
        let text = in_hangul(&line.text);
        let (year, rest) = text.split_once('년')?;
        let (month, rest) = rest.split_once('월')?;
        let is_number = |text: &str| text.trim().chars().all(|c| c.is_ascii_digit());
        let is_month = rest.trim().is_empty() && year.trim().len() == 4 && !month.trim().is_empty();
        let date = read_date(text.trim(), &Context::past(this_year)).value;
        let day = date.filter(|_| is_month && is_number(year) && is_number(month))?;
        let day = day.stated(line.text.trim());
        Some((Signed { day, venue: None }, line))
    })
}

/// Returns a line with a day in Chinese characters as one in Hangul: `二〇二六年 三月 五日`.
fn in_hangul(line: &str) -> String {
    const DIGITS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    const UNITS: [(char, char); 3] = [('年', '년'), ('月', '월'), ('日', '일')];
    if !UNITS[..2].iter().all(|(unit, _)| line.contains(*unit)) {
        return line.to_owned();
    }
    let (mut out, mut number) = (String::new(), String::new());
    for c in line.chars() {
        let digit = DIGITS.iter().position(|digit| *digit == c);
        if digit.is_some() || c == '十' || c == '○' {
            number.push(if c == '○' { '〇' } else { c });
            continue;
        }
        out.push_str(&digits(&number, &DIGITS));
        number.clear();
        let unit = UNITS.iter().find(|(unit, _)| *unit == c);
        out.push(unit.map_or(c, |(_, unit)| *unit));
    }
    out.push_str(&digits(&number, &DIGITS));
    out
}

/// Returns a number of Chinese characters in digits: `二十五` as 25, `二〇二六` as 2026.
fn digits(number: &str, digits: &[char; 10]) -> String {
    let plain = |text: &str| -> String {
        let places = text
            .chars()
            .filter_map(|c| digits.iter().position(|digit| *digit == c));
        places.map(|digit| digit.to_string()).collect()
    };
    let Some((tens, ones)) = number.split_once('十') else {
        return plain(number);
    };
    let or = |text: String, other: &str| {
        if text.is_empty() {
            other.to_owned()
        } else {
            text
        }
    };
    format!("{}{}", or(plain(tens), "1"), or(plain(ones), "0"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::Passage;
    use crate::imports::paper::propose::propose;

    #[test]
    fn days_stand_beside_labels_places_and_signatures() {
        for (line, expected) in [
            ("2026-03-16", Some(None)),
            ("2 0 2 6 년 3 월 16 일", Some(None)),
            ("체결일자 2026. 3. 16.", Some(None)),
            ("협약일 : 2026. 3. 16.(월)", Some(None)),
            ("二〇二六年 三月 十六日", Some(None)),
            ("2026년 3월 16일 고양시청에서", Some(Some("고양시청"))),
            ("2026. 3. 16. 장소: 고양시청", Some(Some("고양시청"))),
            ("2026년 3월 16일 고양시장 홍가람 (인)", Some(None)),
            ("2026년 3월 16일에 체결한다.", None),
            ("2026년 3월 16일 체결한 협약을 갱신한다.", None),
            ("2026년 3월", None),
        ] {
            let found = signed(line, 2026);
            let day = found.as_ref().and_then(|signed| signed.day.edtf());
            assert_eq!(day.is_some(), expected.is_some(), "{line}");
            let stated = found.as_ref().and_then(|signed| signed.day.as_stated());
            assert!(!stated.unwrap_or_default().contains("고양"), "{line}");
            let venue = found.as_ref().and_then(|signed| signed.venue.as_deref());
            assert_eq!(venue, expected.flatten(), "{line}");
        }
    }

    #[test]
    fn a_draft_is_not_signed() {
        let today = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
        for (title, day, signed) in [
            ("업무협약서", "2026. 3. 16.", Some("2026-03-16")),
            ("업무협약서", "2026년 3월", Some("2026-03")),
            ("업무협약서", "2027. 3. 16.", None),
            ("업무협약서(안)", "2026. 3. 16.", None),
        ] {
            let text = format!(
                "{title}\n고양시와 무지개재단은 다음과 같이 협약을 체결한다.\n제1조(목적) 돌봄을 나눈다.\n{day}"
            );
            let passage = Passage {
                page: None,
                paragraph: Some(1),
                text,
            };
            let read = propose(&Paper::of(&[passage]), today);
            let found = read
                .body
                .get("signed_on")
                .and_then(|on| on["edtf"].as_str());
            assert_eq!(found, signed, "{title} {day}");
        }
    }
}
