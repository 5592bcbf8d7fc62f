//! Where slices mount their handlers.

use std::any::TypeId;
use std::collections::BTreeMap;

use actix_web::dev::HttpServiceFactory;
use actix_web::guard::Guard;
use actix_web::{guard, web};
use serde_json::Value;
use utoipa::openapi::path::Paths;
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{Components, OpenApi, Tag};
use utoipa::{PartialSchema, ToSchema};
use utoipa_actix_web::OpenApiFactory;

use super::asked::Asked;
use super::openapi::Handler;
use super::permissions::Terms;

/// Takes what slices declare: an application, which serves the routes, or the spec, which
/// describes them.
///
/// An application is built once for each worker, the spec once for the process, so an application
/// ignores every description.
pub trait Mount {
    /// Mounts a handler on its terms, or for the callers that an [`Access`] admits.
    ///
    /// [`Access`]: super::permissions::Access
    fn route<F>(&mut self, handler: F, terms: impl Into<Terms>) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + 'static;

    /// Mounts what a slice declares.
    fn slice(&mut self, _name: &'static str, configure: impl FnOnce(&mut Self)) -> &mut Self {
        configure(self);
        self
    }

    /// Describes a tag of the spec.
    fn tag(&mut self, _name: &str, _description: &str) -> &mut Self {
        self
    }

    /// Adds a schema that only query parameters refer to: utoipa does not collect those.
    fn schema<T: ToSchema>(&mut self) -> &mut Self {
        self
    }

    /// Describes the requests that the server sends, by name.
    fn webhooks(&mut self, _describe: fn() -> Value) -> &mut Self {
        self
    }
}

/// Mounts handlers by their operations: the operation of a request is known before its handler is looked
/// for, and to compare the path with the patterns of others would take longer than many an answer.
///
/// The framework's map of paths, by which a request is named before it is routed, knows no guards: it finds
/// no pattern that is mounted beside these and later.
impl Mount for web::ServiceConfig {
    fn route<F>(&mut self, handler: F, _: impl Into<Terms>) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + 'static,
    {
        let own = TypeId::of::<F>();
        let is_asked = asked_for(move |asked| asked.type_id == own);
        self.service(web::scope("").guard(is_asked).service(handler))
    }

    fn slice(&mut self, name: &'static str, configure: impl FnOnce(&mut Self)) -> &mut Self {
        let is_asked = asked_for(move |asked| asked.slice == name);
        self.service(web::scope("").guard(is_asked).configure(configure))
    }
}

/// Mounts handlers by their paths alone.
pub struct ByPath<'a>(pub &'a mut web::ServiceConfig);

impl Mount for ByPath<'_> {
    fn route<F>(&mut self, handler: F, _: impl Into<Terms>) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + 'static,
    {
        self.0.service(handler);
        self
    }
}

/// Admits requests for the handlers that a condition admits.
fn asked_for(admits: impl Fn(&Handler) -> bool) -> impl Guard {
    guard::fn_guard(move |request| {
        let extensions = request.req_data();
        let asked = extensions.get::<Asked>();
        asked.is_some_and(|asked| asked.operation.handler.as_ref().is_some_and(&admits))
    })
}

/// The descriptions of everything mounted.
///
/// Each handler names every schema that it refers to; a schema that several share is kept once.
#[derive(Default)]
pub struct Described {
    paths: Paths,
    components: Components,
    tags: Vec<Tag>,
    /// The terms of each operation, by its id.
    pub terms: BTreeMap<String, Terms>,
    /// The handler of each operation, by its id.
    pub handlers: BTreeMap<String, Handler>,
    /// The slice that is being described; empty outside of one.
    slice: &'static str,
    /// The requests that the server sends.
    pub webhooks: Option<fn() -> Value>,
}

impl Described {
    /// Moves the paths and everything else of `other` below `base`.
    pub fn below(&mut self, base: &str, other: Self) {
        for (path, item) in other.paths.paths {
            self.paths.paths.insert(format!("{base}{path}"), item);
        }
        self.components.schemas.extend(other.components.schemas);
        self.terms.extend(other.terms);
        self.handlers.extend(other.handlers);
        self.tags.splice(0..0, other.tags);
        self.webhooks = self.webhooks.or(other.webhooks);
    }

    /// Adds the descriptions to a document.
    pub fn add_to(self, document: &mut OpenApi) {
        document.paths.merge(self.paths);
        let components = document.components.get_or_insert_default();
        components.schemas.extend(self.components.schemas);
        document.tags.get_or_insert_default().extend(self.tags);
    }
}

impl Mount for Described {
    fn route<F>(&mut self, handler: F, terms: impl Into<Terms>) -> &mut Self
    where
        F: HttpServiceFactory + OpenApiFactory + 'static,
    {
        let (terms, mut schemas) = (terms.into(), Vec::new());
        let served_by = Handler {
            slice: self.slice,
            type_id: TypeId::of::<F>(),
        };
        handler.schemas(&mut schemas);
        self.components.schemas.extend(schemas);
        let paths = handler.paths();
        for item in paths.paths.values() {
            let operations = [&item.get, &item.post, &item.patch, &item.delete];
            let ids = operations
                .into_iter()
                .flatten()
                .filter_map(|o| o.operation_id.clone());
            for id in ids {
                self.handlers.insert(id.clone(), served_by);
                self.terms.insert(id, terms);
            }
        }
        self.paths.merge(paths);
        self
    }

    fn slice(&mut self, name: &'static str, configure: impl FnOnce(&mut Self)) -> &mut Self {
        self.slice = name;
        configure(self);
        self.slice = "";
        self
    }

    fn tag(&mut self, name: &str, description: &str) -> &mut Self {
        let tag = TagBuilder::new().name(name).description(Some(description));
        self.tags.push(tag.build());
        self
    }

    fn schema<T: ToSchema>(&mut self) -> &mut Self {
        let mut schemas = vec![(T::name().into_owned(), <T as PartialSchema>::schema())];
        T::schemas(&mut schemas);
        self.components.schemas.extend(schemas);
        self
    }

    fn webhooks(&mut self, describe: fn() -> Value) -> &mut Self {
        self.webhooks = Some(describe);
        self
    }
}
