//! The zoom of the timeline: windows of a decade, a year and a month. Pure.

use chrono::{Datelike, Months, NaiveDate};

use super::words::Words;
use crate::kernel::values::ImpreciseDate;

/// The length of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Decade,
    Year,
    Month,
}

/// A decade, a year or a month of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub level: Level,
    pub first: NaiveDate,
    pub last: NaiveDate,
}

impl Level {
    pub const ALL: [Self; 3] = [Self::Decade, Self::Year, Self::Month];

    pub fn name(self, w: Words) -> &'static str {
        match self {
            Self::Decade => w.t("10년", "Decade"),
            Self::Year => w.t("1년", "Year"),
            Self::Month => w.t("1개월", "Month"),
        }
    }

    fn months(self) -> u32 {
        match self {
            Self::Decade => 120,
            Self::Year => 12,
            Self::Month => 1,
        }
    }

    /// Returns the level of the parts into which a window of this one is divided.
    fn finer(self) -> Option<Self> {
        match self {
            Self::Decade => Some(Self::Year),
            Self::Year => Some(Self::Month),
            Self::Month => None,
        }
    }
}

impl Window {
    /// Returns the window of a level that holds a day.
    pub fn around(level: Level, day: NaiveDate) -> Option<Self> {
        let (year, month) = match level {
            Level::Decade => (day.year().div_euclid(10) * 10, 1),
            Level::Year => (day.year(), 1),
            Level::Month => (day.year(), day.month()),
        };
        Self::from(level, NaiveDate::from_ymd_opt(year, month, 1)?)
    }

    fn from(level: Level, first: NaiveDate) -> Option<Self> {
        let next = first.checked_add_months(Months::new(level.months()))?;
        let last = next.pred_opt()?;
        Some(Self { level, first, last })
    }

    /// Returns the window with these ends, if they are those of one.
    pub fn of(first: NaiveDate, last: NaiveDate) -> Option<Self> {
        let windows = Level::ALL.into_iter();
        let mut windows = windows.filter_map(|level| Self::around(level, first));
        windows.find(|window| (window.first, window.last) == (first, last))
    }

    pub fn before(self) -> Option<Self> {
        let months = Months::new(self.level.months());
        Self::from(self.level, self.first.checked_sub_months(months)?)
    }

    pub fn after(self) -> Option<Self> {
        Self::from(self.level, self.last.succ_opt()?)
    }

    /// Returns the windows of the next finer level within this one.
    pub fn parts(self) -> Vec<Self> {
        let mut parts = Vec::new();
        let level = self.level.finer();
        let mut next = level.and_then(|level| Self::from(level, self.first));
        while let Some(part) = next.filter(|part| part.last <= self.last) {
            parts.push(part);
            next = part.after();
        }
        parts
    }

    pub fn name(self, w: Words) -> String {
        let year = self.first.year();
        match (self.level, w.tag()) {
            (Level::Decade, "ko") => format!("{year}년대"),
            (Level::Decade, _) => format!("{year}s"),
            (Level::Year, "ko") => format!("{year}년"),
            (Level::Year, _) => year.to_string(),
            (Level::Month, _) => {
                let month = self.first.format("%Y-%m").to_string();
                ImpreciseDate::parse(&month).map_or(month, |month| w.date(Some(&month)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::language::Language;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn windows_are_those_of_the_calendar() {
        for (level, first, last) in [
            (Level::Decade, "2020-01-01", "2029-12-31"),
            (Level::Year, "2024-01-01", "2024-12-31"),
            (Level::Month, "2024-02-01", "2024-02-29"),
        ] {
            let window = Window::around(level, day("2024-02-10")).unwrap();
            assert_eq!((window.first, window.last), (day(first), day(last)));
            assert_eq!(Window::of(day(first), day(last)), Some(window));
            assert_eq!(window.after().unwrap().before(), Some(window));
        }
        assert_eq!(Window::of(day("2024-01-02"), day("2024-12-31")), None);
        assert_eq!(
            Window::around(Level::Year, NaiveDate::MAX).and_then(Window::after),
            None
        );
    }

    #[test]
    fn each_level_leads_to_the_next() {
        let decade = Window::around(Level::Decade, day("2024-02-10")).unwrap();
        let years = decade.parts();
        assert_eq!(years.len(), 10);
        let months = years[4].parts();
        assert_eq!(months.len(), 12);
        assert_eq!(
            months[1],
            Window::of(day("2024-02-01"), day("2024-02-29")).unwrap()
        );
        assert!(months[1].parts().is_empty());
        let (ko, en) = (Words(Language::Korean), Words(Language::English));
        let names = [decade, years[4], months[1]].map(|window| window.name(ko));
        assert_eq!(names, ["2020년대", "2024년", "2024년 2월"]);
        let names = [decade, years[4], months[1]].map(|window| window.name(en));
        assert_eq!(names, ["2020s", "2024", "February 2024"]);
    }
}
