//! Signing in by the issuer, step by step and without it.

use std::sync::Barrier;

use futures_util::future::{join, join_all};
use serde_json::json;

use super::*;

const ISSUER: &str = "https://sso.goyang.example/realms/city";

fn client() -> Client {
    let settings = OidcSettings {
        oidc_client_id: Some("mou".into()),
        oidc_authorization_url: Some("https://sso.goyang.example/auth?kc=1".into()),
        oidc_token_url: Some("https://sso.goyang.example/token".into()),
        ..OidcSettings::default()
    };
    Client::open(ISSUER, &settings).unwrap().unwrap()
}

fn now() -> NaiveDateTime {
    "2026-11-29T01:00:00".parse().unwrap()
}

fn begun() -> (String, Attempt) {
    let (client, going) = (client(), ("/office".into(), None));
    let endpoints = client.endpoints().unwrap();
    let begun = client.attempt(&endpoints, "https://mou.example/cb", going, now());
    begun.unwrap()
}

#[actix_web::test]
async fn nobody_waits_for_an_issuer_whose_endpoints_are_known() {
    let client = Arc::new(client());
    let slow = Arc::new(Barrier::new(5));
    // Four codes are exchanged at once.
    let exchanges = (0..4).map(|_| {
        let slow = slow.clone();
        client.ask(move |_| {
            slow.wait();
            Ok(())
        })
    });
    let begun = async {
        let going = ("/office".into(), None);
        let begun = client.begin("https://mou.example/cb", going, now()).await;
        slow.wait();
        begun
    };
    let (_, begun) = join(join_all(exchanges), begun).await;
    assert!(begun.is_ok());
}

#[test]
fn the_person_is_sent_with_a_challenge() {
    let (url, attempt) = begun();
    let url = Url::parse(&url).unwrap();
    let sent = |name: &str| {
        let mut pairs = url.query_pairs();
        let found = pairs.find(|(known, _)| known == name);
        found.map(|(_, value)| value.into_owned())
    };
    assert_eq!(sent("kc").as_deref(), Some("1"));
    assert_eq!(
        sent("redirect_uri").as_deref(),
        Some("https://mou.example/cb")
    );
    assert_eq!(sent("scope").as_deref(), Some("openid profile"));
    let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(&attempt.verifier));
    assert_eq!(sent("code_challenge"), Some(challenge));
    assert_eq!(attempt.verifier.len(), 43);
    assert!(!url.as_str().contains(&attempt.verifier));
    assert_ne!(attempt.state, begun().1.state);
}

#[test]
fn an_answer_belongs_to_its_attempt() {
    let (client, (_, attempt)) = (client(), begun());
    let after = |minutes| now() + Duration::minutes(minutes);
    let returned = |json: serde_json::Value| {
        let mut returned = json!({"state": attempt.state});
        json_patch::merge(&mut returned, &json);
        let pairs = returned.as_object().unwrap().iter();
        let pairs = pairs.filter_map(|(name, value)| Some((name, value.as_str()?)));
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        Returned::of(&query.extend_pairs(pairs).finish())
    };
    let code = |json, minutes| client.code(&attempt, returned(json), after(minutes));
    assert_eq!(code(json!({"code": "c"}), 9), Ok("c".into()));
    assert_eq!(code(json!({"code": "c", "iss": ISSUER}), 9), Ok("c".into()));
    for (json, minutes, why) in [
        (json!({"code": "c"}), 10, Failure::Stale),
        (json!({"code": "c", "state": "x"}), 1, Failure::Stale),
        (
            json!({"error": "access_denied", "state": null}),
            1,
            Failure::Stale,
        ),
        (
            json!({"code": "c", "iss": "https://other.example"}),
            1,
            Failure::Unverified,
        ),
        (json!({}), 1, Failure::Unverified),
        (json!({"error": "access_denied"}), 1, Failure::Denied),
        (json!({"error": "server_error"}), 1, Failure::Unavailable),
        (json!({"error": "invalid_scope"}), 1, Failure::Rejected),
    ] {
        assert_eq!(code(json.clone(), minutes), Err(why), "{json}");
    }
}

#[test]
fn an_id_token_answers_one_attempt_of_one_client() {
    let (client, (_, attempt)) = (client(), begun());
    let fits = |json: serde_json::Value| client.is_answer(json.as_object().unwrap(), &attempt);
    let nonce = &attempt.nonce;
    assert!(fits(json!({"aud": "mou", "nonce": nonce})));
    assert!(fits(
        json!({"aud": ["mou", "b"], "azp": "mou", "nonce": nonce})
    ));
    assert!(!fits(json!({"aud": ["mou", "b"], "nonce": nonce})));
    assert!(!fits(json!({"aud": "mou", "azp": "b", "nonce": nonce})));
    assert!(!fits(json!({"aud": "mou", "nonce": "other"})));
    assert!(!fits(json!({"aud": "mou"})));
}

#[test]
fn answers_to_an_exchange_are_told_apart() {
    for (status, text, expected) in [
        (200, r#"{"id_token": "a.b.c"}"#, Ok("a.b.c".to_owned())),
        (200, "{}", Err(Failure::Unverified)),
        (200, "<html>", Err(Failure::Unverified)),
        (400, r#"{"error": "invalid_grant"}"#, Err(Failure::Stale)),
        (
            401,
            r#"{"error": "invalid_client"}"#,
            Err(Failure::Rejected),
        ),
        (302, "", Err(Failure::Unavailable)),
        (502, "", Err(Failure::Unavailable)),
    ] {
        assert_eq!(token_of(status, text), expected, "{status} {text}");
    }
}

#[test]
fn wrong_settings_are_named() {
    for (settings, names) in [
        (
            OidcSettings {
                oidc_client_id: Some(" ".into()),
                ..OidcSettings::default()
            },
            "--oidc-client-id",
        ),
        (
            OidcSettings {
                oidc_client_id: Some("mou".into()),
                oidc_token_url: Some("https://sso.example/token".into()),
                ..OidcSettings::default()
            },
            "belong together",
        ),
        (
            OidcSettings {
                oidc_client_id: Some("mou".into()),
                oidc_authorization_url: Some("http://sso.example/auth".into()),
                oidc_token_url: Some("https://sso.example/token".into()),
                ..OidcSettings::default()
            },
            "--oidc-authorization-url",
        ),
        (
            OidcSettings {
                oidc_client_id: Some("mou".into()),
                oidc_client_secret_file: Some("/nowhere/at/all".into()),
                ..OidcSettings::default()
            },
            "--oidc-client-secret-file",
        ),
    ] {
        let refused = Client::open(ISSUER, &settings).err().unwrap();
        let said = format!("{refused:#}");
        assert!(said.contains(names), "{said}");
    }
}
