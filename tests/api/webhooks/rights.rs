//! Rights of webhooks: each is sent what its token sees, as long as the token is valid.

use std::time::Duration;

use actix_web::rt::time::sleep;
use serde_json::{Value, json};

use crate::support::Api;
use crate::support::receiver::{
    Receiver, Reply, all_sent, deliveries, dispatcher, sending, until, webhook,
};
use crate::support::records::signed_mou;

on_both!(new: a_webhook_is_told_what_its_token_sees, what_was_taken_back_is_not_sent, a_webhook_ends_with_its_token, a_town_that_shares_no_more_is_told);

async fn a_webhook_is_told_what_its_token_sees(api: Api) {
    let api = sending(api).await;
    let city = api.municipality().await;
    let other = api.other_municipality().await;
    let party = api.organization("협력 기업").await;
    let partner = json!({"name": "p", "role": "partner", "organization_id": party});
    let viewer = json!({"name": "v", "role": "viewer", "municipality_ids": [city]});
    let callers = [
        api.caller(partner).await,
        api.caller(viewer).await,
        api.clone(),
    ];
    let receivers = [(); 4].map(|()| Receiver::willing());
    let only = json!({"record_types": ["agreement"]});
    let mut made = Vec::new();
    for (caller, receiver) in callers.iter().zip(&receivers) {
        made.push(
            webhook(caller, receiver, only.clone())
                .await
                .id()
                .to_owned(),
        );
    }
    let of_city = json!({"record_types": ["agreement"], "municipality_id": city});
    made.push(webhook(&api, &receivers[3], of_city).await.id().to_owned());
    let at_work = dispatcher(&api, 1.0);
    for (owner, visibility) in [
        (city.as_str(), "internal"),
        (&city, "partners"),
        (&city, "public"),
        (&other, "internal"),
        (&other, "public"),
    ] {
        let more = json!({"title": {"ko": visibility}, "visibility": visibility});
        let new = signed_mou(&[owner, &party], "2026-01", more);
        api.create("/agreements", &new).await;
    }
    receivers[2].wait(5).await;
    for id in &made {
        all_sent(&api, id).await;
    }
    let told = receivers.map(|receiver| {
        let got = receiver.got();
        let told = got.iter().map(|got| {
            let own = got.body["data"]["municipality"]["id"] == *city;
            let visibility = got.body["data"]["visibility"].as_str().unwrap().to_owned();
            format!("{} {visibility}", if own { "own" } else { "other" })
        });
        told.collect::<Vec<_>>()
    });
    let own = ["own internal", "own partners", "own public"];
    assert_eq!(told[0], ["own partners", "own public", "other public"]);
    assert_eq!(told[1], [&own[..], &["other public"]].concat());
    assert_eq!(
        told[2],
        [&own[..], &["other internal", "other public"]].concat()
    );
    assert_eq!(told[3], own);
    at_work.stop().await;
}

async fn what_was_taken_back_is_not_sent(api: Api) {
    let api = sending(api).await;
    let city = api.municipality().await;
    let party = api.organization("협력 기업").await;
    let partner = json!({"name": "p", "role": "partner", "organization_id": party});
    let partner = api.caller(partner).await;
    let receiver = Receiver::new(|_| Reply::Status(500));
    let made = webhook(&partner, &receiver, json!({"record_types": ["project"]})).await;
    let at_work = dispatcher(&api, 0.01);
    let new = json!({"municipality_id": city, "kind": "other", "title": {"ko": "사업"}});
    let project = api.create("/projects", &new).await;
    receiver.wait(1).await;
    // Deliveries under way are completed.
    at_work.stop().await;
    let path = format!("/projects/{}", project.id());
    let inner = json!({"visibility": "internal"});
    api.update(&path, "*", &inner).await;
    receiver.now(|_| Reply::Status(200));
    let before = receiver.got().len();
    // It is not redelivered on request either.
    let waits = deliveries(&api, made.id()).await[0]["id"].clone();
    let again = format!(
        "/webhooks/{}/deliveries/{}/redeliver",
        made.id(),
        waits.as_str().unwrap()
    );
    for caller in [&api, &partner] {
        let refused = caller.post(&again, &json!({})).await.expect(409);
        assert!(!refused.body.to_string().contains("사업"));
    }
    let at_work = dispatcher(&api, 0.01);
    all_sent(&api, made.id()).await;
    let told = receiver.got().split_off(before);
    // Only the removal is sent.
    let [gone] = &told[..] else {
        panic!("it is no longer to be told")
    };
    assert_eq!(
        (&gone.body["type"], &gone.body["data"]["patch"][0]["value"]),
        (&json!("project.removed"), &Value::Null)
    );
    assert_eq!(deliveries(&api, made.id()).await.len(), 1);
    at_work.stop().await;
}

async fn a_webhook_ends_with_its_token(api: Api) {
    let api = sending(api).await;
    let viewer = json!({"name": "v", "role": "viewer", "all_municipalities": true});
    let (id, viewer) = api.new_token(viewer).await;
    let receiver = Receiver::willing();
    let made = webhook(&viewer, &receiver, json!({})).await;
    let at_work = dispatcher(&api, 1.0);
    api.organization("가").await;
    receiver.wait(1).await;
    let revoke = format!("/tokens/{id}/revocation");
    let revoked = api.act(&revoke, &json!({})).await;
    api.organization("나").await;
    sleep(Duration::from_millis(300)).await;
    assert_eq!(receiver.got().len(), 1);
    let path = format!("/webhooks/{}", made.id());
    let off = api.read(&path).await.body;
    assert_eq!(off["state"], "off");
    assert_eq!(off["off_since"], revoked.body["revoked_at"]);
    let reason = json!({"ko": "만든 토큰이 취소되었습니다.", "en": "The token that it belongs to was revoked."});
    assert_eq!(off["off_reason"], reason);
    viewer.get(&path).await.expect(401);
    // The same for a token that expires.
    let end = chrono::Utc::now() + chrono::TimeDelta::seconds(5);
    let brief =
        json!({"name": "b", "role": "viewer", "all_municipalities": true, "expires_at": end});
    let brief = api.caller(brief).await;
    let made = webhook(&brief, &receiver, json!({})).await;
    let path = format!("/webhooks/{}", made.id());
    let off = until("it has expired", async || {
        let shown = api.read(&path).await.body;
        (shown["state"] == "off").then_some(shown)
    })
    .await;
    assert_eq!(
        off["off_reason"]["en"],
        "The token that it belongs to has expired."
    );
    at_work.stop().await;
}

async fn a_town_that_shares_no_more_is_told(api: Api) {
    let api = sending(api).await;
    let city = api.municipality().await;
    let other = api.other_municipality().await;
    let staff = json!({"name": "수원", "role": "editor", "municipality_ids": [other]});
    let staff = api.caller(staff).await;
    let stranger = api
        .create("/municipalities", &json!({"code": "4148000000"}))
        .await;
    let stranger = json!({"name": "파주", "role": "editor", "municipality_ids": [stranger.id()]});
    let stranger = api.caller(stranger).await;
    let receivers = [(); 3].map(|()| Receiver::new(|_| Reply::Status(200)));
    let types = json!(["agreement"]);
    let all = webhook(&staff, &receivers[0], json!({"record_types": types})).await;
    let own = webhook(
        &staff,
        &receivers[1],
        json!({"record_types": types, "municipality_id": other}),
    )
    .await;
    let none = webhook(&stranger, &receivers[2], json!({"record_types": types})).await;
    let at_work = dispatcher(&api, 0.01);
    let more = json!({"co_owner_ids": [other], "visibility": "internal", "title": {"ko": "함께하는 협약"}});
    let made = api
        .create(
            "/agreements",
            &signed_mou(&[&city, &other], "2024-03-04", more),
        )
        .await;
    for receiver in &receivers[..2] {
        receiver.wait(1).await;
    }
    let path = format!("/agreements/{}?correction_reason=x", made.id());
    api.update(
        &path,
        "*",
        &json!({"co_owner_ids": [], "note": {"ko": "이제 비밀"}}),
    )
    .await;
    api.update(&path, "*", &json!({"note": {"ko": "더 비밀"}}))
        .await;
    for hook in [&all, &own, &none] {
        all_sent(&api, hook.id()).await;
    }
    for receiver in &receivers[..2] {
        receiver.wait(2).await;
        let got = receiver.got();
        let told: Vec<&str> = got
            .iter()
            .map(|got| got.body["type"].as_str().unwrap())
            .collect();
        assert_eq!(told, ["agreement.recorded", "agreement.removed"]);
        assert_eq!(
            got[1].body["data"]["patch"],
            json!([{"op": "replace", "path": "", "value": null}])
        );
        assert!(!got[1].body.to_string().contains("비밀"));
    }
    assert!(receivers[2].got().is_empty());
    // The log tells the same; what came before is gone with it.
    let changes = staff.read("/changes?types=agreement").await;
    assert_eq!(changes.items().len(), 1);
    assert_eq!(changes.items()[0]["patch"][0]["value"], Value::Null);
    at_work.stop().await;
}
