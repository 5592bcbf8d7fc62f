//! An import keeps the contacts of its file only until its rows are recorded.

use diesel::{QueryDsl, RunQueryDsl};
use mou_registry::db::dialect;
use serde_json::{Value, json};

use super::city;
use super::kinds::upload;
use crate::support::{Answer, Api};

on_both!(new: recorded_contacts_leave_the_import, kept_answers_hold_no_contact,
    contacts_of_known_agreements_are_recorded_as_read, old_imports_lose_their_contacts);

const LEDGER: &str = "협약명,협약기관,체결일,담당부서(담당자),담당자,연락처\n\
    가 협약,을전자㈜,2021.4.16.,경제과(쀍담당),뛟과장,031-777-8888\n\
    나 협약,을전자㈜,2021.4.17.,총무과,,\n";

/// Returns everything that the imports hold.
fn stored(api: &Api) -> String {
    use mou_registry::db::schema::imports as i;
    let mut conn = dialect::connect(&api.url).unwrap();
    let rows: Vec<(String, String)> = i::table.select((i::doc, i::book)).load(&mut conn).unwrap();
    format!("{rows:?}")
}

fn has_contact(text: &str) -> bool {
    ["쀍담당", "뛟과장", "777-8888"]
        .iter()
        .any(|part| text.contains(part))
}

async fn recorded_contacts_leave_the_import(api: Api) {
    let (municipality, editor) = city(&api).await;
    let made = upload(&editor, &municipality, "agreements", LEDGER).await;
    assert!(
        has_contact(&made.text) && has_contact(&stored(&api)),
        "{}",
        made.text
    );
    let import = format!("/imports/{}", made.id());
    // One that was corrected is a contact as well.
    let cells = json!({"cells": {"F3": "031-777-8888"}});
    editor.update(&import, made.etag(), &cells).await;
    let applied = editor.act(&format!("{import}/apply"), &json!({})).await;
    assert_eq!(applied.body["counts"]["recorded"], 2, "{}", applied.text);
    assert!(!has_contact(&applied.text), "{}", applied.text);
    assert!(!has_contact(&editor.read(&import).await.text));
    assert!(!has_contact(&stored(&api)));
    let row = &applied.body["rows"][0];
    assert_eq!(row["body"]["lead_department"], "경제과", "{row}");
    let agreement = format!("/agreements/{}", row["record_id"].as_str().unwrap());
    let own = editor.read(&agreement).await;
    assert!(
        own.body["contact"]["name"]
            .as_str()
            .unwrap()
            .contains("쀍담당")
    );
    let undone = editor.act(&format!("{import}/undo"), &json!({})).await;
    assert!(!has_contact(&undone.text), "{}", undone.text);
    let again = editor.act(&format!("{import}/apply"), &json!({})).await;
    assert_eq!(again.body["counts"]["recorded"], 2, "{}", again.text);
    // A row that says the same as a record is in it, too.
    let same = upload(
        &editor,
        &municipality,
        "agreements",
        &LEDGER.replace(",뛟과장", ","),
    )
    .await;
    let same = format!("/imports/{}/apply", same.id());
    editor.act(&same, &json!({})).await;
    assert!(!stored(&api).contains("뛟과장"));
}

async fn kept_answers_hold_no_contact(api: Api) {
    let (municipality, editor) = city(&api).await;
    let path = format!("/imports?municipality_id={municipality}&kind=agreements");
    let headers = [("content-type", "text/csv"), ("idempotency-key", "k")];
    let post = || editor.send("POST", &path, &headers, Some(LEDGER.as_bytes().to_vec()));
    let first = post().await.expect(201);
    assert!(has_contact(&first.text));
    let again = post().await.expect(201);
    assert_eq!(again.id(), first.id());
    assert!(!has_contact(&again.text), "{}", again.text);
    let kept: Vec<String> = {
        use mou_registry::db::schema::idempotency_keys as k;
        let mut conn = dialect::connect(&api.url).unwrap();
        k::table.select(k::body).load(&mut conn).unwrap()
    };
    assert!(!has_contact(&kept.concat()));
}

async fn reads(api: &Api) -> Vec<Value> {
    api.read("/personal-data-reads").await.items().clone()
}

async fn contacts_of_known_agreements_are_recorded_as_read(api: Api) {
    let (municipality, editor) = city(&api).await;
    let made = upload(&editor, &municipality, "agreements", LEDGER).await;
    // No agreement has this contact yet.
    assert_eq!(reads(&api).await.len(), 0);
    let applied = editor
        .act(&format!("/imports/{}/apply", made.id()), &json!({}))
        .await;
    let before = reads(&api).await.len();
    let other = LEDGER.replace("777-8888", "777-9999");
    let other: Answer = upload(&editor, &municipality, "agreements", &other).await;
    assert_eq!(other.body["rows"][0]["outcome"], "change", "{}", other.text);
    editor.read(&format!("/imports/{}", other.id())).await;
    let now = reads(&api).await;
    let operations: Vec<&Value> = now.iter().map(|read| &read["operation"]).collect();
    assert_eq!(
        operations[..now.len() - before],
        ["get_import", "create_import"]
    );
    assert_eq!(now[0]["agreement_id"], applied.body["rows"][0]["record_id"]);
}

async fn old_imports_lose_their_contacts(api: Api) {
    let (municipality, editor) = city(&api).await;
    let made = upload(&editor, &municipality, "agreements", LEDGER).await;
    let other = "협약명,협약기관,체결일\n다 협약,을전자㈜,2021.5.1.\n";
    for (day, is_kept) in [("2026-12-20", true), ("2026-12-24", false)] {
        let then = editor.at(&format!("{day}T00:00:00Z")).await;
        upload(&then, &municipality, "agreements", other).await;
        assert_eq!(has_contact(&stored(&api)), is_kept, "{day}");
    }
    let read = editor.read(&format!("/imports/{}", made.id())).await;
    assert_eq!(read.body["counts"]["valid"], 2, "{}", read.text);
    assert!(!has_contact(&read.text));
    // What is corrected since is new.
    let cells = json!({"cells": {"E2": "뛟과장"}});
    let path = format!("/imports/{}", made.id());
    editor.update(&path, read.etag(), &cells).await;
    assert!(has_contact(&stored(&api)));
}
