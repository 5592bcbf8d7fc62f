//! Settings from flags and the environment, validated before anything starts.

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::NaiveDate;
use chrono_tz::Tz;
use clap::{Args, Parser, Subcommand};

use crate::access::oidc::OidcSettings;
use crate::access::sealing::SecretKeyFile;
use crate::announcements::feed::schedule::FeedSettings;
use crate::backup::schedule::{AuditKey, BackupSettings};
use crate::db::{DatabaseUrl, PoolSettings};
use crate::edge::EdgeSettings;
use crate::files::{OtherKeys, Place, StoreKeys, StoreSetting};
use crate::http::PublicUrl;
use crate::imports::kind::ImportKind;
use crate::kernel::ids::{OrganizationId, TokenId};
use crate::ledger::Role;
use crate::outbound::OutboundSettings;

/// A registry of agreements: commitments, due dates and results
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
        /// Database of the demonstration: sqlite:PATH or postgres://USER@HOST/DATABASE
        #[arg(
            long,
            env = "DATABASE_URL",
            hide_env_values = true,
            default_value = "sqlite:mou-registry-demo.db",
            value_name = "URL"
        )]
        database_url: DatabaseUrl,
        #[command(flatten)]
        settings: Settings,
    },
    /// Migrate the database tables and exit
    Migrate {
        #[command(flatten)]
        data: Data,
    },
    /// Create, list and revoke tokens, which allow more than reading public records
    Token {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Pass the records of abolished municipalities to their successors
    Municipalities {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        command: MunicipalityCommand,
    },
    /// Take a ledger over from a file: CSV, XLSX, XLS, ODS or a table in HTML
    Import {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        import: ImportArgs,
    },
    /// Write a backup of the registry, while it is served or not
    Backup {
        /// New file, or a directory; .jsonl and .jsonl.gz give JSON Lines, other names a copy of
        /// SQLite's file (PostgreSQL has JSON Lines alone)
        target: PathBuf,
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        files: StoreSetting,
        #[command(flatten)]
        key: AuditKey,
    },
    /// Restore a backup into an empty place, and verify it
    Restore {
        /// Backup of either form
        source: PathBuf,
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        files: StoreSetting,
        /// Restore the records, also if files of theirs are missing in the backup or damaged
        #[arg(long)]
        without_missing_files: bool,
        #[command(flatten)]
        against: Against,
        #[command(flatten)]
        days: Days,
    },
    /// Build a registry in an empty database from an export of a municipality's records
    Load {
        /// File of GET /export, or the same compressed by gzip
        source: PathBuf,
        /// Folder or bucket with the files of its records, such as that of the exported registry or of a
        /// backup
        #[arg(long, value_name = "DIR|URL")]
        files_from: Option<Place>,
        #[command(flatten)]
        files: StoreSetting,
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        days: Days,
    },
    /// Verify the log of changes, rebuild derived tables, or write a checkpoint
    Audit {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Clear, complete or move the folder or bucket of files
    Files {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        command: FilesCommand,
    },
    /// Replace the key that encrypts the secrets of webhooks
    Secrets {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        command: SecretsCommand,
    },
    /// Read the text of the file on the standard input, within bounds: what the program starts to read
    /// the files of others
    #[command(hide = true)]
    ExtractText {
        /// Suffix of the kind of file
        kind: String,
    },
    /// Write the OpenAPI spec to openapi/mou-registry.json
    Openapi {
        /// Write nothing; fail if the file differs from the program's spec
        #[arg(long)]
        check: bool,
        /// Path of the spec file
        #[arg(long, default_value = "openapi/mou-registry.json", value_name = "PATH")]
        file: PathBuf,
    },
}

/// The file to import, and for whom.
#[derive(Clone, Debug, Args)]
pub struct ImportArgs {
    /// The file
    pub file: PathBuf,
    /// Code of the municipality whose records the file holds
    #[arg(long, value_name = "CODE")]
    pub municipality: String,
    /// Kind of the records: agreements, organizations, meetings, milestones or announcements
    #[arg(long, default_value = "agreements", value_name = "KIND")]
    pub kind: ImportKind,
    /// JSON file with the fields of columns: {"C": "parties"}
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// Record the valid rows; without it, only what would become of the file is shown
    #[arg(long)]
    pub apply: bool,
    /// Maximum size of the file when it is unpacked, in bytes
    #[arg(
        long,
        env = "MOU_MAX_IMPORT",
        default_value_t = 50_000_000,
        value_name = "BYTES"
    )]
    pub max_import: u32,
    #[command(flatten)]
    pub days: Days,
}

/// The database to work on.
#[derive(Clone, Debug, Args)]
pub struct Data {
    /// Database: sqlite:PATH or postgres://USER@HOST/DATABASE
    #[arg(
        long,
        global = true,
        env = "DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite:mou-registry.db",
        value_name = "URL"
    )]
    pub database_url: DatabaseUrl,
}

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Create a token and print it; it is not shown again
    Create {
        /// Name of the holder, as shown in the log of changes
        #[arg(long, value_name = "NAME")]
        name: String,
        /// Role: admin, approver, editor, viewer or partner
        #[arg(long, value_name = "ROLE")]
        role: Role,
        /// Code of a municipality that the token is for, or `all`; can be repeated
        #[arg(long, value_name = "CODE")]
        municipality: Vec<String>,
        /// Id of the organization that a partner acts for
        #[arg(long, value_name = "ID")]
        organization: Option<OrganizationId>,
        /// Validity in days, such as 90d; unlimited by default
        #[arg(long, value_name = "DAYS", value_parser = days)]
        expires: Option<chrono::Duration>,
    },
    /// List the tokens; their secrets are not stored
    List,
    /// Renew a token that was suspended by a merge of its organization
    Renew {
        /// Id of the token
        id: TokenId,
    },
    /// Revoke a token immediately and permanently
    Revoke {
        /// Id of the token
        id: TokenId,
    },
}

#[derive(Debug, Subcommand)]
pub enum MunicipalityCommand {
    /// Show what would pass to the successors that the official list names; --apply records it
    Succeed {
        /// Code of the abolished municipality; all recorded ones by default
        #[arg(long, value_name = "CODE")]
        code: Option<String>,
        /// Code of a successor, where the official list does not name it; may be repeated
        #[arg(long, value_name = "CODE", requires_all = ["code", "on"])]
        into: Vec<String>,
        /// First day of the successors, as 2026-07-01
        #[arg(long, value_name = "DATE", requires = "into")]
        on: Option<NaiveDate>,
        /// Record the successions, all in one transaction
        #[arg(long)]
        apply: bool,
        #[command(flatten)]
        days: Days,
    },
    /// Take back a succession that was recorded by mistake, while nothing depends on it
    Retract {
        /// Code of the municipality whose succession is taken back
        #[arg(long, value_name = "CODE")]
        code: String,
        /// Reason, for the log of changes
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Take it back; without this, only whether it can be taken back is checked
        #[arg(long)]
        apply: bool,
        #[command(flatten)]
        days: Days,
    },
}

#[derive(Debug, Subcommand)]
pub enum FilesCommand {
    /// Remove the content of erased files, and what is older than a day and no record ever had
    Sweep {
        #[command(flatten)]
        files: StoreSetting,
    },
    /// Take files that are missing or damaged from another folder or bucket, such as that of backups
    Take {
        /// The other folder or bucket
        from: Place,
        #[command(flatten)]
        files: StoreSetting,
    },
    /// Copy all files from one folder or bucket to another, and compare them there; goes on where it
    /// was interrupted
    Move {
        /// Folder or bucket that has the files
        from: Place,
        /// Folder or bucket for them: the --files of the servers from then on
        to: Place,
        /// Remove the files from the first one once all are in the second: when no server uses it any
        /// more
        #[arg(long)]
        remove: bool,
        #[command(flatten)]
        keys: StoreKeys,
        #[command(flatten)]
        to_keys: OtherKeys,
    },
}

#[derive(Debug, Subcommand)]
pub enum SecretsCommand {
    /// Make a new key and encrypt all secrets with it
    Rotate {
        #[command(flatten)]
        key_file: SecretKeyFile,
    },
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "a run has one")]
pub enum AuditCommand {
    /// Verify the log, every record and all derived tables; fail at the first mismatch
    Verify {
        /// Read every file, too, and name those that are gone, were changed, or that no record has
        #[arg(long)]
        files: bool,
        /// Folder or bucket of the files; a folder beside SQLite's file by default
        #[arg(long, env = "MOU_FILES", value_name = "DIR|URL")]
        files_dir: Option<Place>,
        #[command(flatten)]
        keys: StoreKeys,
        #[command(flatten)]
        against: Against,
        #[command(flatten)]
        days: Days,
    },
    /// Rebuild derived tables where they differ from the log, while nobody writes
    Derive {
        #[command(flatten)]
        days: Days,
    },
    /// Write a signed checkpoint: where the log ends, to be kept elsewhere
    Checkpoint {
        /// Path of the checkpoint file
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        key: AuditKey,
    },
}

fn days(text: &str) -> Result<chrono::Duration, String> {
    let count = text.strip_suffix('d').and_then(|n| n.parse::<u16>().ok());
    let count = count.filter(|n| *n > 0);
    count
        .map(|n| chrono::Duration::days(n.into()))
        .ok_or_else(|| "expected a number of days, as 90d".into())
}

/// An earlier checkpoint.
#[derive(Clone, Debug, Args)]
pub struct Against {
    /// Earlier checkpoint, which detects a log that was truncated or rewritten
    #[arg(long, visible_alias = "checkpoint", value_name = "FILE")]
    pub against: Option<PathBuf>,
    /// Public key that the checkpoint must be signed with, in hexadecimal digits
    #[arg(long, value_name = "HEX")]
    pub public_key: Option<String>,
}

/// The time zone in which days are counted.
#[derive(Clone, Debug, Args)]
pub struct Days {
    /// Time zone in which days begin and end, for due dates and periods in force
    #[arg(
        long,
        env = "MOU_TIME_ZONE",
        default_value = "Asia/Seoul",
        value_name = "ZONE"
    )]
    pub time_zone: Tz,
}

/// Settings of the server.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// Address and port to listen on; port 0 picks a free one
    #[arg(
        long,
        env = "MOU_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "ADDRESS:PORT"
    )]
    pub listen: SocketAddr,
    /// URL at which clients reach the server behind a proxy, with its path prefix, such as
    /// https://city.example/mou; the proxy must strip the prefix
    #[arg(long, env = "MOU_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<PublicUrl>,
    #[command(flatten)]
    pub days: Days,
    /// Number of server threads: requests processed at once
    #[arg(long, env = "MOU_WORKERS", default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub workers: u16,
    /// Standby of the PostgreSQL database that takes reads when it has all that the primary has; can
    /// be repeated, and in the environment separated by spaces
    #[arg(
        long = "read-database-url",
        env = "MOU_READ_DATABASE_URLS",
        hide_env_values = true,
        value_delimiter = ' ',
        value_name = "URL"
    )]
    pub read_database_urls: Vec<DatabaseUrl>,
    #[command(flatten)]
    pub pools: PoolSettings,
    /// Memory for answers that are kept until something is recorded, and for rows that are kept until
    /// what they show changes, in megabytes, half for each; 0 keeps none
    #[arg(long, env = "MOU_ANSWER_CACHE", default_value_t = 64, value_name = "MB", value_parser = clap::value_parser!(u32).range(0..=4096))]
    pub answer_cache: u32,
    /// Maximum size of a request body, in bytes
    #[arg(long, env = "MOU_MAX_BODY", default_value_t = 2_000_000, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1_000..=100_000_000))]
    pub max_body: u32,
    /// Maximum size of an imported file, also when it is unpacked, in bytes
    #[arg(long, env = "MOU_MAX_IMPORT", default_value_t = 50_000_000, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1_000..=1_000_000_000))]
    pub max_import: u32,
    #[command(flatten)]
    pub files: StoreSetting,
    /// Maximum size of a file that the registry keeps, in bytes
    #[arg(long, env = "MOU_MAX_FILE", default_value_t = 50_000_000, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1_000..=2_000_000_000))]
    pub max_file: u32,
    /// Serve public records to callers without a token
    #[arg(long, env = "MOU_ANONYMOUS", default_value_t = true, action = clap::ArgAction::Set, value_name = "BOOL")]
    pub anonymous: bool,
    #[command(flatten)]
    pub oidc: OidcSettings,
    #[command(flatten)]
    pub edge: EdgeSettings,
    #[command(flatten)]
    pub outbound: OutboundSettings,
    #[command(flatten)]
    pub backups: BackupSettings,
    #[command(flatten)]
    pub feeds: FeedSettings,
    #[command(flatten)]
    pub secret_key_file: SecretKeyFile,
    /// Log level (error, warn, info, debug) or a filter such as "info,mou_registry=debug"
    #[arg(long, env = "MOU_LOG", default_value = "info", value_name = "FILTER")]
    pub log: tracing_subscriber::EnvFilter,
    /// Log in JSON, one object per line
    #[arg(long, env = "MOU_LOG_JSON", default_value_t = false)]
    pub log_json: bool,
}
