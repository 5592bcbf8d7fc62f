//! Calendars as they are sent and received.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::http::body::broken;
use crate::http::conditional::Versioned;
use crate::http::language::Language;
use crate::timeline::entry::{EntryKind, EntryType, TimelineStatus};
use crate::timeline::handlers::TimelineFilter;
use crate::values::Meta;

/// A calendar: which part of the timeline it shows, in which language.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "in_order"))]
pub struct CalendarContent {
    /// What it is called, also in the client that reads it.
    #[schema(max_length = 200, pattern = r"\S", example = "일산테크노밸리 일정")]
    pub name: String,
    /// The language of its texts.
    #[serde(default)]
    pub lang: Language,
    /// Only what is of this municipality.
    #[schema(example = json!(null))]
    pub municipality_id: Option<Uuid>,
    /// Only what is of this project or of the agreements that serve it.
    #[schema(example = json!(null))]
    pub project_id: Option<Uuid>,
    /// Only what this organization is party to or carries out, and its meetings.
    #[schema(example = json!(null))]
    pub organization_id: Option<Uuid>,
    /// Only things of these types; of all where it is empty.
    #[serde(default)]
    #[schema(max_items = 5)]
    pub types: Vec<EntryType>,
    /// Only things of these kinds; of all where it is empty.
    #[serde(default)]
    #[schema(max_items = 20, example = json!([]))]
    pub kinds: Vec<EntryKind>,
    /// Only things that stand so; in any way where it is empty.
    #[serde(default)]
    #[schema(max_items = 9, example = json!([]))]
    pub status: Vec<TimelineStatus>,
    /// Only what may lie on this day or later.
    #[schema(example = "2021-01-01")]
    pub from: Option<NaiveDate>,
    /// Only what may lie on this day or earlier.
    #[schema(example = json!(null))]
    pub to: Option<NaiveDate>,
}

/// Between two days that stand the wrong way round there is nothing, and never will be.
fn in_order(calendar: &CalendarContent) -> Result<(), ValidationError> {
    match (calendar.from, calendar.to) {
        (Some(from), Some(to)) if to < from => Err(broken(
            "reversed",
            "/to",
            "기간의 끝이 시작보다 앞섭니다.",
            "The interval ends before it begins.",
        )),
        _ => Ok(()),
    }
}

impl CalendarContent {
    /// What it shows of the timeline.
    pub fn wanted(&self) -> TimelineFilter {
        fn some<T: Clone>(list: &[T]) -> Option<Vec<T>> {
            (!list.is_empty()).then(|| list.to_vec())
        }
        TimelineFilter {
            municipality_id: self.municipality_id,
            project_id: self.project_id,
            organization_id: self.organization_id,
            types: some(&self.types),
            kinds: some(&self.kinds),
            status: some(&self.status),
            from: self.from,
            to: self.to,
            as_of: None,
            sort: None,
            only: None,
        }
    }
}

/// A token by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TokenRef {
    /// The token's id.
    pub id: Uuid,
    /// The token's name.
    #[schema(example = "전략산업과 협약 담당")]
    pub name: String,
}

/// A calendar's entry, which does not hold its address.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Calendar {
    #[serde(flatten)]
    pub meta: Meta,
    #[serde(flatten)]
    pub content: CalendarContent,
    /// The token that made it: it shows what the token sees.
    pub token: TokenRef,
    /// Whether its address answers: neither it nor its token is revoked or expired.
    #[schema(example = true)]
    pub active: bool,
    /// When a reading of it was last noted, which is done once an hour at most: it may have been read
    /// again since. Null where it never was.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked; null where it was not.
    #[schema(example = json!(null))]
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A calendar that was just made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NewCalendar {
    #[serde(flatten)]
    pub entry: Calendar,
    /// Where it is read, below the server's own address. Whoever has it reads it: it is shown this
    /// once.
    #[schema(
        example = "/api/v1/calendar-feeds/cal_0000000000000000000000000000000000000000000000000000000000000000.ics"
    )]
    pub address: String,
}

impl Versioned for Calendar {
    fn version(&self) -> i64 {
        self.meta.version
    }
}

impl Versioned for NewCalendar {
    fn version(&self) -> i64 {
        self.entry.version()
    }
}
