//! Imprecise dates in words, for readers who do not know EDTF.

use chrono::Datelike;

use super::{ImpreciseDate, Precision, Shape, Span};
use crate::kernel::language::Language;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const QUARTERS: [&str; 4] = ["first", "second", "third", "fourth"];

impl Span {
    fn words_ko(self) -> String {
        let (year, month) = (self.first.year(), self.first.month());
        let text = match self.precision {
            Precision::Day => format!("{year}년 {month}월 {}일", self.first.day()),
            Precision::Month => format!("{year}년 {month}월"),
            Precision::Quarter => format!("{year}년 {}분기", month / 3 + 1),
            Precision::HalfYear if month == 1 => format!("{year}년 상반기"),
            Precision::HalfYear => format!("{year}년 하반기"),
            Precision::Year => format!("{year}년"),
        };
        if self.approximate {
            format!("{text} 무렵")
        } else {
            text
        }
    }

    fn words_en(self) -> String {
        let (year, month) = (self.first.year(), self.first.month0() as usize);
        let text = match self.precision {
            Precision::Day => format!("{} {} {year}", self.first.day(), MONTHS[month]),
            Precision::Month => format!("{} {year}", MONTHS[month]),
            Precision::Quarter => format!("the {} quarter of {year}", QUARTERS[month / 3]),
            Precision::HalfYear => format!("the {} half of {year}", QUARTERS[month / 6]),
            Precision::Year => year.to_string(),
        };
        if self.approximate {
            format!("about {text}")
        } else {
            text
        }
    }
}

impl ImpreciseDate {
    /// Returns true for a single day that is not approximate.
    pub fn is_certain_day(&self) -> bool {
        matches!(self.shape, Shape::One(span) if span.precision == Precision::Day && !span.approximate)
    }

    /// Returns the words of a source that states no limit, though one is recorded: what it tells of has
    /// happened by the day of the record (see [`Self::happened_by`]).
    fn without_stated_limit(&self) -> Option<&str> {
        let Shape::By(until) = self.shape else {
            return None;
        };
        let stated = self.as_stated()?;
        let numbers = stated.split(|c: char| !c.is_ascii_digit());
        let numbers: Vec<u32> = numbers.filter_map(|text| text.parse().ok()).collect();
        let (month, day) = (until.first.month(), until.first.day());
        let is_stated = numbers.contains(&month) && numbers.contains(&day);
        (until.precision == Precision::Day && !is_stated).then_some(stated)
    }

    /// Returns the date in words: those of the source if nothing else is known.
    pub fn words(&self, language: Language) -> String {
        if let Some(stated) = self.without_stated_limit() {
            return stated.to_owned();
        }
        match (language, self.shape) {
            (_, Shape::Words) => self.as_stated().unwrap_or_default().to_owned(),
            (Language::Korean, Shape::One(span)) => span.words_ko(),
            (Language::Korean, Shape::By(until)) => format!("{}까지", until.words_ko()),
            (Language::Korean, Shape::From(from)) => format!("{}부터", from.words_ko()),
            (Language::Korean, Shape::Between(from, until)) => {
                format!("{}부터 {}까지", from.words_ko(), until.words_ko())
            }
            (Language::English, Shape::One(span)) => span.words_en(),
            (Language::English, Shape::By(until)) => format!("by {}", until.words_en()),
            (Language::English, Shape::From(from)) => format!("from {}", from.words_en()),
            (Language::English, Shape::Between(from, until)) => {
                format!("between {} and {}", from.words_en(), until.words_en())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::wording::{Context, read_date};

    #[test]
    fn every_form_has_words() {
        for (edtf, ko, en) in [
            ("2022", "2022년", "2022"),
            ("2021-08", "2021년 8월", "August 2021"),
            ("2021-12-31", "2021년 12월 31일", "31 December 2021"),
            ("2022-33", "2022년 1분기", "the first quarter of 2022"),
            ("2022-Q3", "2022년 3분기", "the third quarter of 2022"),
            ("2022-36", "2022년 4분기", "the fourth quarter of 2022"),
            ("2022-40", "2022년 상반기", "the first half of 2022"),
            ("2026-41", "2026년 하반기", "the second half of 2026"),
            ("../2024", "2024년까지", "by 2024"),
            ("2024-02/..", "2024년 2월부터", "from February 2024"),
            (
                "2022/2024",
                "2022년부터 2024년까지",
                "between 2022 and 2024",
            ),
            ("2026-12~", "2026년 12월 무렵", "about December 2026"),
        ] {
            let date = ImpreciseDate::parse(edtf).unwrap();
            assert_eq!(date.words(Language::Korean), ko);
            assert_eq!(date.words(Language::English), en);
            assert_eq!(date.is_certain_day(), edtf == "2021-12-31");
        }
    }

    #[test]
    fn a_limit_is_told_where_it_is_stated() {
        for (edtf, as_stated, en) in [
            (None, "봄", "봄"),
            (None, "작년 12월", "작년 12월"),
            (
                Some("../2024-06-30"),
                "2024년 6월 30일까지",
                "by 30 June 2024",
            ),
            (Some("../2024"), "언젠가", "by 2024"),
        ] {
            let written = serde_json::json!({"edtf": edtf, "as_stated": as_stated});
            let date: ImpreciseDate = serde_json::from_value(written).unwrap();
            let happened = date.happened_by("2026-12-01".parse().unwrap());
            assert_eq!(happened.words(Language::English), en, "{as_stated}");
        }
    }

    /// Dates of every precision, certain and approximate, in order.
    const POINTS: [&str; 10] = [
        "2020",
        "2021-33",
        "2021-40",
        "2021-36",
        "2021-41",
        "2022-03",
        "2023-05-01",
        "2023-12-31~",
        "2024-10~",
        "2025~",
    ];

    #[test]
    fn each_date_is_read_back_from_its_words() {
        let alone = POINTS.iter().flat_map(|point| {
            let open = [format!("../{point}"), format!("{point}/..")];
            [(*point).to_owned()].into_iter().chain(open)
        });
        let spans = POINTS
            .iter()
            .flat_map(|from| POINTS.iter().map(move |until| format!("{from}/{until}")));
        let mut count = 0;
        for edtf in alone.chain(spans) {
            let Ok(date) = ImpreciseDate::parse(&edtf) else {
                continue;
            };
            count += 1;
            for language in [Language::Korean, Language::English] {
                let words = date.words(language);
                let read = read_date(&words, &Context::default());
                let read = read.value.and_then(|date| date.edtf());
                assert_eq!(read, date.edtf(), "{words}");
            }
        }
        assert!(count > 60, "{count}");
    }

    #[test]
    fn a_day_is_certain_alone() {
        assert!(
            !ImpreciseDate::parse("2021-12-31~")
                .unwrap()
                .is_certain_day()
        );
        assert!(
            !ImpreciseDate::parse("../2021-12-31")
                .unwrap()
                .is_certain_day()
        );
    }
}
