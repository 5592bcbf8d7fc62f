//! Municipalities of the counted records.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::organizations as o;
use crate::db::{AnyConnection, Json, in_list};
use crate::directory::succession::Successions;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{OrganizationRef, stored_id};
use crate::organizations::store::Doc;
use crate::organizations::types::Officer;
use crate::projections::policies;
use crate::projections::policies::Policy;

/// The municipality that holds a record, with the policies and the officers that concern it, those
/// of predecessors and successors included.
pub struct MunicipalityFacts {
    pub organization: OrganizationRef,
    pub policies: Vec<Policy>,
    pub officers: Vec<Officer>,
}

/// Cache of the municipalities met so far.
#[derive(Default)]
pub struct MunicipalityCache(HashMap<OrganizationId, MunicipalityFacts>);

impl MunicipalityCache {
    /// Loads the municipalities that are not cached yet, in one query.
    pub fn load(
        &mut self,
        conn: &mut AnyConnection,
        ids: impl Iterator<Item = OrganizationId>,
        day: NaiveDate,
    ) -> Result<(), ApiError> {
        let mut new: Vec<OrganizationId> = ids.filter(|id| !self.0.contains_key(id)).collect();
        new.sort();
        new.dedup();
        if new.is_empty() {
            return Ok(());
        }
        let successions = Successions::load(conn)?;
        let lines = new.iter().flat_map(|id| successions.line(*id));
        let line: BTreeSet<String> = lines.map(|(id, _)| id.to_string()).collect();
        type Row = (String, Option<String>, Json<Doc>);
        let rows: Vec<Row> = o::table
            .filter(in_list(o::id, line))
            .select((o::id, o::code, o::doc))
            .load(conn)?;
        let read = |(id, code, Json(doc)): Row| Ok((stored_id(&id)?, (code, doc)));
        let docs = rows.into_iter().map(read);
        let docs: HashMap<OrganizationId, _> = docs.collect::<Result<_, ApiError>>()?;
        let mut policies = policies::of_all(conn, new.iter().copied())?;
        for id in new {
            let owner = successions.owner(id, day);
            let Some((code, doc)) = docs.get(&owner) else {
                continue;
            };
            let line = successions.line(id);
            let officers = line.iter().filter_map(|(id, _)| docs.get(id));
            let facts = MunicipalityFacts {
                organization: OrganizationRef {
                    id: owner,
                    name: doc.content.name.clone(),
                    code: code.clone(),
                },
                policies: policies.remove(&id).unwrap_or_default(),
                officers: officers
                    .flat_map(|(_, doc)| doc.content.officers.clone())
                    .collect(),
            };
            self.0.insert(id, facts);
        }
        Ok(())
    }

    /// Returns a loaded municipality.
    ///
    /// # Errors
    /// `internal_error` if the municipality is missing: it cannot be deleted while it has records.
    pub fn get(&self, id: OrganizationId) -> Result<&MunicipalityFacts, ApiError> {
        let found = self.0.get(&id);
        found.ok_or_else(|| ApiError::internal(format!("municipality {id} is gone")))
    }
}
