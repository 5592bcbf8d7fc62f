//! The list of agreements and the page of one.

use serde_json::{Value, json};

use super::{NASTY, holds, lacks, page, whole};
use crate::support::Api;
use crate::support::records::{signed_mou, with};

on_both!(with_demo:
    goyangs_agreement_in_both_languages, the_list_filters_and_pages, a_wrong_filter_is_shown_again);
on_both!(new:
    everything_of_an_agreement_is_shown, names_are_escaped, a_chain_is_shown_whole,
    the_past_is_shown_and_said_to_be_so, a_correction_belongs_to_its_day, withheld_agreements_are_counted);

async fn the_agreement_of_2021(api: &Api) -> String {
    let found = api
        .read("/agreements?signed_from=2021-04-01&signed_to=2021-04-30")
        .await;
    found.body["items"][0]["id"].as_str().unwrap().to_owned()
}

async fn goyangs_agreement_in_both_languages(api: Api) {
    let id = the_agreement_of_2021(&api).await;
    let text = whole(page(&api, &format!("/agreements/{id}")).await, "ko");
    holds(
        &text,
        &[
            "고양 일산테크노밸리 메디컬·바이오 클러스터 조성 업무협약",
            "<time datetime=\"2021-04-16\">2021.\u{a0}4.\u{a0}16.</time>",
            "지난 16일",
            "고양인재교육원",
            "한국바이오의약품협회",
            "출처에 밝혀지지 않음",
            "의료·바이오 클러스터 육성 지원",
            "이행 주체 미상 (3곳)",
            "효력 종료일 미상",
            "고양시장 이재준",
            "많은 소통이 필요하다",
            "https://www.hankyung.com/article/202104199856Y",
            "../projects/0178",
            "api/v1/timeline.ics?project_id=",
            "\"@type\":\"CreativeWork\"",
            "기록의 변경",
        ],
    );
    let api_path = format!("../api/v1/agreements/{id}");
    holds(&text, &[&api_path]);
    let text = whole(page(&api, &format!("/agreements/{id}?lang=en")).await, "en");
    holds(
        &text,
        &[
            "16 April 2021",
            "Support for fostering the medical and bio cluster",
            "What is not known",
            "<bdi lang=\"ko\">고양 일산테크노밸리",
            "Mayor of Goyang",
            "lang=en",
        ],
    );
}

async fn the_list_filters_and_pages(api: Api) {
    let text = whole(page(&api, "/agreements?limit=2").await, "ko");
    holds(
        &text,
        &[
            "rel=\"next\"",
            "cursor=",
            "agreements.csv",
            "agreements.xlsx",
            "timeline.ics",
        ],
    );
    let next = text.split("class=\"pager\"").nth(1).unwrap();
    let next = next
        .split("href=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let next = next
        .trim_start_matches('.')
        .replace("&amp;", "&")
        .replace("&#38;", "&");
    let second = whole(page(&api, &next).await, "ko");
    holds(&second, &["처음 쪽"]);
    // Empty fields of the form select nothing.
    let all = whole(
        page(&api, "/agreements?q=&kind=&status=&signed_from=").await,
        "ko",
    );
    holds(&all, &["메디컬·바이오 클러스터"]);
    let asked = "/agreements?signed_from=2021-04-01&signed_to=2021-04-30&lang=en";
    let text = whole(page(&api, asked).await, "en");
    holds(
        &text,
        &[
            "total 1",
            "value=\"2021-04-01\"",
            "<details open>",
            "3 (Unknown 3)",
        ],
    );
    // The files hold exactly what is seen; a calendar cannot.
    holds(
        &text,
        &["agreements.csv?signed_from=2021-04-01&#38;signed_to=2021-04-30"],
    );
    lacks(&text, &["timeline.ics"]);
    // A municipality is chosen where there are several.
    let path = format!("/agreements?municipality_id={}", crate::support::CITY);
    let text = whole(page(&api, &path).await, "ko");
    holds(
        &text,
        &[
            "<h1>협약: 경기도 고양시</h1>",
            "selected>경기도 고양시</option>",
            "timeline.ics?municipality_id=",
        ],
    );
}

/// An agreement with every part.
async fn full(api: &Api, city: &str, partner: &str, more: Value) -> String {
    let policies = json!({"policies": [{"valid_from": "2020-01-01", "review_interval_months": 12,
        "reference": {"title": "시험시 업무협약 관리 조례", "article": "제7조"}}]});
    api.update(&format!("/municipalities/{city}"), "*", &policies)
        .await;
    let own = json!({"title": {"ko": "모든 것이 있는 협약", "en": "An agreement with everything"},
        "reference_number": "2024-017", "purpose": {"ko": "상호 협력"}, "venue": {"ko": "시청"}, "lead_department": "전략산업과",
        "effective_until": {"edtf": "2026-12-31"}, "auto_renews": true, "renewal": {"months": 12, "notice_days": 30, "times": null},
        "legally_binding": false, "cost": {"amount": 120_000_000, "currency": "KRW"}, "topics": [{"ko": "교육"}],
        "individual_parties": [{"name": "김비밀", "title": {"ko": "홍보대사"}, "role": "partner"}],
        "contact": {"department": "전략산업과", "name": "이담당", "phone": "031-0000-0000", "email": "a@example.com"},
        "commitments": [{"text": {"ko": "50명 채용"}, "owed_by": [partner], "owed_to": [city], "due": {"edtf": "2025-06"},
            "target": {"value": 50, "unit": "persons"}}],
        "documents": [{"title": {"ko": "협약서"}, "url": "https://city.example/mou.pdf", "file_number": "전략산업과-1234"}],
        "reviews": [{"on": {"edtf": "2025-02-20"}, "rating": "slow", "findings": {"ko": "후속 협의 부진"}}],
        "council_actions": [{"kind": "post_report", "on": {"edtf": "2024-03-05"}, "occasion": "signing", "session": "제281회 임시회", "result": "noted"}],
        "note": {"ko": "비고의 말"}});
    let new = signed_mou(&[city, partner], "2024-01-02", with(own, more));
    let made = api.create("/agreements", &new).await;
    let commitment = made.body["commitments"][0]["id"].as_str().unwrap();
    let report = json!({"on": {"edtf": "2025-05-31"}, "status": "in_progress", "percent": 76, "value": 38,
        "note": {"ko": "38명 채용"}, "evidence": [{"title": {"ko": "채용 명부"}, "url": "https://city.example/hired"}]});
    let path = format!("/agreements/{}/commitments/{commitment}/reports", made.id());
    api.create(&path, &report).await;
    made.id().to_owned()
}

async fn everything_of_an_agreement_is_shown(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("협력기업").await;
    let id = full(&api, &city, &partner, json!({})).await;
    let text = whole(page(&api, &format!("/agreements/{id}")).await, "ko");
    holds(
        &text,
        &[
            "2024-017",
            "상호 협력",
            "전략산업과",
            "2026.\u{a0}12.\u{a0}31.",
            "12개월씩",
            "1억 2,000만 원",
            "홍보대사",
            "50명 채용",
            "50명 (76%)",
            "추진 중",
            "76%",
            "38명 채용",
            "https://city.example/hired",
            "https://city.example/mou.pdf",
            "점검: 부진",
            "후속 협의 부진",
            "제281회 임시회",
            "시험시 업무협약 관리 조례 제7조",
            "비고의 말",
        ],
    );
    // Personal data is for the city's own staff.
    lacks(
        &text,
        &["김비밀", "이담당", "031-0000-0000", "a@example.com"],
    );
}

async fn names_are_escaped(api: Api) {
    let city = api.municipality().await;
    let long = "가".repeat(2000);
    let partner = api.organization(NASTY).await;
    let nasty = json!({"title": {"ko": NASTY}, "purpose": {"ko": format!("{NASTY}{long}")},
        "statements": [{"speaker": "화자 <b>", "text": {"ko": NASTY}}],
        "sources": [{"publisher": NASTY, "url": "https://news.example/?a='&b"}]});
    let new = signed_mou(&[&city, &partner], "2024-01-02", nasty);
    let id = api.create("/agreements", &new).await.id().to_owned();
    for language in ["ko", "en"] {
        let text = whole(
            page(&api, &format!("/agreements/{id}?lang={language}")).await,
            language,
        );
        lacks(&text, &["<script>alert", "화자 <b>", "\"따옴표\""]);
        holds(
            &text,
            &[
                "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;따옴표&quot;",
                "\\u003cscript\\u003e",
                &long,
            ],
        );
    }
}

async fn a_chain_is_shown_whole(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("협력기업").await;
    let mut last: Option<String> = None;
    let mut ids = Vec::new();
    for (title, on) in [
        ("첫 협약", "2020-01-01"),
        ("둘째 협약", "2022-01-01"),
        ("셋째 협약", "2024-01-01"),
    ] {
        let own = json!({"title": {"ko": title}, "supersedes_id": last});
        let made = api
            .create("/agreements", &signed_mou(&[&city, &partner], on, own))
            .await;
        ids.push(made.id().to_owned());
        last = ids.last().cloned();
    }
    for id in &ids {
        let text = whole(page(&api, &format!("/agreements/{id}")).await, "ko");
        holds(&text, &["갱신과 대체", "첫 협약", "둘째 협약", "셋째 협약"]);
    }
    // On an early day nothing had come after.
    let text = whole(
        page(&api, &format!("/agreements/{}?as_of=2021-01-01", ids[0])).await,
        "ko",
    );
    lacks(&text, &["둘째 협약", "기록의 변경"]);
}

async fn the_past_is_shown_and_said_to_be_so(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("협력기업").await;
    let made = signed_mou(
        &[&city, &partner],
        "2024-01-02",
        json!({"title": {"ko": "옛 이름"}}),
    );
    let made = api.create("/agreements", &made).await;
    let later = api.at("2026-11-25T03:00:00Z").await;
    let path = format!("/agreements/{}?correction_reason=typo", made.id());
    later
        .update(&path, "*", &json!({"title": {"ko": "새 이름"}}))
        .await;
    let path = format!("/agreements/{}", made.id());
    let now = whole(page(&later, &path).await, "ko");
    holds(&now, &["<h1><bdi>새 이름</bdi></h1>", "체결 후 정정"]);
    lacks(&now, &["class=\"banner\""]);
    let then = format!("{path}?recorded_as_of=2026-11-23");
    let then = whole(page(&later, &then).await, "ko");
    holds(
        &then,
        &[
            "<h1><bdi>옛 이름</bdi></h1>",
            "2026.\u{a0}11.\u{a0}23.까지 등록부에 기록된",
            "지금 내용 보기",
            "value=\"2026-11-23\"",
            "recorded_as_of=2026-11-23T",
        ],
    );
    let unknown = page(&later, &format!("{path}?as_of=2020-01-01")).await;
    holds(&unknown.expect(404).text, &["지금 내용 보기"]);
    page(&later, &format!("{path}?recorded_as_of=2020-01-01"))
        .await
        .expect(404);
    let then = whole(
        page(&later, &format!("{path}?as_of=2025-01-01&lang=en")).await,
        "en",
    );
    holds(&then, &["As known on 1 January 2025."]);
}

async fn a_wrong_filter_is_shown_again(api: Api) {
    let asked = "/agreements?q=%EC%9D%98%EB%A3%8C&kind=mou&expiring_within_days=99999999999&signed_from=2024-01-01\
                 &signed_to=2023-01-01";
    let text = page(&api, asked).await.expect(400).text;
    holds(
        &text,
        &[
            "action=\"./agreements\"",
            "<label for=\"f-signed_to\">체결일(까지)</label>",
            "id=\"f-signed_to-error1\">기간의 끝이 시작보다 앞섭니다.",
            "id=\"f-expiring_within_days-error1\"",
            "value=\"99999999999\" aria-invalid=\"true\"",
            "value=\"2023-01-01\" aria-invalid=\"true\" aria-describedby=\"f-signed_to-error1\"",
            "type=\"search\" value=\"의료\"",
            "name=\"signed_from\" type=\"date\" value=\"2024-01-01\"",
            "name=\"kind\" value=\"mou\"",
        ],
    );
    lacks(&text, &["signed_to: ", "expiring_within_days: "]);
    let id = the_agreement_of_2021(&api).await;
    let long = "x".repeat(200);
    for (path, label, typed) in [
        (
            format!("/agreements/{id}?compare=2021-99-01"),
            "Day to compare",
            "2021-99-01",
        ),
        (
            format!("/agreements/{id}?as_of=gestern"),
            "As known on",
            "gestern",
        ),
        ("/publications?month=2026".to_owned(), "Month", "2026"),
        (format!("/find?q={long}"), "Text", long.as_str()),
    ] {
        let text = page(&api, &format!("{path}&lang=en"))
            .await
            .expect(400)
            .text;
        let value = format!("value=\"{typed}\" aria-invalid=\"true\"");
        holds(
            &text,
            &[
                "Something in the filter is wrong",
                &format!(">{label}</label>"),
                &value,
                "name=\"lang\" value=\"en\"",
            ],
        );
    }
}

async fn a_correction_belongs_to_its_day(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("협력기업").await;
    let new = signed_mou(&[&city, &partner], "2021-04-16", json!({}));
    let id = api.create("/agreements", &new).await.id().to_owned();
    let path = format!("/agreements/{id}?correction_reason=%EC%98%A4%EA%B8%B0");
    api.update(&path, "*", &json!({"venue": {"ko": "시청"}}))
        .await;
    holds(
        &whole(page(&api, &format!("/agreements/{id}")).await, "ko"),
        &["체결 후 정정", "오기"],
    );
    let then = page(&api, &format!("/agreements/{id}?as_of=2021-04-16")).await;
    lacks(&whole(then, "ko"), &["체결 후 정정", "오기"]);
    let known = api
        .read(&format!("/agreements/{id}?as_of=2021-04-16"))
        .await;
    assert_eq!(known.body["corrections"], json!([]));
    let compared = page(&api, &format!("/agreements/{id}?compare=2021-04-16")).await;
    let compared = whole(compared, "ko");
    let differs = compared.split("id=\"differences\"").nth(1).unwrap();
    let differs = differs.split("</section>").next().unwrap();
    holds(differs, &["체결 후 정정", "오기"]);
}

async fn withheld_agreements_are_counted(api: Api) {
    let city = api.municipality().await;
    let other = api.other_municipality().await;
    let partner = api.organization("협력기업").await;
    let withheld = json!({"title": {"ko": "감춘 일"}, "visibility": "internal", "withholding":
        {"legal_basis": "공공기관의 정보공개에 관한 법률 제9조제1항제5호", "until": "2030-12-31"}});
    let new = signed_mou(&[&city, &partner], "2024-01-03", withheld);
    api.create("/agreements", &new).await;
    let counted = "공개하지 않아 여기에 보이지 않는 협약이 1건 있습니다";
    for path in [
        "/".to_owned(),
        "/agreements".to_owned(),
        format!("/municipalities/{city}"),
    ] {
        let text = whole(page(&api, &path).await, "ko");
        let until =
            "1건: 공공기관의 정보공개에 관한 법률 제9조제1항제5호, 2030.\u{a0}12.\u{a0}31.까지";
        holds(&text, &[counted, until]);
        lacks(&text, &["감춘 일"]);
        let joint = if path.contains('?') { '&' } else { '?' };
        let before = page(&api, &format!("{path}{joint}as_of=2023-12-31")).await;
        lacks(&whole(before, "ko"), &[counted]);
    }
    for path in [
        format!("/municipalities/{other}"),
        format!("/agreements?municipality_id={other}"),
    ] {
        lacks(&whole(page(&api, &path).await, "ko"), &[counted]);
    }
}
