//! The URL of a PostgreSQL database, as libpq takes it.

/// Parameters that are added unless the URL has them: how soon a connection is given up when the
/// network is silent. Times are in seconds, of `tcp_user_timeout` in milliseconds.
const DEFAULTS: &[(&str, &str)] = &[
    ("connect_timeout", "3"),
    ("keepalives_idle", "10"),
    ("keepalives_interval", "3"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "10000"),
    ("fallback_application_name", "mou-registry"),
];

/// Parameter of our own: `transaction` if a pooler gives each transaction another connection.
const POOLER: &str = "pooler";

/// A URL split into what libpq reads and what this program reads.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PostgresUrl {
    pub libpq: String,
    /// Whether statements must be unnamed, since the next transaction may run elsewhere.
    pub is_pooled: bool,
}

impl PostgresUrl {
    /// # Errors
    /// Fails if the value of `pooler` is neither `transaction` nor `session`.
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let mut parameters: Vec<(&str, &str)> = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .collect();
        let pooler = parameters.iter().find(|(name, _)| *name == POOLER);
        let is_pooled = match pooler.map(|(_, value)| *value) {
            None | Some("session") => false,
            Some("transaction") => true,
            Some(other) => {
                return Err(format!("pooler is session or transaction, not {other}"));
            }
        };
        parameters.retain(|(name, _)| *name != POOLER);
        for default in DEFAULTS {
            if parameters.iter().all(|(name, _)| *name != default.0) {
                parameters.push(*default);
            }
        }
        let query: Vec<String> = parameters.iter().map(|(n, v)| format!("{n}={v}")).collect();
        Ok(Self {
            libpq: format!("{base}?{}", query.join("&")),
            is_pooled,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_added_unless_the_url_has_them() {
        let url = "postgres://mou@a:5432,b:5433/mou?target_session_attrs=read-write&connect_timeout=7&pooler=transaction";
        let parsed = PostgresUrl::parse(url).unwrap();
        let expected = "postgres://mou@a:5432,b:5433/mou?target_session_attrs=read-write&connect_timeout=7\
            &keepalives_idle=10&keepalives_interval=3&keepalives_count=3&tcp_user_timeout=10000\
            &fallback_application_name=mou-registry";
        assert_eq!(parsed.libpq, expected);
        assert!(parsed.is_pooled);
        let plain = PostgresUrl::parse("postgres://localhost/mou").unwrap();
        assert!(
            plain
                .libpq
                .starts_with("postgres://localhost/mou?connect_timeout=3&")
        );
        assert!(!plain.is_pooled);
        assert!(PostgresUrl::parse("postgres://localhost/mou?pooler=statement").is_err());
    }
}
