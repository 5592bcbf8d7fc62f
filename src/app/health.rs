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
/// seconds. What is wrong is named by `outage`, and in words by `detail`.
#[utoipa::path(tag = "health", operation_id = "get_readiness", responses(
    (status = 200, description = "The server is ready", body = Health),
    (status = 503, description = "The server is not ready", body = Problem, content_type = "application/problem+json"),
))]
#[get("/readyz")]
async fn get_readiness(read: Read) -> Result<actix_web::web::Json<Health>, ApiError> {
    read.session.db.health().check().await?;
    Ok(actix_web::web::Json(OK))
}

/// Read the server's metrics
///
/// Prometheus text format: number and duration of requests by method, route and status, attempts of
/// webhooks, and backups.
#[utoipa::path(tag = "health", operation_id = "get_metrics",
    responses((status = 200, description = "The metrics", body = String, content_type = "text/plain")))]
#[get("/metrics")]
async fn get_metrics(read: Read) -> HttpResponse {
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

pub fn configure(config: &mut impl Mount) {
    config.tag("health", "Liveness, readiness and metrics");
    config
        .route(get_health, Access::Open)
        .route(get_readiness, Access::Open)
        .route(get_metrics, Access::Open);
}
