use serde_json::json;

use crate::support::Api;

on_both!(new:
    idempotency_keys, conditional_requests, pages_stay_right_while_rows_are_added,
    refusals_are_problem_documents, both_languages, two_writers_at_once, what_nobody_sees_is_blank,
    spans_begin_before_they_end, one_name_for_one_filter, rows_have_the_selected_members);

const JSON: (&str, &str) = ("content-type", "application/json");

async fn spans_begin_before_they_end(api: Api) {
    let city = api.municipality().await;
    for (path, from, to) in [
        ("/agreements", "signed_from", "signed_to"),
        ("/duties", "due_from", "due_to"),
        ("/reports", "from", "to"),
        ("/timeline", "from", "to"),
        ("/timeline.ics", "from", "to"),
        ("/statistics/agreements", "signed_from", "signed_to"),
        (
            &format!("/municipalities/{city}/council-report"),
            "from",
            "to",
        ),
    ] {
        let same = format!("{path}?{from}=2024-01-02&{to}=2024-01-02");
        api.read(&same).await;
        // Reported along with other errors.
        let wrong = format!("{path}?{from}=2024-01-02&{to}=2024-01-01&nothing=1");
        let refused = api.get(&wrong).await.expect(400);
        let mut both = ["nothing", to];
        both.sort_unstable();
        assert_eq!(refused.places(), both, "{path}");
    }
    let instants = "from=2024-01-01T09:00:00%2B09:00&to=2024-01-01T00:00:00Z";
    api.read(&format!("/personal-data-reads?{instants}")).await;
    let reversed = instants.replace("to=2024", "to=2023");
    let refused = api
        .get(&format!("/personal-data-reads?{reversed}"))
        .await
        .expect(400);
    assert_eq!(refused.places(), ["to"]);
}

async fn one_name_for_one_filter(api: Api) {
    let city = api.municipality().await;
    let new = crate::support::records::agreement(&api, &city, json!({})).await;
    api.create("/agreements", &new).await;
    for (former, common) in [
        ("/timeline?types=signing", "/timeline?type=signing"),
        ("/timeline?kinds=mou", "/timeline?kind=mou"),
        ("/timeline.ics?types=signing", "/timeline.ics?type=signing"),
        ("/changes?types=agreement", "/changes?type=agreement"),
        (
            "/search?q=협약&types=agreement",
            "/search?q=협약&type=agreement",
        ),
        (
            "/duties?due_after=2020-01-01",
            "/duties?due_from=2020-01-01",
        ),
        ("/duties?due_before=2030-01-01", "/duties?due_to=2030-01-01"),
        (
            "/statistics/agreements?from=2020-01-01",
            "/statistics/agreements?signed_from=2020-01-01",
        ),
    ] {
        let path = |path: &str| path.replace("협약", "%ED%98%91%EC%95%BD");
        let (was, is) = (api.read(&path(former)).await, api.read(&path(common)).await);
        assert_eq!(was.text, is.text, "{former}");
    }
    // Errors name the parameter as it was written.
    let refused = api.get("/timeline?types=nothing&kind=nothing").await;
    assert_eq!(refused.expect(400).places(), ["kind", "types"]);
    let refused = api
        .get("/timeline?types=signing&type=signing&status=no")
        .await;
    assert_eq!(refused.expect(400).places(), ["status"]);
}

async fn rows_have_the_selected_members(api: Api) {
    let city = api.municipality().await;
    let partner = api.organization("회사").await;
    let new = crate::support::records::signed_mou(&[&city, &partner], "2021-04-16", json!({}));
    let agreement = api.create("/agreements", &new).await.id().to_owned();
    let members = |row: &serde_json::Value| {
        let members = row.as_object().unwrap().keys();
        members.cloned().collect::<std::collections::BTreeSet<_>>()
    };
    let listed = api
        .read("/agreements?fields=title,status&fields=parties&limit=1")
        .await;
    let row = &listed.items()[0];
    assert_eq!(
        members(row),
        ["id", "parties", "status", "title"]
            .map(str::to_owned)
            .into()
    );
    assert_eq!(row["id"], agreement);
    assert!(listed.text.len() < 700, "{}", listed.text);
    let tag = listed.etag().to_owned();
    let whole = api.read("/agreements?limit=1").await;
    assert_ne!(tag, whole.etag());
    assert_eq!(whole.items()[0]["title"], row["title"]);
    // Dates are in words in the language of the request here too.
    let dated = api
        .send(
            "GET",
            "/agreements?fields=signed_on",
            &[("accept-language", "en")],
            None,
        )
        .await;
    assert!(
        dated.items()[0]["signed_on"]["text"].is_string(),
        "{dated:?}"
    );
    let path = "/statistics/agreements?group_by=kind&fields=count";
    let figures = api.read(path).await.body;
    let count = ["count".to_owned()];
    assert_eq!(members(&figures["totals"]), count.clone().into());
    assert_eq!(members(&figures["groups"][0]["figures"]), count.into());
    for path in [
        "/agreements?fields=titel",
        "/statistics/milestones?fields=title",
    ] {
        let refused = api.get(path).await.expect(400);
        assert_eq!(refused.places(), ["fields"], "{path}");
    }
    let refused = api.get("/agreements?fields=titel,status").await.text;
    assert!(refused.contains("titel") && refused.contains("lead_department"));
}

async fn idempotency_keys(api: Api) {
    let body = |name: &str| {
        Some(
            json!({"kind": "other", "name": {"ko": name}})
                .to_string()
                .into_bytes(),
        )
    };
    let key = [JSON, ("idempotency-key", "k1")];
    let first = api
        .send("POST", "/organizations", &key, body("가"))
        .await
        .expect(201);
    let again = api
        .send("POST", "/organizations", &key, body("가"))
        .await
        .expect(201);
    assert_eq!(
        (first.text, first.headers["location"].as_str()),
        (again.text, again.headers["location"].as_str())
    );
    let other = api
        .send("POST", "/organizations", &key, body("나"))
        .await
        .expect(422);
    assert_eq!(other.body["code"], "idempotency_key_reused");
    assert_eq!(
        api.get("/organizations?with_total=true").await.body["total"],
        1
    );
    // The refused request had no effect, so its key can be used again.
    let key = [JSON, ("idempotency-key", "k2")];
    api.send("POST", "/organizations", &key, Some(b"{}".to_vec()))
        .await
        .expect(422);
    api.send("POST", "/organizations", &key, body("나"))
        .await
        .expect(201);
    let long = "x".repeat(256);
    let refused = api
        .send(
            "POST",
            "/organizations",
            &[JSON, ("idempotency-key", &long)],
            body("다"),
        )
        .await
        .expect(400);
    assert_eq!(refused.places(), ["Idempotency-Key"]);
}

async fn conditional_requests(api: Api) {
    let id = api.organization("가").await;
    let path = format!("/organizations/{id}");
    let seen = api.read(&path).await;
    api.send("GET", &path, &[("if-none-match", seen.etag())], None)
        .await
        .expect(304);
    let list = api.read("/organizations").await;
    api.send(
        "GET",
        "/organizations",
        &[("if-none-match", list.etag())],
        None,
    )
    .await
    .expect(304);
    let no_tag = api
        .send(
            "PATCH",
            &path,
            &[("content-type", "application/merge-patch+json")],
            Some(b"{}".to_vec()),
        )
        .await;
    assert_eq!(no_tag.expect(428).body["code"], "precondition_required");
    let changed = api
        .update(&path, seen.etag(), &json!({"short_name": {"en": "A"}}))
        .await;
    assert_eq!(changed.body["version"], 2);
    api.patch(&path, seen.etag(), &json!({"short_name": null}))
        .await
        .expect(412);
    let both = format!("\"1\", {}", changed.etag());
    api.update(&path, &both, &json!({"short_name": null})).await;
    api.send(
        "GET",
        "/organizations",
        &[("if-none-match", list.etag())],
        None,
    )
    .await
    .expect(200);
    let head = api.send("HEAD", &path, &[], None).await.expect(200);
    assert!(head.headers.contains_key("etag"));
}

async fn pages_stay_right_while_rows_are_added(api: Api) {
    for name in ["가", "다", "마", "사"] {
        api.organization(name).await;
    }
    for sort in ["name", "-name", "id", "-id"] {
        let mut seen = Vec::new();
        let mut path = format!("/organizations?limit=2&sort={sort}");
        loop {
            let page = api.read(&path).await;
            seen.extend(
                page.items()
                    .iter()
                    .map(|o| o["name"]["ko"].as_str().unwrap().to_owned()),
            );
            let Some(next) = page.body["next_cursor"].as_str() else {
                break;
            };
            assert!(page.headers["link"].contains(next));
            path = format!("/organizations?limit=2&sort={sort}&cursor={next}");
            // Rows inserted before the page do not shift later pages.
            api.organization(if sort.starts_with('-') {
                "하"
            } else {
                "가나"
            })
            .await;
        }
        assert!(
            ["가", "다", "마", "사"]
                .iter()
                .all(|n| seen.iter().filter(|s| s == n).count() == 1),
            "{sort}: {seen:?}"
        );
    }
    let page = api.read("/organizations?limit=1").await;
    let cursor = page.body["next_cursor"].as_str().unwrap();
    for bad in [
        format!("/organizations?sort=-name&cursor={cursor}"),
        "/organizations?cursor=zz".into(),
        "/organizations?cursor=%00".into(),
    ] {
        assert_eq!(api.get(&bad).await.expect(400).places(), ["cursor"]);
    }
}

async fn refusals_are_problem_documents(api: Api) {
    type Case<'a> = (
        &'a str,
        &'a str,
        &'a [(&'a str, &'a str)],
        &'a [u8],
        u16,
        &'a str,
    );
    let cases: [Case; 10] = [
        (
            "POST",
            "/organizations",
            &[JSON],
            b"{\"kind\":",
            400,
            "malformed_request",
        ),
        (
            "POST",
            "/organizations",
            &[JSON],
            b"\xff\xfe",
            400,
            "malformed_request",
        ),
        (
            "POST",
            "/organizations",
            &[JSON],
            b"",
            400,
            "malformed_request",
        ),
        (
            "POST",
            "/organizations",
            &[("content-type", "text/plain")],
            b"{}",
            415,
            "unsupported_media_type",
        ),
        (
            "POST",
            "/organizations",
            &[("content-type", "application/json; charset=euc-kr")],
            b"{}",
            415,
            "unsupported_media_type",
        ),
        (
            "POST",
            "/organizations",
            &[JSON],
            b"[1e400]",
            400,
            "malformed_request",
        ),
        (
            "POST",
            "/organizations",
            &[JSON],
            b"null",
            422,
            "validation_failed",
        ),
        (
            "PUT",
            "/organizations",
            &[JSON],
            b"{}",
            405,
            "method_not_allowed",
        ),
        ("GET", "/nowhere", &[], b"", 404, "not_found"),
        ("GET", "/%6eowhere", &[], b"", 404, "not_found"),
    ];
    for (method, path, headers, body, status, code) in cases {
        let refused = match status {
            404 | 405 => api.send(method, path, headers, None).await,
            _ => api.send(method, path, headers, Some(body.to_vec())).await,
        };
        assert_eq!(
            (refused.status.as_u16(), &refused.body["code"]),
            (status, &json!(code)),
            "{method} {path} {body:?}: {}",
            refused.text
        );
        assert_eq!(refused.headers["content-type"], "application/problem+json");
        assert!(
            refused.body["request_id"]
                .as_str()
                .is_some_and(|id| id == refused.headers["x-request-id"])
        );
        if status == 405 {
            assert_eq!(refused.headers["allow"], "GET, POST, HEAD");
        }
    }
    let large = json!({"kind": "other", "name": {"ko": "가".repeat(40_000)}})
        .to_string()
        .into_bytes();
    api.send("POST", "/organizations", &[JSON], Some(large))
        .await
        .expect(413);
    // Invalid characters are reported along with other errors.
    for (body, places) in [
        (
            r#"{"kind":"other","name":{"ko":"a\u0000b"}}"#,
            &["/name/ko"][..],
        ),
        (
            r#"{"kind":"zoo","name":{"ko":"a\u0000b"}}"#,
            &["/kind", "/name/ko"],
        ),
    ] {
        let body = Some(body.as_bytes().to_vec());
        let refused = api.send("POST", "/organizations", &[JSON], body).await;
        assert_eq!(refused.expect(422).places(), places);
    }
    let bad = api
        .get("/organizations?limit=0&limit=1&colour=red&kind=zoo&with_total=maybe&member_of=1")
        .await
        .expect(400);
    let places = bad.places();
    for place in ["colour", "kind", "limit", "member_of", "with_total"] {
        assert!(places.contains(&place), "{place}: {}", bad.text);
    }
    assert_eq!(
        api.get("/organizations?total=1").await.expect(400).places(),
        ["total"]
    );
    api.get("/organizations/1").await.expect(404);
}

async fn both_languages(api: Api) {
    for (asked, given) in [
        ("", "ko"),
        ("en-US,en;q=0.9", "en"),
        ("ko;q=0.5, en;q=0.8", "en"),
        ("fr, ko", "ko"),
        ("fr", "ko"),
        ("en; q=0.9", "en"),
        ("KO;q=0.2, EN-gb ; q=0.3", "en"),
        ("en;q=0, *", "ko"),
        ("*, en;q=0.1", "ko"),
        ("ko;q=0.1, *", "en"),
    ] {
        let refused = api
            .send("GET", "/nowhere", &[("accept-language", asked)], None)
            .await
            .expect(404);
        assert_eq!(refused.headers["content-language"], given, "{asked}");
        let korean = refused.body["title"].as_str().unwrap().contains("없습니다");
        assert_eq!(korean, given == "ko");
    }
}

async fn two_writers_at_once(api: Api) {
    let id = api.organization("가").await;
    let path = format!("/organizations/{id}");
    let tag = api.get(&path).await.etag().to_owned();
    let change = |n: i32| {
        let (api, path, tag) = (api.clone(), path.clone(), tag.clone());
        async move {
            api.patch(&path, &tag, &json!({"short_name": {"ko": format!("{n}")}}))
                .await
                .status
                .as_u16()
        }
    };
    let mut answers = futures_util::future::join_all((0..8).map(change)).await;
    answers.sort();
    assert_eq!(answers, [200, 412, 412, 412, 412, 412, 412, 412]);
    let create = |_| {
        let api = api.clone();
        async move {
            let body = json!({"kind": "company", "name": {"ko": "나"}, "identifiers": [{"scheme": "KR-BRN", "id": "1248100998"}]});
            api.post("/organizations", &body).await.status.as_u16()
        }
    };
    let mut answers = futures_util::future::join_all((0..4).map(create)).await;
    answers.sort();
    assert_eq!(answers, [201, 409, 409, 409]);
}

async fn what_nobody_sees_is_blank(api: Api) {
    // Space, newline, zero-width space, direction mark, byte order mark, control character, soft
    // hyphen, joiner, Hangul fillers, Braille blank, and several together.
    for text in [
        " ",
        "\n",
        "\u{200b}",
        "\u{202e}",
        "\u{feff}",
        "\u{1}",
        "\u{9f}",
        "\u{ad}",
        "\u{2060}",
        "\u{3164}",
        "\u{115f}",
        "\u{2800}",
        "\u{fe0f}",
        " \u{200b}\u{202e}\t\u{7f}",
    ] {
        let body = json!({"kind": "other", "name": {"ko": text}, "officers": [{"title": {"en": text}, "name": text}]});
        let refused = api.post("/organizations", &body).await.expect(422);
        assert_eq!(
            refused.places(),
            ["/name/ko", "/officers/0/name", "/officers/0/title/en"],
            "{text:?}"
        );
        let errors = refused.body["errors"].as_array().unwrap();
        assert!(errors.iter().all(|e| e["code"] == "blank"), "{text:?}");
    }
    for text in ["\u{200b}가", "e\u{301}", "。", "\u{1f3e5}", "0"] {
        let body = json!({"kind": "other", "name": {"ko": text}});
        api.create("/organizations", &body).await;
    }
}
