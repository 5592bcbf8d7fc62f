//! Acts on which duties wait, and merges of organizations, on pages.

use serde_json::{Value, json};

use super::office::{Browser, changed, fields_of};
use super::office_admin::hidden;
use super::{NASTY, holds, lacks};
use crate::support::Api;
use crate::support::city::City;
use crate::support::records::{demand, signed_mou};

on_both!(new:
    an_action_of_the_council_fulfils_its_duty, a_review_fulfils_its_duty, acts_recorded_by_mistake_are_corrected, acts_are_refused_at_their_fields,
    organizations_are_merged_after_a_preview, the_merge_that_was_previewed_is_the_one_that_is_made);

/// A signed agreement of a city whose policy demands a report to the council and reviews.
async fn demanding(api: &Api) -> (City, String) {
    let city = City::new(api, "4111000000").await;
    let policies = json!([{"self_approval": true, "review_interval_months": 12,
        "council_report": {"within_days": 30, "on_signing": true}}]);
    demand(api, &city.id, policies).await;
    let new = signed_mou(&[&city.id, &city.partner], "2026-10-05", json!({}));
    let one = city.approver.create("/agreements", &new).await;
    let id = one.id().to_owned();
    (city, id)
}

fn statuses(one: &Value) -> Vec<(&str, &str)> {
    let duties = one["duties"].as_array().unwrap().iter();
    duties
        .map(|duty| {
            (
                duty["kind"].as_str().unwrap(),
                duty["status"].as_str().unwrap(),
            )
        })
        .collect()
}

async fn an_action_of_the_council_fulfils_its_duty(api: Api) {
    let (city, id) = demanding(&api).await;
    let page = format!("/office/agreements/{id}");
    let browser = Browser::as_caller(&city.editor).await;
    let text = browser.open(&page).await.expect(200).text;
    holds(
        &text,
        &[
            "acts/council-actions",
            "acts/reviews",
            "의회 조치 기록",
            "점검 기록",
            "실무협의체 기록",
            &format!("agreement={id}"),
        ],
    );
    // Nothing is done on a page that shows a past.
    let past = browser.open(&format!("{page}?as_of=2026-10-31")).await;
    lacks(&past.expect(200).text, &["acts/", "steps/"]);
    let path = format!("{page}/acts/council-actions");
    let text = browser.open(&path).await.expect(200).text;
    holds(
        &text,
        &[
            "의회 보고 (체결)",
            "기한 지남",
            "의회에 보고한 것을 기록합니다.",
            "kind=post_report&amp;occasion=signing",
        ],
    );
    // The duty leads to a form with what it asks.
    let asked = format!("{path}?kind=consent&occasion=termination&result=accepted");
    let text = browser.open(&asked).await.expect(200).text;
    holds(
        &text,
        &[
            "value=\"consent\" selected",
            "value=\"termination\" selected",
            "value=\"accepted\" selected",
        ],
    );
    let fields = [
        ("kind", "post_report"),
        ("on", "2026. 10. 20."),
        ("occasion", "signing"),
        ("result", "noted"),
        ("session", "제254회 임시회"),
        ("sources/0/url", "https://council.suwon.go.kr/1"),
    ];
    let text = browser.goes_on(&path, &fields).await;
    holds(&text, &["기록했습니다.", "제254회 임시회"]);
    let one = city.editor.read(&format!("/agreements/{id}")).await.body;
    assert!(
        statuses(&one).contains(&("council_report", "done")),
        "{one}"
    );
    assert_eq!(
        one["council_actions"][0]["sources"][0]["url"],
        "https://council.suwon.go.kr/1"
    );
    let text = browser.open(&path).await.expect(200).text;
    lacks(&text, &["의회 보고 (체결)"]);
}

async fn a_review_fulfils_its_duty(api: Api) {
    let (city, id) = demanding(&api).await;
    let path = format!("/office/agreements/{id}/acts/reviews");
    let browser = Browser::as_caller(&city.editor).await;
    let text = browser.open(&path).await.expect(200).text;
    holds(&text, &["점검을 기록합니다.", "value=\"good\" selected"]);
    let fields = [
        ("on", "2026. 11. 20."),
        ("rating", "slow"),
        ("findings/ko", NASTY),
        ("renewal", "renew"),
    ];
    let text = browser.goes_on(&path, &fields).await;
    holds(&text, &["기록했습니다.", "부진", "&lt;script&gt;"]);
    lacks(&text, &["<script>alert"]);
    let one = city.editor.read(&format!("/agreements/{id}")).await.body;
    assert!(statuses(&one).contains(&("review", "done")), "{one}");
}

async fn acts_are_refused_at_their_fields(api: Api) {
    let (city, id) = demanding(&api).await;
    let other = City::new(&api, "4113000000").await;
    let page = format!("/office/agreements/{id}");
    let fields = [
        ("kind", "post_report"),
        ("occasion", "signing"),
        ("on", "2020. 1. 1."),
        ("session", "제254회"),
    ];
    let editor = Browser::as_caller(&city.editor).await;
    let path = format!("{page}/acts/council-actions");
    let text = editor.send(&path, &fields).await.expect(422).text;
    holds(
        &text,
        &["f-on-error1", "value=\"제254회\"", "아직 남은 의무"],
    );
    let text = editor
        .send(&format!("{page}/acts/reviews"), &[("rating", "good")])
        .await;
    holds(&text.expect(422).text, &["f-on-error1"]);
    editor.open(&format!("{page}/acts/other")).await.expect(404);
    // Others see no way, and record nothing.
    for caller in [&city.viewer, &other.editor] {
        let browser = Browser::as_caller(caller).await;
        let text = browser.open(&page).await.expect(200).text;
        lacks(&text, &["acts/"]);
        let sent = browser.send(
            &path,
            &[
                ("kind", "post_report"),
                ("on", "2026-11-01"),
                ("occasion", "signing"),
            ],
        );
        let text = sent.await.expect(403).text;
        holds(&text, &["role=\"alert\""]);
    }
    let one = city.editor.read(&format!("/agreements/{id}")).await.body;
    assert_eq!(one["council_actions"], json!([]));
}

const MERGES: &str = "/office/admin/merges";

async fn organizations_are_merged_after_a_preview(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&api).await;
    let text = browser.send(MERGES, &[]).await.expect(422).text;
    holds(&text, &["f-duplicate-error1", "f-into-error1"]);
    let text = browser
        .send(
            MERGES,
            &[("duplicate", "아무도 모르는 곳"), ("into", &city.id)],
        )
        .await
        .expect(422)
        .text;
    holds(&text, &["f-duplicate-error1", "value=\"아무도 모르는 곳\""]);
    // A municipality is one by law.
    let refused = [
        ("duplicate", city.partner.as_str()),
        ("into", city.id.as_str()),
    ];
    let text = browser.send(MERGES, &refused).await.expect(422).text;
    holds(&text, &["f-into-error1", "지방자치단체는"]);
    let survivor = city.named("survivor");
    api.partner(&city.partner).await;
    let fields = [
        ("duplicate", "기업 4111000000"),
        ("into", "같은 기업 4111000000"),
    ];
    let text = browser.send(MERGES, &fields).await.expect(200).text;
    holds(
        &text,
        &[
            "아직 통합하지 않았습니다",
            "기업 4111000000 → 같은 기업 4111000000",
            "이전되는 것",
            "정지되는 토큰",
            "<button>통합</button>",
        ],
    );
    let asked = json!({"into_id": survivor});
    let preview = api
        .act(
            &format!("/organizations/{}/merge-preview", city.partner),
            &asked,
        )
        .await;
    let preview = preview.expect(200).body;
    assert_eq!(preview["agreement_count"], 1);
    assert_eq!(preview["token_count"], 1);
    assert_eq!(preview["taken"], json!(["/other_names"]));
    let partner = api
        .read(&format!("/organizations/{}", city.partner))
        .await
        .body;
    assert_eq!(partner["id"], city.partner.as_str());
    let previewed = hidden(&text, "previewed");
    let fields = [&fields[..], &[("previewed", previewed.as_str())]].concat();
    browser.goes_on(MERGES, &fields).await;
    let merged = api
        .read(&format!("/organizations/{}", city.partner))
        .await
        .body;
    assert_eq!(merged["id"], survivor);
    // The page of the one that stays undoes it.
    let page = format!("/office/organizations/{survivor}");
    let undo = format!("/office/organizations/{}/unmerge", city.partner);
    let text = browser.open(&page).await.expect(200).text;
    holds(&text, &["통합 되돌리기", &undo[1..]]);
    let reader = Browser::as_caller(&city.viewer).await;
    reader.open(&undo).await.expect(403);
    let asked = browser.open(&undo).await.expect(200).text;
    holds(&asked, &["기업 4111000000 → 같은 기업 4111000000"]);
    let fields = fields_of(&asked);
    let why = [("reason/ko", "다른 기관으로 확인됨")];
    let text = browser.goes_on(&undo, &changed(&fields, &why)).await;
    holds(&text, &["기업 4111000000"]);
    let own = api
        .read(&format!("/organizations/{}", city.partner))
        .await
        .body;
    assert_eq!(own["id"], city.partner.as_str());
    browser.open(&undo).await.expect(404);
    lacks(&browser.open(&page).await.expect(200).text, &["unmerge"]);
}

async fn the_merge_that_was_previewed_is_the_one_that_is_made(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let other = City::new(&api, "4113000000").await;
    let browser = Browser::as_caller(&api).await;
    let survivor = city.named("survivor");
    let fields = [("duplicate", city.partner.as_str()), ("into", survivor)];
    let text = browser.send(MERGES, &fields).await.expect(200).text;
    let previewed = hidden(&text, "previewed");
    // With another organization, the preview is shown again.
    let changed = [
        ("duplicate", other.partner.as_str()),
        ("into", survivor),
        ("previewed", previewed.as_str()),
    ];
    let text = browser.send(MERGES, &changed).await.expect(200).text;
    holds(&text, &["아직 통합하지 않았습니다"]);
    let one = api
        .read(&format!("/organizations/{}", other.partner))
        .await
        .body;
    assert_eq!(one["id"], other.partner.as_str());
    // Whoever reads may not merge.
    let viewer = Browser::as_caller(&city.viewer).await;
    viewer.open(MERGES).await.expect(403);
    viewer.send(MERGES, &fields).await.expect(403);
}

/// A review and an action of the council are corrected and removed; the duty is open again.
async fn acts_recorded_by_mistake_are_corrected(api: Api) {
    let (city, id) = demanding(&api).await;
    let own = format!("/office/agreements/{id}");
    let action = json!({"kind": "post_report", "on": {"edtf": "2026-10-20"}, "occasion": "signing",
        "sources": [{"publisher": "수원시의회"}]});
    let review = json!({"on": {"edtf": "2026-11-20"}, "rating": "slow"});
    for (list, act) in [("council-actions", &action), ("reviews", &review)] {
        let path = format!("/agreements/{id}/{list}");
        city.editor.create(&path, act).await;
    }
    let browser = Browser::as_caller(&city.editor).await;
    let text = browser.open(&own).await.expect(200).text;
    let one = city.editor.read(&format!("/agreements/{id}")).await.body;
    for (list, member, shown, change, now, duty) in [
        (
            "council-actions",
            "council_actions",
            "의회 조치 수정: 2026.\u{a0}10.\u{a0}20.",
            ("session", "제255회"),
            "제255회",
            "council_report",
        ),
        (
            "reviews",
            "reviews",
            "점검 수정: 2026.\u{a0}11.\u{a0}20.: 부진",
            ("findings/ko", "다시 봄"),
            "다시 봄",
            "review",
        ),
    ] {
        assert!(statuses(&one).contains(&(duty, "done")), "{one}");
        let part = one[member][0]["id"].as_str().unwrap();
        let path = format!("{own}/{list}/{part}");
        holds(&text, &[shown, &format!("{list}/{part}/removal")]);
        let opened = fields_of(&browser.open(&path).await.expect(200).text);
        let after = browser.goes_on(&path, &changed(&opened, &[change])).await;
        holds(&after, &["기록했습니다.", now]);
        // Others neither see nor do so.
        let viewer = Browser::as_caller(&city.viewer).await;
        viewer.open(&path).await.expect(403);
        lacks(&viewer.open(&own).await.expect(200).text, &["수정:"]);
        let removal = format!("{path}/removal");
        let asked = browser.open(&removal).await.expect(200).text;
        let tag = hidden(&asked, "tag");
        let after = browser.goes_on(&removal, &[("tag", tag.as_str())]).await;
        lacks(&after, &[now]);
        let one = city.editor.read(&format!("/agreements/{id}")).await.body;
        assert_eq!(one[member], json!([]));
        assert!(!statuses(&one).contains(&(duty, "done")), "{one}");
    }
}
