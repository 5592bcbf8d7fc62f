//! The servers that are measured, as processes.

use std::cell::Cell;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mou_registry::db::DatabaseUrl;

use crate::Error;

/// A server under load, killed on drop.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    counter: Option<Counter>,
}

/// Counts the instructions of a server that runs in valgrind.
struct Counter {
    /// The file to which valgrind writes the counts; each has a number added to the name.
    counts: PathBuf,
    written: Cell<u32>,
}

impl Server {
    /// Starts a program that takes the registry's command line.
    pub fn start(binary: &Path, url: &DatabaseUrl) -> Result<Self, Error> {
        Self::run(Command::new(binary), url, None)
    }

    /// Like [`Self::start`], in valgrind, which counts instructions and writes the counts to a file.
    pub fn start_counted(binary: &Path, url: &DatabaseUrl, counts: PathBuf) -> Result<Self, Error> {
        let mut valgrind = Command::new("valgrind");
        valgrind
            .args(["--quiet", "--tool=callgrind", "--fair-sched=yes"])
            .arg(format!("--callgrind-out-file={}", counts.display()))
            .arg(binary);
        let counter = Counter {
            counts,
            written: Cell::new(0),
        };
        Self::run(valgrind, url, Some(counter))
    }

    fn run(
        mut program: Command,
        url: &DatabaseUrl,
        counter: Option<Counter>,
    ) -> Result<Self, Error> {
        let url = match url {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{path}"),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        let mut child = program
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--log",
                "warn",
                // A single token sends all the load.
                "--rate-limit-token",
                "0",
                "--rate-limit-anonymous",
                "0",
                "--rate-limit-failures",
                "0",
                "--database-url",
                &url,
            ])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("its output")?).read_line(&mut line)?;
        let address = line
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split(' ').next())
            .ok_or("its address")?
            .parse()?;
        Ok(Self {
            child,
            address,
            counter,
        })
    }

    /// Returns the number of instructions in user space since the last call.
    pub fn instructions(&self) -> Result<u64, Error> {
        let counter = self.counter.as_ref().ok_or("a server in valgrind")?;
        let process = self.child.id().to_string();
        let asked = Command::new("callgrind_control")
            .args(["--dump", &process])
            .output()?;
        if !asked.status.success() {
            return Err(String::from_utf8_lossy(&asked.stderr).into());
        }
        counter.written.set(counter.written.get() + 1);
        let file = format!("{}.{}", counter.counts.display(), counter.written.get());
        let counts = std::fs::read_to_string(file)?;
        let total = counts.lines().find_map(|l| l.strip_prefix("totals: "));
        Ok(total.ok_or("a total")?.trim().parse()?)
    }

    /// Returns the resident memory in MB, as reported by Linux.
    pub fn memory(&self) -> Result<f64, Error> {
        self.status("VmRSS:")
    }

    /// Returns the highest resident memory so far, in MB.
    pub fn peak(&self) -> Result<f64, Error> {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> Result<f64, Error> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let mut lines = status.lines();
        let line = lines.find_map(|l| l.strip_prefix(name)).ok_or("a size")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
    }

    /// Returns the CPU time used so far, as reported by Linux in hundredths of a second.
    pub fn cpu(&self) -> Result<Duration, Error> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The fields after the name of the program, which can contain blanks: the state is the first.
        let fields = stat.rsplit(") ").next().ok_or("the fields")?;
        let mut times = fields.split(' ').skip(11);
        let mut ticks = || Ok::<u64, Error>(times.next().ok_or("a time")?.parse()?);
        Ok(Duration::from_millis((ticks()? + ticks()?) * 10))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
