//! The identifiers that others gave to organizations: no two share one.

use diesel::prelude::*;
use uuid::Uuid;

use super::types::OrganizationContent;
use crate::db::AnyConnection;
use crate::db::schema::{organization_identifiers, organizations};
use crate::error::{ApiError, Code, FieldError};
use crate::http::language::Message;
use crate::values::{Localized, stored};

/// The refusal of what another organization has already.
pub(super) fn taken_at(pointer: &str, code: &str, message: Message) -> ApiError {
    ApiError::new(Code::Conflict).and(vec![FieldError::body(pointer, code, message)])
}

/// Refuses identifiers that stand twice, or that another organization has.
///
/// # Errors
/// `validation_failed`, or `conflict`, naming the other.
pub(super) fn free_identifiers(
    conn: &mut AnyConnection,
    id: Uuid,
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
