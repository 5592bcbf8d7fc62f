//! Responses to POST, and idempotency keys, with which a caller can safely repeat a request.

use std::marker::PhantomData;
use std::sync::atomic::Ordering;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder};
use chrono::Duration;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Session;
use super::conditional::{json, record_tag, to_json};
use super::preconditions::Preconditions;
use super::public_url::link;
use crate::db::AnyConnection;
use crate::db::schema::idempotency_keys;
use crate::kernel::error::{ApiError, Code, FieldError, Place};
use crate::kernel::language::Message;
use crate::kernel::values::Versioned;
use crate::kernel::values::stored;
use crate::ledger;
use crate::ledger::RequestContext;

const KEY: &str = "Idempotency-Key";
/// Header of a response that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// Maximum length of an idempotency key, in characters.
pub const KEY_LENGTH: usize = 255;

fn is_key(text: &str) -> bool {
    (1..=KEY_LENGTH).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

/// Returns how long a response is kept for its key.
fn kept_for() -> Duration {
    Duration::hours(24)
}

/// The address of a POST, its idempotency key, if any, and its conditions.
#[derive(Clone, Debug)]
pub(super) struct Keyed {
    path: String,
    /// The parameters in one order.
    query: String,
    key: Option<String>,
    pub conditions: Preconditions,
}

impl Keyed {
    /// Returns a value without a key, for a response that must not be kept.
    pub fn never() -> Self {
        Self::of("", "")
    }

    /// Returns the key that a form has for a path, if it is one.
    pub fn of(path: &str, key: &str) -> Self {
        Self {
            path: one_path(path),
            query: String::new(),
            key: is_key(key).then(|| key.to_owned()),
            conditions: Preconditions::none(),
        }
    }

    /// Reads the headers.
    ///
    /// # Errors
    /// `malformed_request` if the key is malformed, or there are several.
    pub fn read(req: &HttpRequest) -> Result<Self, ApiError> {
        let mut lines = req.headers().get_all(KEY);
        let key = match (lines.next(), lines.next()) {
            (None, _) => "",
            (Some(line), None) => line.to_str().unwrap_or_default(),
            (Some(_), Some(_)) => return Err(malformed_key()),
        };
        if !is_key(key) && req.headers().contains_key(KEY) {
            return Err(malformed_key());
        }
        Ok(Self {
            query: one_query(req.query_string()),
            conditions: Preconditions::read(req),
            ..Self::of(req.path(), key)
        })
    }

    /// Takes the key away, so that the response is not kept.
    pub fn unkept(self) -> Self {
        Self { key: None, ..self }
    }

    /// Returns the digest of a request with the digest of its body.
    fn digest(&self, body: u128) -> String {
        let query = match self.query.as_str() {
            "" => 0,
            query => xxhash_rust::xxh3::xxh3_128(query.as_bytes()),
        };
        format!("{:032x}", body ^ query)
    }
}

/// Returns a path with each id in the one form in which answers have it.
fn one_path(path: &str) -> String {
    let parts = path
        .split('/')
        .map(|part| Uuid::parse_str(part).map_or_else(|_| part.to_owned(), |id| id.to_string()));
    parts.collect::<Vec<_>>().join("/")
}

/// Returns a query with its parameters in one order.
fn one_query(query: &str) -> String {
    let mut pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    pairs.sort();
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

fn malformed_key() -> ApiError {
    let message = Message::fixed(
        "공백이 아닌 ASCII 문자 1자에서 255자까지여야 합니다.",
        "Expected 1 to 255 visible ASCII characters.",
    );
    let at = FieldError {
        place: Place::Header(KEY),
        code: "invalid_key".into(),
        message,
        candidates: Box::default(),
    };
    ApiError::new(Code::MalformedRequest).and(vec![at])
}

/// The response to a POST: `201` with the `Location` of the created record, or `200` for a change
/// of an existing one.
pub struct Posted<T> {
    answer: Answer,
    /// Whether the response is that of an earlier request.
    is_replay: bool,
    record: PhantomData<T>,
}

#[derive(Queryable, Selectable, Clone)]
#[diesel(table_name = idempotency_keys)]
struct Answer {
    status: i32,
    /// The `Location` or an empty text, a space, and the `ETag`.
    headers: String,
    body: String,
}

/// The work that records something, and what it answers.
type Recording =
    Box<dyn FnMut(&mut AnyConnection, &RequestContext) -> Result<Answer, ApiError> + Send>;

impl<T> Posted<T> {
    /// Returns the URL of the created record; empty for a change.
    pub(super) fn location(&self) -> &str {
        let parts = self.answer.headers.split_once(' ');
        parts.map_or("", |(location, _)| location)
    }
}

impl<T: Serialize + Versioned + Send + 'static> Posted<T> {
    /// Runs the work, once per key; `location` returns the URL of a created record.
    ///
    /// # Errors
    /// Returns the error of `work`; `idempotency_key_reused` if the key was used with another body or query;
    /// `precondition_failed` if a condition is not met.
    pub(super) async fn answer(
        session: &Session,
        keyed: Keyed,
        digest: u128,
        status: StatusCode,
        location: impl Fn(&T) -> String + Send + 'static,
        mut work: impl FnMut(&mut AnyConnection, &RequestContext) -> Result<T, ApiError>
        + Send
        + 'static,
    ) -> Result<Self, ApiError> {
        let language = session.language();
        let work: Recording = Box::new(move |conn, cx| {
            let record = work(conn, cx)?;
            let body = to_json(&record, language)?;
            let tag = record_tag(&record.revision(), body.as_bytes());
            Ok(Answer {
                status: i32::from(status.as_u16()),
                headers: format!("{} {tag}", location(&record)),
                body,
            })
        });
        let (answer, is_replay) = once(session, keyed, digest, work).await?;
        Ok(Self {
            answer,
            is_replay,
            record: PhantomData,
        })
    }
}

/// Runs the work once per key. Returns the answer, and whether it is that of an earlier request.
///
/// # Errors
/// Like [`Posted::answer`].
async fn once(
    session: &Session,
    keyed: Keyed,
    digest: u128,
    mut work: Recording,
) -> Result<(Answer, bool), ApiError> {
    let digest = keyed.digest(digest);
    let answered = session.write(move |conn, cx| {
        // A key belongs to its caller: nobody receives a response that was sent to another caller.
        let caller = cx.caller.id.map(Uuid::from).unwrap_or_default();
        let path = format!("{caller} {}", keyed.path);
        if let Some(key) = &keyed.key
            && let Some(first) = first_answer(conn, cx, key, &path, &digest)?
        {
            return Ok((first, true));
        }
        let answer = keyed.conditions.hold(conn, |conn| work(conn, cx))?;
        if let Some(key) = &keyed.key {
            keep(conn, cx, key, &path, &digest, &answer)?;
        }
        Ok((answer, false))
    });
    answered.await
}

/// Returns the first response to a key, if the caller can still see the record.
///
/// # Errors
/// `idempotency_key_reused` if the body or the query differs; `not_found` if the caller can no longer see the
/// record.
fn first_answer(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    key: &str,
    path: &str,
    digest: &str,
) -> Result<Option<Answer>, ApiError> {
    use idempotency_keys as keys;
    // Every request with a key removes the expired keys.
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
        Some(seq) if !ledger::sees(conn, cx, seq)? => Err(ApiError::not_found()),
        _ => Ok(Some(answer)),
    }
}

/// Returns a response without contacts and names of individuals, in records and in the rows of imports, whose
/// cells can state them.
fn without_personal_data(body: &str) -> Result<String, ApiError> {
    let holds = |(member, _): &(&str, _)| {
        // What is null or empty holds nothing.
        ["{\"", "[\"", "[{"]
            .iter()
            .any(|start| body.contains(&format!("\"{member}\":{start}")))
    };
    if !PERSONAL.iter().any(holds) {
        return Ok(body.to_owned());
    }
    let mut shown: Value = stored(body)?;
    erase(&mut shown);
    serde_json::to_string(&shown).map_err(ApiError::internal)
}

/// Takes personal data out of a member.
type Erasing = fn(&mut Value);

/// Members with personal data, and how it is taken out of them.
const PERSONAL: [(&str, Erasing); 4] = [
    ("contact", |contact| {
        contact.take();
    }),
    ("individual_parties", |individuals| {
        for individual in individuals.as_array_mut().into_iter().flatten() {
            individual["name"].take();
        }
    }),
    // Cells of an import, of its columns and as they were corrected.
    ("samples", |samples| *samples = Value::Array(Vec::new())),
    ("cells", |cells| *cells = Value::Object(Map::new())),
];

/// Takes personal data out of a value.
fn erase(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(erase),
        Value::Object(members) => {
            for (name, member) in members {
                match PERSONAL.iter().find(|(personal, _)| personal == name) {
                    Some((_, take)) => take(member),
                    None => erase(member),
                }
            }
        }
        _ => {}
    }
}

/// Stores a response without personal data, which can be erased at any time.
fn keep(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    key: &str,
    path: &str,
    digest: &str,
    answer: &Answer,
) -> Result<(), ApiError> {
    use idempotency_keys as keys;
    let body = without_personal_data(&answer.body)?;
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

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let status = u16::try_from(self.answer.status)
            .ok()
            .and_then(|s| StatusCode::from_u16(s).ok());
        let mut response = json(status.unwrap_or(StatusCode::OK), self.answer.body);
        let (location, tag) = self.answer.headers.split_once(' ').unwrap_or_default();
        let location = match location {
            "" => String::new(),
            path => link(req, path),
        };
        for (name, value) in [(header::LOCATION, location.as_str()), (header::ETAG, tag)] {
            if let Some(value) = HeaderValue::from_str(value).ok().filter(|v| !v.is_empty()) {
                response.headers_mut().insert(name, value);
            }
        }
        if self.is_replay {
            let yes = HeaderValue::from_static("true");
            response.headers_mut().insert(REPLAYED, yes);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn read(uri: &str, keys: &[&str]) -> Result<Keyed, Code> {
        let request = TestRequest::post().uri(uri);
        let request = keys
            .iter()
            .fold(request, |r, key| r.append_header((KEY, *key)));
        Keyed::read(&request.to_http_request()).map_err(|error| error.code)
    }

    #[test]
    fn one_address_is_one_however_it_is_written() {
        let of = |uri: &str| {
            let keyed = read(uri, &["k"]).unwrap();
            (keyed.path.clone(), keyed.digest(7))
        };
        let id = "0178d7fa-2c00-7000-8000-00000000000a";
        let plain = of(&format!("/a/{id}/b"));
        assert_eq!(of(&format!("/a/{}/b", id.to_uppercase())), plain);
        assert_eq!(of(&format!("/a/{}/b", id.replace('-', ""))), plain);
        assert_ne!(of(&format!("/a/{id}/c")), plain);
        assert_eq!(plain.1, format!("{:032x}", 7));
        assert_eq!(of("/a?x=1&y=%61"), of("/a?y=a&x=1"));
        assert_ne!(of("/a?x=1"), of("/a?x=2"));
        assert_ne!(of("/a?x=1"), of("/a"));
    }

    #[test]
    fn there_is_one_key_at_most() {
        assert_eq!(read("/a", &[]).unwrap().key, None);
        assert_eq!(read("/a", &["k"]).unwrap().key.as_deref(), Some("k"));
        for keys in [&["k", "k"][..], &["k", "l"], &[""], &["a b"]] {
            assert_eq!(
                read("/a", keys).err(),
                Some(Code::MalformedRequest),
                "{keys:?}"
            );
        }
    }
}
