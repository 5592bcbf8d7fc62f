//! Policies of a municipality on the pages of the administration.

use serde_json::json;

use super::office::{Browser, changed, fields_of};
use super::office_admin::hidden;
use super::{NASTY, holds, lacks};
use crate::support::Api;
use crate::support::city::City;
use crate::support::records::signed_mou;

on_both!(new:
    a_policy_shows_what_it_would_demand_before_it_is_saved, what_is_wrong_with_a_policy_is_at_its_field,
    a_policy_that_changed_meanwhile_is_not_overwritten, a_policy_that_is_gone_does_not_stand_for_its_neighbour,
    an_admin_chooses_who_approves, a_policy_recorded_by_mistake_is_taken_back);

/// Returns the paths of the forms of a municipality's policies.
pub async fn policy_paths(browser: &Browser, municipality: &str) -> Vec<String> {
    let page = format!("/office/admin/municipalities/{municipality}");
    let text = browser.open(&page).await.expect(200).text;
    let links = text.split("/policies/").skip(1);
    let keys = links.map(|rest| rest.split(['"', '?']).next().unwrap());
    let keys = keys.filter(|key| *key != "new" && !key.contains('/'));
    keys.map(|key| format!("{page}/policies/{key}")).collect()
}

async fn a_policy_shows_what_it_would_demand_before_it_is_saved(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let new = signed_mou(&[&city.id, &city.partner], "2024-01-05", json!({}));
    city.approver.create("/agreements", &new).await;
    let browser = Browser::as_caller(&api).await;
    let page = format!("/office/admin/municipalities/{}", city.id);
    holds(
        &browser.open(&page).await.expect(200).text,
        &["policies/new"],
    );
    let path = policy_paths(&browser, &city.id).await.remove(0);
    let text = browser.open(&path).await.expect(200).text;
    holds(&text, &["미리 보기"]);
    let tag = hidden(&text, "tag");
    let fields = [
        ("tag", tag.as_str()),
        ("valid_from", "2024. 1. 1."),
        ("reference/title", "수원시 업무협약 관리 조례"),
        ("review_every_year", "true"),
        ("council_report/on_signing", "true"),
        ("council_report/within_days", "30"),
        ("required/lead_department", "true"),
        ("self_approval", "true"),
        ("ageing_after_months", "12"),
        ("stale_after_months", "24"),
    ];
    let text = browser.send(&path, &fields).await.expect(200).text;
    holds(
        &text,
        &[
            "아직 저장하지 않았습니다",
            "달라지는 의무",
            "점검 (점검)",
            "의회 보고 (체결)",
            "기한 지남",
            "담당 부서",
            "value=\"수원시 업무협약 관리 조례\"",
            "<button>저장</button>",
        ],
    );
    let municipality = format!("/municipalities/{}", city.id);
    let policies = || async { api.read(&municipality).await.body["policies"].clone() };
    assert_eq!(policies().await[0]["review_every_year"], false);
    let previewed = hidden(&text, "previewed");
    // What was changed since the preview is previewed again.
    let saved = [&fields[..], &[("previewed", previewed.as_str())]].concat();
    let mut other = saved.clone();
    other.retain(|(name, _)| *name != "required/lead_department");
    let text = browser.send(&path, &other).await.expect(200).text;
    holds(&text, &["아직 저장하지 않았습니다"]);
    assert_eq!(policies().await[0]["review_every_year"], false);
    let text = browser.goes_on(&path, &saved).await;
    holds(
        &text,
        &["기록했습니다.", "수원시 업무협약 관리 조례", "시행 중"],
    );
    let policy = policies().await[0].clone();
    assert_eq!(policy["valid_from"], "2024-01-01");
    assert_eq!(policy["required_at_signing"], json!(["lead_department"]));
    assert_eq!(policy["council_report"]["on_signing"], true);
    assert_eq!(policy["council_report"]["on_completion"], false);
    assert_eq!(policy["prior_consent"], json!(null));
    // As the API previews it, nothing would change any more.
    let same = json!({"policies": [policy]});
    let preview = api
        .act(&format!("{municipality}/policy-preview"), &same)
        .await;
    let preview = preview.expect(200).body;
    assert_eq!(preview["counts"], json!([]));
    assert_eq!(preview["agreement_count"], 2);
    assert_eq!(
        preview["lacking"],
        json!([{"fact": "lead_department", "agreement_count": 1}])
    );
    // And without a policy, the duties would go.
    let none = json!({"policies": []});
    let preview = api
        .act(&format!("{municipality}/policy-preview"), &none)
        .await;
    let preview = preview.expect(200).body;
    let removed = preview["duties"].as_array().unwrap();
    assert!(!removed.is_empty(), "{preview}");
    assert!(
        removed.iter().all(|one| one["change"] == "removed"),
        "{preview}"
    );
}

async fn what_is_wrong_with_a_policy_is_at_its_field(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&api).await;
    let path = format!("/office/admin/municipalities/{}/policies/new", city.id);
    let fields = [
        ("valid_from", "2026년 하반기"),
        ("reference/title", NASTY),
        ("review_interval_months", "0"),
        ("disclosure_of_end", "true"),
        ("maximum_term_months", "여러 달"),
    ];
    let text = browser.send(&path, &fields).await.expect(422).text;
    holds(
        &text,
        &[
            "f-valid_from-error1",
            "f-review_interval_months-error1",
            "f-maximum_term_months-error1",
            "value=\"여러 달\"",
        ],
    );
    lacks(&text, &["<script>alert", "name=\"previewed\""]);
    // The policy that is there is always in force.
    let overlapping = [("review_interval_months", "12")];
    let text = browser.send(&path, &overlapping).await.expect(422).text;
    holds(&text, &["f-valid_from-error1", "겹칩니다"]);
    browser
        .open(&format!(
            "/office/admin/municipalities/{}/policies/7",
            city.id
        ))
        .await
        .expect(404);
}

async fn a_policy_that_changed_meanwhile_is_not_overwritten(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&api).await;
    let path = policy_paths(&browser, &city.id).await.remove(0);
    let tag = hidden(&browser.open(&path).await.expect(200).text, "tag");
    let fields = [("tag", tag.as_str()), ("review_interval_months", "12")];
    let previewed = hidden(
        &browser.send(&path, &fields).await.expect(200).text,
        "previewed",
    );
    let municipality = format!("/municipalities/{}", city.id);
    let etag = api.read(&municipality).await.etag().to_owned();
    let website = json!({"website": "https://www.suwon.go.kr/"});
    api.update(&municipality, &etag, &website).await.expect(200);
    let saved = [&fields[..], &[("previewed", previewed.as_str())]].concat();
    let text = browser.send(&path, &saved).await.expect(412).text;
    holds(&text, &["다른 사람이", "value=\"12\""]);
}

async fn a_policy_that_is_gone_does_not_stand_for_its_neighbour(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let municipality = format!("/municipalities/{}", city.id);
    let old = json!({"valid_until": "2023-12-31", "review_interval_months": 6});
    let new = json!({"valid_from": "2024-01-01", "review_interval_months": 12});
    let record = async |policies| {
        let policies = json!({ "policies": policies });
        let recorded = api.update(&municipality, "*", &policies);
        recorded.await.expect(200).body["policies"].clone()
    };
    record(json!([old, new])).await;
    let browser = Browser::as_caller(&api).await;
    let paths = policy_paths(&browser, &city.id).await;
    let [of_old, of_new] = &paths[..] else {
        panic!("{paths:?}");
    };
    let tag = hidden(&browser.open(of_old).await.expect(200).text, "tag");
    let left = record(json!([new])).await;
    // The link to the one that is left still leads to it, and the other leads nowhere.
    let text = browser.open(of_new).await.expect(200).text;
    holds(&text, &["value=\"12\""]);
    browser.open(of_old).await.expect(404);
    let fields = [("tag", tag.as_str()), ("review_interval_months", "3")];
    let text = browser.send(of_old, &fields).await.expect(409).text;
    holds(&text, &["이 정책은 삭제되었거나", "value=\"3\""]);
    assert_eq!(api.read(&municipality).await.body["policies"], left);
    // One that was changed keeps its address: what was typed is saved once the change was seen.
    let tag = hidden(&browser.open(of_new).await.expect(200).text, "tag");
    let changed = json!({"valid_from": "2024-01-01", "review_interval_months": 24});
    record(json!([changed])).await;
    let fields = [("tag", tag.as_str()), ("review_interval_months", "36")];
    let send = async |tag: &str, previewed: &str| {
        let newer = [("tag", tag), ("previewed", previewed)];
        browser
            .send(of_new, &[&newer[..], &fields[1..]].concat())
            .await
    };
    let previewed = hidden(&send(&tag, "").await.expect(200).text, "previewed");
    send(&tag, &previewed).await.expect(412);
    let tag = hidden(&browser.open(of_new).await.expect(200).text, "tag");
    send(&tag, &previewed).await.expect(303);
}

/// Returns the id of the box with a label.
#[track_caller]
pub fn box_of(text: &str, label: &str) -> String {
    let boxes = text.split("<input type=\"checkbox\"").skip(1);
    let mut boxes = boxes.filter(|one| one.split("</label>").next().unwrap().contains(label));
    let found = boxes.next().unwrap_or_else(|| panic!("{label} in {text}"));
    let value = found.split("value=\"").nth(1).unwrap();
    value.split('"').next().unwrap().to_owned()
}

async fn an_admin_chooses_who_approves(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let other = City::new(&api, "4128000000").await;
    let staff = async |new: serde_json::Value| {
        let caller = api.caller(new).await;
        caller.read("/me").await.body["token_id"].clone()
    };
    let own = json!({"name": NASTY, "role": "approver", "municipality_ids": [city.id]});
    let own = staff(own).await;
    let all = json!({"name": "시장", "role": "approver", "all_municipalities": true});
    let all = staff(all).await;
    let old = json!({"name": "옛 시장", "role": "approver", "municipality_ids": [city.id]});
    let old = staff(old).await;
    let revoke = async |id: &serde_json::Value| {
        let path = format!("/tokens/{}/revocation", id.as_str().unwrap());
        api.act(&path, &json!({})).await;
    };
    revoke(&old).await;
    // An admin of the city alone names also those who reach further.
    let admin = json!({"name": "관리", "role": "admin", "municipality_ids": [city.id]});
    let browser = Browser::as_caller(&api.caller(admin).await).await;
    let page = format!("/office/admin/municipalities/{}", city.id);
    let path = policy_paths(&browser, &city.id).await.remove(0);
    let text = browser.open(&path).await.expect(200).text;
    holds(
        &text,
        &["시장 (승인자, 모든 지방자치단체)", "관리 (관리자)"],
    );
    lacks(
        &text,
        &[
            "옛 시장",
            "editor 4111000000",
            "approver 4128000000",
            "<script>alert",
        ],
    );
    let municipality = format!("/municipalities/{}", city.id);
    let named = async || api.read(&municipality).await.body["policies"][0]["approver_ids"].clone();
    let save = async |chosen: &[&serde_json::Value]| {
        let tag = hidden(&browser.open(&path).await.expect(200).text, "tag");
        let mut fields = vec![("tag", tag.as_str())];
        fields.extend(
            chosen
                .iter()
                .map(|id| ("approver_ids", id.as_str().unwrap())),
        );
        fields.push(("approver_ids", ""));
        let preview = browser.send(&path, &fields).await.expect(200).text;
        let previewed = hidden(&preview, "previewed");
        fields.push(("previewed", &previewed));
        (preview.clone(), browser.goes_on(&path, &fields).await)
    };
    let (preview, list) = save(&[&all, &own]).await;
    holds(
        &preview,
        &[
            "승인할 수 있는 사람: ",
            "시장 (승인자, 모든 지방자치단체)",
            "저장하기 전까지: 승인자와 관리자 모두",
        ],
    );
    holds(
        &list,
        &["승인할 수 있는 사람", "시장 (승인자, 모든 지방자치단체)"],
    );
    assert_eq!(named().await, json!([all, own]));
    // Who approves no longer stays in sight until an admin takes the name out.
    revoke(&all).await;
    let label = "시장 (승인자, 모든 지방자치단체, 취소됨)";
    holds(&browser.open(&page).await.expect(200).text, &[label]);
    let text = browser.open(&path).await.expect(200).text;
    assert_eq!(json!(box_of(&text, label)), all);
    let tag = hidden(&text, "tag");
    let other_field = [("tag", tag.as_str()), ("review_interval_months", "12")];
    let text = browser.send(&path, &other_field).await.expect(200).text;
    holds(&text, &[label]);
    lacks(&text, &["저장하기 전까지"]);
    let (_, list) = save(&[&own]).await;
    lacks(&list, &["시장 ("]);
    assert_eq!(named().await, json!([own]));
    // So does somebody whom the registry does not know here.
    let stranger = other.approver.read("/me").await.body["token_id"].clone();
    let policies = json!({"policies": [{"approver_ids": [stranger]}]});
    api.update(&municipality, "*", &policies).await.expect(200);
    let text = browser.open(&path).await.expect(200).text;
    holds(&text, &["이 지방자치단체의 토큰이 아니며"]);
    assert_eq!(json!(box_of(&text, stranger.as_str().unwrap())), stranger);
    let (_, list) = save(&[]).await;
    holds(&list, &["승인자와 관리자 모두"]);
    assert_eq!(named().await, json!(null));
}

async fn a_policy_recorded_by_mistake_is_taken_back(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let municipality = format!("/municipalities/{}", city.id);
    let both = json!({"policies": [
        {"valid_until": "2023-12-31", "self_approval": true},
        {"valid_from": "2024-01-01", "self_approval": true, "review_every_year": true}]});
    api.patch(&municipality, "*", &both).await.expect(200);
    let browser = Browser::as_caller(&api).await;
    let path = format!("{}/removal", policy_paths(&browser, &city.id).await[1]);
    let asked = browser.open(&path).await.expect(200).text;
    holds(&asked, &["정책을 지웁니까?", "2024.\u{a0}1.\u{a0}1. ~"]);
    let fields = fields_of(&asked);
    // Who looks at it only cannot, and a policy that was changed meanwhile stays.
    let editor = Browser::as_caller(&city.editor).await;
    editor.open(&path).await.expect(403);
    let renamed = json!({"website": "https://suwon.example/"});
    api.patch(&municipality, "*", &renamed).await.expect(200);
    let refused = browser.send(&path, &changed(&fields, &[])).await;
    holds(&refused.expect(412).text, &["지우지 않았습니다."]);
    let fields = fields_of(&browser.open(&path).await.expect(200).text);
    let text = browser.goes_on(&path, &changed(&fields, &[])).await;
    lacks(&text, &["2024.\u{a0}1.\u{a0}1. ~"]);
    let left = api.read(&municipality).await.body["policies"].clone();
    assert_eq!(left.as_array().unwrap().len(), 1);
    assert_eq!(left[0]["valid_until"], "2023-12-31");
    browser.open(&path).await.expect(404);
}
