//! Signing in by the city's provider of OpenID Connect.

use std::process::Command;

use serde_json::json;

use super::office::{AGREEMENT, Browser, NEW};
use super::office_policies::{box_of, policy_paths};
use super::{holds, lacks};
use crate::support::Api;
use crate::support::city::City;
use crate::support::issuer::{EDITORS, Signer, claims, file, key_set};
use crate::support::provider::{CLIENT, LEAVE, Provider, get, json_reply, rules, session};
use crate::support::receiver::Reply;

on_both!(with_demo: an_officer_signs_in_and_records, what_was_typed_outlives_the_session);
on_both!(new:
    every_failure_leads_on, an_answer_counts_in_its_browser_alone, an_id_token_is_held_to_its_attempt,
    nobody_is_led_elsewhere, rights_follow_the_mapping, a_session_ends_like_others,
    a_client_with_a_secret_proves_it, who_is_signed_in_can_be_named_to_approve, without_a_client_nobody_is_led_away, wrong_settings_stop_the_server);

async fn an_officer_signs_in_and_records(api: Api) {
    let provider = Provider::new(&api).await;
    let page = get(
        &provider.api,
        "/office/sign-in?next=/office/agreements/new",
        "",
    )
    .await;
    holds(
        &page.expect(200).text,
        &[
            "기관 계정으로 로그인",
            "office/sign-in/provider?next=%2Foffice%2Fagreements%2Fnew",
            "토큰으로 로그인",
        ],
    );
    let left = provider.leave("?next=/office/agreements/new&lang=en").await;
    assert!(
        left.url
            .starts_with(&format!("{}/auth?kc=1&", provider.receiver.url()))
    );
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("scope", "openid profile"),
        ("code_challenge_method", "S256"),
        ("ui_locales", "en"),
    ] {
        assert_eq!(left.sent[name], value);
    }
    let answer = provider.back(&left, "code=right").await.expect(303);
    assert_eq!(answer.headers["location"], "../../office/agreements/new");
    let cookies = &answer.headers["set-cookie"];
    holds(cookies, &["__Host-mou_sign_in=; Path=/; Max-Age=0"]);
    let mut browser = provider.browser().await;
    browser.cookie = session(&answer);
    holds(&browser.open("/office").await.expect(200).text, &["김담당"]);
    let text = browser.goes_on(NEW, &AGREEMENT).await;
    holds(&text, &["드론 산업 육성 업무협약"]);
    // The log names the rule by which the person came, as for a JWT.
    let changes = api.read("/changes?types=agreement&limit=500").await;
    holds(&changes.text, &[EDITORS]);
    lacks(&changes.text, &["김담당"]);
}

async fn what_was_typed_outlives_the_session(api: Api) {
    let provider = Provider::new(&api).await;
    let browser = provider.browser().await;
    browser.send("/office/sign-out", &[]).await.expect(303);
    let text = browser.send(NEW, &AGREEMENT).await.expect(401).text;
    holds(
        &text,
        &[
            "target=\"_blank\" rel=\"noopener\"",
            "action=\"../../office/agreements/new\"",
            "name=\"title/ko\" value=\"드론 산업 육성 업무협약\"",
            "name=\"kept:title/ko\"",
        ],
    );
    // Signed in again in another window, the form is sent from this one.
    let again = provider.browser().await;
    let text = again.goes_on(NEW, &AGREEMENT).await;
    holds(&text, &["드론 산업 육성 업무협약"]);
}

/// Fails unless an answer leads to the page to sign in, and returns its text in a language.
async fn told(provider: &Provider, answer: crate::support::Answer, code: &str, status: u16) {
    let to = answer.expect(303).headers["location"].clone();
    assert!(
        to.contains(&format!("office/sign-in?failed={code}&next=")),
        "{to}"
    );
    let path = format!("/{}", to.trim_start_matches("../"));
    let path = path.replace("&lang=en", "");
    for (lang, says) in [("ko", "로그인"), ("en", "ign in")] {
        let page = get(&provider.api, &format!("{path}&lang={lang}"), "").await;
        let text = page.expect(status).text;
        holds(
            &text,
            &["role=\"alert\"", says, LEAVE.trim_start_matches('/')],
        );
    }
}

async fn every_failure_leads_on(api: Api) {
    api.municipality().await;
    let provider = Provider::new(&api).await;
    for (query, code, status) in [
        ("error=access_denied", "denied", 403),
        ("error=login_required", "denied", 403),
        ("error=temporarily_unavailable", "unavailable", 503),
        ("error=unauthorized_client", "rejected", 502),
        ("code=used", "stale", 400),
        ("code=right&iss=https://other.example", "unverified", 403),
        ("", "unverified", 403),
    ] {
        let left = provider.leave("?lang=en").await;
        let answer = provider.back(&left, query).await;
        let to = answer.headers["location"].clone();
        assert!(to.ends_with("lang=en"), "{to}");
        lacks(&answer.headers["set-cookie"], &["mous_"]);
        told(&provider, answer, code, status).await;
    }
    let left = provider.leave("").await;
    *provider.changes.lock().unwrap() = json!({"groups": ["others"]});
    let answer = provider.back(&left, "code=right").await;
    told(&provider, answer, "not_entitled", 403).await;
    // A provider that fails, or does not take the client.
    for (reply, code, status) in [
        (Reply::Status(503), "unavailable", 503),
        (Reply::Nothing, "unavailable", 503),
        (
            json_reply(401, &json!({"error": "invalid_client"})),
            "rejected",
            502,
        ),
        (
            json_reply(200, &json!({"access_token": "a"})),
            "unverified",
            403,
        ),
    ] {
        let provider = Provider::new(&api).await;
        let left = provider.leave("").await;
        provider.receiver.now(move |_| reply.clone());
        let answer = provider.back(&left, "code=right").await;
        told(&provider, answer, code, status).await;
    }
    // One that is down before anybody is sent to it.
    let provider = Provider::new(&api).await;
    provider.receiver.now(|_| Reply::Status(500));
    let answer = get(&provider.api, LEAVE, "").await;
    told(&provider, answer, "unavailable", 503).await;
    // A discovery document of another issuer.
    let other = json!({"issuer": "https://other.example", "authorization_endpoint": "https://other.example/a",
        "token_endpoint": "https://other.example/t"});
    provider.receiver.now(move |_| json_reply(200, &other));
    let answer = get(&provider.api, LEAVE, "").await;
    told(&provider, answer, "unavailable", 503).await;
}

async fn an_answer_counts_in_its_browser_alone(api: Api) {
    api.municipality().await;
    let provider = Provider::new(&api).await;
    let (first, second) = (provider.leave("").await, provider.leave("").await);
    let state = &second.sent["state"];
    let sealed = second.cookie.split_once('=').unwrap().1;
    let (head, tail) = sealed.split_at(sealed.len() - 6);
    let flipped = if tail.starts_with('A') { "B" } else { "A" };
    let plain = json!({"state": state, "nonce": "n", "verifier": "v", "begun_at": "2026-11-23T01:00:00",
        "next": "/office", "lang": null});
    for cookie in [
        String::new(),
        first.cookie.clone(),
        "__Host-mou_sign_in=".to_owned(),
        format!("__Host-mou_sign_in={}", plain.to_string().replace(' ', "")),
        format!("__Host-mou_sign_in={head}{flipped}{}", &tail[1..]),
        "__Host-mou_sign_in=sealed:00000000:AAAA".to_owned(),
    ] {
        let path = format!("/office/sign-in/callback?state={state}&code=right");
        let before = provider.receiver.got().len();
        let answer = get(&provider.api, &path, &cookie).await;
        told(&provider, answer, "stale", 400).await;
        assert_eq!(provider.receiver.got().len(), before, "{cookie}");
    }
    // Nobody comes back after ten minutes.
    let now = crate::support::now();
    let late = now + chrono::Duration::minutes(10);
    let mut later = Provider::new(&api).await;
    let left = later.leave("").await;
    let on_time = later.back(&left, "code=right").await;
    session(&on_time.expect(303));
    later.api = later.api.at(&late.to_rfc3339()).await;
    let answer = later.back(&left, "code=right").await;
    told(&later, answer, "stale", 400).await;
}

async fn an_id_token_is_held_to_its_attempt(api: Api) {
    api.municipality().await;
    let provider = Provider::new(&api).await;
    let now = crate::support::now().timestamp();
    for changes in [
        json!({"nonce": "another"}),
        json!({"nonce": null}),
        json!({"aud": "mou-registry"}),
        json!({"aud": [CLIENT, "another"]}),
        json!({"aud": [CLIENT, "another"], "azp": "another"}),
        json!({"iss": "https://other.example"}),
        json!({"exp": now - 60}),
        json!({"exp": null}),
        json!({"sub": null}),
    ] {
        *provider.changes.lock().unwrap() = changes.clone();
        let left = provider.leave("").await;
        let answer = provider.back(&left, "code=right").await.expect(303);
        let to = &answer.headers["location"];
        assert!(to.contains("failed=unverified"), "{changes}: {to}");
    }
    *provider.changes.lock().unwrap() = json!({"aud": [CLIENT, "another"], "azp": CLIENT});
    provider.browser().await;
    // Signed by a key that the issuer does not publish.
    let left = provider.leave("").await;
    let stranger = Signer::new("ec", jsonwebtoken::Algorithm::ES256);
    let own = json!({"iss": provider.receiver.url(), "aud": CLIENT, "nonce": left.sent["nonce"]});
    let token = stranger.sign(&claims(own));
    provider
        .receiver
        .now(move |_| json_reply(200, &json!({"id_token": token})));
    let answer = provider.back(&left, "code=right").await;
    told(&provider, answer, "unverified", 403).await;
}

async fn nobody_is_led_elsewhere(api: Api) {
    api.municipality().await;
    let provider = Provider::new(&api).await;
    let long = format!("/office/{}", "a".repeat(2_000));
    for next in [
        "//elsewhere.example/office",
        "https://elsewhere.example/office",
        "/office/../../elsewhere",
        "/office%0d%0aset-cookie:a",
        "/agreements",
        "/office\\@elsewhere.example",
        &long,
    ] {
        let left = provider.leave(&format!("?next={next}")).await;
        let answer = provider.back(&left, "code=right").await.expect(303);
        assert_eq!(answer.headers["location"], "../../office", "{next}");
    }
}

async fn rights_follow_the_mapping(api: Api) {
    api.municipality().await;
    let mut provider = Provider::new(&api).await;
    let browser = provider.browser().await;
    let status = async |api: &Api| get(api, "/office", &browser.cookie).await.status.as_u16();
    // A server that starts anew with the same mapping knows the session.
    assert_eq!(status(&provider.opened().await).await, 200);
    provider.settings.oidc_mapping = Some(file(&rules("viewer").to_string()));
    assert_eq!(status(&provider.opened().await).await, 401);
    provider.settings.oidc_mapping = Some(file(&rules("editor").to_string()));
    assert_eq!(status(&provider.opened().await).await, 200);
    provider.settings.oidc_client_id = None;
    assert_eq!(status(&provider.opened().await).await, 401);
    // A municipality that the rule names counts once it is recorded, as for a JWT.
    assert_eq!(status(&api.with(None)).await, 401);
}

async fn who_is_signed_in_can_be_named_to_approve(api: Api) {
    let city = City::new(&api, "4128000000").await;
    let mut provider = Provider::new(&api).await;
    provider.settings.oidc_mapping = Some(file(&rules("approver").to_string()));
    provider.api = provider.opened().await;
    let approver = provider.browser().await;
    let admin = Browser::of(&provider.api, api.token().unwrap()).await;
    let path = policy_paths(&admin, &city.id).await.remove(0);
    let text = admin.open(&path).await.expect(200).text;
    let id = box_of(&text, "김담당 (승인자, 통합 로그인)");
    let policies = json!({"policies": [{"approver_ids": [id]}]});
    let municipality = format!("/municipalities/{}", city.id);
    api.update(&municipality, "*", &policies).await.expect(200);
    // Only sessions tell the registry of people: without one, the id stays.
    approver.send("/office/sign-out", &[]).await.expect(303);
    let text = admin.open(&path).await.expect(200).text;
    holds(
        &text,
        &[&format!("value=\"{id}\" checked"), "지금 로그인하지 않음"],
    );
}

async fn a_session_ends_like_others(api: Api) {
    api.municipality().await;
    let mut provider = Provider::new(&api).await;
    let now = crate::support::now();
    let [one, two, three] = [
        provider.browser().await,
        provider.browser().await,
        provider.browser().await,
    ];
    // Somebody else stays signed in.
    *provider.changes.lock().unwrap() = json!({"sub": "another"});
    let other = provider.browser().await;
    one.send("/office/sign-out", &[]).await.expect(303);
    one.open("/office").await.expect(401);
    two.open("/office").await.expect(200);
    two.send("/office/sign-out", &[("everywhere", "1")])
        .await
        .expect(303);
    three.open("/office").await.expect(401);
    other.open("/office").await.expect(200);
    // Without use, and in any case.
    for (minutes, expected) in [(119, 200), (12 * 60, 401)] {
        let later = (now + chrono::Duration::minutes(minutes)).to_rfc3339();
        provider.api = provider.api.at(&later).await;
        let answer = get(&provider.api, "/office", &other.cookie).await;
        assert_eq!(answer.status, expected, "{minutes}");
    }
}

async fn a_client_with_a_secret_proves_it(api: Api) {
    api.municipality().await;
    let mut provider = Provider::new(&api).await;
    provider.settings.oidc_client_secret_file = Some(file("s3cret:& \n"));
    provider.settings.oidc_scopes = Some("openid groups".into());
    provider.api = provider.opened().await;
    let left = provider.leave("").await;
    assert_eq!(left.sent["scope"], "openid groups");
    session(&provider.back(&left, "code=right").await.expect(303));
    let got = provider.receiver.got();
    let exchange = got.last().unwrap();
    let basic = data_encoding::BASE64.encode(format!("{CLIENT}:s3cret%3A%26").as_bytes());
    assert_eq!(exchange.headers["authorization"], format!("Basic {basic}"));
    lacks(&exchange.text, &["client_secret", "client_id"]);
    // A provider may take the secret in the body alone, or no discovery at all.
    let url = provider.receiver.url();
    provider.settings.oidc_client_secret_file = None;
    provider.settings.oidc_authorization_url = Some(format!("{url}/elsewhere"));
    provider.settings.oidc_token_url = Some(format!("{url}/token"));
    provider.api = provider.opened().await;
    let left = provider.leave("").await;
    assert!(left.url.starts_with(&format!("{url}/elsewhere?")));
    session(&provider.back(&left, "code=right").await.expect(303));
    holds(
        &provider.receiver.got().last().unwrap().text,
        &["client_id=mou-pages"],
    );
}

async fn without_a_client_nobody_is_led_away(api: Api) {
    api.municipality().await;
    let mut provider = Provider::new(&api).await;
    provider.api.state.public_url = None;
    let nameless = provider.opened().await;
    provider.settings.oidc_client_id = None;
    for api in [api.with(None), nameless, provider.opened().await] {
        let text = get(&api, "/office/sign-in", "").await.expect(200).text;
        lacks(&text, &["sign-in/provider", "기관 계정으로 로그인"]);
        get(&api, LEAVE, "").await.expect(404);
        get(&api, "/office/sign-in/callback?code=a&state=b", "")
            .await
            .expect(404);
    }
}

async fn wrong_settings_stop_the_server(_: Api) {
    let keys = Signer::new("ec", jsonwebtoken::Algorithm::ES256);
    let keys = file(&key_set(&[keys.jwk()])).display().to_string();
    let mapping = file(&rules("editor").to_string()).display().to_string();
    let run = |more: &[&str], database: &str| {
        let issuer = "https://sso.goyang.example/realms/city";
        let output = Command::new(env!("CARGO_BIN_EXE_mou-registry"))
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--database-url",
                database,
            ])
            .args(["--oidc-issuer", issuer, "--oidc-audience", "mou"])
            .args(["--oidc-jwks", &keys, "--oidc-mapping", &mapping])
            .args(["--oidc-client-id", CLIENT])
            .args(more)
            .output()
            .unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let nowhere = "sqlite:/nowhere/at/all";
    let public = ["--public-url", "https://mou.goyang.example"];
    let with = |more: &[&'static str]| [&public[..], more].concat();
    for (said, names) in [
        (run(&[], nowhere), "--public-url"),
        (run(&public, "postgres://h/d"), "--secret-key-file"),
        (
            run(&with(&["--oidc-client-secret-file", "/nowhere"]), nowhere),
            "--oidc-client-secret-file",
        ),
        (
            run(&with(&["--oidc-token-url", "https://a.example/t"]), nowhere),
            "belong together",
        ),
        (run(&public, nowhere), "database"),
    ] {
        assert!(said.contains(names) && said.lines().count() == 1, "{said}");
    }
}
