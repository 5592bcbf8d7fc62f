//! Proposes the members of an agreement from the parts of its paper.

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::lines::{Article, Line, Paper};
use crate::imports::rows::words;
use crate::kernel::wording::{Context, read_date, read_term};

/// Number of lines at the head of a paper among which its title stands.
const HEAD: usize = 12;
/// Maximum number of parties, and of commitments, that are proposed.
const MOST: usize = 100;
/// Maximum length of a sentence that is shown as a place, and of a commitment, in characters.
const LONGEST: usize = 2_000;

/// Place in a paper from which a part of the proposal was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PaperPlace {
    /// JSON Pointer to the part of `body`.
    #[schema(example = "/signed_on")]
    pub pointer: String,
    /// Number of the page; null for documents without fixed pages.
    #[schema(minimum = 1, example = 2)]
    pub page: Option<u32>,
    /// Number of the paragraph; null for a page.
    #[schema(minimum = 1, example = json!(null))]
    pub paragraph: Option<u32>,
    /// The sentence, as the paper has it.
    #[schema(example = "2021년 4월 16일")]
    pub text: String,
}

/// A party as a paper names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedParty {
    pub name: String,
    /// What it is called below: `갑`.
    pub alias: Option<String>,
    line: Line,
}

/// What a paper says.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    /// The members of the agreement, but for its parties.
    pub body: Map<String, Value>,
    pub parties: Vec<NamedParty>,
    pub places: Vec<PaperPlace>,
}

impl Proposal {
    fn set(&mut self, member: &str, value: Value, line: &Line) {
        self.body.insert(member.to_owned(), value);
        self.place(format!("/{member}"), line);
    }

    fn place(&mut self, pointer: String, line: &Line) {
        self.places.push(PaperPlace {
            pointer,
            page: line.page,
            paragraph: line.paragraph,
            text: shortened(&line.text),
        });
    }
}

/// Proposes an agreement from a paper.
pub fn propose(paper: &Paper, this_year: i32) -> Proposal {
    let mut out = Proposal::default();
    title(paper, &mut out);
    out.parties = parties(paper);
    for (at, party) in out.parties.clone().iter().enumerate() {
        out.place(format!("/parties/{at}"), &party.line);
    }
    signing(paper, this_year, &mut out);
    purpose(paper, &mut out);
    term(paper, &mut out);
    binding(paper, &mut out);
    commitments(paper, &mut out);
    out
}

fn localized(text: &str) -> Value {
    let language = if text.is_ascii() { "en" } else { "ko" };
    json!({ language: shortened(text) })
}

fn shortened(text: &str) -> String {
    match text.chars().count() > LONGEST {
        true => text.chars().take(LONGEST - 1).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

/// The first line that names an agreement, with the line before it if it goes on from there:
/// `클러스터 조성을 위한`, `업무협약서`.
fn title(paper: &Paper, out: &mut Proposal) {
    const NAMES: [&str; 7] = [
        "협약",
        "협정",
        "양해각서",
        "합의각서",
        "합의서",
        "의향서",
        "MOU",
    ];
    let head = &paper.head[..paper.head.len().min(HEAD)];
    let is_title = |line: &Line| {
        let spaced: String = line.text.split_whitespace().collect();
        spaced.chars().count() <= 80
            && NAMES.iter().any(|name| spaced.contains(name))
            && !spaced.contains("이하")
            && !spaced.ends_with('.')
    };
    let Some(at) = head.iter().position(is_title) else {
        return;
    };
    let line = &head[at];
    // `업 무 협 약 서` is written with spaces to fill the line.
    let single = line
        .text
        .split_whitespace()
        .all(|part| part.chars().count() == 1);
    let mut title = match single {
        true => line.text.split_whitespace().collect(),
        false => line.text.clone(),
    };
    let before = at.checked_sub(1).map(|at| head[at].text.trim());
    if let Some(before) = before
        && ["위한", "관한", "대한", "간", "간의", "등", "및"]
            .iter()
            .any(|end| before.ends_with(end))
    {
        title = format!("{before} {title}");
    }
    if let Some(paper) = title.strip_suffix("협약서") {
        title = format!("{paper}협약");
    }
    out.set("title", localized(&title), line);
    let kind = words::kind(&title).unwrap_or("mou");
    out.set("kind", json!(kind), line);
}

/// The parties with what they are called below, `고양시(이하 “갑”이라 한다)`; or else those of a line
/// that ends with `간`.
fn parties(paper: &Paper) -> Vec<NamedParty> {
    let first = paper
        .articles
        .first()
        .map_or(&[][..], |article| &article.lines);
    for line in paper.head.iter().chain(first) {
        let named = called(line);
        if named.len() >= 2 {
            return named;
        }
    }
    let mut head = paper.head.iter().take(HEAD);
    let between = head.find_map(|line| {
        let names = line
            .text
            .strip_suffix("간의")
            .or(line.text.strip_suffix('간'))?;
        let names: Vec<&str> = names
            .split(['·', ',', '↔'])
            .flat_map(|part| part.split("와 "))
            .flat_map(|part| part.split("과 "))
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .take(MOST)
            .collect();
        let party = |name: &&str| NamedParty {
            name: (*name).to_owned(),
            alias: None,
            line: line.clone(),
        };
        (names.len() >= 2).then(|| names.iter().map(party).collect())
    });
    between.unwrap_or_default()
}

fn called(line: &Line) -> Vec<NamedParty> {
    let mut parties = Vec::new();
    let mut rest = line.text.as_str();
    while parties.len() < MOST
        && let Some((before, after)) = split_at_call(rest)
    {
        let Some((inner, next)) = after.split_once([')', '）']) else {
            break;
        };
        let name = before
            .trim_start_matches(|c: char| c.is_whitespace() || ",，ㆍ·".contains(c))
            .trim();
        let name = ["와 ", "과 ", "및 ", "은 ", "는 "]
            .iter()
            .find_map(|particle| name.strip_prefix(particle))
            .unwrap_or(name);
        if !name.is_empty() && name.chars().count() <= 100 {
            parties.push(NamedParty {
                name: name.trim().to_owned(),
                alias: alias(inner),
                line: line.clone(),
            });
        }
        rest = next;
    }
    parties
}

/// Splits a text before and after `(이하`.
fn split_at_call(text: &str) -> Option<(&str, &str)> {
    let mut from = 0;
    while let Some(found) = text[from..].find(['(', '（']) {
        let at = from + found;
        let open = text[at..].chars().next()?;
        let inner = &text[at + open.len_utf8()..];
        if let Some(after) = inner.trim_start().strip_prefix("이하") {
            return Some((&text[..at], after));
        }
        from = at + open.len_utf8();
    }
    None
}

const QUOTES: &[char] = &[
    '"', '\'', '“', '”', '‘', '’', '「', '」', '『', '』', '<', '>', '《', '》',
];

/// Returns what a party is called: `갑` of ` “갑”이라 한다`.
fn alias(text: &str) -> Option<String> {
    let quoted = text.split(QUOTES).nth(1).map(str::trim);
    let plain = || text.trim().split("이라").next().map(str::trim);
    let alias = quoted.or_else(plain)?;
    let is_short = (1..=20).contains(&alias.chars().count());
    is_short.then(|| alias.to_owned())
}

/// The last line after the articles that is a day and nothing else.
fn signing(paper: &Paper, this_year: i32, out: &mut Proposal) {
    let Some(last) = paper.articles.last() else {
        return;
    };
    let context = Context::past(this_year);
    let day = last.lines.iter().rev().find_map(|line| {
        // `2021년 4월 16일에 체결한다` is no day of signing.
        let is_day = |c: char| c.is_ascii_digit() || c.is_whitespace() || "년월일.-/".contains(c);
        if !line.text.chars().all(is_day) {
            return None;
        }
        let read = read_date(&line.text, &context);
        let date = read.value.filter(|_| read.choices.is_empty())?;
        let day = date.earliest().filter(|day| date.latest() == Some(*day))?;
        (day.to_string() == date.edtf()?).then(|| (date.as_sent(), line.clone()))
    });
    if let Some((date, line)) = day {
        out.set("signed_on", date, &line);
        out.body.insert("status".into(), json!("signed"));
    }
}

fn purpose(paper: &Paper, out: &mut Proposal) {
    if let Some(line) = paper.article(&["목적"]).and_then(|a| a.lines.first()) {
        out.set("purpose", localized(&line.text), line);
    }
}

/// The sentence of the article on the term that states one.
fn term(paper: &Paper, out: &mut Proposal) {
    let Some(article) = paper.article(&["기간", "유효", "효력", "기한"]) else {
        return;
    };
    let sentences = article.lines.iter().flat_map(|line| {
        let parts = line.text.split_inclusive("다.");
        parts.map(move |text| Line {
            text: numbered(text.trim()).unwrap_or(text.trim()).to_owned(),
            ..line.clone()
        })
    });
    let states = |line: &Line| {
        let has = |words: &[&str]| words.iter().any(|word| line.text.contains(word));
        let has_length =
            line.text.contains(|c: char| c.is_ascii_digit()) && has(&["년", "월", "까지"]);
        (has_length || has(&["무기한"])) && has(&["기간", "유효", "부터", "까지", "연장", "갱신"])
    };
    let sentences: Vec<Line> = sentences.filter(states).collect();
    let Some(line) = sentences.first() else {
        return;
    };
    let read = |line: &Line| {
        let reading = read_term(&line.text, &Context::default());
        reading.value.filter(|_| reading.choices.is_empty())
    };
    let Some(term) = read(line) else {
        let words: String = line.text.chars().take(500).collect();
        let words = json!({"edtf": null, "as_stated": words});
        return out.set("effective_until", words, line);
    };
    if let Some(from) = &term.from {
        out.set("effective_from", from.as_sent(), line);
    }
    if let Some(until) = &term.until {
        out.set("effective_until", until.as_sent(), line);
    }
    // The next sentence can say how it renews.
    let says = |line: &&Line| line.text.contains("연장") || line.text.contains("갱신");
    let renewal = if term.auto_renews.is_some() {
        Some((line, term))
    } else {
        let next = sentences.iter().skip(1).find(says);
        next.and_then(|line| Some((line, read(line)?)))
    };
    let Some((line, term)) = renewal else {
        return;
    };
    if let Some(renews) = term.auto_renews {
        out.set("auto_renews", json!(renews), line);
    }
    if let Some(renewal) = term.renewal {
        out.set("renewal", json!(renewal), line);
    }
}

/// A sentence that denies that the agreement binds.
fn binding(paper: &Paper, out: &mut Proposal) {
    let lines = paper.articles.iter().flat_map(|article| &article.lines);
    let denies = |line: &&Line| {
        let after = line.text.split_once("구속력").map(|(_, after)| after);
        after.is_some_and(|after| {
            ["않", "아니", "없"].iter().any(|word| after.contains(word)) && !after.contains("제외")
        })
    };
    if let Some(line) = lines.clone().find(denies) {
        out.set("legally_binding", json!(false), line);
    }
}

/// The items of the articles that say what is to be done.
fn commitments(paper: &Paper, out: &mut Proposal) {
    const HEADINGS: [&str; 8] = [
        "협력",
        "역할",
        "의무",
        "협약사항",
        "협약 사항",
        "분담",
        "지원",
        "추진",
    ];
    // Articles on talks and costs say how, and not what.
    const OTHER: [&str; 5] = ["기간", "비밀", "비용", "협의회", "해지"];
    let mut found: Vec<(Value, Line)> = Vec::new();
    for article in &paper.articles {
        let says = |words: &[&str]| words.iter().any(|word| article.heading.contains(word));
        if says(&HEADINGS) && !says(&OTHER) {
            found.extend(items(article, &out.parties));
        }
    }
    found.truncate(MOST);
    let all: Vec<Value> = found.iter().map(|(value, _)| value.clone()).collect();
    if !all.is_empty() {
        out.body.insert("commitments".into(), json!(all));
    }
    for (at, (_, line)) in found.iter().enumerate() {
        out.place(format!("/commitments/{at}"), line);
    }
}

/// Returns the commitments of an article: its items, with those who owe them by the line above; or its
/// sentences, if it has none. The last article ends with the signatures.
fn items(article: &Article, parties: &[NamedParty]) -> Vec<(Value, Line)> {
    let mut owing = Vec::new();
    let mut found: Vec<(Value, Line)> = Vec::new();
    for line in &article.lines {
        let (text, is_item) = match numbered(&line.text) {
            Some(text) => (text, true),
            None => (line.text.as_str(), false),
        };
        let own = subjects(text, parties);
        let leads = text.contains("다음") || text.ends_with(':');
        if leads {
            owing = own;
        } else if is_item || (!own.is_empty() && text.ends_with("다.")) {
            let owed_by = if own.is_empty() { &owing } else { &own };
            let owed_by: Vec<Value> = owed_by.iter().map(|at| json!({"party": at})).collect();
            let commitment = json!({"text": localized(text), "owed_by": owed_by});
            found.push((commitment, line.clone()));
        }
    }
    found
}

/// Returns what follows the number of an item: `①`, `1.`, `(1)`, `가.`, `-`.
fn numbered(text: &str) -> Option<&str> {
    let mut rest = text.chars();
    let first = rest.next()?;
    if matches!(first, '①'..='⑳' | '-' | '○' | '•' | '◦' | 'ㅇ' | '▪' | '❍') {
        return Some(rest.as_str().trim()).filter(|text| !text.is_empty());
    }
    let inner = text.strip_prefix('(').unwrap_or(text);
    let end = inner.find(['.', ')'])?;
    let (number, rest) = inner.split_at(end);
    let is_digits = (1..=2).contains(&number.len()) && number.chars().all(|c| c.is_ascii_digit());
    let is_letter = number.chars().count() == 1 && "가나다라마바사아자차카타파하".contains(number);
    let rest = rest[1..].trim();
    // `2. 5. 3.` is a day.
    let is_text = !rest.is_empty() && !rest.starts_with(|c: char| c.is_ascii_digit());
    ((is_digits || is_letter) && is_text).then_some(rest)
}

/// Returns the parties that are the subject of a sentence, by their places: `“갑”과 “을”은 …`.
fn subjects(text: &str, parties: &[NamedParty]) -> Vec<usize> {
    let mut rest = text.trim_start_matches(QUOTES);
    let mut found = Vec::new();
    loop {
        let names = |party: &NamedParty| {
            let alias = party
                .alias
                .as_deref()
                .and_then(|alias| rest.strip_prefix(alias));
            alias.or_else(|| rest.strip_prefix(party.name.as_str()))
        };
        let next = parties
            .iter()
            .enumerate()
            .find_map(|(at, party)| Some((at, names(party)?)));
        let Some((at, after)) = next else {
            return Vec::new();
        };
        found.push(at);
        let after = after.trim_start_matches(QUOTES);
        let ends = ["은 ", "는 ", "이 ", "가 "]
            .iter()
            .any(|end| after.starts_with(end));
        if ends {
            return found;
        }
        let particle = ["과 ", "와 ", "및 ", ", ", "·", " 및 ", ","]
            .iter()
            .find_map(|particle| after.strip_prefix(particle));
        let Some(after) = particle else {
            return Vec::new();
        };
        rest = after.trim_start().trim_start_matches(QUOTES);
    }
}
