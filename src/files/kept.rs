//! A file as records state it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

use super::{Digest, FileKind};
use crate::kernel::ids::PartId;
use crate::kernel::values::Localized;

/// Which edition of a document a file is, which decides who may read it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Edition {
    /// The whole document, for everyone who sees the record, and for the staff and the parties alone
    /// once the document has a redacted copy.
    #[default]
    Full,
    /// The whole document, for the staff and the parties alone.
    Withheld,
    /// A redacted copy, for everyone who sees the record.
    Redacted,
}

/// File that the registry keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeptFile {
    /// Id of the file.
    pub id: PartId,
    /// Name under which the file is saved.
    #[schema(example = "업무협약서.pdf")]
    pub name: String,
    /// SHA-256 of the content, which is compared at each reading.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$",
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub sha256: Digest,
    /// Media type, determined by the content.
    #[schema(example = "application/pdf")]
    pub media_type: String,
    /// Size in bytes.
    #[schema(minimum = 1, example = 248_113)]
    pub bytes: u64,
    /// Which edition of the document it is.
    pub edition: Edition,
    /// Instant at which the file was added.
    pub added_at: DateTime<Utc>,
    /// Erasure of the content; null if it is kept.
    pub erased: Option<Erasure>,
}

/// File of a record that the registry keeps. Files of one document follow one another, or are its
/// editions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordFile {
    /// Id of the document to which the file belongs: that of its first file.
    pub document_id: PartId,
    #[serde(flatten)]
    pub file: KeptFile,
}

/// Returns the files of a document, in the order in which they were added.
pub fn of_document(
    files: &[RecordFile],
    document: PartId,
) -> impl Iterator<Item = &KeptFile> + Clone {
    let files = files.iter().filter(move |of| of.document_id == document);
    files.map(|of| &of.file)
}

/// Erasure of the content of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Erasure {
    /// Instant of the erasure.
    pub at: DateTime<Utc>,
    /// Reason for it.
    pub reason: Localized,
}

/// Maximum length of a name, in characters.
const MOST_NAME: usize = 150;

/// Returns the name under which a file is saved: the last part of a path, without characters that
/// cannot be seen, and with the suffix of its kind.
pub fn name_of(stated: Option<&str>, kind: FileKind) -> String {
    let last = stated.unwrap_or_default().rsplit(['/', '\\']).next();
    let seen = |c: &char| !c.is_control() && !is_invisible(*c);
    let name: String = last.unwrap_or_default().nfc().filter(seen).collect();
    let name = name.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let name: String = name.chars().take(MOST_NAME).collect();
    let name = match name.as_str() {
        "" => "file",
        name => name,
    };
    let suffix = name.rsplit_once('.').map(|(_, s)| s.to_ascii_lowercase());
    match suffix.is_some_and(|suffix| kind.has_suffix(&suffix)) {
        true => name.to_owned(),
        false => format!("{name}.{}", kind.suffix()),
    }
}

/// Returns true for characters that change how a name is shown, and are not shown themselves.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_names_nothing_but_the_file() {
        for (stated, name) in [
            (Some("업무협약서.pdf"), "업무협약서.pdf"),
            // As macOS sends it.
            (Some("\u{1112}\u{1167}\u{11b8}.PDF"), "협.PDF"),
            (Some("../../etc/passwd"), "passwd.pdf"),
            (Some("C:\\문서\\협약.hwp"), "협약.hwp.pdf"),
            (Some("a.exe"), "a.exe.pdf"),
            (Some("협약\u{202e}fdp.exe"), "협약fdp.exe.pdf"),
            (Some("a\r\nSet-Cookie: b\0.pdf"), "aSet-Cookie: b.pdf"),
            (Some(".. "), "file.pdf"),
            (Some("x/"), "file.pdf"),
            (None, "file.pdf"),
        ] {
            assert_eq!(name_of(stated, FileKind::Pdf), name, "{stated:?}");
        }
        assert_eq!(name_of(Some("a.jpeg"), FileKind::Jpeg), "a.jpeg");
        let long = name_of(Some(&"가".repeat(500)), FileKind::Pdf);
        assert_eq!(long.chars().count(), MOST_NAME + 4);
    }
}
