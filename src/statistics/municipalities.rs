//! Municipalities of the counted records.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::db::schema::organizations as o;
use crate::db::{AnyConnection, Json, in_list};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::OrganizationRef;
use crate::organizations::store::Doc;
use crate::organizations::types::Officer;
use crate::projections::policies::Policy;

/// A municipality, with its policies and officers.
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
    ) -> Result<(), ApiError> {
        let mut new: Vec<OrganizationId> = ids.filter(|id| !self.0.contains_key(id)).collect();
        new.sort();
        new.dedup();
        if new.is_empty() {
            return Ok(());
        }
        let rows: Vec<(String, Json<Doc>)> = o::table
            .filter(in_list(o::id, new.iter().map(OrganizationId::to_string)))
            .select((o::id, o::doc))
            .load(conn)?;
        for (id, Json(doc)) in rows {
            let id = crate::kernel::values::stored_id(&id)?;
            let facts = MunicipalityFacts {
                organization: OrganizationRef {
                    id,
                    name: doc.content.name,
                },
                policies: doc.policies,
                officers: doc.content.officers,
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
