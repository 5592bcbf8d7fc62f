//! What duplicates that were merged mean in the records that refer to them.

use serde_json::{Value, json};

use crate::agreements::agreement;
use crate::harness::{Answer, Api};

on_both!(new: commitments_of_a_survivor, one_organization_is_one_party, parties_that_were_merged,
    attendees_are_shown_once, a_partner_goes_with_its_organization);

async fn merge(api: &Api, gone: &str, keep: &str) {
    let body = json!({"into_id": keep});
    api.post(&format!("/organizations/{gone}/merge"), &body)
        .await
        .expect(200);
}

/// A signed agreement of two companies and the city.
async fn of_companies(api: &Api, city: &str, companies: &[&str]) -> Answer {
    let parties = companies.iter().map(|id| json!({"organization_id": id}));
    let parties: Vec<Value> = parties.collect();
    let more = json!({"status": "signed", "signed_on": {"edtf": "2021-04-16"}, "parties": parties});
    let body = agreement(api, city, more).await;
    api.post("/agreements", &body).await
}

async fn commitments_of_a_survivor(api: Api) {
    let city = api.municipality().await;
    let (gone, keep) = (api.organization("가").await, api.organization("나").await);
    let dead = of_companies(&api, &city, &[&city, &gone]).await.expect(201);
    let alive = of_companies(&api, &city, &[&city, &keep]).await.expect(201);
    let promise = |by: &str, to: &str| json!({"text": {"ko": "제공한다"}, "owed_by": [by], "owed_to": [to, city]});
    let path = format!("/agreements/{}/commitments?correction_reason=x", dead.id());
    api.post(&path, &promise(&gone, &gone)).await.expect(201);
    merge(&api, &gone, &keep).await;
    for made in [dead, alive] {
        let path = format!("/agreements/{}/commitments?correction_reason=x", made.id());
        for (by, to) in [(&gone, &keep), (&keep, &gone)] {
            api.post(&path, &promise(by, to)).await.expect(201);
        }
        let path = format!("/agreements/{}", made.id());
        let shown = api.get(&path).await.expect(200).body;
        assert_eq!(shown["parties"][1]["organization_id"], json!(keep));
        for commitment in shown["commitments"].as_array().unwrap() {
            assert_eq!(
                (&commitment["owed_by"], &commitment["owed_to"]),
                (&json!([keep]), &json!([keep, city]))
            );
        }
    }
}

async fn one_organization_is_one_party(api: Api) {
    let city = api.municipality().await;
    let (gone, keep) = (api.organization("가").await, api.organization("나").await);
    merge(&api, &gone, &keep).await;
    let refused = of_companies(&api, &city, &[&gone, &keep]).await.expect(422);
    assert_eq!(refused.places(), ["/parties", "/parties/1/organization_id"]);
    let made = of_companies(&api, &city, &[&city, &gone]).await.expect(201);
    let path = format!("/agreements/{}/parties?correction_reason=x", made.id());
    let again = json!({"organization_id": keep});
    let refused = api.post(&path, &again).await.expect(422);
    assert_eq!(refused.places(), ["/organization_id"]);
}

async fn parties_that_were_merged(api: Api) {
    let city = api.municipality().await;
    let (gone, keep) = (api.organization("가").await, api.organization("나").await);
    let signed = of_companies(&api, &city, &[&gone, &keep]).await.expect(201);
    let more = json!({"status": "approved", "parties": [{"organization_id": gone}, {"organization_id": keep}]});
    let approved = agreement(&api, &city, more).await;
    let approved = api.post("/agreements", &approved).await.expect(201);
    assert_eq!(signed.body["warnings"], json!([]));
    merge(&api, &gone, &keep).await;
    let path = format!("/agreements/{}", signed.id());
    let shown = api.get(&path).await.expect(200).body;
    let warning = &shown["warnings"][0];
    assert_eq!(
        (&warning["code"], &warning["pointer"]),
        (&json!("parties_merged"), &json!("/parties/1"))
    );
    assert_eq!(warning["organizations"][0]["id"], json!(keep));
    for party in shown["parties"].as_array().unwrap() {
        assert_eq!(party["organization"]["id"], json!(keep));
    }
    // It stands in the way of no other change, and of no step but the signing.
    let change = json!({"venue": {"ko": "시청"}});
    api.patch(&format!("{path}?correction_reason=x"), "*", &change)
        .await
        .expect(200);
    let party = shown["parties"][0]["id"].as_str().unwrap();
    let one = format!("{path}/parties/{party}?correction_reason=x");
    api.patch(&one, "*", &json!({"role": "lead"}))
        .await
        .expect(200);
    api.delete(&one, "*").await.expect(409);
    let path = format!("/agreements/{}/transitions", approved.id());
    let refused = api.post(&path, &json!({"to": "signed"})).await.expect(422);
    assert_eq!(refused.places(), ["/parties"]);
}

async fn attendees_are_shown_once(api: Api) {
    let city = api.municipality().await;
    let (gone, keep) = (api.organization("가").await, api.organization("나").await);
    let group = json!({"municipality_id": city, "name": {"ko": "협의체"}});
    let group = api.post("/working-groups", &group).await.expect(201);
    let meeting = json!({"title": {"ko": "회의"}, "held_on": {"edtf": "2026-11-20"}, "status": "held", "attendee_ids": [gone, city, keep]});
    let path = format!("/working-groups/{}/meetings", group.id());
    let meeting = api.post(&path, &meeting).await.expect(201);
    merge(&api, &gone, &keep).await;
    let shown = api.get(&format!("/meetings/{}", meeting.id())).await;
    assert_eq!(shown.expect(200).body["attendee_ids"], json!([keep, city]));
}

async fn a_partner_goes_with_its_organization(api: Api) {
    let city = api.municipality().await;
    let (gone, keep) = (api.organization("가").await, api.organization("나").await);
    let mut paths = Vec::new();
    for company in [&gone, &keep] {
        let made = of_companies(&api, &city, &[&city, company]).await;
        let made = made.expect(201);
        let path = format!("/agreements/{}", made.id());
        let hidden = json!({"visibility": "partners"});
        let change = format!("{path}?correction_reason=x");
        api.patch(&change, made.etag(), &hidden).await.expect(200);
        paths.push(path);
    }
    let token = json!({"name": "가", "role": "partner", "organization_id": gone});
    let made = api.post("/tokens", &token).await.expect(201);
    let partner = api.with(made.body["token"].as_str());
    partner.get(&paths[0]).await.expect(200);
    partner.get(&paths[1]).await.expect(404);
    merge(&api, &gone, &keep).await;
    for path in &paths {
        partner.get(path).await.expect(200);
    }
    let me = partner.get("/me").await.expect(200);
    assert_eq!(me.body["organization"]["id"], json!(keep));
}
