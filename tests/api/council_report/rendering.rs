//! The report to the council: past states, visibility and the HTML page.

use data_encoding::BASE64;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::periods::{City, SCRIPT, YEAR, report, titles};
use crate::support::{Answer, Api};

on_both!(new:
    told_as_known_on_a_day, told_as_recorded_at_an_instant, each_is_told_what_it_sees,
    the_page_holds_the_report);

async fn told_as_known_on_a_day(api: Api) {
    let city = City::new(api).await;
    let then = city.report(&format!("{YEAR}&as_of=2024-01-31")).await;
    for list in [
        "signed",
        "completed",
        "superseded",
        "lapsed",
        "reviews",
        "moved_milestones",
    ] {
        assert_eq!(then[list], json!([]), "{list}");
    }
    assert_eq!(then["totals"]["signed"], 5);
    // The missed review had not been made up for.
    assert_eq!(then["missed_reviews"][4]["done_by"], Value::Null);
    assert_eq!(then["withheld"], json!([]));
    // What became known since about the period.
    let now = city.report(&format!("{YEAR}&as_of=2026-11-23")).await;
    assert_eq!(titles(&now, "signed"), ["갱신 협약", SCRIPT, "비공개 협약"]);
    // The agreement without a signing date counts from the day it was recorded; when its reviews are
    // due is unknown.
    assert_eq!(now["totals"]["signed"], 6);
    assert_eq!(now["missed_reviews"].as_array().unwrap().len(), 5);
}

async fn told_as_recorded_at_an_instant(api: Api) {
    let city = City::new(api).await;
    let later = city.api.at("2026-11-24T03:00:00Z").await;
    let path = format!("/agreements/{}?correction_reason=typo", city.script);
    let change = json!({"title": {"ko": "고친 협약"}});
    later.update(&path, "*", &change).await;
    let now = report(&later, &city.path, YEAR).await;
    assert_eq!(
        titles(&now, "signed"),
        ["갱신 협약", "고친 협약", "비공개 협약"]
    );
    let query = format!("{YEAR}&recorded_as_of=2026-11-23T12:00:00Z");
    let then = report(&later, &city.path, &query).await;
    assert_eq!(
        titles(&then, "signed"),
        ["갱신 협약", SCRIPT, "비공개 협약"]
    );
    let before = format!("{}?{YEAR}&recorded_as_of=2026-11-22T00:00:00Z", city.path);
    later.get(&before).await.expect(404);
}

async fn each_is_told_what_it_sees(api: Api) {
    let city = City::new(api).await;
    let shared = json!({"visibility": "partners", "effective_until": {"edtf": "2030"}});
    city.signed("당사자의 협약", "2024-09-01", shared).await;
    let other = city.api.other_municipality().await;
    let viewer = json!({"name": "v", "role": "viewer", "municipality_ids": [city.id]});
    let neighbour = json!({"name": "n", "role": "editor", "municipality_ids": [&other]});
    let partner = json!({"name": "p", "role": "partner", "organization_id": city.partner});
    for (api, basis, signed) in [
        (city.api.caller(viewer).await, "internal", 4),
        (city.api.caller(neighbour).await, "public", 2),
        (city.api.caller(partner).await, "partners", 3),
        (city.api.with(None), "public", 2),
    ] {
        let told = report(&api, &city.path, YEAR).await;
        assert_eq!(told["basis"], basis);
        assert_eq!(told["signed"].as_array().unwrap().len(), signed, "{basis}");
        assert_eq!(told["totals"]["signed"], signed + 2, "{basis}");
        // Withheld agreements are counted, not named.
        let counts = told["withheld"].as_array().unwrap().iter();
        assert_eq!(
            counts
                .map(|group| group["count"].as_i64().unwrap())
                .sum::<i64>(),
            2
        );
        let page = api.read(&format!("{}?{YEAR}&format=html", city.path)).await;
        for text in [told.to_string(), page.text] {
            assert_eq!(
                text.contains("비공개 협약\""),
                basis == "internal" && text.starts_with('{')
            );
            assert_eq!(text.contains("당사자의 협약"), basis != "public", "{basis}");
        }
    }
}

async fn the_page_holds_the_report(api: Api) {
    let city = City::new(api).await;
    let path = format!("{}?{YEAR}", city.path);
    let browser = [("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
    let page = city
        .api
        .send("GET", &path, &browser, None)
        .await
        .expect(200);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(page.headers["content-language"], "ko");
    assert!(page.vary().contains(&"accept".to_owned()));
    let text = &page.text;
    // No recorded text is taken for markup.
    assert!(
        text.contains(
            "&#60;script&#62;alert(&#39;협약&#39;)&#60;/script&#62; &#38; &#34;협약&#34;"
        )
    );
    for never in [
        "<script",
        "<link",
        "<img",
        " style=",
        " onload=",
        "javascript:",
        "url(",
    ] {
        assert!(!text.contains(never), "{never}");
    }
    // Each record of the report is in its section of the page.
    let sections = [
        (
            "1. 총괄",
            vec!["50.00% (1/2)", "기한이 아직 다 지나지 않음 1건"],
        ),
        (
            "2. 협약 체결",
            vec![
                "갱신 협약",
                "비공개 협약",
                "전략산업과",
                "2024.\u{a0}3.\u{a0}15.",
            ],
        ),
        (
            "3. 협약 종료",
            vec![
                "완료된 협약",
                "목적 달성",
                "해지된 협약",
                "당사자 합의",
                "갱신 전 협약",
                "만료된 협약",
            ],
        ),
        (
            "4. 협약 사항 이행",
            vec!["교육 실시", "늦은 일", "모르는 일", "남은 일", "40%"],
        ),
        (
            "5. 협약 점검",
            vec![
                "후속 협의 부진",
                "분기별 협의",
                "고양시 업무협약 관리 조례 제7조",
            ],
        ),
        (
            "6. 의회 동의 및 보고",
            vec!["제281회 임시회 제12호", "사후 보고 / 체결", "보고 접수"],
        ),
        ("7. 기한이 지난 의무", vec!["의회 보고", "점검"]),
        (
            "8. 사업 추진 단계",
            vec![
                "체육관 건립",
                "예산: 국비 감액",
                "185~578일 지연",
                "href=\"https://news.example/1\"",
                "9~39일 지연",
            ],
        ),
        (
            "9. 비공개 협약",
            vec!["정보공개법 제9조", "2027.\u{a0}12.\u{a0}31."],
        ),
        ("10. 날짜를 모르는 협약", vec!["날짜 없는 협약"]),
    ];
    let parts: Vec<&str> = text.split("<section>").collect();
    assert_eq!(parts.len(), sections.len() + 1);
    for (part, (heading, facts)) in parts[1..].iter().zip(sections) {
        assert!(part.contains(&format!("<h2>{heading}</h2>")), "{heading}");
        for fact in facts {
            assert!(part.contains(fact), "{heading}: {fact}");
        }
    }
    for about in [
        "업무협약 추진현황 보고",
        "(2024.\u{a0}1.\u{a0}1. ~ 2024.\u{a0}12.\u{a0}31.)",
        "시장 홍길동",
    ] {
        assert!(parts[0].contains(about), "{about}");
    }
    // The style is for A4 and inline, and the only resource that the policy allows.
    let style = text
        .split("<style>")
        .nth(1)
        .unwrap()
        .split("</style>")
        .next()
        .unwrap();
    for rule in [
        "@page",
        "size: A4 portrait",
        "display: table-header-group",
        "break-inside: avoid",
    ] {
        assert!(style.contains(rule), "{rule}");
    }
    let digest = BASE64.encode(&Sha256::digest(style.as_bytes()));
    let policy = &page.headers["content-security-policy"];
    assert!(
        policy.contains(&format!("style-src 'sha256-{digest}';")),
        "{policy}"
    );
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"));
    // Each representation has its own tag, and the parameter takes precedence over the header.
    let json = city.api.read(&path).await;
    assert!(!json.headers["content-security-policy"].contains("style-src"));
    assert_ne!(json.etag(), page.etag());
    for (answer, accept) in [(&json, "*/*"), (&page, "text/html")] {
        let known = [("accept", accept), ("if-none-match", answer.etag())];
        let again = city.api.send("GET", &path, &known, None).await.expect(304);
        assert!(again.vary().contains(&"accept".to_owned()));
        // On a 304, browsers apply its policy to the cached page.
        let policy = |answer: &Answer| answer.headers["content-security-policy"].clone();
        assert_eq!(policy(&again), policy(answer));
    }
    let forced = format!("{path}&format=json");
    let json = city
        .api
        .send("GET", &forced, &browser, None)
        .await
        .expect(200);
    assert_eq!(json.body["basis"], "internal");
    let english = format!("{path}&format=html&lang=en");
    let english = city.api.read(&english).await;
    assert_eq!(english.headers["content-language"], "en");
    for words in [
        "<h1>Report on agreements</h1>",
        "185 to 578 days later",
        "Budget: 국비 감액",
    ] {
        assert!(english.text.contains(words), "{words}");
    }
    // Empty sections say so.
    let empty = format!("{}?from=2015-01-01&to=2015-12-31&format=html", city.path);
    let empty = city.api.read(&empty).await.text;
    assert!(empty.matches("해당 없음").count() > 15, "{empty}");
    assert!(empty.contains("산출할 수 없음 (0/0)"));
}
