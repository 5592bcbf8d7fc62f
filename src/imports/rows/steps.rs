//! Words of ledgers for the steps of projects, and for what happened at them.

use crate::http::tables;
use crate::kernel::text::squeeze;
use crate::projects::milestones::types::{MilestoneKind, OutcomeKind};

/// The steps with their words, squeezed. A column can state each of them, but for the last, by the
/// code of the step as its field.
const STEPS: &[(MilestoneKind, &[&str])] = &[
    (
        MilestoneKind::ZoneDesignation,
        &[
            "구역지정",
            "지구지정",
            "단지지정",
            "산업단지지정",
            "도시개발구역지정",
            "지정",
            "지정고시",
            "구역지정고시",
            "지구지정고시",
            "zonedesignation",
            "designation",
        ],
    ),
    (
        MilestoneKind::DevelopmentPlan,
        &[
            "개발계획",
            "개발계획수립",
            "개발계획승인",
            "개발계획고시",
            "개발계획수립고시",
            "developmentplan",
        ],
    ),
    (
        MilestoneKind::PlanApproval,
        &[
            "실시계획인가",
            "실시계획승인",
            "실시계획",
            "실시계획인가고시",
            "실시계획승인고시",
            "실시승인",
            "실시인가",
            "planapproval",
        ],
    ),
    (
        MilestoneKind::PlanAmendment,
        &[
            "실시계획변경",
            "실시계획변경인가",
            "실시계획변경승인",
            "변경인가",
            "변경승인",
            "개발계획변경",
            "planamendment",
        ],
    ),
    (
        MilestoneKind::Compensation,
        &[
            "보상",
            "토지보상",
            "손실보상",
            "보상착수",
            "보상협의",
            "보상완료",
            "compensation",
        ],
    ),
    (
        MilestoneKind::Groundbreaking,
        &[
            "착공",
            "공사착공",
            "착공식",
            "기공",
            "기공식",
            "부지조성착공",
            "공사착수",
            "groundbreaking",
            "constructionstart",
        ],
    ),
    (
        MilestoneKind::LandSupply,
        &[
            "토지공급",
            "용지공급",
            "용지분양",
            "분양",
            "분양공고",
            "분양개시",
            "landsupply",
        ],
    ),
    (
        MilestoneKind::Completion,
        &[
            "준공",
            "준공인가",
            "사업준공",
            "공사준공",
            "부지조성준공",
            "완공",
            "사업완료",
            "completion",
        ],
    ),
];

/// What happened, with its words, squeezed.
const OUTCOMES: &[(OutcomeKind, &[&str])] = &[
    (
        OutcomeKind::Met,
        &[
            "달성",
            "완료",
            "이행",
            "이행완료",
            "추진완료",
            "정상완료",
            "완료됨",
            "met",
            "done",
            "completed",
            "achieved",
        ],
    ),
    (
        OutcomeKind::PartiallyMet,
        &[
            "일부달성",
            "일부완료",
            "부분달성",
            "부분완료",
            "일부이행",
            "partiallymet",
            "partlymet",
            "partial",
        ],
    ),
    (
        OutcomeKind::Failed,
        &[
            "미달성",
            "미이행",
            "실패",
            "무산",
            "failed",
            "missed",
            "notmet",
        ],
    ),
    (
        OutcomeKind::Cancelled,
        &[
            "취소",
            "철회",
            "백지화",
            "사업취소",
            "cancelled",
            "canceled",
        ],
    ),
    (
        OutcomeKind::Suspended,
        &["중단", "잠정중단", "보류", "suspended", "onhold"],
    ),
    (OutcomeKind::Resumed, &["재개", "resumed"]),
    (OutcomeKind::Reopened, &["재추진", "재개시", "reopened"]),
    (OutcomeKind::Started, &["착수", "시작", "started"]),
];

/// Returns the step that a field of a column names.
pub fn of_field(field: &str) -> Option<MilestoneKind> {
    let mut steps = STEPS.iter().map(|(step, _)| *step);
    steps.find(|step| step.as_str() == field)
}

/// Returns the step that a text names.
pub fn step(text: &str) -> Option<MilestoneKind> {
    if let Some(code) = tables::code_of("MilestoneKind", text) {
        return of_field(code).or(Some(MilestoneKind::Other));
    }
    let plain = squeeze(text);
    let word = plain.strip_suffix("일").unwrap_or(&plain);
    let mut steps = STEPS.iter();
    let found = steps.find(|(_, words)| words.contains(&word) || words.contains(&plain.as_str()));
    found.map(|(step, _)| *step)
}

/// Returns what a text says that happened.
pub fn outcome(text: &str) -> Option<OutcomeKind> {
    let plain = squeeze(text);
    let mut all = OUTCOMES.iter();
    let found = all.find(|(_, words)| words.contains(&plain.as_str()));
    found.map(|(outcome, _)| *outcome)
}

/// Returns whether a kind of outcome stands where its day is not known: an end, and not a beginning.
pub fn stands_without_day(outcome: OutcomeKind) -> bool {
    matches!(
        outcome,
        OutcomeKind::Met
            | OutcomeKind::PartiallyMet
            | OutcomeKind::Failed
            | OutcomeKind::Cancelled
            | OutcomeKind::Suspended
    )
}

/// Returns whether a text says that a date is a target, whatever the day is.
pub fn is_target(text: &str) -> bool {
    let plain = squeeze(text);
    let words = [
        "예정", "계획", "목표", "잠정", "까지", "planned", "target", "expected",
    ];
    words.iter().any(|word| plain.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_ledgers_are_known() {
        for (text, right) in [
            ("착공", Some(MilestoneKind::Groundbreaking)),
            ("준공 인가일", Some(MilestoneKind::Completion)),
            ("실시계획 인가", Some(MilestoneKind::PlanApproval)),
            ("Groundbreaking", Some(MilestoneKind::Groundbreaking)),
            ("기타", Some(MilestoneKind::Other)),
            ("1단계", None),
        ] {
            assert_eq!(step(text), right, "{text}");
        }
        for (text, right) in [
            ("완료", Some(OutcomeKind::Met)),
            ("일부 완료", Some(OutcomeKind::PartiallyMet)),
            ("정상 추진", None),
        ] {
            assert_eq!(outcome(text), right, "{text}");
        }
    }
}
