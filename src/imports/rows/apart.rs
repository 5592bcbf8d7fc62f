//! A text of a cell in parts: its date, its words, and what stands in brackets.

/// Returns a text without its brackets, and what stands in them.
pub fn brackets(text: &str) -> (String, Vec<String>) {
    let (mut outside, mut inside, mut aside) = (String::new(), Vec::new(), None::<String>);
    for c in text.chars() {
        match c {
            '(' | '（' | '[' | '〔' | '<' | '〈' | '【' | '「' if aside.is_none() => {
                aside = Some(String::new());
            }
            ')' | '）' | ']' | '〕' | '>' | '〉' | '】' | '」' if aside.is_some() => {
                inside.extend(aside.take());
            }
            c => aside.as_mut().unwrap_or(&mut outside).push(c),
        }
    }
    inside.extend(aside);
    (outside.trim().to_owned(), inside)
}

/// Returns the words before a day in brackets or behind a colon: 유찰 of `유찰(2025.12.1)`, 신청일 of
/// `신청일: 2022.3.1`.
pub fn before_day(text: &str) -> Option<String> {
    let numbered = |text: &str| text.contains(char::is_numeric);
    let (outside, asides) = brackets(text);
    let words = match outside.split_once([':', '：']) {
        Some((label, rest)) if !numbered(label) && numbered(rest) => label,
        _ if !numbered(&outside) && asides.iter().any(|aside| numbered(aside)) => outside.as_str(),
        _ => return None,
    };
    let words = words.trim();
    words
        .contains(char::is_alphanumeric)
        .then(|| words.to_owned())
}

/// Returns the words of a text beside the date in it, and this date: `해지(2022.5.1. 상대처 요청)`.
pub fn dated(text: &str) -> (String, Option<String>) {
    let digits = text.match_indices(|c: char| c.is_ascii_digit());
    let places: Vec<usize> = digits.map(|(at, _)| at).collect();
    let (Some(first), Some(last)) = (places.first(), places.last()) else {
        return (text.trim().to_owned(), None);
    };
    let is_short = |c: char| matches!(c, '\'' | '‘' | '’');
    let start = text[..*first].trim_end_matches(is_short).len();
    let behind = &text[last + 1..];
    let unit = behind.trim_start_matches(['.', ' ', '년', '월', '일', '-', '/']);
    let end = text.len() - unit.len();
    let date = text[start..end].trim();
    let is_date = date.contains(['.', '-', '/', '년', '\'', '‘', '’'])
        || date
            .split(|c: char| !c.is_ascii_digit())
            .any(|d| matches!(d.len(), 4 | 8));
    let words = format!("{} {}", &text[..start], &text[end..]);
    match is_date {
        true => (words.trim().to_owned(), Some(date.to_owned())),
        false => (text.trim().to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_from_words() {
        for (text, words, date) in [
            (
                "해지(2022.5.1. 상대처 요청)",
                "해지( 상대처 요청)",
                Some("2022.5.1."),
            ),
            ("'21.4.16 취소", "취소", Some("'21.4.16")),
            (
                "Terminated on 2022-05-01",
                "Terminated on",
                Some("2022-05-01"),
            ),
            ("2021년 4월 16일", "", Some("2021년 4월 16일")),
            ("완료(100%)", "완료(100%)", None),
            ("미체결", "미체결", None),
        ] {
            let right = (words.to_owned(), date.map(str::to_owned));
            assert_eq!(dated(text), right, "{text}");
        }
        let right = ("2022.3".to_owned(), vec!["보류".to_owned()]);
        assert_eq!(brackets("2022.3(보류)"), right);
        for (text, words) in [
            ("유찰(2025.12.1)", Some("유찰")),
            ("부분 준공\n[2025.12.1]", Some("부분 준공")),
            ("신청일: 2022.3.1", Some("신청일")),
            ("(2022.3.1)", None),
            ("2022.3.1(보류)", None),
            ("2022.3.1 14:00", None),
            ("유찰", None),
        ] {
            assert_eq!(before_day(text).as_deref(), words, "{text}");
        }
    }
}
