//! Files in requests that the registry keeps, written to the disk as they come: as the body, or in a
//! form (RFC 7578).

use std::convert::Infallible;
use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_multipart::{Field, Multipart};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use actix_web::rt::time::timeout;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, dev, web};
use futures_util::{Stream, StreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::body::Sent;
use super::posted::{Keyed, Posted};
use super::query::NoParams;
use super::received::{Coding, apart, parse, unreadable};
use super::request::{Post, head};
use super::session::turn_of;
use super::upload::File;
use super::{Session, State, codes};
use crate::db::{AnyConnection, Turn};
use crate::edge::Edge;
use crate::files::{FileKind, Incoming, Refused, Whole, protected};
use crate::kernel::error::{ApiError, Code, chain};
use crate::kernel::language::Message;
use crate::kernel::values::Versioned;
use crate::ledger::RequestContext;

/// A file as received.
#[derive(Clone, Debug)]
pub struct NewFile {
    pub whole: Arc<Whole>,
    /// Its name, as the form states it.
    pub name: Option<String>,
}

impl NewFile {
    /// Runs work that keeps the file in its transaction. The file goes to a bucket before, and from there
    /// again if it is not recorded.
    ///
    /// # Errors
    /// `unavailable` if the store does not take the file, or the error of `work`.
    pub async fn kept_by<T>(
        &self,
        state: &State,
        work: impl Future<Output = Result<T, ApiError>>,
    ) -> Result<T, ApiError> {
        let (db, clock) = (&state.db, &state.clock);
        self.whole.offer(db, clock.now()).await?;
        let done = work.await;
        let settled = self.whole.settle(db, clock.now(), done.is_ok()).await;
        if let Err(error) = settled {
            tracing::warn!(error = chain(&error), "a file that was not recorded stays");
        }
        done
    }
}

/// Writes a file to the disk that came with the form of a page.
///
/// # Errors
/// `unavailable` if no folder is set, or the disk is full; `content_too_large`;
/// `unsupported_media_type` if the file is of no accepted kind.
pub async fn kept(state: &State, file: &File) -> Result<NewFile, ApiError> {
    let whole: Result<Bytes, Infallible> = Ok(file.bytes.clone());
    let whole = written(state, &mut futures_util::stream::iter([whole])).await?;
    let name = file.name.clone();
    Ok(NewFile { whole, name })
}

/// A POST with a file: as the body, or as the one file of a form. The file is received once the
/// handler asks for it, so that it can be refused before.
pub struct FilePost<Q = NoParams> {
    pub session: Session,
    pub query: Q,
    keyed: Keyed,
    body: Body,
}

impl<Q> FilePost<Q> {
    /// Receives the file and creates a record of it, once per key; `location` returns its URL.
    ///
    /// # Errors
    /// `unavailable` if no folder for files is set; `request_timeout`, `content_too_large`,
    /// `unsupported_media_type`, `malformed_request`; `idempotency_key_reused`; otherwise the error of `work`.
    pub async fn created<R: Serialize + Versioned + Send + 'static>(
        self,
        location: impl Fn(&R) -> String + Send + 'static,
        mut work: impl FnMut(&mut AnyConnection, &RequestContext, &NewFile) -> Result<R, ApiError>
        + Send
        + 'static,
    ) -> Result<Posted<R>, ApiError> {
        let Self {
            session,
            keyed,
            body,
            ..
        } = self;
        let file = body.receive_file().await?;
        let digest = file.whole.digest.half();
        let status = StatusCode::CREATED;
        let new = file.clone();
        let answered = Posted::answer(
            &session,
            keyed,
            digest,
            status,
            location,
            move |conn, cx| work(conn, cx, &new),
        );
        file.kept_by(&session, answered).await
    }

    /// Receives the file, which is removed unless it is kept.
    ///
    /// # Errors
    /// Like [`Self::created`].
    pub async fn received(self) -> Result<(Session, NewFile), ApiError> {
        let file = self.body.receive_file().await?;
        let conditions = self.keyed.conditions;
        let held = self
            .session
            .read(move |conn, _| conditions.hold(conn, |_| Ok(())));
        held.await?;
        Ok((self.session, file))
    }
}

/// Content of a request whose body can come in a form, beside a file.
pub trait InForm {
    /// The field of the form that holds the body.
    const FIELD: &'static str;
}

/// A POST with a JSON body, or with a form that holds the body and a file.
pub struct PostWithFile<T, Q = NoParams> {
    pub post: Post<T, Q>,
    pub file: Option<NewFile>,
}

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

impl<Q: IntoParams + DeserializeOwned + 'static> FromRequest for FilePost<Q> {
    type Error = ApiError;
    type Future = Extracted<Self>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let head = head(req, Keyed::read);
        let body = Body::of(req, payload);
        Box::pin(async move {
            let (session, keyed, query) = head?;
            Ok(Self {
                session,
                query,
                keyed,
                body: body?,
            })
        })
    }
}

impl<T, Q> FromRequest for PostWithFile<T, Q>
where
    T: InForm + ToSchema + DeserializeOwned + Validate + Send + 'static,
    Q: IntoParams + DeserializeOwned + 'static,
{
    type Error = ApiError;
    type Future = Extracted<Self>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        if !is_form(req.headers()) {
            let post = Post::from_request(req, payload);
            return Box::pin(async move {
                let post = post.await?;
                Ok(Self { post, file: None })
            });
        }
        let head = head(req, Keyed::read);
        let body = Body::of(req, payload);
        Box::pin(async move {
            let (session, keyed, query) = head?;
            let body = body?;
            let (state, turn) = (body.state.clone(), body.turn);
            let received = body.receive(Some(T::FIELD)).await?;
            let (Some(text), Some(file)) = (received.body, received.file) else {
                return Err(wrong_form(Some(T::FIELD)));
            };
            let mut value = parse(&text)?;
            codes::replace_in_body(&state, turn, &mut value.value).await?;
            value.digest ^= file.whole.digest.half();
            let sent = apart(move || Sent::of(value)).await?;
            Ok(Self {
                post: Post {
                    session,
                    query,
                    keyed,
                    sent,
                },
                file: Some(file),
            })
        })
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next());
    essence.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("multipart/form-data"))
}

/// A body that is not read yet.
struct Body {
    headers: HeaderMap,
    payload: web::Payload,
    state: web::Data<State>,
    turn: Turn,
    patience: std::time::Duration,
}

/// What a body holds.
#[derive(Default)]
struct Received {
    body: Option<Bytes>,
    file: Option<NewFile>,
}

impl Body {
    fn of(req: &HttpRequest, payload: &mut dev::Payload) -> Result<Self, ApiError> {
        let state = req.app_data::<web::Data<State>>().cloned();
        let patience = req.app_data::<web::Data<Edge>>();
        let headers = req.headers().clone();
        let header = |name| headers.get(name).and_then(|v| v.to_str().ok());
        // A file is written to the disk as it comes, and never held as a whole.
        if !matches!(Coding::of(&headers), Ok(None)) {
            let refused = ApiError::with(
                Code::UnsupportedMediaType,
                "파일은 Content-Encoding 없이 보내 주십시오.",
                "Send files without a Content-Encoding.",
            );
            return Err(refused.accepting("Accept-Encoding", "identity"));
        }
        let state = state.ok_or_else(|| ApiError::internal("the application has no state"))?;
        let announced = header(CONTENT_LENGTH).and_then(|v| v.parse::<u64>().ok());
        let most = state.files.most + state.max_body as u64;
        if announced.is_some_and(|length| length > most) {
            return Err(too_large(state.files.most));
        }
        Ok(Self {
            payload: web::Payload::from_request(req, payload)
                .into_inner()
                .map_err(|e| unreadable(&e))?,
            patience: patience.map_or(std::time::Duration::MAX, |edge| edge.body_timeout),
            turn: turn_of(req),
            headers,
            state,
        })
    }

    /// Receives a file.
    ///
    /// # Errors
    /// Like [`Self::receive`].
    async fn receive_file(self) -> Result<NewFile, ApiError> {
        let file = self.receive(None).await?.file;
        file.ok_or_else(|| wrong_form(None))
    }

    /// Receives a file, and the field `member` of a form.
    ///
    /// # Errors
    /// `unavailable` if no folder is set, or the disk is full; `request_timeout`;
    /// `content_too_large`; `unsupported_media_type` if the file is of no accepted kind;
    /// `malformed_request` if it is empty, or the form is another one.
    async fn receive(self, member: Option<&'static str>) -> Result<Received, ApiError> {
        let Self {
            headers,
            mut payload,
            state,
            patience,
            ..
        } = self;
        let receiving = async {
            if is_form(&headers) {
                return form(&state, Multipart::new(&headers, payload), member).await;
            }
            let whole = written(&state, &mut payload).await?;
            Ok(Received {
                body: None,
                file: Some(NewFile { whole, name: None }),
            })
        };
        let received = timeout(patience, receiving).await;
        received.map_err(|_| ApiError::new(Code::RequestTimeout))?
    }
}

async fn form(
    state: &State,
    mut form: Multipart,
    member: Option<&'static str>,
) -> Result<Received, ApiError> {
    let mut received = Received::default();
    while let Some(field) = form.next().await {
        let mut field = field.map_err(|e| malformed(&e))?;
        let (name, file_name) = names(&field);
        if file_name.is_some() || name.as_deref() == Some("file") {
            if received.file.is_some() {
                return Err(wrong_form(member));
            }
            let whole = written(state, &mut field).await?;
            received.file = Some(NewFile {
                whole,
                name: file_name,
            });
        } else if member.is_some() && name.as_deref() == member && received.body.is_none() {
            let body = field.bytes(state.max_body).await;
            let body = body.map_err(|_| ApiError::new(Code::TooLarge))?;
            received.body = Some(body.map_err(|e| malformed(&e))?);
        } else {
            return Err(wrong_form(member));
        }
    }
    Ok(received)
}

/// Returns the name of a field, and that of its file.
fn names(field: &Field) -> (Option<String>, Option<String>) {
    let disposition = field.content_disposition();
    let extended = disposition.and_then(|d| d.get_filename_ext());
    let extended = extended.and_then(|name| String::from_utf8(name.value.clone()).ok());
    let plain = || {
        let name = disposition.and_then(|d| d.get_filename());
        name.map(str::to_owned)
    };
    (field.name().map(str::to_owned), extended.or_else(plain))
}

/// Number of bytes that are written at once.
const AT_ONCE: usize = 256 * 1024;

/// Writes a file to the disk as it comes, without holding more than a part of it.
async fn written<S, E>(state: &State, parts: &mut S) -> Result<Arc<Whole>, ApiError>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Display,
{
    let most = state.files.most;
    let store = state.files.store()?.clone();
    let mut incoming = apart(move || store.begin(most).map_err(ApiError::unavailable)).await?;
    let mut unwritten = Vec::new();
    while let Some(part) = parts.next().await {
        unwritten.extend_from_slice(&part.map_err(|e| malformed(&e))?);
        if unwritten.len() >= AT_ONCE {
            incoming = write(incoming, std::mem::take(&mut unwritten), most).await?;
        }
    }
    let incoming = write(incoming, unwritten, most).await?;
    apart(move || incoming.finish().map_err(|refused| refusal(refused, most)))
        .await
        .map(Arc::new)
}

async fn write(mut incoming: Incoming, part: Vec<u8>, most: u64) -> Result<Incoming, ApiError> {
    apart(move || match incoming.write(&part) {
        Ok(()) => Ok(incoming),
        Err(refused) => Err(refusal(refused, most)),
    })
    .await
}

fn refusal(refused: Refused, most: u64) -> ApiError {
    match refused {
        Refused::TooLarge => too_large(most),
        Refused::Empty => ApiError::with(
            Code::MalformedRequest,
            "파일이 비어 있습니다.",
            "The file is empty.",
        ),
        Refused::UnknownKind => ApiError::with(
            Code::UnsupportedMediaType,
            format!(
                "받을 수 있는 형식의 파일이 아닙니다. 형식은 이름이 아니라 내용으로 확인합니다: {}.",
                FileKind::names()
            ),
            format!(
                "The file is of no accepted type, which its content tells and not its name: {}.",
                FileKind::names()
            ),
        )
        .accepting("Accept", FileKind::media_types()),
        Refused::Protected => {
            let Message { ko, en } = protected();
            ApiError::with(Code::UnsupportedMediaType, ko, en)
                .accepting("Accept", FileKind::media_types())
        }
        Refused::Io(error) => ApiError::unavailable(error),
    }
}

fn too_large(most: u64) -> ApiError {
    ApiError::with(
        Code::TooLarge,
        format!("파일은 {most}바이트까지 받습니다."),
        format!("A file has at most {most} bytes."),
    )
}

fn malformed(error: &impl Display) -> ApiError {
    ApiError::with(
        Code::MalformedRequest,
        "본문을 끝까지 읽지 못했습니다.",
        format!("{error}."),
    )
}

fn wrong_form(member: Option<&str>) -> ApiError {
    let (ko, en) = match member {
        Some(member) => (
            format!(
                "multipart/form-data에는 JSON인 {member} 하나와 파일(file) 하나가 있어야 합니다."
            ),
            format!("The form holds one field `{member}` with JSON, and one file."),
        ),
        None => (
            "multipart/form-data에는 파일(file)이 하나만 있어야 합니다.".to_owned(),
            "A form holds exactly one file.".to_owned(),
        ),
    };
    ApiError::with(Code::MalformedRequest, ko, en)
}
