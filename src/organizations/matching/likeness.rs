//! Names that are alike beyond their legal form: abbreviated, mistyped, or shortened. Pure.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::kernel::values::{Identifier, Scheme};

/// How a recorded organization is like a wanted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    SameIdentifier,
    /// The names are the same but for spaces and case.
    SameName,
    /// The names are the same without their legal forms.
    SimilarName,
    /// One name abbreviates the other, as 을농협 does 을농업협동조합.
    Abbreviated,
    /// The names differ by a letter or a syllable.
    Spelling,
}

/// Abbreviations at the end of names, with what they stand for.
const ABBREVIATIONS: [(&str, &str); 12] = [
    ("농협", "농업협동조합"),
    ("수협", "수산업협동조합"),
    ("축협", "축산업협동조합"),
    ("신협", "신용협동조합"),
    ("상의", "상공회의소"),
    ("대", "대학교"),
    ("여대", "여자대학교"),
    ("고", "고등학교"),
    ("시청", "시"),
    ("군청", "군"),
    ("구청", "구"),
    ("도청", "도"),
];

/// Bodies of universities, in whose names that of the university is abbreviated too: `동국대의료원`.
const OF_UNIVERSITIES: [&str; 6] = [
    "치과병원",
    "한방병원",
    "병원",
    "의료원",
    "의과대학",
    "산학협력단",
];
/// The ends of the names of universities before them.
const UNIVERSITIES: [(&str, &str); 2] = [("여대", "여자대학교"), ("대", "대학교")];

/// Words at the beginning of names that one source has and another leaves out.
const GENERAL: [&str; 4] = ["한국", "대한", "전국", "국립"];
/// Words for a body in the middle of names that one source has and another leaves out:
/// `국민건강보험(공단) 일산병원`.
const INNER: [&str; 4] = ["공단", "의료재단", "재단", "법인"];

/// Words that many names end with, so that they do not make two names alike.
const COMMON: [&str; 31] = [
    "농업협동조합",
    "수산업협동조합",
    "축산업협동조합",
    "신용협동조합",
    "상공회의소",
    "산학협력단",
    "고등학교",
    "대학교",
    "교육지원청",
    "종합병원",
    "대학병원",
    "문화재단",
    "복지재단",
    "도시공사",
    "협동조합",
    "연합회",
    "협의회",
    "연구원",
    "연구소",
    "위원회",
    "의료원",
    "센터",
    "협회",
    "학회",
    "병원",
    "은행",
    "재단",
    "공사",
    "공단",
    "조합",
    "학교",
];

/// A name in the forms in which it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    expanded: String,
    whole: Vec<char>,
    /// Without general words that names often leave out; empty if it is short.
    bare: String,
    /// Without a common word at its end.
    core: Vec<char>,
    common: String,
}

impl Compared {
    /// Returns the forms of a name without its legal form.
    pub fn of(key: &str) -> Self {
        let abbreviation = ABBREVIATIONS.iter().rev().find_map(|(short, long)| {
            let before = key
                .strip_suffix(short)
                .filter(|before| !before.is_empty())?;
            (!key.ends_with(long)).then(|| format!("{before}{long}"))
        });
        let abbreviation =
            abbreviation.or_else(|| of_university(key, |(short, long)| (short, long)));
        let expanded = abbreviation.unwrap_or_else(|| key.to_owned());
        let common = COMMON
            .iter()
            .find(|end| expanded.len() > end.len() && expanded.ends_with(**end));
        let common = (*common.unwrap_or(&"")).to_owned();
        let core = expanded[..expanded.len() - common.len()].chars().collect();
        Self {
            whole: expanded.chars().collect(),
            bare: bare(&expanded),
            expanded,
            core,
            common,
        }
    }

    /// Returns how alike two names are, from 0 to 100; `None` if they are not.
    fn likeness(&self, other: &Self) -> Option<(u8, Likeness)> {
        if self.expanded == other.expanded {
            return Some((90, Likeness::Abbreviated));
        }
        if !self.bare.is_empty() && self.bare == other.bare {
            return Some((70, Likeness::Abbreviated));
        }
        if self.common != other.common {
            // `국립암센타`
            let is_long = self.whole.len().min(other.whole.len()) >= 5;
            let slip = || distance(&letters(&self.whole), &letters(&other.whole), 1);
            return is_long
                .then(slip)
                .flatten()
                .map(|_| (75, Likeness::Spelling));
        }
        if self.core.len().min(other.core.len()) < 3 {
            return None;
        }
        let (short, long) = match self.core.len() <= other.core.len() {
            true => (&self.core, &other.core),
            false => (&other.core, &self.core),
        };
        if long.len() == short.len() + 1 && short.len() >= 5 && lacks_one(long, short) {
            return Some((75, Likeness::Spelling));
        }
        let (one, two) = (letters(&self.core), letters(&other.core));
        let apart = distance(&one, &two, 2)?;
        let most = one.len().max(two.len());
        (apart * 10 <= most).then_some((80, Likeness::Spelling))
    }
}

/// Returns a name without general words at its beginning and in its middle; empty if little is left.
fn bare(name: &str) -> String {
    let begins = GENERAL.iter().find_map(|word| name.strip_prefix(word));
    let mut bare = begins.unwrap_or(name).to_owned();
    for word in INNER {
        // What ends or begins with it is called so.
        if let Some((before, after)) = bare.split_once(word)
            && before.chars().count() >= 3
            && after.chars().count() >= 3
        {
            bare = format!("{before}{after}");
        }
    }
    match bare.chars().count() {
        0..5 => String::new(),
        _ => bare,
    }
}

/// Returns the form of a name without its legal form that abbreviates it, such as 을농협 for
/// 을농업협동조합; `None` if there is none.
pub fn abbreviated(key: &str) -> Option<String> {
    // `시청` names the office of what its long form names.
    let mut pairs = ABBREVIATIONS
        .iter()
        .filter(|(short, long)| short.len() < long.len());
    let whole = pairs.find_map(|(short, long)| {
        let before = key.strip_suffix(long)?;
        (before.chars().count() >= 2).then(|| format!("{before}{short}"))
    });
    whole.or_else(|| of_university(key, |(short, long)| (long, short)))
}

/// Returns the name of a body of a university with another form of that of the university: `turn` gives of
/// the short and the long end that which stands there and that which replaces it.
fn of_university(
    key: &str,
    turn: impl Fn((&'static str, &'static str)) -> (&'static str, &'static str),
) -> Option<String> {
    OF_UNIVERSITIES.iter().find_map(|body| {
        let university = key.strip_suffix(body)?;
        UNIVERSITIES.into_iter().map(&turn).find_map(|(from, to)| {
            let before = university.strip_suffix(from)?;
            (before.chars().count() >= 2).then(|| format!("{before}{to}{body}"))
        })
    })
}

/// Returns whether a text without one of its characters is the other.
fn lacks_one(long: &[char], short: &[char]) -> bool {
    let same = long.iter().zip(short).take_while(|(a, b)| a == b).count();
    long[same + 1..] == short[same..]
}

/// Returns the letters of syllables.
fn letters(text: &[char]) -> Vec<char> {
    text.iter().collect::<String>().nfd().collect()
}

/// Returns the number of letters to change, add or leave out, if it is at most `most`.
fn distance(one: &[char], two: &[char], most: usize) -> Option<usize> {
    if one.len().abs_diff(two.len()) > most {
        return None;
    }
    let mut row: Vec<usize> = (0..=two.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, b) in two.iter().enumerate() {
            let changed = before + usize::from(a != b);
            before = row[j + 1];
            row[j + 1] = changed.min(before + 1).min(row[j] + 1);
        }
    }
    row.last().copied().filter(|distance| *distance <= most)
}

/// Recorded names, by what those that are alike share.
#[derive(Debug, Default)]
pub struct Similar {
    names: Vec<(String, Compared)>,
    expanded: HashMap<String, Vec<usize>>,
    bare: HashMap<String, Vec<usize>>,
    /// Names by the first and by the last character of their core or the whole, and its length.
    ends: HashMap<(bool, char, usize), Vec<usize>>,
}

impl Similar {
    pub fn of<'a>(keys: impl Iterator<Item = &'a String>) -> Self {
        let mut all = Self::default();
        for key in keys {
            let compared = Compared::of(key);
            let at = all.names.len();
            all.expanded
                .entry(compared.expanded.clone())
                .or_default()
                .push(at);
            if !compared.bare.is_empty() {
                let bare = all.bare.entry(compared.bare.clone());
                bare.or_default().push(at);
            }
            for text in [&compared.core, &compared.whole] {
                for end in ends(text, text.len()) {
                    all.ends.entry(end).or_default().push(at);
                }
            }
            all.names.push((key.clone(), compared));
        }
        all
    }

    /// Returns the names that are like one, with their scores.
    pub fn to(&self, one: &Compared) -> Vec<(String, u8, Likeness)> {
        let near = [&one.core, &one.whole].into_iter().flat_map(|text| {
            let lengths = text.len().saturating_sub(1)..=text.len() + 1;
            lengths.flat_map(|length| ends(text, length))
        });
        let by_ends = near.filter_map(|end| self.ends.get(&end)).flatten();
        let by_whole = self.expanded.get(&one.expanded).into_iter().flatten();
        let by_bare = self.bare.get(&one.bare).into_iter().flatten();
        let mut places: Vec<usize> = by_whole.chain(by_bare).chain(by_ends).copied().collect();
        places.sort_unstable();
        places.dedup();
        let found = places.into_iter().filter_map(|at| {
            let (key, compared) = self.names.get(at)?;
            let (score, likeness) = one.likeness(compared)?;
            Some((key.clone(), score, likeness))
        });
        found.collect()
    }
}

fn ends(core: &[char], length: usize) -> impl Iterator<Item = (bool, char, usize)> {
    let ends = [(true, core.first().copied()), (false, core.last().copied())];
    ends.into_iter()
        .filter_map(move |(first, c)| Some((first, c?, length)))
}

/// Returns the business number that a text is.
pub(super) fn number_in(text: &str) -> Option<Identifier> {
    let text = text.trim();
    let text = text
        .strip_prefix("사업자등록번호")
        .unwrap_or(text)
        .trim_start_matches([':', ' ']);
    let parts: Vec<&str> = text.split('-').collect();
    let shaped = matches!(parts[..], [a, b, c] if (a.len(), b.len(), c.len()) == (3, 2, 5));
    let digits = parts
        .iter()
        .all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    let identifier = Identifier {
        scheme: Scheme::BusinessNumber,
        id: text.to_owned(),
    };
    (shaped && digits && validator::Validate::validate(&identifier).is_ok()).then_some(identifier)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::legal_forms::name_key;

    fn likeness(one: &str, other: &str) -> Option<(u8, Likeness)> {
        let found = Similar::of([name_key(other)].iter()).to(&Compared::of(&name_key(one)));
        found
            .first()
            .map(|(_, score, likeness)| (*score, *likeness))
    }

    #[test]
    fn abbreviations_and_slips_are_alike() {
        for (one, other, expected) in [
            ("을농협", "을농업협동조합", (90, Likeness::Abbreviated)),
            ("서울대", "서울대학교", (90, Likeness::Abbreviated)),
            ("이화여대", "이화여자대학교", (90, Likeness::Abbreviated)),
            ("고양상의", "고양상공회의소", (90, Likeness::Abbreviated)),
            ("셀트리옹", "셀트리온㈜", (80, Likeness::Spelling)),
            (
                "한국바이오의약협회",
                "한국바이오의약품협회",
                (75, Likeness::Spelling),
            ),
            ("국립암센타", "국립암센터", (75, Likeness::Spelling)),
            ("경기도청", "경기도", (90, Likeness::Abbreviated)),
            ("종로구청", "종로구", (90, Likeness::Abbreviated)),
            (
                "동국대의료원",
                "동국대학교의료원",
                (90, Likeness::Abbreviated),
            ),
            (
                "이화여대 산학협력단",
                "이화여자대학교 산학협력단",
                (90, Likeness::Abbreviated),
            ),
            (
                "바이오의약품협회",
                "한국바이오의약품협회",
                (70, Likeness::Abbreviated),
            ),
            (
                "국민건강보험공단 일산병원",
                "국민건강보험 일산병원",
                (70, Likeness::Abbreviated),
            ),
        ] {
            assert_eq!(likeness(one, other), Some(expected), "{one}, {other}");
            assert_eq!(likeness(other, one), Some(expected), "{other}, {one}");
        }
    }

    #[test]
    fn other_organizations_are_not_alike() {
        for (one, other) in [
            ("병대학교", "정대학교"),
            ("전남대학교", "전북대학교"),
            ("경기대학교", "경희대학교"),
            ("한국전력공사", "한국도로공사"),
            ("삼성전자", "삼성전기"),
            ("서울대학교", "서울대학교병원"),
            ("서울대병원", "서울대학교치과병원"),
            ("현대병원", "현대학교병원"),
            ("갑문화재단", "을문화재단"),
            ("한국바이오협회", "한국바이오학회"),
            ("신군", "신시"),
            ("한국은행", "대한은행"),
            ("한국전력공사", "한국전력기술"),
            ("", "갑"),
        ] {
            assert_eq!(likeness(one, other), None, "{one}, {other}");
        }
    }

    #[test]
    fn business_numbers_are_found() {
        assert_eq!(number_in("124-81-00998").unwrap().key(), "1248100998");
        assert!(number_in("사업자등록번호: 124-81-00998").is_some());
        for text in ["124-81-00999", "031-123-4567", "대표", ""] {
            assert!(number_in(text).is_none(), "{text}");
        }
    }
}
