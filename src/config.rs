//! The settings, from flags and the environment, checked before anything starts.

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono_tz::Tz;
use clap::{Args, Parser, Subcommand};
use uuid::Uuid;

use crate::access::Role;
use crate::db::DatabaseUrl;
use crate::edge::EdgeSettings;
use crate::outbound::OutboundSettings;

/// A registry of agreements: who promised what, by when, and what came of it.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the registry
    Serve {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        settings: Settings,
    },
    /// Serve the built-in record of Goyang City, to try the registry out
    Demo {
        /// Where the demonstration lives: sqlite:PATH or postgres://USER@HOST/DATABASE
        #[arg(
            long,
            env = "DATABASE_URL",
            default_value = "sqlite:mou-registry-demo.db",
            value_name = "URL"
        )]
        database_url: DatabaseUrl,
        #[command(flatten)]
        settings: Settings,
    },
    /// Bring the tables up to date and stop
    Migrate {
        #[command(flatten)]
        data: Data,
    },
    /// Make, list and revoke the tokens that entitle to more than reading what is public
    Token {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Verify the log of changes, write anew what follows from it, or state where it ends
    Audit {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Write the OpenAPI spec to openapi/mou-registry.json
    Openapi {
        /// Write nothing; fail when the file differs from what the program offers
        #[arg(long)]
        check: bool,
        /// The file
        #[arg(long, default_value = "openapi/mou-registry.json", value_name = "PATH")]
        file: PathBuf,
    },
}

/// Which registry it is.
#[derive(Clone, Debug, Args)]
pub struct Data {
    /// Where the data lives: sqlite:PATH or postgres://USER@HOST/DATABASE
    #[arg(
        long,
        global = true,
        env = "DATABASE_URL",
        default_value = "sqlite:mou-registry.db",
        value_name = "URL"
    )]
    pub database_url: DatabaseUrl,
}

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token and print it, this once
    Create {
        /// Whose it is, as the history of changes will name it
        #[arg(long, value_name = "NAME")]
        name: String,
        /// What it entitles to: admin, approver, editor, viewer or partner
        #[arg(long, value_name = "ROLE")]
        role: Role,
        /// The municipality that it works for, by its code, or `all`; may stand several times
        #[arg(long, value_name = "CODE")]
        municipality: Vec<String>,
        /// The organization for which a partner asks, by its id
        #[arg(long, value_name = "ID")]
        organization: Option<Uuid>,
        /// For how long it is valid, as 90d; for good where it is not said
        #[arg(long, value_name = "DAYS", value_parser = days)]
        expires: Option<chrono::Duration>,
    },
    /// List the tokens' entries; the tokens themselves are not kept
    List,
    /// Revoke a token at once and for good
    Revoke {
        /// The id of its entry
        id: Uuid,
    },
}

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Walk the log and hold every record, and all that follows from it, against it; fail at the first that
    /// does not fit
    Verify {
        /// A checkpoint of an earlier day, which a log that was cut or written anew does not fit
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
        /// The key that the checkpoint must be signed with, in hexadecimal digits
        #[arg(long, value_name = "HEX", requires = "checkpoint")]
        public_key: Option<String>,
        /// The time zone that the registry is served with
        #[arg(
            long,
            env = "MOU_TIME_ZONE",
            default_value = "Asia/Seoul",
            value_name = "ZONE"
        )]
        time_zone: Tz,
    },
    /// Write what follows from the records anew where it is not what the log says, while nobody writes
    Derive {
        /// The time zone that the registry is served with
        #[arg(
            long,
            env = "MOU_TIME_ZONE",
            default_value = "Asia/Seoul",
            value_name = "ZONE"
        )]
        time_zone: Tz,
    },
    /// Write a signed statement of where the log ends, to be kept elsewhere
    Checkpoint {
        /// The file to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// The file of the key that signs; it is made where it is not there yet
        #[arg(
            long,
            env = "MOU_AUDIT_KEY",
            default_value = "mou-registry.key",
            value_name = "FILE"
        )]
        key: PathBuf,
    },
}

fn days(text: &str) -> Result<chrono::Duration, String> {
    let count = text.strip_suffix('d').and_then(|n| n.parse::<u16>().ok());
    let count = count.filter(|n| *n > 0);
    count
        .map(|n| chrono::Duration::days(n.into()))
        .ok_or_else(|| "expected a number of days, as 90d".into())
}

/// How the server runs.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one
    #[arg(
        long,
        env = "MOU_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "ADDRESS:PORT"
    )]
    pub listen: SocketAddr,
    /// The time zone whose days count, as in due and in force
    #[arg(
        long,
        env = "MOU_TIME_ZONE",
        default_value = "Asia/Seoul",
        value_name = "ZONE"
    )]
    pub time_zone: Tz,
    /// How many requests are worked on at once: threads of the server
    #[arg(long, env = "MOU_WORKERS", default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub workers: u16,
    /// How many connections to the database are held for reading
    #[arg(long, env = "MOU_CONNECTIONS", default_value_t = 4, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    pub connections: u32,
    /// The largest body that is read, in bytes
    #[arg(long, env = "MOU_MAX_BODY", default_value_t = 2_000_000, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1_000..=100_000_000))]
    pub max_body: u32,
    /// Whether callers without a token are served what is public
    #[arg(long, env = "MOU_ANONYMOUS", default_value_t = true, action = clap::ArgAction::Set, value_name = "BOOL")]
    pub anonymous: bool,
    #[command(flatten)]
    pub oidc: OidcSettings,
    #[command(flatten)]
    pub edge: EdgeSettings,
    #[command(flatten)]
    pub outbound: OutboundSettings,
    /// What is logged: error, warn, info, debug, or a filter as in "info,mou_registry=debug"
    #[arg(long, env = "MOU_LOG", default_value = "info", value_name = "FILTER")]
    pub log: tracing_subscriber::EnvFilter,
    /// Log one JSON object a line
    #[arg(long, env = "MOU_LOG_JSON", default_value_t = false)]
    pub log_json: bool,
}

/// A city's single sign-on: all of it or nothing.
#[derive(Clone, Debug, Default, Args)]
pub struct OidcSettings {
    /// The issuer whose JWTs are accepted beside the registry's own tokens, as their `iss` says it
    #[arg(long, env = "MOU_OIDC_ISSUER", value_name = "URL")]
    pub oidc_issuer: Option<String>,
    /// What the JWTs must be meant for, as their `aud` says it
    #[arg(long, env = "MOU_OIDC_AUDIENCE", value_name = "NAME")]
    pub oidc_audience: Option<String>,
    /// The issuer's public keys (JWKS): an https URL, asked every five minutes and for a key that is
    /// not known, or a file, read anew when it changes
    #[arg(long, env = "MOU_OIDC_JWKS", value_name = "URL|PATH")]
    pub oidc_jwks: Option<String>,
    /// What the values of a claim entitle to: a JSON file, read at start
    #[arg(long, env = "MOU_OIDC_MAPPING", value_name = "PATH")]
    pub oidc_mapping: Option<PathBuf>,
}
