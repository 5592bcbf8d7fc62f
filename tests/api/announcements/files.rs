//! Announcements of feeds and of lists as files.

use mou_registry::announcements::feed::schedule::{self, NamedFeed};
use serde_json::{Value, json};

use crate::support::Api;
use crate::support::receiver::{Receiver, Reply};

on_both!(new:
    a_feed_is_recorded_once, a_feed_at_an_address_is_read, a_list_comes_in_and_goes,
    an_undated_announcement_comes_in_once, a_day_ahead_is_a_problem_of_its_row);

const FEED: &str = r#"<?xml version="1.0"?><rss version="2.0"><channel><title>고양시 보도자료</title>
    <item><title>고양시, 가온대와 협약</title><link>https://city.example/1</link><pubDate>Tue, 21 May 2024 10:00:00 +0900</pubDate></item>
    <item><title>가을 축제</title><link>https://city.example/2</link></item></channel></rss>"#;

async fn a_feed_is_recorded_once(api: Api) {
    let city = api.municipality().await;
    let path = format!("/announcements/feed?municipality_id={city}");
    let send = async |text: &str| {
        let kind = [("content-type", "application/rss+xml")];
        api.send("POST", &path, &kind, Some(text.into())).await
    };
    let made = send(FEED).await.expect(201);
    let kinds: Vec<&Value> = made.body["recorded"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["kind"])
        .collect();
    assert_eq!(kinds, ["signing", "other"]);
    assert_eq!(made.body["recorded"][0]["publisher"], "고양시 보도자료");
    let more = FEED.replace(
        "</channel>",
        "<item><title>청사 준공</title></item></channel>",
    );
    let again = send(&more).await.expect(201);
    assert_eq!(
        (
            again.body["recorded"].as_array().unwrap().len(),
            &again.body["known_count"]
        ),
        (1, &json!(2))
    );
    // What cannot be recorded is told, and keeps nothing else back.
    let bad = FEED
        .replace("https://city.example/2", "javascript:alert(1)")
        .replace("example/1", "example/9")
        .replace(
            "<title>고양시, 가온대와 협약</title>",
            "<description>가온대와 협약 체결</description>",
        );
    let partly = send(&bad).await.expect(201);
    assert_eq!(partly.body["problems"][0]["pointer"], "/items/1/url");
    assert!(partly.body["problems"][0]["message"]["ko"].is_string());
    let named = &partly.body["recorded"][0];
    assert_eq!(named["title"]["ko"], "가온대와 협약 체결");
    assert_eq!(partly.body["recorded"].as_array().unwrap().len(), 1);
    let nameless = FEED.replace("<title>가을 축제</title>", "");
    let told = send(&nameless.replace("/2", "/7")).await.expect(201);
    assert_eq!(told.body["problems"][0]["pointer"], "/items/1/title/ko");
    assert_eq!(
        send("협약명,협약기관").await.expect(422).body["errors"][0]["code"],
        "no_feed"
    );
    let all = api.read("/announcements").await;
    assert_eq!(all.items().len(), 4);
    // One that an officer deleted stays away, though the feed still holds it.
    for one in all.items() {
        let path = format!("/announcements/{}", one["id"].as_str().unwrap());
        let tag = api.read(&path).await.etag().to_owned();
        api.delete(&path, &tag).await.expect(204);
    }
    let after = send(FEED).await.expect(201);
    assert_eq!(after.body["recorded"], json!([]), "{}", after.text);
    assert_eq!(after.body["known_count"], 2);
}

async fn a_feed_at_an_address_is_read(api: Api) {
    api.municipality().await;
    // What cannot be recorded does not keep the rest back.
    let feed = FEED.replace("https://city.example/2", "javascript:alert(1)");
    let receiver = Receiver::new(move |_| {
        let length = feed.len();
        Reply::Raw(format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{feed}"
        ))
    });
    let named = |code: &str| format!("{code}={}", receiver.url()).parse::<NamedFeed>();
    let goyang = named("4128000000").unwrap();
    schedule::read(&api.state, &goyang).await.unwrap();
    schedule::read(&api.state, &goyang).await.unwrap();
    let listed = api.read("/announcements").await;
    assert_eq!(listed.items().len(), 1, "{}", listed.text);
    assert_eq!(listed.items()[0]["url"], "https://city.example/1");
    let nobody = named("1111000000").unwrap();
    let refused = schedule::read(&api.state, &nobody).await.unwrap_err();
    assert!(format!("{refused:#}").contains("1111000000"), "{refused:#}");
    receiver.now(|_| Reply::Status(404));
    let refused = schedule::read(&api.state, &goyang).await.unwrap_err();
    assert_eq!(refused.to_string(), "it answers 404 Not Found");
}

const LIST: &str = "연번,보도자료명,배포일,협약기관,투자금액(억원),링크,담당부서\n\
    1,\"고양시, 가온대와 협약\",2024. 5. 21.,\"고양시, 가온대학교\",30,https://city.example/1,전략산업과\n\
    2,물류단지 기공식,2024.6.,,,,\n\
    3,,2024-07-01,,,,\n";

async fn a_list_comes_in_and_goes(api: Api) {
    let city = api.municipality().await;
    let path = format!("/imports?municipality_id={city}&file_name=list.csv&kind=announcements");
    let kind = [("content-type", "text/csv")];
    let send = async || api.send("POST", &path, &kind, Some(LIST.into())).await;
    let made = send().await.expect(201);
    assert_eq!(made.body["counts"]["valid"], 2, "{}", made.text);
    let body = &made.body["rows"][0]["body"];
    assert_eq!(
        (&body["kind"], &body["amount"]["amount"]),
        (&json!("signing"), &json!(3_000_000_000_u64))
    );
    assert_eq!(body["lead_department"], "전략산업과");
    assert_eq!(
        body["parties"],
        json!([{"name": "고양시"}, {"name": "가온대학교"}])
    );
    assert_eq!(made.body["rows"][1]["body"]["kind"], "groundbreaking");
    assert_eq!(made.body["rows"][2]["problems"][0]["code"], "title_missing");
    let import = format!("/imports/{}", made.id());
    let applied = api.act(&format!("{import}/apply"), &json!({})).await;
    assert_eq!(applied.body["counts"]["recorded"], 2, "{}", applied.text);
    let listed = api.read("/announcements?sort=announced_on").await;
    assert_eq!(listed.items()[1]["announced_on"]["edtf"], "2024-06");
    let again = send().await.expect(201);
    assert_eq!(again.body["counts"]["same"], 2, "{}", again.text);
    let undone = api.act(&format!("{import}/undo"), &json!({})).await;
    assert_eq!(undone.body["not_undone"], json!([]));
    assert_eq!(api.read("/announcements").await.items().len(), 0);
}

async fn an_undated_announcement_comes_in_once(api: Api) {
    let city = api.municipality().await;
    let path = format!("/imports?municipality_id={city}&file_name=list.csv&kind=announcements");
    let kind = [("content-type", "text/csv")];
    let list = "연번,보도자료명,배포일,협약기관,투자금액(억원),링크\n1,가을 축제,,,,\n";
    let made = api.send("POST", &path, &kind, Some(list.into())).await;
    let made = made.expect(201);
    assert_eq!(made.body["counts"]["valid"], 1, "{}", made.text);
    let import = format!("/imports/{}", made.id());
    api.act(&format!("{import}/apply"), &json!({})).await;
    let again = api.send("POST", &path, &kind, Some(list.into())).await;
    let again = again.expect(201);
    assert_eq!(again.body["counts"]["same"], 1, "{}", again.text);
}

async fn a_day_ahead_is_a_problem_of_its_row(api: Api) {
    let city = api.municipality().await;
    let path = format!("/imports?municipality_id={city}&file_name=list.csv&kind=announcements");
    let kind = [("content-type", "text/csv")];
    let list = "제목,발표일,협약당사자\n미래,2027.6.5,차\n오늘,2024.6.5,차\n";
    let made = api.send("POST", &path, &kind, Some(list.into())).await;
    let made = made.expect(201);
    assert_eq!(made.body["counts"]["valid"], 1, "{}", made.text);
    let problem = &made.body["rows"][0]["problems"][0];
    assert_eq!(problem["code"], "in_future", "{}", made.text);
}
