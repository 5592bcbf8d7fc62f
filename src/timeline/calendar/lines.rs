//! Content lines of iCalendar (RFC 5545, 3.1): escaped, folded, and ended with CRLF.

/// Maximum number of octets per line, without the line break.
const OCTETS: usize = 75;

/// Writes a calendar line by line.
#[derive(Default)]
pub struct Lines(String);

impl Lines {
    /// Writes a property with a text value.
    pub fn text(&mut self, name: &str, value: &str) -> &mut Self {
        self.plain(name, &escaped(value))
    }

    /// Writes a property with a value that is not text, such as a number, a date or a keyword.
    pub fn plain(&mut self, name: &str, value: &str) -> &mut Self {
        let line = format!("{name}:{value}");
        let (mut rest, mut room) = (line.as_str(), OCTETS);
        while rest.len() > room {
            let fits = (0..=room).rfind(|end| rest.is_char_boundary(*end));
            let (folded, next) = rest.split_at(fits.unwrap_or(room));
            self.0.push_str(folded);
            self.0.push_str("\r\n ");
            // The leading space of the next line counts towards its octets.
            (rest, room) = (next, OCTETS - 1);
        }
        self.0.push_str(rest);
        self.0.push_str("\r\n");
        self
    }

    /// Appends lines that are written already.
    pub fn written(&mut self, lines: &str) {
        self.0.push_str(lines);
    }

    /// Returns the written text.
    pub fn into_text(self) -> String {
        self.0
    }
}

/// Escapes a value of type TEXT (3.3.11). Control characters are dropped, since content lines
/// cannot contain them.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\n' => out.push_str("\\n"),
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(value: &str) -> String {
        let mut lines = Lines::default();
        lines.text("SUMMARY", value);
        lines.into_text()
    }

    #[test]
    fn texts_are_escaped() {
        let text = "a,b;c\\d\r\ne\rf\ng\th\u{7}\u{0}:\"";
        assert_eq!(
            written(text),
            "SUMMARY:a\\,b\\;c\\\\d\\ne\\nf\\ng\th:\"\r\n"
        );
    }

    #[test]
    fn lines_are_folded_between_characters() {
        let line = format!("SUMMARY:{}", "가".repeat(22));
        assert_eq!(line.len(), 74);
        assert_eq!(written(&"가".repeat(22)), format!("{line}\r\n"));
        assert_eq!(written(&"가".repeat(23)), format!("{line}\r\n 가\r\n"));
        assert_eq!(written(&"a".repeat(67)).len(), OCTETS + 2);
    }

    proptest! {
        #[test]
        fn what_is_unfolded_and_unescaped_is_the_text(text in "(?s)[a가😀 ,;\\\\\n]{0,200}") {
            let written = written(&text);
            for line in written.trim_end_matches("\r\n").split("\r\n") {
                prop_assert!(line.len() <= OCTETS);
            }
            let unfolded = written.replace("\r\n ", "");
            let value = unfolded.strip_prefix("SUMMARY:").unwrap().strip_suffix("\r\n").unwrap();
            let mut read = String::new();
            let mut chars = value.chars();
            while let Some(c) = chars.next() {
                match c {
                    '\\' => read.push(match chars.next().unwrap() { 'n' => '\n', c => c }),
                    c => read.push(c),
                }
            }
            prop_assert_eq!(read, text);
        }
    }
}
