//! Headers of answers, and cross-origin requests.

use clap::Parser;
use mou_registry::app::config::Cli;

use crate::support::{Answer, Api, Backend};

tests!(async:
    every_answer_carries_its_headers, the_documentation_keeps_to_its_policy,
    pages_of_listed_origins_may_write);
tests!(sync: settings_that_are_no_addresses_or_origins_are_refused);

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
    // Answers are private to the caller, and caches must revalidate them.
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
    let tag = api.read(&path).await.etag().to_owned();
    let known = [("if-none-match", tag.as_str())];
    let same = api.send("GET", &path, &known, None).await.expect(304);
    assert_eq!(same.headers["cache-control"], "private, no-cache");
    let api = api.edged(&["--hsts", "31536000"]).await;
    assert_eq!(
        api.get("/healthz").await.headers["strict-transport-security"],
        "max-age=31536000"
    );
}

/// Swagger UI runs under its policy: its page has no inline code and no external resources.
async fn the_documentation_keeps_to_its_policy() {
    let api = Api::new(Backend::Sqlite).await;
    let page = api.read("/docs/").await.text;
    for script in page.split("<script").skip(1) {
        assert!(script.starts_with(" src=\"./"), "{script}");
    }
    assert!(!page.contains("://") && !page.contains("<style") && !page.contains(" onload="));
    let start = api.read("/docs/swagger-initializer.js").await.text;
    assert!(!start.contains("https://"), "{start}");
}

/// The origin, methods and headers that an answer allows to a page.
fn allowed(answer: &Answer) -> [&str; 3] {
    let of = |name: &str| {
        let name = format!("access-control-allow-{name}");
        answer.headers.get(&name).map_or("", String::as_str)
    };
    [of("origin"), of("methods"), of("headers")]
}

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
    // Origins that may read and write: any, the listed one, and with reads closed.
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
            // Browsers cache preflights, so readers must not be offered writes.
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
