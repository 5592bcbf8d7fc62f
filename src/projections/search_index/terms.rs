//! Search terms: overlapping pairs of characters, the same on both databases.
//!
//! Most Korean queries have two syllables and occur inside longer words (`협약` in `업무협약을`),
//! which the tokenizers of both databases miss. So the program splits words itself: `업무협약`
//! becomes `업무 무협 협약 약`, and a query is the sequence of its pairs. Each pair is spelled with
//! the letters a to p, which no tokenizer of either database splits or drops.

use crate::kernel::text::fold;

fn words(text: &str) -> Vec<Vec<char>> {
    fold(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().collect())
        .collect()
}

fn spell(term: &[char], out: &mut String) {
    for c in term {
        for shift in [16, 12, 8, 4, 0] {
            let digit = (u32::from(*c) >> shift) & 0xf;
            out.push(char::from(b'a' + digit as u8));
        }
    }
}

/// Returns the terms of texts as they are indexed, separated by spaces.
pub fn index<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for word in texts.into_iter().flat_map(words) {
        for i in 0..word.len() {
            // The last term is a single character, so a search for it alone finds it, too.
            spell(&word[i..word.len().min(i + 2)], &mut out);
            out.push(' ');
        }
        // A separator term, so no phrase matches across two words.
        out.push_str("q ");
    }
    out
}

/// A search query. Every word must match as a sequence of terms; a single character matches all
/// terms that begin with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query(Vec<Vec<String>>);

impl Query {
    /// Parses a query; `None` if the text contains no letter or digit.
    pub fn parse(text: &str) -> Option<Self> {
        let phrases: Vec<Vec<String>> = words(text)
            .iter()
            .map(|word| {
                let pairs = word.windows(2.min(word.len()));
                pairs
                    .map(|pair| {
                        let mut term = String::new();
                        spell(pair, &mut term);
                        if word.len() == 1 {
                            term.push('*');
                        }
                        term
                    })
                    .collect()
            })
            .collect();
        (!phrases.is_empty()).then_some(Self(phrases))
    }

    /// Returns the query in FTS5 syntax.
    pub fn fts5(&self) -> String {
        let phrase = |terms: &Vec<String>| match terms.as_slice() {
            [one] if one.ends_with('*') => one.clone(),
            terms => format!("\"{}\"", terms.join(" ")),
        };
        self.0.iter().map(phrase).collect::<Vec<_>>().join(" AND ")
    }

    /// Returns the query in PostgreSQL's `tsquery` syntax.
    pub fn tsquery(&self) -> String {
        let phrase = |terms: &Vec<String>| terms.join(" <-> ").replace('*', ":*");
        self.0
            .iter()
            .map(|terms| format!("({})", phrase(terms)))
            .collect::<Vec<_>>()
            .join(" & ")
    }
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    fn finds(query: &str, text: &str) -> bool {
        let index = format!(" {}", index([text]));
        let Some(Query(phrases)) = Query::parse(query) else {
            return false;
        };
        phrases.iter().all(|terms| match terms.as_slice() {
            [one] if one.ends_with('*') => {
                index.contains(&format!(" {}", one.trim_end_matches('*')))
            }
            terms => index.contains(&format!(" {} ", terms.join(" "))),
        })
    }

    #[test]
    fn syllables_inside_words_are_found() {
        for query in ["협약", "업무협약", "약", "을", "업무 체결"] {
            assert!(finds(query, "업무협약을 체결"), "{query}");
        }
        for query in ["약체", "협업", "무약"] {
            assert!(!finds(query, "업무협약을 체결"), "{query}");
        }
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
