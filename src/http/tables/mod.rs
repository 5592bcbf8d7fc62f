//! Lists as files: CSV and XLSX, with all rows that the filters select.
//!
//! Every list whose rows have a [`Table`] can be had as a file, by `Accept` or by a suffix of the path.
//! The handlers know nothing of it: the pages of the list are read one after the other, on one
//! snapshot, with the function that answers requests for JSON, and each row is written from what it
//! would be in JSON. A file sees no more than the list shows.

mod cells;
mod columns;
mod common;
mod csv_file;
mod joined;
mod labels;
mod lists;
mod session;
mod spool;
mod suffix;
mod xlsx_file;

use actix_web::HttpRequest;
use actix_web::http::header::IfNoneMatch;
use serde_json::Value;

pub use cells::{Cell, harmless, original};
pub use columns::{Column, Kind, Table, table_of, table_of_value};
pub use joined::values;
pub use labels::code_of;
pub(super) use session::all_pages;
pub use session::{FileAnswer, FileHead};
pub use spool::{Spool, failed};
pub use suffix::list_of;
pub(super) use suffix::take_suffix;

use csv_file::{CsvFile, Encoding};
use xlsx_file::XlsxFile;

use super::accept::Accepted;
use super::conditional::{JSON, known_tags};
use super::openapi::Operation;
use super::reader::{LANG, stated_language};
use super::session::offers_files;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::language::{Language, Message};
use crate::ledger::RequestContext;

/// The media type of CSV.
pub const CSV: &str = "text/csv";
/// The media type of XLSX.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The parameter that selects the encoding of CSV.
const ENCODING: &str = "encoding";
/// The parameters that only a file has.
pub(super) const OF_FILES: [&str; 2] = [ENCODING, LANG];
/// The parameters of pages, which a file does not have.
pub(super) const OF_PAGES: [&str; 3] = ["limit", "cursor", "with_total"];

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    Xlsx,
}

impl Format {
    fn media_type(self) -> &'static str {
        match self {
            Self::Csv => CSV,
            Self::Xlsx => XLSX,
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}

/// The file that a request for a list asks for.
#[derive(Clone, Debug)]
pub(super) struct FileAsked {
    format: Format,
    encoding: Encoding,
    /// The language that the query names.
    pub language: Option<Language>,
    /// The tags of the files that the client has.
    known: IfNoneMatch,
    wrong: Vec<FieldError>,
}

impl FileAsked {
    /// Returns the file that a request asks for; `None` if it asks for JSON.
    pub fn of(req: &HttpRequest, operation: &Operation) -> Option<Self> {
        if !operation.has_files() {
            return None;
        }
        let format = format(req)?;
        let mut asked = Self {
            format,
            encoding: Encoding::Utf8,
            language: stated_language(req),
            known: known_tags(req),
            wrong: Vec::new(),
        };
        for (name, value) in url::form_urlencoded::parse(req.query_string().as_bytes()) {
            if name == ENCODING && format == Format::Csv {
                if value == "cp949" {
                    asked.encoding = Encoding::Cp949;
                }
            } else if name == ENCODING {
                asked.wrong.push(not_for_csv());
            }
        }
        Some(asked)
    }

    /// Refuses parameters that the file does not have.
    fn check(&self) -> Result<(), ApiError> {
        match self.wrong.is_empty() {
            true => Ok(()),
            false => Err(ApiError::new(Code::InvalidParameters).and(self.wrong.clone())),
        }
    }

    /// Returns the media type with its parameters.
    pub fn content_type(&self) -> &'static str {
        match (self.format, self.encoding) {
            (Format::Csv, Encoding::Utf8) => "text/csv; charset=utf-8; header=present",
            (Format::Csv, Encoding::Cp949) => "text/csv; charset=euc-kr; header=present",
            (Format::Xlsx, _) => XLSX,
        }
    }
}

/// Returns the media type that the path of a request names, if it names one.
pub(super) fn named_type(req: &HttpRequest) -> Option<&'static str> {
    suffix::format(req).map(Format::media_type)
}

/// Returns the format in which a request wants a list; `None` for JSON.
fn format(req: &HttpRequest) -> Option<Format> {
    suffix::format(req).or_else(|| negotiated(&Accepted::of(req.headers())))
}

/// Returns an error for each parameter of pages in a request for a file.
pub(super) fn of_pages(query: &str) -> Vec<FieldError> {
    let query = url::form_urlencoded::parse(query.as_bytes());
    let names = query.filter(|(name, _)| OF_PAGES.contains(&name.as_ref()));
    let errors = names.map(|(name, _)| {
        let message = Message::fixed(
            "파일에는 모든 행이 담기므로 쪽을 고를 수 없습니다.",
            "A file has all rows; it has no pages.",
        );
        FieldError::query(name, "not_for_files", message)
    });
    errors.collect()
}

/// Refuses the encoding of CSV for anything else.
fn not_for_csv() -> FieldError {
    let message = Message::fixed(
        "encoding은 CSV에만 쓸 수 있습니다.",
        "Only CSV has an encoding to choose.",
    );
    FieldError::query(ENCODING, "not_for_csv", message)
}

/// Returns true if a request wants a file.
pub(super) fn is_file(req: &HttpRequest) -> bool {
    offers_files(req) && format(req).is_some()
}

/// Returns the errors of a request for JSON that selects how a file is written.
pub(super) fn of_files(query: &str) -> Vec<FieldError> {
    let names = url::form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name);
    let errors = names.filter_map(|name| match name.as_ref() {
        ENCODING => Some(not_for_csv()),
        LANG => Some(not_for_json()),
        _ => None,
    });
    errors.collect()
}

/// Refuses the language of a file for JSON, whose texts are in both languages.
fn not_for_json() -> FieldError {
    let message = Message::fixed(
        "lang은 CSV와 XLSX에만 쓸 수 있습니다. JSON에는 Accept-Language를 보내십시오.",
        "Only CSV and XLSX take a language here; for JSON, send Accept-Language.",
    );
    FieldError::query(LANG, "only_for_files", message)
}

/// Returns the format that is preferred to JSON.
fn negotiated(accepted: &Accepted<'_>) -> Option<Format> {
    let mut best = (accepted.quality(JSON), None);
    for format in [Format::Csv, Format::Xlsx] {
        let quality = accepted.quality(format.media_type());
        if quality > best.0 {
            best = (quality, Some(format));
        }
    }
    best.1
}

/// Writes the rows of a table to a file.
struct TableFile {
    file: File,
    columns: Vec<Column>,
    language: Language,
    /// Number of rows.
    count: u32,
}

/// A file in one of the formats. A workbook has many times the size of the other.
#[expect(clippy::large_enum_variant, reason = "a request has one")]
enum File {
    Csv(CsvFile),
    Xlsx(Box<XlsxFile>),
}

impl TableFile {
    /// Begins a file with the headers of the columns.
    fn new(
        spool: Spool,
        asked: &FileAsked,
        table: &Table,
        columns: Vec<Column>,
        (cx, language): (&RequestContext, Language),
    ) -> Result<Self, ApiError> {
        let header = |column: &Column| column.header().in_language(language).to_owned();
        let file = match asked.format {
            Format::Csv => {
                let headers = columns.iter().map(header).collect();
                File::Csv(CsvFile::new(spool, asked.encoding, headers)?)
            }
            Format::Xlsx => {
                let headers = columns
                    .iter()
                    .map(|column| (header(column), column.width()));
                let headers: Vec<_> = headers.collect();
                let name = table.named(language);
                File::Xlsx(Box::new(XlsxFile::new(spool, name, cx.today, &headers)?))
            }
        };
        Ok(Self {
            file,
            columns,
            language,
            count: 0,
        })
    }

    /// Writes a row, as it is serialized.
    fn row(&mut self, row: &Value) -> Result<(), ApiError> {
        self.count += 1;
        let cells = self.columns.iter().map(|column| match column.kind {
            Kind::Ordinal => Cell::Number(self.count.into()),
            _ => Cell::of(column, row, self.language),
        });
        let cells: Vec<Cell> = cells.collect();
        match &mut self.file {
            File::Csv(file) => file.row(&cells),
            File::Xlsx(file) => file.row(&cells),
        }
    }

    /// Lets the rows so far be sent, if the format can be sent in parts.
    fn flush(&mut self) -> Result<(), ApiError> {
        match &mut self.file {
            File::Csv(file) => file.flush(),
            File::Xlsx(_) => Ok(()),
        }
    }

    fn finish(self) -> Result<(), ApiError> {
        match self.file {
            File::Csv(file) => file.finish(),
            File::Xlsx(file) => file.finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{ACCEPT, HeaderMap, HeaderValue};

    use super::*;

    #[test]
    fn json_is_preferred_unless_a_file_is_wanted() {
        for (accept, format) in [
            ("*/*", None),
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                None,
            ),
            ("application/json, text/csv", None),
            ("text/csv", Some(Format::Csv)),
            ("TEXT/CSV; charset=utf-8", Some(Format::Csv)),
            ("text/*", Some(Format::Csv)),
            ("text/csv;q=0.5, application/json;q=0.4", Some(Format::Csv)),
            (XLSX, Some(Format::Xlsx)),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_str(accept).unwrap());
            assert_eq!(negotiated(&Accepted::of(&headers)), format, "{accept}");
        }
    }
}
