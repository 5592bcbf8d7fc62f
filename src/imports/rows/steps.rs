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
            "유찰",
            "결렬",
            "부결",
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
            "사업철회",
            "지정해제",
            "cancelled",
            "canceled",
        ],
    ),
    (
        OutcomeKind::Suspended,
        &[
            "중단",
            "중지",
            "잠정중단",
            "사업중단",
            "보류",
            "suspended",
            "onhold",
        ],
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
    let is_amendment = || {
        plain.contains("변경")
            && ["실시계획", "개발계획"]
                .iter()
                .any(|plan| plain.contains(plan))
    };
    let amendment = || is_amendment().then_some(MilestoneKind::PlanAmendment);
    found.map(|(step, _)| *step).or_else(amendment)
}

/// Returns what a text says that happened.
pub fn outcome(text: &str) -> Option<OutcomeKind> {
    let plain = squeeze(text);
    let mut all = OUTCOMES.iter();
    let found = all.find(|(_, words)| words.contains(&plain.as_str()));
    found.map(|(outcome, _)| *outcome)
}

/// Words of what is against a step that has happened.
const DOUBTS: [&str; 31] = [
    "취소",
    "철회",
    "해제",
    "폐지",
    "중단",
    "중지",
    "보류",
    "유보",
    "무산",
    "백지화",
    "유찰",
    "연기",
    "지연",
    "부결",
    "결렬",
    "반려",
    "불발",
    "신청",
    "접수",
    "요청",
    "불허",
    "일부",
    "부분",
    "%",
    "cancel",
    "suspend",
    "postpone",
    "delay",
    "hold",
    "partly",
    "fail",
];

/// Returns whether a text says what is against a step that has happened.
pub fn is_doubtful(text: &str) -> bool {
    let text = text.to_lowercase();
    DOUBTS.iter().any(|word| text.contains(word))
}

/// Returns whether a text says beyond doubt that a step has happened, though in words of its own.
pub fn says_done(text: &str) -> bool {
    const DONE: [&str; 18] = [
        "완료", "달성", "이행", "준공", "착공", "승인", "인가", "고시", "지정", "수립", "개최",
        "체결", "확정", "공고", "정상", "함", "done", "complete",
    ];
    let plain = squeeze(text);
    let is_done = DONE.iter().any(|word| plain.contains(word));
    is_done && !plain.contains(['미', '불']) && !is_not_yet(text) && !is_doubtful(text)
}

/// What words before the day of a step say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// That it is the day on which the step was met, or a target.
    Day,
    /// That something else happened on it.
    Otherwise(OutcomeKind),
    Unclear,
}

/// Returns what words before a day say of it: `준공(2022.3)`, `유찰(2022.3)`, `신청일: 2022.3`.
pub fn before_day(words: &str) -> Before {
    const NAMES: [&str; 10] = [
        "실적",
        "실적일",
        "실제",
        "실제일",
        "일자",
        "날짜",
        "시점",
        "시기",
        "actual",
        "date",
    ];
    let is_day = is_target(words)
        || NAMES.contains(&squeeze(words).as_str())
        || (step(words).is_some() || says_done(words)) && !is_doubtful(words);
    match outcome(words) {
        Some(OutcomeKind::Met) => Before::Day,
        Some(kind) => Before::Otherwise(kind),
        None if is_day => Before::Day,
        None => Before::Unclear,
    }
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

/// Plans that are documents, not intentions.
const PLANS: [&str; 9] = [
    "실시계획",
    "개발계획",
    "기본계획",
    "관리계획",
    "지구계획",
    "사업계획",
    "조성계획",
    "정비계획",
    "이용계획",
];
/// What is done with a plan that is a document.
const ACTS: [&str; 7] = ["승인", "인가", "고시", "공고", "수립", "결정", "열람"];

/// Returns whether a text says that a date is a target, whatever the day is.
pub fn is_target(text: &str) -> bool {
    let mut plain = squeeze(text);
    for plan in PLANS {
        plain = plain.replace(plan, "");
    }
    let words = [
        "예정", "목표", "잠정", "까지", "planned", "target", "expected",
    ];
    let mut plans = plain
        .match_indices("계획")
        .map(|(at, word)| &plain[at + word.len()..]);
    words.iter().any(|word| plain.contains(word))
        || plans.any(|behind| !ACTS.iter().any(|act| behind.starts_with(act)))
}

/// Returns whether a text says that a target is open: words that are themselves a statement of it.
pub fn is_open(text: &str) -> bool {
    matches!(squeeze(text).as_str(), "미정" | "미상" | "예정" | "계획")
}

/// Returns whether a text says that something has not happened, or that it is going on.
pub fn is_not_yet(text: &str) -> bool {
    const WORDS: [&str; 18] = [
        "예정",
        "미정",
        "미상",
        "해당없음",
        "해당사항없음",
        "없음",
        "계획",
        "대기",
        "진행",
        "추진",
        "정상추진",
        "준비",
        "pending",
        "planned",
        "notstarted",
        "inprogress",
        "ongoing",
        "na",
    ];
    const ENDS: [&str; 6] = ["예정", "계획", "중", "이전", "전", "준비"];
    let plain = squeeze(text);
    let has_digit = plain.contains(|c: char| c.is_ascii_digit());
    // 미착공, 미착수, 미보상, 미완료
    let is_lack = plain.strip_prefix('미').is_some_and(|rest| {
        let done = [
            "완", "착공", "착수", "준공", "완료", "시행", "추진", "실시", "인가", "승인", "고시",
        ];
        step(rest).is_some() || done.contains(&rest)
    });
    is_lack
        || WORDS.contains(&plain.as_str())
        || !has_digit && ENDS.iter().any(|end| plain.ends_with(end))
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
            ("실시계획 변경인가", Some(MilestoneKind::PlanAmendment)),
            ("변경 실시계획 인가일", Some(MilestoneKind::PlanAmendment)),
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

    #[test]
    fn outcomes_in_other_words_are_doubted() {
        for (text, right) in [
            ("고시 제2021-3호", true),
            ("정상 완료함", true),
            ("유찰", false),
            ("연기", false),
            ("60% 보상", false),
            ("미완료", false),
            ("일부 준공", false),
            ("공사 중", false),
        ] {
            assert_eq!(says_done(text), right, "{text}");
        }
    }

    #[test]
    fn words_before_a_day_say_what_happened_on_it() {
        use Before::{Day, Otherwise, Unclear};
        for (text, right) in [
            ("준공", Day),
            ("실시계획 인가", Day),
            ("완료", Day),
            ("예정", Day),
            ("실적일", Day),
            ("유찰", Otherwise(OutcomeKind::Failed)),
            ("취소", Otherwise(OutcomeKind::Cancelled)),
            ("보류", Otherwise(OutcomeKind::Suspended)),
            ("일부 완료", Otherwise(OutcomeKind::PartiallyMet)),
            ("착수", Otherwise(OutcomeKind::Started)),
            ("연기", Unclear),
            ("반려", Unclear),
            ("불발", Unclear),
            ("인가 취소", Unclear),
            ("인가 신청", Unclear),
            ("부분 준공", Unclear),
            ("협의", Unclear),
            ("당초", Unclear),
            ("추진중", Unclear),
        ] {
            assert_eq!(before_day(text), right, "{text}");
        }
    }

    #[test]
    fn targets_are_told_from_plans() {
        for (text, right) in [
            ("실시계획 인가일", false),
            ("개발계획 승인일", false),
            ("실시계획", false),
            ("보상계획 공고일", false),
            ("실시계획 인가 예정일", true),
            ("실시계획 인가 계획", true),
            ("착공 계획", true),
            ("착공계획일", true),
            ("2026년 예정", true),
            ("준공(목표)", true),
            ("착공일", false),
        ] {
            assert_eq!(is_target(text), right, "{text}");
        }
        for (text, right) in [
            ("미착공", true),
            ("진행중", true),
            ("공사 중", true),
            ("예정", true),
            ("미정", true),
            ("해당없음", true),
            ("착공 전", true),
            ("N/A", true),
            ("완료", false),
            ("미달성", false),
            ("2021.8.31", false),
            ("2026년 예정", false),
            ("고시 제2021-3호", false),
        ] {
            assert_eq!(is_not_yet(text), right, "{text}");
        }
    }
}
