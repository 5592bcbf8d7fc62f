//! The key of a kept answer.
//!
//! Every change of a record is in the log: an answer about records stays the same while the end of the
//! log, the day, the caller and the request do.

use std::fmt::Debug;

use actix_web::HttpRequest;
use sha2::{Digest as _, Sha256};

use crate::db::ReadClass;
use crate::kernel::hex;
use crate::kernel::language::Language;
use crate::ledger::RequestContext;
use crate::ledger::chain::Place;

/// The target of a request: its path and query, and the language of the response.
#[derive(Clone, Debug)]
pub struct Target(String);

impl Target {
    pub fn of(req: &HttpRequest) -> Self {
        Self(format!("{} {}", req.uri(), Language::of(req).tag()))
    }

    /// Returns the query of the URL.
    pub fn query(&self) -> &str {
        let url = self.0.split(' ').next().unwrap_or_default();
        url.split_once('?').map_or("", |(_, query)| query)
    }

    /// Adds what the response depends on besides the URL, such as a format.
    pub fn depends_on(&mut self, more: &str) {
        self.0.push(' ');
        self.0.push_str(more);
    }

    /// Returns the cache key of the answer at a place in the log.
    pub fn question(&self, class: ReadClass, place: &Place, cx: &RequestContext) -> Question {
        let caller: &dyn Debug = match class {
            // Depends on the caller only by the records that the caller sees.
            ReadClass::Figures => &cx.caller.sees(),
            ReadClass::Cheap | ReadClass::Past => &cx.caller.sees_as(),
        };
        Question::about(&(place, cx.today, caller, &self.0))
    }
}

/// Digest of everything that determines a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question([u8; 32]);

impl Question {
    /// Returns an entity tag for a response that is not yet made.
    pub fn tag(&self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        format!("\"{}-{version}\"", hex(&self.0[..8]))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn about(of: &dyn Debug) -> Self {
        // Rights rest on the key, and clients choose a part of it: nobody must be able to make two alike.
        Self(Sha256::digest(format!("{of:?}")).into())
    }

    /// Returns the key of a view of rows: of everything that determines how a row is shown, beside the
    /// row and what it depends on.
    pub fn view(of: &dyn Debug, language: Language, cx: &RequestContext) -> Self {
        Self::about(&("view", of, language.tag(), cx.today, cx.caller.sees()))
    }
}

#[cfg(test)]
impl Question {
    pub fn numbered(n: u128) -> Self {
        let mut key = [0; 32];
        key[..16].copy_from_slice(&n.to_le_bytes());
        Self(key)
    }
}
