//! The child process that reads a file: this program, started by itself with the file as its input. It
//! answers with the text as JSON. What it does not survive is the fault of the file.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::{Extracted, extract};
use crate::files::FileKind;

/// The command that starts the child; the suffix of the kind of file follows.
pub const COMMAND: &str = "extract-text";

/// Time that the child may compute, in seconds.
const COMPUTES: u64 = 60;
/// Time after which the child is ended.
const PATIENCE: Duration = Duration::from_secs(90);
/// Memory that the child may take, in bytes.
const MEMORY: u64 = 2 << 30;
/// Maximum size of its answer, in bytes.
const ANSWER: u64 = 64 << 20;
/// Size of the stack on which a file is read, in bytes: formats nest.
const STACK: usize = 64 << 20;

/// Starts the children.
#[derive(Clone, Debug)]
pub struct Extractor(Arc<PathBuf>);

impl Extractor {
    /// Starts `program`, which is this one.
    pub fn new(program: PathBuf) -> Self {
        Self(Arc::new(program))
    }

    /// Reads the text of a file from its beginning. Blocks.
    ///
    /// # Errors
    /// Fails if no child can be started, or if it was stopped together with the server.
    pub fn read(&self, kind: FileKind, file: File) -> io::Result<Extracted> {
        if kind.is_image() {
            return Ok(Extracted::NO_TEXT);
        }
        let mut child = Command::new(&*self.0)
            .args([COMMAND, kind.suffix()])
            // No secret of the settings is there to be found.
            .env_clear()
            .stdin(file)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let answer = answer(&mut child);
        // It has nothing left to do. A child that has ended by itself stays as it ended.
        child.kill()?;
        let ended = child.wait()?;
        if was_stopped(ended) {
            return Err(io::Error::other("the child that reads a file was stopped"));
        }
        let text = answer?.and_then(|answer| serde_json::from_slice(&answer).ok());
        Ok(text.unwrap_or(Extracted::FAILED))
    }
}

/// Waits for the answer of a child; `None` if it comes too late or is too large.
fn answer(child: &mut Child) -> io::Result<Option<Vec<u8>>> {
    let (send, received) = mpsc::channel();
    if let Some(out) = child.stdout.take() {
        thread::Builder::new().spawn(move || {
            let mut answer = Vec::new();
            let read = out.take(ANSWER + 1).read_to_end(&mut answer);
            // Nobody waits any more if it comes too late.
            drop(send.send(read.map(|_| answer)));
        })?;
    }
    let answer = received.recv_timeout(PATIENCE).ok();
    let answer = answer.transpose()?;
    Ok(answer.filter(|answer| answer.len() as u64 <= ANSWER))
}

/// Returns true if a signal ended the child that a service manager or a terminal sends to all processes
/// of a server. The file is not at fault.
#[cfg(unix)]
fn was_stopped(ended: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    const HANGUP: i32 = 1;
    const INTERRUPT: i32 = 2;
    const TERMINATE: i32 = 15;
    matches!(ended.signal(), Some(HANGUP | INTERRUPT | TERMINATE))
}

/// Elsewhere, a stopped child cannot be told from one that failed.
#[cfg(not(unix))]
fn was_stopped(_: ExitStatus) -> bool {
    false
}

/// Reads the file on the standard input, within bounds. This is what the child does.
///
/// # Errors
/// Fails if the bounds cannot be set, the input cannot be read, or the file makes the reader panic.
pub fn serve(suffix: &str) -> anyhow::Result<String> {
    let kind = FileKind::all().find(|kind| kind.suffix() == suffix);
    let kind = kind.ok_or_else(|| anyhow::anyhow!("no kind of files is called {suffix}"))?;
    set_bounds()?;
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes)?;
    let reading = thread::Builder::new().stack_size(STACK);
    let reading = reading.spawn(move || extract(kind, &bytes))?;
    let read = reading.join();
    let read = read.map_err(|_| anyhow::anyhow!("the file could not be read"))?;
    Ok(serde_json::to_string(&read)?)
}

/// Bounds what this process may take, and lets it write no file.
#[cfg(unix)]
fn set_bounds() -> io::Result<()> {
    use rlimit::{Resource, setrlimit};
    setrlimit(Resource::AS, MEMORY, MEMORY)?;
    setrlimit(Resource::CPU, COMPUTES, COMPUTES)?;
    setrlimit(Resource::FSIZE, 0, 0)?;
    setrlimit(Resource::CORE, 0, 0)
}

/// Elsewhere, only the time is bounded.
#[cfg(not(unix))]
fn set_bounds() -> io::Result<()> {
    let _ = (MEMORY, COMPUTES);
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn a_child_that_was_stopped_says_nothing_of_its_file() {
        let ended = |status| was_stopped(ExitStatus::from_raw(status));
        let (terminated, killed, aborted, exited) = (15, 9, 6, 15 << 8);
        assert!(ended(terminated));
        assert!(!ended(killed) && !ended(aborted) && !ended(exited) && !ended(0));
    }
}
