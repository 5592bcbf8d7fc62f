//! Liveness, readiness and metrics.
#![expect(
    clippy::disallowed_types,
    reason = "as a response, `Json` checks nothing and fails on nothing"
)]

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, get};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::Disk;
use crate::http::Read;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::kernel::error::{ApiError, Problem};

/// The state of the server.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Always `ok`; other states are problem documents.
    #[schema(example = "ok")]
    status: &'static str,
}

const OK: Health = Health { status: "ok" };

/// The state of a server that is ready.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// Whether something needs attention before it becomes an outage.
    #[schema(example = "ok")]
    status: ReadinessStatus,
    /// Conditions that need attention; empty while the status is `ok`.
    #[schema(example = json!([]))]
    degraded_by: Vec<Degradation>,
}

/// State of a server that is ready: `degraded` if something needs attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadinessStatus {
    Ok,
    Degraded,
}

/// Condition that needs attention on a server that is ready. `low_disk`: the free space beside SQLite's file is
/// below the setting `--low-disk`. `files_unreachable`: the store of the files did not answer, or refused,
/// when it was asked last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Degradation {
    LowDisk,
    FilesUnreachable,
}

impl Readiness {
    fn of(disk: Option<Disk>, files_are_reached: bool) -> Self {
        let is_low = disk.is_some_and(|disk| disk.is_low);
        let conditions = [
            (is_low, Degradation::LowDisk),
            (!files_are_reached, Degradation::FilesUnreachable),
        ];
        let degraded_by: Vec<Degradation> = conditions
            .into_iter()
            .filter_map(|(is_so, condition)| is_so.then_some(condition))
            .collect();
        Self {
            status: match degraded_by.is_empty() {
                true => ReadinessStatus::Ok,
                false => ReadinessStatus::Degraded,
            },
            degraded_by,
        }
    }
}

/// Tell whether the server is alive
///
/// Responds as long as the process runs, without querying the database.
#[utoipa::path(tag = "health", operation_id = "get_health",
    responses((status = 200, description = "The server is alive", body = Health)))]
#[get("/healthz")]
async fn get_health(_: Read) -> actix_web::web::Json<Health> {
    actix_web::web::Json(OK)
}

/// Tell whether the server is ready
///
/// The server is ready if the database can be read and written and has the program's migrations. It
/// is asked on a connection that no other request uses, writes nothing, and answers within 4
/// seconds. What is wrong is named by `outage`, and in words by `detail`. A server that is ready names in
/// `degraded_by` what needs attention.
#[utoipa::path(tag = "health", operation_id = "get_readiness", responses(
    (status = 200, description = "The server is ready", body = Readiness),
    (status = 503, description = "The server is not ready", body = Problem, content_type = "application/problem+json"),
))]
#[get("/readyz")]
async fn get_readiness(read: Read) -> Result<actix_web::web::Json<Readiness>, ApiError> {
    let (db, files) = (&read.session.db, &read.session.files);
    db.health().check().await?;
    let readiness = Readiness::of(db.disk(), files.are_reached());
    Ok(actix_web::web::Json(readiness))
}

/// Read the server's metrics
///
/// Prometheus text format: number and duration of requests by method, route and status, attempts of
/// webhooks, backups, and the free space beside SQLite's file.
#[utoipa::path(tag = "health", operation_id = "get_metrics",
    responses((status = 200, description = "The metrics", body = String, content_type = "text/plain")))]
#[get("/metrics")]
async fn get_metrics(read: Read) -> HttpResponse {
    if let Some(disk) = read.session.db.disk() {
        note_free(disk.free);
    }
    let text = read
        .session
        .metrics
        .as_ref()
        .map(PrometheusHandle::render)
        .unwrap_or_default();
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .body(text)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "metrics are floating-point numbers"
)]
fn note_free(bytes: u64) {
    metrics::gauge!("database_disk_free_bytes").set(bytes as f64);
}

pub fn configure(config: &mut impl Mount) {
    config.tag("health", "Liveness, readiness and metrics");
    config
        .route(get_health, Access::Open)
        .route(get_readiness, Access::Open)
        .route(get_metrics, Access::Open);
}
