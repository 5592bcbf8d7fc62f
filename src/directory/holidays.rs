//! The public holidays, with those declared by an admin.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::holidays as h;
use crate::db::{AnyConnection, Json, directly};
use crate::kernel::error::ApiError;
use crate::kernel::language::Message;
use crate::kernel::legal_days::Holidays;
use crate::kernel::values::Localized;

/// Returns the holidays of the table and those declared since.
pub fn holidays(conn: &mut AnyConnection) -> Result<Holidays, ApiError> {
    let declared = h::table.order(h::id).select((h::day, h::name));
    let rows: Vec<(NaiveDate, Json<Localized>)> = directly!(conn, declared, load)?;
    let named = rows.into_iter().map(|(day, Json(name))| {
        let text = |first: &Option<String>, other: &Option<String>| {
            first.clone().or_else(|| other.clone()).unwrap_or_default()
        };
        let message = Message::new(text(&name.ko, &name.en), text(&name.en, &name.ko));
        (day, message)
    });
    Ok(Holidays::with(named))
}
