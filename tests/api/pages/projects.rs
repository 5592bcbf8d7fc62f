//! The list of projects and the page of one.

use serde_json::json;

use super::{NASTY, holds, lacks, page, whole};
use crate::support::Api;

on_both!(with_demo: every_date_of_ilsan_technovalley, the_list_of_projects);
on_both!(new: a_project_without_anything, a_project_with_names_that_hold_markup,
    a_target_that_only_narrows_has_not_moved);

async fn every_date_of_ilsan_technovalley(api: Api) {
    let id = api.find("/projects").await;
    let text = whole(page(&api, &format!("/projects/{id}")).await, "ko");
    holds(
        &text,
        &[
            "고양 일산테크노밸리",
            "착공",
            "2019.\u{a0}12.\u{a0}20.",
            "우선시공분 3월 본공사 9월",
            "2023.\u{a0}10.\u{a0}26.",
            "664",
            "첫 목표",
            "<svg viewBox=\"0 0 504 20\"",
            "class=\"silent\"",
            "class=\"band\"",
            "8,493억 원",
            "약 87만㎡ (26만 평)",
            "8,234억 원",
            "대화동",
            "이 사업을 위한 협약",
            "../agreements/0178",
            "https://www.naeil.com/news/read/397630",
            "\"@type\":\"Project\"",
            "timeline.ics?project_id=",
        ],
    );
    let text = whole(page(&api, &format!("/projects/{id}?lang=en")).await, "en");
    holds(
        &text,
        &[
            "Goyang Ilsan Technovalley",
            "Groundbreaking",
            "26 October 2023",
            "First target",
        ],
    );
    // What readers knew at the end of 2021.
    let then = whole(
        page(&api, &format!("/projects/{id}?as_of=2021-12-31")).await,
        "ko",
    );
    holds(
        &then,
        &["2021.\u{a0}12.\u{a0}31. 현재로 알려진", "2024년까지"],
    );
    lacks(&then, &["2026년 하반기", "2023.\u{a0}10.\u{a0}26."]);
}

async fn the_list_of_projects(api: Api) {
    let text = whole(page(&api, "/projects").await, "ko");
    holds(
        &text,
        &[
            "고양 일산테크노밸리",
            "projects.csv",
            "약 8,493억 원",
            "시행",
        ],
    );
    let text = whole(page(&api, "/projects?kind=facility&lang=en").await, "en");
    holds(&text, &["No project matches"]);
}

async fn a_project_without_anything(api: Api) {
    let city = api.municipality().await;
    let bare = json!({"municipality_id": city, "kind": "other", "title": {"ko": "이름뿐인 사업"}});
    let made = api.create("/projects", &bare).await;
    let text = whole(page(&api, &format!("/projects/{}", made.id())).await, "ko");
    holds(
        &text,
        &[
            "추진 단계가 기록되어 있지 않습니다",
            "미상",
            "미상 항목",
            "공개 협약이 없습니다",
        ],
    );
}

async fn a_project_with_names_that_hold_markup(api: Api) {
    let city = api.municipality().await;
    let words = json!({"edtf": null, "as_stated": "미정 <i>"});
    let nasty = json!({"municipality_id": city, "kind": "facility", "title": {"ko": NASTY}, "milestones": [
        {"kind": "completion", "title": {"ko": NASTY}, "forecasts": [
            {"target": words, "stated_on": {"edtf": "2023-05-01"}, "note": {"ko": NASTY}, "source": {"publisher": NASTY}},
            {"target": {"edtf": "2024/.."}, "stated_on": {"edtf": "2023-06-01"}, "stated_by": NASTY},
            {"target": {"edtf": "../2025"}, "stated_on": {"edtf": "2023-07"}, "reason": {"ko": NASTY}}],
         "outcomes": [{"kind": "suspended", "on": {"edtf": "2024-01-01"}, "note": {"ko": NASTY}}]},
        {"kind": "groundbreaking"}]});
    let made = api.create("/projects", &nasty).await;
    let text = whole(page(&api, &format!("/projects/{}", made.id())).await, "ko");
    lacks(&text, &["<script>alert", "미정 <i>", "NaN", "inf\""]);
    holds(&text, &["미정 &lt;i&gt;", "2025년까지", "중단"]);
    for path in ["/", "/projects"] {
        lacks(&whole(page(&api, path).await, "ko"), &["<script>alert"]);
    }
}

async fn a_target_that_only_narrows_has_not_moved(api: Api) {
    let city = api.municipality().await;
    let said =
        |on: &str, target: &str| json!({"target": {"edtf": target}, "stated_on": {"edtf": on}});
    let new = json!({"municipality_id": city, "kind": "other", "title": {"ko": "사업"}, "milestones": [
        {"kind": "groundbreaking", "forecasts": [said("2019-05", "2021"), said("2020-02", "2021-03")]},
        {"kind": "completion", "forecasts": [said("2019-05", "2024-06"), said("2020-02", "2023-12")]}]});
    let made = api.create("/projects", &new).await;
    let path = format!("/projects/{}", made.id());
    let text = whole(page(&api, &path).await, "ko");
    // Both the row and the heading of the milestone.
    assert_eq!(text.matches("변동 없음").count(), 2, "{text}");
    assert_eq!(text.matches("182일 단축").count(), 2, "{text}");
    lacks(&text, &["275일"]);
    // What was retracted counts nowhere.
    let milestone = &made.body["milestones"][1];
    let forecast = milestone["forecasts"][1]["id"].as_str().unwrap();
    let id = milestone["id"].as_str().unwrap();
    let retraction = format!("/milestones/{id}/forecasts/{forecast}/retraction");
    let reason = json!({"reason": {"ko": "잘못 읽음"}});
    api.act(&retraction, &reason).await;
    let text = whole(page(&api, &path).await, "ko");
    holds(&text, &["철회: ", "잘못 읽음"]);
    lacks(&text, &["182일"]);
    // The report to the council says the same of a milestone that is overdue.
    let report = format!(
        "/api/v1/municipalities/{city}/council-report?from=2020-01-01&to=2021-12-31&format=html"
    );
    let text = page(&api, &report).await.expect(200).text;
    holds(&text, &["변동 없음"]);
    lacks(&text, &["단축"]);
}
