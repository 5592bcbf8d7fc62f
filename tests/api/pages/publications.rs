//! The page and the feed of what was newly published, and the form that records it.

use serde_json::{Value, json};

use super::office::{Browser, changed, fields_of};
use super::office_admin::hidden;
use super::{NASTY, holds, lacks, page, whole};
use crate::support::Api;
use crate::support::city::City;
use crate::support::records::signed_mou;

on_both!(new:
    a_month_shows_what_was_published, the_pages_of_a_past_month_stay_in_the_past, a_feed_tells_of_publications,
    a_feed_begins_with_what_changed_last,
    a_feed_tells_of_what_becomes_public, an_officer_records_a_publication,
    a_withheld_part_is_corrected_alone);

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
            "이 기간에 공개한 협약이 없습니다.",
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
            "부분 공개",
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
    for month in [
        "2026-13",
        "2026-Q1",
        "2026",
        "0000-01",
        "-5000-01",
        "%2B12026-01",
    ] {
        let path = format!("/publications?month={month}");
        page(&api, &path).await.expect(400);
    }
    whole(page(&api, "/publications?month=0001-01").await, "ko");
    for day in [
        "as_of=-5000-01-01",
        "recorded_as_of=-5000-01-01",
        "recorded_as_of=-5000-01-01T00:00:00Z",
    ] {
        page(&api, &format!("/agreements?{day}")).await.expect(400);
    }
    page(&api, "/publications?municipality_id=x")
        .await
        .expect(400);
    let own = page(&api, &format!("/agreements/{}", made.id())).await;
    holds(
        &whole(own, "ko"),
        &["<h2>공개</h2>", "부분 공개", "시보 제7호"],
    );
    let town = page(&api, &format!("/municipalities/{}", city.id)).await;
    holds(&whole(town, "ko"), &["../publications?municipality_id="]);
}

async fn the_pages_of_a_past_month_stay_in_the_past(api: Api) {
    let city = City::new(&api, "4128000000").await;
    for title in ["하나", "둘"] {
        let new = partly(&city, title, "public");
        city.editor.create("/agreements", &new).await;
    }
    let later = api.at("2026-11-26T03:00:00Z").await;
    let path = "/publications?month=2026-10&recorded_as_of=2026-11-24&limit=1";
    let text = whole(page(&later, path).await, "ko");
    let links = |part: &str| -> Vec<String> {
        let links = text.split("href=\"").skip(1);
        let links = links.filter_map(|link| link.split('"').next());
        let found = links.filter(|link| link.contains(part));
        found.map(str::to_owned).collect()
    };
    for part in [
        "cursor=",
        ".csv?",
        ".xlsx?",
        "api/v1/publications?",
        "month=2026-09",
    ] {
        let found = links(part);
        assert!(!found.is_empty(), "{part}");
        for link in found {
            assert!(link.contains("recorded_as_of=2026-11-2"), "{link}");
        }
    }
}

/// The instants of the entries of a feed, in their order.
async fn instants(api: &Api) -> Vec<String> {
    let feed = page(api, "/publications.atom").await.expect(200);
    let all = feed.text.split("<updated>").skip(1);
    all.filter_map(|text| text.split("</updated>").next())
        .map(str::to_owned)
        .collect()
}

async fn a_feed_begins_with_what_changed_last(api: Api) {
    let city = City::new(&api, "4128000000").await;
    assert_eq!(instants(&api).await, ["1970-01-01T00:00:00.000000Z"]);
    let made = city
        .editor
        .create("/agreements", &partly(&city, "협약", "public"))
        .await;
    let [first, second, third] = [
        "2026-11-23T03:00:00.000000Z",
        "2026-11-25T03:00:00.000000Z",
        "2026-11-26T03:00:00.000000Z",
    ];
    assert_eq!(instants(&api).await, [first, first]);
    // It was published before the other, and recorded later.
    let list = format!("/agreements/{}/publications", made.id());
    let later = city.editor.at(second).await;
    let earlier = json!({"extent": "summary", "published_on": {"edtf": "2026-09-20"}});
    let added = later.create(&list, &earlier).await;
    assert_eq!(instants(&later).await, [second, second, first]);
    let id = added.body["publications"][0]["id"].as_str().unwrap();
    let last = city.editor.at(third).await;
    let note = json!({"note": {"ko": "정정"}});
    let path = format!("{list}/{id}");
    let corrected = last.update(&path, added.etag(), &note).await;
    assert_eq!(instants(&last).await, [third, third, second]);
    // A change of the agreement is none of its publications.
    let title = json!({"title": {"ko": "다른 이름"}});
    let agreement = format!("/agreements/{}?correction_reason=x", made.id());
    let much_later = city.editor.at("2026-11-27T03:00:00Z").await;
    much_later
        .update(&agreement, corrected.etag(), &title)
        .await;
    assert_eq!(instants(&much_later).await, [third, third, second]);
}

async fn a_feed_tells_of_what_becomes_public(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let [hidden, open] = ["internal", "public"].map(|seen| partly(&city, seen, seen));
    let hidden = city.editor.create("/agreements", &hidden).await;
    let second = "2026-11-25T03:00:00.000000Z";
    let later = city.editor.at(second).await;
    later.create("/agreements", &open).await;
    assert_eq!(instants(&later).await, [second, second]);
    let third = "2026-11-26T03:00:00.000000Z";
    let last = city.editor.at(third).await;
    let path = format!("/agreements/{}", hidden.id());
    let shown = json!({"visibility": "public"});
    let correction = format!("{path}?correction_reason=x");
    last.update(&correction, hidden.etag(), &shown).await;
    assert_eq!(instants(&last).await, [third, third, second]);
    // The publication itself is not said to have changed.
    let history = last.read(&format!("{path}/history")).await;
    let summary = history.items().last().unwrap()["summary"]["en"].to_string();
    assert!(
        summary.contains("visibility") && !summary.contains("publications"),
        "{summary}"
    );
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
                "<updated>2026-11-23T03:00:00.000000Z</updated>",
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
    holds(&text, &["기록했습니다.", "부분 공개", "제5조(투자 금액)"]);
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
        &[
            &format!("publications/{id}"),
            "공개 수정: 2026.\u{a0}9.\u{a0}7.",
        ],
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
    fields[2].1 = "시보 제8호";
    fields[5].1 = "2028. 12. 31.";
    let tag = hidden(&text, "tag");
    let fields = [&fields[..], &[("tag", tag.as_str())]].concat();
    let text = browser.goes_on(&edit, &fields).await;
    holds(&text, &["시보 제8호", "2028.\u{a0}12.\u{a0}31.까지"]);
    // The duty leads to the form.
    let form = browser.open(&path).await.expect(200).text;
    holds(&form, &["공개를 기록합니다.", "비공개 기간 종료"]);
    // What was recorded by mistake goes.
    let removal = format!("{edit}/removal");
    holds(&text, &["공개 삭제: 2026.\u{a0}9.\u{a0}7."]);
    let asked = browser.open(&removal).await.expect(200).text;
    holds(&asked, &["2026.\u{a0}9.\u{a0}7.: 부분 공개"]);
    let tag = hidden(&asked, "tag");
    let text = browser.goes_on(&removal, &[("tag", tag.as_str())]).await;
    lacks(&text, &["시보 제8호", "공개 삭제"]);
    // The duty went with it.
    let form = browser.open(&path).await.expect(200).text;
    lacks(&form, &["비공개 기간 종료"]);
}

async fn a_withheld_part_is_corrected_alone(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let mut new = partly(&city, "일부 공개 협약", "public");
    let part = |ko: &str, en: &str| json!({"part": {"ko": ko, "en": en}, "legal_basis": "제9조제1항제7호", "until": null});
    new["publications"][0]["withheld"] =
        json!([part("제5조", "Article 5"), part("제6조", "Article 6")]);
    let made = city.editor.create("/agreements", &new).await;
    let id = made.body["publications"][0]["id"].as_str().unwrap();
    let edit = format!("/office/agreements/{}/publications/{id}", made.id());
    let browser = Browser::as_caller(&city.editor).await;
    let opened = fields_of(&browser.open(&edit).await.expect(200).text);
    // One more part is offered, and nothing recorded.
    let more = [("withheld/2/part/ko", "제7조"), ("more", "withheld")];
    let text = browser.send(&edit, &changed(&opened, &more)).await;
    holds(
        &text.expect(200).text,
        &["value=\"제7조\"", "name=\"withheld/3/part/ko\""],
    );
    // Somebody else removes the first part meanwhile.
    let path = format!("/agreements/{}/publications/{id}", made.id());
    let left = json!({"withheld": [part("제6조", "Article 6")]});
    api.update(&path, made.etag(), &left).await;
    let edited = changed(&opened, &[("withheld/1/part/ko", "제6조(기간)")]);
    let told = browser.send(&edit, &edited).await.expect(412).text;
    let again = fields_of(&told);
    browser.goes_on(&edit, &changed(&again, &[])).await;
    let now = api.read(&path).await.body;
    // What the other removed stays removed, and the second keeps its words in English.
    assert_eq!(now["withheld"].as_array().unwrap().len(), 1);
    assert_eq!(
        now["withheld"][0]["part"],
        json!({"ko": "제6조(기간)", "en": "Article 6"})
    );
}
