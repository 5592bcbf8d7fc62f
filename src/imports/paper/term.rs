//! The term of an agreement, as its paper states it.

use serde_json::json;

use super::english;
use super::lines::{Article, Line, Paper};
use super::propose::Proposal;
use crate::kernel::wording::{Context, Term, read_term};

/// Names of the term of an agreement.
const NAMES: [&str; 6] = [
    "유효기간",
    "협약기간",
    "존속기간",
    "계약기간",
    "협정기간",
    "각서기간",
];

/// Takes over the first term that an article states: those on the term of the agreement before those on
/// its force, and those before any other sentence that names the term.
pub(super) fn term(paper: &Paper, out: &mut Proposal) {
    let groups = sentences(paper);
    let found = groups.iter().find_map(|sentences| {
        let mut all = sentences.iter().filter(|line| states(line));
        all.find_map(|line| Some((line, stated(line)?, sentences)))
    });
    let Some((line, term, sentences)) = found else {
        // A term in words alone: `합의하여 해지할 때까지`.
        if let Some(line) = groups.iter().flatten().find(|line| states(line)) {
            let words: String = line.text.chars().take(500).collect();
            let words = json!({"edtf": null, "as_stated": words});
            out.set("effective_until", words, line);
        }
        return;
    };
    if let Some(from) = &term.from {
        out.set("effective_from", from.as_sent(), line);
    }
    if let Some(until) = &term.until {
        out.set("effective_until", until.as_sent(), line);
    }
    renewal(line, term, sentences, out);
}

/// Takes over how a term renews, which another sentence can say.
fn renewal(line: &Line, term: Term, sentences: &[Line], out: &mut Proposal) {
    let says = |other: &&Line| {
        let text = other.text.as_str();
        let is_on_it = text.contains("연장") || text.contains("갱신");
        *other != line && (is_on_it || english::is_on_renewal(text))
    };
    let renewal = match term.auto_renews {
        Some(_) => Some((line, term)),
        None => sentences.iter().filter(says).find_map(|line| {
            let term = read(&line.text).or_else(|| whole(&line.text))?;
            term.auto_renews.is_some().then_some((line, term))
        }),
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

/// Returns the sentences in which a term is looked for, in groups by article, the likeliest first.
fn sentences(paper: &Paper) -> Vec<Vec<Line>> {
    // Other terms: of secrecy, of the project, of a warranty.
    const OTHER: [&str; 8] = [
        "비밀",
        "사업",
        "이행",
        "보증",
        "하자",
        "납부",
        "제출",
        "개인정보",
    ];
    let heading = |article: &&Article| -> String {
        let heading: String = article.heading.split_whitespace().collect();
        heading.replace('의', "")
    };
    let names_it = |article: &&Article| {
        let heading = heading(article);
        NAMES.iter().any(|name| heading.contains(name)) && !heading.contains("비밀")
            || english::is_on_term(&article.heading)
    };
    let on_force = |article: &&Article| {
        article.is_on(&["기간", "유효", "효력", "기한"]) && !article.is_on(&OTHER)
    };
    let all = |article: &Article| article.lines.iter().flat_map(Line::sentences).collect();
    let articles = paper.articles.iter();
    let rest = articles
        .clone()
        .filter(|one| !names_it(one) && on_force(one));
    let mut groups: Vec<Vec<Line>> = articles.filter(names_it).chain(rest).map(all).collect();
    let elsewhere = paper.lines().flat_map(Line::sentences).filter(|line| {
        let text: String = line.text.split_whitespace().collect();
        let named = NAMES
            .iter()
            .any(|name| text.replace('의', "").contains(name));
        (named || text.contains("간유효")) && !OTHER.iter().any(|word| text.contains(word))
            || english::states_term(&line.text)
    });
    groups.push(elsewhere.collect());
    groups
}

/// Returns whether a sentence states how long an agreement lasts.
fn states(line: &Line) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| line.text.contains(word));
    let has_length = line.text.contains(|c: char| c.is_ascii_digit()) && has(&["년", "월", "까지"]);
    english::states_term(&line.text)
        || (has_length || has(&["무기한"]))
            && has(&["기간", "유효", "부터", "까지", "연장", "갱신"])
}

/// Returns the term that a sentence states by a day or a length, or a clause of it alone: `효력이 발생하며,
/// 유효기간은 서명일로부터 3년으로 한다.`
fn stated(line: &Line) -> Option<Term> {
    let whole = line.text.as_str();
    let clause = |name: &str| Some(&whole[whole.rfind(name)?..]);
    let clauses = NAMES
        .iter()
        .filter_map(|name| clause(name))
        .filter(|part| *part != whole);
    let mut all = std::iter::once(whole).chain(clauses).filter_map(read);
    all.find(|term| {
        let until = term.until.as_ref();
        until.is_some_and(|until| until.is_dated() || until.relative_to().is_some())
    })
}

fn read(text: &str) -> Option<Term> {
    match english::is_english(text) {
        true => english::term(text),
        false => whole(text),
    }
}

fn whole(text: &str) -> Option<Term> {
    let reading = read_term(text, &Context::default());
    reading.value.filter(|_| reading.choices.is_empty())
}
