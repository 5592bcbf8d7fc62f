//! Personal data of an agreement, its contact and the names of individuals: the log holds only
//! digests of it.

use uuid::Uuid;

use super::doc::Doc;
use super::individuals::names;
use super::types::AgreementContent;

/// Gives changed personal data a new salt.
pub(super) fn salted(mut doc: Doc, before: Option<&AgreementContent>) -> Doc {
    let contact = doc.content.contact.as_ref();
    if contact != before.and_then(|before| before.contact.as_ref()) {
        doc.contact_salt = contact.map(|_| Uuid::new_v4().to_string());
    }
    let people = |content: &AgreementContent| -> Vec<String> {
        names(&content.individual_parties)
            .map(str::to_owned)
            .collect()
    };
    let (now, then) = (people(&doc.content), before.map(people).unwrap_or_default());
    if now != then {
        doc.names_salt = (!now.is_empty()).then(|| Uuid::new_v4().to_string());
    }
    doc
}
