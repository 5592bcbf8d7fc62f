//! Tables as XLSX, written in constant memory.

use std::io::{BufWriter, Write as _};

use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{
    ColNum, DocProperties, ExcelDateTime, Format, FormatAlign, RowNum, Workbook, Worksheet,
    XlsxError,
};

use super::cells::Cell;
use super::spool::{Spool, failed};
use crate::kernel::error::ApiError;

/// Largest number of UTF-16 code units in a cell.
const LONGEST: usize = 32_767;
/// Ends a text that a cell cannot hold.
const CUT: &str = "…";

/// Writes rows as the only sheet of a workbook.
pub(super) struct XlsxFile {
    spool: Spool,
    book: Workbook,
    /// Number of the next row, counted from 0 for the headers.
    row: RowNum,
    columns: ColNum,
    day: Format,
    whole: Format,
    quoted: Format,
}

impl XlsxFile {
    /// # Errors
    /// Fails if the file cannot be written, as the other functions do.
    pub fn new(
        spool: Spool,
        name: &str,
        today: NaiveDate,
        headers: &[(String, u16)],
    ) -> Result<Self, ApiError> {
        let mut book = Workbook::new();
        // Stated, so that the same rows are the same bytes on one day.
        let mut properties = DocProperties::new().set_title(name);
        if let Some(made) = excel_day(today) {
            properties = properties.set_creation_datetime(&made);
        }
        book.set_properties(&properties);
        let sheet = book.add_worksheet_with_constant_memory().map_err(wrong)?;
        let bold = Format::new().set_bold().set_align(FormatAlign::Center);
        prepare(sheet, name, headers, &bold).map_err(wrong)?;
        Ok(Self {
            spool,
            book,
            row: 1,
            columns: u16::try_from(headers.len()).map_err(ApiError::internal)?,
            day: Format::new().set_num_format("yyyy-mm-dd"),
            whole: Format::new().set_num_format("#,##0"),
            quoted: Format::new().set_quote_prefix(),
        })
    }

    pub fn row(&mut self, cells: &[Cell]) -> Result<(), ApiError> {
        // Nothing else is written to the file before the end.
        self.spool.is_wanted().map_err(failed)?;
        let sheet = self.book.worksheet_from_index(0).map_err(wrong)?;
        let row = self.row;
        for (column, cell) in (0..).zip(cells) {
            let written = match cell {
                Cell::Empty => continue,
                Cell::Text(text) if text.starts_with(['=', '+', '-', '@', '\'']) => {
                    sheet.write_string_with_format(row, column, fitting(text), &self.quoted)
                }
                Cell::Text(text) => sheet.write_string(row, column, fitting(text)),
                Cell::Number(number) if number.fract() == 0.0 => {
                    sheet.write_number_with_format(row, column, *number, &self.whole)
                }
                Cell::Number(number) => sheet.write_number(row, column, *number),
                Cell::Day(date) => match excel_day(*date) {
                    Some(at) => sheet.write_datetime_with_format(row, column, at, &self.day),
                    None => sheet.write_string(row, column, date.to_string()),
                },
            };
            written.map_err(wrong)?;
        }
        self.row += 1;
        Ok(())
    }

    pub fn finish(mut self) -> Result<(), ApiError> {
        let sheet = self.book.worksheet_from_index(0).map_err(wrong)?;
        let last = self.row.saturating_sub(1);
        sheet
            .autofilter(0, 0, last, self.columns.saturating_sub(1))
            .map_err(wrong)?;
        let file = self.spool.file().try_clone().map_err(failed)?;
        let mut file = BufWriter::new(file);
        self.book.save_to_writer(&mut file).map_err(wrong)?;
        file.flush().map_err(failed)?;
        self.spool.publish_all().map_err(failed)
    }
}

/// Writes the headers, which stay in view.
fn prepare(
    sheet: &mut Worksheet,
    name: &str,
    headers: &[(String, u16)],
    format: &Format,
) -> Result<(), XlsxError> {
    sheet.set_name(name)?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, (header, width)) in (0..).zip(headers) {
        sheet.set_column_width(column, *width)?;
        sheet.write_string_with_format(0, column, header, format)?;
    }
    Ok(())
}

/// Returns a day as a spreadsheet knows it; `None` before 1900.
fn excel_day(date: NaiveDate) -> Option<ExcelDateTime> {
    let year = u16::try_from(date.year())
        .ok()
        .filter(|year| *year >= 1900)?;
    let (month, day) = (
        u8::try_from(date.month()).ok()?,
        u8::try_from(date.day()).ok()?,
    );
    ExcelDateTime::from_ymd(year, month, day).ok()
}

/// Returns as much of a text as a cell can hold; what is cut off ends with an ellipsis.
fn fitting(text: &str) -> String {
    if text.encode_utf16().count() <= LONGEST {
        return text.to_owned();
    }
    let mut room = LONGEST - CUT.len();
    let kept = text.chars().take_while(|letter| {
        let fits = letter.len_utf16() <= room;
        room = room.saturating_sub(letter.len_utf16());
        fits
    });
    kept.chain(CUT.chars()).collect()
}

fn wrong(error: XlsxError) -> ApiError {
    ApiError::internal(error)
}
