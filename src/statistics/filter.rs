//! Filters that all statistics share, and their parameters in links.

use actix_web::HttpRequest;
use serde::Serialize;

use super::counts::FigurePart;
use super::group::GroupKey;
use super::rules::{LeftOutReason, Placement};
use crate::http::RECORDED_AS_OF;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::language::Message;
use crate::kernel::text::tidy;
use crate::kernel::values::to_db;
use crate::projections::freshness::{Freshness, FreshnessState};

/// Filters of the records behind a figure.
pub struct RecordFilter<'a> {
    pub part: Option<FigurePart>,
    pub reason: Option<LeftOutReason>,
    pub grouped: bool,
    pub group: Option<&'a str>,
    pub group_unknown: Option<bool>,
    pub freshness: Option<FreshnessState>,
}

impl RecordFilter<'_> {
    /// Checks the combination of `group_by`, `group` and `group_unknown`.
    ///
    /// # Errors
    /// `invalid_parameters` if a group is given without `group_by`, or `group` together with
    /// `group_unknown`.
    pub fn check(&self) -> Result<(), ApiError> {
        let mut errors = Vec::new();
        if !self.grouped && (self.group.is_some() || self.group_unknown.is_some()) {
            let message = Message::fixed(
                "group이나 group_unknown에는 group_by가 필요합니다.",
                "A group is one of what group_by says.",
            );
            errors.push(FieldError::query("group_by", "required", message));
        }
        if self.group.is_some() && self.group_unknown == Some(true) {
            let message = Message::fixed(
                "group과 함께 쓸 수 없습니다.",
                "This cannot be asked together with group.",
            );
            errors.push(FieldError::query("group_unknown", "one_of_two", message));
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(ApiError::new(Code::InvalidParameters).and(errors))
        }
    }

    /// Returns whether a record with these groups and this freshness is selected.
    pub fn matches(&self, keys: &[GroupKey], freshness: Option<Freshness>) -> bool {
        let is_group = |group: &str| keys.iter().any(|key| is_one(key.value.as_deref(), group));
        self.group.is_none_or(is_group)
            && (self.group_unknown != Some(true) || keys.contains(&GroupKey::UNKNOWN))
            && self
                .freshness
                .is_none_or(|state| freshness.is_some_and(|f| f.state == state))
    }

    /// Returns whether records with this placement in the figure are selected.
    pub fn contains(&self, placement: Placement) -> bool {
        self.part.is_none_or(|part| part.contains(placement))
            && self
                .reason
                .is_none_or(|reason| placement == Placement::LeftOut(reason))
    }
}

/// Returns whether a group is the one that is asked for, whatever blanks stand around and in its value.
fn is_one(value: Option<&str>, wanted: &str) -> bool {
    value.is_some_and(|value| value == wanted || tidy(value) == tidy(wanted))
}

/// Returns the parameter of a link for a filter.
pub fn parameter(filter: Option<&impl Serialize>) -> Option<String> {
    filter.map(to_db)
}

/// Returns the parameter of a link for a filter with several values.
pub fn list_parameter<T: Serialize>(filter: Option<&Vec<T>>) -> Option<String> {
    let words = |values: &Vec<T>| values.iter().map(to_db).collect::<Vec<_>>().join(",");
    filter.map(words)
}

/// Returns the `recorded_as_of` parameter of the request as a filter for links.
pub fn recorded_as_of(req: &HttpRequest) -> (&'static str, Option<String>) {
    let mut query = url::form_urlencoded::parse(req.query_string().as_bytes());
    let instant = query.find(|(name, _)| name == RECORDED_AS_OF);
    let instant = instant.map(|(_, instant)| instant.into_owned());
    (RECORDED_AS_OF, instant)
}
