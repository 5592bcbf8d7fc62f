//! The encoding of files of text: UTF-8, CP949 (of which EUC-KR is a part), or UTF-16 with its mark.
//!
//! Detectors take short Korean files for Big5, so a file is CP949 if it decodes without an error and
//! most of what is not ASCII is Hangul.

use encoding_rs::{DecoderResult, EUC_KR, Encoding, UTF_16BE, UTF_16LE};

use super::FileProblem;

/// Returns whether a file begins with the mark of UTF-16.
pub fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff")
}

/// Returns a file's text and the name of its encoding.
///
/// # Errors
/// [`FileProblem::Encoding`]
pub fn decode(bytes: &[u8]) -> Result<(String, &'static str), FileProblem> {
    if is_utf16(bytes) {
        let encoding = if bytes[0] == 0xff { UTF_16LE } else { UTF_16BE };
        let name = if bytes[0] == 0xff {
            "utf-16le"
        } else {
            "utf-16be"
        };
        let wrong = || FileProblem::Encoding(wrong_line(encoding, &bytes[2..]));
        let text = strictly(encoding, &bytes[2..]).ok_or_else(wrong)?;
        return Ok((text, name));
    }
    let (rest, name) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, "utf-8-bom"),
        None => (bytes, "utf-8"),
    };
    let wrong = match std::str::from_utf8(rest) {
        Ok(text) => return Ok((text.to_owned(), name)),
        Err(error) => error.valid_up_to(),
    };
    strictly(EUC_KR, bytes)
        .filter(|text| is_korean(text))
        .map(|text| (text, "cp949"))
        .ok_or_else(|| {
            let before = &rest[..wrong];
            // A file that begins in UTF-8, with its mark or with more than ASCII, is no CP949.
            FileProblem::Encoding(match before.is_ascii() && name == "utf-8" {
                true => wrong_line(EUC_KR, rest),
                false => before.iter().filter(|b| **b == b'\n').count() + 1,
            })
        })
}

/// Returns the number of the first line that an encoding does not read; if it reads all, of the first line
/// with more than ASCII, since the encoding is another.
fn wrong_line(encoding: &'static Encoding, bytes: &[u8]) -> usize {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
    let mut text = String::with_capacity(room.unwrap_or_default());
    let (result, _) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    let read = match result {
        DecoderResult::Malformed(..) => text.as_str(),
        DecoderResult::InputEmpty | DecoderResult::OutputFull => text
            .split(|c: char| !c.is_ascii())
            .next()
            .unwrap_or_default(),
    };
    read.matches('\n').count() + 1
}

fn strictly(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(std::borrow::Cow::into_owned)
}

/// Returns whether most characters beyond ASCII are Hangul syllables.
fn is_korean(text: &str) -> bool {
    let (mut all, mut hangul) = (0_usize, 0_usize);
    for c in text.chars().filter(|c| !c.is_ascii()) {
        all += 1;
        hangul += usize::from(matches!(c, '가'..='힣' | '㈀'..='㈞'));
    }
    hangul * 2 >= all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_korean_files_are_cp949() {
        // Syllables outside KS X 1001, of which EUC-KR alone has none.
        for text in ["뷁소프트㈜", "펲시　장애인", "협약명,기관\n가,나"] {
            let (bytes, ..) = EUC_KR.encode(text);
            assert_eq!(decode(&bytes), Ok((text.to_owned(), "cp949")));
        }
    }

    #[test]
    fn unicode_is_read_with_and_without_its_mark() {
        assert_eq!(decode("가".as_bytes()), Ok(("가".into(), "utf-8")));
        let marked = decode("\u{feff}가".as_bytes());
        assert_eq!(marked, Ok(("가".into(), "utf-8-bom")));
        assert_eq!(decode(b"\xff\xfe\x00\xac"), Ok(("가".into(), "utf-16le")));
    }

    #[test]
    fn what_is_neither_is_refused() {
        assert_eq!(decode(b"a\nb\n\xe4\xf6\xfc"), Err(FileProblem::Encoding(3)));
        let (korean, ..) = EUC_KR.encode("협약명\n기관\n");
        let wrong = [&korean[..], b"\xb0\xa1\xff\n"].concat();
        assert_eq!(decode(&wrong), Err(FileProblem::Encoding(3)));
        let wrong = ["협약명\n기관\n".as_bytes(), b"\xff\n"].concat();
        assert_eq!(decode(&wrong), Err(FileProblem::Encoding(3)));
        // Half of a pair.
        let wrong = b"\xff\xfea\x00\n\x00\x00\xd8\n\x00";
        assert_eq!(decode(wrong), Err(FileProblem::Encoding(2)));
        // Big5 that decodes as CP949 holds no Hangul.
        let big5 = decode(b"\xa4\xa4\xa4\xe5\xa4\xa4\xa4\xe5");
        assert!(big5.is_err(), "{big5:?}");
    }
}
