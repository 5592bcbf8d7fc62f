//! Handlers of `/imports`.

use actix_web::{get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::kind::ImportKind;
use super::types::{ImportApply, ImportContent, ImportProgress, ImportSummary, LedgerImport};
use super::{apply, files, store, undo};
use crate::db::page::{Order, PageBody};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::upload::Upload;
use crate::http::{
    Change, Filter, List, Paged, Paging, Path, Post, Posted, Read, Session, Single, Step,
};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{ImportId, OrganizationId};
use crate::ledger::works::Works;

/// What a file holds.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportTarget {
    /// Id of the municipality whose records the file holds.
    #[param(example = "0178d7fa-2c00-7000-8000-000000000001")]
    pub municipality_id: OrganizationId,
    /// Kind of the records. Defaults to agreements.
    pub kind: Option<ImportKind>,
    /// Name of the file, by which the sources of the records name it.
    #[param(min_length = 1, max_length = 200, example = "협약관리대장.xlsx")]
    pub file_name: Option<String>,
}

/// Orders of a list of imports; `-` for descending.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub enum ImportSort {
    #[serde(rename = "id")]
    Id,
    #[serde(rename = "-id")]
    IdDown,
}

/// Filters for imports.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportFilter {
    /// Only imports for this municipality.
    municipality_id: Option<OrganizationId>,
    /// Order of the list. Defaults to newest first.
    #[param(example = "-id")]
    sort: Option<ImportSort>,
}

impl Filter for ImportFilter {
    fn order(&self) -> Order {
        match self.sort.unwrap_or(ImportSort::IdDown) {
            ImportSort::Id => Order::ascending("imports.id", "imports.id"),
            ImportSort::IdDown => Order::descending("imports.id", "imports.id"),
        }
    }
}

/// Returns how far this process is with recording an import.
fn progress(works: &Works, id: ImportId) -> Option<ImportProgress> {
    let step = works.on(id.into())?;
    Some(ImportProgress {
        done: step.done,
        all: step.all,
    })
}

/// List imports
///
/// Returns the imports of the caller's municipalities, without their rows.
#[utoipa::path(tag = "imports", operation_id = "list_imports", params(ImportFilter, Paging),
    responses((status = 200, description = "One page of imports", body = PageBody<ImportSummary>)))]
#[get("/imports")]
async fn list_imports(
    session: Session,
    list: List<ImportFilter>,
) -> Result<Paged<ImportSummary>, ApiError> {
    let List { filter, page } = list;
    let listed = session.read(move |conn, cx| store::list(conn, cx, filter.municipality_id, &page));
    let mut listed = listed.await?;
    for import in &mut listed.items {
        import.progress = progress(&session.works, import.meta.id);
    }
    session.page(listed)
}

/// Import a file
///
/// Takes a ledger as it is: CSV (UTF-8 or CP949; separated by commas, tabs or semicolons), XLSX, XLS,
/// ODS, or a table in HTML, as the body or as the one file of a form
/// (`multipart/form-data`). A list of milestones has a row for each step of a project, or a row for each
/// project with a column for each step. Finds the sheet, the header and the fields of the columns,
/// and returns each row as the record that it would become. Nothing is recorded before
/// `POST /imports/{id}/apply`.
#[utoipa::path(tag = "imports", operation_id = "create_import", params(ImportTarget),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "The import", body = LedgerImport)))]
#[post("/imports")]
async fn create_import(upload: Upload<ImportTarget>) -> Result<Posted<LedgerImport>, ApiError> {
    let ImportTarget {
        municipality_id,
        kind,
        file_name,
    } = upload.query;
    let checking = upload
        .session
        .read(move |conn, cx| store::may_import(conn, cx, municipality_id));
    checking.await?;
    let limits = files::Limits {
        unpacked: upload.session.max_import,
    };
    let file = upload.file;
    let file_name = file_name.or_else(|| file.name.clone());
    let bytes = file.bytes.clone();
    let kind_of_file = file.kind.clone();
    let book = file
        .apart(move || Ok(files::read(&bytes, &kind_of_file, limits)?))
        .await?;
    let location = |new: &LedgerImport| format!("/api/v1/imports/{}", new.summary.meta.id);
    let target = (municipality_id, kind.unwrap_or_default());
    let work =
        move |conn: &mut _, cx: &_| store::create(conn, cx, target, file_name.as_deref(), &book);
    upload
        .keyed
        .created(&upload.session, file.digest, location, work)
        .await
}

/// Read an import
///
/// Returns each row with its record, or as the record that it would become now.
#[utoipa::path(tag = "imports", operation_id = "get_import",
    params(("id" = Uuid, Path, description = "The import's id")),
    responses((status = 200, description = "The import", body = LedgerImport)))]
#[get("/imports/{id}")]
async fn get_import(
    Path(id): Path<ImportId>,
    read: Read,
) -> Result<Single<LedgerImport>, ApiError> {
    let works = read.session.works.clone();
    read.unlogged(move |conn, cx| {
        let mut import = store::get(conn, cx, id)?;
        import.summary.progress = progress(&works, id);
        Ok(import)
    })
    .await
}

/// Correct an import
///
/// Accepts a merge patch (RFC 7396) with the sheet, the rows of the header, what columns state,
/// single cells, and answers to questions. The mapping is proposed again for the municipality's next
/// file with the same headers.
#[utoipa::path(tag = "imports", operation_id = "update_import",
    params(("id" = Uuid, Path, description = "The import's id")),
    request_body(content = ImportContent, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The import as corrected", body = LedgerImport)))]
#[patch("/imports/{id}")]
async fn update_import(
    Path(id): Path<ImportId>,
    change: Change<ImportContent>,
) -> Result<Single<LedgerImport>, ApiError> {
    change
        .changed(move |conn, cx, expected, patch| store::update(conn, cx, id, expected, patch))
        .await
}

/// Record the rows of an import
///
/// Records all rows that are new, valid and not hidden, and corrects the records that such rows
/// change, or does so for those in `rows`, in one transaction and by the rules of the POST and PATCH of
/// these records. Each record names the file and its row, as a source or as the reason of the
/// correction. A row that the rules refuse stays, with its problems, as does one whose record changed
/// since it was compared; where `rows` names it, nothing is recorded. Rows that were recorded before
/// or are the same as a record do nothing. While the request runs, `progress` of the import and events of
/// the change stream tell how many rows are done.
#[utoipa::path(tag = "imports", operation_id = "apply_import", request_body = ImportApply,
    params(("id" = Uuid, Path, description = "The import's id")),
    responses((status = 200, description = "The import after it", body = LedgerImport)))]
#[post("/imports/{id}/apply")]
async fn apply_import(
    Path(id): Path<ImportId>,
    post: Post<ImportApply>,
) -> Result<Posted<LedgerImport>, ApiError> {
    let organizations = post.session.organizations.clone();
    let works = post.session.works.clone();
    post.changed(move |conn, cx, request| {
        let doing = works.begin(id.into());
        let work = apply::Work {
            organizations: organizations.as_ref(),
            told: &|municipality, done, all| doing.tell(municipality, done, all),
        };
        apply::apply(conn, cx, id, &work, request)
    })
    .await
}

/// Undo an import
///
/// Takes back what the import recorded and nobody changed since: agreements are voided, other records
/// deleted, and records that it corrected are restored, without their contacts, of which the import keeps
/// none. Organizations that it recorded are deleted unless other records refer to them; voided
/// agreements then name them in words. Forecasts and outcomes
/// that it added to known milestones are retracted. `not_undone` and
/// `organizations_not_undone` name what stays. The import can be applied again.
#[utoipa::path(tag = "imports", operation_id = "undo_import",
    params(("id" = Uuid, Path, description = "The import's id")),
    responses((status = 200, description = "The import after it", body = LedgerImport)))]
#[post("/imports/{id}/undo")]
async fn undo_import(
    Path(id): Path<ImportId>,
    step: Step,
) -> Result<Posted<LedgerImport>, ApiError> {
    step.changed(move |conn, cx| undo::undo(conn, cx, id)).await
}

pub fn configure(config: &mut impl Mount) {
    config
        .tag(
            "imports",
            "가져오기: ledgers as files, and what their rows become",
        )
        .schema::<ImportSort>()
        .schema::<ImportKind>();
    config
        .route(list_imports, Access::Write)
        .route(create_import, Access::Write)
        .route(get_import, Access::Write)
        .route(update_import, Access::Write)
        .route(apply_import, Access::Write)
        .route(undo_import, Access::Write);
    super::paper::configure(config);
}
