//! Responses that depend on the log of changes alone, so their `ETag` can be known before they are
//! computed.
//!
//! A tag is a digest of the response, so it reveals nothing that the response does not. Everything
//! recorded is in the log: a response stays the same while the end of the log, the day, the caller
//! and the request do. The tag of a sent response is cached under these, and a repeated request
//! costs only the lookup of the end of the log.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::body::BoxBody;
use actix_web::http::header::IfNoneMatch;
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;

use super::conditional::{JSON, conditional, digest, is_known, known_tags, to_json};
use crate::kernel::error::ApiError;
use crate::kernel::language::Language;
use crate::ledger::RequestContext;

/// The target of a request and the entity tags that the client already has.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The path and the query, and the language of the response.
    target: String,
    /// The tags of `If-None-Match`.
    known: IfNoneMatch,
}

impl Condition {
    pub fn of(req: &HttpRequest) -> Self {
        Self {
            target: format!("{} {}", req.uri(), Language::of(req).tag()),
            known: known_tags(req),
        }
    }

    /// Adds what the response depends on besides the URL, such as a language.
    pub fn depends_on(&mut self, more: &str) {
        self.target.push(' ');
        self.target.push_str(more);
    }

    /// Returns the cache key of the response for a log that ends with the hash `head`.
    pub fn question(&self, head: &str, cx: &RequestContext) -> Question {
        self.question_of(head, cx, &cx.caller.sees_as())
    }

    /// Like [`Self::question`], for a response that depends on the caller only by the records that
    /// the caller sees.
    pub fn shared_question(&self, head: &str, cx: &RequestContext) -> Question {
        self.question_of(head, cx, &cx.caller.sees())
    }

    fn question_of(&self, head: &str, cx: &RequestContext, caller: &dyn Debug) -> Question {
        // Another version of the program may render the same record differently.
        let version = env!("CARGO_PKG_VERSION");
        let of: &dyn Debug = &(version, head, cx.today, cx.zone, caller, &self.target);
        Question(xxhash_rust::xxh3::xxh3_128(format!("{of:?}").as_bytes()))
    }

    /// Returns true if the client has the response with this tag.
    pub fn knows(&self, tag: &str) -> bool {
        is_known(&self.known, tag)
    }
}

/// Digest of everything that determines a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question(u128);

#[cfg(test)]
impl Question {
    pub fn numbered(n: u128) -> Self {
        Self(n)
    }
}

/// The entity tags of recently sent responses.
#[derive(Clone, Default)]
pub struct Tags(Arc<Mutex<[HashMap<Question, u64>; 2]>>);

/// Number of tags that are kept at least, at about 30 bytes each; at most twice as many.
const KEPT: usize = 32_768;

impl Tags {
    /// Returns the tag of the response if it was sent before.
    pub fn of(&self, question: Question) -> Option<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find_map(|some| some.get(&question));
        found.map(|digest| tag(*digest))
    }

    pub(super) fn note(&self, question: Question, digest: u64) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept[0].len() >= KEPT {
            kept.swap(0, 1);
            kept[0].clear();
        }
        kept[0].insert(question, digest);
    }
}

pub(super) fn tag(digest: u64) -> String {
    format!("\"{digest:016x}\"")
}

/// A response.
pub enum Logged<T> {
    /// The client already has the response with this tag.
    Known(String),
    /// A new response whose tag is not cached.
    New(T),
    /// A new response whose tag is cached for the next request like it.
    Again(Tags, Question, T),
}

impl<T> Logged<T> {
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Logged<U> {
        match self {
            Self::Known(tag) => Logged::Known(tag),
            Self::New(value) => Logged::New(f(value)),
            Self::Again(tags, question, value) => Logged::Again(tags, question, f(value)),
        }
    }

    /// Converts the value with a function that can fail.
    ///
    /// # Errors
    /// Returns the error of `f`.
    pub fn try_map<U, E>(self, f: impl FnOnce(T) -> Result<U, E>) -> Result<Logged<U>, E> {
        Ok(match self {
            Self::Known(tag) => Logged::Known(tag),
            Self::New(value) => Logged::New(f(value)?),
            Self::Again(tags, question, value) => Logged::Again(tags, question, f(value)?),
        })
    }
}

impl<T: Serialize> Logged<T> {
    /// Returns the JSON response, or `304` if the client already has it.
    ///
    /// # Errors
    /// `internal_error` if the value cannot be serialized.
    pub(super) fn response(self, req: &HttpRequest) -> Result<HttpResponse, ApiError> {
        let body = self.try_map(|value| to_json(&value, Language::of(req)))?;
        Ok(body.text(req, JSON))
    }
}

impl Logged<String> {
    /// Returns the response of media type `kind`, or `304` if the client already has it.
    pub fn text(self, req: &HttpRequest, kind: &'static str) -> HttpResponse {
        let (tag, text) = match self {
            Self::Known(tag) => (tag, String::new()),
            Self::New(text) => (tag(digest(text.as_bytes())), text),
            Self::Again(tags, question, text) => {
                let digest = digest(text.as_bytes());
                tags.note(question, digest);
                (tag(digest), text)
            }
        };
        conditional(req, &tag, kind, text)
    }
}

impl<T: Serialize> Responder for Logged<T> {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        self.response(req).unwrap_or_else(HttpResponse::from_error)
    }
}
