//! Heads of local governments and other bodies, by whom documents name the body itself: `경기도지사`.

/// Posts of heads (지방자치법 제106조), with the end of the name of the government.
const HEADS: [(&str, &str); 4] = [
    ("도지사", "도"),
    ("군수", "군"),
    ("구청장", "구"),
    ("시장", "시"),
];

/// Posts of heads of bodies of every kind.
pub const POSTS: [&str; 30] = [
    "총장",
    "회장",
    "이사장",
    "대표",
    "대표이사",
    "대표자",
    "원장",
    "병원장",
    "의료원장",
    "사장",
    "청장",
    "서장",
    "소장",
    "센터장",
    "단장",
    "관장",
    "교장",
    "본부장",
    "위원장",
    "조합장",
    "은행장",
    "학장",
    "협회장",
    "도지사",
    "시장",
    "군수",
    "구청장",
    "교육감",
    "교육장",
    "이사",
];

/// Returns whether a word is the post of a head.
pub fn is_post(word: &str) -> bool {
    POSTS.contains(&word)
}

/// Returns the local government whose head a name is. A market has the same end as the head of a city:
/// `is_city` tells whether there is a city of a name.
pub fn headed_by(name: &str, is_city: impl Fn(&str) -> bool) -> Option<String> {
    let (before, end) = HEADS
        .iter()
        .find_map(|(post, end)| Some((name.strip_suffix(post)?, *end)))?;
    let body = format!("{before}{end}");
    (!before.trim().is_empty() && (end != "시" || is_city(&body))).then_some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_stands_for_its_government() {
        let is_city = |name: &str| name == "갑시";
        for (name, body) in [
            ("을도지사", Some("을도")),
            ("병군수", Some("병군")),
            ("정구청장", Some("정구")),
            ("갑시장", Some("갑시")),
            ("전통시장", None),
            ("군수", None),
            ("갑시", None),
        ] {
            assert_eq!(headed_by(name, is_city).as_deref(), body, "{name}");
        }
    }
}
