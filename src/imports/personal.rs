//! What is personal in headers: one rule for every kind of file. What is personal in texts, see
//! [`crate::kernel::personal`].

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::mapping::plain;

/// What a column holds about persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Personal {
    /// Numbers that identify a person.
    Number,
    /// The number of an office, which is public.
    Office,
    /// Names, numbers and addresses of officers.
    Officer,
}

/// How a word stands in a header.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Part,
    End,
    /// One of the words of a header in Latin letters.
    Word,
}

static WORDS: LazyLock<Vec<(Personal, How, &str)>> = LazyLock::new(|| {
    let lines = include_str!("personal.tsv").lines();
    let read = |line: &'static str| {
        let mut parts = line.split('\t');
        let level = match parts.next()? {
            "number" => Personal::Number,
            "office" => Personal::Office,
            _ => Personal::Officer,
        };
        let how = match parts.next()? {
            "part" => How::Part,
            "end" => How::End,
            _ => How::Word,
        };
        Some((level, how, parts.next()?))
    };
    lines.filter_map(read).collect()
});

/// Returns what a column holds about persons, by its header.
pub fn of_header(header: &str) -> Option<Personal> {
    let folded: String = header.nfkc().flat_map(char::to_lowercase).collect();
    let latin: Vec<&str> = folded.split(|c: char| !c.is_ascii_alphabetic()).collect();
    let stands = |in_header: &str, (_, how, word): &(Personal, How, &str)| match how {
        How::Part => in_header.contains(word),
        How::End => in_header.ends_with(word),
        How::Word => latin.contains(word),
    };
    let whole = plain(header);
    // `기관 연락처` is public, `담당자 전화/팩스` is not.
    let (mut rest, mut is_office) = (whole.clone(), false);
    for found in WORDS.iter().filter(|found| found.0 == Personal::Office) {
        if stands(&whole, found) {
            (rest, is_office) = (rest.replace(found.2, ""), true);
        }
    }
    let has = |level: Personal, text: &str| {
        let mut words = WORDS.iter().filter(|found| found.0 == level);
        words.any(|found| stands(text, found))
    };
    let is_name = rest.ends_with("공동성명");
    match () {
        () if has(Personal::Number, &whole) => Some(Personal::Number),
        () if has(Personal::Officer, &rest) && !is_name => Some(Personal::Officer),
        () => is_office.then_some(Personal::Office),
    }
}

/// Returns whether a column holds data about persons, such as the officer in charge. These never stand in
/// public members by themselves.
pub fn is_personal(header: &str) -> bool {
    let found = of_header(header);
    matches!(found, Some(Personal::Number | Personal::Officer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_tell_what_is_personal() {
        for (header, right) in [
            ("주민등록번호", Some(Personal::Number)),
            ("대표자 주민등록번호", Some(Personal::Number)),
            ("외국인등록번호", Some(Personal::Number)),
            ("여권번호", Some(Personal::Number)),
            ("계좌번호(은행)", Some(Personal::Number)),
            ("Passport No.", Some(Personal::Number)),
            ("담당자", Some(Personal::Officer)),
            ("대표자 연락처", Some(Personal::Officer)),
            ("작성자", Some(Personal::Officer)),
            ("Contact person", Some(Personal::Officer)),
            ("Tel.", Some(Personal::Officer)),
            ("E-mail", Some(Personal::Officer)),
            ("전화/팩스", Some(Personal::Officer)),
            ("기관 연락처", Some(Personal::Office)),
            ("팩스번호", Some(Personal::Office)),
            ("확인자료", None),
            ("사업자등록번호", None),
            ("법인등록번호", None),
            ("공동성명", None),
            ("Hotel", None),
            ("협약기관", None),
        ] {
            assert_eq!(of_header(header), right, "{header}");
        }
    }
}
