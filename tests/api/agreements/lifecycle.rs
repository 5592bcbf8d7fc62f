use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::records::{agreement, record, signed};

on_both!(new:
    every_bad_member_is_named_at_once, steps, a_signed_agreement_is_corrected_with_a_reason,
    a_renewal_supersedes, filters_follow_the_dates,
    open_days_of_signing_match_and_unknown_ones_come_last, parts_have_paths_of_their_own, as_of_a_day,
    nothing_signed_is_deleted);

async fn every_bad_member_is_named_at_once(api: Api) {
    let city = api.municipality().await;
    let body = json!({"municipality_id": "x", "kind": "pact", "title": {"ko": " "}, "signed_on": {"edtf": "2022-02-30"},
        "colour": 1, "topics": [{}], "commitments": [{"text": {"ko": "a"}, "due": {"edtf": "2024/2022"}}], "sources": [{"url": "javascript:alert(1)"}]});
    let refused = api.post("/agreements", &body).await.expect(422);
    let mut places = refused.places();
    places.sort();
    assert_eq!(
        places,
        [
            "/colour",
            "/commitments/0/due/edtf",
            "/kind",
            "/municipality_id",
            "/signed_on/edtf",
            "/sources/0/url",
            "/title/ko",
            "/topics/0"
        ]
    );
    let missing = "0178d7fa-2c00-7000-8000-00000000ffff";
    let body = json!({"municipality_id": missing, "kind": "mou", "title": {"ko": "협약"}, "status": "signed", "project_ids": [missing],
        "parties": [{"organization_id": missing}], "commitments": [{"text": {"ko": "a"}, "owed_by": [city]}],
        "statements": [{"speaker": "a", "text": {"ko": "b"}, "party": 7}], "supersedes_id": missing});
    let refused = api.post("/agreements", &body).await.expect(422);
    let mut places = refused.places();
    places.sort();
    assert_eq!(
        places,
        [
            "/commitments/0/owed_by/0",
            "/municipality_id",
            "/parties",
            "/parties/0/organization_id",
            "/project_ids/0",
            "/statements/0/party",
            "/supersedes_id"
        ]
    );
    assert_eq!(
        api.read("/agreements?with_total=true").await.body["total"],
        0
    );
}

async fn steps(api: Api) {
    let city = api.municipality().await;
    let made = record(&api, &city, json!({})).await;
    assert_eq!(made.body["status"], "draft");
    assert_eq!(
        made.body["allowed_transitions"],
        json!(["in_review", "withdrawn", "voided"])
    );
    let path = format!("/agreements/{}/transitions", made.id());
    let refused = api.post(&path, &json!({"to": "signed"})).await.expect(409);
    assert_eq!(refused.body["code"], "transition_not_allowed");
    assert_eq!(refused.places(), ["/to"]);
    assert_eq!(refused.body["errors"][0]["message"], refused.body["detail"]);
    assert!(
        refused.body["detail"]
            .as_str()
            .unwrap()
            .contains("in_review")
    );
    for to in ["in_review", "approved"] {
        api.act(&path, &json!({"to": to})).await;
    }
    // The day of signing is not guessed; the day of the steps before is today.
    let undated = api.post(&path, &json!({"to": "signed"})).await.expect(422);
    assert_eq!(undated.places(), ["/on"]);
    let signed = api
        .act(&path, &json!({"to": "signed", "on": "2026. 11. 23."}))
        .await;
    assert_eq!(signed.body["signed_on"]["edtf"], "2026-11-23");
    assert_eq!(signed.body["signed_on"]["as_stated"], "2026. 11. 23.");
    assert_eq!(signed.body["transitions"][1]["on"]["edtf"], "2026-11-23");
    assert_eq!(
        api.post(&path, &json!({"to": "terminated", "on": {"edtf": "2027"}}))
            .await
            .expect(422)
            .places(),
        ["/on", "/reason"]
    );
    let ended = json!({"to": "terminated", "on": {"edtf": "2026-11-23"}, "reason": {"ko": "합의"}});
    let ended = api.act(&path, &ended).await;
    assert_eq!(
        (&ended.body["status"], &ended.body["in_force"]),
        (&json!("terminated"), &json!(false))
    );
}

async fn a_signed_agreement_is_corrected_with_a_reason(api: Api) {
    let city = api.municipality().await;
    let made = signed(&api, &city, "2021-04-16", json!({})).await;
    let path = format!("/agreements/{}", made.id());
    let change = json!({"venue": {"ko": "고양인재교육원"}});
    assert_eq!(
        api.patch(&path, made.etag(), &change)
            .await
            .expect(400)
            .places(),
        ["correction_reason"]
    );
    let reason = format!("{path}?correction_reason=%EC%98%A4%EA%B8%B0");
    let changed = api.update(&reason, made.etag(), &change).await;
    assert_eq!(changed.body["corrections"][0]["reason"]["ko"], "오기");
    assert_eq!(changed.body["venue"]["ko"], "고양인재교육원");
    api.patch(&reason, made.etag(), &json!({"venue": null}))
        .await
        .expect(412);
    // A change without effect creates no version.
    let same = api.update(&path, changed.etag(), &change).await;
    assert_eq!(same.body["version"], 2);
    // Read-only members and members with a path of their own are refused.
    let refused = api
        .patch(
            &reason,
            changed.etag(),
            &json!({"signed_on": {"edtf": "2021", "earliest": "2021-01-01"}, "status": "voided"}),
        )
        .await
        .expect(422);
    assert_eq!(refused.places(), ["/signed_on/earliest", "/status"]);
    let refused = api
        .patch(
            &reason,
            changed.etag(),
            &json!({"title": null, "signed_on": {"edtf": null}}),
        )
        .await
        .expect(422);
    assert_eq!(refused.places(), ["/signed_on/edtf", "/title"]);
}

async fn a_renewal_supersedes(api: Api) {
    let city = api.municipality().await;
    let old = signed(&api, &city, "2021", json!({})).await;
    let new =
        json!({"status": "signed", "signed_on": {"edtf": "2024-01-31"}, "supersedes_id": old.id()});
    let new = agreement(&api, &city, new).await;
    let made = api.create("/agreements", &new).await;
    assert_eq!(made.body["supersedes"]["id"], json!(old.id()));
    let seen = api.read(&format!("/agreements/{}", old.id())).await;
    assert_eq!(
        (&seen.body["status"], &seen.body["superseded_by"]["id"]),
        (&json!("superseded"), &json!(made.id()))
    );
    assert_eq!(
        api.post("/agreements", &new).await.expect(409).places(),
        ["/supersedes_id"]
    );
    let circular = json!({"supersedes_id": made.id()});
    let refused = api
        .patch(
            &format!("/agreements/{}?correction_reason=x", old.id()),
            "*",
            &circular,
        )
        .await
        .expect(422);
    assert_eq!(refused.body["errors"][0]["code"], "circular");
    // If the renewal has no signing date, the date of the superseding is unknown.
    let undated = json!({"status": "signed", "supersedes_id": made.id()});
    let undated = agreement(&api, &city, undated).await;
    api.create("/agreements", &undated).await;
    let seen = api.get(&format!("/agreements/{}", made.id())).await;
    let last = seen.body["transitions"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["to"], &last["on"]),
        (&json!("superseded"), &Value::Null)
    );
}

/// What was signed by a day can have been signed on any before; words alone mean no day, and come last
/// like no day at all.
async fn open_days_of_signing_match_and_unknown_ones_come_last(api: Api) {
    let city = api.municipality().await;
    let mut ids = Vec::new();
    for day in [
        json!({"edtf": "../2023"}),
        json!({"edtf": "2024-05-06"}),
        json!({"as_stated": "미상"}),
        Value::Null,
    ] {
        let more = json!({"status": "signed", "signed_on": day});
        ids.push(record(&api, &city, more).await.id().to_owned());
    }
    let [by, day, words, none] = ids.try_into().unwrap();
    for (query, expected) in [
        ("signed_from=2023-01-01&signed_to=2023-12-31", vec![&by]),
        ("signed_to=2019-12-31", vec![&by]),
        ("signed_from=2025-01-01", vec![]),
        ("signed_from=2024-01-01&signed_to=2024-12-31", vec![&day]),
    ] {
        for more in ["", "&as_of=2026-11-01", &format!("&municipality_id={city}")] {
            let found = api.read(&format!("/agreements?{query}{more}")).await;
            let mut found: Vec<&str> = found
                .items()
                .iter()
                .map(|row| row["id"].as_str().unwrap())
                .collect();
            found.sort_unstable();
            let mut expected: Vec<&str> = expected.iter().map(|id| id.as_str()).collect();
            expected.sort_unstable();
            assert_eq!(found, expected, "{query}{more}");
        }
        let counted = api.read(&format!("/statistics/agreements?{query}")).await;
        let count = &counted.body["totals"]["count"]["count"];
        assert_eq!(*count, json!(expected.len()), "{query}");
    }
    let listed = api.read("/agreements").await;
    let order: Vec<&str> = listed
        .items()
        .iter()
        .map(|row| row["id"].as_str().unwrap())
        .collect();
    assert_eq!(order[..2], [&day, &by]);
    assert_eq!(
        BTreeSet::from_iter(&order[2..]),
        BTreeSet::from([&words.as_str(), &none.as_str()])
    );
}

async fn filters_follow_the_dates(api: Api) {
    let city = api.municipality().await;
    let term = |from: &str, until: Option<&str>, renews: bool| {
        let mut body =
            json!({"status": "signed", "signed_on": {"edtf": from}, "auto_renews": renews});
        if let Some(until) = until {
            body["effective_until"] = json!({"edtf": until});
        }
        body
    };
    let cases = [
        (
            "in_force=true&expired=false&signed_from=2020-01-01",
            term("2020-01-01", Some("2026-12-01"), false),
        ),
        (
            "expired=true",
            term("2020-01-01", Some("2026-11-22"), false),
        ),
        ("in_force=unknown", term("2020-01-01", None, false)),
        (
            "in_force=true&signed_to=2019-12-31",
            term("2019", None, true),
        ),
    ];
    let mut ids = Vec::new();
    for (_, more) in &cases {
        ids.push(record(&api, &city, more.clone()).await.id().to_owned());
    }
    for (id, (query, _)) in ids.iter().zip(&cases) {
        assert_eq!(
            &api.find(&format!("/agreements?{query}")).await,
            id,
            "{query}"
        );
    }
    assert_eq!(api.find("/agreements?expiring_within_days=8").await, ids[0]);
    assert_eq!(
        api.get("/agreements?expiring_within_days=7&with_total=true")
            .await
            .body["total"],
        0
    );
    assert_eq!(
        api.get("/agreements?in_force=false&with_total=true")
            .await
            .body["total"],
        1
    );
    assert_eq!(
        api.get("/agreements?signed_from=2020-01-01&with_total=true")
            .await
            .body["total"],
        3
    );
    let row = api
        .read(&format!(
            "/agreements?municipality_id={city}&status=signed&kind=mou,moa&expiring_within_days=30"
        ))
        .await;
    assert_eq!(row.body["items"][0]["expires_in_days"], 8);
    assert_eq!(
        row.body["items"][0]["parties"][0]["organization"]["name"]["ko"],
        "고양시"
    );
}

async fn parts_have_paths_of_their_own(api: Api) {
    let city = api.municipality().await;
    let made = record(&api, &city, json!({})).await;
    let path = format!("/agreements/{}", made.id());
    let commitment =
        json!({"text": {"ko": "부지를 제공한다"}, "owed_by": [city], "due": {"edtf": "2027"}});
    let with = api
        .create(&format!("{path}/commitments"), &commitment)
        .await;
    let one = with.headers["location"].clone();
    assert_eq!(api.read(&one).await.body["due"]["edtf"], "2027");
    let stranger = api.organization("남").await;
    let refused = api
        .patch(&one, with.etag(), &json!({"owed_by": [stranger]}))
        .await
        .expect(422);
    assert_eq!(refused.places(), ["/owed_by/0"]);
    // A party cannot be removed while it owes a commitment.
    let party = with.body["parties"][0]["id"].as_str().unwrap();
    api.delete(&format!("{path}/parties/{party}"), with.etag())
        .await
        .expect(409);
    let changed = api.update(&one, with.etag(), &json!({"owed_by": []})).await;
    api.delete(&format!("{path}/parties/{party}"), changed.etag())
        .await
        .expect(204);
    let same = api
        .post(
            &format!("{path}/parties"),
            &json!({"organization_id": changed.body["parties"][1]["organization_id"]}),
        )
        .await
        .expect(422);
    assert_eq!(same.places(), ["/organization_id"]);
    let document = json!({"title": {"ko": "협약서"}, "url": "https://example.com/mou.pdf"});
    let with = api.create(&format!("{path}/documents"), &document).await;
    assert_eq!(
        api.read(&format!("{path}/documents?with_total=true"))
            .await
            .body["total"],
        1
    );
    api.delete(&with.headers["location"], with.etag())
        .await
        .expect(204);
    api.get(&with.headers["location"]).await.expect(404);
}

async fn as_of_a_day(api: Api) {
    let city = api.municipality().await;
    let more = json!({"status": "terminated", "signed_on": {"edtf": "2021-04-16"}, "effective_until": {"edtf": "2030"},
        "transitions": [{"to": "terminated", "on": {"edtf": "2025-03-01"}, "reason": {"ko": "합의"}}]});
    let made = record(&api, &city, more).await;
    let path = format!("/agreements/{}", made.id());
    api.get(&format!("{path}?as_of=2021-04-15"))
        .await
        .expect(404);
    let then = api.read(&format!("{path}?as_of=2025-02-28")).await;
    assert_eq!(
        (&then.body["status"], &then.body["in_force"]),
        (&json!("signed"), &json!(true))
    );
    assert_eq!(then.body["transitions"].as_array().unwrap().len(), 1);
    assert_eq!(
        api.read(&format!("{path}?as_of=2025-03-01")).await.body["status"],
        "terminated"
    );
    let expiry = api.read("/timeline?types=expiry&as_of=2024-01-01").await;
    assert_eq!(expiry.body["items"][0]["status"], "planned");
    let expiry = api.read("/timeline?types=expiry").await;
    assert_eq!(expiry.body["items"][0]["status"], "cancelled");
}

async fn nothing_signed_is_deleted(api: Api) {
    let city = api.municipality().await;
    let draft = record(&api, &city, json!({})).await;
    let path = format!("/agreements/{}", draft.id());
    api.send("DELETE", &path, &[], None).await.expect(428);
    api.delete(&path, "\"9-0\"").await.expect(412);
    api.delete(&path, draft.etag()).await.expect(204);
    let signed = record(&api, &city, json!({"status": "signed"})).await;
    api.delete(&format!("/agreements/{}", signed.id()), signed.etag())
        .await
        .expect(409);
    let voided = json!({"to": "voided", "reason": {"ko": "잘못 등록"}});
    api.act(&format!("/agreements/{}/transitions", signed.id()), &voided)
        .await;
    api.delete(&format!("/agreements/{}", signed.id()), "*")
        .await
        .expect(409);
    assert_eq!(api.read("/timeline?with_total=true").await.body["total"], 0);
}
