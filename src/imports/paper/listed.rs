//! Lists of organizations in the sentences of papers: `고양시와 한국의료·바이오협회 및 나래대학교`.

use super::marks::{day, numbered};
use super::parties::{LABELS, QUOTES, closed_up, headed, is_city};
use crate::imports::rows::stand_ins::{StandIn, stand_in};
use crate::kernel::wording::{Context, Parties, looks_like_one, read_parties};

/// What the parties of a contract are called.
pub(super) const ROLES: [&str; 12] = [
    "갑", "을", "병", "정", "무", "기", "甲", "乙", "丙", "丁", "戊", "己",
];
/// Longest name of an organization, in characters.
const LONGEST: usize = 100;
/// Longest text in which names are looked for, in bytes: it is read again for each place where one can end.
pub(super) const LONGEST_LIST: usize = 3_000;

/// Returns the names in a list; `None` if it is not certain where one ends, if one names nobody, or if the
/// list is too long.
pub(super) fn listed(text: &str) -> Option<Vec<String>> {
    if text.len() > LONGEST_LIST {
        return None;
    }
    let mut names = Vec::new();
    for piece in pieces(text)? {
        let piece = without_words(&closed_up(piece));
        if !piece.is_empty() {
            names.extend(certain(&piece)?);
        }
    }
    (!names.is_empty()).then_some(names)
}

/// Returns whether a text ends as the names of organizations and of their heads do.
pub(super) fn is_one(text: &str) -> bool {
    let name = without_words(text);
    // `아시아태평양도시` is no city.
    (looks_like_one(&name) && !name.ends_with("도시")) || body(&name).is_some()
}

/// Splits a text at the particles and conjunctions between names; `None` if one can belong to a name.
fn pieces(text: &str) -> Option<Vec<&str>> {
    const JOINTS: [&str; 4] = ["와 ", "과 ", " 및 ", " 그리고 "];
    let (mut pieces, mut start) = (Vec::new(), 0);
    let mut joints: Vec<(usize, &str)> = JOINTS
        .into_iter()
        .flat_map(|joint| text.match_indices(joint))
        .filter(|(at, _)| is_outside(&text[..*at]))
        .collect();
    joints.sort_unstable();
    for (at, joint) in joints {
        let Some(left) = text.get(start..at) else {
            continue;
        };
        let right = &text[at + joint.len()..];
        if !left.contains(char::is_alphanumeric) || !fits(left, joint) {
            continue;
        }
        let is_sure = is_one(last(left)) || begins_with_city(right);
        // `간호학과 동문회`
        let is_of_word = joint == "과 " && left.ends_with('학');
        match is_sure {
            true => {
                pieces.push(left);
                start = at + joint.len();
            }
            false if is_of_word => {}
            false => return None,
        }
    }
    pieces.push(&text[start..]);
    Some(pieces)
}

fn is_outside(before: &str) -> bool {
    let count = |signs: [char; 2]| before.matches(signs).count();
    count(['(', '（']) == count([')', '）'])
}

/// Returns whether a particle has the form that the word before it asks for: 과 behind a final consonant.
fn fits(left: &str, joint: &str) -> bool {
    let last = left.chars().next_back().unwrap_or(' ');
    let is_hangul = ('가'..='힣').contains(&last);
    let is_closed = (u32::from(last) - u32::from('가') * u32::from(is_hangul)) % 28 != 0;
    match joint {
        "와 " => !is_hangul || !is_closed,
        "과 " => !is_hangul || is_closed,
        _ => true,
    }
}

/// Returns the last item of a list with commas or dots.
fn last(list: &str) -> &str {
    let items = list.rsplit([',', '，', '、', '·', 'ㆍ', '/']);
    items.map(str::trim).next().unwrap_or(list)
}

fn begins_with_city(text: &str) -> bool {
    let first = text.split([',', '·', ' ', '(', '（']).next();
    first.is_some_and(is_city)
}

/// Returns the names of a piece between particles, if one reading is certain and names somebody.
fn certain(piece: &str) -> Option<Vec<String>> {
    let reading = read_parties(piece, &Context::default(), &|_| false);
    let all: Vec<&Parties> = match &reading.value {
        Some(read) => vec![read],
        None => reading.choices.iter().map(|choice| &choice.value).collect(),
    };
    let read = match &all[..] {
        [read] => read,
        // The number may count those that are named, or others.
        [apart, together] if apart.named == together.named => apart,
        // `한국의료·바이오협회`: the sign belongs to the name if nothing ends before it.
        [apart, together] => {
            let is_open = piece.contains(" ·") || piece.contains("· ") || piece.contains(" 및 ");
            let mut parts = apart.named.iter().rev();
            let last = parts.next()?;
            let is_whole = looks_like_one(&last.name) && !parts.any(|one| is_one(&one.name));
            Some(together).filter(|_| is_whole && !is_open)?
        }
        _ => return None,
    };
    let mut names: Vec<String> = Vec::new();
    for party in &read.named {
        names.push(settled(&party.name)?);
    }
    // Those beside it are counted where the whole agreement is read.
    if let (Some(last), Some(others)) = (names.last_mut(), &read.others) {
        *last = format!("{last} {}", others.as_stated.as_deref()?);
    }
    (!names.is_empty()).then_some(names)
}

/// Removes the words before a name that are none of it: numbers, days, labels, conjunctions, roles.
pub(super) fn without_words(text: &str) -> String {
    const BEFORE: [&str; 12] = [
        "대한민국 ",
        "와 ",
        "과 ",
        "및 ",
        "은 ",
        "는 ",
        "그리고 ",
        "또한 ",
        "하고 ",
        "간 ",
        "관내 ",
        "위 ",
    ];
    let mut name = text;
    loop {
        let trimmed = name.trim_matches(|c: char| c.is_whitespace() || ",，、ㆍ·:：".contains(c));
        let shorter = BEFORE.iter().find_map(|word| trimmed.strip_prefix(word));
        let shorter = shorter
            .or_else(|| numbered(trimmed))
            .or_else(|| day(trimmed))
            .or_else(|| dated(trimmed));
        let label = || LABELS.iter().find_map(|label| trimmed.strip_prefix(label));
        let shorter = shorter.or_else(|| label().filter(|rest| rest.starts_with([' ', ':', '：'])));
        let Some(shorter) = shorter else {
            return trimmed.to_owned();
        };
        name = shorter;
    }
}

/// Removes a year or month before a name: `2026년 3월 고양시`.
fn dated(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_number = (1..=4).contains(&(text.len() - rest.len()));
    let rest = rest.strip_prefix(['년', '월', '일'])?;
    is_number.then(|| rest.strip_prefix(' ')).flatten()
}

/// Returns the organization that a name means; `None` if it names nobody for certain.
fn settled(name: &str) -> Option<String> {
    let bare = name.trim().trim_matches(QUOTES).trim();
    let is_role = ROLES.contains(&bare) || bare.chars().count() < 2;
    if is_role || LABELS.contains(&bare) || bare.contains(&QUOTES[..6]) {
        return None;
    }
    // `3개 대학`, of which no name is known.
    let is_counted = bare.contains("개 ") && bare.contains(|c: char| c.is_ascii_digit());
    let name = match stand_in(bare, &is_city) {
        Some(StandIn::Nobody) => return None,
        Some(StandIn::Person(None)) if !looks_like_one(bare) => return None,
        Some(StandIn::Person(Some(body))) if !looks_like_one(bare) => body,
        Some(StandIn::HeadOf(body)) => body,
        _ => headed(bare).unwrap_or_else(|| bare.to_owned()),
    };
    let name = city(&without_praise(&name));
    let is_name = name.chars().count() <= LONGEST && name.chars().any(char::is_alphanumeric);
    (is_name && !is_counted).then_some(name)
}

/// Returns the organization whose head a name is.
fn body(name: &str) -> Option<String> {
    match stand_in(name, &is_city) {
        Some(StandIn::HeadOf(body)) => Some(body),
        _ => headed(name),
    }
}

/// Removes what a sentence says of an organization before its name: `지방자치단체인`, `국내 최고의`.
fn without_praise(name: &str) -> String {
    const ENDS: [&str; 8] = [
        "기관인",
        "단체인",
        "대학인",
        "기업인",
        "최고의",
        "최대의",
        "최초의",
        "유일의",
    ];
    let words: Vec<&str> = name.split_whitespace().collect();
    let is_praise = |word: &&str| ENDS.iter().any(|end| word.ends_with(end));
    let at = words.iter().rposition(is_praise).map_or(0, |at| at + 1);
    match words[at..].is_empty() {
        true => name.to_owned(),
        false => words[at..].join(" "),
    }
}

/// Returns a municipality with its province alone: `고양시` of `민선 8기 고양시`.
fn city(name: &str) -> String {
    let words: Vec<&str> = name.split(' ').collect();
    let Some((last, before)) = words.split_last().filter(|(last, _)| is_city(last)) else {
        return name.to_owned();
    };
    let province = before.last().filter(|word| word.ends_with(['도', '시']));
    match province {
        Some(province) => format!("{province} {last}"),
        None if looks_like_one(&before.join(" ")) => name.to_owned(),
        None => (*last).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_split_where_names_end() {
        for (text, names) in [
            (
                "고양시와 한국의료·바이오협회",
                Some(&["고양시", "한국의료·바이오협회"][..]),
            ),
            (
                "고양시와 가온대학교 간호학과 동문회",
                Some(&["고양시", "가온대학교 간호학과 동문회"]),
            ),
            ("고양시와 아시아태평양도시와 지방정부연합", None),
            (
                "고양시와 Lumen Technologies, Inc.",
                Some(&["고양시", "Lumen Technologies, Inc."]),
            ),
            (
                "가온대학교 · 나래대학교 · 다온대학교",
                Some(&["가온대학교", "나래대학교", "다온대학교"]),
            ),
            (
                "경기도와 고양시 그리고 (재)나래문화재단",
                Some(&["경기도", "고양시", "(재)나래문화재단"]),
            ),
            (
                "고양시와 관내 3개 대학(가온대학교, 나래대학교, 다온대학교)",
                Some(&["고양시", "가온대학교", "나래대학교", "다온대학교"]),
            ),
            ("고양시(갑)와 한빛협회(을)", Some(&["고양시", "한빛협회"])),
            (
                "지방자치단체인 고양시와 교육기관인 가온대학교",
                Some(&["고양시", "가온대학교"]),
            ),
            (
                "2026년 3월 고양시와 나래대학교",
                Some(&["고양시", "나래대학교"]),
            ),
            (
                "민선 8기 고양시와 국내 최고의 나래대학교",
                Some(&["고양시", "나래대학교"]),
            ),
            ("고양시장과 한빛협회장", Some(&["고양시", "한빛협회"])),
            (
                "고양시 홍가람 시장과 한빛협회 이나래 회장",
                Some(&["고양시", "한빛협회"]),
            ),
            ("다온드론과 고양시", Some(&["다온드론", "고양시"])),
            ("“갑”과 “을”", None),
            ("고양시와 관내 3개 대학", None),
            ("고양시와 ".repeat(LONGEST_LIST).as_str(), None),
        ] {
            let found = listed(text);
            let found: Option<Vec<&str>> = found
                .as_ref()
                .map(|all| all.iter().map(String::as_str).collect());
            assert_eq!(found.as_deref(), names, "{text}");
        }
    }
}
