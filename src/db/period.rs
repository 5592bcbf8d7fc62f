//! Dates in a period.

/// Restricts a boxed query to the rows whose event can have been on a day of a period, by the columns
/// of its first and last possible day. What happened by a day can have happened on any before; words
/// alone, or no date, mean no day.
macro_rules! in_period {
    ($query:expr, ($earliest:expr, $latest:expr), ($from:expr, $to:expr)) => {{
        let mut query = $query;
        if let Some(day) = $from {
            query = query.filter($latest.ge(day));
        }
        if let Some(day) = $to {
            let open = $earliest.is_null().and($latest.is_not_null());
            query = query.filter(open.or($earliest.le(day).assume_not_null()));
        }
        query
    }};
}
pub(crate) use in_period;
