//! Words of ledgers for kinds of organizations.

use crate::kernel::text::squeeze;
use crate::organizations::types::OrganizationKind as Kind;

/// Words that say of which kind an organization is, squeezed. A Korean municipality is recorded by its code
/// alone, and is an agency elsewhere.
const KINDS: [(Kind, &[&str]); 7] = [
    (
        Kind::Company,
        &[
            "기업",
            "대기업",
            "중견기업",
            "중소기업",
            "중소벤처기업",
            "벤처기업",
            "창업기업",
            "스타트업",
            "강소기업",
            "민간기업",
            "사기업",
            "외국기업",
            "외투기업",
            "사회적기업",
            "금융기업",
            "금융기관",
            "은행",
            "주식회사",
        ],
    ),
    (
        Kind::PublicCorporation,
        &[
            "공기업",
            "지방공기업",
            "시장형공기업",
            "준시장형공기업",
            "지방공사",
            "지방공단",
            "공사공단",
        ],
    ),
    (
        Kind::GovernmentAgency,
        &[
            "지자체",
            "지방자치단체",
            "기초자치단체",
            "광역자치단체",
            "기초지자체",
            "광역지자체",
            "정부기관",
            "정부부처",
            "중앙부처",
            "중앙행정기관",
            "행정기관",
            "국가기관",
            "관공서",
        ],
    ),
    (
        Kind::Hospital,
        &[
            "의료기관",
            "병의원",
            "종합병원",
            "상급종합병원",
            "대학병원",
            "공공병원",
        ],
    ),
    (
        Kind::University,
        &["대학", "대학교", "전문대", "전문대학", "국립대", "사립대"],
    ),
    (
        Kind::ResearchInstitute,
        &["연구기관", "국책연구기관", "정부출연연구기관", "출연연"],
    ),
    (Kind::Foundation, &["재단법인", "출연재단", "공익재단"]),
];

/// Returns the kind that a cell of kinds names; `None` if it names none that is known, such as 고등학교.
pub fn kind(words: &str) -> Option<Kind> {
    let plain = squeeze(words);
    let plain: String = plain.chars().filter(|c| c.is_alphanumeric()).collect();
    let mut kinds = KINDS.iter();
    let found = kinds.find(|(_, names)| names.contains(&plain.as_str()));
    found.map(|(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("대기업", Some(Kind::Company))]
    #[case("중소 기업", Some(Kind::Company))]
    #[case("공기업", Some(Kind::PublicCorporation))]
    #[case("지방공기업", Some(Kind::PublicCorporation))]
    #[case("공사·공단", Some(Kind::PublicCorporation))]
    #[case("대학", Some(Kind::University))]
    #[case("종합병원", Some(Kind::Hospital))]
    #[case("기초자치단체", Some(Kind::GovernmentAgency))]
    #[case("고등학교", None)]
    #[case("공공기관", None)]
    fn words_of_kinds_are_known(#[case] words: &str, #[case] right: Option<Kind>) {
        assert_eq!(kind(words), right);
    }
}
