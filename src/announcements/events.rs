//! The event that a title or a cell tells of, by its words. Pure.

use super::types::AnnouncementKind;

/// Words of agreements, in small letters.
const AGREEMENTS: [&str; 9] = [
    "협약",
    "체결",
    "양해각서",
    "합의각서",
    "mou",
    "moa",
    "결연",
    "협정",
    // No `designing`.
    " signing",
];

/// Words of the other events. Of several, the first counts.
const OTHERS: [(AnnouncementKind, &[&str]); 2] = [
    (
        AnnouncementKind::Groundbreaking,
        // Elsewhere than in a word of its own, `기공` also occurs in `전기공사`.
        &["착공", "기공식", " 기공 ", "groundbreaking"],
    ),
    (
        AnnouncementKind::Completion,
        &["준공", "완공", "completion"],
    ),
];

/// How a text speaks of an agreement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    /// It is concluded.
    Concluded,
    /// It stands already, and something else is told.
    Standing,
    /// It ends, is planned, reviewed or celebrated.
    Otherwise,
}

/// Words behind that of an agreement.
const BEHIND: [(Said, &[&str]); 2] = [
    (
        Said::Otherwise,
        &[
            "해지",
            "해제",
            "취소",
            "파기",
            "철회",
            "종료",
            "만료",
            "무산",
            "백지화",
            "폐기",
            "중단",
            "결렬",
            "불발",
            "주년",
            "추진",
            "검토",
            "재검토",
            "예정",
            "계획",
            "준비",
            "논의",
            "모색",
            "협의",
            "제안",
            "타진",
            "앞두",
            "앞둔",
            "촉구",
            "요구",
            "요청",
            "위한",
            "위해",
            "이행",
            "점검",
            "평가",
            "성과",
            "후속",
            "cancel",
            "terminat",
            "expir",
            "ends",
            "ended",
            "anniversary",
            "review",
            "plan",
            "talks",
        ],
    ),
    (
        Said::Standing,
        &[
            "맺은",
            "한 ",
            "했던",
            "맺었던",
            "따른",
            "따라",
            "이후",
            "후 ",
            "뒤 ",
            "기업",
            "사업",
            "만에",
        ],
    ),
];

/// Words before that of an agreement, in English.
const BEFORE: [&str; 8] = [
    "anniversary of",
    "cancellation of",
    "termination of",
    "end of",
    "expiry of",
    "review of",
    "plan for",
    "talks on",
];

/// What stands between the word of an agreement and what is said of it: particles, ends of words, and
/// further words of it.
const BETWEEN: [&str; 21] = [
    " ", "(", ")", "‘", "’", "'", "\"", "“", "”", "을", "를", "이", "가", "은", "는", "의", "에",
    "서", "식", "년", "개월",
];

/// Returns the event that a text tells of; `None` if it has no word of one. The signing of an agreement
/// counts before all that it is for.
pub fn told_by(text: &str) -> Option<AnnouncementKind> {
    let text = format!(" {} ", text.to_lowercase());
    let said: Vec<Said> = agreements(&text).collect();
    if said.contains(&Said::Concluded) {
        return Some(AnnouncementKind::Signing);
    }
    let mut others = OTHERS.iter();
    let other = others.find(|(_, words)| words.iter().any(|word| text.contains(word)));
    match (other, said.contains(&Said::Standing)) {
        (Some((event, _)), _) => Some(*event),
        (None, true) => Some(AnnouncementKind::Signing),
        (None, false) => (!said.is_empty()).then_some(AnnouncementKind::Other),
    }
}

/// Returns how a text speaks of each agreement in it.
fn agreements(text: &str) -> impl Iterator<Item = Said> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let words = AGREEMENTS.iter();
        let found = words.filter_map(|word| Some((rest.find(word)?, word.len())));
        let (at, length) = found.min()?;
        let (before, behind) = (&rest[..at], &rest[at + length..]);
        let (said, behind) = said_behind(behind);
        let before = before.trim_end();
        let before = ["the", "an", "a"]
            .iter()
            .find_map(|article| before.strip_suffix(&format!(" {article}")))
            .unwrap_or(before);
        rest = behind;
        match BEFORE.iter().any(|word| before.ends_with(word)) {
            true => Some(Said::Otherwise),
            false => Some(said),
        }
    })
}

/// Returns what is said behind the word of an agreement, and the text behind that.
fn said_behind(text: &str) -> (Said, &str) {
    let mut rest = text;
    loop {
        for (said, words) in BEHIND {
            if let Some(behind) = words.iter().find_map(|word| rest.strip_prefix(word)) {
                return (said, behind);
            }
        }
        let between = BETWEEN.iter().chain(&AGREEMENTS);
        let digit = rest.strip_prefix(|c: char| c.is_ascii_digit());
        match between
            .copied()
            .find_map(|word| rest.strip_prefix(word))
            .or(digit)
        {
            Some(behind) => rest = behind,
            None => return (Said::Concluded, rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("물류단지 기공식 열려", Some(AnnouncementKind::Groundbreaking))]
    #[case("기공", Some(AnnouncementKind::Groundbreaking))]
    #[case("청사 준공", Some(AnnouncementKind::Completion))]
    #[case("가온대와 MOU 맺어", Some(AnnouncementKind::Signing))]
    #[case("체결", Some(AnnouncementKind::Signing))]
    #[case("Signing of an agreement", Some(AnnouncementKind::Signing))]
    #[case("한국전기공사협회와 업무협약", Some(AnnouncementKind::Signing))]
    // An agreement is for something.
    #[case(
        "고양시·가온건설, 체육관 착공 위한 업무협약 체결",
        Some(AnnouncementKind::Signing)
    )]
    #[case("체육관 2027년 준공 목표로 MOU", Some(AnnouncementKind::Signing))]
    #[case("착공식 열고 업무협약도 맺어", Some(AnnouncementKind::Signing))]
    #[case("협약 해지하고 새 업무협약 체결", Some(AnnouncementKind::Signing))]
    #[case(
        "스마트도시 추진 업무협약(MOU) 체결식",
        Some(AnnouncementKind::Signing)
    )]
    #[case("창립 10주년 맞아 업무협약", Some(AnnouncementKind::Signing))]
    // It stands already.
    #[case("업무협약 맺은 물류단지 착공", Some(AnnouncementKind::Groundbreaking))]
    #[case("협약 체결 2년 만에 준공", Some(AnnouncementKind::Completion))]
    // It ends, is planned, reviewed or celebrated.
    #[case("업무협약 해지", Some(AnnouncementKind::Other))]
    #[case("협약을 파기", Some(AnnouncementKind::Other))]
    #[case("협약 체결 취소", Some(AnnouncementKind::Other))]
    #[case("업무협약(MOU)의 종료", Some(AnnouncementKind::Other))]
    #[case("자매결연 10주년", Some(AnnouncementKind::Other))]
    #[case("업무협약 추진 검토", Some(AnnouncementKind::Other))]
    #[case("업무협약 체결 예정", Some(AnnouncementKind::Other))]
    #[case("협약 이행 점검", Some(AnnouncementKind::Other))]
    #[case("Tenth anniversary of the MOU", Some(AnnouncementKind::Other))]
    #[case("MOU cancelled", Some(AnnouncementKind::Other))]
    #[case("Designing the city", None)]
    #[case("가을 축제", None)]
    fn events_are_told_by_words(#[case] text: &str, #[case] event: Option<AnnouncementKind>) {
        assert_eq!(told_by(text), event);
    }
}
