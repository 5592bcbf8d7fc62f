//! The commitments of a paper: the items of the articles that say what is to be done.

use serde_json::{Value, json};

use super::english::is_english;
use super::lines::{Article, Line, Paper};
use super::marks::{day, numbered};
use super::parties::NamedParty;
use super::propose::{Proposal, localized, unpersonal};
use super::subjects::{further, owners, subject};

/// Maximum number of commitments that are proposed.
const MOST: usize = 100;

/// Words of headings of articles that say what is to be done.
const HEADINGS: [&str; 15] = [
    "협력",
    "역할",
    "의무",
    "협약사항",
    "협약내용",
    "내용",
    "분담",
    "지원",
    "추진",
    "책무",
    "cooperation",
    "responsibilit",
    "obligation",
    "roles",
    "undertaking",
];
/// Articles on talks and costs say how, and not what.
const OTHER: [&str; 11] = [
    "기간",
    "비밀",
    "비용",
    "협의회",
    "해지",
    "해석",
    "purpose",
    "duration",
    "confiden",
    "expense",
    "terminat",
];

pub(super) fn commitments(paper: &Paper, out: &mut Proposal) {
    let mut found: Vec<(Value, Line)> = Vec::new();
    for article in &paper.articles {
        if article.is_on(&HEADINGS) && !article.is_on(&OTHER) {
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

/// Returns the commitments of an article: its items, with those who owe them by the line above or the
/// heading; or its sentences, if it has none. The last article ends with the signatures.
fn items(article: &Article, parties: &[NamedParty]) -> Vec<(Value, Line)> {
    let mut owing = owners(&article.heading, parties);
    let by_heading = !owing.is_empty();
    let mut found: Vec<(Value, Line)> = Vec::new();
    let is_day = |line: &&Line| day(&line.text).is_some_and(str::is_empty);
    let lines = article.lines.iter().take_while(|line| !is_day(line));
    for line in lines.filter(|line| !is_signature(&line.text)) {
        let (text, is_item) = match numbered(&line.text) {
            Some(text) => (text, true),
            None => (line.text.as_str(), false),
        };
        let subject = subject(text, parties);
        if leads(text) {
            owing = subject.map_or(owing, |subject| subject.parties);
            continue;
        }
        let labelled = subject.as_ref().and_then(|subject| subject.labelled);
        let ends = text.ends_with("다.") || is_english(text) && text.ends_with('.');
        let is_sentence = ends && (subject.is_some() || by_heading);
        // A number of a person alone promises nothing.
        if unpersonal(text).is_some_and(|kept| kept.is_empty()) {
            continue;
        }
        if is_item || labelled.is_some() || is_sentence {
            let mut owed_by = subject.map_or_else(|| owing.clone(), |subject| subject.parties);
            let others = further(text, parties).into_iter();
            let others: Vec<usize> = others.filter(|at| !owed_by.contains(at)).collect();
            owed_by.extend(others);
            let owed_by: Vec<Value> = owed_by.iter().map(|at| json!({"party": at})).collect();
            let text = localized(labelled.unwrap_or(text));
            found.push((json!({"text": text, "owed_by": owed_by}), line.clone()));
        }
    }
    found
}

/// Returns whether a text leads to the items below: `“갑”은 다음 각 호의 사항을 지원한다.`
fn leads(text: &str) -> bool {
    let squeezed: String = text.split_whitespace().collect();
    const WORDS: [&str; 15] = [
        "다음각",
        "다음과같",
        "다음사항",
        "다음의",
        "다음을",
        "아래를",
        "다음업무",
        "다음내용",
        "다음분야",
        "아래와같",
        "아래각",
        "아래사항",
        "아래의",
        "asfollows",
        "thefollowing",
    ];
    text.ends_with([':', '：']) || WORDS.iter().any(|word| squeezed.contains(word))
}

/// Returns whether a line is one of signatures, or the sentence before them.
fn is_signature(text: &str) -> bool {
    const SIGNED: [&str; 6] = ["(인)", "(서명)", "(직인", "(날인", "서명·날인", "서명 날인"];
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    has(&SIGNED)
        || (has(&["협약서", "각서", "협정서", "합의서"])
            && has(&["보관", "통을 작성", "부를 작성"]))
}
