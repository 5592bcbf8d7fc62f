//! Announcements as officers record them on pages and compare them with the record.

use serde_json::{Value, json};

use super::office::{Browser, changed, editor_of_goyang, fields_of};
use super::{NASTY, holds, lacks};
use crate::support::city::City;
use crate::support::records::signed_mou;
use crate::support::{Api, CITY};

on_both!(with_demo:
    an_officer_records_an_announcement, everything_wrong_with_an_announcement_is_at_its_field,
    an_announcement_of_goyang_is_confirmed_with_its_targets);
on_both!(new: parties_and_targets_are_corrected, a_decision_is_taken_and_taken_back, a_draft_is_made_on_a_page, others_decide_nothing,
    a_confirmation_is_of_a_record);

const NEW: &str = "/office/announcements/new";

async fn an_officer_records_an_announcement(api: Api) {
    let browser = Browser::as_caller(&editor_of_goyang(&api).await).await;
    let text = browser.open("/office/announcements").await.expect(200).text;
    holds(
        &text,
        &[
            "K-바이오 랩허브",
            "announcements/new",
            "action=\"../office/announcements\"",
            "href=\"../office/announcements/0178",
        ],
    );
    let text = browser.open(NEW).await.expect(200).text;
    holds(
        &text,
        &[
            "name=\"title/ko\"",
            "name=\"parties/1/name\"",
            "name=\"targets/0/target\"",
        ],
    );
    let typed = [
        ("municipality", CITY),
        ("title/ko", "고양시·명지병원, 감염병 대응 협약"),
        ("kind", "signing"),
        ("announced_on", "'24.5.21."),
        ("publisher", "고양시"),
        ("amount", "약 30억 원"),
        ("lead_department", "보건정책과"),
        ("visibility", "internal"),
        ("parties/0/name", ""),
        ("parties/1/name", "명지병원"),
        ("targets/0/kind", "completion"),
        ("targets/0/target", "2026년 하반기"),
    ];
    let text = browser.goes_on(NEW, &typed).await;
    holds(
        &text,
        &[
            "기록했습니다.",
            "2024.\u{a0}5.\u{a0}21.",
            "준공: 2026년 하반기",
            "담당 부서",
            "보건정책과",
            "어느 기록을 다룹니까?",
        ],
    );
    let id = api.find("/announcements?visibility=internal").await;
    let one = api.read(&format!("/announcements/{id}")).await.body;
    assert_eq!(one["parties"], json!([{"name": "명지병원"}]));
    assert_eq!(one["amount"]["amount"], 3_000_000_000_u64);
    assert_eq!(one["lead_department"], "보건정책과");
    let list = browser.open("/office/announcements").await.expect(200);
    holds(&list.text, &["보건정책과"]);
    assert_eq!(one["targets"][0]["target"]["edtf"], "2026-41");
    // What was typed is changed, and what was emptied is removed.
    let path = format!("/office/announcements/{id}/edit");
    let text = browser.open(&path).await.expect(200).text;
    let tag = text.split("name=\"tag\" value=\"").nth(1).unwrap();
    let tag = tag
        .split("\">")
        .next()
        .unwrap()
        .replace("&quot;", "\"")
        .replace("&#34;", "\"");
    let fields = [
        ("tag", tag.as_str()),
        ("title/ko", "감염병 대응 협약"),
        ("publisher", ""),
    ];
    let text = browser.goes_on(&path, &fields).await;
    holds(
        &text,
        &["기록했습니다.", "<bdi>감염병 대응 협약</bdi>", "미상"],
    );
    browser.send(&path, &fields).await.expect(412);
}

async fn parties_and_targets_are_corrected(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let id = city.named("announcements");
    let path = format!("/office/announcements/{id}/edit");
    for (changes, parties, targets) in [
        (
            &[
                ("parties/0/name", "명지병원"),
                ("parties/1/name", "국립암센터"),
                ("targets/0/kind", "groundbreaking"),
                ("targets/0/target", "2026년 하반기"),
            ][..],
            &["명지병원", "국립암센터"][..],
            &[("groundbreaking", "2026-41")][..],
        ),
        (
            &[
                ("parties/0/name", ""),
                ("parties/1/name", "국립암센터 부속병원"),
                ("targets/0/target", "2027년"),
                ("targets/1/kind", "completion"),
                ("targets/1/target", "2029년까지"),
            ],
            &["국립암센터 부속병원"],
            &[("groundbreaking", "2027"), ("completion", "../2029")],
        ),
        // What is not touched stays.
        (
            &[("publisher", "수원시")],
            &["국립암센터 부속병원"],
            &[("groundbreaking", "2027"), ("completion", "../2029")],
        ),
    ] {
        let form = fields_of(&browser.open(&path).await.expect(200).text);
        browser.goes_on(&path, &changed(&form, changes)).await;
        let one = city.editor.read(&format!("/announcements/{id}")).await.body;
        let items = |list: &str| one[list].as_array().unwrap().clone();
        let named: Vec<_> = items("parties")
            .iter()
            .map(|one| one["name"].clone())
            .collect();
        assert_eq!(named, parties);
        let told = items("targets");
        let told: Vec<_> = told
            .iter()
            .map(|one| (one["kind"].as_str(), one["target"]["edtf"].as_str()))
            .map(|(kind, target)| (kind.unwrap(), target.unwrap()))
            .collect();
        assert_eq!(told, targets);
    }
    let form = fields_of(&browser.open(&path).await.expect(200).text);
    let wrong = changed(&form, &[("targets/1/target", "2027. 2. 30.")]);
    let refused = browser.send(&path, &wrong).await.expect(422).text;
    holds(&refused, &["f-targets-1-target-error1"]);
}

async fn everything_wrong_with_an_announcement_is_at_its_field(api: Api) {
    let browser = Browser::as_caller(&editor_of_goyang(&api).await).await;
    let typed = [
        ("municipality", CITY),
        ("title/ko", ""),
        ("kind", "signing"),
        ("announced_on", "어느 날엔가 2024-13-45"),
        ("url", "javascript:alert(1)"),
        ("text/ko", NASTY),
    ];
    let before = api.read("/announcements").await.items().len();
    let text = browser.send(NEW, &typed).await.expect(422).text;
    holds(
        &text,
        &[
            "href=\"#f-title-ko\"",
            "href=\"#f-url\"",
            "&#60;script&#62;",
        ],
    );
    lacks(&text, &["<script>alert"]);
    assert_eq!(api.read("/announcements").await.items().len(), before);
}

/// The announcement of April 2021, whose agreement serves Ilsan Technovalley.
async fn an_announcement_of_goyang_is_confirmed_with_its_targets(api: Api) {
    let browser = Browser::as_caller(&editor_of_goyang(&api).await).await;
    let id = api.find("/announcements?q=%ED%98%91%ED%9A%8C").await;
    let path = format!("/office/announcements/{id}");
    let text = browser.open(&path).await.expect(200).text;
    holds(
        &text,
        &[
            "제안",
            "당사자",
            "/confirm?agreement_id=0178",
            "/reject?agreement_id=0178",
        ],
    );
    let confirm = text.split("/confirm?agreement_id=").nth(1).unwrap();
    let agreement = confirm.split('"').next().unwrap();
    let confirm = format!("{path}/confirm?agreement_id={agreement}");
    let text = browser.open(&confirm).await.expect(200).text;
    // Each milestone of its project can have a target; those that are recorded are not offered again.
    holds(
        &text,
        &["일산테크노밸리: 준공", "name=\"forecasts/0/target\""],
    );
    lacks(&text, &["value=\"2024년까지\"", "name=\"more\""]);
    let fields = [("agreement_id", agreement)];
    let text = browser.goes_on(&format!("{path}/confirm"), &fields).await;
    holds(
        &text,
        &[
            "기록했습니다.",
            "확인",
            "다루는 기록",
            &format!("office/agreements/{agreement}"),
        ],
    );
    lacks(&text, &["어느 기록을 다룹니까?"]);
    let one = api.read(&format!("/announcements/{id}")).await.body;
    assert_eq!(one["standing"], "confirmed");
    let compared = browser
        .open("/office/reconciliation")
        .await
        .expect(200)
        .text;
    holds(
        &compared,
        &["발표되지 않음", "action=\"../office/reconciliation\""],
    );
}

/// An announcement of an agreement that serves a project with a completion. Returns the paths of the
/// announcement, and the ids of the agreement and the milestone.
async fn announced(api: &Api, city: &City) -> (String, String, String) {
    let project = json!({"municipality_id": city.id, "kind": "other", "title": {"ko": "새별 단지"},
        "milestones": [{"kind": "completion"}, {"kind": "groundbreaking"}]});
    let project = api.create("/projects", &project).await;
    let milestone = project.body["milestones"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let more = json!({"title": {"ko": "스마트도시 업무협약"}, "project_ids": [project.id()]});
    let signed = signed_mou(&[&city.id, &city.partner], "2024-05-20", more);
    let agreement = api.create("/agreements", &signed).await.id().to_owned();
    let new = json!({"municipality_id": city.id, "kind": "signing", "title": {"ko": "스마트도시 업무협약 체결"},
        "announced_on": {"edtf": "2024-05-21"},
        "targets": [{"kind": "completion", "target": {"edtf": "2027", "as_stated": "3년 뒤"}}]});
    let made = api.create("/announcements", &new).await;
    (
        format!("/announcements/{}", made.id()),
        agreement,
        milestone,
    )
}

async fn a_decision_is_taken_and_taken_back(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let (one, agreement, milestone) = announced(&api, &city).await;
    let path = format!("/office{one}");
    let reject = format!("{path}/reject");
    let text = browser
        .open(&format!("{reject}?agreement_id={agreement}"))
        .await;
    holds(
        &text.expect(200).text,
        &["스마트도시 업무협약", "이 기록이 아님"],
    );
    let fields = [
        ("agreement_id", agreement.as_str()),
        ("reason/ko", "다른 협약"),
    ];
    let text = browser.goes_on(&reject, &fields).await;
    holds(&text, &["기록했습니다."]);
    lacks(&text, &[&format!("agreement_id={agreement}")]);
    let text = browser
        .goes_on(&reject, &[("reason/ko", "행사 안내")])
        .await;
    holds(&text, &["제외 사유", "행사 안내", "/reopen"]);
    browser.open(&format!("{path}/reopen")).await.expect(200);
    let text = browser.goes_on(&format!("{path}/reopen"), &[]).await;
    holds(&text, &[&format!("agreement_id={agreement}")]);
    let confirm = format!("{path}/confirm");
    let text = browser
        .open(&format!("{confirm}?agreement_id={agreement}"))
        .await;
    // A target in words that mean nothing without the announcement is offered as a date.
    holds(
        &text.expect(200).text,
        &["새별 단지: 준공", "value=\"2027\"", "새별 단지: 착공"],
    );
    let fields = [
        ("agreement_id", agreement.as_str()),
        ("forecasts/0/milestone_id", milestone.as_str()),
        ("forecasts/0/target", "2027. 2. 30."),
    ];
    let refused = browser.send(&confirm, &fields).await.expect(422).text;
    holds(&refused, &["2027. 2. 30.", "f-forecasts-0-target-error1"]);
    let fields = [
        ("agreement_id", agreement.as_str()),
        ("forecasts/0/milestone_id", milestone.as_str()),
        ("forecasts/0/target", "2027년 상반기"),
    ];
    let text = browser.goes_on(&confirm, &fields).await;
    holds(&text, &["다루는 기록"]);
    let forecasts = api
        .read(&format!("/milestones/{milestone}/forecasts"))
        .await;
    assert_eq!(forecasts.items()[0]["target"]["edtf"], "2027-40");
    assert_eq!(forecasts.items()[0]["stated_on"]["edtf"], "2024-05-21");
    let record = api.read(&format!("/agreements/{agreement}")).await.body;
    assert_eq!(record["sources"][0]["title"], "스마트도시 업무협약 체결");
    browser.goes_on(&format!("{path}/reopen"), &[]).await;
    assert_eq!(api.read(&one).await.body["standing"], "open");
}

async fn a_draft_is_made_on_a_page(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let browser = Browser::as_caller(&city.editor).await;
    let new = json!({"municipality_id": city.id, "kind": "signing", "title": {"ko": NASTY}});
    let made = api.create("/announcements", &new).await;
    let path = format!("/office/announcements/{}/draft", made.id());
    let text = browser.open(&path).await.expect(200).text;
    holds(&text, &["협약 초안 만들기", "&#60;script&#62;"]);
    let text = browser
        .goes_on(&path, &[("kind", "moa"), ("title/ko", "새 협약")])
        .await;
    holds(&text, &["기록했습니다.", "새 협약", "작성"]);
    let one = api
        .read(&format!("/announcements/{}", made.id()))
        .await
        .body;
    assert_eq!(one["standing"], "confirmed");
}

async fn others_decide_nothing(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let (one, agreement, _) = announced(&api, &city).await;
    for caller in [&city.viewer, &City::new(&api, "4128000000").await.editor] {
        let browser = Browser::as_caller(caller).await;
        let text = browser
            .open(&format!("/office{one}"))
            .await
            .expect(200)
            .text;
        lacks(&text, &["/confirm", "/reject", "/draft", "/edit\""]);
        let confirm = format!("/office{one}/confirm");
        let fields = [("agreement_id", agreement.as_str())];
        browser.send(&confirm, &fields).await.expect(403);
    }
    assert_eq!(api.read(&one).await.body["agreement"], Value::Null);
}

async fn a_confirmation_is_of_a_record(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let new = json!({"municipality_id": city.id, "kind": "signing", "title": {"ko": "협약"},
        "announced_on": {"edtf": "2023-01-02"}});
    let one = city.editor.create("/announcements", &new).await;
    let browser = Browser::as_caller(&city.editor).await;
    let path = format!("/office/announcements/{}/confirm", one.id());
    let led = browser.open(&path).await.expect(303);
    let page = format!("office/announcements/{}", one.id());
    assert!(
        led.headers["location"].ends_with(&page),
        "{:?}",
        led.headers
    );
    let nothing = format!("{path}?agreement_id={}", one.id());
    browser.open(&nothing).await.expect(404);
    let sent = browser.send(&path, &[]).await;
    lacks(&sent.expect(404).text, &["협약, <"]);
}
