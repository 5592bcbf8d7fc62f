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
            "종결",
            "종료됨",
            "완료됨",
            "만료됨",
            "협약만료",
            "유효기간만료",
            "유효기간종료",
            "협약기간만료",
            "협약기간종료",
            "계약기간만료",
            "기간종료",
            "기간경과",
            "기간만료됨",
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
            "해지됨",
            "해지완료",
            "취소",
            "취소됨",
            "협약취소",
            "철회",
            "협약철회",
            "폐기",
            "협약폐기",
            "파기됨",
            "협약파기",
            "terminated",
            "cancelled",
            "canceled",
            "revoked",
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
            "미체결",
            "체결전",
            "체결준비",
            "draft",
            "planned",
        ],
    ),
];

/// Words of what is against a status in force, without spaces.
const DOUBTS: [&str; 34] = [
    "중단",
    "중지",
    "무산",
    "미체결",
    "미이행",
    "미추진",
    "미시행",
    "미착수",
    "미실시",
    "불이행",
    "보류",
    "유보",
    "취소",
    "철회",
    "폐기",
    "폐지",
    "파기",
    "해지",
    "해제",
    "종료",
    "종결",
    "만료",
    "실효",
    "무효",
    "부결",
    "결렬",
    "백지화",
    "cancel",
    "terminat",
    "expire",
    "withdraw",
    "suspend",
    "void",
    "hold",
];
/// Number of characters of a text that is read as a status; a longer one is an account.
const MOST: usize = 40;

/// Returns whether a text says of an agreement what no status says, though it can be an end; or, where a
/// status is known, that this is only planned or talked about.
pub fn is_doubtful(text: &str, is_known: bool) -> bool {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let plain = plain.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| plain.contains(word));
    let aside = plain.split_once(['(', '（', '[']).map(|(_, aside)| aside);
    match (is_known, aside) {
        (true, Some(aside)) => {
            let planned = ["예정", "협의", "검토", "추진중", "미정", "planned"];
            let is_of_draft = status(text) == Some("draft");
            !is_of_draft && planned.iter().any(|word| aside.contains(word)) && has(&ENDS)
        }
        (true, None) => false,
        (false, _) => text.chars().count() <= MOST && has(&DOUBTS),
    }
}

/// Words of an end.
const ENDS: [&str; 8] = [
    "완료", "종료", "종결", "만료", "해지", "취소", "철회", "폐기",
];

/// Returns a status by its code.
pub fn status_of(code: &str) -> Option<&'static str> {
    let mut codes = STATUSES.iter().map(|(status, _)| *status);
    codes.find(|status| *status == code)
}

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

/// Words of each kind in a cell of kinds, and longer ones in a title, where a piece of a word names none:
/// 형제자매, 투자증권, 교류협회. The first kind that is named wins.
static KINDS: [(&str, &[&str], &[&str]); 6] = [
    (
        "investment",
        &["투자", "investment"],
        &[
            "투자협약",
            "투자유치협약",
            "투자협정",
            "투자양해각서",
            "투자유치양해각서",
            "투자의향서",
            "investmentagreement",
            "investmentmou",
        ],
    ),
    (
        "sisterhood",
        &["자매", "결연", "sister"],
        &[
            "자매결연",
            "자매도시",
            "자매교류",
            "자매협약",
            "자매협정",
            "결연협약",
            "결연협정",
            "결연체결",
            "sistercit",
            "sisterhood",
        ],
    ),
    ("moa", &["합의각서"], &["합의각서"]),
    (
        "implementation",
        &["실시협약", "이행협약", "implementation"],
        &["실시협약", "이행협약", "implementationagreement"],
    ),
    (
        "mou",
        &["업무협약", "양해각서", "업무협정"],
        &["업무협약", "양해각서", "업무협정"],
    ),
    (
        "cooperation",
        &["우호", "교류", "협력", "cooperation"],
        &[
            "우호협",
            "우호교류",
            "우호도시",
            "교류협약",
            "교류협정",
            "교류협력",
            "협력협약",
            "협력협정",
            "cooperationagreement",
        ],
    ),
];

/// Kinds by abbreviations, which are words of their own: `amount` holds no MOU.
const ABBREVIATIONS: [(&str, &str); 3] = [("mou", "mou"), ("moa", "moa"), ("loi", "other")];

/// Words of agreements of other kinds.
const OTHERS: [&str; 14] = [
    "기타",
    "계약",
    "위탁",
    "위수탁",
    "의향서",
    "약정",
    "합의서",
    "확약",
    "행정협",
    "선언",
    "성명",
    "other",
    "contract",
    "intent",
];

/// Returns the kind of agreement that a cell of kinds names; `None` if it names none.
pub fn kind(words: &str) -> Option<&'static str> {
    let plain = letters(words);
    let has = |names: &[&str]| names.iter().any(|name| plain.contains(name));
    let found = KINDS.iter().find(|(_, names, _)| has(names));
    found
        .map(|(kind, ..)| *kind)
        .or_else(|| abbreviated(words))
        .or_else(|| has(&OTHERS).then_some("other"))
}

/// Returns the kind of agreement that a title names; `None` if it names none.
pub fn kind_of_title(title: &str) -> Option<&'static str> {
    let plain = letters(title);
    let of = |kinds: &[(&'static str, &[&str], &[&str])]| {
        let mut kinds = kinds.iter();
        let found = kinds.find(|(_, _, names)| names.iter().any(|name| plain.contains(name)));
        found.map(|(kind, ..)| *kind)
    };
    // MOU in a title is what it is, before words of what it is about.
    let (others, cooperation) = KINDS.split_at(KINDS.len() - 1);
    of(others)
        .or_else(|| abbreviated(title))
        .or_else(|| of(cooperation))
}

/// Returns whether a cell of kinds says no more than that it is an agreement.
pub fn is_any_agreement(words: &str) -> bool {
    matches!(letters(words).as_str(), "협약" | "협정" | "agreement")
}

fn letters(words: &str) -> String {
    let letters = words.chars().filter(|c| c.is_alphanumeric());
    letters.collect::<String>().to_lowercase()
}

fn abbreviated(words: &str) -> Option<&'static str> {
    let lower = words.to_lowercase();
    let mut latin = lower.split(|c: char| !c.is_ascii_alphabetic());
    latin.find_map(|word| {
        let mut all = ABBREVIATIONS.iter();
        all.find(|(name, _)| *name == word).map(|(_, kind)| *kind)
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
            ("취소", Some("terminated")),
            ("철회", Some("terminated")),
            ("폐기", Some("terminated")),
            ("종결", Some("completed")),
            ("유효기간 만료", Some("completed")),
            ("미체결", Some("draft")),
            ("사업 무산", None),
        ] {
            assert_eq!(status(words), right, "{words}");
        }
        for (words, right) in [
            ("보류", true),
            ("중단", true),
            ("사업 무산", true),
            ("해지 예정", true),
            ("완료(2027년 예정)", true),
            ("해지(상대처 요청)", false),
            ("연장 협의 중", false),
            ("진행중(협의중)", false),
            ("체결예정(검토)", false),
        ] {
            assert_eq!(
                is_doubtful(words, status(words).is_some()),
                right,
                "{words}"
            );
        }
        for (words, right) in [
            ("자매결연", Some("sisterhood")),
            ("우호협력", Some("cooperation")),
            ("투자협약명", Some("investment")),
            ("청년 창업 업무협약", Some("mou")),
            ("헌혈 문화 확산 협약", None),
            ("MOU", Some("mou")),
            ("기타", Some("other")),
            ("위수탁협약", Some("other")),
            ("LOI", Some("other")),
            ("행정협약", Some("other")),
            ("용역 계약", Some("other")),
            ("신규", None),
        ] {
            assert_eq!(kind(words), right, "{words}");
        }
    }

    #[test]
    fn titles_name_kinds_by_whole_words() {
        for (title, right) in [
            ("형제자매 돌봄 지원 협약", None),
            ("결연 아동 후원 MOU", Some("mou")),
            ("투자환경 개선 업무협약", Some("mou")),
            ("(주)을투자증권 업무협약", Some("mou")),
            ("국제교류협회 업무협약", Some("mou")),
            ("국제교류협회 후원 협약", None),
            ("을전자 투자협약", Some("investment")),
            ("자매결연 협정", Some("sisterhood")),
            ("우호교류 협약", Some("cooperation")),
            ("Mount Sister Amount", None),
        ] {
            assert_eq!(kind_of_title(title), right, "{title}");
        }
    }
}
