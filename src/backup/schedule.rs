//! Backups that the server makes by itself.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::Args;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::format::{instant_in, name};
use super::progress::Progress;
use super::{Written, checkpoint_of, files, write};
use crate::changes::checkpoint::signing_key;
use crate::db::DatabaseUrl;
use crate::files::Store;
use crate::kernel::clock::Clock;
use crate::kernel::duration::duration;
use crate::kernel::files::{create_private_dir, remove_if_there};

/// Pause after a backup that failed, unless the next one is due earlier.
const RETRY: Duration = Duration::from_secs(300);
/// Time for which a stopping server waits for a backup under way.
const PATIENCE: Duration = Duration::from_secs(20);

/// The key that signs checkpoints.
#[derive(Clone, Debug, Args)]
pub struct AuditKey {
    /// Path of the key that signs checkpoints; created if it does not exist
    #[arg(
        long = "key",
        env = "MOU_AUDIT_KEY",
        default_value = "mou-registry.key",
        value_name = "FILE"
    )]
    pub file: PathBuf,
}

/// Settings of the server's own backups.
#[derive(Clone, Debug, Args)]
pub struct BackupSettings {
    /// Directory in which the server writes backups while it runs; created if it does not exist
    #[arg(long, env = "MOU_BACKUP_DIR", value_name = "DIR")]
    pub backup_dir: Option<PathBuf>,
    /// Time between two backups, such as 30m, 6h or 1d
    #[arg(long, env = "MOU_BACKUP_EVERY", default_value = "1d", value_parser = duration, value_name = "DURATION")]
    pub backup_every: Duration,
    /// Number of backups to keep; older ones are removed once a new one is whole
    #[arg(long, env = "MOU_BACKUP_KEEP", default_value_t = 7, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub backup_keep: u16,
    #[command(flatten)]
    pub key: AuditKey,
}

/// The running backups of a server.
pub struct Backups {
    stop: Sender<Infallible>,
    ended: Receiver<Infallible>,
}

impl Backups {
    /// Starts the thread that makes backups; `None` without a directory for them.
    ///
    /// # Errors
    /// Fails if the directory or the signing key cannot be used.
    pub fn start(
        settings: &BackupSettings,
        url: &DatabaseUrl,
        folder: Option<&Store>,
    ) -> anyhow::Result<Option<Self>> {
        let Some(dir) = &settings.backup_dir else {
            return Ok(None);
        };
        create_private_dir(dir).with_context(|| format!("--backup-dir {}", dir.display()))?;
        signing_key(&settings.key.file)?;
        let job = Job {
            url: url.clone(),
            folder: folder.cloned(),
            dir: dir.clone(),
            settings: settings.clone(),
        };
        let (stop, stopped) = bounded(0);
        let (alive, ended) = bounded::<Infallible>(0);
        let thread = std::thread::Builder::new().name("backups".into());
        thread.spawn(move || {
            job.run(&stopped);
            drop(alive);
        })?;
        Ok(Some(Self { stop, ended }))
    }

    /// Stops, after a backup under way as far as it does not take long.
    pub fn stop(self) {
        drop(self.stop);
        if self.ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("a backup is given up while the server stops");
        }
    }
}

struct Job {
    url: DatabaseUrl,
    folder: Option<Store>,
    dir: PathBuf,
    settings: BackupSettings,
}

impl Job {
    fn run(&self, stopped: &Receiver<Infallible>) {
        let clock = Clock::system(chrono_tz::UTC);
        let every = self.settings.backup_every;
        let last = backups_in(&self.dir).into_iter().next_back();
        if let Some((at, _)) = &last {
            succeeded_at(*at);
        }
        // A restart does not make a backup before its time.
        let since = last.and_then(|(at, _)| (clock.now() - at).to_std().ok());
        let mut pause = since.map_or(Duration::ZERO, |since| every.saturating_sub(since));
        while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
            pause = match self.make(clock.now()) {
                Ok(written) => {
                    tracing::info!(
                        file = %written.path.display(),
                        size = written.size,
                        entries = written.checkpoint.size,
                        "a backup is written"
                    );
                    metrics::counter!("backups_total", "outcome" => "written").increment(1);
                    succeeded_at(written.checkpoint.time);
                    self.prune(clock.now());
                    every
                }
                Err(error) => {
                    tracing::error!(
                        error = format!("{error:#}"),
                        "a backup could not be written"
                    );
                    metrics::counter!("backups_total", "outcome" => "failed").increment(1);
                    every.min(RETRY)
                }
            };
        }
    }

    fn make(&self, now: DateTime<Utc>) -> anyhow::Result<Written> {
        create_private_dir(&self.dir)?;
        let key = signing_key(&self.settings.key.file)?;
        let target = self.dir.join(name(now, &self.url));
        let folder = self.folder.as_ref();
        write(&self.url, folder, &target, &key, &Progress::silent())
    }

    /// Removes all but the newest backups.
    fn prune(&self, now: DateTime<Utc>) {
        let mut backups = backups_in(&self.dir);
        backups.truncate(
            backups
                .len()
                .saturating_sub(self.settings.backup_keep.into()),
        );
        for (_, path) in backups {
            let parts = [path.clone(), checkpoint_of(&path), files::list_of(&path)];
            let removed = parts.iter().try_for_each(|part| remove_if_there(part));
            if let Err(error) = removed {
                tracing::warn!(%error, file = %path.display(), "an old backup stays");
            }
        }
        let left: Vec<PathBuf> = backups_in(&self.dir).into_iter().map(|b| b.1).collect();
        if let Err(error) = files::prune(&self.dir, &left, now) {
            tracing::warn!(%error, "files of old backups stay");
        }
    }
}

fn succeeded_at(at: DateTime<Utc>) {
    #[expect(
        clippy::cast_precision_loss,
        reason = "metrics are floating-point numbers"
    )]
    metrics::gauge!("backup_last_success_timestamp_seconds").set(at.timestamp() as f64);
}

/// Returns the server's own backups in a directory, the oldest first.
fn backups_in(dir: &Path) -> Vec<(DateTime<Utc>, PathBuf)> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut backups: Vec<_> = entries
        .filter_map(|entry| Some((instant_in(entry.file_name().to_str()?)?, entry.path())))
        .collect();
    backups.sort();
    backups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_removed() {
        let dir = std::env::temp_dir().join(format!("mou-prune-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let names = ["20261101T000000Z", "20261103T000000Z", "20261102T000000Z"];
        let names = names.map(|stamp| format!("mou-registry-{stamp}.db"));
        for name in &names {
            std::fs::write(dir.join(name), "").unwrap();
            std::fs::write(checkpoint_of(&dir.join(name)), "").unwrap();
        }
        std::fs::write(dir.join("mou-registry-old.db"), "").unwrap();
        let settings = BackupSettings {
            backup_dir: Some(dir.clone()),
            backup_every: Duration::from_secs(1),
            backup_keep: 2,
            key: AuditKey {
                file: dir.join("key"),
            },
        };
        let url = DatabaseUrl::Sqlite("a.db".into());
        Job {
            url,
            folder: None,
            dir: dir.clone(),
            settings,
        }
        .prune(DateTime::<Utc>::MAX_UTC);
        let left = backups_in(&dir).into_iter().map(|(_, path)| path);
        assert_eq!(
            left.collect::<Vec<_>>(),
            [dir.join(&names[2]), dir.join(&names[1])]
        );
        // Five files: two backups with their checkpoints, and what is not of the server.
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 5);
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
