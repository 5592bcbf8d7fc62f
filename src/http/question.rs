//! What determines an answer that depends on the log of changes alone.
//!
//! Everything recorded is in the log: an answer stays the same while the end of the log, the day, the
//! caller and the request do.

use std::fmt::Debug;

use actix_web::HttpRequest;

use crate::db::ReadClass;
use crate::kernel::language::Language;
use crate::ledger::RequestContext;

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

    /// Adds what the response depends on besides the URL, such as a language.
    pub fn depends_on(&mut self, more: &str) {
        self.0.push(' ');
        self.0.push_str(more);
    }

    /// Returns the cache key of the answer for a log that ends with the hash `head`.
    pub fn question(&self, class: ReadClass, head: &str, cx: &RequestContext) -> Question {
        // Another version of the program may render the same record differently.
        let version = env!("CARGO_PKG_VERSION");
        let caller: &dyn Debug = match class {
            // Depends on the caller only by the records that the caller sees.
            ReadClass::Figures => &cx.caller.sees(),
            ReadClass::Cheap | ReadClass::Past => &cx.caller.sees_as(),
        };
        let of: &dyn Debug = &(version, head, cx.today, cx.zone, caller, &self.0);
        Question(xxhash_rust::xxh3::xxh3_128(format!("{of:?}").as_bytes()))
    }
}

/// Digest of everything that determines a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question(u128);

#[cfg(test)]
impl Question {
    pub fn numbered(n: u128) -> Self {
        Self(n)
    }
}
