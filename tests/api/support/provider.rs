//! A provider of OpenID Connect, and a registry to which people sign in by it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use actix_web::test::TestRequest;
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::Algorithm;
use mou_registry::access::oidc::{Oidc, OidcSettings};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use super::issuer::{AUDIENCE, EDITORS, Signer, claims, file, key_set};
use super::receiver::{Got, Receiver, Reply};
use super::{Answer, Api};
use crate::pages::BROWSER;
use crate::pages::office::Browser;

pub const CLIENT: &str = "mou-pages";
pub const PUBLIC: &str = "https://mou.goyang.example/registry";
pub const LEAVE: &str = "/office/sign-in/provider";

pub struct Provider {
    pub api: Api,
    pub receiver: Receiver,
    pub settings: OidcSettings,
    /// Changes of the claims of the next ID token.
    pub changes: Arc<Mutex<Value>>,
    /// The nonce and the challenge of the attempt in progress.
    attempt: Arc<Mutex<(String, String)>>,
}

/// Somebody who was sent to the provider.
pub struct Left {
    pub cookie: String,
    pub url: String,
    pub sent: HashMap<String, String>,
}

pub fn json_reply(status: u16, body: &Value) -> Reply {
    let body = body.to_string();
    let length = body.len();
    Reply::Raw(format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    ))
}

pub fn rules(role: &str) -> Value {
    json!({"claim": "groups", "rules": [{"value": EDITORS, "role": role, "municipalities": ["4128000000"]}]})
}

fn pairs(text: &str) -> HashMap<String, String> {
    url::form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}

impl Provider {
    pub async fn new(api: &Api) -> Self {
        let signer = Signer::new("ec", Algorithm::ES256);
        let keys = file(&key_set(&[signer.jwk()]));
        let changes = Arc::new(Mutex::new(json!({})));
        let attempt = Arc::new(Mutex::new((String::new(), String::new())));
        let receiver = Receiver::willing();
        let issuer = receiver.url();
        let settings = OidcSettings {
            oidc_issuer: Some(issuer.clone()),
            oidc_audience: Some(AUDIENCE.into()),
            oidc_jwks: Some(keys.display().to_string()),
            oidc_mapping: Some(file(&rules("editor").to_string())),
            oidc_client_id: Some(CLIENT.into()),
            ..OidcSettings::default()
        };
        let (changed, begun) = (changes.clone(), attempt.clone());
        receiver.now(move |got| {
            let (nonce, challenge) = begun.lock().unwrap().clone();
            let mut own =
                json!({"iss": issuer, "aud": CLIENT, "nonce": nonce, "groups": [EDITORS]});
            for (name, value) in changed.lock().unwrap().as_object().unwrap() {
                own[name] = value.clone();
            }
            answer(got, &issuer, &challenge, &signer.sign(&claims(own)))
        });
        let mut api = api.clone();
        api.state.public_url = Some(PUBLIC.parse().unwrap());
        let mut this = Self {
            api,
            receiver,
            settings,
            changes,
            attempt,
        };
        this.api = this.opened().await;
        this
    }

    /// Returns the registry with the settings as they are now.
    pub async fn opened(&self) -> Api {
        let mut api = self.api.clone();
        api.state.oidc = Oidc::open(&self.settings).unwrap().map(Arc::new);
        api.served().await.with(None)
    }

    /// Follows the link to the provider.
    pub async fn leave(&self, query: &str) -> Left {
        let answer = get(&self.api, &format!("{LEAVE}{query}"), "")
            .await
            .expect(303);
        let cookie = answer.headers["set-cookie"].clone();
        for part in [
            "__Host-mou_sign_in=sealed:",
            "Max-Age=600",
            "HttpOnly; SameSite=Lax; Secure",
        ] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let url = answer.headers["location"].clone();
        let sent = pairs(Url::parse(&url).unwrap().query().unwrap());
        *self.attempt.lock().unwrap() = (sent["nonce"].clone(), sent["code_challenge"].clone());
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Left { cookie, url, sent }
    }

    /// Comes back with an answer of the provider.
    pub async fn back(&self, left: &Left, query: &str) -> Answer {
        let path = format!(
            "/office/sign-in/callback?state={}&{query}",
            left.sent["state"]
        );
        get(&self.api, &path, &left.cookie).await
    }

    /// Signs somebody in.
    pub async fn browser(&self) -> Browser {
        let left = self.leave("").await;
        let answer = self.back(&left, "code=right").await.expect(303);
        Browser {
            api: self.api.clone(),
            cookie: session(&answer),
        }
    }
}

/// The session that an answer begins.
pub fn session(answer: &Answer) -> String {
    let cookie = &answer.headers["set-cookie"];
    let found = cookie
        .split(", ")
        .find(|one| one.starts_with("__Host-mou_session=mous_"));
    let found = found.unwrap_or_else(|| panic!("{cookie}, to {}", answer.headers["location"]));
    found.split(';').next().unwrap().to_owned()
}

pub async fn get(api: &Api, path: &str, cookie: &str) -> Answer {
    let request = TestRequest::get()
        .uri(path)
        .insert_header(("accept", BROWSER))
        .insert_header(("cookie", cookie));
    api.call(request).await
}

fn answer(got: &Got, issuer: &str, challenge: &str, token: &str) -> Reply {
    if got.path.ends_with("/.well-known/openid-configuration") {
        return json_reply(
            200,
            &json!({"issuer": issuer, "authorization_endpoint": format!("{issuer}/auth?kc=1"),
                "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/certs")}),
        );
    }
    let form = pairs(&got.text);
    let verified = BASE64URL_NOPAD.encode(&Sha256::digest(&form["code_verifier"]));
    let redirect = format!("{PUBLIC}/office/sign-in/callback");
    let fits = form["grant_type"] == "authorization_code"
        && form["redirect_uri"] == redirect
        && verified == challenge;
    match (fits, form["code"].as_str()) {
        (true, "right") => json_reply(200, &json!({"id_token": token, "token_type": "Bearer"})),
        _ => json_reply(400, &json!({"error": "invalid_grant"})),
    }
}

/// Signs an editor of the city of the demonstration in, once.
pub async fn signed_in_once(api: &Api) {
    let provider = Provider::new(api).await;
    let browser = provider.browser().await;
    let text = browser.open("/office").await.expect(200).text;
    assert!(text.contains("김담당"), "{text}");
}
