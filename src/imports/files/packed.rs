//! Files packed as zip: XLSX and ODS. All is unpacked once within the limit before it is read, since
//! a small file can hold gigabytes.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;
use zip::result::ZipError;

use super::super::book::{Book, place};
use super::workbook::Hints;
use super::{FileProblem, Limits, MOST_COLUMNS, open_document, workbook};

/// Reads a file.
///
/// # Errors
/// [`FileProblem`]
pub fn read(bytes: &[u8], declared: &str, limits: Limits) -> Result<Book, FileProblem> {
    let Ok(mut zip) = ZipArchive::new(Cursor::new(bytes)) else {
        let kind = match declared {
            _ if declared.contains("opendocument") => "ODS",
            _ if declared.contains("openxml") => "XLSX",
            _ => "ZIP",
        };
        return Err(FileProblem::Damaged(kind));
    };
    let mut parts = unpack(&mut zip, limits)?;
    let kind = kind(&parts);
    match kind {
        Kind::Workbook if declared.contains("opendocument") => {
            Err(FileProblem::Contradiction("XLSX"))
        }
        Kind::OpenDocument if declared.contains("openxmlformats") => {
            Err(FileProblem::Contradiction("ODS"))
        }
        Kind::Workbook => workbook::xlsx(bytes, &hints(&parts)),
        Kind::OpenDocument => {
            let content = parts.remove("content.xml").unwrap_or_default();
            open_document::read(&content, limits)
        }
        Kind::Damaged(name) => Err(FileProblem::Damaged(name)),
        Kind::Encrypted => Err(FileProblem::Encrypted),
        Kind::Other(name) => Err(FileProblem::NoTable(name)),
    }
}

type Parts = BTreeMap<String, Vec<u8>>;

/// Unpacks every part that can hold something to read, and counts the others.
fn unpack(zip: &mut ZipArchive<Cursor<&[u8]>>, limits: Limits) -> Result<Parts, FileProblem> {
    let mut parts = Parts::new();
    let mut left = limits.unpacked;
    for i in 0..zip.len() {
        let part = zip.by_index(i).map_err(|error| match error {
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => FileProblem::Encrypted,
            _ => FileProblem::Damaged("ZIP"),
        })?;
        let name = part.name().map_err(|_| FileProblem::Damaged("ZIP"))?;
        let name = name.trim_start_matches('/').to_owned();
        let mut content = Vec::new();
        let read = part.take(left + 1).read_to_end(&mut content);
        let read = read.map_err(|_| FileProblem::Damaged("ZIP"))? as u64;
        left = left
            .checked_sub(read)
            .ok_or(FileProblem::TooLarge(limits.unpacked))?;
        if !name.starts_with("xl/media/") && !name.starts_with("Pictures/") {
            parts.insert(name, content);
        }
    }
    Ok(parts)
}

enum Kind {
    Workbook,
    OpenDocument,
    Encrypted,
    Damaged(&'static str),
    Other(&'static str),
}

fn kind(parts: &Parts) -> Kind {
    let has = |name: &str| parts.contains_key(name);
    let mimetype = parts.get("mimetype").map(Vec::as_slice).unwrap_or_default();
    let is = |part: &str| String::from_utf8_lossy(mimetype).contains(part);
    let encrypted = parts
        .get("META-INF/manifest.xml")
        .is_some_and(|m| contains(m, b"encryption-data"));
    match () {
        () if has("xl/workbook.bin") => Kind::Other("XLSB"),
        () if parts
            .keys()
            .any(|name| name.eq_ignore_ascii_case("xl/workbook.xml")) =>
        {
            Kind::Workbook
        }
        () if is("hwp") => Kind::Other("HWPX"),
        () if encrypted => Kind::Encrypted,
        () if is("opendocument.spreadsheet") && has("content.xml") => Kind::OpenDocument,
        () if is("opendocument.spreadsheet") => Kind::Damaged("ODS"),
        () if is("opendocument.text") => Kind::Other("ODT"),
        () if has("word/document.xml") => Kind::Other("DOCX"),
        () if has("ppt/presentation.xml") => Kind::Other("PPTX"),
        () if has("[Content_Types].xml") => Kind::Damaged("XLSX"),
        () => Kind::Other("ZIP"),
    }
}

pub(super) fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|part| part == wanted)
}

/// Returns an attribute by its local name, with entities resolved.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    element.attributes().flatten().find_map(|attribute| {
        let found = attribute.key.local_name().as_ref() == name;
        found.then(|| unescaped(&attribute.value))
    })
}

/// Resolves the entities of XML.
pub(super) fn unescaped(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

/// Returns the hidden rows and columns and the formulas without a value of each sheet, which calamine does not
/// read.
fn hints(parts: &Parts) -> BTreeMap<String, Hints> {
    let paths = sheet_paths(parts);
    let found = paths.into_iter().filter_map(|(name, path)| {
        let sheet = parts.get(&path)?;
        Some((name, hints_of(sheet)))
    });
    found.collect()
}

/// Returns the name of each sheet with the path of its part.
fn sheet_paths(parts: &Parts) -> Vec<(String, String)> {
    let part = |name: &str| {
        let found = parts.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map_or("", |(_, text)| std::str::from_utf8(text).unwrap_or(""))
    };
    let (mut names, mut targets) = (Vec::new(), BTreeMap::new());
    elements(part("xl/workbook.xml"), |element| {
        if element.local_name().as_ref() == "sheet" {
            names.extend(attribute(element, "name").zip(attribute(element, "id")));
        }
    });
    elements(part("xl/_rels/workbook.xml.rels"), |element| {
        targets.extend(attribute(element, "Id").zip(attribute(element, "Target")));
    });
    let path = |target: &String| match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("xl/{}", target.trim_start_matches("./")),
    };
    names
        .into_iter()
        .filter_map(|(name, id)| Some((name, path(targets.get(&id)?))))
        .collect()
}

/// Calls `each` for every element of an XML text.
fn elements(text: &str, mut each: impl FnMut(&BytesStart<'_>)) {
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Start(element) | Event::Empty(element)) => each(&element),
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

/// Returns the columns that an element hides, by its mark or by a width of nothing.
fn hidden_columns(element: &BytesStart<'_>) -> std::ops::Range<usize> {
    let number = |name| attribute(element, name).and_then(|text| text.parse::<usize>().ok());
    let is = |name: &str, values: &[&str]| {
        attribute(element, name).is_some_and(|value| values.contains(&value.as_str()))
    };
    let is_hidden = is("hidden", &["1", "true"]) || is("width", &["0"]);
    let first = number("min").and_then(|n| n.checked_sub(1));
    match first.zip(number("max")).filter(|_| is_hidden) {
        Some((first, last)) => first..last.min(MOST_COLUMNS),
        None => 0..0,
    }
}

fn hints_of(sheet: &[u8]) -> Hints {
    let mut hints = Hints {
        has_links: contains(sheet, b"hyperlink "),
        ..Hints::default()
    };
    // Most sheets have neither, and need not be read twice.
    let marks: [&[u8]; 5] = [b"hidden=", b"width=\"0\"", b"<v></v>", b"<v/>", b"</f></c>"];
    if !marks.iter().any(|mark| contains(sheet, mark)) {
        return hints;
    }
    let Ok(text) = std::str::from_utf8(sheet) else {
        return hints;
    };
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut cell, mut has_formula, mut in_value, mut has_value) = (None, false, false, false);
    loop {
        match reader.read_event() {
            Ok(Event::Start(e) | Event::Empty(e)) => match e.local_name().as_ref() {
                "row" => {
                    let number = attribute(&e, "r").and_then(|r| r.parse::<usize>().ok());
                    if attribute(&e, "hidden").is_some_and(|h| h == "1" || h == "true") {
                        hints
                            .hidden_rows
                            .extend(number.and_then(|n| n.checked_sub(1)));
                    }
                }
                "col" => hints.hidden_columns.extend(hidden_columns(&e)),
                "c" => {
                    cell = attribute(&e, "r").and_then(|r| place(&r));
                    (has_formula, in_value, has_value) = (false, false, false);
                }
                "f" => has_formula = true,
                "v" => in_value = true,
                _ => {}
            },
            Ok(Event::Text(_) | Event::CData(_)) if in_value => has_value = true,
            Ok(Event::End(e)) => match e.local_name().as_ref() {
                "v" => in_value = false,
                "c" if has_formula && !has_value => hints.formulas.extend(cell.take()),
                _ => {}
            },
            Ok(Event::Eof) | Err(_) => return hints,
            Ok(_) => {}
        }
    }
}
