//! Who may see a record, as its row says. What is said to be internal never becomes public unseen.

use serde_json::json;

use super::apart::brackets;
use super::cells::stated;
use super::row::Reader;
use super::words;
use crate::imports::exported::{DERIVED, ID};
use crate::imports::types::ImportChoice;
use crate::kernel::language::Message;
use crate::kernel::text::squeeze;

const FIELD: &str = "visibility";
const CODE: &str = "visibility_unclear";

/// Words of each visibility, squeezed; the strictest first.
const WORDS: [(&str, &[&str]); 3] = [
    (
        "internal",
        &[
            "비공개",
            "미공개",
            "전부비공개",
            "완전비공개",
            "공개불가",
            "공개안함",
            "내부",
            "내부용",
            "내부공개",
            "내부자료",
            "직원",
            "대외비",
            "비밀",
            "기밀",
            "internal",
            "internaluseonly",
            "private",
            "confidential",
            "secret",
            "restricted",
            "notpublic",
            "nonpublic",
            "staff",
            "staffonly",
            "closed",
        ],
    ),
    (
        "partners",
        &[
            "당사자",
            "당사자공개",
            "당사자에공개",
            "당사자기관",
            "당사자기관에공개",
            "협약당사자",
            "협약기관",
            "partners",
            "partnersonly",
            "parties",
        ],
    ),
    (
        "public",
        &[
            "공개",
            "전체공개",
            "전부공개",
            "완전공개",
            "대외공개",
            "일반공개",
            "전체",
            "공개함",
            "public",
            "open",
            "published",
            "everyone",
        ],
    ),
];

/// Words in a header for what is not public: there, `Y` means internal.
const AGAINST: [&str; 7] = [
    "비공개",
    "대외비",
    "비밀",
    "기밀",
    "보안",
    "confidential",
    "secret",
];

/// Returns the visibility that a cell under a header states; `None` if it is not clear.
fn read(header: &str, text: &str) -> Option<&'static str> {
    let (header, plain) = (squeeze(header), squeeze(text));
    let is_against = AGAINST.iter().any(|word| header.contains(word));
    let is_reason = header.contains("사유") || header.contains("reason");
    let of = |plain: &str| {
        let mut all = WORDS.iter();
        all.find(|(_, words)| words.contains(&plain))
            .map(|(visibility, _)| *visibility)
    };
    // What is internal stays so, whatever the reason in brackets is.
    let outside = of(&squeeze(&brackets(text).0)).filter(|visibility| *visibility == "internal");
    let named = of(&plain).or(outside);
    match (named, words::yes_or_no(text)) {
        (Some(visibility), _) => Some(visibility),
        (None, Some(is_so)) => Some(if is_so == is_against {
            "internal"
        } else {
            "public"
        }),
        (None, None) if is_reason && is_against => Some("internal"),
        (None, None) => None,
    }
}

/// Sets the visibility of an agreement: as a column of it states, or as the row says anywhere else.
pub fn visibility(reader: &mut Reader<'_>) {
    let columns = stated(reader, FIELD);
    let mut found: Vec<Option<&'static str>> = Vec::new();
    for (column, text) in &columns {
        let header = &reader.ledger.columns[*column].header;
        let visibility = reader
            .code("Visibility", text)
            .or_else(|| read(header, text));
        let is_told = WORDS
            .iter()
            .any(|(of, words)| visibility == Some(*of) && words.contains(&squeeze(text).as_str()));
        if !is_told {
            reader.keep(*column, text);
        }
        found.push(visibility);
    }
    let is_clear = found.windows(2).all(|pair| pair[0] == pair[1]);
    match (found.first(), columns.last()) {
        (Some(Some(visibility)), _) if is_clear => reader.set(FIELD, json!(visibility)),
        (Some(_), Some((column, text))) => ask(reader, *column, text),
        _ => by_words(reader),
    }
}

/// Asks about words for what is internal in any cell, and takes those of the whole file for granted.
fn by_words(reader: &mut Reader<'_>) {
    if let Some((column, text)) = internal_cell(reader) {
        return ask(reader, column, &text);
    }
    let Some(words) = reader.ledger.internal.clone() else {
        return;
    };
    reader.set(FIELD, json!("internal"));
    let message = Message::new(
        format!("파일에 “{words}”(이)라고 적혀 있어 비공개로 적습니다."),
        format!("The file says “{words}”, so the agreement is recorded as internal."),
    );
    reader.note(None, "/visibility", "file_internal", message);
}

/// Asks who may see an agreement. Until it is answered, staff alone may.
fn ask(reader: &mut Reader<'_>, column: usize, text: &str) {
    let choices = [
        ("internal", Message::fixed("비공개", "Internal")),
        ("partners", Message::fixed("당사자 기관에 공개", "Partners")),
        ("public", Message::fixed("공개", "Public")),
    ];
    let choices = choices.map(|(value, message)| ImportChoice {
        value: value.into(),
        message,
    });
    let answer = reader.ask(Some(column), CODE, question(text), choices.to_vec());
    reader.set(FIELD, json!(answer.as_deref().unwrap_or("internal")));
}

/// Asks whether a record of another kind, which is public as it is recorded, may be recorded although its row
/// says that it is internal.
pub fn ask_whether_public(reader: &mut Reader<'_>) {
    let of_column = (0..reader.ledger.columns.len()).find_map(|column| {
        let header = &reader.ledger.columns[column].header;
        let is_free = reader.ledger.columns[column].field.is_none();
        let is_of_visibility = is_free && is_header(header);
        let text = reader.stated(column).filter(|_| is_of_visibility)?;
        (read(header, &text) != Some("public")).then_some((column, text))
    });
    let Some((column, text)) = of_column.or_else(|| internal_cell(reader)) else {
        return;
    };
    let choices = [
        (
            "public",
            Message::fixed("공개로 기록함", "Record it as public"),
        ),
        ("skip", Message::fixed("기록하지 않음", "Leave it out")),
    ];
    let choices = choices.map(|(value, message)| ImportChoice {
        value: value.into(),
        message,
    });
    let answer = reader.ask(Some(column), CODE, question(&text), choices.to_vec());
    if answer.as_deref() == Some("skip") {
        let message = Message::fixed(
            "기록하지 않기로 한 행입니다.",
            "The row is left out, as answered.",
        );
        reader.problem(Some(column), "", "left_out", message);
    }
}

fn question(text: &str) -> Message {
    let text = super::row::line(text, 100);
    Message::new(
        format!("“{text}”(이)라고 적혀 있습니다. 누구에게 공개합니까?"),
        format!("The row says “{text}”. Who may see the record?"),
    )
}

/// Returns whether a header is of who may see the rows.
fn is_header(header: &str) -> bool {
    let plain = squeeze(header);
    let names = ["공개여부", "공개구분", "공개범위", "공개등급", "visibility"];
    names.iter().any(|name| plain.ends_with(name))
        || AGAINST.iter().any(|word| plain.contains(word))
}

/// Returns the cell of a row that says that something is internal.
fn internal_cell(reader: &Reader<'_>) -> Option<(usize, String)> {
    let columns = 0..reader.ledger.columns.len();
    columns
        .filter(|column| {
            let column = &reader.ledger.columns[*column];
            let is_told = matches!(column.field.as_deref(), Some(DERIVED | ID));
            !column.is_hidden && !is_told
        })
        .find_map(|column| {
            let text = reader.stated(column)?;
            let is_said =
                says_internal(&text) || says_internal(&reader.ledger.columns[column].header);
            is_said.then_some((column, text))
        })
}

/// Returns the first of the texts beside a table that says that all of it is internal, and not that this is
/// left out.
pub fn said_of_all<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let leaves_out = |text: &str| {
        ["제외", "except", "exclud", "without"]
            .iter()
            .any(|w| text.contains(w))
    };
    let mut texts = texts.into_iter();
    let found = texts.find(|text| says_internal(text) && !leaves_out(&text.to_lowercase()));
    found.map(|text| super::row::line(text, 100))
}

/// Returns whether a text says of something that it is internal.
fn says_internal(text: &str) -> bool {
    const PARTS: [&str; 9] = [
        "비공개",
        "대외비",
        "내부용",
        "내부자료",
        "공개불가",
        "internaluse",
        "notpublic",
        "strictlyconfidential",
        "nottobepublished",
    ];
    let plain = squeeze(text);
    let lower = text.to_lowercase();
    let mut latin = lower.split(|c: char| !c.is_alphabetic());
    PARTS.iter().any(|word| plain.contains(word)) || latin.any(|word| word == "confidential")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_visibility_are_known() {
        for (header, text, right) in [
            ("공개여부", "비공개", Some("internal")),
            ("공개여부", "내부", Some("internal")),
            ("공개여부", "대외비", Some("internal")),
            ("공개여부", "N", Some("internal")),
            ("공개여부", "X", Some("internal")),
            ("Visibility", "Internal", Some("internal")),
            ("공개여부", "당사자", Some("partners")),
            ("공개여부", "공개", Some("public")),
            ("공개여부", "○", Some("public")),
            ("비공개여부", "Y", Some("internal")),
            ("대외비 여부", "N", Some("public")),
            ("Confidential", "yes", Some("internal")),
            ("비공개사유", "영업비밀", Some("internal")),
            ("공개여부", "부분공개", None),
            ("공개여부", "비공개(영업비밀)", Some("internal")),
            ("공개여부", "공개(일부)", None),
            ("공개범위", "xyz", None),
        ] {
            assert_eq!(read(header, text), right, "{header} {text}");
        }
    }

    #[test]
    fn texts_say_that_something_is_internal() {
        for (text, right) in [
            ("대외비", true),
            ("(비공개) 을전자 투자협약", true),
            ("Confidential", true),
            ("for internal use only", true),
            ("Confidentiality Agreement", false),
            ("공개", false),
            ("비밀유지 협약", false),
        ] {
            assert_eq!(says_internal(text), right, "{text}");
        }
        let texts = ["협약 목록(비공개 제외)", "[대외비]"];
        assert_eq!(said_of_all(texts).as_deref(), Some("[대외비]"));
    }
}
