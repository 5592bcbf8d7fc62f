//! The queue of those who sign in before the issuer. While it does not answer, each request to it holds
//! a thread for as long as the time limit of requests, so only a few are sent at once. Whoever waits
//! holds no thread, and is refused as soon as the issuer has failed to answer those before, or after the
//! time in which one request would have been given up. Who would be one too many is refused at once.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::rt::time::timeout;
use actix_web::web;
use tokio::sync::Semaphore;

use super::code_flow::{Failure, unavailable};
use crate::outbound::TIMEOUT;

/// Requests that wait for the issuer at once.
const AT_ONCE: usize = 4;

/// Those who wait for the issuer or for their turn.
const PLACES: usize = 64;

pub(super) struct Queue {
    places: Semaphore,
    turns: Semaphore,
    /// Time after which whoever waits for a turn is refused.
    patience: Duration,
    /// When the issuer last failed to answer.
    failed: Mutex<Option<Instant>>,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            places: Semaphore::new(PLACES),
            turns: Semaphore::new(AT_ONCE),
            patience: TIMEOUT,
            failed: Mutex::default(),
        }
    }
}

impl Queue {
    /// Runs `work` on a thread of its own when its turn has come.
    ///
    /// # Errors
    /// The failure of `work`; `Unavailable` without running it if the issuer has failed to answer since
    /// this call, if the turn does not come in time, or if too many wait.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let came = Instant::now();
        let _place = self.places.try_acquire().map_err(|_| crowded())?;
        let turn = timeout(self.patience, self.turns.acquire()).await;
        let turn = turn.map_err(|_| crowded())?;
        let _turn = turn.map_err(|error| unavailable(&error))?;
        if self.failed().is_some_and(|failed| failed >= came) {
            return Err(Failure::Unavailable);
        }
        #[expect(clippy::disallowed_methods, reason = "the database has no part in it")]
        let done = web::block(work).await;
        let done = done.unwrap_or_else(|error| Err(unavailable(&error)));
        if matches!(done, Err(Failure::Unavailable)) {
            *self.failed() = Some(Instant::now());
        }
        done
    }

    fn failed(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn crowded() -> Failure {
    unavailable(&"too many people sign in at once")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Barrier};

    use futures_util::future::join_all;

    use super::*;

    #[actix_web::test]
    async fn whoever_waits_shares_the_failure_of_those_before() {
        let queue = Queue::default();
        let asked = Arc::new(AtomicUsize::new(0));
        // The issuer answers nobody before as many ask as may at once.
        let silent = Arc::new(Barrier::new(AT_ONCE));
        let all = (0..50).map(|_| {
            let (asked, silent) = (asked.clone(), silent.clone());
            queue.run(move || {
                asked.fetch_add(1, Ordering::SeqCst);
                silent.wait();
                Err::<(), _>(Failure::Unavailable)
            })
        });
        for done in join_all(all).await {
            assert_eq!(done, Err(Failure::Unavailable));
        }
        assert_eq!(asked.load(Ordering::SeqCst), AT_ONCE);
        // Whoever comes later asks anew, and no other failure concerns anybody else.
        assert_eq!(queue.run(|| Ok(1)).await, Ok(1));
        let stale = queue.run(|| Err::<(), _>(Failure::Stale));
        let both = futures_util::future::join(stale, queue.run(|| Ok(2))).await;
        assert_eq!(both, (Err(Failure::Stale), Ok(2)));
    }

    #[actix_web::test]
    async fn one_too_many_is_refused_at_once() {
        let queue = Queue::default();
        let begun = AtomicUsize::new(0);
        let begun = Arc::new(begun);
        let slow = Arc::new(Barrier::new(AT_ONCE + 1));
        let waiting = (0..PLACES).map(|_| {
            let (begun, slow) = (begun.clone(), slow.clone());
            queue.run(move || {
                if begun.fetch_add(1, Ordering::SeqCst) < AT_ONCE {
                    slow.wait();
                }
                Ok(())
            })
        });
        let late = async {
            let late = queue.run(|| Ok(())).await;
            slow.wait();
            late
        };
        let (waiting, late) = futures_util::future::join(join_all(waiting), late).await;
        assert_eq!(late, Err(Failure::Unavailable));
        assert!(waiting.iter().all(Result::is_ok));
    }

    #[actix_web::test]
    async fn nobody_waits_for_a_turn_longer_than_for_an_answer() {
        let queue = Queue {
            patience: Duration::ZERO,
            ..Queue::default()
        };
        let slow = Arc::new(Barrier::new(AT_ONCE + 1));
        let first = (0..AT_ONCE).map(|_| {
            let slow = slow.clone();
            queue.run(move || {
                slow.wait();
                Ok(())
            })
        });
        let late = async {
            let late = queue.run(|| Ok(())).await;
            slow.wait();
            late
        };
        let (first, late) = futures_util::future::join(join_all(first), late).await;
        assert_eq!(late, Err(Failure::Unavailable));
        assert!(first.iter().all(Result::is_ok));
    }
}
