//! Ledgers as files: what they would become, their corrections, their recording, and its undoing.

mod contacts;
mod corrections;
mod doubts;
pub mod kinds;
mod milestones;
mod round_trips;

use std::io::Write;

use actix_web::test::TestRequest;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::audit::stream::Events;
use crate::support::{Answer, Api};

on_both!(new: a_ledger_comes_in_and_is_taken_back, corrections_are_taken_back, questions_are_answered,
    mappings_are_remembered, bad_files_leave_nothing, a_form_holds_the_file, a_file_comes_packed,
    a_key_is_for_one_address,
    a_recording_is_told_of_on_the_stream,
    rows_that_a_policy_refuses_are_named);

const LEDGER: &str = "갑시 업무협약 현황,,,,,\n,,,,,\n\
    연번,협약명,협약기관,체결일,협약기간,비고\n\
    1,청년 창업 업무협약,을전자㈜,2021.4.16.,2021.4.16.~2024.4.15.,창업공간 제공\n\
    2,관학 협력 협약,\"병대학교, 정대학교\",2003. 8. 26.,-,\n\
    3,물류 협약,을전자㈜,2022년 상반기,무기한,\n\
    계,3건,,,,\n";

async fn city(api: &Api) -> (String, Api) {
    let id = api
        .create("/municipalities", &json!({"code": "4128000000"}))
        .await
        .id()
        .to_owned();
    let editor = json!({"name": "editor", "role": "editor", "municipality_ids": [id]});
    (id, api.caller(editor).await)
}

async fn upload(api: &Api, municipality: &str, kind: &str, bytes: &[u8]) -> Answer {
    let path = format!("/imports?municipality_id={municipality}&file_name=ledger.csv");
    let headers = [("content-type", kind)];
    api.send("POST", &path, &headers, Some(bytes.to_vec()))
        .await
}

fn codes(notes: &Value) -> Vec<&str> {
    let notes = notes.as_array().unwrap().iter();
    notes.map(|note| note["code"].as_str().unwrap()).collect()
}

async fn a_ledger_comes_in_and_is_taken_back(api: Api) {
    let (municipality, editor) = city(&api).await;
    let made = upload(&editor, &municipality, "text/csv", LEDGER.as_bytes()).await;
    let made = made.expect(201);
    assert_eq!(made.body["status"], "ready");
    assert_eq!(made.body["header_rows"], json!([3]));
    assert_eq!(made.body["encoding"], "utf-8");
    assert_eq!(made.body["columns"][2]["field"], "parties");
    assert_eq!(made.body["columns"][2]["samples"][0], "을전자㈜");
    assert_eq!(made.body["left_out"][0]["row"], 7);
    assert_eq!(made.body["counts"]["valid"], 3, "{}", made.text);
    let row = &made.body["rows"][0];
    assert_eq!(row["body"]["signed_on"]["edtf"], "2021-04-16");
    assert_eq!(row["body"]["note"]["ko"], "창업공간 제공");
    assert_eq!(row["outcome"], "new");
    // Nothing is recorded yet.
    let agreements = format!("/agreements?municipality_id={municipality}");
    assert!(editor.read(&agreements).await.items().is_empty());
    let import = format!("/imports/{}", made.id());
    assert_eq!(editor.read("/imports").await.items().len(), 1);

    let one = editor
        .act(&format!("{import}/apply"), &json!({"rows": [4]}))
        .await;
    assert_eq!(one.body["counts"]["recorded"], 1, "{}", one.text);
    let all = editor.act(&format!("{import}/apply"), &json!({})).await;
    assert_eq!(all.body["status"], "applied");
    assert_eq!(all.body["counts"]["recorded"], 3, "{}", all.text);
    let again = editor.act(&format!("{import}/apply"), &json!({})).await;
    assert_eq!(again.body["counts"]["recorded"], 3);
    let listed = editor.read(&agreements).await;
    assert_eq!(listed.items().len(), 3);
    // One organization that two rows name is recorded once.
    let organizations = editor
        .read("/organizations?q=%EC%9D%84%EC%A0%84%EC%9E%90")
        .await;
    assert_eq!(organizations.items().len(), 1);
    let id = all.body["rows"][0]["record_id"].as_str().unwrap();
    let agreement = editor.read(&format!("/agreements/{id}")).await;
    assert_eq!(agreement.body["status"], "signed");
    let source = agreement.body["sources"][0]["title"].as_str().unwrap();
    assert!(
        source.contains("ledger.csv") && source.contains("4행"),
        "{source}"
    );

    let patched = editor
        .patch(
            &format!("/agreements/{id}?correction_reason=%EC%A0%95%EC%A0%95"),
            agreement.etag(),
            &json!({"venue": {"ko": "시청"}}),
        )
        .await;
    patched.expect(200);
    let undone = editor.act(&format!("{import}/undo"), &json!({})).await;
    assert_eq!(undone.body["status"], "undone");
    assert_eq!(undone.body["not_undone"], json!([id]));
    let kept = editor.read(&format!("{agreements}&status=signed")).await;
    assert_eq!(kept.items().len(), 1);
    // It can be applied again.
    let after = editor.act(&format!("{import}/apply"), &json!({})).await;
    assert_eq!(after.body["counts"]["recorded"], 3, "{}", after.text);
}

async fn questions_are_answered(api: Api) {
    let (municipality, editor) = city(&api).await;
    let ledger = "협약명,협약기관,체결일,사업비\n\
        가 협약,을재단,2004.5.6,10\n나 협약,,2021,5백만원\n다 협약,병군,2023.2.29,#DIV/0!\n";
    let made = upload(&editor, &municipality, "text/csv", ledger.as_bytes()).await;
    let made = made.expect(201);
    let question = &made.body["rows"][0]["questions"][0];
    assert_eq!(
        (&question["id"], &question["cell"]),
        (&json!("D2"), &json!("D2"))
    );
    assert_eq!(made.body["rows"][0]["valid"], false);
    assert_eq!(codes(&made.body["rows"][1]["problems"]), ["no_party"]);
    assert_eq!(codes(&made.body["rows"][2]["notes"]), ["no_such_day"]);
    assert_eq!(codes(&made.body["rows"][2]["problems"]), ["formula_error"]);
    let import = format!("/imports/{}", made.id());
    let refused = editor
        .post(&format!("{import}/apply"), &json!({"rows": [2, 9]}))
        .await;
    assert_eq!(refused.expect(422).places(), ["/rows/0", "/rows/1"]);
    let corrected = editor
        .update(
            &import,
            made.etag(),
            &json!({"answers": {"D2": question["choices"][0]["value"]}, "cells": {"B3": "정은행"}}),
        )
        .await;
    let rows = &corrected.body["rows"];
    assert_eq!(rows[0]["body"]["signed_on"]["edtf"], "2004-05-06");
    assert_eq!(rows[0]["valid"], true, "{}", corrected.text);
    assert_eq!(rows[1]["valid"], true, "{}", corrected.text);
    let wrong = editor
        .patch(
            &import,
            corrected.etag(),
            &json!({"mapping": {"A": "colour", "Z": "note"}, "sheet": "없음", "cells": {"7": "가"}}),
        )
        .await;
    let wrong = wrong.expect(422);
    assert_eq!(
        wrong.places(),
        ["/cells/7", "/mapping/A", "/mapping/Z", "/sheet"]
    );
}

async fn corrections_are_taken_back(api: Api) {
    let (municipality, editor) = city(&api).await;
    let made = upload(&editor, &municipality, "text/csv", LEDGER.as_bytes()).await;
    let made = made.expect(201);
    let import = format!("/imports/{}", made.id());
    let before = editor.read(&import).await.body["rows"].clone();
    let corrected =
        json!({"mapping": {"C": "note"}, "cells": {"B4": "다른 협약"}, "header_rows": [3]});
    let corrected = editor.update(&import, made.etag(), &corrected).await;
    assert_eq!(
        corrected.body["rows"][0]["body"]["title"]["ko"],
        "다른 협약"
    );
    let none = json!({"mapping": {"C": null}, "cells": {"B4": null}, "header_rows": null});
    let taken = editor.update(&import, corrected.etag(), &none).await;
    assert_eq!(taken.body["corrections"]["mapping"], json!({}));
    assert_eq!(taken.body["corrections"]["cells"], json!({}));
    assert_eq!(taken.body["rows"], before);
}

async fn mappings_are_remembered(api: Api) {
    let (municipality, editor) = city(&api).await;
    let ledger = "협약명,함께한 곳,체결일\n가 협약,을재단,2021\n";
    let first = upload(&editor, &municipality, "text/csv", ledger.as_bytes()).await;
    let first = first.expect(201);
    assert_eq!(first.body["columns"][1]["field"], Value::Null);
    // What no field takes is kept.
    assert_eq!(
        first.body["rows"][0]["body"]["note"]["ko"],
        "함께한 곳: 을재단"
    );
    let path = format!("/imports/{}", first.id());
    let mapped = editor
        .update(&path, first.etag(), &json!({"mapping": {"B": "parties"}}))
        .await;
    assert_eq!(mapped.body["columns"][1]["rule"], "given");
    assert_eq!(mapped.body["counts"]["valid"], 1, "{}", mapped.text);
    let next = upload(&editor, &municipality, "text/csv", ledger.as_bytes()).await;
    let next = next.expect(201);
    assert_eq!(next.body["columns"][1]["rule"], "remembered");
    assert_eq!(next.body["columns"][1]["field"], "parties");
    // The file after an import that was not mapped by hand is mapped, too.
    let third = upload(&editor, &municipality, "text/csv", ledger.as_bytes()).await;
    let third = third.expect(201);
    assert_eq!(third.body["columns"][1]["field"], "parties");
    let outside = json!({"header_rows": [9], "cells": {"A9": "가", "ZZZ2": "가"}});
    let path = format!("/imports/{}", third.id());
    let refused = editor.patch(&path, third.etag(), &outside).await;
    assert_eq!(
        refused.expect(422).places(),
        ["/cells/A9", "/cells/ZZZ2", "/header_rows/0"]
    );
}

async fn bad_files_leave_nothing(api: Api) {
    let (municipality, editor) = city(&api).await;
    for (kind, bytes, code) in [
        ("text/csv", &b""[..], "file_empty"),
        ("text/csv", "\u{feff}\n\n".as_bytes(), "file_empty"),
        (
            "application/vnd.ms-excel",
            b"\x89PNG\r\n\x1a\n....",
            "file_no_table",
        ),
        ("text/csv", b"PK\x03\x04....", "file_type_contradicts"),
        (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            &crate::file_texts::protected_docx(),
            "file_encrypted",
        ),
        (
            "text/csv",
            "협약명,비고\n가,\"나\n".as_bytes(),
            "file_quote_open",
        ),
    ] {
        let refused = upload(&editor, &municipality, kind, bytes)
            .await
            .expect(422);
        assert_eq!(codes(&refused.body["errors"]), [code]);
    }
    let types = [
        "application/json",
        "application/vnd.api+json; charset=utf-8",
    ];
    for kind in types {
        let refused = upload(&editor, &municipality, kind, br#"{"a":1}"#).await;
        let refused = refused.expect(415);
        assert!(
            refused.headers["accept"].contains("text/csv"),
            "{refused:?}"
        );
    }
    let large = vec![b'a'; 5_000_001];
    upload(&editor, &municipality, "text/csv", &large)
        .await
        .expect(413);
    let form = "multipart/form-data; boundary=b";
    upload(&editor, &municipality, form, b"--b--")
        .await
        .expect(400);
    assert!(editor.read("/imports").await.items().is_empty());
    // Another city's staff can neither import nor see.
    let made = upload(&editor, &municipality, "text/csv", LEDGER.as_bytes()).await;
    let path = format!("/imports/{}", made.expect(201).id());
    let other = api
        .create("/municipalities", &json!({"code": "4111000000"}))
        .await;
    let other = json!({"name": "o", "role": "editor", "municipality_ids": [other.id()]});
    let other = api.caller(other).await;
    upload(&other, &municipality, "text/csv", b"")
        .await
        .expect(403);
    other.get(&path).await.expect(404);
    assert!(other.read("/imports").await.items().is_empty());
}

async fn a_form_holds_the_file(api: Api) {
    let (municipality, editor) = city(&api).await;
    let form = format!(
        "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"대장.csv\"\r\n\
         content-type: text/csv\r\n\r\n{LEDGER}\r\n--b--\r\n"
    );
    let path = format!("/imports?municipality_id={municipality}");
    let headers = [
        ("content-type", "multipart/form-data; boundary=b"),
        ("idempotency-key", "once"),
    ];
    let body = Some(form.into_bytes());
    let made = editor
        .send("POST", &path, &headers, body.clone())
        .await
        .expect(201);
    assert_eq!(made.body["file_name"], "대장.csv");
    assert_eq!(made.body["counts"]["rows"], 3);
    let again = editor.send("POST", &path, &headers, body).await.expect(201);
    assert_eq!(again.id(), made.id());
}

async fn a_file_comes_packed(api: Api) {
    let (municipality, editor) = city(&api).await;
    let path = format!("/imports?municipality_id={municipality}");
    let send = async |coding: &str, body: Vec<u8>| {
        let headers = [("content-type", "text/csv"), ("content-encoding", coding)];
        editor.send("POST", &path, &headers, Some(body)).await
    };
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(LEDGER.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let made = send("gzip", gzip.clone()).await.expect(201);
    assert_eq!(made.body["counts"]["rows"], 3);
    send("deflate", gzip).await.expect(400);
    for coding in ["br", "gzip, gzip"] {
        let refused = send(coding, LEDGER.into()).await.expect(415);
        assert_eq!(refused.headers["accept-encoding"], "gzip, deflate");
    }
}

async fn a_key_is_for_one_address(api: Api) {
    let (municipality, editor) = city(&api).await;
    let send = async |query: &str, keys: &[&str]| {
        let path = format!("/api/v1/imports?{query}");
        let token = format!("Bearer {}", editor.token().unwrap());
        let request = TestRequest::post().uri(&path).set_payload(LEDGER);
        let request = request.insert_header(("authorization", token));
        let request = request.insert_header(("content-type", "text/csv"));
        let request = keys.iter().fold(request, |request, key| {
            request.append_header(("idempotency-key", *key))
        });
        editor.call(request).await
    };
    let own = format!("municipality_id={municipality}");
    let named = format!("{own}&file_name=a.csv");
    let made = send(&named, &["k"]).await.expect(201);
    let turned = format!("file_name=%61.csv&{own}");
    for same in [&named, &turned] {
        let again = send(same, &["k"]).await.expect(201);
        assert_eq!(again.headers["idempotent-replayed"], "true");
        assert_eq!(again.id(), made.id());
    }
    for other in [own.clone(), format!("{named}&kind=organizations")] {
        let refused = send(&other, &["k"]).await.expect(422);
        assert_eq!(refused.body["code"], "idempotency_key_reused", "{other}");
    }
    let refused = send(&named, &["k", "k"]).await.expect(400);
    assert_eq!(refused.places(), ["Idempotency-Key"]);
    // An id is the same id however it is written.
    let apply = |id: String| format!("/imports/{id}/apply");
    let id = made.id().to_owned();
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "a"),
    ];
    for (id, replayed) in [
        (id.clone(), None),
        (id.to_uppercase(), Some("true")),
        (id.replace('-', ""), Some("true")),
    ] {
        let path = apply(id);
        let sent = editor.send("POST", &path, &headers, Some(b"{}".to_vec()));
        let answer = sent.await.expect(200);
        let told = answer.headers.get("idempotent-replayed");
        assert_eq!(told.map(String::as_str), replayed);
    }
}

async fn a_recording_is_told_of_on_the_stream(api: Api) {
    let (municipality, editor) = city(&api).await;
    let other = api
        .create("/municipalities", &json!({"code": "4115000000"}))
        .await;
    let other = json!({"name": "other", "role": "editor", "municipality_ids": [other.id()]});
    let other = api.caller(other).await;
    let mut own = Events::open(&editor, "/changes/stream", &[]).await;
    let mut foreign = Events::open(&other, "/changes/stream", &[]).await;
    let made = upload(&editor, &municipality, "text/csv", LEDGER.as_bytes()).await;
    let import = format!("/imports/{}", made.id());
    editor.act(&format!("{import}/apply"), &json!({})).await;
    let told = loop {
        let block = own.block().await.unwrap();
        let data = block.strip_prefix("event: progress\ndata: ");
        let step: Option<Value> = data.map(|data| serde_json::from_str(data).unwrap());
        if let Some(step) = step.filter(|step| step["done"] == step["all"]) {
            break step;
        }
    };
    let right = json!({"import_id": made.id(), "done": 3, "all": 3});
    assert_eq!(told, right);
    // Another municipality hears of no import, but of what both can see.
    loop {
        let block = foreign.block().await.unwrap();
        assert!(!block.contains("event: progress"), "{block}");
        if block.contains("event: change") {
            break;
        }
    }
}

async fn rows_that_a_policy_refuses_are_named(api: Api) {
    let (city, editor) = city(&api).await;
    let approver = api.read("/me").await.body["token_id"].clone();
    let policies = json!([{"valid_from": "2023-01-01", "valid_until": "2024-02-29", "approver_ids": [approver]}]);
    let path = format!("/municipalities/{city}");
    api.update(&path, "*", &json!({"policies": policies})).await;
    let ledger = "협약명,협약기관,체결일\n갑 협약,갑전자㈜,2022.3.1.\n을 협약,을전자㈜,2024.2.29.\n\
        병 협약,병전자㈜,2027.1.1.\n정 협약,정전자㈜,2024.3.1.\n";
    let made = upload(&editor, &city, "text/csv", ledger.as_bytes()).await;
    // A day that has not come is asked about at once.
    let rows = made.body["rows"].as_array().unwrap();
    assert_eq!(rows[2]["questions"][0]["cell"], "C4", "{}", made.text);
    let path = format!("/imports/{}/apply", made.id());
    let applied = editor.act(&path, &json!({})).await;
    assert_eq!(applied.body["counts"]["recorded"], 2, "{}", applied.text);
    let problem = &applied.body["rows"][1]["problems"][0];
    assert_eq!(problem["code"], "forbidden", "{problem}");
}
