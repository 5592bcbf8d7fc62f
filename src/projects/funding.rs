//! Sources of a project's money, and figures of its progress.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::phases::unknown_phase;
use crate::kernel::error::FieldError;
use crate::kernel::ids::StatementId;
use crate::kernel::language::Message;
use crate::kernel::rule::rule_error;
use crate::kernel::values::{ImpreciseDate, Localized, LocalizedLine, Money, Warning};

/// Origin of money. `provincial`: a province or a metropolitan city (도비, 광역시비). `municipal`: a
/// city, county or district (시비, 군비, 구비).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FundingOrigin {
    National,
    Provincial,
    Municipal,
    Private,
    Other,
}

/// A part of a project's cost by the origin of the money (재원).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
pub struct Funding {
    /// Origin of the money.
    #[schema(example = "national")]
    pub origin: FundingOrigin,
    /// Amount from there.
    #[validate(nested)]
    pub amount: Money,
    /// Note, such as the name of a fund.
    #[validate(nested)]
    pub note: Option<Localized>,
}

/// Returns a warning if parts of the cost exceed the whole.
pub fn exceeding(budget: Option<&Money>, funding: &[Funding]) -> Option<Warning> {
    let budget = budget?;
    let most = budget.amount.or(budget.max_amount)?;
    let same = funding.iter().map(|part| &part.amount);
    let same = same.filter(|part| part.currency == budget.currency);
    let least = same.filter_map(|part| part.amount.or(part.min_amount));
    let sum = least.fold(0_i64, i64::saturating_add);
    (sum > most).then(|| {
        let message = Message::fixed(
            "재원(funding)의 합이 사업비(budget)보다 큽니다.",
            "The parts in `funding` add up to more than `budget`.",
        );
        Warning::new("funding_over_budget", "/funding", message)
    })
}

/// Measure of progress. `construction`: 공정률. `sales`: 분양률. `leasing`: 임대율. `compensation`:
/// 보상률. `occupancy`: 입주율. `spending`: 집행률.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProgressMeasure {
    Construction,
    Sales,
    Leasing,
    Compensation,
    Occupancy,
    Spending,
    Other,
}

/// A figure of progress.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "other_is_named", skip_on_field_errors = false))]
pub struct ProgressFigure {
    /// Measure of progress.
    #[schema(example = "construction")]
    pub measure: ProgressMeasure,
    /// Name of the measure; needed for `other`.
    #[validate(nested)]
    #[schema(value_type = Option<LocalizedLine>)]
    pub name: Option<Localized>,
    /// Progress in percent.
    #[schema(minimum = 0, maximum = 1000, example = 37.5)]
    pub percent: f64,
    /// Key of the phase that it concerns; null for the whole project.
    #[schema(max_length = 50, pattern = r"^.+$")]
    pub phase: Option<String>,
}

fn other_is_named(progress: &ProgressFigure) -> Result<(), ValidationError> {
    if progress.measure == ProgressMeasure::Other && progress.name.is_none() {
        return Err(rule_error(
            "name_needed",
            "/name",
            "그 밖의 지표에는 이름이 필요합니다.",
            "Name the measure if it is `other`.",
        ));
    }
    Ok(())
}

/// Returns an error for each figure that names a phase which the project lacks.
pub fn unknown_phases(progress: &[ProgressFigure], keys: &[String], at: &str) -> Vec<FieldError> {
    let all = progress.iter().enumerate();
    let unknown = all.filter_map(|(i, one)| {
        unknown_phase(one.phase.as_ref(), keys, format!("{at}/progress/{i}/phase"))
    });
    unknown.collect()
}

/// The latest figure of a measure, with its statement.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LatestProgress {
    #[serde(flatten)]
    pub progress: ProgressFigure,
    /// Date of the statement.
    pub stated_on: ImpreciseDate,
    /// Id of the statement.
    pub statement_id: StatementId,
}
