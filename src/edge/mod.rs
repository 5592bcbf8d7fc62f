//! The edge between callers and handlers: rate limits, cross-origin access, content codings, addresses in
//! one form, and the headers of every answer.

mod address;
mod coding;
pub mod connections;
pub mod cookies;
mod cors;
mod headers;
mod limits;
mod store;
mod target;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpRequest, web};
use clap::{Args, ValueEnum};
use ipnet::IpNet;

pub use address::client_key;
pub use coding::{AS_IT_IS, KnownTags, NoneAcceptable, content_coding, negotiated};
pub use cors::cross_origin;
pub use headers::{OwnPolicy, security_headers};
pub use limits::CountedRequest;
pub use target::{check_host, set_uri, with_path};

use crate::kernel::network::network;
use address::Proxies;
use cors::Origins;
use limits::Limits;

/// Settings of the edge.
#[derive(Clone, Debug, Args)]
pub struct EdgeSettings {
    /// Requests per minute that each token may send; 0 sets no limit
    #[arg(
        long,
        env = "MOU_RATE_LIMIT_TOKEN",
        default_value_t = 6000,
        value_name = "N"
    )]
    pub rate_limit_token: u32,
    /// Requests per minute that each address may send without a token; 0 sets no limit
    #[arg(
        long,
        env = "MOU_RATE_LIMIT_ANONYMOUS",
        default_value_t = 600,
        value_name = "N"
    )]
    pub rate_limit_anonymous: u32,
    /// Invalid tokens per minute that each address may send before its tokens are no longer looked
    /// up; 0 sets no limit
    #[arg(
        long,
        env = "MOU_RATE_LIMIT_FAILURES",
        default_value_t = 20,
        value_name = "N"
    )]
    pub rate_limit_failures: u32,
    /// Address or network of a trusted proxy, such as 10.0.0.5 or 10.0.0.0/8, whose X-Forwarded-For
    /// names the client; can be repeated. `Forwarded` is not read
    #[arg(
        long = "trusted-proxy",
        env = "MOU_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_name = "ADDRESS",
        value_parser = network
    )]
    pub trusted_proxies: Vec<IpNet>,
    /// Origin whose pages may also write, such as https://city.example; can be repeated
    #[arg(
        long = "cors-origin",
        env = "MOU_CORS_ORIGINS",
        value_delimiter = ',',
        value_name = "ORIGIN",
        value_parser = cors::origin
    )]
    pub cors_origins: Vec<String>,
    /// Origins whose pages may read: `all`, or only the `listed` ones
    #[arg(
        long,
        env = "MOU_CORS_READS",
        default_value = "all",
        value_name = "WHOSE"
    )]
    pub cors_reads: CorsReads,
    /// Seconds for which browsers must use HTTPS (HSTS), for use behind a proxy with HTTPS; 0 sends
    /// no such header
    #[arg(long, env = "MOU_HSTS", default_value_t = 0, value_name = "SECONDS")]
    pub hsts: u32,
    /// Time limit for the head of a request, in seconds
    #[arg(long, env = "MOU_HEADER_TIMEOUT", default_value_t = 10, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub header_timeout: u16,
    /// Time limit for the body of a request, in seconds
    #[arg(long, env = "MOU_BODY_TIMEOUT", default_value_t = 30, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub body_timeout: u16,
    /// Time for which a connection is kept for the next request, in seconds
    #[arg(long, env = "MOU_KEEP_ALIVE", default_value_t = 5, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub keep_alive: u16,
    /// Maximum number of connections per worker; more wait to be accepted
    #[arg(long, env = "MOU_MAX_CONNECTIONS", default_value_t = 10_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_connections: u32,
}

/// Origins whose pages may read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CorsReads {
    /// Every origin.
    #[default]
    All,
    /// The origins that may also write.
    Listed,
}

/// The configured edge, shared by the workers.
#[derive(Debug)]
pub struct Edge {
    limits: Limits,
    proxies: Proxies,
    origins: Origins,
    hsts: Option<String>,
    /// Time limit for the body of a request.
    pub body_timeout: Duration,
}

impl Edge {
    /// Creates the edge from its settings.
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

/// Returns the address of the client.
pub fn client(req: &HttpRequest) -> IpAddr {
    let lines = req.headers().get_all("x-forwarded-for");
    // An unreadable line must not turn another one into the last.
    let forwarded: Vec<&str> = lines.map(|l| l.to_str().unwrap_or_default()).collect();
    let edge = req.app_data::<web::Data<Edge>>();
    let trusted = edge.map_or(&NO_PROXIES, |edge| &edge.proxies);
    trusted.client(req.peer_addr(), &forwarded)
}

static NO_PROXIES: Proxies = Proxies(Vec::new());
