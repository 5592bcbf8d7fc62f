//! Taking back what an import recorded.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::Connection;
use diesel::prelude::*;
use uuid::Uuid;

use super::apply::is_of_the_row;
use super::records::{self, Records, organizations, undone, versions};
use super::rows::Position;
use super::store::{self, Recorded, Stored};
use super::types::{ImportStatus, LedgerImport};
use crate::db::schema::agreement_parties as p;
use crate::db::{AnyConnection, in_list};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::{ImportId, OrganizationId};
use crate::kernel::values::stored_id;
use crate::ledger::RequestContext;
use crate::organizations::records::ORGANIZATION;

/// Records by row.
type ByRow = BTreeMap<Position, Recorded>;

/// What taking back an import does, unless the rules refuse some of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// Number of records that are voided or deleted.
    pub taken_back: usize,
    /// Number of corrected records that are restored.
    pub restored: usize,
    /// Number of records that stay, since somebody changed them.
    pub kept: usize,
    /// Number of organizations that are deleted.
    pub organizations: usize,
}

/// Returns what taking back an import does.
///
/// # Errors
/// Those of the database.
pub fn outlook(conn: &mut AnyConnection, stored: &Stored) -> Result<Outlook, ApiError> {
    let doc = &stored.doc;
    if doc.status != ImportStatus::Applied {
        return Ok(Outlook::default());
    }
    let records = records::of(doc.kind);
    let (unchanged, kept) = unchanged(conn, records, doc.recorded.clone())?;
    let restored = unchanged.values().filter(|made| made.undo.is_some());
    let restored = restored.count();
    Ok(Outlook {
        taken_back: unchanged.len() - restored,
        restored,
        kept: kept.len(),
        organizations: unused(conn, records, &doc.organizations, &unchanged)?.len(),
    })
}

/// Takes back every record that an import made and that nobody changed since, and then every
/// organization that it recorded, that nobody changed, and to which nothing refers. Restores the
/// records that it corrected.
///
/// # Errors
/// `not_found`
pub fn undo(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: ImportId,
) -> Result<LedgerImport, ApiError> {
    let mut stored = store::load(conn, cx, id)?;
    if stored.doc.status != ImportStatus::Applied {
        return store::view(conn, cx, &stored);
    }
    let doc = &mut stored.doc;
    let records = records::of(doc.kind);
    let (unchanged, mut kept) = unchanged(conn, records, std::mem::take(&mut doc.recorded))?;
    let mut gone = unused(conn, records, &doc.organizations, &unchanged)?;
    loop {
        let attempt = Attempt {
            cx,
            records,
            unchanged: &unchanged,
            gone: &gone,
        };
        match attempt.run(conn)? {
            Ok(refused) => {
                kept.extend(refused);
                break;
            }
            // Other records refer to these.
            Err(used) => gone.retain(|id| !used.contains(id)),
        }
    }
    let mut left = std::mem::take(&mut doc.organizations);
    left.retain(|made| !gone.contains(&made.id.into()));
    doc.organizations_not_undone = left.iter().map(|made| made.id.into()).collect();
    doc.organizations = left;
    doc.not_undone = kept.values().map(|recorded| recorded.id).collect();
    doc.recorded = kept;
    doc.status = ImportStatus::Undone;
    store::save(conn, cx, &mut stored)?;
    store::view(conn, cx, &stored)
}

/// Returns the records that nobody changed, and those that somebody did. Those that no longer exist
/// are in neither.
fn unchanged(
    conn: &mut AnyConnection,
    records: &dyn Records,
    recorded: ByRow,
) -> Result<(ByRow, ByRow), ApiError> {
    let ids: Vec<Uuid> = recorded.values().map(|recorded| recorded.id).collect();
    let versions: HashMap<Uuid, i64> = versions(conn, records.record(), &ids)?
        .into_iter()
        .collect();
    let known = recorded
        .into_iter()
        .filter(|(_, made)| versions.contains_key(&made.id));
    Ok(known.partition(|(_, made)| versions.get(&made.id) == Some(&made.version)))
}

/// Returns the organizations that nobody changed and that are parties to no other agreement than
/// those that are taken back.
fn unused(
    conn: &mut AnyConnection,
    records: &dyn Records,
    made: &[Recorded],
    unchanged: &ByRow,
) -> Result<Vec<OrganizationId>, ApiError> {
    let ids: Vec<Uuid> = made.iter().map(|made| made.id).collect();
    let versions: HashMap<Uuid, i64> = versions(conn, &ORGANIZATION, &ids)?.into_iter().collect();
    let same = made
        .iter()
        .filter(|made| versions.get(&made.id) == Some(&made.version));
    let same: Vec<Uuid> = same.map(|made| made.id).collect();
    let taken: BTreeSet<Uuid> = match records.schema() {
        organizations::SCHEMA => BTreeSet::new(),
        _ => unchanged.values().map(|recorded| recorded.id).collect(),
    };
    let mut used: BTreeSet<Uuid> = BTreeSet::new();
    for some in same.chunks(records::AT_ONCE) {
        let some = some.iter().map(Uuid::to_string);
        let parties: Vec<(String, String)> = p::table
            .filter(in_list(p::organization_id, some))
            .select((p::agreement_id, p::organization_id))
            .load(conn)?;
        for (agreement, organization) in parties {
            if !taken.contains(&stored_id(&agreement)?) {
                used.insert(stored_id(&organization)?);
            }
        }
    }
    let unused = same.into_iter().filter(|id| !used.contains(id));
    Ok(unused.map(OrganizationId::from).collect())
}

/// An attempt to take back records together with organizations.
struct Attempt<'a> {
    cx: &'a RequestContext,
    records: &'static dyn Records,
    unchanged: &'a ByRow,
    gone: &'a [OrganizationId],
}

/// Result of an attempt: the records that stay, or the organizations that cannot be taken back.
type Attempted = Result<ByRow, Vec<OrganizationId>>;

/// Why an attempt is rolled back.
enum Stop {
    Used(Vec<OrganizationId>),
    Failed(ApiError),
}

impl From<diesel::result::Error> for Stop {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl Attempt<'_> {
    /// Leaves nothing behind if an organization cannot be taken back.
    #[expect(
        clippy::disallowed_methods,
        reason = "a savepoint inside the transaction of `db.write`"
    )]
    fn run(&self, conn: &mut AnyConnection) -> Result<Attempted, ApiError> {
        let done = conn.transaction(|conn| {
            let kept = self.records(conn).map_err(Stop::Failed)?;
            let used = self.organizations(conn).map_err(Stop::Failed)?;
            match used.is_empty() {
                true => Ok(kept),
                false => Err(Stop::Used(used)),
            }
        });
        match done {
            Ok(kept) => Ok(Ok(kept)),
            Err(Stop::Used(used)) => Ok(Err(used)),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    /// Takes back the records, and returns those for which the rules refuse it.
    #[expect(
        clippy::disallowed_methods,
        reason = "a savepoint inside the transaction of `db.write`"
    )]
    fn records(&self, conn: &mut AnyConnection) -> Result<ByRow, ApiError> {
        let mut kept = ByRow::new();
        // The first row of a group of records made it.
        for (row, recorded) in self.unchanged.iter().rev() {
            let done = conn.transaction(|conn| match &recorded.undo {
                Some(undo) => {
                    let restored =
                        self.records
                            .correct(conn, self.cx, recorded.id, undo, &undone());
                    restored.map(|_| ())
                }
                None => self.records.take_back(conn, self.cx, recorded, self.gone),
            });
            match done {
                Ok(()) => {}
                Err(error) if is_of_the_row(&error) => {
                    kept.insert(*row, recorded.clone());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(kept)
    }

    /// Deletes the organizations, and returns those to which something refers.
    #[expect(
        clippy::disallowed_methods,
        reason = "a savepoint inside the transaction of `db.write`"
    )]
    fn organizations(&self, conn: &mut AnyConnection) -> Result<Vec<OrganizationId>, ApiError> {
        let mut used = Vec::new();
        for id in self.gone {
            match conn.transaction(|conn| organizations::delete(conn, self.cx, *id)) {
                Ok(()) => {}
                Err(error)
                    if is_of_the_row(&error)
                        || matches!(error.code, Code::Forbidden | Code::NotFound) =>
                {
                    used.push(*id);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(used)
    }
}
