//! Rules and parts that dated statements share.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::{Gap, ImpreciseDate, Localized};
use crate::kernel::rule::rule_error;

/// Checks that a date has an end; without one, no day would ever pass it. A date in words alone has
/// none either, but what happened then had happened when it was recorded.
///
/// # Errors
/// `open_ended`, at `at`.
pub fn has_an_end(date: &ImpreciseDate, at: &str) -> Result<(), ValidationError> {
    if date.is_dated() && date.latest().is_none() {
        return Err(rule_error(
            "open_ended",
            at,
            "끝이 있는 날짜여야 합니다.",
            "A date with an end is needed here.",
        ));
    }
    Ok(())
}

/// Checks that a range does not certainly end before it starts.
///
/// # Errors
/// `reversed`, at `at`.
pub fn range_in_order(
    from: Option<&ImpreciseDate>,
    until: Option<&ImpreciseDate>,
    at: &str,
) -> Result<(), ValidationError> {
    let start = from.and_then(ImpreciseDate::earliest);
    match (start, until) {
        (Some(start), Some(until)) if until.ends_before(start) => Err(rule_error(
            "reversed",
            at,
            "끝나는 때가 시작하는 때보다 앞섭니다.",
            "This ends before it begins.",
        )),
        _ => Ok(()),
    }
}

/// Retraction of a mistaken statement, forecast or outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct RetractionCreate {
    /// Reason why the statement was a mistake.
    #[validate(nested)]
    #[schema(example = json!({"ko": "출처를 잘못 읽음", "en": "The source was misread"}))]
    pub reason: Localized,
}

/// Retraction of a mistaken statement, forecast or outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Retraction {
    /// Reason why the statement was a mistake.
    pub reason: Localized,
    /// Date of the retraction.
    pub retracted_on: NaiveDate,
}

/// Returns the gap for a record without a source.
pub fn no_source() -> Gap {
    Gap::new(
        "/sources",
        "source_unknown",
        "출처가 없습니다.",
        "No source is recorded.",
    )
}
