use serde_json::json;

use crate::harness::Api;

on_both!(new: municipality_from_its_code, identifiers_are_unique, look_alikes_are_warned_of, a_merge_keeps_the_duplicates_id,
    members_of_an_association, what_is_referred_to_stays);

async fn municipality_from_its_code(api: Api) {
    let made = api
        .post("/municipalities", &json!({"code": "4128000000"}))
        .await
        .expect(201);
    assert_eq!(made.body["name"]["ko"], "고양시");
    assert_eq!(made.body["parent_name"]["ko"], "경기도");
    assert_eq!(
        (&made.body["level"], &made.body["kind"]),
        (&json!("basic"), &json!("city"))
    );
    assert_eq!(made.body["gaps"][0]["code"], "officers_unknown");
    let again = api
        .post("/municipalities", &json!({"code": "4128000000"}))
        .await
        .expect(409);
    assert_eq!(again.places(), ["/code"]);
    assert!(again.text.contains(made.id()));
    api.post("/municipalities", &json!({"code": "0000000000"}))
        .await
        .expect(422);
    // The same body is an organization too, of the kind municipality.
    let seen = api
        .get(&format!("/organizations/{}", made.id()))
        .await
        .expect(200);
    assert_eq!(seen.body["kind"], "municipality");
    let refused = api
        .post(
            "/organizations",
            &json!({"kind": "municipality", "name": {"ko": "고양시"}}),
        )
        .await
        .expect(422);
    assert_eq!(refused.places(), ["/kind"]);
}

async fn identifiers_are_unique(api: Api) {
    let body = |name: &str, id: &str| json!({"kind": "company", "name": {"ko": name}, "identifiers": [{"scheme": "KR-BRN", "id": id}]});
    let first = api
        .post("/organizations", &body("가", "124-81-00998"))
        .await
        .expect(201);
    let second = api
        .post("/organizations", &body("나", "1248100998"))
        .await
        .expect(409);
    assert_eq!(second.places(), ["/identifiers/0/id"]);
    assert!(second.text.contains(first.id()), "the first is named");
    let wrong = api
        .post("/organizations", &body("다", "1248100997"))
        .await
        .expect(422);
    assert_eq!(wrong.body["errors"][0]["code"], "business_number");
    api.find("/organizations?identifier=1248100998").await;
}

async fn look_alikes_are_warned_of(api: Api) {
    let first = api.organization("㈜셀트리온").await;
    let second = api
        .post(
            "/organizations",
            &json!({"kind": "company", "name": {"ko": "주식회사 셀트리온"}}),
        )
        .await
        .expect(201);
    assert_eq!(second.body["warnings"][0]["code"], "similar_name");
    assert_eq!(
        second.body["warnings"][0]["organizations"][0]["id"],
        json!(first)
    );
}

async fn a_merge_keeps_the_duplicates_id(api: Api) {
    let city = api.municipality().await;
    let (keep, gone) = (
        api.organization("명지병원").await,
        api.organization("명지 병원").await,
    );
    let agreement = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "협약"},
        "parties": [{"organization_id": city}, {"organization_id": gone}]});
    let agreement = api.post("/agreements", &agreement).await.expect(201);
    let merged = api
        .post(
            &format!("/organizations/{gone}/merge"),
            &json!({"into_id": keep}),
        )
        .await
        .expect(200);
    assert_eq!(merged.id(), keep);
    assert_eq!(merged.body["other_names"][0]["ko"], "명지 병원");
    assert_eq!(
        api.get(&format!("/organizations/{gone}"))
            .await
            .expect(200)
            .id(),
        keep
    );
    let seen = api
        .get(&format!("/agreements/{}", agreement.id()))
        .await
        .expect(200);
    assert_eq!(seen.body["parties"][1]["organization"]["id"], json!(keep));
    assert_eq!(
        api.find(&format!("/agreements?organization_id={keep}"))
            .await,
        agreement.id()
    );
    let listed = api
        .get("/organizations?kind=company&with_total=true")
        .await
        .expect(200);
    assert_eq!(listed.body["total"], 1);
    api.post(
        &format!("/organizations/{keep}/merge"),
        &json!({"into_id": gone}),
    )
    .await
    .expect(422);
    api.post(
        &format!("/organizations/{city}/merge"),
        &json!({"into_id": keep}),
    )
    .await
    .expect(409);
}

async fn members_of_an_association(api: Api) {
    let association = api.post("/associations", &json!({"name": {"ko": "협회"}, "member_count": {"value": 2, "as_of": {"edtf": "2021-04-16"}}})).await.expect(201);
    let company = api.organization("회원사").await;
    let path = format!("/associations/{}/members", association.id());
    let member = api
        .post(&path, &json!({"organization_id": company}))
        .await
        .expect(201);
    assert_eq!(
        api.post(&path, &json!({"organization_id": company}))
            .await
            .expect(422)
            .places(),
        ["/organization_id"]
    );
    let seen = api
        .get(&format!("/associations/{}", association.id()))
        .await
        .expect(200);
    assert_eq!(seen.body["recorded_members"], 1);
    assert!(seen.text.contains("members_missing"));
    api.find(&format!("/organizations?member_of={}", association.id()))
        .await;
    let one = format!("{path}/{}", member.id());
    let left = api
        .patch(&one, member.etag(), &json!({"left": {"edtf": "2024"}}))
        .await
        .expect(200);
    assert_eq!(left.body["left"]["latest"], "2024-12-31");
    api.post(&path, &json!({"organization_id": company}))
        .await
        .expect(201);
    api.delete(&one, left.etag()).await.expect(204);
    api.get(&one).await.expect(404);
    api.post(
        &format!("/associations/{company}/members"),
        &json!({"organization_id": company}),
    )
    .await
    .expect(404);
}

async fn what_is_referred_to_stays(api: Api) {
    let city = api.municipality().await;
    let project = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"}});
    let project = api.post("/projects", &project).await.expect(201);
    api.delete(&format!("/municipalities/{city}"), "*")
        .await
        .expect(409);
    api.get(&format!("/municipalities/{city}"))
        .await
        .expect(200);
    api.delete(&format!("/projects/{}", project.id()), project.etag())
        .await
        .expect(204);
    api.delete(&format!("/municipalities/{city}"), "*")
        .await
        .expect(204);
}
