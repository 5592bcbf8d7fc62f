//! Storage of delivery attempts.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use uuid::Uuid;

use super::types::Attempt;
use crate::db::schema::webhook_attempts as a;
use crate::db::{AnyConnection, Name, in_list};
use crate::kernel::error::ApiError;
use crate::kernel::values::to_db;
use crate::outbound::Failure;

#[derive(Queryable, Selectable)]
#[diesel(table_name = a)]
struct Row {
    delivery_id: String,
    at: NaiveDateTime,
    status: Option<i32>,
    error: Option<Name<Failure>>,
    duration_ms: i64,
    excerpt: Option<String>,
}

impl Row {
    fn read(self) -> Result<Attempt, ApiError> {
        Ok(Attempt {
            at: self.at.and_utc(),
            status: self
                .status
                .map(|status| u16::try_from(status).map_err(ApiError::internal))
                .transpose()?,
            error: self.error.map(|Name(error)| error),
            duration_ms: self.duration_ms,
            excerpt: self.excerpt,
        })
    }
}

/// Stores an attempt.
pub fn keep(conn: &mut AnyConnection, delivery: &str, attempt: &Attempt) -> Result<(), ApiError> {
    diesel::insert_into(a::table)
        .values((
            a::id.eq(Uuid::now_v7().to_string()),
            a::delivery_id.eq(delivery),
            a::at.eq(attempt.at.naive_utc()),
            a::status.eq(attempt.status.map(i32::from)),
            a::error.eq(attempt.error.as_ref().map(to_db)),
            a::duration_ms.eq(attempt.duration_ms),
            a::excerpt.eq(&attempt.excerpt),
        ))
        .execute(conn)?;
    Ok(())
}

/// Returns the attempts of the deliveries, by delivery, in chronological order.
pub fn of(
    conn: &mut AnyConnection,
    deliveries: Vec<String>,
) -> Result<HashMap<String, Vec<Attempt>>, ApiError> {
    let rows: Vec<Row> = a::table
        .filter(in_list(a::delivery_id, deliveries))
        .order((a::at, a::id))
        .select(Row::as_select())
        .load(conn)?;
    let mut found: HashMap<String, Vec<Attempt>> = HashMap::new();
    for row in rows {
        let id = row.delivery_id.clone();
        found.entry(id).or_default().push(row.read()?);
    }
    Ok(found)
}
