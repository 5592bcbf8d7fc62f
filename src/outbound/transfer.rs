//! Requests that carry files, to a server that the operator names: its address is not restricted. A
//! server that is silent is given up after a while, however large the file is.

use std::fs::File;
use std::io::Read;
use std::time::Duration;

use ureq::Agent;
use ureq::http::{Method, Request, Response};
use ureq::{AsSendBody, Body};

use super::{Failure, config, failure};

/// Time limit of a request that carries a file.
const LONGEST: Duration = Duration::from_secs(600);

/// A request that carries a file, or asks for one.
pub struct Exchange<'a> {
    pub method: Method,
    pub url: &'a str,
    pub headers: &'a [(&'static str, String)],
    /// The body, from its position on.
    pub file: Option<&'a File>,
    /// Time without any progress after which the server counts as silent.
    pub patience: Duration,
    /// Whether the patience is for the whole exchange, with its answer.
    pub is_short: bool,
}

/// An answer, with any status.
pub struct Reply(Response<Body>);

impl Reply {
    pub fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    /// Returns a header; `None` if it is missing or no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.headers().get(name)?.to_str().ok()
    }

    /// Returns the body, to be read within the time of the exchange.
    pub fn into_reader(self) -> impl Read {
        self.0.into_body().into_reader()
    }
}

/// A client for exchanges, cheap to clone.
#[derive(Clone)]
pub struct Transfer(Agent);

impl Default for Transfer {
    fn default() -> Self {
        Self(Agent::new_with_config(config(LONGEST)))
    }
}

impl Transfer {
    /// Sends a request, and returns the answer once it begins. Blocks.
    ///
    /// # Errors
    /// Returns the reason why there was no answer.
    pub fn send(&self, exchange: &Exchange<'_>) -> Result<Reply, Failure> {
        let request = Request::builder()
            .method(exchange.method.clone())
            .uri(exchange.url);
        let request = exchange
            .headers
            .iter()
            .fold(request, |request, (name, value)| {
                request.header(*name, value)
            });
        let answered = match exchange.file {
            Some(file) => self.run(exchange, request.body(file)),
            None => self.run(exchange, request.body(())),
        };
        answered.map(Reply).map_err(|error| failure(&error))
    }

    fn run<B: AsSendBody>(
        &self,
        exchange: &Exchange<'_>,
        request: Result<Request<B>, ureq::http::Error>,
    ) -> Result<Response<Body>, ureq::Error> {
        let patience = Some(exchange.patience);
        let whole = match exchange.is_short {
            true => exchange.patience,
            false => LONGEST,
        };
        let request = self.0.configure_request(request?);
        let request = request
            .timeout_global(Some(whole))
            .timeout_resolve(patience)
            .timeout_connect(patience)
            .timeout_per_read(patience)
            .timeout_per_write(patience)
            .timeout_recv_response(patience);
        self.0.run(request.build())
    }
}
