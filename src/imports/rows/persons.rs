//! Persons in the place of an organization: `홍길동`, `을전자 김철수 과장`, `갑시 경제과장`.

use super::words::is_department;
use crate::directory::heads::is_post;
use crate::organizations::matching::likely_kind;
use crate::organizations::types::OrganizationKind;

/// Frequent family names.
pub const FAMILY: &str = "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민진류나지엄채원천방공현함변염여추도소석선설마길";
/// Family names of two syllables.
const FAMILY_OF_TWO: [&str; 5] = ["남궁", "황보", "제갈", "선우", "독고"];
/// Syllables of given names. Names such as 이마트 have others.
const GIVEN: &str = "강건경곤광교구국권규균근금기길나남다담대덕도동두득라란람래령례로록룡루린림만말명모목무문미민배백범별병보복봄봉빈산삼상새서석선설섭성세소솔송수숙순슬승시식신실심아안애양언연열엽영예오옥완용우욱운웅원월유윤율은을의이익인일임자장재전정제조종주준중지진찬창채천철초춘충치태택필하학한해향헌혁현형혜호홍화환효후훈휘희";
/// Syllables before the last one of given names that end as bodies do: 김지원, but 문화원.
const BEFORE_WON: &str = "경기나다동민상성승예유재정주지태하혜효희";

/// Words behind the name of an officer.
pub const RANKS: [&str; 12] = [
    "주무관",
    "팀장",
    "과장",
    "계장",
    "국장",
    "실장",
    "사무관",
    "주사",
    "서기",
    "담당",
    "담당자",
    "님",
];
/// Ranks and posts that name a person also without one.
const SURE: [&str; 18] = [
    "주무관",
    "팀장",
    "과장",
    "계장",
    "국장",
    "실장",
    "부장",
    "차장",
    "사무관",
    "서기관",
    "교수",
    "전무",
    "상무",
    "사무국장",
    "사무총장",
    "동장",
    "읍장",
    "면장",
];
/// Those that name one beside a name: `의원` is also a clinic.
const BESIDE: [&str; 32] = [
    "담당",
    "담당자",
    "님",
    "씨",
    "주사",
    "서기",
    "박사",
    "대리",
    "부사장",
    "부회장",
    "부원장",
    "부시장",
    "부군수",
    "처장",
    "위원",
    "의원",
    "시의원",
    "도의원",
    "군의원",
    "구의원",
    "국회의원",
    "간사",
    "기자",
    "변호사",
    "선생님",
    "통장",
    "이장",
    "연구원",
    "선임",
    "책임",
    "매니저",
    "작가",
];
const ENGLISH: [&str; 6] = ["mr", "mrs", "ms", "miss", "dr", "prof"];

/// Returns the body of a person whom a text names, with the rank or post; empty if it names none, `None` if
/// the text names no person.
pub fn person_in(name: &str) -> Option<String> {
    let mut words: Vec<&str> = name.split_whitespace().collect();
    let title = words
        .first()
        .map(|word| word.trim_end_matches('.').to_lowercase());
    if words.len() > 1 && title.is_some_and(|title| ENGLISH.contains(&title.as_str())) {
        return Some(String::new());
    }
    let is_rank = |word: &str| SURE.contains(&word) || BESIDE.contains(&word) || is_post(word);
    let (mut is_found, mut is_ranked) = (false, false);
    while let Some(last) = words.pop() {
        let before = words.last().copied().unwrap_or_default();
        let heads_department = last.strip_suffix('장').is_some_and(is_department);
        let found = match () {
            () if SURE.contains(&last) || heads_department && !before.is_empty() => true,
            () if is_rank(last) => is_found || is_person(before),
            () => {
                let is_beside = is_ranked || is_rank(before);
                is_certain(last) || has_rank(last) || is_beside && is_person(last)
            }
        };
        if !found {
            words.push(last);
            break;
        }
        is_found = true;
        is_ranked = is_rank(last);
    }
    is_found.then(|| words.join(" "))
}

/// Returns whether a text in brackets beside a party names an officer. Heads, who represent a party, are
/// public.
pub fn names_officer(aside: &str) -> bool {
    let has_head = aside.split_whitespace().any(is_post);
    person_in(aside).is_some() && !has_head
}

/// Returns whether a word can be the name of a person.
pub fn is_person(word: &str) -> bool {
    let count = word.chars().count();
    word.starts_with(|c| FAMILY.contains(c))
        && (2..=4).contains(&count)
        && word.chars().all(|c| matches!(c, '가'..='힣') || is_mask(c))
        && !is_body(word)
}

/// Returns whether a word is the name of a person wherever it stands.
pub fn is_certain(word: &str) -> bool {
    let letters: Vec<char> = word.chars().collect();
    let of_two = FAMILY_OF_TWO
        .iter()
        .find_map(|family| word.strip_prefix(family));
    let given = match (of_two, &letters[..]) {
        (Some(given), _) if given.chars().count() == 2 => given.to_owned(),
        (_, [family, given @ ..]) if FAMILY.contains(*family) => given.iter().collect(),
        _ => return false,
    };
    let is_masked = given.chars().any(is_mask) && (1..=2).contains(&given.chars().count());
    let is_given = given.chars().count() == 2 && given.chars().all(|c| GIVEN.contains(c));
    is_masked || is_given && !is_body(word)
}

fn is_mask(c: char) -> bool {
    matches!(c, '○' | '〇' | '*' | 'O')
}

/// Returns whether a word ends as the names of bodies do.
fn is_body(word: &str) -> bool {
    let ends = [
        "시", "군", "구", "도", "회", "사", "대", "단", "소", "청", "국", "관",
    ];
    let is_won = word.strip_suffix('원').is_some_and(|before| {
        let last = before.chars().next_back();
        last.is_none_or(|last| before.chars().count() != 2 || !BEFORE_WON.contains(last))
    });
    is_won
        || ends.iter().any(|end| word.ends_with(end))
        || likely_kind(word) != OrganizationKind::Other
}

/// Returns whether a word is a name and a rank, written together: `홍길동과장`, `김팀장`.
fn has_rank(word: &str) -> bool {
    let ranks = SURE
        .iter()
        .chain(&["님", "씨", "대표", "이사", "박사", "대리"]);
    let mut names = ranks.filter_map(|rank| Some((word.strip_suffix(rank)?, *rank)));
    names.any(|(name, rank)| {
        let is_family = name.chars().count() == 1 && name.starts_with(|c| FAMILY.contains(c));
        is_certain(name) || is_family && SURE.contains(&rank)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn persons_are_told_from_organizations() {
        for (name, body) in [
            ("홍길동", ""),
            ("김지원", ""),
            ("남궁길동", ""),
            ("홍○○", ""),
            ("김과장", ""),
            ("홍길동 과장", ""),
            ("김철 팀장", ""),
            ("시의원 박영수", ""),
            ("Mr. Smith", ""),
            ("을전자 홍길동", "을전자"),
            ("을전자 김철수 과장", "을전자"),
            ("을전자 팀장 김철수", "을전자"),
            ("을전자 팀장", "을전자"),
            ("을대학교 홍길동 교수", "을대학교"),
            ("갑시 경제과장", "갑시"),
            ("을협회장 이영희", "을협회장"),
        ] {
            assert_eq!(person_in(name).as_deref(), Some(body), "{name}");
        }
        for name in [
            "을전자",
            "정재단",
            "정전자",
            "이마트",
            "신세계",
            "문화원",
            "한수원",
            "정의원",
            "을내과 의원",
            "한국 연구원",
            "강원도",
            "남동구",
            "서울시",
            "소방서",
            "방송국",
            "전통시장",
            "한국 전력",
            "을시 문화원",
        ] {
            assert_eq!(person_in(name), None, "{name}");
        }
    }

    #[test]
    fn officers_are_told_from_heads() {
        for (aside, right) in [
            ("담당 홍길동", true),
            ("홍길동 주무관", true),
            ("대표 홍길동", false),
            ("산업단지 조성", false),
        ] {
            assert_eq!(names_officer(aside), right, "{aside}");
        }
    }
}
