//! Feeds, suggestions, the comparison of two days, and the zoom of the timeline.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{NASTY, holds, lacks, page, read, whole};
use crate::support::records::signed_mou;
use crate::support::{Api, CITY};

on_both!(with_demo: suggestions_lead_to_pages, the_timeline_zooms);
on_both!(new:
    an_agreement_has_a_feed, a_municipality_has_a_feed, feeds_show_what_is_public,
    two_days_are_compared, a_comparison_needs_two_known_days, the_latest_changes_are_shown);

/// Returns the values of an element of a feed, in their order.
fn all<'a>(text: &'a str, element: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let parts = text.split(&open).skip(1);
    parts
        .map(|part| part.split(&close).next().unwrap())
        .collect()
}

async fn an_agreement_has_a_feed(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("협력기업").await;
    let own = json!({"title": {"ko": NASTY}});
    let made = api
        .create(
            "/agreements",
            &signed_mou(&[&city, &partner], "2024-01-02", own),
        )
        .await;
    let path = format!("/agreements/{}", made.id());
    let feed = format!("{path}.atom");
    let first = page(&api, &feed).await.expect(200);
    assert_eq!(
        first.headers["content-type"],
        "application/atom+xml; charset=utf-8"
    );
    assert_eq!(first.headers["content-language"], "ko");
    assert!(
        first.text.starts_with("<?xml version=\"1.0\""),
        "{}",
        first.text
    );
    lacks(&first.text, &["<script>", "\u{1}"]);
    let (ids, updated) = (all(&first.text, "id"), all(&first.text, "updated"));
    // The feed and one entry.
    assert_eq!((ids.len(), updated.len()), (2, 2));
    assert!(ids.iter().all(|id| id.starts_with("urn:uuid:")));
    assert_eq!(updated[0], updated[1]);
    let known = [("if-none-match", first.etag())];
    read(&api, &feed, &known).await.expect(304);
    let html = whole(page(&api, &path).await, "ko");
    holds(
        &html,
        &[
            "<link rel=\"alternate\" type=\"application/atom+xml\"",
            &format!("..{feed}?lang=ko"),
            "웹훅",
        ],
    );
    let later = api.at("2026-11-25T03:00:00Z").await;
    let body = json!({"venue": {"ko": "시청"}});
    later
        .update(&format!("{path}?correction_reason=typo"), "*", &body)
        .await;
    let second = read(&later, &feed, &known).await.expect(200);
    let more = all(&second.text, "id");
    // The newest comes first; those that were there keep their ids.
    assert_eq!((more[0], more[2]), (ids[0], ids[1]));
    assert_eq!(
        all(&second.text, "updated")[0],
        "2026-11-25T03:00:00.000000Z"
    );
    holds(&second.text, &["변경 (", "rel=\"self\""]);
    let english = page(&later, &format!("{feed}?lang=en")).await.expect(200);
    holds(
        &english.text,
        &["xml:lang=\"en\"", "Agreement: ", "lang=en"],
    );
    let english: BTreeSet<&str> = all(&english.text, "id").into_iter().collect();
    assert!(more.iter().all(|id| !english.contains(id)));
    // A feed has no past.
    let same = page(&later, &format!("{feed}?as_of=2020-01-01"))
        .await
        .expect(200);
    assert_eq!(same.text, second.text);
}

async fn a_municipality_has_a_feed(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("협력기업").await;
    let own = json!({"title": {"ko": "따라갈 협약"}});
    let made = api
        .create(
            "/agreements",
            &signed_mou(&[&city, &partner], "2024-01-02", own),
        )
        .await;
    let project = json!({"municipality_id": city, "kind": "facility", "title": {"ko": "따라갈 사업"},
        "milestones": [{"kind": "completion", "forecasts": [{"target": {"edtf": "2024"}, "stated_on": {"edtf": "2023-05-01"}}]}]});
    let project = api.create("/projects", &project).await;
    let group = json!({"municipality_id": city, "name": {"ko": "따라갈 협의체"}});
    let group = api.create("/working-groups", &group).await;
    let meeting = json!({"title": {"ko": "첫 회의"}, "held_on": {"edtf": "2024-03-02"}});
    api.create(
        &format!("/working-groups/{}/meetings", group.id()),
        &meeting,
    )
    .await;
    let feed = page(&api, &format!("/municipalities/{city}.atom"))
        .await
        .expect(200)
        .text;
    for (title, link) in [
        (
            "협약: 따라갈 협약",
            format!("../agreements/{}\"", made.id()),
        ),
        (
            "사업: 따라갈 사업",
            format!("../projects/{}\"", project.id()),
        ),
        ("추진 단계: ", format!("../projects/{}#m-", project.id())),
        (
            "실무협의체: 따라갈 협의체",
            format!("../working-groups/{}\"", group.id()),
        ),
        (
            "회의: 첫 회의",
            format!("../working-groups/{}#meeting-", group.id()),
        ),
    ] {
        holds(&feed, &[title, &link]);
    }
    // An organization that is no municipality has none.
    page(&api, &format!("/municipalities/{partner}.atom"))
        .await
        .expect(404);
    let html = whole(page(&api, &format!("/municipalities/{city}")).await, "ko");
    holds(&html, &[&format!("municipalities/{city}.atom?lang=ko")]);
    let html = whole(page(&api, &format!("/organizations/{partner}")).await, "ko");
    lacks(&html, &["atom+xml"]);
}

async fn feeds_show_what_is_public(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("협력기업").await;
    let secret = json!({"title": {"ko": "감춘 일"}, "visibility": "internal"});
    let secret = api
        .create(
            "/agreements",
            &signed_mou(&[&city, &partner], "2024-01-03", secret),
        )
        .await;
    let draft = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "아직 초안"}});
    let draft = api.create("/agreements", &draft).await;
    for id in [secret.id(), draft.id()] {
        page(&api, &format!("/agreements/{id}.atom"))
            .await
            .expect(404);
    }
    let shown = api
        .create(
            "/agreements",
            &signed_mou(
                &[&city, &partner],
                "2024-01-02",
                json!({"title": {"ko": "공개한 일"}}),
            ),
        )
        .await;
    let feed = format!("/municipalities/{city}.atom");
    let text = page(&api, &feed).await.expect(200).text;
    holds(&text, &["공개한 일"]);
    lacks(&text, &["감춘 일", "아직 초안"]);
    // What is withdrawn leaves the feed with everything that was said of it.
    let body = json!({"visibility": "internal"});
    api.update(
        &format!("/agreements/{}?correction_reason=x", shown.id()),
        "*",
        &body,
    )
    .await;
    lacks(&page(&api, &feed).await.expect(200).text, &["공개한 일"]);
}

async fn two_days_are_compared(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("협력기업").await;
    let own = json!({"title": {"ko": "견줄 협약"}, "effective_until": {"edtf": "2025-12-31"},
        "commitments": [{"text": {"ko": NASTY}, "due": {"edtf": "2025-06"}}],
        "reviews": [{"on": {"edtf": "2025-02-20"}, "rating": "slow", "findings": {"ko": "더딤"}}]});
    let made = api
        .create(
            "/agreements",
            &signed_mou(&[&city, &partner], "2024-01-02", own),
        )
        .await;
    let path = format!("/agreements/{}", made.id());
    let commitment = made.body["commitments"][0]["id"].as_str().unwrap();
    let report =
        json!({"on": {"edtf": "2025-05-31"}, "status": "fulfilled", "note": {"ko": "마침"}});
    api.create(&format!("{path}/commitments/{commitment}/reports"), &report)
        .await;
    let asked = format!("{path}?compare=2024-06-30&as_of=2026-01-31");
    let text = whole(page(&api, &asked).await, "ko");
    let table = text.split("id=\"differences\"").nth(1).unwrap();
    let table = table.split("</section>").next().unwrap();
    holds(
        table,
        &[
            "2024.\u{a0}6.\u{a0}30.",
            "2026.\u{a0}1.\u{a0}31.",
            "효력 있음",
            "종료: ",
            "<bdi>이행</bdi>",
            "마침",
            "기록 없음",
            "점검: 부진",
            "더딤",
            "&lt;script&gt;",
        ],
    );
    // What is the same on both days is left out.
    lacks(table, &["협력기업", "체결일", "<script>"]);
    // The order in which the days are named does not matter.
    let other = format!("{path}?compare=2026-01-31&as_of=2024-06-30&lang=en");
    let other = whole(page(&api, &other).await, "en");
    holds(
        &other,
        &["what differs", "30 June 2024", "value=\"2026-01-31\""],
    );
    let same = whole(
        page(&api, &format!("{path}?compare=2026-01-30&as_of=2026-01-31")).await,
        "ko",
    );
    holds(&same, &["달라진 내용이 없습니다"]);
}

async fn a_comparison_needs_two_known_days(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("협력기업").await;
    let made = api
        .create(
            "/agreements",
            &signed_mou(&[&city, &partner], "2024-01-02", json!({})),
        )
        .await;
    let path = format!("/agreements/{}", made.id());
    let text = whole(
        page(&api, &format!("{path}?compare=2020-01-01")).await,
        "ko",
    );
    holds(&text, &["2020.\u{a0}1.\u{a0}1.", "알려진 것이 없습니다."]);
    let refused = page(&api, &format!("{path}?compare=yesterday"))
        .await
        .expect(400);
    holds(&refused.text, &["f-compare-error1", "2026-12-01"]);
}

async fn the_latest_changes_are_shown(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("협력기업").await;
    let made = api
        .create(
            "/agreements",
            &signed_mou(&[&city, &partner], "2024-01-02", json!({})),
        )
        .await;
    let path = format!("/agreements/{}", made.id());
    for n in 0..101 {
        let body = json!({"note": {"ko": format!("{n}")}});
        api.update(&format!("{path}?correction_reason=n{n}"), "*", &body)
            .await;
    }
    let text = whole(page(&api, &path).await, "ko");
    let changes = text.split("id=\"changes\"").nth(1).unwrap();
    holds(changes, &[">n100</bdi>", ">n1</bdi>"]);
    lacks(changes, &[">n0</bdi>"]);
    let feed = page(&api, &format!("{path}.atom")).await.expect(200).text;
    assert_eq!(all(&feed, "entry").len(), 50);
    holds(&feed, &["n100"]);
}

async fn suggestions_lead_to_pages(api: Api) {
    let suggested = async |q: &str, lang: &str| -> Vec<Value> {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", q).append_pair("lang", lang);
        let path = format!("/find/suggestions?{}", query.finish());
        let answer = page(&api, &path).await.expect(200);
        assert_eq!(
            answer.headers["content-type"],
            "application/json; charset=utf-8"
        );
        serde_json::from_str(&answer.text).unwrap()
    };
    // Written together or apart, and by initial consonants.
    for q in ["일산테크노밸리", "일산 테크노", "ㅇㅅㅌㅋ"] {
        let rows = suggested(q, "ko").await;
        assert!(!rows.is_empty() && rows.len() <= 8, "{q}");
        let project = rows.iter().find(|row| row["kind"] == "사업");
        let project = project.unwrap_or_else(|| panic!("{q}: {rows:?}"));
        let at = project["page"].as_str().unwrap();
        assert!(
            at.starts_with("projects/0178") && at.ends_with("lang=ko"),
            "{at}"
        );
        whole(page(&api, &format!("/{at}")).await, "ko");
    }
    let rows = suggested("한국바이오", "en").await;
    assert!(
        rows.iter().any(|row| row["kind"] == "Organization"),
        "{rows:?}"
    );
    assert!(suggested("zzzz", "ko").await.is_empty());
    assert!(suggested(" ", "ko").await.is_empty());
    let long = "a".repeat(101);
    page(&api, &format!("/find/suggestions?q={long}"))
        .await
        .expect(400);
    // Only pages with the search run a script, from here alone.
    for (path, runs) in [("/", true), ("/find", true), ("/agreements", false)] {
        let answer = page(&api, path).await.expect(200);
        let policy = answer.headers["content-security-policy"].clone();
        assert_eq!(
            policy.contains("script-src 'self'"),
            runs,
            "{path}: {policy}"
        );
        let text = whole(answer, "ko");
        assert_eq!(
            text.contains("<script src=\"./assets/suggest-"),
            runs,
            "{path}"
        );
        assert_eq!(
            text.contains("data-suggestions=\"./find/suggestions\""),
            runs
        );
    }
}

async fn the_timeline_zooms(api: Api) {
    let text = whole(page(&api, "/timeline").await, "ko");
    holds(
        &text,
        &[
            "from=2020-01-01&#38;to=2029-12-31",
            "from=2026-01-01&#38;to=2026-12-31",
            "from=2026-11-01&#38;to=2026-11-30",
            "aria-current=\"true\">전체",
        ],
    );
    let asked = "/timeline?type=milestone&from=2020-01-01&to=2029-12-31";
    let decade = whole(page(&api, asked).await, "ko");
    holds(
        &decade,
        &[
            "<strong>2020년대</strong>",
            "2010년대",
            "2030년대",
            "type=milestone&#38;from=2023-01-01&#38;to=2023-12-31",
            "aria-current=\"true\">10년",
            "’25",
        ],
    );
    let year = "/timeline?from=2021-01-01&to=2021-12-31&lang=en";
    let year = whole(page(&api, year).await, "en");
    holds(
        &year,
        &[
            "<strong>2021</strong>",
            ">Apr</text>",
            "from=2021-04-01&#38;to=2021-04-30",
        ],
    );
    let month = "/timeline?from=2021-04-01&to=2021-04-30&lang=en";
    let month = whole(page(&api, month).await, "en");
    holds(
        &month,
        &[
            "<strong>April 2021</strong>",
            ">16</text>",
            "March 2021",
            "May 2021",
        ],
    );
    // A window of one's own is none of the calendar.
    let own = whole(
        page(&api, "/timeline?from=2021-04-02&to=2021-04-30").await,
        "ko",
    );
    lacks(&own, &["aria-current=\"true\">1개월"]);
    let all = format!("/timeline?municipality_id={CITY}&from=0001-01-01&to=9999-12-31");
    whole(page(&api, &all).await, "ko");
}
