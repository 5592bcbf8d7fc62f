//! The application: its state, its clock, and the one function that puts it together for the
//! server and for the tests.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, Error, web};
use chrono::{DateTime, NaiveDate, NaiveDateTime, SubsecRound, Utc};
use chrono_tz::Tz;
use metrics_exporter_prometheus::PrometheusHandle;
use uuid::Uuid;

use crate::access::{Caller, oidc::Oidc};
use crate::audit::Pasts;
use crate::audit::feed::Feed;
use crate::audit::personal::Shown;
use crate::db::Db;
use crate::edge::{self, Edge};
use crate::http::Tags;
use crate::http::middleware;
use crate::outbound::Outbound;

/// Tells the time.
#[derive(Clone, Debug)]
pub struct Clock {
    zone: Tz,
    fixed: Option<DateTime<Utc>>,
}

impl Clock {
    /// The system's clock, with the days of `zone`.
    pub fn system(zone: Tz) -> Self {
        Self { zone, fixed: None }
    }

    /// A clock that stands still, for tests and examples.
    pub fn fixed(zone: Tz, instant: DateTime<Utc>) -> Self {
        Self {
            zone,
            fixed: Some(instant),
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.fixed.unwrap_or_else(Utc::now)
    }
}

/// Where new ids come from.
#[derive(Clone, Debug)]
pub enum NewIds {
    /// UUIDv7 of the moment.
    Random,
    /// The same sequence every time, for the demonstration record.
    Sequence(Arc<std::sync::atomic::AtomicU64>),
}

/// What a piece of work knows of the moment in which it runs.
#[derive(Clone, Debug)]
pub struct Cx {
    /// The instant, in UTC, to the microsecond.
    pub now: NaiveDateTime,
    /// The day in the registry's time zone.
    pub today: NaiveDate,
    /// The registry's time zone, which tells the day of an instant.
    pub zone: Tz,
    ids: NewIds,
    /// Who asks for it.
    pub caller: Arc<Caller>,
    /// The operation that asks for it.
    pub operation: &'static str,
    /// Whose personal data it shows.
    pub shown: Shown,
    /// The last change that it has logged; 0 where there is none.
    pub logged: Arc<AtomicI64>,
    /// The id of the request; empty for what the program does by itself.
    pub request_id: Arc<str>,
}

impl Cx {
    /// The moment, for what the program does by itself.
    pub fn new(clock: &Clock, ids: NewIds) -> Self {
        let now = clock.now();
        let today = now.with_timezone(&clock.zone).date_naive();
        Self {
            now: now.naive_utc().trunc_subsecs(6),
            today,
            zone: clock.zone,
            ids,
            caller: Arc::new(Caller::program()),
            operation: "program",
            request_id: "".into(),
            shown: Shown::default(),
            logged: Arc::default(),
        }
    }

    /// The same moment, for what somebody asks for.
    pub fn by(self, caller: Caller, operation: &'static str, request_id: Arc<str>) -> Self {
        Self {
            caller: Arc::new(caller),
            operation,
            request_id,
            ..self
        }
    }

    /// The same, as if it were another day.
    pub fn on(&self, today: NaiveDate) -> Self {
        Self {
            today,
            ..self.clone()
        }
    }

    /// An id for a new record.
    pub fn id(&self) -> Uuid {
        match &self.ids {
            NewIds::Random => Uuid::now_v7(),
            NewIds::Sequence(next) => {
                let n = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                // 2021-04-16T00:00:00Z, the day of the agreement that started the registry.
                uuid::Builder::from_unix_timestamp_millis(1_618_531_200_000, &counter_bytes(n))
                    .into_uuid()
            }
        }
    }
}

fn counter_bytes(n: u64) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&n.to_be_bytes());
    bytes
}

/// What every handler needs; it takes it as a [`crate::access::Session`].
#[derive(Clone)]
pub struct State {
    pub db: Db,
    pub clock: Clock,
    /// What tells streams of changes.
    pub feed: Feed,
    pub metrics: Option<PrometheusHandle>,
    /// The largest body that is read, in bytes.
    pub max_body: usize,
    /// Whether callers without a token are served what is public.
    pub anonymous_served: bool,
    /// The pasts that were asked for lately.
    pub pasts: Pasts,
    /// The tags of what was sent lately.
    pub tags: Tags,
    /// The single sign-on, where there is one.
    pub oidc: Option<Arc<Oidc>>,
    /// What stands between callers and handlers.
    pub edge: Arc<Edge>,
    /// What sends requests.
    pub outbound: Outbound,
}

/// Puts the application together.
pub fn build_app(
    state: State,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    App::new()
        .app_data(web::PayloadConfig::new(state.max_body))
        .app_data(web::Data::new(state))
        .configure(crate::api::configure)
        .wrap(from_fn(middleware::around))
        .wrap(from_fn(edge::cross_origin))
        .wrap(from_fn(edge::guard))
        .wrap(Compress::default())
}
