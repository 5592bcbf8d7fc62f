//! Rows that change a record, and what an undone import takes back.

use serde_json::json;

use super::{LEDGER, city, codes, upload};
use crate::support::Api;

on_both!(new: what_is_recorded_is_the_same, a_change_is_applied_and_undone,
    a_record_that_changed_meanwhile_stays, organizations_are_taken_back);

async fn what_is_recorded_is_the_same(api: Api) {
    let (municipality, editor) = city(&api).await;
    let first = upload(&editor, &municipality, "text/csv", LEDGER.as_bytes()).await;
    let apply = format!("/imports/{}/apply", first.expect(201).id());
    editor.act(&apply, &json!({})).await;
    let second = upload(&editor, &municipality, "text/csv", LEDGER.as_bytes()).await;
    let second = second.expect(201);
    assert_eq!(second.body["counts"]["same"], 3, "{}", second.text);
    let apply = format!("/imports/{}/apply", second.id());
    let applied = editor.act(&apply, &json!({})).await;
    assert_eq!(applied.body["counts"]["recorded"], 0);
    let stated = editor.act(&apply, &json!({"rows": [4]})).await;
    assert_eq!(stated.body["counts"]["recorded"], 0);
    let refused = editor.post(&apply, &json!({"rows": [9]})).await;
    assert_eq!(refused.expect(422).places(), ["/rows/0"]);
    let all = editor.read("/agreements").await;
    assert_eq!(all.items().len(), 3);
}

async fn a_change_is_applied_and_undone(api: Api) {
    let (municipality, editor) = city(&api).await;
    let first = upload(&editor, &municipality, "text/csv", LEDGER.as_bytes()).await;
    let apply = format!("/imports/{}/apply", first.expect(201).id());
    let first = editor.act(&apply, &json!({})).await;
    let id = first.body["rows"][0]["record_id"].as_str().unwrap();
    let agreement = format!("/agreements/{id}");
    let before = editor.read(&agreement).await;
    let changed = LEDGER
        .replace("창업공간 제공", "창업공간 3개소 제공")
        .replace("2024.4.15.", "2025.4.15.");
    let second = upload(&editor, &municipality, "text/csv", changed.as_bytes()).await;
    let second = second.expect(201);
    let counts = &second.body["counts"];
    assert_eq!(
        (&counts["same"], &counts["change"]),
        (&json!(2), &json!(1)),
        "{}",
        second.text
    );
    let row = &second.body["rows"][0];
    assert_eq!(row["changes"]["note"], json!({"ko": "창업공간 3개소 제공"}));
    assert_eq!(row["changes"]["effective_until"]["edtf"], "2025-04-15");
    assert_eq!(
        (&row["record_id"], &row["record_version"]),
        (&json!(id), &json!(1))
    );
    let import = format!("/imports/{}", second.id());
    let applied = editor
        .act(&format!("{import}/apply"), &json!({"rows": [4]}))
        .await;
    assert_eq!(applied.body["counts"]["recorded"], 1, "{}", applied.text);
    let corrected = editor.read(&agreement).await;
    assert_eq!(corrected.body["note"]["ko"], "창업공간 3개소 제공");
    assert_eq!(corrected.body["effective_until"]["edtf"], "2025-04-15");
    let reason = corrected.body["corrections"][0]["reason"]["ko"]
        .as_str()
        .unwrap();
    assert!(
        reason.contains("ledger.csv") && reason.contains("4행"),
        "{reason}"
    );
    let undone = editor.act(&format!("{import}/undo"), &json!({})).await;
    assert_eq!(undone.body["not_undone"], json!([]), "{}", undone.text);
    let after = editor.read(&agreement).await;
    for member in [
        "note",
        "effective_until",
        "effective_from",
        "title",
        "status",
    ] {
        assert_eq!(after.body[member], before.body[member], "{member}");
    }
    assert_eq!(after.body["version"], 3);
}

async fn a_record_that_changed_meanwhile_stays(api: Api) {
    let (municipality, editor) = city(&api).await;
    let first = upload(&editor, &municipality, "text/csv", LEDGER.as_bytes()).await;
    let apply = format!("/imports/{}/apply", first.expect(201).id());
    let first = editor.act(&apply, &json!({})).await;
    let id = first.body["rows"][0]["record_id"].as_str().unwrap();
    let changed = LEDGER.replace("창업공간 제공", "창업공간 3개소 제공");
    let import = upload(&editor, &municipality, "text/csv", changed.as_bytes()).await;
    let import = format!("/imports/{}", import.expect(201).id());
    let agreement = editor.read(&format!("/agreements/{id}")).await;
    let path = format!("/agreements/{id}?correction_reason=%EC%A0%95%EC%A0%95");
    let venue = json!({"venue": {"ko": "시청"}});
    editor
        .patch(&path, agreement.etag(), &venue)
        .await
        .expect(200);
    let apply = format!("{import}/apply");
    let refused = editor.post(&apply, &json!({"rows": [4]})).await;
    assert_eq!(refused.expect(422).places(), ["/rows/0"]);
    let applied = editor.act(&apply, &json!({})).await;
    let row = &applied.body["rows"][0];
    assert_eq!(codes(&row["problems"]), ["conflict"], "{row}");
    // It was seen now.
    let applied = editor.act(&apply, &json!({})).await;
    assert_eq!(applied.body["counts"]["recorded"], 1, "{}", applied.text);
    let agreement = editor.read(&format!("/agreements/{id}")).await;
    assert_eq!(agreement.body["note"]["ko"], "창업공간 3개소 제공");
    assert_eq!(agreement.body["venue"]["ko"], "시청");
}

async fn organizations_are_taken_back(api: Api) {
    let (municipality, editor) = city(&api).await;
    let import = upload(&editor, &municipality, "text/csv", LEDGER.as_bytes()).await;
    let import = format!("/imports/{}", import.expect(201).id());
    let applied = editor.act(&format!("{import}/apply"), &json!({})).await;
    let organizations = || editor.read("/organizations?limit=200&sort=name");
    let names = |answer: &crate::support::Answer| {
        let items = answer.items().iter();
        items
            .map(|item| item["name"]["ko"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let all = organizations().await;
    assert_eq!(names(&all).len(), 4, "{:?}", names(&all));
    // One is a party to an agreement of somebody else's.
    let of = |name: &str| {
        let mut items = all.items().iter();
        let found = items.find(|item| item["name"]["ko"] == name);
        found.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let used = of("병대학교");
    let new = crate::support::records::mou(&[&municipality, &used], json!({}));
    editor.create("/agreements", &new).await;
    let undone = editor.act(&format!("{import}/undo"), &json!({})).await;
    assert_eq!(undone.body["not_undone"], json!([]));
    let left = undone.body["organizations_not_undone"].as_array().unwrap();
    assert_eq!(
        (left.len(), &left[0]["id"]),
        (1, &json!(used)),
        "{}",
        undone.text
    );
    let mut left = names(&organizations().await);
    left.retain(|name| name != "고양시");
    assert_eq!(left, ["병대학교"]);
    // The voided agreements still say who they were with.
    let row = &applied.body["rows"][1];
    let voided = format!("/agreements/{}", row["record_id"].as_str().unwrap());
    let voided = editor.read(&voided).await;
    assert_eq!(voided.body["status"], "voided");
    assert_eq!(
        voided.body["other_parties"],
        json!({"count": 1, "as_stated": "정대학교"})
    );
    assert_eq!(voided.body["parties"].as_array().unwrap().len(), 2);
    let history = format!("/agreements/{}/history", voided.id());
    editor.read(&history).await;
    // It can be applied again.
    let again = editor.act(&format!("{import}/apply"), &json!({})).await;
    assert_eq!(again.body["counts"]["recorded"], 3, "{}", again.text);
    let undone = editor.act(&format!("{import}/undo"), &json!({})).await;
    assert_eq!(
        undone.body["organizations_not_undone"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
