//! Columns of steps, by their headers: their targets, and the days on which they were met.

use super::steps::{is_target, step};
use crate::kernel::text::squeeze;
use crate::projects::milestones::types::MilestoneKind;

/// What a column of a step states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The target that was stated first.
    First,
    /// The target that took the place of an earlier one.
    Revised,
    Target,
    /// The day on which it was met or, if that is ahead, a target.
    Day,
}

/// Words beside a step in the header of a column, squeezed, with what the column then states.
const PARTS: &[(Part, &[&str])] = &[
    (
        Part::First,
        &["당초", "최초", "기존", "original", "initial", "baseline"],
    ),
    (
        Part::Revised,
        &["변경", "수정", "조정", "revised", "updated"],
    ),
    (
        Part::Target,
        &[
            "예정",
            "목표",
            "계획",
            "planned",
            "plan",
            "target",
            "expected",
            "forecast",
            "scheduled",
        ],
    ),
    (Part::Day, &["실적", "실제", "actual"]),
];

/// Returns the step that the header of a column names, and what the column states of it: `착공 계획`,
/// `당초 준공 예정일`, `Actual completion date`.
pub fn of_header(header: &str) -> Option<(MilestoneKind, Part)> {
    const ENDS: [&str; 4] = ["일자", "일", "시기", "date"];
    let mut parts: Vec<Part> = Vec::new();
    let mut plain = squeeze(header);
    loop {
        if let Some(step) = step(&plain).filter(|step| *step != MilestoneKind::Other) {
            let part = parts.into_iter().min().unwrap_or(Part::Day);
            return Some((step, part));
        }
        let words = PARTS.iter().flat_map(|(part, words)| {
            let words = words.iter();
            words.map(move |word| (Some(*part), *word))
        });
        let mut words = words.chain(ENDS.map(|end| (None, end)));
        let (part, rest) = words.find_map(|(part, word)| {
            let before = part.and(plain.strip_prefix(word));
            Some((part, plain.strip_suffix(word).or(before)?.to_owned()))
        })?;
        parts.extend(part);
        plain = rest;
    }
}

/// Returns what a column of a step states, by its header.
pub fn part(header: &str) -> Part {
    match of_header(header) {
        Some((_, Part::Day)) | None if is_target(header) => Part::Target,
        Some((_, part)) => part,
        None => Part::Day,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_steps_state_targets_and_days() {
        use MilestoneKind::{Completion, Groundbreaking, PlanAmendment, PlanApproval};
        for (header, right) in [
            ("착공일", Some((Groundbreaking, Part::Day))),
            ("착공 실적", Some((Groundbreaking, Part::Day))),
            ("착공 계획", Some((Groundbreaking, Part::Target))),
            ("준공(예정)일", Some((Completion, Part::Target))),
            ("당초 준공 예정일", Some((Completion, Part::First))),
            ("착공일 변경", Some((Groundbreaking, Part::Revised))),
            ("실시계획 인가 예정일", Some((PlanApproval, Part::Target))),
            ("실시계획 변경인가", Some((PlanAmendment, Part::Day))),
            (
                "Planned groundbreaking",
                Some((Groundbreaking, Part::Target)),
            ),
            ("Actual completion date", Some((Completion, Part::Day))),
            ("Completion (original)", Some((Completion, Part::First))),
            ("보상계획 공고일", None),
            ("계획", None),
            ("비고", None),
        ] {
            assert_eq!(of_header(header), right, "{header}");
        }
        assert_eq!(part("개발계획 변경 목표"), Part::Target);
    }
}
