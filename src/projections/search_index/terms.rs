//! Search terms: overlapping pairs of characters, the same on both databases.
//!
//! Most Korean queries have two syllables and occur inside longer words (`협약` in `업무협약을`),
//! which the tokenizers of both databases miss. So the program splits words itself: `업무협약`
//! becomes `업무 무협 협약 약`, and a query is the sequence of its pairs. Each pair is spelled with
//! the letters a to p, which no tokenizer of either database splits or drops.
//!
//! Words may be written together or apart (한글 맞춤법 제49항, 제50항). The single character that ends
//! each word shows where one ends, so a query also asks for itself in pieces: `업무협약` as
//! `업무 무 협약`, which is what `업무 협약` is indexed as. This takes no terms of its own.
//!
//! Names are also indexed by the initial consonants of their syllables (`ㅎㅇ` for `협약`), as
//! terms of another spelling. In longer texts, two initials would match nearly everything.

use crate::kernel::hanja;
use crate::kernel::text::{fold, is_word};

/// Ends the spelling of a character that is a whole word.
const WHOLE: char = 'w';

/// Begins the spelling of initial consonants.
const INITIALS: char = 'r';

/// The number of characters of a query that are compared at a time, and by how many the next ones
/// begin later: every two neighbours are compared together.
const WINDOW: usize = 4;
const STEP: usize = 2;

/// The number of gaps between words within a window.
const MOST_GAPS: u32 = 2;

fn words(text: &str) -> Vec<Vec<char>> {
    fold(text)
        .split(|c| !is_word(c))
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().collect())
        .collect()
}

/// How characters are spelled.
#[derive(Clone, Copy)]
enum Spelling {
    Characters,
    Initials,
}

impl Spelling {
    fn spell(self, term: &[char]) -> String {
        let mut out = String::new();
        self.spell_into(term, &mut out);
        out
    }

    fn spell_into(self, term: &[char], out: &mut String) {
        match self {
            Self::Characters => {
                for (c, shift) in term.iter().flat_map(|c| [16, 12, 8, 4, 0].map(|s| (c, s))) {
                    out.push(letter((u32::from(*c) >> shift) & 0xf));
                }
            }
            Self::Initials => {
                out.push(INITIALS);
                out.extend(term.iter().map(|c| letter(u32::from(*c) & 0x1f)));
            }
        }
    }

    /// Writes the terms of a whole word, each with a space behind it.
    fn write(self, word: &[char], out: &mut String) {
        let pairs = word.windows(2).chain(word.last().map(std::slice::from_ref));
        for term in pairs {
            self.spell_into(term, out);
            if word.len() == 1 {
                out.push(WHOLE);
            }
            out.push(' ');
        }
    }

    /// Returns the terms of a word or a piece of one. Its last term is a single character if it
    /// ends as a word does.
    fn terms(self, word: &[char], ends: bool) -> Vec<String> {
        if let [single] = word {
            return vec![self.whole(*single)];
        }
        let pairs = word.windows(2).map(|pair| self.spell(pair));
        let end = word.last().filter(|_| ends).map(|c| self.spell(&[*c]));
        pairs.chain(end).collect()
    }

    fn whole(self, c: char) -> String {
        let mut term = self.spell(&[c]);
        term.push(WHOLE);
        term
    }

    /// Returns the term that stands for all that begin with a character.
    fn beginning(self, c: char) -> String {
        let mut term = self.spell(&[c]);
        term.push('*');
        term
    }
}

/// Returns a letter of the spelling by its place: initials are 19 at most.
fn letter(place: u32) -> char {
    char::from(b'a' + (place % 26) as u8)
}

/// Returns the terms of names and other texts as they are indexed, separated by spaces.
pub fn index<'a>(names: &[&'a str], texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut out = String::new();
    let mut add = |spelling: Spelling, words: &[Vec<char>]| {
        for word in words {
            spelling.write(word, &mut out);
        }
        // A separator, so no phrase matches across two texts.
        out.push_str("q ");
    };
    for text in names.iter().copied().chain(texts) {
        add(Spelling::Characters, &words(text));
    }
    for name in names {
        let words = words(name).into_iter();
        let initials = words.map(|word| word.into_iter().filter_map(hanja::initial).collect());
        let initials = initials.filter(|word: &Vec<char>| !word.is_empty());
        add(Spelling::Initials, &initials.collect::<Vec<_>>());
    }
    out
}

/// Consecutive terms; the last one can stand for all that begin with it.
type Phrase = Vec<String>;

/// A search query: of each group of phrases, one must match. A single character matches all terms
/// that begin with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query(Vec<Vec<Phrase>>);

impl Query {
    /// Parses a query; `None` if the text contains no letter or digit.
    pub fn parse(text: &str) -> Option<Self> {
        let words = words(text);
        let runs = words
            .iter()
            .flat_map(|word| word.chunk_by(|a, b| hanja::is_initial(*a) == hanja::is_initial(*b)));
        let groups: Vec<Vec<Phrase>> = runs.flat_map(groups).collect();
        (!groups.is_empty()).then_some(Self(groups))
    }

    /// Returns the query in FTS5 syntax.
    pub fn fts5(&self) -> String {
        let phrase = |terms: &Phrase| match terms.as_slice() {
            [one] => one.clone(),
            terms => {
                let text = terms.join(" ");
                match text.strip_suffix('*') {
                    Some(text) => format!("\"{text}\" *"),
                    None => format!("\"{text}\""),
                }
            }
        };
        self.written(phrase, " OR ", " AND ")
    }

    /// Returns the query in PostgreSQL's `tsquery` syntax.
    pub fn tsquery(&self) -> String {
        let phrase = |terms: &Phrase| terms.join(" <-> ").replace('*', ":*");
        self.written(phrase, " | ", " & ")
    }

    fn written(&self, phrase: impl Fn(&Phrase) -> String, or: &str, and: &str) -> String {
        let group = |phrases: &Vec<Phrase>| {
            let phrases: Vec<String> = phrases.iter().map(&phrase).collect();
            format!("({})", phrases.join(or))
        };
        let groups: Vec<String> = self.0.iter().map(group).collect();
        groups.join(and)
    }
}

/// Returns the groups of phrases for a word of a query, or for a run of initial consonants.
fn groups(word: &[char]) -> Vec<Vec<Phrase>> {
    let spelling = match word.first() {
        Some(c) if hanja::is_initial(*c) => Spelling::Initials,
        _ => Spelling::Characters,
    };
    if let [single] = word {
        return vec![vec![vec![spelling.beginning(*single)]]];
    }
    let last = word.len().saturating_sub(WINDOW);
    let starts = (0..last).step_by(STEP).chain([last]);
    let windows = starts.map(|start| {
        let end = word.len().min(start + WINDOW);
        let place = (start == 0, end == word.len());
        alternatives(spelling, &word[start..end], place)
    });
    windows.collect()
}

/// Returns the phrases for characters that are written together or apart. `begins` and `ends` tell
/// whether they begin and end the word of the query.
fn alternatives(spelling: Spelling, chars: &[char], (begins, ends): (bool, bool)) -> Vec<Phrase> {
    let mut phrases = Vec::new();
    let gaps = chars.len() - 1;
    for apart in (0..1_u32 << gaps).filter(|apart| apart.count_ones() <= MOST_GAPS) {
        let pieces = pieces(chars, apart);
        let mut phrase = Phrase::new();
        for (i, piece) in pieces.iter().enumerate() {
            let is_last = i + 1 == pieces.len();
            match piece {
                [single] if is_last && pieces.len() == 2 && ends => {
                    phrase.push(spelling.beginning(*single));
                }
                // In the middle of a word of the query, what comes next is compared elsewhere.
                [single] if is_last && !ends => phrase.push(spelling.beginning(*single)),
                piece => phrase.extend(spelling.terms(piece, !is_last)),
            }
        }
        // In the middle of a word of the query, a character can also end a word of the text.
        if let ([single], true) = (pieces[0], pieces.len() > 1 && !begins) {
            let mut inside = phrase.clone();
            inside[0] = spelling.spell(&[*single]);
            phrases.push(inside);
        }
        phrases.push(phrase);
    }
    phrases
}

/// Cuts characters after each place whose bit is set.
fn pieces(chars: &[char], apart: u32) -> Vec<&[char]> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for end in (1..chars.len()).filter(|end| apart >> (end - 1) & 1 == 1) {
        pieces.push(&chars[start..end]);
        start = end;
    }
    pieces.push(&chars[start..]);
    pieces
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    /// Returns whether a query finds a name, as both databases compare it.
    fn finds(query: &str, name: &str) -> bool {
        let indexed = index(&[name], []);
        let indexed: Vec<&str> = indexed.split_whitespace().collect();
        let matches = |phrase: &Phrase| {
            indexed.windows(phrase.len()).any(|terms| {
                let mut pairs = phrase.iter().zip(terms);
                pairs.all(|(wanted, term)| match wanted.strip_suffix('*') {
                    Some(start) => term.starts_with(start),
                    None => wanted == term,
                })
            })
        };
        Query::parse(query).is_some_and(|query| query.0.iter().all(|any| any.iter().any(matches)))
    }

    #[rstest]
    #[case("업무협약을 체결", &["협약", "업무협약", "약", "을", "업무 체결"], &["약체", "협업", "무약"])]
    // Together and apart.
    #[case("업무 협약", &["업무협약", "업무협", "업무·협약", "업무\u{318d}협약"], &["무협", "업협"])]
    #[case("업무·협약 체결", &["업무협약", "협약체결", "업무협약체결"], &["약체", "업무체결"])]
    #[case("업무\u{318d}협약", &["업무협약", "업무 협약"], &[])]
    #[case("업무협약", &["업무 협약", "업무·협약", "업무\u{200b}협약"], &[])]
    #[case("제 10 조", &["제10조", "10조"], &["제1조"])]
    #[case("고양 시", &["고양시"], &[])]
    #[case("두 도시 이야기", &["두도시", "두도시이야기"], &["시이"])]
    #[case("한국 바이오 의약품 협회", &["한국바이오의약품협회", "바이오의약품"], &["한국의약품"])]
    #[case("고양시 장애인 복지", &["고양시장애인복지"], &["시장"])]
    // Initial consonants.
    #[case("고양시 업무협약", &["ㅎㅇ", "ㅇㅁㅎㅇ", "ㄱㅇㅅ", "ㄱㅇㅅㅇㅁ", "ㅎ", "고양ㅇㅁ"], &["ㅎㅁ", "ㅅㅎ"])]
    #[case("감사", &["ㄳ", "ㄱㅅ"], &["ㄱㄱ"])]
    // Hanja.
    #[case("업무협약(業務協約)", &["협약", "協約", "業務협약"], &["協會"])]
    #[case("業務 協約", &["업무협약", "ㅎㅇ"], &[])]
    fn names_are_found(#[case] name: &str, #[case] by: &[&str], #[case] not_by: &[&str]) {
        for query in by {
            assert!(finds(query, name), "{query}");
        }
        for query in not_by {
            assert!(!finds(query, name), "{query}");
        }
    }

    #[test]
    fn initials_are_those_of_names() {
        let ask = Query::parse("ㅎㅇ").unwrap();
        let text = index(&[], ["협약"]);
        let terms: Vec<&str> = text.split_whitespace().collect();
        let Query(groups) = ask;
        assert!(
            groups[0]
                .iter()
                .all(|phrase| !terms.contains(&phrase[0].as_str()))
        );
    }

    #[test]
    fn composed_and_decomposed_hangul_are_one() {
        let decomposed: String = "협약".nfd().collect();
        assert!(finds(&decomposed, "업무협약을"));
        assert!(finds("협약", &"업무협약을".nfd().collect::<String>()));
        assert!(finds("㈜", "(주)셀트리온") && finds("MOU", "mou-2021"));
    }

    #[test]
    fn a_query_without_letters_is_none() {
        assert_eq!(Query::parse(" ~%\"' "), None);
    }
}
