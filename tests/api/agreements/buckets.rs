//! Files of documents in a bucket of an S3-like store.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::json;

use super::files::{City, OTHER, PDF, add, files_of, form};
use crate::support::objects::{Mood, Objects, kept_at};
use crate::support::{Answer, Api};

on_both!(new: a_file_is_kept_in_a_bucket, parts_come_from_the_bucket, a_file_is_put_once,
    a_damaged_object_is_not_sent, what_is_erased_leaves_the_bucket, what_is_refused_leaves_the_bucket,
    stores_that_know_less_take_files, a_store_that_is_away_is_told);

async fn a_file_is_kept_in_a_bucket(api: Api) {
    let objects = Objects::new();
    let serving = objects.serving(&api).await;
    let city = City::new(&serving).await;
    let document = city.document().await;
    let added = add(&city.editor, &document, "", PDF).await.expect(201);
    let digest = added.body["documents"][0]["files"][0]["sha256"].as_str();
    let digest = digest.unwrap();
    let key = format!("goyang/{}/{digest}", &digest[..2]);
    assert_eq!(objects.keys(), [key.as_str()]);
    assert_eq!(objects.bytes(&key), PDF);
    let location = &added.headers["location"];
    assert_eq!(city.editor.read(location).await.text.as_bytes(), PDF);
    // Who has the file causes no request to the store.
    objects.asked();
    let tag = format!("\"{digest}\"");
    let known = [("if-none-match", tag.as_str())];
    let known = city.editor.send("GET", location, &known, None).await;
    known.expect(304);
    assert!(objects.asked().is_empty());
    // A document can come with its file.
    let headers = [("content-type", "multipart/form-data; boundary=b")];
    let stated = r#"{"title": {"ko": "부속합의서"}}"#;
    let file = ("name=\"file\"; filename=\"a.pdf\"", OTHER);
    let whole = form(&[("name=\"document\"", stated.as_bytes()), file]);
    let documents = document.rsplit_once('/').unwrap().0;
    let send = async |by: &Api| {
        let whole = Some(whole.clone());
        by.send("POST", documents, &headers, whole).await
    };
    let other = json!({"name": "other", "role": "viewer", "municipality_ids": [city.id]});
    send(&serving.caller(other).await).await.expect(403);
    assert_eq!(objects.keys().len(), 1);
    send(&city.editor).await.expect(201);
    assert_eq!(objects.keys().len(), 2);
}

async fn parts_come_from_the_bucket(api: Api) {
    let objects = Objects::new();
    let city = City::new(&objects.serving(&api).await).await;
    let document = city.document().await;
    add(&city.editor, &document, "", PDF).await.expect(201);
    let path = format!("{document}/file");
    let part = async |range| {
        let range = [("range", range)];
        city.editor.send("GET", &path, &range, None).await
    };
    objects.asked();
    let sent = part("bytes=2-5").await.expect(206);
    assert_eq!(sent.text.as_bytes(), &PDF[2..6]);
    let range = format!("bytes 2-5/{}", PDF.len());
    assert_eq!(sent.headers["content-range"], range);
    // The whole file is compared, and a part of it is sent.
    assert_eq!(objects.asked(), ["GET"]);
    let last = part("bytes=-3").await.expect(206);
    assert_eq!(last.text.as_bytes(), &PDF[PDF.len() - 3..]);
    part("bytes=900-").await.expect(416);
    // Other bytes are not sent, be they as many, fewer or more.
    let key = objects.keys().remove(0);
    let changed = PDF.to_ascii_uppercase();
    assert_ne!(changed, PDF);
    for bytes in [&changed[..], b"%PDF-1.7", &[PDF, PDF].concat()] {
        objects.write(&key, bytes);
        let refused = part("bytes=2-5").await.expect(500);
        assert!(refused.text.contains("SHA-256"), "{}", refused.text);
    }
}

async fn a_file_is_put_once(api: Api) {
    let objects = Objects::new();
    let city = City::new(&objects.serving(&api).await).await;
    let (one, two) = (city.document().await, city.document().await);
    add(&city.editor, &one, "", PDF).await.expect(201);
    objects.asked();
    add(&city.editor, &two, "", PDF).await.expect(201);
    // It is there, and is what it should be. No write waits for the store.
    assert_eq!(objects.asked(), ["HEAD", "GET"]);
    assert_eq!(objects.keys().len(), 1);
}

async fn a_damaged_object_is_not_sent(api: Api) {
    let objects = Objects::new();
    let city = City::new(&objects.serving(&api).await).await;
    let document = city.document().await;
    add(&city.editor, &document, "", PDF).await.expect(201);
    let path = format!("{document}/file");
    let key = objects.keys().remove(0);
    objects.write(&key, b"%PDF-1.7 changed");
    let refused = city.editor.get(&path).await.expect(500);
    assert!(refused.text.contains("SHA-256"), "{}", refused.text);
    objects.remove(&key);
    let refused = city.editor.get(&path).await.expect(500);
    assert!(refused.text.contains("없어졌습니다"), "{}", refused.text);
    // The same file, sent again, heals it: what is gone, and what was changed.
    for damaged in [None, Some(b"%PDF-1.7 changed")] {
        if let Some(bytes) = damaged {
            objects.write(&key, bytes);
        }
        let again = "correction_reason=a";
        add(&city.editor, &document, again, PDF).await.expect(201);
        assert_eq!(city.editor.read(&path).await.text.as_bytes(), PDF);
    }
}

async fn what_is_erased_leaves_the_bucket(api: Api) {
    let objects = Objects::new();
    let city = City::new(&objects.serving(&api).await).await;
    let (one, two) = (city.document().await, city.document().await);
    let first = add(&city.editor, &one, "", PDF).await.expect(201);
    let second = add(&city.editor, &two, "", PDF).await.expect(201);
    let (first, second) = (&first.headers["location"], &second.headers["location"]);
    let erase = async |file: &str| {
        let path = format!("{file}?reason=%EC%A3%BC%EC%86%8C");
        city.editor.delete(&path, "*").await.expect(204);
    };
    erase(first).await;
    // The other agreement has the same content.
    assert_eq!(objects.keys().len(), 1);
    erase(second).await;
    assert!(objects.keys().is_empty());
    assert_eq!(
        files_of(&city.editor, &two).await[0]["erased"]["reason"]["ko"],
        "주소"
    );
    // What is sent again is kept again, but not for a request that was answered before.
    let key = [("idempotency-key", "once")];
    let path = format!("{one}/files");
    let send = async || {
        city.editor
            .send("POST", &path, &key, Some(PDF.to_vec()))
            .await
    };
    let made = send().await.expect(201);
    assert_eq!(objects.keys().len(), 1);
    erase(&made.headers["location"]).await;
    send().await.expect(201);
    assert!(objects.keys().is_empty());
}

async fn what_is_refused_leaves_the_bucket(api: Api) {
    let objects = Objects::new();
    let city = City::new(&objects.serving(&api).await).await;
    let document = city.document().await;
    add(&city.editor, &document, "", PDF).await.expect(201);
    let kept = objects.keys();
    // What replaces a file after the signing needs a reason, which its transaction sees.
    for bytes in [OTHER, PDF] {
        objects.asked();
        let refused = add(&city.editor, &document, "", bytes).await;
        assert!(refused.status.is_client_error(), "{}", refused.text);
        assert!(objects.asked().contains(&"HEAD".to_owned()));
        assert_eq!(objects.keys(), kept);
    }
    // Nothing is sent to the store that is of no accepted kind, or for callers who may not change it.
    objects.asked();
    add(&city.editor, &document, "", b"MZ").await.expect(415);
    add(&city.editor.with(None), &document, "", OTHER)
        .await
        .expect(401);
    assert!(objects.asked().is_empty());
}

async fn stores_that_know_less_take_files(api: Api) {
    let objects = Objects::new();
    let city = City::new(&objects.serving(&api).await).await;
    let document = city.document().await;
    // What a store does not compare itself is read again.
    objects.now(Mood::Careless);
    unreachable(add(&city.editor, &document, "", PDF).await);
    assert!(files_of(&city.editor, &document).await.is_empty());
    for (mood, asked) in [
        // A damaged object is there, and replaced.
        (Mood::Plain, &["HEAD", "GET", "PUT", "PUT", "GET"][..]),
        (Mood::Plain, &["HEAD", "PUT", "PUT", "PUT", "GET"][..]),
        (Mood::Contested, &["HEAD", "PUT", "HEAD", "PUT"][..]),
        (Mood::Overtaken, &["HEAD", "PUT", "HEAD"][..]),
    ] {
        objects.now(mood);
        objects.asked();
        let again = "correction_reason=a";
        add(&city.editor, &document, again, PDF).await.expect(201);
        assert_eq!(objects.asked(), asked, "{mood:?}");
        let path = format!("{document}/file");
        assert_eq!(city.editor.read(&path).await.text.as_bytes(), PDF);
        let key = objects.keys().remove(0);
        objects.remove(&key);
    }
}

#[track_caller]
fn unreachable(answer: Answer) {
    let answer = answer.expect(503);
    assert_eq!(answer.body["outage"], "files_unreachable");
    assert!(answer.headers.contains_key("retry-after"));
    assert!(!answer.text.contains("hush"), "{}", answer.text);
}

async fn a_store_that_is_away_is_told(api: Api) {
    let objects = Objects::new();
    let served = objects.serving(&api).await;
    let city = City::new(&served).await;
    let document = city.document().await;
    add(&city.editor, &document, "", PDF).await.expect(201);
    let path = format!("{document}/file");
    let state = async |api: &Api| {
        let began = Instant::now();
        let state = api.read("/readyz").await.body["degraded_by"].clone();
        // A silent store takes 3 seconds, and load balancers do not wait for it.
        assert!(began.elapsed() < Duration::from_millis(2500));
        state
    };
    assert_eq!(state(&served).await, json!([]));
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let nowhere = format!("s3://mou-files/goyang?endpoint=http://127.0.0.1:{port}");
    for (mood, url) in [
        (Mood::Refusing, objects.url("goyang")),
        (Mood::Willing, nowhere),
        (Mood::Silent, objects.url("goyang")),
    ] {
        objects.now(mood);
        let mut editor = kept_at(&city.editor, &url).await;
        let began = Instant::now();
        state(&editor).await;
        unreachable(add(&editor, &document, "", OTHER).await);
        // The store was asked meanwhile.
        while state(&editor).await != json!(["files_unreachable"]) {
            assert!(began.elapsed() < Duration::from_secs(30), "{mood:?}");
        }
        unreachable(editor.get(&path).await);
        // What needs no file goes on.
        editor.read(&document).await;
        objects.now(Mood::Willing);
        editor = kept_at(&city.editor, &objects.url("goyang")).await;
        assert_eq!(editor.read(&path).await.text.as_bytes(), PDF);
        assert_eq!(state(&editor).await, json!([]));
    }
}
