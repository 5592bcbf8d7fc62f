//! Words of ledgers for members with fixed values.

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
    let plain: String = words.chars().filter(|c| !c.is_whitespace()).collect();
    match plain.to_lowercase().as_str() {
        "o" | "○" | "〇" | "ㅇ" | "●" | "✓" | "✔" | "√" | "v" | "y" | "yes" | "예" | "여"
        | "유" | "true" | "있음" | "가능" | "해당" | "자동연장" => Some(true),
        "x" | "×" | "✕" | "✗" | "n" | "no" | "아니오" | "아니요" | "부" | "무" | "false"
        | "없음" | "불가" | "해당없음" | "미해당" | "none" => Some(false),
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
