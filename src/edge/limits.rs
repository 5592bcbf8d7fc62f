//! Limits on the requests of each token or address, and on invalid tokens.
//!
//! Requests are counted before the database is asked, by GCRA: the requests of a whole minute can
//! come at once, and after that at the rate of the limit. Each server counts on its own.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use actix_web::web;
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::StateInformationMiddleware;
use governor::{Quota, RateLimiter};
use sha2::{Digest, Sha256};

use super::Edge;
use super::address::client_key;
use super::store::{Key, Recent, States};
use crate::access::address::is_address;
use crate::kernel::error::{ApiError, Code};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit");

type Governor = RateLimiter<Key, States, MonotonicClock, StateInformationMiddleware>;

/// A limit on the requests per minute of each key.
#[derive(Debug)]
struct Limit {
    name: &'static str,
    per_minute: NonZeroU32,
    governor: Governor,
}

/// The remaining requests of a limit.
#[derive(Clone, Copy, Debug)]
struct Remaining {
    name: &'static str,
    per_minute: NonZeroU32,
    left: u32,
    /// Seconds until more requests are available: until all are, or until the next one if none is
    /// left.
    more_in: u64,
}

fn seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1000).max(1) as u64
}

impl Limit {
    fn new(name: &'static str, per_minute: u32) -> Option<Self> {
        let per_minute = NonZeroU32::new(per_minute)?;
        let quota = Quota::per_minute(per_minute);
        let governor: Governor = RateLimiter::new(quota, States::default(), MonotonicClock);
        Some(Self {
            name,
            per_minute,
            governor,
        })
    }

    /// Returns the time after which one more request becomes available.
    fn interval(&self) -> Duration {
        Duration::from_secs(60) / self.per_minute.get()
    }

    /// Counts a request. Returns the remaining requests, or the wait if none is left.
    fn count(&self, key: Key) -> Result<Remaining, Duration> {
        match self.governor.check_key(&key) {
            Ok(state) => {
                let left = state.remaining_burst_capacity();
                let lacking = self.per_minute.get().saturating_sub(left);
                let wait = self.interval() * if left == 0 { 1 } else { lacking };
                Ok(self.remaining(left, wait))
            }
            Err(until) => Err(until.wait_time_from(self.governor.clock().now())),
        }
    }

    fn remaining(&self, left: u32, wait: Duration) -> Remaining {
        Remaining {
            name: self.name,
            per_minute: self.per_minute,
            left,
            more_in: seconds(wait),
        }
    }
}

/// The limits; `None` for those set to 0.
#[derive(Debug)]
pub struct Limits {
    token: Option<Limit>,
    anonymous: Option<Limit>,
    failures: Option<Limit>,
    /// The instants until which the credentials of an address are not looked up.
    blocked_until: Recent<Instant>,
    /// Whether a credential was valid when it was last looked up. Valid ones are looked up also
    /// while their address is blocked: one caller's wrong token shuts out nobody else behind the
    /// same address.
    valid: Recent<bool>,
}

/// Time without use after which a valid credential is forgotten.
const VALID_FOR: Duration = Duration::from_secs(24 * 60 * 60);

impl Limits {
    /// Creates the limits from their numbers per minute.
    pub fn new(token: u32, anonymous: u32, failures: u32) -> Self {
        Self {
            token: Limit::new("default", token),
            anonymous: Limit::new("default", anonymous),
            failures: Limit::new("failures", failures),
            blocked_until: Recent::default(),
            valid: Recent::new(VALID_FOR),
        }
    }

    /// Returns how long the credentials of an address are not looked up, if at all.
    fn blocked_for(&self, address: Key) -> Option<Duration> {
        let until = self.blocked_until.get(address, |until| *until)?;
        let wait = until.saturating_duration_since(Instant::now());
        (!wait.is_zero()).then_some(wait)
    }

    fn is_valid(&self, credential: Key) -> bool {
        self.valid.get(credential, |valid| *valid) == Some(true)
    }

    /// Notes that a credential was looked up and is valid.
    fn found_valid(&self, credential: Key) {
        self.valid
            .get_or_insert(credential, || true, |valid| *valid = true);
    }

    /// Notes that a credential is invalid. Unknown ones take no room.
    fn found_invalid(&self, credential: Key) {
        self.valid.get(credential, |valid| *valid = false);
    }

    /// Counts an invalid token.
    fn failed(&self, address: Key) {
        let Some(limit) = &self.failures else {
            return;
        };
        let wait = match limit.count(address) {
            Ok(Remaining { left: 0, .. }) => limit.interval(),
            Ok(_) => return,
            Err(wait) => wait,
        };
        let until = Instant::now() + wait;
        self.blocked_until
            .get_or_insert(address, || until, |kept| *kept = until);
    }
}

/// Returns the refusal of a request that can be sent again after some seconds.
fn too_many(wait: u64) -> ApiError {
    let error = ApiError::with(
        Code::RateLimited,
        format!("{wait}초 뒤에 다시 요청해 주십시오."),
        format!("Try again in {wait} s."),
    );
    error.retry_after(wait)
}

/// Counts the tokens that people type into a page, which no header shows.
impl Edge {
    /// # Errors
    /// `rate_limited` while tokens from the address are not looked up.
    pub fn admit_typed_token(&self, client: IpAddr) -> Result<(), ApiError> {
        let blocked = self.limits.blocked_for(client_key(client));
        blocked.map_or(Ok(()), |wait| Err(too_many(seconds(wait))))
    }

    pub fn note_invalid_token(&self, client: IpAddr) {
        self.limits.failed(client_key(client));
    }
}

/// A request that is being counted.
#[derive(Default)]
pub struct CountedRequest {
    remaining: Option<Remaining>,
    refused: Option<ApiError>,
    shown: Option<Shown>,
}

/// A credential that a request shows.
struct Shown {
    edge: web::Data<Edge>,
    address: Key,
    credential: Key,
    /// The status that reveals an invalid credential.
    refusal: StatusCode,
}

impl CountedRequest {
    /// Counts a request, perhaps one with the secret of a session, and checks it against the limits.
    pub fn of(req: &ServiceRequest, client: IpAddr, session: Option<&str>) -> Self {
        let edge = req.app_data::<web::Data<Edge>>();
        let Some(edge) = edge.filter(|_| is_counted(req.path())) else {
            return Self::default();
        };
        let address = client_key(client);
        let limits = &edge.limits;
        let mut counted = Self::default();
        let header = req.headers().get(AUTHORIZATION);
        let shown = if is_address(req.path()) {
            // The address is the key; an invalid one leads to no record.
            Some((req.path().as_bytes(), StatusCode::NOT_FOUND))
        } else {
            // Beside a session, a header grants nothing.
            let header = header.map(HeaderValue::as_bytes);
            let shown = session.map(str::as_bytes).or(header);
            shown.map(|shown| (shown, StatusCode::UNAUTHORIZED))
        };
        let (limit, key) = match shown {
            Some((shown, _)) => (&limits.token, digest(shown)),
            None => (&limits.anonymous, address),
        };
        if let Some((_, refusal)) = shown {
            if let Some((wait, failures)) =
                limits.blocked_for(address).zip(limits.failures.as_ref())
                && !limits.is_valid(key)
            {
                counted.refuse(failures.remaining(0, wait));
                return counted;
            }
            counted.shown = Some(Shown {
                edge: edge.clone(),
                address,
                credential: key,
                refusal,
            });
        }
        if let Some(limit) = limit {
            match limit.count(key) {
                Ok(remaining) => counted.remaining = Some(remaining),
                Err(wait) => counted.refuse(limit.remaining(0, wait)),
            }
        }
        counted
    }

    fn refuse(&mut self, remaining: Remaining) {
        self.refused = Some(too_many(remaining.more_in));
        self.remaining = Some(remaining);
    }

    /// Takes the error if the request exceeds a limit.
    pub fn refused(&mut self) -> Option<ApiError> {
        self.refused.take()
    }

    /// Adds the remaining requests to the headers of the answer, and counts invalid credentials.
    /// `is_valid` tells that the credential was looked up and found.
    pub fn end(self, response: &mut ServiceResponse, is_valid: bool) {
        if let Some(shown) = &self.shown {
            let limits = &shown.edge.limits;
            if is_valid {
                limits.found_valid(shown.credential);
            } else if response.status() == shown.refusal {
                limits.found_invalid(shown.credential);
                limits.failed(shown.address);
            }
        }
        let Some(remaining) = self.remaining else {
            return;
        };
        let Remaining {
            name,
            per_minute,
            left,
            more_in,
        } = remaining;
        let headers = response.headers_mut();
        for (header, value) in [
            (POLICY, format!("\"{name}\";q={per_minute};w=60")),
            (REMAINING, format!("\"{name}\";r={left};t={more_in}")),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(header, value);
            }
        }
    }
}

/// Returns true if requests for a path are counted. Monitoring must not be limited, and the
/// documentation only consists of files.
fn is_counted(path: &str) -> bool {
    let free = ["/healthz", "/readyz", "/metrics", "/docs"];
    !free.contains(&path) && !path.starts_with("/docs/")
}

/// Returns the key of a token, independent of the spelling of the scheme in the header.
fn digest(shown: &[u8]) -> Key {
    let token = shown.iter().position(|b| *b == b' ');
    let token = token.map_or(shown, |at| &shown[at..]).trim_ascii();
    let digest = Sha256::digest(token);
    let half = digest.iter().take(16);
    half.fold(0, |key, byte| key << 8 | Key::from(*byte))
}
