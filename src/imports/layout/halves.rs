//! Two tables side by side: the halves of one, as on a printed page, or one that is not read.

use super::{Layout, Spans, keys, records};
use crate::imports::book::{Cell, Sheet};
use crate::imports::kind::ImportKind;
use crate::imports::mapping;

impl Layout {
    /// Leaves out a second table beside the first, unless it goes on with the same headers, as the right half
    /// of a printed page does.
    pub(super) fn leave_beside(&mut self, kind: ImportKind) {
        let beside = beside(kind, &self.headers);
        let right = self.headers.split_off(beside.unwrap_or(self.width));
        while self.headers.last().is_some_and(String::is_empty) {
            self.headers.pop();
        }
        self.width = self.headers.len();
        // A row of milestones holds several records already, each with its cell.
        let is_half = kind != ImportKind::Milestones && same(&self.headers, &right);
        (self.right_half, self.beside) = match is_half {
            true => (beside, None),
            false => (None, beside),
        };
    }

    /// Reads the left half of a table, then the right one.
    pub(super) fn fill_halves(&mut self, kind: ImportKind, sheet: &Sheet, right: usize) {
        let mut last = 0;
        for columns in [0..right, right..sheet.width()] {
            let (shift, half) = (columns.start, sheet.part(columns));
            records::fill(kind, self, &half, &Spans::of(&half));
            for row in &mut self.rows[last..] {
                row.shift = shift;
            }
            last = self.rows.len();
        }
        let width = self.headers.len();
        for row in &mut self.rows {
            row.cells.resize(width, Cell::Empty);
            row.shared.resize(width, None);
        }
    }
}

/// Returns whether two tables have the same headers.
fn same(left: &[String], right: &[String]) -> bool {
    let plain = |headers: &[String]| -> Vec<String> {
        headers
            .iter()
            .map(|header| mapping::plain(header))
            .collect()
    };
    !right.is_empty() && plain(left) == plain(right)
}

/// Returns the first column of a second table beside the first: both have the same fields, with one of which
/// a table has one.
fn beside(kind: ImportKind, headers: &[String]) -> Option<usize> {
    let fields = |headers: &[String]| -> Vec<String> {
        let found = mapping::map(kind, headers).into_iter();
        found.filter_map(|found| found.field).collect()
    };
    let first = headers.iter().find(|header| !header.is_empty())?;
    let starts = (2..headers.len()).filter(|column| {
        let is_apart = headers[column - 1].is_empty() && !headers[*column].is_empty();
        is_apart || headers[*column] == *first
    });
    let is_second = |column: &usize| {
        let (left, right) = (fields(&headers[..*column]), fields(&headers[*column..]));
        let same: Vec<&String> = left.iter().filter(|field| right.contains(field)).collect();
        let has = |key: &str| same.iter().any(|field| *field == key);
        same.len() >= 2 && has(keys(kind)[0])
    };
    starts.into_iter().find(is_second)
}
