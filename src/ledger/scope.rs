//! Visibility as a query condition.
//!
//! The column `audience` of a record holds its visibility: the public, the tokens of its partners,
//! or the staff of its municipality, who see all records of theirs. Records that a caller may not
//! see are excluded from every row, count and page, as if they did not exist.

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{Bool, HasSqlType, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::RequestContext;
use super::caller::{Caller, Reach, Role};
use crate::db::schema::{agreements, projects};

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

const OF_AGREEMENT: &str = "SELECT agreement_id FROM agreement_parties WHERE organization_id = ";
const OF_PROJECT: &str = "SELECT project_id FROM project_implementers WHERE organization_id = ";
const OF_GROUP: &str =
    "SELECT working_group_id FROM working_group_members WHERE organization_id = ";

/// Columns of a table that determine visibility.
#[derive(Debug)]
pub struct Scoped {
    audience: &'static str,
    owner: &'static str,
    /// Columns that name a record in which an organization can take part, each with the query for
    /// its participations.
    takes_part: &'static [(&'static str, &'static str)],
}

pub static AGREEMENTS: Scoped = Scoped {
    audience: "agreements.audience",
    owner: "agreements.municipality_id",
    takes_part: &[("agreements.id", OF_AGREEMENT)],
};
pub static PROJECTS: Scoped = Scoped {
    audience: "projects.audience",
    owner: "projects.municipality_id",
    takes_part: &[("projects.id", OF_PROJECT)],
};
pub static WORKING_GROUPS: Scoped = Scoped {
    audience: "working_groups.audience",
    owner: "working_groups.municipality_id",
    takes_part: &[("working_groups.id", OF_GROUP)],
};
pub static TIMELINE: Scoped = Scoped {
    audience: "timeline_entries.audience",
    owner: "timeline_entries.municipality_id",
    takes_part: &[
        ("timeline_entries.owner_id", OF_AGREEMENT),
        // A meeting has the project of its group, but not every implementer of that project may see
        // it.
        (
            "CASE timeline_entries.type WHEN 'milestone' THEN timeline_entries.project_id END",
            OF_PROJECT,
        ),
        ("timeline_entries.working_group_id", OF_GROUP),
    ],
};
pub static DUTIES: Scoped = Scoped {
    audience: "duties.audience",
    owner: "duties.municipality_id",
    takes_part: &[("duties.agreement_id", OF_AGREEMENT)],
};
pub static SEARCH: Scoped = Scoped {
    audience: "search_entries.audience",
    owner: "search_entries.municipality_id",
    takes_part: &[
        ("search_entries.context_id", OF_AGREEMENT),
        ("search_entries.context_id", OF_PROJECT),
        ("search_entries.context_id", OF_GROUP),
    ],
};

pub static CHANGES: Scoped = Scoped {
    audience: "changes.audience",
    owner: "changes.municipality_id",
    takes_part: &[
        ("changes.context_id", OF_AGREEMENT),
        ("changes.context_id", OF_PROJECT),
        ("changes.context_id", OF_GROUP),
    ],
};

/// SQL condition that selects the rows visible to a caller.
#[derive(Clone, Debug)]
pub struct Scope {
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Sql(&'static str),
    Id(String),
}

impl Scope {
    /// Builds the condition for a caller and a table.
    pub fn of(caller: &Caller, table: &'static Scoped) -> Self {
        use Part::{Id, Sql};
        if caller.role.is_some_and(Role::is_staff) && caller.reach == Reach::All {
            return Self {
                parts: vec![Sql("TRUE")],
            };
        }
        let mut parts = vec![Sql("("), Sql(table.audience), Sql(" = 'public'")];
        if let Reach::Of(municipalities) = &caller.reach
            && caller.role.is_some_and(Role::is_staff)
        {
            for id in municipalities {
                parts.extend([
                    Sql(" OR "),
                    Sql(table.owner),
                    Sql(" = "),
                    Id(id.to_string()),
                ]);
            }
        }
        if let Some(organization) = caller.organization_id {
            let id = organization.to_string();
            parts.extend([Sql(" OR ("), Sql(table.audience), Sql(" = 'partners'")]);
            if let Reach::Of(municipalities) = &caller.reach {
                parts.extend([Sql(" AND (FALSE")]);
                for id in municipalities {
                    parts.extend([Sql(" OR "), Sql(table.owner), Sql(" = ")]);
                    parts.push(Id(id.to_string()));
                }
                parts.push(Sql(")"));
            }
            parts.push(Sql(" AND (FALSE"));
            for (column, of) in table.takes_part {
                parts.extend([Sql(" OR "), Sql(column), Sql(" IN ("), Sql(of)]);
                parts.extend([Id(id.clone()), Sql(")")]);
            }
            parts.push(Sql("))"));
        }
        parts.push(Sql(")"));
        Self { parts }
    }

    /// Returns the condition as text, for textual queries. All ids are written by the program, so
    /// nothing needs escaping.
    pub fn to_sql(&self) -> String {
        let part = |part: &Part| match part {
            Part::Sql(text) => (*text).to_owned(),
            Part::Id(id) => format!("'{id}'"),
        };
        self.parts.iter().map(part).collect()
    }
}

/// Returns a subquery for an agreement that filters a list; empty if the caller cannot see it.
#[diesel::dsl::auto_type(no_type_alias)]
pub fn visible_agreement(cx: &RequestContext, id: Uuid) -> _ {
    let (id, scope): (String, Scope) = (id.to_string(), Scope::of(&cx.caller, &AGREEMENTS));
    agreements::table
        .filter(agreements::id.eq(id))
        .filter(scope)
        .select(agreements::id)
}

/// Returns the id of the project in a list filter, as a subquery; empty if the caller cannot see
/// it.
#[diesel::dsl::auto_type(no_type_alias)]
pub fn visible_project(cx: &RequestContext, id: Uuid) -> _ {
    let (id, scope): (String, Scope) = (id.to_string(), Scope::of(&cx.caller, &PROJECTS));
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
