//! The list of working groups and the page of one.

use serde_json::{Value, json};

use super::{NASTY, holds, lacks, page, whole};
use crate::support::records::signed_mou;
use crate::support::{Api, CITY};

on_both!(with_demo: the_hospitals_of_goyang);
on_both!(new:
    members_over_time_and_attendance, a_group_without_anything, nobody_sees_an_internal_group);

async fn the_hospitals_of_goyang(api: Api) {
    let text = whole(page(&api, "/working-groups").await, "ko");
    holds(
        &text,
        &["의료기관 실무협의체", "고양시", "working-groups.csv"],
    );
    let id = api.find("/working-groups").await;
    let path = format!("/working-groups/{id}");
    let text = whole(page(&api, &path).await, "ko");
    holds(
        &text,
        &[
            "국립암센터",
            "명지",
            "구성원",
            "회의",
            "정해진 주기가 기록되어 있지 않음",
            "../projects/0178",
            &format!("../api/v1/working-groups/{id}"),
        ],
    );
    let text = whole(page(&api, &format!("{path}?lang=en")).await, "en");
    holds(&text, &["Members over time", "No interval is recorded"]);
    // What it serves and where it belongs lead to it.
    let link = format!("../working-groups/{id}");
    let project = api.find("/projects").await;
    for from in [
        format!("/projects/{project}"),
        format!("/municipalities/{CITY}"),
    ] {
        holds(&whole(page(&api, &from).await, "ko"), &[&link]);
    }
    let text = whole(page(&api, "/working-groups?q=zzz&lang=en").await, "en");
    holds(&text, &["No working group matches"]);
}

/// A group of four that meets every six months, and its meetings.
async fn busy(api: &Api, city: &str) -> (String, Vec<String>) {
    let mut bodies = Vec::new();
    for name in ["가병원", "나병원", "다병원", NASTY] {
        bodies.push(api.organization(name).await);
    }
    let partner = &bodies[0];
    let signed = signed_mou(&[city, partner], "2022-01-10", json!({}));
    let agreement = api.create("/agreements", &signed).await;
    let group = json!({"municipality_id": city, "name": {"ko": "바쁜 협의체"}, "purpose": {"ko": NASTY},
        "agreement_id": agreement.id(), "established": {"edtf": "2022-02-01"}, "meets_every_months": 6,
        "members": [
            {"organization_id": bodies[0], "joined": {"edtf": "2022-02-01"}, "post": {"ko": "부원장"}, "person_name": "김위원",
             "chair_terms": [{"from": {"edtf": "2023-01-01"}, "until": null}, {"from": {"edtf": "2022-02-01"}, "until": {"edtf": "2022-12-31"}}]},
            {"organization_id": bodies[1], "joined": {"edtf": "2022-02-01"}, "left": {"edtf": "2022-12-31"}},
            {"organization_id": bodies[2], "joined": {"edtf": "2023-05-01"}},
            {"organization_id": bodies[3]}]});
    let group = api.create("/working-groups", &group).await.id().to_owned();
    let meetings: [Value; 5] = [
        json!({"title": {"ko": "제1차 회의"}, "held_on": {"edtf": "2022-03-02"}, "attendee_ids": [bodies[0], bodies[1]],
            "agenda": {"ko": "일정"}, "decisions": {"ko": NASTY}, "venue": {"ko": "시청"}}),
        json!({"title": {"ko": "제2차 회의"}, "held_on": {"edtf": "2023-03-02"}, "attendee_ids": [bodies[0], city]}),
        // Nobody knows who came.
        json!({"title": {"ko": "제3차 회의"}, "held_on": {"edtf": "2023-09"}}),
        json!({"title": {"ko": "제4차 회의"}, "held_on": {"edtf": "2024-03-04"}, "status": "cancelled"}),
        json!({"title": {"ko": "제5차 회의"}, "held_on": {"edtf": "2024-09-02"}, "attendee_ids": [bodies[0], bodies[2]]}),
    ];
    for meeting in &meetings {
        api.create(&format!("/working-groups/{group}/meetings"), meeting)
            .await;
    }
    (group, bodies)
}

/// Returns the row of a table that begins with a text.
fn row<'a>(text: &'a str, with: &str) -> &'a str {
    let mut rows = text.split("<tr").filter(|row| row.contains("</th>"));
    rows.find(|row| row.contains(with)).unwrap()
}

async fn members_over_time_and_attendance(api: Api) {
    let city = api.municipality().await;
    let (group, bodies) = busy(&api, &city).await;
    let path = format!("/working-groups/{group}");
    let text = whole(page(&api, &path).await, "ko");
    lacks(&text, &["<script>alert"]);
    holds(
        &text,
        &[
            "6개월마다",
            "다음 회의 기한: 2025.\u{a0}3.\u{a0}2. (지남)",
            "부원장 김위원",
            "class=\"maybe\"",
            "class=\"span\"",
        ],
    );
    holds(
        row(&text, &bodies[0]),
        &[
            "3회 중 3회",
            "위원장",
            "2023.\u{a0}1.\u{a0}1. ~",
            "2022.\u{a0}12.\u{a0}31.",
        ],
    );
    // It had left before the second meeting.
    holds(
        row(&text, &bodies[1]),
        &["1회 중 1회", "2022.\u{a0}12.\u{a0}31."],
    );
    holds(row(&text, &bodies[2]), &["1회 중 1회"]);
    // Nobody knows when it joined: it may have been a member at all three.
    holds(row(&text, &bodies[3]), &["3회 중 0회", "미상", "기록 없음"]);
    holds(
        row(&text, "제1차 회의"),
        &[
            "구성 기관 3곳 중 2곳",
            "개최",
            "시청",
            "일정",
            "&lt;script&gt;",
        ],
    );
    holds(
        row(&text, "제2차 회의"),
        &["구성 기관 2곳 중 1곳, 그 밖에 1곳"],
    );
    holds(row(&text, "제3차 회의"), &["2023년 9월", "미상"]);
    holds(row(&text, "제4차 회의"), &["취소", "해당 없음"]);
    // On a past day later members, meetings and ends are not known.
    let then = whole(
        page(&api, &format!("{path}?as_of=2022-06-30&lang=en")).await,
        "en",
    );
    holds(
        &then,
        &[
            "As known on 30 June 2022.",
            "제1차 회의",
            "next by 2 September 2022",
        ],
    );
    lacks(&then, &["제2차 회의", &bodies[2], "31 December 2022"]);
    page(&api, &format!("{path}?as_of=2020-01-01"))
        .await
        .expect(404);
    let list = whole(page(&api, "/working-groups").await, "ko");
    // One of the four has left.
    holds(
        row(&list, &group),
        &["data-label=\"구성원\">3<", "가병원 부원장 김위원", "지남"],
    );
    // Meetings on the timeline lead to the group.
    let timeline = whole(page(&api, "/timeline?type=meeting").await, "ko");
    holds(&timeline, &[&format!("working-groups/{group}#meeting-")]);
    let agreements = api.read("/agreements").await.body;
    let agreement = agreements["items"][0]["id"].as_str().unwrap();
    let text = whole(page(&api, &format!("/agreements/{agreement}")).await, "ko");
    holds(&text, &["바쁜 협의체"]);
}

async fn a_group_without_anything(api: Api) {
    let city = api.municipality().await;
    let bare = json!({"municipality_id": city, "name": {"ko": NASTY}});
    let made = api.create("/working-groups", &bare).await;
    let text = whole(
        page(&api, &format!("/working-groups/{}", made.id())).await,
        "ko",
    );
    lacks(&text, &["<script>alert"]);
    holds(
        &text,
        &[
            "구성원이 기록되어 있지 않습니다",
            "회의가 기록되어 있지 않습니다",
            "구성일 미상",
            "구성원 미상",
        ],
    );
    let gone = "00000000-0000-7000-8000-000000000000";
    page(&api, &format!("/working-groups/{gone}"))
        .await
        .expect(404);
}

async fn nobody_sees_an_internal_group(api: Api) {
    let city = api.municipality().await;
    let secret =
        json!({"municipality_id": city, "name": {"ko": "감춘 협의체"}, "visibility": "internal"});
    let made = api.create("/working-groups", &secret).await;
    page(&api, &format!("/working-groups/{}", made.id()))
        .await
        .expect(404);
    let hidden = [
        "/working-groups".to_owned(),
        format!("/municipalities/{city}"),
    ];
    for path in hidden {
        lacks(&whole(page(&api, &path).await, "ko"), &["감춘 협의체"]);
    }
}
