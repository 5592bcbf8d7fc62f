//! The parties of a paper: `고양시(시장 이동환, 이하 “갑”이라 한다)와 …`.

use super::english;
use super::lines::{Line, Paper};
use super::listed::{LONGEST_LIST, ROLES, is_one, listed, without_words};
use super::marks::numbered;
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
    let named = labelled(&paper.head);
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
            for (name, alias) in names(before, &alias) {
                if parties.iter().all(|party| party.name != name) {
                    parties.push(NamedParty {
                        name,
                        alias,
                        line: line.clone(),
                    });
                }
            }
            if let Some(party) = parties.last_mut()
                && let Some(others) = beside(behind)
            {
                party.name = format!("{} {others}", party.name);
                return parties;
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

/// Returns the words that count parties behind the last name: `외 2개 기관`.
fn beside(behind: &str) -> Option<&str> {
    let end = ["은 ", "는 ", "이 ", "가 "]
        .iter()
        .filter_map(|end| behind.find(end))
        .min()?;
    let words = behind[..end].trim_end();
    let is_count = words.starts_with("외 ") && words.contains(|c: char| c.is_ascii_digit());
    (is_count && words.chars().count() <= 20).then_some(words)
}

/// Collects the parties behind what they are called, or below a label, each in a line of its own:
/// `“갑” 고양시`, `갑 : 고양시`, `협약당사자` above `1. 고양시`.
fn labelled(head: &[Line]) -> Vec<NamedParty> {
    let mut parties: Vec<NamedParty> = Vec::new();
    let mut is_list = false;
    for line in head {
        let bare = closed_up(&line.text);
        let label = bare.trim_matches(|c: char| !c.is_alphanumeric());
        if LABELS.contains(&label) {
            is_list = true;
            continue;
        }
        let item = numbered(&line.text).filter(|_| is_list);
        is_list &= item.is_some();
        let role = role(&bare).map(|(role, name)| (Some(role.to_owned()), name));
        let Some((alias, name)) = role.or(item.map(|name| (None, name))) else {
            continue;
        };
        let name = listed(name).filter(|names| names.len() == 1);
        if let Some(name) = name.and_then(|mut names| names.pop())
            && parties.iter().all(|party| party.name != name)
        {
            parties.push(NamedParty {
                name,
                alias,
                line: line.clone(),
            });
        }
    }
    parties
}

/// Splits what a party is called from its name behind: `(갑) 고양시`. `을 위하여` is an ending.
fn role(line: &str) -> Option<(&'static str, &str)> {
    const CLOSED: [char; 7] = [')', '）', ']', '】', '>', ':', '：'];
    let text = line.trim_start_matches(|c: char| QUOTES.contains(&c) || "(（[【".contains(c));
    let (role, rest) = ROLES
        .iter()
        .find_map(|role| Some((*role, text.strip_prefix(role)?)))?;
    let closing = |c: char| QUOTES.contains(&c) || CLOSED.contains(&c) || c == ' ';
    let name = rest.trim_start_matches(closing);
    let between = &rest[..rest.len() - name.len()];
    let is_apart = between.contains(|c: char| c != ' ' && closing(c));
    // `“갑”과 “을”은`
    let attached = ["과 ", "와 ", "은 ", "는 ", "의 ", "이 ", "가 ", ","];
    let goes_on = attached.iter().any(|word| name.starts_with(word));
    (is_apart && !goes_on && !name.is_empty()).then_some((role, name))
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
    let alone = inside.trim().trim_matches(QUOTES);
    if ROLES.contains(&alone) {
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
    const WORDS: [&str; 11] = [
        "참여기관",
        "참여기업",
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

/// Returns the names before the brackets of a call, with what each is called: the last one, and the others
/// where several are called so together.
fn names(before: &str, alias: &str) -> Vec<(String, Option<String>)> {
    let called = |name: String| (name, Some(alias.to_owned()));
    if english::is_english(before) {
        return english::called(before).into_iter().map(called).collect();
    }
    let text = without_purpose(without_paper(before));
    let all = listed(text).unwrap_or_default();
    let is_several = is_of_several(alias) || ROLES.contains(&alias);
    let has_comma = |text: &str| text.contains([',', '，', '、', '·', 'ㆍ']);
    let are_names = all.len() < 2 || is_of_several(alias) || all.iter().all(|name| is_one(name));
    if has_comma(&without_words(text)) && !are_names {
        return of_clause(text).map(called).into_iter().collect();
    }
    let together = is_several || has_comma(text);
    let last = all.len().saturating_sub(1);
    let alias = |at: usize| (together || at == last).then(|| alias.to_owned());
    (0..).zip(all).map(|(at, name)| (name, alias(at))).collect()
}

/// Returns the name behind a clause and a comma; `None` behind what can be a part of it or another name.
fn of_clause(text: &str) -> Option<String> {
    let (clause, name) = text.rsplit_once([',', '，', '、'])?;
    let is_clause = clause.split_whitespace().count() > 2 && !is_one(clause);
    let mut names = listed(name).filter(|names| is_clause && names.len() == 1)?;
    names.pop()
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

/// Returns whether a name is that of a municipality, perhaps behind its province.
pub(super) fn is_city(name: &str) -> bool {
    let last = ordinary_city(name.rsplit(' ').next().unwrap_or(name));
    let mut all = MUNICIPALITIES.iter().flat_map(|one| one.name.texts());
    all.any(|known| known == last)
}

fn of_office(name: &str) -> Option<String> {
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
    let text = without_paper(&line.text);
    let concludes = ["체결", "합의", "협약", "협정"]
        .iter()
        .any(|word| text.contains(word));
    // Brackets that call a party something were read before.
    if !concludes || text.len() > LONGEST_LIST || next_call(text).is_some() {
        return None;
    }
    let Some(so) = ["다음과 같이", "아래와 같이"]
        .iter()
        .find_map(|so| text.find(so))
    else {
        // `고양시와 무지개재단 간에 체결한다.`
        return together(listed(&text[..text.find("간에 ")?])?, line);
    };
    let subject = &text[..so];
    let end = ["은 ", "는 "]
        .iter()
        .filter_map(|end| subject.find(end))
        .min()?;
    let mut names = listed(without_purpose(&subject[..end]))?;
    if names.len() == 1 {
        names.extend(partner(&subject[end..])?);
    }
    together(names, line)
}

/// Returns those with whom the subject of a sentence concludes: `는 무지개재단과 상생을 위하여`.
fn partner(behind: &str) -> Option<Vec<String>> {
    let behind = behind.get("은 ".len()..)?;
    let mut ends: Vec<usize> = ["와 ", "과 "]
        .iter()
        .flat_map(|end| behind.match_indices(end).map(|(at, _)| at))
        .collect();
    ends.sort_unstable();
    let end = ends.into_iter().find(|end| is_one(&behind[..*end]))?;
    listed(&behind[..end])
}

/// `고양시와 명지의료재단 간`
fn between(line: &Line) -> Option<Vec<NamedParty>> {
    let text = line.text.strip_suffix("간의");
    together(listed(text.or(line.text.strip_suffix('간'))?)?, line)
}

/// Returns the parties of a list; `None` if they are none, or only one.
fn together(names: Vec<String>, line: &Line) -> Option<Vec<NamedParty>> {
    let party = |name: String| NamedParty {
        name,
        alias: None,
        line: line.clone(),
    };
    let are_names = names.len() >= 2 && names.iter().all(|name| name.chars().count() <= 40);
    are_names.then(|| names.into_iter().map(party).collect())
}
