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
/// so only alone: `실투자액`, but not `하반기 투자액`. The name of a department can begin with the word for a
/// partner: `기업지원과 담당자`.
pub(super) fn is_of_other(field: &str, before: &str, header: &str) -> bool {
    let is_of_person = field.starts_with("contact");
    let mut tables = APART.iter().filter(|(fields, _)| fields.contains(&field));
    tables.any(|(_, words)| {
        let mut words = words.iter();
        words.any(|word| match word.chars().count() {
            1 => before == *word,
            _ => before.contains(word) && !(is_of_person && begins_department(word, header)),
        })
    })
}

/// Returns whether a word begins the name of a department in a header, and is no word of its own there:
/// `기업지원과 담당자`, `대학협력팀 연락처`.
pub fn begins_department(word: &str, header: &str) -> bool {
    const ENDS: [&str; 4] = ["과", "팀", "국", "담당관"];
    const BEHIND: [&str; 4] = ["담당", "실무", "연락", "전화"];
    let is_department = |part: &str| {
        let Some((_, rest)) = part.split_once(word) else {
            return false;
        };
        let ends = |end: &&str| {
            let mut behind = rest
                .match_indices(*end)
                .map(|(at, _)| &rest[at + end.len()..]);
            behind
                .any(|behind| behind.is_empty() || BEHIND.iter().any(|one| behind.starts_with(one)))
        };
        // `협력기관담당과`
        !rest.starts_with("담당") && ENDS.iter().any(ends)
    };
    let mut parts = header.split_whitespace();
    parts.clone().all(|part| part != word) && parts.any(is_department)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("기업지원과 담당자", "기업지원과", false)]
    #[case("기업지원과담당자", "기업지원과", false)]
    #[case("대학협력팀 담당자", "대학협력팀", false)]
    #[case("고양시 기업지원과 담당자", "고양시기업지원과", false)]
    #[case("기업 담당자", "기업", true)]
    #[case("투자기업 담당자", "투자기업", true)]
    #[case("기업 지원과 담당자", "기업지원과", true)]
    #[case("상대기관 담당과 담당자", "상대기관담당과", true)]
    #[case("협약기관 담당자", "협약기관", true)]
    fn a_department_is_no_partner(
        #[case] header: &str,
        #[case] before: &str,
        #[case] is_other: bool,
    ) {
        assert_eq!(is_of_other("contact", before, header), is_other);
    }
}
