//! Days on the pages of officers: records with dates that are corrected, what falls due, and what a policy
//! demands of a day of signing.

use serde_json::{Value, json};

use super::office::{Browser, changed, fields_of};
use super::{holds, lacks, page};
use crate::support::Api;
use crate::support::city::City;
use crate::support::records::{mou, signed_mou};

on_both!(new:
    a_record_with_dates_is_corrected, a_required_text_cannot_be_emptied, what_is_due_is_on_the_desk,
    a_deadline_falls_due_at_its_end, a_signing_names_what_a_policy_demands);

const REASON: (&str, &str) = ("correction_reason", "오기 정정");

async fn correct(browser: &Browser, path: &str, changes: &[(&str, &str)]) {
    let form = fields_of(&browser.open(path).await.expect(200).text);
    browser.goes_on(path, &changed(&form, changes)).await;
}

async fn a_record_with_dates_is_corrected(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.approver).await;
    let source = json!({"publisher": "수원시", "title": "보도자료",
        "published_on": {"edtf": "2022-03-15"}});
    let more = json!({"sources": [source],
        "statements": [{"speaker": "시장", "text": {"ko": "하겠다"}, "said_on": {"edtf": "2022-03"}}]});
    let new = signed_mou(&[&city.id, &city.partner], "2022-03-14", more);
    let agreement = city.approver.create("/agreements", &new).await;
    let read = format!("/agreements/{}", agreement.id());
    let path = format!("/office{read}");
    let changes = [
        ("sources/0/title", "고친 보도자료"),
        ("statements/0/party", "1"),
        REASON,
    ];
    correct(&browser, &format!("{path}/edit"), &changes).await;
    let added = [("publisher", "경향신문"), ("title", "기사"), REASON];
    correct(&browser, &format!("{path}/sources/new"), &added).await;
    let found = api.read(&read).await.body;
    assert_eq!(found["sources"][0]["title"], "고친 보도자료", "{found}");
    assert_eq!(found["sources"][0]["published_on"]["edtf"], "2022-03-15");
    assert_eq!(found["sources"][1]["publisher"], "경향신문");
    assert_eq!(found["statements"][0]["party"], 1);

    let new = json!({"municipality_id": city.id, "kind": "other", "title": {"ko": "단지"},
        "phases": [{"key": "1", "title": {"ko": "1단계"}, "period": {"edtf": "2022/2024"}}],
        "sources": [source]});
    let project = city.approver.create("/projects", &new).await;
    let read = format!("/projects/{}", project.id());
    let path = format!("/office{read}");
    correct(
        &browser,
        &format!("{path}/edit"),
        &[("phases/0/title/ko", "고침")],
    )
    .await;
    let added = [("key", "2"), ("title/ko", "2단계")];
    let form = fields_of(
        &browser
            .open(&format!("{path}/phases/new"))
            .await
            .expect(200)
            .text,
    );
    browser
        .goes_on(&format!("{path}/phases/new"), &changed(&form, &added))
        .await;
    let found = api.read(&read).await.body;
    assert_eq!(found["phases"][0]["title"]["ko"], "고침");
    assert_eq!(found["phases"][0]["period"]["edtf"], "2022/2024");
    assert_eq!(found["phases"][1]["title"]["ko"], "2단계");
}

async fn a_required_text_cannot_be_emptied(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.approver).await;
    let path = format!("/office/agreements/{}/edit", city.agreement);
    let form = fields_of(&browser.open(&path).await.expect(200).text);
    let form = changed(&form, &[("title/ko", "")]);
    let text = browser.send(&path, &form).await.expect(422).text;
    holds(&text, &["필수 항목이라 비울 수 없습니다."]);
    lacks(&text, &["객체"]);
}

/// Records an agreement with a commitment that its partner owes.
async fn owed(city: &City, text: &str, due: Value) {
    let commitment = json!({"text": {"ko": text}, "due": due, "owed_by": [city.partner]});
    let more = json!({"lead_department": "기업지원과", "commitments": [commitment]});
    let new = signed_mou(&[&city.id, &city.partner], "2022-03-14", more);
    city.approver.create("/agreements", &new).await;
}

async fn what_is_due_is_on_the_desk(api: Api) {
    let city = City::new(&api, "4111000000").await;
    owed(
        &city,
        "지난 약속",
        json!({"edtf": "../2024", "as_stated": "2024년까지"}),
    )
    .await;
    owed(&city, "가까운 약속", json!({"edtf": "2026-12-15"})).await;
    owed(&city, "먼 약속", json!({"edtf": "../2035"})).await;
    let partner = json!({"name": "기업", "role": "partner", "organization_id": city.partner});
    let partner = Browser::as_caller(&api.caller(partner).await).await;
    let officer = Browser::as_caller(&city.approver).await;
    for browser in [&officer, &partner] {
        let text = browser.open("/office").await.expect(200).text;
        holds(&text, &["지난 약속", "가까운 약속", "기한 지남"]);
        lacks(&text, &["먼 약속"]);
    }
    let of = async |department: &str| {
        let department: String =
            url::form_urlencoded::byte_serialize(department.as_bytes()).collect();
        let path = format!("/office?department={department}");
        officer.open(&path).await.expect(200).text
    };
    holds(&of("기업지원과").await, &["지난 약속"]);
    lacks(&of("관광과").await, &["지난 약속", "가까운 약속"]);
}

async fn a_deadline_falls_due_at_its_end(api: Api) {
    let city = City::new(&api, "4111000000").await;
    owed(&city, "가까운 약속", json!({"edtf": "../2026"})).await;
    owed(&city, "먼 약속", json!({"edtf": "../2035"})).await;
    for path in ["/".to_owned(), format!("/municipalities/{}", city.id)] {
        let text = page(&api, &path).await.expect(200).text;
        holds(&text, &["가까운 약속"]);
        lacks(&text, &["먼 약속"]);
    }
}

async fn a_signing_names_what_a_policy_demands(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let policy = json!({"policies": [{"self_approval": true,
        "required_at_signing": ["signatories", "documents"], "prior_consent": {"money": "consent"}}]});
    api.update(&format!("/municipalities/{}", city.id), "*", &policy)
        .await;
    let more = json!({"status": "approved", "financial_obligation": true});
    let new = mou(&[&city.id, &city.partner], more);
    let agreement = city.approver.create("/agreements", &new).await;
    let browser = Browser::as_caller(&city.approver).await;
    let path = format!("/office/agreements/{}/steps/signed", agreement.id());
    let form = fields_of(&browser.open(&path).await.expect(200).text);
    // The signature of the second party alone: that of the first is missing.
    let signed = [
        ("on", "2026-11-20"),
        ("signatures/1/signatory/name", "홍길동"),
    ];
    let text = browser.send(&path, &changed(&form, &signed)).await;
    let text = text.expect(422).text;
    holds(
        &text,
        &[
            "id=\"f-signatures-1-signatory",
            "체결 전에 다음을 요구합니다: 서명자.",
            "체결 전에 다음을 요구합니다: 문서.",
            "체결 전에 의회의 동의가 필요합니다",
        ],
    );
    lacks(&text, &["kind가", "종료일:"]);
    assert_eq!(
        text.matches("의회의 동의가 필요합니다").count(),
        1,
        "{text}"
    );
}
