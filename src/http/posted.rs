//! Answers to POST, and the idempotency keys that let a caller send one again safely.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, dev};
use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;
use serde::Serialize;

use super::conditional::{Versioned, json, record_tag, to_json};
use crate::access::Session;
use crate::app::Cx;
use crate::db::AnyConnection;
use crate::db::schema::idempotency_keys;
use crate::error::{ApiError, Code, FieldError, Place};
use crate::http::language::Message;

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
                    && let Some(first) = first_answer(conn, key, &path, &digest, cx.now)?
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
                    keep(conn, key, &path, &digest, cx.now, &answer)?;
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

fn first_answer(
    conn: &mut AnyConnection,
    key: &str,
    path: &str,
    digest: &str,
    now: NaiveDateTime,
) -> Result<Option<Answer>, ApiError> {
    use idempotency_keys as keys;
    // Keys that have lapsed are cleared away by whoever comes with one.
    diesel::delete(keys::table.filter(keys::created_at.lt(now - kept_for()))).execute(conn)?;
    let found = keys::table
        .filter(keys::key.eq(key).and(keys::path.eq(path)))
        .select((keys::digest, Answer::as_select()))
        .first::<(String, Answer)>(conn)
        .optional()?;
    match found {
        Some((first, _)) if first != digest => Err(ApiError::new(Code::KeyReused)),
        found => Ok(found.map(|(_, answer)| answer)),
    }
}

fn keep(
    conn: &mut AnyConnection,
    key: &str,
    path: &str,
    digest: &str,
    now: NaiveDateTime,
    answer: &Answer,
) -> Result<(), ApiError> {
    use idempotency_keys as keys;
    diesel::insert_into(keys::table)
        .values((
            keys::key.eq(key),
            keys::path.eq(path),
            keys::digest.eq(digest),
            keys::status.eq(answer.status),
            keys::headers.eq(&answer.headers),
            keys::body.eq(&answer.body),
            keys::created_at.eq(now),
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
