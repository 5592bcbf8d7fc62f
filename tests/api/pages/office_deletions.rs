//! Records that were recorded by mistake, which officers delete on pages.

use serde_json::json;

use super::office::{Browser, changed, fields_of};
use super::{holds, lacks};
use crate::support::Api;
use crate::support::city::City;
use crate::support::records::{mou, signed_mou};

on_both!(new: what_nothing_rests_on_is_deleted, what_was_stated_or_signed_stays);

async fn what_nothing_rests_on_is_deleted(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let viewer = Browser::as_caller(&city.viewer).await;
    let id = city.id.as_str();
    let create =
        async |path: &str, body: serde_json::Value| city.editor.create(path, &body).await.body;
    let draft = create(
        "/agreements",
        mou(&[id, &city.partner], json!({"title": {"ko": "잘못"}})),
    )
    .await;
    let project = json!({"municipality_id": id, "kind": "other", "title": {"ko": "잘못"},
        "milestones": [{"kind": "completion"}, {"kind": "groundbreaking"}]});
    let project = create("/projects", project).await;
    let group = create(
        "/working-groups",
        json!({"municipality_id": id, "name": {"ko": "잘못"}}),
    )
    .await;
    let of = |record: &serde_json::Value| record["id"].as_str().unwrap().to_owned();
    let meeting = json!({"title": {"ko": "잘못"}, "held_on": {"edtf": "2023-01-01"}});
    let meeting = create(&format!("/working-groups/{}/meetings", of(&group)), meeting).await;
    let announcement = json!({"municipality_id": id, "kind": "signing", "title": {"ko": "잘못"},
        "announced_on": {"edtf": "2023-01-02"}});
    let announcement = create("/announcements", announcement).await;
    let milestone = of(&project["milestones"][0]);
    let own = |list: &str, record: &serde_json::Value| format!("/{list}/{}", of(record));
    let (of_project, of_group) = (own("projects", &project), own("working-groups", &group));
    for (page, record) in [
        (own("agreements", &draft), own("agreements", &draft)),
        (of_project.clone(), format!("/milestones/{milestone}")),
        (of_project.clone(), of_project),
        (of_group.clone(), own("meetings", &meeting)),
        (of_group.clone(), of_group),
        (
            own("announcements", &announcement),
            own("announcements", &announcement),
        ),
    ] {
        let path = format!("/office{record}/deletion");
        let text = browser.open(&format!("/office{page}")).await;
        holds(
            &text.expect(200).text,
            &[&format!("office{record}/deletion\"")],
        );
        viewer.open(&path).await.expect(403);
        let asked = browser.open(&path).await.expect(200).text;
        holds(&asked, &["기록을 지웁니까?"]);
        let sent = fields_of(&asked);
        browser.goes_on(&path, &changed(&sent, &[])).await;
        city.editor.get(&record).await.expect(404);
    }
}

/// Nobody is led to what would be refused, and a refusal names why.
async fn what_was_stated_or_signed_stays(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.approver).await;
    let signed = signed_mou(&[&city.id, &city.partner], "2024-01-05", json!({}));
    let signed = city.approver.create("/agreements", &signed).await;
    let project = json!({"municipality_id": city.id, "kind": "other", "title": {"ko": "사업"},
        "milestones": [{"kind": "completion", "outcomes": [{"kind": "started", "on": {"edtf": "2022"}}]}]});
    let project = city.approver.create("/projects", &project).await;
    for (record, said) in [
        (format!("/agreements/{}", signed.id()), "무효로 바꾸십시오"),
        (format!("/projects/{}", project.id()), "취소로 기록하십시오"),
    ] {
        let text = browser.open(&format!("/office{record}")).await;
        lacks(&text.expect(200).text, &["/deletion"]);
        let path = format!("/office{record}/deletion");
        let sent = fields_of(&browser.open(&path).await.expect(200).text);
        let refused = browser.send(&path, &changed(&sent, &[])).await;
        let text = refused.expect(409).text;
        holds(&text, &[said, "지우지 않았습니다."]);
        lacks(&text, &["기록하지 않았습니다"]);
        city.approver.get(&record).await.expect(200);
    }
}
