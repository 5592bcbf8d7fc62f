//! Tables as CSV (RFC 4180).

use std::io::Write as _;
use std::mem;

use csv::{Terminator, Writer, WriterBuilder};
use encoding_rs::EUC_KR;

use super::cells::{Cell, harmless};
use super::spool::{Spool, failed};
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::language::Message;

/// The encoding of a CSV file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8 with a byte order mark, by which spreadsheets know it.
    Utf8,
    /// Windows code page 949, which is what the label `euc-kr` means by the Encoding Standard.
    Cp949,
}

/// Largest number of cells that a refusal names.
const MOST_NAMED: usize = 100;

/// Writes rows as CSV.
pub(super) struct CsvFile {
    spool: Spool,
    buffer: Writer<Vec<u8>>,
    encoding: Encoding,
    headers: Vec<String>,
    /// Number of the row in the file, counted from 1 for the headers.
    row: u64,
    /// The cells that the encoding cannot hold.
    unfit: Vec<FieldError>,
}

fn buffer() -> Writer<Vec<u8>> {
    let mut builder = WriterBuilder::new();
    builder.terminator(Terminator::CRLF).from_writer(Vec::new())
}

impl CsvFile {
    /// # Errors
    /// Fails if the file cannot be written, as the other functions do.
    pub fn new(
        mut spool: Spool,
        encoding: Encoding,
        headers: Vec<String>,
    ) -> Result<Self, ApiError> {
        if encoding == Encoding::Utf8 {
            spool.write_all("\u{FEFF}".as_bytes()).map_err(failed)?;
        }
        let mut file = Self {
            spool,
            buffer: buffer(),
            encoding,
            headers: Vec::new(),
            row: 0,
            unfit: Vec::new(),
        };
        file.texts(headers.iter().cloned())?;
        file.headers = headers;
        Ok(file)
    }

    pub fn row(&mut self, cells: &[Cell]) -> Result<(), ApiError> {
        let texts = cells.iter().map(|cell| match cell {
            Cell::Text(text) => harmless(text.clone()),
            cell => cell.text(),
        });
        self.texts(texts)
    }

    fn texts(&mut self, texts: impl Iterator<Item = String>) -> Result<(), ApiError> {
        self.row += 1;
        let mut record = csv::ByteRecord::new();
        for (column, text) in texts.enumerate() {
            if self.encoding == Encoding::Utf8 {
                record.push_field(text.as_bytes());
                continue;
            }
            let (bytes, _, is_unfit) = EUC_KR.encode(&text);
            record.push_field(&bytes);
            if is_unfit {
                let header = self.headers.get(column).map_or("", String::as_str);
                self.unfit.push(unfit(self.row, header, &text));
            }
        }
        self.buffer
            .write_byte_record(&record)
            .map_err(ApiError::internal)?;
        match self.unfit.len() < MOST_NAMED {
            true => Ok(()),
            false => self.check(),
        }
    }

    /// Passes on what was written. What CP949 perhaps cannot hold is not sent before it is whole.
    pub fn flush(&mut self) -> Result<(), ApiError> {
        let full = mem::replace(&mut self.buffer, buffer());
        let bytes = full
            .into_inner()
            .map_err(|error| ApiError::internal(error.to_string()))?;
        self.spool.write_all(&bytes).map_err(failed)?;
        if self.encoding == Encoding::Utf8 {
            self.spool.publish();
        }
        Ok(())
    }

    pub fn finish(mut self) -> Result<(), ApiError> {
        self.check()?;
        self.flush()?;
        self.spool.publish();
        Ok(())
    }

    /// Refuses what the encoding cannot hold.
    fn check(&mut self) -> Result<(), ApiError> {
        if self.unfit.is_empty() {
            return Ok(());
        }
        let refused = ApiError::with(
            Code::NotAcceptable,
            "CP949에 없는 글자가 있습니다. UTF-8(encoding=utf-8) CSV나 XLSX로 받으십시오.",
            "CP949 lacks some of the characters. Ask for CSV in UTF-8 (encoding=utf-8) or for XLSX.",
        );
        Err(refused.and(mem::take(&mut self.unfit)))
    }
}

/// Returns the error that names the characters of a cell that CP949 lacks.
fn unfit(row: u64, header: &str, text: &str) -> FieldError {
    let mut lacking: Vec<char> = Vec::new();
    for letter in text.chars() {
        let is_unfit = EUC_KR.encode(letter.encode_utf8(&mut [0; 4])).2;
        if is_unfit && !lacking.contains(&letter) && lacking.len() < 10 {
            lacking.push(letter);
        }
    }
    let letters = lacking
        .iter()
        .map(|letter| format!("{letter} (U+{:04X})", u32::from(*letter)));
    let letters = letters.collect::<Vec<_>>().join(", ");
    let message = Message::new(
        format!("{row}행 '{header}': {letters}"),
        format!("Row {row}, \"{header}\": {letters}"),
    );
    FieldError::query("encoding", "not_in_cp949", message)
}
