//! Dates and spans: `16 April 2021`, `by the end of 2024`, `the second half of 2026`.

use super::{is_english, number, words};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Words before a date, with those that Korean writes behind it.
const LIMITS: [(&[&str], &str); 13] = [
    (&["by"], "이전"),
    (&["no", "later", "than"], "이전"),
    (&["not", "later", "than"], "이전"),
    (&["until"], "까지"),
    (&["till"], "까지"),
    (&["through"], "까지"),
    (&["from"], "부터"),
    (&["since"], "부터"),
    (&["between"], "~"),
    (&["within"], "내"),
    (&["in"], ""),
    (&["on"], ""),
    (&["during"], ""),
];

/// Words for a part of a period, with those that Korean writes behind it.
const PARTS: [(&str, &str); 8] = [
    ("early", "초"),
    ("beginning", "초"),
    ("start", "초"),
    ("mid", "중반"),
    ("middle", "중반"),
    ("late", "후반"),
    ("end", "말"),
    ("year-end", "말"),
];

const ORDINALS: [[&str; 3]; 4] = [
    ["first", "1st", "1"],
    ["second", "2nd", "2"],
    ["third", "3rd", "3"],
    ["fourth", "4th", "4"],
];

/// Returns a date or a span as Korean texts write it: `16 April 2021` as `2021.4.16.`
pub fn date(text: &str) -> Option<String> {
    if !is_english(text) {
        return None;
    }
    let words = words(text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    of_words(&words)
}

/// Like [`date`], of words in small letters.
pub fn of_words(words: &[&str]) -> Option<String> {
    let words: Vec<&str> = words.iter().flat_map(|word| apart(word)).collect();
    let words: Vec<&str> = words
        .into_iter()
        .filter(|word| !matches!(*word, "the" | "of"))
        .collect();
    let begun = LIMITS
        .iter()
        .find_map(|(before, limit)| Some((*limit, words.strip_prefix(*before)?)));
    let (limit, words) = begun.unwrap_or(("", &words));
    let (limit, words) = match words {
        [rest @ .., "on" | "onward" | "onwards"] if matches!(limit, "" | "부터") => {
            ("부터", rest)
        }
        _ => (limit, words),
    };
    let is_joint = |word: &&str| matches!(*word, "to" | "until" | "through" | "till" | "and" | "-");
    let ends: Vec<&[&str]> = words.split(is_joint).collect();
    match ends[..] {
        [only] if limit != "~" => Some(format!("{} {limit}", point(only)?).trim_end().to_owned()),
        [from, until] if matches!(limit, "" | "부터" | "~") => {
            Some(format!("{}~{}", point(from)?, point(until)?))
        }
        _ => None,
    }
}

/// Splits the word for a part from its period, as in `mid-2024`.
fn apart(word: &str) -> impl Iterator<Item = &str> {
    let parts = word.split_once('-');
    let parts = parts.filter(|(part, _)| PARTS.iter().any(|(name, _)| name == part));
    let (part, period) = parts.map_or((None, word), |(part, period)| (Some(part), period));
    part.into_iter().chain([period])
}

/// Returns a period with the words around it: `about December 2026`, `end of 2024`.
fn point(words: &[&str]) -> Option<String> {
    let (about, words) = match words {
        [
            "about" | "around" | "approximately" | "circa" | "roughly" | "ca" | "c",
            rest @ ..,
        ] => (" 무렵", rest),
        _ => ("", words),
    };
    let part = words.split_first().and_then(|(first, rest)| {
        let known = PARTS.iter().find(|(name, _)| name == first);
        known.map(|(_, part)| (*part, rest))
    });
    Some(match part {
        Some((part, rest)) => format!("{} {part}{about}", period(rest)?),
        None => format!("{}{about}", period(words)?),
    })
}

/// Returns a day, a month, a part of a year or a year.
fn period(words: &[&str]) -> Option<String> {
    if let [word] = *words {
        return match year(word) {
            Some(year) => Some(format!("{year}년")),
            None => is_in_numbers(word).then(|| word.to_owned()),
        };
    }
    let of_year =
        |name: &[&str], of: &str| Some(format!("{}년 {}", year(of)?, part_of_year(name)?));
    let (month, day, of) = match *words {
        [ref name @ .., of] if part_of_year(name).is_some() => return of_year(name, of),
        [of, ref name @ ..] if part_of_year(name).is_some() => return of_year(name, of),
        [name, of] => (month(name)?, None, of),
        [name, day, of] if month(name).is_some() => (month(name)?, Some(day_of(day)?), of),
        [day, name, of] => (month(name)?, Some(day_of(day)?), of),
        _ => return None,
    };
    let year = year(of)?;
    Some(match day {
        Some(day) => format!("{year}.{month}.{day}."),
        None => format!("{year}년 {month}월"),
    })
}

/// Returns whether a word is a date in three numbers: `2021-04-16`.
fn is_in_numbers(word: &str) -> bool {
    let mut bytes = word.bytes();
    let parts = word.split(['-', '.', '/']).count();
    parts == 3 && bytes.all(|b| b.is_ascii_digit() || b"-./".contains(&b))
}

fn year(word: &str) -> Option<u32> {
    number(word, 2199).filter(|year| *year >= 1000)
}

fn month(word: &str) -> Option<usize> {
    let is_short = |name: &&str| word == &name[..3] || (word == "sept" && name.starts_with("sept"));
    let found = MONTHS
        .iter()
        .position(|name| word == *name || is_short(name));
    found.map(|at| at + 1)
}

fn day_of(word: &str) -> Option<u32> {
    let digits = ["st", "nd", "rd", "th"]
        .iter()
        .find_map(|end| word.strip_suffix(end));
    number(digits.unwrap_or(word), 31)
}

/// Returns a half-year or a quarter: `second half`, `H2` and `2H` as `하반기`.
fn part_of_year(name: &[&str]) -> Option<String> {
    let (ordinal, unit) = match *name {
        [ordinal, unit] => (ordinal, unit),
        [short] => match short.split_at_checked(1)? {
            (unit @ ("h" | "q"), number) | (number, unit @ ("h" | "q")) => (number, unit),
            _ => return None,
        },
        _ => return None,
    };
    let place = ORDINALS.iter().position(|names| names.contains(&ordinal))?;
    match (unit, place) {
        ("half" | "h", 0) => Some("상반기".to_owned()),
        ("half" | "h", 1) => Some("하반기".to_owned()),
        ("quarter" | "q", place) => Some(format!("{}분기", place + 1)),
        _ => None,
    }
}
