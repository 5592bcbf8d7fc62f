//! Spreadsheets of OpenDocument (ODF 1.3 part 3, 9).

use std::collections::BTreeSet;

use quick_xml::events::{BytesStart, Event};

use super::super::book::{Book, Cell, Format, Merge, Sheet};
use super::packed::{attribute, unescaped};
use super::room::Room;
use super::workbook::iso;
use super::{FileProblem, Limits, MOST_COLUMNS, MOST_ROWS};

/// Reads the part `content.xml`.
///
/// # Errors
/// [`FileProblem`]
pub fn read(content: &[u8], limits: Limits) -> Result<Book, FileProblem> {
    let text = std::str::from_utf8(content).map_err(|_| FileProblem::Damaged("ODS"))?;
    let mut reader = quick_xml::Reader::from_str(text);
    let mut parsed = Parsed {
        limit: limits.unpacked,
        ..Parsed::default()
    };
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => parsed.start(&element)?,
            Ok(Event::Empty(element)) => {
                parsed.start(&element)?;
                parsed.end(element.local_name().as_ref())?;
            }
            Ok(Event::Text(part)) => parsed.text(&part),
            Ok(Event::GeneralRef(name)) => parsed.text(&unescaped(&format!("&{};", &*name))),
            Ok(Event::End(element)) => parsed.end(element.local_name().as_ref())?,
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(_) => return Err(FileProblem::Damaged("ODS")),
        }
    }
    if parsed.sheets.is_empty() {
        return Err(FileProblem::Damaged("ODS"));
    }
    Ok(Book {
        format: Format::Ods,
        encoding: None,
        separator: None,
        sheets: parsed.sheets,
    })
}

#[derive(Default)]
struct Parsed {
    sheets: Vec<Sheet>,
    /// Styles of hidden sheets.
    hidden_styles: BTreeSet<String>,
    style: Option<String>,
    row: usize,
    column: usize,
    /// Number of columns that the present table has described.
    columns: usize,
    /// How often the present row and cell are repeated.
    row_repeats: usize,
    repeats: usize,
    covers: (usize, usize),
    /// Size of the copies of repeated cells, and its maximum, in bytes.
    copied: u64,
    room: Room,
    limit: u64,
    kind: Option<String>,
    value: Option<String>,
    text: String,
    /// The first link in the present cell.
    link: Option<String>,
    is_in_cell: bool,
    is_in_note: bool,
}

impl Parsed {
    fn start(&mut self, element: &BytesStart<'_>) -> Result<(), FileProblem> {
        let given = |name: &str| attribute(element, name);
        let number = |name: &str| given(name).and_then(|text| text.parse::<usize>().ok());
        match element.local_name().as_ref() {
            "style" => self.style = given("name"),
            "table-properties" if given("display").is_some_and(|d| d == "false") => {
                self.hidden_styles.extend(self.style.clone());
            }
            "table" => {
                let style = given("style-name").unwrap_or_default();
                self.sheets.push(Sheet {
                    name: given("name").unwrap_or_default(),
                    hidden: self.hidden_styles.contains(&style),
                    ..Sheet::default()
                });
                (self.row, self.columns) = (0, 0);
            }
            "table-column" => {
                let is_hidden = given("visibility").is_some_and(|v| v != "visible");
                self.describe(number("number-columns-repeated").unwrap_or(1), is_hidden);
            }
            "table-row" => {
                self.row_repeats = number("number-rows-repeated").unwrap_or(1);
                self.column = 0;
                let is_hidden = given("visibility").is_some_and(|v| v != "visible");
                if let Some(sheet) = self.sheets.last_mut().filter(|_| is_hidden) {
                    let last = self.row + self.row_repeats.min(MOST_ROWS);
                    sheet.hidden_rows.extend(self.row..last);
                }
            }
            "table-cell" | "covered-table-cell" => {
                self.repeats = number("number-columns-repeated").unwrap_or(1);
                self.covers = (
                    number("number-columns-spanned")
                        .unwrap_or(1)
                        .clamp(1, MOST_COLUMNS),
                    number("number-rows-spanned")
                        .unwrap_or(1)
                        .clamp(1, MOST_ROWS),
                );
                self.kind = given("value-type");
                self.value = ["date-value", "value", "time-value"]
                    .iter()
                    .find_map(|n| given(n));
                self.text.clear();
                self.link = None;
                self.is_in_cell = true;
            }
            "annotation" => self.is_in_note = true,
            "a" if self.link.is_none() && !self.is_in_note => self.link = given("href"),
            "p" if !self.text.is_empty() => self.text("\n"),
            "line-break" => self.text("\n"),
            "s" => self.text(&" ".repeat(number("c").unwrap_or(1).min(100))),
            "tab" => self.text(" "),
            _ => {}
        }
        match self.row > MOST_ROWS * 10 {
            true => Err(FileProblem::TooManyRows(self.row)),
            false => Ok(()),
        }
    }

    /// Takes the description of columns.
    fn describe(&mut self, columns: usize, is_hidden: bool) {
        let (first, last) = (self.columns, self.columns.saturating_add(columns));
        if let Some(sheet) = self.sheets.last_mut().filter(|_| is_hidden) {
            sheet.hidden_columns.extend(first..last.min(MOST_COLUMNS));
        }
        self.columns = last;
    }

    fn text(&mut self, part: &str) {
        if self.is_in_cell && !self.is_in_note {
            self.text.push_str(part);
        }
    }

    fn end(&mut self, name: &str) -> Result<(), FileProblem> {
        match name {
            "annotation" => self.is_in_note = false,
            "table-row" => self.row = self.row.saturating_add(self.row_repeats),
            "table-cell" | "covered-table-cell" => {
                self.is_in_cell = false;
                self.cell(name == "covered-table-cell")?;
                self.column = self.column.saturating_add(self.repeats);
            }
            _ => {}
        }
        Ok(())
    }

    fn cell(&mut self, is_covered: bool) -> Result<(), FileProblem> {
        let cell = self.content();
        let cell = cell.linked(self.link.as_deref().unwrap_or_default());
        let Some(sheet) = self.sheets.last_mut() else {
            return Ok(());
        };
        if is_covered || cell.is_empty() {
            return Ok(());
        }
        let (rows, columns) = (self.row_repeats, self.repeats);
        if self.column.saturating_add(columns) > MOST_COLUMNS {
            return Err(FileProblem::TooManyColumns);
        }
        if self.row.saturating_add(rows) > MOST_ROWS {
            return Err(FileProblem::TooManyRows(self.row.saturating_add(rows)));
        }
        let copies = rows.saturating_mul(columns).saturating_sub(1);
        if copies > 0 {
            let size = size_of::<Cell>() + cell.words().len();
            let size = copies.saturating_mul(size) as u64;
            self.copied = self.copied.saturating_add(size);
        }
        if self.copied > self.limit {
            return Err(FileProblem::TooLarge(self.limit));
        }
        for row in self.row..self.row + rows {
            for column in self.column..self.column + columns {
                self.room.put(sheet, (row, column), cell.clone())?;
            }
        }
        let (across, down) = self.covers;
        if (across, down) != (1, 1) {
            sheet.merges.push(Merge {
                top: self.row,
                left: self.column,
                bottom: self.row.saturating_add(down - 1),
                right: self.column.saturating_add(across - 1),
            });
        }
        Ok(())
    }

    fn content(&self) -> Cell {
        let number = self.value.as_ref().and_then(|v| v.parse::<f64>().ok());
        match (self.kind.as_deref(), &self.value, number) {
            (Some("float" | "currency"), _, Some(number)) => numbered(number, &self.text),
            (Some("percentage"), ..) => Cell::text(&self.text),
            (Some("date"), Some(date), _) => dated(date, &self.text),
            _ => Cell::text(&self.text),
        }
    }
}

/// Returns the cell of a date, as precise as the text that the cell shows.
fn dated(date: &str, shown: &str) -> Cell {
    let numbers = shown
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .count();
    match (iso(date), numbers) {
        (Cell::Date { date }, 1) if shown.trim().len() < 8 => Cell::Date {
            date: date[..4].to_owned(),
        },
        (Cell::Date { date }, 2) => Cell::Date {
            date: date[..7].to_owned(),
        },
        (cell, _) => cell,
    }
}

/// Returns the cell of a number: its text where that says more, such as `2021.10` of 2021.1.
fn numbered(number: f64, shown: &str) -> Cell {
    let plain = shown.trim().replace(',', "");
    let read = plain.parse::<f64>();
    let is_rounded = read.is_ok_and(|read| (read - number).abs() < 1.0 && read != number);
    let says_more = plain.contains(|c: char| c.is_ascii_digit()) && plain != number.to_string();
    match says_more && !is_rounded {
        true => Cell::text(shown),
        false => Cell::Number(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_spanned_and_hidden_cells_are_read() {
        let text = r#"<d xmlns:table="t" xmlns:office="o" xmlns:text="x" xmlns:style="s">
            <style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>
            <table:table table:name="대장">
            <table:table-column table:number-columns-repeated="2"/><table:table-column table:visibility="collapse"/>
            <table:table-row><table:table-cell table:number-columns-spanned="2"><text:p>제목</text:p></table:table-cell><table:covered-table-cell/></table:table-row>
            <table:table-row table:number-rows-repeated="2" table:visibility="collapse"><table:table-cell table:number-columns-repeated="9"/></table:table-row>
            <table:table-row><table:table-cell office:value-type="date" office:date-value="2022-03-01"><text:p>2022년 3월</text:p></table:table-cell>
            <table:table-cell table:number-columns-repeated="2" office:value-type="float" office:value="2.5"><text:p>2.5</text:p></table:table-cell>
            <table:table-cell><office:annotation><text:p>메모</text:p></office:annotation><text:p>가</text:p><text:p><text:a xlink:href="https://go.kr/1">나&amp;다</text:a></text:p></table:table-cell></table:table-row>
            </table:table><table:table table:name="옛" table:style-name="ta2"/></d>"#;
        let limits = Limits { unpacked: 1_000 };
        let book = read(text.as_bytes(), limits).unwrap();
        let sheet = &book.sheets[0];
        assert_eq!(sheet.cell(3, 0).words(), "2022-03");
        assert_eq!(sheet.cell(3, 2), &Cell::Number(2.5));
        assert_eq!(sheet.cell(3, 3).words(), "가\n나&다");
        assert_eq!(sheet.cell(3, 3).address(), Some("https://go.kr/1"));
        assert_eq!(sheet.hidden_rows, [1, 2]);
        assert_eq!(sheet.hidden_columns, [2]);
        assert_eq!(sheet.merges[0].right, 1);
        assert!(book.sheets[1].hidden);
    }

    #[test]
    fn repeated_cells_count_as_unpacked() {
        let text = r#"<d xmlns:table="t" xmlns:text="x"><table:table>
            <table:table-row table:number-rows-repeated="9999"><table:table-cell>
            <text:p>가</text:p></table:table-cell></table:table-row></table:table></d>"#;
        let problem = read(text.as_bytes(), Limits { unpacked: 1_000 }).unwrap_err();
        assert_eq!(problem, FileProblem::TooLarge(1_000));
    }

    #[test]
    fn numbers_are_as_shown() {
        let text = |text: &str| Cell::Text(text.into());
        assert_eq!(numbered(2021.1, "2021.10"), text("2021.10"));
        assert_eq!(numbered(7.0, "2021-007"), text("2021-007"));
        assert_eq!(numbered(120_000.0, "120"), text("120"));
        for (number, shown) in [
            (1_234_567.5, "1,234,568"),
            (2.5, "2.5"),
            (3.0, ""),
            (3.0, "###"),
        ] {
            assert_eq!(numbered(number, shown), Cell::Number(number), "{shown}");
        }
    }

    #[test]
    fn dates_are_as_precise_as_shown() {
        let date = |date: &str| Cell::Date { date: date.into() };
        assert_eq!(dated("2022-03-01", "2022년 3월"), date("2022-03"));
        assert_eq!(dated("2022-03-01T00:00:00", "2022년"), date("2022"));
        assert_eq!(dated("1-1-1", "1.1."), date("0001-01"));
        assert_eq!(dated("+12345-01-01", "1.1."), Cell::text("+12345-01-01"));
    }
}
