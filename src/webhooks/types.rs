//! Webhooks and their deliveries as they are sent and received.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::audit::types::LoggedType;
use crate::http::conditional::Versioned;
use crate::outbound::Failure;
use crate::values::{Localized, Meta};

fn yes() -> bool {
    true
}

/// Where changes are sent, and which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct WebhookContent {
    /// What it is for.
    #[schema(max_length = 200, pattern = r"\S", example = "협약 현황판")]
    pub name: String,
    /// Where deliveries are sent: a URL with `https`, without a user, a password or a fragment, of
    /// an address of the internet.
    #[schema(
        max_length = 2000,
        format = "uri",
        example = "https://dashboard.goyang.example/hooks/mou"
    )]
    pub url: String,
    /// Only changes of records of these types; null for all that the token sees. Of none where it is to
    /// be sent nothing but digests.
    #[serde(default)]
    #[schema(max_items = 9, example = json!(["agreement", "milestone"]))]
    pub record_types: Option<Vec<LoggedType>>,
    /// Only changes of records of this municipality; null for all that the token sees.
    #[serde(default)]
    #[schema(example = "0178d7fa-2c00-7000-8000-000000000001")]
    pub municipality_id: Option<Uuid>,
    /// Whether it is sent the digest of each day of its municipality, too: what falls due, expires and
    /// goes stale. It then needs a `municipality_id`. The first is that of the day after.
    #[serde(default)]
    #[schema(example = true)]
    pub daily_digest: bool,
    /// Whether it is switched on, as it is where it is not said. The registry switches it off after
    /// lasting failure; switched on again it goes on where it stopped.
    // No default in the schema: clients would send it with every patch, and switch it on.
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

/// Why a webhook is switched off, as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Reason {
    /// Somebody did it, by this name.
    Asked {
        by: String,
    },
    /// Nothing arrived for long.
    Failing {
        since: DateTime<Utc>,
        status: Option<u16>,
        error: Option<Failure>,
    },
    /// `410` was answered.
    Gone,
    /// Its token is no longer valid.
    TokenRevoked,
    TokenExpired,
}

impl Reason {
    /// The same in words.
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

/// A webhook: where changes are sent, and how that goes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Webhook {
    #[serde(flatten)]
    pub meta: Meta,
    #[serde(flatten)]
    pub content: WebhookContent,
    /// The token that it belongs to, and whose changes it is told.
    pub token_id: Uuid,
    /// That token's name.
    #[schema(example = "전략산업과 협약 담당")]
    pub token_name: String,
    /// Whether it delivers.
    #[schema(example = "active")]
    pub state: WebhookState,
    /// Why it does not; null while it does.
    #[schema(example = json!(null))]
    pub off_reason: Option<Localized>,
    /// Since when it does not.
    #[schema(example = json!(null))]
    pub off_since: Option<DateTime<Utc>>,
    /// When something last arrived.
    pub last_success_at: Option<DateTime<Utc>>,
    /// Since when nothing has arrived, though it was tried; null where the last attempt succeeded.
    #[schema(example = json!(null))]
    pub failing_since: Option<DateTime<Utc>>,
    /// The last day of which it has a digest, or after which it has them; null where it asks for none.
    #[schema(example = "2026-11-23")]
    pub digested_until: Option<NaiveDate>,
    /// How many deliveries wait.
    #[schema(minimum = 0, example = 0)]
    pub pending_count: i64,
}

/// A webhook that was just made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NewWebhook {
    #[serde(flatten)]
    pub webhook: Webhook,
    /// What signs its deliveries. It is shown this once.
    #[schema(example = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    pub secret: String,
}

/// A webhook's new secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NewSecret {
    /// What signs from now on. It is shown this once.
    #[schema(example = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    pub secret: String,
    /// Until when the secret before signs as well.
    pub previous_until: DateTime<Utc>,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It waits to be sent, or to be sent again.
    Pending,
    /// It arrived.
    Delivered,
    /// It was given up after days.
    Failed,
}

/// An attempt to deliver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Attempt {
    /// When it began.
    pub at: DateTime<Utc>,
    /// The status that was answered; null where there was no answer.
    #[schema(minimum = 100, maximum = 999, example = 204)]
    pub status: Option<u16>,
    /// Why there was no answer.
    #[schema(example = json!(null))]
    pub error: Option<Failure>,
    /// How long it took, in milliseconds.
    #[schema(minimum = 0, example = 120)]
    pub duration_ms: i64,
    /// The beginning of what was answered.
    #[schema(max_length = 500, example = json!(null))]
    pub excerpt: Option<String>,
}

/// An event on its way to a webhook.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Delivery {
    /// Its id, which each attempt sends as `webhook-id`.
    pub id: Uuid,
    /// The type of its event.
    #[serde(rename = "type")]
    #[schema(example = "agreement.changed")]
    pub type_: String,
    /// The number of the change that it tells, as in `/changes`; null where it tells of none.
    #[schema(minimum = 1, example = 42)]
    pub seq: Option<i64>,
    /// What sort of record was changed.
    #[schema(example = "agreement")]
    pub record_type: Option<LoggedType>,
    /// The record's id.
    pub record_id: Option<Uuid>,
    /// What became of it.
    #[schema(example = "delivered")]
    pub state: DeliveryState,
    /// When it was planned.
    pub created_at: DateTime<Utc>,
    /// When it is tried next, at the earliest; null where it is not.
    #[schema(example = json!(null))]
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When it arrived or was given up.
    pub finished_at: Option<DateTime<Utc>>,
    /// How often it was tried, the first attempt first.
    pub attempts: Vec<Attempt>,
}

impl Versioned for Webhook {
    fn version(&self) -> i64 {
        self.meta.version
    }
}

impl Versioned for NewWebhook {
    fn version(&self) -> i64 {
        self.webhook.version()
    }
}

impl Versioned for NewSecret {
    /// Nobody changes a secret by way of this answer.
    fn version(&self) -> i64 {
        1
    }
}

impl Versioned for Delivery {
    fn version(&self) -> i64 {
        self.attempts.len() as i64 + 1
    }
}
