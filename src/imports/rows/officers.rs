//! Names of officers in free texts, such as remarks: `담당: 김철수 주무관 031-123-4567`. Heads, who represent
//! an organization, are public.

use super::persons::{is_certain, is_person};
use super::words::is_department;
use crate::directory::heads::is_post;
use crate::kernel::personal::{Reach, Withheld, tidy, without};

/// Words before the name of an officer.
const LABELS: [&str; 12] = [
    "담당",
    "담당자",
    "담당공무원",
    "업무담당",
    "업무담당자",
    "실무자",
    "문의",
    "문의처",
    "연락처",
    "작성",
    "작성자",
    "주무관",
];
/// Ranks beside the name of an officer, and what follows the name of any person.
const RANKS: [&str; 19] = [
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
    "주사보",
    "주사",
    "서기보",
    "서기",
    "담당자",
    "담당",
    "대리",
    "님",
    "씨",
];

/// Returns a text without what is personal in it, and what was left out; `None` if nothing is. `is_free`
/// says that it is one in which anything can stand.
pub fn without_persons(
    text: &str,
    header: &str,
    (reach, is_free): (Reach, bool),
) -> Option<(String, Vec<Withheld>)> {
    let unnamed = is_free.then(|| without_names(text)).flatten();
    let reached = without(unnamed.as_deref().unwrap_or(text), header, reach);
    let Some(unnamed) = unnamed else {
        return reached;
    };
    let (kept, mut withheld) = reached.unwrap_or((unnamed, Vec::new()));
    withheld.insert(0, Withheld::Name);
    Some((tidy(&kept), withheld))
}

/// Returns a text without the names of officers; `None` if it has none.
fn without_names(text: &str) -> Option<String> {
    let words = words(text);
    let (mut kept, mut from) = (String::with_capacity(text.len()), 0);
    for at in 0..words.len() {
        let Some((first, last)) = named(text, &words, at) else {
            continue;
        };
        let (start, end) = (words[first].start, words[last].end);
        kept.push_str(text.get(from..start).unwrap_or_default());
        from = from.max(end);
    }
    if from == 0 {
        return None;
    }
    kept.push_str(&text[from..]);
    let kept = kept.replace("  ", " ").replace(" ,", ",");
    Some(tidy(kept.trim()))
}

type Word = std::ops::Range<usize>;

fn words(text: &str) -> Vec<Word> {
    let is_gap = |c: char| c.is_whitespace() || "()（）[],/:：;·☎☏".contains(c);
    let (mut words, mut start) = (Vec::new(), None);
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (is_gap(c), start) {
            (true, Some(first)) => {
                words.push(first..at);
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    words
}

/// Returns the first and the last word of the officer whose name stands at a place: with the label before,
/// and the rank behind.
fn named(text: &str, words: &[Word], at: usize) -> Option<(usize, usize)> {
    let of = |at: usize| text.get(words.get(at)?.clone());
    let word = of(at)?;
    let before = at.checked_sub(1).and_then(of).unwrap_or_default();
    let next = of(at + 1).unwrap_or_default();
    let gap = |at: usize| {
        let ends = words.get(at).zip(words.get(at + 1));
        ends.map_or("", |(one, two)| &text[one.end..two.start])
    };
    let is_labelled = LABELS.contains(&before);
    let first = if is_labelled { at - 1 } else { at };
    let joined = RANKS.iter().find_map(|rank| word.strip_suffix(rank));
    if joined.is_some_and(is_certain) {
        return Some((first, at));
    }
    if !is_person(word) || is_department(word) {
        return None;
    }
    let is_ranked = gap(at).trim().is_empty() && has_rank(next);
    let is_behind_rank = RANKS.contains(&before);
    let is_head = is_post(before) || is_post(next) && !is_ranked;
    let is_full = is_certain(word) || word.chars().count() == 3;
    let has_colon = at > 0 && gap(at - 1).contains([':', '：']);
    let is_officer = match () {
        () if is_labelled => has_colon || is_ranked || is_certain(word),
        () if is_ranked => is_full && (is_certain(word) || !next.starts_with("담당")),
        () if is_behind_rank => is_certain(word),
        () => !is_head && is_certain(word) && begins_reach(&text[words[at].end..]),
    };
    let last = if is_ranked && RANKS.contains(&next) {
        at + 1
    } else {
        at
    };
    is_officer.then_some((first, last))
}

/// Returns whether a word is a rank, perhaps with a particle: `팀장이`.
fn has_rank(word: &str) -> bool {
    const PARTICLES: [&str; 9] = ["", "이", "가", "은", "는", "의", "과", "에게", "님"];
    let mut rests = RANKS.iter().filter_map(|rank| word.strip_prefix(rank));
    rests.any(|rest| PARTICLES.contains(&rest))
}

/// Returns whether a number or an address of mail follows behind a name.
fn begins_reach(rest: &str) -> bool {
    let next = rest.trim_start_matches(|c: char| c.is_whitespace() || "(（,/:：☎☏".contains(c));
    let word = next.split_whitespace().next().unwrap_or_default();
    let digits = next.chars().take(14).filter(char::is_ascii_digit).count();
    word.contains('@') || next.starts_with(['0', '+']) && digits >= 7
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn left(text: &str) -> (String, Vec<Withheld>) {
        let found = without_persons(text, "비고", (Reach::None, true));
        found.unwrap_or_else(|| (text.to_owned(), Vec::new()))
    }

    #[rstest]
    #[case("담당: 김철수 주무관 031-123-4567", "")]
    #[case("담당자 홍길동", "")]
    #[case(
        "시설 개선(담당: 도로과 김철수 주무관, 031-123-4567)",
        "시설 개선(담당: 도로과)"
    )]
    #[case("김철수 팀장이 확인함", "팀장이 확인함")]
    #[case("예산 확보 후 추진 / 문의: 홍길동 010-1234-5678", "예산 확보 후 추진")]
    #[case("연락처: 홍길동 hong@gap.go.kr", "")]
    #[case("갑시 경제과 주무관 홍길동", "갑시 경제과")]
    #[case("홍○○ 주무관 담당", "담당")]
    #[case("홍길동(010-1234-5678)에게 확인", "에게 확인")]
    #[case("홍길동과장 확인", "확인")]
    #[case("홍길동 씨 기부", "기부")]
    fn officers_are_left_out_of_free_texts(#[case] text: &str, #[case] kept: &str) {
        let (left, withheld) = left(text);
        assert_eq!(left, kept, "{text}");
        assert_eq!(withheld.first(), Some(&Withheld::Name), "{text}");
    }

    #[rstest]
    #[case("대표 홍길동")]
    #[case("㈜가나(대표이사 홍길동)")]
    #[case("담당 부서: 도로과")]
    #[case("담당: 주택과")]
    #[case("주택 과장 확인")]
    #[case("이동 편의 시설 설치, 정보화 사업과 연계")]
    #[case("한국전력 담당 구역")]
    #[case("2021. 4. 16. 고양시장 이재준 서명")]
    fn other_words_are_no_officers(#[case] text: &str) {
        assert_eq!(left(text), (text.to_owned(), Vec::new()));
    }

    #[test]
    fn a_number_beside_a_head_is_left_out_alone() {
        let (left, withheld) = left("대표 홍길동 010-1234-5678");
        assert_eq!(
            (left.as_str(), withheld),
            ("대표 홍길동", vec![Withheld::Reach])
        );
    }
}
