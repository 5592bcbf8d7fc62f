//! Phases of a project, and the rules for them. Pure.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::types::{Implementer, shares_fit};
use crate::kernel::error::FieldError;
use crate::kernel::language::Message;
use crate::kernel::rule::rule_error;
use crate::kernel::values::{Area, ImpreciseDate, Localized, LocalizedLine, Money};

/// A phase of a project (단계별 사업), with its own period, area, cost and implementers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "phase_shares_fit", skip_on_field_errors = false))]
pub struct Phase {
    /// Short name by which milestones refer to the phase, unique within the project. Defaults to its
    /// number: `1` for the first.
    #[schema(max_length = 50, pattern = r"^.+$", example = "2")]
    pub key: Option<String>,
    /// Title of the phase.
    #[validate(nested)]
    #[schema(value_type = LocalizedLine, example = json!({"ko": "2단계", "en": "Phase 2"}))]
    pub title: Localized,
    /// Period of the phase.
    pub period: Option<ImpreciseDate>,
    /// Land area of the phase. As of a past day, like `area` of the project.
    #[validate(nested)]
    pub area: Option<Area>,
    /// Cost of the phase. As of a past day, like `budget` of the project.
    #[validate(nested)]
    pub budget: Option<Money>,
    /// Organizations that carry the phase out, with their shares in it. As of a past day, like
    /// `implementers` of the project.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 50)]
    pub implementers: Vec<Implementer>,
    /// Note on the phase.
    #[validate(nested)]
    pub note: Option<Localized>,
}

fn phase_shares_fit(phase: &Phase) -> Result<(), ValidationError> {
    shares_fit(&phase.implementers, "/implementers")
}

/// Returns the key of each phase.
pub fn keys(phases: &[Phase]) -> Vec<String> {
    let phases = phases.iter().enumerate();
    let keys = phases.map(|(i, phase)| phase.key.clone().unwrap_or_else(|| (i + 1).to_string()));
    keys.collect()
}

/// Writes the key of each phase that has none.
pub fn number(phases: &mut [Phase]) {
    for (i, phase) in phases.iter_mut().enumerate() {
        phase.key.get_or_insert_with(|| (i + 1).to_string());
    }
}

/// Returns an error for each key that an earlier phase has.
pub fn repeated_keys(phases: &[Phase]) -> impl Iterator<Item = ValidationError> {
    let keys = keys(phases);
    let repeated = (0..keys.len()).filter(move |i| keys[..*i].contains(&keys[*i]));
    repeated.map(|i| {
        rule_error(
            "repeated_key",
            &format!("/phases/{i}/key"),
            "앞의 단계와 같은 이름입니다.",
            "An earlier phase has this key.",
        )
    })
}

/// Returns the error for a milestone that names a phase which the project lacks.
pub fn unknown_phase(phase: Option<&String>, keys: &[String], at: String) -> Option<FieldError> {
    let unknown = phase.is_some_and(|phase| !keys.contains(phase));
    unknown.then(|| {
        let (ko, en) = if keys.is_empty() {
            let ko = "사업에 단계(phases)가 없습니다.".to_owned();
            (ko, "The project has no phases.".to_owned())
        } else {
            let keys = keys.join(", ");
            (
                format!("사업에 없는 단계입니다. 있는 단계: {keys}"),
                format!("The project has no such phase. Its phases: {keys}"),
            )
        };
        FieldError::body(at, "unknown_phase", Message::new(ko, en))
    })
}

/// Returns the error for phases that lack one which milestones or figures of progress name.
pub fn missing_phases(named: &[String], keys: &[String]) -> Option<FieldError> {
    let missing: BTreeSet<&str> = named.iter().map(String::as_str).collect();
    let missing: Vec<&str> = missing
        .into_iter()
        .filter(|key| keys.iter().all(|is| is != key))
        .collect();
    let missing = Some(missing.join(", ")).filter(|missing| !missing.is_empty());
    missing.map(|missing| {
        let message = Message::new(
            format!("추진 단계나 진행률이 속한 단계는 없앨 수 없습니다: {missing}"),
            format!(
                "A phase that milestones or figures of progress name cannot be removed: {missing}"
            ),
        );
        FieldError::body("/phases", "phase_in_use", message)
    })
}
