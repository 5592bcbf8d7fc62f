//! Contact of an agreement: personal data, of which the log holds only a digest.

use uuid::Uuid;

use super::doc::Doc;
use super::types::Contact;

/// Gives a changed contact a new salt.
pub(super) fn salted(mut doc: Doc, before: Option<&Contact>) -> Doc {
    if doc.content.contact.as_ref() != before {
        let contact = doc.content.contact.as_ref();
        doc.contact_salt = contact.map(|_| Uuid::new_v4().to_string());
    }
    doc
}
