//! Keyset pagination: a page continues after the last row read, whatever was added in between.

use std::collections::HashMap;

use diesel::backend::Backend;
use diesel::dsl::{AsSelect, CountStar, count_star};
use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate,
};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_dsl::methods::{FilterDsl, LimitDsl, LoadQuery, OrderDsl, SelectDsl};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{Bool, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AnyConnection, MultiBackend};

/// The order of a list: a column whose text sorts as the list does, and the id that breaks ties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    pub key: &'static str,
    pub id: &'static str,
    pub descending: bool,
}

impl Order {
    pub const fn ascending(key: &'static str, id: &'static str) -> Self {
        Self {
            key,
            id,
            descending: false,
        }
    }

    pub const fn descending(key: &'static str, id: &'static str) -> Self {
        Self {
            key,
            id,
            descending: true,
        }
    }

    /// Returns the sort key, to be selected beside each row.
    pub fn key(self) -> SortKey {
        SortKey(self.key)
    }

    /// Returns a cursor that continues a list at `key`, before every id.
    pub fn from(self, key: &str) -> Cursor {
        Cursor {
            order: self.name(),
            key: key.into(),
            id: String::new(),
        }
    }

    fn name(self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.key)
    }
}

/// Position of the last row of a page. Opaque to clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The order that the cursor was made for; the keys of another order differ.
    pub order: String,
    pub key: String,
    pub id: String,
}

/// The requested part of a list.
#[derive(Clone, Debug)]
pub struct Page {
    pub order: Order,
    pub limit: usize,
    pub after: Option<Cursor>,
    pub with_total: bool,
}

impl Page {
    /// Returns the SQL condition that excludes the rows of earlier pages.
    fn rest(&self) -> Rest {
        let (key, id) = match &self.after {
            Some(cursor) => (cursor.key.clone(), cursor.id.clone()),
            // A bound beyond all keys: every key sorts before it in byte order.
            None if self.order.descending => ("\u{10FFFF}".into(), String::new()),
            None => (String::new(), String::new()),
        };
        Rest {
            order: self.order,
            key,
            id,
        }
    }

    /// Returns the `ORDER BY` clause.
    fn order(&self) -> OrderBy {
        OrderBy(self.order)
    }

    /// Returns the number of rows to fetch: one more than the limit, to detect a next page.
    pub fn fetch(&self) -> i64 {
        self.limit as i64 + 1
    }

    /// Returns true if the cursor was made for this order.
    pub fn accepts(&self, cursor: &Cursor) -> bool {
        cursor.order == self.order.name()
    }

    /// Loads this page of the rows that `query` selects, and counts all of them if requested.
    ///
    /// # Errors
    /// Returns the error of the database.
    pub fn load<'q, Q, Counted, Selected, R>(
        &self,
        conn: &mut AnyConnection,
        query: impl Fn() -> Q,
        id: impl Fn(&R) -> String,
    ) -> QueryResult<Listed<R>>
    where
        R: Selectable<MultiBackend>,
        (AsSelect<R, MultiBackend>, SortKey): Expression,
        Q: FilterDsl<Rest, Output = Q>
            + OrderDsl<OrderBy, Output = Q>
            + LimitDsl<Output = Q>
            + SelectDsl<CountStar, Output = Counted>
            + SelectDsl<(AsSelect<R, MultiBackend>, SortKey), Output = Selected>,
        Counted: RunQueryDsl<AnyConnection> + LoadQuery<'q, AnyConnection, i64>,
        Selected: RunQueryDsl<AnyConnection> + LoadQuery<'q, AnyConnection, (R, String)>,
    {
        self.load_parts(conn, &[()], |()| query(), id)
    }

    /// Like [`Self::load`], for a list in parts that have no row in common: each keeps the index that
    /// serves it, where one query for all of them would sort.
    ///
    /// # Errors
    /// Returns the error of the database.
    pub fn load_parts<'q, P: Copy, Q, Counted, Selected, R>(
        &self,
        conn: &mut AnyConnection,
        parts: &[P],
        query: impl Fn(P) -> Q,
        id: impl Fn(&R) -> String,
    ) -> QueryResult<Listed<R>>
    where
        R: Selectable<MultiBackend>,
        (AsSelect<R, MultiBackend>, SortKey): Expression,
        Q: FilterDsl<Rest, Output = Q>
            + OrderDsl<OrderBy, Output = Q>
            + LimitDsl<Output = Q>
            + SelectDsl<CountStar, Output = Counted>
            + SelectDsl<(AsSelect<R, MultiBackend>, SortKey), Output = Selected>,
        Counted: RunQueryDsl<AnyConnection> + LoadQuery<'q, AnyConnection, i64>,
        Selected: RunQueryDsl<AnyConnection> + LoadQuery<'q, AnyConnection, (R, String)>,
    {
        let (mut total, mut rows) = (0, Vec::new());
        for part in parts {
            if self.with_total {
                total += SelectDsl::select(query(*part), count_star()).get_result(conn)?;
            }
            let rest = FilterDsl::filter(query(*part), self.rest());
            let page = LimitDsl::limit(OrderDsl::order(rest, self.order()), self.fetch());
            let page = SelectDsl::select(page, (R::as_select(), self.order.key()));
            rows.extend(page.load::<(R, String)>(conn)?);
        }
        if parts.len() > 1 {
            // Texts have the same order in memory as in the databases.
            rows.sort_by_cached_key(|(row, key)| (key.clone(), id(row)));
            if self.order.descending {
                rows.reverse();
            }
        }
        let total = self.with_total.then_some(total);
        let (items, next) = self.cut(rows, id);
        Ok(Listed { items, next, total })
    }

    /// Pages a list that is in memory as a whole.
    pub fn of<T>(
        &self,
        mut items: Vec<T>,
        key: impl Fn(&T) -> String,
        id: impl Fn(&T) -> String,
    ) -> Listed<T> {
        let total = self.with_total.then_some(items.len() as i64);
        items.sort_by_cached_key(|item| (key(item), id(item)));
        if self.order.descending {
            items.reverse();
        }
        if let Some(cursor) = &self.after {
            let after = (cursor.key.clone(), cursor.id.clone());
            items.retain(|item| {
                let place = (key(item), id(item));
                if self.order.descending {
                    place < after
                } else {
                    place > after
                }
            });
        }
        items.truncate(self.limit + 1);
        let rows = items
            .into_iter()
            .map(|item| {
                let key = key(&item);
                (item, key)
            })
            .collect();
        let (items, next) = self.cut(rows, id);
        Listed { items, next, total }
    }

    /// Cuts the fetched rows to one page and returns it with the cursor of the next page.
    pub fn cut<R>(
        &self,
        mut rows: Vec<(R, String)>,
        id: impl Fn(&R) -> String,
    ) -> (Vec<R>, Option<Cursor>) {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next = rows.last().filter(|_| more).map(|(row, key)| Cursor {
            order: self.order.name(),
            key: key.clone(),
            id: id(row),
        });
        (rows.into_iter().map(|(row, _)| row).collect(), next)
    }
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    pub items: Vec<T>,
    pub next: Option<Cursor>,
    pub total: Option<i64>,
}

impl Listed<String> {
    /// Returns the rows of a page of keys, in its order. Keys without a row are left out.
    pub fn with<T>(self, rows: impl IntoIterator<Item = (String, T)>) -> Listed<T> {
        let mut rows: HashMap<String, T> = rows.into_iter().collect();
        let items = self.items.iter().filter_map(|key| rows.remove(key));
        Listed {
            items: items.collect(),
            next: self.next,
            total: self.total,
        }
    }
}

impl<T> Listed<T> {
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Listed<U> {
        Listed {
            items: self.items.into_iter().map(f).collect(),
            next: self.next,
            total: self.total,
        }
    }

    /// Converts all rows at once.
    ///
    /// # Errors
    /// Returns the error of `f`.
    pub fn try_map<U, E>(
        self,
        f: impl FnOnce(Vec<T>) -> Result<Vec<U>, E>,
    ) -> Result<Listed<U>, E> {
        Ok(Listed {
            items: f(self.items)?,
            next: self.next,
            total: self.total,
        })
    }
}

/// The sort key as an SQL expression.
#[derive(Clone, Copy, Debug)]
pub struct SortKey(&'static str);

/// The condition that `(key, id)` lies after the cursor.
#[derive(Clone, Debug)]
pub struct Rest {
    order: Order,
    key: String,
    id: String,
}

/// `ORDER BY key, id`.
#[derive(Clone, Copy, Debug)]
pub struct OrderBy(Order);

// diesel's own expressions do not serve: its `sql()` literals are prepared anew each time, and
// the column is chosen at run time.
impl Expression for SortKey {
    type SqlType = Text;
}
impl Expression for Rest {
    type SqlType = Bool;
}
impl Expression for OrderBy {
    type SqlType = diesel::expression::expression_types::NotSelectable;
}
impl<QS> AppearsOnTable<QS> for SortKey {}
impl<QS> SelectableExpression<QS> for SortKey {}
impl<QS> AppearsOnTable<QS> for Rest {}
impl<QS> AppearsOnTable<QS> for OrderBy {}
impl<G> ValidGrouping<G> for SortKey {
    type IsAggregate = is_aggregate::No;
}
impl<G> ValidGrouping<G> for Rest {
    type IsAggregate = is_aggregate::No;
}
impl<G> ValidGrouping<G> for OrderBy {
    type IsAggregate = is_aggregate::No;
}
impl QueryId for SortKey {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl QueryId for Rest {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl QueryId for OrderBy {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend> QueryFragment<DB> for SortKey {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(self.0);
        Ok(())
    }
}

impl<DB: Backend> QueryFragment<DB> for Rest
where
    String: ToSql<Text, DB>,
    DB: diesel::sql_types::HasSqlType<Text>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("(");
        out.push_sql(self.order.key);
        out.push_sql(", ");
        out.push_sql(self.order.id);
        out.push_sql(if self.order.descending {
            ") < ("
        } else {
            ") > ("
        });
        out.push_bind_param::<Text, _>(&self.key)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(&self.id)?;
        out.push_sql(")");
        Ok(())
    }
}

impl<DB: Backend> QueryFragment<DB> for OrderBy {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let direction = if self.0.descending { " DESC" } else { "" };
        out.push_sql(self.0.key);
        out.push_sql(direction);
        out.push_sql(", ");
        out.push_sql(self.0.id);
        out.push_sql(direction);
        Ok(())
    }
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageBody<T: ToSchema> {
    /// The rows, in the requested order.
    pub items: Vec<T>,
    /// The `cursor` of the next page; null on the last page.
    pub next_cursor: Option<String>,
    /// Number of rows on all pages; only with `with_total=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, nullable = false)]
    pub total: Option<i64>,
}
