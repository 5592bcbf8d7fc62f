//! PDF documents, read by `unpdf`.

use unpdf::Unpdf;

use super::{Text, Unreadable};

/// Share of a page that images cover from which a page with little text is a scan.
const SCAN: f32 = 0.5;
/// Number of painted characters up to which a page has little text, such as a stamp or its number.
const FEW: u32 = 40;

/// Reads the pages of a document.
pub fn read(bytes: &[u8], out: &mut Text) -> Result<(), Unreadable> {
    let read = Unpdf::new().lenient().sequential().parse_bytes(bytes);
    let read = read.map_err(|_| Unreadable)?;
    if read.document().pages.is_empty() {
        return Err(Unreadable);
    }
    let (mut scans, mut with_text) = (false, false);
    for page in &read.document().pages {
        let is_scan = page.image_coverage >= SCAN && page.painted_text_chars <= FEW;
        scans |= is_scan;
        with_text |= !is_scan && page.text_op_count > 0;
        let loses = page.ocr_text_suppressed
            || page.suppressed_text_runs > 0
            || page.undecodable_content_streams > 0
            || page.undecoded_text_codes > 0
            // The letters of a scan, as a machine took them to be.
            || is_scan && page.invisible_text_chars > 0;
        if loses {
            out.lacks_some();
        }
        out.page(page.number, &page.plain_text());
    }
    // Of a document that is all scans, nothing is expected.
    if scans && with_text {
        out.lacks_some();
    }
    Ok(())
}
