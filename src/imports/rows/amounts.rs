//! Money, areas and counts.

use serde_json::{Map, Value, json};

use super::row::{Reader, line};
use super::words;
use crate::imports::book::Cell;
use crate::imports::mapping::with_unit;
use crate::imports::types::ImportChoice;
use crate::kernel::language::Message;
use crate::kernel::values::Money;
use crate::kernel::wording::{read_area, read_count, read_money};

/// Quantity in a column.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Money,
    Persons,
    Area,
}

/// Returns whether a figure counts for the record of the row. One in merged cells over several records is
/// perhaps that of all of them together, so it is asked about once for all.
pub fn counts_here(reader: &mut Reader<'_>, column: usize) -> bool {
    let Some(top) = reader.data.shared[column] else {
        return true;
    };
    let rows = &reader.ledger.layout.rows;
    let first = rows.partition_point(|row| row.row < reader.data.row);
    let before = first.checked_sub(1).and_then(|place| rows.get(place));
    let after = rows.get(first + reader.out.also_rows.len() + 1);
    let mut others = before.into_iter().chain(after);
    let is_joint = others.any(|row| row.shared[column] == Some(top));
    let Some(text) = reader.stated(column).filter(|_| is_joint) else {
        return true;
    };
    let message = Message::new(
        format!("“{text}”은(는) 여러 기록에 걸친 칸의 수입니다. 어느 기록의 수입니까?"),
        format!("“{text}” stands in a cell that spans several records. Whose figure is it?"),
    );
    let choices = [
        (
            "each",
            Message::fixed("기록마다의 수", "That of each record"),
        ),
        (
            "first",
            Message::fixed("첫 기록의 수", "That of the first record"),
        ),
        (
            "wording",
            Message::fixed(
                "함께의 수이므로 비고에만 남김",
                "That of all together: keep it in the remarks alone",
            ),
        ),
    ];
    let choices = choices.map(|(value, message)| ImportChoice {
        value: value.into(),
        message,
    });
    let answer = reader.ask(Some(column), "joint_figure", message, choices.to_vec());
    let counts = match answer.as_deref() {
        Some("first") => reader.data.row == top,
        Some("wording") => false,
        _ => true,
    };
    if !counts {
        reader.keep(column, &text);
    }
    counts
}

/// Records the cost: its amount, and what columns beside it state of it.
pub fn cost(reader: &mut Reader<'_>) {
    let columns: Vec<usize> = reader.ledger.of("cost").collect();
    for column in columns {
        if counts_here(reader, column) {
            money(reader, column, "cost");
        }
    }
    let mut parts = Map::new();
    for (field, member) in [
        ("cost_min", "min_amount"),
        ("cost_max", "max_amount"),
        ("cost_currency", "currency"),
        ("cost_approximate", "approximate"),
        ("cost_as_stated", "as_stated"),
    ] {
        let Some(column) = reader.ledger.first(field) else {
            continue;
        };
        let Some(text) = reader.stated(column) else {
            // Words that were made of the number are not those of the source.
            if member == "as_stated" {
                parts.insert(member.to_owned(), Value::Null);
            }
            continue;
        };
        let value = match member {
            "currency" => Some(json!(line(&text, 10))),
            "as_stated" => Some(json!(line(&text, 500))),
            "approximate" => words::yes_or_no(&text).map(Value::Bool),
            _ => whole(&text).map(Value::from),
        };
        match value {
            Some(value) => {
                parts.insert(member.to_owned(), value);
            }
            None => reader.keep(column, &text),
        }
    }
    let mut cost = match reader.out.body.get("cost") {
        Some(Value::Object(cost)) => cost.clone(),
        _ => Map::new(),
    };
    cost.extend(parts);
    let says = |member: &str| cost.get(member).is_some_and(|value| !value.is_null());
    if ["amount", "min_amount", "max_amount", "as_stated"]
        .into_iter()
        .any(says)
    {
        reader.set("cost", Value::Object(cost));
    }
}

/// Returns a whole number, perhaps with commas between its thousands.
fn whole(text: &str) -> Option<i64> {
    text.replace(',', "").parse().ok()
}

/// Records a column of money as a member.
pub fn money(reader: &mut Reader<'_>, column: usize, member: &str) {
    let Some(text) = reader.stated(column) else {
        return;
    };
    // A column of the cost can say no more than whether there is one.
    if let Some(binds) = words::yes_or_no(&text).filter(|_| member == "cost") {
        reader.set("financial_obligation", json!(binds));
        return reader.keep(column, &text);
    }
    // An export has whole units of the currency, which a column beside it names.
    let exact = whole(&text).filter(|_| reader.ledger.exported.is_some());
    if let Some(amount) = exact {
        reader.set(member, json!({ "amount": amount, "currency": "KRW" }));
        return;
    }
    let reading = read_money(&text, &reader.ledger.columns[column].context);
    let Some(mut money) = reader.settled(column, &format!("/{member}"), reading, money_key) else {
        reader.keep(column, &text);
        return;
    };
    if [money.amount, money.min_amount, money.max_amount]
        .iter()
        .all(Option::is_none)
    {
        if member == "cost" && text.contains("비예산") {
            reader.set("financial_obligation", json!(false));
        }
        reader.keep(column, &text);
        return;
    }
    money.as_stated = Some(line(&worded(reader, column, &text), 500));
    reader.set(member, serde_json::to_value(money).unwrap_or_default());
}

fn money_key(money: &Money) -> String {
    let currency = money.currency.as_deref().unwrap_or_default();
    let figures = [money.amount, money.min_amount, money.max_amount];
    let figures: Vec<String> = figures.iter().flatten().map(i64::to_string).collect();
    match figures.is_empty() {
        true => super::row::WORDING.to_owned(),
        false => format!("{} {currency}", figures.join("~")),
    }
}

/// Returns a cell's words, a bare number with the unit of its column.
fn worded(reader: &Reader<'_>, column: usize, text: &str) -> String {
    let is_bare = matches!(reader.cell(column), Cell::Number(_))
        || text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ',' | '.'));
    let column = &reader.ledger.columns[column];
    let in_header = with_unit(&column.header).1.filter(|unit| unit.is_ascii());
    match (&column.context.unit, in_header) {
        // `백만krw` is no word of a header in English.
        (Some(_), Some(unit)) if is_bare => format!("{text} {unit}"),
        (Some(unit), _) if is_bare => format!("{text}{unit}"),
        _ => text.to_owned(),
    }
}

/// Returns a column as a commitment with a target. Words without a number are kept in the remarks.
pub fn commitment(reader: &mut Reader<'_>, column: usize, measure: Measure) -> Option<Value> {
    let text = reader.stated(column)?;
    let context = reader.ledger.columns[column].context.clone();
    let words = worded(reader, column, &text);
    let name = with_unit(&reader.ledger.columns[column].header).0;
    let stated = line(&words, 500);
    let target = match measure {
        Measure::Money => {
            let reading = read_money(&text, &context);
            let money = reader.settled(column, "/commitments", reading, money_key);
            money.and_then(|money| {
                let (amount, currency) = (money.amount?, money.currency?);
                Some((json!(amount), currency, money.approximate))
            })
        }
        Measure::Persons => {
            let reading = read_count(&text, &context);
            let key = |amount: &crate::kernel::values::Amount| amount.value.to_string();
            let amount = reader.settled(column, "/commitments", reading, key);
            amount.map(|a| (json!(a.value), "persons".to_owned(), a.approximate))
        }
        Measure::Area => {
            let reading = read_area(&text, &context);
            let key = |area: &crate::kernel::values::Area| match area.square_metres {
                Some(area) => area.to_string(),
                None => super::row::WORDING.to_owned(),
            };
            let area = reader.settled(column, "/commitments", reading, key);
            area.and_then(|a| {
                let number = json!(a.square_metres?);
                Some((number, "square_metres".to_owned(), a.approximate))
            })
        }
    };
    let Some((value, unit, approximate)) = target else {
        reader.keep(column, &text);
        return None;
    };
    Some(json!({
        "text": { "ko": line(&format!("{name}: {words}"), 20_000) },
        "target": { "value": value, "unit": unit, "approximate": approximate, "as_stated": stated },
    }))
}
