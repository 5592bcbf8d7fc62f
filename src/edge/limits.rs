//! How many requests a token or an address may send, and how many tokens that are not valid.
//!
//! Counted before the database is asked, by GCRA: a whole minute's requests may come at once, and
//! then as many as the limit gives back. Each server counts for itself.

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

use super::address::counted;
use super::store::{Key, Recent, States};
use crate::app::State;
use crate::calendars;
use crate::error::{ApiError, Code};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STANDING: HeaderName = HeaderName::from_static("ratelimit");

type Governor = RateLimiter<Key, States, MonotonicClock, StateInformationMiddleware>;

/// A number of requests in a minute for each key.
#[derive(Debug)]
struct Limit {
    name: &'static str,
    per_minute: NonZeroU32,
    governor: Governor,
}

/// What is left of a limit.
#[derive(Clone, Copy, Debug)]
struct Standing {
    name: &'static str,
    per_minute: NonZeroU32,
    left: u32,
    /// Seconds until more is left: all of it, or one where nothing is.
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

    /// The time in which one request is given back.
    fn interval(&self) -> Duration {
        Duration::from_secs(60) / self.per_minute.get()
    }

    /// Counts one request; or says for how long there is none left.
    fn count(&self, key: Key) -> Result<Standing, Duration> {
        match self.governor.check_key(&key) {
            Ok(state) => {
                let left = state.remaining_burst_capacity();
                let lacking = self.per_minute.get().saturating_sub(left);
                let wait = self.interval() * if left == 0 { 1 } else { lacking };
                Ok(self.standing(left, wait))
            }
            Err(until) => Err(until.wait_time_from(self.governor.clock().now())),
        }
    }

    fn standing(&self, left: u32, wait: Duration) -> Standing {
        Standing {
            name: self.name,
            per_minute: self.per_minute,
            left,
            more_in: seconds(wait),
        }
    }
}

/// The limits; none of those that are set to 0.
#[derive(Debug)]
pub struct Limits {
    token: Option<Limit>,
    anonymous: Option<Limit>,
    failures: Option<Limit>,
    /// Until when nothing that an address shows is looked up.
    shut: Recent<Instant>,
}

impl Limits {
    /// So many a minute.
    pub fn new(token: u32, anonymous: u32, failures: u32) -> Self {
        Self {
            token: Limit::new("default", token),
            anonymous: Limit::new("default", anonymous),
            failures: Limit::new("failures", failures),
            shut: Recent::default(),
        }
    }

    /// For how long nothing that an address shows is looked up.
    fn shut_for(&self, address: Key) -> Option<Duration> {
        let until = self.shut.seen(address, |until| *until)?;
        let wait = until.saturating_duration_since(Instant::now());
        (!wait.is_zero()).then_some(wait)
    }

    /// Counts a token that was not valid.
    fn failed(&self, address: Key) {
        let Some(limit) = &self.failures else {
            return;
        };
        let wait = match limit.count(address) {
            Ok(Standing { left: 0, .. }) => limit.interval(),
            Ok(_) => return,
            Err(wait) => wait,
        };
        let until = Instant::now() + wait;
        self.shut.with(address, || until, |shut| *shut = until);
    }
}

/// A request that is counted.
#[derive(Default)]
pub struct Visit {
    standing: Option<Standing>,
    refused: Option<ApiError>,
    /// On whose account it goes when what was shown is not valid, and the status that says so.
    failing: Option<(web::Data<State>, Key, StatusCode)>,
}

impl Visit {
    /// Counts a request.
    pub fn of(req: &ServiceRequest, client: IpAddr) -> Self {
        let state = req.app_data::<web::Data<State>>();
        let Some(state) = state.filter(|_| is_counted(req.path())) else {
            return Self::default();
        };
        let address = counted(client);
        let limits = &state.edge.limits;
        let mut visit = Self::default();
        let header = req.headers().get(AUTHORIZATION);
        let shown = if calendars::is_address(req.path()) {
            // The address is the key; where it is none there is no such record.
            Some((req.path().as_bytes(), StatusCode::NOT_FOUND))
        } else {
            header.map(|header| (header.as_bytes(), StatusCode::UNAUTHORIZED))
        };
        let (limit, key) = match shown {
            Some((shown, _)) => (&limits.token, digest(shown)),
            None => (&limits.anonymous, address),
        };
        if let Some((_, refusal)) = shown {
            if let Some((wait, failures)) = limits.shut_for(address).zip(limits.failures.as_ref()) {
                visit.refuse(failures.standing(0, wait));
                return visit;
            }
            visit.failing = Some((state.clone(), address, refusal));
        }
        if let Some(limit) = limit {
            match limit.count(key) {
                Ok(standing) => visit.standing = Some(standing),
                Err(wait) => visit.refuse(limit.standing(0, wait)),
            }
        }
        visit
    }

    fn refuse(&mut self, standing: Standing) {
        let wait = standing.more_in;
        let error = ApiError::with(
            Code::RateLimited,
            format!("{wait}초 뒤에 다시 요청해 주세요."),
            format!("Try again in {wait} s."),
        );
        self.refused = Some(error.retry_after(wait));
        self.standing = Some(standing);
    }

    /// Why the request goes no further, if so.
    pub fn refused(&mut self) -> Option<ApiError> {
        self.refused.take()
    }

    /// Says on an answer what is left, and counts what it refused.
    pub fn end(self, response: &mut ServiceResponse) {
        if let Some((state, address, refusal)) = &self.failing
            && response.status() == *refusal
        {
            state.edge.limits.failed(*address);
        }
        let Some(standing) = self.standing else {
            return;
        };
        let Standing {
            name,
            per_minute,
            left,
            more_in,
        } = standing;
        let headers = response.headers_mut();
        for (header, value) in [
            (POLICY, format!("\"{name}\";q={per_minute};w=60")),
            (STANDING, format!("\"{name}\";r={left};t={more_in}")),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(header, value);
            }
        }
    }
}

/// Whether requests of a path are counted: whoever watches over the server is not kept from it, and
/// the documentation is only files.
fn is_counted(path: &str) -> bool {
    let free = ["/healthz", "/readyz", "/metrics", "/docs"];
    !free.contains(&path) && !path.starts_with("/docs/")
}

/// What a token is counted by, however the header spells the scheme.
fn digest(shown: &[u8]) -> Key {
    let token = shown.iter().position(|b| *b == b' ');
    let token = token.map_or(shown, |at| &shown[at..]).trim_ascii();
    let digest = Sha256::digest(token);
    let half = digest.iter().take(16);
    half.fold(0, |key, byte| key << 8 | Key::from(*byte))
}
