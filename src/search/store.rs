//! What can be searched, and the search itself: the one thing that each database does its own way.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use serde_json::Value;
use uuid::Uuid;

use super::terms::{self, Query};
use crate::access::{Scope, Visibility, scope};
use crate::app::Cx;
use crate::db::page::{Cursor, Listed, Page};
use crate::db::schema::{search_entries, search_terms};
use crate::db::{AnyConnection, MultiBackend, among};
use crate::error::ApiError;
use crate::projects::milestones::derived;
use crate::values::Localized;

/// A kind of record that can be found.
pub type RecordType = &'static str;

/// The members whose texts are searched, wherever they stand in a record.
const TEXT_MEMBERS: &[&str] = &[
    "ko",
    "en",
    "name",
    "speaker",
    "signatory",
    "publisher",
    "author",
    "title",
    "as_stated",
    "stated_by",
    "lead_department",
    "legal_basis",
    "code",
];

#[diesel::declare_sql_function]
extern "SQL" {
    /// The key of the row that SQLite inserted last.
    fn last_insert_rowid() -> BigInt;
}

/// Whose a record is, and who may find it.
#[derive(Clone, Copy, Debug)]
pub struct Owned {
    /// None of an organization, which is shared.
    pub municipality_id: Option<Uuid>,
    pub audience: Visibility,
    /// The agreement, project or working group in which an organization takes part to see it.
    pub context_id: Uuid,
}

/// Writes what can be found of a record.
///
/// # Errors
/// What the database says.
pub fn index(
    conn: &mut AnyConnection,
    record_type: RecordType,
    id: Uuid,
    owned: Owned,
    names: &[&Localized],
    content: &Value,
) -> Result<(), ApiError> {
    let shown = names.iter().flat_map(|n| n.texts());
    let folded: String = shown
        .map(|n| format!("\n{}", terms::fold(n)))
        .collect::<String>()
        + "\n";
    let entry = Entry {
        record_type: record_type.to_owned(),
        record_id: id.to_string(),
        municipality_id: owned.municipality_id.map(|id| id.to_string()),
        names: folded,
        sort_name: names.first().map(|n| n.sort_key()).unwrap_or_default(),
        audience: owned.audience.as_str().to_owned(),
        context_id: owned.context_id.to_string(),
        terms: terms_of(names, content),
    };
    insert(conn, entry)
}

/// An entry of the search, and the terms by which it is found.
#[derive(Queryable, Selectable)]
#[diesel(table_name = search_entries)]
pub(super) struct Entry {
    record_type: String,
    record_id: String,
    municipality_id: Option<String>,
    names: String,
    sort_name: String,
    audience: String,
    context_id: String,
    #[diesel(select_expression = search_terms::terms)]
    terms: String,
}

/// Writes an entry.
///
/// # Errors
/// What the database says.
pub(super) fn insert(conn: &mut AnyConnection, entry: Entry) -> Result<(), ApiError> {
    match conn {
        AnyConnection::Sqlite(conn) => {
            use search_entries as e;
            diesel::insert_into(e::table)
                .values((
                    e::record_type.eq(entry.record_type),
                    e::record_id.eq(entry.record_id),
                    e::municipality_id.eq(entry.municipality_id),
                    e::names.eq(entry.names),
                    e::sort_name.eq(entry.sort_name),
                    e::audience.eq(entry.audience),
                    e::context_id.eq(entry.context_id),
                ))
                .execute(conn)?;
            diesel::insert_into(search_terms::table)
                .values((
                    search_terms::rowid.eq(last_insert_rowid()),
                    search_terms::terms.eq(entry.terms),
                ))
                .execute(conn)?;
        }
        AnyConnection::Postgres(conn) => {
            diesel::sql_query(
                "INSERT INTO search_entries (record_type, record_id, municipality_id, names, sort_name, audience, context_id, terms) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, to_tsvector('simple', $8))",
            )
            .bind::<Text, _>(entry.record_type)
            .bind::<Text, _>(entry.record_id)
            .bind::<Nullable<Text>, _>(entry.municipality_id)
            .bind::<Text, _>(entry.names)
            .bind::<Text, _>(entry.sort_name)
            .bind::<Text, _>(entry.audience)
            .bind::<Text, _>(entry.context_id)
            .bind::<Text, _>(entry.terms)
            .execute(conn)?;
        }
    }
    Ok(())
}

/// The terms by which a record is found: of its names, and of the texts of its content.
pub fn terms_of(names: &[&Localized], content: &Value) -> String {
    let mut texts = Vec::new();
    collect(content, &mut texts);
    terms::index(names.iter().flat_map(|n| n.texts()).chain(texts))
}

/// Makes a record impossible to find.
///
/// # Errors
/// What the database says.
pub fn remove(conn: &mut AnyConnection, record_type: &str, id: &str) -> Result<(), ApiError> {
    use search_entries as e;
    let entry = e::table.filter(e::record_type.eq(record_type).and(e::record_id.eq(id)));
    if let AnyConnection::Sqlite(conn) = conn {
        let seq = entry.select(e::seq).first::<i64>(conn).optional()?;
        let Some(seq) = seq else { return Ok(()) };
        diesel::delete(search_terms::table.find(seq)).execute(conn)?;
    }
    diesel::delete(entry).execute(conn)?;
    Ok(())
}

fn collect<'a>(value: &'a Value, out: &mut Vec<&'a str>) {
    match value {
        Value::Object(map) => {
            for (name, member) in map {
                match member {
                    Value::String(text) if TEXT_MEMBERS.contains(&name.as_str()) => out.push(text),
                    member => collect(member, out),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, out)),
        _ => {}
    }
}

/// What was found.
#[derive(Debug, QueryableByName)]
pub struct Hit {
    #[diesel(sql_type = Text)]
    pub record_type: String,
    #[diesel(sql_type = Text)]
    pub record_id: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub municipality_id: Option<String>,
    /// `0` its name is the query, `1` begins with it, `2` holds it, `3` only a text holds it; then
    /// the name it sorts by.
    #[diesel(sql_type = Text)]
    pub rank: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Finds records, those whose name matches first.
///
/// # Errors
/// What the database says.
pub fn find(
    conn: &mut AnyConnection,
    cx: &Cx,
    text: &str,
    types: &[String],
    municipality_id: Option<Uuid>,
    page: &Page,
) -> Result<Listed<Hit>, ApiError> {
    let Some(query) = Query::parse(text) else {
        return Ok(Listed {
            items: Vec::new(),
            next: None,
            total: page.with_total.then_some(0),
        });
    };
    let like = terms::fold(text.trim())
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
        Scope::of(&cx.caller, &scope::SEARCH).to_sql()
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

/// The records of a type that a text finds, as a condition on a list of them.
pub struct Found {
    /// What comes before and after the text that is asked for.
    sql: (String, &'static str),
    ask: String,
}

impl Found {
    pub fn by(conn: &AnyConnection, record_type: RecordType, text: &str) -> Self {
        let query = Query::parse(text);
        let ((begin, end), ask) = match conn {
            AnyConnection::Sqlite(_) => (
                (
                    "seq IN (SELECT rowid FROM search_terms WHERE search_terms MATCH ",
                    ")))",
                ),
                query.map(|q| q.fts5()),
            ),
            AnyConnection::Postgres(_) => (
                ("terms @@ CAST(", " AS tsquery)))"),
                query.map(|q| q.tsquery()),
            ),
        };
        let of_type = format!("search_entries WHERE record_type = '{record_type}'");
        Self {
            sql: (
                format!(" IN (SELECT record_id FROM {of_type} AND ({begin}"),
                end,
            ),
            // A text without letters finds nothing; no term is spelled with a z.
            ask: ask.unwrap_or_else(|| "z".into()),
        }
    }

    /// The condition on the list's column of ids.
    pub fn condition<'a, QS: 'a>(
        &self,
        id: &str,
    ) -> Box<dyn BoxableExpression<QS, MultiBackend, SqlType = Bool> + 'a> {
        let (begin, end) = &self.sql;
        let begin = diesel::dsl::sql::<Bool>(&format!("{id}{begin}"));
        Box::new(begin.bind::<Text, _>(self.ask.clone()).sql(end))
    }
}

/// The names or titles of records of a type.
///
/// # Errors
/// What the database says.
pub fn titles(
    conn: &mut AnyConnection,
    record_type: RecordType,
    ids: &[String],
) -> Result<Vec<(String, Localized)>, ApiError> {
    use crate::db::schema::{
        agreements as a, meetings as m, organizations as o, projects as p, working_groups as w,
    };
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(String, String)> = match record_type {
        "organization" => o::table
            .filter(among(o::id, ids))
            .select((o::id, o::name))
            .load(conn)?,
        "agreement" => a::table
            .filter(among(a::id, ids))
            .select((a::id, a::title))
            .load(conn)?,
        "project" => p::table
            .filter(among(p::id, ids))
            .select((p::id, p::title))
            .load(conn)?,
        "milestone" => return derived::titles(conn, ids),
        "working_group" => w::table
            .filter(among(w::id, ids))
            .select((w::id, w::name))
            .load(conn)?,
        _ => m::table
            .filter(among(m::id, ids))
            .select((m::id, m::title))
            .load(conn)?,
    };
    rows.into_iter()
        .map(|(id, title)| Ok((id, crate::values::stored(&title)?)))
        .collect()
}
