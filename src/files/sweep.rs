//! Removes bytes that no record has: those that were erased, what was not received as a whole, and
//! those whose transaction failed.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

use super::bucket::Bucket;
use super::claims::{self, Claim};
use super::probe::on_a_thread;
use super::table::{self, Listed};
use super::{Content, Digest, Found, Store, unavailable};
use crate::db::Db;
use crate::kernel::error::ApiError;
use crate::kernel::files::remove_if_there;

/// Age from which bytes without a record are removed: a request that was about to record them has
/// ended by then.
const AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// Bytes to remove.
enum Waste {
    /// Removed unless a record has them meanwhile.
    Of(Digest),
    At(PathBuf),
}

/// Removes the bytes of a file that was erased, unless it was recorded again.
///
/// # Errors
/// Fails if the database or the store cannot be written.
pub async fn erase(
    db: &Db,
    store: &Store,
    digest: Digest,
    now: DateTime<Utc>,
) -> Result<(), ApiError> {
    let folder = match store {
        Store::Folder(folder) => folder.clone(),
        Store::Bucket(bucket) => return empty(db, bucket, (&digest, None), now).await,
    };
    // In a folder it takes no time, so the transaction itself keeps others from recording the file.
    db.write(move |conn| match table::find_held(conn, &digest)? {
        Some(file) if !file.is_erased => Ok(()),
        _ => folder.remove(&digest).map_err(unavailable),
    })
    .await
}

/// Removes a file from a bucket, unless a record has it or is about to. `own` is the claim of a request that
/// does not record the file after all.
///
/// # Errors
/// Like [`erase`]. The file is claimed for a while then: the store may still remove it.
pub(super) async fn empty(
    db: &Db,
    bucket: &Bucket,
    (digest, own): (&Digest, Option<&Claim>),
    now: DateTime<Utc>,
) -> Result<(), ApiError> {
    let (bucket, digest, own, id) = (
        bucket.clone(),
        digest.clone(),
        own.cloned(),
        claims::new_id(),
    );
    let (file, claim) = (digest.clone(), id.clone());
    let claimed = db
        .write(move |conn| claims::to_remove(conn, (&claim, &file), own.as_ref(), now.naive_utc()));
    if claimed.await? {
        let removed = on_a_thread(move || bucket.remove(&digest)).await;
        removed.map_err(unavailable)?;
        db.write(move |conn| claims::end(conn, &id)).await?;
    }
    Ok(())
}

/// Removes the bytes of all erased files, and what was not received as a whole; with `unknown`, also
/// files that no record ever had. What no record has is removed from the age of a day. Returns the
/// number of files.
///
/// # Errors
/// Fails if the database or the store cannot be read or written.
pub async fn sweep(
    db: &Db,
    store: &Store,
    now: DateTime<Utc>,
    unknown: bool,
) -> Result<usize, ApiError> {
    let searched = store.clone();
    let found = on_a_thread(move || searched.found());
    let found = found.await.map_err(unavailable)?;
    let wasted = db.read(move |conn| Ok(waste(&table::all(conn)?, &found, now, unknown)));
    let wasted = wasted.await?;
    let count = wasted.len();
    for waste in wasted {
        match waste {
            Waste::Of(digest) => erase(db, store, digest, now).await?,
            Waste::At(path) => {
                let removed = on_a_thread(move || remove_if_there(&path));
                removed.await.map_err(unavailable)?;
            }
        }
    }
    Ok(count)
}

/// Finds what [`sweep`] removes.
fn waste(files: &[Listed], found: &[Found], now: DateTime<Utc>, unknown: bool) -> Vec<Waste> {
    let mut wasted = Vec::new();
    for found in found {
        let age = SystemTime::from(now).duration_since(found.modified);
        let is_old = age.is_ok_and(|age| age > AGE);
        match &found.what {
            Content::File(digest) if is_waste(files, digest, unknown && is_old) => {
                wasted.push(Waste::Of(digest.clone()));
            }
            Content::Incoming(path) if is_old => wasted.push(Waste::At(path.clone())),
            Content::File(_) | Content::Incoming(_) | Content::Foreign => {}
        }
    }
    wasted
}

fn is_waste(files: &[Listed], digest: &Digest, unknown: bool) -> bool {
    let place = files.binary_search_by(|file| file.digest.cmp(digest));
    place.map_or(unknown, |place| files[place].is_erased)
}
