//! Identifiers issued to organizations; no two organizations share one.

use diesel::prelude::*;

use super::types::OrganizationContent;
use crate::db::schema::{organization_identifiers, organizations};
use crate::db::{AnyConnection, Json};
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::values::{Identifier, Localized};

/// Checks that no identifier appears twice or belongs to another organization.
///
/// # Errors
/// `validation_failed` if any appears twice; `conflict`, naming the other organizations, if any is
/// taken.
pub(super) fn check_identifiers(
    conn: &mut AnyConnection,
    id: OrganizationId,
    content: &OrganizationContent,
) -> Result<(), ApiError> {
    let repeated = repeated(&content.identifiers);
    if !repeated.is_empty() {
        return Err(ApiError::invalid(repeated));
    }
    let mut taken = Vec::new();
    for (n, identifier) in content.identifiers.iter().enumerate() {
        let Some((owner, name)) = owner(conn, id, identifier)? else {
            continue;
        };
        let name = name.texts().next().unwrap_or_default();
        let message = Message::new(
            format!("다른 기관의 식별자입니다: {name} ({owner})"),
            format!("Another organization has this identifier: {name} ({owner})."),
        );
        let at = format!("/identifiers/{n}/id");
        taken.push(FieldError::body(at, "identifier_taken", message));
    }
    if taken.is_empty() {
        Ok(())
    } else {
        Err(ApiError::new(Code::Conflict).and(taken))
    }
}

/// Returns an error for each identifier that repeats an earlier one.
fn repeated(identifiers: &[Identifier]) -> Vec<FieldError> {
    let repeated = identifiers.iter().enumerate().filter(|(n, identifier)| {
        let mut earlier = identifiers[..*n].iter();
        earlier.any(|e| e.scheme == identifier.scheme && e.key() == identifier.key())
    });
    let error = |(n, _)| {
        let message = Message::fixed(
            "같은 식별자가 두 번 있습니다.",
            "The same identifier stands twice.",
        );
        FieldError::body(format!("/identifiers/{n}/id"), "identifier_twice", message)
    };
    repeated.map(error).collect()
}

/// Returns the id and the name of another organization that has an identifier.
fn owner(
    conn: &mut AnyConnection,
    id: OrganizationId,
    identifier: &Identifier,
) -> Result<Option<(String, Localized)>, ApiError> {
    use organization_identifiers as i;
    use organizations as o;
    let same = i::scheme
        .eq(identifier.scheme.as_str())
        .and(i::value.eq(identifier.key()));
    let found = i::table
        .inner_join(o::table.on(o::id.eq(i::organization_id)))
        .filter(same.and(o::id.ne(id.to_string())))
        .select((o::id, o::name))
        .first::<(String, Json<Localized>)>(conn)
        .optional()?;
    Ok(found.map(|(owner, Json(name))| (owner, name)))
}
