//! The timeline, and the pages of municipalities and other organizations.

use serde_json::json;

use super::{NASTY, holds, lacks, page, whole};
use crate::support::records::signed_mou;
use crate::support::{Api, CITY};

on_both!(with_demo:
    goyang_has_a_page, a_partner_has_a_page, the_timeline_has_spans, a_report_is_asked_for_on_a_page);
on_both!(new: a_municipality_with_duties, an_organization_without_anything, what_is_internal_stays_so);

async fn goyang_has_a_page(api: Api) {
    let text = whole(page(&api, &format!("/municipalities/{CITY}")).await, "ko");
    holds(
        &text,
        &[
            "<h1><bdi>고양시</bdi></h1>",
            "4128000000",
            "경기도",
            "숫자로 보는 협약",
            &format!("agreements?municipality_id={CITY}"),
            "../agreements/0178",
            "../projects/0178",
            "2026년 하반기",
            "이재준",
            &format!("action=\"../municipalities/{CITY}/council-report\""),
            "timeline.ics?municipality_id=",
            "\"@type\":\"GovernmentOrganization\"",
        ],
    );
    // The same body at both addresses.
    let same = whole(
        page(&api, &format!("/organizations/{CITY}?lang=en")).await,
        "en",
    );
    holds(
        &same,
        &["<h1><bdi>Goyang-si</bdi></h1>", "Report to the council"],
    );
}

/// What is wrong with the days of a report is said at its field, beside what was typed.
async fn a_report_is_asked_for_on_a_page(api: Api) {
    let path = format!("/municipalities/{CITY}/council-report");
    let report = page(&api, &format!("{path}?from=2021-01-01&to=2024-12-31")).await;
    let report = report.expect(200);
    assert_eq!(report.headers["content-type"], "text/html; charset=utf-8");
    assert!(report.headers.contains_key("etag"));
    holds(&report.text, &["업무협약 추진현황 보고"]);
    let english = format!("{path}?from=2021-01-01&to=2024-12-31&lang=en");
    let english = page(&api, &english).await.expect(200);
    assert_eq!(english.headers["content-language"], "en");
    for (query, said) in [
        (
            "from=2024-01-01&to=2023-01-01",
            ["f-to-error1", "value=\"2023-01-01\""],
        ),
        (
            "from=2001-01-01&to=2024-01-01",
            ["f-to-error1", "value=\"2001-01-01\""],
        ),
        (
            "from=soon&to=2024-01-01",
            ["f-from-error1", "value=\"soon\""],
        ),
        ("to=2024-01-01", ["f-from-error1", "value=\"2024-01-01\""]),
    ] {
        for language in ["ko", "en"] {
            let asked = format!("{path}?{query}&lang={language}");
            let refused = page(&api, &asked).await.expect(400);
            assert_eq!(refused.headers["content-type"], "text/html; charset=utf-8");
            let lang = format!("<html lang=\"{language}\">");
            holds(&refused.text, &said);
            holds(
                &refused.text,
                &[&lang, "<form action=\"../../municipalities"],
            );
        }
    }
}

async fn a_partner_has_a_page(api: Api) {
    let found = api
        .find("/associations?q=%EB%B0%94%EC%9D%B4%EC%98%A4%EC%9D%98%EC%95%BD%ED%92%88")
        .await;
    let text = whole(page(&api, &format!("/organizations/{found}")).await, "ko");
    holds(
        &text,
        &[
            "한국바이오의약품협회",
            "132",
            "이정석",
            "메디컬·바이오 클러스터",
            "agreements?organization_id=",
            "2011",
        ],
    );
    lacks(&text, &["의회 보고서"]);
    page(&api, &format!("/municipalities/{found}"))
        .await
        .expect(404);
}

async fn the_timeline_has_spans(api: Api) {
    let text = whole(page(&api, "/timeline?sort=-when").await, "ko");
    // The filter and the rows have one word for one status.
    holds(
        &text,
        &["<option value=\"met\">달성 (체결, 만료, 지남, 개최, 이행)</option>"],
    );
    let of_type = whole(page(&api, "/timeline?type=milestone").await, "ko");
    holds(&of_type, &["<option value=\"met_late\">늦게 달성</option>"]);
    holds(
        &text,
        &[
            "연표",
            "2026년 하반기",
            "class=\"span",
            "준공",
            "협약 체결",
            "timeline.csv",
            "timeline.ics",
        ],
    );
    let text = whole(
        page(&api, "/timeline?type=milestone&status=met_late&lang=en").await,
        "en",
    );
    holds(&text, &["Groundbreaking", "26 October 2023", "selected"]);
    lacks(&text, &["Signing</span>"]);
    let text = whole(page(&api, "/timeline?from=2090-01-01").await, "ko");
    holds(&text, &["조건에 맞는 것이 없습니다"]);
    let refused = page(&api, "/timeline?from=2024-01-01&to=2023-01-01")
        .await
        .expect(400);
    holds(&refused.text, &["기간의 끝이 시작보다 앞섭니다"]);
    let then = whole(
        page(&api, "/timeline?as_of=2021-12-31&type=milestone").await,
        "ko",
    );
    holds(
        &then,
        &["2021.\u{a0}12.\u{a0}31. 현재로 알려진", "2024년까지"],
    );
    lacks(&then, &["2026년 하반기"]);
}

async fn a_municipality_with_duties(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("협력기업").await;
    let policies =
        json!({"policies": [{"valid_from": "2020-01-01", "review_interval_months": 12}]});
    api.update(&format!("/municipalities/{city}"), "*", &policies)
        .await;
    let own = json!({"title": {"ko": NASTY}, "effective_until": {"edtf": "2030-12-31"}});
    api.create(
        "/agreements",
        &signed_mou(&[&city, &partner], "2024-01-02", own),
    )
    .await;
    let text = whole(page(&api, &format!("/municipalities/{city}")).await, "ko");
    holds(
        &text,
        &["이행하지 않은 의무", "점검", "기한 지남", "&lt;script&gt;"],
    );
    // On an earlier day, its agreements are those of that day, and its links lead on to it.
    let then = whole(
        page(&api, &format!("/municipalities/{city}?as_of=2021-01-01")).await,
        "ko",
    );
    holds(
        &then,
        &[
            "class=\"banner\"",
            "2021.\u{a0}1.\u{a0}1. 현재로 알려진",
            "공개된 협약이 없습니다",
            "../timeline?municipality_id=",
            "as_of=2021-01-01",
        ],
    );
    lacks(&then, &["이행하지 않은 의무", "&lt;script&gt;"]);
    // Pages without such days say so.
    let found = whole(page(&api, "/find?q=x&as_of=2021-01-01").await, "ko");
    holds(&found, &["이 페이지에는 기준일이 없어"]);
    lacks(&found, &["현재로 알려진 내용입니다"]);
}

async fn an_organization_without_anything(api: Api) {
    let id = api.organization(NASTY).await;
    let text = whole(page(&api, &format!("/organizations/{id}")).await, "ko");
    holds(
        &text,
        &[
            "&lt;script&gt;",
            "공개된 협약이 없습니다",
            "공개된 사업이 없습니다",
            "출처가 기록되어 있지 않습니다",
        ],
    );
    page(&api, "/organizations/00000000-0000-7000-8000-000000000000")
        .await
        .expect(404);
}

async fn what_is_internal_stays_so(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("협력기업").await;
    let secret = json!({"title": {"ko": "감춘 일"}, "visibility": "internal", "effective_until": {"edtf": "2026-12-31"}});
    api.create(
        "/agreements",
        &signed_mou(&[&city, &partner], "2024-01-03", secret),
    )
    .await;
    for path in [
        format!("/municipalities/{city}"),
        format!("/organizations/{partner}"),
        "/timeline".into(),
    ] {
        lacks(&whole(page(&api, &path).await, "ko"), &["감춘 일"]);
    }
}
