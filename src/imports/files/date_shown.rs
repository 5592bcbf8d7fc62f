//! Dates that a spreadsheet stores as numbers, as precise as their cells show them: a cell shown as
//! `2022.3` stores a day that nobody stated.

use chrono::{Datelike, NaiveDateTime, Timelike};

use super::super::book::Cell;

/// What a number format shows of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Day,
    Month,
    HalfYear(u8),
    Year,
    Time,
}

/// Returns what a number format shows. Built-in formats have no code, and show days.
pub fn shown(code: &str) -> Shown {
    let (mut tokens, mut literal) = (String::new(), String::new());
    let mut chars = code.split(';').next().unwrap_or_default().chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => literal.extend(chars.by_ref().take_while(|c| *c != '"')),
            '[' => drop(chars.by_ref().take_while(|c| *c != ']').last()),
            '\\' | '_' | '*' => literal.extend(chars.next()),
            c => tokens.push(c.to_ascii_lowercase()),
        }
    }
    let has = |c: char| tokens.contains(c);
    let is_time = has('h') || has('s');
    match (has('y'), has('m'), has('d')) {
        (_, _, true) => Shown::Day,
        (true, true, _) if !is_time => Shown::Month,
        (true, ..) if literal.contains("상반기") => Shown::HalfYear(40),
        (true, ..) if literal.contains("하반기") => Shown::HalfYear(41),
        (true, ..) if !is_time => Shown::Year,
        (false, ..) if is_time => Shown::Time,
        _ => Shown::Day,
    }
}

/// Returns the cell of an instant.
pub fn cell(at: NaiveDateTime, shown: Shown) -> Cell {
    let (year, month, day) = (at.year(), at.month(), at.day());
    if shown == Shown::Time || year < 1900 || at.date() == epoch() {
        return Cell::Text(format!("{:02}:{:02}", at.hour(), at.minute()));
    }
    let date = match shown {
        Shown::Month => format!("{year:04}-{month:02}"),
        Shown::Year => format!("{year:04}"),
        Shown::HalfYear(half) => format!("{year:04}-{half}"),
        Shown::Day | Shown::Time => format!("{year:04}-{month:02}-{day:02}"),
    };
    Cell::Date { date }
}

/// The day that stands for a time without a date.
fn epoch() -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(1899, 12, 31).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_show_a_part_of_the_date() {
        for (code, right) in [
            ("yyyy\"년\" m\"월\" d\"일\"", Shown::Day),
            ("[$-412]yyyy\\-mm\\-dd;@", Shown::Day),
            ("yyyy. m.", Shown::Month),
            ("yyyy\"년\"", Shown::Year),
            ("yyyy\"년 상반기\"", Shown::HalfYear(40)),
            ("h:mm AM/PM", Shown::Time),
            ("General", Shown::Day),
            ("", Shown::Day),
            ("mm-dd-yy", Shown::Day),
        ] {
            assert_eq!(shown(code), right, "{code}");
        }
        let at = chrono::NaiveDate::from_ymd_opt(2022, 3, 1).unwrap();
        let shown = cell(at.and_hms_opt(0, 0, 0).unwrap(), Shown::Month);
        assert_eq!(shown.words(), "2022-03");
    }
}
