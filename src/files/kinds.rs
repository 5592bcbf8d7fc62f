//! Accepted kinds of files, told by their content: a name or a stated media type can say anything.

use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use zip::ZipArchive;

use crate::kernel::language::Message;

/// Kind of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Pdf,
    Hwp,
    Hwpx,
    Docx,
    Xlsx,
    Png,
    Jpeg,
    Gif,
    Webp,
    Tiff,
}

/// Kinds with their name, suffix and media type.
const KINDS: [(FileKind, &str, &str, &str); 10] = [
    (FileKind::Pdf, "PDF", "pdf", "application/pdf"),
    (FileKind::Hwp, "HWP", "hwp", "application/x-hwp"),
    // As the files themselves state it (KS X 6101).
    (FileKind::Hwpx, "HWPX", "hwpx", "application/hwp+zip"),
    (
        FileKind::Docx,
        "DOCX",
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (
        FileKind::Xlsx,
        "XLSX",
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    (FileKind::Png, "PNG", "png", "image/png"),
    (FileKind::Jpeg, "JPEG", "jpg", "image/jpeg"),
    (FileKind::Gif, "GIF", "gif", "image/gif"),
    (FileKind::Webp, "WebP", "webp", "image/webp"),
    (FileKind::Tiff, "TIFF", "tif", "image/tiff"),
];

/// Other suffixes that are usual for a kind.
const OTHER_SUFFIXES: [(FileKind, &str); 2] = [(FileKind::Jpeg, "jpeg"), (FileKind::Tiff, "tiff")];

/// Maximum number of parts of a packed file: their list is read into memory.
const MOST_PARTS: usize = 10_000;

/// The first bytes of each kind that they tell.
const MAGIC: [(&[u8], FileKind); 7] = [
    (b"%PDF-", FileKind::Pdf),
    (b"\x89PNG\r\n\x1a\n", FileKind::Png),
    (b"\xff\xd8\xff", FileKind::Jpeg),
    (b"GIF87a", FileKind::Gif),
    (b"GIF89a", FileKind::Gif),
    (b"II*\0", FileKind::Tiff),
    (b"MM\0*", FileKind::Tiff),
];

/// The first bytes of compound files (CFB), and of files packed as zip.
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
const PACKED: &[u8] = b"PK\x03\x04";

impl FileKind {
    fn row(self) -> &'static (Self, &'static str, &'static str, &'static str) {
        let found = KINDS.iter().find(|(kind, ..)| *kind == self);
        found.unwrap_or(&KINDS[0])
    }

    pub fn media_type(self) -> &'static str {
        self.row().3
    }

    pub fn is_image(self) -> bool {
        self.media_type().starts_with("image/")
    }

    /// Returns the suffix of names, without the dot.
    pub fn suffix(self) -> &'static str {
        self.row().2
    }

    /// Returns true if a suffix, in lower case, is usual for the kind.
    pub fn has_suffix(self, suffix: &str) -> bool {
        self.suffix() == suffix || OTHER_SUFFIXES.contains(&(self, suffix))
    }

    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.into_iter().map(|(kind, ..)| kind)
    }

    /// Returns the names of all kinds.
    pub fn names() -> String {
        KINDS.map(|(_, name, ..)| name).join(", ")
    }

    /// Returns the media types of all kinds.
    pub fn media_types() -> String {
        KINDS.map(|(.., kind)| kind).join(", ")
    }

    /// Determines the kind of a file; `None` if it is of no accepted kind.
    ///
    /// # Errors
    /// Fails if the file cannot be read.
    pub fn of(file: &mut (impl Read + Seek)) -> io::Result<Option<Self>> {
        file.rewind()?;
        let mut start = Vec::new();
        file.by_ref().take(16).read_to_end(&mut start)?;
        if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| start.starts_with(magic)) {
            return Ok(Some(*kind));
        }
        if start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WEBP") {
            return Ok(Some(Self::Webp));
        }
        if start.starts_with(COMPOUND) {
            return Ok(guarded(&mut || is_hwp(file).then_some(Self::Hwp)));
        }
        if start.starts_with(PACKED) && parts(file)? <= MOST_PARTS {
            return Ok(guarded(&mut || packed(file)));
        }
        Ok(None)
    }
}

/// Runs a reader that is not made for what attackers write.
fn guarded<T: Default>(read: &mut dyn FnMut() -> T) -> T {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_default()
}

/// Returns true if a password protects an Office document, which hides of what kind it is.
///
/// # Errors
/// Fails if the file cannot be read.
pub fn is_protected(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    file.rewind()?;
    let mut start = Vec::new();
    file.by_ref().take(8).read_to_end(&mut start)?;
    let mut is_stated = || {
        let compound = cfb::CompoundFile::open(&mut *file);
        compound.is_ok_and(|compound| compound.is_stream("/EncryptedPackage"))
    };
    Ok(start == COMPOUND && guarded(&mut is_stated))
}

/// Returns what is said of a file that is protected by a password.
pub fn protected() -> Message {
    Message::fixed(
        "암호가 걸린 파일입니다. 암호를 풀고 저장해 보내 주십시오.",
        "The file is protected by a password. Save it without one and send it again.",
    )
}

/// Returns true if a compound file is a document of Hangul 5.
fn is_hwp(file: &mut (impl Read + Seek)) -> bool {
    let signature = |file| -> io::Result<Vec<u8>> {
        let mut compound = cfb::CompoundFile::open(file)?;
        let mut signature = Vec::new();
        let header = compound.open_stream("/FileHeader")?;
        header.take(17).read_to_end(&mut signature)?;
        Ok(signature)
    };
    signature(file).is_ok_and(|found| found == b"HWP Document File")
}

/// Returns the number of parts that the end of a packed file states. With more than 65,534, it is
/// stated elsewhere.
fn parts(file: &mut (impl Read + Seek)) -> io::Result<usize> {
    const END: &[u8] = b"PK\x05\x06";
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(22 + 65_535)))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    let counts = end.windows(12).filter(|part| part.starts_with(END));
    let counts = counts.map(|part| usize::from(u16::from_le_bytes([part[10], part[11]])));
    Ok(counts.max().unwrap_or(usize::MAX))
}

/// Determines the kind of a packed file. A document with macros is of none.
fn packed(file: &mut (impl Read + Seek)) -> Option<FileKind> {
    let mut zip = ZipArchive::new(file).ok()?;
    let mut stated = Vec::new();
    if let Ok(part) = zip.by_name("mimetype") {
        part.take(64).read_to_end(&mut stated).ok()?;
    }
    let has = |name: &str| zip.index_for_name(name).is_some();
    let is_office = has("[Content_Types].xml");
    match () {
        () if stated.trim_ascii() == b"application/hwp+zip" => Some(FileKind::Hwpx),
        () if has("word/vbaProject.bin") || has("xl/vbaProject.bin") => None,
        () if is_office && has("word/document.xml") => Some(FileKind::Docx),
        () if is_office && has("xl/workbook.xml") => Some(FileKind::Xlsx),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn kind(bytes: &[u8]) -> Option<FileKind> {
        FileKind::of(&mut Cursor::new(bytes)).unwrap()
    }

    fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in parts {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn compound(stream: &str, content: &[u8]) -> Vec<u8> {
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        let mut header = file.create_stream(stream).unwrap();
        header.write_all(content).unwrap();
        drop(header);
        file.into_inner().into_inner()
    }

    #[test]
    fn the_content_tells_the_kind() {
        let types = ("[Content_Types].xml", "");
        for (bytes, expected) in [
            (b"%PDF-1.7\n".to_vec(), FileKind::Pdf),
            (b"\x89PNG\r\n\x1a\n....".to_vec(), FileKind::Png),
            (b"\xff\xd8\xff\xe0".to_vec(), FileKind::Jpeg),
            (b"GIF89a".to_vec(), FileKind::Gif),
            (b"RIFF\0\0\0\0WEBPVP8 ".to_vec(), FileKind::Webp),
            (b"MM\0*\0\0".to_vec(), FileKind::Tiff),
            (
                zipped(&[("mimetype", "application/hwp+zip")]),
                FileKind::Hwpx,
            ),
            (zipped(&[types, ("word/document.xml", "")]), FileKind::Docx),
            (zipped(&[types, ("xl/workbook.xml", "")]), FileKind::Xlsx),
            (
                compound(
                    "FileHeader",
                    &[&b"HWP Document File"[..], &[0; 239]].concat(),
                ),
                FileKind::Hwp,
            ),
        ] {
            assert_eq!(kind(&bytes), Some(expected));
        }
    }

    #[test]
    fn anything_else_has_no_kind() {
        let types = ("[Content_Types].xml", "");
        let macros = [
            types,
            ("word/document.xml", ""),
            ("word/vbaProject.bin", ""),
        ];
        for bytes in [
            Vec::new(),
            b"<html>%PDF-1.7".to_vec(),
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(),
            b"RIFF\0\0\0\0WAVE".to_vec(),
            b"PK\x03\x04".to_vec(),
            COMPOUND.to_vec(),
            zipped(&[("a.html", "")]),
            zipped(&macros),
            // Word 97, and a document that names its type in passing.
            compound("WordDocument", b"HWP Document File"),
            compound("FileHeader", b"HWP Document"),
        ] {
            assert_eq!(kind(&bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn a_password_hides_the_kind_of_an_office_document() {
        for (bytes, expected) in [
            (compound("EncryptedPackage", b"\x01\x02"), true),
            (compound("WordDocument", b"EncryptedPackage"), false),
            (COMPOUND.to_vec(), false),
            (b"EncryptedPackage".to_vec(), false),
        ] {
            assert_eq!(kind(&bytes), None);
            assert_eq!(is_protected(&mut Cursor::new(&bytes)).unwrap(), expected);
        }
    }

    #[test]
    fn damaged_documents_have_no_kind_and_do_no_harm() {
        let hwp = compound("FileHeader", b"HWP Document File");
        let hwpx = zipped(&[("mimetype", "application/hwp+zip")]);
        for whole in [hwp, hwpx] {
            for place in 8..whole.len().min(700) {
                let mut damaged = whole.clone();
                damaged[place] = !damaged[place];
                let _ = kind(&damaged);
                let _ = kind(&whole[..place]);
            }
        }
        // A list of parts that would fill the memory.
        let mut many = zipped(&[("mimetype", "application/hwp+zip")]);
        let count = many.len() - 12;
        many[count..count + 2].copy_from_slice(&[0xff, 0xff]);
        assert_eq!(kind(&many), None);
    }
}
