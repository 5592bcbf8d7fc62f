//! The pages that people read: Korean first and English throughout, without a token or a cookie. The
//! search suggests by a script; nothing needs it.
//!
//! A page is one function that takes a [`Reader`](reader::Reader). It calls the same stores as the
//! API, with the scope of a caller without a token, maps what they return to words in one language
//! and renders them by a template, which escapes every value by its type. The past, entity tags and
//! kept answers are those of the API's answers.

mod agreements;
mod announcements;
mod assets;
mod bodies;
mod council_report;
mod errors;
mod feeds;
mod figures;
mod files;
mod find;
mod groups;
mod items;
mod layout;
mod lists;
mod markup;
mod municipalities;
mod office;
mod projects;
mod publications;
mod reader;
mod scale;
mod start;
mod suggest;
mod timeline;
mod withheld;
mod words;
mod zoom;

use std::sync::LazyLock;

use actix_web::dev::ResourceDef;
use actix_web::http::header::HeaderValue;
use actix_web::{guard, web};

use crate::http::reader::install_error_page;
use crate::kernel::is_office;

/// Content security policy of every page: styles and pictures from here, forms to here, no scripts.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'",
);

/// That of the pages with the search, which run a script from here and let it ask here.
const SCRIPTED: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// The paths of the pages.
const PATHS: &[&str] = &[
    "/",
    "/find",
    "/find/suggestions",
    "/agreements/{id}.atom",
    "/municipalities/{id}.atom",
    "/agreements",
    "/agreements/{id}",
    "/projects",
    "/projects/{id}",
    "/working-groups",
    "/working-groups/{id}",
    "/timeline",
    "/announcements",
    "/announcements/{id}",
    "/reconciliation",
    "/publications",
    "/publications.atom",
    "/municipalities/{id}",
    "/municipalities/{id}/council-report",
    "/organizations/{id}",
];

/// Returns the paths of the pages of people who are signed in.
pub fn office_paths() -> impl Iterator<Item = &'static str> {
    office::PATHS.iter().chain(office::ADMIN_PATHS).copied()
}

/// Returns true for the path of a page or of a file that pages load.
pub fn is_page(path: &str) -> bool {
    static KNOWN: LazyLock<Vec<ResourceDef>> = LazyLock::new(|| {
        let paths = PATHS.iter().copied().chain(office_paths());
        paths.map(ResourceDef::new).collect()
    });
    KNOWN.iter().any(|known| known.is_match(path)) || assets::is_asset(path)
}

/// Mounts the pages on an application.
pub fn configure(config: &mut web::ServiceConfig) {
    install_error_page(errors::page);
    config
        .service(assets::style)
        .service(assets::icon)
        .service(assets::script)
        .service(assets::forms)
        .service(suggest::suggestions)
        .service(feeds::agreement)
        .service(feeds::municipality)
        .service(start::start)
        .service(find::find)
        .service(agreements::agreements)
        .service(agreements::agreement)
        .service(projects::projects)
        .service(projects::project)
        .service(groups::groups)
        .service(groups::group)
        .service(timeline::timeline)
        .service(announcements::announcements)
        .service(announcements::announcement)
        .service(announcements::reconciliation)
        .service(publications::publications)
        .service(publications::atom)
        .service(bodies::municipality)
        .service(council_report::of_readers)
        .service(bodies::organization);
    // Last: the framework's map of paths finds nothing behind it. Paths are compared as they are sent, as
    // where the session is looked for.
    config.service(
        web::scope("")
            .guard(guard::fn_guard(|request| {
                is_office(request.head().uri.path())
            }))
            .configure(office::configure),
    );
}
