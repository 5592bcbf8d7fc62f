//! Threads that run the work of callers in turn, with a bound on waiting.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::rt::time::timeout;
use tokio::sync::oneshot;

use super::fair_queue::{FairQueue, Waiting};
use super::threads::{STACK, Threads};
use super::{OpenError, Turn};
use crate::kernel::error::{ApiError, Code};

/// Work on the state of a thread, such as its connection.
struct Job<S> {
    /// Received when the work begins; closed if its caller has gone away or no longer waits.
    begins: oneshot::Sender<()>,
    work: Box<dyn FnOnce(&mut S) + Send>,
}

impl<S> Waiting for Job<S> {
    fn is_abandoned(&self) -> bool {
        self.begins.is_closed()
    }
}

struct Shared<S> {
    state: Mutex<State<S>>,
    wake: Condvar,
}

struct State<S> {
    queue: FairQueue<Job<S>>,
    /// Whether the last handle was dropped, so that no more work comes.
    is_closed: bool,
}

/// A handle to threads, which end when the last handle is dropped.
pub(super) struct FairPool<S>(Arc<Handle<S>>);

struct Handle<S> {
    shared: Arc<Shared<S>>,
    patience: Duration,
}

impl<S> Clone for FairPool<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S> Drop for Handle<S> {
    fn drop(&mut self) {
        self.shared.close();
    }
}

impl<S> Shared<S> {
    fn lock(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the threads once what waits is done.
    fn close(&self) {
        self.lock().is_closed = true;
        self.wake.notify_all();
    }

    /// Waits for the next work; returns `None` when all is done and no more can come.
    fn next(&self) -> Option<Job<S>> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.queue.pop() {
                return Some(job);
            }
            if state.is_closed {
                return None;
            }
            state = self
                .wake
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl<S: Send + 'static> FairPool<S> {
    /// Starts a thread for each of the states. At most `room` pieces of work wait, each for at most
    /// `patience`; more are refused, rather than answered too late.
    ///
    /// # Errors
    /// Fails if the system cannot start a thread.
    pub fn start(
        name: &str,
        states: impl IntoIterator<Item = S>,
        room: usize,
        patience: Duration,
        threads: &Threads,
    ) -> Result<Self, OpenError> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                queue: FairQueue::new(room),
                is_closed: false,
            }),
            wake: Condvar::new(),
        });
        let closed = Arc::downgrade(&shared);
        threads.on_end(move || {
            if let Some(shared) = closed.upgrade() {
                shared.close();
            }
        });
        for mut state in states {
            let (shared, thread) = (shared.clone(), threads.thread());
            std::thread::Builder::new()
                .name(name.into())
                .stack_size(STACK)
                .spawn(move || {
                    let _alive = thread;
                    while let Some(job) = shared.next() {
                        // Nobody waits for the answer of work that was given up.
                        if job.begins.send(()).is_ok() {
                            // The caller notices a panic by the lack of an answer.
                            let _ = catch_unwind(AssertUnwindSafe(|| (job.work)(&mut state)));
                        }
                    }
                })
                .map_err(OpenError::Thread)?;
        }
        Ok(Self(Arc::new(Handle { shared, patience })))
    }

    /// Runs `work` on one of the threads when the turn of its caller comes. Work that waits is given
    /// up when the future is dropped; work that has begun is not.
    ///
    /// # Errors
    /// Returns the error of `work`, or `unavailable` if it found no room or waited too long.
    pub async fn run<T, F>(&self, turn: Turn, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&mut S) -> Result<T, ApiError> + Send + 'static,
    {
        let (begins, mut begun) = oneshot::channel();
        let (reply, answer) = oneshot::channel();
        let job = Job {
            begins,
            work: Box::new(move |state| drop(reply.send(work(state)))),
        };
        // The work that finds no room is dropped, which its caller notices.
        let refused = self.0.shared.lock().queue.push(turn, job);
        drop(refused);
        self.0.shared.wake.notify_one();
        match timeout(self.0.patience, &mut begun).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(busy(self.0.patience)),
            Err(_) => {
                // It may have begun this very moment.
                begun.close();
                begun.try_recv().map_err(|_| busy(self.0.patience))?;
            }
        }
        answer.await.map_err(ApiError::internal)?
    }
}

/// Returns the error of work that came too late.
pub(super) fn busy(patience: Duration) -> ApiError {
    let seconds = patience.as_secs().max(1);
    let error = ApiError::with(
        Code::Unavailable,
        format!("요청이 밀려 있습니다. {seconds}초 뒤에 다시 시도하십시오."),
        format!("Too many requests of this kind are waiting. Try again in {seconds} s."),
    );
    error.retry_after(seconds)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn pool(room: usize, patience: Duration) -> FairPool<Vec<u64>> {
        FairPool::start("test", [Vec::new()], room, patience, &Threads::new()).unwrap()
    }

    /// Keeps the only thread busy until the returned sender is used or dropped.
    async fn busy(pool: &FairPool<Vec<u64>>) -> mpsc::Sender<()> {
        let (end, ended) = mpsc::channel::<()>();
        let (begin, begun) = oneshot::channel();
        let held = pool.clone();
        actix_web::rt::spawn(async move {
            held.run(Turn::of(&0_u64), move |_| {
                let _ = begin.send(());
                let _ = ended.recv();
                Ok(())
            })
            .await
        });
        begun.await.unwrap();
        end
    }

    #[actix_web::test]
    async fn work_that_waits_too_long_is_refused_and_never_run() {
        // Long enough for a thread to wake on a busy machine.
        let pool = pool(10, Duration::from_secs(1));
        let end = busy(&pool).await;
        let late = pool.run(Turn::of(&1_u64), |seen| {
            seen.push(1);
            Ok(())
        });
        let refused = late.await.unwrap_err();
        assert_eq!(refused.code, Code::Unavailable);
        assert_eq!(refused.retry_after, Some(1));
        assert!(refused.detail.is_some());
        end.send(()).unwrap();
        let seen = pool.run(Turn::of(&2_u64), |seen| Ok(seen.clone()));
        assert_eq!(seen.await.unwrap(), Vec::<u64>::new());
    }

    #[actix_web::test]
    async fn work_of_a_caller_that_went_away_is_not_run() {
        let pool = pool(10, Duration::from_secs(60));
        let end = busy(&pool).await;
        let note = |n: u64| {
            let pool = pool.clone();
            actix_web::rt::spawn(async move {
                let work = move |seen: &mut Vec<u64>| {
                    seen.push(n);
                    Ok(())
                };
                pool.run(Turn::of(&n), work).await
            })
        };
        let (gone, stays) = (note(1), note(2));
        actix_web::rt::task::yield_now().await;
        gone.abort();
        assert!(gone.await.unwrap_err().is_cancelled());
        end.send(()).unwrap();
        stays.await.unwrap().unwrap();
        let seen = pool.run(Turn::of(&3_u64), |seen| Ok(seen.clone()));
        assert_eq!(seen.await.unwrap(), [2]);
    }

    #[actix_web::test]
    async fn work_without_room_is_refused_at_once() {
        let pool = pool(0, Duration::from_secs(60));
        let refused = pool.run(Turn::of(&1_u64), |_| Ok(()));
        assert_eq!(refused.await.unwrap_err().code, Code::Unavailable);
    }
}
