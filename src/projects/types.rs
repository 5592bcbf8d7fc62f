//! Projects as they are sent and received.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::milestones::types::{Milestone, MilestoneCreate};
use crate::access::Visibility;
use crate::http::body::broken;
use crate::http::conditional::Versioned;
use crate::values::{Area, Gap, Localized, Meta, Money, OrganizationRef, Source, Warning};

/// What sort of project it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProjectKind {
    UrbanDevelopment,
    IndustrialComplex,
    Facility,
    Programme,
    Other,
}

/// How far a project has come, in the terms of OC4IDS's codelist projectStatus.
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

/// A place in which a project lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Location {
    /// The 10-digit 법정동코드; null where it is not known.
    #[schema(pattern = "^[0-9]{10}$", example = "4128710400")]
    pub code: Option<String>,
    /// Its name.
    #[validate(nested)]
    #[schema(example = json!({"ko": "경기도 고양시 일산서구 대화동", "en": null}))]
    pub name: Localized,
    /// Whether the source gives it as approximate (일원).
    #[serde(default)]
    pub approximate: bool,
}

/// Who carries a project out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Implementer {
    /// The organization.
    pub organization_id: Uuid,
    /// Its share, in percent; null where it is not known, or where it is shared with others.
    #[schema(minimum = 0, maximum = 100, example = 65)]
    pub share_percent: Option<f64>,
    /// What is to be said of its share, as with whom it is held.
    #[validate(nested)]
    pub note: Option<Localized>,
}

/// What is recorded of a project, without its milestones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "shares_fit"))]
pub struct ProjectContent {
    /// What sort of project it is.
    pub kind: ProjectKind,
    /// Its title.
    #[validate(nested)]
    #[schema(example = json!({"ko": "고양 일산테크노밸리", "en": "Goyang Ilsan Technovalley"}))]
    pub title: Localized,
    /// What it is.
    #[validate(nested)]
    pub description: Option<Localized>,
    /// How far it has come.
    #[serde(default)]
    pub status: ProjectStatus,
    /// The law that it rests on.
    #[schema(max_length = 300, pattern = r"\S", example = "도시개발법")]
    pub legal_basis: Option<String>,
    /// What it costs.
    #[validate(nested)]
    pub budget: Option<Money>,
    /// How much land it takes.
    #[validate(nested)]
    pub area: Option<Area>,
    /// The sectors that it belongs to, as in OC4IDS's codelist projectSector.
    #[serde(default)]
    #[schema(max_items = 20, example = json!(["health"]))]
    pub sectors: Vec<String>,
    /// The industries that it is meant for.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub target_industries: Vec<Localized>,
    /// Who may see it, with its milestones.
    #[serde(default)]
    pub visibility: Visibility,
    /// Where it lies.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub locations: Vec<Location>,
    /// Who carries it out.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub implementers: Vec<Implementer>,
    /// Where these facts are taken from.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub sources: Vec<Source>,
}

fn shares_fit(project: &ProjectContent) -> Result<(), ValidationError> {
    let sum: f64 = project
        .implementers
        .iter()
        .filter_map(|i| i.share_percent)
        .sum();
    if sum > 100.0 + 1e-9 {
        return Err(broken(
            "over_100_percent",
            "/implementers",
            "지분의 합이 100%를 넘습니다.",
            "The shares add up to more than 100 percent.",
        ));
    }
    Ok(())
}

/// A project to be recorded, with its milestones.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct ProjectCreate {
    /// The municipality whose project it is.
    pub municipality_id: Uuid,
    #[serde(flatten)]
    #[validate(nested)]
    pub content: ProjectContent,
    /// Its milestones, with every date once stated for them.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub milestones: Vec<MilestoneCreate>,
}

/// A project.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Project {
    #[serde(flatten)]
    pub meta: Meta,
    /// The municipality whose project it is.
    pub municipality_id: Uuid,
    /// The municipality by its name.
    pub municipality: OrganizationRef,
    #[serde(flatten)]
    pub content: ProjectContent,
    /// Who carries it out, by their names and in the order of `implementers`.
    pub implementing_organizations: Vec<OrganizationRef>,
    /// Its milestones, as they stand on the day asked about.
    pub milestones: Vec<Milestone>,
    /// The expected facts that it lacks.
    pub gaps: Vec<Gap>,
    /// What deserves a look.
    pub warnings: Vec<Warning>,
}

/// A project in a list, without its milestones.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProjectSummary {
    #[serde(flatten)]
    pub meta: Meta,
    /// The municipality whose project it is.
    pub municipality: OrganizationRef,
    #[serde(flatten)]
    pub content: ProjectContent,
    /// Who carries it out, by their names and in the order of `implementers`.
    pub implementing_organizations: Vec<OrganizationRef>,
}

impl Versioned for Project {
    fn version(&self) -> i64 {
        self.meta.version
    }
}
