//! API views of organizations, each kind with its own facts.

use super::rules;
use super::store::Record;
use super::types::{Association, AssociationContent, Organization};

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
}
