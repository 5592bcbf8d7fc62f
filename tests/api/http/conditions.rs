//! Conditions of changes, and the entity tags of content codings.

use actix_web::http::{Method, Version};
use actix_web::test::TestRequest;
use serde_json::json;

use crate::support::{Answer, Api};

on_both!(new:
    a_change_takes_the_tag_of_its_record, nothing_is_changed_in_a_known_state,
    weak_tags_are_explained, each_coding_has_its_own_tag, a_coding_is_needed, a_media_type_is_needed,
    old_clients_get_no_chunks, parts_have_the_tag_of_their_agreement);

const PATCH: (&str, &str) = ("content-type", "application/merge-patch+json");

async fn a_change_takes_the_tag_of_its_record(api: Api) {
    let [a, b] = [api.organization("가").await, api.organization("나").await];
    let [a, b] = [a, b].map(|id| format!("/organizations/{id}"));
    let webhook = json!({"name": "가", "url": "https://example.com/hook"});
    let webhook = api.create("/webhooks", &webhook).await;
    let webhook = format!("/webhooks/{}", webhook.id());
    let foreign = api.read(&b).await.etag().to_owned();
    for (path, patch) in [
        (&a, json!({"website": "https://a.example"})),
        (&webhook, json!({"name": "나"})),
    ] {
        let own = api.read(path).await.etag().to_owned();
        let version_alone = "\"1\"";
        for tag in [&foreign, version_alone, "\"\"", "nonsense"] {
            api.patch(path, tag, &patch).await.expect(412);
            api.delete(path, tag).await.expect(412);
        }
        let both = format!("{foreign}, {own}");
        let changed = api.update(path, &both, &patch).await;
        assert_eq!(changed.body["version"], 2);
        api.patch(path, &own, &patch).await.expect(412);
        api.delete(path, changed.etag()).await.expect(204);
    }
    assert_eq!(api.read(&b).await.body["version"], 1);
}

async fn parts_have_the_tag_of_their_agreement(api: Api) {
    let city = api.municipality().await;
    let draft = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "협약"},
        "parties": [{"organization_id": city}], "commitments": [{"text": {"ko": "교육"}}]});
    let one = api.create("/agreements", &draft).await;
    let other = api.create("/agreements", &draft).await;
    let id = one.body["commitments"][0]["id"].as_str().unwrap();
    let part = format!("/agreements/{}/commitments/{id}", one.id());
    let patch = json!({"text": {"ko": "연구"}});
    api.patch(&part, other.etag(), &patch).await.expect(412);
    let own = api.read(&part).await.etag().to_owned();
    let changed = api.update(&part, &own, &patch).await;
    let again = json!({"text": {"ko": "홍보"}});
    api.patch(&part, &own, &again).await.expect(412);
    api.update(&part, changed.etag(), &again).await;
}

async fn nothing_is_changed_in_a_known_state(api: Api) {
    let path = format!("/organizations/{}", api.organization("가").await);
    let own = api.read(&path).await.etag().to_owned();
    let patch = br#"{"website": "https://a.example"}"#;
    let weak = format!("W/{own}");
    for known in ["*", &own, &weak] {
        for (method, body) in [("PATCH", Some(patch.to_vec())), ("DELETE", None)] {
            let headers = [PATCH, ("if-match", "*"), ("if-none-match", known)];
            let refused = api.send(method, &path, &headers, body).await.expect(412);
            assert_eq!(refused.body["code"], "precondition_failed", "{known}");
        }
    }
    assert_eq!(api.read(&path).await.body["version"], 1);
    // Of another state, the change is wanted; the answer is the changed record.
    let headers = [PATCH, ("if-match", "*"), ("if-none-match", "\"0\"")];
    let changed = api.send("PATCH", &path, &headers, Some(patch.to_vec()));
    assert_eq!(changed.await.expect(200).body["version"], 2);
}

async fn weak_tags_are_explained(api: Api) {
    let path = format!("/organizations/{}", api.organization("가").await);
    let weak = format!("W/{}", api.read(&path).await.etag());
    for (language, word) in [("ko", "약한 태그"), ("en", "weak tag")] {
        let headers = [PATCH, ("if-match", &*weak), ("accept-language", language)];
        let refused = api.send("PATCH", &path, &headers, Some(b"{}".into())).await;
        let refused = refused.expect(412);
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.contains(word), "{detail}");
    }
}

async fn read(api: &Api, path: &str, coding: &str, known: &str) -> Answer {
    let headers = [("accept-encoding", coding), ("if-none-match", known)];
    api.send("GET", path, &headers, None).await
}

async fn each_coding_has_its_own_tag(api: Api) {
    let record = format!("/organizations/{}", api.organization("가").await);
    for path in [&record, "/organizations", "/timeline.ics", "/openapi.json"] {
        let mut tags = Vec::new();
        for coding in ["identity", "gzip", "deflate"] {
            let headers = [("accept-encoding", coding)];
            let tag = api.send("GET", path, &headers, None).await;
            let tag = tag.expect(200);
            assert!(tag.vary().contains(&"accept-encoding".into()), "{path}");
            tags.push((coding, tag.etag().to_owned()));
        }
        for (coding, tag) in &tags {
            for (other, known) in &tags {
                let expected = if tag == known { 304 } else { 200 };
                let answer = read(&api, path, coding, known).await.expect(expected);
                assert_eq!(answer.etag(), tag, "{path} {coding} {other}");
            }
            // As a proxy makes them that packs or unpacks.
            let weak = format!("\"0\", W/{}", tags[0].1);
            read(&api, path, coding, &weak).await.expect(304);
            let weak = format!("W/{}", tags[1].1);
            read(&api, path, coding, &weak).await.expect(304);
        }
        let mut distinct: Vec<&String> = tags.iter().map(|(_, tag)| tag).collect();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), 3, "{path}: {tags:?}");
    }
    // A change takes the tag of any coding.
    let packed = read(&api, &record, "gzip", "").await.expect(200);
    let changed = api
        .update(
            &record,
            packed.etag(),
            &json!({"website": "https://a.example"}),
        )
        .await;
    assert_eq!(changed.body["version"], 2);
}

async fn a_coding_is_needed(api: Api) {
    for accepted in [
        "br, identity;q=0",
        "*;q=0",
        "identity;q=0, gzip;q=0, deflate;q=0",
    ] {
        for path in ["/timeline", "/nowhere", "/docs/problems"] {
            let uri = match path.starts_with("/docs") {
                true => path.to_owned(),
                false => format!("/api/v1{path}"),
            };
            let request = TestRequest::get().uri(&uri);
            let request = request.insert_header(("accept-encoding", accepted));
            let refused = api.call(request).await;
            assert_eq!(refused.status, 406, "{path} {accepted}");
            assert_eq!(refused.headers["content-type"], "application/problem+json");
            assert_eq!(refused.body["code"], "not_acceptable");
            assert_eq!(
                refused.body["request_id"].as_str(),
                refused.headers.get("x-request-id").map(String::as_str)
            );
        }
    }
    for (accepted, coding) in [
        ("*, identity;q=0", "gzip"),
        ("identity;q=0, gzip;q=0, *", "deflate"),
    ] {
        let packed = read(&api, "/timeline", accepted, "").await.expect(200);
        assert_eq!(packed.headers["content-encoding"], coding, "{accepted}");
    }
    for accepted in ["br", "", "br, *", "identity", "gzip;q=0"] {
        read(&api, "/timeline", accepted, "").await.expect(200);
    }
}

async fn a_media_type_is_needed(api: Api) {
    let city = api.municipality().await;
    let body = json!({"kind": "company", "name": {"ko": "회사"}});
    let report = format!("/municipalities/{city}/council-report?from=2026-01-01&to=2026-06-30");
    let json_report = format!("{report}&format=json");
    let ask = |method: Method, path: &str, accepted: &'static str| {
        let mut request = TestRequest::with_uri(&format!("/api/v1{path}")).method(method.clone());
        if method == Method::POST {
            let token = format!("Bearer {}", api.token().unwrap());
            request = request.insert_header(("authorization", token));
            request = request.set_json(&body);
        }
        api.call(request.insert_header(("accept", accepted)))
    };
    for (method, path, accepted) in [
        (Method::GET, "/organizations", "application/xml"),
        (
            Method::GET,
            "/organizations",
            "text/html, application/json;q=0",
        ),
        (Method::POST, "/organizations", "text/csv"),
        (Method::GET, "/timeline.ics", "application/json"),
        (Method::GET, "/changes/stream", "application/json"),
        (Method::GET, &report, "image/png"),
        // The address names one of the types.
        (Method::GET, "/organizations.csv", "application/json"),
        (Method::GET, "/organizations.xlsx", "text/csv"),
    ] {
        let refused = ask(method, path, accepted).await;
        assert_eq!(refused.status, 406, "{path} {accepted}");
        assert_eq!(refused.headers["content-type"], "application/problem+json");
        assert_eq!(refused.body["code"], "not_acceptable");
    }
    // What was refused has changed nothing.
    let companies = api.read("/organizations?kind=company").await;
    assert!(companies.items().is_empty());
    for (method, path, accepted, status) in [
        (Method::GET, "/organizations", "text/html, */*;q=0.1", 200),
        (
            Method::POST,
            "/organizations",
            "application/json, application/problem+json",
            201,
        ),
        (Method::GET, "/timeline.ics", "text/*", 200),
        (Method::GET, &report, "text/html", 200),
        (Method::GET, &json_report, "image/png", 200),
        (Method::GET, "/organizations.csv", "text/*", 200),
        (Method::GET, "/organizations", "text/csv", 200),
        (Method::GET, "/nowhere", "image/png", 404),
    ] {
        let answer = ask(method, path, accepted).await;
        assert_eq!(answer.status, status, "{path} {accepted}");
    }
}

async fn old_clients_get_no_chunks(api: Api) {
    let uri = "/api/v1/organizations";
    let request = || {
        TestRequest::get()
            .uri(uri)
            .insert_header(("accept-encoding", "gzip"))
    };
    let new = api.with(None).call(request()).await;
    assert_eq!(new.headers["content-encoding"], "gzip");
    let anonymous = api.with(None);
    let old = anonymous.call(request().version(Version::HTTP_10)).await;
    let old = old.expect(200);
    assert!(!old.headers.contains_key("content-encoding"));
    assert_ne!(old.etag(), new.etag());
}
