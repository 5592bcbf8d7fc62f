//! Single sign-on of a city: bearer JWTs of one configured issuer, accepted in addition to the
//! registry's own tokens, and people who sign in by that issuer.

mod code_flow;
mod jwks;
mod keys;
mod mapping;
mod queue;
mod settings;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use chrono::NaiveDateTime;
use jsonwebtoken::{Header, Validation, decode, decode_header};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::{Host, Url};
use uuid::Uuid;

pub use self::code_flow::{Attempt, Client, Failure, PATIENCE, Returned};
use self::jwks::Key;
use self::keys::Keys;
pub use self::settings::OidcSettings;

use self::mapping::{Entitlement, Mapping};
use crate::db::AnyConnection;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::TokenId;
use crate::kernel::redact::without_passwords;
use crate::ledger::caller::Caller;

/// Tolerated difference to the issuer's clock, in seconds.
const SKEW: f64 = 60.0;
/// Maximum length of a name, as for tokens.
const NAME_LENGTH: usize = 200;
/// Accepted `typ` values of a JWT; the header can also lack one. A JWT signed for another purpose,
/// such as logging somebody out, must not grant access.
const TYPES: [&str; 3] = ["jwt", "at+jwt", "application/at+jwt"];

/// The issuer whose JWTs are accepted, and what they grant.
pub struct Oidc {
    issuer: String,
    audience: String,
    keys: Keys,
    mapping: Mapping,
    client: Option<Arc<Client>>,
}

/// What a session keeps of the subject who signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// The subject's own name.
    name: String,
    /// The value of the claim that granted the role.
    named: String,
    /// Digest of the mapping by which it did.
    mapping: String,
}

/// The subject of a JWT, before its reach is looked up in the database.
#[derive(Clone)]
pub struct Identity {
    id: TokenId,
    name: String,
    entitlement: Arc<Entitlement>,
}

impl Oidc {
    /// Configures single sign-on from the settings. Returns `None` if none are set.
    ///
    /// # Errors
    /// Names the missing or invalid setting.
    pub fn open(settings: &OidcSettings) -> anyhow::Result<Option<Self>> {
        let OidcSettings {
            oidc_issuer,
            oidc_audience,
            oidc_jwks,
            oidc_mapping,
            oidc_client_id,
            ..
        } = settings;
        let given = [
            ("--oidc-issuer", oidc_issuer.is_some()),
            ("--oidc-audience", oidc_audience.is_some()),
            ("--oidc-jwks", oidc_jwks.is_some()),
            ("--oidc-mapping", oidc_mapping.is_some()),
        ];
        let (Some(issuer), Some(audience), Some(jwks), Some(mapping)) =
            (oidc_issuer, oidc_audience, oidc_jwks, oidc_mapping)
        else {
            let missing: Vec<&str> = given.iter().filter(|g| !g.1).map(|g| g.0).collect();
            if missing.len() == given.len() && oidc_client_id.is_none() {
                return Ok(None);
            }
            bail!("single sign-on needs {} as well", missing.join(" and "));
        };
        let mut oidc = Self::new(issuer, audience, jwks, mapping)?;
        oidc.client = Client::open(issuer, settings)?.map(Arc::new);
        Ok(Some(oidc))
    }

    fn new(issuer: &str, audience: &str, jwks: &str, mapping: &Path) -> anyhow::Result<Self> {
        let is_url = url::Url::parse(issuer).is_ok_and(|u| matches!(u.scheme(), "http" | "https"));
        if !is_url {
            bail!("--oidc-issuer: expected a URL, not {issuer:?}");
        }
        if audience.trim().is_empty() {
            bail!("--oidc-audience: it is empty");
        }
        Ok(Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            keys: Keys::open(jwks).with_context(|| {
                format!(
                    "--oidc-jwks: cannot use the keys of {}",
                    without_passwords(jwks)
                )
            })?,
            mapping: Mapping::read(mapping).with_context(|| {
                format!(
                    "--oidc-mapping: cannot use the mapping file {}",
                    mapping.display()
                )
            })?,
            client: None,
        })
    }

    /// Returns the registry as a client of the issuer, if people sign in by it.
    pub fn client(&self) -> Option<&Arc<Client>> {
        self.client.as_ref()
    }

    /// Returns true if a rule grants the role of an admin of all municipalities.
    pub fn has_admin(&self) -> bool {
        self.mapping.has_admin()
    }

    /// Verifies a JWT and returns its subject.
    ///
    /// # Errors
    /// Fails with `unauthenticated` if the JWT is not valid, with `forbidden` if no rule grants its
    /// subject anything, or with `unavailable` if its key is unknown and the issuer is out of reach.
    pub async fn identify(&self, token: &str, now: NaiveDateTime) -> Result<Identity, ApiError> {
        self.identity(&self.claims(token, &self.audience, now).await?)
    }

    /// Verifies the ID token by which the issuer answers an attempt to sign in, and returns its subject.
    ///
    /// # Errors
    /// Like [`Self::identify`].
    pub async fn identify_person(
        &self,
        client: &Client,
        token: &str,
        attempt: &Attempt,
        now: NaiveDateTime,
    ) -> Result<Identity, ApiError> {
        let claims = self.claims(token, &client.id, now).await?;
        if !client.is_answer(&claims, attempt) {
            tracing::warn!("an ID token answers another attempt to sign in");
            return Err(refused());
        }
        self.identity(&claims)
    }

    /// Returns what a session keeps of a subject.
    pub fn remember(&self, identity: &Identity) -> Remembered {
        Remembered {
            name: identity.name.clone(),
            named: identity.entitlement.named.clone(),
            mapping: self.mapping.digest().to_owned(),
        }
    }

    /// Returns a subject who signed in; `None` if people no longer sign in by the issuer, or its
    /// values are mapped otherwise since.
    pub fn recall(&self, id: TokenId, kept: Remembered) -> Option<Identity> {
        let is_current = self.client.is_some() && kept.mapping == self.mapping.digest();
        let entitlement = self.mapping.named(&kept.named).filter(|_| is_current)?;
        Some(Identity {
            id,
            name: kept.name,
            entitlement,
        })
    }

    /// Verifies a JWT for an audience and returns its claims.
    async fn claims(
        &self,
        token: &str,
        audience: &str,
        now: NaiveDateTime,
    ) -> Result<Map<String, Value>, ApiError> {
        let claims = match decoded_header(token) {
            Ok(header) => {
                let key = self.keys.of(header.kid.as_deref()).await?;
                let key = key.ok_or("its key is unknown");
                key.and_then(|key| self.verify(token, &key, audience, now))
            }
            Err(why) => Err(why),
        };
        claims.map_err(|why| {
            tracing::debug!(why, "a JWT is refused");
            refused()
        })
    }

    /// Returns the subject of claims.
    ///
    /// # Errors
    /// `forbidden` if no rule grants it anything.
    fn identity(&self, claims: &Map<String, Value>) -> Result<Identity, ApiError> {
        let subject = text(claims, "sub").ok_or_else(refused)?;
        let entitlement = self.mapping.of(claims).ok_or_else(|| {
            ApiError::with(
                Code::Forbidden,
                "로그인은 되었지만 이 계정에 주어진 역할이 없습니다.",
                "You are signed in, but nothing entitles this account to a role.",
            )
        })?;
        let named = ["name", "preferred_username"];
        let name = named.iter().find_map(|claim| text(claims, claim));
        // Names reach logs and pages.
        let name = name.unwrap_or(subject).chars().filter(|c| !c.is_control());
        Ok(Identity {
            id: derived(&self.issuer, subject),
            name: name.take(NAME_LENGTH).collect(),
            entitlement,
        })
    }

    /// Verifies a JWT and returns its claims.
    fn verify(
        &self,
        token: &str,
        key: &Key,
        audience: &str,
        now: NaiveDateTime,
    ) -> Result<Map<String, Value>, &'static str> {
        // The key determines the algorithm; the header can only agree with it.
        let mut validation = Validation::new(key.algorithm);
        // The crate uses the system clock and tolerates missing claims, so claims are checked
        // below.
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        let claims: Map<String, Value> = decode(token, &key.decoding, &validation)
            .map_err(|_| "its algorithm or signature is wrong")?
            .claims;
        if claims.get("iss").and_then(Value::as_str) != Some(&self.issuer) {
            return Err("its issuer is another");
        }
        let is_meant = |one: &Value| one.as_str() == Some(audience);
        let meant = match claims.get("aud") {
            Some(Value::Array(several)) => several.iter().any(is_meant),
            Some(one) => is_meant(one),
            None => false,
        };
        if !meant {
            return Err("it is meant for another audience");
        }
        let now = now.and_utc().timestamp_micros() as f64 / 1e6;
        let expires = claims.get("exp").and_then(Value::as_f64);
        if expires.ok_or("it never expires")? + SKEW <= now {
            return Err("it has expired");
        }
        if let Some(from) = claims.get("nbf")
            && from.as_f64().ok_or("its `nbf` is no time")? - SKEW > now
        {
            return Err("it is not valid yet");
        }
        text(&claims, "sub").ok_or("it has no subject")?;
        Ok(claims)
    }
}

/// Checks a URL of the issuer that nobody in between may answer for it.
///
/// # Errors
/// Fails unless it is an https URL, or one of this machine.
fn trusted(text: &str) -> anyhow::Result<Url> {
    let url = Url::parse(text)?;
    let here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && here) {
        bail!("expected an https URL");
    }
    Ok(url)
}

/// Returns the header of a JWT that may be a credential.
fn decoded_header(token: &str) -> Result<Header, &'static str> {
    // The crate fails to parse a header with an algorithm that it does not know, such as `none`.
    let header = decode_header(token).map_err(|_| "its header is none")?;
    let said = header.typ.as_deref().map(str::to_ascii_lowercase);
    if said.is_some_and(|said| !TYPES.contains(&said.as_str())) {
        return Err("it is no token of access or identity");
    }
    // RFC 7515: a critical extension that is not understood must be rejected.
    if header.crit.is_some() {
        return Err("it asks for an extension");
    }
    Ok(header)
}

impl Identity {
    pub fn id(&self) -> TokenId {
        self.id
    }

    /// Returns the caller, with its current reach.
    pub fn caller(&self, conn: &mut AnyConnection) -> Result<Caller, ApiError> {
        Ok(Caller {
            id: Some(self.id),
            name: self.entitlement.named.clone(),
            person: Some(self.name.clone()),
            role: Some(self.entitlement.role),
            reach: self.entitlement.reach(conn)?,
            organization_id: self.entitlement.organization(conn)?,
            // Single sign-on has no token entry to note it in.
            unnoted_use: None,
        })
    }
}

/// Derives the stable id of a subject. Only issuer and subject together identify somebody, since
/// issuers choose subjects freely.
fn derived(issuer: &str, subject: &str) -> TokenId {
    let issuer = Uuid::new_v5(&Uuid::NAMESPACE_URL, issuer.as_bytes());
    Uuid::new_v5(&issuer, subject.as_bytes()).into()
}

/// Returns the text of a claim, unless it is blank.
fn text<'a>(claims: &'a Map<String, Value>, claim: &str) -> Option<&'a str> {
    let said = claims.get(claim).and_then(Value::as_str);
    said.filter(|text| !text.trim().is_empty())
}

/// Returns the error for any invalid JWT, whatever is wrong with it.
fn refused() -> ApiError {
    ApiError::with(
        Code::Unauthenticated,
        "로그인 토큰이 유효하지 않거나 만료되었습니다.",
        "The token of the single sign-on is not valid, or has expired.",
    )
}
