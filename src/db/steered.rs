//! Conditions that steer the choice of an index.
//!
//! SQLite plans without statistics: of two columns that are compared, it can take the index of the
//! one that selects little. [`Unindexed`] hides a column from it where another index is the right
//! one, and [`Literal`] states what a partial index demands.

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Bool, Text};

/// A text column that no index serves.
#[derive(Clone, Copy, Debug, ValidGrouping)]
pub struct Unindexed<C>(pub C);

impl<C: Expression<SqlType = Text>> Expression for Unindexed<C> {
    type SqlType = Text;
}
impl<C: AppearsOnTable<QS>, QS> AppearsOnTable<QS> for Unindexed<C> where Self: Expression {}
impl<C: SelectableExpression<QS>, QS> SelectableExpression<QS> for Unindexed<C> where
    Self: Expression + AppearsOnTable<QS>
{
}
impl<C> QueryId for Unindexed<C> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for Unindexed<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("(");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(" || '')");
        Ok(())
    }
}

/// A condition without bound values, as the SQL of the program.
#[derive(Clone, Copy, Debug)]
pub struct Literal(pub &'static str);

impl Expression for Literal {
    type SqlType = Bool;
}
impl<QS> AppearsOnTable<QS> for Literal {}
impl<QS> SelectableExpression<QS> for Literal {}
impl<G> ValidGrouping<G> for Literal {
    type IsAggregate = diesel::expression::is_aggregate::No;
}
impl QueryId for Literal {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend> QueryFragment<DB> for Literal {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(self.0);
        Ok(())
    }
}
