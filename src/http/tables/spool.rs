//! A temporary file that is sent while it grows.
//!
//! What reads the database writes to the file and never waits for the client, so that a slow client
//! holds neither a connection nor a snapshot of the database. The file has no name and ends with its
//! last user.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use tokio::sync::watch;

use crate::kernel::error::ApiError;
use crate::kernel::files::create_nameless;

/// Number of bytes that are sent at once.
const CHUNK: usize = 64 * 1024;

/// How far a file is written.
#[derive(Clone, Default)]
struct Progress {
    /// Number of bytes that can be sent.
    ready: u64,
    /// How the writing ended.
    end: Option<Result<(), ApiError>>,
}

/// Returns the error of a file that the system does not write, such as one for which the disk has no
/// room.
pub fn failed(error: io::Error) -> ApiError {
    ApiError::unavailable(error)
}

/// The writing end. Nothing is sent before it is [published](Spool::publish).
pub struct Spool {
    file: File,
    written: u64,
    progress: Arc<watch::Sender<Progress>>,
}

/// Ends the file: with an error, whoever reads it learns that it is not whole.
pub(super) struct Ending(Arc<watch::Sender<Progress>>);

impl Ending {
    pub fn end(self, result: Result<(), ApiError>) {
        self.0.send_modify(|progress| progress.end = Some(result));
    }
}

/// Returns both ends of a new file.
///
/// # Errors
/// `unavailable` if the system creates no file.
pub(super) async fn spool() -> Result<(Spool, Ending, Growing), ApiError> {
    #[expect(clippy::disallowed_methods, reason = "opens a file, not the database")]
    let files = actix_web::web::block(create_nameless).await;
    let (file, reading) = files.map_err(ApiError::internal)?.map_err(failed)?;
    let (progress, seen) = watch::channel(Progress::default());
    let progress = Arc::new(progress);
    let spool = Spool {
        file,
        written: 0,
        progress: progress.clone(),
    };
    let growing = Growing {
        file: Arc::new(Mutex::new(reading)),
        seen,
        sent: 0,
        next: None,
    };
    Ok((spool, Ending(progress), growing))
}

impl Spool {
    /// Lets everything written so far be sent.
    pub fn publish(&mut self) {
        let written = self.written;
        self.progress
            .send_modify(|progress| progress.ready = written);
    }

    /// Returns the file, to be written in any order, and published as a whole by
    /// [`Self::publish_all`].
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Lets the whole file be sent.
    ///
    /// # Errors
    /// Fails if the size of the file cannot be read.
    pub fn publish_all(&mut self) -> io::Result<()> {
        self.written = self.file.metadata()?.len();
        self.publish();
        Ok(())
    }

    /// # Errors
    /// Fails if nobody reads the file any more, so that nothing more is computed for it.
    pub fn is_wanted(&self) -> io::Result<()> {
        match self.progress.is_closed() {
            true => Err(io::ErrorKind::BrokenPipe.into()),
            false => Ok(()),
        }
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.is_wanted()?;
        let count = self.file.write(bytes)?;
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

type Next = Pin<Box<dyn Future<Output = Option<Result<Bytes, ApiError>>>>>;

/// The reading end, as the body of a response.
pub(super) struct Growing {
    file: Arc<Mutex<File>>,
    seen: watch::Receiver<Progress>,
    sent: u64,
    next: Option<Next>,
}

impl Growing {
    /// Waits until there is something to send.
    ///
    /// # Errors
    /// Returns the error with which the writing ended before.
    pub async fn begun(&mut self) -> Result<(), ApiError> {
        let progress = self.seen.wait_for(|now| now.ready > 0 || now.end.is_some());
        let progress = progress.await.map_err(ApiError::internal)?.clone();
        match progress.end {
            Some(Err(error)) if progress.ready == 0 => Err(error),
            _ => Ok(()),
        }
    }
}

/// Reads the next part of a file, of which `sent` bytes were read; `None` at its end.
async fn next(
    file: Arc<Mutex<File>>,
    mut seen: watch::Receiver<Progress>,
    sent: u64,
) -> Option<Result<Bytes, ApiError>> {
    let progress = seen.wait_for(|now| now.ready > sent || now.end.is_some());
    let progress = match progress.await {
        Ok(progress) => progress.clone(),
        Err(error) => return Some(Err(ApiError::internal(error))),
    };
    if progress.ready == sent {
        return match progress.end {
            Some(Err(error)) => Some(Err(error)),
            _ => None,
        };
    }
    let read = move || -> io::Result<Bytes> {
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(sent))?;
        let mut bytes = Vec::with_capacity(CHUNK);
        let most = (progress.ready - sent).min(CHUNK as u64);
        (&mut *file).take(most).read_to_end(&mut bytes)?;
        Ok(bytes.into())
    };
    #[expect(clippy::disallowed_methods, reason = "reads a file, not the database")]
    let bytes = actix_web::web::block(read).await;
    Some(match bytes {
        Ok(Ok(bytes)) if bytes.is_empty() => Err(ApiError::internal("the file was cut off")),
        Ok(read) => read.map_err(ApiError::internal),
        Err(error) => Err(ApiError::internal(error)),
    })
}

impl MessageBody for Growing {
    type Error = ApiError;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, ApiError>>> {
        let this = &mut *self;
        let (file, seen, sent) = (&this.file, &this.seen, this.sent);
        let begin = || -> Next { Box::pin(next(file.clone(), seen.clone(), sent)) };
        let reading = this.next.get_or_insert_with(begin);
        let read = ready!(reading.as_mut().poll(cx));
        this.next = None;
        if let Some(Ok(bytes)) = &read {
            this.sent += bytes.len() as u64;
        }
        Poll::Ready(read)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use actix_web::rt;

    use super::*;
    use crate::kernel::error::Code;

    #[actix_web::test]
    async fn a_file_is_sent_while_it_grows() {
        let (mut spool, ending, mut growing) = spool().await.unwrap();
        spool.write_all(b"first").unwrap();
        spool.publish();
        growing.begun().await.unwrap();
        let whole = rt::spawn(async move { to_bytes(growing).await.unwrap() });
        rt::task::yield_now().await;
        let more = vec![b'x'; 3 * CHUNK];
        spool.write_all(&more).unwrap();
        spool.publish_all().unwrap();
        ending.end(Ok(()));
        let whole = whole.await.unwrap();
        assert_eq!(whole.len(), 5 + more.len());
        assert!(whole.starts_with(b"firstx"));
    }

    #[actix_web::test]
    async fn a_file_that_is_not_whole_ends_in_an_error() {
        let (mut begun, ending, growing) = spool().await.unwrap();
        begun.write_all(b"first").unwrap();
        begun.publish();
        ending.end(Err(ApiError::new(Code::Unavailable)));
        assert!(to_bytes(growing).await.is_err());
        let (_, ending, mut growing) = spool().await.unwrap();
        ending.end(Err(ApiError::new(Code::Unavailable)));
        let refused = growing.begun().await.unwrap_err();
        assert_eq!(refused.code, Code::Unavailable);
    }

    #[actix_web::test]
    async fn nothing_is_written_for_nobody() {
        let (mut spool, _, growing) = spool().await.unwrap();
        drop(growing);
        assert!(spool.write(b"x").is_err());
    }
}
