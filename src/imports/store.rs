//! Storing imports, and planning their rows.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::book::{Book, Sheet};
use super::contacts;
use super::files::MOST_COLUMNS;
use super::kind::ImportKind;
use super::plan;
use super::planned::{Rows, rows, table};
use super::rows::Position;
use super::types::{ImportContent, ImportStatus, ImportSummary, LedgerImport};
use super::view;
use crate::db::page::{Listed, Page};
use crate::db::schema::imports as i;
use crate::db::{AnyConnection, Json, in_list};
use crate::directory::names::{known_municipality, names};
use crate::http::{IfMatch, Patch, contract};
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::{ImportId, OrganizationId, WorkingGroupId};
use crate::kernel::language::Message;
use crate::kernel::values::{Meta, stored_id};
use crate::ledger::RequestContext;
use crate::ledger::caller::Reach;

/// The stored document of an import, beside the content of its file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Doc {
    pub kind: ImportKind,
    pub status: ImportStatus,
    pub file_name: Option<String>,
    pub content: ImportContent,
    /// Records that it made, by row.
    #[serde(default)]
    pub recorded: BTreeMap<Position, Recorded>,
    /// Why rows could not be recorded, by row.
    #[serde(default)]
    pub refused: BTreeMap<Position, Vec<Refusal>>,
    /// Organizations that it recorded.
    #[serde(default)]
    pub organizations: Vec<Recorded>,
    /// By row, the version of the record that it changes, as the caller has seen it.
    #[serde(default)]
    pub seen: BTreeMap<Position, i64>,
    /// Records that could not be taken back.
    #[serde(default)]
    pub not_undone: Vec<Uuid>,
    /// Organizations that could not be taken back.
    #[serde(default)]
    pub organizations_not_undone: Vec<OrganizationId>,
    /// Whether its contacts were cleared since its last change.
    #[serde(default)]
    pub cleared: bool,
}

/// A record that an import made or corrected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    pub id: Uuid,
    pub version: i64,
    /// Merge patch that restores a corrected record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Value>,
    /// Working group that was recorded with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<WorkingGroupId>,
}

impl Recorded {
    pub fn new(id: Uuid, version: i64) -> Self {
        Self {
            id,
            version,
            undo: None,
            group: None,
        }
    }

    /// Returns the record with the part of a patch that restores the changed members.
    #[must_use]
    pub fn restored_by(mut self, changes: &Value, mut undo: Value) -> Self {
        if let Some(members) = undo.as_object_mut() {
            members.retain(|member, _| changes.get(member).is_some());
            contacts::without(members);
        }
        self.undo = Some(undo);
        self
    }
}

/// Why a row could not be recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub pointer: String,
    pub code: String,
    pub message: Message,
}

/// A stored import.
#[derive(Clone, Debug)]
pub struct Stored {
    pub meta: Meta<ImportId>,
    pub municipality_id: OrganizationId,
    pub doc: Doc,
    pub book: Book,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = i)]
struct RowOf {
    id: String,
    version: i64,
    municipality_id: String,
    doc: Json<Doc>,
    book: Json<Book>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = i)]
struct ListedRow {
    id: String,
    version: i64,
    municipality_id: String,
    doc: Json<Doc>,
    format: String,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// Checks that a caller can import for a municipality.
///
/// # Errors
/// `forbidden`; `invalid_parameters` if there is no such municipality.
pub fn may_import(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipality: OrganizationId,
) -> Result<(), ApiError> {
    cx.caller.may_change(municipality)?;
    let mut errors = Vec::new();
    known_municipality(conn, "", municipality, &mut errors)?;
    match errors.pop() {
        Some(FieldError { code, message, .. }) => {
            let error = FieldError::query("municipality_id", code, message);
            Err(ApiError::new(crate::kernel::error::Code::InvalidParameters).and(vec![error]))
        }
        None => Ok(()),
    }
}

/// Stores a file, and returns the planned import.
///
/// # Errors
/// `forbidden`
pub fn create(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (municipality, kind): (OrganizationId, ImportKind),
    file_name: Option<&str>,
    book: &Book,
) -> Result<LedgerImport, ApiError> {
    may_import(conn, cx, municipality)?;
    contacts::clear_old(conn, cx)?;
    let mut stored = Stored {
        meta: cx.new_meta(),
        municipality_id: municipality,
        doc: Doc {
            kind,
            status: ImportStatus::Ready,
            file_name: file_name.map(str::to_owned),
            content: ImportContent::default(),
            recorded: BTreeMap::new(),
            refused: BTreeMap::new(),
            organizations: Vec::new(),
            seen: BTreeMap::new(),
            not_undone: Vec::new(),
            organizations_not_undone: Vec::new(),
            cleared: false,
        },
        book: book.clone(),
    };
    let (import, key) = see(conn, cx, &mut stored)?;
    let meta = &stored.meta;
    diesel::insert_into(i::table)
        .values((
            i::id.eq(meta.id.to_string()),
            i::version.eq(meta.version),
            i::municipality_id.eq(municipality.to_string()),
            i::headers_key.eq(key),
            i::format.eq(crate::kernel::values::to_db(&book.format)),
            i::doc.eq(Json(&stored.doc)),
            i::book.eq(Json(book)),
            i::created_at.eq(cx.now),
            i::updated_at.eq(cx.now),
        ))
        .execute(conn)?;
    Ok(import)
}

/// Loads an import of a municipality for which the caller works.
///
/// # Errors
/// `not_found`
pub fn load(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: ImportId,
) -> Result<Stored, ApiError> {
    let stored = read(conn, id)?;
    match cx.caller.works_for(stored.municipality_id) {
        true => Ok(stored),
        false => Err(ApiError::not_found()),
    }
}

/// Loads an import for whoever works with it.
///
/// # Errors
/// `not_found`
pub fn read(conn: &mut AnyConnection, id: ImportId) -> Result<Stored, ApiError> {
    let row: RowOf = i::table
        .find(id.to_string())
        .select(RowOf::as_select())
        .first(conn)?;
    let (Json(doc), Json(book)) = (row.doc, row.book);
    Ok(Stored {
        meta: Meta::read(&row.id, row.version, row.created_at, row.updated_at)?,
        municipality_id: stored_id(&row.municipality_id)?,
        doc,
        book,
    })
}

/// Reads an import.
///
/// # Errors
/// `not_found`
pub fn get(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: ImportId,
) -> Result<LedgerImport, ApiError> {
    let stored = load(conn, cx, id)?;
    view(conn, cx, &stored)
}

/// Reads one page of the imports of the caller's municipalities.
pub fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipality: Option<OrganizationId>,
    page: &Page,
) -> Result<Listed<ImportSummary>, ApiError> {
    let query = || {
        let mut query = i::table.into_boxed();
        if let Some(id) = municipality {
            query = query.filter(i::municipality_id.eq(id.to_string()));
        }
        if let Reach::Of(own) = &cx.caller.reach {
            let own = own.iter().map(ToString::to_string);
            query = query.filter(in_list(i::municipality_id, own));
        }
        query
    };
    let listed = page.load(conn, query, |row: &ListedRow| row.id.clone())?;
    let mut ids = Vec::new();
    for row in &listed.items {
        ids.push(stored_id(&row.municipality_id)?);
    }
    let known = names(conn, ids.iter().copied())?;
    let mut items = Vec::with_capacity(listed.items.len());
    for (row, municipality) in listed.items.into_iter().zip(ids) {
        let Json(doc) = row.doc;
        items.push(ImportSummary {
            meta: Meta::read(&row.id, row.version, row.created_at, row.updated_at)?,
            municipality: known.find(municipality).ok_or_else(ApiError::not_found)?,
            kind: doc.kind,
            status: doc.status,
            file_name: doc.file_name,
            format: crate::kernel::values::from_db(&row.format)?,
            recorded: doc.recorded.len(),
            progress: None,
        });
    }
    Ok(Listed {
        items,
        next: listed.next,
        total: listed.total,
    })
}

/// Corrects an import.
///
/// # Errors
/// `not_found`, `precondition_failed`; `validation_failed` for a sheet, a row, a field or a cell
/// that does not exist, and for an answer that answers no question.
pub fn update(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: ImportId,
    expected: &IfMatch,
    patch: &Patch<ImportContent>,
) -> Result<LedgerImport, ApiError> {
    let mut stored = load(conn, cx, id)?;
    expected.check(&stored.meta.revision())?;
    match patch.apply(&stored.doc.content)? {
        Some(content) => correct_stored(conn, cx, &mut stored, content),
        None => view(conn, cx, &stored),
    }
}

/// Corrects an import, in place of earlier corrections.
///
/// # Errors
/// `not_found`; `validation_failed` for a sheet, a row, a field or a cell that does not exist.
pub fn correct(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: ImportId,
    content: ImportContent,
) -> Result<LedgerImport, ApiError> {
    let mut stored = load(conn, cx, id)?;
    correct_stored(conn, cx, &mut stored, content)
}

fn correct_stored(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &mut Stored,
    content: ImportContent,
) -> Result<LedgerImport, ApiError> {
    let errors = unknown(stored, &content);
    if !errors.is_empty() {
        return Err(ApiError::invalid(errors));
    }
    let before = std::mem::replace(&mut stored.doc.content, content);
    // The refusals concern rows as they were before.
    stored.doc.refused.clear();
    let errors = no_answers(conn, cx, stored, before)?;
    if !errors.is_empty() {
        return Err(ApiError::invalid(errors));
    }
    save_seen(conn, cx, stored)
}

/// Returns an error for each new answer that answers no question, or with none of its choices. `before` is
/// the content that the present one corrects.
fn no_answers(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &mut Stored,
    before: ImportContent,
) -> Result<Vec<FieldError>, ApiError> {
    let given = stored.doc.content.answers.iter();
    let is_new = |(id, answer): &(&String, &String)| {
        !answer.is_empty() && before.answers.get(*id) != Some(*answer)
    };
    let given = given
        .filter(is_new)
        .map(|(id, answer)| (id.clone(), answer.clone()));
    let mut given: Vec<(String, String)> = given.collect();
    if given.is_empty() {
        return Ok(Vec::new());
    }
    let mut planned = |stored: &Stored| {
        let table = table(conn, stored)?;
        rows(conn, cx, stored, &table)
    };
    let answered = planned(stored)?.answered;
    given.retain(|(id, _)| !answered.contains(id));
    if !given.is_empty() {
        // A question can be gone by another correction in the same request.
        let content = std::mem::replace(&mut stored.doc.content, before);
        let asked = planned(stored)?.rows;
        stored.doc.content = content;
        let asked: Vec<_> = asked.into_iter().flat_map(|row| row.questions).collect();
        given.retain(|(id, answer)| {
            let mut asked = asked.iter().filter(|question| question.id == *id);
            !asked.any(|asked| asked.choices.iter().any(|choice| choice.value == *answer))
        });
    }
    let error = |(id, _): &(String, String)| {
        let at = format!("/answers/{}", contract::escape(id));
        let message = Message::fixed(
            "이 질문이 없거나, 고를 수 있는 답이 아닙니다.",
            "There is no such question, or this is none of its choices.",
        );
        FieldError::body(at, "no_such_answer", message)
    };
    Ok(given.iter().map(error).collect())
}

/// Saves an import as it is now, and returns it. The caller has seen the records that its rows change.
///
/// # Errors
/// A collision if another transaction changed it.
pub fn save_seen(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &mut Stored,
) -> Result<LedgerImport, ApiError> {
    let (mut import, key) = see(conn, cx, stored)?;
    write(conn, cx, stored, Some(key))?;
    import.summary.meta = stored.meta.clone();
    Ok(import)
}

/// Returns an import as the caller sees it now, with the key of its headers, and notes the versions of
/// the records that its rows change.
fn see(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &mut Stored,
) -> Result<(LedgerImport, String), ApiError> {
    let table = table(conn, stored)?;
    let key = plan::headers_key(&table.layout);
    let rows = rows(conn, cx, stored, &table)?;
    contacts::note(cx, stored, &rows);
    let seen = rows.versions().collect();
    let import = shown(conn, stored, &table, rows)?;
    drop(table);
    stored.doc.seen = seen;
    Ok((import, key))
}

/// Returns the errors of corrections that correct nothing.
fn unknown(stored: &Stored, content: &ImportContent) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut refuse = |at: String| {
        let message = Message::fixed(
            "이 가져오기에 없는 것입니다.",
            "This import has no such thing.",
        );
        errors.push(FieldError::body(at, "not_in_import", message));
    };
    if let Some(sheet) = &content.sheet
        && stored.book.sheets.iter().all(|s| s.name != *sheet)
    {
        refuse("/sheet".into());
    }
    let heights = stored.book.sheets.iter().map(|sheet| sheet.rows.len());
    let height = heights.max().unwrap_or(0);
    for (n, row) in content.header_rows.iter().flatten().enumerate() {
        if *row == 0 || *row as usize > height {
            refuse(format!("/header_rows/{n}"));
        }
    }
    let fields = super::mapping::fields(stored.doc.kind);
    let widths = stored.book.sheets.iter().map(Sheet::width);
    let width = widths.max().unwrap_or(0);
    let is_column = |letters: &str| {
        let place = super::book::place(&format!("{letters}1"));
        place.is_some_and(|(row, column)| row == 0 && column < width)
    };
    for (column, field) in &content.mapping {
        if fields.binary_search(&field.as_str()).is_err() || !is_column(column) {
            refuse(format!("/mapping/{column}"));
        }
    }
    for address in content.cells.keys() {
        let place = super::book::place(address);
        if place.is_none_or(|(row, column)| row >= height || column >= MOST_COLUMNS) {
            refuse(format!("/cells/{address}"));
        }
    }
    errors
}

/// Saves an import as it is now.
///
/// # Errors
/// A collision if another transaction changed it.
pub fn save(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &mut Stored,
) -> Result<(), ApiError> {
    write(conn, cx, stored, None)
}

/// Saves an import, with the key of its headers if that changed.
fn write(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &mut Stored,
    key: Option<String>,
) -> Result<(), ApiError> {
    stored.doc.cleared = false;
    let changed = diesel::update(
        i::table
            .find(stored.meta.id.to_string())
            .filter(i::version.eq(stored.meta.version)),
    )
    .set((
        i::version.eq(stored.meta.version + 1),
        key.map(|key| i::headers_key.eq(key)),
        i::doc.eq(Json(&stored.doc)),
        i::updated_at.eq(cx.now),
    ))
    .execute(conn)?;
    if changed == 0 {
        return Err(ApiError::collision());
    }
    stored.meta.version += 1;
    stored.meta.updated_at = cx.now.and_utc();
    Ok(())
}

/// Returns an import as the API shows it.
pub fn view(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &Stored,
) -> Result<LedgerImport, ApiError> {
    let table = table(conn, stored)?;
    let rows = rows(conn, cx, stored, &table)?;
    contacts::note(cx, stored, &rows);
    shown(conn, stored, &table, rows)
}

fn shown(
    conn: &mut AnyConnection,
    stored: &Stored,
    table: &plan::Table<'_>,
    rows: Rows,
) -> Result<LedgerImport, ApiError> {
    let left = &stored.doc.organizations_not_undone;
    let known = names(conn, left.iter().copied().chain([stored.municipality_id]))?;
    let municipality = known
        .find(stored.municipality_id)
        .ok_or_else(ApiError::not_found)?;
    let mut import = view::import(stored, table, rows, municipality);
    let left = left.iter().filter_map(|id| known.find(*id));
    import.organizations_not_undone = left.collect();
    Ok(import)
}
