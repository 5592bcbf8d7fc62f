//! Facts that ledgers and press releases of cities hold beside the title, the parties and the dates.

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::records::{attempt, mou, record, signed, signed_mou, with};

on_both!(new:
    a_number_and_remarks, a_document_on_paper, a_post_signs_without_a_name,
    each_party_signs_on_its_own_day, a_party_never_signs_after_the_agreement);

/// The codes of the gaps of an agreement.
fn gaps(agreement: &Value) -> Vec<(&str, &str)> {
    let gaps = agreement["gaps"].as_array().unwrap().iter();
    let named = gaps.map(|gap| (&gap["pointer"], &gap["code"]));
    named
        .map(|(pointer, code)| (pointer.as_str().unwrap(), code.as_str().unwrap()))
        .collect()
}

/// The code of the only error of an answer.
fn code(refused: &crate::support::Answer) -> &str {
    assert_eq!(refused.places().len(), 1, "{}", refused.text);
    refused.body["errors"][0]["code"].as_str().unwrap()
}

async fn a_number_and_remarks(api: Api) {
    let city = api.municipality().await;
    let more =
        json!({"reference_number": "2024-017", "note": {"ko": "아홉 대학이 함께 체결한 협약"}});
    let made = signed(&api, &city, "2024-01-15", more).await;
    assert_eq!(made.body["reference_number"], "2024-017");
    assert_eq!(made.body["note"]["ko"], "아홉 대학이 함께 체결한 협약");
    signed(
        &api,
        &city,
        "2024-01-15",
        json!({"reference_number": "2024-0170"}),
    )
    .await;
    let listed = api.read("/agreements?reference_number=2024-017").await;
    let rows = listed.items();
    assert_eq!(rows.len(), 1, "{}", listed.text);
    assert_eq!(rows[0]["id"], json!(made.id()));
    assert_eq!(rows[0]["reference_number"], "2024-017");
    for words in ["2024-017", "%EB%8C%80%ED%95%99%EC%9D%B4"] {
        let found = api.read(&format!("/search?q={words}")).await;
        let found = found.items().iter();
        let ids: Vec<&Value> = found.map(|hit| &hit["id"]).collect();
        assert!(ids.contains(&&json!(made.id())), "{words}");
    }
    // A number is the city's own: another agreement can have it too, such as one of another year.
    let again = json!({"reference_number": "2024-017", "title": {"ko": "다른 해의 협약"}});
    signed(&api, &city, "2023-01-15", again).await;
    let path = format!("/agreements/{}", made.id());
    let removed = json!({"reference_number": null, "note": null});
    let reason = "?correction_reason=%EC%98%A4%EA%B8%B0";
    api.update(&format!("{path}{reason}"), "*", &removed).await;
    let history = api.read(&format!("{path}/history")).await;
    let changed = history.text.contains("2024-017");
    assert!(changed, "{}", history.text);
    assert_eq!(api.read(&path).await.body["note"], Value::Null);
}

async fn a_document_on_paper(api: Api) {
    let city = api.municipality().await;
    let documents = json!([
        {"title": {"ko": "협약서(전략산업과-1234)"}},
        {"title": {"ko": "서명본"}, "place_kept": {"ko": "문서고 3층"}, "file_number": "전략산업과-1234"},
        {"title": {"ko": "공고문"}, "url": "https://example.com/notice"}]);
    let more = json!({"documents": documents});
    let made = signed(&api, &city, "2024-01-15", more).await;
    let shown = &made.body["documents"];
    assert_eq!(shown[0]["url"], Value::Null);
    assert_eq!(shown[1]["place_kept"]["ko"], "문서고 3층");
    assert_eq!(shown[1]["file_number"], "전략산업과-1234");
    assert!(gaps(&made.body).contains(&("/documents/0/url", "place_unknown")));
    let known = |gap: &&(&str, &str)| gap.1 == "place_unknown";
    assert_eq!(gaps(&made.body).iter().filter(known).count(), 1);
    assert_eq!(
        api.find("/search?q=%EB%AC%B8%EC%84%9C%EA%B3%A0").await,
        made.id()
    );
    let path = format!("/agreements/{}/documents", made.id());
    api.create(&path, &json!({"title": {"ko": "부속 합의"}}))
        .await;
    let untitled = json!({"url": "https://example.com/a"});
    let refused = api.post(&path, &untitled).await.expect(422);
    assert_eq!(refused.places(), ["/title"]);
}

async fn a_post_signs_without_a_name(api: Api) {
    let city = api.municipality().await;
    let company = api.organization("갑 기관").await;
    let signed_by = |signatory: Value| {
        let parties = json!([
            {"organization_id": city, "signatory": signatory}, {"organization_id": company}]);
        with(
            signed_mou(&[&city], "2020-11-27", json!({})),
            json!({"parties": parties}),
        )
    };
    let unknown = |i: usize| format!("/parties/{i}/signatory");
    for (signatory, is_known) in [
        (json!({"title": {"ko": "시장 권한대행"}}), true),
        (json!({"name": "갑", "on_behalf_of": {"ko": "시장"}}), true),
        // For whom somebody signed does not tell who it was.
        (json!({"on_behalf_of": {"ko": "시장"}}), false),
    ] {
        let made = api
            .create("/agreements", &signed_by(signatory.clone()))
            .await;
        let shown = &made.body["parties"][0]["signatory"];
        for (member, value) in signatory.as_object().unwrap() {
            let shown = shown[member].get("ko").unwrap_or(&shown[member]);
            assert_eq!(shown, value.get("ko").unwrap_or(value));
        }
        let gaps = gaps(&made.body);
        let missing = |i: usize| gaps.contains(&(&unknown(i), "signatory_unknown"));
        assert_eq!((missing(0), missing(1)), (!is_known, true), "{signatory}");
    }
    for signatory in [json!({}), json!({"name": null})] {
        let refused = api.post("/agreements", &signed_by(signatory)).await;
        assert_eq!(code(&refused.expect(422)), "required");
    }
    let wanted = json!([{"required_at_signing": ["signatories"], "self_approval": true}]);
    crate::support::records::demand(&api, &city, wanted).await;
    let mut draft = mou(&[&city, &company], json!({"status": "approved"}));
    draft["parties"][0]["signatory"] = json!({"title": {"ko": "시장"}});
    let made = api.create("/agreements", &draft).await;
    let step = format!("/agreements/{}/transitions", made.id());
    let refused = api.post(&step, &json!({"to": "signed"})).await.expect(422);
    assert_eq!(refused.places(), [unknown(1)]);
}

async fn each_party_signs_on_its_own_day(api: Api) {
    let city = api.municipality().await;
    let company = api.organization("갑 기관").await;
    let parties = json!([
        {"organization_id": city, "signed_on": {"edtf": "1994-11-01"}, "signatory": {"name": "갑"}},
        {"organization_id": company, "signed_on": {"edtf": "1994-11-20"}, "signatory": {"name": "을"}}]);
    let new = signed_mou(&[&city], "1994-11", json!({}));
    let made = api
        .create("/agreements", &with(new, json!({"parties": parties})))
        .await;
    assert_eq!(
        made.body["parties"][1]["signed_on"]["edtf"],
        json!("1994-11-20")
    );
    // On a day between the two, one had signed.
    let part = format!(
        "/agreements/{}/parties/{}",
        made.id(),
        made.body["parties"][1]["id"].as_str().unwrap()
    );
    let planned = mou(
        &[&city],
        json!({"status": "approved", "parties": parties,
        "transitions": [{"to": "approved", "on": {"edtf": "1994-10-01"}}]}),
    );
    let planned = api.create("/agreements", &planned).await;
    let then = format!("/agreements/{}?as_of=1994-11-10", planned.id());
    let then = api.read(&then).await.body["parties"].take();
    assert_eq!(then[0]["signed_on"]["edtf"], "1994-11-01");
    assert_eq!(then[0]["signatory"]["name"], "갑");
    assert_eq!(then[1]["signed_on"], Value::Null);
    assert_eq!(then[1]["signatory"], Value::Null);
    let reason = "?correction_reason=%EC%98%A4%EA%B8%B0";
    let later = json!({"signed_on": {"edtf": "2026-11-24"}});
    let refused = api.patch(&format!("{part}{reason}"), "*", &later).await;
    assert_eq!(refused.expect(422).places(), ["/signed_on", "/signed_on"]);
}

async fn a_party_never_signs_after_the_agreement(api: Api) {
    let city = api.municipality().await;
    for (signing, own, is_right) in [
        ("1994-11-01", "1994-11-01", true),
        ("1994-11-01", "1994-10-15", true),
        ("1994-11-01", "1994-11-02", false),
        ("1994-11", "1994-11-30", true),
        ("1994-11", "1994-12", false),
        ("1994", "1994-12-31", true),
        ("1994-11-01", "1994", true),
        ("1994-11-01", "1995", false),
    ] {
        let company = api.organization("갑 기관").await;
        let parties = json!([
            {"organization_id": city}, {"organization_id": company, "signed_on": {"edtf": own}}]);
        let made = attempt(
            &api,
            &city,
            json!({"status": "signed", "signed_on": {"edtf": signing}, "parties": parties}),
        )
        .await;
        if is_right {
            made.expect(201);
            continue;
        }
        let refused = made.expect(422);
        assert_eq!(
            refused.places(),
            ["/parties/1/signed_on"],
            "{signing} {own}"
        );
        assert_eq!(code(&refused), "after_signing");
    }
    // The step that signs is held to it too, and so is a correction of the day.
    let draft = record(&api, &city, json!({"status": "approved"})).await;
    let part = format!(
        "/agreements/{}/parties/{}",
        draft.id(),
        draft.body["parties"][1]["id"].as_str().unwrap()
    );
    let own = json!({"signed_on": {"edtf": "2026-11-20"}});
    api.update(&part, "*", &own).await;
    let step = format!("/agreements/{}/transitions", draft.id());
    let early = json!({"to": "signed", "on": {"edtf": "2026-11-19"}});
    let refused = api.post(&step, &early).await.expect(422);
    assert_eq!(refused.places(), ["/parties/1/signed_on"]);
    api.act(
        &step,
        &json!({"to": "signed", "on": {"edtf": "2026-11-20"}}),
    )
    .await;
    let path = format!(
        "/agreements/{}?correction_reason=%EC%98%A4%EA%B8%B0",
        draft.id()
    );
    let corrected = json!({"signed_on": {"edtf": "2026-11-01"}});
    let refused = api.patch(&path, "*", &corrected).await.expect(422);
    assert_eq!(refused.places(), ["/parties/1/signed_on"]);
}
