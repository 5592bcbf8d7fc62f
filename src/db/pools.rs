//! The pools of connections: one for each class of reads, and one for writes.
//!
//! Each has threads of its own, one for each connection, so what is dear or long keeps nothing else
//! waiting.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use clap::Args;

use super::OpenError;
use super::fair_pool::FairPool;
use super::guarded::Guarded;
use super::threads::Threads;

/// The class of a read, by what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadClass {
    /// One record or a page of a list.
    Cheap,
    /// Figures and feeds: what is computed over many records.
    Figures,
    /// The registry as recorded at an instant.
    Past,
}

/// Those who share a connection take turns: the holder of a token, or an address without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Turn(u64);

impl Turn {
    /// The turn of the program itself.
    pub const PROGRAM: Self = Self(0);

    /// Returns the turn of a caller, by what tells it from others.
    pub fn of(caller: &impl Hash) -> Self {
        let mut hasher = DefaultHasher::new();
        caller.hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// The numbers of connections to the database.
#[derive(Clone, Debug, Args)]
pub struct PoolSettings {
    /// Number of database connections for reading records and lists
    #[arg(long, env = "MOU_CONNECTIONS", default_value_t = 4, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub connections: u32,
    /// Number of database connections for figures and feeds: statistics, council reports, calendars
    #[arg(long, env = "MOU_FIGURE_CONNECTIONS", default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub figure_connections: u32,
    /// Number of database connections for reads with recorded_as_of
    #[arg(long, env = "MOU_PAST_CONNECTIONS", default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub past_connections: u32,
    /// Number of database connections for writing, on PostgreSQL; SQLite always has one
    #[arg(long, env = "MOU_WRITE_CONNECTIONS", default_value_t = 4, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub write_connections: u32,
    /// Free space beside SQLite's file below which the server counts as degraded, in megabytes; 0 for never
    #[arg(long, env = "MOU_LOW_DISK", default_value_t = 500, value_name = "MB")]
    pub low_disk: u32,
    /// Longest time that a request waits for a connection, in seconds
    #[arg(long, env = "MOU_MAX_WAIT", default_value_t = 5, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=600))]
    pub max_wait: u16,
}

impl PoolSettings {
    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(self.max_wait.into())
    }
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self {
            connections: 4,
            figure_connections: 1,
            past_connections: 2,
            write_connections: 4,
            low_disk: 500,
            max_wait: 5,
        }
    }
}

/// A pool of connections.
pub(super) type Pool = FairPool<Guarded>;

/// Starts a pool of `size` connections, for which at most `room` pieces of work wait.
///
/// # Errors
/// Fails if the system cannot start a thread.
pub(super) fn start(
    connection: impl Fn() -> Guarded,
    settings: &PoolSettings,
    size: u32,
    room: usize,
    threads: &Threads,
) -> Result<Pool, OpenError> {
    let connections = (0..size).map(|_| connection());
    FairPool::start("database", connections, room, settings.patience(), threads)
}

/// The pools of the classes of reads.
#[derive(Clone)]
pub(super) struct ReadPools {
    cheap: Pool,
    figures: Pool,
    past: Pool,
}

impl ReadPools {
    /// # Errors
    /// Fails like [`start`].
    pub fn start(
        connection: impl Fn() -> Guarded,
        settings: &PoolSettings,
        threads: &Threads,
    ) -> Result<Self, OpenError> {
        Ok(Self {
            cheap: start(&connection, settings, settings.connections, 4096, threads)?,
            figures: start(
                &connection,
                settings,
                settings.figure_connections,
                256,
                threads,
            )?,
            past: start(
                &connection,
                settings,
                settings.past_connections,
                64,
                threads,
            )?,
        })
    }

    pub fn of(&self, class: ReadClass) -> &Pool {
        match class {
            ReadClass::Cheap => &self.cheap,
            ReadClass::Figures => &self.figures,
            ReadClass::Past => &self.past,
        }
    }
}
