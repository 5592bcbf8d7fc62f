//! The page and the feed of what was newly published, and the form that records it.

use serde_json::{Value, json};

use super::office::Browser;
use super::{NASTY, holds, lacks, page, whole};
use crate::support::Api;
use crate::support::city::City;
use crate::support::records::signed_mou;

on_both!(new:
    a_month_shows_what_was_published, a_feed_tells_of_publications, an_officer_records_a_publication);

/// A signed agreement with a publication in which a part is withheld.
fn partly(city: &City, title: &str, visibility: &str) -> Value {
    let withheld = json!([{"part": {"ko": "제5조(투자 금액)"}, "legal_basis": "정보공개법 제9조제1항제7호", "until": "2027-12-31"}]);
    let published = json!([{"extent": "partial_text", "published_on": {"edtf": "2026-10-07"},
        "url": "https://www.goyang.go.kr/mou/17", "place": {"ko": "시보 제7호"}, "withheld": withheld}]);
    let more = json!({"title": {"ko": title}, "visibility": visibility, "publications": published});
    signed_mou(&[&city.id, &city.partner], "2026-09-01", more)
}

async fn a_month_shows_what_was_published(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let made = city
        .editor
        .create("/agreements", &partly(&city, NASTY, "public"))
        .await;
    city.editor
        .create("/agreements", &partly(&city, "감춘 협약", "internal"))
        .await;
    let path = format!("/publications?municipality_id={}", city.id);
    // Nothing was published in the running month.
    let text = whole(page(&api, &path).await, "ko");
    holds(
        &text,
        &[
            "<h2>2026년 11월",
            "이달에 공개한 협약이 없습니다.",
            "month=2026-10",
        ],
    );
    lacks(&text, &["다음 달"]);
    let text = whole(page(&api, &format!("{path}&month=2026-10")).await, "ko");
    holds(
        &text,
        &[
            "<h2>2026년 10월",
            "&lt;script&gt;",
            "일부를 뺀 전문",
            "비공개: 제5조(투자 금액) (정보공개법 제9조제1항제7호, ",
            "href=\"https://www.goyang.go.kr/mou/17\"",
            "시보 제7호",
            "month=2026-09",
            "month=2026-11",
            "api/v1/publications.csv?",
            "published_from=2026-10-01",
            "published_to=2026-10-31",
            "publications.atom?",
        ],
    );
    lacks(&text, &["감춘 협약"]);
    let english = page(&api, &format!("{path}&month=2026-10&lang=en")).await;
    holds(
        &whole(english, "en"),
        &["October 2026", "Text without some parts", "Withheld: "],
    );
    page(&api, "/publications?month=2026-13").await.expect(400);
    page(&api, "/publications?municipality_id=x")
        .await
        .expect(400);
    let own = page(&api, &format!("/agreements/{}", made.id())).await;
    holds(
        &whole(own, "ko"),
        &["<h2>공개</h2>", "일부를 뺀 전문", "시보 제7호"],
    );
    let town = page(&api, &format!("/municipalities/{}", city.id)).await;
    holds(&whole(town, "ko"), &["../publications?municipality_id="]);
}

async fn a_feed_tells_of_publications(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let made = city
        .editor
        .create("/agreements", &partly(&city, NASTY, "public"))
        .await;
    city.editor
        .create("/agreements", &partly(&city, "감춘 협약", "internal"))
        .await;
    for query in ["", &format!("?municipality_id={}", city.id)] {
        let feed = page(&api, &format!("/publications.atom{query}"))
            .await
            .expect(200);
        assert_eq!(
            feed.headers["content-type"],
            "application/atom+xml; charset=utf-8"
        );
        assert_eq!(feed.text.matches("<entry>").count(), 1, "{}", feed.text);
        holds(
            &feed.text,
            &[
                "새로 공개한 협약</title>",
                "<updated>2026-10-06T15:00:00.000000Z</updated>",
                &format!("agreements/{}", made.id()),
                "제5조(투자 금액)",
            ],
        );
        lacks(&feed.text, &["<script>", "감춘 협약"]);
    }
    let other = api.other_municipality().await;
    let empty = page(&api, &format!("/publications.atom?municipality_id={other}")).await;
    lacks(&empty.expect(200).text, &["<entry>"]);
    let gone = "/publications.atom?municipality_id=0178d7fa-2c00-7000-8000-00000000ffff";
    page(&api, gone).await.expect(404);
}

async fn an_officer_records_a_publication(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let new = signed_mou(&[&city.id, &city.partner], "2026-09-01", json!({}));
    let made = city.editor.create("/agreements", &new).await;
    let own = format!("/office/agreements/{}", made.id());
    let browser = Browser::as_caller(&city.editor).await;
    holds(
        &browser.open(&own).await.expect(200).text,
        &["acts/publications", "공개 기록"],
    );
    let path = format!("{own}/acts/publications");
    let fields = [
        ("extent", "full_text"),
        ("published_on", "2026. 9. 7."),
        ("place/ko", "시보 제7호"),
        ("withheld/0/part/ko", "제5조(투자 금액)"),
        ("withheld/0/legal_basis", "정보공개법 제9조제1항제7호"),
        ("withheld/0/until", "2027. 12. 31."),
    ];
    // A full text withholds nothing; what was typed stays.
    let text = browser.send(&path, &fields).await.expect(422).text;
    holds(
        &text,
        &[
            "f-extent-error1",
            "value=\"시보 제7호\"",
            "value=\"제5조(투자 금액)\"",
        ],
    );
    let mut fields = fields;
    fields[0].1 = "partial_text";
    let text = browser.goes_on(&path, &fields).await;
    holds(
        &text,
        &["기록했습니다.", "일부를 뺀 전문", "제5조(투자 금액)"],
    );
    let one = city
        .editor
        .read(&format!("/agreements/{}", made.id()))
        .await
        .body;
    let withheld = &one["publications"][0]["withheld"][0];
    assert_eq!(withheld["until"], "2027-12-31");
    // It is corrected in a form with what is recorded.
    let id = one["publications"][0]["id"].as_str().unwrap();
    let edit = format!("{own}/publications/{id}");
    holds(
        &text,
        &[&format!("publications/{id}"), "공개 고치기: 2026. 9. 7."],
    );
    let text = browser.open(&edit).await.expect(200).text;
    holds(
        &text,
        &[
            "value=\"제5조(투자 금액)\"",
            "value=\"2027-12-31\"",
            "value=\"시보 제7호\"",
        ],
    );
    let mut fields = fields;
    fields[2].1 = "시보 제8호";
    fields[5].1 = "2028. 12. 31.";
    let text = browser.goes_on(&edit, &fields).await;
    holds(&text, &["시보 제8호", "2028. 12. 31.까지"]);
    // The duty leads to the form.
    let text = browser.open(&path).await.expect(200).text;
    holds(&text, &["공개를 기록합니다.", "비공개 기간 종료"]);
}
