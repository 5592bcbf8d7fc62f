//! The rows of a stored import, planned against the present registry.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use diesel::prelude::*;
use uuid::Uuid;

use super::existing::{Compared, Existing};
use super::exported::Exported;
use super::kind::ImportKind;
use super::layout::DataRow;
use super::plan::{self, Table};
use super::records::{self, Records};
use super::rows::{Ledger, Names, Position, Projects, Row, party_names, wanted};
use super::store::{Doc, Refusal, Stored};
use super::types::{ImportOutcome, Origin};
use crate::db::schema::imports as i;
use crate::db::{AnyConnection, Json};
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::{OrganizationId, WorkingGroupId};
use crate::kernel::language::Language;
use crate::kernel::text::squeeze;
use crate::ledger::RequestContext;
use crate::organizations::matching::{Directory, Wanted};
use crate::projects::list;
use crate::working_groups::store as working_groups;

/// Finds the table, with the mapping that the municipality used for the same headers.
pub fn table<'a>(conn: &mut AnyConnection, stored: &'a Stored) -> Result<Table<'a>, ApiError> {
    let Doc { kind, content, .. } = &stored.doc;
    let mut table = plan::table(*kind, &stored.book, content);
    let key = plan::headers_key(&table.layout);
    table.remember(&remembered(conn, stored, &key)?);
    table.withhold();
    Ok(table)
}

/// Number of earlier imports among which a mapping by hand is looked for.
const REMEMBERED: i64 = 20;

/// Returns the fields by column of the municipality's last other import with these headers that was
/// mapped by hand. Equal headers stand in equal columns.
fn remembered(
    conn: &mut AnyConnection,
    stored: &Stored,
    key: &str,
) -> Result<BTreeMap<String, String>, ApiError> {
    let docs: Vec<Json<Doc>> = i::table
        .filter(i::municipality_id.eq(stored.municipality_id.to_string()))
        .filter(i::headers_key.eq(key))
        .filter(i::id.ne(stored.meta.id.to_string()))
        .select(i::doc)
        .order(i::updated_at.desc())
        .limit(REMEMBERED)
        .load(conn)?;
    let mut mappings = docs.into_iter().map(|Json(doc)| doc.content.mapping);
    let by_hand = mappings.find(|mapping| !mapping.is_empty());
    Ok(by_hand.unwrap_or_default())
}

/// The planned rows of an import, compared with the records of the registry.
pub struct Rows {
    pub rows: Vec<Row>,
    pub compared: HashMap<Position, Compared>,
    /// The questions whose answers the rows took.
    pub answered: BTreeSet<String>,
}

impl Rows {
    /// Returns by row the versions of the records that rows change.
    pub fn versions(&self) -> impl Iterator<Item = (Position, i64)> {
        let changes = self.compared.iter();
        let changes = changes.filter(|(_, found)| found.outcome == ImportOutcome::Change);
        changes.filter_map(|(row, found)| Some((*row, found.version?)))
    }
}

/// Plans the rows.
pub fn rows(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &Stored,
    table: &Table<'_>,
) -> Result<Rows, ApiError> {
    let directory = Directory::load(conn, stored.municipality_id)?;
    let origin = origin(cx, stored);
    let ledger = plan::ledger(table, &origin, &stored.doc.content);
    let is_known = |name: &str| directory.is_known(name);
    let kind = stored.doc.kind;
    let named: Vec<(String, Wanted)> = match kind {
        ImportKind::Organizations => wanted(&ledger),
        ImportKind::Agreements | ImportKind::Meetings | ImportKind::Announcements => {
            let named = party_names(&ledger, &is_known).into_iter();
            named
                .map(|(name, party)| (name, Wanted::party(&party)))
                .collect()
        }
        ImportKind::Milestones => Vec::new(),
    };
    let (named, wanted): (Vec<String>, Vec<Wanted>) = named.into_iter().unzip();
    let matched = directory.find(conn, &wanted)?;
    let (mut groups, mut recorded) = (HashMap::new(), HashSet::new());
    let mut projects = Projects::default();
    if kind == ImportKind::Meetings {
        groups = groups_of(conn, cx, stored.municipality_id)?;
    } else if kind == ImportKind::Organizations {
        let ids = table.layout.rows.iter();
        let ids = ids.filter_map(|row| table.exported.as_ref()?.record(row));
        let ids: Vec<Uuid> = ids.collect();
        let versions = records::versions(conn, records::of(kind).record(), &ids)?.into_iter();
        recorded = versions.map(|(id, _)| id).collect();
    } else if kind == ImportKind::Milestones {
        projects = Projects::of(list::named(conn, cx, stored.municipality_id)?);
    }
    let names = Names {
        own: stored.municipality_id,
        is_known: &is_known,
        matched: named.into_iter().zip(matched).collect(),
        groups,
        recorded,
        projects,
    };
    let mut rows = plan::rows(kind, &ledger, &names, cx.today)?;
    let records = records::of(kind);
    let owner = stored.municipality_id;
    // Dates in words are those of the language of the export.
    let exported = table.exported.as_ref();
    let language = exported.map_or(Language::Korean, Exported::language);
    let recorded = &stored.doc.recorded;
    let unrecorded = rows
        .iter()
        .filter(|row| !recorded.contains_key(&row.position()));
    let unrecorded: Vec<&Row> = unrecorded.collect();
    let existing =
        language.speaking(|| records.existing(conn, cx, owner, &unrecorded, exported.is_some()))?;
    let compared = compare(&mut rows, (&ledger, table), stored, (&existing, records));
    let answered = ledger.answered();
    Ok(Rows {
        rows,
        compared,
        answered,
    })
}

/// Compares the rows with the records that are there, and adds the refusals of an attempt to apply them.
fn compare(
    rows: &mut [Row],
    (ledger, table): (&Ledger<'_>, &Table<'_>),
    stored: &Stored,
    (existing, records): (&Existing, &dyn Records),
) -> HashMap<Position, Compared> {
    let data: HashMap<usize, &DataRow> = table
        .layout
        .rows
        .iter()
        .map(|row| (row.row + 1, row))
        .collect();
    let mut compared = HashMap::new();
    for row in rows {
        let position = row.position();
        if let Some(recorded) = stored.doc.recorded.get(&position) {
            let same = Compared {
                outcome: ImportOutcome::Same,
                record_id: Some(recorded.id),
                ..Compared::default()
            };
            compared.insert(position, same);
            continue;
        }
        if let Some(data) = data.get(&row.row) {
            compared.insert(position, existing.compare(records, (ledger, data), row));
        }
        for refusal in stored.doc.refused.get(&position).into_iter().flatten() {
            let Refusal {
                pointer,
                code,
                message,
            } = refusal.clone();
            let error = FieldError::body(pointer, code, message);
            let problem = plan::problem(ledger, row, error);
            row.problems.push(problem);
        }
    }
    compared
}

/// Returns the working groups of a municipality, by their squeezed names.
pub fn groups_of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipality: OrganizationId,
) -> Result<HashMap<String, WorkingGroupId>, ApiError> {
    let groups = working_groups::names_of(conn, cx, municipality)?.into_iter();
    let named = groups.flat_map(|(id, name)| {
        let names: Vec<String> = name.texts().map(squeeze).collect();
        names.into_iter().map(move |name| (name, id))
    });
    Ok(named.collect())
}

/// Returns the origin of an import: the day on which it came is that of the registry's time zone.
fn origin(cx: &RequestContext, stored: &Stored) -> Origin {
    let created_at = stored.meta.created_at.with_timezone(&cx.zone);
    Origin {
        municipality_id: stored.municipality_id,
        file_name: stored.doc.file_name.clone(),
        received_on: created_at.date_naive().to_string(),
    }
}
