//! Formats days, terms, slips and shares by the conventions of Korean official documents.

use std::fmt::Write as _;

use chrono::{Datelike, NaiveDate};

use crate::kernel::language::{Language, Message};
use crate::kernel::values::{DayRange, ImpreciseDate};
pub use crate::kernel::words::thousands;
use crate::kernel::words::words;
use crate::ledger::Visibility;

/// Text for unknown values.
pub const UNKNOWN: Message = Message::fixed("미상", "Unknown");

/// Formats a day with no-break spaces: `2021. 4. 16.`
pub fn day(day: NaiveDate) -> String {
    let (year, month, day) = (day.year(), day.month(), day.day());
    format!("{year}.\u{a0}{month}.\u{a0}{day}.")
}

/// Formats a date: a certain day as in official documents, other dates in words.
pub fn date(date: Option<&ImpreciseDate>, language: Language) -> String {
    let Some(date) = date else {
        return UNKNOWN.in_language(language).to_owned();
    };
    match date.earliest().filter(|_| date.is_certain_day()) {
        Some(certain) => day(certain),
        None => date.words(language),
    }
}

/// Formats a term, from its start to its end.
pub fn term(
    from: Option<&ImpreciseDate>,
    until: Option<&ImpreciseDate>,
    language: Language,
) -> String {
    match (from, until) {
        (None, None) => UNKNOWN.in_language(language).to_owned(),
        (from, until) => format!("{} ~ {}", date(from, language), date(until, language)),
    }
}

fn days_moved(days: i64, language: Language) -> String {
    match (language, days) {
        (Language::Korean, 0) => "변동 없음".to_owned(),
        (Language::Korean, 1..) => format!("{}일 지연", thousands(days)),
        (Language::Korean, _) => format!("{}일 단축", thousands(-days)),
        (Language::English, 0) => "none".to_owned(),
        (Language::English, 1..) => format!("{} days later", thousands(days)),
        (Language::English, _) => format!("{} days earlier", thousands(-days)),
    }
}

/// Formats the slip from deadline to deadline, or from the deadline to the date it was met.
pub fn deadline_slip(days: i64, met: bool, language: Language) -> String {
    match (language, days) {
        (Language::Korean, 0) if met => "기한 내".to_owned(),
        (Language::English, 0) if met => "in time".to_owned(),
        _ => days_moved(days, language),
    }
}

/// Formats a number of days.
pub fn days(days: i64, language: Language) -> String {
    match (language, days) {
        (Language::Korean, _) => format!("{}일", thousands(days)),
        (Language::English, 1) => "1 day".to_owned(),
        (Language::English, _) => format!("{} days", thousands(days)),
    }
}

/// Formats the distance by which a date moved.
pub fn slip(slip: &DayRange, language: Language) -> String {
    let one = |days: i64| days_moved(days, language);
    match (slip.min_days, slip.max_days, language) {
        (Some(min), Some(max), _) if min == max => one(min),
        (Some(min @ 1..), Some(max), Language::Korean) => {
            format!("{}~{}일 지연", thousands(min), thousands(max))
        }
        (Some(min @ 1..), Some(max), Language::English) => {
            format!("{} to {} days later", thousands(min), thousands(max))
        }
        (Some(min), Some(max), _) => format!("{} ~ {}", one(min), one(max)),
        (None, Some(max), Language::Korean) => format!("최대 {}", one(max)),
        (None, Some(max), Language::English) => format!("at most {}", one(max)),
        (Some(min), None, Language::Korean) => format!("최소 {}", one(min)),
        (Some(min), None, Language::English) => format!("at least {}", one(min)),
        (None, None, _) => UNKNOWN.in_language(language).to_owned(),
    }
}

/// Formats a share in percent with its counts: `17.11% (32/187)`.
pub fn share(value: Option<f64>, numerator: u64, denominator: u64, language: Language) -> String {
    let mut text = match value {
        // With four decimals, multiplying loses nothing.
        Some(value) => format!("{:.2}%", value * 100.0),
        None => Message::fixed("산출할 수 없음", "cannot be computed")
            .in_language(language)
            .to_owned(),
    };
    // Writing to a string cannot fail.
    let _ = write!(text, " ({numerator}/{denominator})");
    text
}

/// Returns the letter of a part: 가, 나, 다, … or a, b, c.
pub fn letter(place: usize, language: Language) -> char {
    const KOREAN: [char; 14] = [
        '가', '나', '다', '라', '마', '바', '사', '아', '자', '차', '카', '타', '파', '하',
    ];
    match language {
        Language::Korean => KOREAN[place % KOREAN.len()],
        Language::English => char::from(b'a' + (place % 26) as u8),
    }
}

words!(Visibility: Public "공개된 협약" "what is public", Partners "공개된 협약과 그 기관이 당사자인 협약" "what is public or for this partner",
    Internal "비공개를 포함한 모든 협약" "all agreements, those withheld from the public included");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_in_official_documents() {
        let said = |edtf: &str| {
            let parsed = ImpreciseDate::parse(edtf).unwrap();
            date(Some(&parsed), Language::Korean)
        };
        assert_eq!(said("2021-04-16"), "2021.\u{a0}4.\u{a0}16.");
        assert_eq!(said("../2024"), "2024년까지");
        assert_eq!(said("2026-41"), "2026년 하반기");
        assert_eq!(date(None, Language::Korean), "미상");
        assert_eq!(term(None, None, Language::Korean), "미상");
        let from = ImpreciseDate::parse("2021-04-16").unwrap();
        assert_eq!(
            term(Some(&from), None, Language::Korean),
            "2021.\u{a0}4.\u{a0}16. ~ 미상"
        );
    }

    #[test]
    fn slips_say_which_way() {
        for (min, max, words) in [
            (Some(664), Some(1028), "664~1,028일 지연"),
            (Some(-30), Some(364), "30일 단축 ~ 364일 지연"),
            (Some(0), Some(0), "변동 없음"),
            (Some(10), Some(10), "10일 지연"),
            (None, Some(730), "최대 730일 지연"),
            (Some(-20), Some(-10), "20일 단축 ~ 10일 단축"),
            (None, None, "미상"),
        ] {
            let range = DayRange {
                min_days: min,
                max_days: max,
            };
            assert_eq!(slip(&range, Language::Korean), words);
        }
    }

    #[test]
    fn what_cannot_be_computed_is_no_zero() {
        assert_eq!(
            share(Some(0.1711), 32, 187, Language::Korean),
            "17.11% (32/187)"
        );
        assert_eq!(share(None, 0, 0, Language::Korean), "산출할 수 없음 (0/0)");
    }
}
