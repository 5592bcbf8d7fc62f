//! Reads the texts of new files, one after the other, in the background: what is to be read follows from
//! the tables, so that it goes on after a restart, and several servers do no harm.

use std::io;
use std::pin::pin;
use std::time::Duration;

use actix_web::rt::task::JoinHandle;
use actix_web::rt::time::{sleep, timeout};
use futures_util::future::select;
use tokio::sync::watch;

use super::table::{self, Unread};
use crate::extract::Extracted;
use crate::extract::child::Extractor;
use crate::files::{Damage, Store, is_away, unavailable};
use crate::http::{State, apart};
use crate::kernel::error::{ApiError, chain};

/// Interval at which it looks for files that other servers added.
const TICK: Duration = Duration::from_secs(30);
/// Pause between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// A running reader. It runs until it is stopped or the process ends.
pub struct Reader {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Reader {
    /// Starts a reader; `None` without a store of files.
    pub fn start(state: &State) -> Option<Self> {
        state.files.set_store()?;
        let (stop, stopped) = watch::channel(false);
        let task = actix_web::rt::spawn(run(state.clone(), stopped));
        Some(Self { stop, task })
    }

    /// Stops the reader after the file that it is reading.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::warn!(error = chain(&error), "the reader of files broke down");
        }
    }
}

async fn run(state: State, mut stopped: watch::Receiver<bool>) {
    let mut written = state.db.written();
    while !*stopped.borrow_and_update() {
        written.mark_unchanged();
        if let Err(error) = read_new(&state, &stopped).await {
            tracing::warn!(error = chain(&error), "the texts of files were not read");
        }
        sleep(PAUSE).await;
        let (stop, write) = (pin!(stopped.changed()), pin!(written.changed()));
        let _ = timeout(TICK, select(stop, write)).await;
    }
}

/// Reads the texts of all files that were not read yet.
///
/// # Errors
/// Fails if the database cannot be read or written, or no child can be started.
pub async fn read_all(state: &State) -> Result<(), ApiError> {
    let (_stop, stopped) = watch::channel(false);
    read_new(state, &stopped).await
}

async fn read_new(state: &State, stopped: &watch::Receiver<bool>) -> Result<(), ApiError> {
    let store = state.files.store()?;
    let mut after = String::new();
    loop {
        let from = after.clone();
        let unread = state.db.read(move |conn| table::unread(conn, &from));
        let unread = unread.await?;
        let Some(last) = unread.last() else {
            return Ok(());
        };
        last.digest.as_str().clone_into(&mut after);
        for file in unread {
            if *stopped.borrow() {
                return Ok(());
            }
            read_one(state, store, file).await?;
        }
    }
}

async fn read_one(state: &State, store: &Store, file: Unread) -> Result<(), ApiError> {
    let (from, extractor, digest) = (store.clone(), state.extractor.clone(), file.digest.clone());
    let read = apart(move || read(&from, &extractor, &file).map_err(unavailable));
    // `audit verify --files` names a damaged file. It is looked at again, and the others are read meanwhile.
    let Some(text) = read.await? else {
        return Ok(());
    };
    let now = state.clock.now().naive_utc();
    let write = state
        .db
        .write(move |conn| table::write(conn, &digest, &text, now));
    write.await
}

/// Reads the text of a file in a child; `None` if its bytes are gone, were changed or cannot be read.
/// Fails if the store is not reached.
fn read(store: &Store, extractor: &Extractor, file: &Unread) -> io::Result<Option<Extracted>> {
    match store.open(&file.digest, file.bytes) {
        Ok(opened) => extractor.read(file.kind, opened).map(Some),
        // The next file would wait as long.
        Err(Damage::Unreadable(error)) if is_away(&error) => Err(error),
        Err(_) => Ok(None),
    }
}
