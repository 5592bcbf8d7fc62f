//! What statistics know of the municipalities whose records they count.

use std::collections::HashMap;

use diesel::prelude::*;
use uuid::Uuid;

use crate::db::schema::organizations as o;
use crate::db::{AnyConnection, among};
use crate::error::ApiError;
use crate::organizations::policies::Policy;
use crate::organizations::store::Doc;
use crate::organizations::types::Officer;
use crate::values::{OrganizationRef, stored};

/// A municipality.
pub struct Owner {
    pub organization: OrganizationRef,
    pub policies: Vec<Policy>,
    pub officers: Vec<Officer>,
}

/// The municipalities that were met so far.
#[derive(Default)]
pub struct Owners(HashMap<Uuid, Owner>);

impl Owners {
    /// Looks up those that were not met before, all at once.
    ///
    /// # Errors
    /// What the database says.
    pub fn load(
        &mut self,
        conn: &mut AnyConnection,
        ids: impl Iterator<Item = Uuid>,
    ) -> Result<(), ApiError> {
        let mut new: Vec<Uuid> = ids.filter(|id| !self.0.contains_key(id)).collect();
        new.sort();
        new.dedup();
        if new.is_empty() {
            return Ok(());
        }
        let rows: Vec<(String, String)> = o::table
            .filter(among(o::id, new.iter().map(Uuid::to_string)))
            .select((o::id, o::doc))
            .load(conn)?;
        for (id, doc) in rows {
            let id = crate::values::stored_id(&id)?;
            let doc: Doc = stored(&doc)?;
            let owner = Owner {
                organization: OrganizationRef {
                    id,
                    name: doc.content.name,
                },
                policies: doc.policies,
                officers: doc.content.officers,
            };
            self.0.insert(id, owner);
        }
        Ok(())
    }

    /// # Errors
    /// Internal: a municipality is not deleted while it has records.
    pub fn get(&self, id: Uuid) -> Result<&Owner, ApiError> {
        let found = self.0.get(&id);
        found.ok_or_else(|| ApiError::internal(format!("municipality {id} is gone")))
    }
}
