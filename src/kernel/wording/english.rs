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
        (&"by", rest) => ("이전", rest),
        (&("until" | "till" | "through"), rest) => ("까지", rest),
        (&("from" | "since"), rest) => ("부터", rest),
        _ => ("", &words[..]),
    };
    let is_joint = |word: &&str| matches!(*word, "to" | "until" | "through" | "till" | "-");
    let ends: Vec<&[&str]> = words.split(is_joint).collect();
    match ends[..] {
        [only] => Some(day(only)? + limit),
        [from, until] if matches!(limit, "" | "부터") => {
            Some(format!("{}~{}", day(from)?, day(until)?))
        }
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

/// Words before an English figure in Korean, the longest first.
const BEFORE: [(&str, &str); 41] = [
    ("not less than", "최소"),
    ("no less than", "최소"),
    ("in excess of", "최소"),
    ("not more than", "최대"),
    ("no more than", "최대"),
    ("not to exceed", "최대"),
    ("more than", "최소"),
    ("at least", "최소"),
    ("less than", "최대"),
    ("up to", "최대"),
    ("at most", "최대"),
    ("not exceeding", "최대"),
    ("minimum", "최소"),
    ("min", "최소"),
    ("over", "최소"),
    ("above", "최소"),
    ("exceeding", "최소"),
    ("maximum", "최대"),
    ("max", "최대"),
    ("under", "최대"),
    ("below", "최대"),
    ("approximately", "약"),
    ("approx", "약"),
    ("about", "약"),
    ("around", "약"),
    ("roughly", "약"),
    ("nearly", "약"),
    ("almost", "약"),
    ("circa", "약"),
    ("ca", "약"),
    ("c", "약"),
    ("estimated", "약"),
    ("est", "약"),
    ("expected", "약"),
    ("annual", "연간"),
    ("yearly", "연간"),
    ("monthly", "월간"),
    ("average", "평균"),
    ("remaining", "잔여"),
    ("additional", "추가"),
    ("another", "추가"),
];

/// Words behind an English figure in Korean.
const BEHIND: [(&str, &str); 11] = [
    ("minimum", "최소"),
    ("min", "최소"),
    ("maximum", "최대"),
    ("max", "최대"),
    ("approx", "내외"),
    ("or more", "이상"),
    ("and above", "이상"),
    ("or less", "이하"),
    ("at least", "최소"),
    ("at most", "최대"),
    ("estimated", "추정"),
];

/// Writes the scales of English amounts and the words beside them in Korean: `849.3 billion` as
/// `849.3십억`, `up to 3 ha` as `최대 3 ha`.
pub(super) fn amount(text: &str) -> String {
    if !text.contains(|c: char| c.is_ascii_alphabetic()) {
        return text.to_owned();
    }
    let lines: Vec<String> = text.lines().map(amount_in_line).collect();
    lines.join("\n")
}

fn amount_in_line(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut out = String::with_capacity(line.len());
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let is_behind = out.contains(|c: char| c.is_ascii_digit());
        let table = if is_behind { &BEHIND[..] } else { &BEFORE[..] };
        let named = |(phrase, korean): &(&'static str, &'static str)| {
            let width = phrase.split(' ').count();
            let found = words.get(at..at + width)?.join(" ").to_lowercase();
            (found.trim_matches(['.', ',', '(', ')']) == *phrase).then_some((*korean, width))
        };
        let scale = SCALES.iter().find(|(name, _)| word.to_lowercase() == *name);
        if let Some((korean, width)) = table.iter().find_map(named) {
            let last = words[at + width - 1];
            let (open, close) = (word.starts_with('('), last.ends_with(')'));
            let gap = if open { " (" } else { " " };
            out.push_str(gap);
            out.push_str(korean);
            out.push_str(if close { ")" } else { " " });
            at += width;
            continue;
        }
        match scale {
            Some((_, scale)) if out.ends_with(|c: char| c.is_ascii_digit()) => out.push_str(scale),
            _ => {
                out.push(' ');
                out.push_str(word);
            }
        }
        at += 1;
    }
    out.trim().to_owned()
}
