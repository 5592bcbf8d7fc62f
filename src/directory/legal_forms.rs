//! Legal forms in the names of organizations, which one source writes and another leaves out:
//! `(재)세종테크노파크`, `재단법인 세종테크노파크`, `세종테크노파크`.
//!
//! Sources: 상법 제170조 (companies), 민법 제32조 (associations and foundations), 사립학교법 제2조,
//! 의료법 제33조, 사회복지사업법 제2조, 농어업경영체법 제16조 and 제19조; the abbreviations are those of
//! ledgers and of Unicode's parenthesized Hangul (U+3214 ㈔, U+321C ㈜), which NFKC writes out. Forms
//! in hanja (株式会社, 有限公司) are compared by their readings.

use crate::kernel::text::{fold, is_word};

/// Legal forms in full, written before or after the name, with or without a space. A form that
/// contains another one stands before it.
const KOREAN: &[&str] = &[
    "농업회사법인",
    "어업회사법인",
    "영농조합법인",
    "영어조합법인",
    "사회복지법인",
    "유한책임회사",
    "주식회사",
    "유한회사",
    "합자회사",
    "합명회사",
    "재단법인",
    "사단법인",
    "학교법인",
    "의료법인",
    "종교법인",
    "유한공사",
];

/// Abbreviations in parentheses, anywhere in the name.
const ABBREVIATED: &[&str] = &[
    "(주)", "(유)", "(유한)", "(합)", "(합자)", "(합명)", "(재)", "(사)", "(학)", "(의)", "(복)",
    "(사복)", "(농)", "(영농)",
];

/// Legal forms that follow a name in English, as words of their own.
const ENGLISH: &[&str] = &[
    "co ltd",
    "company limited",
    "ltd",
    "limited",
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "llc",
    "plc",
    "gmbh",
];

/// Returns the form in which two names count as equal: without legal forms, spaces and punctuation,
/// and independent of case, width, script and the composition of Hangul. A name that consists of a
/// legal form alone keeps it.
pub fn name_key(name: &str) -> String {
    ordinary_city(&without_forms(name).replace(' ', ""))
}

/// Returns the folded words of a name or query, without legal forms unless it consists of one alone.
pub fn without_forms(name: &str) -> String {
    let folded = fold(name);
    let words = |text: &str| {
        let words = text.split(|c| !is_word(c)).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join(" ")
    };
    let bare = if folded.contains('(') {
        let mut text = folded.clone();
        for form in ABBREVIATED {
            text = text.replace(form, " ");
        }
        without_korean(&words(&text))
    } else {
        without_korean(&words(&folded))
    };
    let bare = match ENGLISH.iter().find_map(|form| before_word(&bare, form)) {
        Some(before) => before.to_owned(),
        None => bare,
    };
    match bare.is_empty() {
        true => words(&folded),
        false => bare,
    }
}

/// Writes a special city (특례시) as the city that it remains: `고양특례시` and `고양시` are one
/// (지방자치법 제198조, since 2022).
pub fn ordinary_city(text: &str) -> String {
    text.replace("특례시", "시")
}

/// Removes the forms at both ends, several in a row too ("농업회사법인 주식회사 가").
fn without_korean(text: &str) -> String {
    let mut rest = text.trim();
    while let Some(shorter) = KOREAN.iter().find_map(|form| {
        rest.strip_prefix(form)
            .or_else(|| rest.strip_suffix(form))
            .map(str::trim)
    }) {
        rest = shorter;
    }
    rest.to_owned()
}

/// Returns the text before a last word or words.
fn before_word<'a>(text: &'a str, form: &str) -> Option<&'a str> {
    let before = text.strip_suffix(form)?.strip_suffix(' ')?;
    Some(before.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_equals_itself_with_a_legal_form() {
        for (name, others) in [
            (
                "세종테크노파크",
                &[
                    "(재)세종테크노파크",
                    "재단법인 세종테크노파크",
                    "세종테크노파크 재단법인",
                    "재단법인세종테크노파크",
                    "（재） 세종테크노파크",
                ][..],
            ),
            (
                "한국바이오의약품협회",
                &[
                    "㈔한국바이오의약품협회",
                    "(사)한국바이오의약품협회",
                    "사단법인 한국바이오의약품협회",
                ],
            ),
            (
                "갑",
                &[
                    "㈜갑",
                    "갑㈜",
                    "주식회사 갑",
                    "갑 주식회사",
                    "유한회사 갑",
                    "갑(유)",
                    "농업회사법인 주식회사 갑",
                ],
            ),
            ("을지학원", &["학교법인 을지학원", "(학)을지학원"]),
            ("고양시", &["고양특례시", "고양 특례시"]),
            ("고양시의회", &["고양특례시의회", "고양특례시 의회"]),
            (
                "대한의사협회",
                &[
                    "大韓醫師協會",
                    "대한\u{200b}의사협회",
                    "대한\u{318d}의사\u{a0}협회",
                ],
            ),
            ("花王", &["株式会社花王", "花王(株)", "花王有限公司"]),
            (
                "Acme",
                &[
                    "ACME Co., Ltd.",
                    "Acme Inc.",
                    "acme corporation",
                    "ACME, LLC",
                ],
            ),
        ] {
            for other in others {
                assert_eq!(name_key(other), name_key(name), "{other}");
            }
        }
    }

    #[test]
    fn other_words_remain() {
        for (one, other) in [
            ("한국재단", "한국"),
            ("사단법인협의회", "협의회사"),
            ("수원협동조합", "수원"),
            ("Zinc", "Z"),
            ("Limited", ""),
        ] {
            assert_ne!(name_key(one), name_key(other), "{one}");
        }
        for alone in ["주식회사", "(주)", "Ltd."] {
            assert!(!name_key(alone).is_empty(), "{alone}");
        }
    }
}
