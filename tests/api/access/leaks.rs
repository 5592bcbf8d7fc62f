//! What showed records to callers that may not see them, each by a way of its own.

use serde_json::{Value, json};

use crate::support::city::City;
use crate::support::records::signed_mou;
use crate::support::{Answer, Api};

on_both!(new: a_change_of_a_project_shows_no_meeting_of_the_past, a_merge_names_no_hidden_record,
    a_date_names_no_hidden_milestone);

async fn a_change_of_a_project_shows_no_meeting_of_the_past(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let project = json!({"municipality_id": city.id, "kind": "other", "title": {"ko": "공개 사업"},
        "milestones": [{"kind": "completion", "forecasts": [{"target": {"edtf": "2024"}, "stated_on": {"edtf": "2021"}}]}]});
    let project = api.create("/projects", &project).await;
    let group = json!({"municipality_id": city.id, "name": {"ko": "내부 협의체"}, "visibility": "internal",
        "project_id": project.id()});
    let group = api.create("/working-groups", &group).await;
    let meeting = json!({"title": {"ko": "비공개 회의"}, "held_on": {"edtf": "2023-01-01"}});
    let meetings = format!("/working-groups/{}/meetings", group.id());
    api.create(&meetings, &meeting).await;
    let later = api.at("2026-11-24T03:00:00Z").await;
    let title = json!({"title": {"ko": "새 이름"}});
    later
        .update(&format!("/projects/{}", project.id()), "*", &title)
        .await;
    let then = "recorded_as_of=2026-11-23T03:00:00Z&with_total=true";
    // The city has an internal meeting and an internal milestone besides.
    for (caller, meetings, milestones) in [(&later.with(None), 0, 1), (&city.viewer, 2, 2)] {
        let seen = caller
            .read(&format!("/timeline?types=meeting&{then}"))
            .await;
        assert_eq!(seen.body["total"], meetings, "{}", seen.text);
        let seen = caller
            .read(&format!("/timeline?types=milestone&{then}"))
            .await;
        assert_eq!(seen.body["total"], milestones, "{}", seen.text);
    }
}

async fn a_merge_names_no_hidden_record(api: Api) {
    let (city, other) = (
        City::new(&api, "4128000000").await,
        City::new(&api, "4111000000").await,
    );
    let gone = city
        .editor
        .create(
            "/organizations",
            &json!({"kind": "company", "name": {"ko": "중복"}}),
        )
        .await;
    let kept = city
        .editor
        .create(
            "/organizations",
            &json!({"kind": "company", "name": {"ko": "원본"}}),
        )
        .await;
    let hidden = signed_mou(
        &[&other.id, gone.id()],
        "2024-01-02",
        json!({"visibility": "internal"}),
    );
    let hidden = other.editor.create("/agreements", &hidden).await;
    let named = |answer: &Answer| answer.text.contains(hidden.id());
    let merge = format!("/organizations/{}/merge", gone.id());
    city.editor
        .act(&merge, &json!({"into_id": kept.id()}))
        .await;
    for caller in [&api.with(None), &city.editor, &city.viewer] {
        let changes = caller.read("/changes?type=organization&limit=500").await;
        assert!(changes.text.contains("merged_into_id") && !named(&changes));
        let history = caller
            .read(&format!("/organizations/{}/history", gone.id()))
            .await;
        assert!(!named(&history), "{}", history.text);
    }
    // What changed since is named to those who see it.
    let party = hidden.body["parties"][1]["id"].as_str().unwrap();
    let path = format!(
        "/agreements/{}/parties/{party}?correction_reason=x",
        hidden.id()
    );
    let new = api.organization("다른 당사자").await;
    other
        .editor
        .update(&path, "*", &json!({"organization_id": new}))
        .await;
    let unmerge = format!("/organizations/{}/unmerge", gone.id());
    let undone = city.editor.act(&unmerge, &json!({})).await;
    assert!(!named(&undone), "{}", undone.text);
    api.act(&merge, &json!({"into_id": kept.id()})).await;
}

async fn a_date_names_no_hidden_milestone(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let project = json!({"municipality_id": city.id, "kind": "other", "title": {"ko": "내부 사업"}, "visibility": "internal",
        "milestones": [{"kind": "groundbreaking"}]});
    let project = api.create("/projects", &project).await;
    let milestone = project.body["milestones"][0]["id"].as_str().unwrap();
    let more = json!({"project_ids": [project.id()], "commitments": [{"text": {"ko": "할 일"},
        "due": {"as_stated": "착공 후 36개월", "relative_to": {"anchor": "milestone", "milestone_id": milestone, "direction": "after", "months": 36}}}]});
    let made = signed_mou(&[&city.id, &city.partner], "2024-01-02", more);
    let made = api.create("/agreements", &made).await;
    assert!(made.text.contains(milestone));
    for (caller, shown) in [(&api.with(None), false), (&city.viewer, true)] {
        for path in ["", "/commitments", "/history"] {
            let seen = caller
                .read(&format!("/agreements/{}{path}", made.id()))
                .await;
            assert_eq!(
                seen.text.contains(milestone),
                shown,
                "{path}: {}",
                seen.text
            );
        }
        let changes = caller.read("/changes?type=agreement&limit=500").await;
        assert_eq!(changes.text.contains(milestone), shown, "{}", changes.text);
        let step = changes
            .items()
            .iter()
            .find(|change| change["record_id"] == made.id())
            .unwrap();
        let due = step["patch"][0]["value"].pointer("/commitments/0/content/due");
        let due = due.or_else(|| step["patch"][0]["value"].pointer("/commitments/0/due"));
        assert!(due.is_some_and(|due| *due != Value::Null), "{step}");
    }
}
