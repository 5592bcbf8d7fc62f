//! The state that every handler shares.

use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;

use super::fragments::Fragments;
use super::kept::Answers;
use super::named::Organizations;
use super::public_url::PublicUrl;
use super::session::History;
use crate::access::oidc::Oidc;
use crate::access::sealing::Sealing;
use crate::db::Db;
use crate::edge::Edge;
use crate::extract::child::Extractor;
use crate::files::Files;
use crate::kernel::clock::Clock;
use crate::ledger::feed::Feed;
use crate::ledger::works::Works;
use crate::outbound::Outbound;

/// What every handler needs; it takes it as a [`crate::http::Session`].
#[derive(Clone)]
pub struct State {
    pub db: Db,
    pub clock: Clock,
    /// Feed of the change streams.
    pub feed: Feed,
    /// Long work that this process does.
    pub works: Works,
    pub metrics: Option<PrometheusHandle>,
    /// Maximum size of a request body, in bytes.
    pub max_body: usize,
    /// Maximum size of an imported file, also when it is unpacked, in bytes.
    pub max_import: u64,
    /// The files that the registry keeps.
    pub files: Files,
    /// Reads the texts of files.
    pub extractor: Extractor,
    /// The URL at which clients reach the server, if it is configured.
    pub public_url: Option<PublicUrl>,
    /// Whether public records are served to callers without a token.
    pub anonymous_served: bool,
    /// Reads the registry as it was recorded at an instant.
    pub history: Arc<dyn History>,
    /// Finds or records the organizations that requests name.
    pub organizations: Arc<dyn Organizations>,
    /// Cache of answers computed over many records.
    pub answers: Answers,
    /// Rows and records as they are sent.
    pub fragments: Fragments,
    /// The single sign-on provider, if configured.
    pub oidc: Option<Arc<Oidc>>,
    /// Limits and checks between callers and handlers.
    pub edge: Arc<Edge>,
    /// Encryption of the secrets of webhooks.
    pub sealing: Sealing,
    /// The client for outgoing requests.
    pub outbound: Outbound,
}
