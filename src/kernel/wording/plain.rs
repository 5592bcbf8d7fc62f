//! Texts in the form in which they are read: one kind of digits, spaces, dashes, tildes and
//! apostrophes.

use unicode_normalization::UnicodeNormalization;

/// Returns a text in NFKC with plain signs, and without what is not seen. Line breaks stay.
pub fn normal(text: &str) -> String {
    // Signs first: NFKC would take that of a tilde apart.
    signs(text).nfkc().collect()
}

/// Returns a text with plain signs whose letters stay as they are written, such as ㈜.
pub fn soft(text: &str) -> String {
    let plain = |c: char| match c {
        '\u{a0}' | '\u{3000}' | '\u{2002}'..='\u{200a}' | '\u{202f}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    };
    signs(text).chars().map(plain).nfc().collect()
}

fn signs(text: &str) -> String {
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
    signs.collect()
}

/// Returns whether a text in normal form holds nothing but white space and dashes.
pub fn is_blank(plain: &str) -> bool {
    let text = plain.trim();
    text.chars().all(|c| c == '-' || c.is_whitespace()) || matches!(text, "." | "·" | "N/A" | "n/a")
}

/// Returns the text outside brackets, and what each pair of brackets holds.
pub(super) fn brackets(text: &str) -> (String, Vec<String>) {
    let (mut outside, mut inside) = (String::with_capacity(text.len()), Vec::new());
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '(' | '[' | '【' | '「' | '<' => {
                if depth == 0 {
                    inside.push(String::new());
                    outside.push(' ');
                } else if let Some(last) = inside.last_mut() {
                    last.push(c);
                }
                depth += 1;
            }
            ')' | ']' | '】' | '」' | '>' if depth > 0 => {
                depth -= 1;
                if depth > 0
                    && let Some(last) = inside.last_mut()
                {
                    last.push(c);
                }
            }
            _ if depth == 0 => outside.push(c),
            _ => {
                if let Some(last) = inside.last_mut() {
                    last.push(c);
                }
            }
        }
    }
    (outside, inside)
}
