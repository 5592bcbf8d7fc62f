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
/// Ids of the controls that hold words of their paragraph themselves: a note above or below words
/// (덧말, `tdut`), and characters over one another (글자 겹침, `tcps`).
const NOTED_WORDS: &[u8] = b"tudt";
const OVERLAID: &[u8] = b"spct";
/// The character of a paragraph in whose place such a control stands.
const WORDS: u16 = 23;

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
fn paragraphs(section: &[u8], out: &mut Text) -> Result<(), Unreadable> {
    // Level of the record below which everything is left out.
    let mut left_out: Option<u32> = None;
    let mut records = Records(section);
    while let Some(record) = records.next()? {
        if left_out.is_some_and(|outer| record.level > outer) {
            continue;
        }
        let is_hidden = record.tag == MEMOS || record.is_control(HIDDEN_COMMENT);
        left_out = is_hidden.then_some(record.level);
        if record.tag == PARAGRAPH_TEXT {
            let units = utf16(record.content);
            let words = match units.contains(&WORDS) {
                true => words(Records(records.0), record.level)?,
                false => Vec::new(),
            };
            out.paragraph(&characters(&units, words));
        }
    }
    Ok(())
}

/// The records of a section that are not read yet.
struct Records<'a>(&'a [u8]);

struct Record<'a> {
    tag: u32,
    level: u32,
    content: &'a [u8],
}

impl Record<'_> {
    fn is_control(&self, id: &[u8]) -> bool {
        self.tag == CONTROL && self.content.starts_with(id)
    }
}

impl<'a> Records<'a> {
    fn next(&mut self) -> Result<Option<Record<'a>>, Unreadable> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let (head, rest) = number(self.0)?;
        let (size, rest) = match head >> 20 {
            0xfff => number(rest)?,
            size => (size, rest),
        };
        let size = usize::try_from(size).map_err(|_| Unreadable)?;
        let (content, rest) = rest.split_at_checked(size).ok_or(Unreadable)?;
        self.0 = rest;
        Ok(Some(Record {
            tag: head & 0x3ff,
            level: head >> 10 & 0x3ff,
            content,
        }))
    }
}

/// Returns the words that the controls of a paragraph hold, in their order; the paragraph ends with the
/// first record above the level of its text, and at the latest with the next text.
fn words(mut behind: Records<'_>, level: u32) -> Result<Vec<Vec<u16>>, Unreadable> {
    let mut all = Vec::new();
    while let Some(record) = behind.next()?.filter(|record| record.level >= level) {
        let is_own = record.level == level;
        if is_own && record.tag == PARAGRAPH_TEXT {
            break;
        }
        if is_own && record.is_control(NOTED_WORDS) {
            let (mut words, rest) = counted(&record.content[NOTED_WORDS.len()..])?;
            let (note, _) = counted(rest)?;
            if !note.is_empty() {
                words.extend("(".encode_utf16());
                words.extend(note);
                words.extend(")".encode_utf16());
            }
            all.push(words);
        } else if is_own && record.is_control(OVERLAID) {
            all.push(counted(&record.content[OVERLAID.len()..])?.0);
        }
    }
    Ok(all)
}

/// Reads a text that begins with the number of its units.
fn counted(bytes: &[u8]) -> Result<(Vec<u16>, &[u8]), Unreadable> {
    let (count, rest) = bytes.split_first_chunk().ok_or(Unreadable)?;
    let length = 2 * usize::from(u16::from_le_bytes(*count));
    let (text, rest) = rest.split_at_checked(length).ok_or(Unreadable)?;
    Ok((utf16(text), rest))
}

fn number(bytes: &[u8]) -> Result<(u32, &[u8]), Unreadable> {
    let (four, rest) = bytes.split_first_chunk().ok_or(Unreadable)?;
    Ok((u32::from_le_bytes(*four), rest))
}

/// Returns the characters of a paragraph with the words that its controls hold, without the controls
/// themselves: most take eight places.
fn characters(units: &[u16], words: Vec<Vec<u16>>) -> String {
    let mut plain = Vec::with_capacity(units.len());
    let mut words = words.into_iter();
    let mut at = 0;
    while let Some(unit) = units.get(at) {
        at += 1;
        match unit {
            0 | 10 | 13 | 25..=31 => plain.push(u16::from(b' ')),
            24 => plain.push(u16::from(b'-')),
            1..=23 => {
                match *unit {
                    9 => plain.push(u16::from(b' ')),
                    WORDS => plain.extend(words.next().unwrap_or_default()),
                    _ => {}
                }
                at += 7;
            }
            unit => plain.push(*unit),
        }
    }
    String::from_utf16_lossy(&plain)
}
