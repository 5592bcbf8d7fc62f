//! The API's representation of webhooks and their deliveries.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::kernel::clock::six_digits;
use crate::kernel::ids::{OrganizationId, TokenId, WebhookId};
use crate::kernel::values::{Localized, Meta, OrganizationRef};
use crate::kernel::values::{Revision, Versioned};
use crate::outbound::Failure;
use crate::records::LoggedType;

fn yes() -> bool {
    true
}

/// Settings of a webhook: what is sent, and to which URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct WebhookContent {
    /// Name or purpose.
    #[schema(max_length = 200, pattern = r"^.+$", example = "협약 현황판")]
    pub name: String,
    /// URL to which deliveries are sent. It must use `https`, point to a public internet address,
    /// and contain no user, password or fragment.
    #[schema(
        max_length = 2000,
        format = "uri",
        example = "https://dashboard.goyang.example/hooks/mou"
    )]
    pub url: String,
    /// Only send changes of records of these types. Null for all types that the token sees; an
    /// empty list for digests only.
    #[serde(default)]
    #[schema(max_items = 10, example = json!(["agreement", "milestone"]))]
    pub record_types: Option<Vec<LoggedType>>,
    /// Only send changes of records of this municipality. Null for all that the token sees.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>, example = "0178d7fa-2c00-7000-8000-000000000001")]
    pub municipality_id: Option<OrganizationId>,
    /// Whether to send a daily digest of the municipality, too: what falls due, expires and goes
    /// stale. Requires `municipality_id`. The first digest is that of the next day.
    #[serde(default)]
    #[schema(example = true)]
    pub daily_digest: bool,
    /// Whether the webhook is switched on. Defaults to true for a new webhook. The registry
    /// switches it off after lasting failure; when it is switched on again, it resumes where it
    /// stopped.
    // No default in the schema: clients would send it with every patch and switch the webhook on.
    #[serde(default = "yes")]
    #[schema(example = true)]
    pub enabled: bool,
}

/// Whether a webhook delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WebhookState {
    Active,
    Off,
}

/// The recorded reason why a webhook is switched off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Reason {
    /// Somebody switched it off, by this name.
    Asked {
        by: String,
    },
    /// Nothing arrived for a long time.
    Failing {
        since: DateTime<Utc>,
        status: Option<u16>,
        error: Option<Failure>,
    },
    /// The receiver answered `410`.
    Gone,
    /// Its token is no longer valid.
    TokenRevoked,
    TokenExpired,
}

impl Reason {
    /// Returns the reason in words.
    pub fn words(&self) -> Localized {
        let (ko, en) = match self {
            Self::Asked { by } => (
                format!("'{by}' 토큰으로 껐습니다."),
                format!("It was switched off by {by}."),
            ),
            Self::Failing {
                since,
                status,
                error,
            } => {
                let since = since.to_rfc3339_opts(SecondsFormat::Secs, true);
                let (ko, en) = last_error(*status, *error);
                (
                    format!("{since} 이후로 전달되지 않았습니다. 마지막 오류: {ko}."),
                    format!("Nothing has arrived since {since}. The last error: {en}."),
                )
            }
            Self::Gone => (
                "받는 쪽이 더는 받지 않는다고 답했습니다(410).".into(),
                "The receiver answered that it is gone (410).".into(),
            ),
            Self::TokenRevoked => (
                "만든 토큰이 취소되었습니다.".into(),
                "The token that it belongs to was revoked.".into(),
            ),
            Self::TokenExpired => (
                "만든 토큰이 만료되었습니다.".into(),
                "The token that it belongs to has expired.".into(),
            ),
        };
        Localized {
            ko: Some(ko),
            en: Some(en),
        }
    }
}

fn last_error(status: Option<u16>, error: Option<Failure>) -> (String, String) {
    if let Some(status) = status {
        return (format!("HTTP {status}"), format!("HTTP {status}"));
    }
    let (ko, en) = match error {
        Some(Failure::ForbiddenUrl) => ("보낼 수 없는 주소", "a URL that is not sent to"),
        Some(Failure::Unresolved) => ("이름을 찾을 수 없음", "a name without an address"),
        Some(Failure::ForbiddenAddress) => (
            "인터넷의 주소가 아님",
            "an address that is none of the internet",
        ),
        Some(Failure::Timeout) => ("시간 초과", "a time-out"),
        Some(Failure::Tls) => ("보안 연결 실패", "no secure connection"),
        Some(Failure::Connection) => ("연결 실패", "no connection"),
        Some(Failure::Protocol) | None => ("HTTP 응답이 아님", "no answer of HTTP"),
    };
    (ko.into(), en.into())
}

/// A webhook: its settings and the state of its deliveries.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Webhook {
    #[serde(flatten)]
    pub meta: Meta<WebhookId>,
    #[serde(flatten)]
    pub content: WebhookContent,
    /// Municipality in `municipality_id`, with its name; null if it is no longer recorded.
    pub municipality: Option<OrganizationRef>,
    /// Token that owns the webhook. It determines which changes are sent.
    pub token_id: TokenId,
    /// Name of that token.
    #[schema(example = "전략산업과 협약 담당")]
    pub token_name: String,
    /// Whether the webhook delivers.
    #[schema(example = "active")]
    pub state: WebhookState,
    /// Reason why it is off. Null while it is active.
    #[schema(example = json!(null))]
    pub off_reason: Option<Localized>,
    /// Instant at which it went off. Null while it is active.
    #[schema(example = json!(null))]
    #[serde(serialize_with = "six_digits")]
    pub off_since: Option<DateTime<Utc>>,
    /// Instant of the last successful delivery.
    #[serde(serialize_with = "six_digits")]
    pub last_success_at: Option<DateTime<Utc>>,
    /// Start of the current series of failures. Null if the last attempt succeeded.
    #[schema(example = json!(null))]
    #[serde(serialize_with = "six_digits")]
    pub failing_since: Option<DateTime<Utc>>,
    /// Last day that has a digest; right after digests are requested, the day before the first one.
    /// Null without `daily_digest`.
    #[schema(example = "2026-11-23")]
    pub digested_until: Option<NaiveDate>,
    /// Number of pending deliveries.
    #[schema(minimum = 0, example = 0)]
    pub pending_count: i64,
}

/// A webhook that was just created.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CreatedWebhook {
    #[serde(flatten)]
    pub webhook: Webhook,
    /// Secret that signs its deliveries. It is shown only this once.
    #[schema(example = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    pub secret: String,
}

/// The new secret of a webhook.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RotatedSecret {
    /// Secret that signs from now on. It is shown only this once.
    #[schema(example = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    pub secret: String,
    /// Instant until which the previous secret signs as well. Secrets before it keep their own.
    #[serde(serialize_with = "six_digits")]
    pub previous_until: DateTime<Utc>,
}

/// The state of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Waiting to be sent or retried.
    Pending,
    /// Arrived.
    Delivered,
    /// Given up after several days.
    Failed,
}

/// An attempt to deliver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Attempt {
    /// Instant at which the attempt began.
    #[serde(serialize_with = "six_digits")]
    pub at: DateTime<Utc>,
    /// HTTP status of the answer. Null without an answer.
    #[schema(minimum = 100, maximum = 999, example = 204)]
    pub status: Option<u16>,
    /// Reason why there was no answer.
    #[schema(example = json!(null))]
    pub error: Option<Failure>,
    /// Duration in milliseconds.
    #[schema(minimum = 0, example = 120)]
    pub duration_ms: i64,
    /// Beginning of the answer's body.
    #[schema(max_length = 500, example = json!(null))]
    pub excerpt: Option<String>,
}

/// An event and its delivery to a webhook.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Delivery {
    /// Id of the delivery, sent with each attempt as `webhook-id`.
    pub id: WebhookId,
    /// Type of the event.
    #[serde(rename = "type")]
    #[schema(example = "agreement.changed")]
    pub type_: String,
    /// Number of the change, as in `/changes`. Null if the event is not a change.
    #[schema(minimum = 1, example = 42)]
    pub seq: Option<i64>,
    /// Type of the changed record.
    #[schema(example = "agreement")]
    pub record_type: Option<LoggedType>,
    /// Id of the changed record.
    pub record_id: Option<Uuid>,
    /// State of the delivery.
    #[schema(example = "delivered")]
    pub state: DeliveryState,
    /// Instant at which the delivery was planned.
    #[serde(serialize_with = "six_digits")]
    pub created_at: DateTime<Utc>,
    /// Earliest instant of the next attempt. Null if none is due.
    #[schema(example = json!(null))]
    #[serde(serialize_with = "six_digits")]
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// Instant at which the delivery arrived or was given up.
    #[serde(serialize_with = "six_digits")]
    pub finished_at: Option<DateTime<Utc>>,
    /// Attempts so far, oldest first.
    pub attempts: Vec<Attempt>,
}

impl Versioned for Webhook {
    fn revision(&self) -> Revision {
        self.meta.revision()
    }
}

impl Versioned for CreatedWebhook {
    fn revision(&self) -> Revision {
        self.webhook.revision()
    }
}

impl Versioned for RotatedSecret {
    /// Constant, since this representation cannot be changed.
    fn revision(&self) -> Revision {
        Revision::default()
    }
}

impl Versioned for Delivery {
    fn revision(&self) -> Revision {
        Revision {
            id: self.id.into(),
            version: self.attempts.len() as i64 + 1,
            ..Revision::default()
        }
    }
}
