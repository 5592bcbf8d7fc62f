//! API types of projects.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::funding::{Funding, LatestProgress};
use super::milestones::types::{Milestone, MilestoneCreate};
use super::phases::{Phase, repeated_keys};
use super::statements::types::{ProjectStatement, ProjectStatementContent, StatedChange};
use crate::kernel::ids::{OrganizationId, ProjectId};
use crate::kernel::rule::{merge_errors, rule_error};
use crate::kernel::values::{
    Area, Gap, Localized, LocalizedLine, Meta, Money, OrganizationRef, Source, Warning,
};
use crate::kernel::values::{Revision, Versioned};
use crate::ledger::Visibility;

/// Kind of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProjectKind {
    UrbanDevelopment,
    IndustrialComplex,
    Facility,
    Programme,
    Other,
}

/// Progress of a project, in the terms of OC4IDS's codelist projectStatus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProjectStatus {
    #[default]
    Identification,
    Preparation,
    Implementation,
    Completion,
    Completed,
    Cancelled,
}

/// Position of a place, in degrees of the World Geodetic System 1984 (WGS 84).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Position {
    /// Degrees east of the prime meridian, negative to the west of it.
    #[schema(minimum = -180, maximum = 180, example = 126.7432)]
    pub longitude: f64,
    /// Degrees north of the equator, negative to the south of it.
    #[schema(minimum = -90, maximum = 90, example = 37.6694)]
    pub latitude: f64,
}

/// Location of a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Location {
    /// 10-digit 법정동코드; null if unknown.
    #[schema(pattern = "^[0-9]{10}$", example = "4128710400")]
    pub code: Option<String>,
    /// Name of the place.
    #[validate(nested)]
    #[schema(value_type = LocalizedLine, example = json!({"ko": "경기도 고양시 일산서구 대화동", "en": null}))]
    pub name: Localized,
    /// Whether the source gives it as approximate (일원).
    #[serde(default)]
    pub approximate: bool,
    /// Position of the place as a source of the project gives it; null if unknown.
    #[serde(default)]
    pub position: Option<Position>,
}

/// An organization that carries out a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Implementer {
    /// Id of the organization.
    pub organization_id: OrganizationId,
    /// Share in percent, 0 to 100; null if unknown or shared with others.
    #[schema(minimum = 0, maximum = 100, example = 65)]
    pub share_percent: Option<f64>,
    /// Note on the share, for example with whom it is held.
    #[validate(nested)]
    pub note: Option<Localized>,
}

/// Recorded facts about a project, without its milestones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "project_fits", skip_on_field_errors = false))]
pub struct ProjectContent {
    /// Kind of the project.
    pub kind: ProjectKind,
    /// Title of the project. As of a past day, the title that was stated last by then; the present one
    /// if none was.
    #[validate(nested)]
    #[schema(value_type = LocalizedLine, example = json!({"ko": "고양 일산테크노밸리", "en": "Goyang Ilsan Technovalley"}))]
    pub title: Localized,
    /// Description of the project.
    #[validate(nested)]
    pub description: Option<Localized>,
    /// Progress of the project.
    #[serde(default)]
    pub status: ProjectStatus,
    /// Law on which the project is based.
    #[schema(max_length = 300, pattern = r"^.+$", example = "도시개발법")]
    pub legal_basis: Option<String>,
    /// Cost of the project. As of a past day, the cost that was stated last by then, in `statements`.
    /// Without any statement of it, it counts from the day of the last dated source or notice (met
    /// `zone_designation`, `development_plan`, `plan_approval`, `plan_amendment`), at the latest from
    /// the day on which it was recorded, and is null before.
    #[validate(nested)]
    pub budget: Option<Money>,
    /// Parts of the cost by the origin of the money (재원). As of a past day, like `budget`; empty
    /// before.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub funding: Vec<Funding>,
    /// Land area of the project. As of a past day, like `budget`.
    #[validate(nested)]
    pub area: Option<Area>,
    /// Sectors of the project, from OC4IDS's codelist projectSector.
    #[serde(default)]
    #[schema(max_items = 20, example = json!(["health"]))]
    pub sectors: Vec<String>,
    /// Industries that the project is meant for.
    #[serde(default)]
    #[validate(nested)]
    #[schema(value_type = Vec<LocalizedLine>, max_items = 50)]
    pub target_industries: Vec<Localized>,
    /// Visibility of the project and its milestones.
    #[serde(default)]
    pub visibility: Visibility,
    /// Locations of the project.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub locations: Vec<Location>,
    /// Organizations that carry the project out. As of a past day, like `budget`; empty before.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub implementers: Vec<Implementer>,
    /// Phases of the project. Milestones name the phase to which they belong by its `key`.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub phases: Vec<Phase>,
    /// Sources of these facts.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub sources: Vec<Source>,
}

impl ProjectContent {
    /// Returns the organizations that carry out the project or one of its phases.
    pub fn present_implementers(&self) -> impl Iterator<Item = OrganizationId> {
        let phases = self.phases.iter().flat_map(|phase| &phase.implementers);
        let all = self.implementers.iter().chain(phases);
        all.map(|implementer| implementer.organization_id)
    }
}

fn project_fits(project: &ProjectContent) -> Result<(), ValidationError> {
    let shares = shares_fit(&project.implementers, "/implementers").err();
    merge_errors(shares.into_iter().chain(repeated_keys(&project.phases)))
}

/// Checks that the shares of implementers add up to at most 100 percent.
///
/// # Errors
/// `over_100_percent`, at `at`.
pub fn shares_fit(implementers: &[Implementer], at: &str) -> Result<(), ValidationError> {
    let sum: f64 = implementers.iter().filter_map(|i| i.share_percent).sum();
    if sum > 100.0 + 1e-9 {
        return Err(rule_error(
            "over_100_percent",
            at,
            "지분의 합이 100%를 넘습니다.",
            "The shares add up to more than 100 percent.",
        ));
    }
    Ok(())
}

/// A project to record, with its milestones.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct ProjectCreate {
    /// Id of the municipality that owns the project.
    pub municipality_id: OrganizationId,
    #[serde(flatten)]
    #[validate(nested)]
    pub content: ProjectContent,
    /// What was stated about the project on a day. A member `area`, `budget`, `funding` or
    /// `implementers` that is not given is filled in from the latest statement.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub statements: Vec<ProjectStatementContent>,
    /// Milestones, with all their forecasts and outcomes.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub milestones: Vec<MilestoneCreate>,
}

/// A project.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Project {
    #[serde(flatten)]
    pub meta: Meta<ProjectId>,
    /// Id of the municipality that owns the project.
    pub municipality_id: OrganizationId,
    /// The municipality, with its name.
    pub municipality: OrganizationRef,
    #[serde(flatten)]
    pub content: ProjectContent,
    /// Organizations that carry the project out, with their names, in the order of `implementers`.
    pub implementing_organizations: Vec<OrganizationRef>,
    /// Organizations that the project and its statements name, with their names, by id.
    pub named_organizations: Vec<OrganizationRef>,
    /// What was stated about the project, by date of the statement, including retracted statements.
    pub statements: Vec<ProjectStatement>,
    /// Latest figure of each measure of progress, for the project and for each phase; as of a past
    /// day, the latest stated by then.
    pub progress: Vec<LatestProgress>,
    /// Facts that statements changed, such as a grown budget, by date of the statement.
    pub stated_changes: Vec<StatedChange>,
    /// Milestones as of the day of `as_of`, by default today.
    pub milestones: Vec<Milestone>,
    /// Expected facts that the record lacks.
    pub gaps: Vec<Gap>,
    /// Points to check.
    pub warnings: Vec<Warning>,
}

/// A project in a list, without its milestones.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProjectSummary {
    #[serde(flatten)]
    pub meta: Meta<ProjectId>,
    /// Municipality that owns the project.
    pub municipality: OrganizationRef,
    #[serde(flatten)]
    pub content: ProjectContent,
    /// Organizations that carry the project out, with their names, in the order of `implementers`.
    pub implementing_organizations: Vec<OrganizationRef>,
}

impl Versioned for Project {
    fn revision(&self) -> Revision {
        self.meta.revision()
    }

    fn warn(&mut self, warnings: Vec<Warning>) {
        self.warnings.extend(warnings);
    }
}
