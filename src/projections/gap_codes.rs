//! The codes of the gaps of a record as a column, by which lists are filtered.

use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::Serialize;

use crate::db::MultiBackend;
use crate::kernel::values::{Gap, to_db};

/// Returns the codes of gaps, each once and with a space on both sides.
pub fn to_column(gaps: &[Gap]) -> String {
    let mut codes: Vec<&str> = gaps.iter().map(|gap| gap.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.iter().map(|code| format!(" {code} ")).collect()
}

/// Returns the condition that a record has one of the gaps.
pub fn any_of<'a, QS: 'a>(
    column: &str,
    gaps: &[impl Serialize],
) -> Box<dyn BoxableExpression<QS, MultiBackend, SqlType = Bool> + 'a> {
    // The codes are those of an enumeration of the program, so nothing needs escaping.
    let codes = gaps
        .iter()
        .map(|gap| format!("{column} LIKE '% {} %'", to_db(gap)));
    let any = codes.collect::<Vec<_>>().join(" OR ");
    Box::new(diesel::dsl::sql::<Bool>(&format!("({any})")))
}
