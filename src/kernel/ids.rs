//! Ids of records: one type for each kind, so that ids of different kinds cannot be mixed up.
//!
//! Every id is a UUIDv7. On the wire and in the database it is the text of the UUID alone.
//!
//! ```compile_fail,E0308
//! use mou_registry::kernel::ids::{AgreementId, OrganizationId};
//!
//! fn parties_of(agreement: AgreementId) {}
//!
//! let organization: OrganizationId = uuid::Uuid::now_v7().into();
//! parties_of(organization);
//! ```

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::try_parse(text).map(Self)
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                uuid_schema()
            }
        }

        impl ToSchema for $name {}
    )*

        /// Names of the types of ids.
        pub const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

/// The schema of every id; the spec shows it in place of a reference to it.
fn uuid_schema() -> RefOr<Schema> {
    use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
    let format = SchemaFormat::KnownFormat(KnownFormat::Uuid);
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(format));
    schema.build().into()
}

ids! {
    /// The id of an organization, municipalities and associations included.
    OrganizationId;
    /// The id of an organization's membership in an association or a working group.
    MembershipId;
    /// The id of an agreement.
    AgreementId;
    /// The id of a part of an agreement: a party, commitment, document, review or council action.
    PartId;
    /// The id of a report on a commitment.
    ReportId;
    /// The id of a project.
    ProjectId;
    /// The id of a milestone.
    MilestoneId;
    /// The id of a forecast or an outcome of a milestone.
    StatementId;
    /// The id of a working group.
    WorkingGroupId;
    /// The id of a meeting.
    MeetingId;
    /// The id of an announcement.
    AnnouncementId;
    /// The id of a token, or of a subject of the single sign-on.
    TokenId;
    /// The id of what has a secret address: a calendar or a stream of changes.
    AddressId;
    /// The id of a session of somebody who signed in.
    SignInId;
    /// The id of a webhook.
    WebhookId;
    /// The id of a declared holiday.
    HolidayId;
    /// The id of an import.
    ImportId;
}
