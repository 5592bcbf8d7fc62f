//! Effects of merges on the records that refer to the duplicates.

use serde_json::json;

use crate::support::records::{mou, signed_mou};
use crate::support::{Answer, Api};

on_both!(new:
    commitments_of_a_survivor, one_organization_is_one_party, parties_that_were_merged,
    attendees_are_shown_once, a_partner_goes_with_its_organization);

/// Posts a signed agreement of two organizations, which may be refused.
async fn of_companies(api: &Api, city: &str, companies: &[&str]) -> Answer {
    let city = json!({"municipality_id": city});
    let new = signed_mou(companies, "2021-04-16", city);
    api.post("/agreements", &new).await
}

async fn commitments_of_a_survivor(api: Api) {
    let city = api.municipality().await;
    let (gone, keep) = (api.organization("가").await, api.organization("나").await);
    let dead = of_companies(&api, &city, &[&city, &gone]).await.expect(201);
    let alive = of_companies(&api, &city, &[&city, &keep]).await.expect(201);
    let promise = |by: &str, to: &str| json!({"text": {"ko": "제공한다"}, "owed_by": [by], "owed_to": [to, city]});
    let path = format!("/agreements/{}/commitments?correction_reason=x", dead.id());
    api.create(&path, &promise(&gone, &gone)).await;
    api.merge(&gone, &keep).await;
    for made in [dead, alive] {
        let path = format!("/agreements/{}/commitments?correction_reason=x", made.id());
        for (by, to) in [(&gone, &keep), (&keep, &gone)] {
            api.create(&path, &promise(by, to)).await;
        }
        let path = format!("/agreements/{}", made.id());
        let shown = api.read(&path).await.body;
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
    api.merge(&gone, &keep).await;
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
    let approved = mou(
        &[&gone, &keep],
        json!({"municipality_id": city, "status": "approved"}),
    );
    let approved = api.create("/agreements", &approved).await;
    assert_eq!(signed.body["warnings"], json!([]));
    api.merge(&gone, &keep).await;
    let path = format!("/agreements/{}", signed.id());
    let shown = api.read(&path).await.body;
    let warning = &shown["warnings"][0];
    assert_eq!(
        (&warning["code"], &warning["pointer"]),
        (&json!("parties_merged"), &json!("/parties/1"))
    );
    assert_eq!(warning["organizations"][0]["id"], json!(keep));
    for party in shown["parties"].as_array().unwrap() {
        assert_eq!(party["organization"]["id"], json!(keep));
    }
    // It blocks no other change and no step but the signing.
    let change = json!({"venue": {"ko": "시청"}});
    api.update(&format!("{path}?correction_reason=x"), "*", &change)
        .await;
    let party = shown["parties"][0]["id"].as_str().unwrap();
    let one = format!("{path}/parties/{party}?correction_reason=x");
    api.update(&one, "*", &json!({"role": "lead"})).await;
    api.delete(&one, "*").await.expect(409);
    let path = format!("/agreements/{}/transitions", approved.id());
    let refused = api
        .post(
            &path,
            &json!({"to": "signed", "on": {"edtf": "2026-11-23"}}),
        )
        .await
        .expect(422);
    assert_eq!(refused.places(), ["/parties"]);
}

async fn attendees_are_shown_once(api: Api) {
    let city = api.municipality().await;
    let (gone, keep) = (api.organization("가").await, api.organization("나").await);
    let group = json!({"municipality_id": city, "name": {"ko": "협의체"}});
    let group = api.create("/working-groups", &group).await;
    let meeting = json!({"title": {"ko": "회의"}, "held_on": {"edtf": "2026-11-20"}, "status": "held", "attendee_ids": [gone, city, keep]});
    let path = format!("/working-groups/{}/meetings", group.id());
    let meeting = api.create(&path, &meeting).await;
    api.merge(&gone, &keep).await;
    let shown = api.read(&format!("/meetings/{}", meeting.id())).await;
    assert_eq!(shown.body["attendee_ids"], json!([keep, city]));
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
        api.update(&change, made.etag(), &hidden).await;
        paths.push(path);
    }
    let partner = api.partner(&gone).await;
    partner.read(&paths[0]).await;
    partner.get(&paths[1]).await.expect(404);
    api.merge_renewing(&partner, &gone, &keep).await;
    for path in &paths {
        partner.read(path).await;
    }
    let me = partner.read("/me").await;
    assert_eq!(me.body["organization"]["id"], json!(keep));
}
