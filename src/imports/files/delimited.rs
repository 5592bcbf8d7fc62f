//! Cells separated by commas, tabs, semicolons or bars (RFC 4180).

use super::super::book::{Book, Cell, Format, Sheet, address};
use super::room::Room;
use super::{FileProblem, MOST_COLUMNS, MOST_ROWS, encoding, of_text};
use crate::http::tables::original;

const SEPARATORS: [char; 4] = [',', '\t', ';', '|'];

/// Number of rows by which the separator is found.
const PROBED: usize = 200;

/// Reads a file. Blank lines count as rows.
///
/// # Errors
/// [`FileProblem::Encoding`], [`FileProblem::OpenQuote`], [`FileProblem::TooManyRows`],
/// [`FileProblem::NoTable`] or [`FileProblem::Empty`]
pub fn read(bytes: &[u8]) -> Result<Book, FileProblem> {
    let (text, encoding) = encoding::decode(bytes)?;
    if text.contains('\0') {
        return Err(FileProblem::NoTable("?"));
    }
    let separator = separator(&text);
    let Split { rows, open, .. } = rows(&text, separator, MOST_ROWS * 10 + 1)?;
    if rows.len() > MOST_ROWS * 10 {
        return Err(FileProblem::TooManyRows(rows.len()));
    }
    if let Some((row, column)) = open {
        return Err(FileProblem::OpenQuote(address(row, column)));
    }
    if rows.iter().flatten().all(Cell::is_empty) {
        return Err(FileProblem::Empty);
    }
    let sheet = Sheet {
        rows,
        ..Sheet::default()
    };
    let mut book = of_text(Format::Csv, encoding, sheet);
    book.separator = Some(separator);
    Ok(book)
}

/// Returns the separator that gives most rows the same number of cells, of those that give most
/// cells.
fn separator(text: &str) -> char {
    // Excel's own statement of it.
    if let Some(stated) = text
        .strip_prefix("sep=")
        .and_then(|rest| rest.chars().next())
    {
        return stated;
    }
    let fit = |separator: &char| {
        let Ok(Split { widths, open, .. }) = rows(text, *separator, PROBED) else {
            // Less than a separator that gives most rows a second cell, and more than none.
            return (50, true);
        };
        let same = |width: usize| widths.iter().filter(|w| **w == width).count();
        let usual = widths.iter().copied().max_by_key(|w| (same(*w), *w));
        let usual = usual.unwrap_or(1);
        let gained = same(usual) * (usual - 1);
        (gained * 100 / widths.len().max(1), open.is_none())
    };
    let best = SEPARATORS.iter().rev().max_by_key(|s| fit(s));
    best.copied().unwrap_or(',')
}

type Open = Option<(usize, usize)>;

/// The cells of a row while it is read.
#[derive(Default)]
struct Line {
    cells: Vec<Cell>,
    /// Blank cells after these, which are kept only before others.
    blanks: usize,
    room: Room,
}

impl Line {
    fn column(&self) -> usize {
        self.cells.len() + self.blanks
    }

    fn push(&mut self, text: &str) -> Result<(), FileProblem> {
        let cell = Cell::text(&original(text));
        if cell.is_empty() {
            self.blanks += 1;
            return Ok(());
        }
        if self.column() >= MOST_COLUMNS {
            return Err(FileProblem::TooManyColumns);
        }
        self.room.take(self.blanks + 1)?;
        self.room.text(&cell)?;
        self.cells.resize(self.column(), Cell::Empty);
        self.blanks = 0;
        self.cells.push(cell);
        Ok(())
    }
}

/// A text that is split into rows.
#[derive(Default)]
struct Split {
    /// The rows, without the blank cells at their ends.
    rows: Vec<Vec<Cell>>,
    /// Numbers of cells of the first rows that are not blank.
    widths: Vec<usize>,
    open: Open,
}

impl Split {
    fn push(&mut self, line: &mut Line) {
        if self.rows.len() < PROBED && !line.cells.is_empty() {
            self.widths.push(line.column());
        }
        line.blanks = 0;
        self.rows.push(std::mem::take(&mut line.cells));
    }
}

/// Splits a text into at most `most` rows. Also returns the place of a quote that never closes.
///
/// # Errors
/// [`FileProblem::TooManyColumns`] or [`FileProblem::TooManyCells`]
fn rows(text: &str, separator: char, most: usize) -> Result<Split, FileProblem> {
    let mut split = Split::default();
    let mut row = Line::default();
    let mut cell = String::new();
    let mut quoted: Open = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted.is_some() => match chars.peek() {
                Some('"') => {
                    cell.push('"');
                    chars.next();
                }
                _ => quoted = None,
            },
            _ if quoted.is_some() => cell.push(c),
            '"' if cell.trim().is_empty() => {
                cell.clear();
                quoted = Some((split.rows.len(), row.column()));
            }
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' => {
                row.push(&cell)?;
                cell.clear();
                split.push(&mut row);
                if split.rows.len() >= most {
                    return Ok(split);
                }
            }
            c if c == separator => {
                row.push(&cell)?;
                cell.clear();
            }
            c => cell.push(c),
        }
    }
    if !cell.is_empty() || row.column() > 0 {
        row.push(&cell)?;
        split.push(&mut row);
    }
    split.open = quoted;
    Ok(split)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<String>> {
        let book = read(text.as_bytes()).unwrap();
        let words = |row: &Vec<Cell>| row.iter().map(Cell::words).collect();
        book.sheets[0].rows.iter().map(words).collect()
    }

    #[test]
    fn quotes_hold_separators_and_lines() {
        let rows = words("협약명,기관\r\n\"가, 나\",\"다\n\"\"라\"\"\"\r\n\r\n마,바");
        let right: [&[&str]; 4] = [
            &["협약명", "기관"],
            &["가, 나", "다\n\"라\""],
            &[],
            &["마", "바"],
        ];
        assert_eq!(rows, right);
    }

    #[test]
    fn separators_are_found() {
        for (text, separator) in [
            ("가;나;다\n1;1,250;2\n3;12,5;4\n", ';'),
            ("가\t나\n1, 2\t3\n", '\t'),
            ("가,나\n1;2,3\n", ','),
            ("가\n나\n", ','),
        ] {
            let book = read(text.as_bytes()).unwrap();
            assert_eq!(book.separator, Some(separator), "{text}");
        }
    }

    #[test]
    fn a_quote_that_never_closes_is_told() {
        let text = "협약명,비고\n가,\"계속\n나,다\n";
        let problem = read(text.as_bytes()).unwrap_err();
        assert_eq!(problem, FileProblem::OpenQuote("B2".into()));
        assert_eq!(words("가\"나,다\n"), [["가\"나", "다"]]);
        assert_eq!(
            read("\u{feff}\n\n , \n".as_bytes()),
            Err(FileProblem::Empty)
        );
    }
}
