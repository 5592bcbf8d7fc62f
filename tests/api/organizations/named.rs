//! Organizations that requests name in place of their ids.

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::records::{mou, with};

on_both!(new: a_draft_with_new_bodies_takes_few_calls, a_recorded_organization_is_found,
    an_unclear_name_is_refused_with_candidates, every_request_can_name_organizations,
    nothing_is_recorded_for_a_refused_request, editors_record_what_they_name);

fn named(kind: &str, name: &str) -> Value {
    json!({"organization": {"name": {"ko": name}, "kind": kind}})
}

/// The ids of the organizations in warnings with a code.
fn told(record: &Value, code: &str) -> Vec<String> {
    let warnings = record["warnings"].as_array().unwrap().iter();
    let told = warnings.filter(|w| w["code"] == code);
    told.map(|w| w["organizations"][0]["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn entries(api: &Api) -> Vec<String> {
    let changes = api.read("/changes?limit=200").await;
    let types = changes
        .items()
        .iter()
        .map(|c| c["record_type"].as_str().unwrap().to_owned());
    types.collect()
}

async fn a_draft_with_new_bodies_takes_few_calls(api: Api) {
    let city = api.municipality().await;
    let before = entries(&api).await.len();
    // The first call: four new bodies and three commitments.
    let draft = api.create("/agreements", &json!({
        "municipality_id": city, "kind": "mou", "title": {"ko": "메디컬·바이오 클러스터 조성 업무협약"},
        "parties": [{"organization_id": city, "role": "lead"}, named("association", "한국바이오의약품협회"),
            named("hospital", "명지병원"), named("hospital", "국립암센터"), named("research_institute", "한국한의학연구원")],
        "commitments": [
            {"text": {"ko": "클러스터를 조성한다"}, "owed_by": [{"party": 0}]},
            {"text": {"ko": "회원사에 알린다"}, "owed_by": [{"party": 1}], "owed_to": [{"party": 0}]},
            {"text": {"ko": "임상을 지원한다"},
                "owed_by": [{"party": 2}, {"organization": {"name": {"ko": "국립암센터"}}}]},
        ],
    })).await;
    // The second: a working group of the same bodies.
    let group = api
        .create(
            "/working-groups",
            &json!({
                "municipality_id": city, "name": {"ko": "실무협의체"}, "agreement_id": draft.id(),
                "members": [{"organization_id": city}, named("hospital", "명지병원"),
                    {"organization": {"name": {"ko": "국립 암센터"}}}],
            }),
        )
        .await;
    assert_eq!(told(&draft.body, "organization_recorded").len(), 4);
    let parties = draft.body["parties"].as_array().unwrap();
    let names: Vec<&str> = parties
        .iter()
        .map(|p| p["organization"]["name"]["ko"].as_str().unwrap())
        .collect();
    assert_eq!(
        names[1..],
        [
            "한국바이오의약품협회",
            "명지병원",
            "국립암센터",
            "한국한의학연구원"
        ]
    );
    let owing = &draft.body["commitments"][2]["owed_by_organizations"];
    assert_eq!(
        owing,
        &json!([parties[2]["organization"], parties[3]["organization"]])
    );
    let member = |n: usize| &group.body["members"][n]["organization_id"];
    assert_eq!(
        (member(1), member(2)),
        (
            &parties[2]["organization_id"],
            &parties[3]["organization_id"]
        )
    );
    assert_eq!(told(&group.body, "organization_matched").len(), 2);
    // Each new organization has an entry of its own, before the agreement.
    let right = [&["organization"; 4][..], &["agreement", "working_group"]].concat();
    assert_eq!(entries(&api).await[before..], right);
    // The warnings tell of the request alone, and the tag of the answer still names the state.
    let read = api.read(&format!("/agreements/{}", draft.id())).await;
    assert_eq!(
        told(&read.body, "organization_recorded"),
        Vec::<String>::new()
    );
    let path = format!("/agreements/{}", draft.id());
    api.update(
        &path,
        draft.etag(),
        &json!({"lead_department": "전략산업과"}),
    )
    .await;
}

async fn a_recorded_organization_is_found(api: Api) {
    let city = api.municipality().await;
    let number = json!([{"scheme": "KR-BRN", "id": "1248100998"}]);
    let new = json!({"kind": "hospital", "name": {"ko": "명지병원", "en": "Myongji Hospital"}, "identifiers": number});
    let known = api.create("/organizations", &new).await;
    for organization in [
        json!({"name": {"ko": "명지 병원"}}),
        json!({"name": {"en": "MYONGJI hospital"}, "kind": "hospital"}),
        json!({"name": {"ko": "(의)명지병원"}}),
        json!({"identifiers": [{"scheme": "KR-BRN", "id": "124-81-00998"}]}),
    ] {
        let mut new = mou(&[&city, &city], json!({}));
        new["parties"][1] = json!({"organization": organization});
        let made = api.create("/agreements", &new).await;
        assert_eq!(
            told(&made.body, "organization_matched"),
            [known.id()],
            "{organization}"
        );
    }
    // A merged duplicate is found as its survivor.
    let gone = api.organization("명지의원").await;
    api.merge(&gone, known.id()).await;
    let mut new = mou(&[&city, &city], json!({}));
    new["parties"][1] = json!({"organization": {"name": {"ko": "명지의원"}}});
    let made = api.create("/agreements", &new).await;
    assert_eq!(told(&made.body, "organization_matched"), [known.id()]);
    // It is no second party.
    let again = json!({"organization": {"name": {"ko": "명지병원"}}});
    new["parties"].as_array_mut().unwrap().push(again);
    let twice = api.post("/agreements", &new).await.expect(422);
    assert_eq!(twice.places(), ["/parties/2/organization"]);
}

async fn an_unclear_name_is_refused_with_candidates(api: Api) {
    let city = api.municipality().await;
    let one = api.organization("㈜하나").await;
    let two = json!({"kind": "foundation", "name": {"ko": "(재)하나"}});
    let two = api.create("/organizations", &two).await.id().to_owned();
    let before = entries(&api).await.len();
    let mut new = mou(&[&city, &city], json!({}));
    new["parties"][1] = json!({"organization": {"name": {"ko": "하나"}, "kind": "company"}});
    // Everything else that is wrong is named, too.
    let unknown = json!({"organization": {"name": {"ko": "둘"}}});
    new["parties"].as_array_mut().unwrap().push(unknown);
    new["statements"] = json!([{"speaker": "이재준", "party": 7, "text": {"ko": "말"}}]);
    let refused = api.post("/agreements", &new).await.expect(422);
    let mut places = refused.places();
    places.sort_unstable();
    assert_eq!(
        places,
        [
            "/parties/1/organization",
            "/parties/2/organization/kind",
            "/statements/0/party"
        ]
    );
    let errors = refused.body["errors"].as_array().unwrap();
    let unclear = errors
        .iter()
        .find(|e| e["code"] == "organization_unclear")
        .unwrap();
    let candidates = unclear["candidates"].as_array().unwrap();
    let ids: Vec<&str> = candidates
        .iter()
        .map(|c| c["id"].as_str().unwrap())
        .collect();
    assert!(ids.len() == 2 && ids.contains(&one.as_str()) && ids.contains(&two.as_str()));
    let other = candidates.iter().find(|c| c["id"] == json!(two)).unwrap();
    assert_eq!(other["likeness"], json!(["similar_name", "other_kind"]));
    assert_eq!(
        (&other["kind"], &other["identifiers"]),
        (&json!("foundation"), &json!([]))
    );
    assert!(
        errors
            .iter()
            .all(|e| e["code"] == "organization_unclear" || e.get("candidates").is_none())
    );
    assert_eq!(entries(&api).await.len(), before);
    // None of them is meant.
    let mut new = mou(&[&city, &city], json!({}));
    new["parties"][1] = json!({"organization":
        {"name": {"ko": "하나"}, "kind": "company", "record_anew": true}});
    let made = api.create("/agreements", &new).await;
    let recorded = told(&made.body, "organization_recorded");
    assert!(recorded[0] != one && recorded[0] != two);
}

async fn every_request_can_name_organizations(api: Api) {
    let city = api.municipality().await;
    let hospital = named("hospital", "명지병원");
    let made = api.create("/agreements", &mou(&[&city], json!({}))).await;
    let parties = format!("/agreements/{}/parties", made.id());
    let added = api.create(&parties, &hospital).await;
    let id = told(&added.body, "organization_recorded").remove(0);
    let commitments = format!("/agreements/{}/commitments", made.id());
    let owed =
        json!({"text": {"ko": "일"}, "owed_by": [{"organization": {"name": {"ko": "명지병원"}}}]});
    let owed = api.create(&commitments, &owed).await;
    let commitment = &owed.body["commitments"][0];
    assert_eq!(commitment["owed_by"], json!([id]));
    // A change can name another one.
    let party = format!(
        "{parties}/{}",
        added.body["parties"][1]["id"].as_str().unwrap()
    );
    api.patch(&party, "*", &named("hospital", "일산병원"))
        .await
        .expect(422);
    let path = format!("{commitments}/{}", commitment["id"].as_str().unwrap());
    api.update(&path, "*", &json!({"owed_by": []})).await;
    let changed = api
        .update(&party, "*", &named("hospital", "일산병원"))
        .await;
    assert_eq!(
        changed.body["parties"][1]["organization"]["name"]["ko"],
        "일산병원"
    );
    let alone = json!({"text": {"ko": "일"}, "owed_by": [{"party": 0}]});
    let alone = api.post(&commitments, &alone).await.expect(422);
    assert_eq!(alone.places(), ["/owed_by/0"]);
    let project = with(
        json!({"municipality_id": city, "kind": "other", "title": {"ko": "사업"}}),
        json!({"implementers": [named("public_corporation", "고양도시관리공사")]}),
    );
    let project = api.create("/projects", &project).await;
    let implementer = &project.body["implementing_organizations"][0]["name"]["ko"];
    assert_eq!(implementer, "고양도시관리공사");
    let path = format!("/projects/{}", project.id());
    let two = json!({"implementers": [named("public_corporation", "고양도시관리공사"), hospital]});
    let two = api.update(&path, "*", &two).await;
    assert_eq!(two.body["implementers"][0], project.body["implementers"][0]);
    assert_eq!(two.body["implementers"][1]["organization_id"], json!(id));
    let association = json!({"name": {"ko": "협회"}});
    let association = api.create("/associations", &association).await;
    let members = format!("/associations/{}/members", association.id());
    let member = api.create(&members, &hospital).await;
    assert_eq!(member.body["organization"]["id"], json!(id));
    let group = json!({"municipality_id": city, "name": {"ko": "협의체"}, "members": [{"organization_id": city}]});
    let group = api.create("/working-groups", &group).await;
    let members = format!("/working-groups/{}/members", group.id());
    let joined = api.act(&members, &hospital).await;
    assert_eq!(joined.body["members"][1]["organization_id"], json!(id));
    let meetings = format!("/working-groups/{}/meetings", group.id());
    let meeting = json!({"title": {"ko": "회의"}, "held_on": {"edtf": "2023-01-01"},
        "attendee_ids": [city, {"organization": {"name": {"ko": "명지병원"}}}]});
    let meeting = api.create(&meetings, &meeting).await;
    assert_eq!(meeting.body["attendee_ids"], json!([city, id]));
}

async fn nothing_is_recorded_for_a_refused_request(api: Api) {
    let city = api.municipality().await;
    let before = entries(&api).await.len();
    let both = with(
        named("hospital", "명지병원"),
        json!({"organization_id": city}),
    );
    for (party, place) in [
        (both, "/parties/1/organization"),
        (json!({}), "/parties/1/organization_id"),
        (json!({"organization": {}}), "/parties/1/organization/name"),
        (
            json!({"organization": {"name": {"ko": "가"}, "kind": "municipality"}}),
            "/parties/1/organization/kind",
        ),
        (
            json!({"organization": {"name": {"ko": "가"}, "kind": "company", "identifiers":
            [{"scheme": "KR-BRN", "id": "1248100999"}]}}),
            "/parties/1/organization/identifiers/0/id",
        ),
    ] {
        let mut new = mou(&[&city, &city], json!({}));
        new["parties"][1] = party.clone();
        let refused = api.post("/agreements", &new).await.expect(422);
        assert!(
            refused.places().contains(&place),
            "{party} {:?}",
            refused.places()
        );
    }
    // A signed agreement needs a second party: the first is not left behind.
    let mut new = mou(&[&city], json!({"status": "signed"}));
    new["parties"] = json!([named("hospital", "명지병원")]);
    api.post("/agreements", &new).await.expect(422);
    assert_eq!(entries(&api).await.len(), before);
}

async fn editors_record_what_they_name(api: Api) {
    let city = api.municipality().await;
    let other = api.other_municipality().await;
    let editor = api.staff("editor", &city).await;
    let mut new = mou(&[&city, &city], json!({}));
    new["parties"][1] = named("hospital", "명지병원");
    let made = editor.create("/agreements", &new).await;
    let id = told(&made.body, "organization_recorded").remove(0);
    // Whoever added it can change it.
    editor
        .update(
            &format!("/organizations/{id}"),
            "*",
            &json!({"short_name": {"ko": "명지"}}),
        )
        .await;
    new["municipality_id"] = json!(other);
    new["parties"][1] = named("hospital", "일산병원");
    editor.post("/agreements", &new).await.expect(403);
    let found = api
        .read("/organizations?q=%EC%9D%BC%EC%82%B0%EB%B3%91%EC%9B%90")
        .await;
    assert_eq!(found.items().len(), 0);
    api.staff("viewer", &city)
        .await
        .post("/agreements", &new)
        .await
        .expect(403);
}
