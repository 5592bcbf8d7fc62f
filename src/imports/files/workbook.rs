//! Workbooks of Excel, read by calamine.

use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;

use calamine::{
    CellErrorType, Data, DataRef, Dimensions, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsx,
    XlsxError,
};
use chrono::Datelike;

use super::super::book::{self, Book, Cell, Merge, Sheet};
use super::FileProblem;
use super::biff;
use super::date_shown::{Shown, cell, shown};
use super::number_shown::NumberShown;
use super::packed::contains;
use super::room::Room;

/// Properties of a sheet that calamine does not read; rows and columns from 0.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    pub hidden_rows: Vec<usize>,
    pub hidden_columns: Vec<usize>,
    /// Formulas whose value was not stored.
    pub formulas: Vec<(usize, usize)>,
    pub has_links: bool,
}

/// Text of the error of a formula whose value was not stored.
pub const NO_VALUE: &str = "#NO_VALUE";

/// Reads an XLSX file.
///
/// # Errors
/// [`FileProblem`]
pub fn xlsx(bytes: &[u8], hints: &BTreeMap<String, Hints>) -> Result<Book, FileProblem> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|e| xlsx_problem(&e))?;
    let (mut sheets, mut room) = (Vec::new(), Room::default());
    for meta in worksheets(book.sheets_metadata()) {
        let merged = book.merge_cells_by_sheet_name(&meta.name);
        let mut sheet = without_cells(&meta, &merged.unwrap_or_default());
        fill(&mut book, &mut sheet, &mut room)?;
        if let Some(hints) = hints.get(&meta.name) {
            sheet.hidden_rows.clone_from(&hints.hidden_rows);
            sheet.hidden_columns.clone_from(&hints.hidden_columns);
            if hints.has_links {
                link(&mut book, &mut sheet, &mut room)?;
            }
            for (row, column) in &hints.formulas {
                let error = NO_VALUE.to_owned();
                room.put(&mut sheet, (*row, *column), Cell::Error { error })?;
            }
        }
        sheets.push(sheet);
    }
    Ok(of(book::Format::Xlsx, sheets))
}

/// Adds the links to pages of the web, which stand behind the cells of an XLSX sheet.
fn link(
    book: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &mut Sheet,
    room: &mut Room,
) -> Result<(), FileProblem> {
    // A ledger whose links are damaged is still a ledger.
    let links = book.hyperlinks_by_sheet_name(&sheet.name);
    for link in links.unwrap_or_default() {
        let (row, column) = link.range.start;
        if let Some(address) = link.target {
            lead(sheet, (row as usize, column as usize), &address, room)?;
        }
    }
    Ok(())
}

/// Adds a link to a cell, if it holds something.
fn lead(
    sheet: &mut Sheet,
    at: (usize, usize),
    address: &str,
    room: &mut Room,
) -> Result<(), FileProblem> {
    let cell = sheet.cell(at.0, at.1);
    if cell.is_empty() {
        return Ok(());
    }
    let cell = cell.clone().linked(address);
    room.put(sheet, at, cell)
}

/// Reads values and formats of an XLSX sheet in one pass.
fn fill(
    book: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &mut Sheet,
    room: &mut Room,
) -> Result<(), FileProblem> {
    let mut cells = match book.worksheet_cells_reader(&sheet.name) {
        Ok(cells) => cells,
        Err(XlsxError::NotAWorksheet(_)) => return Ok(()),
        Err(error) => return Err(xlsx_problem(&error)),
    };
    let formats: Vec<Format> = cells
        .styles()
        .iter()
        .map(|style| {
            let format = style.number_format.as_ref();
            format.map_or_else(Format::default, |format| Format::of(&format.format_code))
        })
        .collect();
    let plain = Format::default();
    while let Some((found, style)) = cells
        .next_cell_with_style_id()
        .map_err(|error| xlsx_problem(&error))?
    {
        let (row, column) = found.get_position();
        let format = formats.get(style).unwrap_or(&plain);
        let value = match found.get_value() {
            DataRef::SharedString(text) => Cell::text(text),
            value => value_of(&Data::from(value.clone()), format),
        };
        if !value.is_empty() {
            room.put(sheet, (row as usize, column as usize), value)?;
        }
    }
    Ok(())
}

/// Reads an XLS file.
///
/// # Errors
/// [`FileProblem`], which names another known content of the OLE container.
pub fn xls(bytes: &[u8]) -> Result<Book, FileProblem> {
    let stream = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        contains(bytes, &wide)
    };
    if stream("EncryptedPackage") {
        return Err(FileProblem::Encrypted);
    }
    if !stream("Workbook") && !stream("Book") {
        return Err(match () {
            () if stream("WordDocument") => FileProblem::NoTable("DOC"),
            () if stream("HwpSummaryInformation") => FileProblem::NoTable("HWP"),
            () if stream("PowerPoint Document") => FileProblem::NoTable("PPT"),
            () => FileProblem::Damaged("XLS"),
        });
    }
    let mut book: Xls<_> = Xls::new(Cursor::new(bytes)).map_err(|e| xls_problem(&e))?;
    let plain = Format::default();
    let mut properties = biff::properties(bytes);
    let formats: HashMap<u16, Format> = properties
        .formats
        .iter()
        .map(|(number, code)| (*number, Format::of(code)))
        .collect();
    let names = book.sheet_names();
    let (mut sheets, mut room) = (Vec::new(), Room::default());
    for meta in worksheets(book.sheets_metadata()) {
        let merged = book.merge_cells_by_sheet_name(&meta.name);
        let mut sheet = without_cells(&meta, &merged.unwrap_or_default());
        let place = names.iter().position(|name| *name == meta.name);
        let own = place.and_then(|place| properties.sheets.get_mut(place));
        let own = own.map(std::mem::take).unwrap_or_default();
        sheet.hidden_rows = own.hints.hidden_rows;
        sheet.hidden_columns = own.hints.hidden_columns;
        let range = book
            .worksheet_range(&meta.name)
            .map_err(|e| xls_problem(&e))?;
        let (top, left) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            let at = (row + top as usize, column + left as usize);
            let format = own.formats.get(&at).and_then(|number| formats.get(number));
            room.put(&mut sheet, at, value_of(value, format.unwrap_or(&plain)))?;
        }
        for (at, address) in own.links {
            lead(&mut sheet, at, &address, &mut room)?;
        }
        sheets.push(sheet);
    }
    Ok(of(book::Format::Xls, sheets))
}

fn worksheets(all: &[calamine::Sheet]) -> Vec<calamine::Sheet> {
    let worksheets = all.iter().filter(|meta| meta.typ == SheetType::WorkSheet);
    worksheets.cloned().collect()
}

/// Returns a sheet without its cells.
fn without_cells(meta: &calamine::Sheet, merged: &[Dimensions]) -> Sheet {
    Sheet {
        name: meta.name.clone(),
        hidden: meta.visible != SheetVisible::Visible,
        merges: merges(merged),
        ..Sheet::default()
    }
}

fn of(format: book::Format, sheets: Vec<Sheet>) -> Book {
    Book {
        format,
        encoding: None,
        separator: None,
        sheets,
    }
}

fn merges(all: &[Dimensions]) -> Vec<Merge> {
    let merge = |d: &Dimensions| Merge {
        top: d.start.0 as usize,
        left: d.start.1 as usize,
        bottom: d.end.0 as usize,
        right: d.end.1 as usize,
    };
    all.iter().map(merge).collect()
}

/// What the format of a cell shows of its value.
struct Format {
    date: Shown,
    number: Option<NumberShown>,
}

impl Default for Format {
    fn default() -> Self {
        Self {
            date: Shown::Day,
            number: None,
        }
    }
}

impl Format {
    fn of(code: &str) -> Self {
        Self {
            date: shown(code),
            number: NumberShown::of(code),
        }
    }

    /// Returns the cell of a number: as it is shown, where that says more.
    fn number(&self, number: f64) -> Cell {
        let shown = self.number.as_ref().and_then(|format| format.show(number));
        shown.map_or(Cell::Number(number), |text| Cell::text(&text))
    }
}

fn value_of(value: &Data, format: &Format) -> Cell {
    match value {
        Data::Empty => Cell::Empty,
        Data::String(text) => Cell::text(text),
        Data::Float(number) => format.number(*number),
        #[expect(clippy::cast_precision_loss, reason = "Excel stores numbers as floats")]
        Data::Int(number) => format.number(*number as f64),
        Data::Bool(value) => Cell::text(if *value { "TRUE" } else { "FALSE" }),
        Data::DateTime(stored) => match stored.as_datetime() {
            Some(at) => cell(at, format.date),
            None => Cell::Number(stored.as_f64()),
        },
        Data::DateTimeIso(text) => iso(text),
        Data::DurationIso(text) => Cell::text(text),
        Data::Error(error) => Cell::Error {
            error: name(error).to_owned(),
        },
    }
}

/// Returns the cell of a date as in ISO 8601, perhaps with a time.
pub(super) fn iso(text: &str) -> Cell {
    let day = text.split(['T', ' ']).next().unwrap_or_default();
    match day.parse::<chrono::NaiveDate>() {
        // Later years have another form in EDTF.
        Ok(day) if (1..=9999).contains(&day.year()) => Cell::Date {
            date: day.to_string(),
        },
        _ => Cell::text(text),
    }
}

fn name(error: &CellErrorType) -> &'static str {
    match error {
        CellErrorType::Div0 => "#DIV/0!",
        CellErrorType::NA => "#N/A",
        CellErrorType::Name => "#NAME?",
        CellErrorType::Null => "#NULL!",
        CellErrorType::Num => "#NUM!",
        CellErrorType::Ref => "#REF!",
        CellErrorType::Value => "#VALUE!",
        CellErrorType::GettingData => "#ERROR!",
    }
}

fn xlsx_problem(error: &XlsxError) -> FileProblem {
    match error {
        XlsxError::Password => FileProblem::Encrypted,
        _ => FileProblem::Damaged("XLSX"),
    }
}

fn xls_problem(error: &XlsError) -> FileProblem {
    match error {
        XlsError::Password => FileProblem::Encrypted,
        _ => FileProblem::Damaged("XLS"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, read};

    #[test]
    fn links_stand_behind_their_cells() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        sheet
            .write_url_with_text(0, 1, "https://go.kr/1", "바로가기")
            .unwrap();
        sheet
            .write_url_with_text(1, 0, "mailto:a@go.kr", "편지")
            .unwrap();
        let limits = Limits { unpacked: 100_000 };
        let book = read(&book.save_to_buffer().unwrap(), "", limits).unwrap();
        let sheet = &book.sheets[0];
        assert_eq!(sheet.cell(0, 1).words(), "바로가기");
        assert_eq!(sheet.cell(0, 1).address(), Some("https://go.kr/1"));
        assert_eq!(sheet.cell(1, 0).address(), None);
    }
}
