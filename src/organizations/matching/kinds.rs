//! The kind of organization that a name announces.

use crate::organizations::types::OrganizationKind as Kind;

/// Kinds by the ends of names.
const KINDS: [(Kind, &[&str]); 8] = [
    (Kind::Hospital, &["병원", "의료원", "의료재단", "한의원"]),
    (
        Kind::University,
        &["대학교", "대학", "대학원", "산학협력단", "폴리텍"],
    ),
    (
        Kind::ResearchInstitute,
        &["연구원", "연구소", "연구센터", "과학기술원"],
    ),
    (Kind::Foundation, &["재단", "장학회"]),
    (Kind::PublicCorporation, &["공사", "공단"]),
    (
        Kind::Association,
        &[
            "협회",
            "연합회",
            "학회",
            "협의회",
            "상공회의소",
            "상인회",
            "총연맹",
            "연맹",
            "조합중앙회",
            "의사회",
        ],
    ),
    (
        Kind::GovernmentAgency,
        &[
            "교육지원청",
            "교육청",
            "경찰서",
            "경찰청",
            "소방서",
            "세무서",
            "우체국",
            "검찰청",
            "법원",
            "노동청",
            "병무청",
        ],
    ),
    (
        Kind::Company,
        &["은행", "전자", "건설", "증권", "생명", "카드", "홀딩스"],
    ),
];

const COMPANY: [&str; 8] = [
    "㈜",
    "(주)",
    "주식회사",
    "(유)",
    "유한회사",
    "Co.",
    "Ltd",
    "Inc",
];
const FOUNDATION: [&str; 3] = ["(재)", "재단법인", "㈶"];

/// Returns the kind that a name announces; `other` where it announces none.
pub fn likely_kind(name: &str) -> Kind {
    let has = |marks: &[&str]| marks.iter().any(|mark| name.contains(mark));
    if has(&COMPANY) {
        return Kind::Company;
    }
    let name = name.trim();
    let by_end = KINDS
        .iter()
        .find(|(_, ends)| ends.iter().any(|end| name.ends_with(end)));
    match by_end {
        Some((kind, _)) => *kind,
        None if has(&FOUNDATION) => Kind::Foundation,
        None => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_announce_kinds() {
        for (name, kind) in [
            ("을전자㈜", Kind::Company),
            ("병대학교", Kind::University),
            ("정대학교 산학협력단", Kind::University),
            ("국립암센터", Kind::Other),
            ("명지병원", Kind::Hospital),
            ("한국바이오의약품협회", Kind::Association),
            ("갑도시공사", Kind::PublicCorporation),
            ("(재)갑문화재단", Kind::Foundation),
            ("정교육지원청", Kind::GovernmentAgency),
            ("신군", Kind::Other),
        ] {
            assert_eq!(likely_kind(name), kind, "{name}");
        }
    }
}
