//! Bodies of deliveries, and their description in the API spec.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::digest;
use super::digest::types::DailyDigest;
use crate::changes::types::Change;
use crate::kernel::clock::six_digits;
use crate::kernel::error::ApiError;
use crate::kernel::ids::WebhookId;
use crate::kernel::language::Language;
use crate::kernel::values::{to_db, to_stored};
use crate::records;

/// Type of the event that tests a webhook.
pub const TEST: &str = "webhook.test";
/// Suffixes of the event types for changes.
const CHANGE_SUFFIXES: [&str; 3] = ["recorded", "changed", "removed"];

/// A body in the form of Standard Webhooks.
#[derive(Serialize)]
struct Event<'a, T> {
    #[serde(rename = "type")]
    type_: &'a str,
    #[serde(serialize_with = "six_digits")]
    timestamp: DateTime<Utc>,
    data: T,
}

fn body<T: Serialize>(type_: &str, at: DateTime<Utc>, data: T) -> Result<String, ApiError> {
    to_stored(&Event {
        type_,
        timestamp: at,
        data,
    })
}

/// Returns the event type of a change.
pub fn type_of(change: &Change) -> String {
    let became = match change.patch.as_slice() {
        [whole] if whole.path.is_empty() && whole.value.is_null() => "removed",
        [whole] if whole.path.is_empty() => "recorded",
        _ => "changed",
    };
    format!("{}.{became}", to_db(&change.record_type))
}

/// Builds the body for a change.
///
/// # Errors
/// Fails if it cannot be written as JSON.
pub fn of(change: &Change) -> Result<String, ApiError> {
    body(&type_of(change), change.recorded_at, change)
}

/// Builds the body for a test, which carries no data but the webhook's id.
///
/// # Errors
/// Fails if it cannot be written as JSON.
pub fn test(webhook_id: WebhookId, at: DateTime<Utc>) -> Result<String, ApiError> {
    body(TEST, at, json!({"webhook_id": webhook_id}))
}

/// Builds the body for a digest.
///
/// # Errors
/// Fails if it cannot be written as JSON.
pub fn digest(digest: &DailyDigest, at: DateTime<Utc>) -> Result<String, ApiError> {
    // No request asks for a language.
    Language::Korean.speaking(|| body(digest::types::EVENT, at, digest))
}

/// Description of digests in the API spec.
const DIGEST: &str = "Sent once a day to a webhook with `daily_digest`: the changes that the start of a day brings by itself to the \
    records of its municipality that its token sees, as known on that day. The digest is made right after midnight in the registry's \
    time zone (Asia/Seoul unless it is set otherwise), even if its lists are empty, so a missing digest indicates a fault. \
    A webhook that starts to request digests receives the first one on the next day. Days that were missed, because no \
    server ran or the webhook was off, are caught up in order, at most the last 31; `left_out_from` shows whether earlier \
    ones were skipped. The digest of such a day contains what was known by then.

`fell_due` lists milestones, commitments and duties that are not settled: on their last day with `days_left` 0, and once \
    more on the next day with -1, when they are overdue. `expiring` lists signed agreements when 90, 30, 7, 1 and 0 days are \
    left until the last day in force; agreements that renew themselves do not expire, but their notices against renewal are \
    listed when 90, 30, 7 and 1 days are left, and fall due on their day. `went_stale` lists signed agreements \
    that have not ended, and milestones that are not settled, on the first day on which they are `stale`: the last news \
    (signing, review, report; forecast, outcome) is then older than `stale_after_months` of the municipality's policy, \
    24 months by default. The digest of a day that is caught up omits agreements that have ended or had news since. For an \
    imprecise date the last possible day counts: `2024` falls due on 2024-12-31, and a date without a last day never does. \
    A record that is entered only after such a day is sent only as a change. An overdue review is listed again each time \
    that another one is missed. Each list holds at most 500 items; `count` is their total number. A digest that is sent \
    again is built again, from what the token sees of that day by then.";

/// Builds the `webhooks` section of the API spec.
pub fn described() -> Value {
    let types = records::ALL.iter().flat_map(|record| {
        let name = record.name;
        CHANGE_SUFFIXES
            .iter()
            .map(move |became| format!("{name}.{became}"))
    });
    let types: Vec<String> = types.collect();
    let change = json!({"$ref": "#/components/schemas/Change"});
    let tried = json!({
        "type": "object", "required": ["webhook_id"],
        "properties": {"webhook_id": {"type": "string", "format": "uuid"}},
    });
    let digest = json!({"$ref": "#/components/schemas/DailyDigest"});
    json!({
        "digest": operation(
            "receive_digest", "Receive the digest of a day", DIGEST, json!([digest::types::EVENT]), digest,
        ),
        "change": operation(
            "receive_change", "Receive a change",
            "A change of the log, as in `/changes`. Changes of one record arrive in order; those of other records \
             do not wait for them.",
            json!(types), change,
        ),
        "test": operation(
            "receive_test", "Receive a test", "Sent by `POST /webhooks/{id}/test`.", json!([TEST]), tried,
        ),
    })
}

fn operation(id: &str, summary: &str, description: &str, types: Value, data: Value) -> Value {
    let header = |name: &str, example: &str, description: &str| {
        json!({
            "name": name, "in": "header", "required": true, "schema": {"type": "string"},
            "example": example, "description": description,
        })
    };
    let common = "Signed per Standard Webhooks 1.0 (standardwebhooks.com). Sent at least once: deliveries with the same \
        `webhook-id` are the same event. Any 2xx confirms the delivery; any other answer leads to a retry.";
    json!({"post": {
        "tags": ["webhook-events"], "operationId": id, "summary": summary,
        "description": format!("{description}\n\n{common}"),
        "security": [],
        "parameters": [
            header("webhook-id", "019ab0f2-7d2c-7c1e-8a44-3f1f6d6f7a10", "Id of the delivery, the same in each attempt."),
            header("webhook-timestamp", "1795575600", "Instant of the attempt, in seconds since 1970."),
            header("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
                "Signatures, separated by spaces: one by the secret, and one by each earlier secret for 24 hours after it was rotated."),
        ],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {
            "type": "object", "required": ["type", "timestamp", "data"],
            "properties": {
                "type": {"type": "string", "enum": types, "description": "Type of the event."},
                "timestamp": {"type": "string", "format": "date-time", "description": "Instant of the event."},
                "data": data,
            },
        }}}},
        "responses": {
            "2XX": {"description": "The delivery is confirmed."},
            "410": {"description": "The receiver is gone: the webhook is switched off."},
        },
    }})
}
