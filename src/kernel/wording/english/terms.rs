//! Terms: a length from a day or an event, or a date, with the clause of its renewal.

use super::{dates, is_english, number, renewals, words};

const NUMBERS: [(&str, u32); 19] = [
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("twelve", 12),
    ("fifteen", 15),
    ("eighteen", 18),
    ("twenty", 20),
    ("twenty-four", 24),
    ("thirty", 30),
    ("thirty-six", 36),
    ("sixty", 60),
    ("ninety", 90),
];

/// Words that add nothing to a term.
pub const IDLE: [&str; 15] = [
    "the",
    "a",
    "of",
    "date",
    "day",
    "its",
    "agreement",
    "for",
    "period",
    "valid",
    "and",
    "is",
    "be",
    "shall",
    "will",
];

/// Returns a term: `two years from signing, automatically renewed` as `체결일로부터 2년, 자동 연장`.
pub fn term(text: &str) -> Option<String> {
    if !is_english(text) {
        return None;
    }
    let words = words(text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (main, clause) = renewals::split(&words);
    let mut main = main.to_vec();
    main.retain(|word| !IDLE.contains(word));
    let main = match main.is_empty() {
        true => None,
        false => Some(length(&main).or_else(|| dates::of_words(&main))?),
    };
    let renewal = match clause {
        Some(clause) => Some(renewals::renewal(clause)?),
        None => None,
    };
    let parts: Vec<String> = main.into_iter().chain(renewal).collect();
    Some(parts.join(", ")).filter(|term| !term.is_empty())
}

/// Returns a length: `two years from signing` as `체결일로부터 2년`, `within 30 days` as `30일 이내`.
fn length(words: &[&str]) -> Option<String> {
    let (limit, words) = match words {
        ["within", rest @ ..] | ["no" | "not", "later" | "more", "than", rest @ ..] => {
            (" 이내", rest)
        }
        _ => ("", words),
    };
    let (length, rest) = counted(words)?;
    let from = match rest {
        [] => String::new(),
        ["from" | "after" | "following", event @ ..] => from(event)?,
        // `within six months of signing`
        event if !limit.is_empty() => from(event)?,
        _ => return None,
    };
    Some(format!("{from}{length}{limit}"))
}

/// Returns the beginning of a length: an event of the agreement, a date, or another event.
fn from(words: &[&str]) -> Option<String> {
    let text = match *words {
        [] => return None,
        ["signing" | "signature" | "execution"] => "체결일로부터".to_owned(),
        ["effective"] | ["entry" | "coming" | "entering", "into", "force"] => {
            "발효일로부터".to_owned()
        }
        _ => match dates::of_words(words) {
            Some(date) => format!("{date}부터"),
            None => format!("{} 후", event(words)?),
        },
    };
    Some(format!("{text} "))
}

/// Returns the name of an event, which has no figure.
fn event(words: &[&str]) -> Option<String> {
    let name = words.join(" ");
    let is_name = |c: char| c.is_alphabetic() || " '-".contains(c);
    name.chars().all(is_name).then_some(name)
}

/// Reads numbers with their units at the beginning of a term: `one year six months` as `1년 6개월`.
pub fn counted<'a>(words: &'a [&'a str]) -> Option<(String, &'a [&'a str])> {
    let mut all: Vec<String> = Vec::new();
    let mut rest = words;
    while let Some((count, unit, after)) = step(rest) {
        all.push(format!("{count}{unit}"));
        rest = match after {
            ["and", further @ ..] if step(further).is_some() => further,
            _ => after,
        };
    }
    (!all.is_empty()).then(|| (all.join(" "), rest))
}

fn step<'a>(words: &'a [&'a str]) -> Option<(u32, &'static str, &'a [&'a str])> {
    let [count, unit, after @ ..] = words else {
        return None;
    };
    let unit = match unit.trim_end_matches('\'') {
        "year" | "years" => "년",
        "month" | "months" => "개월",
        "week" | "weeks" => "주",
        "day" | "days" => "일",
        _ => return None,
    };
    Some((cardinal(count)?, unit, after))
}

pub fn cardinal(word: &str) -> Option<u32> {
    let named = NUMBERS.iter().find(|(name, _)| *name == word);
    named.map_or_else(|| number(word, 1200), |(_, number)| Some(*number))
}
