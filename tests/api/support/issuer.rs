//! An issuer of JWTs, and a registry that accepts them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use mou_registry::access::oidc::Oidc;
use mou_registry::access::oidc::OidcSettings;
use serde_json::{Value, json};

use crate::support::{Answer, Api, now};

pub const ISSUER: &str = "https://sso.goyang.example/realms/city";
pub const AUDIENCE: &str = "mou-registry";
pub const EDITORS: &str = "mou-editors-goyang";
pub const GOYANG: &str = "4128000000";

/// A public key of 2048 bits, and a token that OpenSSL signed with its private key, which was not
/// kept. The subject is `rsa`, an editor of Goyang; it is valid until 2026-11-24T06:00:00Z.
pub const RSA: (&str, &str) = (
    "xHF61-Yp4r2s6tWT5h_RU7jwm4G-zRKlFLOeXaJ5Hz0OGG0D4dWMjRlsF888KnGxVues9zsPXXip5wtydPz0NUR6ysGDIuNnkQ2ubiUehBN3OYzpJaPlYa0tzrmUvobNw6ExUUme7hzwVp7hBYgsYpAg6855QstYH05gvRa4R-CdPnHn8tGA0hEtU21gydW-5kezwPbmM5W3R6cnnGQkvmzrcP3puHV3ExptdKDp8Dv8vnL-ZkGXn2ZsmSz_AMYylg2pltWsh6_zS5uuVqQBKe3jQDGMeuw9GAgbBJ8sSIwQG8j9AP65tK-z2uxPDK2n_r6vma86HAaViLvSNFOqXw",
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL3Nzby5nb3lhbmcuZXhhbXBsZS9yZWFsbXMvY2l0eSIsImF1ZCI6Im1vdS1yZWdpc3RyeSIsInN1YiI6InJzYSIsIm5hbWUiOiLquYDso7zrrLQiLCJleHAiOjE3OTU1MDAwMDAsImdyb3VwcyI6WyJtb3UtZWRpdG9ycy1nb3lhbmciXX0.dSo_pq9r6F2JE4WelhQG2_Cvu28twUTNjJG686HPd_Qjc7HzbIc8yHTHDHXIZ_QYByuiTAIvkwPTVX5oBz2sH-XDSHpqchaULE3YMSUkSIwJsnFkCKaSMzxVLOTl1r8pStFUhBJNzBALk3kvTPYyQ5Dco8TL0WNd47EY7k80hru3-tpqdG0GhMgtrdMPsQei-_t5DL8FW-R0m4Lr0MqNp37UrtZzsi6bxzGM5Llj20P3r0DIMz6pVGvc5EavoV2bc1m019iALh8zaXr6mJ2RY2rEQld4m8MAx6m3IreydTXDw-fQbwuhejYMXVXm8vX7iekAjkP5xp75JFAyHIt4-g",
);

/// An issuer's key.
pub struct Signer {
    pub kid: &'static str,
    pub algorithm: Algorithm,
    pub key: EncodingKey,
}

impl Signer {
    /// A new key in PKCS #8. The bytes before the secret are the same for all keys.
    pub fn new(kid: &'static str, algorithm: Algorithm) -> Self {
        let before: &[u8] = if algorithm == Algorithm::ES256 {
            b"\x30\x41\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x04\x27\x30\x25\x02\x01\x01\x04\x20"
        } else {
            b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"
        };
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).unwrap();
        let der = [before, &secret].concat();
        let key = match algorithm {
            Algorithm::ES256 => EncodingKey::from_ec_der(&der),
            _ => EncodingKey::from_ed_der(&der),
        };
        Self {
            kid,
            algorithm,
            key,
        }
    }

    pub fn jwk(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.key, self.algorithm).unwrap();
        jwk.common.key_id = Some(self.kid.into());
        serde_json::to_value(jwk).unwrap()
    }

    pub fn header(&self) -> Header {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.kid.into());
        header
    }

    pub fn sign(&self, claims: &Value) -> String {
        encode(&self.header(), claims, &self.key).unwrap()
    }
}

/// The claims of an editor of Goyang with changes; `null` removes a claim.
pub fn claims(changes: Value) -> Value {
    let mut claims = json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "f3c1", "name": "김담당",
        "exp": now().timestamp() + 300, "groups": ["staff", EDITORS]});
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, v| !v.is_null());
    claims
}

/// A file with this text, of its own for each call.
pub fn file(text: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("oidc");
    std::fs::create_dir_all(&dir).unwrap();
    let path = dir.join(format!("{}-{n}.json", std::process::id()));
    std::fs::write(&path, text).unwrap();
    path
}

pub fn key_set(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

/// A registry with single sign-on.
pub struct City {
    pub api: Api,
    pub goyang: String,
    pub ec: Signer,
    pub ed: Signer,
    pub jwks: PathBuf,
    settings: OidcSettings,
}

impl City {
    pub async fn new(api: Api) -> Self {
        let goyang = api.municipality().await;
        let partner = api.organization("협약 기업").await;
        let ec = Signer::new("ec", Algorithm::ES256);
        let ed = Signer::new("ed", Algorithm::EdDSA);
        let rsa = json!({"kty": "RSA", "kid": "rsa", "use": "sig", "n": RSA.0, "e": "AQAB"});
        let jwks = file(&key_set(&[ec.jwk(), ed.jwk(), rsa]));
        let mapping = json!({"claim": "groups", "rules": [
            {"value": EDITORS, "role": "editor", "municipalities": [GOYANG, "4111000000"]},
            {"value": "staff", "role": "viewer", "municipalities": [GOYANG]},
            {"value": "suwon", "role": "editor", "municipalities": ["4111000000"]},
            {"value": "partner", "role": "partner", "organization_id": partner},
            {"value": "stranger", "role": "partner", "organization_id": "0178d7fa-2c00-7000-8000-00000000ffff"},
        ]});
        let settings = OidcSettings {
            oidc_issuer: Some(ISSUER.into()),
            oidc_audience: Some(AUDIENCE.into()),
            oidc_jwks: Some(jwks.display().to_string()),
            oidc_mapping: Some(file(&mapping.to_string())),
            ..OidcSettings::default()
        };
        let mut api = api;
        api.state.oidc = Oidc::open(&settings).unwrap().map(Arc::new);
        Self {
            settings,
            api: api.served().await,
            goyang,
            ec,
            ed,
            jwks,
        }
    }

    /// Like `self`, with the keys at a URL.
    pub async fn published_at(mut self, url: String) -> Self {
        self.settings.oidc_jwks = Some(url);
        self.api.state.oidc = Oidc::open(&self.settings).unwrap().map(Arc::new);
        self.api = self.api.served().await;
        self
    }

    /// The registry, asked with a token.
    pub fn with(&self, token: &str) -> Api {
        self.api.with(Some(token))
    }

    /// The registry, asked by an editor with changed claims.
    pub fn by(&self, changes: Value) -> Api {
        self.with(&self.ec.sign(&claims(changes)))
    }

    /// Fails unless the token is refused everywhere, also where none is needed.
    pub async fn refuses(&self, token: &str) {
        let api = self.with(token);
        refused(api.get("/me").await);
        refused(api.get("/agreements").await);
        refused(api.post("/agreements", &json!({})).await);
    }

    pub async fn refuses_claims(&self, changes: Value) {
        self.refuses(&self.ec.sign(&claims(changes))).await;
    }
}

/// Fails unless the answer asks for a token.
#[track_caller]
pub fn refused(answer: Answer) {
    let answer = answer.expect(401);
    assert!(answer.headers["www-authenticate"].starts_with("Bearer"));
}

pub fn agreement(municipality: &str) -> Value {
    json!({"municipality_id": municipality, "kind": "mou", "title": {"ko": "협약"}})
}

/// An encoded part of a token.
pub fn part(value: &Value) -> String {
    let bytes = value.to_string();
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.as_bytes().chunks(3) {
        let bits =
            chunk.iter().fold(0_u32, |all, b| all << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..=chunk.len() {
            text.push(alphabet[(bits >> (18 - 6 * i)) as usize & 63].into());
        }
    }
    text
}
