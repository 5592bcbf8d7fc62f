//! Requests sent by the registry itself. They only go to public internet addresses, unless the
//! operator allows others, and are limited in time and size.
//!
//! A name is resolved once per request, its addresses are checked, and the connection goes to a
//! checked address. A later change of the name's addresses has no effect.

mod resolver;
mod rules;
mod transfer;

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use clap::Args;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use ureq::Agent;
use ureq::config::Config;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::DefaultConnector;
use url::Url;
use utoipa::ToSchema;

use self::resolver::{CheckedResolver, Forbidden};
use self::rules::Rules;
pub use self::rules::UrlRefusal;
pub use self::transfer::{Exchange, Reply, Transfer};
use crate::kernel::error::ApiError;
use crate::kernel::network::network;

/// Time limit of a request, from name resolution to the end of the answer.
pub const TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum length of an answer's body that is read, in bytes.
const MAX_BODY: u64 = 64 * 1024;

/// Settings of outgoing requests.
#[derive(Clone, Debug, Default, Args)]
pub struct OutboundSettings {
    /// Network that webhooks may reach although it is not public, such as 10.0.0.0/8; can be
    /// repeated
    #[arg(
        long = "webhook-allow",
        env = "MOU_WEBHOOK_ALLOW",
        value_delimiter = ',',
        value_name = "NETWORK",
        value_parser = network
    )]
    pub webhook_allow: Vec<IpNet>,
    /// Whether webhooks may use plain HTTP
    #[arg(long, env = "MOU_WEBHOOK_HTTP", default_value_t = false)]
    pub webhook_http: bool,
}

/// The reason why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// Requests to this URL are not allowed.
    ForbiddenUrl,
    /// The name has no address.
    Unresolved,
    /// None of the name's addresses is allowed.
    ForbiddenAddress,
    /// The time limit was exceeded.
    Timeout,
    /// No secure connection, or an untrusted certificate.
    Tls,
    /// No connection, or it broke off.
    Connection,
    /// The answer was not valid HTTP.
    Protocol,
}

/// An answer, with any status.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Beginning of the body.
    pub body: Vec<u8>,
}

/// A request to send.
#[derive(Clone, Debug)]
pub struct Post {
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

/// A client for outgoing requests, cheap to clone.
#[derive(Clone)]
pub struct Outbound {
    rules: Arc<Rules>,
    agent: Agent,
}

/// Returns the configuration of every request: system certificates, no proxy from the environment,
/// and a time limit.
fn config(timeout: Duration) -> Config {
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let config = Config::builder()
        .user_agent(concat!("mou-registry/", env!("CARGO_PKG_VERSION")))
        .http_status_as_error(false)
        // Treat a redirect like any other answer.
        .max_redirects(0)
        .max_redirects_will_error(false)
        // A proxy from the environment would resolve names again.
        .proxy(None)
        .max_idle_connections(0)
        .timeout_global(Some(timeout))
        .tls_config(tls.build());
    config.build()
}

/// A client for addresses named by the operator, which are not restricted.
pub struct OperatorClient(Agent);

impl Default for OperatorClient {
    fn default() -> Self {
        Self(Agent::new_with_config(config(TIMEOUT)))
    }
}

impl OperatorClient {
    /// Reads the text at a URL.
    ///
    /// # Errors
    /// Fails if the answer is not `200` with a text of at most 1 MiB.
    pub fn get(&self, url: &str) -> anyhow::Result<String> {
        let response = self.0.get(url).call()?;
        if response.status() != 200 {
            bail!("it answers {}", response.status());
        }
        let body = response.into_body().into_with_config();
        Ok(body.limit(1024 * 1024).read_to_string()?)
    }

    /// Reads the bytes at a URL, at most so many, on a thread of its own, off the async workers.
    ///
    /// # Errors
    /// Fails if the answer is not `200`, or is longer.
    pub async fn bytes(self, url: &str, most: u64) -> anyhow::Result<Vec<u8>> {
        let (reply, answer) = oneshot::channel();
        let url = url.to_owned();
        let read = move || {
            let response = self.0.get(&url).call()?;
            if response.status() != 200 {
                bail!("it answers {}", response.status());
            }
            let body = response.into_body().into_with_config();
            Ok(body.limit(most).read_to_vec()?)
        };
        std::thread::Builder::new()
            .name("outbound".into())
            .spawn(move || {
                // The receiver may be gone.
                let _ = reply.send(read());
            })?;
        answer.await?
    }

    /// Sends a text to a URL, and returns the status and the text of the answer.
    ///
    /// # Errors
    /// Fails if there is no answer, or no text of at most 1 MiB.
    pub fn post(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        text: &str,
    ) -> anyhow::Result<(u16, String)> {
        let mut request = self.0.post(url);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let response = request.send(text)?;
        let status = response.status().as_u16();
        let body = response.into_body().into_with_config();
        Ok((status, body.limit(1024 * 1024).read_to_string()?))
    }
}

impl Outbound {
    /// Creates a client from the settings.
    pub fn new(settings: &OutboundSettings, timeout: Duration) -> Self {
        let rules = Arc::new(Rules {
            allowed: settings.webhook_allow.clone(),
            http: settings.webhook_http,
        });
        let resolver = CheckedResolver {
            rules: rules.clone(),
            names: DefaultResolver::default(),
        };
        let connector = DefaultConnector::default();
        Self {
            rules,
            agent: Agent::with_parts(config(timeout), connector, resolver),
        }
    }

    /// Checks a URL, as far as possible without resolving its name.
    ///
    /// # Errors
    /// Returns the reason for refusing the URL.
    pub fn check(&self, url: &Url) -> Result<(), UrlRefusal> {
        self.rules.check(url)
    }

    /// Sends a request on a thread of its own, off the async workers.
    ///
    /// # Errors
    /// Fails with an internal error if no thread can be started.
    pub async fn post(&self, post: Post) -> Result<Result<Answer, Failure>, ApiError> {
        let this = self.clone();
        let (reply, answer) = oneshot::channel();
        std::thread::Builder::new()
            .name("outbound".into())
            .spawn(move || {
                // The receiver may be gone.
                let _ = reply.send(this.send(&post));
            })
            .map_err(ApiError::internal)?;
        Ok(answer.await.unwrap_or_else(|_| {
            tracing::error!("a request of the server's own broke down");
            Err(Failure::Protocol)
        }))
    }

    fn send(&self, post: &Post) -> Result<Answer, Failure> {
        let url = Url::parse(&post.url).map_err(|_| Failure::ForbiddenUrl)?;
        // The settings may have changed since the URL was recorded.
        self.rules.check(&url).map_err(|refusal| match refusal {
            UrlRefusal::ForbiddenAddress => Failure::ForbiddenAddress,
            _ => Failure::ForbiddenUrl,
        })?;
        let mut request = self.agent.post(url.as_str());
        for (name, value) in &post.headers {
            request = request.header(*name, value);
        }
        let response = request.send(&post.body).map_err(|e| failure(&e))?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        // The status determines the outcome; keep what was read of a body that breaks off.
        let _ = response
            .into_body()
            .into_reader()
            .take(MAX_BODY)
            .read_to_end(&mut body);
        Ok(Answer { status, body })
    }
}

fn failure(error: &ureq::Error) -> Failure {
    use ureq::Error as E;
    match error {
        E::Other(inner) if inner.is::<Forbidden>() => Failure::ForbiddenAddress,
        E::Timeout(_) => Failure::Timeout,
        E::HostNotFound => Failure::Unresolved,
        E::Tls(_) | E::Rustls(_) => Failure::Tls,
        E::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => Failure::Timeout,
        // rustls reports certificate errors and malformed data through the connection.
        E::Io(error) if matches!(error.get_ref(), Some(e) if e.is::<rustls::Error>()) => {
            Failure::Tls
        }
        E::Io(_) | E::ConnectionFailed => Failure::Connection,
        E::BadUri(_) => Failure::ForbiddenUrl,
        _ => Failure::Protocol,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbound(allowed: &[&str], http: bool) -> Outbound {
        within(Duration::from_secs(1), allowed, http)
    }

    fn within(limit: Duration, allowed: &[&str], http: bool) -> Outbound {
        let settings = OutboundSettings {
            webhook_allow: allowed.iter().map(|net| network(net).unwrap()).collect(),
            webhook_http: http,
        };
        Outbound::new(&settings, limit)
    }

    fn check(outbound: &Outbound, url: &str) -> Result<(), UrlRefusal> {
        outbound.check(&Url::parse(url).unwrap())
    }

    #[test]
    fn urls_are_checked_however_they_write_an_address() {
        use UrlRefusal::{ForbiddenAddress, Fragment, NotHttps, UserInfo};
        let strict = outbound(&[], false);
        for (url, expected) in [
            ("https://hooks.goyang.example/a?b=c", Ok(())),
            ("https://1.1.1.1/", Ok(())),
            ("http://hooks.goyang.example/", Err(NotHttps)),
            ("ftp://hooks.goyang.example/", Err(NotHttps)),
            ("https://a@hooks.goyang.example/", Err(UserInfo)),
            ("https://:b@hooks.goyang.example/", Err(UserInfo)),
            ("https://hooks.goyang.example/#a", Err(Fragment)),
            ("https://127.0.0.1/", Err(ForbiddenAddress)),
            ("https://0x7f.1/", Err(ForbiddenAddress)),
            ("https://2130706433/", Err(ForbiddenAddress)),
            ("https://0177.0.0.1/", Err(ForbiddenAddress)),
            ("https://127.1/", Err(ForbiddenAddress)),
            ("https://１２７.0.0.1/", Err(ForbiddenAddress)),
            ("https://[::1]/", Err(ForbiddenAddress)),
            ("https://[::ffff:127.0.0.1]/", Err(ForbiddenAddress)),
            ("https://[::ffff:7f00:1]/", Err(ForbiddenAddress)),
            ("https://169.254.169.254/latest", Err(ForbiddenAddress)),
        ] {
            assert_eq!(check(&strict, url), expected, "{url}");
        }
        let lax = outbound(&["127.0.0.0/8"], true);
        for url in ["http://127.0.0.1:8080/", "https://[::ffff:127.0.0.1]/"] {
            assert_eq!(check(&lax, url), Ok(()), "{url}");
        }
    }

    fn send(outbound: &Outbound, url: &str) -> Result<Answer, Failure> {
        outbound.send(&Post {
            url: url.into(),
            headers: Vec::new(),
            body: String::new(),
        })
    }

    #[test]
    fn a_name_is_held_to_its_addresses() {
        // A server that records connections.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = format!("http://localhost:{port}/");
        let closed = outbound(&[], true);
        assert_eq!(check(&closed, &url), Ok(()));
        assert_eq!(send(&closed, &url).unwrap_err(), Failure::ForbiddenAddress);
        assert!(listener.accept().is_err(), "nobody came");
        let open = outbound(&["127.0.0.0/8"], true);
        assert_eq!(send(&open, &url).unwrap_err(), Failure::Timeout);
        assert!(listener.accept().is_ok());
        // A resolver that cannot reach its servers takes a while.
        let patient = within(Duration::from_secs(60), &["127.0.0.0/8"], true);
        let unknown = "http://nowhere.invalid/";
        assert_eq!(send(&patient, unknown).unwrap_err(), Failure::Unresolved);
        let secret = format!("https://localhost:{port}/");
        assert_eq!(
            send(&closed, &secret).unwrap_err(),
            Failure::ForbiddenAddress
        );
        assert_eq!(send(&open, &secret).unwrap_err(), Failure::Timeout);
        // A server that does not speak TLS.
        listener.set_nonblocking(false).unwrap();
        let serving = std::thread::Builder::new().spawn(move || {
            use std::io::Write;
            for stream in listener.incoming().take(4).flatten() {
                let mut stream = stream;
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            }
        });
        serving.unwrap();
        assert_eq!(send(&patient, &secret).unwrap_err(), Failure::Tls);
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", closed.local_addr().unwrap());
        drop(closed);
        assert_eq!(send(&patient, &url).unwrap_err(), Failure::Connection);
    }
}
