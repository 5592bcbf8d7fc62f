//! Plain English dates, terms and amounts, rewritten in the Korean forms that the parsers read. A text
//! with any other word stays as it is.

mod amounts;
mod dates;
mod renewals;
mod terms;

pub(super) use amounts::{amount, unit};
pub(super) use dates::date;
pub(super) use terms::term;

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

fn number(word: &str, most: u32) -> Option<u32> {
    let number = word.parse().ok().filter(|_| word.len() <= 4);
    number.filter(|number| (1..=most).contains(number))
}
