//! The order in which a column writes short dates.

use super::How;
use super::single::{is_mistyped, years};
use crate::kernel::wording::{Context, plain};

/// The order of the parts of short dates in a column, as its cells show it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// No cell shows it.
    #[default]
    Unknown,
    /// One cell begins with a year of four digits, which alone shows no order of dates with two.
    FullYear,
    /// Cells begin with a day and end with a year of four digits, which shows no order of dates with two.
    FullYearLast,
    YearFirst,
    DayFirst,
    MonthFirst,
    /// Cells show different orders, so that none of them settles another cell.
    Mixed,
    /// Cells show different orders, some of them with the day first.
    MixedWithDayFirst,
}

impl Order {
    pub(super) fn is(self, how: How) -> bool {
        matches!(
            (self, how),
            (Self::YearFirst, How::YearFirst)
                | (Self::DayFirst, How::DayFirst)
                | (Self::MonthFirst, How::MonthFirst)
        )
    }

    /// Returns whether one order holds for the whole column.
    pub(super) fn is_settled(self) -> bool {
        matches!(self, Self::YearFirst | Self::DayFirst | Self::MonthFirst)
    }

    pub(super) fn has_day_first(self) -> bool {
        matches!(
            self,
            Self::DayFirst | Self::FullYearLast | Self::MixedWithDayFirst
        )
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unknown, order) | (order, Self::Unknown) => order,
            // Several make it the habit of the column.
            (Self::FullYear, Self::FullYear) => Self::YearFirst,
            (one, two) if one == two => one,
            (Self::FullYear, Self::YearFirst) | (Self::YearFirst, Self::FullYear) => {
                Self::YearFirst
            }
            (Self::FullYearLast, Self::DayFirst) | (Self::DayFirst, Self::FullYearLast) => {
                Self::DayFirst
            }
            (one, two) if one.has_day_first() || two.has_day_first() => Self::MixedWithDayFirst,
            _ => Self::Mixed,
        }
    }
}

/// Returns the order that the cells of a column show: those of three numbers that can be a day of the
/// years in `years` in one order alone.
pub fn order_of<'a>(cells: impl IntoIterator<Item = &'a str>, years: (i32, i32)) -> Order {
    let context = Context {
        years,
        ..Context::default()
    };
    let orders = cells.into_iter().map(|cell| shown(cell, &context));
    orders.fold(Order::Unknown, Order::and)
}

/// Returns the order that one cell shows.
fn shown(cell: &str, context: &Context) -> Order {
    let text = plain::normal(cell);
    let mut numbers: Vec<(u32, usize)> = Vec::with_capacity(3);
    for run in text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty())
    {
        match run.parse() {
            Ok(value) if numbers.len() < 3 && run.len() <= 4 => numbers.push((value, run.len())),
            _ => break,
        }
    }
    let [a, b, c] = numbers[..] else {
        return Order::Unknown;
    };
    let in_calendar = |month: u32, day: u32| (1..=12).contains(&month) && (1..=31).contains(&day);
    let is_year = |(value, width): (u32, usize)| match width {
        4 => true,
        _ => years(value, context)
            .into_iter()
            .any(|y| (context.years.0..=context.years.1).contains(&y)),
    };
    let day_sized = |(_, width): (u32, usize)| width <= 2;
    let orders = [
        (Order::YearFirst, a, b, c),
        (Order::DayFirst, c, b, a),
        (Order::MonthFirst, c, a, b),
    ];
    let mut possible = orders.into_iter().filter(|(_, year, month, day)| {
        is_year(*year) && day_sized(*month) && day_sized(*day) && in_calendar(month.0, day.0)
    });
    match (possible.next(), possible.next()) {
        (Some((_, (_, 4), ..)), None) if a.1 == 4 => Order::FullYear,
        (Some((Order::DayFirst, (_, 4), ..)), None) => Order::FullYearLast,
        // Hardly any text writes a year with one digit, and one of four digits is told by itself.
        (Some((_, (_, 1 | 4), ..)), None) => Order::Unknown,
        (Some((order, ..)), None) if order == Order::YearFirst => order,
        (Some(_), None) if is_year(a) && is_mistyped(b.0, c.0) => Order::Unknown,
        (Some((order, ..)), None) => order,
        _ => Order::Unknown,
    }
}
