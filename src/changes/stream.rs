//! `/changes/stream`: the log as server-sent events.
//!
//! Each stream has a task that reads the changes visible to its caller and passes them on through a
//! small channel. A client that does not read blocks only its own stream, and for no longer than
//! [`Pace::patience`](crate::ledger::feed::Pace). Each read looks the token up again.
//!
//! A stream outlives an outage of the database. By the HTML standard a browser gives a stream up for
//! good if it reconnects and is answered anything but 200, so the stream stays open, or begins with
//! 200, and goes on when the database is back.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::future::{Ready, poll_fn, ready};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header::{self, HeaderValue};
use actix_web::rt::time::{sleep, timeout};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev, get};
use serde::Deserialize;
use tokio::sync::{broadcast, mpsc, watch};
use utoipa::IntoParams;

use super::store;
use super::store::Wanted;
use crate::db::AnyConnection;
use crate::http::{Read, Session};
use crate::kernel::error::{ApiError, Code, FieldError, Place, chain};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::values::to_stored;
use crate::ledger::chain::head;
use crate::ledger::feed::{Feed, Told};
use crate::ledger::records::Record;
use crate::ledger::works::Step;
use crate::records::LoggedType;

/// Number of changes that are read at once.
const CHUNK: i64 = 20;
/// Number of chunks that wait for the client, in addition to the buffers of the connection.
const WAITING: usize = 2;

/// Milliseconds after which a client should reconnect.
const RETRY: u32 = 3000;
/// A comment, which shows that the stream is alive.
const ALIVE: &str = ":\n\n";

const LAST_EVENT_ID: &str = "Last-Event-ID";

/// Filters for the stream of changes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StreamFilter {
    /// Begin after this change. Defaults to the last one that the caller sees. `Last-Event-ID` takes
    /// precedence.
    #[param(minimum = 0, example = 0)]
    after: Option<i64>,
    /// End after this many changes. Without it the stream does not end by itself.
    #[param(minimum = 1, maximum = 1_000_000, example = 1)]
    limit: Option<i64>,
    /// Only changes of records of these types, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 14, example = json!(["agreement"]))]
    #[serde(rename = "type")]
    types: Option<Vec<LoggedType>>,
    /// Only changes of records of this municipality, including agreements that it shares.
    municipality_id: Option<OrganizationId>,
}

/// The last event that a client has seen, which it sends when it reconnects.
pub(super) struct LastEventId(Option<i64>);

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
                candidates: Box::default(),
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
/// gets none twice. While rows of an import are recorded, events `progress` without an `id` tell the
/// importing municipality how many are `done` of `all`, unless `type` limits the stream. The first block is not an event; it holds `retry`, the time after which to
/// reconnect in milliseconds, and as `id` the change after which the stream begins: without `after`
/// the last one that the caller sees. A comment every
/// 15 seconds shows that the stream is alive. During an outage of the database the stream stays
/// open, and it goes on when the database is back. The stream ends when the token becomes invalid,
/// when the server stops, or when the client leaves data unread for too long.
#[utoipa::path(tag = "changes", operation_id = "stream_changes",
    params(StreamFilter),
    responses((status = 200, description = "Changes as they are made, oldest first", body = String,
        content_type = "text/event-stream", example = json!("retry: 3000\nid: 41\n\nid: 42\nevent: change\ndata: {\"seq\":42,\"record_type\":\"agreement\",\"version\":2}\n\n:\n\n"))))]
#[get("/changes/stream")]
pub async fn stream_changes(
    last: LastEventId,
    read: Read<StreamFilter>,
) -> Result<HttpResponse, ApiError> {
    let Read { session, query } = read;
    let types: Vec<_> = query.types.iter().flatten().map(|t| t.record).collect();
    let changes = Changes::new(move |_| Ok((types.clone(), query.municipality_id)));
    open(session, last, query.after, query.limit, changes).await
}

/// Types and municipality of the changes that a stream sends.
type Filters = (Vec<&'static Record>, Option<OrganizationId>);

type ReadFilters = dyn Fn(&mut AnyConnection) -> Result<Filters, ApiError> + Send + Sync;

/// Reads what a stream sends.
#[derive(Clone)]
pub(super) struct Changes(Arc<ReadFilters>);

impl Changes {
    pub fn new(
        read: impl Fn(&mut AnyConnection) -> Result<Filters, ApiError> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(read))
    }
}

/// Opens a stream for the caller of a session.
///
/// # Errors
/// `invalid_parameters` if the caller sees no change of the number after which to begin or a later one;
/// the errors of the caller.
pub(super) async fn open(
    session: Session,
    LastEventId(last): LastEventId,
    after: Option<i64>,
    limit: Option<i64>,
    changes: Changes,
) -> Result<HttpResponse, ApiError> {
    let begin = match last {
        Some(seq) => (Some(seq), Place::Header(LAST_EVENT_ID)),
        None => (after, Place::Query("after".into())),
    };
    // Unauthorized callers are refused here, before the stream begins.
    let wanted = match place_in_log(&session, &begin, &changes).await {
        Ok(wanted) => Some(wanted),
        Err(error) if is_outage(&error) => None,
        Err(error) => return Err(error),
    };
    let (chunks, body) = mpsc::channel(WAITING);
    let stream = Stream {
        feed: session.feed.clone(),
        works: session.works.follow(),
        session,
        begin,
        changes,
        wanted: Wanted::default(),
        left: limit,
        chunks,
        sent: Cell::new(Instant::now()),
    };
    actix_web::rt::spawn(stream.run(wanted));
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

/// A change after which to begin, if the client names one, and the part of the request that does.
type Begin = (Option<i64>, Place);

/// Returns what a stream sends, and the change after which it begins.
///
/// # Errors
/// Fails with `invalid_parameters` if the caller sees no change of this number or a later one.
async fn place_in_log(
    session: &Session,
    begin: &Begin,
    changes: &Changes,
) -> Result<Wanted, ApiError> {
    let ((after, place), Changes(read)) = (begin.clone(), changes.clone());
    let wanted = session.read(move |conn, cx| {
        let after = match after {
            Some(after) => store::reached(conn, cx, after, place).map(|()| after)?,
            None => store::end(conn, cx)?,
        };
        let (types, municipality_id) = read(conn)?;
        Ok(Wanted {
            after,
            types,
            municipality_id,
            gone: true,
            ..Wanted::default()
        })
    });
    wanted.await
}

/// Returns true if an error is a fault of the database, which may be over soon, and not one of the
/// request.
fn is_outage(error: &ApiError) -> bool {
    error.code.status().is_server_error()
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
    begin: Begin,
    changes: Changes,
    wanted: Wanted,
    /// Number of changes still to send, if limited.
    left: Option<i64>,
    chunks: mpsc::Sender<Bytes>,
    /// The long work of this process.
    works: broadcast::Receiver<Step>,
    /// When something was last sent. Changes that the caller does not see put off no sign of life.
    sent: Cell<Instant>,
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
    async fn run(mut self, wanted: Option<Wanted>) {
        let (Ok(()) | Err(Ended)) = self.follow(wanted).await;
    }

    async fn follow(&mut self, wanted: Option<Wanted>) -> Result<(), Ended> {
        let mut told = self.feed.follow();
        let retry = format!("retry: {RETRY}\n");
        if let Some(wanted) = wanted {
            self.wanted = wanted;
            let after = self.wanted.after;
            self.send(format!("{retry}id: {after}\n\n")).await?;
        } else {
            self.send(retry + "\n").await?;
            let wanted = self.sure(|| place_in_log(&self.session, &self.begin, &self.changes));
            self.wanted = wanted.await?;
            self.send(format!("id: {}\n\n", self.wanted.after)).await?;
        }
        let mut all_read = false;
        loop {
            let now = *told.borrow_and_update();
            match now {
                Told::Stop => return Err(Ended),
                Told::Head(head) if !all_read || head > self.wanted.after => {
                    all_read = true;
                    self.catch_up(&told).await?;
                }
                Told::Head(_) => self.wait(&mut told).await?,
            }
        }
    }

    /// Reads until the database answers. Meanwhile sends signs of life.
    async fn sure<T, F>(&self, read: impl Fn() -> F) -> Result<T, Ended>
    where
        F: Future<Output = Result<T, ApiError>>,
    {
        let pace = self.feed.pace();
        loop {
            let mut reading = pin!(async {
                let _turn = self.feed.readers().acquire().await;
                read().await
            });
            let done = loop {
                match timeout(pace.heartbeat, reading.as_mut()).await {
                    Ok(done) => break done,
                    Err(_) => self.send(ALIVE.into()).await?,
                }
            };
            match done {
                Err(error) if is_outage(&error) && !self.is_stopped() => {
                    tracing::debug!(error = chain(&error), "a stream of changes waits");
                    self.send(ALIVE.into()).await?;
                    sleep(pace.poll).await;
                }
                done => return Ok(done?),
            }
        }
    }

    fn is_stopped(&self) -> bool {
        *self.feed.follow().borrow() == Told::Stop
    }

    /// Sends the changes in the log, up to its end.
    async fn catch_up(&mut self, told: &watch::Receiver<Told>) -> Result<(), Ended> {
        loop {
            self.wanted.limit = CHUNK.min(self.left.unwrap_or(CHUNK));
            let read = || {
                let wanted = self.wanted.clone();
                self.session.read(move |conn, cx| {
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
                })
            };
            let (text, count, all, last) = self.sure(read).await?;
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

    /// Waits until the log grows or a work goes on. Meanwhile sends signs of life for as long as the
    /// token is valid.
    async fn wait(&mut self, told: &mut watch::Receiver<Told>) -> Result<(), Ended> {
        let news = {
            let mut gone = pin!(self.chunks.closed());
            let mut changed = pin!(told.changed());
            let mut worked = pin!(self.works.recv());
            let any = poll_fn(|cx| {
                if gone.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Err(Ended));
                }
                if let Poll::Ready(step) = worked.as_mut().poll(cx) {
                    // One that lags goes on with the steps that are kept.
                    return Poll::Ready(Ok(step.ok()));
                }
                changed
                    .as_mut()
                    .poll(cx)
                    .map(|told| told.map(|()| None).map_err(|_| Ended))
            });
            let silent = self.sent.get().elapsed();
            timeout(self.feed.pace().heartbeat.saturating_sub(silent), any).await
        };
        if let Ok(news) = news {
            return match news? {
                Some(step) => self.tell(step).await,
                None => Ok(()),
            };
        }
        self.feed.keep_polling();
        self.sure(|| self.session.read(|_, _| Ok(()))).await?;
        self.send(ALIVE.into()).await
    }

    /// Sends the last step of each work that was told of, to callers of its municipality.
    async fn tell(&mut self, first: Step) -> Result<(), Ended> {
        let mut steps = BTreeMap::from([(first.id, first)]);
        while let Ok(step) = self.works.try_recv() {
            steps.insert(step.id, step);
        }
        let only = self.wanted.municipality_id;
        steps.retain(|_, step| only.is_none_or(|only| only == step.municipality));
        if steps.is_empty() || !self.wanted.types.is_empty() {
            return Ok(());
        }
        let caller = self.sure(|| self.session.read(|_, cx| Ok(cx.caller.clone())));
        let caller = caller.await?;
        let mut text = String::new();
        for step in steps.values() {
            if caller.works_for(step.municipality) {
                let Step { id, done, all, .. } = step;
                let _ = write!(
                    text,
                    "event: progress\ndata: {{\"import_id\":\"{id}\",\"done\":{done},\"all\":{all}}}\n\n"
                );
            }
        }
        match text.is_empty() {
            true => Ok(()),
            false => self.send(text).await,
        }
    }

    async fn send(&self, text: String) -> Result<(), Ended> {
        let sent = timeout(self.feed.pace().patience, self.chunks.send(text.into()));
        sent.await.map_err(|_| Ended)?.map_err(|_| Ended)?;
        self.sent.set(Instant::now());
        Ok(())
    }
}
