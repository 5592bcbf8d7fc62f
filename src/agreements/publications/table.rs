//! Publications as rows, written with their agreement, for lists across agreements.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::agreements::doc::Doc;
use crate::db::AnyConnection;
use crate::db::schema::publications as p;
use crate::kernel::clock::rfc3339;
use crate::kernel::error::ApiError;
use crate::kernel::ids::AgreementId;
use crate::kernel::values::to_stored;

#[derive(Insertable)]
#[diesel(table_name = p, treat_none_as_default_value = false)]
struct Row {
    publication_id: String,
    agreement_id: String,
    municipality_id: String,
    extent: &'static str,
    sort_published: String,
    published_earliest: Option<NaiveDate>,
    published_latest: Option<NaiveDate>,
    sort_changed: String,
    doc: String,
}

/// Writes the publications of an agreement; none of one that was withdrawn or voided.
pub fn write(conn: &mut AnyConnection, id: AgreementId, doc: &Doc) -> Result<(), ApiError> {
    if doc.status().is_void() {
        return Ok(());
    }
    for part in &doc.publications {
        let content = &part.content;
        let by = content.municipality_id.unwrap_or(doc.municipality_id);
        let row = Row {
            publication_id: part.id.to_string(),
            agreement_id: id.to_string(),
            municipality_id: by.to_string(),
            extent: content.extent.as_str(),
            sort_published: content.published_on.sort_key(),
            published_earliest: content.published_on.earliest(),
            published_latest: content.published_on.latest(),
            sort_changed: rfc3339(part.changed_at.unwrap_or_default()),
            doc: to_stored(content)?,
        };
        diesel::insert_into(p::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// Removes the rows of [`write()`].
pub fn remove(conn: &mut AnyConnection, agreement: &str) -> Result<(), ApiError> {
    diesel::delete(p::table.filter(p::agreement_id.eq(agreement))).execute(conn)?;
    Ok(())
}
