//! Progress of long commands, on standard error.

use std::convert::Infallible;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Interval of the lines about one phase.
const INTERVAL: Duration = Duration::from_secs(5);

/// Shows what is being done, and how much of it is done.
pub struct Progress {
    now: Arc<Now>,
    /// Dropped to end the thread that shows it; `None` if nothing is shown in lines.
    _shown: Option<Sender<Infallible>>,
    /// Shows it on a terminal.
    bar: Option<ProgressBar>,
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
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
            bar: None,
        }
    }

    /// Shows a bar on a terminal, and elsewhere lines as [`Self::shown`] does.
    ///
    /// # Errors
    /// Fails if the system starts no thread.
    pub fn bar() -> std::io::Result<Self> {
        if !std::io::stderr().is_terminal() {
            return Self::shown();
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.enable_steady_tick(Duration::from_millis(200));
        let mut progress = Self::silent();
        progress.bar = Some(bar);
        Ok(progress)
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
            bar: None,
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
        self.begin(text.into(), None);
    }

    /// Begins a phase in which about so many rows are to be done.
    pub fn phase_of(&self, text: impl Into<String>, rows: u64) {
        self.begin(text.into(), Some(rows));
    }

    fn begin(&self, text: String, rows: Option<u64>) {
        if let Some(bar) = &self.bar {
            let template = match rows {
                Some(_) => "{msg} {bar:40} {pos}/{len} rows",
                None => "{spinner} {msg} {pos} rows",
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.set_position(0);
            match rows {
                Some(rows) => bar.set_length(rows),
                None => bar.unset_length(),
            }
            bar.set_message(text.clone());
        }
        self.now.rows.store(0, Ordering::Relaxed);
        *self
            .now
            .phase
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = text;
    }

    /// Counts rows of the phase.
    pub fn rows(&self, more: u64) {
        self.now.rows.fetch_add(more, Ordering::Relaxed);
        if let Some(bar) = &self.bar {
            bar.inc(more);
        }
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
