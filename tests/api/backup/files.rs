//! Files in backups, and what the program says of their folder.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{done, program, refused, scratch, sqlite};
use crate::support::databases::files_beside;
use crate::support::records::signed_mou;
use crate::support::{Api, Backend, database};

on_both!(new: a_backup_carries_the_files, an_export_is_loaded_with_its_files, what_is_wrong_with_files_is_named);

pub(super) const PDF: &[u8] = b"%PDF-1.7\nthe agreement as signed\n";

/// Keeps a file of an agreement. Returns its path in the API, and that of its content.
pub(super) async fn kept(api: &Api) -> (String, PathBuf) {
    let city = json!({"code": "4128000000"});
    let city = api.create("/municipalities", &city).await.id().to_owned();
    let partner = api.organization("한국바이오").await;
    let more = json!({"documents": [{"title": {"ko": "협약서"}}]});
    let new = signed_mou(&[&city, &partner], "2021-04-16", more);
    let made = api.create("/agreements", &new).await;
    let document = made.body["documents"][0]["id"].as_str().unwrap();
    let files = format!("/agreements/{}/documents/{document}/files", made.id());
    let added = api
        .send("POST", &files, &[], Some(PDF.to_vec()))
        .await
        .expect(201);
    let digest = added.body["documents"][0]["files"][0]["sha256"]
        .as_str()
        .unwrap();
    let content = files_beside(&api.url).join(&digest[..2]).join(digest);
    assert!(content.exists());
    (added.headers["location"].clone(), content)
}

pub(super) fn text(path: &Path) -> String {
    path.display().to_string()
}

async fn a_backup_carries_the_files(api: Api) {
    let dir = scratch(&format!("files-{:?}", api.backend()));
    let (file, content) = kept(&api).await;
    let folder = text(&files_beside(&api.url));
    let backup = ["backup", "a.jsonl", "--files", &folder];
    done(&program(&dir, &api.url, &backup));
    let list = std::fs::read_to_string(dir.join("a.jsonl.files.txt")).unwrap();
    assert_eq!(list.lines().count(), 1);
    let copies = dir.join("mou-registry-files");
    let copy = copies.join(&list[..2]).join(list.trim());
    assert_eq!(std::fs::read(&copy).unwrap(), PDF);

    let url = match api.backend() {
        Backend::Sqlite => sqlite(&dir.join("restored.db")),
        Backend::Postgres => database(Backend::Postgres),
    };
    let there = text(&dir.join("there"));
    let restore = ["restore", "a.jsonl", "--files", &there];
    // A copy that was changed is not restored, and neither are the records.
    std::fs::write(&copy, "changed").unwrap();
    let said = refused(&program(&dir, &url, &restore));
    assert!(said.contains("was changed"), "{said}");
    std::fs::write(&copy, PDF).unwrap();
    let said = done(&program(&dir, &url, &restore));
    assert!(said.contains("Files: 1."), "{said}");
    let verify = ["audit", "verify", "--files", "--files-dir", &there];
    let said = done(&program(&dir, &url, &verify));
    assert!(said.contains("1 files have their content"), "{said}");
    let mut old = Api::on(url).await;
    let folder = mou_registry::files::Folder::new(dir.join("there"));
    old.state.files = mou_registry::files::Files::new(Some(folder.into()), 1000);
    assert_eq!(old.served().await.read(&file).await.text.as_bytes(), PDF);

    // A backup is not whole without its files.
    std::fs::remove_file(&content).unwrap();
    let empty = scratch(&format!("files-gone-{:?}", api.backend()));
    let said = refused(&program(&empty, &api.url, &backup));
    assert!(said.contains("is gone"), "{said}");
    assert_eq!(
        std::fs::read_dir(&empty)
            .unwrap()
            .filter(|f| f.as_ref().unwrap().path().is_file())
            .count(),
        1
    );
    let take = ["files", "take", &text(&copies), "--files", backup[3]];
    done(&program(&dir, &api.url, &take));
    assert_eq!(std::fs::read(&content).unwrap(), PDF);
    std::fs::remove_dir_all(&dir).unwrap();
    std::fs::remove_dir_all(&empty).unwrap();
}

async fn an_export_is_loaded_with_its_files(api: Api) {
    let dir = scratch(&format!("loaded-{:?}", api.backend()));
    let (file, content) = kept(&api).await;
    let exported = api.read("/export").await.text;
    std::fs::write(dir.join("all.jsonl"), exported).unwrap();
    let from = text(&files_beside(&api.url));
    let there = text(&dir.join("there"));
    let load = [
        "load",
        "all.jsonl",
        "--files-from",
        &from,
        "--files",
        &there,
    ];
    let url = match api.backend() {
        Backend::Sqlite => sqlite(&dir.join("loaded.db")),
        Backend::Postgres => database(Backend::Postgres),
    };
    done(&program(&dir, &url, &load));
    let mut loaded = Api::on(url).await;
    let folder = mou_registry::files::Folder::new(dir.join("there"));
    loaded.state.files = mou_registry::files::Files::new(Some(folder.into()), 1000);
    let loaded = loaded.served().await;
    assert_eq!(loaded.read(&file).await.text.as_bytes(), PDF);

    // What is missing is named, and can be copied later.
    std::fs::remove_file(&content).unwrap();
    let url = match api.backend() {
        Backend::Sqlite => sqlite(&dir.join("other.db")),
        Backend::Postgres => database(Backend::Postgres),
    };
    let elsewhere = text(&dir.join("elsewhere"));
    let load = [
        "load",
        "all.jsonl",
        "--files-from",
        &from,
        "--files",
        &elsewhere,
    ];
    let said = refused(&program(&dir, &url, &load));
    assert!(said.contains("these files are missing"), "{said}");
    done(&program(
        &dir,
        &url,
        &["files", "take", &there, "--files", &elsewhere],
    ));
    std::fs::remove_dir_all(&dir).unwrap();
}

async fn what_is_wrong_with_files_is_named(api: Api) {
    let dir = scratch(&format!("audit-{:?}", api.backend()));
    let (file, content) = kept(&api).await;
    let folder = files_beside(&api.url);
    let verify = ["audit", "verify", "--files", "--files-dir", &text(&folder)];
    // What no record has is named, and is no fault: a server was killed before its commit.
    let stray = "0a".repeat(32);
    std::fs::create_dir_all(folder.join("0a")).unwrap();
    std::fs::write(folder.join("0a").join(&stray), "x").unwrap();
    let said = done(&program(&dir, &api.url, &verify));
    assert!(said.contains(&format!("No record has {stray}")), "{said}");
    // It is not old enough to be removed.
    let sweep = ["files", "sweep", "--files", &text(&folder)];
    let said = done(&program(&dir, &api.url, &sweep));
    assert!(said.contains(": 0 files"), "{said}");
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(90_000);
    for path in [folder.join("0a").join(&stray), content.clone()] {
        let opened = std::fs::File::options().write(true).open(path).unwrap();
        opened.set_modified(old).unwrap();
    }
    let said = done(&program(&dir, &api.url, &sweep));
    assert!(said.contains(": 1 files"), "{said}");
    assert!(content.exists() && !folder.join("0a").join(&stray).exists());

    std::fs::write(&content, "changed").unwrap();
    let said = refused(&program(&dir, &api.url, &verify));
    assert!(said.contains("was changed"), "{said}");
    std::fs::remove_file(&content).unwrap();
    let said = refused(&program(&dir, &api.url, &verify));
    assert!(said.contains("is gone"), "{said}");
    // Erased content that is there again is a fault, until it is swept.
    api.delete(&format!("{file}?reason=a"), "*")
        .await
        .expect(204);
    done(&program(&dir, &api.url, &verify));
    std::fs::write(&content, PDF).unwrap();
    let said = refused(&program(&dir, &api.url, &verify));
    assert!(said.contains("was erased"), "{said}");
    done(&program(&dir, &api.url, &sweep));
    done(&program(&dir, &api.url, &verify));
    std::fs::remove_dir_all(&dir).unwrap();
}
