//! The digest of a day as it is sent.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::values::{AgreementRef, ImpreciseDate, Localized, OrganizationRef, ProjectRef};

/// The type of the event.
pub const EVENT: &str = "digest.daily";
/// How many items a list of a digest holds at most.
pub const MOST: usize = 500;

/// What is kept of a digest until it has arrived. It is made of this each time that it is sent, so that
/// it tells nothing that was taken back meanwhile.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ordered {
    pub municipality_id: Uuid,
    pub day: NaiveDate,
    pub left_out_from: Option<NaiveDate>,
}

/// What the beginning of a day changes of a municipality's records by itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = example)]
pub struct DailyDigest {
    /// The municipality whose records they are.
    pub municipality: OrganizationRef,
    /// The day that begins.
    pub day: NaiveDate,
    /// The time zone whose day it is.
    pub time_zone: String,
    /// The first of the days right before this one that have no digest, since too many were missed;
    /// null where none are lacking.
    pub left_out_from: Option<NaiveDate>,
    /// What has its last day now (`days_left` 0), and what had it yesterday and is overdue now (-1). A
    /// review that is overdue comes again after each interval, and each that is missed is told so.
    pub fell_due: DigestList,
    /// The agreements whose last day in force lies 90, 30, 7 or 1 days ahead, or is this one (0).
    pub expiring: DigestList,
    /// The agreements and milestones of which nothing has been heard for so long that they are stale
    /// from this day on.
    pub went_stale: DigestList,
}

/// Some of what a digest tells.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct DigestList {
    /// How much there is.
    #[schema(minimum = 0)]
    pub count: i64,
    /// The first of it.
    #[schema(max_items = 500)]
    pub items: Vec<DigestItem>,
}

/// What sort of thing an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DigestType {
    Agreement,
    Milestone,
    Commitment,
    Duty,
}

/// How an item stands as the day begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DigestStatus {
    /// Its last day has come.
    Due,
    /// Its last day has passed.
    Overdue,
    /// A part of it is met, whether its last day has come or passed.
    PartiallyMet,
    /// It is in force until a day that draws near.
    Expiring,
    /// Nothing has been heard of it for long.
    Stale,
}

/// Something that a digest tells.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DigestItem {
    /// What sort of thing it is.
    #[serde(rename = "type")]
    pub type_: DigestType,
    /// Its kind: a milestone's step, what a duty asks for, an agreement's kind; `commitment`.
    #[schema(example = "groundbreaking")]
    pub kind: String,
    /// Its id, as in the timeline and in the list of duties.
    #[schema(example = "0178d7fa-2c00-7000-8000-000000000030")]
    pub id: String,
    /// What it is called; of a duty, its agreement.
    pub title: Localized,
    /// How it stands as the day begins.
    pub status: DigestStatus,
    /// By when it is due, until when it is in force, or of when the last news of it is.
    pub when: ImpreciseDate,
    /// How many days are left until the last that it may mean; -1 where that was yesterday. Null of
    /// what went stale.
    #[schema(minimum = -1, maximum = 90, example = 0)]
    pub days_left: Option<i64>,
    /// How many of the reviews that a duty asks for are missed now; null of all else.
    #[schema(minimum = 0, example = json!(null))]
    pub missed: Option<u32>,
    /// The project of a milestone.
    pub project: Option<ProjectRef>,
    /// The agreement itself, or that of a commitment or a duty.
    pub agreement: Option<AgreementRef>,
    /// Where it is read in this API.
    #[schema(example = "/api/v1/milestones/0178d7fa-2c00-7000-8000-000000000030")]
    pub link: String,
}

/// A day on which there is nothing to tell: what is derived of a date is read-only, and an example of
/// what is sent may hold no such member.
fn example() -> Value {
    let nothing = json!({"count": 0, "items": []});
    json!({
        "municipality": {"id": "0178d7fa-2c00-7000-8000-000000000001", "name": {"ko": "고양시", "en": "Goyang-si"}},
        "day": "2026-12-31", "time_zone": "Asia/Seoul", "left_out_from": null,
        "fell_due": nothing, "expiring": nothing, "went_stale": nothing,
    })
}
