//! A query that is written as text but stays prepared. diesel prepares its own `sql_query` anew
//! each time.

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Text};

/// A query with one bound value; its columns have the SQL types `ST`.
pub struct RawQuery<ST> {
    before: String,
    value: String,
    after: String,
    columns: PhantomData<ST>,
}

impl<ST> RawQuery<ST> {
    /// Creates the query from the text before the value, the value, and the text after it.
    pub fn new(before: String, value: &str, after: String) -> Self {
        Self {
            before,
            value: value.to_owned(),
            after,
            columns: PhantomData,
        }
    }
}

impl<ST> Query for RawQuery<ST> {
    type SqlType = ST;
}
impl<ST, Conn> RunQueryDsl<Conn> for RawQuery<ST> {}
impl<ST> QueryId for RawQuery<ST> {
    type QueryId = ();
    // Not static: the prepared statement is cached by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST, DB> QueryFragment<DB> for RawQuery<ST>
where
    DB: Backend + HasSqlType<Text>,
    String: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(&self.before);
        out.push_bind_param::<Text, _>(&self.value)?;
        out.push_sql(&self.after);
        Ok(())
    }
}
