//! The program: its settings and commands, and the application that serves the API.

mod api;
pub mod commands;
pub mod config;
pub mod demo;
mod docs;
mod health;
pub mod server;

#[cfg(test)]
mod documents_tests;
#[cfg(test)]
mod import_samples_tests;
#[cfg(test)]
mod spec_tests;

pub use api::{make_spec, spec};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, Error, web};

use crate::http::{State, middleware};
use crate::{agreements, edge, projects};

/// Tells modules what follows from their records in modules of higher floors. Call it before a
/// database is opened.
pub fn connect_modules() {
    projects::milestones::dependents::install(agreements::anchors::follow);
}

/// Assembles the application.
pub fn build_app(
    state: State,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    App::new()
        .app_data(web::Data::from(state.edge.clone()))
        .app_data(web::Data::new(state))
        .configure(api::configure)
        .wrap(from_fn(middleware::around))
        .wrap(from_fn(edge::cross_origin))
        .wrap(from_fn(edge::security_headers))
        .wrap(Compress::default())
        .wrap(from_fn(edge::content_coding))
}
