//! Requests for the same file at once: what one of them records, no other removes.

use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use actix_web::rt::time::timeout;
use chrono::{DateTime, TimeDelta, Utc};
use mou_registry::db::Db;
use mou_registry::files::{Folder, Store, Whole, sweep, table};
use mou_registry::kernel::error::{ApiError, Code};
use tokio::sync::oneshot;

use super::files::PDF;
use crate::support::Api;
use crate::support::objects::{Mood, Objects, store_at};

on_both!(new: what_another_request_records_stays_in_the_bucket, what_nobody_records_leaves_the_bucket,
    nothing_is_recorded_while_it_is_removed, a_claim_ends_by_itself, a_folder_keeps_what_is_being_recorded);

fn received(store: &Store) -> Arc<Whole> {
    let mut incoming = store.begin(1000).unwrap();
    incoming.write(PDF).unwrap();
    Arc::new(incoming.finish().unwrap())
}

/// Some requests with the same file, which are in the bucket.
async fn offered<const N: usize>(api: &Api, store: &Store) -> [Arc<Whole>; N] {
    let all = [(); N].map(|()| received(store));
    for whole in &all {
        whole.offer(&api.state.db, now(api)).await.unwrap();
    }
    all
}

fn now(api: &Api) -> DateTime<Utc> {
    api.state.clock.now()
}

async fn record(db: &Db, whole: &Arc<Whole>, now: DateTime<Utc>) -> Result<(), ApiError> {
    let whole = whole.clone();
    db.write(move |conn| {
        table::note(conn, &whole, now.naive_utc())?;
        whole.keep().map_err(ApiError::unavailable)
    })
    .await
}

async fn what_another_request_records_stays_in_the_bucket(api: Api) {
    let objects = Objects::new();
    let store = store_at(&objects.url("goyang"));
    let (db, now) = (&api.state.db, now(&api));
    let [one, two] = offered(&api, &store).await;
    // The first one put it, and fails while the second one is about to record it.
    one.settle(db, now, false).await.unwrap();
    assert_eq!(objects.keys().len(), 1);
    record(db, &two, now).await.unwrap();
    two.settle(db, now, true).await.unwrap();
    let [three] = offered(&api, &store).await;
    three.settle(db, now, false).await.unwrap();
    assert_eq!(objects.keys().len(), 1);
}

async fn what_nobody_records_leaves_the_bucket(api: Api) {
    let objects = Objects::new();
    let store = store_at(&objects.url("goyang"));
    let (db, now) = (&api.state.db, now(&api));
    let [one, two] = offered(&api, &store).await;
    two.settle(db, now, false).await.unwrap();
    assert_eq!(objects.keys().len(), 1);
    one.settle(db, now, false).await.unwrap();
    assert!(objects.keys().is_empty());
    // What was erased leaves it with the last one, who has not put it.
    let [one] = offered(&api, &store).await;
    record(db, &one, now).await.unwrap();
    let digest = one.digest.clone();
    let erased = digest.clone();
    let erase = move |conn: &mut _| table::note_erasure(conn, &erased, now.naive_utc());
    let [two] = offered(&api, &store).await;
    db.write(erase).await.unwrap();
    sweep::erase(db, &store, digest, now).await.unwrap();
    assert_eq!(objects.keys().len(), 1);
    two.settle(db, now, false).await.unwrap();
    assert!(objects.keys().is_empty());
}

async fn nothing_is_recorded_while_it_is_removed(api: Api) {
    let objects = Objects::new();
    let store = store_at(&objects.url("goyang"));
    let (db, now) = (&api.state.db, now(&api));
    let [one] = offered(&api, &store).await;
    objects.now(Mood::Refusing);
    one.settle(db, now, false).await.unwrap_err();
    objects.now(Mood::Willing);
    // The store may still do what it was asked to.
    let other = received(&store);
    let refused = other.offer(db, now).await.unwrap_err();
    assert_eq!(refused.code, Code::Unavailable);
    assert_eq!(refused.retry_after, Some(300));
    let later = now + TimeDelta::seconds(301);
    other.offer(db, later).await.unwrap();
    record(db, &other, later).await.unwrap();
}

async fn a_claim_ends_by_itself(api: Api) {
    let objects = Objects::new();
    let store = store_at(&objects.url("goyang"));
    let (db, now) = (&api.state.db, now(&api));
    let [one] = offered(&api, &store).await;
    let later = now + TimeDelta::hours(2);
    sweep::erase(db, &store, one.digest.clone(), later)
        .await
        .unwrap();
    assert!(objects.keys().is_empty());
    // Whoever took that long records nothing.
    let refused = record(db, &one, later).await.unwrap_err();
    assert_eq!(refused.code, Code::Unavailable);
    let listed = db.read(table::all).await.unwrap();
    assert!(listed.is_empty());
}

async fn a_folder_keeps_what_is_being_recorded(api: Api) {
    let path: PathBuf = std::env::temp_dir().join(format!("mou-held-{}", uuid::Uuid::new_v4()));
    let store = Store::from(Folder::new(path.clone()));
    let (db, now) = (api.state.db.clone(), now(&api));
    let whole = received(&store);
    let digest = whole.digest.clone();
    let (noted, seen) = oneshot::channel();
    let (go_on, waiting) = mpsc::channel::<()>();
    let mut noted = Some(noted);
    let writing = db.clone();
    let recording = actix_web::rt::spawn(async move {
        let record = move |conn: &mut _| {
            table::note(conn, &whole, now.naive_utc())?;
            whole.keep().map_err(ApiError::unavailable)?;
            noted.take().unwrap().send(()).unwrap();
            waiting.recv().map_err(ApiError::internal)
        };
        writing.write(record).await
    });
    seen.await.unwrap();
    // No row is to be seen yet, and whoever removes files waits for it.
    let mut removing = Box::pin(sweep::erase(&db, &store, digest.clone(), now));
    let early = timeout(Duration::from_millis(300), &mut removing).await;
    assert!(early.is_err());
    go_on.send(()).unwrap();
    removing.await.unwrap();
    recording.await.unwrap().unwrap();
    store.check(&digest).unwrap();
    std::fs::remove_dir_all(path).unwrap();
}
