use serde_json::json;

use crate::harness::Api;

on_both!(new: members_join_and_leave, a_past_day_knows_no_later_end, meetings_are_on_the_timeline);

async fn members_join_and_leave(api: Api) {
    let city = api.municipality().await;
    let hospital = api.organization("병원").await;
    let body = json!({"municipality_id": city, "name": {"ko": "협의체"}, "members": [{"organization_id": hospital, "joined": {"edtf": "2021"}}]});
    let made = api.post("/working-groups", &body).await.expect(201);
    let path = format!("/working-groups/{}", made.id());
    let again = api
        .post(
            &format!("{path}/members"),
            &json!({"organization_id": hospital}),
        )
        .await
        .expect(422);
    assert_eq!(again.places(), ["/organization_id"]);
    let member = made.body["members"][0]["id"].as_str().unwrap();
    let left = api
        .patch(
            &format!("{path}/members/{member}"),
            made.etag(),
            &json!({"left": {"edtf": "2023"}}),
        )
        .await
        .expect(200);
    assert_eq!(
        api.get(&format!("{path}?as_of=2024-01-01"))
            .await
            .expect(200)
            .body["members"],
        json!([])
    );
    assert_eq!(
        api.get(&format!("{path}/members?as_of=2022-06-30&with_total=true"))
            .await
            .expect(200)
            .body["total"],
        1
    );
    api.post(
        &format!("{path}/members"),
        &json!({"organization_id": hospital}),
    )
    .await
    .expect(200);
    api.delete(&format!("{path}/members/{member}"), left.etag())
        .await
        .expect(412);
    api.delete(&format!("{path}/members/{member}"), "*")
        .await
        .expect(204);
    assert_eq!(
        api.find(&format!("/working-groups?organization_id={hospital}"))
            .await,
        made.id()
    );
    api.patch(
        &path,
        "*",
        &json!({"dissolved": {"edtf": "2025"}, "purpose": {"ko": "목적"}}),
    )
    .await
    .expect(200);
}

async fn a_past_day_knows_no_later_end(api: Api) {
    let city = api.municipality().await;
    let (stays, comes) = (api.organization("가").await, api.organization("나").await);
    let body = json!({"municipality_id": city, "name": {"ko": "협의체"},
        "established": {"edtf": "2021-04-01"}, "dissolved": {"edtf": "2024"},
        "sources": [{"title": "해산 공고", "published_on": {"edtf": "2024-07-01"}}, {"title": "구성 공고"}],
        "members": [{"organization_id": stays, "left": {"edtf": "2023-06"}},
            {"organization_id": comes, "joined": {"edtf": "2022"}}]});
    let made = api.post("/working-groups", &body).await.expect(201);
    let path = format!("/working-groups/{}", made.id());
    let on = async |day: &str| api.get(&format!("{path}?as_of={day}")).await;
    assert_eq!(on("2021-03-31").await.expect(404).body["code"], "not_found");
    api.get(&format!("{path}/members?as_of=2021-03-31"))
        .await
        .expect(404);
    let seen = on("2021-12-31").await.expect(200).body;
    assert_eq!(seen["dissolved"], json!(null));
    assert_eq!(
        seen["sources"].as_array().unwrap().len(),
        1,
        "the other was published later"
    );
    assert_eq!(seen["members"].as_array().unwrap().len(), 1);
    assert_eq!(seen["members"][0]["left"], json!(null));
    // In the middle of the month it may have left or not; at its end it certainly has.
    assert_eq!(
        on("2023-06-15").await.expect(200).body["members"][0]["left"],
        json!(null)
    );
    assert_eq!(
        on("2023-06-30").await.expect(200).body["members"][0]["left"]["edtf"],
        "2023-06"
    );
    assert_eq!(
        on("2024-12-30").await.expect(200).body["dissolved"],
        json!(null)
    );
    assert_eq!(
        on("2024-12-31").await.expect(200).body["dissolved"]["edtf"],
        "2024"
    );
    let now = api.get(&path).await.expect(200).body;
    assert_eq!(now["members"].as_array().unwrap().len(), 2);
}

async fn meetings_are_on_the_timeline(api: Api) {
    let city = api.municipality().await;
    let made = api
        .post(
            "/working-groups",
            &json!({"municipality_id": city, "name": {"ko": "협의체"}}),
        )
        .await
        .expect(201);
    let path = format!("/working-groups/{}/meetings", made.id());
    let meeting = json!({"title": {"ko": "제1차 회의"}, "held_on": {"edtf": "2026-12-01"}, "status": "planned", "attendee_ids": [city]});
    let meeting = api.post(&path, &meeting).await.expect(201);
    assert_eq!(meeting.body["attendees"][0]["name"]["ko"], "고양시");
    let line = api.get("/timeline?types=meeting").await.expect(200);
    assert_eq!(
        (
            &line.body["items"][0]["status"],
            &line.body["items"][0]["working_group"]["name"]["ko"]
        ),
        (&json!("planned"), &json!("협의체"))
    );
    let one = format!("/meetings/{}", meeting.id());
    let held = api.patch(&one, meeting.etag(), &json!({"status": "held", "held_on": {"edtf": "2026-11-20"}, "decisions": {"ko": "정례화"}})).await.expect(200);
    assert_eq!(
        api.get("/timeline?types=meeting&as_of=2026-11-19&with_total=true")
            .await
            .body["total"],
        0
    );
    assert_eq!(
        api.get("/timeline?types=meeting").await.body["items"][0]["status"],
        "met"
    );
    assert_eq!(
        api.get("/search?q=%EC%A0%95%EB%A1%80").await.body["items"][0]["type"],
        "meeting"
    );
    api.delete(&format!("/working-groups/{}", made.id()), "*")
        .await
        .expect(409);
    api.delete(&one, held.etag()).await.expect(204);
    api.delete(&format!("/working-groups/{}", made.id()), "*")
        .await
        .expect(204);
}
