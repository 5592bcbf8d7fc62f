//! Words of ledgers for the status of an agreement.

use super::apart::brackets;
use crate::kernel::text::squeeze;

/// What words say of an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// A status that agreements have.
    Status(&'static str),
    /// Its term is over.
    Expired,
    /// It is over; whether it was carried out, the words do not say.
    Ended,
    /// What no status says, though it can be an end; or an end that is only planned.
    Unclear,
}

/// Words of what is said, squeezed.
const WORDS: &[(Said, &[&str])] = &[
    (
        Said::Status("completed"),
        &[
            "완료",
            "완료됨",
            "이행완료",
            "추진완료",
            "사업완료",
            "협약이행완료",
            "목적달성",
            "completed",
            "complete",
            "done",
            "fulfilled",
        ],
    ),
    (
        Said::Status("terminated"),
        &[
            "해지",
            "해지함",
            "해지됨",
            "해지완료",
            "협약해지",
            "계약해지",
            "중도해지",
            "합의해지",
            "조기해지",
            "해약",
            "해약됨",
            "협약해약",
            "중도해약",
            "해제",
            "협약해제",
            "파기",
            "파기됨",
            "협약파기",
            "취소",
            "취소됨",
            "협약취소",
            "철회",
            "협약철회",
            "폐기",
            "협약폐기",
            "terminated",
            "cancelled",
            "canceled",
            "revoked",
            "rescinded",
        ],
    ),
    (
        Said::Status("signed"),
        &[
            "진행중",
            "진행",
            "추진중",
            "추진",
            "정상추진",
            "이행중",
            "유효",
            "체결",
            "체결완료",
            "협약체결",
            "계속",
            "운영중",
            "시행중",
            "진행하고있음",
            "signed",
            "active",
            "ongoing",
            "inprogress",
            "inforce",
            "valid",
            "effective",
        ],
    ),
    (
        Said::Status("draft"),
        &[
            "작성중",
            "협의중",
            "체결예정",
            "예정",
            "검토중",
            "미체결",
            "체결전",
            "체결준비",
            "체결추진중",
            "협약예정",
            "추진예정",
            "서명예정",
            "서명전",
            "서명대기",
            "체결대기",
            "결재중",
            "결재대기",
            "내부결재중",
            "승인대기",
            "조율중",
            "협상중",
            "논의중",
            "draft",
            "planned",
            "notsigned",
            "notyetsigned",
            "unsigned",
            "tobesigned",
            "undernegotiation",
        ],
    ),
    (
        Said::Expired,
        &[
            "만료",
            "만료됨",
            "기간만료",
            "기간만료됨",
            "기간만료종료",
            "기간만료로종료",
            "협약만료",
            "계약만료",
            "유효기간만료",
            "유효기간종료",
            "협약기간만료",
            "협약기간종료",
            "계약기간만료",
            "기간종료",
            "기간경과",
            "만기",
            "만기종료",
            "만기도래",
            "expired",
            "lapsed",
            "termexpired",
        ],
    ),
    (
        Said::Ended,
        &[
            "종료",
            "종료됨",
            "협약종료",
            "사업종료",
            "종결",
            "종결됨",
            "closed",
            "ended",
            "finished",
        ],
    ),
];

/// Words of what is against a status in force, squeezed.
const DOUBTS: [&str; 62] = [
    "중단",
    "중지",
    "무산",
    "불발",
    "미체결",
    "미이행",
    "미추진",
    "미시행",
    "미착수",
    "미실시",
    "미완",
    "미결",
    "불이행",
    "보류",
    "유보",
    "연기",
    "취소",
    "철회",
    "폐기",
    "폐지",
    "파기",
    "해지",
    "해약",
    "해제",
    "포기",
    "종료",
    "종결",
    "만료",
    "만기",
    "실효",
    "상실",
    "소멸",
    "무효",
    "부결",
    "결렬",
    "백지화",
    "불가",
    "대체",
    "반려",
    "결재",
    "서명예정",
    "체결예정",
    "inactive",
    "dormant",
    "supersed",
    "replaced",
    "cancel",
    "terminat",
    "expire",
    "lapse",
    "withdraw",
    "suspend",
    "postpone",
    "abandon",
    "void",
    "hold",
    "pending",
    "closed",
    "ended",
    "failed",
    "notsigned",
    "unsigned",
];

/// Words of what is only planned or talked about, squeezed.
const PLANNED: [&str; 8] = [
    "예정",
    "협의",
    "검토",
    "추진중",
    "미정",
    "계획",
    "planned",
    "expected",
];

/// Number of characters of a text that is read as a status; a longer one is an account.
const MOST: usize = 40;

/// Returns what a text says of an agreement; `None` if it says nothing of its status.
pub fn said(text: &str) -> Option<Said> {
    let (outside, asides) = brackets(text);
    let plain = squeeze(&outside);
    let of = |plain: &str| {
        let mut all = WORDS.iter();
        let found = all.find(|(_, words)| words.contains(&plain));
        found.map(|(said, _)| *said)
    };
    if plain.is_empty() {
        return of(&squeeze(&asides.join(" ")));
    }
    let found = of(&plain);
    let aside = squeeze(&asides.join(" "));
    match found {
        Some(found) if contradicts(found, &aside) => Some(Said::Unclear),
        Some(found) => Some(found),
        None => {
            (text.chars().count() <= MOST && has(&DOUBTS, &squeeze(text))).then_some(Said::Unclear)
        }
    }
}

fn has(words: &[&str], plain: &str) -> bool {
    words.iter().any(|word| plain.contains(word))
}

/// Returns whether what stands in brackets is against the words before them.
fn contradicts(said: Said, aside: &str) -> bool {
    match said {
        Said::Status("draft") | Said::Unclear => false,
        // `진행중(만료 시 연장)` is in force; `진행중(사업 중단)` perhaps is not.
        Said::Status("signed") => {
            let end = aside.trim_end_matches(['됨', '함']);
            DOUBTS.iter().any(|word| end.ends_with(word))
        }
        Said::Status("completed") => has(&PLANNED, aside) || has(&DOUBTS, aside),
        Said::Status(_) | Said::Expired | Said::Ended => has(&PLANNED, aside),
    }
}

/// What the words beside a day of signing say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// It has not taken place yet.
    Ahead,
    /// It perhaps never did.
    Denied,
}

/// Returns what words beside a day of signing say against it.
pub fn signing(words: &str) -> Option<Signing> {
    const AHEAD: [&str; 18] = [
        "예정",
        "미체결",
        "체결전",
        "서명전",
        "체결대기",
        "서명대기",
        "결재중",
        "협의중",
        "검토중",
        "추진중",
        "계획",
        "미정",
        "planned",
        "expected",
        "tentative",
        "notsigned",
        "unsigned",
        "tobesigned",
    ];
    const DENIED: [&str; 13] = [
        "취소",
        "무산",
        "철회",
        "불발",
        "연기",
        "보류",
        "유보",
        "결렬",
        "중단",
        "파기",
        "cancel",
        "postpone",
        "calledoff",
    ];
    let plain = squeeze(words);
    match () {
        () if has(&DENIED, &plain) => Some(Signing::Denied),
        () if has(&AHEAD, &plain) => Some(Signing::Ahead),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_ledgers_are_known() {
        let status = |status| Some(Said::Status(status));
        for (text, right) in [
            ("완료", status("completed")),
            ("진행 중", status("signed")),
            ("추진중", status("signed")),
            ("취소", status("terminated")),
            ("해약", status("terminated")),
            ("해지(상대처 요청)", status("terminated")),
            ("미체결", status("draft")),
            ("Not signed", status("draft")),
            ("진행중(협의중)", status("signed")),
            ("진행중(만료 시 자동연장)", status("signed")),
            ("체결예정(검토)", status("draft")),
            ("유효기간 만료", Some(Said::Expired)),
            ("기간경과", Some(Said::Expired)),
            ("Expired", Some(Said::Expired)),
            ("종료", Some(Said::Ended)),
            ("(종결)", Some(Said::Ended)),
            ("closed", Some(Said::Ended)),
            ("보류", Some(Said::Unclear)),
            ("중단", Some(Said::Unclear)),
            ("효력상실", Some(Said::Unclear)),
            ("포기", Some(Said::Unclear)),
            ("미완료", Some(Said::Unclear)),
            ("사업 무산", Some(Said::Unclear)),
            ("해지 예정", Some(Said::Unclear)),
            ("완료(취소)", Some(Said::Unclear)),
            ("완료(2027년 예정)", Some(Said::Unclear)),
            ("진행중(일부 중단)", Some(Said::Unclear)),
            ("서명 예정", status("draft")),
            ("결재중", status("draft")),
            ("3월 서명 예정", Some(Said::Unclear)),
            ("추진불가", Some(Said::Unclear)),
            ("Inactive", Some(Said::Unclear)),
            ("1번 협약으로 대체", Some(Said::Unclear)),
            ("대체(2호 협약으로)", Some(Said::Unclear)),
            ("진행중(2호 협약으로 대체)", Some(Said::Unclear)),
            ("연장 협의 중", None),
            ("분기별 점검", None),
        ] {
            assert_eq!(said(text), right, "{text}");
        }
    }

    #[test]
    fn words_beside_a_day_of_signing_are_known() {
        for (text, right) in [
            ("체결예정", Some(Signing::Ahead)),
            ("(예정)", Some(Signing::Ahead)),
            ("not signed", Some(Signing::Ahead)),
            ("(취소)", Some(Signing::Denied)),
            ("무산", Some(Signing::Denied)),
            ("postponed", Some(Signing::Denied)),
            ("(서명후 우편교환)", None),
            ("체결", None),
            ("(금)", None),
        ] {
            assert_eq!(signing(text), right, "{text}");
        }
    }
}
