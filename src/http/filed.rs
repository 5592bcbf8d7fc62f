//! Files of records of every kind: added, read and erased by one rule. The files of a document follow
//! one another, and stay.

use actix_web::HttpRequest;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::attached::{FilePost, NewFile};
use super::download::{Download, tag_of};
use super::signed_in::Submission;
use super::{Deleted, IfMatch, Posted, Remove, Session, State};
use crate::db::{AnyConnection, Db};
use crate::files::{
    Digest, Edition, Erasure, Files, KeptFile, RecordFile, Wanted, Whole, choose, name_of,
    of_document, sweep, table, unavailable,
};
use crate::kernel::error::{ApiError, Code, FieldError, chain};
use crate::kernel::ids::PartId;
use crate::kernel::language::Message;
use crate::kernel::values::{Localized, Revision, Versioned, Warning};
use crate::ledger::RequestContext;

/// Maximum number of files of a document, and of a record without documents.
const MOST: usize = 100;

/// A record that is read or changed for its files.
pub trait HasFiles: Sized + 'static {
    /// Ids in the path of the record, or of the document.
    type Ids: Copy + Send + Sync + 'static;
    /// The record in its API form.
    type View: Serialize + Versioned + Send + 'static;

    /// Loads the record for a caller who sees it.
    ///
    /// # Errors
    /// `not_found`
    fn read(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        ids: Self::Ids,
    ) -> Result<Self, ApiError>;

    /// Loads the record for a caller who may change its files.
    ///
    /// # Errors
    /// `not_found`, `forbidden`
    fn to_change(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        ids: Self::Ids,
    ) -> Result<Self, ApiError>;

    /// Checks that the caller may change the files, in a read, before a file is received.
    ///
    /// # Errors
    /// Fails like [`Self::to_change`].
    fn check(
        conn: &mut AnyConnection,
        cx: &RequestContext,
        ids: Self::Ids,
    ) -> Result<(), ApiError> {
        Self::to_change(conn, cx, ids).map(drop)
    }

    fn revision(&self) -> Revision;

    /// Returns the document whose files these are; `None` if files begin documents of their own.
    fn document(&self) -> Option<PartId> {
        None
    }

    fn files(&mut self) -> &mut Vec<RecordFile>;

    /// Returns true if the caller is one of the staff or of those who take part.
    ///
    /// # Errors
    /// Fails if the database cannot be read.
    fn is_inside(&self, conn: &mut AnyConnection, cx: &RequestContext) -> Result<bool, ApiError>;

    /// Saves the record with its files. `replaces` is true if what was there is replaced or erased.
    ///
    /// # Errors
    /// The errors of a change of the record.
    fn save(
        self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        replaces: bool,
        reason: Option<&Localized>,
    ) -> Result<Self::View, ApiError>;
}

/// Record after the addition of a file.
pub struct WithFile<V> {
    pub record: V,
    pub file: PartId,
}

impl<V: Serialize> Serialize for WithFile<V> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.record.serialize(serializer)
    }
}

impl<V: Versioned> Versioned for WithFile<V> {
    fn revision(&self) -> Revision {
        self.record.revision()
    }

    fn warn(&mut self, warnings: Vec<Warning>) {
        self.record.warn(warnings);
    }
}

/// What is stated of a new file of a record.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RecordFileStated {
    /// Name under which the file is saved. Defaults to that in the form.
    #[param(min_length = 1, max_length = 150, example = "회의록.pdf")]
    pub name: Option<String>,
    /// Which edition of the document the file is. Defaults to the whole document.
    pub edition: Option<Edition>,
    /// Id of a file of the record that this one replaces, or of which it is another edition: both are
    /// of one document. Without it, the file is a document of its own.
    pub follows: Option<PartId>,
}

/// Query parameter with the reason for an erasure.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Erasing {
    /// Reason for the erasure, such as the personal data in the file.
    #[param(
        min_length = 1,
        max_length = 1000,
        pattern = r"\S",
        example = "주민등록번호 포함"
    )]
    pub reason: String,
}

/// What is stated of a file to be added.
#[derive(Clone, Debug, Default)]
pub struct Stated {
    /// Name that replaces the one of the form.
    pub name: Option<String>,
    pub edition: Edition,
    pub follows: Option<PartId>,
    pub reason: Option<Localized>,
}

impl From<RecordFileStated> for Stated {
    fn from(stated: RecordFileStated) -> Self {
        Self {
            name: stated.name,
            edition: stated.edition.unwrap_or_default(),
            follows: stated.follows,
            reason: None,
        }
    }
}

/// Adds a file to those of a record, to a document or as a document of its own.
///
/// # Errors
/// `conflict` if there are too many files.
pub fn push(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    files: &mut Vec<RecordFile>,
    document: Option<PartId>,
    (new, stated): (&NewFile, &Stated),
) -> Result<PartId, ApiError> {
    let among = files.iter().filter(|of| {
        let is_there = |document| of.document_id == document;
        document.is_none_or(is_there)
    });
    if among.count() >= MOST {
        return Err(ApiError::with(
            Code::Conflict,
            format!("문서 하나에 파일은 {MOST}개까지만 둘 수 있습니다."),
            format!("A document has {MOST} files at most."),
        ));
    }
    let whole: &Whole = &new.whole;
    let name = stated.name.as_deref().or(new.name.as_deref());
    let file = KeptFile {
        id: cx.id(),
        name: name_of(name, whole.kind),
        sha256: whole.digest.clone(),
        media_type: whole.kind.media_type().to_owned(),
        bytes: whole.bytes,
        edition: stated.edition,
        added_at: cx.now.and_utc(),
        erased: None,
    };
    let id = file.id;
    table::note(conn, whole, cx.now)?;
    files.push(RecordFile {
        document_id: document.unwrap_or(id),
        file,
    });
    Ok(id)
}

/// Names the bytes of a file by their digest, as the last step of its transaction.
///
/// # Errors
/// `unavailable` if the file cannot be kept.
pub fn keep(new: &NewFile) -> Result<(), ApiError> {
    new.whole.keep().map_err(unavailable)
}

/// Returns the document of the file that another one follows.
fn followed(files: &[RecordFile], follows: Option<PartId>) -> Result<Option<PartId>, ApiError> {
    let Some(follows) = follows else {
        return Ok(None);
    };
    let found = files.iter().find(|of| of.file.id == follows);
    found.map(|of| Some(of.document_id)).ok_or_else(|| {
        let message = Message::fixed(
            "이 기록에 그런 파일이 없습니다.",
            "The record has no such file.",
        );
        let wrong = FieldError::query("follows", "unknown_file", message);
        ApiError::new(Code::InvalidParameters).and(vec![wrong])
    })
}

/// Returns the warning that a redacted copy is the very file that it stands for.
fn not_redacted() -> Warning {
    let message = Message::fixed(
        "가림 처리본이 가리지 않은 문서와 같은 파일입니다. 맞는 파일인지 확인하십시오.",
        "The redacted copy and the whole document are the same file. Check whether it is the right one.",
    );
    Warning::new("not_redacted", "", message)
}

/// Adds a file in its transaction.
///
/// # Errors
/// Like [`create`], but for those of receiving.
pub fn add<H: HasFiles>(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: H::Ids,
    (new, stated): (&NewFile, &Stated),
) -> Result<WithFile<H::View>, ApiError> {
    let mut record = H::to_change(conn, cx, ids)?;
    let document = record.document();
    let files = record.files();
    let document = match document {
        Some(document) => Some(document),
        None => followed(files, stated.follows)?,
    };
    let is_copy = |edition| edition == Edition::Redacted;
    let others = files.iter().filter(|of| Some(of.document_id) == document);
    let others = others.filter(|of| of.file.erased.is_none());
    let (same, apart): (Vec<_>, Vec<_>) =
        others.partition(|of| is_copy(of.file.edition) == is_copy(stated.edition));
    let replaces = !same.is_empty();
    let mut apart = apart.into_iter().map(|of| &of.file.sha256);
    let warning = apart
        .any(|digest| *digest == new.whole.digest)
        .then(not_redacted);
    let file = push(conn, cx, files, document, (new, stated))?;
    let mut record = record.save(conn, cx, replaces, stated.reason.as_ref())?;
    record.warn(warning.into_iter().collect());
    keep(new)?;
    Ok(WithFile { record, file })
}

/// Receives a file and adds it to the record, of which `path` is the URL below the API.
///
/// # Errors
/// `not_found`, `forbidden`, those of receiving; `conflict` if there are too many files;
/// `invalid_parameters` if the file follows none of the record, or replaces one after a signing without
/// a reason; `unavailable` if the file cannot be kept.
pub async fn create<H: HasFiles, Q: Default + Into<Stated>>(
    mut post: FilePost<Q>,
    ids: H::Ids,
    path: String,
) -> Result<Posted<WithFile<H::View>>, ApiError> {
    let stated: Stated = std::mem::take(&mut post.query).into();
    let checking = post.session.read(move |conn, cx| H::check(conn, cx, ids));
    checking.await?;
    let location =
        move |with: &WithFile<H::View>| format!("{}/{path}/files/{}", super::BASE, with.file);
    post.created(location, move |conn, cx, file| {
        add::<H>(conn, cx, ids, (file, &stated))
    })
    .await
}

/// Answers with a file that the caller may read, by the rule of [`choose`].
///
/// # Errors
/// `not_found`, also if the content was erased; those of [`Download::of`].
pub async fn download<H: HasFiles>(
    req: &HttpRequest,
    session: &Session,
    ids: H::Ids,
    wanted: Wanted,
) -> Result<Download, ApiError> {
    let found = session.read(move |conn, cx| find::<H>(conn, cx, ids, wanted));
    let found = found.await?;
    Download::of(req, session, found).await
}

fn find<H: HasFiles>(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: H::Ids,
    wanted: Wanted,
) -> Result<KeptFile, ApiError> {
    let mut record = H::read(conn, cx, ids)?;
    let is_inside = record.is_inside(conn, cx)?;
    let document = record.document();
    let files = record.files();
    let document = match (document, wanted) {
        (None, Wanted::One(id)) => {
            let found = files.iter().find(|of| of.file.id == id);
            found.map(|of| of.document_id)
        }
        (document, _) => document,
    };
    let document = document.ok_or_else(ApiError::not_found)?;
    choose(of_document(files, document), wanted, is_inside).cloned()
}

/// Erases the content of a file; its entry stays, with the reason. The bytes are removed from the disk
/// unless another record has the same.
///
/// # Errors
/// `not_found`, also if the content was erased before; `forbidden`; `precondition_failed` if the version
/// of the record is not the expected one.
pub async fn erase<H: HasFiles>(
    ids: H::Ids,
    file: PartId,
    remove: Remove<Erasing>,
) -> Result<Deleted, ApiError> {
    let reason = Localized::in_its_language(remove.query.reason.clone());
    let session = remove.session.clone();
    let digest = remove
        .done(move |conn, cx, expected| note_erased::<H>(conn, cx, (ids, file), expected, &reason))
        .await?;
    remove_bytes(&session.db, &session.files, digest, session.clock.now()).await;
    Ok(Deleted)
}

/// Like [`erase`], for a form that stands for the operation.
///
/// # Errors
/// Fails like [`erase`].
pub async fn erase_by_form<H: HasFiles>(
    sent: &Submission,
    state: &State,
    operation: &str,
    (ids, file): (H::Ids, PartId),
    reason: Localized,
) -> Result<(), ApiError> {
    let expected = sent.expected();
    let noted = sent.act(operation, move |conn, cx| {
        note_erased::<H>(conn, cx, (ids, file), &expected, &reason)
    });
    let digest = noted.await?;
    remove_bytes(&state.db, &state.files, digest, state.clock.now()).await;
    Ok(())
}

/// Removes the bytes of an erased file, after the commit.
async fn remove_bytes(db: &Db, files: &Files, digest: Digest, now: DateTime<Utc>) {
    let Some(store) = files.set_store() else {
        return;
    };
    // The record says that the content is erased; the next sweep removes it.
    if let Err(error) = sweep::erase(db, store, digest, now).await {
        tracing::error!(error = chain(&error), "erased bytes stay for now");
    }
}

/// Notes an erasure. Returns the digest, whose bytes are to be removed after the commit.
fn note_erased<H: HasFiles>(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (ids, id): (H::Ids, PartId),
    expected: &IfMatch,
    reason: &Localized,
) -> Result<Digest, ApiError> {
    let mut record = H::to_change(conn, cx, ids)?;
    let (revision, document) = (record.revision(), record.document());
    let found = record.files().iter_mut().find(|of| {
        let is_there = document.is_none_or(|document| of.document_id == document);
        is_there && of.file.id == id && of.file.erased.is_none()
    });
    let found = found.ok_or_else(ApiError::not_found)?;
    expected.check_content(&revision, &tag_of(&found.file))?;
    found.file.erased = Some(Erasure {
        at: cx.now.and_utc(),
        reason: reason.clone(),
    });
    let digest = found.file.sha256.clone();
    // The request has no body that could be invalid: a misfit is a conflict with recorded data.
    let saved = record.save(conn, cx, true, Some(reason));
    saved.map_err(ApiError::as_conflict)?;
    table::note_erasure(conn, &digest, cx.now)?;
    Ok(digest)
}
