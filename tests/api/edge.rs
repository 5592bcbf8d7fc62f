//! What stands between callers and handlers: limits, headers, and which pages of other origins may
//! read and write.

use std::sync::Arc;

use clap::Parser;
use mou_registry::config::{Cli, Command, Settings};
use mou_registry::edge::Edge;
use serde_json::json;

use crate::harness::{Answer, Api, Backend};

on_both!(new: a_token_is_limited_wherever_it_comes_from, an_address_is_limited_without_a_token, failures_are_limited_by_address);

/// The settings of a server that is started with these flags, without limits where they set none.
pub fn settings(flags: &[&str]) -> Settings {
    let mut all = vec!["mou-registry", "serve", "--listen", "127.0.0.1:0"];
    for limit in [
        "--rate-limit-token",
        "--rate-limit-anonymous",
        "--rate-limit-failures",
    ] {
        if !flags.contains(&limit) {
            all.extend([limit, "0"]);
        }
    }
    all.extend(flags);
    match Cli::try_parse_from(all).unwrap().command {
        Command::Serve { settings, .. } => settings,
        _ => unreachable!(),
    }
}

/// The edge of a server that is started with these flags.
pub fn at(flags: &[&str]) -> Arc<Edge> {
    Edge::new(&settings(flags).edge)
}

/// The seconds that a refusal asks to wait, which it says in all places alike.
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
    let other = api.post("/tokens", &new).await.expect(201);
    let api = api.edged(&["--rate-limit-token", "3"]).await;
    for (address, left) in [
        ("192.0.2.1", "r=2;t=20"),
        ("192.0.2.2", "r=1;t=40"),
        ("2001:db8::1", "r=0;t=20"),
    ] {
        let answer = api.from(address).get("/me").await.expect(200);
        assert_eq!(answer.headers["ratelimit-policy"], "\"default\";q=3;w=60");
        assert_eq!(answer.headers["ratelimit"], format!("\"default\";{left}"));
    }
    // However the header spells it.
    let refused = api.get("/me").await;
    assert!((1..=20).contains(&wait(&refused, "\"default\";q=3;w=60")));
    let english = [("accept-language", "en")];
    let refused = api.send("GET", "/organizations", &english, None).await;
    assert_eq!(refused.body["title"], "There were too many requests.");
    // Neither another token nor a caller without one is hurt; nor is whoever watches.
    api.with(other.body["token"].as_str())
        .get("/me")
        .await
        .expect(200);
    api.with(None).get("/me").await.expect(200);
    for path in [
        "/healthz",
        "/readyz",
        "/metrics",
        "/docs/problems",
        "/docs/",
    ] {
        let answer = api.get(path).await.expect(200);
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
    // What it says of itself is not believed; what a proxy says of it is.
    wait(&ask("192.0.2.1", "198.51.100.1").await, policy);
    wait(&ask("10.1.1.1", "198.51.100.1, 192.0.2.1").await, policy);
    wait(
        &ask("::1", "198.51.100.1, 192.0.2.1, 10.1.1.1").await,
        policy,
    );
    ask("10.1.1.1", "192.0.2.1, 198.51.100.1").await.expect(200);
    // Of IPv6 a /64 is one.
    ask("2001:db8::1", "").await.expect(200);
    ask("2001:db8::2", "").await.expect(200);
    wait(&ask("2001:db8::3", "").await, policy);
    ask("2001:db8:0:1::3", "").await.expect(200);
    // What is nowhere is counted as well.
    for path in ["/nowhere", "/agreements/1"] {
        api.from("192.0.2.9").get(path).await.expect(404);
    }
    wait(&api.from("192.0.2.9").get("/nowhere").await, policy);
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
    // Now not even a valid token is looked up; without one, and from elsewhere, nothing is changed.
    for caller in [&guess, &garbled, &api] {
        let refused = caller.from("192.0.2.1").get("/agreements").await;
        assert!((1..=20).contains(&wait(&refused, "\"failures\";q=3;w=60")));
    }
    api.with(None)
        .from("192.0.2.1")
        .get("/agreements")
        .await
        .expect(200);
    api.from("192.0.2.2").get("/agreements").await.expect(200);
    guess.from("192.0.2.2").get("/agreements").await.expect(401);
    // A caller who shows nothing has not failed.
    for _ in 0..5 {
        api.with(None)
            .from("192.0.2.3")
            .get("/tokens")
            .await
            .expect(401);
    }
    api.from("192.0.2.3").get("/tokens").await.expect(200);
}

#[actix_web::test]
async fn every_answer_carries_its_headers() {
    let api = Api::new(Backend::Sqlite).await;
    let id = api.organization("가").await;
    for (path, status) in [
        ("/healthz", 200),
        ("/metrics", 200),
        ("/docs", 302),
        ("/docs/", 200),
        ("/docs/problems", 200),
        ("/docs/swagger-ui.css", 200),
        ("/docs/nowhere", 404),
        ("/api/v1/openapi.json", 200),
        ("/api/v1/organizations", 200),
        ("/api/v1/nowhere", 404),
    ] {
        let answer = api.get(path).await.expect(status);
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.headers[name], value, "{path}");
        }
        let policy = &answer.headers["content-security-policy"];
        assert!(
            policy.starts_with("default-src 'none'; ")
                && policy.ends_with("frame-ancestors 'none'")
        );
        assert_eq!(
            policy.contains("script-src 'self'"),
            path.starts_with("/docs"),
            "{path}"
        );
        assert!(!answer.headers.contains_key("strict-transport-security"));
    }
    // No answer to one caller is another's, and none is used without asking again.
    let path = format!("/organizations/{id}");
    for (caller, kept) in [(&api, "private, no-cache"), (&api.with(None), "no-cache")] {
        for path in [&path, "/organizations", "/organizations/1"] {
            let answer = caller.get(path).await;
            assert_eq!(answer.headers["cache-control"], kept, "{path}");
            assert!(
                answer.vary().contains(&"authorization".to_owned()),
                "{path}"
            );
        }
    }
    let tag = api.get(&path).await.expect(200).etag().to_owned();
    let known = [("if-none-match", tag.as_str())];
    let same = api.send("GET", &path, &known, None).await.expect(304);
    assert_eq!(same.headers["cache-control"], "private, no-cache");
    let api = api.edged(&["--hsts", "31536000"]).await;
    assert_eq!(
        api.get("/healthz").await.headers["strict-transport-security"],
        "max-age=31536000"
    );
}

/// Swagger UI runs under its policy: nothing in its page is written inline or comes from elsewhere.
#[actix_web::test]
async fn the_documentation_keeps_to_its_policy() {
    let api = Api::new(Backend::Sqlite).await;
    let page = api.get("/docs/").await.expect(200).text;
    for script in page.split("<script").skip(1) {
        assert!(script.starts_with(" src=\"./"), "{script}");
    }
    assert!(!page.contains("://") && !page.contains("<style") && !page.contains(" onload="));
    let start = api
        .get("/docs/swagger-initializer.js")
        .await
        .expect(200)
        .text;
    assert!(!start.contains("https://"), "{start}");
}

/// What an answer allows to a page: its origin, methods and headers.
fn allowed(answer: &Answer) -> [&str; 3] {
    let of = |name: &str| {
        let name = format!("access-control-allow-{name}");
        answer.headers.get(&name).map_or("", String::as_str)
    };
    [of("origin"), of("methods"), of("headers")]
}

#[actix_web::test]
async fn pages_of_listed_origins_may_write() {
    const CITY: &str = "https://city.example";
    const OTHER: &str = "https://other.example";
    let open = Api::new(Backend::Sqlite).await;
    let listed = open
        .clone()
        .edged(&[
            "--cors-origin",
            CITY,
            "--cors-origin",
            "http://localhost:5173",
        ])
        .await;
    let closed = open
        .clone()
        .edged(&["--cors-origin", CITY, "--cors-reads", "listed"])
        .await;
    // Who reads, who writes: any page, the listed one, and with reads closed.
    for (api, origin, reads, writes) in [
        (&open, OTHER, "*", ""),
        (&listed, OTHER, "*", ""),
        (&listed, "null", "*", ""),
        (&listed, CITY, "*", CITY),
        (
            &listed,
            "http://localhost:5173",
            "*",
            "http://localhost:5173",
        ),
        (&listed, "http://localhost:5174", "*", ""),
        (&closed, OTHER, "", ""),
        (&closed, CITY, CITY, CITY),
    ] {
        for method in ["GET", "HEAD", "POST", "PATCH", "DELETE"] {
            let expected = if ["GET", "HEAD"].contains(&method) {
                reads
            } else {
                writes
            };
            let asked = [
                ("origin", origin),
                ("access-control-request-method", method),
                ("access-control-request-headers", "authorization"),
            ];
            let answer = api
                .with(None)
                .send("OPTIONS", "/organizations", &asked, None)
                .await
                .expect(204);
            let [allowed_origin, methods, headers] = allowed(&answer);
            assert_eq!(allowed_origin, expected, "{method} {origin}");
            assert_eq!(
                methods.contains(method),
                !expected.is_empty(),
                "{method} {origin}"
            );
            // Browsers keep what a preflight says, so readers must not hear of writing.
            assert_eq!(
                methods.contains("POST"),
                !expected.is_empty() && !writes.is_empty()
            );
            assert_eq!(
                headers.contains("if-match"),
                !expected.is_empty() && !writes.is_empty()
            );
            assert_eq!(headers.contains("authorization"), !expected.is_empty());
        }
        let body = Some(br#"{"kind": "other", "name": {"ko": "x"}}"#.to_vec());
        let sent = [("origin", origin), ("content-type", "application/json")];
        let read = api
            .send("GET", "/organizations", &sent[..1], None)
            .await
            .expect(200);
        let written = api
            .send("POST", "/organizations", &sent, body)
            .await
            .expect(201);
        for (answer, expected) in [(&read, reads), (&written, writes)] {
            assert_eq!(allowed(answer)[0], expected, "{origin}");
            let exposed = answer.headers.get("access-control-expose-headers");
            assert_eq!(exposed.is_some(), !expected.is_empty());
            assert!(exposed.is_none_or(|e| e.contains("etag") && e.contains("retry-after")));
            assert_eq!(
                answer.vary().contains(&"origin".to_owned()),
                expected != "*"
            );
        }
    }
}

#[test]
fn settings_that_are_no_addresses_or_origins_are_refused() {
    let parse = |flag: &str, value: &str| {
        Cli::try_parse_from(["mou-registry", "serve", flag, value]).is_ok()
    };
    assert!(
        parse("--trusted-proxy", "10.0.0.5,fd00::/8")
            && parse("--cors-origin", "https://city.example")
    );
    for (flag, value) in [
        ("--trusted-proxy", "proxy"),
        ("--cors-origin", "*"),
        ("--cors-origin", "https://city.example/"),
        ("--cors-reads", "none"),
        ("--body-timeout", "0"),
        ("--rate-limit-token", "-1"),
    ] {
        assert!(!parse(flag, value), "{flag} {value}");
    }
}
