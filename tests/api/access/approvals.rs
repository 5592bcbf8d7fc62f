//! Who records what was signed, where the policy of the day of signing demands an approval, and who
//! has rewritten a draft.

use serde_json::{Value, json};

use crate::support::city::City;
use crate::support::records::{demand, mou, signed_mou};
use crate::support::{Answer, Api};

on_both!(new: recording_as_signed_takes_what_the_policy_of_that_day_demands,
    named_approvers_record_what_was_signed, a_correction_does_not_slip_under_a_policy,
    a_signing_on_an_unknown_day_escapes_no_policy,
    what_was_approved_in_steps_is_signed_by_anyone, who_replaced_a_document_does_not_approve,
    documents_are_replaced_by_corrections);

fn costly(day: &str, more: Value) -> (String, Value) {
    let mut all = json!({"financial_obligation": true});
    all.as_object_mut()
        .unwrap()
        .append(&mut more.as_object().unwrap().clone());
    (day.to_owned(), all)
}

fn codes(answer: &Answer) -> Vec<&str> {
    let warnings = answer.body["warnings"].as_array().unwrap().iter();
    warnings
        .map(|warning| warning["code"].as_str().unwrap())
        .collect()
}

async fn recording_as_signed_takes_what_the_policy_of_that_day_demands(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let policy = json!([{"valid_from": "2022-01-01", "prior_consent": {"money": "consent", "property": "report"}}]);
    demand(&api, &city.id, policy).await;
    let consent = json!([{"kind": "consent", "on": {"edtf": "2022-02-01"}, "occasion": "signing", "result": "accepted"}]);
    let approved = json!([{"to": "approved", "on": {"edtf": "2022-02-01"}}]);
    let cases = [
        (costly("2021-12-31", json!({})), true),
        (costly("2022-03-01", json!({})), false),
        (
            costly("2022-03-01", json!({"council_actions": consent})),
            false,
        ),
        (
            costly("2022-03-01", json!({"transitions": approved})),
            false,
        ),
        (
            costly(
                "2022-03-01",
                json!({"status": "completed",
            "transitions": [{"to": "completed", "reason": {"ko": "완료"}}]}),
            ),
            false,
        ),
        (
            costly(
                "2022-03-01",
                json!({"status": "voided", "transitions": [
            {"to": "signed"}, {"to": "voided", "reason": {"ko": "오류"}}]}),
            ),
            false,
        ),
        (
            (
                "2022-03-01".to_owned(),
                json!({"public_property": true, "financial_obligation": false}),
            ),
            true,
        ),
        (("2022-03-01".to_owned(), json!({})), true),
    ];
    for ((day, more), free) in cases {
        let new = signed_mou(&[&city.id, &city.partner], &day, more);
        let status = if free { 201 } else { 403 };
        let recorded = city.editor.post("/agreements", &new).await.expect(status);
        let by_approver = city.approver.create("/agreements", &new).await;
        let told = new["council_actions"].is_array() || new["status"] == "voided";
        for answer in [Some(recorded).filter(|_| free), Some(by_approver)]
            .into_iter()
            .flatten()
        {
            let warned = codes(&answer).contains(&"demanded_at_signing");
            let reported = new["public_property"] == true;
            assert_eq!(warned, reported || !free && !told, "{new}");
        }
    }
    // The warning stays.
    let new = signed_mou(
        &[&city.id, &city.partner],
        "2022-03-01",
        costly("", json!({})).1,
    );
    let made = city.approver.create("/agreements", &new).await;
    let path = format!("/agreements/{}", made.id());
    let change = json!({"venue": {"ko": "시청"}});
    let later = api.at("2026-12-24T03:00:00Z").await;
    let corrected = later.with(city.editor.token());
    corrected
        .update(&format!("{path}?correction_reason=x"), "*", &change)
        .await;
    assert!(codes(&later.read(&path).await).contains(&"demanded_at_signing"));
    // A renewal that is recorded as signed goes by the same rule.
    let more = costly("", json!({"supersedes_id": made.id()})).1;
    let renewal = signed_mou(&[&city.id, &city.partner], "2023-03-01", more);
    city.editor.post("/agreements", &renewal).await.expect(403);
    city.approver.create("/agreements", &renewal).await;
}

async fn named_approvers_record_what_was_signed(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let id = city.approver.read("/me").await.body["token_id"].clone();
    let policy = json!([{"valid_from": "2022-01-01", "approver_ids": [id]}]);
    demand(&api, &city.id, policy).await;
    let second = api.staff("approver", &city.id).await;
    let new = |day: &str| signed_mou(&[&city.id, &city.partner], day, json!({}));
    for refused in [&city.editor, &second, &api] {
        refused
            .post("/agreements", &new("2022-03-01"))
            .await
            .expect(403);
    }
    second.create("/agreements", &new("2021-03-01")).await;
    let mut steps = new("2022-03-01");
    let made = city.approver.create("/agreements", &steps).await;
    let read = city
        .editor
        .read(&format!("/agreements/{}", made.id()))
        .await;
    assert!(codes(&read).contains(&"signed_without_approval"));
    steps["transitions"] = json!([{"to": "approved", "on": {"edtf": "2022-02"}}]);
    city.editor.post("/agreements", &steps).await.expect(403);
    let made = city.approver.create("/agreements", &steps).await;
    assert!(!codes(&made).contains(&"signed_without_approval"));
}

async fn a_correction_does_not_slip_under_a_policy(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let policy = json!([{"valid_from": "2022-01-01", "prior_consent": {"money": "consent"}}]);
    demand(&api, &city.id, policy).await;
    let approved = json!({"transitions": [{"to": "approved", "on": {"edtf": "2020"}}]});
    let new = signed_mou(
        &[&city.id, &city.partner],
        "2021-03-01",
        costly("", approved).1,
    );
    let made = city.editor.create("/agreements", &new).await;
    let path = format!("/agreements/{}?correction_reason=x", made.id());
    let moved = json!({"signed_on": {"edtf": "2022-03-01"}});
    city.editor.patch(&path, "*", &moved).await.expect(403);
    let step = format!(
        "/agreements/{}/transitions/1?correction_reason=x",
        made.id()
    );
    let day = json!({"on": {"edtf": "2022-03-01"}});
    city.editor.patch(&step, "*", &day).await.expect(403);
    let free = signed_mou(&[&city.id, &city.partner], "2022-03-01", json!({}));
    let free = city.editor.create("/agreements", &free).await;
    let costs = json!({"financial_obligation": true});
    let other = format!("/agreements/{}?correction_reason=x", free.id());
    city.editor.patch(&other, "*", &costs).await.expect(403);
    city.approver.update(&path, "*", &moved).await;
    city.approver.update(&other, "*", &costs).await;
    // What is under the policy is corrected by its editors.
    city.editor
        .update(&path, "*", &json!({"venue": {"ko": "시청"}}))
        .await;
}

/// A draft in review that the editor wrote.
async fn in_review(city: &City, more: Value) -> String {
    let new = mou(&[&city.id, &city.partner], more);
    let made = city.editor.create("/agreements", &new).await;
    let path = format!("/agreements/{}", made.id());
    let steps = format!("{path}/transitions");
    city.editor.act(&steps, &json!({"to": "in_review"})).await;
    path
}

async fn what_was_approved_in_steps_is_signed_by_anyone(api: Api) {
    let city = City::new(&api, "4128000000").await;
    demand(
        &api,
        &city.id,
        json!([{"prior_consent": {"money": "consent"}}]),
    )
    .await;
    let consent = json!([{"kind": "consent", "on": {"edtf": "2026-02-01"}, "occasion": "signing", "result": "accepted"}]);
    let path = in_review(&city, costly("", json!({"council_actions": consent})).1).await;
    let steps = format!("{path}/transitions");
    let signing = json!({"to": "signed", "on": {"edtf": "2026-11-23"}});
    city.editor.post(&steps, &signing).await.expect(409);
    city.editor
        .post(&steps, &json!({"to": "approved"}))
        .await
        .expect(403);
    city.approver.act(&steps, &json!({"to": "approved"})).await;
    let signed = city.editor.act(&steps, &signing).await;
    assert!(!codes(&signed).contains(&"signed_without_approval"));
}

async fn who_replaced_a_document_does_not_approve(api: Api) {
    let city = City::new(&api, "4128000000").await;
    demand(&api, &city.id, json!([])).await;
    let document = json!({"title": {"ko": "협약서"}, "url": "https://example.com/a.pdf"});
    for change in ["add", "replace", "remove"] {
        let approver = api.staff("approver", &city.id).await;
        let path = in_review(&city, json!({"documents": [document]})).await;
        let documents = format!("{path}/documents");
        let first = city.editor.find(&documents).await;
        let first = format!("{documents}/{first}");
        match change {
            "add" => drop(approver.create(&documents, &document).await),
            "replace" => {
                let other = json!({"url": "https://example.com/b.pdf"});
                approver.update(&first, "*", &other).await;
            }
            _ => drop(approver.delete(&first, "*").await.expect(204)),
        }
        let steps = format!("{path}/transitions");
        let approval = json!({"to": "approved"});
        let refused = approver.post(&steps, &approval).await.expect(403);
        assert!(refused.text.contains("고친"), "{change}: {}", refused.text);
        city.approver.act(&steps, &approval).await;
    }
}

async fn documents_are_replaced_by_corrections(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let more = json!({"documents": [{"title": {"ko": "협약서"}, "file_number": "가-1"}]});
    let new = signed_mou(&[&city.id, &city.partner], "2024-03-01", more);
    let made = city.editor.create("/agreements", &new).await;
    let part = made.body["documents"][0]["id"].as_str().unwrap();
    let path = format!("/agreements/{}/documents/{part}", made.id());
    // Stating more replaces nothing.
    let found = json!({"url": "https://example.com/a.pdf"});
    city.editor.update(&path, "*", &found).await;
    for change in [
        json!({"url": "https://example.com/b.pdf"}),
        json!({"url": null}),
        json!({"title": {"ko": "다른 협약서"}}),
        json!({"file_number": "가-2"}),
    ] {
        let refused = city.editor.patch(&path, "*", &change).await.expect(400);
        assert_eq!(refused.places(), ["correction_reason"], "{change}");
    }
    let refused = city.editor.delete(&path, "*").await.expect(400);
    assert_eq!(refused.places(), ["correction_reason"]);
    let reason = format!("{path}?correction_reason=%EC%98%A4%EA%B8%B0");
    let moved = json!({"url": "https://example.com/b.pdf"});
    let moved = city.editor.update(&reason, "*", &moved).await;
    assert_eq!(moved.body["corrections"][0]["reason"]["ko"], "오기");
    city.editor.delete(&reason, "*").await.expect(204);
}

async fn a_signing_on_an_unknown_day_escapes_no_policy(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let approver = city.approver.read("/me").await.body["token_id"].clone();
    let policy = json!([{"valid_from": "2023-01-01", "valid_until": "2024-12-31"},
        {"valid_from": "2025-01-01", "valid_until": "2026-12-31", "prior_consent": {"money": "consent"}},
        {"valid_from": "2027-01-01", "approver_ids": [approver]}]);
    demand(&api, &city.id, policy).await;
    let parties = [city.id.as_str(), city.partner.as_str()];
    let costs = json!({"financial_obligation": true});
    for day in [Value::Null, json!({"as_stated": "지난봄"})] {
        let mut new = signed_mou(&parties, "2022-03-01", costs.clone());
        new["signed_on"] = day;
        city.editor.post("/agreements", &new).await.expect(403);
        city.approver.create("/agreements", &new).await;
        new["financial_obligation"] = json!(false);
        city.editor.create("/agreements", &new).await;
    }
    // A step on such a day is one of the present day.
    let path = in_review(&city, costs.clone()).await;
    let steps = format!("{path}/transitions");
    city.approver.act(&steps, &json!({"to": "approved"})).await;
    let words = json!({"to": "signed", "on": {"as_stated": "지난주"}});
    let refused = city.editor.post(&steps, &words).await.expect(409);
    assert_eq!(
        refused.body["type"],
        "/docs/problems#duty_stands_in_the_way"
    );
    // Nor does a correction take a signing out of the policy, and its warnings with it.
    let made = signed_mou(&parties, "2025-03-01", costs);
    let made = city.approver.create("/agreements", &made).await;
    let path = format!("/agreements/{}?correction_reason=x", made.id());
    for day in [
        json!({"edtf": null, "as_stated": "지난봄"}),
        json!({"edtf": "2024-03-01"}),
    ] {
        let moved = json!({"signed_on": day});
        city.editor.patch(&path, "*", &moved).await.expect(403);
    }
    let moved = json!({"signed_on": {"edtf": "2024-03-01"}});
    city.approver.update(&path, "*", &moved).await;
}
