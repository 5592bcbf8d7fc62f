//! Terms of duties: the time after an event within which a policy wants something done.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::kernel::rule::{merge_errors, rule_error};

/// Form of a term: `days` or `months` after the event, the first day not counted (민법 157, 160), where
/// an end on a Saturday or public holiday moves to the next working day (161); `working_days`; or
/// `without_delay` (지체 없이), which sets no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TermUnit {
    Days,
    WorkingDays,
    Months,
    WithoutDelay,
}

/// Time after an event within which a duty is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "is_countable", skip_on_field_errors = false))]
#[schema(example = json!({"unit": "working_days", "count": 10}))]
pub struct DutyTerm {
    /// Form of the term.
    pub unit: TermUnit,
    /// Number of units; null for `without_delay` alone.
    #[schema(minimum = 1, maximum = 3650)]
    pub count: Option<u32>,
}

impl DutyTerm {
    /// Returns the term of a number of days.
    pub fn days(count: u32) -> Self {
        let (unit, count) = (TermUnit::Days, Some(count));
        Self { unit, count }
    }
}

fn is_countable(term: &DutyTerm) -> Result<(), ValidationError> {
    let error = match (term.unit, term.count) {
        (TermUnit::WithoutDelay, Some(_)) => Some((
            "without_delay에는 횟수가 없어야 합니다.",
            "This must be null for without_delay.",
        )),
        (TermUnit::WithoutDelay, None) | (_, Some(_)) => None,
        (_, None) => Some(("수가 필요합니다.", "A number is needed.")),
    };
    merge_errors(error.map(|(ko, en)| rule_error("term_count", "/count", ko, en)))
}
