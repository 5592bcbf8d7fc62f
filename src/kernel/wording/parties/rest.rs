//! Parties that a text counts without names: `외 25개사`, `등 5개 기관`, `42개사`.

use super::split::looks_like_one;
use super::{brackets, english};
use crate::kernel::values::OtherParties;

/// Whether a number of parties includes those that are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// `외 5개사`
    Beside,
    /// `등 5개사`
    Perhaps,
    /// `포함 5개사`
    Within,
    /// `외 5개사(병은행)`: brackets name so many of them, as it seems.
    Listed(usize),
}

/// Parties that a text counts, and those that it then means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    pub others: OtherParties,
    pub named: Named,
}

impl Counted {
    fn of(words: &str, count: Option<u32>, named: Named) -> Self {
        let as_stated = Some(words.trim().to_owned());
        let others = OtherParties { count, as_stated };
        Self { others, named }
    }

    /// Adds the parties that another part of a text counts.
    pub fn and(self, other: Self) -> Self {
        let both = self.others.count.zip(other.others.count);
        let words = [&self, &other].map(|one| one.others.as_stated.clone().unwrap_or_default());
        Self::of(
            &words.join(", "),
            both.and_then(|(a, b)| a.checked_add(b)),
            Named::Beside,
        )
    }
}

/// Takes the names off a list that are numbers of parties.
pub(super) fn without_counted(
    names: Vec<String>,
    counted: Option<Counted>,
) -> (Vec<String>, Option<Counted>) {
    let (mut all, mut kept) = (counted, Vec::new());
    for name in names {
        let (before, listed, more) = parted(&name);
        if let Some(more) = more {
            all = Some(match all.take() {
                // The parts of a list stand before its end.
                Some(last) => more.and(last),
                None => more,
            });
        }
        kept.extend((!before.is_empty()).then(|| before.to_owned()));
        kept.extend(listed);
    }
    (kept, all)
}

/// Splits a name of a list into the name itself, those in the brackets of a number, and the number.
fn parted(name: &str) -> (&str, Vec<String>, Option<Counted>) {
    match counted(name) {
        (_, None) => match (brackets::with_some_named(name), described(name)) {
            (Some((before, listed, more)), _) => (before, listed, Some(more)),
            (None, Some(more)) => ("", Vec::new(), Some(more)),
            (None, None) => (name, Vec::new(), None),
        },
        (before, more) => (before, Vec::new(), more),
    }
}

/// Units of parties that are counted.
const UNITS: [&str; 42] = [
    "소",
    "사",
    "교",
    "원",
    "국",
    "시",
    "군",
    "구",
    "도",
    "동",
    "읍",
    "면",
    "시군",
    "시군구",
    "시도",
    "군구",
    "읍면동",
    "기관",
    "업체",
    "기업",
    "기업체",
    "단체",
    "병원",
    "의원",
    "병의원",
    "대학",
    "대학교",
    "학교",
    "회사",
    "도시",
    "농가",
    "은행",
    "지점",
    "점포",
    "센터",
    "지자체",
    "자치구",
    "자치단체",
    "기초자치단체",
    "국가",
    "상점",
    "시설",
];

/// Returns the parties that a name counts behind words that describe them: `관내 농가 30개소`.
fn described(name: &str) -> Option<Counted> {
    let at = name.rfind(' ')?;
    let at = match name[at + 1..].starts_with(|c: char| c.is_ascii_digit()) {
        true => at,
        // The number and its unit are apart: `31개 시군`.
        false => name[..at].rfind(' ')?,
    };
    let number = &name[at + 1..];
    // `주민 3명`
    let is_persons = number.ends_with(['명', '인', '분']);
    if let Some(count) = number_of(number).filter(|_| is_persons) {
        return Some(Counted::of(name, Some(count), Named::Beside));
    }
    let (_, unit) = number.split_once(['개', '곳'])?;
    let unit: String = unit
        .chars()
        .filter(|c| !matches!(*c, ' ' | JOINT))
        .collect();
    let is_unit = unit.is_empty() || UNITS.contains(&unit.as_str());
    let count = number_of(number).filter(|_| is_unit)?;
    Some(Counted::of(name, Some(count), Named::Beside))
}

/// Middle dot inside a unit such as `시ㆍ군`, which divides no names.
const JOINT: char = '\u{318d}';

/// Returns a text in which the middle dots of units of numbers divide nothing: `31개 시·군`.
pub(super) fn with_joint_units(text: &str) -> String {
    let mut text = text.to_owned();
    for unit in ["시·군·구", "시·군", "시·도", "군·구", "읍·면·동", "병·의원"]
    {
        for gap in ["개 ", "개"] {
            let joint = unit.replace('·', &JOINT.to_string());
            text = text.replace(&format!("{gap}{unit}"), &format!("{gap}{joint}"));
        }
    }
    text
}

/// Splits off the parties that the end of a text counts: `외 25개사`, `등`, `42개사`.
pub(super) fn counted(text: &str) -> (&str, Option<Counted>) {
    const GENERAL: [&str; 14] = [
        "총",
        "관내",
        "관외",
        "국내",
        "해외",
        "지역",
        "참여",
        "기업",
        "업체",
        "대학",
        "유관기관",
        "기관",
        "단체",
        "병원",
    ];
    let text = text.trim();
    let mut bare = text;
    while let Some(after) = GENERAL.iter().find_map(|word| bare.strip_prefix(word)) {
        bare = after.trim_start();
    }
    if let Some(count) = number_of(bare).filter(|_| bare.contains(['개', '곳'])) {
        return ("", Some(Counted::of(text, Some(count), Named::Beside)));
    }
    for mark in ["…", "..."] {
        let before = text.strip_suffix(mark).map(without_end);
        if let Some(before) = before.filter(|before| !before.is_empty()) {
            return (before, Some(Counted::of(mark, None, Named::Beside)));
        }
    }
    if let Some(found) = in_brackets(text).or_else(|| in_english(text)) {
        return found;
    }
    for (mark, named) in [
        ("외", Named::Beside),
        ("外", Named::Beside),
        ("등", Named::Perhaps),
        ("포함", Named::Within),
    ] {
        if let Some(found) = behind(text, mark, named) {
            return found;
        }
    }
    (text, None)
}

/// Splits off the parties that brackets at the end count: `을전자(외 3개사)`, `을전자 외(3개사)`.
fn in_brackets(text: &str) -> Option<(&str, Option<Counted>)> {
    let (head, aside) = text.strip_suffix(')')?.rsplit_once('(')?;
    let (head, aside) = (head.trim_end(), aside.trim());
    let mut marks = ["외", "外"]
        .iter()
        .filter_map(|mark| head.strip_suffix(mark));
    if let Some(before) = marks.find(|before| before.ends_with([' ', ',', ')']))
        && let Some(count) = number_of(aside)
    {
        let words = &text[before.len()..];
        return Some((
            without_end(before),
            Some(Counted::of(words, Some(count), Named::Beside)),
        ));
    }
    const BEGINNINGS: [&str; 4] = ["외", "外", "등", "그"];
    if head.is_empty() || !BEGINNINGS.iter().any(|word| aside.starts_with(word)) {
        return None;
    }
    match counted(aside) {
        ("", found @ Some(_)) => Some((without_end(head), found)),
        _ => None,
    }
}

/// Returns whether a place of a text is outside its brackets.
fn is_outside(text: &str, at: usize) -> bool {
    let before = &text[..at];
    before.matches('(').count() <= before.matches(')').count()
}

/// Splits off the parties that a text counts in English: `Eul Inc. and 3 others`.
fn in_english(text: &str) -> Option<(&str, Option<Counted>)> {
    let (before, count) = english::others(text)?;
    let before = without_end(before);
    let words = text[before.len()..].trim_start_matches([',', ' ']);
    let counted = Counted::of(words, count, Named::Beside);
    (!before.is_empty()).then_some((before, Some(counted)))
}

/// Splits off the parties that a text counts behind a word, the last that counts any.
fn behind<'a>(text: &'a str, mark: &str, named: Named) -> Option<(&'a str, Option<Counted>)> {
    let places = text.rmatch_indices(mark).map(|(at, _)| at);
    let mut outside = places.filter(|at| is_outside(text, *at));
    outside.find_map(|at| behind_at(text, at, mark, named))
}

fn behind_at<'a>(
    text: &'a str,
    at: usize,
    mark: &str,
    named: Named,
) -> Option<(&'a str, Option<Counted>)> {
    let after = text[at + mark.len()..].trim();
    // `그 외` and `이외` are one word; `해외` is another.
    let words = ["그 ", "그", "이"].iter().filter(|_| mark == "외");
    let mut starts = words.filter_map(|word| text[..at].strip_suffix(word));
    let start = starts.find(|before| before.is_empty() || before.ends_with([' ', ',', ')']));
    let start = start.map_or(at, str::len);
    let before = match named {
        Named::Within => without_object(without_end(&text[..start])),
        _ if start < at => without_joint(without_end(&text[..start])),
        _ => without_end(&text[..start]),
    };
    let is_apart = start < at
        || text[..at].is_empty()
        || text[..at].ends_with([' ', ',', '\n', ')', ']'])
        || (after.starts_with(|c: char| c.is_ascii_digit()) && !text[..at].ends_with('해'));
    let fillers: &[&str] = match named {
        Named::Within => &["한", "하여", "해", "총", "모두", "전체"],
        _ => &["총", "기타", "관내", "관외", "국내", "해외"],
    };
    let mut counted = after;
    while let Some(shorter) = fillers.iter().find_map(|word| counted.strip_prefix(word)) {
        counted = shorter.trim_start();
    }
    let count = number_of(counted)
        .or_else(|| number_in_words(counted))
        .or_else(|| number_described(counted));
    let count = count.filter(|count| (1..=100_000).contains(count));
    let is_vague = named != Named::Within && (is_general(counted) || is_vague(counted));
    let found = is_apart && (count.is_some() || (is_vague && !before.is_empty()));
    let named = match count {
        Some(_) => named,
        None => Named::Beside,
    };
    found.then(|| (before, Some(Counted::of(&text[start..], count, named))))
}

/// Returns whether words mean other parties without a number: `관계기관`, `협력사`.
fn is_general(words: &str) -> bool {
    const GENERAL: [&str; 26] = [
        "",
        "여러 기관",
        "관계기관",
        "관계 기관",
        "관련기관",
        "관련 기관",
        "유관기관",
        "유관 기관",
        "협력기관",
        "협력기업",
        "협력업체",
        "협력사",
        "참여기관",
        "참여기업",
        "참여사",
        "계열사",
        "관계사",
        "자회사",
        "회원사",
        "입주기업",
        "중소기업",
        "기업",
        "업체",
        "기관",
        "단체",
        "병원",
    ];
    GENERAL.contains(&words)
}

/// Reads a number of parties behind words that describe them: `회원사 132개사`.
fn number_described(words: &str) -> Option<u32> {
    let is_list = words.contains([',', ';', '\n', '(', '/', '·']) || words.contains(" 및 ");
    let found = described(words).filter(|_| !is_list && !words.contains("외 "));
    found.and_then(|found| found.others.count)
}

/// Removes the particle before other parties: `을전자와 그 외 5개사`.
fn without_joint(text: &str) -> &str {
    let text = text.strip_suffix(" 및").unwrap_or(text);
    let open = |name: &&str| !name.ends_with(|c: char| is_closed(c));
    let with = text.strip_suffix('와').filter(open);
    // `경제정책과` is a name.
    let with = with.or_else(|| text.strip_suffix('과').filter(|name| looks_like_one(name)));
    with.unwrap_or(text)
}

/// Returns whether a syllable of Hangul ends with a consonant.
fn is_closed(c: char) -> bool {
    ('가'..='힣').contains(&c) && (u32::from(c) - u32::from('가')) % 28 != 0
}

/// Removes the particle of what a number includes: `을전자를 포함한 5개사`.
fn without_object(text: &str) -> &str {
    let object = text.strip_suffix(['를', '을']);
    let name = object
        .filter(|name| name.chars().count() > 1)
        .unwrap_or(text);
    name.strip_suffix(" 등").unwrap_or(name).trim_end()
}

/// Returns whether a text counts parties without a number: `수개사`, `○개사`, `여러 곳`, `3~5개사`.
fn is_vague(text: &str) -> bool {
    const VAGUE: [&str; 16] = [
        "수십", "수백", "여러", "다수", "복수", "몇몇", "몇", "수", "○○", "○", "ㅇㅇ", "OO", "00",
        "n", "N", "X",
    ];
    let digits = |c: char| c.is_ascii_digit();
    let range = text
        .trim_start_matches(digits)
        .trim_start_matches(['~', '-', '∼']);
    let is_range = range.len() < text.len() && range.starts_with(digits);
    if is_range {
        return is_unit(range.trim_start_matches(digits));
    }
    let vague = VAGUE.iter().find_map(|word| text.strip_prefix(word));
    let is_alone = matches!(
        text,
        "다수" | "복수" | "여럿" | "n" | "N" | "○○" | "컨소시엄"
    );
    is_alone || vague.is_some_and(|unit| is_unit(unit.trim_start().trim_start_matches("의 ")))
}

/// Reads a number of parties in words: `세 곳`, `두 개 기관`, `三社`.
fn number_in_words(text: &str) -> Option<u32> {
    const NUMBERS: [[&str; 10]; 2] = [
        [
            "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열",
        ],
        ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"],
    ];
    NUMBERS.iter().find_map(|numbers| {
        let (unit, at) = numbers
            .iter()
            .enumerate()
            .find_map(|(at, word)| Some((text.strip_prefix(word)?, at)))?;
        let count = u32::try_from(at + 1).ok();
        count.filter(|_| is_unit(unit))
    })
}

/// Returns whether a text is a unit in which parties are counted, such as 곳 and 개 기관.
fn is_unit(text: &str) -> bool {
    let text = text.trim();
    let thing = text.strip_prefix('개').map(str::trim_start);
    let is_listed = |unit: &str| PARTIES.contains(&unit) || UNITS.contains(&unit);
    !text.is_empty() && is_listed(thing.unwrap_or(text)) || matches!(text, "社" | "개社")
}

/// Removes the comma and the spaces at the end of a list.
fn without_end(text: &str) -> &str {
    text.trim_end_matches([',', ' ', '\n'])
}

/// Units of a number of parties behind such a word; the empty one is that of a bare number.
const PARTIES: [&str; 16] = [
    "",
    "곳",
    "분",
    "사",
    "인",
    "명",
    "기관",
    "업체",
    "기업",
    "단체",
    "병원",
    "대학",
    "대학교",
    "학교",
    "회사",
    "도시",
];

/// Reads `25개사`, `25개 기관`, `25곳`, `3인`.
fn number_of(text: &str) -> Option<u32> {
    let text = text.trim().trim_start_matches(['약', ' ']);
    let width = text
        .bytes()
        .take_while(|b| b.is_ascii_digit() || *b == b',')
        .count();
    let count: u32 = text[..width]
        .replace(',', "")
        .parse()
        .ok()
        .filter(|count| *count > 0)?;
    let unit = text[width..]
        .trim_start()
        .trim_start_matches('여')
        .trim_start();
    let thing = unit.strip_prefix('개').unwrap_or(unit).trim_start();
    // A longer text is more than a unit.
    let is_list = thing.contains([',', ';', '\n', '(', '·', '/', '+', '&', '-', '→', '|'])
        || ["및 ", "와 ", "과 ", "그리고 "]
            .iter()
            .any(|joint| thing.contains(joint));
    let is_unit = unit.starts_with('개') && thing.chars().count() <= 8 && !is_list;
    (is_unit || PARTIES.contains(&unit)).then_some(count)
}
