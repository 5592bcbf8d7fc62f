//! The records that say who may do what and who is notified.

use crate::ledger::records::{KEY, Record};

/// A token.
pub static TOKEN: Record = Record {
    name: "token",
    table: "tokens",
    columns: &["name", "role", "hash", "expires_at", "revoked_at"],
    ..KEY
};

/// A calendar with an address of its own.
pub static CALENDAR: Record = Record {
    name: "calendar",
    table: "addresses",
    rows: "r.kind = 'calendar'",
    columns: &["token_id", "name", "hash", "revoked_at"],
    ..KEY
};

/// A stream of changes with an address of its own.
pub static CHANGE_STREAM: Record = Record {
    name: "change_stream",
    table: "addresses",
    rows: "r.kind = 'change_stream'",
    columns: &["token_id", "name", "hash", "revoked_at"],
    ..KEY
};

/// A webhook, without its secrets and the state of its deliveries, which are not logged.
pub static WEBHOOK: Record = Record {
    name: "webhook",
    table: "webhooks",
    columns: &["token_id"],
    ..KEY
};
