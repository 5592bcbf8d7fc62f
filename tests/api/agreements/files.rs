//! Files of documents: received, kept, versioned, redacted, downloaded, erased.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::databases::files_beside;
use crate::support::records::{demand, mou, signed_mou};
use crate::support::{Answer, Api};

on_both!(new: a_file_is_kept_and_downloaded, a_document_comes_with_its_file, parts_of_a_file_are_sent,
    versions_follow_one_another, the_public_reads_the_redacted_copy, what_is_erased_is_gone,
    what_is_not_accepted_leaves_nothing, the_same_content_is_kept_once, a_damaged_file_is_not_sent,
    an_approved_agreement_keeps_its_files, without_a_folder_nothing_is_accepted);

pub(super) const PDF: &[u8] = b"%PDF-1.7\nthe agreement as signed\n%%EOF\n";
pub(super) const OTHER: &[u8] = b"%PDF-1.7\nanother scan\n%%EOF\n";

pub(super) struct City {
    pub id: String,
    pub partner: String,
    pub editor: Api,
}

impl City {
    pub async fn new(api: &Api) -> Self {
        let made = api
            .create("/municipalities", &json!({"code": "4128000000"}))
            .await;
        let id = made.id().to_owned();
        let editor = json!({"name": "editor", "role": "editor", "municipality_ids": [id]});
        Self {
            partner: api.organization("한국바이오").await,
            editor: api.caller(editor).await,
            id,
        }
    }

    /// A signed public agreement with a document. Returns the path of the document.
    pub async fn document(&self) -> String {
        let more = json!({"documents": [{"title": {"ko": "협약서"}}]});
        let new = signed_mou(&[&self.id, &self.partner], "2021-04-16", more);
        let made = self.editor.create("/agreements", &new).await;
        let document = made.body["documents"][0]["id"].as_str().unwrap();
        format!("/agreements/{}/documents/{document}", made.id())
    }
}

pub(super) async fn add(api: &Api, document: &str, query: &str, bytes: &[u8]) -> Answer {
    let headers = [("content-type", "application/octet-stream")];
    let path = format!("{document}/files?{query}");
    api.send("POST", &path, &headers, Some(bytes.to_vec()))
        .await
}

/// The files in the folder of a registry, by their names.
fn kept(api: &Api) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut dirs = vec![files_beside(&api.url)];
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            match entry.path().is_dir() {
                true => dirs.push(entry.path()),
                false => drop(found.insert(entry.path())),
            }
        }
    }
    found
}

pub(super) async fn files_of(api: &Api, document: &str) -> Vec<Value> {
    let shown = api.read(document).await.body;
    shown["files"].as_array().unwrap().clone()
}

pub(super) fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (head, content) in parts {
        body.extend_from_slice(
            format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes(),
        );
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b--\r\n");
    body
}

async fn a_file_is_kept_and_downloaded(api: Api) {
    let city = City::new(&api).await;
    let document = city.document().await;
    let name = "name=%ED%98%91%EC%95%BD%EC%84%9C.pdf";
    let made = add(&city.editor, &document, name, PDF).await.expect(201);
    let file = &made.body["documents"][0]["files"][0];
    assert_eq!(file["name"], "협약서.pdf");
    assert_eq!(file["media_type"], "application/pdf");
    assert_eq!(file["bytes"], PDF.len());
    assert_eq!(
        (&file["edition"], &file["erased"]),
        (&json!("full"), &Value::Null)
    );
    let digest = file["sha256"].as_str().unwrap();
    let there: Vec<_> = kept(&api).into_iter().collect();
    assert_eq!(there.len(), 1);
    assert!(there[0].ends_with(format!("{}/{digest}", &digest[..2])));
    // It is no gap any more that nobody knows where the document is.
    let gaps = made.body["gaps"].as_array().unwrap();
    assert!(gaps.iter().all(|gap| gap["code"] != "place_unknown"));

    let one = made.headers["location"].clone();
    for path in [format!("{document}/file"), one] {
        let sent = api
            .with(None)
            .send("GET", &path, &[("accept-encoding", "gzip")], None)
            .await;
        let sent = sent.expect(200);
        assert_eq!(sent.text.as_bytes(), PDF);
        let header = |name: &str| sent.headers[name].as_str();
        assert_eq!(header("content-type"), "application/pdf");
        assert_eq!(sent.etag(), format!("\"{digest}\""));
        assert_eq!(
            header("content-disposition"),
            "attachment; filename=\"___.pdf\"; filename*=UTF-8''%ED%98%91%EC%95%BD%EC%84%9C.pdf"
        );
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("content-security-policy").contains("sandbox"));
        assert!(!sent.headers.contains_key("content-encoding"));
        assert_eq!(header("accept-ranges"), "bytes");
    }
    // The past knows of it from its entry on.
    let then = format!("{document}?recorded_as_of=2026-11-22T00:00:00Z");
    api.get(&then).await.expect(404);
    let now = format!("{document}?recorded_as_of=2026-11-24T00:00:00Z");
    assert_eq!(api.read(&now).await.body["files"][0]["sha256"], digest);
}

async fn a_document_comes_with_its_file(api: Api) {
    let city = City::new(&api).await;
    let document = city.document().await;
    let documents = document.rsplit_once('/').unwrap().0;
    let headers = [
        ("content-type", "multipart/form-data; boundary=b"),
        ("idempotency-key", "once"),
    ];
    let stated = r#"{"title": {"ko": "부속합의서"}, "file_number": "전략-1"}"#;
    let file = ("name=\"file\"; filename=\"부속합의서.pdf\"", PDF);
    let whole = form(&[("name=\"document\"", stated.as_bytes()), file]);
    for _ in 0..2 {
        let made = city
            .editor
            .send("POST", documents, &headers, Some(whole.clone()))
            .await;
        let made = made.expect(201);
        assert_eq!(made.body["documents"].as_array().unwrap().len(), 2);
        let document = &made.body["documents"][1];
        assert_eq!(document["file_number"], "전략-1");
        assert_eq!(document["files"][0]["name"], "부속합의서.pdf");
        assert_eq!(made.body["version"], 2);
    }
    let headers = &headers[..1];
    let wrong = form(&[
        file,
        ("name=\"document\"", &br#"{"title": {}, "colour": 1}"#[..]),
    ]);
    let refused = city
        .editor
        .send("POST", documents, headers, Some(wrong))
        .await;
    assert!(refused.expect(422).places().contains(&"/colour"));
    for wrong in [
        form(&[file]),
        form(&[("name=\"document\"", stated.as_bytes())]),
        form(&[("name=\"document\"", stated.as_bytes()), file, file]),
        b"--b\r\n".to_vec(),
    ] {
        let refused = city
            .editor
            .send("POST", documents, headers, Some(wrong))
            .await;
        refused.expect(400);
    }
    assert_eq!(kept(&api).len(), 1);
}

async fn parts_of_a_file_are_sent(api: Api) {
    let city = City::new(&api).await;
    let document = city.document().await;
    add(&city.editor, &document, "", PDF).await.expect(201);
    let path = format!("{document}/file");
    let tag = api.read(&path).await.etag().to_owned();
    let ask = async |headers: &[(&str, &str)]| api.send("GET", &path, headers, None).await;
    let gzip = ("accept-encoding", "gzip");
    let part = ask(&[("range", "bytes=5-7"), gzip]).await.expect(206);
    assert_eq!(part.text, "1.7");
    assert_eq!(
        part.headers["content-range"],
        format!("bytes 5-7/{}", PDF.len())
    );
    let last = ask(&[("range", "bytes=-6"), ("if-range", &tag)])
        .await
        .expect(206);
    assert_eq!(last.text, "%%EOF\n");
    let other = [("range", "bytes=-6"), ("if-range", "\"x\"")];
    assert_eq!(ask(&other).await.expect(200).text.as_bytes(), PDF);
    let beyond = ask(&[("range", "bytes=900-")]).await.expect(416);
    assert_eq!(
        beyond.headers["content-range"],
        format!("bytes */{}", PDF.len())
    );
    assert_eq!(beyond.body["code"], "range_not_satisfiable");
    let known = ask(&[("if-none-match", &tag), gzip]).await.expect(304);
    assert_eq!(known.etag(), tag);
    ask(&[("if-none-match", "\"x\"")]).await.expect(200);
    // Another content than the wanted one is not sent, also not in part (RFC 9110 13.1.1).
    let range = ("range", "bytes=0-3");
    ask(&[("if-match", "\"x\""), range]).await.expect(412);
    ask(&[("if-match", &tag), range, gzip]).await.expect(206);
    ask(&[("if-match", "*"), range]).await.expect(206);
    // A head is that of the whole (RFC 9110 14.2).
    let head = api.send("HEAD", &path, &[range], None).await.expect(200);
    assert!(!head.headers.contains_key("content-range"));
    for accepted in ["image/png", "application/pdf;q=0, */*"] {
        let refused = ask(&[("accept", accepted)]).await.expect(406);
        assert_eq!(refused.body["code"], "not_acceptable");
    }
    ask(&[("accept", "image/png, application/*;q=0.1")])
        .await
        .expect(200);
    // A header can have several lines (RFC 9110 5.3).
    let request = actix_web::test::TestRequest::get().uri(&format!("/api/v1{path}"));
    let request = request.append_header(("if-none-match", "\"x\""));
    let request = request.append_header(("if-none-match", tag.as_str()));
    api.call(request).await.expect(304);
}

async fn versions_follow_one_another(api: Api) {
    let city = City::new(&api).await;
    let document = city.document().await;
    let first = add(&city.editor, &document, "", PDF).await.expect(201);
    // What replaces a file of a signed agreement is a correction.
    let refused = add(&city.editor, &document, "", OTHER).await.expect(400);
    assert_eq!(refused.places(), ["correction_reason"]);
    let corrected = "correction_reason=%EB%8B%A4%EB%A5%B8%20%EC%8A%A4%EC%BA%94";
    let second = add(&city.editor, &document, corrected, OTHER)
        .await
        .expect(201);
    assert_eq!(second.body["corrections"][0]["reason"]["ko"], "다른 스캔");
    assert_eq!(files_of(&api, &document).await.len(), 2);
    assert_eq!(
        api.read(&format!("{document}/file")).await.text.as_bytes(),
        OTHER
    );
    let former = &first.headers["location"];
    assert_eq!(api.read(former).await.text.as_bytes(), PDF);
    // A change of the document leaves its files, and its removal takes them out of the present.
    let agreement = document.rsplit_once("/documents").unwrap().0;
    let stated = json!({"file_number": "전략-2"});
    city.editor.update(&document, "*", &stated).await;
    assert_eq!(files_of(&api, &document).await.len(), 2);
    let forged = json!({"files": []});
    let refused = city.editor.patch(&document, "*", &forged).await.expect(422);
    assert_eq!(refused.places(), ["/files"]);
    let reason = format!("{document}?correction_reason=a");
    city.editor.delete(&reason, "*").await.expect(204);
    api.get(&format!("{document}/file")).await.expect(404);
    let history = api.read(&format!("{agreement}/history")).await;
    assert!(history.text.contains("sha256"));
}

async fn the_public_reads_the_redacted_copy(api: Api) {
    let city = City::new(&api).await;
    let document = city.document().await;
    let partner = json!({"name": "p", "role": "partner", "organization_id": city.partner});
    let partner = api.caller(partner).await;
    let stranger = api.organization("남의 기관").await;
    let stranger = json!({"name": "s", "role": "partner", "organization_id": stranger});
    let stranger = api.caller(stranger).await;
    let full = add(&city.editor, &document, "edition=withheld", PDF)
        .await
        .expect(201);
    let full = &full.headers["location"];
    let path = format!("{document}/file");
    let everyone = api.with(None);
    for other in [&everyone, &stranger] {
        other.get(&path).await.expect(404);
        other.get(full).await.expect(404);
    }
    // The very file that is withheld is hardly a redacted copy of it.
    let again = city.document().await;
    for (edition, warned) in [("withheld", 0), ("full", 0), ("redacted", 1)] {
        let query = format!("edition={edition}&correction_reason=a");
        let added = add(&city.editor, &again, &query, PDF).await.expect(201);
        let warnings = added.body["warnings"].as_array().unwrap().iter();
        let codes = warnings.filter(|warning| warning["code"] == "not_redacted");
        assert_eq!(codes.count(), warned, "{edition}");
    }
    // A copy is no correction.
    let copy = add(&city.editor, &document, "edition=redacted", OTHER)
        .await
        .expect(201);
    let copy = &copy.headers["location"];
    for (caller, bytes) in [
        (&everyone, OTHER),
        (&stranger, OTHER),
        (&partner, PDF),
        (&city.editor, PDF),
    ] {
        assert_eq!(caller.read(&path).await.text.as_bytes(), bytes);
        assert_eq!(caller.read(copy).await.text.as_bytes(), OTHER);
    }
    everyone.get(full).await.expect(404);
    // Beside a copy, a whole document is for nobody else either, also once the copy is erased.
    let more = add(
        &city.editor,
        &document,
        "edition=full&correction_reason=a",
        PDF,
    )
    .await;
    let more = &more.expect(201).headers["location"];
    everyone.get(more).await.expect(404);
    let erasing = format!("{copy}?reason=a");
    city.editor.delete(&erasing, "*").await.expect(204);
    everyone.get(more).await.expect(404);
    everyone.get(&path).await.expect(404);
    assert_eq!(partner.read(more).await.text.as_bytes(), PDF);
    // Who sees the agreement sees which files there are.
    assert_eq!(files_of(&everyone, &document).await.len(), 3);
    // A file is seen as its agreement is.
    let agreement = document.split("/documents").next().unwrap();
    let internal = format!("{agreement}?correction_reason=a");
    city.editor
        .update(&internal, "*", &json!({"visibility": "internal"}))
        .await;
    for caller in [&everyone, &partner] {
        caller.get(more).await.expect(404);
    }
}

async fn what_is_erased_is_gone(api: Api) {
    let city = City::new(&api).await;
    let (one, two) = (city.document().await, city.document().await);
    let first = add(&city.editor, &one, "", PDF).await.expect(201);
    let second = add(&city.editor, &two, "", PDF).await.expect(201);
    let (first, second) = (&first.headers["location"], &second.headers["location"]);
    api.send("DELETE", &format!("{first}?reason=a"), &[], None)
        .await
        .expect(428);
    api.delete(first, "*").await.expect(400);
    api.delete(&format!("{first}?reason=a"), "\"9-x\"")
        .await
        .expect(412);
    let reason = "reason=%EC%A3%BC%EB%AF%BC%EB%93%B1%EB%A1%9D%EB%B2%88%ED%98%B8";
    // Its own tag is as good as that of its document.
    let own = api.read(first).await.etag().to_owned();
    city.editor
        .delete(&format!("{first}?{reason}"), &own)
        .await
        .expect(204);
    let refused = api.get(first).await.expect(404);
    assert!(
        refused.text.contains("삭제") || refused.text.contains("erased"),
        "{}",
        refused.text
    );
    let entry = &files_of(&api, &one).await[0];
    assert_eq!(entry["erased"]["reason"]["ko"], "주민등록번호");
    // The other agreement has the same content.
    assert_eq!(api.read(second).await.text.as_bytes(), PDF);
    city.editor
        .delete(&format!("{second}?{reason}"), "*")
        .await
        .expect(204);
    assert!(kept(&api).is_empty());
    let agreement = one.split("/documents").next().unwrap();
    let history = api.read(&format!("{agreement}/history")).await;
    assert!(history.text.contains("주민등록번호"));
    // What is sent again is kept again.
    let again = add(&city.editor, &one, "", PDF).await.expect(201);
    assert_eq!(
        api.read(&again.headers["location"]).await.text.as_bytes(),
        PDF
    );
}

async fn what_is_not_accepted_leaves_nothing(api: Api) {
    let city = City::new(&api).await;
    let document = city.document().await;
    let before = api.read(&document).await;
    for bytes in [
        &b"<html><script>alert(1)</script>"[..],
        b"MZ\x90",
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    ] {
        let refused = add(&city.editor, &document, "name=a.pdf", bytes)
            .await
            .expect(415);
        assert!(refused.headers["accept"].contains("application/pdf"));
        assert!(refused.text.contains("HWPX"), "{}", refused.text);
    }
    let protected = crate::file_texts::protected_docx();
    let refused = add(&city.editor, &document, "name=a.docx", &protected).await;
    let refused = refused.expect(415);
    assert!(
        refused.text.contains("암호가 걸린 파일입니다"),
        "{}",
        refused.text
    );
    add(&city.editor, &document, "", b"").await.expect(400);
    let large = [PDF, &vec![b' '; 1_000_000]].concat();
    add(&city.editor, &document, "", &large).await.expect(413);
    add(&city.editor, &document, "edition=secret", PDF)
        .await
        .expect(400);
    let packed = [
        ("content-type", "application/pdf"),
        ("content-encoding", "gzip"),
    ];
    let path = format!("{document}/files");
    city.editor
        .send("POST", &path, &packed, Some(PDF.to_vec()))
        .await
        .expect(415);
    // Other documents, agreements and municipalities.
    let missing = document.replace(
        "/documents/",
        "/documents/0178d7fa-2c00-7000-8000-0000000000",
    );
    add(&city.editor, &missing[..document.len()], "", PDF)
        .await
        .expect(404);
    let other = api
        .create("/municipalities", &json!({"code": "4111000000"}))
        .await;
    let other = json!({"name": "o", "role": "editor", "municipality_ids": [other.id()]});
    add(&api.caller(other).await, &document, "", PDF)
        .await
        .expect(403);
    add(&api.with(None), &document, "", PDF).await.expect(401);
    assert!(kept(&api).is_empty(), "{:?}", kept(&api));
    assert_eq!(api.read(&document).await.etag(), before.etag());
    // A name is never a path.
    let named = "name=..%2F..%2F..%2Fetc%2Fpasswd";
    let made = add(&city.editor, &document, named, PDF).await.expect(201);
    assert_eq!(made.body["documents"][0]["files"][0]["name"], "passwd.pdf");
    for path in [
        "files/..%2F..",
        "files/passwd.pdf",
        "files/0178d7fa-2c00-7000-8000-00000000ffff",
    ] {
        api.get(&format!("{document}/{path}")).await.expect(404);
    }
}

async fn the_same_content_is_kept_once(api: Api) {
    let city = City::new(&api).await;
    let (one, two) = (city.document().await, city.document().await);
    let both = futures_util::future::join(
        add(&city.editor, &one, "", PDF),
        add(&city.editor, &two, "", PDF),
    );
    let (first, second) = both.await;
    let paths = [first, second].map(|made| made.expect(201).headers["location"].clone());
    assert_eq!(kept(&api).len(), 1);
    for path in paths {
        assert_eq!(api.read(&path).await.text.as_bytes(), PDF);
    }
}

async fn a_damaged_file_is_not_sent(api: Api) {
    let city = City::new(&api).await;
    let document = city.document().await;
    add(&city.editor, &document, "", PDF).await.expect(201);
    let path = format!("{document}/file");
    let bytes = kept(&api).pop_first().unwrap();
    std::fs::write(&bytes, OTHER).unwrap();
    let refused = api.get(&path).await.expect(500);
    assert!(refused.text.contains("SHA-256"), "{}", refused.text);
    std::fs::remove_file(&bytes).unwrap();
    let refused = api.get(&path).await.expect(500);
    assert!(refused.body["detail"].is_string(), "{}", refused.text);
    // The same file, sent again, heals it.
    let again = "correction_reason=a";
    add(&city.editor, &document, again, PDF).await.expect(201);
    assert_eq!(api.read(&path).await.text.as_bytes(), PDF);
}

async fn an_approved_agreement_keeps_its_files(api: Api) {
    let city = City::new(&api).await;
    demand(&api, &city.id, json!([{"self_approval": true}])).await;
    let more = json!({"status": "approved", "documents": [{"title": {"ko": "협약서"}}]});
    let made = api
        .create("/agreements", &mou(&[&city.id, &city.partner], more))
        .await;
    let document = made.body["documents"][0]["id"].as_str().unwrap();
    let document = format!("/agreements/{}/documents/{document}", made.id());
    let added = add(&api, &document, "", PDF).await.expect(201);
    let file = &added.headers["location"];
    add(&city.editor, &document, "", OTHER).await.expect(403);
    city.editor
        .delete(&format!("{file}?reason=a"), "*")
        .await
        .expect(403);
    // Before the signing, the public does not see the agreement.
    api.with(None).get(file).await.expect(404);
    assert_eq!(city.editor.read(file).await.text.as_bytes(), PDF);
}

async fn without_a_folder_nothing_is_accepted(api: Api) {
    let city = City::new(&api).await;
    let document = city.document().await;
    let mut bare = city.editor.clone();
    bare.state.files = mou_registry::files::Files::new(None, 1000);
    let bare = bare.served().await;
    let refused = add(&bare, &document, "", PDF).await.expect(503);
    assert!(refused.text.contains("--files"), "{}", refused.text);
}
