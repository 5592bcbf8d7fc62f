//! Texts of files: read in a child, found by those who may read them, and read as an agreement.

use std::io::{Cursor, Write};

use mou_registry::texts::reader::read_all;
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::support::records::{signed_mou, with};
use crate::support::{Answer, Api};

on_both!(new: a_file_is_found_by_its_text, what_may_not_be_read_is_not_found, an_internal_record_hides_its_files,
    a_report_is_found_as_its_agreement, what_is_erased_is_not_found, what_cannot_be_read_says_so,
    a_paper_becomes_an_agreement, a_paper_renews_an_agreement, a_paper_says_what_is_missing);

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A DOCX document with a paragraph for each text.
pub fn docx(paragraphs: &[&str]) -> Vec<u8> {
    let paragraph = |text: &&str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
    let body: String = paragraphs.iter().map(paragraph).collect();
    let body = format!(r#"<w:document xmlns:w="w"><w:body>{body}</w:body></w:document>"#);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [
        ("[Content_Types].xml", "<Types/>"),
        ("word/document.xml", body.as_str()),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A DOCX document as Word protects it by a password: encrypted in a compound file ([MS-OFFCRYPTO]).
pub fn protected_docx() -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for name in ["/EncryptionInfo", "/EncryptedPackage"] {
        let mut stream = file.create_stream(name).unwrap();
        stream.write_all(&[4, 0, 4, 0, 64, 0, 0, 0]).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

/// A PDF document that no password opens but its own (ISO 32000-1, 7.6.3).
pub fn protected_pdf() -> Vec<u8> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>",
    ];
    let (mut out, mut table) = ("%PDF-1.4\n".to_owned(), String::new());
    for (at, object) in (1..).zip(objects) {
        table += &format!("{:010} 00000 n \n", out.len());
        out += &format!("{at} 0 obj\n{object}\nendobj\n");
    }
    let (start, key, id) = (out.len(), "00".repeat(32), "00".repeat(16));
    out += &format!(
        "xref\n0 4\n0000000000 65535 f \n{table}trailer\n<< /Size 4 /Root 1 0 R /ID [<{id}> <{id}>] \
         /Encrypt << /Filter /Standard /V 1 /R 2 /O <{key}> /U <{key}> /P -4 >> >>\nstartxref\n{start}\n%%EOF\n"
    );
    out.into_bytes()
}

struct City {
    id: String,
    partner: String,
    editor: Api,
}

impl City {
    async fn new(api: &Api) -> Self {
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

    /// An agreement with a document. Returns its id, and the path of the document.
    async fn document(&self, more: Value) -> (String, String) {
        let more = with(more, json!({"documents": [{"title": {"ko": "협약서"}}]}));
        let new = signed_mou(&[&self.id, &self.partner], "2021-04-16", more);
        let made = self.editor.create("/agreements", &new).await;
        let document = made.body["documents"][0]["id"].as_str().unwrap();
        let path = format!("/agreements/{}/documents/{document}", made.id());
        (made.id().to_owned(), path)
    }
}

async fn add(api: &Api, record: &str, query: &str, bytes: Vec<u8>) -> String {
    let path = format!("{record}/files?{query}");
    let added = api.send("POST", &path, &[], Some(bytes)).await.expect(201);
    let location = added.headers["location"].as_str();
    location.rsplit('/').next().unwrap().to_owned()
}

async fn found(api: &Api, query: &str) -> Vec<Value> {
    let path = format!("/search?q={}&with_total=true", encoded(query));
    let answer = api.read(&path).await;
    assert_eq!(answer.body["total"], answer.items().len(), "{query}");
    answer.items().clone()
}

async fn status(api: &Api, file: &str) -> Answer {
    api.get(&format!("/files/{file}/text")).await
}

async fn a_file_is_found_by_its_text(api: Api) {
    let city = City::new(&api).await;
    let (agreement, document) = city.document(json!({})).await;
    let name = "name=%ED%98%91%EC%95%BD%EC%84%9C.docx";
    let text = docx(&["업무협약서", "", "제2조 줄기세포 연구를 지원한다."]);
    let file = add(&city.editor, &document, name, text.clone()).await;
    assert!(found(&api, "줄기세포").await.is_empty());
    assert_eq!(status(&api, &file).await.body["status"], "pending");
    // Answers are not those from before the text was read, though the log has not moved.
    read_all(&api.state).await.unwrap();
    read_all(&api.state).await.unwrap();
    let hits = found(&api.with(None), "줄기세포 연구").await;
    assert_eq!(hits.len(), 1);
    assert_eq!(
        (&hits[0]["id"], &hits[0]["matched"]),
        (&json!(agreement), &json!("file"))
    );
    let place = json!({"id": file, "name": "협약서.docx", "page": null, "paragraph": 3,
        "snippet": "제2조 줄기세포 연구를 지원한다."});
    assert_eq!(hits[0]["file"], place);
    let read = status(&api.with(None), &file).await;
    assert_eq!(read.body["status"], "text");
    assert_eq!(
        read.body["passages"][1]["text"],
        "제2조 줄기세포 연구를 지원한다."
    );
    // The same content elsewhere is read already.
    let (other, document) = city.document(json!({"title": {"ko": "다른 협약"}})).await;
    add(&city.editor, &document, "", text).await;
    let hits = found(&api, "줄기세포").await;
    assert!(hits.iter().any(|hit| hit["id"] == json!(other)) && hits.len() == 2);
    // A name or another text comes before a file.
    let hits = found(&api, "다른 협약").await;
    assert_eq!(
        (&hits[0]["matched"], &hits[0]["file"]),
        (&json!("name"), &Value::Null)
    );
}

async fn what_may_not_be_read_is_not_found(api: Api) {
    let city = City::new(&api).await;
    let (_, document) = city.document(json!({})).await;
    let whole = add(&city.editor, &document, "", docx(&["담당자 홍길동의 전화"])).await;
    let copy = docx(&["담당자 의 전화"]);
    let copy = add(&city.editor, &document, "edition=redacted", copy).await;
    let (_, other) = city.document(json!({})).await;
    let withheld = docx(&["감춘 홍길동"]);
    let withheld = add(&city.editor, &other, "edition=withheld", withheld).await;
    read_all(&api.state).await.unwrap();
    let (public, member) = (api.with(None), api.partner(&city.partner).await);
    let stranger = api.organization("남의 회사").await;
    let stranger = api.partner(&stranger).await;
    for (caller, seen) in [
        (&public, 0),
        (&stranger, 0),
        (&member, 2),
        (&city.editor, 2),
    ] {
        assert_eq!(found(caller, "홍길동").await.len(), seen);
        for file in [&whole, &withheld] {
            let expected = if seen > 0 { 200 } else { 404 };
            status(caller, file).await.expect(expected);
        }
        status(caller, &copy).await.expect(200);
        assert_eq!(found(caller, "전화").await.len(), 1);
    }
    // The snippet is of a file that the caller may read.
    let hits = found(&public, "전화").await;
    assert_eq!(hits[0]["file"]["id"], json!(copy));
    assert_eq!(hits[0]["file"]["snippet"], "담당자 의 전화");
}

async fn an_internal_record_hides_its_files(api: Api) {
    let city = City::new(&api).await;
    let withheld = json!({"legal_basis": "공공기관의 정보공개에 관한 법률 제9조제1항제7호", "until": "2030-01-01"});
    for visibility in ["internal", "partners"] {
        let more = json!({"visibility": visibility, "withholding": withheld});
        let (_, document) = city.document(more).await;
        let text = docx(&[&format!("{visibility} 줄기세포")]);
        let file = add(&city.editor, &document, "", text).await;
        read_all(&api.state).await.unwrap();
        let member = api.partner(&city.partner).await;
        for (caller, sees) in [
            (&api.with(None), false),
            (&member, visibility == "partners"),
            (&city.editor, true),
        ] {
            assert_eq!(found(caller, visibility).await.len(), usize::from(sees));
            let expected = if sees { 200 } else { 404 };
            status(caller, &file).await.expect(expected);
        }
    }
}

async fn a_report_is_found_as_its_agreement(api: Api) {
    let city = City::new(&api).await;
    let more = json!({"commitments": [{"text": {"ko": "교육"}}]});
    let new = signed_mou(&[&city.id, &city.partner], "2021-04-16", more);
    let made = city.editor.create("/agreements", &new).await;
    let commitment = made.body["commitments"][0]["id"].as_str().unwrap();
    let reports = format!("/agreements/{}/commitments/{commitment}/reports", made.id());
    let body = json!({"on": {"edtf": "2023-02-01"}, "status": "in_progress"});
    let report = city.editor.create(&reports, &body).await;
    let report = format!("{reports}/{}", report.id());
    add(&city.editor, &report, "", docx(&["수료증 마흔 장"])).await;
    read_all(&api.state).await.unwrap();
    let hits = found(&api, "수료증").await;
    assert_eq!(
        (&hits[0]["type"], &hits[0]["id"]),
        (&json!("agreement"), &json!(made.id()))
    );
}

async fn what_is_erased_is_not_found(api: Api) {
    let city = City::new(&api).await;
    let (_, document) = city.document(json!({})).await;
    let text = docx(&["지울 줄기세포"]);
    let file = add(&city.editor, &document, "", text.clone()).await;
    read_all(&api.state).await.unwrap();
    assert_eq!(found(&api, "줄기세포").await.len(), 1);
    let erase = format!("{document}/files/{file}?reason=a");
    city.editor.delete(&erase, "*").await.expect(204);
    assert_eq!(found(&api, "줄기세포").await.len(), 0);
    status(&city.editor, &file).await.expect(404);
    // Added again, it is read again.
    let query = "correction_reason=a";
    let again = add(&city.editor, &document, query, text).await;
    assert_eq!(status(&api, &again).await.body["status"], "pending");
    read_all(&api.state).await.unwrap();
    assert_eq!(found(&api, "줄기세포").await.len(), 1);
}

async fn what_cannot_be_read_says_so(api: Api) {
    let city = City::new(&api).await;
    let (_, document) = city.document(json!({})).await;
    for (bytes, expected) in [
        (&b"%PDF-1.7 and nothing else"[..], "failed"),
        (b"\x89PNG\r\n\x1a\n", "no_text"),
    ] {
        let query = "correction_reason=a";
        let file = add(&city.editor, &document, query, bytes.to_vec()).await;
        read_all(&api.state).await.unwrap();
        let read = status(&api, &file).await;
        assert_eq!(
            (&read.body["status"], &read.body["passages"]),
            (&json!(expected), &json!([]))
        );
    }
    status(&api, "0178d7fa-2c00-7000-8000-00000000ffff")
        .await
        .expect(404);
}

async fn a_paper_becomes_an_agreement(api: Api) {
    let city = City::new(&api).await;
    let text = docx(&[
        "의료·바이오 클러스터 조성을 위한 업무협약서",
        "고양특례시(시장 이재준, 이하 “갑”이라 한다)와 한국바이오(이하 “을”이라 한다), 새로운의료재단(이하 “병”)은 다음과 같이 협약한다.",
        "제1조(목적) 이 협약은 클러스터의 조성을 목적으로 한다.",
        "제2조(역할) “을”은 「바이오법」 제9조(인력)에 따라 전문 인력을 양성한다.",
        "제3조(기간) 이 협약의 유효기간은 체결일로부터 2년으로 한다.",
        "체결일: 2021년 4월 16일(금)",
        "붙임 1. 사업 개요",
        "2020. 1. 2.",
    ]);
    let path = format!("/imports/paper?municipality_id={}", city.id);
    api.with(None)
        .send("POST", &path, &[], Some(text.clone()))
        .await
        .expect(401);
    let read = city.editor.send("POST", &path, &[], Some(text)).await;
    let read = read.expect(200).body;
    assert_eq!(read["status"], "text");
    let parties = &read["body"]["parties"];
    assert_eq!(parties[0], json!({"organization_id": city.id}));
    assert_eq!(parties[1], json!({"organization_id": city.partner}));
    assert_eq!(parties[2]["organization"]["kind"], "hospital");
    let place = read["places"].as_array().unwrap().iter();
    let place = place.clone().find(|place| place["pointer"] == "/signed_on");
    let expected = json!({"pointer": "/signed_on", "page": null, "paragraph": 6,
        "text": "체결일: 2021년 4월 16일(금)", "withheld": false});
    assert_eq!(place, Some(&expected));
    // Nothing was recorded or kept, and the body is one that the registry takes.
    assert_eq!(city.editor.read("/agreements").await.items().len(), 0);
    let made = city.editor.create("/agreements", &read["body"]).await.body;
    assert_eq!(made["status"], "signed");
    assert_eq!(made["commitments"][0]["owed_by"][0], json!(city.partner));
    assert_eq!(made["effective_until"]["latest"], "2023-04-16");

    let strange = city
        .editor
        .send("POST", &path, &[], Some(b"MZ".to_vec()))
        .await;
    strange.expect(415);
    // What a password protects is told.
    let protected = city.editor.send("POST", &path, &[], Some(protected_docx()));
    let refused = protected.await.expect(415);
    assert!(
        refused.text.contains("암호가 걸린 파일입니다"),
        "{}",
        refused.text
    );
    let english = [("accept-language", "en")];
    let protected = city
        .editor
        .send("POST", &path, &english, Some(protected_pdf()));
    let refused = protected.await.expect(422);
    assert_eq!(refused.body["errors"][0]["code"], "file_encrypted");
    assert!(
        refused.text.contains("protected by a password"),
        "{}",
        refused.text
    );
}

/// A paper that renews an agreement of the registry, and names an officer's number.
async fn a_paper_renews_an_agreement(api: Api) {
    let city = City::new(&api).await;
    let new = json!({"municipality_id": city.id, "kind": "mou", "title": {"ko": "돌봄 협약"}, "status": "signed",
        "signed_on": {"edtf": "2021-04-16"},
        "parties": [{"organization_id": city.id}, {"organization_id": city.partner}]});
    let old = city.editor.create("/agreements", &new).await;
    let path = format!("/imports/paper?municipality_id={}", city.id);
    let read = async |day: &str| {
        let text = docx(&[
            &format!(
                "돌봄 업무협약서 고양특례시(이하 “갑”)와 한국바이오(이하 “을”)는 {day} 체결한 협약을 갱신하기 위하여 협약한다."
            ),
            "제1조(목적) 이 협약은 돌봄을 목적으로 한다.",
            "제2조(역할) “갑”은 031-123-4567로 문의를 받는다.",
            "2024년 4월 16일",
        ]);
        let read = city.editor.send("POST", &path, &[], Some(text)).await;
        read.expect(200).body
    };
    let renewal = read("2021년 4월 16일").await;
    assert_eq!(renewal["body"]["supersedes_id"], old.id());
    assert_eq!(renewal["body"]["title"]["ko"], "돌봄 업무협약");
    assert!(!renewal["body"].to_string().contains("031-"));
    assert!(renewal["places"].to_string().contains("\"withheld\":true"));
    let made = city.editor.create("/agreements", &renewal["body"]).await;
    assert_eq!(made.body["supersedes"]["id"], old.id());
    // It renews nothing else, and nothing twice.
    for day in ["2021년 4월 17일", "2021년 4월 16일"] {
        assert_eq!(read(day).await["body"].get("supersedes_id"), None, "{day}");
    }
}

/// A paper in English is read, and what it does not say is told in both languages.
async fn a_paper_says_what_is_missing(api: Api) {
    let city = City::new(&api).await;
    let path = format!("/imports/paper?municipality_id={}", city.id);
    let read = async |lines: &[&str]| {
        let read = city
            .editor
            .send("POST", &path, &[], Some(docx(lines)))
            .await;
        read.expect(200).body
    };
    let paper = read(&[
        "Memorandum of Understanding",
        "This MOU is made between Goyang City (hereinafter \"Goyang\") and Eul University (hereinafter \"Eul\").",
        "Article 1 (Purpose) The purpose is friendship.",
        "Date: 16 April 2021",
    ])
    .await;
    assert_eq!(paper["body"]["signed_on"]["edtf"], "2021-04-16");
    assert_eq!(
        paper["body"]["parties"][0],
        json!({"organization_id": city.id})
    );
    let named = &paper["body"]["parties"][1]["organization"]["name"];
    assert_eq!(*named, json!({"en": "Eul University"}));
    assert_eq!(paper["notes"][0]["code"], "term_not_found", "{paper}");
    assert_eq!(paper["notes"].as_array().unwrap().len(), 1);
    let letter = read(&["Dear Sir,", "Thank you for your letter."]).await;
    assert_eq!(letter["notes"].as_array().unwrap().len(), 5, "{letter}");
    for language in ["ko", "en"] {
        assert!(letter["notes"][0]["message"][language].is_string());
    }
}
