//! `column IN (…)` over a list of texts, as a statement that stays prepared.
//!
//! diesel's `eq_any` is prepared anew for each list, since each length is another statement.
//! [`in_list`] pads the list to the next power of two by repeating its last text, so a handful of
//! statements serve every length, on both databases.

use std::iter::{repeat_n, zip};

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{Bool, HasSqlType, Text};

/// The condition built by [`in_list`]. False for an empty list.
#[derive(Clone, Debug, ValidGrouping)]
pub struct InList<C> {
    column: C,
    texts: Vec<String>,
}

/// Returns the condition that `column`, which must not be nullable, holds one of `texts`.
pub fn in_list<C: Expression<SqlType = Text>>(
    column: C,
    texts: impl IntoIterator<Item = impl Into<String>>,
) -> InList<C> {
    InList {
        column,
        texts: texts.into_iter().map(Into::into).collect(),
    }
}

impl<C: Expression> Expression for InList<C> {
    type SqlType = Bool;
}
impl<C: AppearsOnTable<QS>, QS> AppearsOnTable<QS> for InList<C> {}
impl<C: SelectableExpression<QS>, QS> SelectableExpression<QS> for InList<C> {}
impl<C> QueryId for InList<C> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C, DB> QueryFragment<DB> for InList<C>
where
    C: QueryFragment<DB>,
    DB: Backend + HasSqlType<Text>,
    String: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let Some(last) = self.texts.last() else {
            out.push_sql("FALSE");
            return Ok(());
        };
        self.column.walk_ast(out.reborrow())?;
        let filling = self.texts.len().next_power_of_two() - self.texts.len();
        let texts = self.texts.iter().chain(repeat_n(last, filling));
        let signs = std::iter::once(" IN (").chain(std::iter::repeat(", "));
        for (sign, text) in zip(signs, texts) {
            out.push_sql(sign);
            out.push_bind_param::<Text, _>(text)?;
        }
        out.push_sql(")");
        Ok(())
    }
}
