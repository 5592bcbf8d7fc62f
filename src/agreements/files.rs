//! Files of the documents and council actions of an agreement.

use super::doc::Doc;
use super::parts::{self, AgreementWithPart};
use super::read::Stored;
use super::types::{Agreement, DocumentContent};
use super::{read, sharing, store};
use crate::db::AnyConnection;
use crate::files::RecordFile;
use crate::http::attached::{InForm, NewFile};
use crate::http::filed::{self, HasFiles, Stated};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, OrganizationId, PartId};
use crate::kernel::values::{Localized, Revision};
use crate::ledger::{self, RequestContext};

impl InForm for DocumentContent {
    const FIELD: &'static str = "document";
}

/// An agreement for the files of one of its documents or council actions, whose id they have as that
/// of their document.
pub struct FilesOf<const ACTION: bool> {
    stored: Stored,
    part: PartId,
}

/// An agreement for the files of a document.
pub type OfDocument = FilesOf<false>;
/// An agreement for the files of a council action.
pub type OfCouncilAction = FilesOf<true>;

/// Returns the municipality whose document or council action it is; `None` for the owner.
fn author(doc: &Doc, part: PartId, is_action: bool) -> Result<Option<OrganizationId>, ApiError> {
    let found = if is_action {
        let mut actions = doc.council_actions.iter();
        let found = actions.find(|one| one.id == part);
        found.map(|one| one.content.municipality_id)
    } else {
        let mut documents = doc.documents.iter();
        let found = documents.find(|one| one.id == part);
        found.map(|one| one.content.municipality_id)
    };
    found.ok_or_else(ApiError::not_found)
}

/// Returns true if the caller is one of the staff or of the parties of an agreement.
///
/// # Errors
/// Fails if the database cannot be read.
pub fn is_inside(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &Stored,
) -> Result<bool, ApiError> {
    let owners: Vec<OrganizationId> = sharing::owners(&stored.doc).collect();
    ledger::is_inside(conn, &cx.caller, &owners, &stored.id.to_string())
}

impl<const ACTION: bool> HasFiles for FilesOf<ACTION> {
    type Ids = (AgreementId, PartId);
    type View = Agreement;

    fn read(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        (id, part): Self::Ids,
    ) -> Result<Self, ApiError> {
        let stored = read::load(conn, cx, id)?;
        author(&stored.doc, part, ACTION)?;
        Ok(Self { stored, part })
    }

    fn to_change(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        (id, part): Self::Ids,
    ) -> Result<Self, ApiError> {
        let stored = read::load_shared(conn, cx, id)?;
        let by = author(&stored.doc, part, ACTION)?;
        sharing::may_record(cx, &stored.doc, by)?;
        Ok(Self { stored, part })
    }

    /// Like [`Self::to_change`], without locks.
    fn check(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        (id, part): Self::Ids,
    ) -> Result<(), ApiError> {
        let doc = changeable(conn, cx, id)?;
        sharing::may_record(cx, &doc, author(&doc, part, ACTION)?)
    }

    fn revision(&self) -> Revision {
        self.stored.meta.revision()
    }

    fn document(&self) -> Option<PartId> {
        Some(self.part)
    }

    fn files(&mut self) -> &mut Vec<RecordFile> {
        &mut self.stored.doc.files
    }

    fn is_inside(&self, conn: &mut AnyConnection, cx: &RequestContext) -> Result<bool, ApiError> {
        is_inside(conn, cx, &self.stored)
    }

    /// After the signing, what replaces or erases a file is a correction. Council actions are recorded
    /// on what is approved or signed.
    fn save(
        mut self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        replaces: bool,
        reason: Option<&Localized>,
    ) -> Result<Agreement, ApiError> {
        match (replaces, ACTION) {
            (true, _) => store::edit(cx, &mut self.stored, reason)?,
            (false, false) => store::rewrite(cx, &mut self.stored)?,
            (false, true) => {}
        }
        store::save(conn, cx, self.stored, Vec::new())
    }
}

/// Loads an agreement for a caller who may change it, without locks.
fn changeable(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
) -> Result<Doc, ApiError> {
    let doc = read::load(conn, cx, id)?.doc;
    if !sharing::works_for_one(cx, &doc) {
        cx.caller.may_change(doc.municipality_id)?;
    }
    Ok(doc)
}

/// Checks that the caller may add documents, in a read, before a file of one is kept.
///
/// # Errors
/// `not_found`, `forbidden`
pub fn check_addition(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
) -> Result<(), ApiError> {
    changeable(conn, cx, id).map(drop)
}

/// Adds a document with a file.
///
/// # Errors
/// Fails like [`parts::add`]; `unavailable` if the file cannot be kept.
pub fn add_document(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    content: &DocumentContent,
    file: &NewFile,
) -> Result<AgreementWithPart, ApiError> {
    let stated = Stated::default();
    let made = parts::add_with(conn, cx, id, content, None, |conn, doc, document| {
        let files = &mut doc.files;
        filed::push(conn, cx, files, Some(document), (file, &stated)).map(drop)
    })?;
    filed::keep(file)?;
    Ok(made)
}
