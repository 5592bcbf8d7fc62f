//! The program's commands for files in a bucket of an S3-like store.

use mou_registry::db::DatabaseUrl;

use super::files::{PDF, kept, text};
use super::{done, program, refused, scratch, sqlite};
use crate::support::databases::files_beside;
use crate::support::objects::{FLAGS, Mood, Objects, kept_at};
use crate::support::{Api, Backend, database};

on_both!(new: files_move_to_a_bucket_and_back, files_move_between_stores, a_place_is_not_emptied_into_itself, a_backup_has_the_files_of_a_bucket, what_is_wrong_in_a_bucket_is_named);

fn empty(api: &Api, file: &std::path::Path) -> DatabaseUrl {
    match api.backend() {
        Backend::Sqlite => sqlite(file),
        Backend::Postgres => database(Backend::Postgres),
    }
}

fn with_keys<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &FLAGS].concat()
}

async fn files_move_to_a_bucket_and_back(api: Api) {
    let dir = scratch(&format!("moved-{:?}", api.backend()));
    let (file, content) = kept(&api).await;
    let objects = Objects::new();
    let (folder, bucket) = (text(&files_beside(&api.url)), objects.url("a/b"));
    let to = with_keys(&["files", "move", &folder, &bucket]);

    // Without its keys, or with a store that is away, nothing happens.
    let said = refused(&program(&dir, &api.url, &to[..4]));
    assert!(said.contains("AWS_SECRET_ACCESS_KEY"), "{said}");
    objects.now(Mood::Refusing);
    let said = refused(&program(&dir, &api.url, &to));
    assert!(
        said.contains("InvalidAccessKeyId") || said.contains("403"),
        "{said}"
    );
    assert!(!said.contains("hush"), "{said}");
    objects.now(Mood::Willing);
    // A damaged file is not copied, and named; the command goes on once it is whole.
    std::fs::write(&content, "changed").unwrap();
    let said = refused(&program(&dir, &api.url, &to));
    assert!(said.contains("was changed"), "{said}");
    assert!(objects.keys().is_empty());
    std::fs::write(&content, PDF).unwrap();
    let said = done(&program(&dir, &api.url, &to));
    assert!(said.contains("has all 1 files"), "{said}");
    assert!(content.exists());
    let key = objects.keys().remove(0);
    assert!(key.starts_with("a/b/"), "{key}");
    // What was changed there since is found and replaced.
    objects.write(&key, b"changed");
    let remove = [&to[..], &["--remove"]].concat();
    done(&program(&dir, &api.url, &remove));
    assert_eq!(objects.bytes(&key), PDF);
    assert!(!content.exists());
    let moved = kept_at(&api, &bucket).await;
    assert_eq!(moved.read(&file).await.text.as_bytes(), PDF);

    let back = with_keys(&["files", "move", &bucket, &folder, "--remove"]);
    done(&program(&dir, &api.url, &back));
    assert!(content.exists() && objects.keys().is_empty());
    let same = with_keys(&["files", "move", &bucket, &bucket]);
    refused(&program(&dir, &api.url, &same));
    std::fs::remove_dir_all(&dir).unwrap();
}

async fn files_move_between_stores(api: Api) {
    let dir = scratch(&format!("between-{:?}", api.backend()));
    let (_, _content) = kept(&api).await;
    let (one, two) = (Objects::new(), Objects::with_secret("another"));
    let folder = text(&files_beside(&api.url));
    let (from, to) = (one.url("goyang"), two.url("goyang"));
    // Keys that are valid for a while come with a token, which is signed as well.
    let first = [
        "files",
        "move",
        &folder,
        &from,
        "--files-session-token",
        "t",
    ];
    done(&program(&dir, &api.url, &with_keys(&first)));
    let go = with_keys(&["files", "move", &from, &to, "--remove"]);
    let said = refused(&program(&dir, &api.url, &go));
    assert!(
        said.contains("SignatureDoesNotMatch") || said.contains("403"),
        "{said}"
    );
    // The two differ by their address alone, which is shown.
    assert!(said.contains(" at http://127.0.0.1:"), "{said}");
    let half = [&go[..], &["--to-key-id", "AKIDTEST"]].concat();
    refused(&program(&dir, &api.url, &half));
    let go = [&half[..], &["--to-secret-key", "another"]].concat();
    done(&program(&dir, &api.url, &go));
    assert!(one.keys().is_empty());
    assert_eq!(two.keys().len(), 1);
    std::fs::remove_dir_all(&dir).unwrap();
}

async fn a_place_is_not_emptied_into_itself(api: Api) {
    let dir = scratch(&format!("itself-{:?}", api.backend()));
    let (_, content) = kept(&api).await;
    let folder = files_beside(&api.url);
    let link = dir.join("link");
    std::os::unix::fs::symlink(&folder, &link).unwrap();
    let folder = text(&folder);
    let objects = Objects::new();
    let bucket = objects.url("goyang");
    done(&program(
        &dir,
        &api.url,
        &with_keys(&["files", "move", &folder, &bucket]),
    ));
    let again = objects.url_at("localhost", "goyang");
    for (from, to) in [
        (&folder, &format!("{folder}/")),
        (&folder, &text(&link)),
        (&text(&link), &folder),
        (&bucket, &objects.url("goyang/")),
        (&bucket, &again),
    ] {
        let go = with_keys(&["files", "move", from, to, "--remove"]);
        let said = refused(&program(&dir, &api.url, &go));
        assert!(said.contains("are the same place"), "{from} {to} {said}");
    }
    assert!(content.exists());
    assert_eq!(objects.keys().len(), 1);
    std::fs::remove_dir_all(&dir).unwrap();
}

async fn a_backup_has_the_files_of_a_bucket(api: Api) {
    let dir = scratch(&format!("bucket-{:?}", api.backend()));
    let objects = Objects::new();
    let (file, content) = kept(&api).await;
    let (folder, bucket) = (text(&files_beside(&api.url)), objects.url("one"));
    let to = with_keys(&["files", "move", &folder, &bucket, "--remove"]);
    done(&program(&dir, &api.url, &to));
    assert!(!content.exists());
    let backup = with_keys(&["backup", "a.jsonl", "--files", &bucket]);
    done(&program(&dir, &api.url, &backup));
    let url = empty(&api, &dir.join("restored.db"));
    let other = objects.url("other");
    let restore = with_keys(&["restore", "a.jsonl", "--files", &other]);
    let said = done(&program(&dir, &url, &restore));
    assert!(said.contains("Files: 1."), "{said}");
    assert_eq!(objects.keys().len(), 2);
    let verify = with_keys(&["audit", "verify", "--files", "--files-dir", &other]);
    let said = done(&program(&dir, &url, &verify));
    assert!(said.contains("1 files have their content"), "{said}");
    let restored = kept_at(&Api::on(url).await, &other).await;
    assert_eq!(restored.read(&file).await.text.as_bytes(), PDF);
    // An export is loaded with its files from a bucket, too.
    std::fs::write(dir.join("all.jsonl"), api.read("/export").await.text).unwrap();
    let url = empty(&api, &dir.join("loaded.db"));
    let there = text(&dir.join("there"));
    let load = with_keys(&[
        "load",
        "all.jsonl",
        "--files-from",
        &bucket,
        "--files",
        &there,
    ]);
    done(&program(&dir, &url, &load));
    std::fs::remove_dir_all(&dir).unwrap();
}

async fn what_is_wrong_in_a_bucket_is_named(api: Api) {
    let dir = scratch(&format!("bucket-audit-{:?}", api.backend()));
    let objects = Objects::new();
    let bucket = objects.url("goyang");
    let (_, content) = kept(&api).await;
    let folder = text(&files_beside(&api.url));
    let to = with_keys(&["files", "move", &folder, &bucket]);
    done(&program(&dir, &api.url, &to));
    let key = objects.keys().remove(0);
    let verify = with_keys(&["audit", "verify", "--files", "--files-dir", &bucket]);
    done(&program(&dir, &api.url, &verify));
    let stray = format!("goyang/0a/{}", "0a".repeat(32));
    for key in [
        stray.as_str(),
        "goyang/readme.txt",
        "goyang/b",
        "elsewhere/a",
    ] {
        objects.write(key, b"x");
    }
    let said = done(&program(&dir, &api.url, &verify));
    assert!(said.contains("s3://mou-files/goyang/readme.txt"), "{said}");
    assert!(!said.contains("elsewhere"), "{said}");
    // Files that no record has are removed from the age of a day, and nothing else.
    let sweep = with_keys(&["files", "sweep", "--files", &bucket]);
    let said = done(&program(&dir, &api.url, &sweep));
    assert!(said.contains(": 1 files"), "{said}");
    assert!(!objects.keys().contains(&stray) && objects.keys().contains(&key));

    objects.write(&key, b"changed");
    let said = refused(&program(&dir, &api.url, &verify));
    assert!(said.contains("was changed"), "{said}");
    objects.remove(&key);
    let said = refused(&program(&dir, &api.url, &verify));
    assert!(said.contains("is gone"), "{said}");
    // A store that is away says nothing of the files.
    objects.now(Mood::Refusing);
    let said = refused(&program(&dir, &api.url, &verify));
    assert!(
        said.contains("answers 403") && !said.contains("is gone"),
        "{said}"
    );
    objects.now(Mood::Willing);
    let take = with_keys(&["files", "take", &folder, "--files", &bucket]);
    done(&program(&dir, &api.url, &take));
    done(&program(&dir, &api.url, &verify));
    assert!(content.exists());

    // Erased content that is still there is a fault, until it is swept.
    let served = kept_at(&api, &bucket).await;
    let list = served.read("/agreements").await;
    let id = list.items()[0]["id"].as_str().unwrap().to_owned();
    let one = served.read(&format!("/agreements/{id}")).await;
    let document = &one.body["documents"][0];
    let (document, file) = (document["id"].clone(), document["files"][0]["id"].clone());
    let (document, file) = (document.as_str().unwrap(), file.as_str().unwrap());
    let path = format!("/agreements/{id}/documents/{document}/files/{file}?reason=a");
    served.delete(&path, "*").await.expect(204);
    done(&program(&dir, &api.url, &verify));
    objects.write(&key, PDF);
    let said = refused(&program(&dir, &api.url, &verify));
    assert!(said.contains("was erased"), "{said}");
    done(&program(&dir, &api.url, &sweep));
    done(&program(&dir, &api.url, &verify));
    std::fs::remove_dir_all(&dir).unwrap();
}
