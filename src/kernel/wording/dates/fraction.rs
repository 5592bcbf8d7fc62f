//! A year with a fraction of it: `2022. 3/4` is its third quarter, or a day of March.

use super::point::{Part, Point};
use super::single::{Field, Found, Mark, triple, year_first, years_of};
use super::{Failure, How};
use crate::kernel::wording::Context;

/// Reads a year with one of its quarters or halves, which is perhaps a month and its day: `2021. 3/4`,
/// `'21.1/2`; at the end of a span that begins with such a part, `2/4`.
pub(super) fn fraction(
    fields: &[Field],
    inherited: Option<Point>,
    context: &Context,
) -> Result<Option<Found>, Failure> {
    let (year, part, whole) = match *fields {
        [year, part, whole] if year.width > 1 && year.mark != Mark::Slash => {
            (Some(year), part, whole)
        }
        [part, whole] => (None, part, whole),
        _ => return Ok(None),
    };
    let is_fraction = part.mark == Mark::Slash
        && matches!(whole.mark, Mark::None | Mark::Dot)
        && (part.width, whole.width) == (1, 1)
        && (1..=whole.value).contains(&part.value);
    let named = match whole.value {
        4 => Part::Quarter(part.value),
        2 => Part::Half(part.value),
        _ => return Ok(None),
    };
    let of_year = |year| (Point { year, part: named }, How::PartOfYear);
    let Some(year) = year.filter(|_| is_fraction) else {
        let from = inherited.filter(|from| matches!(from.part, Part::Quarter(_) | Part::Half(_)));
        return Ok(from
            .filter(|_| is_fraction && fields.len() == 2)
            .map(|from| vec![of_year(from.year)]));
    };
    let mut found: Found = years_of(year, context)?.into_iter().map(of_year).collect();
    let days = match year.is_year() {
        true => year_first(year, &[part, whole], context)?,
        false => triple([year, part, whole], context).unwrap_or_default(),
    };
    found.extend(days.into_iter().map(|(point, how)| match how {
        How::Plain => (point, How::YearFirst),
        how => (point, how),
    }));
    Ok(Some(found))
}
