//! Recognizes EDTF (ISO 8601-2:2019, levels 0 to 2), of which the registry takes a subset: what is
//! valid beyond the subset is refused in other words than what is no date at all.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

/// The reason a text is not a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EdtfError {
    #[error("not a date of the accepted forms")]
    Malformed,
    #[error("no such month or day")]
    NoSuchDay,
    #[error("EDTF, but not of the accepted forms")]
    Unsupported,
    #[error("the interval ends before it begins")]
    Reversed,
    #[error("an interval needs one end at least")]
    Unbounded,
    #[error("neither a date nor its wording")]
    Missing,
}

const ACCEPTED: &str = "2022, 2021-08, 2021-08-31, 2022-Q3 (2022-35), 2022-H2 (2022-41), \
                        ../2024, 2024/.., 2022/2024, 2022~";

impl EdtfError {
    /// Describes the error and the accepted forms, in Korean.
    pub fn message_ko(self) -> String {
        let wrong = match self {
            Self::Malformed => "날짜로 읽을 수 없습니다",
            Self::NoSuchDay => "달력에 없는 달 또는 날입니다",
            Self::Unsupported => "올바른 EDTF이지만 이 등록부가 받지 않는 형식입니다",
            Self::Reversed => "기간의 끝이 시작보다 앞섭니다",
            Self::Unbounded => "기간의 양끝 가운데 하나는 있어야 합니다",
            Self::Missing => "날짜나 출처의 표현 가운데 하나는 있어야 합니다",
        };
        format!("{wrong}. 쓸 수 있는 형식: {ACCEPTED}")
    }

    /// Describes the error and the accepted forms, in English.
    pub fn message_en(self) -> String {
        let wrong = match self {
            Self::Malformed => "This cannot be read as a date",
            Self::NoSuchDay => "The calendar has no such month or day",
            Self::Unsupported => {
                "This is valid EDTF, but of a form that this registry does not take"
            }
            Self::Reversed => "The interval ends before it begins",
            Self::Unbounded => "An interval needs one end at least",
            Self::Missing => "A date or the wording of the source is needed",
        };
        format!("{wrong}. Accepted forms: {ACCEPTED}")
    }
}

/// Returns true if a text is an EDTF date, date and time, interval or set.
pub(super) fn is_edtf(text: &str) -> bool {
    if let Some(set) = inside(text, '[', ']').or_else(|| inside(text, '{', '}')) {
        return set.split(',').all(|item| is_member(item.trim()));
    }
    match text.split_once('/') {
        Some((from, until)) => {
            let is_end = |end: &str| matches!(end, "" | "..") || is_date(end);
            is_end(from) && is_end(until) && (is_date(from) || is_date(until))
        }
        None => is_date(text) || is_instant(text),
    }
}

fn inside(text: &str, open: char, close: char) -> Option<&str> {
    text.strip_prefix(open)?.strip_suffix(close)
}

/// Returns true for a date or a range of a set, such as `1667..1670` or `..1984`.
fn is_member(text: &str) -> bool {
    match text.split_once("..") {
        None => is_date(text),
        Some(ends) => {
            let is_end = |end: &str| end.is_empty() || is_date(end);
            ends != ("", "") && is_end(ends.0) && is_end(ends.1)
        }
    }
}

fn is_instant(text: &str) -> bool {
    DateTime::parse_from_rfc3339(text).is_ok()
        || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").is_ok()
}

/// Returns true for a date whose parts may be uncertain (`?`), approximate (`~`), both (`%`) or
/// unspecified (`X`).
fn is_date(text: &str) -> bool {
    if let Some(year) = text.strip_prefix('Y') {
        return is_long_year(year);
    }
    let text = text.strip_prefix(is_qualifier).unwrap_or(text);
    let text = text.strip_prefix('-').unwrap_or(text);
    let parts: Vec<&str> = text.split('-').collect();
    let (year, rest) = match parts[..] {
        [year, ref rest @ ..] => (year.strip_suffix(is_qualifier).unwrap_or(year), rest),
        [] => return false,
    };
    if let ([], Some((year, digits))) = (rest, year.split_once('S')) {
        return is_unspecified(year, 4) && is_number(digits);
    }
    let rest: Vec<&str> = rest.iter().map(|part| unqualified(part)).collect();
    is_unspecified(year, 4)
        && match rest[..] {
            [] => true,
            [part] => is_part_of_year(part),
            [month, day] => is_day(year, month, day),
            _ => false,
        }
}

fn is_qualifier(c: char) -> bool {
    matches!(c, '?' | '~' | '%')
}

fn unqualified(part: &str) -> &str {
    let part = part.strip_prefix(is_qualifier).unwrap_or(part);
    part.strip_suffix(is_qualifier).unwrap_or(part)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_unspecified(text: &str, width: usize) -> bool {
    text.len() == width && text.bytes().all(|b| b.is_ascii_digit() || b == b'X')
}

/// Returns true for a year after `Y`: of more than four digits, or with an exponent.
fn is_long_year(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (text, precision) = text.split_once('S').unwrap_or((text, "0"));
    let (digits, exponent) = text.split_once('E').unwrap_or((text, "0"));
    let is_long = digits.len() > 4 || text.contains('E');
    is_long && [digits, exponent, precision].into_iter().all(is_number)
}

/// Returns true for a month, or a season, quarter, third or half of the year (21 to 41).
fn is_part_of_year(text: &str) -> bool {
    matches!(text, "0X" | "1X" | "XX")
        || is_number(text) && text.len() == 2 && matches!(text.parse(), Ok(1..=12 | 21..=41))
}

fn is_day(year: &str, month: &str, day: &str) -> bool {
    let digits = format!("{year}-{month}-{day}");
    if !digits.contains('X') {
        return is_unspecified(day, 2) && digits.parse::<NaiveDate>().is_ok();
    }
    let within = |text: &str, most: u8| {
        let least = text.replace('X', "0").parse::<u8>();
        is_unspecified(text, 2) && text != "00" && least.is_ok_and(|n| n <= most)
    };
    within(month, 12) && within(day, 31)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// The examples of the specification, by level.
    #[rstest]
    #[case("1985-04-12")]
    #[case("1985-04-12T23:20:30Z")]
    #[case("1985-04-12T23:20:30")]
    #[case("1985-04-12T23:20:30+04:30")]
    #[case("2004-02-01/2005")]
    #[case("Y170000002")]
    #[case("Y-170000002")]
    #[case("2001-21")]
    #[case("1984?")]
    #[case("2004-06~")]
    #[case("2004-06-11%")]
    #[case("201X")]
    #[case("20XX")]
    #[case("2004-XX")]
    #[case("1985-04-XX")]
    #[case("1985-XX-XX")]
    #[case("1985-04-12/")]
    #[case("/1985-04-12")]
    #[case("../1985-04-12")]
    #[case("-1985")]
    #[case("0000")]
    #[case("Y-17E7")]
    #[case("1950S2")]
    #[case("Y171010000S3")]
    #[case("Y3388E2S3")]
    #[case("2001-34")]
    #[case("2001-38")]
    #[case("[1667,1668,1670..1672]")]
    #[case("[..1760-12-03]")]
    #[case("[1760-12..]")]
    #[case("{1960,1961-12}")]
    #[case("2004-06-11?")]
    #[case("2004?-06-11")]
    #[case("?2004-06-~11")]
    #[case("156X-12-25")]
    #[case("1XXX-1X")]
    #[case("2004-06-~01/2004-06-~20")]
    fn examples_of_the_specification(#[case] text: &str) {
        assert!(is_edtf(text));
    }

    #[rstest]
    #[case("")]
    #[case("22")]
    #[case("2022-1")]
    #[case("2022-13")]
    #[case("2022-42")]
    #[case("2022-00")]
    #[case("2022-02-30")]
    #[case("2022-02-00")]
    #[case("2022-33-01")]
    #[case("2022-XX-40")]
    #[case("2022~~")]
    #[case("2022-Q5")]
    #[case("2022/2023/2024")]
    #[case("../..")]
    #[case("/")]
    #[case("[]")]
    #[case("[..]")]
    #[case("Y2022")]
    #[case("내년")]
    #[case("２０２２")]
    #[case("2022-01-01-01")]
    #[case(" 2022")]
    #[case("2022\0")]
    fn other_texts(#[case] text: &str) {
        assert!(!is_edtf(text));
    }
}
