//! Single sign-on: which JWTs are accepted beside the registry's own tokens, and which are not.

use std::process::Command;

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::support::issuer::{
    AUDIENCE, City, EDITORS, ISSUER, RSA, Signer, agreement, claims, file, key_set, part, refused,
};
use crate::support::receiver::{Receiver, Reply};
use crate::support::{Answer, Api, now};

on_both!(new:
    an_editor_of_goyang_writes_there_and_not_elsewhere, a_partner_sees_what_it_takes_part_in,
    who_is_entitled_to_nothing_is_forbidden, a_subject_is_the_same_in_every_token,
    every_algorithm_is_the_keys_own, a_token_that_is_not_signed_is_refused,
    key_confusion_is_refused, another_issuer_is_refused, another_audience_is_refused,
    times_are_held_to_the_clock, a_token_without_an_end_is_refused,
    a_token_without_a_subject_is_refused, an_unknown_key_is_refused, a_tampered_token_is_refused,
    two_tokens_are_refused, a_token_for_another_end_is_refused, keys_are_read_anew_when_they_change,
    keys_of_a_url, without_a_single_sign_on_no_jwt_is_accepted, wrong_settings_stop_the_server);

async fn an_editor_of_goyang_writes_there_and_not_elsewhere(api: Api) {
    let city = City::new(api).await;
    let editor = city.by(json!({}));
    let me = editor.read("/me").await.body;
    assert_eq!(
        (&me["name"], &me["role"]),
        (&json!("김담당"), &json!("editor"))
    );
    // The rule's other municipality is not in the registry yet.
    assert_eq!(me["municipalities"].as_array().unwrap().len(), 1);
    assert_eq!(me["municipalities"][0]["id"], city.goyang.as_str());
    assert_eq!(me["all_municipalities"], false);
    let made = editor.create("/agreements", &agreement(&city.goyang)).await;
    let changes = city.api.read("/changes?types=agreement").await;
    let actor = &changes.body["items"][0]["actor"];
    assert_eq!(*actor, json!({"token_id": me["token_id"], "name": EDITORS}));
    assert!(!changes_text(&city.api).await.contains("김담당"));
    let other = json!({"code": "4113000000"});
    let other = city.api.create("/municipalities", &other).await;
    editor
        .post("/agreements", &agreement(other.id()))
        .await
        .expect(403);
    editor
        .post("/municipalities", &json!({"code": "1111000000"}))
        .await
        .expect(403);
    // Staff of an unknown municipality work for none until it is recorded.
    let elsewhere = city.by(json!({"sub": "s", "groups": "suwon"}));
    elsewhere
        .post("/agreements", &agreement(&city.goyang))
        .await
        .expect(403);
    elsewhere
        .get(&format!("/agreements/{}", made.id()))
        .await
        .expect(404);
    let suwon = json!({"code": "4111000000"});
    let suwon = city.api.create("/municipalities", &suwon).await;
    elsewhere
        .create("/agreements", &agreement(suwon.id()))
        .await;
    // The first matching rule counts. The registry's own tokens still work.
    let viewer = city.by(json!({"groups": ["partner", "staff"]}));
    viewer.read(&format!("/agreements/{}", made.id())).await;
    viewer
        .post("/agreements", &agreement(&city.goyang))
        .await
        .expect(403);
    let own = city.api.read("/me").await;
    assert_eq!(own.body["role"], "admin");
}

async fn changes_text(api: &Api) -> String {
    api.read("/changes?limit=500").await.text
}

async fn a_partner_sees_what_it_takes_part_in(api: Api) {
    let city = City::new(api).await;
    let partner = city.by(json!({"sub": "p", "groups": ["partner"], "name": null}));
    let me = partner.read("/me").await.body;
    assert_eq!((&me["name"], &me["role"]), (&json!("p"), &json!("partner")));
    let mut new = agreement(&city.goyang);
    new["status"] = json!("signed");
    new["signed_on"] = json!({"edtf": "2022-03-01"});
    new["visibility"] = json!("partners");
    new["withholding"] = json!({"legal_basis": "제9조제1항제5호", "until": "2027-12-31"});
    new["parties"] =
        json!([{"organization_id": city.goyang}, {"organization_id": me["organization"]["id"]}]);
    let made = city.api.create("/agreements", &new).await;
    let path = format!("/agreements/{}", made.id());
    partner.read(&path).await;
    // A partner whose organization is unknown sees public records only.
    let stranger = city.by(json!({"sub": "q", "groups": ["stranger"]}));
    stranger.get(&path).await.expect(404);
    let me = stranger.read("/me").await.body;
    assert_eq!(me["organization"], Value::Null);
}

async fn who_is_entitled_to_nothing_is_forbidden(api: Api) {
    let city = City::new(api).await;
    for groups in [json!(null), json!([]), json!("MOU-EDITORS-GOYANG")] {
        let nobody = city.by(json!({"groups": groups}));
        nobody.get("/me").await.expect(403);
        nobody.get("/agreements").await.expect(403);
        nobody.post("/agreements", &json!({})).await.expect(403);
    }
}

async fn a_subject_is_the_same_in_every_token(api: Api) {
    let city = City::new(api).await;
    let id = async |api: Api| api.read("/me").await.body["token_id"].clone();
    let first = id(city.by(json!({}))).await;
    let later = claims(json!({"name": "개명", "exp": now().timestamp() + 900}));
    assert_eq!(first, id(city.with(&city.ed.sign(&later))).await);
    assert_ne!(first, id(city.by(json!({"sub": "other"}))).await);
    // Idempotency keys belong to the subject, so a key works across its tokens.
    let body = agreement(&city.goyang).to_string();
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "k"),
    ];
    let post = async |api: Api| {
        let sent = api.send("POST", "/agreements", &headers, Some(body.clone().into()));
        sent.await.expect(201).id().to_owned()
    };
    let made = post(city.by(json!({}))).await;
    assert_eq!(made, post(city.with(&city.ed.sign(&later))).await);
    assert_ne!(made, post(city.by(json!({"sub": "other"}))).await);
}

async fn every_algorithm_is_the_keys_own(api: Api) {
    let city = City::new(api).await;
    for token in [
        city.ec.sign(&claims(json!({}))),
        city.ed.sign(&claims(json!({}))),
        RSA.1.to_owned(),
    ] {
        city.with(&token).read("/me").await;
    }
    // A key works with its own algorithm only.
    let mut header = city.ec.header();
    header.kid = Some("ed".into());
    let crossed = encode(&header, &claims(json!({})), &city.ec.key).unwrap();
    city.refuses(&crossed).await;
    let other = Signer::new("ec", Algorithm::ES256);
    city.refuses(&other.sign(&claims(json!({})))).await;
}

async fn a_token_that_is_not_signed_is_refused(api: Api) {
    let city = City::new(api).await;
    let token = city.ec.sign(&claims(json!({})));
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let payload = signed.split_once('.').unwrap().1;
    for alg in ["none", "None", "NONE", ""] {
        let header = part(&json!({"alg": alg, "typ": "JWT", "kid": "ec"}));
        city.refuses(&format!("{header}.{payload}.")).await;
        city.refuses(&format!("{header}.{payload}.{signature}"))
            .await;
    }
    for broken in [
        signed,
        &format!("{signed}."),
        "a.b.c",
        "..",
        ".",
        "eyJ",
        payload,
    ] {
        city.refuses(broken).await;
    }
}

async fn key_confusion_is_refused(api: Api) {
    let city = City::new(api).await;
    let ec = city.ec.jwk();
    let secrets = [
        ec.to_string(),
        ec["x"].as_str().unwrap().to_owned(),
        RSA.0.to_owned(),
        std::fs::read_to_string(&city.jwks).unwrap(),
    ];
    for kid in ["ec", "ed", "rsa"] {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(kid.into());
        for secret in &secrets {
            let key = EncodingKey::from_secret(secret.as_bytes());
            let token = encode(&header, &claims(json!({})), &key).unwrap();
            city.refuses(&token).await;
        }
    }
}

async fn another_issuer_is_refused(api: Api) {
    let city = City::new(api).await;
    for issuer in [
        json!("https://sso.example"),
        json!(format!("{ISSUER}/")),
        json!([ISSUER]),
        json!(null),
    ] {
        city.refuses_claims(json!({"iss": issuer})).await;
    }
}

async fn another_audience_is_refused(api: Api) {
    let city = City::new(api).await;
    for audience in [
        json!("another"),
        json!(["another"]),
        json!([]),
        json!(""),
        json!({AUDIENCE: true}),
        json!(null),
    ] {
        city.refuses_claims(json!({"aud": audience})).await;
    }
    let several = city.by(json!({"aud": ["another", AUDIENCE]}));
    several.read("/me").await;
}

async fn times_are_held_to_the_clock(api: Api) {
    let city = City::new(api).await;
    let now = now().timestamp();
    for wrong in [
        json!({"exp": now - 60}),
        json!({"exp": 0}),
        json!({"exp": -1}),
        json!({"exp": "2030-01-01"}),
        json!({"nbf": now + 61}),
        json!({"nbf": now as f64 + 60.5}),
        json!({"nbf": "2020-01-01"}),
    ] {
        city.refuses_claims(wrong).await;
    }
    // Clocks may differ by up to a minute.
    for right in [
        json!({"exp": now - 59}),
        json!({"exp": now as f64 - 59.5}),
        json!({"nbf": now + 60}),
        json!({"nbf": now - 10}),
    ] {
        city.by(right).read("/me").await;
    }
}

async fn a_token_without_an_end_is_refused(api: Api) {
    City::new(api)
        .await
        .refuses_claims(json!({"exp": null}))
        .await;
}

async fn a_token_without_a_subject_is_refused(api: Api) {
    let city = City::new(api).await;
    for subject in [json!(null), json!(""), json!(" "), json!(7)] {
        city.refuses_claims(json!({"sub": subject})).await;
    }
}

async fn an_unknown_key_is_refused(api: Api) {
    let city = City::new(api).await;
    let stranger = Signer::new("stranger", Algorithm::ES256);
    city.refuses(&stranger.sign(&claims(json!({})))).await;
    // A token that embeds its key or links to it is refused too.
    let mut header = stranger.header();
    header.jwk = Some(serde_json::from_value(stranger.jwk()).unwrap());
    header.jku = Some("https://sso.goyang.example/jwks".into());
    for kid in [Some("stranger"), Some("ec"), None] {
        header.kid = kid.map(str::to_owned);
        let token = encode(&header, &claims(json!({})), &stranger.key).unwrap();
        city.refuses(&token).await;
    }
    // With several keys, a token must name its key.
    let nameless = encode(
        &Header::new(Algorithm::ES256),
        &claims(json!({})),
        &city.ec.key,
    );
    city.refuses(&nameless.unwrap()).await;
}

async fn a_tampered_token_is_refused(api: Api) {
    let city = City::new(api).await;
    for token in [
        city.ec.sign(&claims(json!({}))),
        city.ed.sign(&claims(json!({}))),
        RSA.1.to_owned(),
    ] {
        let parts: Vec<&str> = token.split('.').collect();
        let payload = part(&claims(json!({"sub": "mayor"})));
        city.refuses(&[parts[0], &payload, parts[2]].join("."))
            .await;
        let first = if parts[2].starts_with('A') { "B" } else { "A" };
        let signature = format!("{first}{}", &parts[2][1..]);
        city.refuses(&[parts[0], parts[1], &signature].join("."))
            .await;
        let cut = &parts[2][..parts[2].len() - 4];
        city.refuses(&[parts[0], parts[1], cut].join(".")).await;
    }
}

async fn two_tokens_are_refused(api: Api) {
    let city = City::new(api).await;
    let token = format!("Bearer {}", city.ec.sign(&claims(json!({}))));
    let nobody = city.api.with(None);
    let once = ("authorization", token.as_str());
    nobody.send("GET", "/me", &[once], None).await.expect(200);
    let mut request = actix_web::test::TestRequest::get().uri("/api/v1/me");
    for _ in 0..2 {
        request = request.append_header(once);
    }
    refused(nobody.call(request).await);
}

async fn a_token_for_another_end_is_refused(api: Api) {
    let city = City::new(api).await;
    let claims = claims(json!({}));
    let typed = |typ: Option<&str>| {
        let mut header = city.ec.header();
        header.typ = typ.map(str::to_owned);
        encode(&header, &claims, &city.ec.key).unwrap()
    };
    for typ in [None, Some("JWT"), Some("at+jwt")] {
        city.with(&typed(typ)).read("/me").await;
    }
    city.refuses(&typed(Some("logout+jwt"))).await;
    let mut header = city.ec.header();
    header.crit = Some(vec!["b64".into()]);
    city.refuses(&encode(&header, &claims, &city.ec.key).unwrap())
        .await;
}

async fn keys_are_read_anew_when_they_change(api: Api) {
    let city = City::new(api).await;
    let next = Signer::new("next", Algorithm::ES256);
    let (old, new) = (
        city.ec.sign(&claims(json!({}))),
        next.sign(&claims(json!({}))),
    );
    city.with(&old).read("/me").await;
    std::fs::write(&city.jwks, key_set(&[next.jwk()])).unwrap();
    city.with(&new).read("/me").await;
    city.refuses(&old).await;
    // With a single key, the token need not name it. A broken or missing file does not remove a
    // key.
    let nameless = encode(
        &Header::new(Algorithm::ES256),
        &claims(json!({})),
        &next.key,
    );
    city.with(&nameless.unwrap()).read("/me").await;
    std::fs::write(&city.jwks, "{\"keys\": [").unwrap();
    city.with(&new).read("/me").await;
    std::fs::remove_file(&city.jwks).unwrap();
    city.with(&new).read("/me").await;
}

/// The key set that an issuer publishes.
fn published(keys: &[Value]) -> Reply {
    let keys = key_set(keys);
    let length = keys.len();
    Reply::Raw(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{keys}"
    ))
}

async fn keys_of_a_url(api: Api) {
    let city = City::new(api).await;
    let next = Signer::new("next", Algorithm::ES256);
    let (first, second) = (city.ec.jwk(), next.jwk());
    let issuer = Receiver::new(move |_| published(std::slice::from_ref(&first)));
    let city = city.published_at(issuer.url()).await;
    let old = city.ec.sign(&claims(json!({})));
    let new = next.sign(&claims(json!({})));
    city.with(&old).read("/me").await;
    // Unknown keys just before do not make the first token of a new key wait for another time.
    let stranger = Signer::new("stranger", Algorithm::ES256);
    city.refuses(&stranger.sign(&claims(json!({})))).await;
    // A new key is fetched on its first use: at once for the first, and once for all others.
    let before = issuer.got().len();
    issuer.now(move |_| published(std::slice::from_ref(&second)));
    let first = (0..5).map(|_| async { city.with(&new).get("/me").await.status });
    let first = futures_util::future::join_all(first).await;
    assert_eq!(first, [200; 5]);
    let fetched = issuer.got().len() - before;
    assert!((1..=2).contains(&fetched), "{fetched}");
    city.refuses(&old).await;
    // An issuer that fails does not remove a key, and leaves unknown ones undecided.
    issuer.now(|_| Reply::Status(500));
    undecided(city.with(&old).get("/me").await);
    city.with(&new).read("/me").await;
    // An issuer that cannot be reached yet does not stop the server from starting.
    let city = city.published_at(issuer.url()).await;
    undecided(city.with(&new).get("/me").await);
    undecided(city.with(&new).post("/agreements", &json!({})).await);
}

/// Fails unless the answer is to be asked for again.
#[track_caller]
fn undecided(answer: Answer) {
    let answer = answer.expect(503);
    assert_eq!(answer.headers["retry-after"], "10");
}

async fn without_a_single_sign_on_no_jwt_is_accepted(api: Api) {
    let city = City::new(api.clone()).await;
    let token = city.ec.sign(&claims(json!({})));
    refused(api.with(Some(&token)).get("/me").await);
    // With single sign-on, a token with the registry's prefix is still looked up as one of its own.
    city.refuses(&format!("mou_{token}")).await;
    city.refuses(&format!("mou_{}", "0".repeat(64))).await;
}

async fn wrong_settings_stop_the_server(api: Api) {
    let city = City::new(api).await;
    let jwks = city.jwks.display().to_string();
    let good = file(&json!({"claim": "groups", "rules": [{"value": "a", "role": "admin", "municipalities": "all"}]}).to_string());
    let bad = file(&json!({"claim": "groups", "rules": [{"value": "a", "role": "admin", "municipalities": []}]}).to_string());
    let (good, bad) = (good.display().to_string(), bad.display().to_string());
    let none = file(&key_set(&[json!({"kty": "oct", "k": "AAAA"})]));
    let none = none.display().to_string();
    let run = |issuer: &str, audience: &str, jwks: &str, mapping: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_mou-registry"))
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--database-url",
                "sqlite:/nowhere/at/all",
            ])
            .args(["--oidc-issuer", issuer, "--oidc-audience", audience])
            .args(["--oidc-jwks", jwks, "--oidc-mapping", mapping])
            .output()
            .unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    for (said, names) in [
        (run("sso", AUDIENCE, &jwks, &good), "--oidc-issuer"),
        (run("", AUDIENCE, &jwks, &good), "--oidc-issuer"),
        (run(ISSUER, " ", &jwks, &good), "--oidc-audience"),
        (run(ISSUER, AUDIENCE, "/nowhere.json", &good), "--oidc-jwks"),
        (
            run(ISSUER, AUDIENCE, "http://sso/jwks", &good),
            "--oidc-jwks",
        ),
        (run(ISSUER, AUDIENCE, &none, &good), "--oidc-jwks"),
        (run(ISSUER, AUDIENCE, &jwks, &bad), "--oidc-mapping"),
        (run(ISSUER, AUDIENCE, &jwks, &jwks), "--oidc-mapping"),
        // Valid settings get as far as the database.
        (run(ISSUER, AUDIENCE, &jwks, &good), "database"),
    ] {
        assert!(said.contains(names) && said.lines().count() == 1, "{said}");
    }
    let alone = Command::new(env!("CARGO_BIN_EXE_mou-registry"))
        .args([
            "serve",
            "--oidc-issuer",
            ISSUER,
            "--oidc-audience",
            AUDIENCE,
        ])
        .output()
        .unwrap();
    let said = String::from_utf8(alone.stderr).unwrap();
    assert!(
        said.contains("--oidc-jwks and --oidc-mapping") && said.lines().count() == 1,
        "{said}"
    );
}
