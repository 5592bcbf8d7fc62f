//! Several values in one cell, in a form from which each can be read back.
//!
//! Values are separated by commas. A value that holds a comma, a semicolon, a quotation mark or a line
//! break, or that begins or ends with a space, is quoted as CSV quotes it: `"A, Inc.", 나`. A value that
//! is unknown leaves its place empty, so that the third value of one column belongs to the third of
//! another.

/// Characters that divide values unless they are quoted. Exports write the comma alone; people who
/// edit a file write the others, too.
const DIVIDES: [char; 3] = [',', ';', '\n'];

/// Joins values. Nothing but unknown values is an empty cell.
pub(super) fn joined(values: &[String]) -> String {
    if values.iter().all(String::is_empty) {
        return String::new();
    }
    let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    values.join(", ")
}

fn quoted(value: &str) -> String {
    let is_plain = value.trim() == value && !value.contains([',', ';', '"', '\n', '\r']);
    match is_plain {
        true => value.to_owned(),
        false => format!("\"{}\"", value.replace('"', "\"\"")),
    }
}

/// Returns the values of a cell, with an empty text for each that is unknown. A quotation mark that
/// nothing closes stands for itself.
#[must_use]
pub fn values(text: &str) -> Vec<String> {
    let mut values = Vec::new();
    if text.trim().is_empty() {
        return values;
    }
    let mut rest = text;
    loop {
        let (value, after) = first(rest.trim_start());
        values.push(value);
        match after {
            Some(after) => rest = after,
            None => return values,
        }
    }
}

/// Returns the first value of a text, and what follows the sign after it.
fn first(text: &str) -> (String, Option<&str>) {
    if let Some((value, after)) = text.strip_prefix('"').and_then(unquoted) {
        let after = after.trim_start_matches([' ', '\r']);
        if after.is_empty() {
            return (value, None);
        }
        if let Some(rest) = after.strip_prefix(DIVIDES) {
            return (value, Some(rest));
        }
    }
    match text.split_once(DIVIDES) {
        Some((value, rest)) => (value.trim().to_owned(), Some(rest)),
        None => (text.trim().to_owned(), None),
    }
}

/// Returns the value that the rest of a quoted text begins with, and what follows the closing mark;
/// `None` if nothing closes it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let (part, after) = rest.split_once('"')?;
        value.push_str(part);
        match after.strip_prefix('"') {
            Some(after) => {
                value.push('"');
                rest = after;
            }
            None => return Some((value, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.into()).collect()
    }

    #[test]
    fn values_are_joined_so_that_they_can_be_told_apart() {
        for (values, cell) in [
            (&["가", "나"][..], "가, 나"),
            (&["A, Inc.", "나"], "\"A, Inc.\", 나"),
            (&["가", "", "다"], "가, , 다"),
            (&["", "나"], ", 나"),
            (&["가; 나"], "\"가; 나\""),
            (&["“가” 5\"", "가\n나"], "\"“가” 5\"\"\", \"가\n나\""),
            (&["", ""], ""),
        ] {
            assert_eq!(joined(&texts(values)), cell);
        }
    }

    #[test]
    fn values_that_people_write_are_read() {
        for (cell, expected) in [
            ("가; 나", &["가", "나"][..]),
            ("가\r\n나,\n다", &["가", "나", "다"]),
            ("\"가\" 나, 다", &["\"가\" 나", "다"]),
            ("\"가, 나", &["\"가", "나"]),
            ("가,", &["가", ""]),
            (" ", &[]),
        ] {
            assert_eq!(values(cell), texts(expected), "{cell}");
        }
    }

    proptest! {
        #[test]
        fn values_are_read_as_they_were(all in prop::collection::vec("[,;\"\\n =가a]{0,5}", 1..4)) {
            let cell = joined(&all);
            let read = values(&cell);
            if all.iter().all(String::is_empty) {
                prop_assert!(read.is_empty());
            } else {
                prop_assert_eq!(read, all);
            }
        }
    }
}
