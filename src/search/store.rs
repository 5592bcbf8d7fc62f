//! The search over all records.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::db::AnyConnection;
use crate::db::page::{Cursor, Listed, Page};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::text;
use crate::kernel::values::{Localized, stored};
use crate::ledger::records::{Record, Title};
use crate::ledger::{RequestContext, Scope};
use crate::projections::search_index::terms::Query;

/// A row found by the search.
#[derive(Debug, QueryableByName)]
pub struct Hit {
    #[diesel(sql_type = Text)]
    pub record_type: String,
    #[diesel(sql_type = Text)]
    pub record_id: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub municipality_id: Option<String>,
    /// The rank: `0` if the name equals the query, `1` if it begins with it, `2` if it contains it,
    /// `3` if only another text does; followed by the name's sort key.
    #[diesel(sql_type = Text)]
    pub rank: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Finds records, those whose name matches first.
pub fn find(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    text: &str,
    types: &[String],
    municipality_id: Option<OrganizationId>,
    page: &Page,
) -> Result<Listed<Hit>, ApiError> {
    let Some(query) = Query::parse(text) else {
        return Ok(Listed {
            items: Vec::new(),
            next: None,
            total: page.with_total.then_some(0),
        });
    };
    let like = text::fold(text.trim())
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    let types = if types.is_empty() {
        String::new()
    } else {
        format!("|{}|", types.join("|"))
    };
    let (condition, ask) = match conn {
        AnyConnection::Sqlite(_) => (
            "seq IN (SELECT rowid FROM search_terms WHERE search_terms MATCH ?1)",
            query.fts5(),
        ),
        AnyConnection::Postgres(_) => ("terms @@ $1::tsquery", query.tsquery()),
    };
    let sign = if matches!(conn, AnyConnection::Sqlite(_)) {
        "?"
    } else {
        "$"
    };
    let matches = format!(
        "SELECT record_type, record_id, municipality_id, \
           CASE WHEN names LIKE {sign}2 ESCAPE '\\' THEN '0' WHEN names LIKE {sign}3 ESCAPE '\\' THEN '1' \
                WHEN names LIKE {sign}4 ESCAPE '\\' THEN '2' ELSE '3' END || sort_name AS rank \
         FROM search_entries WHERE {condition} \
           AND ({sign}5 = '' OR {sign}5 LIKE '%|' || record_type || '|%') \
           AND ({sign}6 = '' OR municipality_id = {sign}6) AND {}",
        Scope::with(&cx.caller, "search_entries", &["search_entries.context_id"]).to_sql()
    );
    let owner = municipality_id.map(|id| id.to_string()).unwrap_or_default();
    let bound = [
        ask,
        format!("%\n{like}\n%"),
        format!("%\n{like}%"),
        format!("%{like}%"),
        types,
        owner,
    ];
    let (rank, id) = page
        .after
        .clone()
        .map(|Cursor { key, id, .. }| (key, id))
        .unwrap_or_default();
    let rows = format!(
        "SELECT * FROM ({matches}) AS found WHERE (rank, record_id) > ({sign}7, {sign}8) \
         ORDER BY rank, record_id LIMIT {}",
        page.fetch()
    );
    let mut ask_rows = diesel::sql_query(rows).into_boxed();
    let mut ask_total = diesel::sql_query(format!(
        "SELECT count(*) AS count FROM ({matches}) AS found"
    ))
    .into_boxed();
    for text in &bound {
        ask_rows = ask_rows.bind::<Text, _>(text.clone());
        ask_total = ask_total.bind::<Text, _>(text.clone());
    }
    let hits: Vec<Hit> = ask_rows
        .bind::<Text, _>(rank)
        .bind::<Text, _>(id)
        .load(conn)?;
    let total = page
        .with_total
        .then(|| ask_total.get_result::<Count>(conn))
        .transpose()?
        .map(|c| c.count);
    let rows = hits
        .into_iter()
        .map(|hit| {
            let rank = hit.rank.clone();
            (hit, rank)
        })
        .collect();
    let (items, next) = page.cut(rows, |hit| hit.record_id.clone());
    Ok(Listed { items, next, total })
}

#[derive(QueryableByName)]
struct Titled {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    title: String,
}

/// Returns the titles of records of a kind, by their ids.
pub fn titles(
    conn: &mut AnyConnection,
    record: &Record,
    ids: &[String],
) -> Result<Vec<(String, Localized)>, ApiError> {
    let column = match record.title {
        Some(Title::Column(column)) if !ids.is_empty() => column,
        Some(Title::Computed(titles)) if !ids.is_empty() => return titles(conn, ids),
        _ => return Ok(Vec::new()),
    };
    // Ids are written by the program, so nothing needs escaping.
    let sql = format!(
        "SELECT id, {column} AS title FROM {} WHERE id IN ('{}')",
        record.table,
        ids.join("', '")
    );
    let rows: Vec<Titled> = diesel::sql_query(sql).load(conn)?;
    let rows = rows.into_iter();
    rows.map(|row| Ok((row.id, stored(&row.title)?))).collect()
}
