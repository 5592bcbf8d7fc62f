//! The dispatcher: one task per server, woken by this server's writes and by the clock, and one
//! task per webhook that is being served, so a slow receiver does not delay the others.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use actix_web::rt::task::JoinHandle;
use actix_web::rt::time::{sleep, timeout};
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

use super::queue::{Due, Lease, Next};
use super::rules::Backoff;
use super::types::Attempt;
use super::{digest, queue, secret, settle};
use crate::http::State;
use crate::kernel::clock::NewIds;
use crate::kernel::error::{ApiError, chain};
use crate::ledger::RequestContext;
use crate::outbound::Post;

/// Number of webhooks that are sent to at once, each on a thread.
const MAX_CONCURRENT: usize = 8;
/// Number of steps for a webhook before another one gets its turn.
const STEPS_PER_TURN: usize = 50;
/// Length of the kept part of an answer, in characters.
const EXCERPT: usize = 500;

/// Intervals of a dispatcher.
#[derive(Clone, Copy, Debug)]
pub struct Intervals {
    /// Interval at which it looks for due work.
    pub tick: Duration,
    /// Minimum pause between two looks.
    pub pause: Duration,
    /// Interval at which it removes old deliveries.
    pub clearing: Duration,
    /// Waits after failures.
    pub backoff: Backoff,
}

impl Default for Intervals {
    fn default() -> Self {
        Self {
            tick: Duration::from_secs(2),
            pause: Duration::from_millis(100),
            clearing: Duration::from_secs(3600),
            backoff: Backoff { scale: 1.0 },
        }
    }
}

/// A running dispatcher. It runs until it is stopped or the process ends.
pub struct Dispatcher {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Dispatcher {
    /// Starts a dispatcher. Work that is left when the process ends is done by the next one.
    pub fn start(state: &State, intervals: Intervals) -> Self {
        let (stop, stopped) = watch::channel(false);
        let work = Rc::new(Work {
            state: state.clone(),
            intervals,
            name: Uuid::now_v7().to_string(),
            stopped,
            busy: RefCell::default(),
            turns: Arc::new(Semaphore::new(MAX_CONCURRENT)),
            cleared: Cell::new(None),
        });
        Self {
            stop,
            task: actix_web::rt::spawn(work.run()),
        }
    }

    /// Stops the dispatcher after the requests under way have been answered.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::warn!(
                error = chain(&error),
                "the dispatcher of webhooks broke down"
            );
        }
    }
}

struct Work {
    state: State,
    intervals: Intervals,
    /// Name under which it leases webhooks, as seen by other servers.
    name: String,
    stopped: watch::Receiver<bool>,
    /// Webhooks that are being served.
    busy: RefCell<BTreeSet<String>>,
    turns: Arc<Semaphore>,
    cleared: Cell<Option<Instant>>,
}

/// Marks a webhook as being served, until dropped.
struct Busy(Rc<Work>, String);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.borrow_mut().remove(&self.1);
    }
}

impl Work {
    async fn run(self: Rc<Self>) {
        let mut written = self.state.db.written();
        let mut stopped = self.stopped.clone();
        while !*stopped.borrow_and_update() {
            written.mark_unchanged();
            if let Err(error) = self.start_due().await {
                tracing::warn!(
                    error = chain(&error),
                    "what is to be sent could not be looked up"
                );
            }
            sleep(self.intervals.pause).await;
            let either = async {
                let mut stop = pin!(stopped.changed());
                let mut write = pin!(written.changed());
                poll_fn(|cx| match stop.as_mut().poll(cx) {
                    Poll::Ready(_) => Poll::Ready(()),
                    Poll::Pending => write.as_mut().poll(cx).map(drop),
                })
                .await;
            };
            // The timeout covers work that has become due and writes by other servers.
            let _ = timeout(self.intervals.tick, either).await;
        }
        // Each sending task holds a permit, and no new task starts.
        let _ = self.turns.acquire_many(MAX_CONCURRENT as u32).await;
    }

    fn cx(&self) -> RequestContext {
        RequestContext::new(&self.state.clock, NewIds::Random)
    }

    /// Starts to serve webhooks with due work, as far as permits are available.
    async fn start_due(self: &Rc<Self>) -> Result<(), ApiError> {
        self.clear().await?;
        let cx = self.cx();
        let to_do = self.state.db.read(move |conn| queue::to_do(conn, &cx));
        for webhook in to_do.await? {
            let Ok(turn) = self.turns.clone().try_acquire_owned() else {
                break;
            };
            if !self.busy.borrow_mut().insert(webhook.clone()) {
                continue;
            }
            let busy = Busy(self.clone(), webhook);
            actix_web::rt::spawn(async move {
                let _turn = turn;
                let Busy(work, webhook) = &busy;
                if let Err(error) = work.take_turn(webhook).await {
                    tracing::warn!(
                        error = chain(&error),
                        webhook,
                        "a webhook could not be served"
                    );
                }
            });
        }
        Ok(())
    }

    async fn clear(&self) -> Result<(), ApiError> {
        let cleared = self.cleared.get();
        if cleared.is_some_and(|at| at.elapsed() < self.intervals.clearing) {
            return Ok(());
        }
        self.cleared.set(Some(Instant::now()));
        let now = self.cx().now;
        let clear = self.state.db.write(move |conn| settle::clear(conn, now));
        clear.await
    }

    /// Serves a webhook for a while. Releasing it is a write, which triggers a look at the
    /// remaining work.
    async fn take_turn(&self, webhook: &str) -> Result<(), ApiError> {
        let lease = Lease {
            webhook: webhook.to_owned(),
            by: self.name.clone(),
        };
        let (now, own) = (self.cx().now, lease.clone());
        let acquire = self
            .state
            .db
            .write(move |conn| queue::acquire(conn, &own, now));
        if !acquire.await? {
            return Ok(());
        }
        // A webhook that fails stays leased, so that it is not tried again at once.
        self.work_on(&lease).await?;
        let now = self.cx().now;
        let release = self
            .state
            .db
            .write(move |conn| queue::release(conn, &lease, now));
        release.await
    }

    async fn work_on(&self, lease: &Lease) -> Result<(), ApiError> {
        for _ in 0..STEPS_PER_TURN {
            if *self.stopped.borrow() {
                break;
            }
            let (cx, webhook) = (self.cx(), lease.webhook.clone());
            let base = self.state.public_url.as_ref();
            let base = base.map_or(String::new(), |url| url.join(""));
            let sealing = self.state.sealing.clone();
            let next = self
                .state
                .db
                .read(move |conn| queue::next(conn, &cx, &sealing, &webhook, &base));
            let (cx, lease) = (self.cx(), lease.clone());
            let db = &self.state.db;
            let goes_on = match next.await? {
                Next::Nothing => false,
                Next::Digest(planned) => {
                    let kept =
                        db.write(move |conn| digest::plan::store(conn, &cx, &lease, &planned));
                    kept.await?
                }
                Next::Plan(plan) => {
                    let kept = db.write(move |conn| queue::plan(conn, &cx, &lease, &plan));
                    kept.await?
                }
                Next::Drop(delivery) => {
                    let kept = db.write(move |conn| queue::forget(conn, &cx, &lease, &delivery));
                    kept.await?
                }
                Next::Send(due) => self.deliver(lease, due).await?,
            };
            if !goes_on {
                break;
            }
        }
        Ok(())
    }

    /// Sends a delivery once and records the outcome.
    async fn deliver(&self, lease: Lease, due: Due) -> Result<bool, ApiError> {
        let attempt = self.send(&due).await?;
        let outcome = match (attempt.status, attempt.error) {
            (Some(200..300), _) => "delivered",
            (Some(_), _) => "refused",
            (None, _) => "unanswered",
        };
        metrics::counter!("webhook_attempts_total", "outcome" => outcome).increment(1);
        tracing::debug!(webhook = lease.webhook, delivery = due.id, outcome, "sent");
        let (cx, backoff, chance) = (self.cx(), self.intervals.backoff, chance()?);
        let settle = self.state.db.write(move |conn| {
            settle::settle(conn, &cx, &lease, &due.id, &attempt, backoff, chance)
        });
        settle.await
    }

    async fn send(&self, due: &Due) -> Result<Attempt, ApiError> {
        let at = self.cx().now.and_utc();
        let timestamp = at.timestamp();
        let signature = secret::sign(&due.secrets, &due.id, timestamp, &due.body)?;
        let post = Post {
            url: due.url.clone(),
            headers: vec![
                ("content-type", "application/json".into()),
                ("webhook-id", due.id.clone()),
                ("webhook-timestamp", timestamp.to_string()),
                ("webhook-signature", signature),
            ],
            body: due.body.clone(),
        };
        let began = Instant::now();
        let answer = self.state.outbound.post(post).await?;
        let duration_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        let (status, error, body) = match answer {
            Ok(answer) => (Some(answer.status), None, answer.body),
            Err(failure) => (None, Some(failure), Vec::new()),
        };
        Ok(Attempt {
            at,
            status,
            error,
            duration_ms,
            excerpt: excerpt(&body),
        })
    }
}

/// Returns the beginning of an answer, as text that both databases can store.
fn excerpt(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body).replace('\0', "\u{FFFD}");
    let text: String = text.trim().chars().take(EXCERPT).collect();
    (!text.is_empty()).then_some(text)
}

/// Returns a random number between 0 and 1.
fn chance() -> Result<f64, ApiError> {
    let mut byte = [0];
    getrandom::fill(&mut byte).map_err(ApiError::internal)?;
    Ok(f64::from(byte[0]) / 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_short_and_can_be_kept() {
        assert_eq!(excerpt(b" \n"), None);
        assert_eq!(excerpt(b"a\0b\xff"), Some("a\u{FFFD}b\u{FFFD}".into()));
        let long = "가".repeat(600);
        let kept = excerpt(long.as_bytes()).unwrap();
        assert_eq!(kept.chars().count(), EXCERPT);
    }
}
