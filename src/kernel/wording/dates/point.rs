//! A point of the calendar as it is written: a year, or a part of one.

/// A year, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Point {
    pub year: i32,
    pub part: Part,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Year,
    /// A half-year, from 1.
    Half(u32),
    /// A quarter, from 1.
    Quarter(u32),
    Month(u32),
    /// A month and its day.
    Day(u32, u32),
}

impl Point {
    pub fn edtf(self) -> String {
        let year = self.year;
        match self.part {
            Part::Year => format!("{year:04}"),
            Part::Half(half) => format!("{year:04}-{}", 39 + half),
            Part::Quarter(quarter) => format!("{year:04}-{}", 32 + quarter),
            Part::Month(month) => format!("{year:04}-{month:02}"),
            Part::Day(month, day) => format!("{year:04}-{month:02}-{day:02}"),
        }
    }

    /// Returns whether the calendar has it.
    pub fn exists(self) -> bool {
        let (month, day) = match self.part {
            Part::Year => (1, 1),
            Part::Half(half) => return (1..=2).contains(&half) && self.year > 0,
            Part::Quarter(quarter) => return (1..=4).contains(&quarter) && self.year > 0,
            Part::Month(month) => (month, 1),
            Part::Day(month, day) => (month, day),
        };
        (1..=9999).contains(&self.year)
            && chrono::NaiveDate::from_ymd_opt(self.year, month, day).is_some()
    }
}
