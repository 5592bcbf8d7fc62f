//! Visibility as a query condition.
//!
//! The column `visibility` of a record names who sees it: the public, the tokens of its partners,
//! or the staff of its municipality, who see all records of theirs, and those of the agreements that
//! it shares with others. Records that a caller may not see are excluded from every row, count and
//! page, as if they did not exist.

use std::borrow::Cow;
use std::collections::BTreeSet;

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{Bool, HasSqlType, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::RequestContext;
use super::caller::{Caller, Reach, Role};
use crate::db::AnyConnection;
use crate::db::schema::{agreements, projects};
use crate::directory::succession::{Held, Share};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, OrganizationId, ProjectId};

/// Visibility of a record, from widest to narrowest.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Visible to everyone.
    #[default]
    Public,
    /// Visible to the tokens of organizations that take part.
    Partners,
    /// Visible to the staff of its municipality.
    Internal,
}

impl Visibility {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Partners => "partners",
            Self::Internal => "internal",
        }
    }
}

/// The condition that a row is one that the caller sees.
#[derive(Clone, Debug)]
pub struct Scope {
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Sql(Cow<'static, str>),
    Id(String),
}

impl Scope {
    /// Returns the records of a table that the caller sees.
    pub fn of(caller: &Caller, table: &str) -> Self {
        let shared = (table == "agreements").then_some("agreements.id");
        Self::build(caller, (table, false), shared, &[format!("{table}.id")])
    }

    /// Returns the rows of a table that the caller sees, where an organization takes part by one of
    /// these columns: each holds the id of an agreement, project or working group. The first holds
    /// that of the agreement, which several municipalities can share.
    pub fn with(caller: &Caller, table: &str, contexts: &[impl AsRef<str>]) -> Self {
        let shared = contexts.first().map(AsRef::as_ref);
        Self::build(caller, (table, false), shared, contexts)
    }

    /// Like [`Self::with`], for the rows whose staff or participants the caller is one of, whatever their
    /// visibility.
    pub fn inside(caller: &Caller, table: &str, contexts: &[impl AsRef<str>]) -> Self {
        let shared = contexts.first().map(AsRef::as_ref);
        Self::build(caller, (table, true), shared, contexts)
    }

    /// Returns the rows that belong to the municipalities of a list filter: a column of `table` holds
    /// the owner, and `agreement` the agreement, which several municipalities can share.
    pub fn held(held: &Held, share: Share, table: &str, agreement: &str) -> Self {
        let mut scope = Self { parts: Vec::new() };
        let owner = format!("{table}.municipality_id");
        scope.sql(format!("({owner}"));
        if share == Share::OfOthers {
            scope.sql(" NOT");
        }
        scope.among(&held.ids);
        // Most municipalities share nothing: their lists keep to the index of the owner.
        if share != Share::Own && held.shares {
            let and = if share == Share::Any { "OR" } else { "AND" };
            scope.sql(format!(
                " {and} {agreement} IN (SELECT agreement_id FROM agreement_owners WHERE municipality_id"
            ));
            scope.among(&held.ids);
            scope.sql(")");
        }
        scope.sql(")");
        scope
    }

    fn among(&mut self, ids: &[String]) {
        for (i, id) in ids.iter().enumerate() {
            self.sql(if i == 0 { " IN (" } else { ", " });
            self.parts.push(Part::Id(id.clone()));
        }
        self.sql(")");
    }

    fn build(
        caller: &Caller,
        (table, inside): (&str, bool),
        shared: Option<&str>,
        contexts: &[impl AsRef<str>],
    ) -> Self {
        let staff = caller.role.is_some_and(Role::is_staff);
        let mut scope = Self { parts: Vec::new() };
        if staff && caller.reach == Reach::All {
            scope.sql("TRUE");
            return scope;
        }
        match inside {
            true => scope.sql("(FALSE"),
            false => scope.sql(format!("({table}.visibility = 'public'")),
        }
        if let (true, Reach::Of(municipalities)) = (staff, &caller.reach) {
            scope.owned_by(table, shared, municipalities);
        }
        if let Some(organization) = caller.organization_id {
            match inside {
                true => scope.sql(" OR (TRUE"),
                false => scope.sql(format!(" OR ({table}.visibility = 'partners'")),
            }
            if let Reach::Of(municipalities) = &caller.reach {
                scope.sql(" AND (FALSE");
                scope.owned_by(table, shared, municipalities);
                scope.sql(")");
            }
            scope.sql(" AND (FALSE");
            for column in contexts {
                scope.sql(format!(" OR {}{PARTICIPATIONS}", column.as_ref()));
                scope.parts.push(Part::Id(organization.to_string()));
                scope.sql(")");
            }
            scope.sql("))");
        }
        scope.sql(")");
        scope
    }

    fn sql(&mut self, text: impl Into<Cow<'static, str>>) {
        self.parts.push(Part::Sql(text.into()));
    }

    /// Adds the rows that municipalities own, alone or with others.
    fn owned_by(
        &mut self,
        table: &str,
        shared: Option<&str>,
        municipalities: &BTreeSet<OrganizationId>,
    ) {
        for id in municipalities {
            self.sql(format!(" OR {table}.municipality_id = "));
            self.parts.push(Part::Id(id.to_string()));
            if let Some(column) = shared {
                self.sql(format!(" OR {column}{SHARED}"));
                self.parts.push(Part::Id(id.to_string()));
                self.sql(")");
            }
        }
    }

    /// Returns the condition as text. Ids are written by the program, so nothing needs escaping.
    pub fn to_sql(&self) -> String {
        let part = |part: &Part| match part {
            Part::Sql(text) => text.to_string(),
            Part::Id(id) => format!("'{id}'"),
        };
        self.parts.iter().map(part).collect()
    }
}

/// The agreements that a municipality shares with others.
const SHARED: &str = " IN (SELECT agreement_id FROM agreement_owners WHERE municipality_id = ";

/// The records in which an organization takes part: the view lists them for every kind.
const PARTICIPATIONS: &str = " IN (SELECT context_id FROM participations WHERE organization_id = ";

/// Returns true if the caller works for one of the municipalities to which the agreement, project or
/// working group `context` belongs, or acts for an organization that takes part in it. [`Scope::inside`]
/// is the same as a condition.
///
/// # Errors
/// Fails if the database cannot be read.
pub fn is_inside(
    conn: &mut AnyConnection,
    caller: &Caller,
    owners: &[OrganizationId],
    context: &str,
) -> Result<bool, ApiError> {
    if owners.iter().any(|owner| caller.works_for(*owner)) {
        return Ok(true);
    }
    let Some(organization) = caller.organization_id else {
        return Ok(false);
    };
    // A token has its rights for the municipalities in its reach.
    if !owners.iter().any(|owner| caller.reach.holds(*owner)) {
        return Ok(false);
    }
    // Ids are written by the program, so nothing needs escaping.
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM participations WHERE organization_id = '{organization}' \
         AND context_id = '{context}') AS found"
    );
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    Ok(diesel::sql_query(sql).get_result::<Row>(conn)?.found)
}

/// Returns a subquery for an agreement that filters a list; empty if the caller cannot see it.
#[diesel::dsl::auto_type(no_type_alias)]
pub fn visible_agreement(cx: &RequestContext, id: AgreementId) -> _ {
    let (id, scope): (String, Scope) = (id.to_string(), Scope::of(&cx.caller, "agreements"));
    agreements::table
        .filter(agreements::id.eq(id))
        .filter(scope)
        .select(agreements::id)
}

/// Returns the id of the project in a list filter, as a subquery; empty if the caller cannot see
/// it.
#[diesel::dsl::auto_type(no_type_alias)]
pub fn visible_project(cx: &RequestContext, id: ProjectId) -> _ {
    let (id, scope): (String, Scope) = (id.to_string(), Scope::of(&cx.caller, "projects"));
    projects::table
        .filter(projects::id.eq(id))
        .filter(scope)
        .select(projects::id)
}

impl Expression for Scope {
    type SqlType = Bool;
}
impl<QS> AppearsOnTable<QS> for Scope {}
impl<QS> SelectableExpression<QS> for Scope {}
impl<G> ValidGrouping<G> for Scope {
    type IsAggregate = diesel::expression::is_aggregate::No;
}
impl QueryId for Scope {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB> QueryFragment<DB> for Scope
where
    DB: Backend + HasSqlType<Text>,
    String: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        for part in &self.parts {
            match part {
                Part::Sql(text) => out.push_sql(text),
                Part::Id(id) => out.push_bind_param::<Text, _>(id)?,
            }
        }
        Ok(())
    }
}
