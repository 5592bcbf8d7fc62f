//! Figures of money, areas and counts: one figure or a range, with the words around it.

use super::numbers::{Decimal, Number, factor, number};
use super::{Context, Note, Reading, plain, shortened};

/// A figure with the text around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Figure {
    pub before: String,
    pub value: Decimal,
    /// The factor of its words, such as that of 억; 1 if it has none.
    pub scale: Decimal,
    /// The unit behind it.
    pub after: String,
}

/// One figure, or the ends of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stated {
    One(Figure),
    AtLeast(Figure),
    AtMost(Figure),
    Between(Figure, Figure),
}

/// The figures of a text, with the texts in brackets beside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Figures {
    pub stated: Stated,
    pub approximate: bool,
    pub aside: Vec<String>,
}

/// A text whose figures are read.
pub(super) struct Figured<'a> {
    pub stated: &'a str,
    /// The wording, as values hold it.
    pub words: String,
    pub figures: Figures,
    pub notes: Vec<Note>,
}

/// Why a text has no figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Without {
    Number,
    Understanding,
}

impl Without {
    fn note(self) -> Note {
        match self {
            Self::Number => Note::no_number(),
            Self::Understanding => Note::not_understood(),
        }
    }
}

const ABOUT_BEFORE: [&str; 3] = ["약", "대략", "어림"];
const ABOUT_AFTER: [&str; 8] = ["내외", "정도", "가량", "안팎", "쯤", "상당", "전후", "여"];

/// Reads a text by its figures; one without figures has the value of its wording.
pub(super) fn reading<T>(
    text: &str,
    in_words: impl FnOnce(String) -> Option<T>,
    by_figures: impl FnOnce(Figured<'_>) -> Reading<T>,
) -> Reading<T> {
    let stated = text.trim();
    let plain = plain::normal(stated);
    if plain::is_blank(&plain) {
        return Reading::blank(stated);
    }
    let mut notes = Vec::new();
    let words = shortened(stated, &mut notes);
    match read(&plain) {
        Ok(figures) => by_figures(Figured {
            stated,
            words,
            figures,
            notes,
        }),
        Err(without) => {
            notes.push(without.note());
            Reading {
                value: in_words(words),
                notes,
                ..Reading::blank(stated)
            }
        }
    }
}

/// Reads a text in normal form.
pub(super) fn read(plain: &str) -> Result<Figures, Without> {
    let numbered = |text: &str| text.contains(|c: char| c.is_ascii_digit());
    let (mut outside, aside) = plain::brackets(plain);
    if !numbered(&outside) {
        match aside.iter().find(|aside| numbered(aside)) {
            Some(dated) if outside.trim().is_empty() => outside.clone_from(dated),
            Some(_) => return Err(Without::Understanding),
            None => return Err(Without::Number),
        }
    }
    let outside = outside.replace('\n', " ");
    let (text, mut approximate) = without_about(outside.trim());
    let (stated, about) = stated(text).ok_or(Without::Understanding)?;
    approximate |= about;
    Ok(Figures {
        stated,
        approximate,
        aside,
    })
}

/// Removes the words that make a figure approximate.
fn without_about(text: &str) -> (&str, bool) {
    let mut rest = text.trim();
    let mut about = false;
    for word in ABOUT_BEFORE {
        // 약정 is another word.
        let after = rest.strip_prefix(word);
        if let Some(after) = after.filter(|after| word != "약" || !begins_in_hangul(after)) {
            (rest, about) = (after.trim_start(), true);
        }
    }
    rest = rest.trim_end_matches(['.', ',', ' ']);
    for word in ABOUT_AFTER {
        if let Some(before) = rest.strip_suffix(word) {
            (rest, about) = (before.trim_end(), true);
        }
    }
    (rest, about)
}

fn begins_in_hangul(text: &str) -> bool {
    text.starts_with(|c: char| ('가'..='힣').contains(&c))
}

fn stated(text: &str) -> Option<(Stated, bool)> {
    if let Some((from, until)) = text.split_once('~') {
        let (until, about) = without_about(until);
        let (from, about_from) = figure(from)?;
        let (until, about_until) = figure(until)?;
        let from = shared(from, &until)?;
        let between = Stated::Between(from, until);
        return Some((between, about || about_from || about_until));
    }
    const LEAST: [&str; 3] = ["이상", "초과", "최소"];
    const MOST: [&str; 4] = ["이하", "미만", "이내", "최대"];
    let strip = |words: &[&str]| {
        words
            .iter()
            .find_map(|word| text.strip_suffix(word).or_else(|| text.strip_prefix(word)))
    };
    if let Some(text) = strip(&LEAST) {
        let (figure, about) = figure(text)?;
        return Some((Stated::AtLeast(figure), about));
    }
    if let Some(text) = strip(&MOST) {
        let (figure, about) = figure(text)?;
        return Some((Stated::AtMost(figure), about));
    }
    let (figure, about) = figure(text)?;
    Some((Stated::One(figure), about))
}

/// Gives the beginning of a range the unit of its end: `500~700억`; `None` if it is unclear whether the
/// beginning shares it: `5천~7천만`.
fn shared(mut from: Figure, until: &Figure) -> Option<Figure> {
    if from.after.is_empty() {
        if from.in_thousands() && until.scale >= Decimal::whole(10_000) {
            return None;
        }
        from.after.clone_from(&until.after);
        if !from.in_words()
            && let Some(value) = from.value.times(until.scale)
        {
            (from.value, from.scale) = (value, until.scale);
        }
    }
    Some(from)
}

impl Figure {
    /// Returns whether it is written with 만, 억 and the like.
    pub fn in_words(&self) -> bool {
        self.scale != Decimal::whole(1)
    }

    /// Returns whether it is written with 십, 백 or 천 alone, to which a larger unit can belong.
    pub fn in_thousands(&self) -> bool {
        self.in_words() && self.scale < Decimal::whole(10_000)
    }
}

/// Reads one figure, and whether it is approximate.
fn figure(text: &str) -> Option<(Figure, bool)> {
    let (text, about) = without_about(text);
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let (before, from) = text.split_at(start);
    let Number {
        value,
        approximate,
        scale,
        rest,
    } = number(from)?;
    let (after, about_after) = without_about(rest);
    let mut words_before = before.split_whitespace();
    let about_before = words_before
        .next_back()
        .is_some_and(|word| ABOUT_BEFORE.contains(&word));
    // A second number makes it a sentence.
    let units = after.replace("m2", "").replace("M2", "");
    if units.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let figure = Figure {
        before: before.trim().to_owned(),
        value,
        scale,
        after: after.trim().to_owned(),
    };
    Some((figure, approximate || about || about_before || about_after))
}

/// Returns the unit of a figure: its own, or that of the header if it has none.
pub(super) fn unit_of(figure: &Figure, context: &Context) -> Option<String> {
    let header = context.unit.as_deref().map(plain::normal);
    match figure.after.as_str() {
        // `3천` is clear under 명, and unclear under 천명.
        "" => header.filter(|unit| !figure.in_words() || factor(unit).0 == Decimal::whole(1)),
        own => Some(own.to_owned()),
    }
}
