//! What is told: the body of a delivery, and what the description says of it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::digest::{self, types::DailyDigest};
use crate::audit::records;
use crate::audit::types::Change;
use crate::error::ApiError;
use crate::values::{to_stored, word};

/// The type of the event that tries a webhook out.
pub const TEST: &str = "webhook.test";
/// What may have become of a record.
const BECAME: [&str; 3] = ["recorded", "changed", "removed"];

/// A body, as Standard Webhooks has it.
#[derive(Serialize)]
struct Event<'a, T> {
    #[serde(rename = "type")]
    type_: &'a str,
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

/// The type of the event that tells a change.
pub fn type_of(change: &Change) -> String {
    let became = match change.patch.as_slice() {
        [whole] if whole.path.is_empty() && whole.value.is_null() => "removed",
        [whole] if whole.path.is_empty() => "recorded",
        _ => "changed",
    };
    format!("{}.{became}", word(&change.record_type))
}

/// The body that tells a change.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn of(change: &Change) -> Result<String, ApiError> {
    body(&type_of(change), change.recorded_at, change)
}

/// The body that tells nothing.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn test(webhook_id: uuid::Uuid, at: DateTime<Utc>) -> Result<String, ApiError> {
    body(TEST, at, json!({"webhook_id": webhook_id}))
}

/// The body that tells a digest.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn digest(digest: &DailyDigest, at: DateTime<Utc>) -> Result<String, ApiError> {
    body(digest::types::EVENT, at, digest)
}

/// What is to be known of digests before they are received.
const DIGEST: &str = "Once a day for a webhook with `daily_digest`: what the beginning of a day, by itself, changes of \
    what its token sees of its municipality, as it is known then. It is made right after midnight in the registry's \
    time zone (Asia/Seoul unless it is set otherwise), also where there is nothing to tell, so that its absence says \
    that something is wrong. A webhook that begins to ask for digests has its first on the day after. Days that were \
    missed, since no server ran or the webhook was off, are made up for in their order, at most the last 31: \
    `left_out_from` says where others are lacking. What it tells of such a day is what was known by then.

`fell_due` holds milestones, commitments and duties that are not settled: each on its last day, with `days_left` 0, and \
    once more on the day after, with -1, when it is overdue. `expiring` holds signed agreements, each when 90, 30, 7, \
    1 and 0 days are left until the last day in force; those that renew themselves do not expire. `went_stale` holds \
    signed agreements that have not ended, and milestones that are not settled, each on the first day on which it is \
    `stale`: the last news of it (signing, review, report; forecast, outcome) is then older than \
    `stale_after_months` of the municipality's policy, 24 months where none says otherwise. Of a day that is made up \
    for, agreements are left out that have ended or had news since. Of an imprecise date the last day counts: `2024` \
    falls due on 2024-12-31, and what has no last day never does. What is recorded only after such a day is told by \
    its change alone. A duty that comes again is told the first time. Each list holds 500 items at most, and says in \
    `count` how many there are. What is sent again is \
    made again, of what the token sees then of that day.";

/// The `webhooks` of the description.
pub fn described() -> Value {
    let types = records::ALL.iter().flat_map(|record| {
        let name = record.name;
        BECAME.iter().map(move |became| format!("{name}.{became}"))
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
            "A change of the log, the same as in `/changes`. Changes of one record come in their order; another \
             record's go on meanwhile.",
            json!(types), change,
        ),
        "test": operation(
            "receive_test", "Receive a test", "What `POST /webhooks/{id}/test` sends.", json!([TEST]), tried,
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
    let common = "Signed per Standard Webhooks 1.0 (standardwebhooks.com). Sent at least once: the same `webhook-id` \
        is the same event. Any 2xx says that it arrived; everything else has it sent again.";
    json!({"post": {
        "tags": ["webhooks"], "operationId": id, "summary": summary,
        "description": format!("{description}\n\n{common}"),
        "security": [],
        "parameters": [
            header("webhook-id", "019ab0f2-7d2c-7c1e-8a44-3f1f6d6f7a10", "The delivery's id, the same in each attempt."),
            header("webhook-timestamp", "1795575600", "The attempt's instant, in seconds since 1970."),
            header("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
                "The signatures, parted by spaces: two for a day after the secret was changed."),
        ],
        "requestBody": {"required": true, "content": {"application/json": {"schema": {
            "type": "object", "required": ["type", "timestamp", "data"],
            "properties": {
                "type": {"type": "string", "enum": types, "description": "What happened."},
                "timestamp": {"type": "string", "format": "date-time", "description": "When it happened."},
                "data": data,
            },
        }}}},
        "responses": {
            "2XX": {"description": "It arrived."},
            "410": {"description": "Nothing is received here any more: the webhook is switched off."},
        },
    }})
}
