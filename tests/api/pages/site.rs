//! The start page, the search, the files of pages, and refusals as pages.

use serde_json::json;

use std::io::Read;

use flate2::Compression;
use flate2::read::GzEncoder;

use super::{NASTY, holds, lacks, page, read, whole};
use crate::support::Api;
use crate::support::records::{signed_mou, with};

on_both!(with_demo: the_start_page_shows_what_matters, the_search_leads_to_pages, pages_are_light);
on_both!(new:
    an_empty_registry_has_a_start_page, refusals_are_pages_for_browsers, a_page_is_kept_by_its_tag,
    internal_records_are_on_no_page, a_closed_registry_says_so, files_are_kept_for_good);

async fn the_start_page_shows_what_matters(api: Api) {
    let text = whole(page(&api, "/").await, "ko");
    holds(
        &text,
        &[
            "숫자로 보는 협약",
            "모든 협약",
            "효력 여부 미상",
            "90일 안에 기한이 도래하는 항목",
            "2026년 하반기",
            "이번 분기에 변경된 목표 시점",
            "2026년 4분기: 변경된 목표 시점이 없습니다.",
            "장기간 소식이 없는 협약",
            "name=\"q\"",
            "application/ld+json",
            "docs/",
        ],
    );
    let english = whole(page(&api, "/?lang=en").await, "en");
    holds(
        &english,
        &[
            "Due within 90 days",
            "Agreements without news",
            "?lang=en",
            "lang=\"ko\"",
        ],
    );
    // A past quarter in which targets moved.
    let then = whole(page(&api, "/?as_of=2023-02-28").await, "ko");
    holds(
        &then,
        &[
            "2023.\u{a0}2.\u{a0}28. 현재로 알려진",
            "2023.\u{a0}2.\u{a0}7.",
            "noindex",
            "지연",
        ],
    );
    let wanted = [("accept-language", "en-GB")];
    whole(read(&api, "/", &wanted).await, "en");
}

/// Bytes of a page with all that it loads, compressed.
const LIGHT: usize = 60_000;

fn compressed(text: &str) -> usize {
    let mut packed = Vec::new();
    let mut coder = GzEncoder::new(text.as_bytes(), Compression::default());
    coder.read_to_end(&mut packed).unwrap();
    packed.len()
}

async fn pages_are_light(api: Api) {
    let first = async |list: &str| {
        let found = api.read(&format!("{list}?limit=1")).await;
        format!("{list}/{}", found.items()[0]["id"].as_str().unwrap())
    };
    let mut paths: Vec<String> = [
        "/",
        "/agreements",
        "/timeline",
        "/find?q=%ED%98%91%EC%95%BD",
        "/announcements",
    ]
    .map(str::to_owned)
    .into();
    for list in [
        "/agreements",
        "/projects",
        "/municipalities",
        "/organizations",
        "/working-groups",
    ] {
        paths.push(first(list).await);
    }
    for path in paths {
        let text = whole(page(&api, &path).await, "ko");
        let parts = text
            .split('"')
            .filter(|part| part.contains("assets/") && !part.ends_with(".svg"));
        let mut bytes = compressed(&text);
        for part in parts.collect::<std::collections::BTreeSet<_>>() {
            let file = format!("/{}", part.trim_start_matches(['.', '/']));
            bytes += compressed(&page(&api, &file).await.expect(200).text);
        }
        assert!(bytes <= LIGHT, "{path}: {bytes}");
    }
}

async fn an_empty_registry_has_a_start_page(api: Api) {
    let text = whole(page(&api, "/").await, "ko");
    holds(
        &text,
        &[
            "기한이 도래하는 항목이 없습니다",
            "기한이 지난 항목이 없습니다",
            "산출할 수 없음",
        ],
    );
    let text = whole(page(&api, "/agreements").await, "ko");
    holds(&text, &["조건에 맞는 협약이 없습니다"]);
    let text = whole(page(&api, "/projects?lang=en").await, "en");
    holds(&text, &["No project matches"]);
}

async fn the_search_leads_to_pages(api: Api) {
    let asked = "%EB%B0%94%EC%9D%B4%EC%98%A4"; // 바이오
    let text = whole(page(&api, &format!("/find?q={asked}")).await, "ko");
    holds(
        &text,
        &[
            "href=\"./agreements/0178",
            "./organizations/0178",
            "value=\"바이오\"",
        ],
    );
    let text = whole(
        page(&api, "/find?q=%EC%9D%BC%EC%82%B0%ED%85%8C%ED%81%AC").await,
        "ko",
    );
    holds(&text, &["href=\"./projects/0178"]);
    let text = whole(page(&api, "/find?q=zzzz&lang=en").await, "en");
    holds(&text, &["Nothing was found"]);
    whole(page(&api, "/find").await, "ko");
    whole(page(&api, "/find?q=").await, "ko");
}

async fn refusals_are_pages_for_browsers(api: Api) {
    let nobody = "00000000-0000-7000-8000-000000000000";
    for path in [
        "/nowhere".to_owned(),
        "/agreements/x".to_owned(),
        format!("/agreements/{nobody}"),
        format!("/projects/{nobody}"),
    ] {
        for (language, title) in [
            ("ko", "요청하신 화면을 찾을 수 없습니다"),
            ("en", "Nothing is here"),
        ] {
            let found = page(&api, &format!("{path}?lang={language}"))
                .await
                .expect(404);
            assert_eq!(found.headers["content-type"], "text/html; charset=utf-8");
            assert_eq!(found.headers["content-language"], language);
            assert!(found.vary().contains(&"accept".to_owned()));
            holds(&found.text, &[title, "name=\"q\"", "agreements"]);
        }
        // A program gets a problem document.
        let program = actix_web::test::TestRequest::get().uri(&path);
        let problem = api.call(program).await.expect(404);
        assert_eq!(problem.body["code"], "not_found", "{path}");
    }
    for path in [
        "/agreements?kind=x",
        "/agreements?as_of=x",
        "/?recorded_as_of=x",
        "/agreements?cursor=x",
    ] {
        let refused = page(&api, path).await.expect(400);
        assert_eq!(
            refused.headers["content-type"], "text/html; charset=utf-8",
            "{path}"
        );
        holds(&refused.text, &["<li>"]);
    }
    // All that is wrong is named at once.
    let path = "/timeline?from=2024-01-01&to=2020-01-01&as_of=zz";
    let refused = page(&api, path).await.expect(400).text;
    holds(
        &refused,
        &["이날 알려진 대로", "기간의 끝이 시작보다 앞섭니다"],
    );
    // Unknown parameters, as others append to links, change nothing.
    whole(page(&api, "/agreements?utm_source=x&lang=en").await, "en");
    let posted = actix_web::test::TestRequest::post().uri("/agreements");
    let refused = api.call(posted).await.expect(405);
    assert_eq!(refused.headers["allow"], "GET, HEAD");
    let problem = read(&api, "/api/v1/nowhere", &[]).await.expect(404);
    assert_eq!(problem.body["code"], "not_found");
}

async fn a_page_is_kept_by_its_tag(api: Api) {
    let first = page(&api, "/agreements").await.expect(200);
    assert_eq!(first.headers["cache-control"], "no-cache");
    assert!(first.vary().contains(&"accept-language".to_owned()));
    let known = [("if-none-match", first.etag())];
    let again = read(&api, "/agreements", &known).await.expect(304);
    assert!(again.headers["content-security-policy"].contains("style-src 'self'"));
    let city = api.municipality().await;
    let new = signed_mou(
        &[&city],
        "2024-01-02",
        json!({"other_parties": {"count": 3}}),
    );
    api.create("/agreements", &new).await;
    let changed = read(&api, "/agreements", &known).await.expect(200);
    holds(&changed.text, &["외 3", "2024.\u{a0}1.\u{a0}2."]);
    assert_ne!(changed.etag(), first.etag());
}

async fn internal_records_are_on_no_page(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("협력기업").await;
    let titled = |title: &str| json!({"title": {"ko": title}});
    let shown = signed_mou(&[&city, &partner], "2024-01-02", titled("공개한 일"));
    api.create("/agreements", &shown).await;
    let secret = with(
        titled("감춘 일"),
        json!({"visibility": "internal", "effective_until": {"edtf": "2026-12-31"}}),
    );
    let secret = api
        .create(
            "/agreements",
            &signed_mou(&[&city, &partner], "2024-01-03", secret),
        )
        .await;
    let project = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "감춘 사업"}, "visibility": "internal",
        "milestones": [{"kind": "completion", "forecasts": [{"target": {"edtf": "2024"}, "stated_on": {"edtf": "2023-05-01"}}]}]});
    let project = api.create("/projects", &project).await;
    let token = format!("Bearer {}", api.token().unwrap());
    // Pages know no token: what a browser keeps of one shows nothing to the next reader.
    for headers in [vec![], vec![("authorization", token.as_str())]] {
        for path in [
            "/",
            "/agreements",
            "/projects",
            "/find?q=%EA%B0%90%EC%B6%98",
        ] {
            let text = whole(read(&api, path, &headers).await, "ko");
            lacks(&text, &["감춘 일", "감춘 사업"]);
        }
        let gone = [
            format!("/agreements/{}", secret.id()),
            format!("/projects/{}", project.id()),
        ];
        for path in gone {
            read(&api, &path, &headers).await.expect(404);
        }
    }
}

async fn a_closed_registry_says_so(mut api: Api) {
    api.state.anonymous_served = false;
    let api = api.served().await;
    let refused = page(&api, "/agreements").await.expect(401);
    holds(&refused.text, &["이 등록부는 공개되어 있지 않습니다"]);
}

async fn files_are_kept_for_good(api: Api) {
    let text = whole(page(&api, "/").await, "ko");
    for (start, end) in [
        ("assets/pages-", ".css"),
        ("assets/icon-", ".svg"),
        ("assets/suggest-", ".js"),
    ] {
        let from = text.find(start).unwrap();
        let to = from + text[from..].find(end).unwrap() + end.len();
        let file = page(&api, &format!("/{}", &text[from..to]))
            .await
            .expect(200);
        assert!(file.headers["cache-control"].contains("immutable"));
        assert!(!file.text.is_empty());
    }
    let city = api.municipality().await;
    let partner = api.organization("협력기업").await;
    let name = json!({"title": {"ko": NASTY}});
    api.create(
        "/agreements",
        &signed_mou(&[&city, &partner], "2024-01-02", name),
    )
    .await;
    for path in ["/", "/agreements", "/find?q=%EB%94%B0%EC%98%B4%ED%91%9C"] {
        lacks(&whole(page(&api, path).await, "ko"), &["<script>alert"]);
    }
}
