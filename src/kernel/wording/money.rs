//! Amounts of money.

use super::figures::{self, Figure, Figured, Figures, Stated};
use super::numbers::{Decimal, factor};
use super::{Choice, Context, Note, Reading, plain};
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
    let by_figures = |figured: Figured<'_>| {
        let Figured {
            stated,
            words,
            figures,
            mut notes,
        } = figured;
        let numbered = |text: &String| text.contains(|c: char| c.is_ascii_digit());
        if figures.aside.iter().any(numbered) {
            notes.push(Note::other_figure());
        }
        if let Some(choices) = in_unknown_units(&figures, context, &words) {
            return Reading::question(stated, choices, notes);
        }
        let Some(money) = money(&figures, context, &words, &mut notes) else {
            notes.push(Note::not_understood());
            return Reading::of(stated, in_words(words), notes);
        };
        Reading::of(stated, money, notes)
    };
    figures::reading(text, |words| Some(in_words(words)), by_figures)
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

/// Returns the currency before a figure: a sign, a code or a word such as 미화. 원, 불 and 엔 are also
/// parts of other words, such as 지원.
fn currency_before(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let named = CURRENCIES.iter().find(|(word, _)| {
        let is_certain = !matches!(*word, "원" | "불" | "엔");
        is_certain && lower.split_whitespace().any(|part| part.ends_with(*word))
    });
    named.map(|(_, code)| *code)
}

/// Returns whether a figure has neither a word such as 억 nor a currency.
fn is_bare(figure: &Figure) -> bool {
    figure.after.is_empty() && !figure.in_words() && currency_before(&figure.before).is_none()
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
    let header = context
        .unit
        .as_deref()
        .map(plain::normal)
        .unwrap_or_default();
    let (by, unit) = factor(&header);
    let (value, code) = if is_bare(figure) {
        let code = match currency(unit) {
            Some((code, left)) if left.is_empty() => code,
            None if unit.is_empty() => WON,
            // The header states something else, such as a number of people.
            _ => return None,
        };
        (figure.value.times(by)?, code)
    } else {
        let after = currency(&figure.after).map(|(code, _)| code);
        let named = after.or_else(|| currency_before(&figure.before));
        // `5천` under 억원 is 5,000 won or 500,000,000,000.
        if named.is_none() && figure.in_thousands() && by != Decimal::whole(1) {
            return None;
        }
        let of_header = currency(&header).map(|(code, _)| code);
        let code = named.or(of_header).unwrap_or_else(|| {
            notes.push(Note::currency_assumed());
            WON
        });
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

/// Returns the amounts that bare numbers can mean where no unit is stated; zero is zero in any.
fn in_unknown_units(
    figures: &Figures,
    context: &Context,
    words: &str,
) -> Option<Vec<Choice<Money>>> {
    let (from, until) = match &figures.stated {
        Stated::One(figure) | Stated::AtLeast(figure) | Stated::AtMost(figure) => (figure, figure),
        Stated::Between(from, until) => (from, until),
    };
    let is_zero = |figure: &Figure| figure.value == Decimal::whole(0);
    if !(is_bare(from) && is_bare(until))
        || context.unit.is_some()
        || (is_zero(from) && is_zero(until))
    {
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
