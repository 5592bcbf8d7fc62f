//! The list of slices, and the spec that follows from it.

use actix_web::web;
use anyhow::anyhow;
use utoipa::OpenApi;

use super::health;
use crate::http::mount::{ByPath, Described, Mount};
use crate::http::openapi::Spec;
use crate::http::{BASE, PublicUrl, install_spec};
use crate::{
    agreements, announcements, backup, calendars, changes, council_report, holidays, imports,
    merges, municipalities, organizations, pages, projects, reference, search, statistics, texts,
    timeline, tokens, webhooks, working_groups,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "mou-registry",
        description = "A registry of agreements (업무협약, MOU) and partnerships for municipal business projects: \
                       commitments, due dates, results, and the state of knowledge on any day.\n\n\
                       Ids are UUIDv7, timestamps are RFC 3339 in UTC, imprecise dates are a subset of EDTF \
                       (ISO 8601-2:2019). Unknown values are null. Korean text in a URL is percent-encoded UTF-8. \
                       Errors are problem documents (RFC 9457) in Korean or English, depending on `Accept-Language`. \
                       Requests are limited per token or per IP address; if a limit is set, every response shows it in \
                       `RateLimit-Policy` and the remaining quota in `RateLimit`.",
        contact(name = "mou-registry"),
    ),
    servers((url = "/", description = "This server")),
)]
struct Info;

/// Returns the spec, made at the first call.
pub fn spec() -> &'static Spec {
    super::connect_modules();
    install_spec(|| {
        let (mut described, mut below) = (Described::default(), Described::default());
        health::configure(&mut described);
        slices(&mut below);
        described.below(BASE, below);
        Spec::of(Info::openapi(), described)
    })
}

/// Makes the spec, and what is served of it at this URL, on a thread that ends: making it takes many times the memory of what is kept, and
/// the memory of a thread that goes on is held for its next use.
///
/// # Errors
/// When the system starts no thread, or the spec cannot be made.
pub fn make_spec(url: Option<PublicUrl>) -> anyhow::Result<()> {
    let make = move || {
        spec();
        super::docs::prepare(url.as_ref());
    };
    let making = std::thread::Builder::new()
        .name("spec".into())
        .spawn(make)?;
    let made = making.join();
    made.map_err(|_| anyhow!("the spec cannot be made"))
}

fn slices<M: Mount>(config: &mut M) {
    config
        .slice("municipalities", municipalities::configure)
        .slice("organizations", organizations::configure)
        .slice("merges", merges::configure)
        .slice("agreements", agreements::configure)
        .slice("announcements", announcements::configure)
        .slice("imports", imports::configure)
        .slice("council_report", council_report::configure)
        .slice("working_groups", working_groups::configure)
        .slice("projects", projects::configure)
        .slice("timeline", timeline::configure)
        .slice("calendars", calendars::configure)
        .slice("statistics", statistics::configure)
        .slice("search", search::configure)
        .slice("texts", texts::configure)
        .slice("changes", changes::configure)
        .slice("exports", backup::export::configure)
        .slice("webhooks", webhooks::configure)
        .slice("reference", reference::configure)
        .slice("holidays", holidays::configure)
        .slice("tokens", tokens::configure);
}

/// Mounts all resources on an application.
pub fn configure(config: &mut web::ServiceConfig) {
    spec();
    super::docs::configure(config);
    health::configure(&mut ByPath(config));
    // Before the pages, so that its requests are compared with none of their patterns.
    config.service(web::scope(BASE).configure(slices));
    pages::configure(config);
}
