//! Plain English dates, terms and amounts, rewritten in the Korean forms that the parsers read. A text
//! with any other word stays as it is.

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
const NUMBERS: [&str; 10] = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
];

/// Words that add nothing to a term.
const IDLE: [&str; 15] = [
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

/// Returns whether a text has words in Latin letters and none in Hangul.
fn is_english(text: &str) -> bool {
    let hangul = |c: char| ('가'..='힣').contains(&c);
    !text.contains(hangul) && text.contains(|c: char| c.is_ascii_alphabetic())
}

/// Returns the words of a text in small letters, without points and commas behind them.
fn words(text: &str) -> Vec<String> {
    let text = text
        .to_lowercase()
        .replace('~', " to ")
        .replace("--", " to ");
    let words = text.split_whitespace();
    let words = words.map(|word| word.trim_matches(['.', ',', ';']).to_owned());
    words.filter(|word| !word.is_empty()).collect()
}

fn month(word: &str) -> Option<usize> {
    let is_short = |name: &&str| word == &name[..3] || (word == "sept" && name.starts_with("sept"));
    let found = MONTHS
        .iter()
        .position(|name| word == *name || is_short(name));
    found.map(|at| at + 1)
}

fn number(word: &str, most: u32) -> Option<u32> {
    let number = word.parse().ok().filter(|_| word.len() <= 4);
    number.filter(|number| (1..=most).contains(number))
}

/// Returns a date or a span in numbers: `16 April 2021` as `2021.4.16.`
pub(super) fn date(text: &str) -> Option<String> {
    if !is_english(text) {
        return None;
    }
    let words = words(text);
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !matches!(*word, "the" | "of"))
        .collect();
    let (limit, words) = match words.split_first()? {
        (&("by" | "until"), rest) => ("까지", rest),
        (&("from" | "since"), rest) => ("부터", rest),
        _ => ("", &words[..]),
    };
    let is_joint = |word: &&str| matches!(*word, "to" | "until" | "through" | "till" | "-");
    let ends: Vec<&[&str]> = words.split(is_joint).collect();
    match ends[..] {
        [only] => Some(day(only)? + limit),
        [from, until] if limit != "까지" => Some(format!("{}~{}", day(from)?, day(until)?)),
        _ => None,
    }
}

/// Reads `16 April 2021`, `April 16 2021` and `April 2021`.
fn day(words: &[&str]) -> Option<String> {
    let of_month = |word: &str| {
        let digits = ["st", "nd", "rd", "th"]
            .iter()
            .find_map(|end| word.strip_suffix(end));
        number(digits.unwrap_or(word), 31)
    };
    if let [date] = *words {
        // `2021-04-16 to 2024-04-15`
        let is_date = date
            .bytes()
            .all(|b| b.is_ascii_digit() || b"-./".contains(&b));
        let parts = date.split(['-', '.', '/']).count();
        return (is_date && parts == 3).then(|| date.to_owned());
    }
    let (month, day, year) = match *words {
        [name, year] => (month(name)?, None, year),
        [name, day, year] if month(name).is_some() => (month(name)?, Some(of_month(day)?), year),
        [day, name, year] => (month(name)?, Some(of_month(day)?), year),
        _ => return None,
    };
    let year = number(year, 2199).filter(|year| *year >= 1900)?;
    Some(match day {
        Some(day) => format!("{year}.{month}.{day}."),
        None => format!("{year}년 {month}월"),
    })
}

/// Returns a term: `two years from signing, automatically renewed` as `체결일로부터 2년, 자동연장`.
pub(super) fn term(text: &str) -> Option<String> {
    if !is_english(text) {
        return None;
    }
    let words = words(text);
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !IDLE.contains(word))
        .collect();
    let (renewal, words) = match words[..] {
        [ref rest @ .., "not", "automatically", "renewed"]
        | [ref rest @ .., "no", "automatic", "renewal"] => (", 자동연장 없음", rest),
        [ref rest @ .., "automatically", "renewed"]
        | [ref rest @ .., "renewed" | "renews", "automatically"]
        | [ref rest @ .., "automatic", "renewal"] => (", 자동연장", rest),
        ref all => ("", all),
    };
    if words.is_empty() {
        return Some(renewal.trim_start_matches([',', ' ']).to_owned());
    }
    let [count, unit, ref rest @ ..] = *words else {
        return None;
    };
    let named = NUMBERS.iter().position(|name| *name == count);
    let count = match named.and_then(|at| u32::try_from(at + 1).ok()) {
        Some(count) => count,
        None => number(count, 1200)?,
    };
    let unit = match unit {
        "year" | "years" => "년",
        "month" | "months" => "개월",
        "week" | "weeks" => "주",
        "day" | "days" => "일",
        _ => return None,
    };
    let from = match *rest {
        [] => "",
        ["from" | "after", "signing" | "signature" | "execution"] => "체결일로부터 ",
        ["from" | "after", "effective"]
        | [
            "from" | "after",
            "entry" | "coming" | "entering",
            "into",
            "force",
        ] => "발효일로부터 ",
        _ => return None,
    };
    Some(format!("{from}{count}{unit}{renewal}"))
}

/// Returns a unit with its scale in Korean, before its currency: `KRW million` as `백만krw`.
pub(super) fn unit(text: &str) -> Option<String> {
    if !is_english(text) {
        return None;
    }
    let words = words(text);
    let scaled = words.iter().map(|word| {
        let word = word.strip_suffix('s').unwrap_or(word);
        SCALES
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, scale)| *scale)
    });
    let scale = scaled.clone().flatten().next()?;
    let rest = words
        .iter()
        .zip(scaled)
        .filter(|(_, scale)| scale.is_none());
    let rest: Vec<&str> = rest
        .map(|(word, _)| word.as_str())
        .filter(|word| *word != "in" && *word != "of")
        .collect();
    Some(format!("{scale}{}", rest.join(" ")))
}

/// Scales of English amounts in Korean.
const SCALES: [(&str, &str); 6] = [
    ("trillion", "조"),
    ("billion", "십억"),
    ("million", "백만"),
    ("thousand", "천"),
    ("bn", "십억"),
    ("mn", "백만"),
];

/// Writes the scales of English amounts in Korean: `849.3 billion` as `849.3십억`.
pub(super) fn amount(text: &str) -> String {
    if !is_english(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let bare = word.to_lowercase();
        let scale = SCALES.iter().find(|(name, _)| bare == *name);
        match scale {
            _ if matches!(bare.as_str(), "approximately" | "about") => out.push_str(" 약 "),
            Some((_, scale)) if out.ends_with(|c: char| c.is_ascii_digit()) => out.push_str(scale),
            _ => {
                out.push(' ');
                out.push_str(word);
            }
        }
    }
    out.trim().to_owned()
}
