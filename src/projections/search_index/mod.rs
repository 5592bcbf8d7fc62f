//! What can be searched, and the search itself: the one thing that each database does its own way.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text};
use serde_json::Value;
use uuid::Uuid;

pub mod terms;
pub mod verify;

use crate::db::schema::{search_entries, search_terms};
use crate::db::{AnyConnection, MultiBackend};
use crate::directory::legal_forms::{name_key, without_forms};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::text::{initials, squeeze};
use crate::kernel::values::Localized;
use crate::ledger::Visibility;
use terms::Query;

/// A type of record that the search covers.
pub type RecordType = &'static str;

/// The members whose texts are indexed, at any depth of a record.
const TEXT_MEMBERS: &[&str] = &[
    "ko",
    "en",
    "name",
    "text",
    "person_name",
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
    "reference_number",
    "file_number",
    "session",
];

diesel::define_sql_function! {
    /// Row id of SQLite's last insert.
    fn last_insert_rowid() -> BigInt;
}

/// The owner and the visibility of a record.
#[derive(Clone, Copy, Debug)]
pub struct Owned {
    /// The owning municipality; `None` for an organization, which is shared.
    pub municipality_id: Option<OrganizationId>,
    pub visibility: Visibility,
    /// The agreement, project or working group whose participants can see the record.
    pub context_id: Uuid,
}

/// Adds a record to the search index.
pub fn index(
    conn: &mut AnyConnection,
    record_type: RecordType,
    id: Uuid,
    owned: Owned,
    names: &[&Localized],
    content: &Value,
) -> Result<(), ApiError> {
    let shown = || names.iter().flat_map(|n| n.texts());
    let lines = shown().map(squeeze).chain(shown().map(initials));
    let lines: String = lines.map(|line| format!("\n{line}")).collect();
    let entry = Entry {
        record_type: record_type.to_owned(),
        record_id: id.to_string(),
        municipality_id: owned.municipality_id.map(|id| id.to_string()),
        names: lines + "\n",
        sort_name: names.first().map(|n| n.sort_key()).unwrap_or_default(),
        visibility: owned.visibility.as_str().to_owned(),
        context_id: owned.context_id.to_string(),
        terms: terms_of(names, content),
    };
    insert(conn, entry)
}

/// An entry of the search index with its terms.
#[derive(Queryable, Selectable)]
#[diesel(table_name = search_entries)]
pub(super) struct Entry {
    record_type: String,
    record_id: String,
    municipality_id: Option<String>,
    names: String,
    sort_name: String,
    visibility: String,
    context_id: String,
    #[diesel(select_expression = search_terms::terms)]
    terms: String,
}

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
                    e::visibility.eq(entry.visibility),
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
                "INSERT INTO search_entries (record_type, record_id, municipality_id, names, sort_name, visibility, context_id, terms) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, to_tsvector('simple', $8))",
            )
            .bind::<Text, _>(entry.record_type)
            .bind::<Text, _>(entry.record_id)
            .bind::<Nullable<Text>, _>(entry.municipality_id)
            .bind::<Text, _>(entry.names)
            .bind::<Text, _>(entry.sort_name)
            .bind::<Text, _>(entry.visibility)
            .bind::<Text, _>(entry.context_id)
            .bind::<Text, _>(entry.terms)
            .execute(conn)?;
        }
    }
    Ok(())
}

/// Returns the terms of a record, from its names and the texts of its content.
pub fn terms_of(names: &[&Localized], content: &Value) -> String {
    let mut texts = Vec::new();
    collect(content, &mut texts);
    let names: Vec<&str> = names.iter().flat_map(|n| n.texts()).collect();
    terms::index(&names, texts)
}

/// Removes a record from the search index.
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

/// The way from the records that are listed to others that are found by their names.
struct Related {
    /// A query for the ids of those that are listed, up to the column of the others' ids.
    through: &'static str,
    /// What a name must contain: letters and digits.
    name: String,
}

/// A condition on a list that keeps the records found by a text.
pub struct Found {
    /// The SQL before and after the bound query.
    sql: (String, &'static str),
    ask: String,
    related: Option<Related>,
}

impl Found {
    pub fn by(conn: &AnyConnection, record_type: RecordType, text: &str) -> Self {
        let query = Query::parse(&without_forms(text));
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
            // A text without letters finds nothing: no term is spelled with a z.
            ask: ask.unwrap_or_else(|| "z".into()),
            related: None,
        }
    }

    /// Returns the condition that a record related to a listed one has a name that contains the text.
    /// `through` selects the ids of listed records, up to the column of the related record's id.
    pub fn by_related(
        conn: &AnyConnection,
        record_type: RecordType,
        through: &'static str,
        text: &str,
    ) -> Self {
        let name = name_key(text);
        Self {
            related: Some(Related { through, name }),
            ..Self::by(conn, record_type, text)
        }
    }

    /// Returns the condition for the list's id column.
    pub fn condition<'a, QS: 'a>(
        &self,
        id: &str,
    ) -> Box<dyn BoxableExpression<QS, MultiBackend, SqlType = Bool> + 'a> {
        let (begin, end) = &self.sql;
        let sql = diesel::dsl::sql::<Bool>;
        let Some(Related { through, name }) = &self.related else {
            let begin = sql(&format!("{id}{begin}"));
            return Box::new(begin.bind::<Text, _>(self.ask.clone()).sql(end));
        };
        let begin = sql(&format!("{id} IN ({through}{begin}"));
        // The last parenthesis closes the query of the related records.
        let rest = end.strip_suffix(')').unwrap_or(end);
        let named = begin
            .bind::<Text, _>(self.ask.clone())
            .sql(rest)
            .sql(" AND names LIKE ");
        Box::new(named.bind::<Text, _>(format!("%{name}%")).sql("))"))
    }
}
