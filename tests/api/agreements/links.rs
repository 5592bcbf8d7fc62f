//! Links between agreements, which end nothing.

use serde_json::{Value, json};

use super::ledgers::code;
use crate::support::Api;
use crate::support::records::{attempt, record, signed, signed_mou};

on_both!(new: links_end_nothing, links_lead_to_agreements_of_the_city);

async fn links_end_nothing(api: Api) {
    let city = api.municipality().await;
    let base = signed(
        &api,
        &city,
        "2015-04-26",
        json!({"title": {"ko": "기본협약"}}),
    )
    .await;
    for (member, shown, back) in [
        ("implements_id", "implements", "implemented_by"),
        ("annex_to_id", "annex_to", "annexes"),
        ("amends_id", "amends", "amended_by"),
    ] {
        let more = json!({member: base.id(), "title": {"ko": member}});
        let made = signed(&api, &city, "2016-05-26", more).await;
        assert_eq!(made.body[member], json!(base.id()));
        assert_eq!(made.body[shown]["title"]["ko"], "기본협약");
        let read = async |query: &str| {
            let path = format!("/agreements/{}{query}", base.id());
            api.read(&path).await.body
        };
        let linked = json!([{"id": made.id(), "title": made.body["title"]}]);
        let today = read("").await;
        assert_eq!(
            (&today["status"], &today[back]),
            (&json!("signed"), &linked)
        );
        assert_eq!(today["superseded_by"], Value::Null);
        assert_eq!(read("?as_of=2016-05-25").await[back], json!([]));
        assert_eq!(read("?as_of=2016-05-26").await[back], linked);
        // An agreement entered in error is linked to nothing.
        let step = format!("/agreements/{}/transitions", made.id());
        let voided = json!({"to": "voided", "reason": {"ko": "오기"}});
        api.act(&step, &voided).await;
        assert_eq!(read("").await[back], json!([]));
    }
    // One of several that another joins.
    let more = json!({"continues_ids": [base.id()], "title": {"ko": "통합협약"}});
    let joined = signed(&api, &city, "2018-05-26", more).await;
    assert_eq!(joined.body["continues"][0]["title"]["ko"], "기본협약");
    let twice = json!({"continues_ids": [base.id(), base.id()]});
    let path = format!("/agreements/{}", joined.id());
    let reason = "?correction_reason=%EC%98%A4%EA%B8%B0";
    let repeated = api
        .patch(&format!("{path}{reason}"), "*", &twice)
        .await
        .expect(200);
    assert_eq!(repeated.body["continues_ids"], json!([base.id()]));
    let split = json!({"continues_ids": [base.id()], "title": {"ko": "후속협약"}});
    signed(&api, &city, "2019-05-26", split).await;
    let continued = api.read(&format!("/agreements/{}", base.id())).await.body;
    let by = continued["continued_by"].as_array().unwrap().iter();
    let by: Vec<&Value> = by.map(|one| &one["title"]["ko"]).collect();
    assert_eq!(by, ["통합협약", "후속협약"]);
    assert_eq!(continued["status"], "signed");
    // A base that a draft is linked to cannot be deleted.
    let draft = record(&api, &city, json!({})).await;
    let linked = record(&api, &city, json!({"implements_id": draft.id()})).await;
    let path = format!("/agreements/{}", draft.id());
    api.delete(&path, draft.etag()).await.expect(409);
    let other = format!("/agreements/{}", linked.id());
    api.delete(&other, linked.etag()).await.expect(204);
    api.delete(&path, draft.etag()).await.expect(204);
}

async fn links_lead_to_agreements_of_the_city(api: Api) {
    let city = api.municipality().await;
    let other = api
        .create("/municipalities", &json!({"code": "4111000000"}))
        .await;
    let other = other.id().to_owned();
    let theirs = signed(&api, &other, "2015-04-26", json!({})).await;
    let shared = api
        .create(
            "/agreements",
            &signed_mou(&[&other, &city], "2015-04-26", json!({})),
        )
        .await;
    let nothing = "0190d7fa-2c00-7000-8000-000000000001";
    for (base, refusal) in [
        (theirs.id(), Some("another_municipality")),
        (nothing, Some("unknown_id")),
        (shared.id(), None),
    ] {
        let more = json!({"status": "signed", "implements_id": base});
        let made = attempt(&api, &city, more).await;
        let Some(refusal) = refusal else {
            made.expect(201);
            continue;
        };
        let refused = made.expect(422);
        assert_eq!(refused.places(), ["/implements_id"]);
        assert_eq!(code(&refused), refusal);
    }
    // No circle, of whatever links.
    let first = signed(&api, &city, "2015-04-26", json!({})).await;
    let more = json!({"annex_to_id": first.id()});
    let second = signed(&api, &city, "2015-04-26", more).await;
    let reason = "?correction_reason=%EC%98%A4%EA%B8%B0";
    let path = format!("/agreements/{}{reason}", first.id());
    for base in [second.id(), first.id()] {
        let refused = api.patch(&path, "*", &json!({"amends_id": base})).await;
        let refused = refused.expect(422);
        assert_eq!(refused.places(), ["/amends_id"]);
        assert_eq!(code(&refused), "circular");
    }
    // Who cannot see the base does not learn of it, nor of what is linked to it.
    let hidden = json!({"visibility": "internal"});
    let hidden_path = format!("/agreements/{}", first.id());
    api.update(&path, "*", &hidden).await;
    let everyone = api.with(None);
    let shown = everyone.read(&format!("/agreements/{}", second.id())).await;
    assert_eq!(shown.body["annex_to_id"], Value::Null);
    assert_eq!(shown.body["annex_to"], Value::Null);
    everyone.get(&hidden_path).await.expect(404);
}
