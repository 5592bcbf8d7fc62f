//! What money, areas and counts share: one figure or a range, with the words around it.

use super::numbers::{Decimal, Number, number};
use super::{Context, plain};

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

/// The figures of a text, and what stands in brackets beside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Figures {
    pub stated: Stated,
    pub approximate: bool,
    pub aside: Vec<String>,
}

/// Why a text has no figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Without {
    Number,
    Understanding,
}

const ABOUT_BEFORE: [&str; 3] = ["약", "대략", "어림"];
const ABOUT_AFTER: [&str; 8] = ["내외", "정도", "가량", "안팎", "쯤", "상당", "전후", "여"];

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
        if let Some(after) = rest.strip_prefix(word) {
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

fn stated(text: &str) -> Option<(Stated, bool)> {
    if let Some((from, until)) = text.split_once('~') {
        let (until, about) = without_about(until);
        let (from, about_from) = figure(from)?;
        let (until, about_until) = figure(until)?;
        let from = shared(from, &until);
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

/// Gives the beginning of a range the unit of its end: `500~700억`.
fn shared(mut from: Figure, until: &Figure) -> Figure {
    if from.after.is_empty() {
        from.after.clone_from(&until.after);
        if !from.in_words()
            && let Some(value) = from.value.times(until.scale)
        {
            (from.value, from.scale) = (value, until.scale);
        }
    }
    from
}

impl Figure {
    /// Returns whether it is written with 만, 억 and the like.
    pub fn in_words(&self) -> bool {
        self.scale != Decimal::whole(1)
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
    Some((figure, approximate || about || about_after))
}

/// Returns the unit in which a figure is to be read: its own, or that of the header for a bare number.
pub(super) fn unit_of(figure: &Figure, context: &Context) -> Option<String> {
    match figure.after.as_str() {
        "" if !figure.in_words() => context.unit.as_deref().map(plain::normal),
        own => Some(own.to_owned()),
    }
}
