//! Agreements as officers and partners record them on pages.

use serde_json::{Value, json};

use super::office::{AGREEMENT, Browser, NEW, changed, editor_of_goyang, fields_of};
use super::{NASTY, holds, lacks};
use crate::support::city::City;
use crate::support::records::{mou, signed_mou, with};
use crate::support::{Api, CITY};

on_both!(with_demo:
    an_officer_records_an_agreement, a_draft_goes_to_its_signing, a_partner_reports_and_the_city_confirms,
    everything_wrong_is_named_at_its_field, an_organization_is_chosen_among_those_alike,
    a_form_sent_twice_records_once, slips_are_not_recorded, what_is_typed_is_escaped);
on_both!(new:
    a_change_meets_one_of_another_window, a_correction_has_a_reason, each_open_commitment_is_asked_about,
    a_signing_that_cannot_wait, a_twin_is_led_to);

async fn an_officer_records_an_agreement(api: Api) {
    let browser = Browser::as_caller(&editor_of_goyang(&api).await).await;
    let text = browser.open(NEW).await.expect(200).text;
    holds(
        &text,
        &[
            "name=\"title/ko\"",
            "value=\"고양시\"",
            "고양시 담당자",
            "로그아웃",
        ],
    );
    let text = browser.goes_on(NEW, &AGREEMENT).await;
    holds(
        &text,
        &[
            "기록했습니다.",
            "드론 산업 육성 업무협약",
            "2021.\u{a0}4.\u{a0}16.",
            "새 드론 연구원",
            "2026년 하반기",
            "고양시장",
            "출처의 표현: “<bdi>&#39;21.4.16.</bdi>”",
        ],
    );
    // Words that say no more than the date itself are not repeated.
    lacks(&text, &["“<bdi>2026년 하반기</bdi>”"]);
    let found = api.read("/agreements?q=%EB%93%9C%EB%A1%A0").await;
    let id = found.body["items"][0]["id"].as_str().unwrap().to_owned();
    let one = api.read(&format!("/agreements/{id}")).await.body;
    assert_eq!(one["signed_on"]["as_stated"], "'21.4.16.");
    assert_eq!(one["signed_on"]["edtf"], "2021-04-16");
    assert_eq!(one["auto_renews"], true);
    assert_eq!(one["renewal"]["months"], 12);
    // The empty item in between is left out, and the party of the commitment with it.
    assert_eq!(one["parties"].as_array().unwrap().len(), 2);
    assert_eq!(one["commitments"][0]["owed_by"], json!([CITY]));
    let history = api.read(&format!("/agreements/{id}/history")).await.text;
    holds(&history, &["고양시 담당자"]);
    // A report follows.
    let commitment = one["commitments"][0]["id"].as_str().unwrap();
    let path = format!("/office/agreements/{id}/commitments/{commitment}/report");
    holds(
        &browser.open(&path).await.expect(200).text,
        &["시험 비행장 제공", "이행률"],
    );
    let report = [
        ("on", "2026. 6. 30."),
        ("status", "in_progress"),
        ("percent", "40"),
        ("note/ko", "부지 선정"),
    ];
    let text = browser.goes_on(&path, &report).await;
    holds(&text, &["기록했습니다.", "추진 중", "40%", "부지 선정"]);
}

async fn a_draft_goes_to_its_signing(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.approver).await;
    let path = format!("/office/agreements/{}", city.agreement);
    let text = browser.open(&path).await.expect(200).text;
    holds(&text, &["/steps/in_review", "/edit"]);
    for to in ["in_review", "approved"] {
        let text = browser
            .goes_on(&format!("{path}/steps/{to}"), &[("on", "2026-11-01")])
            .await;
        holds(&text, &["기록했습니다."]);
    }
    let text = browser
        .open(&format!("{path}/steps/signed"))
        .await
        .expect(200)
        .text;
    holds(
        &text,
        &[
            "name=\"signatures/0/party_id\"",
            "name=\"signatures/1/signatory/name\"",
        ],
    );
    let party = text
        .split("name=\"signatures/0/party_id\" value=\"")
        .nth(1)
        .unwrap();
    let party = party.split('"').next().unwrap();
    let signing = [
        ("on", "2026. 11. 2."),
        ("signatures/0/party_id", party),
        ("signatures/0/signatory/title/ko", "수원시장"),
        ("signatures/0/signatory/name", "홍길동"),
    ];
    let text = browser
        .goes_on(&format!("{path}/steps/signed"), &signing)
        .await;
    holds(&text, &["체결", "수원시장", "홍길동"]);
    // What is not allowed now is refused in words, and the form stays.
    let refused = browser
        .send(&format!("{path}/steps/approved"), &[("on", "2026-11-03")])
        .await;
    let text = refused.expect(409).text;
    holds(
        &text,
        &[
            "role=\"alert\"",
            "아직 기록하지 않았습니다",
            "value=\"2026-11-03\"",
        ],
    );
    // An end needs the outcome of each open commitment.
    let ending = format!("{path}/steps/terminated");
    let text = browser.open(&ending).await.expect(200).text;
    if text.contains("commitments/0/commitment_id") {
        let refused = browser
            .send(&ending, &[("on", "2026-11-20"), ("reason/ko", "사업 취소")])
            .await;
        holds(
            &refused.expect(422).text,
            &["commitments/0/becomes", "사업 취소"],
        );
    }
}

async fn a_partner_reports_and_the_city_confirms(api: Api) {
    let city = City::new(&api, "4111000000").await.with_report().await;
    let partner = api
        .caller(json!({"name": "협력 기업", "role": "partner", "organization_id": city.partner}))
        .await;
    let owed = json!([{"text": {"ko": "장비 제공"}, "owed_by": [city.partner]}]);
    let new = signed_mou(
        &[&city.id, &city.partner],
        "2026-01-05",
        with(
            json!({"title": {"ko": "장비 협약"}}),
            json!({"commitments": owed}),
        ),
    );
    let one = city.approver.create("/agreements", &new).await;
    let (id, commitment) = (
        one.id().to_owned(),
        one.body["commitments"][0]["id"]
            .as_str()
            .unwrap()
            .to_owned(),
    );
    let browser = Browser::as_caller(&partner).await;
    holds(
        &browser.open("/office").await.expect(200).text,
        &["우리 기관의 협약", "장비 협약"],
    );
    let path = format!("/office/agreements/{id}");
    let text = browser.open(&path).await.expect(200).text;
    holds(&text, &["협약 사항 1 이행 보고"]);
    lacks(&text, &["/edit", "/steps/"]);
    let report = format!("{path}/commitments/{commitment}/report");
    let text = browser
        .goes_on(&report, &[("on", "2026-06-30"), ("status", "fulfilled")])
        .await;
    holds(&text, &["확인"]);
    // The city's desk shows it, and it counts once confirmed.
    let officer = Browser::as_caller(&city.editor).await;
    let desk = officer.open("/office").await.expect(200).text;
    holds(&desk, &["장비 제공"]);
    let at = desk
        .find(&format!("office/agreements/{id}/commitments/"))
        .unwrap();
    let review = format!("/{}", desk[at..].split('"').next().unwrap());
    holds(
        &officer.open(&review).await.expect(200).text,
        &[
            "이행",
            "협력기관의 보고 확인",
            "href=\"../../../../../../assets/",
        ],
    );
    let refused = officer
        .send(&review, &[("decision", "declined")])
        .await
        .expect(422)
        .text;
    holds(&refused, &["aria-invalid"]);
    let decision = [("decision", "counted"), ("text", "현장에서 확인함")];
    officer.goes_on(&review, &decision).await;
    // A report that is decided on shows the decision.
    let text = officer.open(&review).await.expect(200).text;
    holds(&text, &["결정: 반영됨", "현장에서 확인함"]);
    lacks(&text, &["name=\"decision\""]);
    let text = officer.send(&review, &decision).await.expect(409).text;
    holds(&text, &["결정: 반영됨"]);
    lacks(&text, &["name=\"decision\""]);
    let one = api.read(&format!("/agreements/{id}")).await.body;
    assert_eq!(one["commitments"][0]["status"], "fulfilled");
}

async fn everything_wrong_is_named_at_its_field(api: Api) {
    let browser = Browser::as_caller(&editor_of_goyang(&api).await).await;
    let before = api.read("/agreements?with_total=true").await.body["total"].clone();
    let wrong = [
        ("municipality", CITY),
        ("status", "signed"),
        ("kind", "mou"),
        ("title/ko", ""),
        ("signed_on", "04.05.06"),
        ("parties/0/organization", "고양시"),
        ("parties/1/organization", "아무도 모르는 곳"),
        ("sources/0/url", "누리집"),
    ];
    let answer = browser.send(NEW, &wrong).await.expect(422);
    assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
    let text = answer.text;
    holds(
        &text,
        &[
            "아직 기록하지 않았습니다",
            "value=\"아무도 모르는 곳\"",
            "value=\"누리집\"",
            "여러 가지로 읽힙니다",
        ],
    );
    for wrong in [
        "f-title-ko",
        "f-signed_on",
        "f-parties-1-organization",
        "f-sources-0-url",
    ] {
        let field = text.split(&format!("id=\"{wrong}\"")).nth(1).unwrap();
        let field = field.split('>').next().unwrap();
        holds(
            field,
            &["aria-invalid=\"true\"", &format!("{wrong}-error1")],
        );
        holds(&text, &[&format!("href=\"#{wrong}\"")]);
    }
    assert_eq!(text.matches(" autofocus").count(), 1);
    assert_eq!(
        api.read("/agreements?with_total=true").await.body["total"],
        before
    );
    // One more item is offered without a word of reproof.
    let more = [&wrong[..], &[("more", "parties")]].concat();
    let text = browser.send(NEW, &more).await.expect(200).text;
    holds(
        &text,
        &["name=\"parties/2/organization\"", "value=\"누리집\""],
    );
    lacks(&text, &["aria-invalid", "role=\"alert\""]);
}

async fn slips_are_not_recorded(api: Api) {
    let browser = Browser::as_caller(&editor_of_goyang(&api).await).await;
    let without = |name: &str| {
        let mut fields = AGREEMENT.to_vec();
        fields.retain(|(known, _)| *known != name);
        fields
    };
    // What looks like a date and is none.
    let slip = [("signed_on", "2021. 4. 32.")];
    let fields = [&without("signed_on")[..], &slip].concat();
    let text = browser.send(NEW, &fields).await.expect(422).text;
    holds(
        &text,
        &[
            "달력에 없는 날입니다",
            "f-signed_on-error1",
            "value=\"2021. 4. 32.\"",
        ],
    );
    lacks(&text, &["적힌 글만 남깁니다"]);
    // Parties can be chosen before they are named. One that stays without a name is not the next one.
    let text = browser.open(NEW).await.expect(200).text;
    holds(&text, &["1. 고양시", "2. 위의 당사자"]);
    let chosen = [("commitments/0/owed_by", "1")];
    let fields = [&without("commitments/0/owed_by")[..], &chosen].concat();
    browser.goes_on(NEW, &fields).await;
    let found = api.read("/agreements?q=%EB%93%9C%EB%A1%A0").await;
    let id = found.body["items"][0]["id"].as_str().unwrap().to_owned();
    let one = api.read(&format!("/agreements/{id}")).await.body;
    assert_eq!(one["commitments"][0]["owed_by"], json!([]));
}

async fn an_organization_is_chosen_among_those_alike(api: Api) {
    let browser = Browser::as_caller(&editor_of_goyang(&api).await).await;
    let known = api
        .create(
            "/organizations",
            &json!({"kind": "company", "name": {"ko": "하나로봇"}}),
        )
        .await;
    let mut fields = AGREEMENT.to_vec();
    fields.retain(|(name, _)| !name.starts_with("parties/2"));
    let base = fields.clone();
    fields.extend([
        ("parties/1/organization", "(주)하나로봇"),
        ("parties/1/organization/kind", "hospital"),
    ]);
    let text = browser.send(NEW, &fields).await.expect(422).text;
    holds(&text, &["어느 기관입니까?", known.id(), "value=\"anew\""]);
    // The choice holds for the name for which it was made.
    let chosen = [
        ("parties/1/organization", "(주)하나로봇"),
        ("parties/1/organization/for", "(주)하나로봇"),
        ("parties/1/organization/choice", known.id()),
    ];
    let text = browser.goes_on(NEW, &[&base[..], &chosen].concat()).await;
    holds(&text, &["하나로봇"]);
    let found = api.read("/agreements?q=%EB%93%9C%EB%A1%A0").await.body;
    let names: Vec<&Value> = found["items"][0]["parties"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    assert!(
        names
            .iter()
            .any(|party| party["organization"]["id"] == known.id()),
        "{found}"
    );
}

async fn a_form_sent_twice_records_once(api: Api) {
    let browser = Browser::as_caller(&editor_of_goyang(&api).await).await;
    let before = api.read("/agreements?with_total=true").await.body["total"].as_i64();
    let fields = [&AGREEMENT[..], &[("key", "0193-abc")]].concat();
    let first = browser.send(NEW, &fields).await.expect(303);
    let second = browser.send(NEW, &fields).await.expect(303);
    assert_eq!(first.headers["location"], second.headers["location"]);
    let after = api.read("/agreements?with_total=true").await.body["total"].as_i64();
    assert_eq!(after, before.map(|count| count + 1));
    // Another content with the same key is shown again and not lost.
    let other = [&fields[..], &[("venue/ko", "시청")]].concat();
    let text = browser.send(NEW, &other).await.expect(422).text;
    holds(&text, &["이미 보냈습니다", "value=\"시청\""]);
}

async fn a_change_meets_one_of_another_window(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let path = format!("/office/agreements/{}/edit", city.agreement);
    let tag_of = |text: &str| {
        let tag = text.split("name=\"tag\" value=\"").nth(1).unwrap();
        tag.split("\">")
            .next()
            .unwrap()
            .replace("&#34;", "\"")
            .replace("&quot;", "\"")
    };
    let opened = browser.open(&path).await.expect(200).text;
    let title = opened.split("name=\"title/ko\" value=\"").nth(1).unwrap();
    let title = title.split('"').next().unwrap().to_owned();
    let fields = |tag: &str, venue: &str| {
        [
            ("tag", tag),
            ("title/ko", title.as_str()),
            ("venue/ko", venue),
        ]
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
    };
    let send = async |fields: [(String, String); 3]| {
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        browser.send(&path, &fields).await
    };
    let tag = tag_of(&opened);
    send(fields(&tag, "시청 본관")).await.expect(303);
    let refused = send(fields(&tag, "시청 별관")).await.expect(412).text;
    holds(&refused, &["다른 사람이", "value=\"시청 별관\""]);
    // Sent again from the page that said so, it is the last word.
    send(fields(&tag_of(&refused), "시청 별관"))
        .await
        .expect(303);
    let one = city
        .editor
        .read(&format!("/agreements/{}", city.agreement))
        .await
        .body;
    assert_eq!(one["venue"]["ko"], "시청 별관");
    // What was not touched stays as it was stated; what is emptied is unknown again.
    let opened = browser.open(&path).await.expect(200).text;
    send(fields(&tag_of(&opened), "")).await.expect(303);
    let one = city
        .editor
        .read(&format!("/agreements/{}", city.agreement))
        .await
        .body;
    assert_eq!(one["venue"], Value::Null);
    assert_eq!(one["title"]["ko"], title);
}

async fn a_correction_has_a_reason(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let new = signed_mou(&[&city.id, &city.partner], "2026-01-05", json!({}));
    let one = city.approver.create("/agreements", &new).await;
    let browser = Browser::as_caller(&city.approver).await;
    let path = format!("/office/agreements/{}/edit", one.id());
    let opened = browser.open(&path).await.expect(200).text;
    let tag = opened
        .split("name=\"tag\" value=\"")
        .nth(1)
        .unwrap()
        .split("\">")
        .next()
        .unwrap();
    let tag = tag.replace("&#34;", "\"").replace("&quot;", "\"");
    let fields = [("tag", tag.as_str()), ("venue/ko", "시청")];
    let refused = browser.send(&path, &fields).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    holds(
        &refused.text,
        &["value=\"시청\"", "f-correction_reason-error1"],
    );
    let reason = [&fields[..], &[("correction_reason", "장소 누락")]].concat();
    holds(
        &browser.goes_on(&path, &reason).await,
        &["체결 후 정정", "장소 누락", "시청"],
    );
}

async fn what_is_typed_is_escaped(api: Api) {
    let browser = Browser::as_caller(&editor_of_goyang(&api).await).await;
    let long = "가".repeat(2_000);
    let fields = [
        ("municipality", CITY),
        ("title/ko", NASTY),
        ("venue/ko", long.as_str()),
        ("purpose/ko", "</textarea><script>x</script>"),
        ("kind", "\"><script>"),
        ("parties/0/organization", NASTY),
        ("parties/0/organization/choice", "\"><script>"),
        ("more\"><script>", "x"),
    ];
    let text = browser.send(NEW, &fields).await.expect(422).text;
    lacks(&text, &["<script>alert", "<script>x", "\"><script>"]);
    holds(&text, &[&long]);
}

/// An end names each commitment without an outcome at its place.
async fn each_open_commitment_is_asked_about(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let more =
        json!({"commitments": [{"text": {"ko": "첫째 약속"}}, {"text": {"ko": "둘째 약속"}}]});
    let new = signed_mou(&[&city.id, &city.partner], "2024-01-05", more);
    let made = city.approver.create("/agreements", &new).await;
    let browser = Browser::as_caller(&city.approver).await;
    let path = format!("/office/agreements/{}/steps/terminated", made.id());
    let form = browser.open(&path).await.expect(200).text;
    holds(&form, &["selected>아직 기록하지 않음</option>"]);
    let opened = fields_of(&form);
    let none = changed(&opened, &[("on", "2026-11-20")]);
    let text = browser.send(&path, &none).await.expect(422).text;
    holds(
        &text,
        &[
            "f-commitments-0-becomes-error1",
            "f-commitments-1-becomes-error1",
            "f-reason-ko-error1",
            "첫째 약속",
            "둘째 약속",
        ],
    );
    lacks(&text, &["becomes-error2"]);
    let one = [
        ("commitments/0/becomes", "fulfilled"),
        ("reason/ko", "사업 취소"),
    ];
    let text = browser.send(&path, &changed(&owned(&none), &one)).await;
    let text = text.expect(422).text;
    holds(&text, &["f-commitments-1-becomes-error1"]);
    lacks(&text, &["f-commitments-0-becomes-error1"]);
    let both = [&one[..], &[("commitments/1/becomes", "dropped")]].concat();
    browser.goes_on(&path, &changed(&owned(&none), &both)).await;
    let after = api.read(&format!("/agreements/{}", made.id())).await.body;
    assert_eq!(after["status"], "terminated");
}

/// Fields that own their texts.
fn owned(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let all = fields.iter();
    all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

async fn a_signing_that_cannot_wait(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let policy = json!({"self_approval": true, "prior_consent": {"money": "report"}});
    api.update(
        &format!("/municipalities/{}", city.id),
        "*",
        &json!({"policies": [policy]}),
    )
    .await;
    let more = json!({"status": "approved", "financial_obligation": true});
    let draft = mou(&[&city.id, &city.partner], more);
    let draft = city.approver.create("/agreements", &draft).await;
    let browser = Browser::as_caller(&city.approver).await;
    let path = format!("/office/agreements/{}/steps/signed", draft.id());
    holds(
        &browser.open(&path).await.expect(200).text,
        &["name=\"urgent/reason/ko\"", "긴급한 사유"],
    );
    let signing = [("on", "2026. 11. 20.")];
    let refused = browser.send(&path, &signing).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    let urgent = [signing[0], ("urgent/reason/ko", "국비 공모 마감")];
    browser.goes_on(&path, &urgent).await;
    let one = api.read(&format!("/agreements/{}", draft.id())).await.body;
    let last = one["transitions"].as_array().unwrap().last().unwrap();
    assert_eq!(last["urgent"]["reason"]["ko"], "국비 공모 마감");
    // So is one that is recorded as signed on the day.
    let new = [
        ("municipality", city.id.as_str()),
        ("status", "signed"),
        ("kind", "mou"),
        ("title/ko", "급한 협약"),
        ("signed_on", "2026. 11. 23."),
        ("financial_obligation", "true"),
        ("parties/0/organization", "수원시"),
        ("parties/0/role", "lead"),
        ("parties/1/organization", "급한 회사"),
        ("parties/1/organization/kind", "company"),
        ("parties/1/role", "partner"),
    ];
    let refused = browser.send(NEW, &new).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    let urgent = [&new[..], &[("urgent/reason/ko", "국비 공모 마감")]].concat();
    let text = browser.goes_on(NEW, &urgent).await;
    holds(&text, &["급한 협약"]);
    let all = api.read("/agreements?q=%EA%B8%89%ED%95%9C").await.body;
    let id = all["items"][0]["id"].as_str().unwrap();
    let one = api.read(&format!("/agreements/{id}")).await.body;
    let step = &one["transitions"][0];
    assert_eq!(
        (&step["to"], &step["on"]["edtf"]),
        (&json!("signed"), &json!("2026-11-23"))
    );
    assert_eq!(step["urgent"]["reason"]["ko"], "국비 공모 마감");
    let mut draft = urgent.clone();
    draft[1].1 = "draft";
    let refused = browser.send(NEW, &draft).await.expect(422).text;
    holds(&refused, &["f-urgent-reason-ko-error1"]);
}

/// The warning of an agreement that is perhaps recorded twice leads to the other.
async fn a_twin_is_led_to(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let new = signed_mou(
        &[&city.id, &city.partner],
        "2024-01-05",
        json!({"title": {"ko": "쌍둥이 협약"}}),
    );
    let one = city.approver.create("/agreements", &new).await;
    let two = city.approver.create("/agreements", &new).await;
    let browser = Browser::as_caller(&city.approver).await;
    let text = browser
        .open(&format!("/office/agreements/{}", two.id()))
        .await;
    let text = text.expect(200).text;
    holds(
        &text,
        &[
            "<li>제목, 체결일, 당사자가 같은 협약이 이미 있습니다. 두 번 등록하지 않았는지 확인하십시오.",
            &format!(
                "office/agreements/{}\"><bdi>쌍둥이 협약</bdi></a></li>",
                one.id()
            ),
        ],
    );
    lacks(&text, &["제목: 제목"]);
}
