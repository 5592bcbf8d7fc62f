//! Quantities as sources state them: a number, a range, or the wording alone.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::kernel::rule::{merge_errors, rule_error};

/// An amount of money, in whole units of its currency: one amount, a range, or the source's wording
/// alone ("to be agreed").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "money"))]
#[schema(example = json!({"amount": 849_300_000_000_i64, "min_amount": null, "max_amount": null, "currency": "KRW", "approximate": true, "as_stated": "약 8,493억 원"}))]
pub struct Money {
    /// Amount in whole units of the currency; null for a range or if it is known in words alone.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub amount: Option<i64>,
    /// Lowest amount of a range ("50–70 billion", "at least 50 billion").
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub min_amount: Option<i64>,
    /// Highest amount of a range ("50–70 billion", "up to 70 billion").
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub max_amount: Option<i64>,
    /// Currency code (ISO 4217), three capital letters. Required with an amount.
    #[schema(format = "iso4217", example = "KRW")]
    pub currency: Option<String>,
    /// Whether the source gives the amount as approximate.
    #[serde(default)]
    pub approximate: bool,
    /// The source's wording. Required if no amount is given.
    #[schema(max_length = 500, pattern = r"\S")]
    pub as_stated: Option<String>,
}

/// An area of land or floor: one figure, a range, or the source's wording alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "area"))]
#[schema(example = json!({"square_metres": 870_000, "min_square_metres": null, "max_square_metres": null, "approximate": true, "as_stated": "약 87만㎡ (26만 평)"}))]
pub struct Area {
    /// Area in square metres; null for a range or if it is known in words alone.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub square_metres: Option<f64>,
    /// Lowest area of a range, in square metres.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub min_square_metres: Option<f64>,
    /// Highest area of a range, in square metres.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub max_square_metres: Option<f64>,
    /// Whether the source gives the area as approximate.
    #[serde(default)]
    pub approximate: bool,
    /// The source's wording. Required if no area is given.
    #[schema(max_length = 500, pattern = r"\S")]
    pub as_stated: Option<String>,
}

/// A number of something promised: money, jobs, people, an area, or anything else that is counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"value": 50, "unit": "persons", "approximate": true, "as_stated": "50여 명"}))]
pub struct Amount {
    /// The number, in the unit.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub value: f64,
    /// The unit: `persons`, `jobs`, `square_metres` or `items`, a currency code (ISO 4217) such as
    /// `KRW` for whole units of the currency, or any other unit in the words of the source. Sums
    /// are made by unit, so use the same word for the same unit.
    #[schema(max_length = 50, pattern = r"^.+$", example = "persons")]
    pub unit: String,
    /// Whether the source gives the number as approximate.
    #[serde(default)]
    pub approximate: bool,
    /// The source's wording.
    #[schema(max_length = 500, pattern = r"\S")]
    pub as_stated: Option<String>,
}

impl Amount {
    /// Returns a number in the same unit as a share of this one, in percent with two decimals. It
    /// can exceed 100; null if the amount is zero.
    pub fn percent(&self, reached: f64) -> Option<f64> {
        (self.value > 0.0).then(|| (reached / self.value * 10_000.0).round() / 100.0)
    }
}

fn money(money: &Money) -> Result<(), ValidationError> {
    let figures = [money.amount, money.min_amount, money.max_amount];
    let unnamed = figures.iter().any(Option::is_some) && money.currency.is_none();
    let unnamed = unnamed.then(|| {
        rule_error(
            "currency_needed",
            "/currency",
            "금액에는 통화가 필요합니다.",
            "An amount needs a currency.",
        )
    });
    merge_errors(one_or_range(figures, ["/min_amount", "/max_amount"]).chain(unnamed))
}

fn area(area: &Area) -> Result<(), ValidationError> {
    merge_errors(one_or_range(
        [
            area.square_metres,
            area.min_square_metres,
            area.max_square_metres,
        ],
        ["/min_square_metres", "/max_square_metres"],
    ))
}

/// Checks that a quantity is one figure or a range in order; `at` points to the ends of the range.
fn one_or_range<T: PartialOrd>(
    [one, min, max]: [Option<T>; 3],
    at: [&str; 2],
) -> impl Iterator<Item = ValidationError> {
    let both = |end: &Option<T>, at| {
        (one.is_some() && end.is_some()).then(|| {
            rule_error(
                "figure_and_range",
                at,
                "하나의 수와 범위를 함께 적을 수 없습니다.",
                "Give one figure or a range, not both.",
            )
        })
    };
    let reversed = matches!((&min, &max), (Some(min), Some(max)) if min > max);
    let reversed = reversed.then(|| {
        rule_error(
            "reversed",
            at[1],
            "범위의 끝이 시작보다 작습니다.",
            "The range ends below its start.",
        )
    });
    let errors = [both(&min, at[0]), both(&max, at[1]), reversed];
    errors.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_share_of_an_amount_has_no_upper_limit() {
        for (value, reached, percent) in [
            (50.0, 38.0, Some(76.0)),
            (50.0, 60.0, Some(120.0)),
            (3.0, 1.0, Some(33.33)),
            (50.0, 0.0, Some(0.0)),
            (0.0, 1.0, None),
        ] {
            let amount: Amount =
                serde_json::from_value(json!({"value": value, "unit": "persons"})).unwrap();
            assert_eq!(amount.percent(reached), percent, "{reached} of {value}");
        }
    }

    #[test]
    fn money_is_a_figure_a_range_or_words() {
        for (value, wrong) in [
            (json!({"amount": 1, "currency": "KRW"}), 0),
            (
                json!({"min_amount": 50, "max_amount": 70, "currency": "KRW"}),
                0,
            ),
            (json!({"min_amount": 50, "currency": "KRW"}), 0),
            (json!({"as_stated": "추후 협의"}), 0),
            (json!({"as_stated": "추후 협의", "currency": "KRW"}), 0),
            (json!({"amount": 1, "as_stated": "1"}), 1),
            (
                json!({"min_amount": 70, "max_amount": 50, "currency": "KRW"}),
                1,
            ),
            (json!({"amount": 60, "min_amount": 50, "max_amount": 70}), 3),
        ] {
            let read: Money = serde_json::from_value(value.clone()).unwrap();
            let errors = read.validate().err().map_or(0, |errors| {
                let rule = &errors.field_errors()["__all__"][0];
                1 + rule
                    .params
                    .get(crate::kernel::rule::BESIDES)
                    .and_then(|b| b.as_array())
                    .map_or(0, Vec::len)
            });
            assert_eq!(errors, wrong, "{value}");
        }
    }
}
