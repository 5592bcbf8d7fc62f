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
    table: "calendars",
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
