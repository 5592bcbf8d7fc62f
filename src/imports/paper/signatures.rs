//! The parties of a paper that stand only where it is signed: `고양시장 이동환 (인)`.

use super::english;
use super::lines::{Line, Paper};
use super::parties::{NamedParty, closed_up, headed, is_title};
use super::signing::signing_day;

/// Marks of a seal or a signature.
const SEALS: [&str; 8] = [
    "(인",
    "(서명",
    "(직인",
    "(날인",
    "（인",
    "（서명",
    "㊞",
    "(印",
];
/// Titles of heads of local governments, as words of their own.
const HEADS: [&str; 6] = ["시장", "군수", "구청장", "도지사", "지사", "교육감"];

/// Returns the parties for which somebody signs, behind the day of signing or beside a seal. One alone is
/// the sender of a letter.
pub(super) fn signatories(paper: &Paper, this_year: i32) -> Vec<NamedParty> {
    let last = paper.articles.last();
    let lines = last.map_or(&paper.head[..], |article| &article.lines);
    let is_day = |line: &Line| signing_day(&line.text, this_year).is_some();
    let below = lines.iter().rposition(is_day).unwrap_or(lines.len());
    let mut parties: Vec<NamedParty> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let is_sealed = SEALS.iter().any(|seal| line.text.contains(seal));
        let korean = || {
            (at > below || is_sealed)
                .then(|| signatory(lines, at))
                .flatten()
        };
        let found = korean().or_else(|| {
            let name = english::signatory(&line.text)?;
            Some((name, None, line))
        });
        let Some((name, alias, line)) = found else {
            continue;
        };
        if parties.iter().all(|party| party.name != name) {
            parties.push(NamedParty {
                name,
                alias,
                line: line.clone(),
            });
        }
    }
    if parties.len() < 2 {
        parties.clear();
    }
    parties
}

/// Returns the organization for which a line signs, what it is called, and where it stands: in the line, or
/// above one that begins with the title.
fn signatory(lines: &[Line], at: usize) -> Option<(String, Option<String>, &Line)> {
    let (alias, signed) = bare(&lines[at].text);
    if let Some(name) = headed(&signed) {
        // `시장 이재준 회장 이정석` stands in columns.
        return is_plain(&name).then_some((name, alias, &lines[at]));
    }
    let words: Vec<&str> = signed.split(' ').collect();
    let is_titled = words.len() <= 2 && words.first().is_some_and(|word| is_office(word));
    let above = at.checked_sub(1).map(|above| &lines[above])?;
    let (alias, name) = bare(&above.text);
    (is_titled && is_plain(&name)).then_some((name, alias, above))
}

fn is_office(word: &str) -> bool {
    HEADS.contains(&word) || is_title(word)
}

/// Returns whether a text is the name of one organization, and of nobody.
fn is_plain(name: &str) -> bool {
    let is_short = (2..=30).contains(&name.chars().count());
    let mut words = name.split(' ');
    is_short
        && !name.contains(|c: char| c.is_ascii_digit() || ".:：".contains(c))
        && !words.any(|word| is_office(word) || headed(word).is_some())
}

/// Returns what a party is called before its name, and a line of signatures without that and the seal:
/// `(갑) 고양시장 이동환 (인)`.
fn bare(line: &str) -> (Option<String>, String) {
    const ALIASES: [&str; 5] = ["갑", "을", "병", "정", "무"];
    let end = SEALS.iter().filter_map(|seal| line.find(seal)).min();
    let text = closed_up(line[..end.unwrap_or(line.len())].trim());
    let plain = text.trim_start_matches(['“', '"', '(', '‘', '\'', '[', '<']);
    let called = ALIASES.iter().find_map(|alias| {
        let rest = plain.strip_prefix(alias)?;
        let name = rest.trim_start_matches(['”', '"', ')', '’', '\'', ']', '>', ':', '：', ' ']);
        (name.len() < rest.len() && !name.is_empty()).then(|| (*alias, name.to_owned()))
    });
    match called {
        Some((alias, name)) => (Some(alias.to_owned()), name),
        None => (None, text),
    }
}
