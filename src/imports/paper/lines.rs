//! The lines of a paper: those before the articles, and the articles. What is annexed is left out.

use super::english;
use super::marks::{Cutter, day};
use super::parties::HEAD;
use super::title::{self, is_title};
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

impl Line {
    /// Returns a part of the line, at its place.
    pub fn with(&self, text: &str) -> Self {
        Self {
            text: text.to_owned(),
            ..self.clone()
        }
    }

    /// Returns the sentences of the line, without the numbers before them.
    pub fn sentences(&self) -> impl Iterator<Item = Self> {
        let parts: Vec<&str> = match english::is_english(&self.text) {
            true => english::sentences(&self.text),
            false => self.text.split_inclusive("다.").map(str::trim).collect(),
        };
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        parts.map(|part| self.with(super::marks::numbered(part).unwrap_or(part)))
    }
}

/// An article: `제3조(협력 사항)` and what follows.
#[derive(Clone, Debug)]
pub struct Article {
    /// What stands in the brackets.
    pub heading: String,
    /// The rest of the first line, and the lines below; none is empty.
    pub lines: Vec<Line>,
}

impl Article {
    /// Returns whether the heading has one of some words, whatever its spaces and capitals.
    pub fn is_on(&self, words: &[&str]) -> bool {
        let heading: String = self.heading.split_whitespace().collect();
        let heading = heading.to_ascii_lowercase();
        words.iter().any(|word| heading.contains(word))
    }
}

/// A paper in its parts.
#[derive(Clone, Debug, Default)]
pub struct Paper {
    /// Title and parties; everything where no article is numbered.
    pub head: Vec<Line>,
    pub articles: Vec<Article>,
}

impl Paper {
    pub fn of(passages: &[Passage]) -> Self {
        let (mut paper, mut last, mut dated) = (Self::default(), 0, false);
        for line in passages.iter().flat_map(whole_lines) {
            let (title, rest) = paper.without_title(&line);
            let parts = Cutter::new(last).cut(rest);
            for text in title.into_iter().chain(parts) {
                let line = line.with(text.trim());
                // An agreement can itself be annexed to something.
                if (dated || !paper.articles.is_empty()) && is_annex(&line.text) {
                    return paper.tidy();
                }
                dated |= day(&line.text).is_some_and(str::is_empty);
                let heading = heading(&line.text).filter(|heading| heading.follows(last));
                match (heading, paper.articles.last_mut()) {
                    (Some(heading), _) => {
                        last = heading.number;
                        paper.articles.push(Article {
                            heading: heading.title.to_owned(),
                            lines: vec![line.with(heading.rest)],
                        });
                    }
                    (None, Some(article)) => article.lines.push(line),
                    (None, None) => paper.head.push(line),
                }
            }
        }
        paper.tidy()
    }

    /// Cuts the title off a line, where the paper has none before.
    fn without_title<'a>(&self, line: &'a Line) -> (Option<&'a str>, &'a str) {
        let is_open =
            self.articles.is_empty() && self.head.len() < HEAD && !self.head.iter().any(is_title);
        let apart = is_open.then(|| title::apart(&line.text)).flatten();
        apart.map_or((None, &line.text), |(title, rest)| (Some(title), rest))
    }

    fn tidy(mut self) -> Self {
        for article in &mut self.articles {
            article.lines.retain(|line| !line.text.is_empty());
        }
        self
    }

    /// Returns the first article whose heading contains one of some words.
    pub fn article(&self, words: &[&str]) -> Option<&Article> {
        self.articles.iter().find(|article| article.is_on(words))
    }

    /// Returns all lines, without the headings.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &Line> {
        let articles = self.articles.iter().flat_map(|article| &article.lines);
        self.head.iter().chain(articles)
    }
}

/// Returns the lines of a passage. Those of a document without pages are paragraphs.
fn whole_lines(passage: &Passage) -> impl Iterator<Item = Line> {
    let each = (0..).zip(passage.text.lines());
    each.map(move |(at, text)| Line {
        page: passage.page,
        paragraph: passage.paragraph.map(|first| first + at),
        text: text.trim().to_owned(),
    })
}

/// Returns whether a line heads what is annexed: `별첨 1. 사업 개요`, `[붙임]`. A list of annexes ends
/// with numbers of copies, and a sentence can name one.
pub(super) fn is_annex(line: &str) -> bool {
    const WORDS: [&str; 6] = ["별첨", "붙임", "별지", "별표", "첨부", "부록"];
    let is_hangul = |c: char| ('가'..='힣').contains(&c);
    let bare = line.trim_start_matches(|c: char| !c.is_alphanumeric());
    let Some(rest) = WORDS.iter().find_map(|word| bare.strip_prefix(word)) else {
        return false;
    };
    let is_word = !rest.starts_with(|c: char| is_hangul(c) && c != '제');
    let name = rest.trim_start_matches(|c: char| c.is_ascii_digit() || " 제호".contains(c));
    // `별첨 1의 계획에 따르며`
    let goes_on = name.starts_with(['과', '와', '에', '의', '을', '를']);
    let is_list = ["부", "부.", "끝.", "다."]
        .iter()
        .any(|end| line.ends_with(end));
    is_word && !goes_on && !is_list
}

/// The heading with which a line begins: `제1조(목적) 이 협약은 …`, or `제1조 목적`.
pub(super) struct Heading<'a> {
    pub number: u32,
    title: &'a str,
    pub rest: &'a str,
    /// Whether its title stands in brackets.
    pub in_brackets: bool,
}

impl Heading<'_> {
    /// Returns whether it can follow the article of a number at the beginning of a line. A paper can leave
    /// a number out, or have it twice; those of laws are mostly far away.
    pub fn follows(&self, last: u32) -> bool {
        match self.in_brackets {
            true => (last..=last + 3).contains(&self.number),
            false => self.number == last + 1,
        }
    }
}

/// Returns the number of the article that a line heads, and what follows.
fn numbered(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix('제')?.trim_start();
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = rest.split_at(digits);
    let rest = rest.trim_start().strip_prefix('조')?;
    // A reference: `제3조에 따라`.
    let is_heading = rest.starts_with(|c: char| " .".contains(c) || OPEN.contains(&c));
    is_heading.then_some((number, rest))
}

pub(super) fn heading(line: &str) -> Option<Heading<'_>> {
    let (number, rest) = numbered(line).or_else(|| english::article(line))?;
    let number = number.parse().ok()?;
    let longest = if english::is_english(line) { 60 } else { 20 };
    let bare = rest.trim_start_matches(['.', ' ']);
    let (title, rest, behind) = match bare.strip_prefix(OPEN) {
        Some(inner) => {
            let (title, rest) = inner.split_once(CLOSE)?;
            let rest = rest.trim_start_matches(CLOSE);
            (title.trim(), rest.trim(), rest)
        }
        None if bare.chars().count() <= longest && !bare.ends_with('.') => (bare, "", rest),
        None => ("", bare, rest),
    };
    (!is_reference(behind)).then_some(Heading {
        number,
        title,
        rest,
        in_brackets: bare.starts_with(OPEN),
    })
}

/// Returns whether the text behind an article's number and heading goes on as behind a name:
/// `제12조(사업시행자)에 따른`, `제17조(보조) 제1항`.
fn is_reference(after: &str) -> bool {
    const ATTACHED: [&str; 18] = [
        "에 ", "에서", "에따", "에도", "에는", "에게", "의 ", "를 ", "을 ", "와 ", "과 ", "은 ",
        "는 ", "로 ", "부터", "까지", ",", "·",
    ];
    const APART: [&str; 9] = [
        "및 ", "또는 ", "내지 ", "에 따", "에 의", "각 호", "of ", "and ", "or ",
    ];
    let next = after.trim_start();
    let clause = || {
        let number = next.strip_prefix('제')?;
        let digits = number.trim_start_matches(|c: char| c.is_ascii_digit());
        (digits.len() < number.len() && digits.starts_with(['항', '호'])).then_some(())
    };
    let starts = |text: &str, words: &[&str]| words.iter().any(|word| text.starts_with(word));
    starts(after, &ATTACHED) || starts(next, &APART) || clause().is_some()
}
