//! OWASP's API security top ten (2023), by name. API10 (unsafe consumption of APIs) concerns
//! answers to webhooks, of which only the status is used (see `webhooks::sending`), and an issuer's
//! keys, of which unusable ones are ignored (see `access::oidc`).

use serde_json::{Value, json};

use crate::support::{Api, CITY};

on_both!(with_demo:
    api1_broken_object_level_authorization, api2_broken_authentication,
    api3_broken_object_property_level_authorization, api4_unrestricted_resource_consumption,
    api5_broken_function_level_authorization, api6_unrestricted_access_to_sensitive_business_flows,
    api7_server_side_request_forgery, api8_security_misconfiguration);
tests!(sync: api9_improper_inventory_management);

async fn draft(api: &Api) -> String {
    let new = json!({"municipality_id": CITY, "kind": "mou", "title": {"ko": "내부 검토안"},
        "contact": {"name": "담당", "phone": "031-000-0000"}});
    api.create("/agreements", &new).await.id().to_owned()
}

async fn api1_broken_object_level_authorization(api: Api) {
    let draft = draft(&api).await;
    let other = api.find("/municipalities?code=4100000000").await;
    let foreign = api.staff("editor", &other).await;
    // Knowing an id gives no access: not to read, change, delete, transition or see the history.
    for path in ["", "/parties", "/commitments", "/documents", "/history"] {
        foreign
            .get(&format!("/agreements/{draft}{path}"))
            .await
            .expect(404);
    }
    foreign
        .patch(
            &format!("/agreements/{draft}"),
            "*",
            &json!({"venue": {"ko": "x"}}),
        )
        .await
        .expect(404);
    foreign
        .delete(&format!("/agreements/{draft}"), "*")
        .await
        .expect(404);
    foreign
        .post(
            &format!("/agreements/{draft}/transitions"),
            &json!({"to": "withdrawn"}),
        )
        .await
        .expect(404);
    let public = api
        .find("/agreements?signed_from=2021-04-16&signed_to=2021-04-16")
        .await;
    let taken = json!({"venue": {"ko": "x"}});
    foreign
        .patch(
            &format!("/agreements/{public}?correction_reason=x"),
            "*",
            &taken,
        )
        .await
        .expect(403);
    foreign.read(&format!("/agreements/{public}")).await;
}

async fn api2_broken_authentication(api: Api) {
    let city = CITY;
    let expiring = json!({"name": "a", "role": "editor", "municipality_ids": [city], "expires_at": "2026-11-23T03:00:01Z"});
    let made = api.create("/tokens", &expiring).await;
    let secret = made.body["token"].as_str().unwrap();
    api.with(Some(secret)).read("/me").await;
    let later = api.at("2026-11-23T03:00:01Z").await;
    later.with(Some(secret)).get("/me").await.expect(401);
    // A wrong token is refused even where none is needed, without further detail.
    let mut wrong = secret.to_owned();
    wrong.pop();
    wrong.push(if secret.ends_with('0') { '1' } else { '0' });
    let refused = api.with(Some(&wrong)).get("/agreements").await.expect(401);
    let unknown = api
        .with(Some(&format!("mou_{}", "a".repeat(64))))
        .get("/agreements")
        .await
        .expect(401);
    assert_eq!(refused.body["detail"], unknown.body["detail"]);
    // Tokens in the query are refused, since logs keep addresses.
    api.with(None)
        .get(&format!("/agreements?access_token={secret}"))
        .await
        .expect(400);
}

async fn api3_broken_object_property_level_authorization(api: Api) {
    let draft = draft(&api).await;
    let city = CITY;
    let path = format!("/agreements/{draft}");
    let etag = api.get(&path).await.etag().to_owned();
    for member in [
        "id",
        "version",
        "status",
        "drafted_by",
        "contact_salt",
        "municipality_id",
        "created_at",
        "in_force",
    ] {
        let patch = json!({member: Value::from("x")});
        let refused = api.patch(&path, &etag, &patch).await.expect(422);
        assert_eq!(refused.places(), [format!("/{member}")]);
    }
    let new =
        json!({"municipality_id": city, "kind": "mou", "title": {"ko": "a"}, "drafted_by": null});
    assert_eq!(
        api.post("/agreements", &new).await.expect(422).places(),
        ["/drafted_by"]
    );
    // Personal data is shown to the city's own staff only, and never in lists, searches, feeds or
    // histories.
    let signed = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "연락처"}, "status": "signed", "signed_on": {"edtf": "2024"},
        "contact": {"phone": "031-999-9999"}, "parties": [{"organization_id": city}, {"organization_id": api.organization("상대").await}]});
    let signed = api.create("/agreements", &signed).await.id().to_owned();
    let viewer = api.staff("viewer", city).await;
    assert!(
        viewer
            .get(&format!("/agreements/{signed}"))
            .await
            .text
            .contains("031-999-9999")
    );
    for path in [
        format!("/agreements/{signed}"),
        format!("/agreements/{signed}/history"),
        "/changes?limit=500".into(),
        "/agreements?limit=200".into(),
        "/search?q=031".into(),
    ] {
        assert!(
            !api.with(None)
                .read(&path)
                .await
                .text
                .contains("031-999-9999"),
            "{path}"
        );
    }
    assert_eq!(
        viewer
            .get("/search?q=031-999-9999&with_total=true")
            .await
            .body["total"],
        0
    );
}

async fn api4_unrestricted_resource_consumption(api: Api) {
    api.get("/agreements?limit=201").await.expect(400);
    api.get("/changes?limit=501").await.expect(400);
    api.get(&format!("/search?q={}", "a".repeat(101)))
        .await
        .expect(400);
    let big = json!({"kind": "company", "name": {"ko": "가".repeat(100_000)}});
    api.post("/organizations", &big).await.expect(413);
    let many: Vec<Value> = (0..101).map(|n| json!({"ko": n.to_string()})).collect();
    let wide = json!({"kind": "company", "name": {"ko": "a"}, "other_names": many});
    assert_eq!(
        api.post("/organizations", &wide).await.expect(422).places(),
        ["/other_names"]
    );
    let deep = format!("{}1{}", "[".repeat(40_000), "]".repeat(40_000));
    let headers = [("content-type", "application/json")];
    api.send("POST", "/organizations", &headers, Some(deep.into_bytes()))
        .await
        .expect(400);
}

async fn api5_broken_function_level_authorization(api: Api) {
    let city = CITY;
    let (viewer, editor) = (
        api.staff("viewer", city).await,
        api.staff("editor", city).await,
    );
    let new = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "a"}});
    viewer.post("/agreements", &new).await.expect(403);
    api.with(None).post("/agreements", &new).await.expect(401);
    for caller in [&viewer, &editor] {
        caller.get("/tokens").await.expect(403);
        let grab = json!({"name": "a", "role": "admin", "all_municipalities": true});
        caller.post("/tokens", &grab).await.expect(403);
        caller
            .post("/municipalities", &json!({"code": "1111000000"}))
            .await
            .expect(403);
        caller
            .patch(
                &format!("/municipalities/{city}"),
                "*",
                &json!({"policies": [{"self_approval": true}]}),
            )
            .await
            .expect(403);
    }
    editor.create("/agreements", &new).await;
}

async fn api6_unrestricted_access_to_sensitive_business_flows(api: Api) {
    let city = CITY;
    let approver = api.staff("approver", city).await;
    let new = json!({"municipality_id": city, "kind": "mou", "title": {"ko": "스스로 결재"}, "status": "in_review"});
    let own = approver.create("/agreements", &new).await.id().to_owned();
    approver
        .post(
            &format!("/agreements/{own}/transitions"),
            &json!({"to": "approved"}),
        )
        .await
        .expect(403);
}

async fn api7_server_side_request_forgery(api: Api) {
    let new = |url: &str| json!({"name": "w", "url": url});
    // Addresses in the URL itself; names are checked when they are resolved, see
    // `webhooks::registrations`.
    for url in [
        "https://169.254.169.254/latest/meta-data/",
        "https://127.0.0.1:8080/api/v1/tokens",
        "https://0x7f000001/",
        "https://[::ffff:10.0.0.1]/",
        "http://hooks.example.com/",
    ] {
        let refused = api.post("/webhooks", &new(url)).await.expect(422);
        assert_eq!(refused.places(), ["/url"], "{url}");
    }
    let outer = new("https://hooks.example.com/");
    let made = api.create("/webhooks", &outer).await;
    let path = format!("/webhooks/{}", made.id());
    let inner = json!({"url": "https://10.0.0.1/"});
    api.patch(&path, "*", &inner).await.expect(422);
}

async fn api8_security_misconfiguration(api: Api) {
    for (method, path, status) in [
        ("PUT", "/agreements", 405),
        ("TRACE", "/agreements", 405),
        ("GET", "/nothing", 404),
        ("GET", "/../etc/passwd", 404),
        ("GET", "/agreements/x", 404),
    ] {
        let answer = api.send(method, path, &[], None).await.expect(status);
        assert_eq!(
            answer.headers["content-type"], "application/problem+json",
            "{method} {path}"
        );
    }
    // Pages of other origins cannot write on a reader's behalf.
    let origin = [
        ("origin", "https://elsewhere.example"),
        ("access-control-request-method", "DELETE"),
    ];
    let preflight = api.send("OPTIONS", "/agreements", &origin, None).await;
    assert!(
        !preflight
            .headers
            .get("access-control-allow-methods")
            .is_some_and(|m| m.contains("DELETE"))
    );
}

/// API9, improper inventory management: routes are registered together with their documentation, so
/// none can be missing from the spec, and operations missing from the table of roles are refused.
fn api9_improper_inventory_management() {
    crate::access::matrix::the_table_holds_every_operation();
}
