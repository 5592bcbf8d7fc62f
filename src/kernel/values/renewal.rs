//! Terms that renew automatically.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::in_calendar;
use crate::kernel::legal_days::months_after;

/// How the term of an agreement renews automatically.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct RenewalTerms {
    /// Length of each renewal, in months.
    #[schema(minimum = 1, maximum = 1200, example = 12)]
    pub months: u32,
    /// Days before the end of a term by which a party gives notice that it does not renew; null if
    /// the source does not state it.
    #[schema(minimum = 0, maximum = 3650, example = 30)]
    pub notice_days: Option<u32>,
    /// Number of renewals at most; null for no limit.
    #[schema(minimum = 1, maximum = 100, example = json!(null))]
    pub times: Option<u32>,
}

/// The term that runs on a day, of an agreement that renews automatically.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CurrentTerm {
    /// Ordinal of the term: 1 is the first, before any renewal.
    #[schema(minimum = 1, example = 5)]
    pub number: u32,
    /// Last day of the term.
    #[schema(example = "2027-04-15")]
    pub until: NaiveDate,
    /// Last day for a notice that the agreement is not renewed; null if the notice period is unknown
    /// or the term is the last one.
    #[schema(example = "2027-03-16")]
    pub notice_by: Option<NaiveDate>,
}

impl RenewalTerms {
    /// Returns the last day of the term after a number of renewals, for the first term's last day.
    /// Months are counted from the start of a term, so that 28 February leads to 29 February.
    pub fn last_day(&self, first: NaiveDate, renewals: u32) -> Option<NaiveDate> {
        let months = self.months.checked_mul(renewals)?;
        months_after(first, months).and_then(in_calendar)
    }

    /// Returns the terms in order, at most `most`, until the renewals are used up.
    pub fn terms(self, first: NaiveDate, most: u32) -> impl Iterator<Item = CurrentTerm> {
        let last = self.times.unwrap_or(u32::MAX).min(most);
        (0..=last).map_while(move |renewals| {
            let until = self.last_day(first, renewals)?;
            let days = self.notice_days.filter(|_| self.times != Some(renewals));
            Some(CurrentTerm {
                number: renewals + 1,
                until,
                notice_by: days.and_then(|days| {
                    let by = until.checked_sub_days(Days::new(days.into()))?;
                    in_calendar(by)
                }),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn terms_follow_one_another() {
        let yearly = RenewalTerms {
            months: 12,
            notice_days: Some(30),
            times: Some(2),
        };
        let terms: Vec<_> = yearly.terms(day("2023-02-28"), 100).collect();
        let told: Vec<_> = terms
            .iter()
            .map(|t| (t.number, t.until, t.notice_by))
            .collect();
        assert_eq!(
            told,
            [
                (1, day("2023-02-28"), Some(day("2023-01-29"))),
                (2, day("2024-02-29"), Some(day("2024-01-30"))),
                (3, day("2025-02-28"), None),
            ]
        );
    }

    #[test]
    fn a_term_that_begins_on_a_day_that_its_last_month_lacks_ends_with_the_month() {
        for (first, months, renewals, last) in [
            ("2024-12-30", 2, 1, "2025-02-28"),
            ("2024-05-30", 1, 1, "2024-06-30"),
            ("2024-05-30", 1, 2, "2024-07-30"),
            ("2024-08-30", 6, 1, "2025-02-28"),
            ("2023-08-30", 6, 1, "2024-02-29"),
            ("2024-02-28", 12, 1, "2025-02-28"),
            ("2024-12-31", 2, 1, "2025-02-28"),
        ] {
            let terms = RenewalTerms {
                months,
                notice_days: None,
                times: None,
            };
            let found = terms.last_day(day(first), renewals);
            assert_eq!(found, Some(day(last)), "{first} {months} {renewals}");
        }
    }

    #[test]
    fn terms_end_with_the_calendar() {
        let long = RenewalTerms {
            months: 1200,
            notice_days: Some(30),
            times: None,
        };
        let last = long.terms(day("9900-12-31"), 100).last().unwrap();
        assert_eq!((last.number, last.until), (1, day("9900-12-31")));
        let first = long.terms(day("0001-01-15"), 0).next().unwrap();
        assert_eq!(first.notice_by, None);
    }
}
