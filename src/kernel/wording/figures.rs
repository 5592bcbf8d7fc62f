//! Figures of money, areas and counts: one figure or a range, with the words around it.

use super::numbers::{Decimal, Number, factor, in_hangul, is_numeral, number};
use super::{Context, Note, Reading, english, header_unit, is_unit, plain, shortened};

/// A figure with the text around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Figure {
    pub before: String,
    pub value: Decimal,
    /// The factor of its words, such as that of 억; 1 if it has none.
    pub scale: Decimal,
    /// Whether its point can divide thousands: `10.000`.
    pub dotted: bool,
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

const ABOUT_BEFORE: [&str; 12] = [
    "약", "대략", "어림", "거의", "근", "추정", "추산", "예상", "잠정", "≈", "≒", "≃",
];
const ABOUT_AFTER: [&str; 13] = [
    "내외", "정도", "가량", "안팎", "쯤", "상당", "전후", "남짓", "여", "추정", "추산", "예상",
    "잠정",
];
/// Words before a figure that make it the least or the most.
const LEAST_BEFORE: [&str; 3] = ["최소", "하한", "최저"];
const MOST_BEFORE: [&str; 3] = ["최대", "상한", "한도"];
/// Words behind a figure that do.
const LEAST_AFTER: [&str; 4] = ["이상", "초과", "최소", "하한"];
const MOST_AFTER: [&str; 7] = ["이하", "미만", "이내", "까지", "최대", "상한", "한도"];

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
    // Brackets part numbers, as the ends of lines do.
    let (mut outside, aside) = plain::brackets(&english::amount(plain).replace('(', "\n("));
    if !numbered(&outside) {
        match aside.iter().find(|aside| numbered(aside)) {
            _ if words_alone(&outside).is_some() => {}
            // Accounts write a loss in brackets alone: `(1,200)`.
            Some(figure) if outside.trim().is_empty() && begins_in_digits(figure) => {
                return Err(Without::Understanding);
            }
            Some(dated) if outside.trim().is_empty() => outside.clone_from(dated),
            Some(_) => return Err(Without::Understanding),
            None => return Err(Without::Number),
        }
    }
    let outside = outside.replace("내지", "~");
    let (text, mut approximate) = without_about(outside.trim());
    let (mut stated, about) = stated(text).ok_or(Without::Understanding)?;
    approximate |= about;
    for aside in aside.iter().map(|aside| aside.trim()) {
        approximate |= ABOUT_BEFORE.contains(&aside) || ABOUT_AFTER.contains(&aside);
        if let Some(limit) = limit_behind(aside).filter(|(_, rest)| rest.is_empty()) {
            stated = stated.limited(limit.0).ok_or(Without::Understanding)?;
        }
    }
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
        // 약정 and 근로 are other words.
        let after = rest.strip_prefix(word);
        let is_short = matches!(word, "약" | "근");
        let is_word = |after: &&str| !is_short || !begins_in_hangul(after) || is_hundreds(after);
        if let Some(after) = after.filter(is_word) {
            (rest, about) = (after.trim_start(), true);
        }
    }
    rest = rest.trim_end_matches(['.', ',', ' ', '\n']);
    for word in ABOUT_AFTER {
        if let Some(before) = rest.strip_suffix(word) {
            (rest, about) = (before.trim_end(), true);
        }
    }
    (rest, about)
}

/// Returns whether a text begins with words of a number before its figures: `천5백`.
fn is_hundreds(text: &str) -> bool {
    let figures = text.trim_start_matches(['십', '백', '천']);
    figures.len() < text.len() && figures.starts_with(|c: char| c.is_ascii_digit())
}

fn begins_in_digits(text: &str) -> bool {
    let signs: &[char] = &[' ', '\\', '₩', '$'];
    let text = text.trim_start_matches(signs);
    text.starts_with(|c: char| c.is_ascii_digit())
}

fn ends_in_hangul(text: &str) -> bool {
    text.ends_with(|c: char| ('가'..='힣').contains(&c))
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
        // A limit of a range is that of the end at which it stands.
        let is_least = limits_before(&from.before).all(|limit| limit == Limit::Least);
        let is_most = limits_before(&until.before).all(|limit| limit == Limit::Most);
        let between = (is_least && is_most).then_some(Stated::Between(from, until))?;
        return Some((between, about || about_from || about_until));
    }
    let (limit, text) = match limit_behind(text) {
        Some((limit, text)) => (Some(limit), text),
        None => (None, text),
    };
    let (figure, about) = figure(text)?;
    let limits: Vec<Limit> = limits_before(&figure.before).chain(limit).collect();
    let mut limits = limits.into_iter();
    let stated = limits.try_fold(Stated::One(figure), Stated::limited)?;
    Some((stated, about))
}

/// The side on which a figure is a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    Least,
    Most,
}

impl Stated {
    /// Returns the figure as a limit; `None` if it is already another.
    fn limited(self, limit: Limit) -> Option<Self> {
        match (self, limit) {
            (Self::One(figure) | Self::AtLeast(figure), Limit::Least) => {
                Some(Self::AtLeast(figure))
            }
            (Self::One(figure) | Self::AtMost(figure), Limit::Most) => Some(Self::AtMost(figure)),
            _ => None,
        }
    }
}

/// Returns the limits that the words before a figure make it.
fn limits_before(before: &str) -> impl Iterator<Item = Limit> {
    let has = |words: &[&str]| words.iter().any(|word| before.contains(word));
    let least = has(&LEAST_BEFORE).then_some(Limit::Least);
    least
        .into_iter()
        .chain(has(&MOST_BEFORE).then_some(Limit::Most))
}

/// Splits off the word behind a figure that makes it a limit.
fn limit_behind(text: &str) -> Option<(Limit, &str)> {
    let behind = |words: &[&str]| words.iter().find_map(|word| text.strip_suffix(word));
    let least = behind(&LEAST_AFTER).map(|rest| (Limit::Least, rest));
    let limit = least.or_else(|| behind(&MOST_AFTER).map(|rest| (Limit::Most, rest)));
    limit.map(|(limit, rest)| (limit, rest.trim_end()))
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
    // Two lines with a number, or two beside brackets, are two figures: `10억(현금) 5천만원(현물)`.
    let numbered = |piece: &&str| {
        piece
            .replace("m2", "")
            .contains(|c: char| c.is_ascii_digit())
    };
    if text.split('\n').filter(numbered).count() > 1 {
        return None;
    }
    let text = text.replace('\n', " ");
    let (text, about) = without_about(&text);
    let (start, decimal) = start_of(text)?;
    let (before, from) = text.split_at(start);
    let from = match decimal {
        true => format!("0{from}"),
        false => from.to_owned(),
    };
    let read = match from.contains(|c: char| c.is_ascii_digit()) {
        true => number(&from),
        false => in_hangul(&from),
    };
    let Number {
        value,
        approximate,
        scale,
        dotted,
        rest,
    } = read?;
    let (after, about_after) = without_about(rest);
    let mut words_before = before.split_whitespace();
    let about_before = words_before.any(|word| ABOUT_BEFORE.contains(&word));
    // A second number makes it a sentence.
    let units = after.replace("m2", "").replace("M2", "");
    if units.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let figure = Figure {
        before: before.trim().to_owned(),
        value,
        scale,
        dotted: dotted && !decimal,
        after: after.trim().to_owned(),
    };
    Some((figure, approximate || about || about_before || about_after))
}

/// Returns the place at which the number of a text begins, and whether it is a fraction such as `.5`;
/// `None` where something before its first digit changes it in a way that is not known.
fn start_of(text: &str) -> Option<(usize, bool)> {
    let Some(digit) = text.find(|c: char| c.is_ascii_digit()) else {
        return words_alone(text).map(|start| (start, false));
    };
    let before = text[..digit].trim_end_matches(is_numeral);
    let words = &text[before.len()..digit];
    let is_hundreds = words.chars().all(|c| matches!(c, '십' | '백' | '천'));
    // `투자사5억` has the end of a word there, `삼천5백` another number.
    let is_word = words.chars().all(|c| "일이삼사오육칠팔구".contains(c)) && ends_in_hangul(before);
    let (before, words) = match is_word && !words.is_empty() {
        true => (&text[..digit], ""),
        false => (before, words),
    };
    if !is_hundreds && !words.is_empty() {
        return None;
    }
    let (fraction, before) = match before.strip_suffix('.') {
        Some(before) if words.is_empty() => (true, before),
        _ => (false, before),
    };
    if fraction && !(before.is_empty() || before.ends_with(' ')) {
        return None;
    }
    let last = before.split_whitespace().next_back().unwrap_or_default();
    let is_ordinal = last.ends_with('제') && (last.len() == 3 || !before.ends_with(' '));
    let is_several = ["수", "몇", "수십", "수백", "수천"].contains(&before.trim());
    let is_signed = before.contains(['△', '▲', '▽', '▼', '±'])
        || before.ends_with(['-', '+'])
        || matches!(before.trim(), "-" | "+");
    let start = before.len();
    (!is_ordinal && !is_several && !is_signed).then_some((start, fraction))
}

/// Returns the place of a number that is in Hangul alone, with a unit behind it: `금 삼천만원정`.
fn words_alone(text: &str) -> Option<usize> {
    let mut rest = text.trim_start();
    for word in ["일금", "금", "총", "약"] {
        rest = rest.strip_prefix(word).unwrap_or(rest).trim_start();
    }
    let read = in_hangul(rest)?;
    let unit = read.rest.trim().trim_end_matches(['.', '정']);
    is_unit(unit).then_some(text.len() - rest.len())
}

/// Returns whether figures are those of each year, person or the like, or the rest or change of another
/// figure: they are no total.
pub(super) fn is_no_total(figures: &Figures) -> bool {
    let beside = |figure: &Figure| {
        is_each(&figure.before) || ends_each(&figure.after) || figure.after.contains('/')
    };
    let stated = match &figures.stated {
        Stated::One(figure) | Stated::AtLeast(figure) | Stated::AtMost(figure) => beside(figure),
        Stated::Between(from, until) => beside(from) || beside(until),
    };
    // `(연간 1억원씩)` beside a total explains it.
    let bare = |aside: &&String| {
        let number = aside.trim_start().trim_start_matches('1');
        !number.contains(|c: char| c.is_ascii_digit())
    };
    stated
        || figures
            .aside
            .iter()
            .filter(bare)
            .any(|aside| is_each(aside))
}

/// Returns whether the text before a figure says that it is one of each year, person or the like.
fn is_each(text: &str) -> bool {
    let text = text.trim().trim_end_matches("기준").trim_end();
    let mut words = text.split_whitespace();
    words.any(|word| matches!(word, "월" | "연" | "년" | "매" | "주" | "일")) || ends_each(text)
}

fn ends_each(text: &str) -> bool {
    const OTHER: [&str; 8] = ["각", "증", "감", "증가", "감소", "추가", "잔여", "not"];
    const EACH: [&str; 45] = [
        "매년",
        "매월",
        "매달",
        "매주",
        "매일",
        "매회",
        "매분기",
        "매학기",
        "연간",
        "년간",
        "월간",
        "분기별",
        "반기별",
        "연도별",
        "월별",
        "연별",
        "학기별",
        "기관별",
        "각각",
        "인당",
        "명당",
        "동당",
        "호당",
        "개당",
        "건당",
        "회당",
        "가구당",
        "세대당",
        "학기당",
        "기관당",
        "개소당",
        "개사당",
        "업체당",
        "기업당",
        "학교당",
        "년당",
        "시간당",
        "평당",
        "m2당",
        "층당",
        "평균",
        "잔액",
        "차액",
        "증액",
        "감액",
    ];
    let mut words = text
        .split_whitespace()
        .map(|word| word.trim_end_matches('로'));
    words.any(|word| OTHER.contains(&word) || EACH.iter().any(|each| word.ends_with(each)))
        || text.trim_end().ends_with('씩')
}

/// Returns the context of a text that states its unit in brackets: `1,000(단위: 천원)`.
pub(super) fn with_unit(context: &Context, figures: &Figures) -> Context {
    let mut units = figures
        .aside
        .iter()
        .filter(|aside| aside.trim().starts_with("단위"));
    let unit = units.find_map(|aside| header_unit(&format!("({aside})")));
    Context {
        unit: unit.or_else(|| context.unit.clone()),
        ..context.clone()
    }
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
