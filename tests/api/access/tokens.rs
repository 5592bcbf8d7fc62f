//! Tokens: creation, use, revocation and limits.

use serde_json::{Value, json};

use crate::support::Api;
use crate::support::city::City;
use crate::support::log::program;

on_both!(new:
    tokens_open_and_cease_to, a_key_is_its_callers_own, who_drafts_does_not_approve,
    a_token_reaches_no_further_than_its_maker, anonymous_callers_can_be_left_out,
    the_command_makes_tokens);

async fn tokens_open_and_cease_to(api: Api) {
    let city = api.municipality().await;
    let new = json!({"name": "편집", "role": "editor", "municipality_ids": [city], "expires_at": "2026-11-23T03:00:01Z"});
    let made = api.create("/tokens", &new).await;
    let secret = made.body["token"].as_str().unwrap();
    let entry = format!("/tokens/{}", made.id());
    assert_eq!(made.headers["location"], format!("/api/v1{entry}"));
    let editor = api.with(Some(secret));
    let me = editor.read("/me").await;
    assert_eq!(
        (&me.body["name"], &me.body["role"]),
        (&json!("편집"), &json!("editor"))
    );
    assert_eq!(me.body["municipalities"][0]["name"]["ko"], "고양시");
    // Neither the entry nor a list shows the token.
    for path in [entry.as_str(), "/tokens"] {
        assert!(!api.read(path).await.text.contains(secret));
    }
    assert_eq!(api.with(None).read("/me").await.body["role"], Value::Null);
    for wrong in [
        "",
        "mou_",
        "mou_00",
        &format!("mou_{}", "0".repeat(64)),
        &secret.replace("mou_", "xxx_"),
    ] {
        let refused = api.with(Some(wrong)).get("/agreements").await.expect(401);
        let challenge = match wrong {
            "" => "Bearer",
            _ => "Bearer error=\"invalid_token\"",
        };
        assert_eq!(refused.headers["www-authenticate"], challenge, "{wrong}");
        api.with(Some(wrong)).get("/me").await.expect(401);
    }
    for scheme in ["Basic", "Token"] {
        let header = format!("{scheme} {secret}");
        api.with(None)
            .send("GET", "/agreements", &[("authorization", &header)], None)
            .await
            .expect(401);
    }
    // A revoked token is refused from the next request on, even for public records.
    api.act(&format!("{entry}/revocation"), &json!({})).await;
    editor.get("/agreements").await.expect(401);
    editor
        .post(
            "/organizations",
            &json!({"kind": "company", "name": {"ko": "늦음"}}),
        )
        .await
        .expect(401);
    let again = api.act(&format!("{entry}/revocation"), &json!({})).await;
    assert_eq!(again.body["revoked_at"], "2026-11-23T03:00:00.000000Z");
    // A missing token is reported before an invalid body.
    api.with(None)
        .post("/agreements", &json!({"nonsense": 1}))
        .await
        .expect(401);
    let wrong = json!({"name": " ", "role": "editor"});
    assert_eq!(
        api.post("/tokens", &wrong).await.expect(422).places(),
        ["/municipality_ids", "/name"]
    );
    let company = api.organization("지방자치단체가 아닌 기업").await;
    let bound = [
        (json!({"name": "a", "role": "editor"}), "/municipality_ids"),
        (
            json!({"name": "a", "role": "editor", "municipality_ids": [city], "all_municipalities": true}),
            "/municipality_ids",
        ),
        (json!({"name": "a", "role": "partner"}), "/organization_id"),
        (
            json!({"name": "a", "role": "partner", "organization_id": city, "municipality_ids": [city], "all_municipalities": true}),
            "/municipality_ids",
        ),
        (
            json!({"name": "a", "role": "editor", "municipality_ids": [company]}),
            "/municipality_ids/0",
        ),
        (
            json!({"name": "a", "role": "admin", "all_municipalities": true, "organization_id": city}),
            "/organization_id",
        ),
        (
            json!({"name": "a", "role": "admin", "all_municipalities": true, "expires_at": "2026-11-23T03:00:00Z"}),
            "/expires_at",
        ),
        (
            json!({"name": "a", "role": "editor", "municipality_ids": ["0178d7fa-2c00-7000-8000-00000000ffff"]}),
            "/municipality_ids/0",
        ),
    ];
    for (body, place) in bound {
        assert_eq!(
            api.post("/tokens", &body).await.expect(422).places(),
            [place],
            "{body}"
        );
    }
}

async fn a_key_is_its_callers_own(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let other = City::new(&api, "4111000000").await;
    let body = json!({"kind": "company", "name": {"ko": "한 번"}})
        .to_string()
        .into_bytes();
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "same"),
    ];
    let send = async |caller: &Api| {
        caller
            .send("POST", "/organizations", &headers, Some(body.clone()))
            .await
            .expect(201)
    };
    let first = send(&city.editor).await;
    assert_eq!(send(&city.editor).await.id(), first.id());
    assert_ne!(send(&other.editor).await.id(), first.id());
    // A repeated idempotency key does not return the token again.
    let new = json!({"name": "t", "role": "viewer", "municipality_ids": [city.id]})
        .to_string()
        .into_bytes();
    let twice = [
        api.send("POST", "/tokens", &headers, Some(new.clone()))
            .await
            .expect(201),
        api.send("POST", "/tokens", &headers, Some(new))
            .await
            .expect(201),
    ];
    assert_ne!(twice[0].body["token"], twice[1].body["token"]);
}

async fn who_drafts_does_not_approve(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let path = format!("/municipalities/{}", city.id);
    let etag = api.get(&path).await.etag().to_owned();
    let set = async |etag: &str, value: bool| {
        let changed = api
            .update(
                &path,
                etag,
                &json!({"policies": [{"self_approval": value}]}),
            )
            .await;
        changed.etag().to_owned()
    };
    let etag = set(&etag, false).await;
    let (approver, editor) = (&city.approver, &city.editor);
    let new = json!({"municipality_id": city.id, "kind": "mou", "title": {"ko": "결재"}, "status": "in_review"});
    let drafted = async |by: &Api| {
        format!(
            "/agreements/{}/transitions",
            by.create("/agreements", &new).await.id()
        )
    };
    let (own, theirs) = (drafted(approver).await, drafted(editor).await);
    let approve = json!({"to": "approved"});
    editor.post(&theirs, &approve).await.expect(403);
    approver.post(&own, &approve).await.expect(403);
    approver.act(&theirs, &approve).await;
    let mut at_once = new.clone();
    at_once["status"] = json!("approved");
    editor.post("/agreements", &at_once).await.expect(403);
    approver.post("/agreements", &at_once).await.expect(403);
    set(&etag, true).await;
    approver.act(&own, &approve).await;
    approver.create("/agreements", &at_once).await;
}

async fn a_token_reaches_no_further_than_its_maker(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let other = City::new(&api, "4111000000").await;
    let new = json!({"name": "a", "role": "admin", "municipality_ids": [city.id]});
    let local = api.caller(new).await;
    for (reach, status) in [
        (json!({"all_municipalities": true}), 403),
        (json!({"municipality_ids": [other.id]}), 403),
        (json!({"municipality_ids": [city.id]}), 201),
    ] {
        let mut body = json!({"name": "b", "role": "editor"});
        body.as_object_mut()
            .unwrap()
            .extend(reach.as_object().unwrap().clone());
        local.post("/tokens", &body).await.expect(status);
    }
    // A local admin manages the tokens of its own municipality and cannot see others.
    let mine = local.read("/tokens").await;
    for entry in mine.items() {
        assert!(
            entry["municipalities"]
                .as_array()
                .unwrap()
                .iter()
                .all(|m| m["id"] == city.id.as_str())
        );
    }
    let above = api.get("/tokens?role=admin&sort=id").await.body["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    local.get(&format!("/tokens/{above}")).await.expect(404);
    local
        .post(&format!("/tokens/{above}/revocation"), &json!({}))
        .await
        .expect(404);
    local
        .post("/municipalities", &json!({"code": "1111000000"}))
        .await
        .expect(403);
    let path = format!("/municipalities/{}", other.id);
    local
        .patch(&path, "*", &json!({"website": "https://example.com/"}))
        .await
        .expect(403);
}

async fn anonymous_callers_can_be_left_out(api: Api) {
    let mut closed = api.clone();
    closed.state.anonymous_served = false;
    let closed = closed.served().await;
    for path in [
        "/agreements",
        "/timeline",
        "/search?q=a",
        "/reference/municipalities",
    ] {
        closed.with(None).get(path).await.expect(401);
        closed.read(path).await;
    }
    closed.with(None).read("/me").await;
    closed.with(None).read("/healthz").await;
}

async fn the_command_makes_tokens(api: Api) {
    api.municipality().await;
    let run = |arguments: &[&str]| {
        let output = program(&api, &[&["token"], arguments].concat());
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim().to_owned();
        (
            output.status.success(),
            text(output.stdout),
            text(output.stderr),
        )
    };
    let (done, secret, _) = run(&[
        "create",
        "--name",
        "담당",
        "--role",
        "editor",
        "--municipality",
        "4128000000",
        "--expires",
        "90d",
    ]);
    assert!(done);
    let editor = api.with(Some(&secret));
    let me = editor.read("/me").await;
    assert_eq!(me.body["municipalities"][0]["name"]["ko"], "고양시");
    let (_, listed, _) = run(&["list"]);
    assert!(
        listed.contains("담당") && listed.contains("editor of 고양시") && !listed.contains(&secret),
        "{listed}"
    );
    assert!(run(&["revoke", me.body["token_id"].as_str().unwrap()]).0);
    editor.get("/me").await.expect(401);
    for wrong in [
        &["create", "--name", "a", "--role", "editor"][..],
        &[
            "create",
            "--name",
            "a",
            "--role",
            "mayor",
            "--municipality",
            "all",
        ],
        &[
            "create",
            "--name",
            "a",
            "--role",
            "editor",
            "--municipality",
            "9999999999",
        ],
        &[
            "create",
            "--name",
            "a",
            "--role",
            "editor",
            "--municipality",
            "all",
            "--expires",
            "0d",
        ],
        &["revoke", "0178d7fa-2c00-7000-8000-00000000ffff"],
    ] {
        let (done, _, said) = run(wrong);
        assert!(
            !done && said.starts_with("mou-registry: ") && said.lines().count() == 1,
            "{wrong:?}: {said}"
        );
    }
}
