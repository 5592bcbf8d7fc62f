//! Announcements as they are sent and received.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::matching::Reason;
use crate::agreements::types::{AgreementKind, PartyContent};
use crate::kernel::ids::{AgreementId, AnnouncementId, MilestoneId, OrganizationId};
use crate::kernel::rule::{merge_errors, rule_error};
use crate::kernel::text::tidied;
use crate::kernel::values::{
    AgreementRef, Gap, ImpreciseDate, Localized, LocalizedLine, Meta, Money, OrganizationRef,
    ProjectRef, Revision, Source, Versioned, Warning, has_an_end,
};
use crate::ledger::Visibility;
use crate::projects::milestones::types::MilestoneKind;

/// Event that an announcement tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnnouncementKind {
    /// The signing of an agreement.
    Signing,
    Groundbreaking,
    Completion,
    Other,
}

/// Standing of an announcement beside the record. `open`: nobody has compared it; `confirmed`: it is
/// about a recorded agreement or milestone; `rejected`: it is about nothing that is to be recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnnouncementStanding {
    #[default]
    Open,
    Confirmed,
    Rejected,
}

/// A gap of an announcement by which lists are filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnnouncementGap {
    AnnouncedOnUnknown,
    PublisherUnknown,
    UrlUnknown,
}

/// Party that an announcement names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct AnnouncedParty {
    /// Name as announced.
    #[schema(max_length = 300, pattern = r"^.+$", example = "한국바이오의약품협회")]
    pub name: String,
}

/// Target that an announcement states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct AnnouncedTarget {
    /// Step of the project.
    #[schema(example = "completion")]
    pub kind: MilestoneKind,
    /// Date by which it is expected, as announced.
    pub target: ImpreciseDate,
}

/// Content of an announcement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "announced_on_ends"))]
pub struct AnnouncementContent {
    /// Event that it tells of.
    #[schema(example = "signing")]
    pub kind: AnnouncementKind,
    /// Title of the announcement.
    #[validate(nested)]
    #[schema(value_type = LocalizedLine, example = json!({"ko": "고양시, 한국바이오의약품협회와 업무협약", "en": null}))]
    pub title: Localized,
    /// Publisher of the announcement.
    #[serde(default, deserialize_with = "tidied")]
    #[schema(max_length = 300, pattern = r"^.+$", example = "고양시")]
    pub publisher: Option<String>,
    /// Date of the announcement; null if unknown.
    pub announced_on: Option<ImpreciseDate>,
    /// URL of the announcement, http or https.
    #[schema(
        max_length = 2000,
        format = "uri",
        example = "https://www.goyang.go.kr/news/1"
    )]
    pub url: Option<String>,
    /// Text of the announcement.
    #[validate(nested)]
    pub text: Option<Localized>,
    /// Date of the event, as the announcement states it; null if it states none.
    pub happened_on: Option<ImpreciseDate>,
    /// Parties that it names, as written.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub parties: Vec<AnnouncedParty>,
    /// Amount that it states; null if it states none.
    #[validate(nested)]
    pub amount: Option<Money>,
    /// Department in charge.
    #[serde(default, deserialize_with = "tidied")]
    #[schema(max_length = 200, pattern = r"^.+$", example = "전략산업과")]
    pub lead_department: Option<String>,
    /// Targets that it states.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub targets: Vec<AnnouncedTarget>,
    /// Visibility of the record.
    #[serde(default)]
    pub visibility: Visibility,
    /// Sources of the record, such as the file from which it was imported.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub sources: Vec<Source>,
}

fn announced_on_ends(content: &AnnouncementContent) -> Result<(), ValidationError> {
    match &content.announced_on {
        Some(on) => has_an_end(on, "/announced_on"),
        None => Ok(()),
    }
}

/// An announcement to record.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct AnnouncementCreate {
    /// Municipality about whose agreements or projects it is.
    pub municipality_id: OrganizationId,
    #[serde(flatten)]
    #[validate(nested)]
    pub content: AnnouncementContent,
}

/// Milestone that an announcement is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AnnouncedMilestone {
    /// Id of the milestone.
    pub id: MilestoneId,
    /// Title of the milestone.
    pub title: Localized,
    /// The project, with its title.
    pub project: ProjectRef,
}

/// An announcement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Announcement {
    #[serde(flatten)]
    pub meta: Meta<AnnouncementId>,
    /// Municipality about whose agreements or projects it is.
    pub municipality_id: OrganizationId,
    /// The municipality, with its name.
    pub municipality: OrganizationRef,
    #[serde(flatten)]
    pub content: AnnouncementContent,
    /// Standing beside the record.
    pub standing: AnnouncementStanding,
    /// Agreement that it is confirmed to be about; null if it is about none, or if the caller does
    /// not see it.
    pub agreement: Option<AgreementRef>,
    /// Milestone that it is confirmed to be about; null if it is about none, or if the caller does
    /// not see it.
    pub milestone: Option<AnnouncedMilestone>,
    /// Reason for the rejection; null if none is stated.
    pub rejection_reason: Option<Localized>,
    /// Expected facts that are missing.
    pub gaps: Vec<Gap>,
    /// Possible problems that should be reviewed.
    pub warnings: Vec<Warning>,
}

/// Announcement in a list, without its text and targets.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AnnouncementSummary {
    #[serde(flatten)]
    pub meta: Meta<AnnouncementId>,
    /// Municipality about whose agreements or projects it is.
    pub municipality: OrganizationRef,
    /// Event that it tells of.
    pub kind: AnnouncementKind,
    /// Title of the announcement.
    pub title: Localized,
    /// Publisher of the announcement.
    pub publisher: Option<String>,
    /// Date of the announcement; null if unknown.
    pub announced_on: Option<ImpreciseDate>,
    /// URL of the announcement.
    pub url: Option<String>,
    /// Date of the event; null if it is not stated.
    pub happened_on: Option<ImpreciseDate>,
    /// Parties that it names, as written.
    pub parties: Vec<AnnouncedParty>,
    /// Amount that it states; null if it states none.
    pub amount: Option<Money>,
    /// Department in charge.
    #[schema(example = "전략산업과")]
    pub lead_department: Option<String>,
    /// Standing beside the record.
    pub standing: AnnouncementStanding,
    /// Agreement that it is confirmed to be about, if the caller sees it.
    pub agreement: Option<AgreementRef>,
    /// Milestone that it is confirmed to be about, if the caller sees it.
    pub milestone: Option<AnnouncedMilestone>,
    /// Visibility of the record.
    pub visibility: Visibility,
}

impl Versioned for Announcement {
    fn revision(&self) -> Revision {
        self.meta.revision()
    }

    fn warn(&mut self, warnings: Vec<Warning>) {
        self.warnings.extend(warnings);
    }
}

/// Record that an announcement is perhaps about.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AnnouncementMatch {
    /// The agreement; null if it is a milestone.
    pub agreement: Option<AgreementRef>,
    /// The milestone; null if it is an agreement.
    pub milestone: Option<AnnouncedMilestone>,
    /// How likely the announcement is about it, from 0 to 100: the sum of the points of `reasons`.
    #[schema(minimum = 0, maximum = 100, example = 88)]
    pub score: i32,
    /// Whether it is the one proposed: the first, likely enough, and clearly before the second.
    #[serde(rename = "proposed")]
    pub is_proposed: bool,
    /// Reasons for and against it.
    pub reasons: Vec<Reason>,
}

/// Target that an announcement states, as a forecast to record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct ConfirmedTarget {
    /// Milestone that is expected.
    pub milestone_id: MilestoneId,
    /// Date by which it is expected.
    pub target: ImpreciseDate,
}

/// Confirmation of what an announcement is about: an agreement or a milestone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "one_is_confirmed"))]
pub struct AnnouncementConfirmation {
    /// Agreement that it is about.
    pub agreement_id: Option<AgreementId>,
    /// Milestone that it is about.
    pub milestone_id: Option<MilestoneId>,
    /// Date on which the milestone was met, to record with the announcement as its source; null if it
    /// is recorded already. Only with `milestone_id`.
    pub met_on: Option<ImpreciseDate>,
    /// Forecasts to record, stated on the day of the announcement, with it as their source.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub forecasts: Vec<ConfirmedTarget>,
}

fn one_is_confirmed(new: &AnnouncementConfirmation) -> Result<(), ValidationError> {
    let both = both_stated(new.agreement_id, new.milestone_id);
    let misplaced = new.met_on.is_some() && new.milestone_id.is_none();
    let misplaced = misplaced.then(|| {
        rule_error(
            "unexpected",
            "/met_on",
            "milestone_id와 함께만 쓸 수 있습니다.",
            "Only with milestone_id.",
        )
    });
    merge_errors(both.into_iter().chain(misplaced))
}

/// Returns the error for a record that is an agreement and a milestone at once.
fn both_stated(
    agreement: Option<AgreementId>,
    milestone: Option<MilestoneId>,
) -> Option<ValidationError> {
    agreement.zip(milestone).map(|_| {
        rule_error(
            "unexpected",
            "/milestone_id",
            "agreement_id와 milestone_id 가운데 하나만 쓸 수 있습니다.",
            "Only one of agreement_id and milestone_id.",
        )
    })
}

/// Rejection of one candidate, or without one, of every record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "one_is_rejected"))]
pub struct AnnouncementRejection {
    /// Agreement that the announcement is not about.
    pub agreement_id: Option<AgreementId>,
    /// Milestone that the announcement is not about.
    pub milestone_id: Option<MilestoneId>,
    /// Reason for the rejection.
    #[validate(nested)]
    #[schema(example = json!({"ko": "행사 안내이다.", "en": null}))]
    pub reason: Option<Localized>,
}

fn one_is_rejected(new: &AnnouncementRejection) -> Result<(), ValidationError> {
    both_stated(new.agreement_id, new.milestone_id).map_or(Ok(()), Err)
}

/// What the draft of an agreement needs beside the announcement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
pub struct AnnouncementDraft {
    /// Kind of agreement.
    #[schema(example = "mou")]
    pub kind: AgreementKind,
    /// Title of the agreement; by default that of the announcement.
    #[validate(nested)]
    #[schema(value_type = Option<LocalizedLine>, example = json!({"ko": "의료·바이오 클러스터 조성 업무협약", "en": null}))]
    pub title: Option<Localized>,
    /// Parties; by default those of the announcement whose names mean one recorded organization. The
    /// others are kept in words.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub parties: Vec<PartyContent>,
}
