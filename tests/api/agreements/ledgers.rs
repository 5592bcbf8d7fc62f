//! Facts that ledgers and press releases of cities hold beside the title, the parties and the dates.

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::records::{attempt, mou, record, signed, signed_mou, with};

on_both!(new:
    a_number_and_remarks, a_document_on_paper, a_post_signs_without_a_name,
    each_party_signs_on_its_own_day, a_party_never_signs_after_the_agreement,
    parties_come_and_go, an_organization_that_left_can_join_again,
    amounts_promised_and_reached,
    parties_that_are_not_named);

/// The codes of the gaps of an agreement.
fn gaps(agreement: &Value) -> Vec<(&str, &str)> {
    let gaps = agreement["gaps"].as_array().unwrap().iter();
    let named = gaps.map(|gap| (&gap["pointer"], &gap["code"]));
    named
        .map(|(pointer, code)| (pointer.as_str().unwrap(), code.as_str().unwrap()))
        .collect()
}

/// The code of the only error of an answer.
pub fn code(refused: &crate::support::Answer) -> &str {
    assert_eq!(refused.places().len(), 1, "{}", refused.text);
    refused.body["errors"][0]["code"].as_str().unwrap()
}

async fn a_number_and_remarks(api: Api) {
    let city = api.municipality().await;
    let more =
        json!({"reference_number": "2024-017", "note": {"ko": "아홉 대학이 함께 체결한 협약"}});
    let made = signed(&api, &city, "2024-01-15", more).await;
    assert_eq!(made.body["reference_number"], "2024-017");
    assert_eq!(made.body["note"]["ko"], "아홉 대학이 함께 체결한 협약");
    signed(
        &api,
        &city,
        "2024-01-15",
        json!({"reference_number": "2024-0170"}),
    )
    .await;
    let listed = api.read("/agreements?reference_number=2024-017").await;
    let rows = listed.items();
    assert_eq!(rows.len(), 1, "{}", listed.text);
    assert_eq!(rows[0]["id"], json!(made.id()));
    assert_eq!(rows[0]["reference_number"], "2024-017");
    for words in ["2024-017", "%EB%8C%80%ED%95%99%EC%9D%B4"] {
        let found = api.read(&format!("/search?q={words}")).await;
        let found = found.items().iter();
        let ids: Vec<&Value> = found.map(|hit| &hit["id"]).collect();
        assert!(ids.contains(&&json!(made.id())), "{words}");
    }
    // A number is the city's own: another agreement can have it too, such as one of another year.
    let again = json!({"reference_number": "2024-017", "title": {"ko": "다른 해의 협약"}});
    signed(&api, &city, "2023-01-15", again).await;
    let path = format!("/agreements/{}", made.id());
    let removed = json!({"reference_number": null, "note": null});
    let reason = "?correction_reason=%EC%98%A4%EA%B8%B0";
    api.update(&format!("{path}{reason}"), "*", &removed).await;
    let history = api.read(&format!("{path}/history")).await;
    let changed = history.text.contains("2024-017");
    assert!(changed, "{}", history.text);
    assert_eq!(api.read(&path).await.body["note"], Value::Null);
}

async fn a_document_on_paper(api: Api) {
    let city = api.municipality().await;
    let documents = json!([
        {"title": {"ko": "협약서(전략산업과-1234)"}},
        {"title": {"ko": "서명본"}, "place_kept": {"ko": "문서고 3층"}, "file_number": "전략산업과-1234"},
        {"title": {"ko": "공고문"}, "url": "https://example.com/notice"}]);
    let more = json!({"documents": documents});
    let made = signed(&api, &city, "2024-01-15", more).await;
    let shown = &made.body["documents"];
    assert_eq!(shown[0]["url"], Value::Null);
    assert_eq!(shown[1]["place_kept"]["ko"], "문서고 3층");
    assert_eq!(shown[1]["file_number"], "전략산업과-1234");
    assert!(gaps(&made.body).contains(&("/documents/0/url", "place_unknown")));
    let known = |gap: &&(&str, &str)| gap.1 == "place_unknown";
    assert_eq!(gaps(&made.body).iter().filter(known).count(), 1);
    assert_eq!(
        api.find("/search?q=%EB%AC%B8%EC%84%9C%EA%B3%A0").await,
        made.id()
    );
    let path = format!("/agreements/{}/documents", made.id());
    api.create(&path, &json!({"title": {"ko": "부속 합의"}}))
        .await;
    let untitled = json!({"url": "https://example.com/a"});
    let refused = api.post(&path, &untitled).await.expect(422);
    assert_eq!(refused.places(), ["/title"]);
}

async fn a_post_signs_without_a_name(api: Api) {
    let city = api.municipality().await;
    let company = api.organization("갑 기관").await;
    let signed_by = |signatory: Value| {
        let parties = json!([
            {"organization_id": city, "signatory": signatory}, {"organization_id": company}]);
        with(
            signed_mou(&[&city], "2020-11-27", json!({})),
            json!({"parties": parties}),
        )
    };
    let unknown = |i: usize| format!("/parties/{i}/signatory");
    for (signatory, is_known) in [
        (json!({"title": {"ko": "시장 권한대행"}}), true),
        (json!({"name": "갑", "on_behalf_of": {"ko": "시장"}}), true),
        // For whom somebody signed does not tell who it was.
        (json!({"on_behalf_of": {"ko": "시장"}}), false),
    ] {
        let made = api
            .create("/agreements", &signed_by(signatory.clone()))
            .await;
        let shown = &made.body["parties"][0]["signatory"];
        for (member, value) in signatory.as_object().unwrap() {
            let shown = shown[member].get("ko").unwrap_or(&shown[member]);
            assert_eq!(shown, value.get("ko").unwrap_or(value));
        }
        let gaps = gaps(&made.body);
        let missing = |i: usize| gaps.contains(&(&unknown(i), "signatory_unknown"));
        assert_eq!((missing(0), missing(1)), (!is_known, true), "{signatory}");
    }
    for signatory in [json!({}), json!({"name": null})] {
        let refused = api.post("/agreements", &signed_by(signatory)).await;
        assert_eq!(code(&refused.expect(422)), "one_required");
    }
    let wanted = json!([{"required_at_signing": ["signatories"], "self_approval": true}]);
    crate::support::records::demand(&api, &city, wanted).await;
    let mut draft = mou(&[&city, &company], json!({"status": "approved"}));
    draft["parties"][0]["signatory"] = json!({"title": {"ko": "시장"}});
    let made = api.create("/agreements", &draft).await;
    let step = format!("/agreements/{}/transitions", made.id());
    let refused = api
        .post(
            &step,
            &json!({"to": "signed", "on": {"edtf": "2026-11-23"}}),
        )
        .await
        .expect(422);
    assert_eq!(refused.places(), [unknown(1)]);
}

async fn each_party_signs_on_its_own_day(api: Api) {
    let city = api.municipality().await;
    let company = api.organization("갑 기관").await;
    let parties = json!([
        {"organization_id": city, "signed_on": {"edtf": "1994-11-01"}, "signatory": {"name": "갑"}},
        {"organization_id": company, "signed_on": {"edtf": "1994-11-20"}, "signatory": {"name": "을"}}]);
    let new = signed_mou(&[&city], "1994-11", json!({}));
    let made = api
        .create("/agreements", &with(new, json!({"parties": parties})))
        .await;
    assert_eq!(
        made.body["parties"][1]["signed_on"]["edtf"],
        json!("1994-11-20")
    );
    // On a day between the two, one had signed.
    let part = format!(
        "/agreements/{}/parties/{}",
        made.id(),
        made.body["parties"][1]["id"].as_str().unwrap()
    );
    let planned = mou(
        &[&city],
        json!({"status": "approved", "parties": parties,
        "transitions": [{"to": "approved", "on": {"edtf": "1994-10-01"}}]}),
    );
    let planned = api.create("/agreements", &planned).await;
    let then = format!("/agreements/{}?as_of=1994-11-10", planned.id());
    let then = api.read(&then).await.body["parties"].take();
    assert_eq!(then[0]["signed_on"]["edtf"], "1994-11-01");
    assert_eq!(then[0]["signatory"]["name"], "갑");
    assert_eq!(then[1]["signed_on"], Value::Null);
    assert_eq!(then[1]["signatory"], Value::Null);
    let reason = "?correction_reason=%EC%98%A4%EA%B8%B0";
    let later = json!({"signed_on": {"edtf": "2026-11-24"}});
    let refused = api.patch(&format!("{part}{reason}"), "*", &later).await;
    assert_eq!(refused.expect(422).places(), ["/signed_on", "/signed_on"]);
}

async fn a_party_never_signs_after_the_agreement(api: Api) {
    let city = api.municipality().await;
    for (signing, own, is_right) in [
        ("1994-11-01", "1994-11-01", true),
        ("1994-11-01", "1994-10-15", true),
        ("1994-11-01", "1994-11-02", false),
        ("1994-11", "1994-11-30", true),
        ("1994-11", "1994-12", false),
        ("1994", "1994-12-31", true),
        ("1994-11-01", "1994", true),
        ("1994-11-01", "1995", false),
    ] {
        let company = api.organization("갑 기관").await;
        let parties = json!([
            {"organization_id": city}, {"organization_id": company, "signed_on": {"edtf": own}}]);
        let made = attempt(
            &api,
            &city,
            json!({"status": "signed", "signed_on": {"edtf": signing}, "parties": parties}),
        )
        .await;
        if is_right {
            made.expect(201);
            continue;
        }
        let refused = made.expect(422);
        assert_eq!(
            refused.places(),
            ["/parties/1/signed_on"],
            "{signing} {own}"
        );
        assert_eq!(code(&refused), "after_signing");
    }
    // The step that signs is held to it too, and so is a correction of the day.
    let draft = record(&api, &city, json!({"status": "approved"})).await;
    let part = format!(
        "/agreements/{}/parties/{}",
        draft.id(),
        draft.body["parties"][1]["id"].as_str().unwrap()
    );
    let own = json!({"signed_on": {"edtf": "2026-11-20"}});
    api.update(&part, "*", &own).await;
    let step = format!("/agreements/{}/transitions", draft.id());
    let early = json!({"to": "signed", "on": {"edtf": "2026-11-19"}});
    let refused = api.post(&step, &early).await.expect(422);
    assert_eq!(refused.places(), ["/parties/1/signed_on"]);
    api.act(
        &step,
        &json!({"to": "signed", "on": {"edtf": "2026-11-20"}}),
    )
    .await;
    let path = format!(
        "/agreements/{}?correction_reason=%EC%98%A4%EA%B8%B0",
        draft.id()
    );
    let corrected = json!({"signed_on": {"edtf": "2026-11-01"}});
    let refused = api.patch(&path, "*", &corrected).await.expect(422);
    assert_eq!(refused.places(), ["/parties/1/signed_on"]);
}

/// Ids of the shown parties of an agreement, and the last days of each.
fn parties(agreement: &Value) -> Vec<(&Value, &Value)> {
    let parties = agreement["parties"].as_array().unwrap().iter();
    parties
        .map(|party| (&party["organization_id"], &party["until"]["edtf"]))
        .collect()
}

async fn parties_come_and_go(api: Api) {
    let city = api.municipality().await;
    let [stays, leaves, joins] = [
        api.organization("갑 기관").await,
        api.organization("을 기관").await,
        api.organization("병 기관").await,
    ];
    let all = json!([
        {"organization_id": leaves, "until": {"edtf": "2024-05-01"}},
        {"organization_id": city}, {"organization_id": stays},
        {"organization_id": joins, "from": {"edtf": "2025"}, "signed_on": {"edtf": "2025-03-01"}}]);
    let said = |party: usize| json!({"speaker": "가", "text": {"ko": "말"}, "party": party});
    let more = json!({"parties": all, "statements": [said(0), said(2)]});
    let made = api
        .create(
            "/agreements",
            &with(signed_mou(&[&city], "2022-03-01", json!({})), more),
        )
        .await;
    let (null, left) = (Value::Null, json!("2024-05-01"));
    let ids = [json!(city), json!(stays), json!(leaves), json!(joins)];
    let [own, stays, leaves, joins] = &ids;
    let here = [(own, &null), (stays, &null)];
    let was = (leaves, &left);
    assert_eq!(
        parties(&made.body),
        [&[was][..], &here, &[(joins, &null)]].concat()
    );
    let path = format!("/agreements/{}", made.id());
    for (day, before, after, speakers) in [
        // A past day knows no later end, and shows no party that joined later.
        (
            "2022-03-01",
            Some((leaves, &null)),
            None,
            [json!(0), json!(2)],
        ),
        (
            "2024-04-30",
            Some((leaves, &null)),
            None,
            [json!(0), json!(2)],
        ),
        ("2024-05-01", Some(was), None, [json!(0), json!(2)]),
        ("2024-05-02", None, None, [null.clone(), json!(1)]),
        (
            "2025-01-01",
            None,
            Some((joins, &null)),
            [null.clone(), json!(1)],
        ),
        (
            "2026-11-23",
            None,
            Some((joins, &null)),
            [null.clone(), json!(1)],
        ),
    ] {
        let then = api.read(&format!("{path}?as_of={day}")).await.body;
        let expected: Vec<_> = before.into_iter().chain(here).chain(after).collect();
        assert_eq!(parties(&then), expected, "{day}");
        let spoke = then["statements"].as_array().unwrap().iter();
        let spoke: Vec<&Value> = spoke.map(|s| &s["party"]).collect();
        assert_eq!(spoke, [&speakers[0], &speakers[1]], "{day}");
    }
    // Rows show who takes part on the day, today like any other.
    for (query, shown) in [
        ("", vec![own, stays, joins]),
        ("?as_of=2026-11-23", vec![own, stays, joins]),
        ("?as_of=2024-05-01", vec![leaves, own, stays]),
    ] {
        let row = api.read(&format!("/agreements{query}")).await.items()[0].clone();
        let parties = row["parties"].as_array().unwrap().iter();
        let parties: Vec<&Value> = parties.map(|p| &p["organization"]["id"]).collect();
        assert_eq!(parties, shown, "{query}");
    }
    // What looks at a day counts those who take part on it.
    let leaves = leaves.as_str().unwrap();
    let listed = format!("/agreements?organization_id={leaves}");
    assert_eq!(api.find(&listed).await, made.id());
    for (day, shows) in [("2024-05-01", 1), ("2024-05-02", 0)] {
        let timeline = format!("/timeline?organization_id={leaves}&as_of={day}");
        let timeline = api.read(&timeline).await;
        assert_eq!(timeline.items().len(), shows, "{day}");
        let all = api.read(&format!("/timeline?as_of={day}")).await;
        let shown = &all.items()[0]["organizations"];
        assert_eq!(shown.as_array().unwrap().len(), 2 + shows, "{day}");
        let figures = format!("/statistics/agreements?organization_id={leaves}&as_of={day}");
        let figures = api.read(&figures).await.body;
        assert_eq!(
            figures["totals"]["count"]["count"],
            json!(shows),
            "{figures}"
        );
        let groups = format!("/statistics/agreements?group_by=party&as_of={day}");
        let groups = api.read(&groups).await.text;
        assert_eq!(groups.contains(leaves), shows == 1, "{day}");
    }
}

async fn an_organization_that_left_can_join_again(api: Api) {
    let city = api.municipality().await;
    let company = api.organization("갑 기관").await;
    for (until, from, is_right) in [
        (json!("2023-06-30"), json!("2025-01-01"), true),
        (json!("2023"), json!("2023-12"), true),
        (json!("2025-01-01"), json!("2023-06-30"), false),
        (json!("2023-06-30"), Value::Null, false),
        (Value::Null, json!("2025-01-01"), false),
    ] {
        let date = |edtf: &Value| (!edtf.is_null()).then(|| json!({"edtf": edtf}));
        let parties = json!([{"organization_id": city},
            {"organization_id": company, "until": date(&until)},
            {"organization_id": company, "from": date(&from)}]);
        let new = with(
            signed_mou(&[&city], "2022-03-01", json!({})),
            json!({"parties": parties, "title": {"ko": format!("협약 {until}")}}),
        );
        let made = api.post("/agreements", &new).await;
        if is_right {
            let made = made.expect(201);
            assert_eq!(made.body["warnings"], json!([]));
            continue;
        }
        let refused = made.expect(422);
        assert_eq!(refused.places(), ["/parties/2/organization_id"]);
        assert_eq!(code(&refused), "party_already");
    }
    let parties = json!([{"organization_id": city, "from": {"edtf": "2024"}, "until": {"edtf": "2023"}},
        {"organization_id": company}]);
    let new = with(
        signed_mou(&[&city], "2022-03-01", json!({})),
        json!({"parties": parties}),
    );
    let refused = api.post("/agreements", &new).await.expect(422);
    assert_eq!(refused.places(), ["/parties/0/until"]);
}

async fn amounts_promised_and_reached(api: Api) {
    let city = api.municipality().await;
    let company = api.organization("갑 기관").await;
    let promise = |text: &str, target: Value| json!({"text": {"ko": text}, "owed_by": [company], "target": target});
    let jobs = json!({"value": 50, "unit": "persons", "as_stated": "50여명", "approximate": true});
    let commitments = json!([
        promise("50여명 고용", jobs),
        promise("투자", json!({"value": 13_000_000_000_i64, "unit": "KRW"})),
        promise("450명 고용", json!({"value": 450, "unit": "persons"})),
        promise("협력", Value::Null)
    ]);
    let new = signed_mou(
        &[&city, &company],
        "2022-11-03",
        json!({"commitments": commitments}),
    );
    let made = api
        .create("/agreements", &with(new, json!({"kind": "investment"})))
        .await;
    let path = |place: usize| {
        let id = made.body["commitments"][place]["id"].as_str().unwrap();
        format!("/agreements/{}/commitments/{id}", made.id())
    };
    let read = async |place: usize, query: &str| {
        let path = path(place);
        let shown = api.read(&format!("{path}{query}")).await.body;
        (shown["value"].clone(), shown["percent_of_target"].clone())
    };
    assert_eq!(made.body["commitments"][0]["target"]["as_stated"], "50여명");
    assert_eq!(read(0, "").await, (Value::Null, Value::Null));
    for (on, value) in [("2024-06-30", json!(38)), ("2025-06-30", json!(60))] {
        let report = json!({"on": {"edtf": on}, "status": "in_progress", "value": value});
        let made = api.create(&format!("{}/reports", path(0)), &report).await;
        assert_eq!(made.body["value"].as_f64(), value.as_f64());
    }
    // A later report without a number leaves the last one standing.
    let done = json!({"on": {"edtf": "2025-12-31"}, "status": "fulfilled"});
    api.create(&format!("{}/reports", path(0)), &done).await;
    assert_eq!(read(0, "").await, (json!(60.0), json!(120.0)));
    assert_eq!(
        read(0, "?as_of=2024-12-31").await,
        (json!(38.0), json!(76.0))
    );
    let unmeasured = json!({"on": {"edtf": "2025-12-31"}, "status": "in_progress", "value": 1});
    let refused = api.post(&format!("{}/reports", path(3)), &unmeasured).await;
    let refused = refused.expect(422);
    assert_eq!(
        (refused.places(), code(&refused)),
        (vec!["/value"], "no_target")
    );
    let negative = json!({"on": {"edtf": "2025-12-31"}, "status": "in_progress", "value": -1});
    let refused = api.post(&format!("{}/reports", path(0)), &negative).await;
    assert_eq!(refused.expect(422).places(), ["/value"]);
    // Councils ask for sums.
    for (day, reached) in [("2024-12-31", 38.0), ("2026-11-23", 60.0)] {
        let figures = api
            .read(&format!("/statistics/agreements?as_of={day}"))
            .await
            .body;
        let mut amounts = figures["totals"]["amounts"].clone();
        for amount in amounts.as_array_mut().unwrap() {
            let link = amount.as_object_mut().unwrap().remove("link").unwrap();
            let listed = link.as_str().unwrap().strip_prefix("/api/v1").unwrap();
            let listed = api.read(listed).await;
            assert_eq!(amount["commitments"], listed.items().len());
        }
        let expected = json!([
            {"unit": "KRW", "commitments": 1, "promised": 13e9, "reported": 0, "reached": 0.0,
                "promised_of_reported": 0.0},
            {"unit": "persons", "commitments": 2, "promised": 500.0, "reported": 1,
                "reached": reached, "promised_of_reported": 50.0}]);
        assert_eq!(amounts, expected, "{day}");
    }
    let report = format!("/municipalities/{city}/council-report?from=2022-01-01&to=2026-11-23");
    let told = api.read(&report).await.body;
    let told = told["commitments"].as_array().unwrap().iter();
    let jobs: Vec<&Value> = told
        .filter(|one| one["percent_of_target"] == 120.0)
        .collect();
    assert_eq!(jobs.len(), 1);
    let page = api.read(&format!("{report}&format=html")).await.text;
    assert!(page.contains("60 / 50명 (120%)"), "{page}");
}

async fn parties_that_are_not_named(api: Api) {
    let city = api.municipality().await;
    let others = json!({"count": 25, "as_stated": "외 25개사"});
    let named = [city.as_str()];
    // A signed agreement has two parties at least, named or not.
    for (others, is_right) in [
        (others.clone(), true),
        (json!({"as_stated": "등 관내 기업"}), true),
        (Value::Null, false),
    ] {
        let new = signed_mou(&named, "2022-03-01", json!({"other_parties": others}));
        let made = api.post("/agreements", &new).await;
        let made = made.expect(if is_right { 201 } else { 422 });
        if !is_right {
            assert_eq!(made.places(), ["/parties"]);
            continue;
        }
        assert_eq!(made.body["parties"].as_array().unwrap().len(), 1);
        assert_eq!(made.body["other_parties"]["as_stated"], others["as_stated"]);
    }
    let listed = api.read("/agreements?q=25%EA%B0%9C%EC%82%AC").await;
    assert_eq!(listed.items().len(), 1, "{}", listed.text);
    assert_eq!(listed.items()[0]["other_parties"], others);
    let report = format!("/municipalities/{city}/council-report?from=2022-01-01&to=2026-11-23");
    let page = api.read(&format!("{report}&format=html")).await.text;
    assert!(page.contains("외 25곳"), "{page}");
    let refused = json!({"other_parties": {}});
    let refused = signed_mou(&named, "2022-03-01", refused);
    let refused = api.post("/agreements", &refused).await.expect(422);
    assert_eq!(refused.places(), ["/other_parties/count"]);
}
