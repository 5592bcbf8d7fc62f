//! Files as officers import them on pages: upload, corrections in place, recording and taking back.

use actix_web::test::TestRequest;
use serde_json::json;

use super::office::Browser;
use super::{BROWSER, holds, lacks, whole};
use crate::support::{Answer, Api};

on_both!(new:
    a_file_becomes_records_and_is_taken_back, wrong_files_and_corrections_are_named,
    chosen_rows_are_recorded, the_text_of_the_file_is_no_correction, others_find_nothing);

const LEDGER: &str = "갑시 업무협약 현황,,,,\n연번,협약명,함께한 곳,체결일,비고\n\
    1,청년 <b>창업</b> 협약,을전자㈜,2021.4.16.,\n2,관학 협력 협약,,2003. 8. 26.,\n\
    3,물류 협약,을전자㈜,2004.5.6,\n계,3건,,,\n";

/// Somebody who imports files.
struct Officer(Browser);

impl Officer {
    async fn new(api: &Api) -> Self {
        Self(Browser::as_caller(api).await)
    }

    async fn page(&self, path: &str) -> String {
        whole(self.0.open(path).await, "ko")
    }

    async fn open(&self, path: &str) -> Answer {
        self.0.open(path).await
    }

    async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.0.send(path, fields).await
    }

    async fn upload(&self, fields: &[(&str, &str)], name: &str, bytes: &[u8]) -> Answer {
        self.upload_from("same-origin", fields, name, bytes).await
    }

    async fn upload_from(
        &self,
        site: &str,
        fields: &[(&str, &str)],
        name: &str,
        bytes: &[u8],
    ) -> Answer {
        let mut body = Vec::new();
        for (field, value) in fields {
            let part = format!(
                "--b\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
            );
            body.extend(part.as_bytes());
        }
        let head = format!(
            "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             content-type: application/vnd.ms-excel\r\n\r\n"
        );
        body.extend(head.as_bytes());
        body.extend(bytes);
        body.extend(b"\r\n--b--\r\n");
        let request = TestRequest::post()
            .uri("/office/imports/new")
            .insert_header(("accept", BROWSER))
            .insert_header(("sec-fetch-site", site))
            .insert_header(("content-type", "multipart/form-data; boundary=b"))
            .insert_header(("cookie", self.0.cookie.as_str()));
        self.0.api.call(request.set_payload(body)).await
    }

    /// Uploads the ledger, and returns the path of its import.
    async fn ledger(&self, city: &str) -> String {
        let fields = [
            ("municipality", city),
            ("kind", "agreements"),
            ("key", "one"),
        ];
        let answer = self.upload(&fields, "대장.csv", LEDGER.as_bytes()).await;
        to(&answer.expect(303), "/office/imports/new")
    }
}

/// Returns the path to which an answer sends the browser on, without the query.
fn to(answer: &Answer, from: &str) -> String {
    let base = url::Url::parse("http://localhost").unwrap();
    let base = base.join(from).unwrap();
    let url = base.join(&answer.headers["location"]).unwrap();
    url.path().to_owned()
}

/// Returns the value of a hidden field.
fn hidden(text: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = text.split_once(&start).unwrap();
    let value = rest.split_once('"').unwrap().0;
    value.replace("&quot;", "\"").replace("&#34;", "\"")
}

async fn a_file_becomes_records_and_is_taken_back(api: Api) {
    let city = api.municipality().await;
    let editor = api.staff("editor", &city).await;
    let officer = Officer::new(&editor).await;
    // Without an import, the form is there at once; with one municipality, nothing is to choose.
    let form = officer.page("/office/imports").await;
    holds(
        &form,
        &[
            "multipart/form-data",
            "<option value=\"agreements\"",
            "고양시",
            &city,
        ],
    );
    let path = officer.ledger(&city).await;
    let again = officer.ledger(&city).await;
    assert_eq!(path, again, "the form was sent twice");
    let text = officer.page(&path).await;
    holds(
        &text,
        &[
            "대장.csv",
            "name=\"header_rows\" value=\"2\"",
            "name=\"mapping/C\"",
            "모름: 비고에 남김",
            "을전자㈜",
            "수정할 행 (3)",
            "3행 가운데 0행 기록",
            "&#60;b&#62;창업",
        ],
    );
    lacks(&text, &["<b>"]);

    // The column is mapped by hand; then one party is missing.
    let mapped = [
        ("tag", hidden(&text, "tag")),
        ("mapping/C", "parties".into()),
        ("then", "save".into()),
    ];
    let fields: Vec<(&str, &str)> = mapped.iter().map(|(n, v)| (*n, v.as_str())).collect();
    officer.send(&path, &fields).await.expect(303);
    let stale = officer.send(&path, &fields).await.expect(412);
    holds(
        &stale.text,
        &["다른 사람이 이 기록을 바꾸었습니다", "role=\"alert\""],
    );
    let text = officer.page(&format!("{path}?show=mend")).await;
    holds(
        &text,
        &[
            "수정할 행 (1)",
            "기록할 행 (2)",
            "name=\"cells/C4\"",
            "직접 지정",
        ],
    );

    // The cell is mended, and all rows go on to the confirmation.
    let tag = hidden(&text, "tag");
    let fields = [
        ("tag", tag.as_str()),
        ("cells/C4", "병대학교"),
        ("cells/B4", "관학 협력 협약"),
        ("then", "all"),
    ];
    let answer = officer.send(&path, &fields).await.expect(303);
    let apply = to(&answer, &path);
    assert_eq!(apply, format!("{path}/apply"));
    let text = officer.page(&apply).await;
    holds(
        &text,
        &[
            "새 기록: 3",
            "을전자㈜",
            "병대학교",
            "4행 · 새 기록 · 관학 협력 협약",
        ],
    );
    let (tag, key) = (hidden(&text, "tag"), hidden(&text, "key"));
    let fields = [("tag", tag.as_str()), ("key", key.as_str())];
    let done = officer.send(&apply, &fields).await.expect(303);
    assert_eq!(to(&done, &apply), path);
    officer.send(&apply, &fields).await.expect(303);
    let listed = editor.read("/agreements").await;
    assert_eq!(listed.items().len(), 3);
    let text = officer.page(&path).await;
    holds(
        &text,
        &["3행 가운데 3행 기록", "적용", "기록 보기", "/undo"],
    );
    let nothing = officer.page(&apply).await;
    holds(&nothing, &["기록할 행이 없습니다"]);
    lacks(&nothing, &["<button>기록</button>"]);

    // One record is changed, and stays when the import is taken back.
    let kept = listed.items()[0]["id"].as_str().unwrap().to_owned();
    let one = editor.read(&format!("/agreements/{kept}")).await;
    let patch = format!("/agreements/{kept}?correction_reason=%EC%A0%95%EC%A0%95");
    let venue = json!({"venue": {"ko": "시청"}});
    editor.patch(&patch, one.etag(), &venue).await.expect(200);
    let undo = format!("{path}/undo");
    let text = officer.page(&undo).await;
    holds(&text, &["무효로 하는 협약: 2", "남는 기록: 1"]);
    let tag = hidden(&text, "tag");
    officer.send(&undo, &[("tag", &tag)]).await.expect(303);
    officer.send(&undo, &[("tag", &tag)]).await.expect(303);
    let signed = editor.read("/agreements?status=signed").await;
    assert_eq!(signed.items().len(), 1);
    let text = officer.page(&format!("{path}?done=undone")).await;
    holds(&text, &["되돌렸습니다", "그 뒤에 수정한 기록 1건"]);
    holds(&officer.page(&undo).await, &["되돌릴 것이 없습니다"]);
    let list = officer.page("/office/imports").await;
    holds(
        &list,
        &["대장.csv", "취소", "aria-current=\"page\">파일 가져오기"],
    );
}

async fn wrong_files_and_corrections_are_named(api: Api) {
    let city = api.municipality().await;
    let officer = Officer::new(&api.staff("editor", &city).await).await;
    let fields = [("municipality", city.as_str()), ("kind", "agreements")];
    let none = officer.upload(&fields, "", b"").await.expect(422);
    holds(&none.text, &["파일을 고르십시오", "aria-invalid"]);
    let picture = officer
        .upload(&fields, "a.png", b"\x89PNG\r\n\x1a\n..")
        .await;
    holds(&picture.expect(422).text, &["PNG 파일입니다"]);
    let unkind = [("municipality", city.as_str()), ("kind", "songs")];
    let refused = officer.upload(&unkind, "a.csv", LEDGER.as_bytes()).await;
    holds(&refused.expect(422).text, &["무엇이 적힌 파일인지"]);
    let large = vec![b'a'; 5_000_001];
    officer.upload(&fields, "a.csv", &large).await.expect(413);
    // A form of another site is refused.
    let forged = officer.upload_from("cross-site", &fields, "a.csv", LEDGER.as_bytes());
    forged.await.expect(403);

    let path = officer.ledger(&city).await;
    let tag = hidden(&officer.page(&path).await, "tag");
    let wrong = [
        ("tag", tag.as_str()),
        ("header_rows", "두 번째"),
        ("mapping/C", "parties"),
        ("cells/C4", "병대학교"),
        ("then", "all"),
    ];
    let refused = officer.send(&path, &wrong).await.expect(422);
    holds(
        &refused.text,
        &[
            "행 번호를 쉼표로",
            "value=\"두 번째\"",
            "<option value=\"parties\" selected>",
            "value=\"병대학교\"",
        ],
    );
    // Nothing of it is saved.
    lacks(&officer.page(&path).await, &["병대학교", "직접 지정"]);
    let outside = [
        ("tag", tag.as_str()),
        ("cells/A99", "가"),
        ("header_rows", "99"),
    ];
    let refused = officer.send(&path, &outside).await.expect(422);
    holds(&refused.text, &["이 가져오기에 없는 것입니다"]);
}

async fn chosen_rows_are_recorded(api: Api) {
    let city = api.municipality().await;
    let editor = api.staff("editor", &city).await;
    let officer = Officer::new(&editor).await;
    let path = officer.ledger(&city).await;
    let tag = hidden(&officer.page(&path).await, "tag");
    let fields = [
        ("tag", tag.as_str()),
        ("mapping/C", "parties"),
        ("then", "chosen"),
        ("row", "5"),
    ];
    let answer = officer.send(&path, &fields).await.expect(303);
    assert!(answer.headers["location"].ends_with("/apply?row=5"));
    let apply = format!("{path}/apply?row=5");
    let text = officer.page(&apply).await;
    holds(&text, &["새 기록: 1", "5행 · 새 기록 · 물류 협약"]);
    lacks(&text, &["3행 ·"]);
    let (tag, key) = (hidden(&text, "tag"), hidden(&text, "key"));
    let fields = [("tag", tag.as_str()), ("key", key.as_str()), ("row", "5")];
    let apply = format!("{path}/apply");
    officer.send(&apply, &fields).await.expect(303);
    assert_eq!(editor.read("/agreements").await.items().len(), 1);
    // What the page no longer shows is not recorded.
    let stale = [("tag", tag.as_str()), ("key", "another")];
    officer.send(&apply, &stale).await.expect(412);
    assert_eq!(editor.read("/agreements").await.items().len(), 1);
}

async fn the_text_of_the_file_is_no_correction(api: Api) {
    let city = api.municipality().await;
    let editor = api.staff("editor", &city).await;
    let officer = Officer::new(&editor).await;
    let path = officer.ledger(&city).await;
    let import = path.replace("/office", "");
    for (typed, corrections) in [
        ("항만 협약", json!({"B5": "항만 협약"})),
        ("물류 협약", json!({})),
    ] {
        let tag = hidden(&officer.page(&path).await, "tag");
        let fields = [("tag", tag.as_str()), ("cells/B5", typed)];
        officer.send(&path, &fields).await.expect(303);
        let made = editor.read(&import).await;
        assert_eq!(made.body["corrections"]["cells"], corrections, "{typed}");
    }
}

async fn others_find_nothing(api: Api) {
    let city = api.municipality().await;
    let officer = Officer::new(&api.staff("editor", &city).await).await;
    let path = officer.ledger(&city).await;
    let elsewhere = api.other_municipality().await;
    let other = Officer::new(&api.staff("editor", &elsewhere).await).await;
    for page in ["", "/apply", "/undo"] {
        let path = format!("{path}{page}");
        other.open(&path).await.expect(404);
        other.send(&path, &[("tag", "\"1\"")]).await.expect(404);
    }
    lacks(&other.page("/office/imports").await, &["대장.csv"]);
    let fields = [("municipality", city.as_str()), ("kind", "agreements")];
    let refused = other.upload(&fields, "a.csv", LEDGER.as_bytes()).await;
    refused.expect(403);
    // A viewer is not led there, and may not import.
    let viewer = Officer::new(&api.staff("viewer", &city).await).await;
    lacks(
        &viewer.page("/office").await,
        &["office/imports", "파일 가져오기"],
    );
    viewer.open("/office/imports").await.expect(403);
    viewer.open(&path).await.expect(403);
    // Somebody who works for several municipalities chooses one.
    let both = json!({"name": "both", "role": "editor", "municipality_ids": [city, elsewhere]});
    let both = Officer::new(&api.caller(both).await).await;
    let text = both.page("/office/imports/new").await;
    holds(
        &text,
        &["어느 지방자치단체입니까?", "imports/new?municipality="],
    );
    both.open(&path).await.expect(200);
}
