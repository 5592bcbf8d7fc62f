//! The title of a paper, and the line in which it ends.

use serde_json::json;

use super::english;
use super::lines::{Line, is_annex};
use super::marks::day;
use super::parties::{HEAD, LABELS, closed_up, next_call};
use super::propose::{Proposal, localized};
use crate::imports::rows::words;

/// Names of papers.
const PAPERS: [&str; 6] = [
    "협약서",
    "협정서",
    "양해각서",
    "합의각서",
    "합의서",
    "의향서",
];
/// Names of agreements, which papers have too.
const AGREEMENTS: [&str; 3] = ["협약", "협정", "MOU"];
/// Maximum length of a title, in characters without white space.
const LONGEST: usize = 80;

/// Takes over the first line that names an agreement, with the line before it if it goes on from there:
/// `클러스터 조성을 위한`, `업무협약서`.
pub(super) fn title(head: &[Line], out: &mut Proposal) {
    let head = &head[..head.len().min(HEAD)];
    // A paper in both languages is recorded by its Korean title.
    let is_korean = |line: &Line| is_title(line) && !english::is_english(&line.text);
    let at = head.iter().position(is_korean);
    let Some(at) = at.or_else(|| head.iter().position(is_title)) else {
        return;
    };
    if english::is_title(&head[at].text)
        && let Some(line) = english::title(&head[at..])
    {
        return take(&line.text, &line, out);
    }
    let line = &head[at];
    // `업 무 협 약 서` is written with spaces to fill the line.
    let mut title = closed_up(&line.text);
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
    take(&title, line, out);
}

fn take(title: &str, line: &Line, out: &mut Proposal) {
    out.set("title", localized(title), line);
    let kind = words::kind(title).unwrap_or("mou");
    out.set("kind", json!(kind), line);
}

/// Returns whether a line names an agreement, and is no sentence.
pub(super) fn is_title(line: &Line) -> bool {
    if english::is_title(&line.text) && line.text.chars().count() <= 2 * LONGEST {
        return true;
    }
    let spaced: String = line.text.split_whitespace().collect();
    let names = || PAPERS.iter().chain(&AGREEMENTS);
    spaced.chars().count() <= LONGEST
        && names().any(|name| spaced.contains(name))
        && !spaced.contains("이하")
        && !is_annex(&line.text)
        && !spaced.ends_with('.')
}

/// Cuts a line behind the title, where the sentence on the parties follows: readers of pages join a title in
/// the style of the text with it.
pub(super) fn apart(line: &str) -> Option<(&str, &str)> {
    let cuts = || {
        let ends = line.match_indices(' ').map(|(at, _)| at);
        let all = ends.map(|at| (&line[..at], line[at..].trim_start()));
        all.take_while(|(title, _)| title.chars().count() <= 2 * LONGEST)
    };
    let is_end = |title: &str, names: &[&str]| {
        // `업무협약(MOU)`, `업무협약서(안)`
        let bare = title.split(['(', '（']).next().unwrap_or_default();
        let bare = closed_up(bare);
        let is_sentence = ["본 ", "이 ", "위 "]
            .iter()
            .any(|this| bare.starts_with(this));
        let is_name =
            names.iter().any(|name| bare.ends_with(name)) || english::ends_with_name(&bare);
        is_name && !is_sentence && !title.contains("이하") && !title.contains("다.")
    };
    let find = |names: &[&str]| {
        let mut all = cuts().filter(|(title, rest)| is_end(title, names) && begins(rest));
        all.next()
    };
    // `업무협약 체결을 위한 합의서` goes on after the name of an agreement.
    find(&PAPERS).or_else(|| find(&AGREEMENTS))
}

/// Returns whether a text behind the name of an agreement is no part of the title: a day, or a sentence that
/// names or concludes.
fn begins(rest: &str) -> bool {
    const GOES_ON: [&str; 12] = [
        "(", "（", "체결", "이행", "추진", "개최", "관련", "내용", "사항", "등 ", "및 ", "간 ",
    ];
    const THIS: [&str; 5] = ["본 협", "이 협", "본 양해", "이 양해", "This "];
    const CONCLUDES: [&str; 8] = [
        "다음과 같이",
        "아래와 같이",
        "체결한다",
        "체결하",
        "협약한다",
        "합의한다",
        "약정한다",
        "협력하기로",
    ];
    let starts = |words: &[&str]| words.iter().any(|word| rest.starts_with(word));
    let states = || next_call(rest).is_some() || CONCLUDES.iter().any(|word| rest.contains(word));
    !starts(&GOES_ON) && (day(rest).is_some() || starts(&THIS) || starts(&LABELS) || states())
}
