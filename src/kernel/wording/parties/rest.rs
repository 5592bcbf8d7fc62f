//! Parties that a text counts without names: `외 25개사`, `등 5개 기관`, `42개사`.

use crate::kernel::values::OtherParties;

/// Parties that a text counts, and those that it then means: `등 5개 기관` counts the named ones too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    pub others: OtherParties,
    /// Whether the number can include those that are named.
    pub with_named: bool,
}

impl Counted {
    fn of(words: &str, count: Option<u32>, with_named: bool) -> Self {
        let as_stated = Some(words.trim().to_owned());
        let others = OtherParties { count, as_stated };
        Self { others, with_named }
    }

    /// Adds the parties that another part of a text counts.
    pub fn and(self, other: Self) -> Self {
        let both = self.others.count.zip(other.others.count);
        let words = [&self, &other].map(|one| one.others.as_stated.clone().unwrap_or_default());
        Self::of(
            &words.join(", "),
            both.and_then(|(a, b)| a.checked_add(b)),
            false,
        )
    }
}

/// Takes the names off a list that are numbers of parties.
pub(super) fn without_counted(
    names: Vec<String>,
    counted: Option<Counted>,
) -> (Vec<String>, Option<Counted>) {
    let mut all = counted;
    let names = names.into_iter().filter_map(|name| {
        let (kept, more) = match self::counted(&name) {
            (_, None) => described(&name).map_or((name.as_str(), None), |more| ("", Some(more))),
            counted => counted,
        };
        if let Some(more) = more {
            all = Some(match all.take() {
                // The parts of a list stand before its end.
                Some(last) => more.and(last),
                None => more,
            });
        }
        (!kept.is_empty()).then(|| kept.to_owned())
    });
    (names.collect(), all)
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
        return Some(Counted::of(name, Some(count), false));
    }
    let (_, unit) = number.split_once(['개', '곳'])?;
    let unit: String = unit
        .chars()
        .filter(|c| !matches!(*c, ' ' | JOINT))
        .collect();
    let is_unit = unit.is_empty() || UNITS.contains(&unit.as_str());
    let count = number_of(number).filter(|_| is_unit)?;
    Some(Counted::of(name, Some(count), false))
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

/// Splits a text into the number of parties and the list that names them:
/// `총 3개 기관(갑재단, 을재단, 병재단)`, `3개 기관: 갑재단, 을재단, 병재단`.
pub(super) fn listed(text: &str) -> Option<(&str, Counted)> {
    let text = text.trim();
    let (number, list) = match text.strip_suffix(')') {
        Some(text) => text.split_once('(')?,
        None => text.split_once(':')?,
    };
    let is_list = list.contains([',', '\n', '·', '/', '、']) && !list.contains(['(', ')']);
    let (before, found) = counted(number);
    let mut found = found.filter(|_| is_list && before.is_empty())?;
    found.with_named = true;
    let list = list.trim();
    Some((list.strip_suffix(" 등").unwrap_or(list), found))
}

/// Returns a text in which the parties that an end counts stand by their names, if it names as many:
/// `을전자 외 2개사(병, 정)` as `을전자, 병, 정`.
pub(super) fn with_named_others(text: &str) -> Option<String> {
    let (head, list) = text.trim().strip_suffix(')')?.rsplit_once('(')?;
    let (before, found) = counted(head);
    let count = found?.others.count?;
    let signs: &[char] = &[',', '\n', '·', '/', '、'];
    let names: Vec<&str> = list.split(signs).map(str::trim).collect();
    let is_whole = u32::try_from(names.len()).ok() == Some(count);
    let is_behind =
        !before.is_empty() && head[before.len()..].trim_start().starts_with(['외', '外']);
    (is_whole && is_behind).then(|| format!("{before}, {}", names.join(", ")))
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
        return ("", Some(Counted::of(text, Some(count), false)));
    }
    for mark in ["…", "..."] {
        let before = text.strip_suffix(mark).map(without_end);
        if let Some(before) = before.filter(|before| !before.is_empty()) {
            return (before, Some(Counted::of(mark, None, false)));
        }
    }
    for (mark, with_named) in [("외", false), ("外", false), ("등", true)] {
        if let Some(found) = behind(text, mark, with_named) {
            return found;
        }
    }
    (text, None)
}

/// Splits off the parties that a text counts behind a word.
fn behind<'a>(text: &'a str, mark: &str, with_named: bool) -> Option<(&'a str, Option<Counted>)> {
    let at = text.rfind(mark)?;
    let after = text[at + mark.len()..].trim();
    // `그 외` and `이외` are one word; `해외` is another.
    let words = ["그 ", "그", "이"].iter().filter(|_| mark == "외");
    let mut starts = words.filter_map(|word| text[..at].strip_suffix(word));
    let start = starts.find(|before| before.is_empty() || before.ends_with([' ', ',', ')']));
    let start = start.map_or(at, str::len);
    let before = without_end(&text[..start]);
    let is_apart = start < at
        || text[..at].is_empty()
        || text[..at].ends_with([' ', ',', '\n', ')', ']'])
        || (after.starts_with(|c: char| c.is_ascii_digit()) && !text[..at].ends_with('해'));
    let mut counted = after;
    while let Some(shorter) = ["총", "기타", "관내", "관외", "국내", "해외"]
        .iter()
        .find_map(|word| counted.strip_prefix(word))
    {
        counted = shorter.trim_start();
    }
    let count = number_of(counted).filter(|count| (1..=100_000).contains(count));
    let is_vague = matches!(
        after,
        "" | "다수" | "여러 기관" | "관계기관" | "유관기관" | "관계 기관"
    );
    let found = is_apart && (count.is_some() || (is_vague && !before.is_empty()));
    let with_named = with_named && count.is_some();
    found.then(|| (before, Some(Counted::of(&text[start..], count, with_named))))
}

/// Removes the comma and the spaces at the end of a list.
fn without_end(text: &str) -> &str {
    text.trim_end_matches([',', ' ', '\n'])
}

/// Reads `25개사`, `25개 기관`, `25곳`, `3인`.
fn number_of(text: &str) -> Option<u32> {
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
    let is_unit =
        unit.starts_with('개') && thing.chars().count() <= 8 && !thing.contains([',', '(', '·']);
    (is_unit || PARTIES.contains(&unit)).then_some(count)
}
