//! Gaps of projects: expected facts that a record lacks.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::statements::types::ProjectStatement;
use super::types::ProjectContent;
use crate::kernel::values::{Gap, no_source};

/// A gap of a project by which lists are filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProjectGap {
    BudgetUnknown,
    AreaUnknown,
    LocationUnknown,
    ImplementerUnknown,
    LegalBasisUnknown,
    ShareUnknown,
    SourceUnknown,
}

/// Returns the expected facts that a project lacks.
pub fn gaps(
    content: &ProjectContent,
    statements: &[ProjectStatement],
    no_milestones: bool,
) -> Vec<Gap> {
    let mut gaps = missing_facts(content, no_milestones);
    gaps.extend(missing_shares(content));
    gaps.extend(missing_statement_sources(statements));
    gaps.extend(content.sources.is_empty().then(no_source));
    gaps
}

fn missing_facts(c: &ProjectContent, no_milestones: bool) -> Vec<Gap> {
    let facts = [
        (
            c.budget.is_none(),
            "/budget",
            "budget_unknown",
            "사업비를 모릅니다.",
            "What it costs is unknown.",
        ),
        (
            c.area.is_none(),
            "/area",
            "area_unknown",
            "면적을 모릅니다.",
            "How much land it takes is unknown.",
        ),
        (
            c.locations.is_empty(),
            "/locations",
            "location_unknown",
            "위치를 모릅니다.",
            "Where it lies is unknown.",
        ),
        (
            c.implementers.is_empty() && c.phases.iter().all(|p| p.implementers.is_empty()),
            "/implementers",
            "implementer_unknown",
            "시행자를 모릅니다.",
            "Who carries it out is unknown.",
        ),
        (
            c.legal_basis.is_none(),
            "/legal_basis",
            "legal_basis_unknown",
            "근거 법령을 모릅니다.",
            "The law that it rests on is unknown.",
        ),
        (
            no_milestones,
            "/milestones",
            "milestones_unknown",
            "추진 단계가 없습니다.",
            "No milestone is recorded.",
        ),
    ];
    let missing = facts.into_iter().filter(|(is_missing, ..)| *is_missing);
    missing
        .map(|(_, at, code, ko, en)| Gap::new(at, code, ko, en))
        .collect()
}

fn missing_shares(content: &ProjectContent) -> impl Iterator<Item = Gap> {
    let all = content.implementers.iter().enumerate();
    let missing = all.filter(|(_, implementer)| implementer.share_percent.is_none());
    missing.map(|(i, _)| {
        Gap::new(
            format!("/implementers/{i}/share_percent"),
            "share_unknown",
            "지분을 모릅니다.",
            "Its share is unknown.",
        )
    })
}

fn missing_statement_sources(statements: &[ProjectStatement]) -> impl Iterator<Item = Gap> {
    let all = statements.iter().enumerate();
    let missing = all.filter(|(_, statement)| statement.content.source.is_none());
    missing.map(|(i, _)| {
        Gap::new(
            format!("/statements/{i}/source"),
            "source_unknown",
            "출처가 없습니다.",
            "No source is recorded.",
        )
    })
}
