//! Answers whose `ETag` follows from the log of changes, so that it is known before they are.
//!
//! All that is recorded stands in the log. So a list stays as it is while the log, the day, who asks
//! and what for do: their digest is its tag, at the cost of looking up where the log ends. Any change
//! makes every tag another one, also where the list does not show it: coarse, and never wrong.

use std::fmt::Debug;

use actix_web::body::BoxBody;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;

use super::conditional::{JSON, conditional, digest, tags, to_json};
use super::language::Language;
use crate::app::Cx;
use crate::error::ApiError;

/// What a request asks for, and what of it the client has already.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The path and the query.
    target: String,
    /// The tags of `If-None-Match`.
    known: Vec<String>,
}

impl Condition {
    pub fn of(req: &HttpRequest) -> Self {
        Self {
            target: req.uri().to_string(),
            known: tags(req.headers(), &header::IF_NONE_MATCH).unwrap_or_default(),
        }
    }

    /// Says that the answer is in a language that was asked for beside the address.
    pub fn speaks(&mut self, language: Language) {
        self.target.push(' ');
        self.target.push_str(language.tag());
    }

    /// The tag of what is asked for, where the log ends with this hash.
    pub fn tag(&self, head: &str, cx: &Cx) -> String {
        // What a version of the program shows of the same record may differ.
        let version = env!("CARGO_PKG_VERSION");
        let caller = cx.caller.sees_as();
        let of: &dyn Debug = &(version, head, cx.today, cx.zone, caller, &self.target);
        format!("\"{:016x}\"", digest(format!("{of:?}").as_bytes()))
    }

    /// True where the client has what the tag names. `*` asks whether there is anything at all,
    /// which the tag does not say.
    pub fn knows(&self, tag: &str) -> bool {
        let mut known = self.known.iter();
        known.any(|t| t.strip_prefix("W/").unwrap_or(t) == tag)
    }
}

/// An answer and its tag.
pub enum Logged<T> {
    /// The client has it already.
    Known(String),
    /// What is sent.
    New(String, T),
    /// What does not follow from the log alone: its tag is made of its body.
    Beside(T),
}

impl<T> Logged<T> {
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Logged<U> {
        match self {
            Self::Known(tag) => Logged::Known(tag),
            Self::New(tag, value) => Logged::New(tag, f(value)),
            Self::Beside(value) => Logged::Beside(f(value)),
        }
    }

    /// # Errors
    /// What `f` returns.
    pub fn try_map<U, E>(self, f: impl FnOnce(T) -> Result<U, E>) -> Result<Logged<U>, E> {
        Ok(match self {
            Self::Known(tag) => Logged::Known(tag),
            Self::New(tag, value) => Logged::New(tag, f(value)?),
            Self::Beside(value) => Logged::Beside(f(value)?),
        })
    }
}

impl<T: Serialize> Logged<T> {
    /// The response; `304` where the client has it.
    ///
    /// # Errors
    /// Internal, when it cannot be serialized.
    pub(super) fn response(self, req: &HttpRequest) -> Result<HttpResponse, ApiError> {
        let (tag, body) = match self {
            Self::Known(tag) => (Some(tag), String::new()),
            Self::New(tag, value) => (Some(tag), to_json(&value)?),
            Self::Beside(value) => (None, to_json(&value)?),
        };
        let tag = tag.unwrap_or_else(|| format!("\"{:016x}\"", digest(body.as_bytes())));
        Ok(conditional(req, tag, JSON, body))
    }
}

impl Logged<String> {
    /// The response of a text of a media type; `304` where the client has it.
    pub fn text(self, req: &HttpRequest, kind: &'static str) -> HttpResponse {
        let (tag, text) = match self {
            Self::Known(tag) => (tag, String::new()),
            Self::New(tag, text) => (tag, text),
            Self::Beside(text) => (format!("\"{:016x}\"", digest(text.as_bytes())), text),
        };
        conditional(req, tag, kind, text)
    }
}

impl<T: Serialize> Responder for Logged<T> {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        self.response(req).unwrap_or_else(HttpResponse::from_error)
    }
}
