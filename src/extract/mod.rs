//! The text of files, with the page or the paragraph where each part stands.
//!
//! Files come from others, and their readers are not made for what attackers write: a child process
//! ([`child`]) reads them, within bounds on time and memory. What cannot be read for certain is said
//! to be partly readable; a text that the paper does not have is never made up.

pub mod child;
mod hwp;
mod packed;
mod pdf;
mod sheets;
#[cfg(test)]
mod tests;
mod xml;

use std::io::Read;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

use crate::files::FileKind;

/// Length from which a passage ends, in characters.
const PASSAGE: usize = 1_500;
/// Maximum length of a line of a passage, in characters; a longer paragraph is in several passages.
/// PostgreSQL refuses to index a text of more than 1 MB of terms, and knows the places of the first 16,383.
const LONGEST: usize = 5_000;
/// Maximum length of a text, in characters: about 2,000 pages.
const MOST: usize = 4_000_000;
/// Maximum number of passages of a text.
const MOST_PASSAGES: usize = 20_000;
/// Maximum size of a part of a file when it is unpacked, in bytes.
const MOST_UNPACKED: u64 = 100 * 1024 * 1024;

/// How much of a file's text could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextStatus {
    /// All of it.
    Text,
    /// A part: some pages are scans, or the document is protected, has tracked changes or a part that
    /// cannot be read.
    PartlyReadable,
    /// The file has no text, such as a scan.
    NoText,
    /// The file is damaged or encrypted, or takes too long to read.
    Failed,
}

/// Part of a text, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Passage {
    /// Number of the page, or of the sheet of a workbook; null for documents without fixed pages.
    #[schema(minimum = 1, example = 2)]
    pub page: Option<u32>,
    /// Number of the first paragraph of the passage, or of the first row of a sheet; null for a page.
    #[schema(minimum = 1, example = json!(null))]
    pub paragraph: Option<u32>,
    /// The text, one paragraph or line a line.
    #[schema(example = "제1조(목적) 이 협약은 바이오산업의 발전을 목적으로 한다.")]
    pub text: String,
}

/// The text of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extracted {
    pub status: TextStatus,
    pub passages: Vec<Passage>,
    /// Whether nothing could be read since a password protects the file.
    pub is_protected: bool,
}

impl Extracted {
    pub const FAILED: Self = Self {
        status: TextStatus::Failed,
        passages: Vec::new(),
        is_protected: false,
    };
    pub const NO_TEXT: Self = Self {
        status: TextStatus::NoText,
        passages: Vec::new(),
        is_protected: false,
    };
}

/// The file cannot be read.
#[derive(Clone, Copy, Debug)]
pub struct Unreadable;

/// Reads the text of a file. It can panic, run without end, or take all memory: see [`child`].
pub fn extract(kind: FileKind, bytes: &[u8]) -> Extracted {
    let mut text = Text::default();
    let read = match kind {
        FileKind::Pdf => pdf::read(bytes, &mut text),
        FileKind::Hwp => hwp::read(bytes, &mut text),
        FileKind::Hwpx => packed::hwpx(bytes, &mut text),
        FileKind::Docx => packed::docx(bytes, &mut text),
        FileKind::Xlsx => sheets::read(bytes, &mut text),
        FileKind::Png | FileKind::Jpeg | FileKind::Gif | FileKind::Webp | FileKind::Tiff => Ok(()),
    };
    match read {
        Ok(()) => text.finish(),
        Err(Unreadable) => Extracted {
            is_protected: text.is_protected,
            ..Extracted::FAILED
        },
    }
}

/// A text while it is read.
#[derive(Default)]
struct Text {
    passages: Vec<Passage>,
    /// Length in characters.
    length: usize,
    /// Number of the last paragraph.
    paragraphs: u32,
    /// Whether the present passage has ended.
    has_ended: bool,
    is_partial: bool,
    is_protected: bool,
}

impl Text {
    /// Adds a paragraph of a document without fixed pages.
    fn paragraph(&mut self, text: &str) {
        self.paragraphs += 1;
        self.line(None, Some(self.paragraphs), text);
    }

    /// Adds a page with its lines.
    fn page(&mut self, number: u32, text: &str) {
        for line in text.lines() {
            self.line(Some(number), None, line);
        }
        self.has_ended = true;
    }

    /// Adds a row of a sheet; both from 1.
    fn row(&mut self, sheet: u32, row: u32, text: &str) {
        self.line(Some(sheet), Some(row), text);
    }

    /// Begins another passage with the next line.
    fn end_passage(&mut self) {
        self.has_ended = true;
    }

    fn line(&mut self, page: Option<u32>, paragraph: Option<u32>, text: &str) {
        let line = clean(text);
        if line.is_empty() {
            // The numbers of the lines of a passage are counted from its first.
            if paragraph.is_some() {
                self.has_ended = true;
            }
            return;
        }
        let mut rest = line.as_str();
        while let Some((end, _)) = rest.char_indices().nth(LONGEST) {
            let (part, after) = rest.split_at(end);
            self.add(page, paragraph, part);
            rest = after;
        }
        self.add(page, paragraph, rest);
    }

    /// Adds a line of bounded length to the present passage, or as the next one.
    fn add(&mut self, page: Option<u32>, paragraph: Option<u32>, line: &str) {
        let length = line.chars().count();
        if self.length + length > MOST || self.passages.len() >= MOST_PASSAGES {
            self.is_partial = true;
            return;
        }
        self.length += length;
        match self.passages.last_mut() {
            Some(last) if !self.has_ended => {
                last.text.push('\n');
                last.text.push_str(line);
            }
            _ => self.passages.push(Passage {
                page,
                paragraph,
                text: line.to_owned(),
            }),
        }
        let last = self.passages.last();
        self.has_ended = last.is_none_or(|last| last.text.chars().count() >= PASSAGE);
    }

    /// Notes that a part of the text is missing, or may not be that of the paper.
    fn lacks_some(&mut self) {
        self.is_partial = true;
    }

    /// Notes that a password protects the text.
    fn needs_password(&mut self) {
        (self.is_partial, self.is_protected) = (true, true);
    }

    fn finish(self) -> Extracted {
        let status = match (self.passages.is_empty(), self.is_partial) {
            (false, false) => TextStatus::Text,
            (false, true) => TextStatus::PartlyReadable,
            (true, false) => TextStatus::NoText,
            // What is there cannot be read.
            (true, true) => TextStatus::Failed,
        };
        Extracted {
            status,
            passages: self.passages,
            is_protected: self.is_protected && status == TextStatus::Failed,
        }
    }
}

/// Unpacks a part of a file.
///
/// # Errors
/// Fails if it is damaged or too large.
fn unpacked(part: impl Read) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    let read = part.take(MOST_UNPACKED + 1).read_to_end(&mut bytes);
    match read {
        Ok(length) if length as u64 <= MOST_UNPACKED => Ok(bytes),
        _ => Err(Unreadable),
    }
}

/// Returns a paragraph in one line: composed Hangul, and characters in place of the radicals that PDF
/// files of browsers have.
fn clean(text: &str) -> String {
    let is_radical = |c: char| matches!(c, '\u{2e80}'..='\u{2fd5}');
    let unified = text.chars().flat_map(|c| {
        let radical = is_radical(c).then(|| c.nfkc());
        let other = (!is_radical(c)).then_some(c);
        radical.into_iter().flatten().chain(other)
    });
    let spaced = unified.map(|c| match c.is_control() || c == '\u{fffd}' {
        true => ' ',
        false => c,
    });
    let composed: String = spaced.nfc().collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}
