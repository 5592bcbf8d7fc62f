//! The search over all records.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};

use crate::db::page::{Cursor, Listed, Page};
use crate::db::{AnyConnection, Json};
use crate::directory::legal_forms::{name_key, without_forms};
use crate::directory::succession::{Held, Share};
use crate::kernel::error::ApiError;
use crate::kernel::text;
use crate::kernel::values::Localized;
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
    /// `3` if only another text does, `4` if only a file does; followed by the name's sort key.
    #[diesel(sql_type = Text)]
    pub rank: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Criteria of a search.
pub struct Criteria<'a> {
    pub text: &'a str,
    /// Record types; all if empty.
    pub types: &'a [String],
    /// Municipalities whose records are found; all if `None`.
    pub held: Option<Held>,
}

/// A search as a statement: its rows, and the values that it binds from the first placeholder on.
struct Statement {
    matches: String,
    values: [String; 5],
    /// Sign that begins a placeholder.
    sign: char,
}

/// Finds records, those whose name matches first.
pub fn find(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    criteria: &Criteria<'_>,
    page: &Page,
) -> Result<Listed<Hit>, ApiError> {
    let Some(query) = Query::parse(&without_forms(criteria.text)) else {
        return Ok(Listed {
            items: Vec::new(),
            next: None,
            total: page.with_total.then_some(0),
        });
    };
    let statement = statement(conn, cx, criteria, &query);
    let hits = statement.hits(conn, page)?;
    let total = page.with_total.then(|| statement.total(conn)).transpose()?;
    let rows = hits.into_iter().map(|hit| {
        let rank = hit.rank.clone();
        (hit, rank)
    });
    let (items, next) = page.cut(rows.collect(), |hit| hit.record_id.clone());
    Ok(Listed { items, next, total })
}

fn statement(
    conn: &AnyConnection,
    cx: &RequestContext,
    criteria: &Criteria<'_>,
    query: &Query,
) -> Statement {
    let (sign, condition, terms) = match conn {
        AnyConnection::Sqlite(_) => (
            '?',
            "seq IN (SELECT rowid FROM search_terms WHERE search_terms MATCH ?1)",
            query.fts5(),
        ),
        AnyConnection::Postgres(_) => ('$', "terms @@ $1::tsquery", query.tsquery()),
    };
    let in_files = in_files(conn);
    let inside = inside(cx);
    // A union, since neither database finds rows by an index for a condition with OR over both.
    let found = format!(
        "SELECT seq FROM search_entries WHERE {condition} \
         UNION SELECT search_entries.seq FROM search_entries, {in_files} \
           AND search_entries.record_id = u.found_as AND (u.is_open = 1 OR {inside})"
    );
    let held = criteria.held.as_ref();
    let owned = held.map_or_else(
        || "TRUE".to_owned(),
        |held| {
            Scope::held(
                held,
                Share::Any,
                "search_entries",
                "search_entries.context_id",
            )
            .to_sql()
        },
    );
    let matches = format!(
        "SELECT record_type, record_id, municipality_id, \
           CASE WHEN names LIKE {sign}2 THEN '0' WHEN names LIKE {sign}3 THEN '1' \
                WHEN names LIKE {sign}4 THEN '2' WHEN {condition} THEN '3' ELSE '4' END || sort_name AS rank \
         FROM search_entries WHERE seq IN ({found}) \
           AND ({sign}5 = '' OR {sign}5 LIKE '%|' || record_type || '|%') \
           AND {owned} AND {}",
        Scope::with(&cx.caller, "search_entries", &["search_entries.context_id"]).to_sql()
    );
    let like = text::squeeze(criteria.text);
    let types = match criteria.types {
        [] => String::new(),
        types => format!("|{}|", types.join("|")),
    };
    Statement {
        matches,
        values: [
            terms,
            format!("%\n{like}\n%"),
            format!("%\n{like}%"),
            // Legal forms are written in several ways, before the name or behind it.
            format!("%{}%", name_key(criteria.text)),
            types,
        ],
        sign,
    }
}

/// Returns the files (`u`) with the passages (`p`) that match the query, which is the first value bound.
fn in_files(conn: &AnyConnection) -> &'static str {
    match conn {
        AnyConnection::Sqlite(_) => {
            "file_uses AS u JOIN search_passages AS p ON p.sha256 = u.sha256 \
             WHERE p.seq IN (SELECT rowid FROM search_terms_of_files WHERE search_terms_of_files MATCH ?1)"
        }
        AnyConnection::Postgres(_) => {
            "file_uses AS u JOIN search_passages AS p ON p.sha256 = u.sha256 WHERE p.terms @@ $1::tsquery"
        }
    }
}

/// Returns the condition that the caller reads every file of a record.
fn inside(cx: &RequestContext) -> String {
    let contexts = ["search_entries.context_id"];
    Scope::inside(&cx.caller, "search_entries", &contexts).to_sql()
}

/// A passage of a file by which a record was found.
#[derive(Clone, Debug, QueryableByName)]
pub struct FoundPassage {
    #[diesel(sql_type = Text)]
    pub record_id: String,
    #[diesel(sql_type = Text)]
    pub file_id: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Integer>)]
    pub page: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub paragraph: Option<i32>,
    #[diesel(sql_type = Text)]
    pub text: String,
}

/// Returns the first passage that matches a query of the files of each of some records, as far as the
/// caller reads them.
///
/// # Errors
/// Fails if the database cannot be read.
pub fn passages(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    text: &str,
    ids: &[String],
) -> Result<Vec<FoundPassage>, ApiError> {
    let Some(query) = Query::parse(&without_forms(text)).filter(|_| !ids.is_empty()) else {
        return Ok(Vec::new());
    };
    let terms = match conn {
        AnyConnection::Sqlite(_) => query.fts5(),
        AnyConnection::Postgres(_) => query.tsquery(),
    };
    let (in_files, inside) = (in_files(conn), inside(cx));
    // Ids are written by the program, so nothing needs escaping.
    let ids = ids.join("', '");
    let readable = format!(
        "{in_files} AND u.found_as IN ('{ids}') AND (u.is_open = 1 OR EXISTS (SELECT 1 FROM search_entries \
         WHERE search_entries.record_id = u.found_as AND {inside}))"
    );
    // The newest file comes first: ids are in the order in which they were made.
    let sql = format!(
        "SELECT record_id, file_id, name, page, paragraph, text FROM (SELECT u.found_as AS record_id, \
           u.file_id, u.name, p.page, p.paragraph, p.text, \
           row_number() OVER (PARTITION BY u.found_as ORDER BY u.file_id DESC, p.seq) AS place \
         FROM {readable}) AS found WHERE place = 1"
    );
    Ok(diesel::sql_query(sql).bind::<Text, _>(terms).load(conn)?)
}

impl Statement {
    /// Reads the hits of one page, and one more.
    fn hits(&self, conn: &mut AnyConnection, page: &Page) -> Result<Vec<Hit>, ApiError> {
        let (matches, sign) = (&self.matches, self.sign);
        let sql = format!(
            "SELECT * FROM ({matches}) AS found WHERE (rank, record_id) > ({sign}6, {sign}7) \
             ORDER BY rank, record_id LIMIT {}",
            page.fetch()
        );
        let after = page.after.clone();
        let after = after.map(|Cursor { key, id, .. }| (key, id));
        let (rank, id) = after.unwrap_or_default();
        let mut query = diesel::sql_query(sql).into_boxed();
        for value in self.values.iter().cloned().chain([rank, id]) {
            query = query.bind::<Text, _>(value);
        }
        Ok(query.load(conn)?)
    }

    fn total(&self, conn: &mut AnyConnection) -> Result<i64, ApiError> {
        let sql = format!("SELECT count(*) AS count FROM ({}) AS found", self.matches);
        let mut query = diesel::sql_query(sql).into_boxed();
        for value in &self.values {
            query = query.bind::<Text, _>(value.clone());
        }
        Ok(query.get_result::<Count>(conn)?.count)
    }
}

#[derive(QueryableByName)]
struct Titled {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    title: Json<Localized>,
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
    let titles = rows.into_iter().map(|row| (row.id, row.title.0));
    Ok(titles.collect())
}
