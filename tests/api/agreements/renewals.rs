//! Chains of renewals, and their reversal.

use serde_json::{Value, json};

use crate::support::log::wrong;
use crate::support::records::{attempt, record, signed};
use crate::support::{Answer, Api};

on_both!(new:
    a_voided_renewal_supersedes_nothing, a_withdrawn_renewal_makes_room, a_renewal_of_another,
    a_step_by_hand_stays, an_end_by_hand_leaves_no_gap, an_end_by_hand_leaves_no_overlap,
    not_before_its_predecessor, a_predecessor_that_is_signed_later);

async fn renewed(api: &Api, city: &str, on: &str, supersedes: &str) -> Answer {
    let more = json!({"status": "signed", "signed_on": {"edtf": on}, "supersedes_id": supersedes});
    attempt(api, city, more).await
}

async fn read(api: &Api, id: &str) -> Value {
    api.read(&format!("/agreements/{id}")).await.body
}

async fn step(api: &Api, id: &str, to: &str) -> Answer {
    let body = json!({"to": to, "reason": {"ko": "잘못 등록"}});
    api.post(&format!("/agreements/{id}/transitions"), &body)
        .await
}

async fn a_voided_renewal_supersedes_nothing(api: Api) {
    let city = api.municipality().await;
    let old = signed(&api, &city, "2021", json!({})).await;
    let new = renewed(&api, &city, "2024-01-31", old.id())
        .await
        .expect(201);
    assert_eq!(read(&api, old.id()).await["status"], "superseded");
    step(&api, new.id(), "voided").await.expect(200);
    let seen = read(&api, old.id()).await;
    assert_eq!(
        (&seen["status"], &seen["superseded_by"], &seen["version"]),
        (&json!("signed"), &Value::Null, &json!(3))
    );
    assert_eq!(seen["transitions"].as_array().unwrap().len(), 1);
    let reason = &seen["corrections"][0]["reason"];
    assert!(reason["ko"].is_string() && reason["en"].is_string());
    let then = read(&api, &format!("{}?as_of=2024-06-30", old.id())).await;
    assert_eq!(then["status"], "signed");
    // A voided renewal still names its predecessor and can be corrected.
    assert_eq!(
        read(&api, new.id()).await["supersedes"]["id"],
        json!(old.id())
    );
    let again = renewed(&api, &city, "2024-02-01", old.id())
        .await
        .expect(201);
    let path = format!("/agreements/{}", new.id());
    api.update(&path, "*", &json!({"venue": {"ko": "시청"}}))
        .await;
    let seen = read(&api, old.id()).await;
    assert_eq!(
        (&seen["status"], &seen["superseded_by"]["id"]),
        (&json!("superseded"), &json!(again.id()))
    );
    let line = api.read("/timeline?types=signing&with_total=true").await;
    assert_eq!(line.body["total"], 2);
}

async fn a_withdrawn_renewal_makes_room(api: Api) {
    let city = api.municipality().await;
    let old = signed(&api, &city, "2021", json!({})).await;
    let draft = record(&api, &city, json!({"supersedes_id": old.id()})).await;
    renewed(&api, &city, "2024", old.id()).await.expect(409);
    step(&api, draft.id(), "withdrawn").await.expect(200);
    assert_eq!(read(&api, old.id()).await["superseded_by"], Value::Null);
    let new = renewed(&api, &city, "2024", old.id()).await.expect(201);
    assert_eq!(
        read(&api, old.id()).await["superseded_by"]["id"],
        json!(new.id())
    );
}

async fn a_renewal_of_another(api: Api) {
    let city = api.municipality().await;
    let one = signed(&api, &city, "2021", json!({})).await;
    let two = signed(&api, &city, "2022", json!({})).await;
    let new = renewed(&api, &city, "2024-01", one.id()).await.expect(201);
    let path = format!("/agreements/{}?correction_reason=x", new.id());
    // The step takes the date of the signing.
    let change = json!({"signed_on": {"edtf": "2024-01-31"}});
    api.update(&path, "*", &change).await;
    let seen = read(&api, one.id()).await;
    assert_eq!(seen["transitions"][1]["on"]["edtf"], "2024-01-31");
    api.update(&path, "*", &json!({"supersedes_id": two.id()}))
        .await;
    assert_eq!(read(&api, one.id()).await["status"], "signed");
    assert_eq!(read(&api, two.id()).await["status"], "superseded");
    api.update(&path, "*", &json!({"supersedes_id": null}))
        .await;
    let seen = read(&api, two.id()).await;
    assert_eq!(
        (&seen["status"], &seen["superseded_by"]),
        (&json!("signed"), &Value::Null)
    );
}

async fn a_step_by_hand_stays(api: Api) {
    let city = api.municipality().await;
    let old = signed(&api, &city, "2021", json!({})).await;
    step(&api, old.id(), "superseded").await.expect(200);
    let new = renewed(&api, &city, "2024", old.id()).await.expect(201);
    step(&api, new.id(), "voided").await.expect(200);
    assert_eq!(read(&api, old.id()).await["status"], "superseded");
}

/// An end by supersession that was recorded by hand, before or after its successor began, moves to
/// the start of the successor, in every order.
async fn an_end_by_hand_follows_the_successor(api: &Api, by_hand: &str, between: &str) {
    let city = api.municipality().await;
    let term = json!({"effective_until": {"edtf": "2025-12-31"}});
    let old = signed(api, &city, "2021-04-16", term).await;
    let path = format!("/agreements/{}", old.id());
    let ended = json!({"to": "superseded", "on": {"edtf": by_hand}, "reason": {"ko": "갱신"}});
    api.act(&format!("{path}/transitions"), &ended).await;
    let ended_on = async || {
        let old = api.read(&path).await.body;
        let last = old["transitions"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()
            .clone();
        assert_eq!(last["reason"]["ko"], "갱신");
        last["on"]["edtf"].as_str().unwrap().to_owned()
    };
    assert_eq!(ended_on().await, by_hand);
    let more = json!({"status": "signed", "signed_on": {"edtf": "2024-01-15"},
        "effective_from": {"edtf": "2024-03-01"}, "effective_until": {"edtf": "2027-12-31"},
        "supersedes_id": old.id()});
    let new = record(api, &city, more).await;
    assert_eq!(ended_on().await, "2024-03-01");
    assert_eq!(read(api, old.id()).await["superseded_by"]["id"], new.id());
    // On no day both are in force, and on no day neither.
    let successor = format!("/agreements/{}", new.id());
    for day in [between, "2024-02-29", "2024-03-01", "2024-07-01"] {
        let on = async |path: &str| {
            let one = api.get(&format!("{path}?as_of={day}")).await.body;
            one["in_force"] == true
        };
        assert!(on(&path).await != on(&successor).await, "{day}");
        let listed = format!("/agreements?in_force=true&as_of={day}");
        let listed = api.read(&listed).await.items().len();
        assert_eq!(listed, 1, "{day}");
    }
    // The end follows a corrected start, and the day of its step cannot contradict that.
    let correct = format!("{successor}?correction_reason=x");
    let later = json!({"effective_from": {"edtf": "2024-04-01", "as_stated": null}});
    api.update(&correct, "*", &later).await;
    assert_eq!(ended_on().await, "2024-04-01");
    let step = format!("{path}/transitions/1?correction_reason=x");
    let contradicting = json!({"on": {"edtf": by_hand}});
    api.patch(&step, "*", &contradicting).await.expect(409);
    // A start that nobody knows contradicts no day on which the successor may begin.
    let open = json!({"effective_from": {"edtf": "2024-02/..", "as_stated": "공사를 마친 뒤"}});
    api.update(&correct, "*", &open).await;
    let expected = match by_hand < "2024-02" {
        true => "2024-02/..",
        false => by_hand,
    };
    assert_eq!(ended_on().await, expected);
    let then = format!("{path}?as_of=2024-06-30");
    let expected = match by_hand < "2024-02" {
        true => Value::Null,
        false => json!(false),
    };
    assert_eq!(api.read(&then).await.body["in_force"], expected);
    api.update(&correct, "*", &later).await;
    // Without a successor it is what was recorded by hand.
    step_away(api, new.id()).await;
    assert_eq!(ended_on().await, by_hand);
    let again =
        json!({"status": "signed", "signed_on": {"edtf": "2024-02-15"}, "supersedes_id": old.id()});
    let again = record(api, &city, again).await;
    assert_eq!(ended_on().await, "2024-02-15");
    // Nor is it another one's successor.
    let elsewhere = json!({"supersedes_id": null});
    let correct = format!("/agreements/{}?correction_reason=x", again.id());
    api.update(&correct, "*", &elsewhere).await;
    assert_eq!(ended_on().await, by_hand);
    step_away(api, again.id()).await;
    step_away(api, old.id()).await;
    assert_eq!(wrong(api), None);
}

async fn an_end_by_hand_leaves_no_gap(api: Api) {
    an_end_by_hand_follows_the_successor(&api, "2023-06-30", "2023-12-31").await;
}

async fn an_end_by_hand_leaves_no_overlap(api: Api) {
    an_end_by_hand_follows_the_successor(&api, "2024-06-30", "2024-03-15").await;
}

async fn step_away(api: &Api, id: &str) {
    step(api, id, "voided").await.expect(200);
}

async fn not_before_its_predecessor(api: Api) {
    let city = api.municipality().await;
    let old = signed(&api, &city, "2021-04-16", json!({})).await;
    let refused = renewed(&api, &city, "2021-04-15", old.id()).await;
    let refused = refused.expect(422);
    assert_eq!(refused.places(), ["/signed_on"]);
    assert_eq!(refused.body["errors"][0]["code"], "before_superseded");
    let more = json!({"status": "approved", "supersedes_id": old.id()});
    let new = record(&api, &city, more).await;
    let path = format!("/agreements/{}/transitions", new.id());
    let early = json!({"to": "signed", "on": {"edtf": "2021-04-15"}});
    assert_eq!(api.post(&path, &early).await.expect(422).places(), ["/on"]);
    // It may have been signed later in that month.
    let unclear = json!({"to": "signed", "on": {"edtf": "2021-04"}});
    api.act(&path, &unclear).await;
    let path = format!("/agreements/{}?correction_reason=x", old.id());
    let late = json!({"signed_on": {"edtf": "2021-05-01"}});
    let refused = api.patch(&path, "*", &late).await.expect(422);
    assert_eq!(refused.places(), ["/signed_on"]);
}

async fn a_predecessor_that_is_signed_later(api: Api) {
    let city = api.municipality().await;
    let old = record(&api, &city, json!({"status": "approved"})).await;
    let new = renewed(&api, &city, "2024-01-31", old.id()).await;
    let new = new.expect(201);
    let path = format!("/agreements/{}/transitions", old.id());
    let late = json!({"to": "signed", "on": {"edtf": "2024-02-01"}});
    let refused = api.post(&path, &late).await.expect(422);
    assert_eq!(refused.places(), ["/on"]);
    let early = json!({"to": "signed", "on": {"edtf": "2021-04-16"}});
    let made = api.act(&path, &early).await;
    assert_eq!(made.body["status"], "superseded");
    assert_eq!(made.body["transitions"][2]["on"]["edtf"], "2024-01-31");
    step(&api, new.id(), "voided").await.expect(200);
    assert_eq!(read(&api, old.id()).await["status"], "signed");
}
