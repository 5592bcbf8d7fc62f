//! Addresses, methods and credentials: encoded paths, `Host`, `Allow`, `Accept-Patch`, HEAD, `WWW-Authenticate`.

use actix_web::body::{BodySize, MessageBody};
use actix_web::http::Method;
use actix_web::test::TestRequest;

use crate::support::Api;
use crate::support::records::signed_mou;

on_both!(new:
    methods_are_named, a_person_is_shown_a_page, a_stream_has_a_head, a_token_that_is_not_accepted_is_called_invalid,
    legal_forms_do_not_count_in_the_order, the_server_has_methods, a_path_is_one_however_it_is_encoded,
    a_host_is_a_host, the_longest_reason_fits);

async fn a_person_is_shown_a_page(api: Api) {
    for (language, word) in [("ko-KR", "API 문서"), ("en", "API documentation")] {
        let headers = [
            ("accept-language", language),
            ("accept", "text/html,*/*;q=0.8"),
        ];
        let page = api.send("GET", "/", &headers, None).await.expect(200);
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(page.headers["content-language"], language[..2]);
        for text in [word, "href=\"./docs/\"", "<main "] {
            assert!(page.text.contains(text), "{text}: {}", page.text);
        }
    }
    for path in ["/docs/", "/docs/index.html"] {
        let page = api.send("GET", path, &[], None).await.expect(200);
        assert!(page.text.contains("<title>mou-registry</title>"), "{path}");
    }
}

async fn methods_are_named(api: Api) {
    let record = format!("/organizations/{}", api.organization("가").await);
    for (path, allow) in [
        (record.as_str(), "GET, PATCH, DELETE, HEAD"),
        ("/organizations", "GET, POST, HEAD"),
        ("/", "GET, HEAD"),
        ("/docs", "GET, HEAD"),
        ("/docs/", "GET, HEAD"),
        ("/docs/swagger-ui.css", "GET, HEAD"),
        ("/docs/problems", "GET, HEAD"),
        ("/api/v1/openapi.json", "GET, HEAD"),
    ] {
        let options = api.send("OPTIONS", path, &[], None).await.expect(204);
        let patch = options.headers.get("accept-patch").map(String::as_str);
        let expected = allow
            .contains("PATCH")
            .then_some("application/merge-patch+json");
        assert_eq!(patch, expected, "{path}");
        let mut named: Vec<&str> = options.headers["allow"].split(", ").collect();
        let mut all: Vec<&str> = allow.split(", ").collect();
        named.sort_unstable();
        all.sort_unstable();
        assert_eq!(named, all, "{path}");
        let refused = api.send("PUT", path, &[], None).await.expect(405);
        assert_eq!(refused.body["code"], "method_not_allowed");
        assert_eq!(refused.headers["allow"], options.headers["allow"]);
    }
    for path in ["/docs/nowhere", "/nowhere"] {
        api.send("POST", path, &[], None).await.expect(404);
    }
    let headers = [("content-type", "text/plain"), ("if-match", "*")];
    let refused = api.send("PATCH", &record, &headers, Some(b"{}".into()));
    let refused = refused.await.expect(415);
    assert_eq!(
        refused.headers["accept-patch"],
        "application/merge-patch+json"
    );
}

async fn a_stream_has_a_head(api: Api) {
    let request = TestRequest::default()
        .method(Method::HEAD)
        .uri("/api/v1/changes/stream");
    let head = api.with(None).call(request).await.expect(200);
    assert_eq!(head.headers["content-type"], "text/event-stream");
    assert!(head.text.is_empty());
    // The length of the stream is unknown, so none is sent: not 0 either.
    let open = api.open("/changes/stream", &[]).await;
    assert_eq!(open.response().body().size(), BodySize::Stream);
}

async fn a_token_that_is_not_accepted_is_called_invalid(api: Api) {
    let nobody = api.with(None);
    for (header, challenge) in [
        (None, "Bearer"),
        (Some("Basic YTpi"), "Bearer"),
        (Some("Bearer nonsense"), "Bearer error=\"invalid_token\""),
        (Some("bearer mou_0"), "Bearer error=\"invalid_token\""),
    ] {
        let headers: Vec<(&str, &str)> = header.map(|h| ("authorization", h)).into_iter().collect();
        let refused = nobody.send("GET", "/tokens", &headers, None).await;
        let refused = refused.expect(401);
        assert_eq!(refused.headers["www-authenticate"], challenge, "{header:?}");
    }
}

async fn legal_forms_do_not_count_in_the_order(api: Api) {
    for name in [
        "하나",
        "㈜하나",
        "한빛",
        "주식회사 하나로",
        "가람",
        "(재)나래",
    ] {
        api.organization(name).await;
    }
    let named = async |sort: &str| {
        let list = api.read(&format!("/organizations?sort={sort}")).await;
        let names = list.items().iter().map(|o| o["name"]["ko"].as_str());
        names.map(|n| n.unwrap().to_owned()).collect::<Vec<_>>()
    };
    let mut expected = [
        "가람",
        "(재)나래",
        "하나",
        "㈜하나",
        "주식회사 하나로",
        "한빛",
    ];
    assert_eq!(named("name").await, expected);
    expected.reverse();
    assert_eq!(named("-name").await, expected);
}

async fn the_server_has_methods(api: Api) {
    let request = TestRequest::with_uri("*").method(Method::OPTIONS);
    let answer = api.call(request).await.expect(204);
    assert!(answer.headers["allow"].contains("PATCH"));
    let request = TestRequest::with_uri("*").method(Method::PUT);
    api.call(request).await.expect(404);
}

async fn a_path_is_one_however_it_is_encoded(api: Api) {
    let city = api.municipality().await;
    let record = format!("/organizations/{}", api.organization("가").await);
    for path in [
        "/working%2Dgroups",
        "/%61greements",
        "/agreements%2Ecsv",
        "/municipalities/41280%300000",
        &format!("/municipalities/{}", city.replace('-', "%2d")),
        &record.replace("/o", "/%6F"),
    ] {
        api.read(path).await;
    }
    let company = serde_json::json!({"kind": "company", "name": {"ko": "나"}});
    api.create("/%6Frganizations", &company).await;
    for path in ["/agreements%2F", "/%2561greements", "/agreements%20"] {
        api.get(path).await.expect(404);
    }
    // The pages are others than the records.
    for path in ["/%6Fffice", "/%64ocs"] {
        let page = api.call(TestRequest::get().uri(path)).await;
        let plain = api.call(TestRequest::get().uri(&path.replace("%6F", "o").replace("%64", "d")));
        assert_eq!(page.status, plain.await.status, "{path}");
    }
}

async fn a_host_is_a_host(api: Api) {
    let ask = |hosts: &[&str]| {
        let request = TestRequest::get().uri("/api/v1/organizations");
        let request = hosts.iter().fold(request, |request, host| {
            request.append_header(("host", *host))
        });
        api.call(request)
    };
    for host in ["city.example", "127.0.0.1:8080", "[::1]:8080", ""] {
        ask(&[host]).await.expect(200);
    }
    for hosts in [&["a b"][..], &["a/b"], &["a@b"], &["a", "a"], &["a", "b"]] {
        let refused = ask(hosts).await.expect(400);
        assert_eq!(refused.body["code"], "malformed_request", "{hosts:?}");
    }
}

async fn the_longest_reason_fits(api: Api) {
    let city = api.municipality().await;
    let party = api.organization("가").await;
    let signed = signed_mou(&[&city, &party], "2021-04-16", serde_json::json!({}));
    let made = api.create("/agreements", &signed).await;
    let long = |text: &str, n: usize| {
        let text = text.repeat(n);
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("correction_reason", &text)
            .finish();
        format!("/agreements/{}?{query}", made.id())
    };
    for (n, letter) in ["가", "𠮷"].into_iter().enumerate() {
        let venue = serde_json::json!({"venue": {"ko": format!("{n}층")}});
        api.update(&long(letter, 1000), "*", &venue).await;
        let refused = api
            .patch(&long(letter, 1001), "*", &venue)
            .await
            .expect(400);
        assert_eq!(refused.places(), ["correction_reason"]);
    }
}
