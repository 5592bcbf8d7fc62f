//! The one place where the slices are mounted, and the spec that follows from them.

use std::sync::LazyLock;

use actix_web::web;
use utoipa::OpenApi;

use crate::http::mount::{Described, Mount};
use crate::openapi::Spec;
use crate::{
    access, agreements, audit, calendars, council_report, health, openapi, organizations, projects,
    reference, search, statistics, timeline, webhooks, working_groups,
};

/// Where the API lives.
pub const BASE: &str = "/api/v1";

/// The spec, made from the handlers and their types.
pub static SPEC: LazyLock<Spec> = LazyLock::new(|| {
    let (mut described, mut below) = (Described::default(), Described::default());
    health::configure(&mut described);
    routes(&mut below);
    described.below(BASE, below);
    Spec::of(described.add_to(openapi::Info::openapi()))
});

/// Makes the spec before it is asked for, on a thread that ends: what making it takes is many times
/// what is kept, and the memory of a thread that goes on is held for its next use.
///
/// # Errors
/// When the system starts no thread, or the spec cannot be made.
pub fn make_spec() -> Result<(), String> {
    let making = std::thread::Builder::new()
        .name("spec".into())
        .spawn(|| LazyLock::force(&SPEC))
        .map_err(|e| e.to_string())?;
    let made = making.join();
    made.map(drop).map_err(|_| "the spec cannot be made".into())
}

/// The name of the schema that bodies of a type are held to.
pub fn input_name(type_name: &str) -> String {
    SPEC.variant_name(type_name, "Input")
}

/// The name in the spec of the schema of a type's merge patches.
pub fn patch_name(type_name: &str) -> String {
    openapi::patch_name(type_name)
}

fn routes(config: &mut impl Mount) {
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
    health::configure(cfg);
    cfg.service(web::scope(BASE).configure(routes));
}
