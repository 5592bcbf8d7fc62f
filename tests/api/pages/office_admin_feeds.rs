//! Webhooks, calendars, holidays and the log, on pages.

use serde_json::json;

use super::office::Browser;
use super::office_admin::{hidden, secret};
use super::{NASTY, holds, lacks, whole};
use crate::support::Api;
use crate::support::city::City;
use crate::support::log::meddle;

on_both!(new:
    a_webhook_is_created_paused_and_resumed, a_webhook_sends_again_and_rotates_its_secret,
    what_is_wrong_with_a_webhook_is_at_its_field, a_calendar_is_shown_once_and_revoked,
    a_holiday_is_declared_and_withdrawn, the_log_is_filtered, the_log_is_verified);

const WEBHOOKS: &str = "/office/admin/webhooks";
const CALENDARS: &str = "/office/admin/calendars";
const HOLIDAYS: &str = "/office/admin/holidays";
const LOG: &str = "/office/admin/log";

/// Creates a webhook on the page, and returns its path there and its secret.
async fn webhook(api: &Api, browser: &Browser) -> (String, String) {
    let fields = [
        ("key", "0193-hook"),
        ("name", "협약 현황판"),
        ("url", "https://hooks.example.com/mou"),
    ];
    let path = format!("{WEBHOOKS}/new");
    let sent = browser.send(&path, &fields).await;
    let shown = secret(&sent);
    // Sent again, it leads to the webhook, and shows no secret.
    let again = browser.send(&path, &fields).await;
    assert_eq!(again.status, 303, "{}", again.text);
    let listed = api.read("/webhooks").await.body;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    let id = listed["items"][0]["id"].as_str().unwrap();
    (format!("{WEBHOOKS}/{id}"), shown)
}

async fn a_webhook_is_created_paused_and_resumed(api: Api) {
    let browser = Browser::as_caller(&api).await;
    let (page, shown) = webhook(&api, &browser).await;
    assert!(shown.starts_with("whsec_"), "{shown}");
    for path in [WEBHOOKS, &page] {
        let text = whole(browser.open(path).await, "ko");
        lacks(&text, &[shown.as_str(), "whsec_"]);
        holds(&text, &["협약 현황판", "사용 중"]);
    }
    let turn = async |act: &str| {
        let path = format!("{page}/{act}");
        let tag = hidden(&browser.open(&path).await.expect(200).text, "tag");
        browser.goes_on(&path, &[("tag", tag.as_str())]).await
    };
    holds(
        &turn("pause").await,
        &["기록했습니다.", "중지", "중지 사유", "재개"],
    );
    holds(&turn("resume").await, &["사용 중", "중지"]);
    // A form of an earlier state is refused.
    let text = browser
        .send(&format!("{page}/pause"), &[("tag", "\"1-x\"")])
        .await;
    holds(&text.expect(412).text, &["다른 사람이"]);
    let tag = hidden(
        &browser.open(&format!("{page}/edit")).await.expect(200).text,
        "tag",
    );
    let fields = [
        ("tag", tag.as_str()),
        ("name", NASTY),
        ("url", "https://hooks.example.com/mou"),
        ("daily_digest", ""),
    ];
    let text = browser.goes_on(&format!("{page}/edit"), &fields).await;
    lacks(&text, &["<script>alert"]);
    let text = browser.open(WEBHOOKS).await.expect(200).text;
    holds(&text, &["&lt;script&gt;"]);
    let tag = hidden(
        &browser
            .open(&format!("{page}/delete"))
            .await
            .expect(200)
            .text,
        "tag",
    );
    let text = browser
        .goes_on(&format!("{page}/delete"), &[("tag", tag.as_str())])
        .await;
    holds(&text, &["웹훅이 없습니다."]);
}

async fn a_webhook_sends_again_and_rotates_its_secret(api: Api) {
    let browser = Browser::as_caller(&api).await;
    let (page, first) = webhook(&api, &browser).await;
    let text = browser.goes_on(&format!("{page}/test"), &[]).await;
    holds(&text, &["webhook.test", "전송 대기", "다시 보내기"]);
    let at = text.find("/deliveries/").unwrap();
    let delivery = text[at + 12..].split('"').next().unwrap().to_owned();
    let again = format!("{page}/deliveries/{delivery}");
    holds(
        &browser.open(&again).await.expect(200).text,
        &["다시 보냅니까?", "href=\"../../../../../office"],
    );
    let text = browser.goes_on(&again, &[]).await;
    holds(&text, &["기록했습니다."]);
    let rotated = secret(&browser.send(&format!("{page}/rotate"), &[]).await);
    assert!(rotated.starts_with("whsec_") && rotated != first);
    // Nobody else sees it.
    let city = City::new(&api, "4111000000").await;
    let other = Browser::as_caller(&city.viewer).await;
    for path in ["", "/edit", "/pause", "/rotate"] {
        other.open(&format!("{page}{path}")).await.expect(404);
    }
    other.send(&format!("{page}/rotate"), &[]).await.expect(404);
    browser.open(&format!("{page}/explode")).await.expect(404);
}

async fn what_is_wrong_with_a_webhook_is_at_its_field(api: Api) {
    let browser = Browser::as_caller(&api).await;
    let new = format!("{WEBHOOKS}/new");
    let text = browser.send(&new, &[("name", "")]).await.expect(422).text;
    holds(&text, &["f-name-error1", "f-url-error1"]);
    let fields = [("name", "현황판"), ("url", "http://127.0.0.1/")];
    let text = browser.send(&new, &fields).await.expect(422).text;
    holds(&text, &["f-url-error1", "value=\"http://127.0.0.1/\""]);
    lacks(&text, &["whsec_"]);
    let listed = api.read("/webhooks").await.body;
    assert_eq!(listed["items"], json!([]));
}

async fn a_calendar_is_shown_once_and_revoked(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.viewer).await;
    let path = format!("{CALENDARS}/new");
    let wrong = [
        ("from", "2026. 12. 1."),
        ("to", "2026. 1. 1."),
        ("name", "일정"),
    ];
    let text = browser.send(&path, &wrong).await.expect(422).text;
    holds(&text, &["f-to-error1"]);
    let fields = [
        ("key", "0193-cal"),
        ("name", "수원시 일정"),
        ("municipality_id", city.id.as_str()),
        ("organization", "기업 4111000000"),
        ("from", "2021. 1. 1."),
    ];
    let address = secret(&browser.send(&path, &fields).await);
    let feed = &address[address.find("/api/v1").unwrap()..];
    let read = api.with(None).get(feed.trim_start_matches("/api/v1")).await;
    assert_eq!(read.status, 200, "{}", read.text);
    holds(&read.text, &["BEGIN:VCALENDAR"]);
    assert_eq!(browser.send(&path, &fields).await.status, 303);
    let text = browser.open(CALENDARS).await.expect(200).text;
    holds(&text, &["수원시 일정", "유효"]);
    lacks(&text, &["cal_"]);
    let one = city.viewer.read("/calendars").await.body["items"][0].clone();
    assert_eq!(one["organization_id"], city.partner.as_str());
    let revocation = format!("{CALENDARS}/{}/revocation", one["id"].as_str().unwrap());
    holds(
        &browser.open(&revocation).await.expect(200).text,
        &["수원시 일정"],
    );
    holds(&browser.goes_on(&revocation, &[]).await, &["취소됨"]);
    let read = api.with(None).get(feed.trim_start_matches("/api/v1")).await;
    assert_eq!(read.status, 404);
    // Another token's calendar is not there.
    let other = Browser::as_caller(&city.editor).await;
    other.open(&revocation).await.expect(404);
}

async fn a_holiday_is_declared_and_withdrawn(api: Api) {
    let browser = Browser::as_caller(&api).await;
    let text = browser
        .open(&format!("{HOLIDAYS}?year=2026"))
        .await
        .expect(200)
        .text;
    holds(&text, &["추석", "법정 공휴일"]);
    browser
        .open(&format!("{HOLIDAYS}?year=many"))
        .await
        .expect(200);
    let path = format!("{HOLIDAYS}/new");
    let wrong = [("day", "2027년 1월"), ("name/ko", "임시공휴일")];
    let text = browser.send(&path, &wrong).await.expect(422).text;
    holds(
        &text,
        &["f-day-error1", "f-source-error1", "value=\"2027년 1월\""],
    );
    let fields = [
        ("day", "2027. 1. 4."),
        ("name/ko", NASTY),
        ("kind", "temporary"),
        ("source", "관보 제20917호"),
    ];
    let text = browser.goes_on(&path, &fields).await;
    holds(&text, &["기록했습니다.", "&lt;script&gt;", "withdrawal"]);
    lacks(&text, &["<script>alert"]);
    let at = text.find("/withdrawal").unwrap();
    let id = text[..at].rsplit('/').next().unwrap();
    let withdrawal = format!("{HOLIDAYS}/{id}/withdrawal");
    let tag = hidden(&browser.open(&withdrawal).await.expect(200).text, "tag");
    browser.goes_on(&withdrawal, &[("tag", tag.as_str())]).await;
    let text = browser
        .open(&format!("{HOLIDAYS}?year=2027"))
        .await
        .expect(200)
        .text;
    lacks(&text, &["관보 제20917호", "withdrawal"]);
    // An admin of one city reads them, and is refused in words.
    let city = City::new(&api, "4111000000").await;
    let admin = json!({"name": "시 관리자", "role": "admin", "municipality_ids": [city.id]});
    let admin = Browser::as_caller(&api.caller(admin).await).await;
    lacks(
        &admin.open(HOLIDAYS).await.expect(200).text,
        &["holidays/new"],
    );
    let text = admin.send(&path, &fields).await.expect(403).text;
    holds(&text, &["role=\"alert\""]);
}

async fn the_log_is_filtered(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&api).await;
    let text = browser.open(LOG).await.expect(200).text;
    holds(&text, &["editor 4111000000", "토큰", "log/check"]);
    let text = browser
        .open(&format!("{LOG}?type=agreement"))
        .await
        .expect(200)
        .text;
    holds(&text, &["협약"]);
    lacks(&text, &["토큰</bdi></a>"]);
    let path = format!("{LOG}?record={}", city.agreement);
    let text = browser.open(&path).await.expect(200).text;
    let all = api.read("/changes?limit=200").await;
    let own = all.items().iter();
    let own = own.filter(|change| change["record_id"] == city.agreement);
    let (shown, own) = (text.matches("<th scope=\"row\">").count(), own.count());
    assert!(own >= 2 && shown == own, "{own}: {text}");
    let person = |name: &str| {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("person", name)
            .finish();
        format!("{LOG}?{query}")
    };
    let text = browser
        .open(&person("editor 4111000000"))
        .await
        .expect(200)
        .text;
    assert!(text.matches("<th scope=\"row\">").count() > 3, "{text}");
    for nobody in ["없는 사람", "x' OR '1'='1", NASTY] {
        let text = browser.open(&person(nobody)).await.expect(200).text;
        holds(&text, &["조건에 맞는 변경이 없습니다."]);
        lacks(&text, &["<script>alert"]);
    }
    let on = async |from: &str, to: &str| {
        let path = format!("{LOG}?from={from}&to={to}");
        let text = browser.open(&path).await.expect(200).text;
        text.matches("<th scope=\"row\">").count()
    };
    // The present of the tests is 2026-11-23 in Seoul.
    assert!(on("2026-11-23", "2026-11-23").await > 3);
    assert_eq!(on("2026-11-24", "").await, 0);
    assert_eq!(on("", "2026-11-22").await, 0);
    let text = browser
        .open(&format!("{LOG}?record=x&from=y"))
        .await
        .expect(400)
        .text;
    holds(&text, &["f-record-error1", "f-from-error1"]);
    let text = browser
        .open(&format!("{LOG}?record=x&from=2026-12-01&to=2026-01-01"))
        .await
        .expect(400)
        .text;
    holds(&text, &["f-record-error1", "f-to-error1"]);
    let text = browser
        .open(&format!("{LOG}?before=3"))
        .await
        .expect(200)
        .text;
    assert_eq!(text.matches("<th scope=\"row\">").count(), 2, "{text}");
    // Whoever works for one city sees no tokens, and no way to check the whole.
    let viewer = Browser::as_caller(&city.viewer).await;
    let text = viewer.open(LOG).await.expect(200).text;
    lacks(&text, &["log/check", "토큰</bdi></a>"]);
}

async fn the_log_is_verified(api: Api) {
    City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&api).await;
    let end = api.read("/changes/checkpoint").await.body;
    let (size, hash) = (end["size"].as_i64().unwrap(), end["hash"].as_str().unwrap());
    let text = browser.open(&format!("{LOG}/check")).await.expect(200).text;
    holds(
        &text,
        &[
            "모든 항목이 앞의 항목에 이어지고",
            hash,
            &format!("1 ~ {size}"),
            "log/checkpoint",
        ],
    );
    let file = browser.open(&format!("{LOG}/checkpoint")).await.expect(200);
    let disposition = &file.headers["content-disposition"];
    assert!(disposition.starts_with("attachment"), "{disposition}");
    assert_eq!(file.headers["cache-control"], "no-store");
    holds(&file.text, &[hash, &format!("\"size\": {size}")]);
    let part = api.read("/changes/verification?from=2&to=4").await.body;
    assert_eq!(part["broken_at"], json!(null));
    assert_eq!((&part["from"], &part["to"]), (&json!(2), &json!(4)));
    let all = api.read("/changes/verification").await.body;
    assert_eq!(all["hash"], hash);
    for wrong in [format!("from={}", size + 1), "from=4&to=2".to_owned()] {
        api.get(&format!("/changes/verification?{wrong}"))
            .await
            .expect(400);
        browser
            .open(&format!("{LOG}/check?{wrong}"))
            .await
            .expect(400);
    }
    let admin = api
        .caller(json!({"name": "시 관리자", "role": "admin", "municipality_ids": [api.find("/municipalities").await]}))
        .await;
    let admin = Browser::as_caller(&admin).await;
    admin.open(&format!("{LOG}/check")).await.expect(403);
    admin.open(&format!("{LOG}/checkpoint")).await.expect(403);
    // What somebody changed in the database is found.
    meddle(
        &api,
        "UPDATE changes SET entry = entry || ' ' WHERE seq = 3",
    );
    let part = api.read("/changes/verification?from=1").await.body;
    assert_eq!(
        (&part["broken_at"], &part["hash"]),
        (&json!(3), &json!(null))
    );
    let text = browser.open(&format!("{LOG}/check")).await.expect(200).text;
    holds(&text, &["3: 내용이 해시와 다릅니다."]);
}
