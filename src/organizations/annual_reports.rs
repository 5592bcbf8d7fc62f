//! Yearly reports of a municipality to its council on all its agreements.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::kernel::error::ApiError;
use crate::kernel::rule::{merge_errors, rule_error};
use crate::kernel::values::past_events::not_passed;
use crate::kernel::values::{ImpreciseDate, Localized, Source, has_an_end};

/// Report of a municipality to its council on all its agreements (연간 보고). It fulfils the duty
/// `annual_report`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "has_a_year", skip_on_field_errors = false))]
pub struct AnnualReport {
    /// Date of the report. An imprecise date counts from its last possible day, which cannot lie in
    /// the future.
    pub on: ImpreciseDate,
    /// Calendar year in which the report was due, whatever year it covers; null for the year of its
    /// date. Required if the date does not lie in one year.
    #[schema(minimum = 1900, maximum = 2200, example = 2026)]
    pub due_year: Option<i32>,
    /// Council session.
    #[schema(max_length = 200, pattern = r"^.+$", example = "제300회 임시회")]
    pub session: Option<String>,
    /// Remarks.
    #[validate(nested)]
    pub note: Option<Localized>,
    /// Sources of these facts.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 20)]
    pub sources: Vec<Source>,
}

fn has_a_year(report: &AnnualReport) -> Result<(), ValidationError> {
    let no_year = report.year().is_none().then(|| {
        rule_error(
            "required",
            "/due_year",
            "한 해 안의 날짜가 아니면 보고했어야 하는 해가 필요합니다.",
            "The year in which it was due is needed where the date does not lie in one year.",
        )
    });
    merge_errors(
        has_an_end(&report.on, "/on")
            .err()
            .into_iter()
            .chain(no_year),
    )
}

impl AnnualReport {
    /// Returns the calendar year in which the report was due; `None` if it is not stated and the date
    /// does not lie in one year.
    pub fn year(&self) -> Option<i32> {
        let year = |day: Option<NaiveDate>| day.map(|day| day.year());
        let first = year(self.on.earliest());
        let own = first.filter(|_| first == year(self.on.latest()));
        self.due_year.or(own)
    }
}

/// Completes reports that are recorded on a day: a date in words alone is one by that day.
///
/// # Errors
/// `validation_failed` if a date has not passed.
pub fn accept(reports: &mut [AnnualReport], today: NaiveDate) -> Result<(), ApiError> {
    let mut wrong = Vec::new();
    for (i, report) in reports.iter_mut().enumerate() {
        wrong.extend(not_passed(
            &report.on,
            format!("/annual_reports/{i}/on"),
            today,
        ));
        report.on = report.on.clone().happened_by(today);
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(ApiError::invalid(wrong)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_belongs_to_the_year_in_which_it_was_due() {
        let report = |on: &str, due_year| AnnualReport {
            on: ImpreciseDate::parse(on).unwrap(),
            due_year,
            session: None,
            note: None,
            sources: Vec::new(),
        };
        for (on, due_year, year) in [
            ("2026-01-20", None, Some(2026)),
            ("2026-01-20", Some(2025), Some(2025)),
            ("2026", None, Some(2026)),
            ("2025-12/2026-01", None, None),
            ("../2026-01-31", None, None),
            ("../2026-01-31", Some(2026), Some(2026)),
        ] {
            let report = report(on, due_year);
            assert_eq!(report.year(), year, "{on}");
            assert_eq!(report.validate().is_ok(), year.is_some(), "{on}");
        }
        let mut future = [report("2026-12-01", None)];
        assert!(accept(&mut future, "2026-11-23".parse().unwrap()).is_err());
    }
}
