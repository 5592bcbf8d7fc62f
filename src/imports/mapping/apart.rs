//! Headers that end like a field and state something else: `실제 고용`, `상대기관 담당자`.

/// Fields, and the words before their names that make a header one of something else.
const APART: [(&[&str], &[&str]); 5] = [
    (
        // How long papers are kept, and where.
        &[
            "effective_from",
            "effective_until",
            "effective_period",
            "venue",
        ],
        &[
            "보존",
            "보관",
            "비치",
            "열람",
            "연장",
            "추진",
            "공사",
            "점검",
            "평가",
            "retention",
            "storage",
            "extension",
        ],
    ),
    (
        // Amounts carried out, beside those promised.
        &[
            "commitment_amount",
            "commitment_persons",
            "commitment_area",
            "cost",
            "amount",
        ],
        &[
            "실", "기", "현", "실제", "실적", "누적", "집행", "이행", "지급", "납부", "정산",
            "잔여", "달성", "현재", "기존", "actual", "paid", "spent", "current", "existing",
            "realized",
        ],
    ),
    (
        // The officers of others.
        &["contact", "contact_phone", "contact_email"],
        &[
            "상대",
            "업체",
            "기업",
            "협약기관",
            "체결기관",
            "협력기관",
            "참여기관",
            "유관기관",
            "회사",
            "단체",
            "협력사",
            "투자사",
            "대학",
            "병원",
            "partner",
            "counterpart",
            "company",
            "organization",
        ],
    ),
    (
        &["lead_department"],
        &[
            "협조",
            "관련",
            "유관",
            "협력",
            "지원",
            "상대",
            "참조",
            "supporting",
            "related",
        ],
    ),
    (
        &["status"],
        &["납부", "집행", "지급", "보고", "점검", "payment"],
    ),
];

/// Returns whether words before the name of a field make a header one of something else. One syllable does
/// so only alone: `실투자액`, but not `하반기 투자액`.
pub(super) fn is_of_other(field: &str, before: &str) -> bool {
    let mut tables = APART.iter().filter(|(fields, _)| fields.contains(&field));
    tables.any(|(_, words)| {
        let mut words = words.iter();
        words.any(|word| match word.chars().count() {
            1 => before == *word,
            _ => before.contains(word),
        })
    })
}
