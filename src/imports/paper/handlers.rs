//! `POST /imports/paper`.

use actix_web::post;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::propose::PaperPlace;
use super::reading::{completed, read};
use crate::http::Answered;
use crate::http::attached::FilePost;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::imports::files::FileProblem;
use crate::imports::store::may_import;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::wording::Note;
use crate::texts::FileTextStatus;

/// The municipality whose paper is read.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PaperOwner {
    /// Id of the municipality that would own the agreement.
    #[param(example = "0178d7fa-2c00-7000-8000-000000000001")]
    pub municipality_id: OrganizationId,
}

/// Proposal for an agreement, read from its paper.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaperReading {
    /// How much of the text of the paper could be read.
    pub status: FileTextStatus,
    /// Body that `POST /agreements` takes, for a person to correct: what the paper does not state for
    /// certain is left out. An organization that is not recorded is named, with a likely kind.
    #[schema(example = json!({"municipality_id": "0178d7fa-2c00-7000-8000-000000000001", "kind": "mou",
        "title": {"ko": "클러스터 조성을 위한 업무협약"}}))]
    pub body: Map<String, Value>,
    /// Where each part of the body was read.
    pub places: Vec<PaperPlace>,
    /// What was looked for and not found: title, parties, signing day, term, articles.
    pub notes: Vec<Note>,
}

/// Read an agreement from its paper
///
/// Takes the signed paper (PDF, HWP, HWPX, DOCX), as the body or as the one file of a form
/// (`multipart/form-data`), and proposes the agreement: title, parties, day of signing, purpose, term
/// and renewal, the agreement that it renews, and the commitments of its articles (제1조 …), each with
/// the page or paragraph and the sentence where it was read. Papers in English are read likewise, and
/// `notes` say what was not found. Nothing is recorded, and the file is not
/// kept: a person corrects the body, sends it to `POST /agreements`, and adds the file to a document.
/// Telephone numbers, addresses of mail and numbers that identify a person are left out of the body. A
/// file that is protected by a password is refused (`file_encrypted`).
#[utoipa::path(tag = "imports", operation_id = "read_paper", params(PaperOwner),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, description = "The proposal", body = PaperReading)))]
#[post("/imports/paper")]
async fn read_paper(post: FilePost<PaperOwner>) -> Result<Answered<PaperReading>, ApiError> {
    let owner = post.query.municipality_id;
    let checking = post.session.read(move |conn, cx| {
        may_import(conn, cx, owner)?;
        Ok(cx.today)
    });
    let today = checking.await?;
    let (session, file) = post.received().await?;
    let read = read(&session, file, today).await?;
    if read.is_protected {
        return Err(FileProblem::Encrypted.into());
    }
    let completing = session.read(move |conn, _| completed(conn, owner, read));
    session.value(&completing.await?)
}

pub fn configure(config: &mut impl Mount) {
    config.route(read_paper, Access::Write);
}
