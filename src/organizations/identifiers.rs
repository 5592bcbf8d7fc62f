//! Identifiers issued to organizations; no two organizations share one.

use diesel::prelude::*;

use super::types::OrganizationContent;
use crate::db::AnyConnection;
use crate::db::schema::{organization_identifiers, organizations};
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::values::{Localized, stored};

/// Returns the conflict error for a value that another organization already has.
pub fn taken_at(pointer: &str, code: &str, message: Message) -> ApiError {
    ApiError::new(Code::Conflict).and(vec![FieldError::body(pointer, code, message)])
}

/// Checks that no identifier appears twice or belongs to another organization.
///
/// # Errors
/// `validation_failed` if one appears twice; `conflict`, naming the other organization, if one is
/// taken.
pub(super) fn free_identifiers(
    conn: &mut AnyConnection,
    id: OrganizationId,
    content: &OrganizationContent,
) -> Result<(), ApiError> {
    use organization_identifiers as i;
    use organizations as o;
    let mut errors = Vec::new();
    for (n, identifier) in content.identifiers.iter().enumerate() {
        let at = format!("/identifiers/{n}/id");
        if content.identifiers[..n]
            .iter()
            .any(|e| e.scheme == identifier.scheme && e.key() == identifier.key())
        {
            return Err(ApiError::invalid_at(
                at,
                "identifier_twice",
                Message::fixed(
                    "같은 식별자가 두 번 있습니다.",
                    "The same identifier stands twice.",
                ),
            ));
        }
        let owner = i::table
            .inner_join(o::table.on(o::id.eq(i::organization_id)))
            .filter(
                i::scheme
                    .eq(identifier.scheme.as_str())
                    .and(i::value.eq(identifier.key())),
            )
            .filter(o::id.ne(id.to_string()))
            .select((o::id, o::name))
            .first::<(String, String)>(conn)
            .optional()?;
        if let Some((owner, name)) = owner {
            let name: Localized = stored(&name)?;
            let name = name.texts().next().unwrap_or_default().to_owned();
            let message = Message::new(
                format!("다른 기관의 식별자입니다: {name} ({owner})"),
                format!("Another organization has this identifier: {name} ({owner})."),
            );
            errors.push(FieldError::body(at, "identifier_taken", message));
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ApiError::new(Code::Conflict).and(errors))
    }
}
