//! Texts in the form in which they are compared: in names that look alike, in the search, and in
//! every filter `q`.

use serde::{Deserialize, Deserializer};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use super::hanja;

/// Returns the form in which texts are compared: NFKC in lower case, without invisible characters,
/// each hanja as its reading, and each letter that is used as a middle dot as one.
pub fn fold(text: &str) -> String {
    let plain = plain(text);
    match is_nfkc_quick(plain.chars()) {
        // Nearly every text is: to normalize it again takes longer than to see that.
        IsNormalized::Yes => hanja::read(plain.chars().flat_map(char::to_lowercase)),
        _ => hanja::read(plain.nfkc().flat_map(char::to_lowercase)),
    }
}

/// Returns the [folded](fold) letters and digits of a text. Korean words may be written together or
/// apart (한글 맞춤법 제49항, 제50항), and lists join them with a middle dot or nothing.
pub fn squeeze(text: &str) -> String {
    let mut folded = fold(text);
    folded.retain(is_word);
    folded
}

/// Returns a text without what is not seen: invisible characters, and blanks around it or beside others.
pub fn tidy(text: &str) -> String {
    let seen: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns a number such as that of an agreement in the form in which two are compared: NFKC, [tidied](tidy).
pub fn number(text: &str) -> String {
    tidy(&text.nfkc().collect::<String>())
}

/// Reads a text without what is not seen around it, as it is left when texts are copied.
///
/// # Errors
/// Fails if the value is no text.
pub fn trimmed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.map(|text| {
        let inner = trim(&text);
        match inner.is_empty() || inner.len() == text.len() {
            true => text,
            false => inner.to_owned(),
        }
    }))
}

/// Returns a text without blanks and invisible characters around it. A variation selector is part of the
/// character before it.
fn trim(text: &str) -> &str {
    let is_selector = |c: char| matches!(c, '\u{fe00}'..='\u{fe0f}');
    text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c) && !is_selector(c))
}

/// Reads a name by which records are counted together, such as a department, [tidied](tidy).
///
/// # Errors
/// Fails if the value is no text.
pub fn tidied<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.map(|text| tidy(&text)))
}

/// Returns whether a character is a letter or digit.
pub fn is_word(c: char) -> bool {
    // Most are syllables, of which the tables of Unicode are asked last.
    matches!(c, '가'..='힣') || c.is_alphanumeric()
}

/// Returns the initial consonants of the Hangul in a text.
pub fn initials(text: &str) -> String {
    fold(text).chars().filter_map(hanja::initial).collect()
}

/// Returns whether a short text contains another, written together or apart; initial consonants
/// alone (`ㄱㅇ`) match those of the text.
pub fn contains(text: &str, wanted: &str) -> bool {
    let wanted = squeeze(wanted);
    let by_initials = wanted.chars().all(hanja::is_initial);
    let place = if by_initials { initials } else { squeeze };
    !wanted.is_empty() && place(text).contains(&wanted)
}

/// Removes what is not seen, and replaces letters that are not meant as such.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars().filter(|c| !is_invisible(*c)) {
        match (c, cluster(c)) {
            (_, Some(consonants)) => out.push_str(consonants),
            // The vowel of the law database's middle dot.
            ('\u{318d}', _) => out.push('·'),
            // In old spelling it follows an initial, and is a vowel.
            ('\u{119e}' | '\u{11a2}', _) if !hanja::is_initial(before) => out.push('·'),
            _ => out.push(c),
        }
        before = c;
    }
    out
}

/// Returns whether a character has neither shape nor width: soft hyphens, zero-width spaces, marks
/// of direction, byte order marks, fillers and variation selectors.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{e0000}'..='\u{e01ef}')
}

/// Returns the two consonants of a cluster, which keyboards make of two initials that follow each
/// other (`ㄱㅅ` becomes `ㄳ`).
fn cluster(c: char) -> Option<&'static str> {
    Some(match c {
        'ㄳ' => "ㄱㅅ",
        'ㄵ' => "ㄴㅈ",
        'ㄶ' => "ㄴㅎ",
        'ㄺ' => "ㄹㄱ",
        'ㄻ' => "ㄹㅁ",
        'ㄼ' => "ㄹㅂ",
        'ㄽ' => "ㄹㅅ",
        'ㄾ' => "ㄹㅌ",
        'ㄿ' => "ㄹㅍ",
        'ㅀ' => "ㄹㅎ",
        'ㅄ' => "ㅂㅅ",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tidy_text_is_what_is_seen() {
        for text in [
            "전략 산업과",
            " 전략 산업과 ",
            "전략  산업과\u{200b}",
            "\u{feff}전략\u{a0}산업과",
            "전략 산\u{200b}업과\u{3000}",
        ] {
            assert_eq!(tidy(text), "전략 산업과", "{text:?}");
        }
    }

    #[test]
    fn a_number_is_compared_as_it_is_meant() {
        for text in ["2024-7", " 2024-7 ", "2024-7\u{200b}", "２０２４-7"] {
            assert_eq!(number(text), "2024-7", "{text:?}");
        }
    }

    #[test]
    fn texts_have_nothing_around_them() {
        for (text, inner) in [
            (" 가  나\n다 ", "가  나\n다"),
            ("\u{feff}가\u{200b} ", "가"),
            ("하트\u{2764}\u{fe0f}", "하트\u{2764}\u{fe0f}"),
        ] {
            assert_eq!(trim(text), inner);
        }
    }

    #[test]
    fn what_is_not_seen_does_not_count() {
        for other in [
            "업무\u{200b}협약",
            "업\u{ad}무협약",
            "업무협약\u{feff}",
            "業務協約",
            "업무協約",
            "업무협약\u{fe0f}",
        ] {
            assert_eq!(fold(other), "업무협약", "{other:?}");
        }
        for apart in [
            "업무·협약",
            "업무\u{318d}협약",
            "업무\u{119e}협약",
            "업무・협약",
            "업무\u{a0}협약",
            "업무 협약",
        ] {
            assert_eq!(squeeze(apart), "업무협약", "{apart:?}");
            assert_ne!(fold(apart), "업무협약", "{apart:?}");
        }
        let old = "\u{1112}\u{119e}\u{11ab}";
        assert_eq!(squeeze(old), old);
    }

    #[test]
    fn texts_contain_words_and_initials() {
        for wanted in ["업무협약", "무 협", "ㅇㅁ", "ㅁㅎㅇ", "業務"] {
            assert!(contains("고양시 업무 협약", wanted), "{wanted}");
        }
        for wanted in ["협력", "ㅎㄹ", "", "%"] {
            assert!(!contains("고양시 업무 협약", wanted), "{wanted}");
        }
        assert!(contains("감사", "ㄳ"));
    }
}
