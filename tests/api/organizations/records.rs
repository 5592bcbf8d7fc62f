use serde_json::json;

use crate::support::Api;

on_both!(new:
    a_municipality_abroad_has_a_country, foreign_bodies_with_names_of_their_own,
    municipality_from_its_code, identifiers_are_unique, look_alikes_are_warned_of,
    a_merge_keeps_the_duplicates_id, lists_are_filtered_by_a_merged_id,
    bodies_of_different_kinds_are_not_merged, members_of_an_association, what_is_referred_to_stays);

async fn municipality_from_its_code(api: Api) {
    let made = api
        .create("/municipalities", &json!({"code": "4128000000"}))
        .await;
    assert_eq!(made.body["name"]["ko"], "고양시");
    assert_eq!(made.body["parent_name"]["ko"], "경기도");
    assert_eq!(
        (&made.body["level"], &made.body["kind"]),
        (&json!("basic"), &json!("city"))
    );
    assert_eq!(made.body["gaps"][0]["code"], "officers_unknown");
    let again = api
        .post("/municipalities", &json!({"code": "4128000000"}))
        .await
        .expect(409);
    assert_eq!(again.places(), ["/code"]);
    assert!(again.text.contains(made.id()));
    api.post("/municipalities", &json!({"code": "0000000000"}))
        .await
        .expect(422);
    // A municipality is also an organization of the kind `municipality`.
    let seen = api.read(&format!("/organizations/{}", made.id())).await;
    assert_eq!(seen.body["kind"], "municipality");
    let refused = api
        .post(
            "/organizations",
            &json!({"kind": "municipality", "name": {"ko": "고양시"}}),
        )
        .await
        .expect(422);
    assert_eq!(refused.places(), ["/kind"]);
}

fn karatsu() -> serde_json::Value {
    json!({"kind": "municipality", "name": {"ko": "가라쓰시", "en": "Karatsu"}, "country": "JP",
        "local_name": {"language": "ja", "text": "佐賀県 唐津市"},
        "sources": [{"title": "여수시 국제자매도시"}]})
}

async fn a_municipality_abroad_has_a_country(api: Api) {
    let city = api.municipality().await;
    let at_home = api.read(&format!("/organizations/{city}")).await;
    assert_eq!(at_home.body["country"], "KR");
    let made = api.create("/organizations", &karatsu()).await;
    assert_eq!(made.body["country"], "JP");
    assert_eq!(made.body["gaps"], json!([]), "a number of Korea is no gap");
    // A municipality of Korea, or of an unknown country, is recorded by its code.
    for country in [json!(null), json!("KR")] {
        let new = json!({"kind": "municipality", "name": {"ko": "가라쓰시"}, "country": country});
        let refused = api.post("/organizations", &new).await.expect(422);
        assert_eq!(refused.body["errors"][0]["code"], "use_municipalities");
        let path = format!("/organizations/{}", made.id());
        let refused = api.patch(&path, "*", &json!({"country": country})).await;
        assert_eq!(refused.expect(422).places(), ["/country"]);
    }
    for country in [json!(null), json!("JP")] {
        let path = format!("/municipalities/{city}");
        let refused = api.patch(&path, "*", &json!({"country": country})).await;
        assert_eq!(refused.expect(422).places(), ["/country"]);
    }
    // It is a party like any body, and owns nothing here.
    let own = format!("/municipalities/{}", made.id());
    api.get(&own).await.expect(404);
    assert_eq!(api.find("/municipalities").await, city);
    let parties = json!([{"organization_id": city}, {"organization_id": made.id()}]);
    let agreement = |owner: &str| json!({"municipality_id": owner, "kind": "sisterhood", "title": {"ko": "자매결연"}, "parties": parties});
    let refused = api.post("/agreements", &agreement(made.id())).await;
    assert_eq!(refused.expect(422).places(), ["/municipality_id"]);
    api.create("/agreements", &agreement(&city)).await;
    let both = api.read("/organizations?kind=municipality&with_total=true");
    assert_eq!(both.await.body["total"], 2);
    // Duplicates are merged, as those of other bodies are.
    let new = json!({"kind": "other", "name": {"ko": "일본 가라쓰시"}});
    let again = api.create("/organizations", &new).await.id().to_owned();
    let merged = api.merge(made.id(), &again).await;
    assert_eq!(merged.body["country"], "JP");
    assert_eq!(merged.body["local_name"]["language"], "ja");
}

async fn foreign_bodies_with_names_of_their_own(api: Api) {
    let made = api.create("/organizations", &karatsu()).await;
    let company = json!({"kind": "company", "name": {"ko": "어떤 회사"}, "country": "US"});
    let company = api.create("/organizations", &company).await;
    api.organization("나라 모르는 기관").await;
    for (query, id) in [
        ("country=JP", made.id()),
        ("country=US", company.id()),
        ("q=%E5%94%90%E6%B4%A5", made.id()),
    ] {
        assert_eq!(api.find(&format!("/organizations?{query}")).await, id);
    }
    let found = api.read("/search?q=%E5%94%90%E6%B4%A5%E5%B8%82").await;
    assert_eq!(found.body["items"][0]["id"], json!(made.id()));
    let twin = json!({"kind": "municipality", "name": {"ko": "카라츠시"}, "country": "JP",
        "local_name": {"language": "ja", "text": "佐賀県唐津市"}});
    let twin = api.create("/organizations", &twin).await;
    assert_eq!(twin.body["warnings"][0]["code"], "similar_name");
    let logged = api.read("/changes?limit=500").await;
    assert!(logged.text.contains("唐津市"));
    let wrong = json!({"kind": "other", "name": {"ko": "기관"}, "country": "jp",
        "local_name": {"language": "Japanese", "text": " "}});
    let refused = api.post("/organizations", &wrong).await.expect(422);
    let places = ["/country", "/local_name/language", "/local_name/text"];
    assert_eq!(refused.places(), places);
    api.get("/organizations?country=XX").await.expect(400);
}

async fn identifiers_are_unique(api: Api) {
    let body = |name: &str, id: &str| json!({"kind": "company", "name": {"ko": name}, "identifiers": [{"scheme": "KR-BRN", "id": id}]});
    let first = api
        .create("/organizations", &body("가", "124-81-00998"))
        .await;
    let second = api
        .post("/organizations", &body("나", "1248100998"))
        .await
        .expect(409);
    assert_eq!(second.places(), ["/identifiers/0/id"]);
    assert!(second.text.contains(first.id()), "the first is named");
    let wrong = api
        .post("/organizations", &body("다", "1248100997"))
        .await
        .expect(422);
    assert_eq!(wrong.body["errors"][0]["code"], "business_number");
    // Other forms of the same number, and numbers that no tax office can have issued.
    for same in ["１２４－８１－００９９８", "124–81—00998", "124 81 00998"] {
        let taken = api.post("/organizations", &body("라", same)).await;
        assert_eq!(taken.expect(409).places(), ["/identifiers/0/id"], "{same}");
    }
    for none in [
        "0000000000",
        "000-00-00000",
        "1008100992",
        "1240000999",
        "1248100004",
    ] {
        let refused = api
            .post("/organizations", &body("마", none))
            .await
            .expect(422);
        assert_eq!(
            refused.body["errors"][0]["code"], "business_number",
            "{none}"
        );
    }
    for written in ["1248100998", "124-81-00998", "124%2081%2000998%20"] {
        let found = api
            .find(&format!("/organizations?identifier={written}"))
            .await;
        assert_eq!(found, first.id());
    }
    // In other schemes hyphens are significant.
    let body = json!({"kind": "company", "name": {"ko": "라"}, "identifiers": [{"scheme": "other", "id": "LEI-1"}]});
    let other = api.create("/organizations", &body).await;
    assert_eq!(
        api.find("/organizations?identifier=LEI-1").await,
        other.id()
    );
    let none = api.read("/organizations?identifier=LEI1").await;
    assert_eq!(none.body["items"], json!([]));
}

async fn look_alikes_are_warned_of(api: Api) {
    let first = api.organization("㈜셀트리온").await;
    let second = api
        .create(
            "/organizations",
            &json!({"kind": "company", "name": {"ko": "주식회사 셀트리온"}}),
        )
        .await;
    assert_eq!(second.body["warnings"][0]["code"], "similar_name");
    assert_eq!(
        second.body["warnings"][0]["organizations"][0]["id"],
        json!(first)
    );
    let park = api.organization("세종테크노파크").await;
    for name in [
        "(재)세종테크노파크",
        "재단법인 세종테크노파크",
        "세종테크노파크 재단법인",
    ] {
        let body = json!({"kind": "foundation", "name": {"ko": name}});
        let made = api.create("/organizations", &body).await;
        let alike = made.body["warnings"][0]["organizations"]
            .as_array()
            .unwrap();
        assert!(alike.iter().any(|o| o["id"] == json!(park)), "{name}");
    }
}

async fn a_merge_keeps_the_duplicates_id(api: Api) {
    let city = api.municipality().await;
    let (keep, gone) = (
        api.organization("명지병원").await,
        api.organization("명지 병원").await,
    );
    let agreement = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "협약"},
        "parties": [{"organization_id": city}, {"organization_id": gone}]});
    let agreement = api.create("/agreements", &agreement).await;
    let merged = api.merge(&gone, &keep).await;
    assert_eq!(merged.id(), keep);
    assert_eq!(merged.body["other_names"][0]["ko"], "명지 병원");
    assert_eq!(api.read(&format!("/organizations/{gone}")).await.id(), keep);
    let seen = api.read(&format!("/agreements/{}", agreement.id())).await;
    assert_eq!(seen.body["parties"][1]["organization"]["id"], json!(keep));
    assert_eq!(
        api.find(&format!("/agreements?organization_id={keep}"))
            .await,
        agreement.id()
    );
    let listed = api
        .read("/organizations?kind=company&with_total=true")
        .await;
    assert_eq!(listed.body["total"], 1);
    api.post(
        &format!("/organizations/{keep}/merge"),
        &json!({"into_id": gone}),
    )
    .await
    .expect(422);
}

async fn lists_are_filtered_by_a_merged_id(api: Api) {
    let city = api.municipality().await;
    let (keep, gone) = (
        api.organization("명지병원").await,
        api.organization("명지 병원").await,
    );
    let association = |name: &str| json!({"name": {"ko": name}});
    let one = api.post("/associations", &association("협회")).await;
    let two = api.post("/associations", &association("협 회")).await;
    let member = json!({"organization_id": keep});
    let members = format!("/associations/{}/members", one.id());
    api.create(&members, &member).await;
    let body = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"},
        "implementers": [{"organization_id": gone}],
        "milestones": [{"kind": "completion"}]});
    let project = api.create("/projects", &body).await;
    let body = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "협약"}, "status": "signed",
        "signed_on": {"edtf": "2026-01-02"}, "parties": [{"organization_id": city}, {"organization_id": keep}]});
    let agreement = api.create("/agreements", &body).await;
    for (from, into) in [(&gone, keep.as_str()), (&one.id().to_owned(), two.id())] {
        let merge = json!({"into_id": into});
        api.act(&format!("/organizations/{from}/merge"), &merge)
            .await;
    }
    for id in [&keep, &gone] {
        let of = |list: &str| format!("{list}organization_id={id}");
        assert_eq!(api.find(&of("/projects?")).await, project.id());
        assert_eq!(api.find(&of("/agreements?")).await, agreement.id());
        assert_eq!(
            api.find(&of("/timeline?types=signing&")).await,
            agreement.id()
        );
        assert_eq!(
            api.find(&of("/timeline?types=milestone&")).await,
            project.body["milestones"][0]["id"].as_str().unwrap()
        );
    }
    for id in [one.id(), two.id()] {
        let found = api.find(&format!("/organizations?member_of={id}")).await;
        assert_eq!(found, keep);
    }
    // The project refers to the survivor.
    let path = format!("/projects/{}", project.id());
    let seen = api.read(&path).await.body;
    assert_eq!(seen["implementers"][0]["organization_id"], json!(keep));
    let nobody = "0178d7fa-2c00-7000-8000-00000000ffff";
    let none = api
        .read(&format!("/agreements?organization_id={nobody}"))
        .await;
    assert_eq!(none.body["items"], json!([]));
}

async fn bodies_of_different_kinds_are_not_merged(api: Api) {
    let city = api.municipality().await;
    let company = api.organization("고양시").await;
    let body = json!({"code": "4100000000"});
    let province = api.create("/municipalities", &body).await;
    let body = json!({"name": {"ko": "고양시"}});
    let association = api.create("/associations", &body).await;
    for (from, into) in [
        (city.as_str(), company.as_str()),
        (&company, &city),
        (&city, province.id()),
        (association.id(), &city),
        (&city, association.id()),
        (association.id(), &company),
        (&company, association.id()),
    ] {
        let merge = json!({"into_id": into});
        let refused = api
            .post(&format!("/organizations/{from}/merge"), &merge)
            .await
            .expect(422);
        assert_eq!(refused.places(), ["/into_id"]);
        assert_eq!(refused.body["errors"][0]["code"], "other_kind");
    }
}

async fn members_of_an_association(api: Api) {
    let association = api.create("/associations", &json!({"name": {"ko": "협회"}, "member_count": {"value": 2, "as_of": {"edtf": "2021-04-16"}}})).await;
    let company = api.organization("회원사").await;
    let path = format!("/associations/{}/members", association.id());
    let member = api
        .create(&path, &json!({"organization_id": company}))
        .await;
    assert_eq!(
        api.post(&path, &json!({"organization_id": company}))
            .await
            .expect(422)
            .places(),
        ["/organization_id"]
    );
    let seen = api
        .read(&format!("/associations/{}", association.id()))
        .await;
    assert_eq!(seen.body["recorded_members"], 1);
    assert!(seen.text.contains("members_missing"));
    api.find(&format!("/organizations?member_of={}", association.id()))
        .await;
    let one = format!("{path}/{}", member.id());
    let left = api
        .update(&one, member.etag(), &json!({"left": {"edtf": "2024"}}))
        .await;
    assert_eq!(left.body["left"]["latest"], "2024-12-31");
    api.create(&path, &json!({"organization_id": company}))
        .await;
    // It has joined again, so the earlier membership stays ended.
    let again = api.patch(&one, left.etag(), &json!({"left": null})).await;
    assert_eq!(again.expect(422).places(), ["/left"]);
    api.delete(&one, left.etag()).await.expect(204);
    api.get(&one).await.expect(404);
    let itself = json!({"organization_id": association.id()});
    let refused = api.post(&path, &itself).await.expect(422);
    assert_eq!(refused.places(), ["/organization_id"]);
    // A merge does not make it one either.
    let twin = api
        .post("/associations", &json!({"name": {"ko": "협 회"}}))
        .await;
    let itself = json!({"organization_id": twin.id()});
    api.create(&path, &itself).await;
    api.act(
        &format!("/organizations/{}/merge", twin.id()),
        &json!({"into_id": association.id()}),
    )
    .await;
    assert_eq!(
        api.post(&path, &itself).await.expect(422).body["errors"][0]["code"],
        "member_of_itself"
    );
    let left = api.read(&format!("{path}?with_total=true")).await;
    assert_eq!(left.body["total"], 1);
    api.post(
        &format!("/associations/{company}/members"),
        &json!({"organization_id": company}),
    )
    .await
    .expect(404);
}

async fn what_is_referred_to_stays(api: Api) {
    let city = api.municipality().await;
    let project = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "사업"}});
    let project = api.create("/projects", &project).await;
    api.delete(&format!("/municipalities/{city}"), "*")
        .await
        .expect(409);
    api.read(&format!("/municipalities/{city}")).await;
    api.delete(&format!("/projects/{}", project.id()), project.etag())
        .await
        .expect(204);
    api.delete(&format!("/municipalities/{city}"), "*")
        .await
        .expect(204);
}
