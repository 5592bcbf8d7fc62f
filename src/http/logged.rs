//! Answers that follow from the log of changes, so that their `ETag` may be known before they are.
//!
//! A tag is made of what is sent, so that it tells nothing of what is not. All that is recorded stands
//! in the log: an answer stays as it is while the log, the day, who asks and what for do. So the tag of
//! one that was sent is remembered by these, and to whoever asks for it again it is told at the cost
//! of looking up where the log ends.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

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

    /// What is asked for, where the log ends with this hash.
    pub fn question(&self, head: &str, cx: &Cx) -> Question {
        // What a version of the program shows of the same record may differ.
        let version = env!("CARGO_PKG_VERSION");
        let caller = cx.caller.sees_as();
        let of: &dyn Debug = &(version, head, cx.today, cx.zone, caller, &self.target);
        Question(xxhash_rust::xxh3::xxh3_128(format!("{of:?}").as_bytes()))
    }

    /// True where the client has what the tag names. `*` asks whether there is anything at all,
    /// which the tag does not say.
    pub fn knows(&self, tag: &str) -> bool {
        let mut known = self.known.iter();
        known.any(|t| t.strip_prefix("W/").unwrap_or(t) == tag)
    }
}

/// All that decides what an answer is, as a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question(u128);

/// The tags of what was sent lately, by what was asked.
#[derive(Clone, Default)]
pub struct Tags(Arc<Mutex<[HashMap<Question, u64>; 2]>>);

/// How many of them are kept at least, of some 30 bytes each; twice as many at most.
const KEPT: usize = 32_768;

impl Tags {
    /// The tag of the answer, where it was sent already.
    pub fn of(&self, question: Question) -> Option<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find_map(|some| some.get(&question));
        found.map(|digest| tag(*digest))
    }

    fn note(&self, question: Question, digest: u64) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept[0].len() >= KEPT {
            kept.swap(0, 1);
            kept[0].clear();
        }
        kept[0].insert(question, digest);
    }
}

fn tag(digest: u64) -> String {
    format!("\"{digest:016x}\"")
}

/// An answer.
pub enum Logged<T> {
    /// The client has it already: its tag.
    Known(String),
    /// What is sent.
    New(T),
    /// What is sent, and will be again to whoever asks the same.
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

    /// # Errors
    /// What `f` returns.
    pub fn try_map<U, E>(self, f: impl FnOnce(T) -> Result<U, E>) -> Result<Logged<U>, E> {
        Ok(match self {
            Self::Known(tag) => Logged::Known(tag),
            Self::New(value) => Logged::New(f(value)?),
            Self::Again(tags, question, value) => Logged::Again(tags, question, f(value)?),
        })
    }
}

impl<T: Serialize> Logged<T> {
    /// The response; `304` where the client has it.
    ///
    /// # Errors
    /// Internal, when it cannot be serialized.
    pub(super) fn response(self, req: &HttpRequest) -> Result<HttpResponse, ApiError> {
        let body = self.try_map(|value| to_json(&value))?;
        Ok(body.text(req, JSON))
    }
}

impl Logged<String> {
    /// The response of a text of a media type; `304` where the client has it.
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
        conditional(req, tag, kind, text)
    }
}

impl<T: Serialize> Responder for Logged<T> {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        self.response(req).unwrap_or_else(HttpResponse::from_error)
    }
}
