//! API types of statements about a project.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::kernel::ids::StatementId;
use crate::kernel::rule::{merge_errors, rule_error};
use crate::kernel::values::{
    Area, ImpreciseDate, Localized, LocalizedLine, Money, OrganizationRef, Retraction, Source,
    has_an_end,
};
use crate::projects::funding::{Funding, ProgressFigure};
use crate::projects::types::{Implementer, shares_fit};

/// What was stated about a project on a day: at least one of title, area, budget, funding,
/// implementers and progress. It is never edited; a mistaken one is retracted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "states_something", skip_on_field_errors = false))]
#[schema(example = json!({
    "stated_on": {"edtf": "2020-01-13"}, "stated_by": "고양시",
    "area": {"square_metres": 850_385, "as_stated": "85만385㎡"},
    "budget": {"amount": 823_400_000_000_i64, "currency": "KRW", "as_stated": "8,234억 원"},
}))]
pub struct ProjectStatementContent {
    /// Date of the statement. It counts from the last day of its range, which cannot lie in the
    /// future.
    pub stated_on: ImpreciseDate,
    /// Person or body that stated it.
    #[schema(max_length = 300, pattern = r"^.+$", example = "고양시")]
    pub stated_by: Option<String>,
    /// Title of the project as stated; null if the statement does not concern it.
    #[validate(nested)]
    #[schema(value_type = Option<LocalizedLine>)]
    pub title: Option<Localized>,
    /// Land area as stated; null if the statement does not concern it.
    #[validate(nested)]
    pub area: Option<Area>,
    /// Cost as stated; null if the statement does not concern it.
    #[validate(nested)]
    pub budget: Option<Money>,
    /// All parts of the cost by the origin of the money, as stated; empty if the statement does not
    /// concern them.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub funding: Vec<Funding>,
    /// All organizations that carry the project out, as stated; empty if the statement does not
    /// concern them.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub implementers: Vec<Implementer>,
    /// Figures of progress, as stated.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub progress: Vec<ProgressFigure>,
    /// Note in the words of the source.
    #[validate(nested)]
    pub note: Option<Localized>,
    /// Source of the statement.
    #[validate(nested)]
    pub source: Option<Source>,
}

fn states_something(statement: &ProjectStatementContent) -> Result<(), ValidationError> {
    let nothing = statement.title.is_none()
        && statement.area.is_none()
        && statement.budget.is_none()
        && statement.funding.is_empty()
        && statement.implementers.is_empty()
        && statement.progress.is_empty();
    let nothing = nothing.then(|| {
        rule_error(
            "nothing_stated",
            "",
            "사업명, 면적, 사업비, 재원, 시행자, 진행률 가운데 하나는 있어야 합니다.",
            "One of title, area, budget, funding, implementers and progress is needed.",
        )
    });
    let undated = has_an_end(&statement.stated_on, "/stated_on").err();
    let shares = shares_fit(&statement.implementers, "/implementers").err();
    merge_errors(nothing.into_iter().chain(undated).chain(shares))
}

/// A statement about a project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProjectStatement {
    /// Id of the statement.
    pub id: StatementId,
    #[serde(flatten)]
    pub content: ProjectStatementContent,
    /// Retraction; null if the statement counts.
    pub retraction: Option<Retraction>,
}

/// A statement about a project in their list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListedProjectStatement {
    #[serde(flatten)]
    pub statement: ProjectStatement,
    /// Organizations in `implementers`, with their names, in the same order.
    pub implementing_organizations: Vec<OrganizationRef>,
}

/// A fact of a project that statements concern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProjectFact {
    Title,
    Area,
    Budget,
    Funding,
    Implementers,
}

/// Direction of a change. `changed`: another title, other implementers or shares, other parts of
/// the funding, or an amount in another currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactDirection {
    Increased,
    Decreased,
    Changed,
}

/// A fact of a project that a statement certainly changed.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct StatedChange {
    /// The fact.
    #[schema(example = "budget")]
    pub fact: ProjectFact,
    /// Id of the statement.
    pub statement_id: StatementId,
    /// Id of the statement before it about the same fact.
    pub previous_statement_id: StatementId,
    /// Date of the statement.
    pub stated_on: ImpreciseDate,
    /// Direction of the change.
    #[schema(example = "increased")]
    pub direction: FactDirection,
    /// Amount (in whole units of its currency) or area (in square metres) stated before; null if it
    /// is not one figure.
    #[schema(example = 823_400_000_000.0)]
    pub was: Option<f64>,
    /// Amount or area stated now; null if it is not one figure.
    #[schema(example = 849_300_000_000.0)]
    pub became: Option<f64>,
    /// Change in percent, rounded to two decimals; null unless both are one figure.
    #[schema(example = 3.15)]
    pub percent: Option<f64>,
}

/// Days on which the present facts were recorded, for views of the past.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedDays {
    pub area: Option<NaiveDate>,
    pub budget: Option<NaiveDate>,
    #[serde(default)]
    pub funding: Option<NaiveDate>,
    pub implementers: Option<NaiveDate>,
    pub phases: Option<NaiveDate>,
}
