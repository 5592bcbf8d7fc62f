//! What clients send: codings, languages, names of parameters, members of bodies.

use std::io::Write;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use serde_json::json;

use crate::support::{Answer, Api};

on_both!(new:
    a_packed_body_is_bounded_when_unpacked, unknown_codings_are_refused, a_member_stands_once,
    languages_are_read_as_written, names_of_parameters_are_decoded);

const JSON: (&str, &str) = ("content-type", "application/json");

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

async fn packed(api: &Api, coding: &str, body: Vec<u8>) -> Answer {
    let headers = [JSON, ("content-encoding", coding)];
    api.send("POST", "/organizations", &headers, Some(body))
        .await
}

async fn a_packed_body_is_bounded_when_unpacked(api: Api) {
    let body = |name: &str| {
        let new = json!({"kind": "other", "name": {"ko": name}});
        new.to_string().into_bytes()
    };
    packed(&api, "gzip", gzip(&body("가"))).await.expect(201);
    packed(&api, "x-gzip", gzip(&body("나"))).await.expect(201);
    packed(&api, "deflate", deflate(&body("다")))
        .await
        .expect(201);
    packed(&api, "identity", body("라")).await.expect(201);
    // The server takes 100,000 bytes.
    let padded = |size: usize| {
        let mut padded = body("마");
        padded.resize(size, b' ');
        padded
    };
    let fits = padded(100_000);
    packed(&api, "gzip", gzip(&fits)).await.expect(201);
    for size in [100_001, 50_000_000] {
        let large = padded(size);
        for (coding, packing) in [("gzip", gzip(&large)), ("deflate", deflate(&large))] {
            let refused = packed(&api, coding, packing).await.expect(413);
            assert_eq!(refused.body["code"], "content_too_large");
        }
    }
    let damaged = gzip(&body("바"))[..20].to_vec();
    let refused = packed(&api, "gzip", damaged).await.expect(400);
    assert_eq!(refused.body["code"], "malformed_request");
    let all = api.read("/organizations?with_total=true").await;
    assert_eq!(all.body["total"], 5);
}

async fn unknown_codings_are_refused(api: Api) {
    let body = br#"{"kind": "other", "name": {"ko": "x"}}"#;
    for coding in ["br", "zstd", "nothing", "gzip, gzip", "gzip, identity, br"] {
        let refused = packed(&api, coding, body.to_vec()).await.expect(415);
        assert_eq!(refused.body["code"], "unsupported_media_type");
        assert_eq!(refused.headers["accept-encoding"], "gzip, deflate");
    }
    // A wrong media type has nothing to do with codings.
    let headers = [("content-type", "text/plain")];
    let refused = api.send("POST", "/organizations", &headers, Some(b"x".into()));
    let refused = refused.await.expect(415);
    assert!(!refused.headers.contains_key("accept-encoding"));
}

async fn a_member_stands_once(api: Api) {
    let body = r#"{"kind": "company", "kind": "other", "name": {"ko": "하나", "ko": "둘"},
        "officers": [{"name": "이재준", "name": "이정석"}]}"#;
    let sent = api.send("POST", "/organizations", &[JSON], Some(body.into()));
    let refused = sent.await.expect(400);
    assert_eq!(refused.body["code"], "malformed_request");
    assert_eq!(refused.places(), ["/kind", "/name/ko", "/officers/0/name"]);
    let id = api.organization("가").await;
    let path = format!("/organizations/{id}");
    let headers = [
        ("content-type", "application/merge-patch+json"),
        ("if-match", "*"),
    ];
    let patch = r#"{"website": "https://a.example", "website": null}"#;
    let sent = api.send("PATCH", &path, &headers, Some(patch.into()));
    assert_eq!(sent.await.expect(400).places(), ["/website"]);
    assert_eq!(api.read(&path).await.body["version"], 1);
}

async fn languages_are_read_as_written(api: Api) {
    for (header, language) in [
        ("en; q=0.9", "en"),
        ("fr, *;q=0.5", "ko"),
        ("ko;q=0, *", "en"),
        ("en;q=0.1, *;q=0.5", "ko"),
        ("fr", "ko"),
    ] {
        let headers = [("accept-language", header)];
        let refused = api.send("GET", "/agreements?limit=0", &headers, None);
        let refused = refused.await.expect(400);
        assert_eq!(refused.headers["content-language"], language, "{header}");
    }
}

async fn names_of_parameters_are_decoded(api: Api) {
    for name in ["recorded_as_of", "recorded%5Fas%5Fof", "%72ecorded_as_of"] {
        api.read(&format!("/agreements?{name}=2099-01-01T00:00:00Z"))
            .await;
        api.read(&format!(
            "/statistics/agreements?{name}=2099-01-01T00:00:00Z"
        ))
        .await;
        let wrong = format!("/agreements?{name}=now&%6Cimit=0");
        let refused = api.get(&wrong).await.expect(400);
        assert_eq!(refused.places(), ["limit", "recorded_as_of"], "{name}");
    }
    api.read("/agreements?%6Cimit=1").await;
}
