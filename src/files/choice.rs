//! Which file of a document a caller reads.

use super::{Edition, KeptFile};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::PartId;

/// The file that a request asks for.
#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    /// The newest that the caller may read.
    Newest,
    One(PartId),
}

/// Returns true if everyone who sees the record reads a file: no withheld one, and no whole document
/// beside a redacted copy, even an erased one.
pub fn is_open<'a>(mut of_document: impl Iterator<Item = &'a KeptFile>, file: &KeptFile) -> bool {
    let is_copy = |file: &KeptFile| file.edition == Edition::Redacted;
    match file.edition {
        Edition::Redacted => true,
        Edition::Full => !of_document.any(is_copy),
        Edition::Withheld => false,
    }
}

/// Chooses among the files of a document, in the order in which they were added. What is withheld, and
/// the whole document beside a redacted copy, is for callers inside: the staff and the parties. The
/// newest is the newest whole document for them, and the newest redacted copy for others.
///
/// # Errors
/// `not_found`, also if the content was erased.
pub fn choose<'a>(
    files: impl Iterator<Item = &'a KeptFile>,
    wanted: Wanted,
    is_inside: bool,
) -> Result<&'a KeptFile, ApiError> {
    let all: Vec<&KeptFile> = files.collect();
    let is_copy = |file: &KeptFile| file.edition == Edition::Redacted;
    let mut readable = all.clone();
    readable.retain(|file| is_inside || is_open(all.iter().copied(), file));
    if let Wanted::One(id) = wanted {
        readable.retain(|file| file.id == id);
    }
    let was_there = !readable.is_empty();
    readable.retain(|file| file.erased.is_none());
    // The sort is stable: the newest comes last among the same.
    readable.sort_by_key(|file| is_copy(file) != is_inside);
    readable.pop().ok_or_else(|| match was_there {
        true => erased(),
        false => ApiError::not_found(),
    })
}

fn erased() -> ApiError {
    ApiError::with(
        Code::NotFound,
        "파일의 내용이 삭제되었습니다. 사유는 문서의 files에 있습니다.",
        "The content of the file was erased; the reason stands in `files` of the document.",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn file(n: u128, edition: &str, erased: bool) -> KeptFile {
        let at = "2026-11-28T00:00:00Z";
        let erased = erased.then(|| json!({"at": at, "reason": {"ko": "가", "en": null}}));
        let file = json!({"id": Uuid::from_u128(n), "name": "a.pdf", "sha256": "0a".repeat(32),
            "media_type": "application/pdf", "bytes": 1, "edition": edition, "added_at": at, "erased": erased});
        serde_json::from_value(file).unwrap()
    }

    /// The numbers of the newest file for callers inside and for others; 0 for none.
    fn newest(files: &[KeptFile]) -> (u128, u128) {
        let of = |is_inside| {
            let chosen = choose(files.iter(), Wanted::Newest, is_inside);
            chosen.map_or(0, |file| Uuid::from(file.id).as_u128())
        };
        (of(true), of(false))
    }

    #[test]
    fn the_edition_decides_who_reads_a_file() {
        let (full, withheld) = (file(1, "full", false), file(2, "withheld", false));
        let (copy, erased_copy) = (file(3, "redacted", false), file(4, "redacted", true));
        let later = file(5, "full", false);
        for (files, expected) in [
            (vec![], (0, 0)),
            (vec![&full], (1, 1)),
            (vec![&withheld], (2, 0)),
            (vec![&full, &withheld], (2, 1)),
            (vec![&full, &copy], (1, 3)),
            (vec![&full, &copy, &later], (5, 3)),
            (vec![&copy], (3, 3)),
            (vec![&full, &erased_copy], (1, 0)),
            (vec![&full, &copy, &erased_copy], (1, 3)),
        ] {
            let files: Vec<KeptFile> = files.into_iter().cloned().collect();
            assert_eq!(newest(&files), expected, "{files:?}");
        }
    }

    #[test]
    fn one_is_read_by_the_same_rule() {
        let files = [file(1, "full", false), file(3, "redacted", true)];
        let one = |id, is_inside| {
            let wanted = Wanted::One(Uuid::from_u128(id).into());
            let chosen = choose(files.iter(), wanted, is_inside);
            chosen.map(drop).map_err(|error| error.detail.is_some())
        };
        assert_eq!((one(1, true), one(1, false)), (Ok(()), Err(false)));
        // Erased content is gone for everyone, and says so to those who could read it.
        assert_eq!((one(3, true), one(3, false)), (Err(true), Err(true)));
        assert_eq!(one(9, true), Err(false));
    }
}
