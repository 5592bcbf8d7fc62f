//! The lines of a paper: those before the articles, the articles, and those after them.

use crate::extract::Passage;

/// Brackets around the heading of an article.
const OPEN: [char; 4] = ['(', '（', '[', '【'];
const CLOSE: [char; 4] = [')', '）', ']', '】'];

/// A line with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub page: Option<u32>,
    pub paragraph: Option<u32>,
    pub text: String,
}

/// An article: `제3조(협력 사항)` and what follows.
#[derive(Clone, Debug)]
pub struct Article {
    /// What stands in the brackets.
    pub heading: String,
    /// The rest of the first line, and the lines below; none is empty.
    pub lines: Vec<Line>,
}

/// A paper in its parts.
#[derive(Clone, Debug, Default)]
pub struct Paper {
    /// Title and parties.
    pub head: Vec<Line>,
    pub articles: Vec<Article>,
}

impl Paper {
    pub fn of(passages: &[Passage]) -> Self {
        let mut paper = Self::default();
        for line in passages.iter().flat_map(lines) {
            match (heading(&line.text), paper.articles.last_mut()) {
                (Some((heading, rest)), _) => {
                    let first = Line {
                        text: rest.to_owned(),
                        ..line.clone()
                    };
                    paper.articles.push(Article {
                        heading: heading.to_owned(),
                        lines: vec![first],
                    });
                }
                (None, Some(article)) => article.lines.push(line),
                (None, None) => paper.head.push(line),
            }
        }
        for article in &mut paper.articles {
            article.lines.retain(|line| !line.text.is_empty());
        }
        paper
    }

    /// Returns the first article whose heading contains one of some words.
    pub fn article(&self, words: &[&str]) -> Option<&Article> {
        let has = |article: &&Article| words.iter().any(|word| article.heading.contains(word));
        self.articles.iter().find(has)
    }
}

/// Returns the lines of a passage. Those of a document without pages are paragraphs; readers of pages join
/// some that belong apart.
fn lines(passage: &Passage) -> impl Iterator<Item = Line> {
    let each = (0..).zip(passage.text.lines());
    each.flat_map(move |(at, text)| {
        apart(text).into_iter().map(move |text| Line {
            page: passage.page,
            paragraph: passage.paragraph.map(|first| first + at),
            text: text.trim().to_owned(),
        })
    })
}

/// Cuts a line before each article and item that begins in it, and around a day after a sentence.
fn apart(line: &str) -> Vec<&str> {
    let (mut parts, mut rest) = (Vec::new(), line);
    let cuts = line.match_indices(' ').filter(|(at, _)| {
        let (before, after) = (&line[..*at], &line[at + 1..]);
        let in_brackets = || {
            let number = after.split_once('조').map(|(_, rest)| rest.trim_start());
            number.is_some_and(|rest| rest.starts_with(OPEN))
        };
        let is_article = heading(after).is_some() && in_brackets();
        let is_item =
            after.starts_with(|c: char| matches!(c, '①'..='⑳')) && !before.ends_with(CLOSE);
        let is_day = before.ends_with("다.") && day(after).is_some();
        is_article || is_item || is_day || day_ends(before)
    });
    let mut from = 0;
    for (at, _) in cuts {
        parts.push(&rest[..at - from]);
        rest = &line[at + 1..];
        from = at + 1;
    }
    parts.push(rest);
    parts
}

/// Returns what follows the day with which a text begins: `2021년 4월 16일`.
fn day(text: &str) -> Option<&str> {
    let mut rest = text;
    for unit in ["년", "월", "일"] {
        let digits = rest
            .trim_start()
            .trim_start_matches(|c: char| c.is_ascii_digit());
        if digits.len() == rest.trim_start().len() {
            return None;
        }
        rest = digits.trim_start().strip_prefix(unit)?;
    }
    (rest.is_empty() || rest.starts_with(' ')).then_some(rest)
}

/// Returns true if a text ends with a day that follows a sentence.
fn day_ends(text: &str) -> bool {
    let last = || text.rsplit_once("다. ").map(|(_, last)| last);
    text.ends_with('일') && last().and_then(day).is_some_and(str::is_empty)
}

/// Returns the heading of the article that begins with a line, and the rest of the line: `목적` of
/// `제1조(목적) 이 협약은 …`, and of `제1조 목적`.
fn heading(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix('제')?.trim_start();
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = rest[digits..].trim_start().strip_prefix('조')?;
    // A reference: `제3조에 따라`.
    let is_heading =
        digits > 0 && rest.starts_with(|c: char| " .".contains(c) || OPEN.contains(&c));
    let rest = rest.trim_start_matches(['.', ' ']);
    if !is_heading {
        return None;
    }
    let Some(inner) = rest.strip_prefix(OPEN) else {
        let is_short = rest.chars().count() <= 20 && !rest.ends_with('.');
        return Some(if is_short { (rest, "") } else { ("", rest) });
    };
    let (heading, rest) = inner.split_once(CLOSE)?;
    Some((heading.trim(), rest.trim()))
}
