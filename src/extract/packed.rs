//! Documents packed as zip: HWPX and DOCX.

use std::io::Cursor;

use zip::ZipArchive;

use super::{Text, Unreadable, unpacked, xml};

type Zip<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Reads the sections of an HWPX document.
pub fn hwpx(bytes: &[u8], out: &mut Text) -> Result<(), Unreadable> {
    let mut zip = open(bytes)?;
    let mut sections: Vec<(u32, String)> = names(&zip, "Contents/section");
    sections.sort();
    if sections.is_empty() {
        return Err(Unreadable);
    }
    // A protected document states how its parts are encrypted.
    let manifest = part(&mut zip, "META-INF/manifest.xml").unwrap_or_default();
    if manifest.contains("encryption-data") {
        out.needs_password();
        return preview(&mut zip, out);
    }
    for (_, name) in sections {
        xml::read(&part(&mut zip, &name)?, &xml::HWPX, out)?;
        out.end_passage();
    }
    Ok(())
}

/// Reads the beginning of the text, which a protected document has in plain.
fn preview(zip: &mut Zip<'_>, out: &mut Text) -> Result<(), Unreadable> {
    out.lacks_some();
    let text = part(zip, "Preview/PrvText.txt")?;
    text.lines().for_each(|line| out.paragraph(line));
    Ok(())
}

/// Reads a DOCX document with its notes, headers and footers.
pub fn docx(bytes: &[u8], out: &mut Text) -> Result<(), Unreadable> {
    let mut zip = open(bytes)?;
    let mut parts = vec!["word/document.xml".to_owned()];
    for of_a_kind in [
        "word/footnotes",
        "word/endnotes",
        "word/header",
        "word/footer",
    ] {
        let mut found = names(&zip, of_a_kind);
        found.sort();
        parts.extend(found.into_iter().map(|(_, name)| name));
    }
    for name in parts {
        xml::read(&part(&mut zip, &name)?, &xml::DOCX, out)?;
        out.end_passage();
    }
    Ok(())
}

fn open(bytes: &[u8]) -> Result<Zip<'_>, Unreadable> {
    ZipArchive::new(Cursor::new(bytes)).map_err(|_| Unreadable)
}

/// Returns the parts whose name is a beginning with a number, or with nothing, and `.xml`.
fn names(zip: &Zip<'_>, begin: &str) -> Vec<(u32, String)> {
    let names = zip.file_names().flatten();
    let numbered = names.filter_map(|name| {
        let number = name.strip_prefix(begin)?.strip_suffix(".xml")?;
        let number = match number {
            "" => 0,
            number => number.parse().ok()?,
        };
        Some((number, name.to_string()))
    });
    numbered.collect()
}

fn part(zip: &mut Zip<'_>, name: &str) -> Result<String, Unreadable> {
    let part = zip.by_name(name).map_err(|_| Unreadable)?;
    let text = String::from_utf8(unpacked(part)?).map_err(|_| Unreadable)?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}
