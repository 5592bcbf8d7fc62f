//! Answers as they are sent: a body in the language of the request, with its entity tag.

use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::body::BoxBody;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;

use super::conditional::{JSON, conditional, digest, linked, record_tag, to_json, vary_by_accept};
use super::fields::{Fields, Rows};
use super::fragments::Fragment;
use super::session::offers_files;
use super::tables::FileAnswer;
use crate::db::page::PageBody;
use crate::kernel::error::ApiError;
use crate::kernel::language::Language;
use crate::kernel::values::Versioned;

/// The body of a response with what its headers tell.
#[derive(Debug)]
pub struct Answer {
    body: Bytes,
    tag: String,
    /// The cursor of the next page.
    next: Option<String>,
    /// The language of an answer whose request does not determine it.
    language: Option<Language>,
}

impl Answer {
    /// Returns an answer whose tag is a digest, which reveals nothing that the text does not.
    pub fn text(text: String) -> Self {
        let tag = format!("\"{:016x}\"", digest(text.as_bytes()));
        Self::tagged(text, tag)
    }

    fn tagged(text: String, tag: String) -> Self {
        Self {
            // Boxed, so that no spare room is kept.
            body: Bytes::from(text.into_boxed_str().into_boxed_bytes()),
            tag,
            next: None,
            language: None,
        }
    }

    /// Returns the answer with its language.
    #[must_use]
    pub fn speaking(mut self, language: Language) -> Self {
        self.language = Some(language);
        self
    }

    /// Returns the answer that contains a value.
    ///
    /// # Errors
    /// `internal_error` if the value cannot be serialized, as with the other kinds of answers.
    pub(super) fn value<T: Serialize>(value: &T, language: Language) -> Result<Self, ApiError> {
        Ok(Self::text(to_json(value, language)?))
    }

    /// Returns the answer that contains one record, with a tag by which it can be changed.
    pub(super) fn record<T: Serialize + Versioned>(
        record: &T,
        language: Language,
    ) -> Result<Self, ApiError> {
        let text = to_json(record, language)?;
        let tag = record_tag(&record.revision(), text.as_bytes());
        Ok(Self::tagged(text, tag))
    }

    /// Returns the answer that contains a page of rows, with the selected members of the rows.
    pub(super) fn rows<T: Rows>(
        page: &T,
        fields: Option<&Fields>,
        language: Language,
    ) -> Result<Self, ApiError> {
        let text = match fields {
            None => to_json(page, language),
            Some(fields) => to_json(&language.speaking(|| fields.select(page))?, language),
        };
        Ok(Self {
            next: page.next_cursor().map(str::to_owned),
            ..Self::text(text?)
        })
    }

    /// Returns the answer that contains a page of rows that are rendered already.
    pub(super) fn joined<'a>(
        rows: impl IntoIterator<Item = &'a Fragment>,
        next: Option<String>,
        total: Option<i64>,
    ) -> Result<Self, ApiError> {
        let cursor = serde_json::to_string(&next).map_err(ApiError::internal)?;
        let total = total.map_or(String::new(), |total| format!(",\"total\":{total}"));
        // As `PageBody` is serialized.
        let end = format!("],\"next_cursor\":{cursor}{total}}}");
        let mut parts: Vec<&[u8]> = vec![b"{\"items\":["];
        for (n, row) in rows.into_iter().enumerate() {
            if n > 0 {
                parts.push(b",");
            }
            parts.push(&row.text);
        }
        parts.push(end.as_bytes());
        let body = parts.concat();
        let tag = format!("\"{:016x}\"", digest(&body));
        Ok(Self {
            body: Bytes::from(body.into_boxed_slice()),
            tag,
            next,
            language: None,
        })
    }

    /// Returns the answer that contains one record that is rendered already.
    pub(super) fn of_record(fragment: Fragment) -> Self {
        Self {
            body: fragment.text,
            tag: fragment.tag.unwrap_or_default(),
            next: None,
            language: None,
        }
    }

    /// Returns the answer that contains one record as a fragment.
    pub(super) fn into_fragment(self) -> Fragment {
        Fragment {
            text: self.body,
            tag: Some(self.tag),
        }
    }

    /// Returns about how much memory it takes, in bytes.
    pub(super) fn size(&self) -> usize {
        self.body.len() + self.next.as_ref().map_or(0, String::len) + 256
    }
}

/// The response with an [`Answer`] that contains a `T`; as a responder, JSON with its `ETag`, and for
/// a page with the `Link` to the next one. A list can be answered with a file instead.
pub struct Answered<T>(Body, PhantomData<fn() -> T>);

enum Body {
    Whole(Arc<Answer>),
    File(Box<FileAnswer>),
}

/// The response with one record.
pub type Single<T> = Answered<T>;

/// The response with one page of a list.
pub type Paged<T> = Answered<PageBody<T>>;

impl<T> Answered<T> {
    pub(super) fn new(answer: impl Into<Arc<Answer>>) -> Self {
        Self(Body::Whole(answer.into()), PhantomData)
    }

    pub(super) fn file(file: FileAnswer) -> Self {
        Self(Body::File(Box::new(file)), PhantomData)
    }

    /// Returns the language of the answer, if that was stated.
    pub fn language(&self) -> Option<Language> {
        match &self.0 {
            Body::Whole(answer) => answer.language,
            Body::File(_) => None,
        }
    }

    /// Returns the response of media type `kind`, or `304` if the client already has it.
    pub fn response(self, req: &HttpRequest, kind: &'static str) -> HttpResponse {
        let answer = match self.0 {
            Body::Whole(answer) => answer,
            Body::File(file) => return file.respond_to(req),
        };
        let Answer {
            body, tag, next, ..
        } = &*answer;
        let mut response = conditional(req, tag, kind, body.clone());
        if offers_files(req) {
            vary_by_accept(&mut response);
        }
        linked(req, response, next.as_deref())
    }
}

impl<T> Responder for Answered<T> {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        self.response(req, JSON)
    }
}
