//! Organizations as they are shown, each kind with what only it has.

use chrono::NaiveDate;

use super::store::Record;
use super::types::{
    Association, AssociationContent, Municipality, MunicipalityContent, Organization,
};
use super::{policies, rules};
use crate::error::ApiError;
use crate::reference;

impl Record {
    pub fn into_organization(self) -> Organization {
        let gaps = rules::organization_gaps(&self.doc.content);
        Organization {
            meta: self.meta,
            kind: self.kind,
            content: self.doc.content,
            gaps,
            warnings: self.warnings,
        }
    }

    pub fn into_association(self) -> Association {
        let gaps = rules::association_gaps(
            &self.doc.content,
            self.doc.member_count.as_ref(),
            self.members,
        );
        Association {
            meta: self.meta,
            kind: self.kind,
            content: AssociationContent {
                content: self.doc.content,
                member_count: self.doc.member_count,
            },
            recorded_members: self.members,
            gaps,
            warnings: self.warnings,
        }
    }

    /// # Errors
    /// Internal, when the official list lacks a recorded code.
    pub fn into_municipality(self, today: NaiveDate) -> Result<Municipality, ApiError> {
        let code = self.code.unwrap_or_default();
        let official = reference::municipality(&code)
            .ok_or_else(|| ApiError::internal(format!("no municipality has the code {code}")))?;
        let parent = official
            .parent_code
            .as_deref()
            .and_then(reference::municipality);
        Ok(Municipality {
            gaps: rules::municipality_gaps(&self.doc.content),
            meta: self.meta,
            level: official.level,
            kind: official.kind,
            parent_code: official.parent_code.clone(),
            parent_name: parent.map(|p| p.name.clone()),
            valid_from: official.valid_from,
            valid_to: official.valid_to,
            succeeded_by: official.succeeded_by.clone(),
            code,
            policy: policies::on(&self.doc.policies, Some(today)).cloned(),
            content: MunicipalityContent {
                content: self.doc.content,
                policies: self.doc.policies,
            },
            warnings: self.warnings,
        })
    }
}
