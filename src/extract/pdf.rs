//! PDF documents, read by `unpdf`.

use unpdf::parser::backend::RawBackend;
use unpdf::parser::{LayoutAnalyzer, TextLine};
use unpdf::{Error, Unpdf};

use super::{Text, Unreadable};

/// Share of a page that images cover from which a page with little text is a scan.
const SCAN: f32 = 0.5;
/// Number of painted characters up to which a page has little text, such as a stamp or its number.
const FEW: u32 = 40;

/// The dot that `unpdf` has in place of any sign before an item, such as `②`.
const DOT: &str = "• ";

/// Reads the pages of a document.
pub fn read(bytes: &[u8], out: &mut Text) -> Result<(), Unreadable> {
    let read = Unpdf::new().lenient().sequential().parse_bytes(bytes);
    let read = read.map_err(|error| {
        if matches!(error, Error::Encrypted | Error::InvalidPassword) {
            out.needs_password();
        }
        Unreadable
    })?;
    if read.document().pages.is_empty() {
        return Err(Unreadable);
    }
    let (mut scans, mut with_text) = (false, false);
    // Read once more where the signs before items are wanted.
    let raw = std::cell::LazyCell::new(|| RawBackend::load_bytes(bytes).ok());
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
        let text = page.plain_text();
        let has_items = text.lines().any(|line| line.starts_with(DOT));
        let signs = match raw.as_ref().filter(|_| has_items) {
            Some(raw) => signs(raw, page.number),
            None => Vec::new(),
        };
        out.page(page.number, &with_signs(&text, signs));
    }
    // Of a document that is all scans, nothing is expected.
    if scans && with_text {
        out.lacks_some();
    }
    Ok(())
}

/// Returns the lines of a page that begin with a sign, each as the sign and the rest without white space.
fn signs(raw: &RawBackend, page: u32) -> Vec<(char, String)> {
    let analyzer = LayoutAnalyzer::new(raw);
    let spans = analyzer.extract_page_spans(page).unwrap_or_default();
    let lines = analyzer.group_spans_into_lines_pub(spans);
    let signed = lines.iter().map(TextLine::text).filter_map(|line| {
        let mut letters = line.chars().filter(|c| !c.is_whitespace());
        let sign = letters.next()?;
        let is_sign = !sign.is_alphabetic() && !sign.is_ascii_digit();
        Some((sign, letters.collect()))
            .filter(|(_, rest): &(char, String)| is_sign && !rest.is_empty())
    });
    signed.collect()
}

/// Puts the signs of lines back before the items of a text.
fn with_signs(text: &str, mut signs: Vec<(char, String)>) -> String {
    let line = |line: &str| {
        let Some(item) = line.strip_prefix(DOT) else {
            return line.to_owned();
        };
        let bare: String = item.chars().filter(|c| !c.is_whitespace()).collect();
        let found = signs.iter().position(|(_, rest)| bare.starts_with(rest));
        let sign = found.map(|at| signs.remove(at).0);
        sign.map_or_else(|| line.to_owned(), |sign| format!("{sign} {item}"))
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}
