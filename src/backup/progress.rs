//! Progress of long commands, on standard error.

use std::convert::Infallible;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};

/// Interval of the lines about one phase.
const INTERVAL: Duration = Duration::from_secs(5);

/// Shows what is being done, and how much of it is done.
pub struct Progress {
    now: Arc<Now>,
    /// Dropped to end the thread that shows it; `None` if nothing is shown.
    _shown: Option<Sender<Infallible>>,
}

#[derive(Default)]
struct Now {
    phase: Mutex<String>,
    rows: AtomicU64,
}

impl Progress {
    /// Shows nothing.
    #[must_use]
    pub fn silent() -> Self {
        Self {
            now: Arc::default(),
            _shown: None,
        }
    }

    /// Shows every five seconds what is being done. Short work shows nothing.
    ///
    /// # Errors
    /// Fails if the system starts no thread.
    pub fn shown() -> std::io::Result<Self> {
        let (shown, stop) = bounded(0);
        let now = Arc::<Now>::default();
        let progress = Self {
            now: now.clone(),
            _shown: Some(shown),
        };
        let began = Instant::now();
        let tell = move || {
            while stop.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                let rows = match now.rows.load(Ordering::Relaxed) {
                    0 => String::new(),
                    rows => format!(" {rows} rows,"),
                };
                say(&format!(
                    "{}:{rows} {} s",
                    now.phase(),
                    began.elapsed().as_secs()
                ));
            }
        };
        let thread = std::thread::Builder::new().name("progress".into());
        thread.spawn(tell)?;
        Ok(progress)
    }

    /// Begins a phase.
    pub fn phase(&self, text: impl Into<String>) {
        self.now.rows.store(0, Ordering::Relaxed);
        *self
            .now
            .phase
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = text.into();
    }

    /// Counts rows of the phase.
    pub fn rows(&self, more: u64) {
        self.now.rows.fetch_add(more, Ordering::Relaxed);
    }
}

impl Now {
    fn phase(&self) -> String {
        let phase = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        phase.clone()
    }
}

/// Writes a line. The work goes on if nobody reads it.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "mou-registry: {line}");
}
