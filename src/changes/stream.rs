//! `/changes/stream`: the log as server-sent events.
//!
//! Each stream has a task that reads the changes visible to its caller and passes them on through a
//! small channel. A client that does not read blocks only its own stream, and for no longer than
//! [`Pace::patience`](crate::ledger::feed::Pace). Each read looks the token up again.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::future::{Ready, poll_fn, ready};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header::{self, HeaderValue};
use actix_web::rt::time::timeout;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev, get};
use serde::Deserialize;
use tokio::sync::{mpsc, watch};
use utoipa::IntoParams;

use super::store;
use super::store::Wanted;
use crate::http::{Read, Session};
use crate::kernel::error::{ApiError, Code, FieldError, Place, chain};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::values::to_stored;
use crate::ledger::chain::head;
use crate::ledger::feed::{Feed, Told};
use crate::records::LoggedType;

/// Number of changes that are read at once.
const CHUNK: i64 = 20;
/// Number of chunks that wait for the client, in addition to the buffers of the connection.
const WAITING: usize = 2;

const LAST_EVENT_ID: &str = "Last-Event-ID";

/// Filters for the stream of changes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StreamFilter {
    /// Begin after this change. Defaults to the current end of the log. `Last-Event-ID` takes
    /// precedence.
    #[param(minimum = 0, example = 0)]
    after: Option<i64>,
    /// End after this many changes. Without it the stream does not end by itself.
    #[param(minimum = 1, maximum = 1_000_000, example = 1)]
    limit: Option<i64>,
    /// Only changes of records of these types, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 12, example = json!(["agreement"]))]
    types: Option<Vec<LoggedType>>,
    /// Only changes of records of this municipality.
    municipality_id: Option<OrganizationId>,
}

/// The last event that a client has seen, which it sends when it reconnects.
struct LastEventId(Option<i64>);

impl FromRequest for LastEventId {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let value = req.headers().get(LAST_EVENT_ID);
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            return ready(Ok(Self(None)));
        };
        let seq = value.to_str().ok().and_then(|text| text.parse().ok());
        let Some(seq) = seq.filter(|seq| *seq >= 0) else {
            let message = Message::fixed(
                "변경의 번호여야 합니다.",
                "Expected the number of a change.",
            );
            let at = FieldError {
                place: Place::Header(LAST_EVENT_ID),
                code: "invalid_event_id".into(),
                message,
            };
            let error = ApiError::new(Code::MalformedRequest).and(vec![at]);
            return ready(Err(error));
        };
        ready(Ok(Self(Some(seq))))
    }
}

/// Follow changes
///
/// Streams the changes of `/changes` as they are made, as server-sent events. Each event is a
/// `change` with its number as `id` and the same JSON as in `/changes` as `data`. A client that
/// reconnects with the last `id` as `Last-Event-ID`, as browsers do by themselves, misses none and
/// gets none twice. The first block is not an event; its `id` is the change after which the stream
/// begins. A comment every 15 seconds shows that the stream is alive. The stream ends when the
/// token becomes invalid, when the server stops, or when the client leaves data unread for too
/// long.
#[utoipa::path(tag = "changes", operation_id = "stream_changes",
    params(StreamFilter),
    responses((status = 200, description = "Changes as they are made, oldest first", body = String,
        content_type = "text/event-stream", example = json!("id: 41\n\nid: 42\nevent: change\ndata: {\"seq\":42,\"record_type\":\"agreement\",\"version\":2}\n\n:\n\n"))))]
#[get("/changes/stream")]
pub async fn stream_changes(
    LastEventId(last): LastEventId,
    read: Read<StreamFilter>,
) -> Result<HttpResponse, ApiError> {
    let Read { session, query } = read;
    // Unauthorized callers are refused here, before the stream begins.
    let (after, place) = match last {
        Some(seq) => (Some(seq), Place::Header(LAST_EVENT_ID)),
        None => (query.after, Place::Query("after".into())),
    };
    let end = session.read(move |conn, _| store::reached(conn, after.unwrap_or(0), place));
    let end = end.await?;
    let (chunks, body) = mpsc::channel(WAITING);
    let stream = Stream {
        feed: session.feed.clone(),
        session,
        wanted: Wanted {
            after: after.unwrap_or(end),
            types: query.types.iter().flatten().map(|t| t.record).collect(),
            municipality_id: query.municipality_id,
            gone: true,
            ..Wanted::default()
        },
        left: query.limit,
        chunks,
    };
    actix_web::rt::spawn(stream.run());
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Compression and the buffers of some proxies would delay events.
        .insert_header((
            header::CONTENT_ENCODING,
            HeaderValue::from_static("identity"),
        ))
        .insert_header(("x-accel-buffering", "no"))
        .force_close();
    Ok(response.body(Chunks(body)))
}

/// The body of a stream.
struct Chunks(mpsc::Receiver<Bytes>);

impl MessageBody for Chunks {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        self.0.poll_recv(cx).map(|chunk| chunk.map(Ok))
    }
}

struct Stream {
    session: Session,
    feed: Feed,
    wanted: Wanted,
    /// Number of changes still to send, if limited.
    left: Option<i64>,
    chunks: mpsc::Sender<Bytes>,
}

/// The end of a stream. The client only sees that the connection closes.
struct Ended;

impl From<ApiError> for Ended {
    fn from(error: ApiError) -> Self {
        tracing::debug!(error = chain(&error), "a stream of changes ends");
        Self
    }
}

impl Stream {
    async fn run(mut self) {
        let Ended = self.follow().await;
    }

    async fn follow(&mut self) -> Ended {
        let mut told = self.feed.follow();
        let begin = format!("id: {}\n\n", self.wanted.after);
        let mut next = self.send(begin).await;
        let mut all_read = false;
        while next.is_ok() {
            let now = *told.borrow_and_update();
            next = match now {
                Told::Stop => Err(Ended),
                Told::Head(head) if !all_read || head > self.wanted.after => {
                    all_read = true;
                    self.catch_up(&told).await
                }
                Told::Head(_) => self.wait(&mut told).await,
            };
        }
        Ended
    }

    /// Sends the changes in the log, up to its end.
    async fn catch_up(&mut self, told: &watch::Receiver<Told>) -> Result<(), Ended> {
        loop {
            self.wanted.limit = CHUNK.min(self.left.unwrap_or(CHUNK));
            let turn = self.feed.readers().acquire().await.map_err(|_| Ended)?;
            let wanted = self.wanted.clone();
            let read = self.session.read(move |conn, cx| {
                let found = store::list(conn, cx, &wanted)?;
                let mut text = String::new();
                for change in &found.items {
                    let (seq, data) = (change.seq, to_stored(change)?);
                    let _ = write!(text, "id: {seq}\nevent: change\ndata: {data}\n\n");
                }
                let count = found.items.len() as i64;
                // Entries after a list that is not full are not visible to the caller; do not read
                // them again.
                let all = count < wanted.limit;
                let end = if all { head(conn)?.0 } else { 0 };
                Ok((text, count, all, end.max(found.last_seq)))
            });
            let (text, count, all, last) = read.await?;
            drop(turn);
            if count > 0 {
                self.send(text).await?;
            }
            self.wanted.after = last;
            if let Some(left) = &mut self.left {
                *left -= count;
                if *left == 0 {
                    return Err(Ended);
                }
            }
            if all || *told.borrow() == Told::Stop {
                return Ok(());
            }
        }
    }

    /// Waits until the log grows. Meanwhile sends signs of life for as long as the token is valid.
    async fn wait(&mut self, told: &mut watch::Receiver<Told>) -> Result<(), Ended> {
        let news = {
            let mut gone = pin!(self.chunks.closed());
            let mut changed = pin!(told.changed());
            let either = poll_fn(|cx| {
                if gone.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Err(Ended));
                }
                changed
                    .as_mut()
                    .poll(cx)
                    .map(|told| told.map_err(|_| Ended))
            });
            timeout(self.feed.pace().heartbeat, either).await
        };
        if let Ok(news) = news {
            return news;
        }
        self.feed.keep_polling();
        let turn = self.feed.readers().acquire().await.map_err(|_| Ended)?;
        self.session.read(|_, _| Ok(())).await?;
        drop(turn);
        self.send(":\n\n".into()).await
    }

    async fn send(&self, text: String) -> Result<(), Ended> {
        let sent = timeout(self.feed.pace().patience, self.chunks.send(text.into()));
        sent.await.map_err(|_| Ended)?.map_err(|_| Ended)
    }
}
