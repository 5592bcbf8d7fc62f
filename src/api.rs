//! The one place where the slices are mounted, and the spec that follows from them.

use std::sync::LazyLock;

use actix_web::web;
use utoipa::OpenApi;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::openapi::Spec;
use crate::{
    access, agreements, audit, calendars, council_report, health, openapi, organizations, projects,
    reference, search, statistics, timeline, webhooks, working_groups,
};

/// Where the API lives.
pub const BASE: &str = "/api/v1";

/// The spec, made from the handlers and their types.
pub static SPEC: LazyLock<Spec> = LazyLock::new(|| {
    let (_, collected) = utoipa_actix_web::AppExt::into_utoipa_app(actix_web::App::new())
        .openapi(openapi::Info::openapi())
        .configure(|config| {
            health::configure(config);
            config.service(scope::scope(BASE).configure(routes));
        })
        .split_for_parts();
    Spec::of(collected)
});

/// The name of the schema that bodies of a type are held to.
pub fn input_name(type_name: &str) -> String {
    SPEC.variant_name(type_name, "Input")
}

/// The name in the spec of the schema of a type's merge patches.
pub fn patch_name(type_name: &str) -> String {
    openapi::patch_name(type_name)
}

fn routes(config: &mut ServiceConfig) {
    access::configure(config);
    reference::configure(config);
    organizations::configure(config);
    agreements::configure(config);
    council_report::configure(config);
    working_groups::configure(config);
    projects::configure(config);
    timeline::configure(config);
    calendars::configure(config);
    search::configure(config);
    statistics::configure(config);
    audit::configure(config);
    webhooks::configure(config);
}

/// Mounts everything on an application.
pub fn configure(cfg: &mut web::ServiceConfig) {
    crate::docs::configure(cfg);
    let mut config = ServiceConfig::new(cfg);
    health::configure(&mut config);
    config.service(scope::scope(BASE).configure(routes));
}
