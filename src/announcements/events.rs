//! The event that a title or a cell tells of, by its words. Pure.

use super::types::AnnouncementKind;

/// Words of each event, in small letters; the first event of which a word occurs counts.
const WORDS: [(AnnouncementKind, &[&str]); 3] = [
    (
        AnnouncementKind::Groundbreaking,
        // Elsewhere than in a word of its own, `기공` also occurs in `전기공사`.
        &["착공", "기공식", " 기공 ", "groundbreaking"],
    ),
    (
        AnnouncementKind::Completion,
        &["준공", "완공", "completion"],
    ),
    (
        AnnouncementKind::Signing,
        &[
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
        ],
    ),
];

/// Returns the event that a text tells of; `None` if it has no word of one.
pub fn told_by(text: &str) -> Option<AnnouncementKind> {
    let text = format!(" {} ", text.to_lowercase());
    let mut all = WORDS.iter();
    let told = all.find(|(_, words)| words.iter().any(|word| text.contains(word)));
    told.map(|(event, _)| *event)
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
    #[case("Designing the city", None)]
    #[case("가을 축제", None)]
    fn events_are_told_by_words(#[case] text: &str, #[case] event: Option<AnnouncementKind>) {
        assert_eq!(told_by(text), event);
    }
}
