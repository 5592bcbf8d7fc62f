//! Parts of an agreement: parties, commitments, documents, reviews, council actions and publications,
//! each with its own id.

use chrono::NaiveDate;
use validator::Validate;

use super::doc::{Doc, Part};
use super::read::Stored;
use super::types::{
    Agreement, Commitment, CommitmentContent, Document, DocumentContent, Party, PartyContent,
};
use super::{read, sharing, store};
use crate::db::AnyConnection;
use crate::http::{IfMatch, Patch};
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::{AgreementId, OrganizationId, PartId};
use crate::kernel::values::Localized;
use crate::kernel::values::{Revision, Versioned, Warning};
use crate::ledger::RequestContext;

/// Type of part: its place in the stored document, and its form in the API.
pub trait PartContent:
    Clone
    + Send
    + serde::Serialize
    + serde::de::DeserializeOwned
    + Validate
    + utoipa::ToSchema
    + 'static
{
    type View: Clone + Send + serde::Serialize + utoipa::ToSchema + 'static;

    /// Path of the list below the agreement.
    const PATH: &'static str;
    /// Member of the agreement that holds the parts.
    const MEMBER: &'static str = Self::PATH;
    /// Whether changing a part changes the signed content.
    const SIGNED: bool;
    /// Whether parts are approved with the agreement.
    const APPROVED: bool = true;
    /// Whether a part is the act of one of the municipalities of the agreement.
    const ACT: bool = false;
    /// Whether the instant of the recording or last change is kept beside a part.
    const KEEPS_INSTANT: bool = false;
    /// Maximum number of parts in an agreement, which also applies when an agreement is recorded.
    const MOST: usize = 200;

    fn list(doc: &mut Doc) -> &mut Vec<Part<Self>>;
    fn views(agreement: &Agreement) -> &[Self::View];
    fn id(view: &Self::View) -> PartId;

    /// Returns the municipality whose act the part is, `None` in it for the owner. `None` for a part of
    /// the content, which is the owner's.
    fn by(&mut self) -> Option<&mut Option<OrganizationId>> {
        None
    }

    /// Fails if the agreement accepts no further part.
    fn may_be_added(_doc: &Doc) -> Result<(), ApiError> {
        Ok(())
    }

    /// Returns true if a change of a part, which is `None` before it is added and after it is removed, is
    /// one of the signed content, so that it is a correction after the signing.
    fn is_correction(_old: Option<&Self>, _new: Option<&Self>) -> bool {
        Self::SIGNED
    }

    /// Returns an error if the part, which is in the agreement at the pointer `at`, does not fit it.
    fn misfit(&self, _doc: &Doc, _at: &str) -> Option<FieldError> {
        None
    }
}

impl PartContent for PartyContent {
    type View = Party;
    const PATH: &'static str = "parties";
    const SIGNED: bool = true;
    const MOST: usize = 100;

    fn list(doc: &mut Doc) -> &mut Vec<Part<Self>> {
        &mut doc.parties
    }

    fn views(agreement: &Agreement) -> &[Party] {
        &agreement.parties
    }

    fn id(view: &Party) -> PartId {
        view.id
    }
}

impl PartContent for CommitmentContent {
    type View = Commitment;
    const PATH: &'static str = "commitments";
    const SIGNED: bool = true;

    fn list(doc: &mut Doc) -> &mut Vec<Part<Self>> {
        &mut doc.commitments
    }

    fn views(agreement: &Agreement) -> &[Commitment] {
        &agreement.commitments
    }

    fn id(view: &Commitment) -> PartId {
        view.id
    }
}

impl PartContent for DocumentContent {
    type View = Document;
    const PATH: &'static str = "documents";
    const SIGNED: bool = false;
    const ACT: bool = true;

    fn list(doc: &mut Doc) -> &mut Vec<Part<Self>> {
        &mut doc.documents
    }

    /// After the signing, files are added as they are found. What is stated of them is replaced or
    /// removed by a correction.
    fn is_correction(old: Option<&Self>, new: Option<&Self>) -> bool {
        old.is_some_and(|old| new.is_none_or(|new| old.content.is_replaced_by(&new.content)))
    }

    fn views(agreement: &Agreement) -> &[Document] {
        &agreement.documents
    }

    fn id(view: &Document) -> PartId {
        view.id
    }

    fn by(&mut self) -> Option<&mut Option<OrganizationId>> {
        Some(&mut self.municipality_id)
    }
}

/// Agreement after the addition of a part.
pub struct AgreementWithPart {
    pub agreement: Agreement,
    pub part: PartId,
}

impl serde::Serialize for AgreementWithPart {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.agreement.serialize(serializer)
    }
}

impl Versioned for AgreementWithPart {
    fn revision(&self) -> Revision {
        self.agreement.revision()
    }

    fn warn(&mut self, warnings: Vec<Warning>) {
        self.agreement.warn(warnings);
    }
}

/// Part that is read on its own; its revision is that of the agreement.
pub struct SinglePart<V> {
    pub revision: Revision,
    pub view: V,
}

impl<V: serde::Serialize> serde::Serialize for SinglePart<V> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.view.serialize(serializer)
    }
}

impl<V> Versioned for SinglePart<V> {
    fn revision(&self) -> Revision {
        self.revision
    }
}

/// Reads all parts of a type.
///
/// # Errors
/// `not_found` if the caller cannot see the agreement.
pub fn all<P: PartContent>(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    as_of: Option<NaiveDate>,
) -> Result<Vec<P::View>, ApiError> {
    Ok(P::views(&read::get_for_parts(conn, cx, id, as_of)?).to_vec())
}

/// Reads one part.
///
/// # Errors
/// `not_found` if the agreement has no such part, or the caller cannot see it.
pub fn get<P: PartContent>(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (id, part): (AgreementId, PartId),
    as_of: Option<NaiveDate>,
) -> Result<SinglePart<P::View>, ApiError> {
    let agreement = read::get_for_parts(conn, cx, id, as_of)?;
    let view = P::views(&agreement)
        .iter()
        .find(|view| P::id(view) == part)
        .cloned();
    Ok(SinglePart {
        revision: agreement.revision(),
        view: view.ok_or_else(ApiError::not_found)?,
    })
}

/// Loads an agreement in order to change a part. An act is recorded by any of its municipalities, the
/// content is changed by the owner alone.
fn load<P: PartContent>(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
) -> Result<Stored, ApiError> {
    match P::ACT {
        true => read::load_shared(conn, cx, id),
        false => read::load_own(conn, cx, id),
    }
}

/// Checks that the caller works for the municipality whose act a part is.
fn check_author<P: PartContent>(
    cx: &RequestContext,
    doc: &Doc,
    content: &mut P,
) -> Result<(), ApiError> {
    let by = content.by();
    by.map_or(Ok(()), |by| sharing::may_record(cx, doc, *by))
}

/// Checks that the caller may change the parts of a type, and records the change as one of the
/// content if it is one.
///
/// # Errors
/// `forbidden` if the agreement was approved and the caller cannot approve it; `invalid_parameters`
/// if a correction has no reason.
fn check_change<P: PartContent>(
    cx: &RequestContext,
    stored: &mut Stored,
    reason: Option<&Localized>,
    (old, new): (Option<&P>, Option<&P>),
) -> Result<(), ApiError> {
    match (P::is_correction(old, new), P::APPROVED) {
        (true, _) => store::edit(cx, stored, reason),
        (false, true) => store::rewrite(cx, stored),
        (false, false) => Ok(()),
    }
}

/// Adds a part.
///
/// # Errors
/// `not_found`; `forbidden` if the agreement belongs to another municipality; `conflict` if it
/// accepts no further part; `invalid_parameters` if a correction has no reason; `validation_failed`
/// if the part does not fit.
pub fn add<P: PartContent>(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    content: &P,
    reason: Option<&Localized>,
) -> Result<AgreementWithPart, ApiError> {
    add_with(conn, cx, id, content, reason, |_, _, _| Ok(()))
}

/// Like [`add`], with something that belongs to the part: `more` adds it to the document.
///
/// # Errors
/// Fails like [`add`], or with the error of `more`.
pub(super) fn add_with<P: PartContent>(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    content: &P,
    reason: Option<&Localized>,
    more: impl FnOnce(&mut AnyConnection, &mut Doc, PartId) -> Result<(), ApiError>,
) -> Result<AgreementWithPart, ApiError> {
    let mut stored = load::<P>(conn, cx, id)?;
    let mut content = content.clone();
    if let Some(by) = content.by() {
        sharing::attribute(cx, &stored.doc, by);
        sharing::settle(conn, cx, &stored.doc, by)?;
    }
    check_author(cx, &stored.doc, &mut content)?;
    check_change(cx, &mut stored, reason, (None, Some(&content)))?;
    P::may_be_added(&stored.doc)?;
    if P::list(&mut stored.doc).len() >= P::MOST {
        return Err(ApiError::with(
            Code::Conflict,
            format!("{}개까지만 둘 수 있습니다.", P::MOST),
            format!("An agreement has {} of these at most.", P::MOST),
        ));
    }
    let part = Part::new(cx, content.clone());
    let part_id = part.id;
    let place = P::list(&mut stored.doc).len();
    P::list(&mut stored.doc).push(part);
    more(conn, &mut stored.doc, part_id)?;
    let agreement = save_part(conn, cx, stored, place, &content)?;
    Ok(AgreementWithPart {
        agreement,
        part: part_id,
    })
}

/// Changes a part.
///
/// # Errors
/// `not_found`; `forbidden` if the agreement belongs to another municipality; `precondition_failed`
/// if its version is not the expected one; `invalid_parameters` if a correction has no reason;
/// `validation_failed` if the part does not fit.
pub fn update<P: PartContent>(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (id, part): (AgreementId, PartId),
    expected: &IfMatch,
    patch: &Patch<P>,
    reason: Option<&Localized>,
) -> Result<Agreement, ApiError> {
    let mut stored = load::<P>(conn, cx, id)?;
    let place = place::<P>(&mut stored, part, expected)?;
    let mut old = P::list(&mut stored.doc)[place].content.clone();
    check_author(cx, &stored.doc, &mut old)?;
    let Some(mut content) = patch.apply(&old)? else {
        return read::get(conn, cx, id, None);
    };
    if let Some(by) = content.by() {
        sharing::settle(conn, cx, &stored.doc, by)?;
    }
    check_author(cx, &stored.doc, &mut content)?;
    P::list(&mut stored.doc)[place].change(cx, content.clone());
    check_change(cx, &mut stored, reason, (Some(&old), Some(&content)))?;
    save_part(conn, cx, stored, place, &content)
}

/// Removes a part. Statements keep their parties: a party with a statement cannot be removed.
///
/// # Errors
/// `not_found`; `forbidden` if the agreement belongs to another municipality; `precondition_failed`
/// if its version is not the expected one; `invalid_parameters` if a correction has no reason;
/// `conflict` if other records refer to the part or depend on it.
pub fn remove<P: PartContent>(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (id, part): (AgreementId, PartId),
    expected: &IfMatch,
    reason: Option<&Localized>,
) -> Result<(), ApiError> {
    let mut stored = load::<P>(conn, cx, id)?;
    let place = place::<P>(&mut stored, part, expected)?;
    let mut old = P::list(&mut stored.doc)[place].content.clone();
    check_author(cx, &stored.doc, &mut old)?;
    if P::PATH == PartyContent::PATH {
        release(&mut stored.doc, place)?;
    }
    if P::PATH == CommitmentContent::PATH && stored.reports.on(part).next().is_some() {
        return Err(ApiError::with(
            Code::Conflict,
            "보고가 있는 협약 사항은 지울 수 없습니다.",
            "A commitment that was reported on is never removed.",
        ));
    }
    P::list(&mut stored.doc).remove(place);
    stored.doc.files.retain(|of| of.document_id != part);
    check_change(cx, &mut stored, reason, (Some(&old), None))?;
    // The request has no body that could be invalid: a misfit is a conflict with recorded data.
    store::save(conn, cx, stored, Vec::new())
        .map(drop)
        .map_err(ApiError::as_conflict)
}

fn release(doc: &mut Doc, place: usize) -> Result<(), ApiError> {
    let organization = doc.parties[place].content.organization_id;
    let owed = doc.commitments.iter().any(|c| {
        c.content.owed_by.contains(&organization) || c.content.owed_to.contains(&organization)
    });
    if owed
        || doc
            .content
            .statements
            .iter()
            .any(|s| s.party == Some(place))
    {
        return Err(ApiError::with(
            Code::Conflict,
            "협약 사항이나 발언이 이 당사자를 가리킵니다.",
            "A commitment or a statement refers to this party.",
        ));
    }
    for later in doc
        .content
        .statements
        .iter_mut()
        .filter_map(|s| s.party.as_mut())
        .filter(|p| **p > place)
    {
        *later -= 1;
    }
    Ok(())
}

fn place<P: PartContent>(
    stored: &mut Stored,
    part: PartId,
    expected: &IfMatch,
) -> Result<usize, ApiError> {
    let place = P::list(&mut stored.doc)
        .iter()
        .position(|p| p.id == part)
        .ok_or_else(ApiError::not_found)?;
    expected.check(&stored.meta.revision())?;
    Ok(place)
}

/// Saves the agreement with its new or changed part. Errors in the part point into the part.
fn save_part<P: PartContent>(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: Stored,
    place: usize,
    content: &P,
) -> Result<Agreement, ApiError> {
    let at = format!("/{}/{place}", P::MEMBER);
    let errors = content.misfit(&stored.doc, &at).into_iter().collect();
    store::save(conn, cx, stored, errors).map_err(|error| error.seen_from(&at))
}
