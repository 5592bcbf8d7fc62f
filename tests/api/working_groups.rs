use serde_json::json;

use crate::harness::Api;

on_both!(new: members_join_and_leave, meetings_are_on_the_timeline);

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
