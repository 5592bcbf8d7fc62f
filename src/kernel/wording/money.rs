//! Amounts of money.

use super::figures::{self, Figure, Figured, Figures, Stated};
use super::numbers::{Decimal, factor};
use super::{Choice, Context, Note, Reading, plain};
use crate::kernel::language::Message;
use crate::kernel::values::Money;

const WON: &str = "KRW";

/// Currencies by their words. A word that contains another one stands before it.
const CURRENCIES: [(&str, &str); 63] = [
    ("us dollars", "USD"),
    ("dollars", "USD"),
    ("euros", "EUR"),
    ("us달러", "USD"),
    ("us$", "USD"),
    ("usd", "USD"),
    ("미국달러", "USD"),
    ("미달러", "USD"),
    ("미화", "USD"),
    ("캐나다달러", "CAD"),
    ("ca$", "CAD"),
    ("c$", "CAD"),
    ("cad", "CAD"),
    ("호주달러", "AUD"),
    ("au$", "AUD"),
    ("a$", "AUD"),
    ("aud", "AUD"),
    ("홍콩달러", "HKD"),
    ("hk$", "HKD"),
    ("hkd", "HKD"),
    ("싱가포르달러", "SGD"),
    ("s$", "SGD"),
    ("sgd", "SGD"),
    ("뉴질랜드달러", "NZD"),
    ("nz$", "NZD"),
    ("nzd", "NZD"),
    ("대만달러", "TWD"),
    ("nt$", "TWD"),
    ("twd", "TWD"),
    ("달러화", "USD"),
    ("달러", "USD"),
    ("불", "USD"),
    ("$", "USD"),
    ("유로화", "EUR"),
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
    ("파운드화", "GBP"),
    ("파운드", "GBP"),
    ("gbp", "GBP"),
    ("£", "GBP"),
    ("스위스프랑", "CHF"),
    ("chf", "CHF"),
    ("태국바트", "THB"),
    ("바트", "THB"),
    ("thb", "THB"),
    ("베트남동", "VND"),
    ("vnd", "VND"),
    ("원화", WON),
    ("원", WON),
    ("krw", WON),
    ("₩", WON),
    ("\\", WON),
    ("won", WON),
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
        let context = &figures::with_unit(context, &figures);
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

/// Returns the currency that the text behind a figure names, and what is left of it.
fn currency(text: &str) -> Option<(&'static str, String)> {
    let lower = text.to_lowercase();
    let found = CURRENCIES.iter().find(|(word, _)| lower.contains(word));
    if let Some((word, code)) = found {
        return Some((code, lower.replacen(word, "", 1).trim().to_owned()));
    }
    let code = text.split_whitespace().find_map(by_code)?;
    Some((code, text.replacen(code, "", 1).trim().to_owned()))
}

/// Returns the currency of a code of ISO 4217.
fn by_code(word: &str) -> Option<&'static str> {
    iso_currency::Currency::from_code(word).map(|currency| currency.code())
}

/// Returns the currency before a figure: a sign, a code or a word such as 미화. 원, 불 and 엔 are also
/// parts of other words, such as 지원.
///
/// # Errors
/// Fails if the text has a sign of money that names no currency, such as ¥, or names two.
fn currency_before(text: &str) -> Result<Option<&'static str>, Unclear> {
    let mut found = None;
    for part in text.split_whitespace() {
        let of_part = currency_of(part)?;
        if found.is_some() && of_part.is_some() && found != of_part {
            return Err(Unclear);
        }
        found = found.or(of_part);
    }
    Ok(found)
}

fn currency_of(part: &str) -> Result<Option<&'static str>, Unclear> {
    let lower = part.to_lowercase();
    let mut words = CURRENCIES.iter();
    let named = words.find(|(word, _)| {
        let is_certain = !matches!(*word, "원" | "불" | "엔");
        let before = lower.strip_suffix(word).filter(|_| is_certain);
        before.is_some_and(|before| {
            let joins = |c: char| c.is_ascii_alphabetic();
            // `R$` and `XUSD` are other words.
            !(before.ends_with(joins) && word.contains(|c: char| c.is_ascii()))
        })
    });
    let code = named.map(|(_, code)| *code).or_else(|| by_code(part));
    match code {
        None if part.contains(is_sign) => Err(Unclear),
        code => Ok(code),
    }
}

/// Returns whether a character is the sign of a currency.
fn is_sign(c: char) -> bool {
    matches!(c, '$' | '¥' | '£' | '¤' | '¢' | '฿') || ('\u{20a0}'..='\u{20cf}').contains(&c)
}

/// A figure whose currency is not certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unclear;

/// Returns the currency that stands at a figure.
fn named(figure: &Figure) -> Result<Option<&'static str>, Unclear> {
    let before = currency_before(&figure.before)?;
    let after = currency(&figure.after).map(|(code, _)| code);
    one_of(before, after)
}

/// Returns the only currency of two texts, if one is named.
fn one_of(
    one: Option<&'static str>,
    other: Option<&'static str>,
) -> Result<Option<&'static str>, Unclear> {
    match one.is_some() && other.is_some() && one != other {
        true => Err(Unclear),
        false => Ok(one.or(other)),
    }
}

/// Returns whether a figure has neither a word such as 억 nor a currency.
fn is_bare(figure: &Figure) -> bool {
    figure.after.is_empty() && !figure.in_words() && named(figure) == Ok(None)
}

/// Returns whether a word is that of a currency and nothing else.
pub(super) fn is_unit(word: &str) -> bool {
    currency(word).is_some_and(|(_, left)| left.is_empty())
}

/// Returns the amount of one figure and its currency, and whether it is exact. `named` is the currency
/// that the text names.
fn amount(
    figure: &Figure,
    named: Option<&'static str>,
    context: &Context,
    notes: &mut Vec<Note>,
) -> Option<(i64, &'static str, bool)> {
    let header = context
        .unit
        .as_deref()
        .map(plain::normal)
        .unwrap_or_default();
    let (by, unit) = factor(&header);
    let (value, code) = if is_bare(figure) && named.is_none() {
        let code = match currency(unit) {
            Some((code, left)) if left.is_empty() => code,
            None if unit.is_empty() => WON,
            // The header states something else, such as a number of people.
            _ => return None,
        };
        (figure.value.times(by)?, code)
    } else {
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
    let other = ["△", "▲", "-", "월", "당"];
    if other.iter().any(|word| figure.before.contains(word)) {
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
    // `10.000원` is 10 or 10,000.
    if figure.dotted && (!figure.after.is_empty() || named.is_some()) {
        return None;
    }
    let (whole, exact) = value.rounded();
    let whole = i64::try_from(whole)
        .ok()
        .filter(|w| *w <= 9_007_199_254_740_991)?;
    Some((whole, code, exact))
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
    if figures::is_no_total(figures) {
        return None;
    }
    let named = match &figures.stated {
        Stated::One(figure) | Stated::AtLeast(figure) | Stated::AtMost(figure) => named(figure),
        Stated::Between(from, until) => match (named(from), named(until)) {
            (Ok(from), Ok(until)) => one_of(from, until),
            _ => Err(Unclear),
        },
    };
    let named = named.ok()?;
    let mut all_exact = true;
    let mut read = |figure: &Figure| {
        let (whole, code, exact) = amount(figure, named, context, notes)?;
        all_exact &= exact;
        Some((whole, code))
    };
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
            let ((least, one), (most, code)) = (read(from)?, read(until)?);
            (money.min_amount, money.max_amount) = (Some(least), Some(most));
            if least > most || one != code {
                return None;
            }
            code
        }
    };
    money.approximate |= !all_exact;
    notes.dedup();
    money.currency = Some(code.to_owned());
    Some(money)
}

/// Units that a bare number can lack, and one that 천 and 백 lack in speech.
const UNITS: [(&str, Message); 5] = [
    ("원", Message::fixed("원 단위로 읽음", "Read in won")),
    (
        "천원",
        Message::fixed("천원 단위로 읽음", "Read in thousands of won"),
    ),
    (
        "만원",
        Message::fixed("만원 단위로 읽음", "Read in ten thousands of won"),
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

/// Returns the amounts that bare numbers can mean where no unit is stated, also those with 천, 백 or 십
/// alone: `5천` is rather 5천만 than 5,000 won. Zero is zero in any.
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
    let lacks_unit = |figure: &Figure| is_bare(figure) || is_bare_in_words(figure);
    if !(lacks_unit(from) && lacks_unit(until))
        || context.unit.is_some()
        || (is_zero(from) && is_zero(until))
    {
        return None;
    }
    let in_words = [from, until].into_iter().any(is_bare_in_words);
    let figures = &in_digits(figures);
    // 천 and 백 stand before 만 and 억 in speech, and before no other unit.
    let fits = |unit: &str| match in_words {
        true => matches!(unit, "원" | "만원" | "억원"),
        false => unit != "만원",
    };
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
    let units = UNITS.into_iter().filter(|(unit, _)| fits(unit));
    let choices: Vec<_> = units.filter_map(read).collect();
    (!choices.is_empty()).then_some(choices)
}

/// Returns whether a figure has no word but 천, 백 and 십, and no currency.
fn is_bare_in_words(figure: &Figure) -> bool {
    figure.after.is_empty() && figure.in_thousands() && named(figure) == Ok(None)
}

/// Returns figures as if they were written in digits alone.
fn in_digits(figures: &Figures) -> Figures {
    let plain = |figure: &Figure| Figure {
        scale: Decimal::whole(1),
        ..figure.clone()
    };
    let stated = match &figures.stated {
        Stated::One(figure) => Stated::One(plain(figure)),
        Stated::AtLeast(figure) => Stated::AtLeast(plain(figure)),
        Stated::AtMost(figure) => Stated::AtMost(plain(figure)),
        Stated::Between(from, until) => Stated::Between(plain(from), plain(until)),
    };
    Figures {
        stated,
        ..figures.clone()
    }
}
