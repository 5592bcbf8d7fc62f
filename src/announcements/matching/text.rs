//! Texts in the form in which they are compared: letters and digits, and pairs of them.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::directory::legal_forms::ordinary_city;
use crate::kernel::text::fold;

/// Two characters that follow each other, written together or apart.
pub type Pair = (char, char);

/// Stands between texts, so that no pair crosses from one to the next.
const BREAK: char = '\0';

/// Words of titles that tell nothing of what is agreed.
const COMMON: [&str; 14] = [
    "업무협약",
    "협약서",
    "협약",
    "체결식",
    "체결",
    "양해각서",
    "합의각서",
    "협력",
    "위한",
    "관한",
    "mou",
    "moa",
    "개최",
    "추진",
];

/// The letters and digits of texts, in the form in which texts are compared.
#[derive(Clone, Debug, Default)]
pub struct Text {
    chars: Vec<char>,
    /// Whether a word begins at each.
    begins: Vec<bool>,
}

impl Text {
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut out = Self::default();
        for text in texts {
            let mut begins = true;
            for c in ordinary_city(&fold(text)).chars() {
                if c.is_alphanumeric() {
                    out.chars.push(c);
                    out.begins.push(std::mem::take(&mut begins));
                } else {
                    begins = true;
                }
            }
            out.chars.push(BREAK);
            out.begins.push(true);
        }
        out
    }

    pub fn pairs(&self) -> HashSet<Pair> {
        let pairs = self.chars.windows(2).map(|pair| (pair[0], pair[1]));
        pairs.filter(|(a, b)| *a != BREAK && *b != BREAK).collect()
    }
}

/// Returns the pairs of a title, without those of words that tell nothing and of names.
pub fn title_pairs(title: &str, names: &Forms) -> HashSet<Pair> {
    let mut plain = fold(title);
    for word in COMMON {
        plain = plain.replace(word, "\n");
    }
    let parts: Vec<&str> = plain.split('\n').collect();
    let mut text = Text::of(parts);
    for (place, _) in names.places_in(&text) {
        text.chars[place].fill(BREAK);
    }
    text.pairs()
}

/// Names that are looked for in texts.
#[derive(Debug, Default)]
pub struct Forms {
    /// The forms that begin with a pair, the longest first, each with what it names.
    by_pair: HashMap<Pair, Vec<(Vec<char>, usize)>>,
}

/// Length from which a name is found inside a word, in characters.
const LONG: usize = 3;

impl Forms {
    /// Collects forms of names in the form of [`Text`], each with what it names.
    pub fn of(forms: impl IntoIterator<Item = (String, usize)>) -> Self {
        let mut by_pair: HashMap<Pair, Vec<(Vec<char>, usize)>> = HashMap::new();
        for (form, of) in forms {
            let form: Vec<char> = form.chars().collect();
            if let [a, b, ..] = form[..] {
                by_pair.entry((a, b)).or_default().push((form, of));
            }
        }
        for forms in by_pair.values_mut() {
            forms.sort_by(|a, b| (b.0.len(), &a.0, a.1).cmp(&(a.0.len(), &b.0, b.1)));
            forms.dedup();
        }
        Self { by_pair }
    }

    /// Returns what is named in a text. Of names that overlap, the longest counts.
    pub fn named_in(&self, text: &Text) -> HashSet<usize> {
        let found = self.places_in(text).into_iter();
        found.flat_map(|(_, of)| of).collect()
    }

    /// Returns the places of names in a text, each with what it names.
    fn places_in(&self, text: &Text) -> Vec<(Range<usize>, Vec<usize>)> {
        let (mut found, mut at) = (Vec::new(), 0);
        while at + 1 < text.chars.len() {
            let forms = self.by_pair.get(&(text.chars[at], text.chars[at + 1]));
            let here = |form: &[char]| {
                text.chars[at..].starts_with(form) && (form.len() >= LONG || text.begins[at])
            };
            let forms = forms.into_iter().flatten();
            let mut fitting = forms.filter(|(form, _)| here(form)).peekable();
            let Some(longest) = fitting.peek().map(|(form, _)| form.len()) else {
                at += 1;
                continue;
            };
            let same = fitting.take_while(|(form, _)| form.len() == longest);
            found.push((at..at + longest, same.map(|(_, of)| *of).collect()));
            at += longest;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(forms: &[&str], text: &str) -> Vec<usize> {
        let forms = forms.iter().enumerate();
        let forms = Forms::of(forms.map(|(i, form)| ((*form).to_owned(), i)));
        let mut found: Vec<usize> = forms.named_in(&Text::of([text])).into_iter().collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn names_are_found_in_any_form_and_the_longest_counts() {
        let forms = ["병대학교", "병대학교병원", "을전자", "갑사"];
        assert_eq!(named(&forms, "갑시, 병 대학교와 ㈜을전자"), [0, 2]);
        assert_eq!(named(&forms, "병대학교병원과 협약"), [1]);
        // A name of two syllables is a word of its own.
        assert_eq!(named(&forms, "동갑사진"), Vec::<usize>::new());
        assert_eq!(named(&forms, "갑사와 협약"), [3]);
        assert_eq!(named(&forms, ""), Vec::<usize>::new());
    }

    #[test]
    fn common_words_and_names_of_titles_tell_nothing() {
        let names = Forms::of([("가온대학교".to_owned(), 0)]);
        let pairs = |title: &str| title_pairs(title, &names);
        assert_eq!(pairs("가온대학교 업무협약 체결"), HashSet::new());
        let both = [
            pairs("가온대학교와 스마트도시 조성을 위한 MOU"),
            pairs("스마트 도시 조성"),
        ];
        assert!(both[1].is_subset(&both[0]));
    }
}
