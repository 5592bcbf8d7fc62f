use serde_json::json;

use crate::support::Api;

on_both!(new: together_and_apart, long_queries_and_the_official_list, legal_forms_are_one_name);

on_both!(with_demo:
    words_inside_words, names_come_first, pages_of_what_was_found, nothing_is_an_answer,
    milestones_by_what_was_said);

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn words_inside_words(api: Api) {
    for (query, expected) in [
        (
            "협약",
            "고양 일산테크노밸리 메디컬·바이오 클러스터 조성 업무협약",
        ),
        ("한국바이오의약품협회", "한국바이오의약품협회"),
        ("Technovalley goyang", "고양 일산테크노밸리"),
        ("4128000000", "고양시"),
        ("랩", "K-바이오 랩허브 구축사업 업무협약"),
    ] {
        let found = api.read(&format!("/search?q={}", encoded(query))).await;
        let titles: Vec<_> = found
            .items()
            .iter()
            .map(|i| i["title"]["ko"].as_str().unwrap())
            .collect();
        assert!(titles.contains(&expected), "{query}: {titles:?}");
    }
    let decomposed = "\u{1112}\u{1167}\u{11b8}\u{110b}\u{1163}\u{11a8}";
    let composed = api
        .read(&format!("/search?q={}", encoded("협약")))
        .await
        .text;
    assert_eq!(
        api.read(&format!("/search?q={}", encoded(decomposed)))
            .await
            .text,
        composed
    );
}

/// Whether a query finds an organization by its name, in the search and in the lists.
async fn finds(api: &Api, id: &str, query: &str) -> bool {
    let q = encoded(query);
    let found = api.read(&format!("/search?q={q}")).await;
    let listed = api.read(&format!("/organizations?q={q}")).await;
    let is_in = |items: &Vec<serde_json::Value>| items.iter().any(|item| item["id"] == json!(id));
    assert_eq!(is_in(found.items()), is_in(listed.items()), "{query}");
    if let Some(item) = found.items().iter().find(|item| item["id"] == json!(id)) {
        assert_eq!(item["matched"], "name", "{query}");
    }
    is_in(found.items())
}

async fn together_and_apart(api: Api) {
    for (name, by, not_by) in [
        (
            "가온 업무 협약 센터",
            &[
                "업무협약",
                "업무협약센터",
                "가온 업무협약",
                "ㅇㅁㅎㅇ",
                "ㅎㅇ",
                "業務協約",
            ][..],
            &["무협", "ㅁㅎ"][..],
        ),
        (
            "나래 업무·협약원",
            &["업무협약", "업무 협약", "업무\u{318d}협약원"],
            &["협약업무"],
        ),
        (
            "다솜 업무\u{318d}협약소",
            &["업무협약소", "업무·협약", "다솜업무협약소"],
            &[],
        ),
        (
            "라온업무협약처",
            &[
                "업무 협약",
                "업무·협약",
                "업무\u{200b}협약",
                "업무\u{ad}협약",
                "업무\u{a0}협약",
            ],
            &["라협"],
        ),
        (
            "마루\u{200b}병원(瑪樓病院)",
            &["마루병원", "病院", "ㅁㄹㅂㅇ"],
            &["ㄹㅇ"],
        ),
        (
            "大韓醫師協會",
            &["대한의사협회", "의사 협회", "ㄷㅎㅇㅅㅎㅎ"],
            &["대한치과"],
        ),
        (
            "金浦復興財團",
            &["김포부흥재단", "김포", "ㄱㅍㅂㅎ", "金浦"],
            &["금포", "복흥"],
        ),
        ("김포음악원", &["金浦音樂院", "音樂"], &["園樂"]),
    ] {
        let id = api.organization(name).await;
        for query in by {
            assert!(finds(&api, &id, query).await, "{query} for {name}");
        }
        for query in not_by {
            assert!(!finds(&api, &id, query).await, "{query} for {name}");
        }
    }
}

async fn long_queries_and_the_official_list(api: Api) {
    let long = encoded(&"가나다라마바사아자차".repeat(10));
    assert!(
        api.read(&format!("/search?q={long}"))
            .await
            .items()
            .is_empty()
    );
    for (query, code) in [("ㄱㅇㅅ", "4128000000"), ("고 양시", "4128000000")] {
        let path = format!("/reference/municipalities?limit=200&q={}", encoded(query));
        let listed = api.read(&path).await;
        assert!(listed.items().iter().any(|m| m["code"] == code), "{query}");
    }
}

async fn names_come_first(api: Api) {
    let found = api
        .read(&format!("/search?q={}&with_total=true", encoded("고양시")))
        .await
        .body;
    assert_eq!(
        (
            &found["items"][0]["type"],
            &found["items"][0]["title"]["ko"]
        ),
        (&json!("organization"), &json!("고양시"))
    );
    let matched: Vec<_> = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["matched"].as_str().unwrap())
        .collect();
    let mut sorted = matched.clone();
    sorted.sort();
    assert_eq!(matched, sorted, "names before texts");
    assert!(matched.contains(&"text"));
    let only = api
        .read(&format!("/search?q={}&types=project", encoded("고양")))
        .await
        .body;
    assert!(
        only["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|i| i["type"] == "project")
    );
}

async fn pages_of_what_was_found(api: Api) {
    let whole = api
        .read(&format!("/search?q={}", encoded("일산")))
        .await
        .body;
    let whole: Vec<_> = whole["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["id"].clone())
        .collect();
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = api
            .read(&format!("/search?q={}&limit=2{cursor}", encoded("일산")))
            .await
            .body;
        pages.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|i| i["id"].clone()),
        );
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(pages, whole);
}

async fn nothing_is_an_answer(api: Api) {
    for query in ["\"' OR zz=1 --", "없는말이다", "%", "NEAR(", "*"] {
        let found = api
            .read(&format!("/search?q={}&with_total=true", encoded(query)))
            .await
            .body;
        assert_eq!(found["total"], 0, "{query}");
    }
    assert_eq!(api.get("/search").await.expect(400).places(), ["q"]);
}

async fn milestones_by_what_was_said(api: Api) {
    for (query, kind) in [
        ("유찰", "land_supply"),
        ("착공식", "groundbreaking"),
        ("실시계획", "plan_approval"),
        ("준공", "completion"),
    ] {
        let found = api
            .read(&format!("/search?types=milestone&q={}", encoded(query)))
            .await
            .body;
        let mut kinds = Vec::new();
        for item in found["items"].as_array().unwrap() {
            assert_eq!(item["type"], "milestone");
            let seen = api.read(item["url"].as_str().unwrap()).await;
            assert_eq!(item["id"], seen.body["id"]);
            kinds.push(seen.body["kind"].clone());
        }
        assert!(kinds.contains(&json!(kind)), "{query}: {kinds:?}");
    }
}

async fn legal_forms_are_one_name(api: Api) {
    let id = api.organization("㈜한빛테크놀로지").await;
    for query in [
        "㈜한빛테크놀로지",
        "(주)한빛테크놀로지",
        "한빛테크놀로지(주)",
        "주식회사 한빛테크놀로지",
        "한빛테크놀로지 주식회사",
        "주식회사한빛테크놀로지",
        "한빛 테크놀로지",
    ] {
        assert!(finds(&api, &id, query).await, "{query}");
    }
    let foundation = api.organization("재단법인 가람문화재단").await;
    for query in ["(재)가람문화재단", "가람문화재단", "재단법인"] {
        assert!(finds(&api, &foundation, query).await, "{query}");
    }
    assert!(!finds(&api, &id, "주식회사 한별").await);
}
