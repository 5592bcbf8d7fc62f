//! `GET /files/{file_id}/text`.

use actix_web::get;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{found, table};
use crate::db::AnyConnection;
use crate::extract::{Passage, TextStatus};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Answered, Path, Read};
use crate::kernel::error::ApiError;
use crate::kernel::ids::PartId;
use crate::kernel::values::from_db;
use crate::ledger::RequestContext;

/// How much of the text of a file the search has. `pending`: it is not read yet. `text`: all.
/// `partly_readable`: a part, since some pages are scans, or the document is protected, tracks
/// changes or has a part that cannot be read. `no_text`: the file has none, such as a scan. `failed`:
/// the file is damaged or encrypted, or takes too long to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileTextStatus {
    Pending,
    Text,
    PartlyReadable,
    NoText,
    Failed,
}

impl From<TextStatus> for FileTextStatus {
    fn from(status: TextStatus) -> Self {
        match status {
            TextStatus::Text => Self::Text,
            TextStatus::PartlyReadable => Self::PartlyReadable,
            TextStatus::NoText => Self::NoText,
            TextStatus::Failed => Self::Failed,
        }
    }
}

/// Text of a file, as the search has it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FileText {
    /// Id of the file.
    pub file_id: PartId,
    /// Name under which the file is saved.
    #[schema(example = "업무협약서.pdf")]
    pub name: String,
    /// How much of the text was read.
    pub status: FileTextStatus,
    /// Parts of the text, in their order.
    pub passages: Vec<Passage>,
}

/// Read the text of a file
///
/// Returns how much of the text of a file could be read, and the text with the page or the paragraph
/// of each part, for those who may read the file: of a document, a council action, a report, a
/// milestone or a meeting. It is read some time after the upload.
#[utoipa::path(tag = "search", operation_id = "get_file_text",
    params(("file_id" = Uuid, Path, description = "The file's id")),
    responses((status = 200, description = "The text of the file", body = FileText)))]
#[get("/files/{file_id}/text")]
async fn get_file_text(Path(id): Path<PartId>, read: Read) -> Result<Answered<FileText>, ApiError> {
    read.value(move |conn, cx| text(conn, cx, id)).await
}

fn text(conn: &mut AnyConnection, cx: &RequestContext, id: PartId) -> Result<FileText, ApiError> {
    let file = found::find(conn, cx, id)?;
    let status = table::status(conn, &file.sha256)?;
    let status = status.map(|status| from_db(&status)).transpose()?;
    Ok(FileText {
        file_id: id,
        name: file.name,
        status: status.unwrap_or(FileTextStatus::Pending),
        passages: table::passages(conn, &file.sha256)?,
    })
}

pub fn configure(config: &mut impl Mount) {
    config.route(get_file_text, Access::Timeless);
}
