//! Paging over the results of a pass over records, ordered by id.

use std::ops::ControlFlow;

use actix_web::HttpRequest;

use super::group::GroupKey;
use super::rules::Link;
use crate::db::page::{Listed, Page};
use crate::http::RECORDED_AS_OF;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::language::Message;

/// Collects the rows of one page during a pass.
pub struct Gatherer<T> {
    after: Option<(String, String)>,
    limit: usize,
    counts: bool,
    total: i64,
    rows: Vec<((T, String), String)>,
}

impl<T> Gatherer<T> {
    pub fn new(page: &Page) -> Self {
        let after = page.after.as_ref();
        Self {
            after: after.map(|cursor| (cursor.key.clone(), cursor.id.clone())),
            limit: page.limit,
            counts: page.with_total,
            total: 0,
            rows: Vec::new(),
        }
    }

    /// Returns the key at which the pass can start. `None` means from the beginning, which a total
    /// count requires.
    pub fn from(&self) -> Option<String> {
        let after = self.after.as_ref().filter(|_| !self.counts);
        after.map(|(key, _)| key.clone())
    }

    /// Counts a row, and keeps it if it follows the previous page. Keeps one row more than the
    /// page's limit, to detect a next page.
    pub fn add(&mut self, key: String, id: String, row: impl FnOnce() -> T) {
        self.total += 1;
        let place = (key, id);
        let behind = self.after.as_ref().is_none_or(|after| place > *after);
        if behind && self.rows.len() <= self.limit {
            self.rows.push(((row(), place.1), place.0));
        }
    }

    /// Breaks once the page is full, unless a total is counted.
    pub fn goes_on(&self) -> ControlFlow<()> {
        if self.counts || self.rows.len() <= self.limit {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }

    pub fn listed(self, page: &Page) -> Listed<T> {
        let (rows, next) = page.cut(self.rows, |(_, id)| id.clone());
        Listed {
            items: rows.into_iter().map(|(row, _)| row).collect(),
            next,
            total: self.counts.then_some(self.total),
        }
    }
}

/// Returns the `recorded_as_of` parameter of the request as a filter for links.
pub fn recorded_as_of(req: &HttpRequest) -> (&'static str, Option<String>) {
    let mut query = url::form_urlencoded::parse(req.query_string().as_bytes());
    let asked = query.find(|(name, _)| name == RECORDED_AS_OF);
    (
        RECORDED_AS_OF,
        asked.map(|(_, instant)| instant.into_owned()),
    )
}

/// Returns the link to the list of a group's records.
pub fn group_of(link: &Link, key: &GroupKey) -> Link {
    match &key.value {
        Some(value) => link.with("group", value),
        None => link.with("group_unknown", "true"),
    }
}

/// Checks the combination of `group_by`, `group` and `group_unknown`.
///
/// # Errors
/// `invalid_parameters` if a group is given without `group_by`, or `group` together with
/// `group_unknown`.
pub fn check_group(grouped: bool, group: bool, unknown: Option<bool>) -> Result<(), ApiError> {
    let mut errors = Vec::new();
    if !grouped && (group || unknown.is_some()) {
        let message = Message::fixed(
            "group이나 group_unknown에는 group_by가 필요합니다.",
            "A group is one of what group_by says.",
        );
        errors.push(FieldError::query("group_by", "required", message));
    }
    if group && unknown == Some(true) {
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
