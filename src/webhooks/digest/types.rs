//! The API's representation of digests.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{
    AgreementRef, DayRange, ImpreciseDate, Localized, OrganizationRef, ProjectRef,
};

/// Type of the event.
pub const EVENT: &str = "digest.daily";
/// Maximum number of items in a list of a digest.
pub const MAX_ITEMS: usize = 500;

/// The stored part of a pending digest. The digest is built from it each time it is sent, so that
/// it contains nothing that was withdrawn meanwhile.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredDigest {
    pub municipality_id: OrganizationId,
    pub day: NaiveDate,
    pub left_out_from: Option<NaiveDate>,
}

/// Changes that the start of a day brings by itself to a municipality's records.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = example)]
pub struct DailyDigest {
    /// Municipality whose records are covered.
    pub municipality: OrganizationRef,
    /// The day that starts.
    pub day: NaiveDate,
    /// Time zone of the day.
    pub time_zone: String,
    /// First of the days right before this one that have no digest, because too many were missed.
    /// Null if none is missing.
    pub left_out_from: Option<NaiveDate>,
    /// Items whose last day is this one (`days_left` 0), and items whose last day was yesterday,
    /// which are overdue now (-1). An overdue review or annual report is listed again each time that
    /// another one is missed.
    pub fell_due: DigestList,
    /// Agreements whose last day in force is 90, 30, 7 or 1 days ahead, or is this day (0). Of
    /// agreements that renew themselves, the notices against renewal (`duty`) whose last day is 90, 30,
    /// 7 or 1 days ahead.
    pub expiring: DigestList,
    /// Agreements and milestones that are stale from this day on, since there was no news of them
    /// for too long.
    pub went_stale: DigestList,
}

impl DailyDigest {
    /// Completes the links with the URL of the server.
    #[must_use]
    pub fn reached_at(mut self, base: &str) -> Self {
        for list in [&mut self.fell_due, &mut self.expiring, &mut self.went_stale] {
            for item in &mut list.items {
                item.link.insert_str(0, base);
            }
        }
        self
    }
}

/// A list of items, possibly truncated.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct DigestList {
    /// Total number of items.
    #[schema(minimum = 0)]
    pub count: i64,
    /// The first items.
    #[schema(max_items = 500)]
    pub items: Vec<DigestItem>,
}

/// The type of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DigestType {
    Agreement,
    Milestone,
    Commitment,
    Duty,
}

/// The status of an item at the start of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DigestStatus {
    /// Its last day has come.
    Due,
    /// Its last day has passed.
    Overdue,
    /// Partially met, whether or not its last day has passed.
    PartiallyMet,
    /// In force until a day that is near; for a notice against renewal, to be given by such a day.
    Expiring,
    /// No news for a long time.
    Stale,
}

/// An item of a digest.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DigestItem {
    /// Type of the item.
    #[serde(rename = "type")]
    pub type_: DigestType,
    /// Kind: the step of a milestone, the kind of a duty or of an agreement, or `commitment`.
    #[schema(example = "groundbreaking")]
    pub kind: String,
    /// Id, as in the timeline and in the list of duties.
    #[schema(example = "0178d7fa-2c00-7000-8000-000000000030")]
    pub id: String,
    /// Title of the item; for a duty, that of its agreement, or the name of its kind if it belongs to
    /// the municipality itself.
    pub title: Localized,
    /// Status at the start of the day.
    pub status: DigestStatus,
    /// Date on which it is due, last day in force, or date of the last news.
    pub when: ImpreciseDate,
    /// Days left until the last day of the date, which is a deadline; -1 if that was yesterday. Null
    /// for stale items, and for an agreement whose last day in force is no certain day.
    #[schema(minimum = -1, maximum = 90, example = 0)]
    pub days_left: Option<i64>,
    /// Days left until the date, as a range; an open end is null. Null for stale items.
    pub days_left_range: Option<DayRange>,
    /// Number of reviews or annual reports missed so far. Null for other duties and items.
    #[schema(minimum = 0, example = json!(null))]
    pub missed: Option<u32>,
    /// Project of a milestone.
    pub project: Option<ProjectRef>,
    /// The agreement itself, or that of a commitment or duty; null for a duty of the municipality.
    pub agreement: Option<AgreementRef>,
    /// Path of the record on the server, or its URL if the server knows its public one.
    #[schema(example = "/api/v1/milestones/0178d7fa-2c00-7000-8000-000000000030")]
    pub link: String,
}

/// A day with empty lists: members derived from dates are read-only, so an example of a sent body
/// must not contain them.
fn example() -> Value {
    let nothing = json!({"count": 0, "items": []});
    json!({
        "municipality": {"id": "0178d7fa-2c00-7000-8000-000000000001", "name": {"ko": "고양시", "en": "Goyang-si"}, "code": "4128000000"},
        "day": "2026-12-31", "time_zone": "Asia/Seoul", "left_out_from": null,
        "fell_due": nothing, "expiring": nothing, "went_stale": nothing,
    })
}
