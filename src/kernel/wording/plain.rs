//! Texts in the form in which they are read: one kind of digits, spaces, dashes, tildes and
//! apostrophes.

use unicode_normalization::UnicodeNormalization;

/// Returns a text in NFKC with plain signs, and without what is not seen. Line breaks stay.
pub fn normal(text: &str) -> String {
    let signs = text.chars().filter_map(|c| {
        Some(match c {
            '\u{ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fe00}'..='\u{fe0f}' => return None,
            '\u{2dc}' | '\u{223c}' | '\u{223d}' | '\u{301c}' | '\u{3030}' | '\u{2053}'
            | '\u{ff5e}' => '~',
            '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{b4}' | '\u{60}' | '\u{2032}'
            | '\u{ff07}' | '\u{2bc}' => '\'',
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ff0d}' | '\u{fe63}' | '\u{2500}' => '-',
            '\u{3002}' | '\u{ff0e}' | '\u{2024}' => '.',
            '\u{318d}' | '\u{30fb}' | '\u{ff65}' | '\u{2022}' | '\u{2219}' | '\u{22c5}'
            | '\u{2027}' => '·',
            '\t' | '\u{b}' | '\u{c}' | '\r' => ' ',
            '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
            c => c,
        })
    });
    // Separate from the next step, which would take the sign of a tilde apart.
    let signs: String = signs.collect();
    signs.nfkc().collect()
}

/// Returns whether a text in normal form holds nothing but white space and dashes.
pub fn is_blank(plain: &str) -> bool {
    let text = plain.trim();
    text.chars().all(|c| c == '-' || c.is_whitespace()) || matches!(text, "." | "·" | "N/A" | "n/a")
}
