//! Passes over records in the order of their ids, and pages of their results.

use std::ops::ControlFlow;

use crate::db::AnyConnection;
use crate::db::page::{Listed, Page};
use crate::kernel::error::ApiError;

/// Position at which a chunk of rows starts.
pub enum ChunkStart {
    At(String),
    After(String),
}

/// Loads rows ordered by id in chunks of `size`, starting at the id `from`, and calls `visit` with
/// each chunk until it breaks.
pub fn for_each_chunk<R>(
    conn: &mut AnyConnection,
    from: Option<&str>,
    size: i64,
    mut load: impl FnMut(&mut AnyConnection, &ChunkStart) -> Result<Vec<R>, ApiError>,
    id: impl Fn(&R) -> &str,
    mut visit: impl FnMut(&mut AnyConnection, Vec<R>) -> Result<ControlFlow<()>, ApiError>,
) -> Result<(), ApiError> {
    let mut start = match from {
        Some(from) => ChunkStart::At(from.to_owned()),
        None => ChunkStart::After(String::new()),
    };
    loop {
        let rows = load(conn, &start)?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        start = ChunkStart::After(id(last).to_owned());
        let is_last = (rows.len() as i64) < size;
        if visit(conn, rows)?.is_break() || is_last {
            return Ok(());
        }
    }
}

/// Collects the rows of one page during a pass.
pub struct PageCollector<T> {
    after: Option<(String, String)>,
    limit: usize,
    counts: bool,
    total: i64,
    rows: Vec<((T, String), String)>,
}

impl<T> PageCollector<T> {
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
        let position = (key, id);
        let is_after = self.after.as_ref().is_none_or(|after| position > *after);
        if is_after && self.rows.len() <= self.limit {
            self.rows.push(((row(), position.1), position.0));
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
