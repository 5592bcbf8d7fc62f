//! Names of organizations: for references in other records, and to find look-alikes.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

use super::legal_forms::name_key;
use super::succession::Successions;
use crate::db::schema::{organization_names, organizations};
use crate::db::{AnyConnection, Json, in_list};
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::values::{Localized, OrganizationRef, stored_id};

/// The name of the kind of record that has the names.
pub const ORGANIZATION: &str = "organization";

/// Organizations by the ids that other records use. The id of a merged duplicate maps to its
/// survivor.
#[derive(Debug, Default)]
pub struct Names {
    by_id: HashMap<OrganizationId, OrganizationRef>,
    /// Successions, if one of the organizations was succeeded.
    successions: Successions,
}

impl Names {
    /// Returns the organization with an id that a record refers to.
    ///
    /// # Errors
    /// `internal_error` if it is missing: organizations that records refer to are never deleted.
    pub fn get(&self, id: OrganizationId) -> Result<OrganizationRef, ApiError> {
        self.find(id)
            .ok_or_else(|| ApiError::internal(format!("organization {id} is gone")))
    }

    /// Returns an organization, or `None` if it is no longer recorded. Settings, such as those of a
    /// calendar, do not keep an organization from being deleted.
    pub fn find(&self, id: OrganizationId) -> Option<OrganizationRef> {
        self.by_id.get(&id).cloned()
    }

    /// Returns the municipality that holds a record on a day: the one that it was recorded for, or
    /// its successor.
    ///
    /// # Errors
    /// Like [`Self::get`].
    pub fn owner(&self, id: OrganizationId, day: NaiveDate) -> Result<OrganizationRef, ApiError> {
        self.get(self.successions.owner(id, day))
    }

    /// Returns the id of the municipality that holds on a day what one held, also of one without a
    /// name here.
    pub fn successor(&self, id: OrganizationId, day: NaiveDate) -> OrganizationId {
        self.successions.owner(id, day)
    }

    /// Like [`Self::owner`], for several municipalities, each owner once.
    ///
    /// # Errors
    /// Like [`Self::get`].
    pub fn owners(
        &self,
        ids: impl IntoIterator<Item = OrganizationId>,
        day: NaiveDate,
    ) -> Result<Vec<OrganizationRef>, ApiError> {
        let ids = ids.into_iter().map(|id| self.successions.owner(id, day));
        self.all(&ids.collect::<Vec<_>>())
    }

    /// Returns true if a municipality holds on a day what another one held: the same one, or one that
    /// it succeeded.
    pub fn holds(
        &self,
        municipality: OrganizationId,
        other: OrganizationId,
        day: NaiveDate,
    ) -> bool {
        let held = self.successions.held_by(municipality, day);
        held.contains(&self.survivor(other))
    }

    /// Returns the id of the surviving organization; an unknown id is returned unchanged.
    pub fn survivor(&self, id: OrganizationId) -> OrganizationId {
        self.by_id
            .get(&id)
            .map_or(id, |organization| organization.id)
    }

    /// Returns the organizations with several ids, in their order, each once even if two were
    /// merged.
    ///
    /// # Errors
    /// Like [`Self::get`].
    pub fn all(&self, ids: &[OrganizationId]) -> Result<Vec<OrganizationRef>, ApiError> {
        let mut all: Vec<OrganizationRef> = Vec::with_capacity(ids.len());
        for id in ids {
            let organization = self.get(*id)?;
            if !all.contains(&organization) {
                all.push(organization);
            }
        }
        Ok(all)
    }

    /// Adds an organization that is no longer recorded.
    pub fn remember(&mut self, gone: OrganizationRef) {
        self.by_id.insert(gone.id, gone);
    }

    pub fn contains(&self, id: OrganizationId) -> bool {
        self.by_id.contains_key(&id)
    }
}

/// Returns the sort key of an organization's name: legal forms do not count, so that `㈜하나` is beside
/// `하나`. At most 200 characters, because sort keys are part of cursors.
pub fn sort_name(name: &Localized) -> String {
    let name = name.texts().next().unwrap_or_default();
    let key = Some(name_key(name)).filter(|key| !key.is_empty());
    let key = key.unwrap_or_else(|| name.to_lowercase());
    key.chars().take(200).collect()
}

/// Id, survivor, name, succession and code of an organization.
type Row = (
    String,
    Option<String>,
    Json<Localized>,
    Option<String>,
    Option<String>,
);

/// Ids per statement at most: SQLite accepts no more than 32,766 values.
const AT_ONCE: usize = 16_384;

fn load(conn: &mut AnyConnection, ids: impl Iterator<Item = String>) -> Result<Vec<Row>, ApiError> {
    use organizations as o;
    let ids: BTreeSet<String> = ids.collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = ids.into_iter().collect();
    let mut rows = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let named = o::table.filter(in_list(o::id, some)).select((
            o::id,
            o::merged_into_id,
            o::name,
            o::succession,
            o::code,
        ));
        rows.extend(named.load::<Row>(conn)?);
    }
    Ok(rows)
}

/// Looks up the organizations that records refer to, all at once.
pub fn names(
    conn: &mut AnyConnection,
    ids: impl IntoIterator<Item = OrganizationId>,
) -> Result<Names, ApiError> {
    let mut rows = load(conn, ids.into_iter().map(|id| id.to_string()))?;
    let successions = add_successors(conn, &mut rows)?;
    // A merge points every duplicate at its final survivor, so one step is enough.
    let survivors = load(
        conn,
        rows.iter().filter_map(|(_, merged, ..)| merged.clone()),
    )?;
    let survivors: HashMap<&str, &Row> =
        survivors.iter().map(|row| (row.0.as_str(), row)).collect();
    let mut names = HashMap::with_capacity(rows.len());
    for row in &rows {
        let (id, merged, ..) = row;
        let survivor = merged.as_deref().and_then(|into| survivors.get(into));
        let (_, _, Json(name), _, code) = survivor.copied().unwrap_or(row);
        let shown = OrganizationRef {
            id: stored_id(merged.as_ref().unwrap_or(id))?,
            name: name.clone(),
            code: code.clone(),
        };
        // Records that show the survivor ask for it by its own id.
        names.insert(shown.id, shown.clone());
        names.insert(stored_id(id)?, shown);
    }
    Ok(Names {
        by_id: names,
        successions,
    })
}

/// Adds the successors of municipalities to the rows that name these.
fn add_successors(conn: &mut AnyConnection, rows: &mut Vec<Row>) -> Result<Successions, ApiError> {
    let succeeded = rows.iter().filter(|row| row.3.is_some());
    let succeeded = succeeded.map(|row| stored_id(&row.0));
    let succeeded: Vec<OrganizationId> = succeeded.collect::<Result<_, _>>()?;
    if succeeded.is_empty() {
        return Ok(Successions::default());
    }
    let successions = Successions::load(conn)?;
    let successors = successions.reachable(succeeded);
    rows.extend(load(
        conn,
        successors.iter().map(OrganizationId::to_string),
    )?);
    Ok(successions)
}

diesel::define_sql_function! {
    /// Returns the first argument that is not null.
    fn coalesce(first: Nullable<Text>, second: Text) -> Text;
}

/// Returns the id of the surviving organization for the id in a list filter, as a subquery.
#[diesel::dsl::auto_type(no_type_alias)]
pub fn survivor(id: OrganizationId) -> _ {
    let id: String = id.to_string();
    organizations::table
        .filter(organizations::id.eq(id))
        .select(coalesce(organizations::merged_into_id, organizations::id))
}

/// Looks up organizations that a request refers to, and adds an error for each unknown id.
pub fn known(
    conn: &mut AnyConnection,
    references: &[(String, OrganizationId)],
    errors: &mut Vec<FieldError>,
) -> Result<Names, ApiError> {
    let names = names(conn, references.iter().map(|(_, id)| *id))?;
    errors.extend(
        references
            .iter()
            .filter(|(_, id)| !names.contains(*id))
            .map(|(pointer, _)| unknown(pointer)),
    );
    Ok(names)
}

/// Returns the error for a reference to a record that does not exist.
pub fn unknown(pointer: &str) -> FieldError {
    let message = Message::fixed(
        "이 id의 기록이 없습니다.",
        "There is no record with this id.",
    );
    FieldError::body(pointer, "unknown_id", message)
}

/// Adds an error at `pointer` if the id does not belong to a Korean municipality.
pub fn known_municipality(
    conn: &mut AnyConnection,
    pointer: &str,
    id: OrganizationId,
    errors: &mut Vec<FieldError>,
) -> Result<(), ApiError> {
    use organizations as o;
    let code = o::table
        .find(id.to_string())
        .select(o::code)
        .first::<Option<String>>(conn)
        .optional()?;
    match code {
        Some(Some(_)) => {}
        Some(None) => errors.push(FieldError::body(
            pointer,
            "not_a_municipality",
            Message::fixed(
                "우리나라의 지방자치단체가 아닙니다.",
                "This organization is no municipality of Korea.",
            ),
        )),
        None => errors.push(unknown(pointer)),
    }
    Ok(())
}

/// Replaces the indexed names of an organization.
pub fn index<'a>(
    conn: &mut AnyConnection,
    id: &str,
    all: impl Iterator<Item = &'a str>,
) -> Result<(), ApiError> {
    use organization_names as n;
    diesel::delete(n::table.filter(n::organization_id.eq(id))).execute(conn)?;
    let keys: BTreeSet<String> = all.map(name_key).filter(|key| !key.is_empty()).collect();
    for key in keys {
        diesel::insert_into(n::table)
            .values((n::name_key.eq(key), n::organization_id.eq(id)))
            .execute(conn)?;
    }
    Ok(())
}

/// Returns, for each organization, the others with an equal [`name_key`].
pub fn look_alikes(
    conn: &mut AnyConnection,
    ids: &[String],
) -> Result<HashMap<String, Vec<OrganizationRef>>, ApiError> {
    use organization_names as n;
    use organizations as o;
    let (own, other) = diesel::alias!(organization_names as own, organization_names as other);
    let mut pairs: Vec<(String, String, Json<Localized>, Option<String>)> = own
        .inner_join(other.on(other.field(n::name_key).eq(own.field(n::name_key))))
        .inner_join(o::table.on(o::id.eq(other.field(n::organization_id))))
        .filter(in_list(own.field(n::organization_id), ids))
        .filter(
            other
                .field(n::organization_id)
                .ne(own.field(n::organization_id)),
        )
        .filter(o::merged_into_id.is_null())
        .select((own.field(n::organization_id), o::id, o::name, o::code))
        .load(conn)?;
    // Two organizations can share more than one name.
    pairs.sort_by(|(a, twin, ..), (b, other, ..)| (a, twin).cmp(&(b, other)));
    pairs.dedup_by(|(a, twin, ..), (b, other, ..)| a == b && twin == other);
    let mut found: HashMap<String, Vec<OrganizationRef>> = HashMap::new();
    for (id, twin, Json(name), code) in pairs {
        let twin = OrganizationRef {
            id: stored_id(&twin)?,
            name,
            code,
        };
        found.entry(id).or_default().push(twin);
    }
    Ok(found)
}
