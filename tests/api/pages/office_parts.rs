//! Parties, commitments, sources and documents that officers add to an agreement on pages.

use serde_json::{Value, json};

use super::office::{Browser, tag};
use super::{NASTY, holds, lacks};
use crate::support::Api;
use crate::support::city::City;
use crate::support::objects::Objects;
use crate::support::records::{signed_mou, with};

on_both!(new:
    parts_are_added_to_a_draft, a_signed_agreement_needs_a_reason, the_signed_paper_is_added,
    nobody_of_another_city_adds_a_part, what_is_typed_is_escaped, files_are_added_to_what_is_recorded,
    a_file_of_a_signed_agreement_is_replaced_with_a_reason);

async fn one(api: &Api, id: &str) -> Value {
    api.read(&format!("/agreements/{id}")).await.body
}

async fn signed(city: &City) -> String {
    let new = signed_mou(
        &[&city.id, &city.partner],
        "2026-01-05",
        with(json!({"title": {"ko": "체결 협약"}}), json!({})),
    );
    city.approver
        .create("/agreements", &new)
        .await
        .id()
        .to_owned()
}

async fn parts_are_added_to_a_draft(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let path = format!("/office/agreements/{}", city.agreement);
    let text = browser.open(&path).await.expect(200).text;
    for rest in ["parties", "commitments", "sources", "documents"] {
        holds(&text, &[&format!("/{rest}/new")]);
        let form = browser.open(&format!("{path}/{rest}/new")).await;
        lacks(&form.expect(200).text, &["correction_reason"]);
    }
    let party = [
        ("organization", "새 병원"),
        ("organization/kind", "hospital"),
        ("role", "partner"),
        ("signatory/name", "홍길동"),
    ];
    let text = browser
        .goes_on(&format!("{path}/parties/new"), &party)
        .await;
    holds(&text, &["기록했습니다.", "새 병원", "홍길동"]);
    let commitment = [
        ("text/ko", "장비를 빌려줍니다"),
        ("owed_by", city.id.as_str()),
        ("owed_by", city.partner.as_str()),
        ("owed_to", city.id.as_str()),
        ("due", "2027년 하반기"),
    ];
    let form = browser.open(&format!("{path}/commitments/new")).await.text;
    holds(&form, &["새 병원</label>"]);
    let text = browser
        .goes_on(&format!("{path}/commitments/new"), &commitment)
        .await;
    holds(&text, &["장비를 빌려줍니다", "2027년 하반기"]);
    let source = format!("{path}/sources/new");
    let tagged = tag(&browser.open(&source).await.expect(200).text);
    let fields = [
        ("tag", tagged.as_str()),
        ("publisher", "수원시 보도자료"),
        ("url", "https://suwon.example/1"),
    ];
    holds(
        &browser.goes_on(&source, &fields).await,
        &["수원시 보도자료"],
    );
    let stale = browser.send(&source, &fields).await.expect(412).text;
    holds(&stale, &["value=\"수원시 보도자료\""]);
    let found = one(&city.editor, &city.agreement).await;
    let last = found["commitments"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(last["owed_by"], json!([city.id, city.partner]));
    assert_eq!(last["owed_to"], json!([city.id]));
    assert_eq!(found["sources"].as_array().unwrap().len(), 1);
    // Everything wrong is named at its field.
    for (rest, fields, marked) in [
        (
            "parties",
            &[("role", "partner"), ("signatory/name", "가")][..],
            "f-organization-error1",
        ),
        (
            "commitments",
            &[("text/ko", ""), ("due", "04.05.06")],
            "f-due-error1",
        ),
        ("commitments", &[("text/ko", "")], "f-text-ko-error1"),
    ] {
        let text = browser.send(&format!("{path}/{rest}/new"), fields).await;
        holds(&text.expect(422).text, &[marked]);
    }
    let tagged = tag(&browser.open(&source).await.expect(200).text);
    let wrong = [
        ("tag", tagged.as_str()),
        ("url", "없음"),
        ("published_on", "2026년"),
    ];
    let text = browser.send(&source, &wrong).await.expect(422).text;
    holds(&text, &["f-url-error1", "value=\"없음\""]);
}

async fn a_signed_agreement_needs_a_reason(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let id = signed(&city).await;
    let browser = Browser::as_caller(&city.approver).await;
    let path = format!("/office/agreements/{id}/commitments/new");
    let text = browser.open(&path).await.expect(200).text;
    holds(&text, &["name=\"correction_reason\""]);
    let fields = [("text/ko", "빠진 항목"), ("correction_reason", "")];
    let text = browser.send(&path, &fields).await.expect(400).text;
    holds(&text, &["f-correction_reason-error1", "빠진 항목"]);
    let fields = [
        ("text/ko", "빠진 항목"),
        ("correction_reason", "옮겨 적을 때 빠뜨림"),
    ];
    let text = browser.goes_on(&path, &fields).await;
    holds(&text, &["빠진 항목", "옮겨 적을 때 빠뜨림"]);
}

async fn the_signed_paper_is_added(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let id = signed(&city).await;
    let browser = Browser::as_caller(&city.approver).await;
    let path = format!("/office/agreements/{id}/documents/new");
    let text = browser.open(&path).await.expect(200).text;
    holds(&text, &["enctype=\"multipart/form-data\"", "type=\"file\""]);
    let fields = [
        ("key", "0192aaaa-0000-7000-8000-000000000001"),
        ("title/ko", "업무협약서"),
        ("file_number", "전략-1"),
    ];
    let pdf = ("협약서.pdf", &b"%PDF-1.7 signed"[..]);
    let sent = browser.upload(&path, &fields, pdf).await.expect(303);
    assert!(sent.headers["location"].contains(&format!("office/agreements/{id}?done=1")));
    // Sent twice, it is one document; with another file it is another request.
    browser.upload(&path, &fields, pdf).await.expect(303);
    let other = ("협약서.pdf", &b"%PDF-1.7 other"[..]);
    browser.upload(&path, &fields, other).await.expect(422);
    let found = one(&city.editor, &id).await;
    let documents = found["documents"].as_array().unwrap();
    assert_eq!(documents.len(), 1);
    assert_eq!(documents[0]["files"][0]["name"], "협약서.pdf");
    assert_eq!(documents[0]["file_number"], "전략-1");
    // A file of no accepted kind, and a document without a title.
    let fields = [
        ("key", "0192aaaa-0000-7000-8000-000000000002"),
        ("title/ko", ""),
    ];
    let wrong = browser.upload(&path, &fields, ("a.exe", b"MZ")).await;
    let text = wrong.expect(422).text;
    holds(
        &text,
        &[
            "id=\"file-error1\"",
            "파일은 다시 골라",
            "f-title-ko-error1",
        ],
    );
    let wrong = browser.upload(&path, &fields, pdf).await.expect(422).text;
    holds(&wrong, &["f-title-ko-error1"]);
    // Nor is a file without content dropped in silence.
    let empty = browser.upload(&path, &fields, ("협약서.pdf", b"")).await;
    holds(
        &empty.expect(422).text,
        &["id=\"file-error1\">파일에 내용이 없습니다."],
    );
    assert_eq!(
        one(&city.editor, &id).await["documents"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    // Without a file, the document is recorded alone.
    let fields = [
        ("key", "0192aaaa-0000-7000-8000-000000000003"),
        ("title/ko", "부속 문서"),
    ];
    browser.upload(&path, &fields, ("", b"")).await.expect(303);
    let found = one(&city.editor, &id).await;
    assert_eq!(found["documents"][1]["files"], json!([]));
}

async fn nobody_of_another_city_adds_a_part(api: Api) {
    let objects = Objects::new();
    let api = objects.serving(&api).await;
    let own = City::new(&api, "4111000000").await;
    let other = City::new(&api, "4113000000").await;
    let id = signed(&own).await;
    let stranger = Browser::as_caller(&other.approver).await;
    let viewer = Browser::as_caller(&own.viewer).await;
    let path = format!("/office/agreements/{id}");
    // The cities have files of their own.
    assert!(!objects.asked().is_empty());
    for browser in [&stranger, &viewer] {
        let text = browser.open(&path).await.expect(200).text;
        lacks(&text, &["/parties/new", "/documents/new"]);
        for rest in [
            "edit",
            "steps/voided",
            "parties/new",
            "documents/new",
            "acts/reviews",
        ] {
            let refused = browser.open(&format!("{path}/{rest}")).await.expect(403);
            lacks(&refused.text, &["class=\"entry\"", "admin, approver"]);
        }
        let fields = [("text/ko", "할 일"), ("correction_reason", "사유")];
        let refused = browser
            .send(&format!("{path}/commitments/new"), &fields)
            .await;
        holds(&refused.expect(403).text, &["할 일"]);
        let fields = [("title/ko", "문서")];
        let pdf = ("a.pdf", &b"%PDF-1.7"[..]);
        let refused = browser
            .upload(&format!("{path}/documents/new"), &fields, pdf)
            .await;
        refused.expect(403);
        // Nothing goes to the store for those who may not add it.
        assert_eq!(objects.asked(), [""; 0]);
    }
    let draft = format!("/office/agreements/{}", own.agreement);
    for rest in ["parties", "commitments", "sources", "documents"] {
        stranger
            .open(&format!("{draft}/{rest}/new"))
            .await
            .expect(404);
    }
    let editor = Browser::as_caller(&own.editor).await;
    editor.send("/office/sign-out", &[]).await.expect(303);
    let fields = [("text/ko", "할 일")];
    let kept = editor
        .send(&format!("{draft}/commitments/new"), &fields)
        .await;
    holds(
        &kept.expect(401).text,
        &["name=\"kept:text/ko\" value=\"할 일\""],
    );
}

async fn what_is_typed_is_escaped(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let path = format!("/office/agreements/{}", city.agreement);
    for (rest, fields) in [
        (
            "parties",
            &[
                ("organization", NASTY),
                ("organization/kind", "company"),
                ("role", "partner"),
            ][..],
        ),
        ("commitments", &[("text/ko", NASTY)]),
    ] {
        let path = format!("{path}/{rest}/new");
        let text = browser.goes_on(&path, fields).await;
        lacks(&text, &["<script>alert"]);
        let text = browser.open(&path).await.expect(200).text;
        lacks(&text, &["<script>alert"]);
    }
    let fields = [("title/ko", NASTY), ("url", NASTY)];
    let path = format!("{path}/documents/new");
    let text = browser
        .upload(&path, &fields, ("", b""))
        .await
        .expect(422)
        .text;
    lacks(&text, &["<script>alert"]);
    holds(&text, &["뒤집힘"]);
}

/// A document, an action of the council, a meeting and a milestone take files, also a redacted copy.
async fn files_are_added_to_what_is_recorded(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let viewer = Browser::as_caller(&city.viewer).await;
    let agreement = format!("/agreements/{}", city.agreement);
    let found = one(&city.editor, &city.agreement).await;
    let part = |list: &str| found[list][0]["id"].as_str().unwrap().to_owned();
    let of = |kind: &str| {
        let mut paths = city.paths.iter();
        let (_, id) = paths.find(|(known, _)| *known == kind).unwrap();
        format!("/{kind}/{id}")
    };
    let pdf = ("가림.pdf", &b"%PDF-1.7 redacted"[..]);
    for (record, list) in [
        (
            format!("{agreement}/documents/{}", part("documents")),
            "/documents/0",
        ),
        (
            format!("{agreement}/council-actions/{}", part("council_actions")),
            "/council_actions/0",
        ),
        (of("meetings"), ""),
        (of("milestones"), ""),
    ] {
        let path = format!("/office{record}/files/new");
        let text = browser.open(&path).await.expect(200).text;
        holds(
            &text,
            &["multipart/form-data", "어떤 판입니까?", "가림 처리본"],
        );
        let none = browser
            .upload(&path, &[("edition", "full")], ("", b""))
            .await;
        holds(
            &none.expect(422).text,
            &["id=\"file-error1\">파일을 고르십시오."],
        );
        browser
            .upload(&path, &[("edition", "redacted")], pdf)
            .await
            .expect(303);
        let read = match list {
            "" => record.as_str(),
            _ => agreement.as_str(),
        };
        let now = city.editor.read(read).await.body;
        let files = now.pointer(&format!("{list}/files")).unwrap();
        let last = files.as_array().unwrap().last().unwrap();
        assert_eq!(
            (&last["name"], &last["edition"]),
            (&json!("가림.pdf"), &json!("redacted"))
        );
        viewer.open(&path).await.expect(403);
        let refused = viewer.upload(&path, &[("edition", "full")], pdf).await;
        refused.expect(403);
    }
    let parts = browser.open(&format!("/office{agreement}/parts")).await;
    holds(&parts.expect(200).text, &["가림.pdf", "/files/new"]);
    let page = browser.open(&format!("/office{agreement}")).await;
    holds(&page.expect(200).text, &["의회 조치에 파일 추가"]);
}

async fn a_file_of_a_signed_agreement_is_replaced_with_a_reason(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let id = signed(&city).await;
    let document = json!({"title": {"ko": "협약서"}});
    let made = city
        .approver
        .create(&format!("/agreements/{id}/documents"), &document)
        .await;
    let document = made.body["documents"][0]["id"].as_str().unwrap();
    let browser = Browser::as_caller(&city.approver).await;
    let path = format!("/office/agreements/{id}/documents/{document}/files/new");
    let first = ("협약서.pdf", &b"%PDF-1.7 first"[..]);
    browser
        .upload(&path, &[("edition", "full")], first)
        .await
        .expect(303);
    let second = ("협약서.pdf", &b"%PDF-1.7 second"[..]);
    let refused = browser.upload(&path, &[("edition", "full")], second).await;
    holds(&refused.expect(400).text, &["f-correction_reason-error1"]);
    let fields = [("edition", "full"), ("correction_reason", "다시 스캔")];
    browser.upload(&path, &fields, second).await.expect(303);
    let files = &one(&city.editor, &id).await["documents"][0]["files"];
    assert_eq!(files.as_array().unwrap().len(), 2);
}
