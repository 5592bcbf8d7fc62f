//! What calamine does not read of workbooks of Excel 97 ([MS-XLS]): which rows and columns are hidden, the
//! formats of numbers, which say how much of a day is known, and links.

use std::collections::HashMap;
use std::io::{Cursor, Read};
use std::panic::catch_unwind;

use super::MOST_COLUMNS;
use super::workbook::Hints;

/// Types of records.
const BEGIN: u16 = 0x0809;
const END: u16 = 0x000a;
const SHEET: u16 = 0x0085;
const FORMAT: u16 = 0x041e;
const EXTENDED_FORMAT: u16 = 0x00e0;
const ROW: u16 = 0x0208;
const COLUMNS: u16 = 0x007d;
const NUMBER: u16 = 0x0203;
const FORMULA: u16 = 0x0006;
const SHORT_NUMBER: u16 = 0x027e;
const SHORT_NUMBERS: u16 = 0x00bd;
const LINK: u16 = 0x01b8;

/// Parts of a link, by its flags ([MS-OSHARED] 2.3.7.1).
const LINK_HAS_TARGET: u16 = 0x01;
const LINK_HAS_NAME: u16 = 0x10;
const LINK_HAS_FRAME: u16 = 0x80;
const LINK_IS_TEXT: u16 = 0x100;
/// Class of an address as a target.
const URL_CLASS: [u8; 16] = [
    0xe0, 0xc9, 0xea, 0x79, 0xf9, 0xba, 0xce, 0x11, 0x8c, 0x82, 0x00, 0xaa, 0x00, 0x4b, 0xa9, 0x0b,
];

/// Version in the beginning of Excel 97 and later.
const EXCEL_97: u16 = 0x0600;

/// Properties of a workbook.
#[derive(Debug, Default)]
pub struct Properties {
    /// Its own formats, by their numbers.
    pub formats: HashMap<u16, String>,
    /// In the order of the workbook.
    pub sheets: Vec<SheetProperties>,
}

/// Properties of a sheet; rows and columns from 0.
#[derive(Debug, Default)]
pub struct SheetProperties {
    pub hints: Hints,
    /// The cells with one of the workbook's own formats, with its number.
    pub formats: HashMap<(usize, usize), u16>,
    /// The cells with links to addresses.
    pub links: Vec<((usize, usize), String)>,
}

/// Reads the properties of a workbook: none if it is damaged, or its compound file is.
pub fn properties(bytes: &[u8]) -> Properties {
    // The reader of compound files is not made for what attackers write.
    let stream = catch_unwind(|| stream(bytes)).ok().flatten();
    stream.map_or_else(Properties::default, |stream| of_workbook(&stream))
}

fn stream(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).ok()?;
    let mut names = ["/Workbook", "/Book"].into_iter();
    let name = names.find(|name| file.is_stream(name))?;
    let mut stream = Vec::new();
    let part = file.open_stream(name).ok()?;
    part.take(bytes.len() as u64)
        .read_to_end(&mut stream)
        .ok()?;
    Some(stream)
}

fn of_workbook(stream: &[u8]) -> Properties {
    let mut found = Properties::default();
    let (mut extended, mut places, mut is_97) = (Vec::new(), Vec::new(), true);
    for (kind, content) in Records(stream).take_while(|(kind, _)| *kind != END) {
        match kind {
            BEGIN => is_97 = number(content, 0) == Some(EXCEL_97),
            SHEET => places.extend(number(content, 0).zip(number(content, 2))),
            EXTENDED_FORMAT => extended.push(number(content, 2).unwrap_or_default()),
            FORMAT => {
                let format = number(content, 0).zip(code(content, is_97));
                found.formats.extend(format);
            }
            _ => {}
        }
    }
    let format = |cell: &[u8], at: usize| {
        let format = extended.get(usize::from(number(cell, at)?))?;
        found.formats.contains_key(format).then_some(*format)
    };
    let sheets = places.iter().map(|(low, high)| {
        let place = usize::from(*low) | usize::from(*high) << 16;
        of_sheet(stream.get(place..).unwrap_or_default(), format)
    });
    found.sheets = sheets.collect();
    found
}

/// Reads the properties of a sheet; `format` returns that of a cell by the place of its number.
fn of_sheet(stream: &[u8], format: impl Fn(&[u8], usize) -> Option<u16>) -> SheetProperties {
    let (mut found, mut depth) = (SheetProperties::default(), 0);
    for (kind, content) in Records(stream) {
        match kind {
            // Charts stand within.
            BEGIN => depth += 1,
            END if depth <= 1 => break,
            END => depth -= 1,
            ROW if has(content, 12, 0x20) => {
                found
                    .hints
                    .hidden_rows
                    .extend(number(content, 0).map(usize::from));
            }
            COLUMNS if has(content, 8, 1) || number(content, 4) == Some(0) => {
                let ends = number(content, 0).zip(number(content, 2));
                let ends = ends.map(|(first, last)| [first, last].map(usize::from));
                let columns = ends.map(|[first, last]| first..(last + 1).min(MOST_COLUMNS));
                found
                    .hints
                    .hidden_columns
                    .extend(columns.into_iter().flatten());
            }
            NUMBER | FORMULA | SHORT_NUMBER => {
                let place = number(content, 0).zip(number(content, 2));
                let place = place.map(|(row, column)| (row.into(), column.into()));
                found.formats.extend(place.zip(format(content, 4)));
            }
            LINK => {
                let place = number(content, 0).zip(number(content, 4));
                let place = place.map(|(row, column)| (row.into(), column.into()));
                found.links.extend(place.zip(address(content)));
            }
            SHORT_NUMBERS => {
                let first = number(content, 0).zip(number(content, 2));
                let Some((row, first)) = first else { continue };
                // Each has its format and four bytes; the last column follows.
                for (at, column) in (4..content.len().saturating_sub(2)).step_by(6).zip(first..) {
                    let place = (row.into(), column.into());
                    found
                        .formats
                        .extend(format(content, at).map(|format| (place, format)));
                }
            }
            _ => {}
        }
    }
    found
}

/// Returns the address of a link ([MS-XLS] 2.4.140); `None` for one to a file or a place of the workbook.
fn address(content: &[u8]) -> Option<String> {
    // Four places of two bytes, the class, and the version stand before the flags.
    let flags = number(content, 28)?;
    let mut rest = content.get(32..)?;
    for part in [LINK_HAS_NAME, LINK_HAS_FRAME] {
        if flags & part != 0 {
            rest = counted(rest, 2)?.1;
        }
    }
    if flags & LINK_HAS_TARGET == 0 {
        return None;
    }
    let address = match flags & LINK_IS_TEXT {
        0 => counted(rest.strip_prefix(&URL_CLASS)?, 1)?.0,
        _ => counted(rest, 2)?.0,
    };
    let units = address.chunks_exact(2);
    let units = units.map(|two| u16::from_le_bytes([two[0], two[1]]));
    let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
    String::from_utf16(&units).ok()
}

/// Splits a text off that begins with its length, in units of so many bytes.
fn counted(bytes: &[u8], width: usize) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    rest.split_at_checked(length.checked_mul(width)?)
}

/// Returns the code of a format; `None` if its letters cannot be told.
fn code(content: &[u8], is_97: bool) -> Option<String> {
    if !is_97 {
        let text = content.get(3..3 + usize::from(*content.get(2)?))?;
        return String::from_utf8(text.to_vec()).ok();
    }
    let (count, text) = (usize::from(number(content, 2)?), content.get(5..)?);
    if content[4] & 1 == 0 {
        let text = text.get(..count)?.iter();
        return Some(text.map(|byte| char::from(*byte)).collect());
    }
    let units = text.get(..count * 2)?.chunks_exact(2);
    let units = units.map(|two| u16::from_le_bytes([two[0], two[1]]));
    String::from_utf16(&units.collect::<Vec<u16>>()).ok()
}

fn number(content: &[u8], at: usize) -> Option<u16> {
    let two = content.get(at..at + 2)?;
    Some(u16::from_le_bytes([two[0], two[1]]))
}

fn has(content: &[u8], at: usize, flag: u16) -> bool {
    number(content, at).is_some_and(|flags| flags & flag != 0)
}

/// The records of a stream: their types and contents.
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (kind, length) = (number(self.0, 0)?, number(self.0, 2)?);
        let (content, rest) = self.0[4..].split_at_checked(length.into())?;
        self.0 = rest;
        Some((kind, content))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::{Limits, read};
    use super::*;
    use crate::imports::book::Cell;

    fn record(kind: u16, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).unwrap();
        [&kind.to_le_bytes()[..], &length.to_le_bytes(), content].concat()
    }

    fn words(all: &[u16]) -> Vec<u8> {
        all.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    fn begin(kind: u16) -> Vec<u8> {
        record(BEGIN, &words(&[EXCEL_97, kind, 0, 1997, 0, 0, 6, 0]))
    }

    /// A workbook whose second row and column are hidden. Days are numbers with a format.
    fn workbook(format: &str) -> Vec<u8> {
        let mut code = words(&[164, u16::try_from(format.len()).unwrap()]);
        code.push(0);
        code.extend(format.as_bytes());
        let extended = |format: u16| {
            record(
                EXTENDED_FORMAT,
                &[words(&[0, format]), vec![0; 16]].concat(),
            )
        };
        let name = [&[0, 0, 1, 0][..], b"A"].concat();
        let globals = |place: u32| {
            let sheet = [&place.to_le_bytes()[..], &name].concat();
            [
                begin(5),
                record(FORMAT, &code),
                extended(0),
                extended(164),
                record(SHEET, &sheet),
                record(END, &[]),
            ]
            .concat()
        };
        let number = |row: u16, column: u16, format: u16| {
            let value = 44_621.0_f64.to_le_bytes();
            record(
                NUMBER,
                &[&words(&[row, column, format])[..], &value].concat(),
            )
        };
        let sheet = [
            begin(16),
            record(COLUMNS, &words(&[1, 1, 2000, 0, 1, 0])),
            record(ROW, &words(&[0, 0, 2, 300, 0, 0, 0, 0])),
            record(ROW, &words(&[1, 0, 2, 300, 0, 0, 0x20, 0])),
            number(0, 0, 0),
            number(0, 1, 1),
            number(1, 0, 1),
            record(END, &[]),
        ];
        let place = u32::try_from(globals(0).len()).unwrap();
        let stream = [globals(place), sheet.concat()].concat();
        let mut file =
            cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new()))
                .unwrap();
        file.create_stream("/Workbook")
            .unwrap()
            .write_all(&stream)
            .unwrap();
        file.flush().unwrap();
        file.into_inner().into_inner()
    }

    fn sheet(format: &str) -> crate::imports::book::Sheet {
        let limits = Limits {
            unpacked: 1_000_000,
        };
        read(&workbook(format), "", limits)
            .unwrap()
            .sheets
            .remove(0)
    }

    #[test]
    fn hidden_rows_and_columns_are_told() {
        let sheet = sheet("yyyy-mm-dd");
        assert_eq!(
            (sheet.hidden_rows, sheet.hidden_columns),
            (vec![1], vec![1])
        );
    }

    /// `2022.3` is no day.
    #[test]
    fn formats_say_how_much_of_a_day_is_known() {
        for (format, date) in [
            ("yyyy-mm-dd", "2022-03-01"),
            ("yyyy.m", "2022-03"),
            ("yyyy", "2022"),
        ] {
            let sheet = sheet(format);
            let date = Cell::Date {
                date: date.to_owned(),
            };
            assert_eq!(
                (sheet.cell(0, 1), sheet.cell(1, 0)),
                (&date, &date),
                "{format}"
            );
            assert_eq!(sheet.cell(0, 0), &Cell::Number(44_621.0));
        }
    }

    /// Links with a name and a frame or without, as an address and as a text.
    #[test]
    fn links_lead_to_addresses() {
        let utf16 = |text: &str| -> Vec<u8> {
            let units = text.encode_utf16().chain([0]);
            units.flat_map(u16::to_le_bytes).collect()
        };
        let sized = |length: usize| u32::try_from(length).unwrap().to_le_bytes();
        let link = |flags: u16, parts: &[Vec<u8>]| {
            let places = words(&[3, 3, 2, 2]);
            let head = [places, vec![0; 16], words(&[2, 0, flags, 0])].concat();
            [head, parts.concat()].concat()
        };
        let text = |text: &str| {
            let bytes = utf16(text);
            [&sized(bytes.len() / 2)[..], &bytes].concat()
        };
        let url = |text: &str| {
            let bytes = utf16(text);
            [&URL_CLASS[..], &sized(bytes.len()), &bytes].concat()
        };
        let page = "https://city.example/협약";
        let plain = link(LINK_HAS_TARGET, &[url(page)]);
        let named = link(
            LINK_HAS_TARGET | LINK_HAS_NAME | LINK_HAS_FRAME,
            &[text("보도자료"), text("_blank"), url(page)],
        );
        let as_text = link(LINK_HAS_TARGET | LINK_IS_TEXT, &[text(page)]);
        for content in [&plain, &named, &as_text] {
            assert_eq!(address(content).as_deref(), Some(page));
            for end in 0..content.len() {
                assert_eq!(address(&content[..end]), None, "{end}");
            }
        }
        // To a place of the workbook, and to a file.
        assert_eq!(address(&link(8, &[text("Sheet1!A1")])), None);
        assert_eq!(address(&link(LINK_HAS_TARGET, &[vec![3; 40]])), None);
        let sheet = [record(LINK, &plain), record(END, &[])].concat();
        let links = of_sheet(&sheet, |_, _| None).links;
        assert_eq!(links, [((3, 2), page.to_owned())]);
    }

    #[test]
    fn what_is_damaged_has_no_properties() {
        let whole = workbook("yyyy");
        for length in [0, 100, 512, 1_000, whole.len() - 1] {
            let _ = properties(&whole[..length.min(whole.len())]);
        }
        for place in (0..whole.len()).step_by(7) {
            let mut damaged = whole.clone();
            damaged[place] = !damaged[place];
            let _ = properties(&damaged);
        }
    }
}
