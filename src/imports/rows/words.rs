//! Words of ledgers for members with fixed values.

/// Words for each status, without spaces and punctuation, in lower case.
const STATUSES: &[(&str, &[&str])] = &[
    (
        "completed",
        &[
            "완료",
            "종료",
            "이행완료",
            "추진완료",
            "사업완료",
            "사업종료",
            "기간만료",
            "만료",
            "협약종료",
            "completed",
            "complete",
            "closed",
            "done",
            "expired",
        ],
    ),
    (
        "terminated",
        &[
            "해지",
            "협약해지",
            "파기",
            "중도해지",
            "해제",
            "계약해지",
            "terminated",
            "cancelled",
        ],
    ),
    (
        "signed",
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
        ],
    ),
    (
        "draft",
        &[
            "작성중",
            "협의중",
            "체결예정",
            "예정",
            "검토중",
            "draft",
            "planned",
        ],
    ),
];

/// Returns the status that a cell states; `None` if it states none that agreements have.
pub fn status(words: &str) -> Option<&'static str> {
    let plain: String = words
        .split(['(', '（', '['])
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect::<String>()
        .to_lowercase();
    let found = STATUSES
        .iter()
        .find(|(_, names)| names.contains(&plain.as_str()));
    found.map(|(status, _)| *status)
}

/// Returns the kind of agreement that a text names; `None` if it names none.
pub fn kind(words: &str) -> Option<&'static str> {
    let plain: String = words
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect::<String>()
        .to_lowercase();
    let has = |names: &[&str]| names.iter().any(|name| plain.contains(name));
    Some(match () {
        () if has(&["투자", "investment"]) => "investment",
        () if has(&["자매", "결연", "sister"]) => "sisterhood",
        () if has(&["moa", "합의각서"]) => "moa",
        () if has(&["실시협약", "이행협약", "implementation"]) => "implementation",
        () if has(&["우호", "교류협", "협력협약", "우호협력", "cooperation"]) => {
            "cooperation"
        }
        () if has(&["mou", "업무협약", "양해각서", "업무협정"]) => "mou",
        () => return None,
    })
}

/// Returns whether a cell says that something is so; `None` if it says neither.
pub fn yes_or_no(words: &str) -> Option<bool> {
    let plain = words.trim().to_lowercase();
    match plain.as_str() {
        "o" | "○" | "〇" | "y" | "yes" | "예" | "여" | "유" | "true" | "있음" | "가능"
        | "자동연장" => Some(true),
        "x" | "×" | "n" | "no" | "아니오" | "아니요" | "부" | "무" | "false" | "없음" | "불가" => {
            Some(false)
        }
        _ => None,
    }
}

/// Returns whether a name is that of a department.
pub fn is_department(name: &str) -> bool {
    let name = name.trim();
    let long_enough = name.chars().count() >= 3;
    let ends = [
        "과",
        "팀",
        "실",
        "국",
        "담당관",
        "추진단",
        "사업소",
        "보건소",
        "센터",
        "본부",
        "소방서",
    ];
    long_enough && !name.contains(' ') && ends.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_ledgers_are_known() {
        for (words, right) in [
            ("완료", Some("completed")),
            ("진행 중", Some("signed")),
            ("추진중", Some("signed")),
            ("해지(상대처 요청)", Some("terminated")),
            ("보류", None),
        ] {
            assert_eq!(status(words), right, "{words}");
        }
        for (words, right) in [
            ("자매결연", Some("sisterhood")),
            ("우호협력", Some("cooperation")),
            ("투자협약명", Some("investment")),
            ("청년 창업 업무협약", Some("mou")),
            ("헌혈 문화 확산 협약", None),
        ] {
            assert_eq!(kind(words), right, "{words}");
        }
    }
}
