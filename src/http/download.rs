//! Answers with kept files: whole or in part (RFC 9110 14), never shown by a browser itself.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    self, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue, Header,
    HeaderValue,
};
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, Responder};
use tokio::sync::Semaphore;
use utoipa::IntoResponses;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{ContentBuilder, RefOr, Response, ResponseBuilder};

use super::conditional::expect_tag;
use super::received::apart;
use super::{State, accept};
use crate::edge::{AS_IT_IS, KnownTags, OwnPolicy};
use crate::files::{Damage, FileKind, KeptFile, is_away, unavailable};
use crate::kernel::error::{ApiError, Code, chain};

/// Number of bytes that are read at once.
const CHUNK: u64 = 256 * 1024;

/// Number of files that are compared at the same time, each of which a bucket sends as a whole before.
static OPENED: Semaphore = Semaphore::const_new(8);

/// Content security policy of files: what a browser shows of them has no rights.
const POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// The answer with a kept file.
pub struct Download {
    file: KeptFile,
    /// The part that is sent; `None` for the whole.
    part: Option<Range<u64>>,
    /// `None` if the client has the file.
    content: Option<File>,
}

impl Download {
    /// Opens a file for a request. All of its content is compared with its digest before any of it is sent.
    ///
    /// # Errors
    /// `not_acceptable` if the request takes no file of this type; `precondition_failed` if it wants another
    /// content; `range_not_satisfiable` if the request asks for a part that the file does not have;
    /// `internal_error` if the file is gone or was changed; `unavailable` if the store is not reached,
    /// or too many files are being opened.
    pub async fn of(req: &HttpRequest, state: &State, file: KeptFile) -> Result<Self, ApiError> {
        let tag = tag_of(&file);
        accept::check(req.headers(), &[file.media_type.as_str()])?;
        expect_tag(req, &tag)?;
        if has_file(req, &tag) {
            return Ok(Self {
                file,
                part: None,
                content: None,
            });
        }
        let part = part(req, &tag, file.bytes)?;
        let store = state.files.store()?.clone();
        let (digest, bytes) = (file.sha256.clone(), file.bytes);
        let _turn = state.db.wait(OPENED.acquire()).await?;
        let opened = apart(move || {
            let opened = store.open(&digest, bytes);
            opened.map_err(|damage| damaged(damage, digest.as_str()))
        });
        Ok(Self {
            content: Some(opened.await?),
            part,
            file,
        })
    }

    fn disposition(&self) -> ContentDisposition {
        let name = &self.file.name;
        let plain: String = name
            .chars()
            .map(|c| match c {
                '"' | '\\' | '%' => '_',
                c if c.is_ascii() => c,
                _ => '_',
            })
            .collect();
        let mut parameters = vec![DispositionParam::Filename(plain)];
        if !name.is_ascii() {
            parameters.push(DispositionParam::FilenameExt(ExtendedValue {
                charset: Charset::Ext("UTF-8".into()),
                language_tag: None,
                value: name.as_bytes().to_vec(),
            }));
        }
        ContentDisposition {
            disposition: DispositionType::Attachment,
            parameters,
        }
    }
}

/// Returns the entity tag of a file: its content never changes.
pub(super) fn tag_of(file: &KeptFile) -> String {
    format!("\"{}\"", file.sha256)
}

/// Returns the error of a file whose content is not what was recorded, and logs it.
fn damaged(damage: Damage, digest: &str) -> ApiError {
    let damage = match damage {
        Damage::Unreadable(error) if is_away(&error) => return unavailable(error),
        damage => damage,
    };
    tracing::error!(digest, damage = chain(&damage), "a kept file is damaged");
    let (ko, en) = match damage {
        Damage::Gone => (
            "보관한 파일이 없어졌습니다. 운영자는 백업에서 되살려야 합니다.",
            "The kept file is gone: the operator has to restore it from a backup.",
        ),
        Damage::Changed(_) | Damage::Longer => (
            "보관한 파일의 내용이 기록된 SHA-256과 달라 보내지 않습니다. 운영자는 백업에서 되살려야 합니다.",
            "The content of the kept file does not have the recorded SHA-256, and is not sent: the operator has to restore it from a backup.",
        ),
        Damage::Unreadable(_) => (
            "보관한 파일을 읽지 못했습니다.",
            "The kept file cannot be read.",
        ),
    };
    ApiError::with(Code::Internal, ko, en)
}

/// Returns true if the client has the file, by any tag of it.
fn has_file(req: &HttpRequest, tag: &str) -> bool {
    let extensions = req.extensions();
    let known = extensions.get::<KnownTags>();
    let known = known.map_or("", |known| known.0.trim());
    let mut tags = known.split(',').map(str::trim);
    known == "*" || tags.any(|known| known.trim_start_matches("W/") == tag)
}

/// Returns the part that a request asks for. Several parts are sent as the whole, and so is a part of
/// another content than the client has (`If-Range`).
///
/// # Errors
/// `range_not_satisfiable` if the file does not have the part.
fn part(req: &HttpRequest, tag: &str, length: u64) -> Result<Option<Range<u64>>, ApiError> {
    let meant = req.headers().get(header::IF_RANGE);
    let Ok(header::Range::Bytes(parts)) = header::Range::parse(req) else {
        return Ok(None);
    };
    if meant.is_some_and(|meant| meant != tag) {
        return Ok(None);
    }
    let [part] = &parts[..] else {
        return Ok(None);
    };
    let range = part.to_satisfiable_range(length);
    let range = range.map(|(first, last)| Some(first..last + 1));
    range.ok_or_else(|| {
        let refused = ApiError::new(Code::RangeNotSatisfiable);
        refused.accepting("Content-Range", format!("bytes */{length}"))
    })
}

impl Responder for Download {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let disposition = self.disposition();
        let mut response = match (self.content, &self.part) {
            (None, _) => HttpResponse::NotModified().finish(),
            (Some(content), part) => {
                let status = part
                    .as_ref()
                    .map_or(StatusCode::OK, |_| StatusCode::PARTIAL_CONTENT);
                let mut response = HttpResponse::build(status);
                response
                    .content_type(self.file.media_type.as_str())
                    .insert_header(disposition);
                if let Some(part) = part {
                    let (first, last) = (part.start, part.end - 1);
                    let range = format!("bytes {first}-{last}/{}", self.file.bytes);
                    response.insert_header((header::CONTENT_RANGE, range));
                }
                let part = part.clone().unwrap_or(0..self.file.bytes);
                response.body(Sending::new(content, part))
            }
        };
        if let Ok(tag) = HeaderValue::from_str(&tag_of(&self.file)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        let headers = response.headers_mut();
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(header::CONTENT_ENCODING, AS_IT_IS);
        let policy = OwnPolicy(HeaderValue::from_static(POLICY));
        response.extensions_mut().insert(policy);
        response
    }
}

impl IntoResponses for Download {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let answer = |description: &str| {
            let binary = SchemaFormat::KnownFormat(KnownFormat::Binary);
            let schema = ObjectBuilder::new()
                .schema_type(Type::String)
                .format(Some(binary));
            let content = ContentBuilder::new().schema(Some(schema)).build();
            let response = ResponseBuilder::new().description(description);
            let of_kind = |response: ResponseBuilder, kind: FileKind| {
                response.content(kind.media_type(), content.clone())
            };
            FileKind::all().fold(response, of_kind).build().into()
        };
        BTreeMap::from([
            ("200".to_owned(), answer("The file")),
            ("206".to_owned(), answer("The requested part of the file")),
        ])
    }
}

type Next = Pin<Box<dyn Future<Output = Result<Bytes, ApiError>>>>;

/// A part of a file as the body of a response, read while it is sent.
struct Sending {
    file: Arc<Mutex<File>>,
    left: Range<u64>,
    length: u64,
    next: Option<Next>,
}

impl Sending {
    fn new(file: File, part: Range<u64>) -> Self {
        Self {
            file: Arc::new(Mutex::new(file)),
            length: part.end - part.start,
            left: part,
            next: None,
        }
    }
}

/// Reads a part of a file.
fn read(file: &Mutex<File>, part: &Range<u64>) -> io::Result<Bytes> {
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    file.seek(SeekFrom::Start(part.start))?;
    let most = (part.end - part.start).min(CHUNK);
    let mut bytes = Vec::new();
    (&mut *file).take(most).read_to_end(&mut bytes)?;
    match bytes.is_empty() {
        true => Err(io::ErrorKind::UnexpectedEof.into()),
        false => Ok(bytes.into()),
    }
}

impl MessageBody for Sending {
    type Error = ApiError;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.length)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, ApiError>>> {
        let this = &mut *self;
        if this.left.is_empty() {
            return Poll::Ready(None);
        }
        let (file, part) = (&this.file, &this.left);
        let begin = || -> Next {
            let (file, part) = (file.clone(), part.clone());
            Box::pin(apart(move || {
                read(&file, &part).map_err(ApiError::internal)
            }))
        };
        let reading = this.next.get_or_insert_with(begin);
        let bytes = ready!(reading.as_mut().poll(cx));
        this.next = None;
        if let Ok(bytes) = &bytes {
            this.left.start += bytes.len() as u64;
        }
        Poll::Ready(Some(bytes))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use rstest::rstest;

    use super::*;

    const TAG: &str = "\"ab\"";

    #[rstest]
    #[case(&[], Ok(None))]
    #[case(&[("range", "bytes=0-3")], Ok(Some(0..4)))]
    #[case(&[("range", "bytes=2-")], Ok(Some(2..10)))]
    #[case(&[("range", "bytes=-3")], Ok(Some(7..10)))]
    #[case(&[("range", "bytes=5-99")], Ok(Some(5..10)))]
    #[case(&[("range", "bytes=0-1,4-5")], Ok(None))]
    #[case(&[("range", "lines=0-1")], Ok(None))]
    #[case(&[("range", "bytes=3-1")], Ok(None))]
    #[case(&[("range", "bytes=10-")], Err(Code::RangeNotSatisfiable))]
    #[case(&[("range", "bytes=0-3"), ("if-range", "\"ab\"")], Ok(Some(0..4)))]
    #[case(&[("range", "bytes=0-3"), ("if-range", "\"cd\"")], Ok(None))]
    fn a_request_asks_for_a_part(
        #[case] headers: &[(&str, &str)],
        #[case] expected: Result<Option<Range<u64>>, Code>,
    ) {
        let request = TestRequest::get();
        let request = headers
            .iter()
            .fold(request, |r, header| r.append_header(*header));
        let found = part(&request.to_http_request(), TAG, 10);
        assert_eq!(found.map_err(|error| error.code), expected);
    }
}
