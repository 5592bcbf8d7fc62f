//! Signing people in by the issuer: the authorization code flow of OpenID Connect Core 1.0, with PKCE
//! (RFC 7636), a state against answers for other browsers, and a nonce against ID tokens of other
//! attempts.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, bail, ensure};
use chrono::{Duration, NaiveDateTime};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use super::queue::Queue;
use super::{OidcSettings, trusted};
use crate::kernel::error::{ApiError, Code};
use crate::outbound::OperatorClient;

/// Time within which somebody has to come back from the issuer.
pub const PATIENCE: Duration = Duration::minutes(10);

/// Scopes by default: the ID token, with the person's name.
const SCOPES: &str = "openid profile";

/// The registry as a client of the issuer.
pub struct Client {
    pub(super) id: String,
    secret: Option<String>,
    scopes: String,
    issuer: String,
    /// The endpoints: as set, or once the issuer has told them.
    endpoints: Mutex<Option<Arc<Endpoints>>>,
    http: OperatorClient,
    queue: Queue,
}

/// What the discovery document says (OpenID Connect Discovery 1.0, section 3).
#[derive(Clone, Debug, Default, Deserialize)]
struct Endpoints {
    #[serde(default)]
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    /// Ways by which a client proves its secret; Basic if none is stated.
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// An attempt to sign in, which the browser keeps while its person is at the issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    state: String,
    nonce: String,
    verifier: String,
    begun_at: NaiveDateTime,
    /// Path of the page to go on to.
    pub next: String,
    /// Language that the reader chose, as a tag.
    pub lang: Option<String>,
}

/// The issuer's answer, as the browser brings it.
#[derive(Clone, Debug, Default)]
pub struct Returned {
    state: String,
    code: Option<String>,
    error: Option<String>,
    /// The issuer (RFC 9207).
    iss: Option<String>,
}

impl Returned {
    /// Reads a query; of a parameter that comes twice, which RFC 6749 forbids, the first counts.
    pub fn of(query: &str) -> Self {
        let value = |wanted: &str| {
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            let found = pairs.find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.into_owned())
        };
        Self {
            state: value("state").unwrap_or_default(),
            code: value("code"),
            error: value("error"),
            iss: value("iss"),
        }
    }
}

/// Reason why somebody is not signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error("the attempt is too old, or was made elsewhere")]
    Stale,
    #[error("the person or the issuer declined")]
    Denied,
    #[error("the issuer is out of reach")]
    Unavailable,
    #[error("the issuer does not take the registry as its client")]
    Rejected,
    #[error("the ID token is not valid")]
    Unverified,
    #[error("no rule entitles the person to a role")]
    NotEntitled,
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        match error.code {
            Code::Forbidden => Self::NotEntitled,
            Code::Unauthenticated => Self::Unverified,
            _ => Self::Unavailable,
        }
    }
}

impl Client {
    /// Returns the client of the settings; `None` without a client id.
    ///
    /// # Errors
    /// Names the invalid setting.
    pub fn open(issuer: &str, settings: &OidcSettings) -> anyhow::Result<Option<Self>> {
        let Some(id) = &settings.oidc_client_id else {
            return Ok(None);
        };
        ensure!(!id.trim().is_empty(), "--oidc-client-id: it is empty");
        let secret = settings.oidc_client_secret_file.as_deref();
        let endpoints = match (&settings.oidc_authorization_url, &settings.oidc_token_url) {
            (Some(authorization), Some(token)) => {
                trusted(authorization).context("--oidc-authorization-url")?;
                trusted(token).context("--oidc-token-url")?;
                Some(Arc::new(Endpoints {
                    authorization_endpoint: authorization.clone(),
                    token_endpoint: token.clone(),
                    ..Endpoints::default()
                }))
            }
            (None, None) => {
                trusted(issuer).context("--oidc-issuer: its discovery document is not safe")?;
                None
            }
            _ => bail!("--oidc-authorization-url and --oidc-token-url belong together"),
        };
        Ok(Some(Self {
            id: id.clone(),
            secret: secret.map(read_secret).transpose()?,
            scopes: settings.oidc_scopes.as_deref().unwrap_or(SCOPES).to_owned(),
            issuer: issuer.to_owned(),
            endpoints: Mutex::new(endpoints),
            http: OperatorClient::default(),
            queue: Queue::default(),
        }))
    }

    /// Runs what may wait for the issuer on a thread of its own, with as few others as [`Queue`] says.
    ///
    /// # Errors
    /// The failure of `work`; `Unavailable` also if the issuer did not answer somebody else meanwhile.
    pub async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let client = self.clone();
        self.queue.run(move || work(&client)).await
    }

    /// Begins an attempt, and returns the URL at which the issuer signs the person in. It waits for the
    /// issuer only while its endpoints are unknown.
    ///
    /// # Errors
    /// `Unavailable` if the issuer's endpoints are unknown, or the system has no random numbers.
    pub async fn begin(
        self: &Arc<Self>,
        redirect: &str,
        going: (String, Option<String>),
        now: NaiveDateTime,
    ) -> Result<(String, Attempt), Failure> {
        let known = self.held().clone();
        let endpoints = match known {
            Some(known) => known,
            None => self.ask(Self::endpoints).await?,
        };
        self.attempt(&endpoints, redirect, going, now)
    }

    fn attempt(
        &self,
        endpoints: &Endpoints,
        redirect: &str,
        (next, lang): (String, Option<String>),
        now: NaiveDateTime,
    ) -> Result<(String, Attempt), Failure> {
        let attempt = Attempt {
            state: random()?,
            nonce: random()?,
            verifier: random()?,
            begun_at: now,
            next,
            lang,
        };
        let url = Url::parse(&endpoints.authorization_endpoint);
        let mut url = url.map_err(|error| unavailable(&error))?;
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(&attempt.verifier));
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", redirect),
            ("scope", &self.scopes),
            ("state", &attempt.state),
            ("nonce", &attempt.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        if let Some(lang) = &attempt.lang {
            url.query_pairs_mut().append_pair("ui_locales", lang);
        }
        Ok((url.into(), attempt))
    }

    /// Returns the code of an answer that belongs to an attempt.
    ///
    /// # Errors
    /// Why there is none.
    pub fn code(
        &self,
        attempt: &Attempt,
        returned: Returned,
        now: NaiveDateTime,
    ) -> Result<String, Failure> {
        let is_late = now < attempt.begun_at || now >= attempt.begun_at + PATIENCE;
        if is_late || returned.state != attempt.state {
            return Err(Failure::Stale);
        }
        if returned.iss.is_some_and(|issuer| issuer != self.issuer) {
            return Err(Failure::Unverified);
        }
        match (returned.code, returned.error) {
            (Some(code), None) if !code.is_empty() => Ok(code),
            (_, Some(error)) => Err(declined(&error)),
            _ => Err(Failure::Unverified),
        }
    }

    /// Exchanges a code for the ID token. It waits for the issuer, and so belongs off the async workers.
    ///
    /// # Errors
    /// Why there is none.
    pub fn exchange(
        &self,
        attempt: &Attempt,
        code: &str,
        redirect: &str,
    ) -> Result<String, Failure> {
        let endpoints = self.endpoints()?;
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs([
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect),
            ("code_verifier", &attempt.verifier),
        ]);
        let mut headers = vec![
            ("content-type", "application/x-www-form-urlencoded".into()),
            ("accept", "application/json".into()),
        ];
        match &self.secret {
            Some(secret) if endpoints.takes_basic() => {
                let pair = format!("{}:{}", encoded(&self.id), encoded(secret));
                headers.push((
                    "authorization",
                    format!("Basic {}", BASE64.encode(pair.as_bytes())),
                ));
            }
            Some(secret) => {
                form.extend_pairs([("client_id", self.id.as_str()), ("client_secret", secret)]);
            }
            None => {
                form.append_pair("client_id", &self.id);
            }
        }
        let sent = self
            .http
            .post(&endpoints.token_endpoint, &headers, &form.finish());
        let (status, text) = sent.map_err(|error| {
            // The issuer may have moved.
            self.forget(&endpoints);
            unavailable(&error)
        })?;
        token_of(status, &text)
    }

    /// Returns true if an ID token answers an attempt: its nonce is the attempt's, and it was made for
    /// this client (OpenID Connect Core 1.0, 3.1.3.7).
    pub(super) fn is_answer(
        &self,
        claims: &serde_json::Map<String, serde_json::Value>,
        attempt: &Attempt,
    ) -> bool {
        let text = |claim: &str| claims.get(claim).and_then(serde_json::Value::as_str);
        let audiences = claims.get("aud").and_then(serde_json::Value::as_array);
        let is_shared = audiences.is_some_and(|all| all.len() > 1);
        let is_own = match text("azp") {
            Some(party) => party == self.id,
            None => !is_shared,
        };
        is_own && text("nonce") == Some(&attempt.nonce)
    }

    fn endpoints(&self) -> Result<Arc<Endpoints>, Failure> {
        if let Some(known) = self.held().clone() {
            return Ok(known);
        }
        let read = self.discovered().map_err(|error| unavailable(&error))?;
        Ok(self.held().insert(Arc::new(read)).clone())
    }

    fn discovered(&self) -> anyhow::Result<Endpoints> {
        let place = self.issuer.trim_end_matches('/');
        let text = self
            .http
            .get(&format!("{place}/.well-known/openid-configuration"))?;
        let read: Endpoints = serde_json::from_str(&text).context("it is no discovery document")?;
        ensure!(
            read.issuer == self.issuer,
            "the discovery document is of the issuer {:?}",
            read.issuer
        );
        trusted(&read.authorization_endpoint)?;
        trusted(&read.token_endpoint)?;
        Ok(read)
    }

    /// Forgets endpoints that the issuer told, so that it is asked again.
    fn forget(&self, failed: &Arc<Endpoints>) {
        if !failed.issuer.is_empty() {
            *self.held() = None;
        }
    }

    fn held(&self) -> MutexGuard<'_, Option<Arc<Endpoints>>> {
        self.endpoints
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Endpoints {
    fn takes_basic(&self) -> bool {
        let methods = self.token_endpoint_auth_methods_supported.as_ref();
        methods.is_none_or(|all| all.iter().any(|one| one == "client_secret_basic"))
    }
}

fn read_secret(path: &Path) -> anyhow::Result<String> {
    let said = || format!("--oidc-client-secret-file: cannot use {}", path.display());
    let text = std::fs::read_to_string(path).with_context(said)?;
    let secret = text.trim();
    ensure!(!secret.is_empty(), "{}: it is empty", said());
    Ok(secret.to_owned())
}

/// Returns 256 random bits as a text that URLs can hold.
fn random() -> Result<String, Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| unavailable(&error))?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

/// Returns a text as RFC 6749 encodes it in a Basic header.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

pub(super) fn unavailable(error: &dyn std::fmt::Display) -> Failure {
    let error = format!("{error:#}");
    tracing::warn!(error, "the single sign-on is out of reach");
    Failure::Unavailable
}

/// Returns what an error of the issuer means (RFC 6749 4.1.2.1).
fn declined(error: &str) -> Failure {
    match error {
        "access_denied" | "login_required" | "interaction_required" | "consent_required" => {
            Failure::Denied
        }
        "server_error" | "temporarily_unavailable" => Failure::Unavailable,
        error => {
            tracing::warn!(error, "the single sign-on rejects the registry");
            Failure::Rejected
        }
    }
}

/// Returns the ID token of an answer to an exchange.
fn token_of(status: u16, text: &str) -> Result<String, Failure> {
    #[derive(Default, Deserialize)]
    struct Answer {
        id_token: Option<String>,
        error: Option<String>,
    }
    let said: Answer = serde_json::from_str(text).unwrap_or_default();
    match (status, said) {
        (200, said) => said.id_token.ok_or(Failure::Unverified),
        // The code was used, or is too old.
        (400, said) if said.error.as_deref() == Some("invalid_grant") => Err(Failure::Stale),
        (400..=499, said) => {
            let error = said.error.unwrap_or_default();
            tracing::warn!(status, error, "the single sign-on rejects the registry");
            Err(Failure::Rejected)
        }
        (status, _) => Err(unavailable(&format!("it answers {status}"))),
    }
}

#[cfg(test)]
#[path = "code_flow_tests.rs"]
mod tests;
