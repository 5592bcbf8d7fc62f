//! Agreements that follow others, as officers record them on pages.

use serde_json::{Value, json};

use super::office::{Browser, NEW, changed, fields_of};
use super::{holds, lacks};
use crate::support::Api;
use crate::support::city::City;
use crate::support::records::signed_mou;

on_both!(new:
    a_renewal_takes_over_what_is_open, a_renewal_keeps_what_was_promised, an_amendment_of_a_part_leaves_the_rest,
    a_renewal_takes_over_what_the_page_has_no_words_for, a_renewal_without_commitments_says_what_becomes_of_those_before);

async fn one(api: &Api, id: &str) -> Value {
    api.read(&format!("/agreements/{id}")).await.body
}

/// Records a signed agreement with a commitment. Returns its id.
async fn signed(city: &City) -> String {
    let more = json!({"title": {"ko": "드론 협약"}, "purpose": {"ko": "드론 산업 육성"},
        "lead_department": "전략산업과",
        "commitments": [{"text": {"ko": "장비 제공"}, "owed_by": [city.partner], "owed_to": [city.id],
            "due": {"edtf": "../2035", "as_stated": "2035년까지"}, "target": {"value": 450, "unit": "persons"}}]});
    let new = signed_mou(&[&city.id, &city.partner], "2024-01-05", more);
    city.approver
        .create("/agreements", &new)
        .await
        .id()
        .to_owned()
}

/// The form that follows an agreement, as its page leads to it.
async fn form(browser: &Browser, id: &str, member: &str) -> String {
    let text = browser.open(&format!("/office/agreements/{id}")).await;
    let text = text
        .expect(200)
        .text
        .replace("&#38;", "&")
        .replace("&amp;", "&");
    let end = format!("&{member}={id}\"");
    let before = text.split(&end).next().unwrap();
    assert!(before.len() < text.len(), "{member} in {text}");
    let path = before.rsplit("../office").next().unwrap();
    let path = format!("/office{path}&{member}={id}");
    browser.open(&path).await.expect(200).text
}

/// The fields that the form of a renewal is opened with, and those of its own.
fn fields<'a>(city: &'a City, member: &'a str, old: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("municipality", &city.id),
        (member, old),
        ("status", "signed"),
        ("title/ko", "드론 협약(연장)"),
        ("kind", "mou"),
        ("signed_on", "2026. 1. 5."),
        ("visibility", "public"),
        ("parties/0/organization", "수원시"),
        ("parties/0/organization/for", "수원시"),
        ("parties/0/organization/choice", &city.id),
        ("parties/0/role", "lead"),
        ("parties/1/organization", "기업 4111000000"),
        ("parties/1/organization/for", "기업 4111000000"),
        ("parties/1/organization/choice", &city.partner),
        ("parties/1/role", "partner"),
    ]
}

async fn a_renewal_takes_over_what_is_open(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let old = signed(&city).await;
    // A name that several organizations have.
    let twin = json!({"kind": "company", "name": {"ko": "기업 4111000000"}, "record_anew": true});
    let twin = json!({"kind": twin["kind"], "name": twin["name"]});
    city.editor.create("/organizations", &twin).await;
    let browser = Browser::as_caller(&city.approver).await;
    let text = form(&browser, &old, "supersedes_id").await;
    let choice = format!(
        "name=\"parties/1/organization/choice\" value=\"{}\"",
        city.partner
    );
    holds(
        &text,
        &[
            "갱신·변경 협약 기록",
            "<li><bdi>드론 협약</bdi></li>",
            &format!("name=\"supersedes_id\" value=\"{old}\""),
            "name=\"title/ko\" value=\"드론 협약\"",
            "드론 산업 육성</textarea>",
            "value=\"전략산업과\"",
            "value=\"기업 4111000000\"",
            &choice,
            "장비 제공</textarea>",
            // So are its deadline and its number; that it is signed is for whoever records it to say.
            "name=\"commitments/0/due\" value=\"2035년까지\"",
            "name=\"commitments/0/target\" value=\"450명\"",
            "<option value=\"draft\" selected>",
            "value=\"0\" checked> <label for=\"f-commitments-0-owed_to-v1\">1. 수원시</label>",
            "value=\"1\" checked> <label for=\"f-commitments-0-owed_by-v2\">2. 기업 4111000000</label>",
        ],
    );
    // Neither its days nor its signatories are taken over.
    lacks(&text, &["2024-01-05", "2024. 1. 5."]);
    let mut fields = fields(&city, "supersedes_id", &old);
    fields.extend([
        ("commitments/0/text/ko", "장비 제공"),
        ("commitments/0/owed_by", "1"),
    ]);
    // What was chosen stays while something else is wrong.
    let mut wrong = fields.clone();
    wrong.retain(|(name, _)| *name != "signed_on");
    wrong.push(("signed_on", "2024. 2. 30."));
    let refused = browser.send(NEW, &wrong).await.expect(422).text;
    holds(
        &refused,
        &[&choice, &format!("name=\"supersedes_id\" value=\"{old}\"")],
    );
    let text = browser.goes_on(NEW, &fields).await;
    holds(&text, &["갱신과 대체", ">드론 협약</bdi></a>", "장비 제공"]);
    let before = one(&api, &old).await;
    assert_eq!(before["status"], "superseded");
    assert_eq!(before["commitments"][0]["status"], "carried_over");
    let new = before["superseded_by"]["id"].as_str().unwrap();
    let after = one(&api, new).await;
    assert_eq!(after["supersedes"]["id"], json!(old));
    assert_eq!(
        after["parties"][1]["organization"]["id"],
        json!(city.partner)
    );
    assert_eq!(after["commitments"][0]["owed_by"], json!([city.partner]));
    let text = browser
        .open(&format!("/office/agreements/{old}"))
        .await
        .expect(200)
        .text;
    holds(&text, &["갱신과 대체", "드론 협약(연장)", "amends_id="]);
    lacks(&text, &["supersedes_id="]);
    // A second one is refused in words.
    let mut again = fields.clone();
    again.retain(|(name, _)| *name != "title/ko");
    again.push(("title/ko", "또 다른 연장"));
    let refused = browser.send(NEW, &again).await.expect(409).text;
    holds(
        &refused,
        &["다른 협약이 이미 잇고 있습니다", "value=\"또 다른 연장\""],
    );
    // Nobody of another city follows it, and a viewer sees no way to.
    let viewer = Browser::as_caller(&city.viewer).await;
    let text = viewer
        .open(&format!("/office/agreements/{old}"))
        .await
        .expect(200)
        .text;
    lacks(&text, &["amends_id="]);
    let other = City::new(&api, "4128000000").await;
    let foreign = Browser::as_caller(&other.editor).await;
    let path = format!(
        "{NEW}?municipality={}&supersedes_id={}",
        other.id, city.agreement
    );
    foreign.open(&path).await.expect(404);
}

async fn a_renewal_takes_over_what_the_page_has_no_words_for(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let project =
        json!({"municipality_id": city.id, "kind": "other", "title": {"ko": "드론 사업"}});
    let project = city.editor.create("/projects", &project).await;
    let left = api.organization("떠난 기업").await;
    let more = json!({"title": {"ko": "드론 협약"}, "purpose": {"ko": "드론 산업 육성"},
        "topics": [{"ko": "드론"}], "project_ids": [project.id()],
        "commitments": [{"text": {"ko": "장비 제공"}, "owed_by": [city.partner]},
            {"text": {"ko": "공동 연구"}, "owed_by": [city.partner, city.id]},
            {"text": {"ko": "부지 제공"}, "owed_by": [city.id, left]}]});
    let mut old = signed_mou(&[&city.id, &city.partner, &left], "2024-01-05", more);
    old["parties"][2]["until"] = json!({"edtf": "2025-01-05"});
    let old = city.approver.create("/agreements", &old).await;
    let browser = Browser::as_caller(&city.approver).await;
    let path = format!(
        "{NEW}?municipality={}&supersedes_id={}&lang=en",
        city.id,
        old.id()
    );
    let text = browser.open(&path).await.expect(200).text;
    holds(
        &text,
        &[
            "드론</textarea>",
            &format!("value=\"{}\" checked", project.id()),
            "since a party that has left owed them. Check them: 부지 제공<",
            "name=\"title/ko\" value=\"드론 협약\"",
        ],
    );
    lacks(&text, &["name=\"title/en\""]);
    let form = fields_of(&text);
    let of = |name: &str| {
        form.iter()
            .find(|(known, _)| known == name)
            .unwrap()
            .1
            .as_str()
    };
    assert_eq!(of("purpose/ko"), "드론 산업 육성");
    assert_eq!(of("commitments/0/owed_by"), "1");
    assert_eq!(of("commitments/1/text/ko"), "공동 연구");
    let owing = form
        .iter()
        .filter(|(name, _)| name == "commitments/1/owed_by");
    let owing = owing.map(|(_, place)| place.as_str());
    let owing: Vec<&str> = owing.filter(|place| !place.is_empty()).collect();
    assert_eq!(owing, ["0", "1"]);
    let signed = [("status", "signed"), ("signed_on", "2026-01-05")];
    browser
        .goes_on(&format!("{NEW}?lang=en"), &changed(&form, &signed))
        .await;
    let before = one(&api, old.id()).await;
    let new = one(&api, before["superseded_by"]["id"].as_str().unwrap()).await;
    for member in ["title", "purpose", "topics", "project_ids"] {
        assert_eq!(new[member], before[member], "{member}");
    }
    let commitments = &new["commitments"];
    assert_eq!(
        commitments[0]["text"],
        json!({"ko": "장비 제공", "en": null})
    );
    assert_eq!(commitments[0]["owed_by"], json!([city.partner]));
    assert_eq!(commitments[1]["owed_by"], json!([city.id, city.partner]));
}

async fn an_amendment_of_a_part_leaves_the_rest(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let old = signed(&city).await;
    let browser = Browser::as_caller(&city.approver).await;
    let text = form(&browser, &old, "amends_id").await;
    holds(&text, &["일부 변경 협약 기록", "value=\"기업 4111000000\""]);
    lacks(&text, &["장비 제공"]);
    let text = browser
        .goes_on(NEW, &fields(&city, "amends_id", &old))
        .await;
    holds(&text, &["일부 변경하는 협약", ">드론 협약</bdi></a>"]);
    let text = browser
        .open(&format!("/office/agreements/{old}"))
        .await
        .expect(200)
        .text;
    holds(
        &text,
        &[
            "이 협약의 일부를 변경한 협약",
            "드론 협약(연장)",
            "supersedes_id=",
        ],
    );
    assert_eq!(one(&api, &old).await["status"], "signed");
}

async fn a_renewal_without_commitments_says_what_becomes_of_those_before(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let old = signed(&city).await;
    let browser = Browser::as_caller(&city.approver).await;
    let mut draft = fields(&city, "supersedes_id", &old);
    draft.retain(|(name, _)| !["status", "signed_on"].contains(name));
    draft.push(("status", "draft"));
    browser.goes_on(NEW, &draft).await;
    let new = one(&city.approver, &old).await["superseded_by"]["id"].clone();
    let path = format!("/office/agreements/{}", new.as_str().unwrap());
    for to in ["in_review", "approved"] {
        browser
            .goes_on(&format!("{path}/steps/{to}"), &[("on", "2026-01-02")])
            .await;
    }
    let signing = format!("{path}/steps/signed");
    let text = browser.open(&signing).await.expect(200).text;
    holds(
        &text,
        &["앞 협약의 남은 협약 사항", "<legend>장비 제공</legend>"],
    );
    let promise = one(&api, &old).await["commitments"][0]["id"].clone();
    let mut fields = vec![
        ("on", "2026. 1. 5."),
        ("commitments/0/commitment_id", promise.as_str().unwrap()),
    ];
    let refused = browser.send(&signing, &fields).await.expect(422).text;
    holds(
        &refused,
        &["name=\"commitments/0/becomes\"", "role=\"alert\""],
    );
    fields.push(("commitments/0/becomes", "fulfilled"));
    browser.goes_on(&signing, &fields).await;
    let before = one(&api, &old).await;
    assert_eq!(before["status"], "superseded");
    assert_eq!(before["commitments"][0]["status"], "fulfilled");
    // An ordinary signing says nothing of others.
    let text = browser
        .open(&format!(
            "/office/agreements/{}/steps/signed",
            city.agreement
        ))
        .await;
    lacks(&text.expect(200).text, &["앞 협약의 남은 협약 사항"]);
}

/// Sent as it is opened, the form records a draft with what was promised before, and ends nothing.
async fn a_renewal_keeps_what_was_promised(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let old = signed(&city).await;
    let after =
        json!({"text": {"ko": "결과 보고"}, "due": {"as_stated": "체결일로부터 6개월 이내"}});
    let bare = json!({"text": {"ko": "부지 제공"}, "due": {"edtf": "../2024"}});
    for commitment in [after, bare] {
        let path = format!("/agreements/{old}/commitments?correction_reason=x");
        city.approver.create(&path, &commitment).await;
    }
    let browser = Browser::as_caller(&city.approver).await;
    let opened = fields_of(&form(&browser, &old, "supersedes_id").await);
    let text = browser.goes_on(NEW, &changed(&opened, &[])).await;
    holds(&text, &["2035년까지", "2024년까지"]);
    let before = one(&api, &old).await;
    assert_eq!(before["status"], "signed");
    let drafts = city
        .editor
        .read("/agreements?status=draft&q=%EB%93%9C%EB%A1%A0")
        .await;
    let draft = &drafts.body["items"][0]["id"];
    let draft = one(&city.editor, draft.as_str().unwrap()).await;
    assert_eq!(draft["supersedes"]["id"], json!(old));
    let commitments = draft["commitments"].as_array().unwrap();
    assert_eq!(commitments.len(), 3);
    let due = |at: usize| &commitments[at]["due"];
    assert_eq!(due(0)["edtf"], "../2035");
    assert_eq!(commitments[0]["target"]["value"], json!(450.0));
    assert_eq!(commitments[0]["owed_to"], json!([city.id]));
    assert_eq!(due(1)["as_stated"], "체결일로부터 6개월 이내");
    assert_eq!(due(2)["edtf"], "../2024");
}
