//! Where the table is in a file: the sheet, the rows of its header, and the rows that are records.

mod halves;
mod records;

use super::book::{Book, Cell, Merge, Sheet};
use super::kind::ImportKind;
use super::mapping::{self, MappingRule, Match};
use crate::kernel::personal::Withheld;

/// Rows in which the header is looked for.
const SEARCHED: usize = 60;
/// Maximum number of rows that merged cells join into one header.
const MOST_HEADER_ROWS: usize = 4;

/// Where the table is; rows from 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    pub sheet: usize,
    pub header_rows: Vec<usize>,
    /// The header of each column, its rows joined by a blank; empty for a column without one.
    pub headers: Vec<String>,
    /// Number of columns up to the last one with a header.
    pub width: usize,
    /// By column, whether it is hidden.
    pub hidden: Vec<bool>,
    /// Further visible sheets with a table that fits.
    pub others: Vec<usize>,
    /// First rows of the headers of further tables of the sheet, which are not read.
    pub tables: Vec<usize>,
    /// First column of a further table beside this one, which is not read.
    pub beside: Option<usize>,
    /// First column of the right half of the table, which goes on there with the same headers.
    pub right_half: Option<usize>,
    /// Number of headers that are known.
    pub known: usize,
    pub rows: Vec<DataRow>,
    pub left_out: Vec<LeftOut>,
    /// Texts above the header and below the table.
    pub remarks: Vec<String>,
}

/// A row that is a record.
#[derive(Clone, Debug, PartialEq)]
pub struct DataRow {
    pub row: usize,
    /// Number of columns left of its first cell: those of the left half, for a row of the right one.
    pub shift: usize,
    pub hidden: bool,
    /// The cells, with the value of merged cells in each row.
    pub cells: Vec<Cell>,
    /// For each column, the first row of the merged cell of which this row has a part.
    pub shared: Vec<Option<usize>>,
    /// Columns whose cells repeat the one above by a mark such as `〃`.
    pub ditto: Vec<usize>,
    /// What was left out of cells as personal, with their columns.
    pub withheld: Vec<(usize, Withheld)>,
}

/// A row that is no record.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOut {
    pub row: usize,
    pub why: Why,
    pub text: String,
}

/// Why a row is no record.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportLeftOutReason)]
pub enum Why {
    RepeatedHeader,
    Subtotal,
    Total,
    /// A remark below or between the rows.
    Remark,
    /// A row of a further table, which is not read.
    OtherTable,
}

/// Finds the table. `sheet` and `header_rows` are those that the caller states.
pub fn find(
    kind: ImportKind,
    book: &Book,
    sheet: Option<usize>,
    header_rows: Option<&[usize]>,
) -> Layout {
    let candidates = match sheet {
        Some(sheet) => vec![sheet],
        None => visible(book),
    };
    let headers = candidates.iter().filter_map(|i| {
        let sheet = book.sheets.get(*i)?;
        let spans = Spans::of(sheet);
        let header = match header_rows {
            Some(rows) => Header::at(kind, sheet, &spans, rows),
            None => header(kind, sheet, &spans)?,
        };
        Some((*i, spans, header))
    });
    let mut found: Vec<(usize, Spans<'_>, Header)> = headers.collect();
    let mut best = 0;
    for (place, (.., header)) in found.iter().enumerate() {
        if header.rank() > found[best].2.rank() {
            best = place;
        }
    }
    if found.is_empty() {
        return Layout {
            sheet: candidates.first().copied().unwrap_or(0),
            ..Layout::default()
        };
    }
    let (place, spans, header) = found.swap_remove(best);
    let fits = |other: &Header| other.known >= 2 && other.known * 2 >= header.known;
    let others = found.iter().filter(|(.., other)| fits(other));
    let mut others: Vec<usize> = others.map(|(other, ..)| *other).collect();
    others.sort_unstable();
    let mut layout = Layout {
        sheet: place,
        header_rows: header.rows.clone(),
        known: header.known,
        width: header.names.len(),
        headers: header.names,
        others,
        ..Layout::default()
    };
    layout.leave_beside(kind);
    match layout.right_half {
        Some(right) => layout.fill_halves(kind, &book.sheets[place], right),
        None => records::fill(kind, &mut layout, &book.sheets[place], &spans),
    }
    let hidden = &book.sheets[place].hidden_columns;
    let states = |column: usize| {
        let mut rows = layout.rows.iter();
        rows.any(|row| hidden.contains(&(column + row.shift)) && !row.cells[column].is_empty())
    };
    layout.hidden = (0..layout.headers.len()).map(states).collect();
    layout
}

/// Returns the visible sheets; all if none is.
fn visible(book: &Book) -> Vec<usize> {
    let all = 0..book.sheets.len();
    let visible: Vec<usize> = all.clone().filter(|i| !book.sheets[*i].hidden).collect();
    match visible.is_empty() {
        true => all.collect(),
        false => visible,
    }
}

/// By cell, the merged cell that it is a part of.
struct Spans<'a> {
    sheet: &'a Sheet,
    by_row: std::collections::HashMap<usize, Vec<Merge>>,
}

impl<'a> Spans<'a> {
    fn of(sheet: &'a Sheet) -> Self {
        let mut by_row: std::collections::HashMap<usize, Vec<Merge>> = Default::default();
        let rows = sheet.rows.len();
        let mut left = rows.saturating_mul(8).max(10_000);
        for merge in &sheet.merges {
            for row in merge.top..=merge.bottom.min(rows.saturating_sub(1)) {
                // Bounded, since merged cells can overlap.
                left = left.saturating_sub(1);
                if left == 0 {
                    break;
                }
                by_row.entry(row).or_default().push(*merge);
            }
        }
        Self { sheet, by_row }
    }

    fn at(&self, row: usize, column: usize) -> Option<Merge> {
        let merges = self.by_row.get(&row)?.iter();
        let mut merges = merges.filter(|m| m.left <= column && column <= m.right);
        merges.next().copied()
    }

    /// Returns the value of a cell, or of the merged cell of which it is a part.
    fn value(&self, row: usize, column: usize) -> &'a Cell {
        match self.at(row, column) {
            Some(merge) => self.sheet.cell(merge.top, merge.left),
            None => self.sheet.cell(row, column),
        }
    }
}

struct Header {
    rows: Vec<usize>,
    names: Vec<String>,
    known: usize,
    score: usize,
    /// Whether it is a header beyond doubt; see [`is_certain`].
    is_certain: bool,
}

/// Fields of which a table has one.
fn keys(kind: ImportKind) -> &'static [&'static str] {
    match kind {
        ImportKind::Agreements => &["title", "parties"],
        ImportKind::Organizations => &["name"],
        ImportKind::Meetings => &["working_group", "title", "held_on"],
        ImportKind::Announcements => &["title"],
        ImportKind::Milestones => &["project"],
    }
}

/// Returns whether most texts of a row are names of fields as they stand, with one of which a table has one:
/// the header of a table, which no record looks like.
fn is_certain(kind: ImportKind, names: &[String], mapped: &[Match]) -> bool {
    let stated = names.iter().filter(|name| !name.is_empty()).count();
    let named = mapped
        .iter()
        .filter(|found| matches!(found.rule, MappingRule::Name | MappingRule::NameWithoutUnit));
    let fields: Vec<&str> = named.filter_map(|found| found.field.as_deref()).collect();
    let has_key = fields.iter().any(|field| keys(kind).contains(field));
    has_key && fields.len() >= 2 && fields.len() * 3 >= stated * 2
}

impl Header {
    /// Returns the key by which the best header is chosen; the greatest wins.
    fn rank(&self) -> (usize, usize) {
        (self.known.min(2), self.score)
    }

    fn at(kind: ImportKind, sheet: &Sheet, spans: &Spans<'_>, rows: &[usize]) -> Self {
        // Without a header the columns have no names, and the first row is a record.
        let width = if rows.is_empty() { 0 } else { sheet.width() };
        let mut names: Vec<String> = (0..width).map(|c| joined(spans, rows, c)).collect();
        if let [top, bottom] = rows {
            spread(spans, (*top, *bottom), &mut names);
        }
        while names.last().is_some_and(String::is_empty) {
            names.pop();
        }
        let mapped = mapping::map(kind, &names);
        let fields = mapped.iter().filter(|found| found.field.is_some());
        let scores: Vec<usize> = fields.map(|found| usize::from(found.score)).collect();
        Self {
            rows: rows.to_vec(),
            known: scores.len(),
            score: scores.iter().sum(),
            is_certain: is_certain(kind, &names, &mapped),
            names,
        }
    }
}

/// Returns the texts of a column in the rows of a header, each once, joined by a blank.
fn joined(spans: &Spans<'_>, rows: &[usize], column: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    for row in rows {
        // A title across the table is no part of a header.
        let part = spans.value(*row, column).words().replace('\n', " ");
        if !part.is_empty() && parts.last() != Some(&part) {
            parts.push(part);
        }
    }
    parts.join(" ")
}

/// Completes the names below a group whose cells are not merged, as in text: the group's name stands
/// above the first of its columns alone.
fn spread(spans: &Spans<'_>, (top, bottom): (usize, usize), names: &mut [String]) {
    let word = |row, column| spans.value(row, column).words();
    let mut group: Option<String> = None;
    for (column, name) in names.iter_mut().enumerate() {
        let (above, below) = (word(top, column), word(bottom, column));
        let merged = spans.at(top, column).is_some();
        match (above.is_empty(), below.is_empty()) {
            (false, false) if !merged => group = Some(above),
            (true, false) if !merged => {
                if let Some(group) = &group {
                    *name = format!("{group} {below}");
                }
            }
            _ => group = None,
        }
    }
}

/// Finds the header of a sheet: the rows with most known names, or those of a table beside it in the sheet
/// that is longer.
fn header(kind: ImportKind, sheet: &Sheet, spans: &Spans<'_>) -> Option<Header> {
    let rows: Vec<usize> = (0..sheet.rows.len())
        .filter(|row| !sheet.is_blank(*row))
        .take(SEARCHED)
        .collect();
    let mut all: Vec<Header> = Vec::new();
    let mut joined_until = 0;
    for row in &rows {
        let height = joined_rows(spans, *row);
        // A row that merged cells join to the one above is no header of its own.
        let is_part = *row < joined_until;
        if is_part || !is_header_like(sheet, *row) {
            continue;
        }
        let mut found = Vec::new();
        if height > 1 {
            joined_until = row + height;
            let joined: Vec<usize> = (*row..joined_until.min(sheet.rows.len())).collect();
            found.push(Header::at(kind, sheet, spans, &joined));
        } else {
            found.push(Header::at(kind, sheet, spans, &[*row]));
            if is_followed(sheet, spans, *row) {
                found.push(Header::at(kind, sheet, spans, &[*row, *row + 1]));
            }
        }
        // Of one row and of two, two win if they tell no less.
        let best = found
            .into_iter()
            .rev()
            .reduce(|two, one| match one.score > two.score {
                true => one,
                false => two,
            });
        all.extend(best.filter(|header| header.known >= 2));
    }
    longest(all, sheet).or_else(|| unknown_header(kind, sheet, spans, &rows))
}

/// Returns the header with most known names; of several tables whose headers tell about as much, that of the
/// longest.
fn longest(mut all: Vec<Header>, sheet: &Sheet) -> Option<Header> {
    // The first wins.
    let best = (0..all.len()).rev().max_by_key(|place| all[*place].score)?;
    let (first, last) = (all[best].rows[0], all[best].rows.len());
    let is_beside = |header: &Header| {
        let is_of_best = (first..first + last).contains(&header.rows[0]);
        let fits = header.is_certain && header.known * 2 >= all[best].known;
        fits && !is_of_best && header.names != all[best].names
    };
    let tables: Vec<usize> = (0..all.len())
        .filter(|place| *place == best || is_beside(&all[*place]))
        .collect();
    let length = |n: usize| {
        let start = all[tables[n]].rows.last().map_or(0, |row| row + 1);
        let end = tables
            .get(n + 1)
            .map_or(sheet.rows.len(), |next| all[*next].rows[0]);
        let stated = |row: &Vec<Cell>| row.iter().filter(|cell| !cell.is_empty()).count();
        let rows = sheet.rows.get(start..end).unwrap_or_default();
        rows.iter().filter(|row| stated(row) >= 2).count()
    };
    let of_best = tables.iter().position(|place| *place == best)?;
    let longest = (0..tables.len()).fold(of_best, |longest, n| match length(n) > length(longest) {
        true => n,
        false => longest,
    });
    Some(all.swap_remove(tables[longest]))
}

/// Returns the number of rows, from this one, that merged cells join.
fn joined_rows(spans: &Spans<'_>, row: usize) -> usize {
    let merges = spans.by_row.get(&row).into_iter().flatten();
    let heights = merges
        .filter(|m| m.top == row)
        .map(|m| m.bottom - m.top + 1);
    heights
        .filter(|height| *height <= MOST_HEADER_ROWS)
        .max()
        .unwrap_or(1)
}

/// Returns the first row of texts that is as wide as the table, where no name is known. A row with a
/// number or a date is no header, but the first record of a table without one.
fn unknown_header(
    kind: ImportKind,
    sheet: &Sheet,
    spans: &Spans<'_>,
    rows: &[usize],
) -> Option<Header> {
    let used = |row: &usize| sheet.rows[*row].iter().filter(|c| !c.is_empty()).count();
    let width = rows.iter().map(used).max()?;
    let is_figure = |cell: &Cell| match cell {
        Cell::Number(_) | Cell::Date { .. } => true,
        cell => {
            let words = cell.words();
            words.contains(|c: char| c.is_ascii_digit()) && !words.contains(char::is_alphabetic)
        }
    };
    let has_figure = |row: usize| sheet.rows[row].iter().any(is_figure);
    let mut wide = rows.iter().filter(|row| used(row) * 2 > width);
    let first = wide.find(|row| has_figure(**row) || is_header_like(sheet, **row))?;
    let header = match has_figure(*first) {
        true => vec![],
        false => (*first..first + joined_rows(spans, *first)).collect(),
    };
    Some(Header::at(kind, sheet, spans, &header))
}

/// Returns whether a row consists of short texts, of which there are at least two.
fn is_header_like(sheet: &Sheet, row: usize) -> bool {
    let cells = sheet.rows[row].iter().filter(|cell| !cell.is_empty());
    let (mut texts, mut others) = (0, 0);
    for cell in cells {
        match cell.as_text() {
            Some(text) if text.chars().count() <= 40 => texts += 1,
            _ => others += 1,
        }
    }
    texts >= 2 && others * 4 <= texts
}

/// Returns whether the next row is the second row of the header.
fn is_followed(sheet: &Sheet, spans: &Spans<'_>, row: usize) -> bool {
    let below = row + 1;
    if below >= sheet.rows.len() || !is_header_like(sheet, below) && !has_part(spans, row) {
        return false;
    }
    let width = sheet.width();
    if has_part(spans, row) {
        return true;
    }
    // Without merged cells: the next row names parts of groups, and nothing else.
    let is_blank = |row: usize, column: usize| sheet.cell(row, column).is_empty();
    let mut parts = 0;
    let mut is_in_group = false;
    for column in 0..width {
        let (above, under) = (is_blank(row, column), is_blank(below, column));
        match (above, under) {
            (false, false) => {
                let goes_on = is_blank(row, column + 1) && !is_blank(below, column + 1);
                if !goes_on {
                    return false;
                }
                is_in_group = true;
                parts += 1;
            }
            (true, false) if is_in_group => parts += 1,
            (true, false) => return false,
            (_, true) => is_in_group = false,
        }
    }
    parts >= 2
}

/// Returns whether a merged cell spans columns of a row of a header whose parts the next row names.
fn has_part(spans: &Spans<'_>, row: usize) -> bool {
    let Some(merges) = spans.by_row.get(&row) else {
        return false;
    };
    merges.iter().any(|m| {
        let across = m.top == row
            && m.bottom == row
            && m.right > m.left
            && m.right - m.left + 1 < spans.sheet.width();
        across && !spans.sheet.cell(row + 1, m.left).is_empty()
    })
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
