//! Files of tables, read by their content and not by their names.

mod biff;
mod date_shown;
mod delimited;
mod encoding;
mod html;
mod number_shown;
mod open_document;
mod packed;
mod problem;
mod room;
mod workbook;
mod xml_spreadsheet;

pub use problem::FileProblem;

use super::book::{Book, Format, Sheet};

/// Maximum number of rows of a file.
pub const MOST_ROWS: usize = 100_000;
/// Maximum number of columns of a sheet.
pub const MOST_COLUMNS: usize = 500;

/// Limits of what is read.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Maximum size of the file once it is unpacked, in bytes.
    pub unpacked: u64,
}

/// Content of a file, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Zip,
    Ole,
    Html,
    XmlSpreadsheet,
    Text,
}

/// Reads a file; `declared` is its media type.
///
/// # Errors
/// [`FileProblem`]
pub fn read(bytes: &[u8], declared: &str, limits: Limits) -> Result<Book, FileProblem> {
    if bytes.len() as u64 > limits.unpacked {
        return Err(FileProblem::TooLarge(limits.unpacked));
    }
    let content = content(bytes)?;
    contradiction(content, declared)?;
    let mut book = match content {
        Content::Zip => packed::read(bytes, declared, limits)?,
        Content::Ole => workbook::xls(bytes)?,
        Content::Html => html::read(bytes)?,
        Content::XmlSpreadsheet => xml_spreadsheet::read(bytes)?,
        Content::Text => delimited::read(bytes)?,
    };
    for sheet in &mut book.sheets {
        sheet.trim();
        sheet.hidden_rows.sort_unstable();
    }
    measured(&book.sheets)?;
    Ok(book)
}

fn measured(sheets: &[Sheet]) -> Result<(), FileProblem> {
    let rows: usize = sheets.iter().map(|sheet| sheet.rows.len()).sum();
    if rows > MOST_ROWS {
        return Err(FileProblem::TooManyRows(rows));
    }
    if sheets.iter().any(|sheet| sheet.width() > MOST_COLUMNS) {
        return Err(FileProblem::TooManyColumns);
    }
    match rows {
        0 => Err(FileProblem::Empty),
        _ => Ok(()),
    }
}

/// Beginnings of files that are no tables.
const OTHERS: &[(&[u8], &str)] = &[
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"{\\rtf", "RTF"),
    (b"HWP Document", "HWP"),
];

fn content(bytes: &[u8]) -> Result<Content, FileProblem> {
    if bytes.is_empty() {
        return Err(FileProblem::Empty);
    }
    if bytes.starts_with(b"PK") {
        return Ok(Content::Zip);
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Ok(Content::Ole);
    }
    let other = OTHERS.iter().find(|(start, _)| bytes.starts_with(start));
    if let Some((_, name)) = other.filter(|(start, _)| start.len() > 2 || !is_text(bytes)) {
        return Err(FileProblem::NoTable(name));
    }
    if !is_text(bytes) {
        return Err(FileProblem::NoTable("?"));
    }
    let start = &bytes[..bytes.len().min(4_096)];
    let start = String::from_utf8_lossy(start).to_ascii_lowercase();
    let start = start.trim_start_matches(['\u{feff}', ' ', '\r', '\n', '\t']);
    if start.starts_with("<?xml") && start.contains("urn:schemas-microsoft-com:office:spreadsheet")
    {
        return Ok(Content::XmlSpreadsheet);
    }
    let is_markup = start.starts_with('<')
        && [
            "<html",
            "<table",
            "<!doctype html",
            "<meta",
            "<body",
            "<style",
            "<head",
        ]
        .iter()
        .any(|tag| start.contains(tag));
    Ok(match is_markup {
        true => Content::Html,
        false => Content::Text,
    })
}

/// Returns false for files with bytes that no text contains.
fn is_text(bytes: &[u8]) -> bool {
    if encoding::is_utf16(bytes) {
        return true;
    }
    let start = &bytes[..bytes.len().min(8_192)];
    let odd = start
        .iter()
        .filter(|b| matches!(b, 0..=8 | 14..=26 | 28..=31 | 127));
    odd.count() == 0
}

/// Parts of media types of texts that are no tables.
const OTHER_TEXTS: [&str; 4] = ["json", "javascript", "yaml", "markdown"];

/// Refuses a file whose type promises something else than it contains. `application/vnd.ms-excel`
/// promises nothing: browsers send CSV by that name, and old systems HTML.
fn contradiction(content: Content, declared: &str) -> Result<(), FileProblem> {
    let is = |part: &str| declared.contains(part);
    if content == Content::Text && OTHER_TEXTS.iter().any(|name| is(name)) {
        return Err(FileProblem::NoTableType);
    }
    let promised_text = is("text/csv") || is("text/tab-separated-values") || is("text/plain");
    let promised_zip = is("openxmlformats") || is("opendocument");
    let contradicts = match content {
        Content::Zip | Content::Ole => promised_text || is("text/html"),
        Content::Text => promised_zip || is("text/html"),
        Content::Html | Content::XmlSpreadsheet => promised_zip || promised_text,
    };
    let ole_in_place_of_zip = content == Content::Ole && is("opendocument");
    match contradicts || ole_in_place_of_zip {
        true => Err(FileProblem::Contradiction(content.name())),
        false => Ok(()),
    }
}

impl Content {
    fn name(self) -> &'static str {
        match self {
            Self::Zip => "XLSX/ODS",
            Self::Ole => "XLS",
            Self::Html => "HTML",
            Self::XmlSpreadsheet => "XML",
            Self::Text => "CSV",
        }
    }
}

/// Returns a book of one sheet of text.
fn of_text(format: Format, encoding: &str, sheet: Sheet) -> Book {
    Book {
        format,
        encoding: Some(encoding.to_owned()),
        separator: None,
        sheets: vec![sheet],
    }
}
