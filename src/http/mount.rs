//! Where handlers are mounted.

use actix_web::dev::HttpServiceFactory;
use actix_web::web;
use utoipa::openapi::path::Paths;
use utoipa::openapi::{Components, OpenApi};
use utoipa_actix_web::OpenApiFactory;

/// Takes up handlers: an application, which serves them, or the spec, which describes them.
///
/// Applications are put together once for each worker, the spec once.
pub trait Mount {
    fn service<F>(&mut self, handler: F) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + 'static;
}

impl Mount for web::ServiceConfig {
    fn service<F>(&mut self, handler: F) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + 'static,
    {
        web::ServiceConfig::service(self, handler)
    }
}

/// What the handlers say of themselves.
///
/// Each names every schema that it refers to; of what many share one is kept at once.
#[derive(Default)]
pub struct Described {
    paths: Paths,
    components: Components,
}

impl Described {
    /// Puts the paths of `other` below `base`.
    pub fn below(&mut self, base: &str, other: Self) {
        for (path, item) in other.paths.paths {
            self.paths.paths.insert(format!("{base}{path}"), item);
        }
        self.components.schemas.extend(other.components.schemas);
    }

    /// Adds what is described to a document.
    pub fn add_to(self, mut document: OpenApi) -> OpenApi {
        document.paths.merge(self.paths);
        let components = document.components.get_or_insert_default();
        components.schemas.extend(self.components.schemas);
        document
    }
}

impl Mount for Described {
    fn service<F>(&mut self, handler: F) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + 'static,
    {
        let mut schemas = Vec::new();
        handler.schemas(&mut schemas);
        self.components.schemas.extend(schemas);
        self.paths.merge(handler.paths());
        self
    }
}
