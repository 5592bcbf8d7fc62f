//! The content of a file as sheets of cells, whatever the format of the file.

use serde::{Deserialize, Serialize};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// A cell. Texts come first: each form is tried in turn when cells are read, and most are texts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    Text(String),
    /// A text that leads to a page of the web.
    Linked {
        text: String,
        link: String,
    },
    #[default]
    Empty,
    Number(f64),
    /// A date that the file stores as such, in EDTF, as precise as the cell shows it.
    Date {
        date: String,
    },
    /// A formula in error, such as `#DIV/0!`.
    Error {
        error: String,
    },
}

/// A rectangle of merged cells, whose value is in its first cell; rows and columns from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    pub top: usize,
    pub left: usize,
    pub bottom: usize,
    pub right: usize,
}

/// A sheet, from its first row and column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    pub name: String,
    #[serde(default)]
    pub hidden: bool,
    pub rows: Vec<Vec<Cell>>,
    #[serde(default)]
    pub merges: Vec<Merge>,
    /// Hidden rows, from 0, in order.
    #[serde(default)]
    pub hidden_rows: Vec<usize>,
    /// Hidden columns, from 0.
    #[serde(default)]
    pub hidden_columns: Vec<usize>,
}

/// Format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportFormat)]
pub enum Format {
    Csv,
    Xlsx,
    Xls,
    Ods,
    /// A table in HTML, as old systems save it with the ending `.xls`.
    Html,
    /// XML Spreadsheet 2003.
    SpreadsheetXml,
}

/// The content of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Book {
    pub format: Format,
    /// The encoding of a file of text.
    pub encoding: Option<String>,
    /// The character that separates the cells of a file of text.
    pub separator: Option<char>,
    pub sheets: Vec<Sheet>,
}

impl Cell {
    /// Returns a cell with a text: in composed form, with plain spaces, without those at both ends. The
    /// name of an error of formulas is one, also where the file stores nothing but texts.
    pub fn text(text: &str) -> Self {
        let text = clean(text);
        match () {
            () if text.is_empty() => Self::Empty,
            () if is_error(&text) => Self::Error { error: text },
            () => Self::Text(text),
        }
    }

    /// Returns the cell with a link to a page of the web; a text that is its own address needs none.
    #[must_use]
    pub fn linked(self, link: &str) -> Self {
        let link = link.trim();
        match self {
            Self::Text(text) if is_address(link) && text != link => Self::Linked {
                text,
                link: link.to_owned(),
            },
            cell => cell,
        }
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::Empty
    }

    /// Returns the content if it is a text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Linked { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Returns the address of a page of the web to which the cell leads.
    pub fn address(&self) -> Option<&str> {
        match self {
            Self::Linked { link, .. } => Some(link),
            Self::Text(text) if is_address(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the content in words.
    pub fn words(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Linked { text, .. } => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Date { date } => date.clone(),
            Self::Error { error } => error.clone(),
        }
    }

    /// Returns the content if it is known: neither blank nor a dash for "none", nor an error.
    pub fn stated(&self) -> Option<String> {
        if matches!(self, Self::Error { .. }) {
            return None;
        }
        let words = self.words();
        let is_dash = |c: char| matches!(c, '-' | '–' | '—' | '―' | '－' | '─' | 'ㅡ' | '.' | ' ');
        (!words.chars().all(is_dash)).then_some(words)
    }
}

/// Returns whether a text is the address of a page of the web.
fn is_address(text: &str) -> bool {
    let is_web = text.starts_with("http://") || text.starts_with("https://");
    is_web && !text.contains(char::is_whitespace) && text.len() < 2_000
}

/// Returns whether a text is what a spreadsheet shows of a formula without a value, or of a value that is
/// wider than its column (`####`).
fn is_error(text: &str) -> bool {
    const ERRORS: [&str; 12] = [
        "#DIV/0!",
        "#N/A",
        "#NAME?",
        "#NULL!",
        "#NUM!",
        "#REF!",
        "#VALUE!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#GETTING_DATA",
        "#ERROR!",
    ];
    let number = text.strip_prefix("Err:");
    number.is_some_and(|code| !code.is_empty() && code.bytes().all(|b| b.is_ascii_digit()))
        || text.len() >= 3 && text.bytes().all(|b| b == b'#')
        || ERRORS.iter().any(|error| text.eq_ignore_ascii_case(error))
}

fn clean(text: &str) -> String {
    let plain = |c: char| match c {
        '\u{a0}' | '\u{3000}' | '\u{2007}' | '\u{202f}' | '\t' => ' ',
        c => c,
    };
    let kept = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{b}'], "\n");
    let text: String = text
        .replace("_x000D_", "")
        .chars()
        .filter(kept)
        .filter(|c| !matches!(c, '\u{feff}' | '\u{200b}'))
        .map(plain)
        .collect();
    let text = match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text,
        _ => text.nfc().collect(),
    };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.join("\n").trim().to_owned()
}

impl Sheet {
    /// Returns a cell by its row and column, from 0.
    pub fn cell(&self, row: usize, column: usize) -> &Cell {
        const NONE: &Cell = &Cell::Empty;
        let cell = self.rows.get(row).and_then(|row| row.get(column));
        cell.unwrap_or(NONE)
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.rows.iter().map(Vec::len).max().unwrap_or(0)
    }

    /// Returns whether a row has no content.
    pub fn is_blank(&self, row: usize) -> bool {
        self.rows
            .get(row)
            .is_none_or(|row| row.iter().all(Cell::is_empty))
    }

    /// Returns the cells of some columns as a sheet of their own.
    pub fn part(&self, columns: std::ops::Range<usize>) -> Self {
        let cells = |row: &Vec<Cell>| {
            let cells = row.iter().skip(columns.start).take(columns.len());
            cells.cloned().collect()
        };
        let inside = |merge: &Merge| {
            let (left, right) = (
                merge.left.max(columns.start),
                (merge.right + 1).min(columns.end),
            );
            (left < right).then(|| Merge {
                left: left - columns.start,
                right: right - 1 - columns.start,
                ..*merge
            })
        };
        Self {
            name: self.name.clone(),
            hidden: self.hidden,
            rows: self.rows.iter().map(cells).collect(),
            // The content of a merged cell is in its first.
            merges: self.merges.iter().filter_map(inside).collect(),
            hidden_rows: self.hidden_rows.clone(),
            hidden_columns: Vec::new(),
        }
    }

    /// Removes empty cells at the end of rows, and empty rows at the end.
    pub fn trim(&mut self) {
        for row in &mut self.rows {
            let used = row.iter().rposition(|cell| !cell.is_empty());
            row.truncate(used.map_or(0, |last| last + 1));
        }
        let used = self.rows.iter().rposition(|row| !row.is_empty());
        self.rows.truncate(used.map_or(0, |last| last + 1));
    }

    /// Writes a cell, and extends the sheet as far as needed.
    pub fn put(&mut self, row: usize, column: usize, cell: Cell) {
        if self.rows.len() <= row {
            self.rows.resize_with(row + 1, Vec::new);
        }
        let cells = &mut self.rows[row];
        if cells.len() <= column {
            cells.resize(column + 1, Cell::Empty);
        }
        cells[column] = cell;
    }
}

/// Returns the letters of a column, from 0: `A`, `Z`, `AA`.
pub fn letters(mut column: usize) -> String {
    let mut text = Vec::new();
    loop {
        text.push(b'A' + (column % 26) as u8);
        if column < 26 {
            break;
        }
        column = column / 26 - 1;
    }
    text.iter().rev().map(|b| char::from(*b)).collect()
}

/// Returns the address of a cell: `B7`.
pub fn address(row: usize, column: usize) -> String {
    format!("{}{}", letters(column), row + 1)
}

/// Returns the row and the column, from 0, of an address.
pub fn place(address: &str) -> Option<(usize, usize)> {
    let digits = address.find(|c: char| c.is_ascii_digit())?;
    let (letters, number) = address.split_at(digits);
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let mut column = 0;
    for c in letters.chars() {
        let digit = c.to_ascii_uppercase().to_digit(36)?.checked_sub(10)?;
        column = column * 26 + digit as usize + 1;
    }
    let row: usize = number.parse().ok()?;
    Some((row.checked_sub(1)?, column - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_have_addresses() {
        for (at, text) in [
            ((0, 0), "A1"),
            ((6, 1), "B7"),
            ((9, 26), "AA10"),
            ((0, 701), "ZZ1"),
        ] {
            assert_eq!(address(at.0, at.1), text);
            assert_eq!(place(text), Some(at));
        }
        assert_eq!(place("7"), None);
        assert_eq!(place("B0"), None);
    }

    #[test]
    fn texts_are_cleaned() {
        let text = Cell::text("\u{feff} 펲시\u{3000}장애인\r\n 고용\u{a0} ");
        assert_eq!(text, Cell::Text("펲시 장애인\n고용".into()));
        assert_eq!(Cell::text("\u{a0}"), Cell::Empty);
        assert_eq!(Cell::text("-").stated(), None);
        assert_eq!(Cell::text("- 없음").stated(), Some("- 없음".into()));
        for error in ["#REF!", " #n/a", "Err:502", "####"] {
            let cell = Cell::text(error);
            assert!(matches!(cell, Cell::Error { .. }), "{error}");
            assert_eq!(cell.stated(), None);
        }
        for text in ["#1", "Err: 가", "# 협약"] {
            assert_eq!(Cell::text(text), Cell::Text(text.into()));
        }
    }

    #[test]
    fn cells_are_stored_as_they_are() {
        let cells = vec![
            Cell::Empty,
            Cell::text("가"),
            Cell::Number(1.5),
            Cell::Date {
                date: "2021-04-16".into(),
            },
            Cell::Error {
                error: "#DIV/0!".into(),
            },
        ];
        let text = serde_json::to_string(&cells).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Cell>>(&text).unwrap(), cells);
    }
}
