//! Documents of Hangul 5 (HWP 5.0): compound files with sections of records.

use std::io::Cursor;

use cfb::CompoundFile;
use flate2::read::DeflateDecoder;

use super::{Text, Unreadable, unpacked};

/// Flags in the properties of the header.
const COMPRESSED: u32 = 1;
const PASSWORD: u32 = 1 << 1;
/// With a password, for distribution only, or with rights: the sections are encrypted.
const PROTECTED: u32 = PASSWORD | 1 << 2 | 1 << 4 | 1 << 8 | 1 << 10;
const TRACKS_CHANGES: u32 = 1 << 14;

/// Tags of records.
const PARAGRAPH_TEXT: u32 = 67;
const CONTROL: u32 = 71;
const MEMOS: u32 = 93;
/// Id of the control of a hidden comment, `tcmt`.
const HIDDEN_COMMENT: &[u8] = b"tmct";

type Compound<'a> = CompoundFile<Cursor<&'a [u8]>>;

/// Reads the sections of a document.
pub fn read(bytes: &[u8], out: &mut Text) -> Result<(), Unreadable> {
    let mut file = CompoundFile::open(Cursor::new(bytes)).map_err(|_| Unreadable)?;
    let header = stream(&mut file, "/FileHeader")?;
    let properties = header.get(36..40).and_then(|four| four.try_into().ok());
    let properties = u32::from_le_bytes(properties.ok_or(Unreadable)?);
    if properties & PASSWORD != 0 {
        out.needs_password();
    }
    if properties & PROTECTED != 0 {
        return preview(&mut file, out);
    }
    // What was deleted stands in the text, and only the program that tracked it tells which.
    if properties & TRACKS_CHANGES != 0 {
        out.lacks_some();
    }
    let mut section = 0;
    loop {
        let name = format!("/BodyText/Section{section}");
        if !file.is_stream(&name) {
            break;
        }
        let packed = stream(&mut file, &name)?;
        let records = match properties & COMPRESSED {
            0 => packed,
            _ => unpacked(DeflateDecoder::new(&packed[..]))?,
        };
        paragraphs(&records, out)?;
        out.end_passage();
        section += 1;
    }
    match section {
        0 => Err(Unreadable),
        _ => Ok(()),
    }
}

/// Reads the beginning of the text, which a protected document has in plain.
fn preview(file: &mut Compound<'_>, out: &mut Text) -> Result<(), Unreadable> {
    out.lacks_some();
    let units = utf16(&stream(file, "/PrvText")?);
    let text = String::from_utf16_lossy(&units);
    text.lines().for_each(|line| out.paragraph(line));
    Ok(())
}

fn stream(file: &mut Compound<'_>, name: &str) -> Result<Vec<u8>, Unreadable> {
    unpacked(file.open_stream(name).map_err(|_| Unreadable)?)
}

fn utf16(bytes: &[u8]) -> Vec<u16> {
    let units = bytes.chunks_exact(2);
    units
        .map(|two| u16::from_le_bytes([two[0], two[1]]))
        .collect()
}

/// Reads the records of a section. Each paragraph has its own, wherever it stands: in a table, a note, a
/// header or a text box.
fn paragraphs(mut records: &[u8], out: &mut Text) -> Result<(), Unreadable> {
    // Level of the record below which everything is left out.
    let mut left_out: Option<u32> = None;
    while !records.is_empty() {
        let (head, rest) = number(records)?;
        let (tag, level) = (head & 0x3ff, head >> 10 & 0x3ff);
        let (size, rest) = match head >> 20 {
            0xfff => number(rest)?,
            size => (size, rest),
        };
        let size = usize::try_from(size).map_err(|_| Unreadable)?;
        let (content, rest) = rest.split_at_checked(size).ok_or(Unreadable)?;
        records = rest;
        if left_out.is_some_and(|outer| level > outer) {
            continue;
        }
        let is_hidden = tag == MEMOS || tag == CONTROL && content.starts_with(HIDDEN_COMMENT);
        left_out = is_hidden.then_some(level);
        if tag == PARAGRAPH_TEXT {
            out.paragraph(&characters(&utf16(content)));
        }
    }
    Ok(())
}

fn number(bytes: &[u8]) -> Result<(u32, &[u8]), Unreadable> {
    let (four, rest) = bytes.split_first_chunk().ok_or(Unreadable)?;
    Ok((u32::from_le_bytes(*four), rest))
}

/// Returns the characters of a paragraph, without the controls among them: most take eight places.
fn characters(units: &[u16]) -> String {
    let mut plain = Vec::with_capacity(units.len());
    let mut at = 0;
    while let Some(unit) = units.get(at) {
        at += 1;
        match unit {
            0 | 10 | 13 | 25..=31 => plain.push(u16::from(b' ')),
            24 => plain.push(u16::from(b'-')),
            1..=23 => {
                if *unit == 9 {
                    plain.push(u16::from(b' '));
                }
                at += 7;
            }
            unit => plain.push(*unit),
        }
    }
    String::from_utf16_lossy(&plain)
}
