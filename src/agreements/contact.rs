//! The contact of an agreement: personal data, which the log of changes holds only as a digest.

use diesel::prelude::*;
use uuid::Uuid;

use super::doc::Doc;
use super::types::Contact;
use crate::db::AnyConnection;
use crate::db::schema::agreements;
use crate::error::ApiError;
use crate::values::{stored, to_stored};

/// Gives a contact that is not the one before a salt of its own.
pub(super) fn salted(mut doc: Doc, before: Option<&Contact>) -> Doc {
    if doc.content.contact.as_ref() != before {
        let contact = doc.content.contact.as_ref();
        doc.contact_salt = contact.map(|_| Uuid::new_v4().to_string());
    }
    doc
}

/// Salts the contacts that were recorded before the log of changes was.
///
/// # Errors
/// What the database says.
pub fn salt_all(conn: &mut AnyConnection) -> Result<(), ApiError> {
    use agreements as a;
    let held = a::doc
        .like("%\"contact\":{%")
        .and(a::doc.not_like("%\"contact_salt\":\"%"));
    let rows: Vec<(String, String)> = a::table.filter(held).select((a::id, a::doc)).load(conn)?;
    for (id, doc) in rows {
        let doc = salted(stored(&doc)?, None);
        diesel::update(a::table.find(id))
            .set(a::doc.eq(to_stored(&doc)?))
            .execute(conn)?;
    }
    Ok(())
}
