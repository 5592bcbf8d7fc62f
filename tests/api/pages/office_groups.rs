//! Working groups and their meetings as officers record them on pages.

use serde_json::json;

use super::office::{Browser, editor_of_goyang, tag};
use super::{NASTY, holds, lacks};
use crate::support::city::City;
use crate::support::{Api, CITY};

on_both!(with_demo: an_officer_records_a_group_and_its_meetings);
on_both!(new:
    a_guest_is_chosen_among_those_alike, a_change_meets_one_of_another_window,
    nobody_of_another_city_records, what_is_typed_is_escaped);

const NEW: &str = "/office/working-groups/new";

async fn an_officer_records_a_group_and_its_meetings(api: Api) {
    let browser = Browser::as_caller(&editor_of_goyang(&api).await).await;
    let project = api.read("/projects?limit=1").await.body["items"][0]["id"].clone();
    let project = project.as_str().unwrap();
    let open = format!("{NEW}?municipality={CITY}&project={project}");
    let text = browser.open(&open).await.expect(200).text;
    holds(&text, &[&format!("name=\"project\" value=\"{project}\"")]);
    let fields = [
        ("municipality", CITY),
        ("project", project),
        ("name/ko", "드론 실무협의체"),
        ("established", "2023년 상반기"),
        ("meets_every_months", "6"),
        ("visibility", "public"),
        ("members/0/organization", "고양시"),
        ("members/0/post/ko", "부시장"),
        ("members/2/organization", "새 드론 연구원"),
        ("members/2/organization/kind", "research_institute"),
        ("members/2/joined", "2023. 3. 2."),
    ];
    let text = browser.goes_on(NEW, &fields).await;
    holds(
        &text,
        &[
            "기록했습니다.",
            "드론 실무협의체",
            "부시장",
            "새 드론 연구원",
            "2023년 상반기",
            "6개월마다",
        ],
    );
    let found = api.read("/working-groups?q=%EB%93%9C%EB%A1%A0").await;
    let group = &found.body["items"][0];
    let id = group["id"].as_str().unwrap().to_owned();
    assert_eq!(group["project_id"], project);
    assert_eq!(group["members"].as_array().unwrap().len(), 2);
    let path = format!("/office/working-groups/{id}");
    // A meeting, with who came and its minutes.
    let meeting = format!("{path}/meetings/new");
    let text = browser.open(&meeting).await.expect(200).text;
    holds(
        &text,
        &[
            "type=\"checkbox\"",
            "새 드론 연구원",
            &format!("value=\"{CITY}\""),
        ],
    );
    let held = [
        ("title/ko", "제1차 회의"),
        ("held_on", "2023. 9. 1."),
        ("status", "held"),
        ("decisions/ko", "부지 확정"),
        ("attended", CITY),
        ("attendee_ids/0/organization", "지나가던 대학교"),
        ("attendee_ids/0/organization/kind", "university"),
        ("documents/0/title/ko", "제1차 회의록"),
        ("documents/0/file_number", "전략-12"),
    ];
    let text = browser.goes_on(&meeting, &held).await;
    holds(
        &text,
        &[
            "제1차 회의",
            "부지 확정",
            "구성 기관 2곳 중 1곳",
            "지나가던 대학교",
            "제1차 회의록",
        ],
    );
    let listed = api.read(&format!("/working-groups/{id}/meetings")).await;
    let one = listed.body["items"][0].clone();
    assert_eq!(one["attendee_ids"].as_array().unwrap().len(), 2);
    // The other member came as well; the guest stays.
    let own = format!("/office/meetings/{}", one["id"].as_str().unwrap());
    let text = browser.open(&own).await.expect(200).text;
    assert_eq!(text.matches(" checked>").count(), 2, "{text}");
    let member = group["members"][1]["organization"]["id"].as_str().unwrap();
    let guest = one["attendees"].as_array().unwrap().iter();
    let mut guest = guest.filter(|one| one["id"] != CITY);
    let guest = guest.next().unwrap()["id"].as_str().unwrap().to_owned();
    let tagged = tag(&text);
    let all = [
        ("tag", tagged.as_str()),
        ("title/ko", "제1차 회의"),
        ("held_on", "2023-09-01"),
        ("status", "held"),
        ("decisions/ko", "부지 확정"),
        ("attended", CITY),
        ("attended", member),
        ("attended", &guest),
    ];
    holds(
        &browser.goes_on(&own, &all).await,
        &["구성 기관 2곳 중 2곳"],
    );
    // Somebody leaves, and another comes.
    let seat = group["members"][1]["id"].as_str().unwrap();
    let seat = format!("{path}/members/{seat}");
    let tagged = tag(&browser.open(&seat).await.expect(200).text);
    let left = [
        ("tag", tagged.as_str()),
        ("joined", "2023. 3. 2."),
        ("left", "2025년"),
    ];
    let text = browser.goes_on(&seat, &left).await;
    holds(&text, &["2025년"]);
    let another = [
        ("organization", "일산병원 실무단"),
        ("organization/kind", "hospital"),
        ("role/ko", "간사"),
        ("chair_terms/0/from", "2025년"),
    ];
    let text = browser
        .goes_on(&format!("{path}/members/new"), &another)
        .await;
    holds(&text, &["일산병원 실무단", "간사"]);
    let edit = format!("{path}/edit");
    let tagged = tag(&browser.open(&edit).await.expect(200).text);
    let changed = [
        ("tag", tagged.as_str()),
        ("name/ko", "드론 실무협의회"),
        ("meets_every_months", "3"),
        ("established", "2023년 상반기"),
        ("visibility", "public"),
    ];
    holds(
        &browser.goes_on(&edit, &changed).await,
        &["드론 실무협의회", "3개월마다"],
    );
    let list = browser
        .open("/office/working-groups")
        .await
        .expect(200)
        .text;
    holds(&list, &[&format!("office/working-groups/{id}")]);
}

async fn a_guest_is_chosen_among_those_alike(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    for number in ["1248100998", "2208162517"] {
        let new = json!({"kind": "company", "name": {"ko": "같은 이름"},
            "identifiers": [{"scheme": "KR-BRN", "id": number}]});
        city.editor.post("/organizations", &new).await.expect(201);
    }
    let new = json!({"municipality_id": city.id, "name": {"ko": "협의체"}});
    let group = city.editor.create("/working-groups", &new).await;
    let path = format!("/office/working-groups/{}/meetings/new", group.id());
    let fields = [
        ("title/ko", "회의"),
        ("held_on", "2026. 1. 5."),
        ("status", "held"),
        ("attendee_ids/0/organization", "같은 이름"),
    ];
    let text = browser.send(&path, &fields).await.expect(422).text;
    holds(
        &text,
        &[
            "어느 기관입니까?",
            "1248100998",
            "name=\"attendee_ids/0/organization/choice\"",
        ],
    );
    let at = text
        .find("name=\"attendee_ids/0/organization/choice\" value=\"")
        .unwrap();
    let chosen = text[at..].split("value=\"").nth(1).unwrap();
    let chosen = chosen.split('"').next().unwrap();
    let fields = [
        &fields[..],
        &[
            ("attendee_ids/0/organization/for", "같은 이름"),
            ("attendee_ids/0/organization/choice", chosen),
        ],
    ]
    .concat();
    browser.goes_on(&path, &fields).await;
    let listed = api
        .read(&format!("/working-groups/{}/meetings", group.id()))
        .await;
    assert_eq!(listed.body["items"][0]["attendee_ids"], json!([chosen]));
    // What is wrong is named at its field.
    let wrong = [
        ("title/ko", ""),
        ("held_on", "2099. 1. 1."),
        ("status", "held"),
        ("documents/0/url", "x"),
    ];
    let text = browser.send(&path, &wrong).await.expect(422).text;
    holds(
        &text,
        &[
            "f-title-ko-error1",
            "f-documents-0-title-ko-error1",
            "f-documents-0-url-error1",
        ],
    );
    let wrong = [
        ("title/ko", "회의"),
        ("held_on", "2099. 1. 1."),
        ("status", "held"),
    ];
    let text = browser.send(&path, &wrong).await.expect(422).text;
    holds(&text, &["-error1", "value=\"2099. 1. 1.\""]);
    let wrong = [
        ("municipality", city.id.as_str()),
        ("name/ko", ""),
        ("meets_every_months", "가끔"),
        ("members/0/post/ko", "부시장"),
    ];
    let text = browser.send(NEW, &wrong).await.expect(422).text;
    holds(
        &text,
        &[
            "f-name-ko-error1",
            "f-meets_every_months-error1",
            "f-members-0-organization-error1",
        ],
    );
}

async fn a_change_meets_one_of_another_window(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let new = json!({"municipality_id": city.id, "name": {"ko": "협의체"}, "members": [{"organization_id": city.partner}]});
    let group = city.editor.create("/working-groups", &new).await;
    let member = group.body["members"][0]["id"].as_str().unwrap();
    let meeting = json!({"title": {"ko": "회의"}, "held_on": {"edtf": "2023-01-01"}});
    let meeting = city
        .editor
        .create(
            &format!("/working-groups/{}/meetings", group.id()),
            &meeting,
        )
        .await;
    let own = format!("/office/working-groups/{}", group.id());
    for (path, fields) in [
        (
            format!("{own}/edit"),
            [("name/ko", "다른 이름"), ("visibility", "public")],
        ),
        (
            format!("{own}/members/{member}"),
            [("role/ko", "간사"), ("left", "2025")],
        ),
        (
            format!("/office/meetings/{}", meeting.id()),
            [("title/ko", "다른 이름"), ("held_on", "2023-01-01")],
        ),
    ] {
        let tagged = tag(&browser.open(&path).await.expect(200).text);
        let fields = [&fields[..], &[("tag", tagged.as_str())]].concat();
        browser.goes_on(&path, &fields).await;
        let changed: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| {
                (
                    *name,
                    if name.ends_with("/ko") {
                        "또 다른 이름"
                    } else {
                        *value
                    },
                )
            })
            .collect();
        let stale = browser.send(&path, &changed).await.expect(412).text;
        holds(&stale, &["role=\"alert\"", "value=\"또 다른 이름\""]);
    }
}

async fn nobody_of_another_city_records(api: Api) {
    let own = City::new(&api, "4111000000").await;
    let other = City::new(&api, "4113000000").await;
    let new = json!({"municipality_id": own.id, "name": {"ko": "협의체"}, "members": [{"organization_id": own.partner}]});
    let group = own.editor.create("/working-groups", &new).await;
    let path = format!("/office/working-groups/{}", group.id());
    let stranger = Browser::as_caller(&other.editor).await;
    let text = stranger.open(&path).await.expect(200).text;
    lacks(&text, &["/edit", "/members/new", "/meetings/new"]);
    let fields = [
        ("title/ko", "회의"),
        ("held_on", "2026. 1. 5."),
        ("status", "held"),
    ];
    let refused = stranger
        .send(&format!("{path}/meetings/new"), &fields)
        .await;
    holds(&refused.expect(403).text, &["value=\"회의\""]);
    let member = [("organization", "기업 4111000000")];
    stranger
        .send(&format!("{path}/members/new"), &member)
        .await
        .expect(403);
    let viewer = Browser::as_caller(&own.viewer).await;
    viewer
        .send(&format!("{path}/members/new"), &member)
        .await
        .expect(403);
    let editor = Browser::as_caller(&own.editor).await;
    editor.send("/office/sign-out", &[]).await.expect(303);
    let kept = editor.send(&format!("{path}/meetings/new"), &fields).await;
    holds(
        &kept.expect(401).text,
        &["name=\"kept:title/ko\" value=\"회의\""],
    );
    let secret = own
        .paths
        .iter()
        .find(|(_, path)| path.starts_with("/working-groups/"));
    if let Some((_, path)) = secret {
        let id = path.split('/').nth(2).unwrap();
        for rest in ["", "/edit", "/members/new", "/meetings/new"] {
            let path = format!("/office/working-groups/{id}{rest}");
            stranger.open(&path).await.expect(404);
        }
    }
}

async fn what_is_typed_is_escaped(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let fields = [
        ("municipality", city.id.as_str()),
        ("name/ko", NASTY),
        ("purpose/ko", NASTY),
        ("members/0/organization", NASTY),
        ("members/0/organization/kind", "company"),
        ("members/0/post/ko", NASTY),
    ];
    let wrong = [&fields[..], &[("established", NASTY)]].concat();
    let text = browser.send(NEW, &wrong).await.text;
    lacks(&text, &["<script>alert"]);
    let text = browser.goes_on(NEW, &fields).await;
    lacks(&text, &["<script>alert"]);
    let found = api.read("/working-groups?sort=-id&limit=1").await;
    let id = found.body["items"][0]["id"].as_str().unwrap();
    for rest in ["/edit", "/members/new", "/meetings/new"] {
        let path = format!("/office/working-groups/{id}{rest}");
        let text = browser.open(&path).await.expect(200).text;
        lacks(&text, &["<script>alert"]);
        holds(&text, &["뒤집힘"]);
    }
}
