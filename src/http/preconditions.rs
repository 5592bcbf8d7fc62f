//! Conditions of a `POST` (RFC 9110 13): it is held to the state of the records that its address names,
//! the agreement as well as the report below it, since a `POST` changes what it stands below.

use actix_web::HttpRequest;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamp};
use uuid::Uuid;

use super::conditional::IfMatch;
use crate::db::{AnyConnection, RawQuery};
use crate::kernel::error::ApiError;
use crate::kernel::values::Revision;

/// The tables of everything that has a version.
const TABLES: [&str; 14] = [
    "addresses",
    "agreements",
    "announcements",
    "association_members",
    "commitment_reports",
    "holidays",
    "imports",
    "meetings",
    "milestones",
    "organizations",
    "projects",
    "tokens",
    "webhooks",
    "working_groups",
];

/// The conditions of a `POST`.
#[derive(Clone, Debug)]
pub(super) struct Preconditions {
    expected: IfMatch,
    /// The ids in the address.
    ids: Vec<Uuid>,
}

impl Preconditions {
    /// Returns conditions that are always met.
    pub fn none() -> Self {
        Self {
            expected: IfMatch::any(),
            ids: Vec::new(),
        }
    }

    pub fn read(req: &HttpRequest) -> Self {
        let ids = req.path().split('/').map(Uuid::parse_str);
        Self {
            expected: IfMatch::given(req),
            ids: ids.filter_map(Result::ok).collect(),
        }
    }

    /// Runs work under the conditions. It is compared with the states before it, once the caller is known to
    /// have access: what it does is undone with its transaction.
    ///
    /// # Errors
    /// `precondition_failed`; otherwise the error of `work`.
    pub fn hold<T>(
        &self,
        conn: &mut AnyConnection,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let states = self.states(conn)?;
        let done = work(conn);
        // A request that would be refused whatever it contains is refused for that (RFC 9110 13.2.1).
        let is_met_first = |error: &ApiError| {
            let is_of_content = matches!(error.code.status().as_u16(), 409 | 422);
            !is_of_content || error.is_repeated()
        };
        if !done.as_ref().is_err_and(is_met_first) {
            self.expected.check_any(&states)?;
        }
        done
    }

    /// Returns the states of the records in the address.
    fn states(&self, conn: &mut AnyConnection) -> Result<Vec<Revision>, ApiError> {
        let mut states = Vec::new();
        if !self.expected.names_a_state() {
            return Ok(states);
        }
        let one = |table| {
            format!("SELECT version, updated_at FROM {table} WHERE id = (SELECT id FROM named)")
        };
        let all = TABLES.map(one).join(" UNION ALL ");
        for id in &self.ids {
            let id = id.to_string();
            let (before, after) = ("WITH named AS (SELECT ".into(), format!(" AS id) {all}"));
            let query = RawQuery::<(BigInt, Timestamp)>::new(before, &id, after);
            for (version, updated) in query.load::<(i64, NaiveDateTime)>(conn)? {
                states.push(Revision::read(&id, version, updated)?);
            }
        }
        Ok(states)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_with_a_version_is_named() {
        let tables = include_str!("../db/schema.rs").split("diesel::table! {");
        let versioned = tables.filter(|table| table.contains("\n        version -> BigInt"));
        let mut names: Vec<&str> = versioned
            .map(|table| table.trim_start().split(' ').next().unwrap())
            .collect();
        names.sort_unstable();
        assert_eq!(names, TABLES);
    }
}
