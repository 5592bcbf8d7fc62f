//! Words and figures of pages in one language.

use std::fmt::Display;

use chrono::NaiveDate;
use serde::Serialize;

use crate::council_report::page::words as official;
use crate::kernel::language::{Language, Message};
use crate::kernel::values::{Amount, Area, DayRange, ImpreciseDate, Money, to_db};
use crate::reference::labels::labels;

/// The language of a page, and what is written in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words(pub Language);

impl Words {
    /// Returns the tag of the language.
    pub fn tag(&self) -> &'static str {
        self.0.tag()
    }

    /// Returns the text in the page's language.
    pub fn t<'a>(&self, ko: &'a str, en: &'a str) -> &'a str {
        match self.0 {
            Language::Korean => ko,
            Language::English => en,
        }
    }

    pub fn message(&self, message: &Message) -> String {
        message.in_language(self.0).to_owned()
    }

    /// Returns the word for what is not known.
    pub fn unknown(&self) -> &'static str {
        self.t("미상", "Unknown")
    }

    /// Returns the place of a text in a document: its page, or else its paragraph.
    pub fn place<N: Display>(&self, page: Option<N>, paragraph: Option<N>) -> String {
        match (page, paragraph, self.0) {
            (Some(page), _, Language::Korean) => format!("{page}쪽"),
            (Some(page), _, Language::English) => format!("page {page}"),
            (None, Some(paragraph), Language::Korean) => format!("{paragraph}번째 문단"),
            (None, Some(paragraph), Language::English) => format!("paragraph {paragraph}"),
            (None, None, _) => String::new(),
        }
    }

    pub fn day(&self, day: NaiveDate) -> String {
        match self.0 {
            Language::Korean => official::day(day),
            Language::English => ImpreciseDate::from_day(day).words(self.0),
        }
    }

    /// Formats a date: in Korean a certain day as in official documents, other dates in words.
    pub fn date(&self, date: Option<&ImpreciseDate>) -> String {
        match (date, self.0) {
            (None, _) => self.unknown().to_owned(),
            (Some(date), Language::English) => date.words(self.0),
            (date, Language::Korean) => official::date(date, self.0),
        }
    }

    /// Returns the label of a code; the code itself if it has none.
    pub fn label(&self, enumeration: &str, code: &impl Serialize) -> String {
        let code = to_db(code);
        let found = labels().iter().find(|one| one.enumeration == enumeration);
        let found = found.and_then(|one| one.labels.iter().find(|label| label.code == code));
        found.map_or(code, |label| self.message(&label.label))
    }

    /// Returns the codes of an enumeration with their labels.
    pub fn choices(&self, enumeration: &str) -> Vec<(String, String)> {
        let found = labels().iter().find(|one| one.enumeration == enumeration);
        let labels = found.into_iter().flat_map(|one| &one.labels);
        labels
            .map(|label| (label.code.clone(), self.message(&label.label)))
            .collect()
    }

    pub fn number(&self, number: usize) -> String {
        official::thousands(i64::try_from(number).unwrap_or(i64::MAX))
    }

    pub fn days(&self, days: i64) -> String {
        official::days(days, self.0)
    }

    /// Formats the distance by which a target moved: from deadline to deadline, or else as a range.
    pub fn slip(&self, range: Option<&DayRange>, deadline: Option<i64>, met: bool) -> String {
        match (deadline, range) {
            (Some(days), _) => official::deadline_slip(days, met, self.0),
            (None, Some(range)) => official::slip(range, self.0),
            (None, None) => self.unknown().to_owned(),
        }
    }

    pub fn share(&self, value: Option<f64>, numerator: u64, denominator: u64) -> String {
        official::share(value, numerator, denominator, self.0)
    }

    /// Returns what is known of a condition: yes, no, or unknown.
    pub fn yes_no(&self, value: Option<bool>) -> &'static str {
        match value {
            Some(true) => self.t("예", "Yes"),
            Some(false) => self.t("아니요", "No"),
            None => self.unknown(),
        }
    }

    /// Formats an amount of money; in the words of the source where it states no figure.
    pub fn money(&self, money: &Money) -> String {
        money.words(self.0)
    }

    /// Formats an area; in the words of the source where it states no figure.
    pub fn area(&self, area: &Area) -> String {
        let one = |metres: f64| format!("{}㎡", decimal(metres));
        let about = self.about(area.approximate);
        let ends = (area.min_square_metres, area.max_square_metres);
        match (area.square_metres, ends) {
            (Some(metres), _) => format!("{about}{}", one(metres)),
            (None, (None, None)) => area.as_stated.clone().unwrap_or_default(),
            (None, (min, max)) => format!("{about}{}", self.range(min.map(one), max.map(one))),
        }
    }

    pub fn amount(&self, amount: &Amount) -> String {
        let unit = match (self.0, amount.unit.as_str()) {
            (Language::Korean, "persons") => "명",
            (Language::Korean, "jobs") => "개 일자리",
            (Language::Korean, "items") => "건",
            (_, "square_metres") => "㎡",
            (_, unit) => unit,
        };
        let space = if self.0 == Language::English { " " } else { "" };
        let about = self.about(amount.approximate);
        format!("{about}{}{space}{unit}", decimal(amount.value))
    }

    fn about(&self, approximate: bool) -> &'static str {
        match approximate {
            true => self.t("약 ", "about "),
            false => "",
        }
    }

    fn range(&self, min: Option<String>, max: Option<String>) -> String {
        match (min, max) {
            (Some(min), Some(max)) => format!("{min} ~ {max}"),
            (Some(min), None) => match self.0 {
                Language::Korean => format!("{min} 이상"),
                Language::English => format!("at least {min}"),
            },
            (None, Some(max)) => match self.0 {
                Language::Korean => format!("{max} 이하"),
                Language::English => format!("at most {max}"),
            },
            (None, None) => self.unknown().to_owned(),
        }
    }
}

/// Formats a number with at most two decimals.
pub fn decimal(number: f64) -> String {
    let rounded = format!("{number:.2}");
    let (whole, rest) = rounded.split_once('.').unwrap_or((&rounded, ""));
    let whole = whole
        .parse()
        .map_or_else(|_| whole.to_owned(), official::thousands);
    match rest.trim_end_matches('0') {
        "" => whole,
        rest => format!("{whole}.{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    #[test]
    fn figures_are_written_as_in_official_documents() {
        for (number, text) in [
            (870_000.0, "870,000"),
            (14_478.5, "14,478.5"),
            (0.25, "0.25"),
        ] {
            assert_eq!(decimal(number), text);
        }
    }

    #[test]
    fn codes_have_labels() {
        let w = Words(Language::Korean);
        assert_eq!(w.label("AgreementStatus", &"signed"), "체결");
        assert_eq!(w.label("AgreementStatus", &"nothing"), "nothing");
        assert_eq!(w.label("Nothing", &"signed"), "signed");
        assert_eq!(w.choices("InForce").len(), 3);
    }

    #[test]
    fn days_are_written_as_each_language_does() {
        let day = NaiveDate::from_ymd_opt(2021, 4, 16).unwrap();
        assert_eq!(Words(Language::Korean).day(day), "2021.\u{a0}4.\u{a0}16.");
        assert_eq!(Words(Language::English).day(day), "16 April 2021");
    }

    /// Words that nobody writes in an office, with those that stand for them: 비교, 조건, 초성, 사유, 단어,
    /// 추가, 수정, 삭제, 통합.
    const ODD: [&str; 12] = [
        "견주",
        "견준",
        "견줍",
        "거르기",
        "첫소리",
        "까닭",
        "낱말",
        "더하기",
        "고치기",
        "지우기",
        "거두기",
        "합치기",
    ];

    fn files(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => files(&path, found),
                false => found.push(path),
            }
        }
    }

    #[test]
    fn texts_have_the_words_of_an_office() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut all = vec![root.join("README.ko.md")];
        for folder in ["src/pages", "src/council_report", "docs/ko"] {
            files(&root.join(folder), &mut all);
        }
        all.retain(|path| !path.ends_with("pages/words.rs"));
        for path in all {
            // Pictures hold no words.
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let odd = ODD.iter().find(|word| text.contains(**word));
            assert_eq!(odd, None, "{}", path.display());
        }
    }
}
