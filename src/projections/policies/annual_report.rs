//! The yearly report of a municipality to its council on all its agreements.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::kernel::language::Message;
use crate::kernel::rule::{merge_errors, rule_error};
use crate::kernel::values::ImpreciseDate;

/// When a municipality reports to its council on all its agreements, once in each calendar year (연간
/// 보고). At least one of the two members is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "has_a_time", skip_on_field_errors = false))]
pub struct AnnualReportRule {
    /// Day of the year by which it is due, as MM-DD; null if the ordinance names none. A day that the
    /// ordinance names does not move to the next working day.
    #[schema(
        pattern = r"^((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))$",
        example = "01-31"
    )]
    pub by: Option<String>,
    /// Council session in which it is given, in words; null if the ordinance names none. The day of
    /// the session is not derived: without `by` the report is due on any day of the year.
    #[schema(max_length = 200, pattern = r"^.+$", example = "제2차 정례회")]
    pub in_session: Option<String>,
}

fn has_a_time(rule: &AnnualReportRule) -> Result<(), ValidationError> {
    let neither = rule.by.is_none() && rule.in_session.is_none();
    merge_errors(neither.then(|| {
        rule_error(
            "nothing_stated",
            "",
            "by와 in_session 가운데 하나는 있어야 합니다.",
            "Either by or in_session is needed.",
        )
    }))
}

impl AnnualReportRule {
    /// Returns the due date in a year: the whole year if no day is stated.
    pub fn due_in(&self, year: i32) -> Option<ImpreciseDate> {
        let text = match &self.by {
            Some(by) => format!("{year:04}-{by}"),
            None => format!("{year:04}"),
        };
        ImpreciseDate::parse(&text).ok()
    }

    /// Returns the session in words.
    pub fn session_words(&self) -> Option<Message> {
        let session = self.in_session.as_ref()?;
        Some(Message::new(
            session,
            format!("in the council's session: {session}"),
        ))
    }
}
