//! What officers correct on pages: content, parts, days of steps and organizations, also when somebody else
//! has changed the record meanwhile.

use serde_json::{Value, json};

use super::office::{Browser, NEW, changed, fields_of};
use super::{holds, lacks};
use crate::support::Api;
use crate::support::city::City;
use crate::support::records::{signed_mou, with};

on_both!(new:
    a_correction_replaces_the_whole_value, a_form_sent_again_keeps_what_others_changed,
    parts_are_corrected_with_a_reason, a_part_recorded_by_mistake_is_removed,
    the_day_of_a_step_is_corrected, an_organization_is_corrected, a_report_is_retracted,
    a_whole_record_is_typed, dates_hang_on_milestones,
    forms_say_what_is_typed, nobody_of_another_city_corrects, a_form_says_what_is_held);

pub async fn one(api: &Api, id: &str) -> Value {
    api.read(&format!("/agreements/{id}")).await.body
}

/// Opens a form, changes some of its fields, and sends it.
pub async fn correct(browser: &Browser, path: &str, changes: &[(&str, &str)]) -> String {
    let form = fields_of(&browser.open(path).await.expect(200).text);
    browser.goes_on(path, &changed(&form, changes)).await
}

const REASON: (&str, &str) = ("correction_reason", "오기 정정");

async fn a_correction_replaces_the_whole_value(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let more = json!({"effective_until": {"edtf": "2025-03-13"},
        "cost": {"amount": 400_000_000, "currency": "KRW"}});
    let new = signed_mou(&[&city.id, &city.partner], "2022-03-14", more);
    let id = city.approver.create("/agreements", &new).await;
    let id = id.id().to_owned();
    let browser = Browser::as_caller(&city.approver).await;
    let path = format!("/office/agreements/{id}/edit");
    let text = browser.open(&path).await.expect(200).text;
    holds(
        &text,
        &["name=\"effective_until\" value=\"2025-03-13까지\""],
    );
    let words = [("effective_until", "무기한"), ("cost", "추후 협의"), REASON];
    correct(&browser, &path, &words).await;
    let found = one(&api, &id).await;
    for (member, figure) in [("effective_until", "edtf"), ("cost", "amount")] {
        assert_eq!(found[member][figure], Value::Null, "{found}");
    }
    assert_eq!(found["effective_until"]["as_stated"], "무기한");
    for (typed, renews, years) in [
        (
            "체결일로부터 3년, 이의 없으면 1년씩 자동 연장",
            json!(true),
            3,
        ),
        ("체결일로부터 2년", json!(null), 2),
    ] {
        correct(&browser, &path, &[("effective_until", typed), REASON]).await;
        let found = one(&api, &id).await;
        assert_eq!(found["auto_renews"], renews, "{typed}");
        assert_eq!(found["renewal"].is_null(), renews.is_null(), "{typed}");
        assert_eq!(found["effective_until"]["relative_to"]["years"], years);
        let text = browser.open(&path).await.expect(200).text;
        holds(&text, &[&format!("value=\"{typed}\"")]);
    }
    for (typed, amount, low) in [
        ("약 3억원", json!(300_000_000), json!(null)),
        ("3억~5억원", json!(null), json!(300_000_000)),
        ("4억원", json!(400_000_000), json!(null)),
    ] {
        let changes = [
            ("cost", typed),
            ("effective_until", "2025. 3. 13.까지"),
            REASON,
        ];
        correct(&browser, &path, &changes).await;
        let found = one(&api, &id).await;
        assert_eq!(found["cost"]["amount"], amount, "{typed}");
        assert_eq!(found["cost"]["min_amount"], low, "{typed}");
        assert_eq!(found["effective_until"].get("relative_to"), None);
    }
    correct(&browser, &path, &[("effective_until", ""), REASON]).await;
    let found = one(&api, &id).await;
    assert_eq!(found["effective_until"], Value::Null);
    // A share can be typed with its sign, and the amounts of projects are corrected alike.
    let project = json!({"municipality_id": city.id, "kind": "other", "title": {"ko": "사업"},
        "budget": {"amount": 1, "currency": "KRW"}, "area": {"square_metres": 5}});
    let project = city.editor.create("/projects", &project).await;
    let path = format!("/office/projects/{}/edit", project.id());
    correct(&browser, &path, &[("budget", "비예산"), ("area", "미정")]).await;
    let found = api.read(&format!("/projects/{}", project.id())).await.body;
    assert_eq!(found["budget"]["amount"], Value::Null);
    assert_eq!(found["area"]["square_metres"], Value::Null);
}

async fn a_form_sent_again_keeps_what_others_changed(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let path = format!("/office/agreements/{}/edit", city.agreement);
    let form = fields_of(&browser.open(&path).await.expect(200).text);
    let record = format!("/agreements/{}", city.agreement);
    let theirs = json!({"venue": {"ko": "킨텍스"}, "reference_number": "B-1",
        "sources": [{"publisher": "시보", "title": "협약"}]});
    city.editor.patch(&record, "*", &theirs).await.expect(200);
    let typed = [("lead_department", "전략과"), ("reference_number", "A-1")];
    let stale = browser.send(&path, &changed(&form, &typed)).await;
    let stale = stale.expect(412).text;
    holds(
        &stale,
        &[
            "f-venue-ko-error1",
            "f-reference_number-error1",
            "지금 기록된 값: ‘B-1’",
            "value=\"킨텍스\"",
            "value=\"A-1\"",
            "value=\"시보\"",
            "바뀐 내용을 확인한 뒤",
        ],
    );
    lacks(&stale, &["f-lead_department-error1"]);
    let again = fields_of(&stale);
    browser.goes_on(&path, &changed(&again, &[])).await;
    let found = one(&city.editor, &city.agreement).await;
    assert_eq!(found["venue"]["ko"], "킨텍스");
    assert_eq!(found["lead_department"], "전략과");
    assert_eq!(found["reference_number"], "A-1");
    assert_eq!(found["sources"][0]["publisher"], "시보");
}

async fn parts_are_corrected_with_a_reason(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let more = json!({"commitments": [{"text": {"ko": "장비 제공"}, "due": {"edtf": "2027"}}],
        "documents": [{"title": {"ko": "협약서"}, "file_number": "1"}],
        "sources": [{"publisher": "시보", "title": "협약"}]});
    let new = signed_mou(&[&city.id, &city.partner], "2026-01-05", more);
    let new = city.approver.create("/agreements", &new).await.body;
    let id = new["id"].as_str().unwrap();
    let browser = Browser::as_caller(&city.approver).await;
    let own = format!("/office/agreements/{id}");
    holds(&browser.open(&own).await.expect(200).text, &["/parts\""]);
    let list = browser.open(&format!("{own}/parts")).await.expect(200).text;
    let part = |name: &str, place: usize| {
        let id = new[name][place]["id"].as_str().unwrap();
        let path = format!("{own}/{name}/{id}");
        assert!(
            list.contains(path.trim_start_matches("/office")),
            "{path}: {list}"
        );
        path
    };
    let party = part("parties", 1);
    let form = fields_of(&browser.open(&party).await.expect(200).text);
    let partner = "기업 4111000000".to_owned();
    assert!(
        form.contains(&("organization".to_owned(), partner)),
        "{form:?}"
    );
    let changes = [
        ("role", "funder"),
        ("signatory/title/ko", "대표"),
        ("until", "2026. 6. 1."),
    ];
    let refused = browser.send(&party, &changed(&form, &changes)).await;
    holds(&refused.expect(400).text, &["f-correction_reason-error1"]);
    let text = correct(&browser, &party, &[&changes[..], &[REASON]].concat()).await;
    holds(&text, &["기록했습니다.", "오기 정정"]);
    let commitment = part("commitments", 0);
    let changes = [
        ("text/ko", "장비 대여"),
        ("owed_by", city.partner.as_str()),
        ("due", "체결일로부터 6개월 이내"),
        ("target", "450명"),
        REASON,
    ];
    correct(&browser, &commitment, &changes).await;
    correct(
        &browser,
        &part("documents", 0),
        &[("file_number", "2"), REASON],
    )
    .await;
    let source = [("sources/0/publisher", "관보"), REASON];
    correct(&browser, &format!("{own}/edit"), &source).await;
    let found = one(&city.editor, id).await;
    let party = &found["parties"][1];
    assert_eq!(party["role"], "funder");
    assert_eq!(party["signatory"]["title"]["ko"], "대표");
    assert_eq!(party["until"]["edtf"], "2026-06-01");
    let commitment = &found["commitments"][0];
    assert_eq!(commitment["text"]["ko"], "장비 대여");
    assert_eq!(commitment["owed_by"], json!([city.partner]));
    assert_eq!(commitment["due"]["relative_to"]["months"], 6);
    assert_eq!(commitment["due"]["latest"], "2026-07-05");
    assert_eq!(commitment["target"]["value"], 450.0);
    assert_eq!(found["documents"][0]["file_number"], "2");
    assert_eq!(found["sources"][0]["publisher"], "관보");
    assert_eq!(found["sources"][0]["title"], "협약");
}

async fn a_part_recorded_by_mistake_is_removed(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let before = one(&city.editor, &city.agreement).await;
    let own = format!("/office/agreements/{}", city.agreement);
    for list in ["commitments", "documents"] {
        let id = before[list][0]["id"].as_str().unwrap();
        let path = format!("{own}/{list}/{id}/removal");
        holds(
            &browser.open(&path).await.expect(200).text,
            &["삭제</button>"],
        );
        correct(&browser, &path, &[]).await;
    }
    let after = one(&city.editor, &city.agreement).await;
    assert_eq!(after["commitments"], json!([]));
    assert_eq!(after["documents"], json!([]));
}

async fn the_day_of_a_step_is_corrected(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.approver).await;
    let own = format!("/office/agreements/{}", city.agreement);
    for to in ["in_review", "approved"] {
        let path = format!("{own}/steps/{to}");
        let text = browser.open(&path).await.expect(200).text;
        holds(&text, &["비워 두면 오늘로 기록합니다"]);
        browser.goes_on(&path, &[("on", "")]).await;
    }
    let signing = format!("{own}/steps/signed");
    let refused = browser.send(&signing, &[("on", "2026-11-01")]).await;
    let refused = refused.expect(422).text;
    holds(&refused, &["앞 단계인 ‘승인’의 날"]);
    lacks(&refused, &["approved의"]);
    // The first step is the draft itself.
    let days = ["2026. 9. 1.", "2026. 10. 1.", "2026. 10. 20."];
    for (place, day) in days.into_iter().enumerate() {
        let path = format!("{own}/transitions/{place}");
        correct(&browser, &path, &[("on", day), REASON]).await;
    }
    browser.goes_on(&signing, &[("on", "2026-11-01")]).await;
    let found = one(&city.editor, &city.agreement).await;
    assert_eq!(found["transitions"][2]["on"]["edtf"], "2026-10-20");
    assert_eq!(found["signed_on"]["edtf"], "2026-11-01");
    browser
        .open(&format!("{own}/transitions/9"))
        .await
        .expect(404);
}

async fn an_organization_is_corrected(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let path = format!("/office/organizations/{}/edit", city.partner);
    let changes = [
        ("name/ko", "바른 이름"),
        ("kind", "hospital"),
        ("other_names", "옛 이름\n더 옛 이름"),
        ("identifiers/0/scheme", "KR-BRN"),
        ("identifiers/0/id", "124-81-00998"),
    ];
    let text = correct(&browser, &path, &changes).await;
    holds(&text, &["바른 이름"]);
    let found = api
        .read(&format!("/organizations/{}", city.partner))
        .await
        .body;
    assert_eq!(found["kind"], "hospital");
    assert_eq!(found["other_names"][1]["ko"], "더 옛 이름");
    assert_eq!(found["identifiers"][0]["scheme"], "KR-BRN");
    let viewer = Browser::as_caller(&city.viewer).await;
    viewer.open(&path).await.expect(403);
}

async fn a_report_is_retracted(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let more = json!({"commitments": [{"text": {"ko": "장비 제공"}}]});
    let new = signed_mou(&[&city.id, &city.partner], "2026-01-05", more);
    let new = city.approver.create("/agreements", &new).await.body;
    let (id, commitment) = (new["id"].as_str().unwrap(), &new["commitments"][0]["id"]);
    let browser = Browser::as_caller(&city.editor).await;
    let own = format!("/office/agreements/{id}");
    let report = format!("{own}/commitments/{}/report", commitment.as_str().unwrap());
    let fields = [
        ("on", "2026-06-30"),
        ("status", "in_progress"),
        ("percent", "40%"),
    ];
    holds(&browser.goes_on(&report, &fields).await, &["40%"]);
    let text = browser.open(&format!("{own}/parts")).await.expect(200).text;
    let at = text.split("/retraction\"").next().unwrap();
    let at = at.rsplit("href=\"").next().unwrap();
    let path = format!("/{}/retraction", at.trim_start_matches("../"));
    holds(
        &browser.open(&path).await.expect(200).text,
        &["보고를 철회합니까?"],
    );
    browser.goes_on(&path, &[("reason/ko", "잘못 적음")]).await;
    let found = one(&api, id).await;
    assert_eq!(found["commitments"][0]["status"], "unknown");
}

/// A project of the city with a milestone.
async fn project(city: &City) -> Value {
    let new = json!({"municipality_id": city.id, "kind": "urban_development",
        "title": {"ko": "일산테크노밸리"}, "milestones": [{"kind": "groundbreaking",
            "forecasts": [{"target": {"edtf": "2024-06"}, "stated_on": {"edtf": "2021"}}]}]});
    city.editor.create("/projects", &new).await.body
}

async fn a_whole_record_is_typed(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let project = project(&city).await;
    let id = project["id"].as_str().unwrap();
    let browser = Browser::as_caller(&city.approver).await;
    let form = browser.open(NEW).await.expect(200).text;
    holds(
        &form,
        &["일산테크노밸리</label>", "name=\"statements/0/speaker\""],
    );
    let form = fields_of(&form);
    let fields = [
        ("status", "signed"),
        ("title/ko", "의료·바이오 업무협약"),
        ("signed_on", "2021. 4. 16."),
        ("project_ids", id),
        ("topics", "바이오\n의료"),
        ("parties/1/organization", "기업 4111000000"),
        ("parties/1/signatory_not_stated", "true"),
        ("commitments/0/text/ko", "부지 제공"),
        ("commitments/0/due", "착공 후 36개월 이내"),
        ("commitments/1/text/ko", "장비 제공"),
        ("commitments/1/due", "협약 체결 후 6개월 이내"),
        ("statements/0/speaker", "이재준"),
        ("statements/0/title/ko", "고양시장"),
        ("statements/0/party", "0"),
        ("statements/0/text/ko", "최선을 다하겠다"),
    ];
    browser.goes_on(NEW, &changed(&form, &fields)).await;
    let found = api.read("/agreements?q=%EC%9D%98%EB%A3%8C").await.body;
    let id = found["items"][0]["id"].as_str().unwrap();
    let found = one(&api, id).await;
    assert_eq!(found["projects"][0]["title"]["ko"], "일산테크노밸리");
    assert_eq!(found["topics"][1]["ko"], "의료");
    assert_eq!(found["parties"][1]["signatory_not_stated"], true);
    let due = &found["commitments"][0]["due"];
    assert_eq!(
        due["relative_to"]["milestone_id"],
        project["milestones"][0]["id"]
    );
    assert_eq!(due["relative_to"]["months"], 36);
    assert_eq!(found["commitments"][1]["due"]["latest"], "2021-10-16");
    assert_eq!(found["statements"][0]["party"], 0);
    // The form shows it all, and what is taken away goes.
    let path = format!("/office/agreements/{id}/edit");
    let form = fields_of(&browser.open(&path).await.expect(200).text);
    assert!(
        form.contains(&("topics".into(), "바이오\n의료".into())),
        "{form:?}"
    );
    let changes = [
        ("project_ids", ""),
        ("topics", "바이오"),
        ("statements/0/speaker", "홍길동"),
        REASON,
    ];
    // A date hangs on a milestone of a project, which stays until no date does.
    let refused = browser
        .send(&path, &changed(&form, &changes))
        .await
        .expect(422);
    holds(&refused.text, &["role=\"alert\""]);
    let changes = &changes[1..];
    browser.goes_on(&path, &changed(&form, changes)).await;
    let found = one(&api, id).await;
    assert_eq!(found["topics"], json!([{"ko": "바이오", "en": null}]));
    assert_eq!(found["statements"][0]["speaker"], "홍길동");
    assert_eq!(found["statements"][0]["title"]["ko"], "고양시장");
}

async fn dates_hang_on_milestones(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let project = project(&city).await;
    let (id, begun) = (
        project["id"].as_str().unwrap(),
        &project["milestones"][0]["id"],
    );
    let browser = Browser::as_caller(&city.editor).await;
    let path = format!("/office/projects/{id}/milestones/new");
    let fields = [
        ("kind", "completion"),
        ("forecasts/0/target", "착공 후 36개월"),
        ("forecasts/0/stated_on", "2021. 4. 16."),
    ];
    browser.goes_on(&path, &fields).await;
    let found = api.read(&format!("/projects/{id}")).await.body;
    let milestones = found["milestones"].as_array().unwrap();
    let done = milestones
        .iter()
        .find(|one| one["kind"] == "completion")
        .unwrap();
    let target = &done["forecasts"][0]["target"];
    assert_eq!(&target["relative_to"]["milestone_id"], begun, "{target}");
    // English names it last.
    let english = [
        ("kind", "land_supply"),
        ("forecasts/0/target", "within 36 months of groundbreaking"),
        ("forecasts/0/stated_on", "16 April 2021"),
    ];
    browser.goes_on(&format!("{path}?lang=en"), &english).await;
    let found = api.read(&format!("/projects/{id}")).await.body;
    let milestones = found["milestones"].as_array().unwrap();
    let mut supply = milestones.iter().filter(|one| one["kind"] == "land_supply");
    let to = &supply.next().unwrap()["forecasts"][0]["target"]["relative_to"];
    assert_eq!(
        (&to["milestone_id"], &to["is_limit"]),
        (begun, &json!(true))
    );
    // Words that name no milestone of the project stay as they are.
    let path = format!("/office/milestones/{}/target", done["id"].as_str().unwrap());
    let fields = [
        ("target", "체결일로부터 2년"),
        ("stated_on", "2022. 4. 16."),
    ];
    browser.goes_on(&path, &fields).await;
}

async fn forms_say_what_is_typed(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let text = browser.open(NEW).await.expect(200).text;
    holds(
        &text,
        &["data-read=\"term\"", "data-suggests", "/assets/forms-"],
    );
    // The first button of the form is the one that sends it.
    let form = text.split("class=\"entry\"").nth(1).unwrap();
    let first = form.split("<button").nth(1).unwrap();
    lacks(first.split("</button>").next().unwrap(), &["name=\"more\""]);
    let path = text
        .split("src=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let script = browser
        .open(&format!("/{}", path.trim_start_matches("../")))
        .await;
    script.expect(200);
    let read = async |kind: &str, text: &str| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("as", kind).append_pair("text", text);
        let path = format!("/office/readings?{}", query.finish());
        browser.open(&path).await.expect(200).body["understood"].clone()
    };
    assert_eq!(
        read("past", "'21.4.16.").await,
        json!(["2021.\u{a0}4.\u{a0}16."])
    );
    assert!(
        read("term", "체결일로부터 2년").await[0]
            .as_str()
            .unwrap()
            .contains("끝")
    );
    assert!(read("date", "04.05.06").await.as_array().unwrap().len() > 1);
    assert_eq!(read("none", "2021").await, json!([]));
    for kind in ["due", "target"] {
        let said = read(kind, "착공 후 36개월").await;
        let said = said[0].as_str().unwrap();
        assert!(
            said.contains("추진 단계이면 그 날짜부터 계산하고"),
            "{said}"
        );
    }
    let path = "/office/suggestions?q=%EA%B8%B0%EC%97%85";
    let found = browser.open(path).await.expect(200).body;
    let mut all = found.as_array().unwrap().iter();
    assert!(all.any(|one| one["name"] == "기업 4111000000"), "{found}");
    let nobody = Browser {
        api: api.with(None),
        cookie: String::new(),
    };
    for path in [path, "/office/readings?as=date&text=2021"] {
        nobody.open(path).await.expect(401);
    }
}

async fn nobody_of_another_city_corrects(api: Api) {
    let own = City::new(&api, "4111000000").await;
    let other = City::new(&api, "4113000000").await;
    let stranger = Browser::as_caller(&other.approver).await;
    let path = format!("/office/agreements/{}", own.agreement);
    let found = one(&own.editor, &own.agreement).await;
    let party = found["parties"][1]["id"].as_str().unwrap();
    let at = format!("/parties/{party}");
    for rest in ["/parts", at.as_str(), "/transitions/0"] {
        stranger.open(&format!("{path}{rest}")).await.expect(404);
    }
    // Of what is public, the forms are refused.
    let more = with(json!({"title": {"ko": "공개 협약"}}), json!({}));
    let new = signed_mou(&[&own.id, &own.partner], "2026-01-05", more);
    let new = own.approver.create("/agreements", &new).await.body;
    let (id, party) = (new["id"].as_str().unwrap(), &new["parties"][1]["id"]);
    let at = format!(
        "/office/agreements/{id}/parties/{}",
        party.as_str().unwrap()
    );
    for path in [at.clone(), format!("{at}/removal")] {
        let fields = [("role", "witness"), REASON];
        let refused = stranger.send(&path, &fields).await;
        refused.expect(403);
    }
    let after = one(&api, id).await;
    assert_eq!(after["parties"][1]["role"], new["parties"][1]["role"]);
}

/// A form says what the record holds of a text that cannot be read, and keeps it.
async fn a_form_says_what_is_held(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let more = json!({"signed_on": {"edtf": "2021-04-16", "as_stated": "지난 16일"},
        "effective_until": {"edtf": "2024-04-15", "as_stated": "3년 뒤"},
        "cost": {"amount": null, "as_stated": "30억 원"}});
    let new = with(
        signed_mou(&[&city.id, &city.partner], "2021-04-16", json!({})),
        more,
    );
    let id = city.approver.create("/agreements", &new).await;
    let id = id.id().to_owned();
    let browser = Browser::as_caller(&city.approver).await;
    let path = format!("/office/agreements/{id}/edit");
    let text = browser.open(&path).await.expect(200).text;
    let held = [
        "이렇게 읽었습니다: 2021.\u{a0}4.\u{a0}16.",
        "2024.\u{a0}4.\u{a0}15.",
        "적힌 글만 기록되어 있습니다.",
    ];
    holds(&text, &held);
    lacks(&text, &["읽을 수 없어 적힌 글만 남깁니다."]);
    let form = fields_of(&text);
    // Also where the form is shown again.
    let refused = browser
        .send(&path, &changed(&form, &[("title/ko", "새 이름")]))
        .await;
    holds(&refused.expect(400).text, &held);
    let other = [
        ("title/ko", "새 이름"),
        ("signed_on", "그해 봄"),
        ("correction_reason", ""),
    ];
    let refused = browser.send(&path, &changed(&form, &other)).await;
    holds(
        &refused.expect(400).text,
        &["읽을 수 없어 적힌 글만 남깁니다."],
    );
    browser
        .goes_on(&path, &changed(&form, &[("title/ko", "새 이름"), REASON]))
        .await;
    let now = one(&api, &id).await;
    assert_eq!(now["signed_on"]["edtf"], "2021-04-16");
    assert_eq!(now["cost"]["amount"], Value::Null);
}
