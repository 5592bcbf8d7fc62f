//! The comparison of announcements and records as it is sent.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::announcements::types::AnnouncedMilestone;
use crate::kernel::ids::AnnouncementId;
use crate::kernel::language::Message;
use crate::kernel::values::{AgreementRef, ImpreciseDate, Localized, OrganizationRef};

/// What the comparison of announcements and records finds.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ReconciliationFinding {
    /// Announced, and probably recorded: a person must confirm it, or choose among several.
    Unconfirmed,
    /// Announced and not recorded.
    NotRecorded,
    /// Signed, and never announced.
    NotAnnounced,
    /// Announced twice.
    AnnouncedTwice,
    /// Recorded otherwise than announced.
    Differs,
}

/// Member in which a record differs from an announcement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceMember {
    Day,
    Amount,
    Parties,
    Target,
}

/// Difference between an announcement and a record, with both values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AnnouncedDifference {
    /// Member that differs.
    #[schema(example = "day")]
    pub member: DifferenceMember,
    /// What was announced, in words.
    pub announced: Message,
    /// What is recorded, in words.
    pub recorded: Message,
}

/// A reference to an announcement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AnnouncementRef {
    /// Id of the announcement.
    pub id: AnnouncementId,
    /// Title of the announcement.
    pub title: Localized,
    /// Date of the announcement; null if unknown.
    pub announced_on: Option<ImpreciseDate>,
}

/// Finding of the comparison.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReconciliationRow {
    /// What was found.
    #[schema(example = "not_recorded")]
    pub finding: ReconciliationFinding,
    /// Date of the announcement, or of the signing where there is none; null if unknown.
    pub day: Option<ImpreciseDate>,
    /// The announcement; null if the agreement was never announced.
    pub announcement: Option<AnnouncementRef>,
    /// Other announcements of the same, if it was announced twice: none is certainly later.
    pub others: Vec<AnnouncementRef>,
    /// The agreement: that which was confirmed or, if nothing was, the proposed one; null if several are
    /// as likely. A proposal is for the staff of the municipality alone.
    pub agreement: Option<AgreementRef>,
    /// The milestone: that which was confirmed or, if nothing was, the proposed one.
    pub milestone: Option<AnnouncedMilestone>,
    /// Department in charge of the agreement, or else as the announcement states it.
    #[schema(example = "전략산업과")]
    pub department: Option<String>,
    /// How likely the proposed record is the right one; null if none is proposed to the caller.
    #[schema(minimum = 0, maximum = 100, example = 88)]
    pub score: Option<i32>,
    /// Differences, with both values, if it was recorded otherwise than announced.
    pub differences: Vec<AnnouncedDifference>,
}

/// Numbers of findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReconciliationCounts {
    /// Announcements that are not rejected.
    #[schema(minimum = 0, example = 265)]
    pub announcements: i64,
    /// Signed agreements.
    #[schema(minimum = 0, example = 120)]
    pub agreements: i64,
    /// Signed agreements with a confirmed announcement.
    #[schema(minimum = 0, example = 97)]
    pub announced: i64,
    /// Announcements that await a confirmation.
    #[schema(minimum = 0, example = 12)]
    pub unconfirmed: i64,
    /// Announcements without a record.
    #[schema(minimum = 0, example = 140)]
    pub not_recorded: i64,
    /// Signed agreements that were never announced.
    #[schema(minimum = 0, example = 11)]
    pub not_announced: i64,
    /// Announcements of what had been announced before.
    #[schema(minimum = 0, example = 8)]
    pub announced_twice: i64,
    /// Announcements that the record differs from.
    #[schema(minimum = 0, example = 5)]
    pub differs: i64,
}

/// Numbers of a year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReconciliationYear {
    /// The year; null if it is unknown.
    #[schema(example = 2021)]
    pub year: Option<i32>,
    #[serde(flatten)]
    pub counts: ReconciliationCounts,
}

/// Numbers of a department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReconciliationDepartment {
    /// Department in charge, of the agreement or else as the announcement states it; null if it is unknown.
    #[schema(example = "전략산업과")]
    pub department: Option<String>,
    #[serde(flatten)]
    pub counts: ReconciliationCounts,
}

/// Figures of the comparison of announcements and records.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReconciliationFigures {
    /// The municipality, with its name; null if it is unknown.
    pub municipality: Option<OrganizationRef>,
    /// Numbers of all years and departments.
    pub totals: ReconciliationCounts,
    /// Numbers by year of the announcement, or of the signing where there is none.
    pub years: Vec<ReconciliationYear>,
    /// Numbers by department in charge.
    pub departments: Vec<ReconciliationDepartment>,
}
