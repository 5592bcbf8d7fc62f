//! Amounts of money.

#![expect(
    clippy::single_match_else,
    reason = "both cases read better side by side"
)]

use super::figures::{self, Figure, Figures, Stated, Without};
use super::numbers::{Decimal, factor};
use super::{Choice, Context, Note, Reading, plain, shortened};
use crate::kernel::language::Message;
use crate::kernel::values::Money;

const WON: &str = "KRW";

/// Currencies by their words. A word that contains another one stands before it.
const CURRENCIES: [(&str, &str); 33] = [
    ("us달러", "USD"),
    ("us$", "USD"),
    ("usd", "USD"),
    ("미국달러", "USD"),
    ("미달러", "USD"),
    ("미화", "USD"),
    ("캐나다달러", "CAD"),
    ("호주달러", "AUD"),
    ("홍콩달러", "HKD"),
    ("싱가포르달러", "SGD"),
    ("달러", "USD"),
    ("불", "USD"),
    ("$", "USD"),
    ("유로", "EUR"),
    ("eur", "EUR"),
    ("€", "EUR"),
    ("엔화", "JPY"),
    ("엔", "JPY"),
    ("円", "JPY"),
    ("jpy", "JPY"),
    ("위안화", "CNY"),
    ("위안", "CNY"),
    ("元", "CNY"),
    ("cny", "CNY"),
    ("rmb", "CNY"),
    ("파운드", "GBP"),
    ("gbp", "GBP"),
    ("£", "GBP"),
    ("원화", WON),
    ("원", WON),
    ("krw", WON),
    ("₩", WON),
    ("\\", WON),
];

/// Reads a text as an amount of money, in whole units of its currency.
pub fn read_money(text: &str, context: &Context) -> Reading<Money> {
    let stated = text.trim();
    let plain = plain::normal(stated);
    if plain::is_blank(&plain) {
        return Reading::blank(stated);
    }
    let mut notes = Vec::new();
    let words = shortened(stated, &mut notes);
    let figures = match figures::read(&plain) {
        Ok(figures) => figures,
        Err(without) => {
            notes.push(without.note());
            return Reading::of(stated, in_words(words), notes);
        }
    };
    if figures
        .aside
        .iter()
        .any(|aside| aside.contains(|c: char| c.is_ascii_digit()))
    {
        notes.push(Note::other_figure());
    }
    if let Some(choices) = in_unknown_units(&figures, context, &words) {
        return Reading::question(stated, choices, notes);
    }
    match money(&figures, context, &words, &mut notes) {
        Some(money) => Reading::of(stated, money, notes),
        None => {
            notes.push(Note::not_understood());
            Reading::of(stated, in_words(words), notes)
        }
    }
}

impl Without {
    pub(super) fn note(self) -> Note {
        match self {
            Self::Number => Note::no_number(),
            Self::Understanding => Note::not_understood(),
        }
    }
}

fn in_words(words: String) -> Money {
    Money {
        amount: None,
        min_amount: None,
        max_amount: None,
        currency: None,
        approximate: false,
        as_stated: Some(words),
    }
}

/// Returns the currency that a text names, and what is left of it.
fn currency(text: &str) -> Option<(&'static str, String)> {
    let lower = text.to_lowercase();
    let (word, code) = CURRENCIES.iter().find(|(word, _)| lower.contains(word))?;
    Some((code, lower.replacen(word, "", 1).trim().to_owned()))
}

/// Returns whether a word is that of a currency and nothing else.
pub(super) fn is_unit(word: &str) -> bool {
    currency(word).is_some_and(|(_, left)| left.is_empty())
}

/// Returns the amount of one figure and its currency.
fn amount(
    figure: &Figure,
    context: &Context,
    notes: &mut Vec<Note>,
) -> Option<(i64, &'static str)> {
    let named = currency(&figure.after).or_else(|| currency(&figure.before));
    let header = context
        .unit
        .as_deref()
        .map(plain::normal)
        .unwrap_or_default();
    let (value, code) = if figure.after.is_empty() && !figure.in_words() && named.is_none() {
        let (by, unit) = factor(&header);
        let code = currency(unit).map_or(WON, |(code, _)| code);
        (figure.value.times(by)?, code)
    } else {
        let of_header = currency(&header).map(|(code, _)| code);
        let code = match (&named, of_header) {
            (Some((code, _)), _) => *code,
            (None, Some(code)) => code,
            (None, None) => {
                notes.push(Note::currency_assumed());
                WON
            }
        };
        (figure.value, code)
    };
    // A loss, or an amount each year or for each person, is not the amount.
    let before = figure.before.as_str();
    let other = ["△", "▲", "-", "매년", "매월", "연간", "월", "인당", "당"];
    if before == "연" || other.iter().any(|word| before.contains(word)) {
        return None;
    }
    // A word that is no currency makes it something else, such as a share or a number of people.
    let left = match currency(&figure.after) {
        Some((_, left)) => left,
        None => figure.after.clone(),
    };
    if !matches!(
        left.trim_matches(['.', ' ', '-', '정', '임']),
        "" | "규모" | "투자" | "총"
    ) {
        return None;
    }
    let (whole, _) = value.rounded();
    let whole = i64::try_from(whole)
        .ok()
        .filter(|w| *w <= 9_007_199_254_740_991)?;
    Some((whole, code))
}

fn money(
    figures: &Figures,
    context: &Context,
    words: &str,
    notes: &mut Vec<Note>,
) -> Option<Money> {
    let mut money = Money {
        approximate: figures.approximate,
        ..in_words(words.to_owned())
    };
    let mut read = |figure: &Figure| amount(figure, context, notes);
    let code = match &figures.stated {
        Stated::One(figure) => {
            let (one, code) = read(figure)?;
            money.amount = Some(one);
            code
        }
        Stated::AtLeast(figure) => {
            let (least, code) = read(figure)?;
            money.min_amount = Some(least);
            code
        }
        Stated::AtMost(figure) => {
            let (most, code) = read(figure)?;
            money.max_amount = Some(most);
            code
        }
        Stated::Between(from, until) => {
            let ((least, _), (most, code)) = (read(from)?, read(until)?);
            (money.min_amount, money.max_amount) = (Some(least), Some(most));
            if least > most {
                return None;
            }
            code
        }
    };
    notes.dedup();
    money.currency = Some(code.to_owned());
    Some(money)
}

/// Returns the amounts that a bare number can mean where no unit is stated; zero is zero in any.
fn in_unknown_units(
    figures: &Figures,
    context: &Context,
    words: &str,
) -> Option<Vec<Choice<Money>>> {
    let Stated::One(figure) = &figures.stated else {
        return None;
    };
    let bare = figure.after.is_empty() && !figure.in_words() && currency(&figure.before).is_none();
    if !bare || context.unit.is_some() || figure.value == Decimal::whole(0) {
        return None;
    }
    let units = [
        ("원", Message::fixed("원 단위로 읽음", "Read in won")),
        (
            "천원",
            Message::fixed("천원 단위로 읽음", "Read in thousands of won"),
        ),
        (
            "백만원",
            Message::fixed("백만원 단위로 읽음", "Read in millions of won"),
        ),
        (
            "억원",
            Message::fixed("억원 단위로 읽음", "Read in hundreds of millions of won"),
        ),
    ];
    let read = |(unit, reason): (&str, Message)| {
        let unit = Some(unit.to_owned());
        let value = money(
            figures,
            &Context {
                unit,
                ..context.clone()
            },
            words,
            &mut Vec::new(),
        )?;
        Some(Choice { value, reason })
    };
    let choices: Vec<_> = units.into_iter().filter_map(read).collect();
    (!choices.is_empty()).then_some(choices)
}
