//! Files of the documents of an agreement. A new file of a document follows the former ones, which
//! stay.

use serde::{Deserialize, Serialize};

use super::doc::Doc;
use super::parts::{self, AgreementWithPart};
use super::read::Stored;
use super::types::DocumentContent;
use super::{read, sharing, store};
use crate::db::AnyConnection;
use crate::db::schema::agreement_parties as p;
use crate::files::{
    Digest, Edition, Erasure, FileKind, KeptFile, Wanted, Whole, choose, name_of, table,
};
use crate::http::IfMatch;
use crate::http::attached::{InForm, NewFile};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::{AgreementId, PartId};
use crate::kernel::values::Localized;
use crate::ledger::RequestContext;

/// Maximum number of files of a document.
const MOST: usize = 100;

/// File of a document.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FileOf {
    pub document: PartId,
    #[serde(flatten)]
    pub file: KeptFile,
}

impl InForm for DocumentContent {
    const FIELD: &'static str = "document";
}

/// Ids in the path of a file: the agreement, the document, the file.
pub type FileIds = (AgreementId, PartId, PartId);

/// Returns the files of a document, in the order in which they were added.
pub fn of(doc: &Doc, document: PartId) -> impl Iterator<Item = &KeptFile> {
    let files = doc.files.iter().filter(move |of| of.document == document);
    files.map(|of| &of.file)
}

/// A file to be added.
pub struct Added<'a> {
    pub file: &'a NewFile,
    /// Name that replaces the one of the form.
    pub name: Option<&'a str>,
    pub edition: Edition,
}

impl Added<'_> {
    /// Adds the file to a document.
    fn add(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        doc: &mut Doc,
        document: PartId,
    ) -> Result<PartId, ApiError> {
        let whole: &Whole = &self.file.whole;
        if of(doc, document).count() >= MOST {
            return Err(ApiError::with(
                Code::Conflict,
                format!("문서 하나에 파일은 {MOST}개까지만 둘 수 있습니다."),
                format!("A document has {MOST} files at most."),
            ));
        }
        let stated = self.name.or(self.file.name.as_deref());
        let file = KeptFile {
            id: cx.id(),
            name: name_of(stated, whole.kind),
            sha256: whole.digest.clone(),
            media_type: FileKind::media_type(whole.kind).to_owned(),
            bytes: whole.bytes,
            edition: self.edition,
            added_at: cx.now.and_utc(),
            erased: None,
        };
        let id = file.id;
        table::note(conn, whole, cx.now)?;
        doc.files.push(FileOf { document, file });
        Ok(id)
    }

    fn keep(&self) -> Result<(), ApiError> {
        self.file.whole.keep().map_err(ApiError::unavailable)
    }
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
    let added = Added {
        file,
        name: None,
        edition: Edition::Full,
    };
    let made = parts::add_with(conn, cx, id, content, None, |conn, doc, document| {
        added.add(conn, cx, doc, document).map(drop)
    })?;
    added.keep()?;
    Ok(made)
}

/// Adds a file to a document, after those that it has. Returns the id of the file as the part.
///
/// # Errors
/// `not_found`; `forbidden` if the document belongs to another municipality, or the agreement was
/// approved and the caller cannot approve it; `conflict` if the document has too many files;
/// `invalid_parameters` if the file follows another one after the signing, and there is no reason;
/// `unavailable` if the file cannot be kept.
pub fn add(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (id, document): (AgreementId, PartId),
    added: &Added<'_>,
    reason: Option<&Localized>,
) -> Result<AgreementWithPart, ApiError> {
    let mut stored = load(conn, cx, id, document)?;
    let is_copy = |edition| edition == Edition::Redacted;
    let follows = of(&stored.doc, document)
        .any(|file| file.erased.is_none() && is_copy(file.edition) == is_copy(added.edition));
    match follows {
        true => store::edit(cx, &mut stored, reason)?,
        false => store::rewrite(cx, &mut stored)?,
    }
    let part = added.add(conn, cx, &mut stored.doc, document)?;
    let agreement = store::save(conn, cx, stored, Vec::new())?;
    added.keep()?;
    Ok(AgreementWithPart { agreement, part })
}

/// Checks that the caller may add a file to a document, before the file is received.
///
/// # Errors
/// `not_found`, or `forbidden` if the document belongs to another municipality.
pub fn may_add(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (id, document): (AgreementId, PartId),
) -> Result<(), ApiError> {
    let doc = read::load(conn, cx, id)?.doc;
    if !sharing::works_for_one(cx, &doc) {
        cx.caller.may_change(doc.municipality_id)?;
    }
    check_document(cx, &doc, document)
}

fn check_document(cx: &RequestContext, doc: &Doc, document: PartId) -> Result<(), ApiError> {
    let found = doc.documents.iter().find(|part| part.id == document);
    let content = &found.ok_or_else(ApiError::not_found)?.content;
    sharing::may_record(cx, doc, content.municipality_id)
}

/// Loads an agreement in order to change the files of a document.
fn load(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    document: PartId,
) -> Result<Stored, ApiError> {
    let stored = read::load_shared(conn, cx, id)?;
    check_document(cx, &stored.doc, document)?;
    Ok(stored)
}

/// Erases the content of a file. Its entry stays, with the reason. Returns the digest, whose bytes are
/// to be removed after the commit.
///
/// # Errors
/// `not_found`, also if the content was erased before; `forbidden` like [`add`];
/// `precondition_failed` if the version of the agreement is not the expected one.
pub fn erase(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (id, document, file): FileIds,
    expected: &IfMatch,
    reason: &Localized,
) -> Result<Digest, ApiError> {
    let mut stored = load(conn, cx, id, document)?;
    let mut files = stored.doc.files.iter_mut();
    let found = files.find(|of| of.document == document && of.file.id == file);
    let found = found.filter(|of| of.file.erased.is_none());
    let found = found.ok_or_else(ApiError::not_found)?;
    expected.check(&stored.meta.revision())?;
    found.file.erased = Some(Erasure {
        at: cx.now.and_utc(),
        reason: reason.clone(),
    });
    let digest = found.file.sha256.clone();
    store::edit(cx, &mut stored, Some(reason))?;
    store::write(conn, cx, stored, Vec::new()).map_err(ApiError::as_conflict)?;
    table::note_erasure(conn, &digest, cx.now)?;
    Ok(digest)
}

/// Finds a file that the caller may read, by the rule of [`choose`].
///
/// # Errors
/// `not_found`, also if the content was erased.
pub fn find(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (id, document): (AgreementId, PartId),
    wanted: Wanted,
) -> Result<KeptFile, ApiError> {
    let doc = read::load(conn, cx, id)?.doc;
    let is_inside = sharing::works_for_one(cx, &doc) || is_party(conn, cx, id, &doc)?;
    choose(of(&doc, document), wanted, is_inside).cloned()
}

/// Returns true if the caller acts for a party, in the municipalities of its token.
fn is_party(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    doc: &Doc,
) -> Result<bool, ApiError> {
    use diesel::prelude::*;
    let Some(organization) = cx.caller.organization_id else {
        return Ok(false);
    };
    if !sharing::owners(doc).any(|owner| cx.caller.reach.holds(owner)) {
        return Ok(false);
    }
    let found = p::table
        .filter(p::agreement_id.eq(id.to_string()))
        .filter(p::organization_id.eq(organization.to_string()))
        .select(p::party_id)
        .first::<String>(conn)
        .optional()?;
    Ok(found.is_some())
}
