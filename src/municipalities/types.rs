//! Municipalities as they are sent and received.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::directory::municipalities::{MunicipalityKind, MunicipalityLevel};
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{Gap, Localized, Meta, OrganizationRef, Source, Warning};
use crate::kernel::values::{Revision, Versioned};
use crate::organizations::annual_reports::AnnualReport;
use crate::organizations::types::{Officer, OrganizationContent};
use crate::projections::policies::{self, Policy};

/// Recorded facts about a municipality.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "policies_do_not_overlap", skip_on_field_errors = false))]
pub struct MunicipalityContent {
    #[serde(flatten)]
    #[validate(nested)]
    pub content: OrganizationContent,
    /// Policies on its agreements, each for a period of its own.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub policies: Vec<Policy>,
    /// Reports to the council on all its agreements, which a policy can demand each year.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub annual_reports: Vec<AnnualReport>,
}

fn policies_do_not_overlap(content: &MunicipalityContent) -> Result<(), ValidationError> {
    policies::check_no_overlap(&content.policies)
}

/// A municipality to record. Its code is enough; the official list supplies the rest.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(
    function = "created_policies_do_not_overlap",
    skip_on_field_errors = false
))]
pub struct MunicipalityCreate {
    /// 10-digit 법정동코드.
    #[schema(pattern = "^[0-9]{10}$", example = "4128000000")]
    pub code: String,
    /// Current and former holders of its posts.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub officers: Vec<Officer>,
    /// Website, as an http or https URL.
    #[schema(
        max_length = 2000,
        format = "uri",
        example = "https://www.goyang.go.kr/"
    )]
    pub website: Option<String>,
    /// Sources of these facts.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub sources: Vec<Source>,
    /// Policies on its agreements, each for a period of its own.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub policies: Vec<Policy>,
    /// Reports to the council on all its agreements, which a policy can demand each year.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 100)]
    pub annual_reports: Vec<AnnualReport>,
}

impl MunicipalityCreate {
    /// Returns a municipality of which nothing is stated but its code.
    pub fn with_code(code: &str) -> Self {
        Self {
            code: code.to_owned(),
            officers: Vec::new(),
            website: None,
            sources: Vec::new(),
            policies: Vec::new(),
            annual_reports: Vec::new(),
        }
    }
}

fn created_policies_do_not_overlap(create: &MunicipalityCreate) -> Result<(), ValidationError> {
    policies::check_no_overlap(&create.policies)
}

/// By whom a municipality was succeeded.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SuccessionView {
    /// First day of the successors, from which they hold its records.
    #[schema(example = "2026-07-01")]
    pub on: NaiveDate,
    /// Successors: several where its territory was split.
    pub successors: Vec<OrganizationRef>,
}

/// A municipality that another succeeded.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Predecessor {
    /// The predecessor.
    pub municipality: OrganizationRef,
    /// Day from which the successor holds its records.
    #[schema(example = "2026-07-01")]
    pub on: NaiveDate,
}

/// A municipality.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Municipality {
    #[serde(flatten)]
    pub meta: Meta<OrganizationId>,
    /// 10-digit 법정동코드.
    #[schema(example = "4128000000")]
    pub code: String,
    /// Level: metropolitan or basic.
    pub level: MunicipalityLevel,
    /// Kind of local government.
    pub kind: MunicipalityKind,
    /// Code of the metropolitan government that it belongs to.
    #[schema(example = "4100000000")]
    pub parent_code: Option<String>,
    /// Name of the metropolitan government that it belongs to.
    pub parent_name: Option<Localized>,
    /// First day in force; null if not recorded.
    pub valid_from: Option<NaiveDate>,
    /// First day no longer in force; null while in force.
    pub valid_to: Option<NaiveDate>,
    /// Codes of its successors.
    pub succeeded_by: Vec<String>,
    /// Recorded succession, by which its records passed to others; null if none is recorded.
    pub succession: Option<SuccessionView>,
    /// Municipalities that it succeeded, and whose records it holds since.
    pub predecessors: Vec<Predecessor>,
    #[serde(flatten)]
    pub content: MunicipalityContent,
    /// Policy in force today; null if none is. A successor keeps that of its
    /// predecessor until it has its own.
    pub policy: Option<Policy>,
    /// Expected facts that the record lacks.
    pub gaps: Vec<Gap>,
    /// Points to check.
    pub warnings: Vec<Warning>,
}

impl Versioned for Municipality {
    fn revision(&self) -> Revision {
        self.meta.revision()
    }
}
