//! The administration on pages: tokens and municipalities.

use serde_json::json;

use super::office::{Browser, changed, fields_of, submit};
use super::office_policies::policy_paths;
use super::{NASTY, holds, lacks, whole};
use crate::support::city::City;
use crate::support::{Answer, Api};

on_both!(new:
    a_token_is_shown_once, what_is_wrong_with_a_token_is_at_its_field, a_token_is_revoked_once_it_is_confirmed,
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
    holds(&text, &["2027.\u{a0}12.\u{a0}31."]);
    lacks(&text, &["2028.\u{a0}1.\u{a0}1."]);
    // Who signs in with a token uses it.
    let used = |all: &serde_json::Value| -> Vec<bool> {
        let all = all["items"].as_array().unwrap().iter();
        let made = all.filter(|one| one["name"] == "새 담당자");
        made.map(|one| one["last_used_at"].is_string()).collect()
    };
    let unused = json!({"name": "새 담당자", "role": "editor", "municipality_ids": [city.id]});
    let unused = api.caller(unused).await;
    assert_eq!(used(&api.read("/tokens").await.body), [false, true]);
    Browser::as_caller(&unused).await;
    assert_eq!(used(&api.read("/tokens").await.body), [true, true]);
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
            "아직 만들지 않았습니다",
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

async fn a_municipality_gets_an_officer_and_a_report(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&api).await;
    let path = format!("/office/admin/municipalities/{}/edit", city.id);
    let form = async || fields_of(&browser.open(&path).await.expect(200).text);
    let wrong = [("website", "누리집"), ("officers/0/name", "홍길동")];
    let sent = form().await;
    let sent = browser.send(&path, &changed(&sent, &wrong)).await;
    holds(
        &sent.expect(422).text,
        &[
            "f-website-error1",
            "f-officers-0-title-ko-error1",
            "value=\"홍길동\"",
        ],
    );
    let fields = [
        ("website", "https://www.suwon.go.kr/"),
        ("officers/0/title/ko", "시장"),
        ("officers/0/name", "홍길동"),
        ("officers/0/from", "2022. 7. 1."),
        ("annual_reports/0/on", "2026. 1. 20."),
        ("annual_reports/0/session", "제300회 임시회"),
    ];
    let sent = form().await;
    let text = browser.goes_on(&path, &changed(&sent, &fields)).await;
    holds(
        &text,
        &["기록했습니다.", "홍길동", "https://www.suwon.go.kr/"],
    );
    // The next one is added to it, and what is there is corrected.
    let next = [
        ("officers/0/name", "홍길순"),
        ("officers/1/title/ko", "부시장"),
        ("officers/1/name", "임꺽정"),
    ];
    let sent = form().await;
    let text = browser.goes_on(&path, &changed(&sent, &next)).await;
    holds(&text, &["홍길순", "임꺽정"]);
    lacks(&text, &["홍길동"]);
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
