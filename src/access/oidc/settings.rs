//! The settings of a single sign-on.

use std::path::PathBuf;

use clap::Args;

/// Settings of a city's single sign-on: the first four of them or none. With a client id, people
/// sign in by it as well.
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
    /// Client id of the registry at the issuer, by which people sign in to the pages at /office;
    /// needs --public-url
    #[arg(long, env = "MOU_OIDC_CLIENT_ID", value_name = "ID")]
    pub oidc_client_id: Option<String>,
    /// File with the secret of that client; none for a public client
    #[arg(long, env = "MOU_OIDC_CLIENT_SECRET_FILE", value_name = "PATH")]
    pub oidc_client_secret_file: Option<PathBuf>,
    /// Scopes that the client asks for, separated by spaces; `openid profile` by default
    #[arg(long, env = "MOU_OIDC_SCOPES", value_name = "SCOPES")]
    pub oidc_scopes: Option<String>,
    /// Where the issuer signs people in; by default as its discovery document says
    #[arg(long, env = "MOU_OIDC_AUTHORIZATION_URL", value_name = "URL")]
    pub oidc_authorization_url: Option<String>,
    /// Where the issuer exchanges codes; by default as its discovery document says
    #[arg(long, env = "MOU_OIDC_TOKEN_URL", value_name = "URL")]
    pub oidc_token_url: Option<String>,
}
