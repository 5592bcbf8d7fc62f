//! Words in the place of a party that name no organization by themselves: 본청, 사업시행자, 을도지사.

use super::persons::{is_person, person_in};
use super::words::is_department;
use crate::directory::heads::{POSTS, headed_by, is_post};
use crate::kernel::text::squeeze;
use crate::organizations::matching::likely_kind;
use crate::organizations::types::OrganizationKind;

/// Who is perhaps meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StandIn {
    /// Nobody by name.
    Nobody,
    /// The body whose head is named.
    HeadOf(String),
    /// A person, perhaps with the body.
    Person(Option<String>),
}

impl StandIn {
    /// Returns the body that is perhaps meant.
    pub fn body(&self) -> Option<&str> {
        match self {
            Self::Nobody => None,
            Self::HeadOf(body) => Some(body),
            Self::Person(body) => body.as_deref(),
        }
    }
}

/// Words without a name, written together.
const NOBODY: &[&str] = &[
    "시",
    "군",
    "구",
    "도",
    "시청",
    "군청",
    "구청",
    "도청",
    "본청",
    "당사",
    "사업시행자",
    "시행자",
    "시행사",
    "시행기관",
    "사업자",
    "민간사업자",
    "사업주체",
    "수탁자",
    "수탁기관",
    "위탁기관",
    "운영자",
    "운영사",
    "상대방",
    "상대기관",
    "참여기관",
    "참여기업",
    "협약기관",
    "협약당사자",
    "관계기관",
    "유관기관",
    "관련기관",
    "해당기관",
    "각기관",
    "기관",
    "업체",
    "기업",
    "단체",
    "회사",
    "대학",
    "병원",
    "학교",
    "주민",
    "지역주민",
    "시민",
    "개인",
    "토지주",
    "토지소유자",
    "투자자",
    "투자기업",
    "입주기업",
    "민간기업",
    "민간",
];

/// Words before a kind of organizations in a place.
const AROUND: [&str; 6] = ["관내", "관외", "도내", "시내", "군내", "지역내"];

/// Words beside a number of persons, the longest of those that begin alike first.
const HEADS: &[&str] = &[
    "부위원장",
    "위원장",
    "위원회",
    "위원",
    "참석자",
    "참석",
    "출석",
    "재적",
    "불참",
    "전원",
    "모두",
    "전체",
    "인원",
    "관계자",
    "직원",
    "공무원",
    "담당자",
    "팀장",
    "과장",
    "국장",
    "부시장",
    "시장",
    "간사",
    "명",
    "인",
    "여",
    "등",
    "외",
    "총",
    "약",
    "중",
    "포함",
    "이상",
    "내외",
    "attendees",
    "members",
    "persons",
    "people",
];

/// Returns whether a text counts persons and names nobody: `12명`, `15`, `위원 전원`, `위원장 외 11명`.
pub fn is_head_count(text: &str) -> bool {
    let plain = squeeze(text);
    let counts = plain.contains(|c: char| c.is_ascii_digit()) || plain.contains("전원");
    let mut rest = plain.trim_start_matches(|c: char| c.is_ascii_digit());
    while let Some(behind) = HEADS.iter().find_map(|word| rest.strip_prefix(word)) {
        rest = behind.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    counts && rest.is_empty()
}

/// Returns who is perhaps meant by words that do not name an organization; `None` for a name.
pub fn stand_in(name: &str, is_known: &dyn Fn(&str) -> bool) -> Option<StandIn> {
    let name = name.trim();
    let plain: String = name.chars().filter(|c| !c.is_whitespace()).collect();
    let first = name.split_whitespace().next().unwrap_or_default();
    let is_word = NOBODY.contains(&plain.as_str()) || AROUND.contains(&first);
    if is_word || is_post(&plain) || is_head_count(name) {
        return Some(StandIn::Nobody);
    }
    if let Some(body) = head_of(name, is_known) {
        return Some(StandIn::HeadOf(body));
    }
    let body = person_in(name)?;
    // `을협회장 이영희` is the head of it.
    if let Some(body) = headed_in_one_word(&body, is_known) {
        return Some(StandIn::HeadOf(body));
    }
    let plain: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    let is_name = !plain.is_empty() && !NOBODY.contains(&plain.as_str());
    Some(StandIn::Person(is_name.then_some(body)))
}

/// Returns the body of which a text names the head, perhaps with the person.
fn head_of(name: &str, is_known: &dyn Fn(&str) -> bool) -> Option<String> {
    let mut words: Vec<&str> = name.split_whitespace().collect();
    if words.len() > 1 {
        let post = words
            .iter()
            .rposition(|word| is_post(word))
            .filter(|at| *at > 0)?;
        let is_market = words[post] == "시장";
        let behind = words.split_off(post);
        let is_last = behind.len() == 1 || behind.len() == 2 && is_person(behind[1]);
        if behind.len() == 1 && words.len() > 1 && words.last().is_some_and(|word| is_person(word))
        {
            words.pop();
        }
        let body = words.join(" ");
        return (is_last && (!is_market || is_known(&body))).then_some(body);
    }
    headed_in_one_word(name, is_known)
}

/// Returns the body whose head a word is: `을도지사`, `을협회장`, `정대학교총장`.
fn headed_in_one_word(word: &str, is_known: &dyn Fn(&str) -> bool) -> Option<String> {
    const ENDS: [&str; 9] = [
        "회",
        "센터",
        "본부",
        "조합",
        "보건소",
        "사업소",
        "의회",
        "청",
        "체육관",
    ];
    if word.contains(' ') {
        return None;
    }
    let is_body = |body: &&str| {
        let is_long = body.chars().count() >= 3;
        is_long && likely_kind(body) != OrganizationKind::Other
    };
    let posts = || POSTS.iter().filter_map(|post| word.strip_suffix(post));
    let chief = || {
        let body = word.strip_suffix('장')?;
        let is_long = body.chars().count() >= 3;
        let ends = is_long && ENDS.iter().any(|end| body.ends_with(end));
        (is_body(&body) || ends || is_department(body)).then_some(body)
    };
    headed_by(word, is_known)
        .or_else(|| posts().find(is_body).map(str::to_owned))
        .or_else(|| chief().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_counts_name_nobody() {
        for (text, right) in [
            ("12명", true),
            ("총 12명", true),
            ("15", true),
            ("전원", true),
            ("위원 전원", true),
            ("위원장 외 11명", true),
            ("위원 12명 중 10명", true),
            ("10 members", true),
            ("위원장", false),
            ("을대학교 외 3명", false),
            ("12사단", false),
            ("을병원", false),
            ("", false),
        ] {
            assert_eq!(is_head_count(text), right, "{text}");
        }
    }

    #[test]
    fn heads_and_roles_are_told_from_names() {
        let is_known = |name: &str| name == "갑시";
        for (name, right) in [
            ("사업 시행자", Some(StandIn::Nobody)),
            ("본청", Some(StandIn::Nobody)),
            ("관내 고등학교", Some(StandIn::Nobody)),
            ("을도지사", Some(StandIn::HeadOf("을도".into()))),
            ("갑시장", Some(StandIn::HeadOf("갑시".into()))),
            (
                "정대학교 홍길동 총장",
                Some(StandIn::HeadOf("정대학교".into())),
            ),
            (
                "정대학교 총장 홍길동",
                Some(StandIn::HeadOf("정대학교".into())),
            ),
            (
                "한국 무슨 협회 회장",
                Some(StandIn::HeadOf("한국 무슨 협회".into())),
            ),
            ("갑시장 홍길동", Some(StandIn::HeadOf("갑시".into()))),
            ("을협회장", Some(StandIn::HeadOf("을협회".into()))),
            ("을병원장", Some(StandIn::HeadOf("을병원".into()))),
            ("을협회장 이영희", Some(StandIn::HeadOf("을협회".into()))),
            ("정대학교총장", Some(StandIn::HeadOf("정대학교".into()))),
            ("홍길동", Some(StandIn::Person(None))),
            ("주민 홍길동", Some(StandIn::Person(None))),
            ("갑시 경제과장", Some(StandIn::Person(Some("갑시".into())))),
            ("을전통시장", None),
            ("을 시장", None),
            ("정대학교", None),
            ("대표도서관", None),
            ("회장 선출 위원회", None),
        ] {
            assert_eq!(stand_in(name, &is_known), right, "{name}");
        }
    }
}
