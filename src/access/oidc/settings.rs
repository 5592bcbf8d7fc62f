//! The settings of a single sign-on.

use std::path::PathBuf;

use clap::Args;

/// Settings of a city's single sign-on: all of them or none.
#[derive(Clone, Debug, Default, Args)]
pub struct OidcSettings {
    /// Issuer whose JWTs are accepted besides the registry's tokens (their `iss`)
    #[arg(long, env = "MOU_OIDC_ISSUER", value_name = "URL")]
    pub oidc_issuer: Option<String>,
    /// Required audience of the JWTs (their `aud`)
    #[arg(long, env = "MOU_OIDC_AUDIENCE", value_name = "NAME")]
    pub oidc_audience: Option<String>,
    /// Public keys of the issuer (JWKS): an https URL, fetched every five minutes and for an
    /// unknown key, or a file, reloaded when it changes
    #[arg(
        long,
        env = "MOU_OIDC_JWKS",
        hide_env_values = true,
        value_name = "URL|PATH"
    )]
    pub oidc_jwks: Option<String>,
    /// Mapping from claim values to roles: a JSON file, read at start
    #[arg(long, env = "MOU_OIDC_MAPPING", value_name = "PATH")]
    pub oidc_mapping: Option<PathBuf>,
}
