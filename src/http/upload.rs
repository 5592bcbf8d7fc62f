//! Files as request bodies: as they are, or as the one file of a form (RFC 7578).

use std::future::Future;
use std::pin::Pin;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::rt::time::timeout;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, dev, web};
use futures_util::StreamExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::forms::{self, Form, LOST_FILE};
use super::posted::{Keyed, Posted};
use super::query::{NoParams, params};
use super::received::{Coding, apart_in_turn, receive_bytes};
use super::{Session, State};
use crate::db::AnyConnection;
use crate::edge::Edge;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;

/// A POST with a file.
pub struct Upload<Q = NoParams> {
    pub session: Session,
    pub query: Q,
    pub keyed: Upkeyed,
    pub file: File,
}

/// The idempotency key of a POST with a file.
pub struct Upkeyed(Keyed);

/// A file as received.
pub struct File {
    pub bytes: Bytes,
    /// Its media type, in lower case; empty if none is stated.
    pub kind: String,
    pub name: Option<String>,
    pub digest: u128,
    state: web::Data<State>,
}

impl File {
    /// Returns the file of a form that came without one. If one was chosen and lost, its name is empty.
    ///
    /// # Errors
    /// `internal`
    pub(super) fn missing(req: &HttpRequest, lost: bool) -> Result<Self, ApiError> {
        let state = req.app_data::<web::Data<State>>().cloned();
        Ok(Self {
            bytes: Bytes::new(),
            kind: String::new(),
            name: lost.then(String::new),
            digest: 0,
            state: state.ok_or_else(|| ApiError::internal("the application has no state"))?,
        })
    }

    /// Runs work on the file that takes a while on another thread.
    ///
    /// # Errors
    /// `unavailable` if too many large bodies wait, or the error of `work`.
    pub async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        apart_in_turn(&self.state, work).await
    }
}

impl Upkeyed {
    /// Creates a record of a file, once per key; `location` returns its URL.
    ///
    /// # Errors
    /// `idempotency_key_reused`; otherwise the error of `work`.
    pub async fn created<R: Serialize + Versioned + Send + 'static>(
        self,
        session: &Session,
        digest: u128,
        location: impl Fn(&R) -> String + Send + 'static,
        work: impl FnMut(&mut AnyConnection, &RequestContext) -> Result<R, ApiError> + Send + 'static,
    ) -> Result<Posted<R>, ApiError> {
        Posted::answer(session, self.0, digest, StatusCode::CREATED, location, work).await
    }
}

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

impl<Q: IntoParams + DeserializeOwned + 'static> FromRequest for Upload<Q> {
    type Error = ApiError;
    type Future = Extracted<Self>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let head = || {
            Ok::<_, ApiError>((
                Session::extract(req).into_inner()?,
                Keyed::read(req)?,
                params(req)?,
            ))
        };
        let head = head();
        let file = receive(req, payload);
        Box::pin(async move {
            let (session, keyed, query) = head?;
            Ok(Self {
                session,
                query,
                keyed: Upkeyed(keyed),
                file: file.await?.0,
            })
        })
    }
}

/// The other fields of a form with a file, in their order.
pub(super) type Fields = Vec<(String, String)>;

/// Keeps the fields of a form with a file for the page that asks to sign in again. Of what nobody sent who is
/// signed in, only as much is read as other bodies may hold, and the file is not kept.
pub(super) async fn keep_fields(req: &HttpRequest, payload: &mut dev::Payload) {
    let header = req.headers().get(CONTENT_TYPE);
    let declared = header.and_then(|v| v.to_str().ok()).unwrap_or_default();
    let state = req.app_data::<web::Data<State>>();
    let edge = req.app_data::<web::Data<Edge>>();
    let boundary = boundary(declared).filter(|one| (1..=MOST_BOUNDARY).contains(&one.len()));
    let (Some(boundary), Some(state), Some(edge)) = (boundary, state, edge) else {
        return;
    };
    let mut begun = Vec::new();
    let reading = async {
        while begun.len() < state.max_body
            && let Some(Ok(part)) = payload.next().await
        {
            begun.extend_from_slice(&part);
        }
    };
    // What has come until then is kept.
    timeout(edge.body_timeout, reading).await.ok();
    begun.extend_from_slice(format!("\r\n--{boundary}").as_bytes());
    let begun = Bytes::from(begun);
    // Searching a large form takes a while.
    let Ok(found) = apart_in_turn(state, move || Ok(pieces(&begun, &boundary))).await else {
        return;
    };
    let mut form = Form::default();
    for piece in found {
        form = match piece {
            Piece::Field(name, text) => form.with(name, text),
            Piece::File(Part { name: Some(_), .. }) => form.with(LOST_FILE, "1"),
            Piece::File(_) => form,
        };
    }
    forms::keep(req, &form);
}

/// Receives a file, with the other fields of its form.
pub(super) fn receive(
    req: &HttpRequest,
    payload: &mut dev::Payload,
) -> impl Future<Output = Result<(File, Fields), ApiError>> + use<> {
    let header = |name| req.headers().get(name).and_then(|v| v.to_str().ok());
    let declared = header(CONTENT_TYPE).unwrap_or_default().to_owned();
    let state = req.app_data::<web::Data<State>>().cloned();
    let limit = state.as_ref().map(|state| state.max_import);
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.unwrap_or(usize::MAX);
    let coding = Coding::of(req.headers());
    let bytes = receive_bytes(req, payload, limit);
    async move {
        let state = state.ok_or_else(|| ApiError::internal("the application has no state"))?;
        let (coding, mut bytes) = (coding?, bytes.await?);
        if let Some(coding) = coding {
            let decode = move || coding.decode(&bytes, limit).map(Bytes::from);
            bytes = apart_in_turn(&state, decode).await?;
        }
        let (part, fields) = if let Some(boundary) = boundary(&declared) {
            // Searching a large form takes a while.
            apart_in_turn(&state, move || only_file(&bytes, &boundary)).await?
        } else {
            let part = Part {
                bytes,
                kind: declared,
                name: None,
            };
            (part, Fields::new())
        };
        let file = File {
            digest: xxhash_rust::xxh3::xxh3_128(&part.bytes),
            bytes: part.bytes,
            kind: part.kind.to_ascii_lowercase(),
            name: part.name,
            state,
        };
        Ok((file, fields))
    }
}

/// A part of a form.
struct Part {
    bytes: Bytes,
    kind: String,
    name: Option<String>,
}

/// Returns the boundary between the parts of a form; `None` for another media type.
fn boundary(declared: &str) -> Option<String> {
    let mut parts = declared.split(';');
    let essence = parts.next()?.trim();
    if !essence.eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let given = parts.find_map(|part| parameter(part, "boundary"));
    Some(given.unwrap_or_default())
}

fn parameter(part: &str, name: &str) -> Option<String> {
    let (found, value) = part.trim().split_once('=')?;
    let is_it = found.trim().eq_ignore_ascii_case(name);
    is_it.then(|| value.trim().trim_matches('"').to_owned())
}

/// Maximum length of a boundary (RFC 2046 5.1.1), in bytes.
const MOST_BOUNDARY: usize = 70;

/// Returns the one file of a form, and its other fields.
///
/// # Errors
/// `malformed_request` if the form holds none or several, or if its boundary is too long.
fn only_file(bytes: &Bytes, boundary: &str) -> Result<(Part, Fields), ApiError> {
    let refused = || {
        ApiError::with(
            Code::MalformedRequest,
            "multipart/form-data에는 파일이 하나만 있어야 합니다.",
            "A form holds exactly one file.",
        )
    };
    if !(1..=MOST_BOUNDARY).contains(&boundary.len()) {
        return Err(refused());
    }
    let (mut files, mut fields) = (Vec::new(), Fields::new());
    for piece in pieces(bytes, boundary) {
        match piece {
            Piece::File(file) => files.push(file),
            Piece::Field(name, text) => fields.push((name, text)),
        }
    }
    match (files.pop(), files.pop()) {
        (Some(file), None) => Ok((file, fields)),
        _ => Err(refused()),
    }
}

/// Returns the parts of a form between its boundaries.
fn pieces(bytes: &Bytes, boundary: &str) -> Vec<Piece> {
    let mark = format!("--{boundary}");
    let mut starts = Vec::new();
    let mut from = 0;
    while let Some(at) = find(&bytes[from..], mark.as_bytes()) {
        let at = from + at;
        // A boundary begins a line.
        if at == 0 || bytes[..at].ends_with(b"\n") {
            starts.push(at);
        }
        from = at + mark.len();
    }
    let parts = starts.windows(2);
    let parts = parts.map(|pair| bytes.slice(pair[0] + mark.len()..pair[1]));
    parts.filter_map(|part| piece(&part)).collect()
}

/// What a part of a form is.
enum Piece {
    File(Part),
    Field(String, String),
}

/// Returns what a part is; `None` if it has no name.
fn piece(part: &Bytes) -> Option<Piece> {
    let head_end = find(part, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&part[..head_end]).into_owned();
    let (mut field, mut name, mut kind) = (None, None, String::new());
    for line in head.lines() {
        let Some((header, value)) = line.split_once(':') else {
            continue;
        };
        match header.trim().to_ascii_lowercase().as_str() {
            "content-disposition" => {
                name = value.split(';').find_map(|p| parameter(p, "filename"));
                field = value.split(';').find_map(|p| parameter(p, "name"));
            }
            "content-type" => value.trim().clone_into(&mut kind),
            _ => {}
        }
    }
    let content = part.slice(head_end + 4..);
    let end = content
        .strip_suffix(b"\r\n")
        .map_or(content.len(), <[u8]>::len);
    let bytes = content.slice(..end);
    match name {
        Some(name) => Some(Piece::File(Part {
            bytes,
            kind,
            name: Some(name).filter(|name| !name.is_empty()),
        })),
        None => Some(Piece::Field(
            field?,
            String::from_utf8_lossy(&bytes).into_owned(),
        )),
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|part| part == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_holds_one_file() {
        let form = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b\r\n\
            Content-Disposition: form-data; name=\"file\"; filename=\"대장.csv\"\r\n\
            Content-Type: text/csv\r\n\r\n가,나\r\n--b--\r\n";
        let boundary = boundary("multipart/form-data; boundary=\"b\"").unwrap();
        let (file, fields) = only_file(&Bytes::from(form), &boundary).unwrap();
        assert_eq!(fields, [("a".to_owned(), "1".to_owned())]);
        assert_eq!(&file.bytes[..], "가,나".as_bytes());
        assert_eq!(
            (file.kind.as_str(), file.name.as_deref()),
            ("text/csv", Some("대장.csv"))
        );
        assert!(only_file(&Bytes::from("--b\r\n\r\n1\r\n--b--"), "b").is_err());
    }
}
