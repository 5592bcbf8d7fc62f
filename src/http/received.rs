//! Request bodies as received: media type, content coding, size, time, UTF-8, JSON.

use std::future::Future;
use std::io::{self, Read};
use std::time::Duration;

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use actix_web::rt::time::timeout;
use actix_web::{FromRequest, HttpRequest, dev, web};
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::State;
use super::body::MERGE_PATCH;
use super::session::turn_of;
use super::{codes, contract, strict_json};
use crate::edge::Edge;
use crate::kernel::erased::Erased;
use crate::kernel::error::{ApiError, Code, FieldError};

/// A body as received.
pub(super) struct Received {
    pub value: Value,
    pub digest: u128,
    /// Errors for characters that no text may contain.
    pub wrong: Vec<FieldError>,
}

impl Received {
    /// Returns a body that the program made, such as of a form.
    pub fn made(mut value: Value) -> Self {
        let mut wrong = Vec::new();
        contract::normalize(&mut value, "", &mut wrong);
        Self {
            digest: xxhash_rust::xxh3::xxh3_128(value.to_string().as_bytes()),
            value,
            wrong,
        }
    }
}

/// Content coding of a body (RFC 9110 8.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Deflate,
}

impl Coding {
    /// The codings, as in `Accept-Encoding`.
    const ACCEPTED: &str = "gzip, deflate";

    /// Returns the coding of a body; `None` if it has none.
    ///
    /// # Errors
    /// `unsupported_media_type` for a coding that is not known, and for several.
    pub(super) fn of(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let lines = headers.get_all(CONTENT_ENCODING);
        let names = lines.flat_map(|line| line.to_str().unwrap_or("?").split(','));
        let names: Vec<String> = names
            .map(|name| name.trim().to_ascii_lowercase())
            .filter(|name| !matches!(name.as_str(), "" | "identity"))
            .collect();
        match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => Ok(None),
            ["gzip" | "x-gzip"] => Ok(Some(Self::Gzip)),
            ["deflate"] => Ok(Some(Self::Deflate)),
            _ => {
                let refused = ApiError::with(
                    Code::UnsupportedMediaType,
                    format!("본문 압축은 {}만 받습니다.", Self::ACCEPTED),
                    format!("Accepted content codings: {}.", Self::ACCEPTED),
                );
                Err(refused.accepting("Accept-Encoding", Self::ACCEPTED))
            }
        }
    }

    /// Decodes a body. Stops once it exceeds the limit.
    ///
    /// # Errors
    /// `content_too_large`; `malformed_request` if the body is damaged.
    pub(super) fn decode(self, packed: &[u8], limit: usize) -> Result<Vec<u8>, ApiError> {
        let decoded = match self {
            Self::Gzip => read_up_to(MultiGzDecoder::new(packed), limit),
            Self::Deflate => read_up_to(ZlibDecoder::new(packed), limit),
        };
        let decoded = decoded.map_err(|e| malformed("본문의 압축을 풀지 못했습니다.", e))?;
        decoded.ok_or_else(|| ApiError::new(Code::TooLarge))
    }
}

/// Reads everything; returns `None` if it is more than `limit` bytes, of which none is kept.
fn read_up_to(reader: impl Read, limit: usize) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    reader.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= limit).then_some(bytes))
}

/// Returns true if a body of this type is what is expected. A merge patch sent as plain JSON is
/// accepted, too.
fn is_accepted(headers: &HeaderMap, expected: &str) -> bool {
    let given = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let mut parts = given.unwrap_or("").split(';').map(str::trim);
    let essence = parts.next().unwrap_or("").to_ascii_lowercase();
    let utf8 = parts
        .filter_map(|part| part.split_once('='))
        .all(|(name, value)| {
            !name.eq_ignore_ascii_case("charset")
                || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        });
    utf8 && (essence == expected || essence == "application/json")
}

fn unexpected_type(expected: &str) -> ApiError {
    let refused = ApiError::with(
        Code::UnsupportedMediaType,
        format!("{expected} (UTF-8)로 보내 주십시오."),
        format!("Send {expected} in UTF-8."),
    );
    match expected {
        MERGE_PATCH => refused.accepting("Accept-Patch", MERGE_PATCH),
        _ => refused,
    }
}

/// Length of a body up to which it is parsed and checked at once, in bytes. Longer ones take a
/// while, during which the thread of the request serves others.
const SMALL: usize = 65_536;

/// Number of bodies that are unpacked, parsed and checked apart at the same time.
static APART: Semaphore = Semaphore::const_new(2);

/// Runs work that takes a while on another thread.
pub async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    #[expect(clippy::disallowed_methods, reason = "the database has no part in it")]
    let done = web::block(work).await;
    done.map_err(ApiError::internal)?
}

/// Like [`apart`], when the turn of the work comes.
///
/// # Errors
/// `unavailable` if too many large bodies wait, or the error of `work`.
pub(super) async fn apart_in_turn<T: Send + 'static>(
    state: &State,
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let _turn = state.db.wait(APART.acquire()).await?;
    apart(work).await
}

/// Receives a JSON body of the expected media type and runs `work`, which checks it, on what it
/// holds.
///
/// # Errors
/// `unsupported_media_type`, `content_too_large` (packed or unpacked), `request_timeout`,
/// `malformed_request`, `unavailable` if too many large bodies wait, or the error of `work`.
pub(super) fn receive<R: Send + 'static, W>(
    req: &HttpRequest,
    payload: &mut dev::Payload,
    expected: &'static str,
    work: W,
) -> impl Future<Output = Result<R, ApiError>> + use<R, W>
where
    W: FnOnce(Received) -> Result<R, ApiError> + Send + 'static,
{
    let work: Checking = Box::new(move |received| work(received).map(Erased::new));
    let checked = receive_and_check(req, payload, expected, work);
    async move { checked.await?.take() }
}

/// The work that checks a body.
type Checking = Box<dyn FnOnce(Received) -> Result<Erased, ApiError> + Send>;

fn receive_and_check(
    req: &HttpRequest,
    payload: &mut dev::Payload,
    expected: &'static str,
    work: Checking,
) -> impl Future<Output = Result<Erased, ApiError>> + use<> {
    let headers = req.headers();
    let accepted = is_accepted(headers, expected);
    let coding = Coding::of(headers);
    let state = req.app_data::<web::Data<State>>().cloned();
    let turn = turn_of(req);
    let limit = state.as_ref().map_or(usize::MAX, |state| state.max_body);
    let bytes = receive_bytes(req, payload, limit);
    async move {
        if !accepted {
            return Err(unexpected_type(expected));
        }
        let coding = coding?;
        let bytes = bytes.await?;
        let is_small = coding.is_none() && bytes.len() <= SMALL;
        let _turn = match &state {
            Some(state) if !is_small => Some(state.db.wait(APART.acquire()).await?),
            _ => None,
        };
        let read = move || match coding {
            Some(coding) => parse(&coding.decode(&bytes, limit)?),
            None => parse(&bytes),
        };
        let mut received = if is_small {
            read()?
        } else {
            apart(read).await?
        };
        if let Some(state) = &state {
            codes::replace_in_body(state, turn, &mut received.value).await?;
        }
        if is_small {
            work(received)
        } else {
            apart(move || work(received)).await
        }
    }
}

/// Receives the bytes of a body.
///
/// # Errors
/// `content_too_large` if there are more than `limit`, `request_timeout`, `malformed_request` if they
/// break off.
pub(super) fn receive_bytes(
    req: &HttpRequest,
    payload: &mut dev::Payload,
    limit: usize,
) -> impl Future<Output = Result<web::Bytes, ApiError>> + use<> {
    let announced = req.headers().get(CONTENT_LENGTH);
    let announced: Option<u64> = announced.and_then(|value| value.to_str().ok()?.parse().ok());
    let patience = req
        .app_data::<web::Data<Edge>>()
        .map_or(Duration::MAX, |edge| edge.body_timeout);
    let payload = web::Payload::from_request(req, payload);
    async move {
        if announced.is_some_and(|length| length > limit as u64) {
            return Err(ApiError::new(Code::TooLarge));
        }
        let payload = payload.await.map_err(|e| unreadable(&e))?;
        let received = timeout(patience, payload.to_bytes_limited(limit)).await;
        let received = received.map_err(|_| ApiError::new(Code::RequestTimeout))?;
        let received = received.map_err(|_| ApiError::new(Code::TooLarge))?;
        received.map_err(|e| unreadable(&e))
    }
}

pub(super) fn parse(bytes: &[u8]) -> Result<Received, ApiError> {
    let text = std::str::from_utf8(bytes).map_err(|e| malformed("본문이 UTF-8이 아닙니다.", e))?;
    let read = strict_json::read(text);
    let (mut value, repeated) = read.map_err(|e| malformed("본문이 올바른 JSON이 아닙니다.", e))?;
    if !repeated.is_empty() {
        return Err(ApiError::new(Code::MalformedRequest).and(repeated));
    }
    let mut wrong = Vec::new();
    contract::normalize(&mut value, "", &mut wrong);
    Ok(Received {
        value,
        digest: xxhash_rust::xxh3::xxh3_128(bytes),
        wrong,
    })
}

pub(super) fn unreadable(error: &actix_web::Error) -> ApiError {
    malformed("본문을 끝까지 읽지 못했습니다.", error)
}

fn malformed(ko: &str, error: impl std::fmt::Display) -> ApiError {
    ApiError::with(Code::MalformedRequest, ko, format!("{error}."))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use actix_web::http::header::HeaderValue;
    use actix_web::test::TestRequest;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_body_is_unpacked_up_to_the_limit() {
        let whole = packed(&[b' '; 1000]);
        let decode = |bytes: &[u8], limit| Coding::Gzip.decode(bytes, limit);
        assert_eq!(decode(&whole, 1000).unwrap().len(), 1000);
        assert_eq!(decode(&whole, 999).unwrap_err().code, Code::TooLarge);
        // Several members are one body (RFC 1952 2.2); a part of one is none.
        let twice = [whole.clone(), whole.clone()].concat();
        assert_eq!(decode(&twice, 2000).unwrap().len(), 2000);
        assert_eq!(decode(&twice, 1999).unwrap_err().code, Code::TooLarge);
        let cut = decode(&whole[..whole.len() - 4], 1000).unwrap_err();
        assert_eq!(cut.code, Code::MalformedRequest);
        // A stream of which nothing more is read once it is too long.
        let endless = io::repeat(b' ');
        assert_eq!(read_up_to(endless, 10).unwrap(), None);
    }

    #[actix_web::test]
    async fn a_large_body_is_checked_on_another_thread() {
        let checking = async |body: String| {
            let request = TestRequest::post().insert_header((CONTENT_TYPE, "application/json"));
            let (req, mut payload) = request.set_payload(body).to_http_parts();
            let work = |_| Ok(std::thread::current().id());
            receive(&req, &mut payload, "application/json", work).await
        };
        let own = std::thread::current().id();
        assert_eq!(checking("{}".to_owned()).await.unwrap(), own);
        let large = format!("\"{}\"", "가".repeat(SMALL / 3));
        assert_ne!(checking(large).await.unwrap(), own);
    }

    #[test]
    fn unknown_codings_are_refused() {
        let of = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(CONTENT_ENCODING, HeaderValue::from_static(line));
            }
            Coding::of(&headers).ok()
        };
        assert_eq!(of(&[]), Some(None));
        assert_eq!(of(&["identity"]), Some(None));
        assert_eq!(of(&["X-GZip"]), Some(Some(Coding::Gzip)));
        assert_eq!(of(&["deflate"]), Some(Some(Coding::Deflate)));
        for unknown in [
            &["br"][..],
            &["zstd"],
            &["gzip, gzip"],
            &["gzip", "deflate"],
        ] {
            assert_eq!(of(unknown), None, "{unknown:?}");
        }
    }
}
