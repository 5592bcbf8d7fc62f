//! Papers in English: `Memorandum of Understanding between A and B`, `(hereinafter “A”)`,
//! `Article 1 (Purpose)`, `Signed on 16 April 2021`.

use super::lines::{Line, Paper};
use super::parties::{NamedParty, QUOTES};
use crate::kernel::values::ImpreciseDate;
use crate::kernel::wording::{Context, Term, read_date, read_term};

/// Names of papers, in small letters without spaces.
const PAPERS: [&str; 5] = [
    "memorandumofunderstanding",
    "memorandumofagreement",
    "letterofintent",
    "agreement",
    "mou",
];
/// Words that begin a sentence and no title.
const SENTENCES: [&str; 10] = [
    "this ", "the ", "whereas", "in ", "on ", "we ", "both ", "now", "it ", "to ",
];
/// Legal forms with a point behind them.
const ABBREVIATED: [&str; 4] = ["Ltd.", "LTD.", "Inc.", "Corp."];
/// Maximum number of lines of a title.
const TITLE_LINES: usize = 8;
/// Maximum length of a sentence in which a day or a term is looked for, in bytes.
const LONGEST_SENTENCE: usize = 1_000;
/// Maximum number of characters of a name.
const LONGEST_NAME: usize = 100;

/// Returns whether a text has Latin letters and no Hangul.
pub(super) fn is_english(text: &str) -> bool {
    let is_hangul = |c: char| ('가'..='힣').contains(&c);
    !text.contains(is_hangul) && text.contains(|c: char| c.is_ascii_alphabetic())
}

/// Returns whether all letters of a text are Latin, whatever its quotes.
pub(super) fn is_latin(text: &str) -> bool {
    is_english(text)
        && text
            .chars()
            .filter(|c| c.is_alphabetic())
            .all(|c| c < '\u{250}')
}

fn squeezed(text: &str) -> String {
    let letters = text.chars().filter(|c| !c.is_whitespace());
    letters.collect::<String>().to_ascii_lowercase()
}

fn starts(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.starts_with(word))
}

/// Returns whether a line names a paper, and is no sentence.
pub(super) fn is_title(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let plain = squeezed(text);
    is_english(text)
        && text.starts_with(char::is_uppercase)
        && PAPERS.iter().any(|name| plain.contains(name))
        && !lower.contains("hereinafter")
        && !starts(&lower, &SENTENCES)
        && !ends_sentence(text)
}

/// Returns whether a point ends a sentence in a text, and no abbreviation: `Co., Ltd.`
fn ends_sentence(text: &str) -> bool {
    text.ends_with('.') && !ABBREVIATED.iter().any(|form| text.ends_with(form))
}

/// Returns whether a text ends with the name of a paper, so that a title can end there.
pub(super) fn ends_with_name(text: &str) -> bool {
    let plain = squeezed(text);
    is_title(text) && PAPERS.iter().any(|name| plain.ends_with(name))
}

/// Returns the title that begins in the first of some lines, and goes on below: `MEMORANDUM OF UNDERSTANDING`,
/// `BETWEEN`, `GOYANG CITY`, `AND`, `HAKODATE CITY`.
pub(super) fn title(lines: &[Line]) -> Option<Line> {
    const JOINTS: [&str; 9] = [
        "between",
        "among",
        "and",
        "on",
        "for",
        "of",
        "concerning",
        "regarding",
        "the",
    ];
    let is_joint = |word: Option<&str>| {
        word.is_some_and(|word| JOINTS.contains(&word.to_ascii_lowercase().as_str()))
    };
    let (first, below) = lines.split_first()?;
    let mut title = first.text.clone();
    for line in below.iter().take(TITLE_LINES) {
        let text = line.text.as_str();
        let goes_on = is_joint(title.split_whitespace().next_back())
            || is_joint(text.split_whitespace().next());
        let is_part = goes_on
            && is_english(text)
            && !ends_sentence(text)
            && signatory(text).is_none()
            && !text.to_ascii_lowercase().contains("hereinafter")
            && !text.contains(|c: char| c.is_ascii_digit());
        if !is_part {
            break;
        }
        title = format!("{title} {text}");
    }
    Some(first.with(&title))
}

/// Returns the number of the article that a line heads, and what follows: `Article 1 (Purpose)`.
pub(super) fn article(line: &str) -> Option<(&str, &str)> {
    let rest = line.get(7..)?.trim_start();
    if !line[..7].eq_ignore_ascii_case("article") {
        return None;
    }
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = rest.split_at(digits);
    let rest = rest.trim_start_matches(|c: char| " .:–—-".contains(c));
    // A reference: `Article 3 of the Act`.
    let title = rest.trim_start_matches(['(', '[']);
    (title.is_empty() || title.starts_with(char::is_uppercase)).then_some((number, rest))
}

/// Returns what a party is called by words in brackets: `hereinafter referred to as “Goyang”`, `the “City”`.
pub(super) fn alias(inside: &str) -> Option<String> {
    let lower = inside.to_ascii_lowercase();
    let is_named = ["hereinafter", "hereafter", "referred to as"]
        .iter()
        .any(|word| lower.contains(word));
    let bare = inside.trim();
    let bare = bare.strip_prefix("the ").unwrap_or(bare);
    let is_quoted = bare.len() > 2 && bare.starts_with(QUOTES) && bare.ends_with(QUOTES);
    let quoted = || bare.split(QUOTES).map(str::trim).nth(1);
    let behind = || {
        let ends = ["referred to as ", "called ", "hereinafter ", "hereafter "];
        let end = ends
            .iter()
            .find_map(|end| Some(lower.find(end)? + end.len()))?;
        inside.get(end..)
    };
    let alias = match (is_named, is_quoted) {
        (true, _) => quoted()
            .filter(|text| !text.is_empty())
            .or_else(behind)?
            .trim(),
        (false, true) => bare.trim_matches(QUOTES).trim(),
        (false, false) => return None,
    };
    let alias = ["the ", "The "]
        .iter()
        .find_map(|word| alias.strip_prefix(word))
        .unwrap_or(alias);
    let is_short = (1..=40).contains(&alias.chars().count());
    (is_short && is_english(alias)).then(|| alias.to_owned())
}

/// Returns whether something that is no party is called so, or all parties together.
pub(super) fn is_thing(alias: &str) -> bool {
    const NAMES: [&str; 10] = [
        "project",
        "program",
        "programme",
        "agreement",
        "memorandum",
        "mou",
        "purpose",
        "parties",
        "party",
        "sides",
    ];
    let lower = alias.to_ascii_lowercase();
    let last = lower.rsplit(' ').next().unwrap_or_default();
    NAMES.contains(&last)
}

/// Returns the name before the brackets of a call: `This MOU is made between the City of Goyang, Republic
/// of Korea (…)`.
pub(super) fn called(before: &str) -> Option<String> {
    let lower = before.to_ascii_lowercase();
    let markers = ["between ", "among ", " by "];
    let behind = markers
        .iter()
        .filter_map(|marker| Some(lower.rfind(marker)? + marker.len()));
    let joined = before.trim_start();
    let joined = (joined.starts_with([',', ';']) || joined.starts_with("and ")).then_some(0);
    if let Some(start) = behind.chain(joined).max() {
        return name(&before[start..]);
    }
    // A sentence can begin with the day: `On 16 April 2021, Goyang City (…)`.
    let words: Vec<&str> = before.split_whitespace().collect();
    let count = words.iter().rev().take_while(|word| is_of_name(word));
    name(&words[words.len() - count.count()..].join(" "))
}

/// Returns the name with which a text begins, without what is said of it behind a comma: `KoreaBIO, an
/// association`. `None` if it is none for certain.
fn name(text: &str) -> Option<String> {
    const FORMS: [&str; 7] = ["Ltd", "LTD", "Inc", "INC", "LLC", "Limited", "GmbH"];
    let mut text = text.trim_matches(|c: char| c.is_whitespace() || ",;:".contains(c));
    if ends_sentence(text) {
        text = text.trim_end_matches('.');
    }
    for word in ["and ", "AND ", "the ", "The ", "THE "] {
        text = text.strip_prefix(word).unwrap_or(text).trim_start();
    }
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || ",;".contains(c));
    let mut commas = text.match_indices(',');
    let end = commas.find(|(at, _)| !starts(text[at + 1..].trim_start(), &FORMS));
    let name = text[..end.map_or(text.len(), |(at, _)| at)].trim();
    let is_name = name.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())
        && name.chars().count() <= LONGEST_NAME
        && name.split_whitespace().all(is_of_name);
    is_name.then(|| name.to_owned())
}

/// Returns whether a word can stand in a name.
fn is_of_name(word: &str) -> bool {
    const SMALL: [&str; 9] = ["of", "and", "the", "for", "in", "at", "&", "de", "la"];
    let is_day = word
        .trim_end_matches(',')
        .chars()
        .all(|c| c.is_ascii_digit());
    SMALL.contains(&word) || word.starts_with(char::is_uppercase) && !is_day
}

/// Returns the parties that a line names as those between whom an agreement is: in pairs, since many names
/// hold `and` themselves, or in a list.
pub(super) fn between(line: &Line) -> Option<Vec<NamedParty>> {
    let lower = line.text.to_ascii_lowercase();
    let behind = |marker: &str| Some(lower.find(marker)? + marker.len());
    let (start, is_list) = match behind("between ") {
        Some(start) => (start, false),
        None => (behind("among ")?, true),
    };
    let end = ENDS
        .iter()
        .filter_map(|end| lower[start..].find(end))
        .min()
        .map_or(lower.len(), |at| start + at);
    let text = &line.text[start..end];
    let lower = &lower[start..end];
    let joints: Vec<usize> = lower.match_indices(" and ").map(|(at, _)| at).collect();
    let last = *joints.last()?;
    let behind = &text[last + " and ".len()..];
    let before = &text[..last];
    let mut parts: Vec<&str> = match (is_list, &joints[..]) {
        (true, _) => before
            .split(',')
            .filter(|part| !part.trim().is_empty())
            .collect(),
        (false, [_]) => vec![before],
        (false, _) => return None,
    };
    parts.push(behind);
    let names: Option<Vec<String>> = parts.into_iter().map(name).collect();
    let party = |name: String| NamedParty {
        name,
        alias: None,
        line: line.clone(),
    };
    Some(names?.into_iter().map(party).collect())
}

/// Words behind the names of parties.
const ENDS: [&str; 13] = [
    " on ",
    " concerning ",
    " regarding ",
    " for the ",
    " for cooperation",
    " in the field",
    " in relation",
    " with respect",
    " hereby",
    " agree",
    " is made",
    " dated",
    " (",
];

/// Returns the signatory that a line names: `For and on behalf of Goyang City`.
pub(super) fn signatory(line: &str) -> Option<String> {
    const BEGINS: [&str; 3] = [
        "for and on behalf of ",
        "signed on behalf of ",
        "on behalf of ",
    ];
    let lower = line.to_ascii_lowercase();
    let start = BEGINS.iter().find(|start| lower.starts_with(**start))?;
    name(&line[start.len()..])
}

/// Reads the day of signing in a line that is a day or states when the paper was signed: `Date: 16 April 2021`,
/// `Signed at Goyang on 16 April 2021`. One that names another year as well is not clear.
pub(super) fn signing_day(line: &str, this_year: i32) -> Option<ImpreciseDate> {
    const SIGNS: [&str; 7] = [
        "date",
        "signed",
        "done",
        "made",
        "executed",
        "entered",
        "concluded",
    ];
    // Of other days, and of the signing of other papers.
    const OTHERS: [&str; 10] = [
        " shall ",
        " will ",
        "effective date",
        "expir",
        "renew",
        "replac",
        "supersed",
        "amend",
        "previous",
        "pursuant",
    ];
    let text = line.trim().trim_end_matches('.');
    if text.len() > LONGEST_SENTENCE {
        return None;
    }
    if let Some(day) = day(text, this_year) {
        return Some(day);
    }
    let lower = text.to_ascii_lowercase();
    let words = || lower.split(|c: char| !c.is_ascii_alphabetic());
    let signs = words().any(|word| SIGNS.contains(&word) || word == "dated");
    let numbers = text.split(|c: char| !c.is_ascii_digit());
    let is_clear = numbers.filter(|number| number.len() == 4).count() == 1;
    if !signs || !is_clear || OTHERS.iter().any(|word| lower.contains(word)) {
        return None;
    }
    let begins = [" on ", " this ", ": ", "dated ", "date ", "as of "];
    let mut starts = begins
        .iter()
        .flat_map(|word| lower.match_indices(word).map(|(at, word)| at + word.len()));
    let of_start = |start: usize| {
        let stops = [" by ", " between ", " among ", " in ", " at ", " ("];
        let stops = stops.iter().filter_map(|stop| lower[start..].find(stop));
        let end = stops.min().map_or(text.len(), |at| start + at);
        day(text[start..end].trim_end_matches([',', ' ']), this_year)
    };
    starts.find_map(of_start)
}

/// Reads a text that is a day: `16 April 2021`, `the 16th day of April, 2021`.
fn day(text: &str, this_year: i32) -> Option<ImpreciseDate> {
    let plain = text.replace(" day of ", " ");
    let read = read_date(&plain, &Context::past(this_year));
    let date = read.value.filter(|_| read.choices.is_empty())?;
    let day = date.earliest().filter(|day| date.latest() == Some(*day))?;
    (day.to_string() == date.edtf()?).then(|| date.stated(text.trim()))
}

/// Returns whether the heading of an article is on the term of the agreement.
pub(super) fn is_on_term(heading: &str) -> bool {
    const WORDS: [&str; 6] = [
        "term",
        "duration",
        "validity",
        "period",
        "effectiveness",
        "force",
    ];
    let lower = heading.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_ascii_alphabetic());
    is_english(heading) && !lower.contains("confiden") && words.any(|word| WORDS.contains(&word))
}

/// Returns whether a sentence states how long an agreement lasts.
pub(super) fn states_term(text: &str) -> bool {
    const LASTS: [&str; 8] = [
        "remain",
        "valid",
        "in force",
        "in effect",
        "effective",
        "continue",
        "duration",
        "term of",
    ];
    const LENGTHS: [&str; 4] = ["year", "month", "until ", "indefinite"];
    let lower = text.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let is_span = || lower.contains("from ") && lower.contains(" to ");
    let has_length = has(&LENGTHS) || is_span();
    is_english(text) && has(&LASTS) && has_length && !lower.contains("confiden")
}

/// Reads the term in a sentence: the longest part of it that states one, between the words before a length
/// or a day and the end of a clause.
pub(super) fn term(text: &str) -> Option<Term> {
    const BEGINS: [&str; 5] = ["for", "until", "through", "from", "of"];
    const CLAUSES: [&str; 6] = ["; ", ", ", " unless ", " and ", " or ", " with "];
    let text = text.trim().trim_end_matches('.');
    if text.len() > LONGEST_SENTENCE {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let read = |part: &str| {
        let reading = read_term(part, &Context::default());
        let term = reading.value.filter(|_| reading.choices.is_empty())?;
        let until = term.until.as_ref();
        until
            .is_some_and(|until| until.is_dated() || until.relative_to().is_some())
            .then_some(term)
    };
    let starts = lower.match_indices(' ').map(|(at, _)| at + 1);
    let mut starts = starts.filter(|at| {
        let word = lower[*at..].split(' ').next();
        word.is_some_and(|word| BEGINS.contains(&word))
    });
    starts.find_map(|start| {
        let ends = CLAUSES
            .iter()
            .flat_map(|clause| lower[start..].match_indices(clause));
        let mut ends: Vec<usize> = ends.map(|(at, _)| start + at).collect();
        ends.push(text.len());
        ends.sort_unstable();
        ends.into_iter()
            .rev()
            .find_map(|end| read(&text[start..end]))
    })
}

/// Returns whether a sentence is on the renewal of an agreement.
pub(super) fn is_on_renewal(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    is_english(text) && (lower.contains("renew") || lower.contains("exten"))
}

/// Returns the sentences of a text. A point behind a short word can be that of an abbreviation: `Co., Ltd.`
pub(super) fn sentences(text: &str) -> Vec<&str> {
    let (mut all, mut from) = (Vec::new(), 0);
    for (at, _) in text.match_indices(". ") {
        let word = text[from..at].rsplit(' ').next().unwrap_or_default();
        let is_end = word.chars().count() > 3 || word.ends_with(|c: char| c.is_ascii_digit());
        if is_end && from < at && text[at + 2..].starts_with(char::is_uppercase) {
            all.push(text[from..=at].trim());
            from = at + 2;
        }
    }
    all.push(text[from..].trim());
    all.retain(|part| !part.is_empty());
    all
}

/// Returns the parties between whom the head of a paper says that it is.
pub(super) fn parties(paper: &Paper) -> Option<Vec<NamedParty>> {
    let head = &paper.head;
    let titled = || {
        let at = head.iter().position(|line| is_title(&line.text))?;
        between(&title(&head[at..])?)
    };
    let sentence = || {
        head.iter()
            .filter(|line| is_english(&line.text))
            .find_map(between)
    };
    titled().or_else(sentence)
}
