//! The parties of a paper: `고양시(시장 이동환, 이하 “갑”이라 한다)와 …`.

use super::english;
use super::lines::{Line, Paper};
use super::marks::{day, numbered};
use super::signatures::signatories;
use crate::directory::heads::headed_by;
use crate::directory::legal_forms::ordinary_city;
use crate::directory::municipalities::MUNICIPALITIES;

/// Number of lines at the head of a paper among which its title and parties stand.
pub(super) const HEAD: usize = 12;
/// Maximum number of parties that are proposed.
const MOST: usize = 100;

pub(super) const QUOTES: &[char] = &[
    '"', '\'', '“', '”', '‘', '’', '「', '」', '『', '』', '<', '>', '《', '》', '〈', '〉', 'ʻ',
    'ʼ', '‛', '‚', '„', '‟', '`', '´', '＂', '＇', '〝', '〞', '′', '″',
];
const OPEN: [char; 2] = ['(', '（'];
const CLOSE: [char; 2] = [')', '）'];

/// Words before the names of parties.
pub(super) const LABELS: [&str; 7] = [
    "협약기관",
    "협약당사자",
    "당사자",
    "참여기관",
    "체결기관",
    "기관명",
    "협약대상",
];

/// A party as a paper names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedParty {
    pub name: String,
    /// What it is called below: `갑`.
    pub alias: Option<String>,
    pub line: Line,
}

/// Returns the parties with what they are called below; or else those of the sentence that concludes the
/// agreement, of a line that ends with `간`, or of the signatures.
pub fn parties(paper: &Paper, this_year: i32) -> Vec<NamedParty> {
    let first = paper
        .articles
        .first()
        .map_or(&[][..], |article| &article.lines);
    let named = called(&paper.head);
    if named.len() >= 2 {
        return named;
    }
    let named = called(first);
    if named.len() >= 2 {
        return named;
    }
    let concluding = paper.head.iter().find_map(concluding);
    let between = || paper.head.iter().take(HEAD).find_map(between);
    let named = concluding.or_else(between);
    let named = named.or_else(|| english::parties(paper));
    named.unwrap_or_else(|| signatories(paper, this_year))
}

/// Collects the parties that lines call something; the list ends with the subject of a sentence.
fn called(lines: &[Line]) -> Vec<NamedParty> {
    let mut parties: Vec<NamedParty> = Vec::new();
    for line in lines {
        let mut rest = line.text.as_str();
        while parties.len() < MOST
            && let Some((before, alias, next)) = next_call(rest)
        {
            rest = next;
            let behind = next.trim_start();
            let starts = |words: &[&str]| words.iter().any(|word| behind.starts_with(word));
            // What is defined is the object of something: `돌봄 사업(이하 “사업”이라 한다)을`.
            if starts(&["을 ", "를 ", "에 ", "에서 ", "의 ", "로 ", "으로 "])
                || is_thing(&alias)
                || english::is_thing(&alias)
            {
                continue;
            }
            for name in names(before, &alias) {
                if parties.iter().all(|party| party.name != name) {
                    parties.push(NamedParty {
                        name,
                        alias: Some(alias.clone()),
                        line: line.clone(),
                    });
                }
            }
            let goes_on = || starts(&["and ", ",", ";"]) || behind.is_empty();
            let is_end = starts(&["은 ", "는 ", "이 ", "가 ", "간 ", "간에 "])
                || english::is_english(behind) && !goes_on();
            if parties.len() >= 2 && is_end {
                return parties;
            }
        }
    }
    parties
}

/// Splits a text around brackets that call what stands before them something: before, alias, behind.
pub(super) fn next_call(text: &str) -> Option<(&str, String, &str)> {
    let mut from = 0;
    while let Some(found) = text[from..].find(OPEN) {
        let (at, inner) = (from + found, text[from + found..].split_once(OPEN)?.1);
        let (inside, behind) = inner.split_once(CLOSE)?;
        let of_english = || {
            let before = text[..at].trim();
            let alias = english::alias(inside)?;
            english::is_english(before).then_some(alias)
        };
        if let Some(alias) = alias(inside).or_else(of_english) {
            return Some((&text[..at], alias, behind));
        }
        from = text.len() - inner.len();
    }
    None
}

/// Returns what a party is called: `갑` of `시장 이동환, 이하 “갑”이라 한다`, and of `“갑”`.
fn alias(inside: &str) -> Option<String> {
    const ALONE: [&str; 5] = ["갑", "을", "병", "정", "무"];
    let alone = inside.trim().trim_matches(QUOTES);
    if ALONE.contains(&alone) && alone != inside.trim() {
        return Some(alone.to_owned());
    }
    let (_, text) = inside.split_once("이하")?;
    let quoted = text.split(QUOTES).nth(1).map(str::trim);
    let plain = || {
        let ends = ["이라", "라 ", "라고", "로 ", ","];
        let end = ends.iter().filter_map(|end| text.find(end)).min();
        Some(text[..end.unwrap_or(text.len())].trim())
    };
    let alias = quoted.or_else(plain)?;
    let is_short = (1..=20).contains(&alias.chars().count());
    is_short.then(|| alias.to_owned())
}

/// Returns whether something that is no party is called so.
fn is_thing(alias: &str) -> bool {
    const ENDS: [&str; 9] = [
        "사업", "협약", "협정", "각서", "법", "조례", "계획", "시설", "부지",
    ];
    ENDS.iter().any(|end| alias.ends_with(end))
}

/// Returns whether several parties together are called so: `3개 시`, `양 기관`.
fn is_of_several(alias: &str) -> bool {
    const WORDS: [&str; 9] = [
        "개 ",
        "양 ",
        "각 ",
        "양측",
        "쌍방",
        "당사자",
        "기관들",
        "양기관",
        "협약기관",
    ];
    alias.starts_with(|c: char| c.is_ascii_digit()) || WORDS.iter().any(|word| alias.contains(word))
}

/// Returns the names before the brackets of a call.
fn names(before: &str, alias: &str) -> Vec<String> {
    if english::is_english(before) {
        return english::called(before).into_iter().collect();
    }
    let text = without_purpose(without_paper(before));
    let all = match is_of_several(alias) {
        true => listed(text),
        false => vec![last_of(text)],
    };
    all.into_iter().filter_map(name).collect()
}

/// Returns what stands behind the last comma, but for one in a name: `Acme Co., Ltd.`
fn last_of(text: &str) -> &str {
    let is_form = |rest: &str| {
        ["Ltd", "Inc", "LLC", "Limited"]
            .iter()
            .any(|form| rest.trim_start().starts_with(form))
    };
    let commas = text.rmatch_indices([',', '，', '、']);
    let mut behind = commas.map(|(at, comma)| &text[at + comma.len()..]);
    behind.find(|rest| !is_form(rest)).unwrap_or(text)
}

/// Splits a list of names.
fn listed(text: &str) -> Vec<&str> {
    text.split([',', '，', '、', '·', 'ㆍ', '↔'])
        .flat_map(|part| part.split("와 "))
        .flat_map(|part| part.split("과 "))
        .flat_map(|part| part.split(" 및 "))
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .take(MOST)
        .collect()
}

/// Removes the paper as the subject before the names in a sentence: `본 협약은`.
fn without_paper(text: &str) -> &str {
    const PAPERS: [&str; 6] = ["협약", "협정", "각서", "합의서", "의향서", "MOU"];
    ["은 ", "는 "].iter().fold(text, |text, particle| {
        let split = text.split_once(particle);
        let is_paper = |subject: &str| PAPERS.iter().any(|paper| subject.ends_with(paper));
        split
            .filter(|(subject, _)| is_paper(subject.trim_end()))
            .map_or(text, |(_, rest)| rest)
    })
}

/// Removes the purpose before the names in a sentence: `상호 협력을 위하여`.
fn without_purpose(text: &str) -> &str {
    const ENDS: [&str; 5] = ["위하여 ", "위해 ", "따라 ", "관하여 ", "관해 "];
    let ends = ENDS
        .iter()
        .filter_map(|end| Some(text.rfind(end)? + end.len()));
    &text[ends.max().unwrap_or(0)..]
}

/// Returns the name of an organization in a part of a list; `None` if it has none.
fn name(text: &str) -> Option<String> {
    const BEFORE: [&str; 10] = [
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
    ];
    let text = closed_up(text);
    let mut name = text.as_str();
    loop {
        let trimmed = name.trim_matches(|c: char| c.is_whitespace() || ",，、ㆍ·:：".contains(c));
        let shorter = BEFORE.iter().find_map(|word| trimmed.strip_prefix(word));
        let shorter = shorter
            .or_else(|| numbered(trimmed))
            .or_else(|| day(trimmed));
        let label = || LABELS.iter().find_map(|label| trimmed.strip_prefix(label));
        let shorter = shorter.or_else(|| label().filter(|rest| rest.starts_with([' ', ':', '：'])));
        let Some(shorter) = shorter else {
            name = trimmed;
            break;
        };
        name = shorter;
    }
    let name = organization(without_aside(name));
    let is_name = name.chars().count() <= 100 && name.chars().any(char::is_alphanumeric);
    is_name.then_some(name)
}

/// Joins letters that were written apart to fill a line: `협 약 기 관`.
pub(super) fn closed_up(text: &str) -> String {
    let is_single =
        |word: &&str| word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    let words: Vec<&str> = text.split_whitespace().collect();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < words.len() {
        let run = words[at..]
            .iter()
            .take_while(|word| is_single(word))
            .count();
        let width = if run >= 3 { run } else { 1 };
        out.push(words[at..at + width].concat());
        at += width;
    }
    out.join(" ")
}

/// Removes brackets at the end that hold no legal form: `(회장 박○○)`.
fn without_aside(name: &str) -> &str {
    let Some((before, aside)) = name.rsplit_once(OPEN) else {
        return name;
    };
    let aside = aside.strip_suffix(CLOSE);
    match aside.is_some_and(|aside| aside.chars().count() > 2) && !before.trim().is_empty() {
        true => before.trim_end(),
        false => name,
    }
}

/// Titles of those who sign, as words of their own.
const TITLES: [&str; 17] = [
    "대표이사",
    "대표자",
    "대표",
    "사장",
    "이사장",
    "회장",
    "총장",
    "원장",
    "병원장",
    "관장",
    "단장",
    "조합장",
    "센터장",
    "본부장",
    "의장",
    "위원장",
    "총재",
];
/// Ends of names of further offices, with those of what they head.
const OFFICES: [(&str, &str); 10] = [
    ("교육감", "교육청"),
    ("부장관", "부"),
    ("청장", "청"),
    ("경찰서장", "경찰서"),
    ("소방서장", "소방서"),
    ("병원장", "병원"),
    ("의료원장", "의료원"),
    ("진흥원장", "진흥원"),
    ("연구원장", "연구원"),
    ("대학교총장", "대학교"),
];

/// Returns whether a word is a title of those who sign.
pub(super) fn is_title(word: &str) -> bool {
    TITLES.contains(&word)
}

fn organization(name: &str) -> String {
    headed(name).unwrap_or_else(|| name.to_owned())
}

/// Returns the organization that its office signs for: `㈜엘에스전자 대표이사`, `경기도지사`.
pub(super) fn headed(name: &str) -> Option<String> {
    let of_post = |name: &str| {
        let word = name.rsplit_once(' ').filter(|(before, last)| {
            TITLES.contains(last)
                || (*last == "시장" && before.ends_with('시'))
                || (*last == "군수" && before.ends_with('군'))
        });
        let before = word.map(|(before, _)| before.trim_end().to_owned());
        before.or_else(|| of_office(name))
    };
    // `고양시장 이동환`
    let person = name
        .rsplit_once(' ')
        .filter(|(_, last)| (2..=4).contains(&last.chars().count()));
    let by_person = || person.and_then(|(before, _)| of_post(before));
    of_post(name).or_else(by_person)
}

fn of_office(name: &str) -> Option<String> {
    let is_city = |city: &str| {
        let last = ordinary_city(city.rsplit(' ').next().unwrap_or(city));
        let mut all = MUNICIPALITIES.iter().flat_map(|one| one.name.texts());
        all.any(|known| known == last)
    };
    let of_body = || {
        OFFICES.iter().find_map(|(office, of)| {
            let before = name.strip_suffix(office)?;
            (!before.trim().is_empty()).then(|| format!("{before}{of}"))
        })
    };
    headed_by(name, is_city).or_else(of_body)
}

/// `고양시와 무지개재단은 다음과 같이 협약을 체결한다.`
fn concluding(line: &Line) -> Option<Vec<NamedParty>> {
    let has = |words: &[&str]| words.iter().any(|word| line.text.contains(word));
    if !has(&["다음과 같이", "아래와 같이"]) || !has(&["체결", "합의", "협약", "협정"])
    {
        return None;
    }
    let text = without_paper(&line.text);
    let ends = ["은 ", "는 "];
    let end = ends.iter().filter_map(|end| text.find(end)).min()?;
    together(without_purpose(&text[..end]), line)
}

/// `고양시와 명지의료재단 간`
fn between(line: &Line) -> Option<Vec<NamedParty>> {
    let text = line.text.strip_suffix("간의");
    together(text.or(line.text.strip_suffix('간'))?, line)
}

/// Returns the parties of a list; `None` if they are none, or only one.
fn together(names: &str, line: &Line) -> Option<Vec<NamedParty>> {
    let names: Vec<String> = listed(names).into_iter().filter_map(name).collect();
    let party = |name: String| NamedParty {
        name,
        alias: None,
        line: line.clone(),
    };
    let are_names = names.len() >= 2 && names.iter().all(|name| name.chars().count() <= 30);
    are_names.then(|| names.into_iter().map(party).collect())
}
