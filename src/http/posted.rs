//! Answers to POST, and the idempotency keys that let a caller send one again safely.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::sync::atomic::Ordering;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, dev};
use chrono::Duration;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;

use super::conditional::{Versioned, json, record_tag, to_json};
use crate::access::Session;
use crate::app::Cx;
use crate::audit;
use crate::db::AnyConnection;
use crate::db::schema::idempotency_keys;
use crate::error::{ApiError, Code, FieldError, Place};
use crate::http::language::Message;
use crate::values::stored;

const KEY: &str = "Idempotency-Key";
/// How long a key may be, in characters.
pub const KEY_LENGTH: usize = 255;

fn is_key(text: &str) -> bool {
    (1..=KEY_LENGTH).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

/// How long an answer is kept for its key.
fn kept_for() -> Duration {
    Duration::hours(24)
}

/// Where a POST went and the key it came with, if any.
#[derive(Clone, Debug)]
pub struct Keyed {
    path: String,
    key: Option<String>,
}

impl Keyed {
    /// As if it came without a key: for an answer that must not be kept.
    pub fn never() -> Self {
        Self {
            path: String::new(),
            key: None,
        }
    }
}

impl FromRequest for Keyed {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let path = req.path().to_owned();
        let key = match req.headers().get(KEY) {
            None => None,
            Some(value) => match value.to_str() {
                Ok(text) if is_key(text) => Some(text.to_owned()),
                _ => {
                    let message = Message::fixed(
                        "공백이 아닌 ASCII 문자 1자에서 255자까지여야 합니다.",
                        "Expected 1 to 255 visible ASCII characters.",
                    );
                    let at = FieldError {
                        place: Place::Header(KEY),
                        code: "invalid_key".into(),
                        message,
                    };
                    let error = ApiError::new(Code::MalformedRequest).and(vec![at]);
                    return ready(Err(error));
                }
            },
        };
        ready(Ok(Self { path, key }))
    }
}

/// The answer to a POST: `201` with the `Location` of what it made, or `200` where it changed
/// something that was there.
pub struct Posted<T> {
    answer: Answer,
    record: PhantomData<T>,
}

#[derive(Queryable, Selectable, Clone)]
#[diesel(table_name = idempotency_keys)]
struct Answer {
    status: i32,
    /// The `Location`, or nothing; then the `ETag`, after a space.
    headers: String,
    body: String,
}

impl<T: Serialize + Versioned + Send + 'static> Posted<T> {
    /// Creates a record at `collection`/its id, once for each key.
    ///
    /// # Errors
    /// What `work` returns; `idempotency_key_reused` when the key came with another body.
    pub async fn created(
        session: &Session,
        keyed: Keyed,
        digest: u128,
        location: impl Fn(&T) -> String + Send + 'static,
        work: impl FnMut(&mut AnyConnection, &Cx) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<Self, ApiError> {
        Self::answer(session, keyed, digest, StatusCode::CREATED, location, work).await
    }

    /// Changes a record, once for each key.
    ///
    /// # Errors
    /// As [`Posted::created`].
    pub async fn changed(
        session: &Session,
        keyed: Keyed,
        digest: u128,
        work: impl FnMut(&mut AnyConnection, &Cx) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<Self, ApiError> {
        Self::answer(
            session,
            keyed,
            digest,
            StatusCode::OK,
            |_| String::new(),
            work,
        )
        .await
    }

    async fn answer(
        session: &Session,
        keyed: Keyed,
        digest: u128,
        status: StatusCode,
        location: impl Fn(&T) -> String + Send + 'static,
        mut work: impl FnMut(&mut AnyConnection, &Cx) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<Self, ApiError> {
        let digest = format!("{digest:032x}");
        let answer = session
            .write(move |conn, cx| {
                // A key is its caller's own: nobody gets the answer that another one got.
                let path = format!("{} {}", cx.caller.id.unwrap_or_default(), keyed.path);
                if let Some(key) = &keyed.key
                    && let Some(first) = first_answer(conn, cx, key, &path, &digest)?
                {
                    return Ok(first);
                }
                let record = work(conn, cx)?;
                let body = to_json(&record)?;
                let tag = record_tag(record.version(), body.as_bytes());
                let headers = format!("{} {tag}", location(&record));
                let answer = Answer {
                    status: i32::from(status.as_u16()),
                    headers,
                    body,
                };
                if let Some(key) = &keyed.key {
                    keep(conn, cx, key, &path, &digest, &answer)?;
                }
                Ok(answer)
            })
            .await?;
        Ok(Self {
            answer,
            record: PhantomData,
        })
    }
}

/// The first answer to a key, for those who still see what it tells.
///
/// # Errors
/// `idempotency_key_reused`; `not_found` where the caller no longer sees the record.
fn first_answer(
    conn: &mut AnyConnection,
    cx: &Cx,
    key: &str,
    path: &str,
    digest: &str,
) -> Result<Option<Answer>, ApiError> {
    use idempotency_keys as keys;
    // Keys that have lapsed are cleared away by whoever comes with one.
    diesel::delete(keys::table.filter(keys::created_at.lt(cx.now - kept_for()))).execute(conn)?;
    let found = keys::table
        .filter(keys::key.eq(key).and(keys::path.eq(path)))
        .select((keys::digest, keys::seq, Answer::as_select()))
        .first::<(String, Option<i64>, Answer)>(conn)
        .optional()?;
    let Some((first, seq, answer)) = found else {
        return Ok(None);
    };
    if first != digest {
        return Err(ApiError::new(Code::KeyReused));
    }
    match seq {
        Some(seq) if !audit::store::sees(conn, cx, seq)? => Err(ApiError::not_found()),
        _ => Ok(Some(answer)),
    }
}

/// Keeps an answer, without personal data: that can be erased at any time.
fn keep(
    conn: &mut AnyConnection,
    cx: &Cx,
    key: &str,
    path: &str,
    digest: &str,
    answer: &Answer,
) -> Result<(), ApiError> {
    use idempotency_keys as keys;
    let body = if cx.shown.is_nothing() {
        answer.body.clone()
    } else {
        let mut shown: Value = stored(&answer.body)?;
        shown["contact"].take();
        to_json(&shown)?
    };
    let seq = Some(cx.logged.load(Ordering::Relaxed)).filter(|seq| *seq > 0);
    diesel::insert_into(keys::table)
        .values((
            keys::key.eq(key),
            keys::path.eq(path),
            keys::digest.eq(digest),
            keys::status.eq(answer.status),
            keys::headers.eq(&answer.headers),
            keys::body.eq(body),
            keys::created_at.eq(cx.now),
            keys::seq.eq(seq),
        ))
        .execute(conn)?;
    Ok(())
}

impl<T> Responder for Posted<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let status = u16::try_from(self.answer.status)
            .ok()
            .and_then(|s| StatusCode::from_u16(s).ok());
        let mut response = json(status.unwrap_or(StatusCode::OK), self.answer.body);
        let (location, tag) = self.answer.headers.split_once(' ').unwrap_or_default();
        for (name, value) in [(header::LOCATION, location), (header::ETAG, tag)] {
            if let Some(value) = HeaderValue::from_str(value).ok().filter(|v| !v.is_empty()) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}
