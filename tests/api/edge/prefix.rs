//! A server behind the path prefix of a proxy.

use clap::Parser;
use mou_registry::app::config::Cli;
use serde_json::json;

use crate::support::{Api, CITY};

on_both!(with_demo: a_public_url_is_in_every_link, without_one_references_are_relative);
tests!(sync: a_setting_that_is_no_url_is_refused);

const PUBLIC: &str = "https://city.example/mou";

async fn a_public_url_is_in_every_link(mut api: Api) {
    let without = api.read("/timeline.ics").await;
    api.state.public_url = Some(PUBLIC.parse().unwrap());
    let api = api.served().await;
    let page = api.read("/agreements?limit=1&kind=mou").await;
    let cursor = page.body["next_cursor"].as_str().unwrap();
    let next =
        format!("<{PUBLIC}/api/v1/agreements?limit=1&kind=mou&cursor={cursor}>; rel=\"next\"");
    assert_eq!(page.headers["link"], next);
    let key = [
        ("content-type", "application/json"),
        ("idempotency-key", "k1"),
    ];
    let body = json!({"kind": "other", "name": {"ko": "가"}}).to_string();
    for replayed in [None, Some("true")] {
        let made = api.send("POST", "/organizations", &key, Some(body.clone().into()));
        let made = made.await.expect(201);
        let location = format!("{PUBLIC}/api/v1/organizations/{}", made.id());
        assert_eq!(made.headers["location"], location);
        let header = made.headers.get("idempotent-replayed");
        assert_eq!(header.map(String::as_str), replayed);
    }
    let refused = api.get("/agreements?limit=0").await;
    let kind = format!("{PUBLIC}/docs/problems#invalid_parameters");
    assert_eq!(refused.expect(400).body["type"], json!(kind));
    let calendar = api.create("/calendars", &json!({"name": "일정"})).await;
    let address = calendar.body["address"].as_str().unwrap();
    let path = address.strip_prefix(PUBLIC).unwrap();
    let read = api.get(path).await.expect(200);
    let event = format!("\r\nURL:{PUBLIC}/api/v1/");
    let organizer = format!("\r\nORGANIZER;CN=\"고양시\":urn:uuid:{CITY}\r\n");
    let unfolded = |text: &str| text.replace("\r\n ", "");
    assert!(unfolded(&read.text).contains(&event), "{}", read.text);
    assert!(unfolded(&read.text).contains(&organizer), "{}", read.text);
    // The URL is a part of the answer, so the other one is not known any more.
    let known = [("if-none-match", without.etag())];
    let other = api.send("GET", "/timeline.ics", &known, None).await;
    assert!(unfolded(&other.expect(200).text).contains(&event));
    let spec = api.read("/api/v1/openapi.json").await;
    assert_eq!(spec.body["servers"][0]["url"], json!(format!("{PUBLIC}/")));
    let found = api.read("/search?q=%EA%B3%A0%EC%96%91").await;
    let found = &found.items()[0]["url"];
    let path = found.as_str().unwrap().strip_prefix(PUBLIC).unwrap();
    api.get(path).await.expect(200);
    let statistics = api.read("/statistics/agreements?group_by=kind").await.text;
    let links: Vec<&str> = statistics
        .match_indices("/statistics/agreements/records?")
        .map(|(at, _)| &statistics[..at])
        .collect();
    let whole = format!("\"{PUBLIC}/api/v1");
    assert!(!links.is_empty() && links.iter().all(|before| before.ends_with(&whole)));
}

async fn without_one_references_are_relative(api: Api) {
    let page = api.read("/agreements?limit=1").await;
    assert!(page.headers["link"].starts_with("<?"));
    let body = json!({"kind": "other", "name": {"ko": "가"}});
    let made = api.create("/organizations", &body).await;
    let location = format!("/api/v1/organizations/{}", made.id());
    assert_eq!(made.headers["location"], location);
    let docs = api.get("/docs").await.expect(302);
    assert_eq!(docs.headers["location"], "docs/");
    let start = api.read("/docs/swagger-initializer.js").await.text;
    assert!(
        start.contains("../api/v1/openapi.json") && !start.contains("\"/api"),
        "{start}"
    );
    let spec = api.read("/api/v1/openapi.json").await;
    assert_eq!(spec.body["servers"][0]["url"], json!("/"));
    // Entries name the server that was asked.
    let calendar = api.read("/timeline.ics").await.text.replace("\r\n ", "");
    assert!(calendar.contains("\r\nURL:http://localhost:8080/api/v1/milestones/"));
    for line in calendar
        .lines()
        .filter_map(|line| line.strip_prefix("URL:"))
    {
        let path = line.strip_prefix("http://localhost:8080").unwrap();
        api.get(path).await.expect(200);
    }
}

fn a_setting_that_is_no_url_is_refused() {
    for (value, is_accepted) in [
        (PUBLIC, true),
        ("https://city.example/mou/", true),
        ("/mou", false),
        ("city.example", false),
        ("https://city.example/?a", false),
    ] {
        let parsed = Cli::try_parse_from(["mou-registry", "serve", "--public-url", value]);
        assert_eq!(parsed.is_ok(), is_accepted, "{value}");
    }
}
