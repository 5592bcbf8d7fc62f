//! Limits on requests, by token and by address.

use actix_web::test::TestRequest;
use serde_json::json;

use crate::pages::BROWSER;
use crate::pages::office::Browser;
use crate::support::city::City;
use crate::support::{Answer, Api};

on_both!(new:
    a_token_is_limited_wherever_it_comes_from, an_address_is_limited_without_a_token,
    failures_are_limited_by_address, a_session_is_limited_whatever_stands_beside_it, a_valid_token_passes_where_others_fail);

/// The seconds to wait, which all parts of the refusal agree on.
#[track_caller]
fn wait(refused: &Answer, policy: &str) -> u64 {
    assert_eq!(refused.status.as_u16(), 429, "{}", refused.text);
    assert_eq!(refused.body["code"], "rate_limited");
    assert_eq!(refused.headers["ratelimit-policy"], policy);
    let name = policy.split(';').next().unwrap();
    let seconds = &refused.headers["retry-after"];
    assert_eq!(
        refused.headers["ratelimit"],
        format!("{name};r=0;t={seconds}")
    );
    assert!(refused.body["detail"].as_str().unwrap().contains(seconds));
    seconds.parse().unwrap()
}

async fn a_token_is_limited_wherever_it_comes_from(api: Api) {
    let new = json!({"name": "b", "role": "viewer", "all_municipalities": true});
    let other = api.create("/tokens", &new).await;
    let api = api.edged(&["--rate-limit-token", "3"]).await;
    for (address, left) in [
        ("192.0.2.1", "r=2;t=20"),
        ("192.0.2.2", "r=1;t=40"),
        ("2001:db8::1", "r=0;t=20"),
    ] {
        let answer = api.from(address).read("/me").await;
        assert_eq!(answer.headers["ratelimit-policy"], "\"default\";q=3;w=60");
        assert_eq!(answer.headers["ratelimit"], format!("\"default\";{left}"));
    }
    // Also with another spelling of the header.
    let refused = api.get("/me").await;
    assert!((1..=20).contains(&wait(&refused, "\"default\";q=3;w=60")));
    let english = [("accept-language", "en")];
    let refused = api.send("GET", "/organizations", &english, None).await;
    assert_eq!(refused.body["title"], "There were too many requests.");
    // Other tokens, anonymous callers and monitoring are not affected.
    api.with(other.body["token"].as_str()).read("/me").await;
    api.with(None).read("/me").await;
    for path in [
        "/healthz",
        "/readyz",
        "/metrics",
        "/docs/problems",
        "/docs/",
    ] {
        let answer = api.read(path).await;
        assert!(!answer.headers.contains_key("ratelimit"), "{path}");
    }
}

async fn an_address_is_limited_without_a_token(api: Api) {
    let flags = [
        "--rate-limit-anonymous",
        "2",
        "--trusted-proxy",
        "10.0.0.0/8,::1",
    ];
    let api = api.edged(&flags).await.with(None);
    let policy = "\"default\";q=2;w=60";
    let ask = async |peer: &str, forwarded: &str| {
        let header = [("x-forwarded-for", forwarded)];
        api.from(peer)
            .send("GET", "/agreements", &header, None)
            .await
    };
    for _ in 0..2 {
        ask("192.0.2.1", "").await.expect(200);
    }
    wait(&ask("192.0.2.1", "").await, policy);
    // A client's own header is ignored; a trusted proxy's counts.
    wait(&ask("192.0.2.1", "198.51.100.1").await, policy);
    wait(&ask("10.1.1.1", "198.51.100.1, 192.0.2.1").await, policy);
    wait(
        &ask("::1", "198.51.100.1, 192.0.2.1, 10.1.1.1").await,
        policy,
    );
    ask("10.1.1.1", "192.0.2.1, 198.51.100.1").await.expect(200);
    // An IPv6 /64 counts as one address.
    ask("2001:db8::1", "").await.expect(200);
    ask("2001:db8::2", "").await.expect(200);
    wait(&ask("2001:db8::3", "").await, policy);
    ask("2001:db8:0:1::3", "").await.expect(200);
    // Unknown paths count too.
    for path in ["/nowhere", "/agreements/1"] {
        api.from("192.0.2.9").get(path).await.expect(404);
    }
    wait(&api.from("192.0.2.9").get("/nowhere").await, policy);
}

async fn a_valid_token_passes_where_others_fail(api: Api) {
    let new = json!({"name": "b", "role": "viewer", "all_municipalities": true});
    let other = api.create("/tokens", &new).await;
    let api = api.edged(&["--rate-limit-failures", "3"]).await;
    let other_api = api.with(other.body["token"].as_str());
    other_api.from("192.0.2.7").read("/agreements").await;
    // A path that looks up no token makes none valid.
    let guess = api.with(Some(&format!("mou_{}", "0".repeat(64))));
    guess.from("192.0.2.1").read("/docs/problems").await;
    guess.from("192.0.2.1").get("/nothing").await.expect(404);
    for _ in 0..3 {
        guess.from("192.0.2.1").get("/agreements").await.expect(401);
    }
    let policy = "\"failures\";q=3;w=60";
    wait(&guess.from("192.0.2.1").get("/agreements").await, policy);
    wait(&api.from("192.0.2.1").get("/agreements").await, policy);
    // The token that was seen elsewhere before goes on, until it is revoked.
    other_api.from("192.0.2.1").read("/agreements").await;
    let revoke = format!("/tokens/{}/revocation", other.id());
    api.from("192.0.2.2").act(&revoke, &json!({})).await;
    other_api
        .from("192.0.2.1")
        .get("/agreements")
        .await
        .expect(401);
    wait(
        &other_api.from("192.0.2.1").get("/agreements").await,
        policy,
    );
}

async fn failures_are_limited_by_address(api: Api) {
    let api = api.edged(&["--rate-limit-failures", "3"]).await;
    let guess = api.with(Some(&format!("mou_{}", "0".repeat(64))));
    let garbled = api.with(Some("x"));
    guess.from("192.0.2.1").get("/agreements").await.expect(401);
    garbled.from("192.0.2.1").get("/me").await.expect(401);
    guess
        .from("192.0.2.1")
        .post("/organizations", &json!({}))
        .await
        .expect(401);
    // Now even valid tokens are refused unseen. Anonymous callers and other addresses are not
    // affected.
    for caller in [&guess, &garbled, &api] {
        let refused = caller.from("192.0.2.1").get("/agreements").await;
        assert!((1..=20).contains(&wait(&refused, "\"failures\";q=3;w=60")));
    }
    api.with(None).from("192.0.2.1").read("/agreements").await;
    api.from("192.0.2.2").read("/agreements").await;
    guess.from("192.0.2.2").get("/agreements").await.expect(401);
    // A caller without credentials has not failed.
    for _ in 0..5 {
        api.with(None)
            .from("192.0.2.3")
            .get("/tokens")
            .await
            .expect(401);
    }
    api.from("192.0.2.3").read("/tokens").await;
}

async fn a_session_is_limited_whatever_stands_beside_it(api: Api) {
    let city = City::new(&api, "4111000000").await;
    let mut browser = Browser::as_caller(&city.viewer).await;
    browser.api = api.edged(&["--rate-limit-token", "3"]).await.with(None);
    for (guess, expected) in [("a", 200), ("b", 200), ("c", 200), ("d", 429)] {
        let request = TestRequest::get()
            .uri("/office/data/agreements")
            .insert_header(("accept", BROWSER))
            .insert_header(("authorization", format!("Bearer mou_{guess}")))
            .insert_header(("cookie", browser.cookie.as_str()));
        let answer = browser.api.call(request).await;
        assert_eq!(answer.status, expected, "{guess}: {}", answer.text);
    }
}
