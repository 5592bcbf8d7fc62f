use serde_json::json;

use crate::support::Api;

on_both!(new:
    members_join_and_leave, a_past_day_knows_no_later_end, meetings_are_on_the_timeline,
    a_planned_meeting_is_not_older_than_its_group, no_meeting_was_held_in_the_future,
    posts_and_people_are_members, the_next_meeting_is_due, who_took_part_in_a_meeting, all_that_is_wrong_is_named_at_once);

/// An id that no record has.
const NOBODY: &str = "0178d7fa-2c00-7000-8000-00000000ffff";

async fn members_join_and_leave(api: Api) {
    let city = api.municipality().await;
    let hospital = api.organization("병원").await;
    let body = json!({"municipality_id": city, "name": {"ko": "협의체"}, "members": [{"organization_id": hospital, "joined": {"edtf": "2021"}}]});
    let made = api.create("/working-groups", &body).await;
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
        .update(
            &format!("{path}/members/{member}"),
            made.etag(),
            &json!({"left": {"edtf": "2023"}}),
        )
        .await;
    assert_eq!(
        api.read(&format!("{path}?as_of=2024-01-01")).await.body["members"],
        json!([])
    );
    assert_eq!(
        api.read(&format!("{path}/members?as_of=2022-06-30&with_total=true"))
            .await
            .body["total"],
        1
    );
    api.act(
        &format!("{path}/members"),
        &json!({"organization_id": hospital}),
    )
    .await;
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
    api.update(
        &path,
        "*",
        &json!({"dissolved": {"edtf": "2025"}, "purpose": {"ko": "목적"}}),
    )
    .await;
}

async fn a_past_day_knows_no_later_end(api: Api) {
    let city = api.municipality().await;
    let (stays, comes) = (api.organization("가").await, api.organization("나").await);
    let body = json!({"municipality_id": city, "name": {"ko": "협의체"},
        "established": {"edtf": "2021-04-01"}, "dissolved": {"edtf": "2024"},
        "sources": [{"title": "해산 공고", "published_on": {"edtf": "2024-07-01"}}, {"title": "구성 공고"}],
        "members": [{"organization_id": stays, "left": {"edtf": "2023-06"}},
            {"organization_id": comes, "joined": {"edtf": "2022"}}]});
    let made = api.create("/working-groups", &body).await;
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
    // In mid-month the member may have left; at the end of the month it has.
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
    let now = api.read(&path).await.body;
    assert_eq!(now["members"].as_array().unwrap().len(), 2);
}

async fn meetings_are_on_the_timeline(api: Api) {
    let city = api.municipality().await;
    let made = api
        .create(
            "/working-groups",
            &json!({"municipality_id": city, "name": {"ko": "협의체"}}),
        )
        .await;
    let path = format!("/working-groups/{}/meetings", made.id());
    let meeting = json!({"title": {"ko": "제1차 회의"}, "held_on": {"edtf": "2026-12-01"}, "status": "planned", "attendee_ids": [city]});
    let meeting = api.create(&path, &meeting).await;
    assert_eq!(meeting.body["attendees"][0]["name"]["ko"], "고양시");
    let line = api.read("/timeline?types=meeting").await;
    assert_eq!(
        (
            &line.body["items"][0]["status"],
            &line.body["items"][0]["working_group"]["name"]["ko"]
        ),
        (&json!("planned"), &json!("협의체"))
    );
    let one = format!("/meetings/{}", meeting.id());
    let held = api.update(&one, meeting.etag(), &json!({"status": "held", "held_on": {"edtf": "2026-11-20"}, "decisions": {"ko": "정례화"}})).await;
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

async fn meetings_on(api: &Api, query: &str) -> Vec<String> {
    let line = api.read(&format!("/timeline?types=meeting{query}")).await;
    let line = line.body;
    let titles = line["items"].as_array().unwrap().iter();
    titles
        .map(|item| item["title"]["ko"].as_str().unwrap().to_owned())
        .collect()
}

async fn a_planned_meeting_is_not_older_than_its_group(api: Api) {
    let city = api.municipality().await;
    let body = json!({"municipality_id": city, "name": {"ko": "협의체"}});
    let group = api.create("/working-groups", &body).await;
    let group = format!("/working-groups/{}", group.id());
    let meeting =
        json!({"title": {"ko": "예정"}, "held_on": {"edtf": "2026-12-01"}, "status": "planned"});
    api.create(&format!("{group}/meetings"), &meeting).await;
    // The founding date is unknown, so the group is known from the day it was recorded.
    for (day, known) in [("0001-01-01", 0), ("2026-11-22", 0), ("2026-11-23", 1)] {
        let seen = meetings_on(&api, &format!("&as_of={day}")).await;
        assert_eq!(seen.len(), known, "{day}");
    }
    api.update(&group, "*", &json!({"established": {"edtf": "2026-03"}}))
        .await;
    for (day, known) in [("0001-01-01", 0), ("2026-03-30", 0), ("2026-03-31", 1)] {
        let seen = meetings_on(&api, &format!("&as_of={day}")).await;
        assert_eq!(seen.len(), known, "{day}");
    }
}

async fn no_meeting_was_held_in_the_future(api: Api) {
    let city = api.municipality().await;
    let body = json!({"municipality_id": city, "name": {"ko": "협의체"}});
    let group = api.create("/working-groups", &body).await;
    let path = format!("/working-groups/{}/meetings", group.id());
    let mut meeting = json!({"title": {"ko": "회의"}, "held_on": {"edtf": "2026-11-24"}});
    for status in [None, Some("held")] {
        if let Some(status) = status {
            meeting["status"] = json!(status);
        }
        let refused = api.post(&path, &meeting).await.expect(422);
        assert_eq!(refused.places(), ["/held_on"]);
        assert_eq!(refused.body["errors"][0]["code"], "in_future");
    }
    meeting["status"] = json!("planned");
    let planned = api.create(&path, &meeting).await;
    let one = format!("/meetings/{}", planned.id());
    let held = json!({"status": "held"});
    let refused = api.patch(&one, "*", &held).await.expect(422);
    assert_eq!(refused.places(), ["/held_on"]);
    // On days that are not over it may still be ahead.
    for on in ["2026-11", "2026", "../2099", "2025/2099", "2025/.."] {
        let held = json!({"status": "held", "held_on": {"edtf": on}});
        let refused = api.patch(&one, "*", &held).await.expect(422);
        assert_eq!(refused.places(), ["/held_on"], "{on}");
    }
    let held = json!({"status": "held", "held_on": {"edtf": "2026-11-01/2026-11-23"}});
    api.update(&one, "*", &held).await;
    let shown = api.read("/timeline?type=meeting").await;
    assert_eq!(shown.items().len(), 1, "{}", shown.text);
}

async fn posts_and_people_are_members(api: Api) {
    let city = api.municipality().await;
    let company = api.organization("기업").await;
    let post = json!({"organization_id": city, "post": {"ko": "부시장"},
        "chair_terms": [{"from": {"edtf": "2021-04-01"}, "until": {"edtf": "2022-06-30"}}]});
    let person = json!({"organization_id": company, "post": {"ko": "이사"}, "person_name": "홍길동",
        "chair_terms": [{"from": {"edtf": "2022-07-01"}}]});
    let body = json!({"organization_id": company});
    let new =
        json!({"municipality_id": city, "name": {"ko": "협의체"}, "members": [post, person, body]});
    let made = api.create("/working-groups", &new).await;
    let path = format!("/working-groups/{}", made.id());
    let members = made.body["members"].as_array().unwrap();
    assert_eq!(members[0]["organization"]["name"]["ko"], "고양시");
    assert_eq!(members[0]["post"]["ko"], "부시장");
    assert_eq!(made.body["chair_ids"], json!([members[1]["id"]]));
    let before = api.read(&format!("{path}?as_of=2022-01-01")).await;
    assert_eq!(before.body["chair_ids"], json!([members[0]["id"]]));
    let seen = &before.body["members"];
    assert_eq!(seen[0]["chair_terms"][0]["until"], json!(null));
    assert_eq!(seen[1]["chair_terms"], json!([]), "not known yet");
    // A name that anybody can read needs a source.
    let warnings = &made.body["warnings"];
    assert_eq!(warnings[0]["pointer"], "/members/1/person_name");
    assert_eq!(warnings[0]["code"], "name_without_source");
    let sourced = json!({"sources": [{"title": "구성 공고"}]});
    let sourced = api.update(&path, "*", &sourced).await;
    assert_eq!(sourced.body["warnings"], json!([]));
    for words in ["%ED%99%8D%EA%B8%B8%EB%8F%99", "%EB%B6%80%EC%8B%9C%EC%9E%A5"] {
        let found = api.find(&format!("/working-groups?q={words}")).await;
        assert_eq!(found, made.id());
    }
    // The same seat is not taken twice; another person of the body is another member.
    let members = format!("{path}/members");
    let again = json!({"organization_id": city, "post": {"ko": "부시장"},
        "chair_terms": [{"from": {"edtf": "2022"}, "until": {"edtf": "2021"}}]});
    let refused = api.post(&members, &again).await.expect(422);
    assert_eq!(
        refused.places(),
        ["/chair_terms/0/until", "/organization_id"]
    );
    let other = json!({"organization_id": company, "person_name": "임꺽정"});
    let added = api.act(&members, &other).await;
    assert_eq!(added.body["members"].as_array().unwrap().len(), 4);
    let id = added.body["members"][1]["id"].as_str().unwrap();
    let left = json!({"left": {"edtf": "2024-01-01"}});
    let left = api.update(&format!("{members}/{id}"), "*", &left).await;
    assert_eq!(left.body["chair_ids"], json!([]));
}

async fn the_next_meeting_is_due(api: Api) {
    let city = api.municipality().await;
    let new = json!({"municipality_id": city, "name": {"ko": "협의체"}, "meets_every_months": 6});
    let made = api.create("/working-groups", &new).await;
    assert_eq!(made.body["next_meeting_due"], json!(null), "none is known");
    let path = format!("/working-groups/{}", made.id());
    for (day, status) in [
        ("2025-08-31", "held"),
        ("2026-03", "held"),
        ("2026-05-01", "cancelled"),
        ("2026-12-01", "planned"),
    ] {
        let meeting = json!({"title": {"ko": "회의"}, "held_on": {"edtf": day}, "status": status});
        api.create(&format!("{path}/meetings"), &meeting).await;
    }
    for (query, earliest, latest) in [
        ("", "2026-09-01", "2026-09-30"),
        // In mid-month the meeting may have been held; at the end of the month it has.
        ("?as_of=2026-03-30", "2026-02-28", "2026-02-28"),
        ("?as_of=2026-03-31", "2026-09-01", "2026-09-30"),
    ] {
        let due = &api.read(&format!("{path}{query}")).await.body["next_meeting_due"];
        assert_eq!(
            (&due["earliest"], &due["latest"]),
            (&json!(earliest), &json!(latest))
        );
    }
    let list = api.read("/working-groups").await;
    assert_eq!(
        list.body["items"][0]["next_meeting_due"]["latest"],
        "2026-09-30"
    );
    let ended = json!({"dissolved": {"edtf": "2026-06"}});
    let ended = api.update(&path, "*", &ended).await;
    assert_eq!(ended.body["next_meeting_due"], json!(null));
    let wrong = json!({"meets_every_months": 0});
    api.patch(&path, "*", &wrong).await.expect(422);
}

async fn who_took_part_in_a_meeting(api: Api) {
    let city = api.municipality().await;
    let (member, twin) = (
        api.organization("명지병원").await,
        api.organization("명지 병원").await,
    );
    let guest = api.organization("손님").await;
    let body = json!({"municipality_id": city, "name": {"ko": "협의체"}, "members": [
        {"organization_id": twin, "joined": {"edtf": "2024"}, "left": {"edtf": "2025-06"}}]});
    let group = api.create("/working-groups", &body).await;
    let path = format!("/working-groups/{}/meetings", group.id());
    for (title, day, attendees) in [
        ("전", "2023-12-31", vec![]),
        ("중", "2024-05", vec![&twin, &guest, &member]),
        ("후", "2025-07-01", vec![&guest]),
        ("후 참석", "2026-01-05", vec![&twin]),
    ] {
        let body =
            json!({"title": {"ko": title}, "held_on": {"edtf": day}, "attendee_ids": attendees});
        api.create(&path, &body).await;
    }
    let of = async |id: &str| meetings_on(&api, &format!("&organization_id={id}")).await;
    assert_eq!(of(&twin).await, ["중", "후 참석"]);
    assert_eq!(of(&member).await, ["중"]);
    assert_eq!(of(&guest).await, ["중", "후"]);
    assert_eq!(of(&city).await, [""; 0]);
    api.merge(&twin, &member).await;
    for id in [&member, &twin] {
        assert_eq!(of(id).await, ["중", "후 참석"]);
        let groups = format!("/working-groups?organization_id={id}");
        assert_eq!(api.find(&groups).await, group.id());
    }
    // The row names each attendee once.
    let line = api.read("/timeline?types=meeting").await.body;
    let names = |row: usize| -> Vec<&str> {
        let list = line["items"][row]["organizations"].as_array().unwrap();
        let names = list.iter().map(|o| o["name"]["ko"].as_str().unwrap());
        names.collect()
    };
    assert_eq!(names(0), [""; 0]);
    assert_eq!(names(1), ["명지병원", "손님"]);
    // Membership that lasted longer includes later meetings.
    let id = group.body["members"][0]["id"].as_str().unwrap();
    let one = format!("/working-groups/{}/members/{id}", group.id());
    api.update(&one, "*", &json!({"left": null})).await;
    assert_eq!(of(&member).await, ["중", "후", "후 참석"]);
    // An organization that attended cannot be deleted.
    api.delete(&format!("/organizations/{guest}"), "*")
        .await
        .expect(409);
}

async fn all_that_is_wrong_is_named_at_once(api: Api) {
    let city = api.municipality().await;
    let hospital = api.organization("병원").await;
    let member = |id: &str| json!({"organization_id": id});
    let new = json!({"municipality_id": hospital, "name": {"ko": "협의체"}, "visibility": "secret",
        "established": {"edtf": "2024"}, "dissolved": {"edtf": "2023"}, "project_id": NOBODY,
        "members": [member(&hospital), member(&hospital), member(NOBODY)]});
    let refused = api.post("/working-groups", &new).await.expect(422);
    let places = [
        "/dissolved",
        "/members/1/organization_id",
        "/members/2/organization_id",
        "/municipality_id",
        "/project_id",
        "/visibility",
    ];
    assert_eq!(refused.places(), places);
    let new = json!({"municipality_id": city, "name": {"ko": "협의체"}, "members": [
        {"organization_id": hospital, "left": {"edtf": "2023"}}, member(&hospital)]});
    let group = api.create("/working-groups", &new).await;
    let path = format!("/working-groups/{}", group.id());
    let patch = json!({"colour": 1, "agreement_id": NOBODY});
    let refused = api.patch(&path, "*", &patch).await.expect(422);
    assert_eq!(refused.places(), ["/agreement_id", "/colour"]);
    let members = format!("{path}/members");
    let again = json!({"organization_id": hospital, "role": 5});
    let refused = api.post(&members, &again).await.expect(422);
    assert_eq!(refused.places(), ["/organization_id", "/role"]);
    // The change is at fault, although the other member was added later.
    let first = group.body["members"][0]["id"].as_str().unwrap();
    let first = format!("{members}/{first}");
    let patch = json!({"colour": 1, "left": null});
    let refused = api.patch(&first, "*", &patch).await.expect(422);
    assert_eq!(refused.places(), ["/colour", "/organization_id"]);
    let meetings = format!("{path}/meetings");
    let new = json!({"title": {"ko": "회의"}, "held_on": {"edtf": "2026-11-24"}, "venue": 5, "attendee_ids": [NOBODY]});
    let refused = api.post(&meetings, &new).await.expect(422);
    assert_eq!(refused.places(), ["/attendee_ids/0", "/held_on", "/venue"]);
    let new = json!({"title": {"ko": "회의"}, "held_on": {"edtf": "2026-11-20"}});
    let meeting = api.create(&meetings, &new).await;
    let one = format!("/meetings/{}", meeting.id());
    let patch =
        json!({"held_on": {"edtf": "2026-11-24"}, "venue": 5, "attendee_ids": [city, NOBODY]});
    let refused = api.patch(&one, "*", &patch).await.expect(422);
    assert_eq!(refused.places(), ["/attendee_ids/1", "/held_on", "/venue"]);
}
