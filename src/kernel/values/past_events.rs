//! Checks on the dates of past events. Pure: today is an argument.
//!
//! An imprecisely dated event counts once its whole range has passed. An event that would not count
//! yet is not recorded as having happened: otherwise its state as of today would differ from what is
//! known today.

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;

use super::ImpreciseDate;
use crate::kernel::error::FieldError;
use crate::kernel::language::Message;

/// Returns the error for a date in the future.
pub fn in_future(at: impl Into<String>) -> FieldError {
    let message = Message::fixed("아직 오지 않은 날입니다.", "This day has not come yet.");
    FieldError::body(at, "in_future", message)
}

/// Returns the error for a date without an end, which no day would ever pass.
pub fn open_ended(at: impl Into<String>) -> FieldError {
    let message = Message::fixed(
        "끝이 있는 날짜여야 합니다.",
        "A date with an end is needed here.",
    );
    FieldError::body(at, "open_ended", message)
}

/// Returns the error for the date of a past event whose whole range has not passed yet. A date in
/// words alone has passed: it is recorded as one by today, see [`ImpreciseDate::happened_by`].
pub fn not_passed(
    on: &ImpreciseDate,
    at: impl Into<String>,
    today: NaiveDate,
) -> Option<FieldError> {
    if !on.is_dated() {
        return None;
    }
    if on.latest().is_none() {
        return Some(open_ended(at));
    }
    if on.starts_after(today) {
        return Some(in_future(at));
    }
    (!on.known_by(today)).then(|| {
        let so_far = match on.earliest() {
            Some(first) => format!("{first}/{today}"),
            None => format!("../{today}"),
        };
        let message = Message::new(
            format!("아직 끝나지 않은 기간입니다. 달이나 날로 적거나, 모르면 오늘까지로 적어야 합니다: {so_far}"),
            format!("This range is not over yet: give the month or the day, or where neither is known end it today: {so_far}"),
        );
        FieldError::body(at, "in_future", message)
    })
}

/// Members that date something past, by the list in which they stand, in whatever record.
const DATED: [(&str, &[&str]); 2] = [
    ("sources", &["published_on", "retrieved_on"]),
    ("statements", &["said_on"]),
];

/// The days on which quotes of a body were said, and its sources published and retrieved, with their
/// JSON Pointers.
#[derive(Clone, Debug, Default)]
pub struct PastDays(Vec<(String, ImpreciseDate)>);

impl PastDays {
    /// Finds the days of a body. One that is no date is left to the schema.
    pub fn of(body: &Value) -> Self {
        let mut found = Self::default();
        found.walk(body, "");
        found
    }

    /// Returns the errors of those that have not passed.
    pub fn wrong(&self, today: NaiveDate) -> Vec<FieldError> {
        let days = self.0.iter();
        days.filter_map(|(at, on)| not_passed(on, at.as_str(), today))
            .collect()
    }

    fn walk(&mut self, value: &Value, at: &str) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let at = format!("{at}/{name}");
                    let dated = DATED.iter().find(|(list, _)| list == name);
                    if let (Some((_, dated)), Some(items)) = (dated, member.as_array()) {
                        self.note(dated, items, &at);
                    }
                    self.walk(member, &at);
                }
            }
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    self.walk(item, &format!("{at}/{i}"));
                }
            }
            _ => {}
        }
    }

    fn note(&mut self, dated: &[&str], items: &[Value], at: &str) {
        for (i, item) in items.iter().enumerate() {
            for member in dated {
                let on = item.get(member).map(ImpreciseDate::deserialize);
                if let Some(Ok(on)) = on {
                    self.0.push((format!("{at}/{i}/{member}"), on));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_sources_are_of_the_past() {
        let today = "2026-11-23".parse().unwrap();
        let body = serde_json::json!({
            "signed_on": {"edtf": "2099"},
            "statements": [{"said_on": {"edtf": "2026-11-23"}}, {"said_on": {"edtf": "2099-01-01"}}, {}],
            "forecasts": [{"sources": [{"published_on": {"edtf": "2026"}, "retrieved_on": null}]}],
            "sources": [{"published_on": 7, "retrieved_on": {"edtf": "2027"}}],
        });
        let wrong = PastDays::of(&body).wrong(today);
        let places: Vec<_> = wrong.iter().map(|error| error.place.clone()).collect();
        let at = |at: &str| crate::kernel::error::Place::Body(at.to_owned());
        let expected = [
            "/forecasts/0/sources/0/published_on",
            "/sources/0/retrieved_on",
            "/statements/1/said_on",
        ];
        assert_eq!(places, expected.map(at));
        assert!(wrong.iter().all(|error| error.code == "in_future"));
    }

    #[test]
    fn what_happened_has_passed_as_a_whole() {
        let today = "2026-11-23".parse().unwrap();
        for (on, code, so_far) in [
            ("2026-11-23", None, ""),
            ("2026-10", None, ""),
            ("../2026-11-23", None, ""),
            ("2026-01-01/2026-11-23", None, ""),
            ("2026-11-24", Some("in_future"), "This day"),
            ("2027", Some("in_future"), "This day"),
            ("2026", Some("in_future"), " 2026-01-01/2026-11-23"),
            ("../2026", Some("in_future"), " ../2026-11-23"),
            ("2026/..", Some("open_ended"), "an end"),
            ("2027/..", Some("open_ended"), "an end"),
        ] {
            let date = ImpreciseDate::parse(on).unwrap();
            let wrong = not_passed(&date, "/on", today);
            assert_eq!(wrong.as_ref().map(|w| w.code.as_str()), code, "{on}");
            let said = wrong.map_or_else(String::new, |w| {
                w.message
                    .in_language(crate::kernel::language::Language::English)
                    .to_owned()
            });
            assert!(said.contains(so_far), "{on}: {said}");
        }
    }
}
