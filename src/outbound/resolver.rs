//! Name resolution that drops addresses to which no request may go.

use std::fmt;
use std::sync::Arc;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::rules::Rules;

/// None of the addresses of a name is allowed.
#[derive(Debug)]
pub struct Forbidden;

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("none of the addresses may be reached")
    }
}

impl std::error::Error for Forbidden {}

/// Resolves names and drops the addresses that are not allowed.
#[derive(Debug)]
pub struct CheckedResolver {
    pub rules: Arc<Rules>,
    pub names: DefaultResolver,
}

impl Resolver for CheckedResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.names.resolve(uri, config, timeout);
        let found = found.map_err(|error| match error {
            // The system's error for an unknown name.
            ureq::Error::Io(_) => ureq::Error::HostNotFound,
            other => other,
        })?;
        let mut left = self.empty();
        for address in found.iter().filter(|a| self.rules.allows(a.ip())) {
            left.push(*address);
        }
        if left.is_empty() {
            return Err(ureq::Error::Other(Box::new(Forbidden)));
        }
        Ok(left)
    }
}
