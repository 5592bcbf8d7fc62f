//! What stands between callers and handlers: how much each may ask, which pages of other origins
//! may, and the headers that every answer carries.

mod address;
mod cors;
mod headers;
mod limits;
pub mod lines;
mod store;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpRequest, web};
use clap::{Args, ValueEnum};
use ipnet::IpNet;

pub use address::network;
pub use cors::cross_origin;
pub use headers::{OwnPolicy, guard};
pub use limits::Visit;

use crate::app::State;
use address::Proxies;
use cors::Origins;
use limits::Limits;

/// The settings of the edge.
#[derive(Clone, Debug, Args)]
pub struct EdgeSettings {
    /// How many requests a minute each token may send; 0 sets no limit
    #[arg(
        long,
        env = "MOU_RATE_LIMIT_TOKEN",
        default_value_t = 6000,
        value_name = "N"
    )]
    pub rate_limit_token: u32,
    /// How many requests a minute each address may send without a token; 0 sets no limit
    #[arg(
        long,
        env = "MOU_RATE_LIMIT_ANONYMOUS",
        default_value_t = 600,
        value_name = "N"
    )]
    pub rate_limit_anonymous: u32,
    /// How many tokens that are not valid each address may show in a minute, until those that it
    /// shows are no longer looked up; 0 sets no limit
    #[arg(
        long,
        env = "MOU_RATE_LIMIT_FAILURES",
        default_value_t = 20,
        value_name = "N"
    )]
    pub rate_limit_failures: u32,
    /// A proxy, as 10.0.0.5 or 10.0.0.0/8, that is believed in X-Forwarded-For whose request it
    /// passes on; may stand several times. `Forwarded` is not read
    #[arg(
        long = "trusted-proxy",
        env = "MOU_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_name = "ADDRESS",
        value_parser = address::network
    )]
    pub trusted_proxies: Vec<IpNet>,
    /// An origin, as https://city.example, whose pages may write as well; may stand several times
    #[arg(
        long = "cors-origin",
        env = "MOU_CORS_ORIGINS",
        value_delimiter = ',',
        value_name = "ORIGIN",
        value_parser = cors::origin
    )]
    pub cors_origins: Vec<String>,
    /// Whose pages may read: those of `all` origins, or of the `listed` ones alone
    #[arg(
        long,
        env = "MOU_CORS_READS",
        default_value = "all",
        value_name = "WHOSE"
    )]
    pub cors_reads: CorsReads,
    /// For how many seconds browsers are told to come by HTTPS alone, where a proxy speaks it; 0
    /// tells them nothing
    #[arg(long, env = "MOU_HSTS", default_value_t = 0, value_name = "SECONDS")]
    pub hsts: u32,
    /// How long the head of a request may take, in seconds
    #[arg(long, env = "MOU_HEADER_TIMEOUT", default_value_t = 10, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub header_timeout: u16,
    /// How long the body of a request may take, in seconds
    #[arg(long, env = "MOU_BODY_TIMEOUT", default_value_t = 30, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub body_timeout: u16,
    /// How long a connection is kept for the next request, in seconds
    #[arg(long, env = "MOU_KEEP_ALIVE", default_value_t = 5, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub keep_alive: u16,
    /// How many connections a worker holds at once; more wait to be accepted
    #[arg(long, env = "MOU_MAX_CONNECTIONS", default_value_t = 10_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_connections: u32,
}

/// Whose pages may read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CorsReads {
    /// Those of every origin.
    #[default]
    All,
    /// Those of the origins that may write.
    Listed,
}

/// The edge as requests meet it, shared by the workers.
#[derive(Debug)]
pub struct Edge {
    limits: Limits,
    proxies: Proxies,
    origins: Origins,
    hsts: Option<String>,
    /// How long a body may take.
    pub body_timeout: Duration,
}

impl Edge {
    /// The edge that the settings ask for.
    pub fn new(settings: &EdgeSettings) -> Arc<Self> {
        Arc::new(Self {
            limits: Limits::new(
                settings.rate_limit_token,
                settings.rate_limit_anonymous,
                settings.rate_limit_failures,
            ),
            proxies: Proxies(settings.trusted_proxies.clone()),
            origins: Origins {
                listed: settings.cors_origins.clone(),
                reads: settings.cors_reads,
            },
            hsts: (settings.hsts > 0).then(|| format!("max-age={}", settings.hsts)),
            body_timeout: Duration::from_secs(settings.body_timeout.into()),
        })
    }
}

/// Whose request it is.
pub fn client(req: &HttpRequest) -> IpAddr {
    let lines = req.headers().get_all("x-forwarded-for");
    // A line that cannot be read must not make another one the last.
    let forwarded: Vec<&str> = lines.map(|l| l.to_str().unwrap_or_default()).collect();
    let state = req.app_data::<web::Data<State>>();
    let trusted = state.map_or(&NO_PROXIES, |state| &state.edge.proxies);
    trusted.client(req.peer_addr(), &forwarded)
}

static NO_PROXIES: Proxies = Proxies(Vec::new());
