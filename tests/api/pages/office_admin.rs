//! The administration on pages: tokens, municipalities and policies.

use serde_json::json;

use super::office::{Browser, submit};
use super::{NASTY, holds, lacks, whole};
use crate::support::city::City;
use crate::support::records::signed_mou;
use crate::support::{Answer, Api};

on_both!(new:
    a_token_is_shown_once, what_is_wrong_with_a_token_is_at_its_field, a_token_is_revoked_once_it_is_confirmed,
    a_policy_shows_what_it_would_demand_before_it_is_saved, what_is_wrong_with_a_policy_is_at_its_field,
    a_policy_that_changed_meanwhile_is_not_overwritten, a_policy_that_is_gone_does_not_stand_for_its_neighbour,
    a_municipality_gets_an_officer_and_a_report,
    each_role_sees_its_own_parts, names_are_escaped_everywhere, pages_are_whole_in_both_languages);

pub const TOKENS: &str = "/office/admin/tokens";

/// Returns the value of a hidden field of a page.
#[track_caller]
pub fn hidden(text: &str, name: &str) -> String {
    let at = format!("name=\"{name}\" value=\"");
    let rest = text
        .split(&at)
        .nth(1)
        .unwrap_or_else(|| panic!("{name} in {text}"));
    let value = rest.split("\">").next().unwrap();
    value.replace("&#34;", "\"").replace("&quot;", "\"")
}

/// Returns the paths of the forms of a municipality's policies.
async fn policy_paths(browser: &Browser, municipality: &str) -> Vec<String> {
    let page = format!("/office/admin/municipalities/{municipality}");
    let text = browser.open(&page).await.expect(200).text;
    let links = text.split("/policies/").skip(1);
    let keys = links.map(|rest| rest.split(['"', '?']).next().unwrap());
    let keys = keys.filter(|key| *key != "new");
    keys.map(|key| format!("{page}/policies/{key}")).collect()
}

/// Returns the secret that a page shows.
#[track_caller]
pub fn secret(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.headers["cache-control"], "no-store");
    holds(&answer.text, &["readonly", "다시 볼 수 없습니다"]);
    let shown = answer.text.split("id=\"secret\" value=\"").nth(1).unwrap();
    shown.split('"').next().unwrap().to_owned()
}

async fn a_token_is_shown_once(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&api).await;
    let text = browser
        .open(&format!("{TOKENS}/new"))
        .await
        .expect(200)
        .text;
    holds(&text, &["value=\"all\"", &city.id, "name=\"key\""]);
    let key = hidden(&text, "key");
    let fields = [
        ("key", key.as_str()),
        ("name", "새 담당자"),
        ("role", "editor"),
        ("municipality_ids/0", city.id.as_str()),
        ("expires_at", "2027. 12. 31."),
    ];
    let sent = browser.send(&format!("{TOKENS}/new"), &fields).await;
    let token = secret(&sent);
    assert!(token.starts_with("mou_"), "{token}");
    let me = api.with(Some(&token)).read("/me").await.body;
    assert_eq!(me["name"], "새 담당자");
    assert_eq!(me["municipalities"][0]["id"], city.id.as_str());
    // Sent again, as by a reload, the form creates nothing and shows nothing.
    let again = browser.send(&format!("{TOKENS}/new"), &fields).await;
    assert_eq!(again.status, 303, "{}", again.text);
    lacks(&again.text, &["mou_"]);
    let text = browser.open(TOKENS).await.expect(200).text;
    lacks(&text, &[token.as_str()]);
    assert_eq!(text.matches("새 담당자").count(), 1, "{text}");
    let listed = api.read("/tokens").await.body;
    let made = listed["items"].as_array().unwrap().iter();
    let made = made.filter(|one| one["name"] == "새 담당자");
    let ends: Vec<_> = made.map(|one| one["expires_at"].clone()).collect();
    assert_eq!(ends, ["2027-12-31T15:00:00.000000Z"]);
}

async fn what_is_wrong_with_a_token_is_at_its_field(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&api).await;
    let before = api.read("/tokens?with_total=true").await.body["total"].clone();
    let fields = [
        ("role", "partner"),
        ("municipality_ids/0", city.id.as_str()),
        ("organization", "아무도 모르는 곳"),
        ("expires_at", "2020. 1. 1."),
    ];
    let text = browser
        .send(&format!("{TOKENS}/new"), &fields)
        .await
        .expect(422)
        .text;
    holds(
        &text,
        &[
            "f-name-error1",
            "f-organization-error1",
            "value=\"아무도 모르는 곳\"",
            "아직 기록하지 않았습니다",
        ],
    );
    let expired = [
        ("name", "담당자"),
        ("role", "viewer"),
        ("municipality_ids/0", city.id.as_str()),
        ("expires_at", "2020. 1. 1."),
    ];
    let text = browser
        .send(&format!("{TOKENS}/new"), &expired)
        .await
        .expect(422)
        .text;
    holds(&text, &["f-expires_at-error1"]);
    let nowhere = [("name", "담당자"), ("role", "viewer")];
    let text = browser
        .send(&format!("{TOKENS}/new"), &nowhere)
        .await
        .expect(422)
        .text;
    holds(&text, &["f-municipality_ids-0-error1"]);
    // Of several organizations that are alike, one is chosen; no new one is offered.
    let partner = [
        ("name", "협력 기업"),
        ("role", "partner"),
        ("organization", "기업 4111000000"),
    ];
    let sent = browser.send(&format!("{TOKENS}/new"), &partner).await;
    let me = api.with(Some(&secret(&sent))).read("/me").await.body;
    assert_eq!(me["organization"]["id"], city.partner.as_str());
    let after = api.read("/tokens?with_total=true").await.body["total"].as_i64();
    assert_eq!(after, before.as_i64().map(|count| count + 1));
}

async fn a_token_is_revoked_once_it_is_confirmed(api: Api) {
    let new = json!({"name": "떠난 담당자", "role": "viewer", "all_municipalities": true});
    let created = api.create("/tokens", &new).await;
    let token = created.body["token"].as_str().unwrap().to_owned();
    let path = format!("{TOKENS}/{}/revocation", created.id());
    let browser = Browser::as_caller(&api).await;
    let text = browser.open(&path).await.expect(200).text;
    holds(&text, &["떠난 담당자", "토큰을 취소합니까?"]);
    api.with(Some(&token)).read("/me").await;
    let text = browser.goes_on(&path, &[]).await;
    holds(&text, &["기록했습니다.", "취소됨"]);
    assert_eq!(api.with(Some(&token)).get("/me").await.status, 401);
    // It is done once.
    let text = browser.open(&path).await.expect(200).text;
    lacks(&text, &["<p class=\"send\">"]);
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
            "주관 부서",
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
    holds(&text, &["이 정책은 지워졌거나", "value=\"3\""]);
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

async fn a_municipality_gets_an_officer_and_a_report(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&api).await;
    let path = format!("/office/admin/municipalities/{}/edit", city.id);
    let tag = hidden(&browser.open(&path).await.expect(200).text, "tag");
    let wrong = [
        ("tag", tag.as_str()),
        ("website", "누리집"),
        ("officer/name", "홍길동"),
    ];
    let text = browser.send(&path, &wrong).await.expect(422).text;
    holds(
        &text,
        &[
            "f-website-error1",
            "f-officer-title-ko-error1",
            "value=\"홍길동\"",
        ],
    );
    let fields = [
        ("tag", tag.as_str()),
        ("website", "https://www.suwon.go.kr/"),
        ("officer/title/ko", "시장"),
        ("officer/name", "홍길동"),
        ("officer/from", "2022. 7. 1."),
        ("report/on", "2026. 1. 20."),
        ("report/session", "제300회 임시회"),
    ];
    let text = browser.goes_on(&path, &fields).await;
    holds(
        &text,
        &["기록했습니다.", "홍길동", "https://www.suwon.go.kr/"],
    );
    // The next one is added to it.
    let tag = hidden(&browser.open(&path).await.expect(200).text, "tag");
    let next = [
        ("tag", tag.as_str()),
        ("website", "https://www.suwon.go.kr/"),
        ("officer/title/ko", "부시장"),
        ("officer/name", "임꺽정"),
    ];
    holds(&browser.goes_on(&path, &next).await, &["홍길동", "임꺽정"]);
    let one = api.read(&format!("/municipalities/{}", city.id)).await.body;
    assert_eq!(one["officers"].as_array().unwrap().len(), 2);
    assert_eq!(one["annual_reports"][0]["session"], "제300회 임시회");
}

async fn each_role_sees_its_own_parts(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let other = City::new(&api, "4113000000").await;
    let own = [
        (&city.editor, vec!["admin/merges", "admin/log"]),
        (&city.viewer, vec!["admin/webhooks", "admin/calendars"]),
    ];
    for (caller, parts) in own {
        let browser = Browser::as_caller(caller).await;
        for page in ["/office", "/office/admin"] {
            let text = browser.open(page).await.expect(200).text;
            holds(&text, &parts);
            lacks(&text, &["admin/tokens", "admin/municipalities"]);
        }
        for page in [
            TOKENS,
            "/office/admin/tokens/new",
            "/office/admin/municipalities",
            "/office/admin/holidays/new",
            "/office/admin/log/check",
            "/office/admin/log/checkpoint",
        ] {
            let text = browser.open(page).await.expect(403).text;
            holds(&text, &["역할"]);
            lacks(&text, &["editor 4111000000"]);
        }
        let fields = [
            ("name", "x"),
            ("role", "admin"),
            ("municipality_ids/0", "all"),
        ];
        let text = browser
            .send(&format!("{TOKENS}/new"), &fields)
            .await
            .expect(403)
            .text;
        lacks(&text, &["mou_"]);
    }
    // An admin of one city manages what is its own.
    let admin = api
        .caller(json!({"name": "시 관리자", "role": "admin", "municipality_ids": [city.id]}))
        .await;
    let browser = Browser::as_caller(&admin).await;
    let text = browser.open(TOKENS).await.expect(200).text;
    holds(&text, &["editor 4111000000"]);
    lacks(&text, &["editor 4113000000"]);
    let text = browser
        .open("/office/admin/tokens/new")
        .await
        .expect(200)
        .text;
    holds(&text, &[&city.id]);
    lacks(&text, &["value=\"all\"", &other.id]);
    let page = format!("/office/admin/municipalities/{}", other.id);
    for path in ["", "/edit", "/policies/0"] {
        browser.open(&format!("{page}{path}")).await.expect(403);
    }
    // Without a session, nothing is there.
    let signed_out = submit(&api.with(None), None, &format!("{TOKENS}/new"), &[]).await;
    signed_out.expect(401);
}

async fn names_are_escaped_everywhere(api: Api) {
    let browser = Browser::as_caller(&api).await;
    let new = json!({"name": NASTY, "role": "viewer", "all_municipalities": true});
    let created = api.create("/tokens", &new).await;
    let revocation = format!("{TOKENS}/{}/revocation", created.id());
    for page in [TOKENS, &revocation, "/office/admin/log"] {
        let text = whole(browser.open(page).await, "ko");
        lacks(&text, &["<script>alert"]);
    }
    holds(&browser.open(TOKENS).await.text, &["&lt;script&gt;"]);
    let fields = [
        ("name", NASTY),
        ("role", "\"><script>"),
        ("municipality_ids/0", "\"><script>"),
        ("organization", NASTY),
    ];
    let text = browser
        .send(&format!("{TOKENS}/new"), &fields)
        .await
        .expect(422)
        .text;
    lacks(&text, &["<script>alert", "\"><script>"]);
}

async fn pages_are_whole_in_both_languages(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&api).await;
    let municipality = format!("/office/admin/municipalities/{}", city.id);
    let policy = policy_paths(&browser, &city.id).await.remove(0);
    let pages = [
        "/office/admin".to_owned(),
        TOKENS.to_owned(),
        format!("{TOKENS}/new"),
        "/office/admin/municipalities".to_owned(),
        municipality.clone(),
        format!("{municipality}/edit"),
        policy,
        "/office/admin/merges".to_owned(),
        "/office/admin/webhooks".to_owned(),
        "/office/admin/webhooks/new".to_owned(),
        "/office/admin/calendars".to_owned(),
        "/office/admin/calendars/new".to_owned(),
        "/office/admin/holidays".to_owned(),
        "/office/admin/holidays/new".to_owned(),
        "/office/admin/log".to_owned(),
        "/office/admin/log/check".to_owned(),
        format!("/office/agreements/{}/acts/council-actions", city.agreement),
        format!("/office/agreements/{}/acts/reviews", city.agreement),
    ];
    for page in pages {
        let text = whole(browser.open(&page).await, "ko");
        holds(&text, &["aria-current=\"page\"", "관리"]);
        let answer = browser.open(&format!("{page}?lang=en")).await;
        assert_eq!(answer.headers["cache-control"], "no-store", "{page}");
        let text = whole(answer, "en");
        holds(&text, &["Administration"]);
        // No head of a table is empty, and every field has its label.
        lacks(&text, &["<th scope=\"col\"></th>", "<label for=\"\""]);
        for input in text.split("<input id=\"").skip(1) {
            let id = input.split('"').next().unwrap();
            holds(&text, &[&format!("for=\"{id}\"")]);
        }
    }
}
