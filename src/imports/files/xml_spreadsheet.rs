//! XML Spreadsheet 2003, which old systems save with the ending `.xls`.

use quick_xml::events::{BytesStart, Event};

use super::super::book::{Book, Cell, Format, Merge, Sheet};
use super::packed::{attribute, unescaped};
use super::room::Room;
use super::workbook::iso;
use super::{FileProblem, MOST_COLUMNS, MOST_ROWS, encoding, of_text};

/// Reads a file.
///
/// # Errors
/// [`FileProblem`]
pub fn read(bytes: &[u8]) -> Result<Book, FileProblem> {
    let (text, encoding) = encoding::decode(bytes)?;
    let mut reader = quick_xml::Reader::from_str(&text);
    let mut parsed = Parsed::default();
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
            Err(_) => return Err(FileProblem::Damaged("XML")),
        }
    }
    let mut book = of_text(Format::SpreadsheetXml, encoding, Sheet::default());
    book.sheets = parsed.sheets;
    Ok(book)
}

#[derive(Default)]
struct Parsed {
    sheets: Vec<Sheet>,
    /// The row and the column that come next.
    row: usize,
    column: usize,
    /// The column whose description comes next.
    described: usize,
    /// Cells across and rows down that the present cell covers beside itself.
    link: Option<String>,
    covers: (usize, usize),
    kind: Option<String>,
    content: String,
    room: Room,
}

impl Parsed {
    fn start(&mut self, element: &BytesStart<'_>) -> Result<(), FileProblem> {
        let number = |name: &str| {
            let text = attribute(element, name)?;
            text.parse::<usize>().ok()
        };
        match element.local_name().as_ref() {
            "Worksheet" => {
                self.sheets.push(Sheet {
                    name: attribute(element, "Name").unwrap_or_default(),
                    ..Sheet::default()
                });
                (self.row, self.described) = (0, 0);
            }
            "Column" => {
                let first = number("Index").map_or(self.described, |n| n.saturating_sub(1));
                self.described =
                    first.saturating_add(number("Span").unwrap_or(0).saturating_add(1));
                let is_hidden = attribute(element, "Hidden").is_some_and(|h| h == "1");
                if let Some(sheet) = self.sheets.last_mut().filter(|_| is_hidden) {
                    let last = self.described.min(MOST_COLUMNS);
                    sheet.hidden_columns.extend(first..last);
                }
            }
            "Row" => {
                self.row = number("Index").map_or(self.row, |n| n.saturating_sub(1));
                self.column = 0;
                let is_hidden = attribute(element, "Hidden").is_some_and(|h| h == "1");
                if let Some(sheet) = self.sheets.last_mut().filter(|_| is_hidden) {
                    sheet.hidden_rows.push(self.row);
                }
            }
            "Cell" => {
                self.column = number("Index").map_or(self.column, |n| n.saturating_sub(1));
                self.link = attribute(element, "HRef");
                self.covers = (
                    number("MergeAcross").unwrap_or(0).min(MOST_COLUMNS),
                    number("MergeDown").unwrap_or(0).min(MOST_ROWS),
                );
            }
            "Data" => {
                self.kind = Some(attribute(element, "Type").unwrap_or_default());
                self.content.clear();
            }
            _ => {}
        }
        match () {
            () if self.row > MOST_ROWS => Err(FileProblem::TooManyRows(self.row)),
            () if self.column >= MOST_COLUMNS => Err(FileProblem::TooManyColumns),
            () => Ok(()),
        }
    }

    fn text(&mut self, part: &str) {
        if self.kind.is_some() {
            self.content.push_str(part);
        }
    }

    fn end(&mut self, name: &str) -> Result<(), FileProblem> {
        let Some(sheet) = self.sheets.last_mut() else {
            return Ok(());
        };
        match name {
            "Row" => self.row += 1,
            "Cell" => {
                let (across, down) = self.covers;
                if (across, down) != (0, 0) {
                    sheet.merges.push(Merge {
                        top: self.row,
                        left: self.column,
                        bottom: self.row + down,
                        right: self.column + across,
                    });
                }
                self.column += across + 1;
            }
            "Data" => {
                let kind = self.kind.take().unwrap_or_default();
                let cell = match (kind.as_str(), self.content.parse::<f64>()) {
                    ("Number", Ok(number)) => Cell::Number(number),
                    ("DateTime", _) => iso(&self.content),
                    ("Error", _) => Cell::Error {
                        error: self.content.clone(),
                    },
                    _ => Cell::text(&self.content),
                };
                let cell = cell.linked(self.link.as_deref().unwrap_or_default());
                self.room.put(sheet, (self.row, self.column), cell)?;
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_as_they_are() {
        let text = r#"<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
            xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="대장"><Table>
            <Column/><Column ss:Index="3" ss:Span="1" ss:Hidden="1"/>
            <Row><Cell ss:MergeAcross="1"><Data ss:Type="String">협약 &amp; 현황</Data></Cell></Row>
            <Row ss:Index="3" ss:Hidden="1"><Cell/><Cell><Data ss:Type="String">10-2</Data></Cell>
            <Cell ss:Index="4"><Data ss:Type="DateTime">2024-04-25T00:00:00.000</Data></Cell></Row>
            </Table></Worksheet></Workbook>"#;
        let book = read(text.as_bytes()).unwrap();
        let sheet = &book.sheets[0];
        assert_eq!(sheet.name, "대장");
        assert_eq!(sheet.cell(0, 0).words(), "협약 & 현황");
        assert_eq!(sheet.cell(2, 1), &Cell::Text("10-2".into()));
        assert_eq!(sheet.cell(2, 3).words(), "2024-04-25");
        assert_eq!(sheet.hidden_rows, [2]);
        assert_eq!(sheet.hidden_columns, [2, 3]);
        assert_eq!(sheet.merges.len(), 1);
    }
}
