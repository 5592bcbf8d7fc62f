//! The queue of those who sign in before the issuer. While it does not answer, each request to it holds
//! a thread for as long as the time limit of requests, so only a few are sent at once. Whoever waits
//! holds no thread, and is refused as soon as the issuer has failed to answer those before.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use actix_web::web;
use tokio::sync::Semaphore;

use super::code_flow::{Failure, unavailable};

/// Requests that wait for the issuer at once.
const AT_ONCE: usize = 4;

pub(super) struct Queue {
    turns: Semaphore,
    /// When the issuer last failed to answer.
    failed: Mutex<Option<Instant>>,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            turns: Semaphore::new(AT_ONCE),
            failed: Mutex::default(),
        }
    }
}

impl Queue {
    /// Runs `work` on a thread of its own when its turn has come.
    ///
    /// # Errors
    /// The failure of `work`; `Unavailable` without running it if the issuer has failed to answer since
    /// this call.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let came = Instant::now();
        let turn = self.turns.acquire().await;
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
}
