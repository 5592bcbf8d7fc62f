//! All kinds of records, and their names as the API takes them.

use std::borrow::Cow;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::access::keys::{CALENDAR, CHANGE_STREAM, TOKEN, WEBHOOK};
use crate::agreements::records::{AGREEMENT, COMMITMENT_REPORT};
use crate::announcements::records::ANNOUNCEMENT;
use crate::holidays::records::HOLIDAY;
use crate::ledger::records::{DerivedTable, Record};
use crate::organizations::records::{ASSOCIATION_MEMBER, ORGANIZATION};
use crate::projections;
use crate::projects::records::{MILESTONE, PROJECT};
use crate::working_groups::records::{MEETING, WORKING_GROUP};

/// Every kind of record, in the order in which records are rebuilt: after the records that they
/// are derived from. A report comes before its agreement, whose progress depends on it; others come
/// after the records that they refer to. Holidays come first: they move due dates.
pub static ALL: [&Record; 14] = [
    &HOLIDAY,
    &ORGANIZATION,
    &ASSOCIATION_MEMBER,
    &PROJECT,
    &MILESTONE,
    &COMMITMENT_REPORT,
    &AGREEMENT,
    &WORKING_GROUP,
    &MEETING,
    &ANNOUNCEMENT,
    &TOKEN,
    &CALENDAR,
    &CHANGE_STREAM,
    &WEBHOOK,
];

/// Returns the kind with a name.
pub fn named(name: &str) -> Option<&'static Record> {
    ALL.into_iter().find(|record| record.name == name)
}

/// Returns every table that is derived from records.
pub fn derived() -> impl Iterator<Item = &'static DerivedTable> {
    let own = ALL.into_iter().flat_map(|record| record.derived);
    own.chain(&projections::TABLES)
}

/// Defines a type of the API for the names of some kinds of records.
macro_rules! names {
    ($(#[doc = $doc:literal])+ $name:ident: |$record:ident| $names:expr) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name {
            pub name: &'static str,
            pub record: &'static Record,
        }

        impl $name {
            /// Returns every name with its kind of record.
            pub fn all() -> impl Iterator<Item = Self> {
                ALL.into_iter().flat_map(|$record| $names.into_iter().map(move |name| Self {
                    name,
                    record: $record,
                }))
            }

            /// Returns the kind of record with a name.
            pub fn named(name: &str) -> Option<Self> {
                Self::all().find(|one| one.name == name)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.name.serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = Cow::<str>::deserialize(deserializer)?;
                Self::named(&name).ok_or_else(|| D::Error::custom("no kind of record has this name"))
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let description = [$($doc),+].map(str::trim).join(" ");
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some(description))
                    .enum_values(Some(Self::all().map(|one| one.name)))
                    .into()
            }
        }

        impl ToSchema for $name {}
    };
}

names! {
    /// A type of record whose changes are logged. Changes of tokens, calendars, streams and webhooks
    /// are visible only to admins of all municipalities.
    LoggedType: |record| [record.name]
}

names! {
    /// A resource whose records have a history.
    HistoryResource: |record| record.path.into_iter().chain(record.other_paths.iter().copied())
}

names! {
    /// A type of record that can be found.
    FoundType: |record| record.title.map(|_| record.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_one_record() {
        for one in FoundType::all() {
            assert_eq!(FoundType::named(one.name), Some(one));
        }
        let names: std::collections::BTreeSet<&str> =
            ALL.iter().map(|record| record.name).collect();
        assert_eq!(names.len(), ALL.len());
    }
}
