//! Whether a clause of renewal says that the agreement renews by itself.

/// Words of renewal.
const RENEWALS: [&str; 2] = ["연장", "갱신"];
/// Words of an act that a renewal can need.
const ACTS: [&str; 13] = [
    "합의",
    "협의",
    "동의",
    "승인",
    "통보",
    "통지",
    "의사",
    "요청",
    "신청",
    "요구",
    "결정",
    "필요",
    "협약을통해",
];
/// Words that stand between a renewal and its negation.
const BETWEEN: [&str; 24] = [
    "은", "는", "이", "가", "을", "를", "도", "의", "에", "관한", "조항", "규정", "조건", "대상",
    "적용", "여부", "사항", "내용", "기능", "계획", "예정", ":", "-", "=",
];
/// Nouns and signs that negate what stands before them.
const NEGATIONS: [&str; 22] = [
    "미적용",
    "미실시",
    "미해당",
    "미포함",
    "미인정",
    "미허용",
    "미규정",
    "제외",
    "배제",
    "불가",
    "불허",
    "불인정",
    "금지",
    "폐지",
    "해당없",
    "아니오",
    "아니요",
    "안함",
    "안됨",
    "안한",
    "안하",
    "못",
];

/// Returns whether a clause without white space renews an agreement by itself; `None` if it needs an
/// act, or does not say.
pub(super) fn verdict(clause: &str) -> Option<bool> {
    let mut all = Vec::new();
    let mut start = 0;
    while let Some((at, width)) = next(&clause[start..]) {
        let (before, after) = (&clause[start..start + at], &clause[start + at + width..]);
        all.push(of_one(before, after, start == 0));
        start += at + width;
    }
    if ends_by_absence(clause) {
        all.push(Some(false));
    }
    let says = |verdict| all.contains(&Some(verdict));
    match (says(true), says(false)) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

/// Returns the place of the next word of renewal, and its width.
fn next(text: &str) -> Option<(usize, usize)> {
    let places = RENEWALS
        .iter()
        .filter_map(|word| Some((text.find(word)?, word.len())));
    places.min()
}

/// Returns what the texts before and behind a word of renewal say, the latter up to the next such word.
fn of_one(before: &str, rest: &str, is_first: bool) -> Option<bool> {
    let after = &rest[..next(rest).map_or(rest.len(), |(at, _)| at)];
    if is_negated(after) || before.ends_with(['미', '불', '비']) {
        return Some(false);
    }
    if is_unclear(after) {
        return None;
    }
    let starts = |words: &[&str]| {
        let said = without_between(after);
        words
            .iter()
            .any(|word| after.starts_with(word) || said.starts_with(word))
    };
    // `이의가 없으면 연장할 수 있다` leaves it to the parties.
    if starts(&["가능", "할수있", "될수있"]) {
        return None;
    }
    let absent = conditions(before).any(|rest| outcome(rest).is_none());
    // Another sentence: `자동 연장, 합의로 해지 가능`.
    let sentence = before.rsplit([',', ';', '(']).next().unwrap_or(before);
    if !absent && ACTS.iter().any(|word| sentence.contains(word)) {
        return None;
    }
    let by_itself = ["자동", "묵시"].iter().any(|word| before.contains(word));
    if by_itself || absent {
        return Some(true);
    }
    let is_open = starts(&["여부", "협의", "합의", "시"]);
    let each = before.ends_with('씩') || (is_first && before.contains('씩'));
    // `1년씩 연장, 이의가 없으면`; of what follows it, a condition is that of the other.
    let is_behind = |condition: &str| condition.len() + after.len() >= rest.len();
    let unless = conditions(rest).any(|text| is_behind(text) && outcome(text).is_none());
    ((each && !is_open) || unless).then_some(true)
}

/// Endings of a condition behind 없, 않 and 아니.
const CONDITIONS: [&str; 10] = [
    "으면",
    "는",
    "을",
    "은경우",
    "은때",
    "하면",
    "하는",
    "할",
    "한경우",
    "한때",
];
/// Words of something that does not happen, each a condition by itself.
const ABSENCES: [&str; 3] = ["이의부재", "미통보시", "미통지시"];

/// Returns whether a text makes a condition of something that does not happen: `이의가 없으면`.
pub(super) fn is_absence(text: &str) -> bool {
    conditions(text).next().is_some()
}

/// Returns what stands behind each condition of something that does not happen.
fn conditions(text: &str) -> impl Iterator<Item = &str> {
    let behind = move |word: &'static str| {
        text.match_indices(word)
            .map(move |(at, word)| &text[at + word.len()..])
    };
    let negated = ["없", "않", "아니"].into_iter().flat_map(behind);
    negated
        .filter_map(behind_condition)
        .chain(ABSENCES.into_iter().flat_map(behind))
}

fn is_condition(after: &str) -> bool {
    behind_condition(after).is_some()
}

fn behind_condition(after: &str) -> Option<&str> {
    // `않는다` and `없는 것으로` state a fact.
    let is_fact = ["는다", "는것", "한다"]
        .iter()
        .any(|word| after.starts_with(word));
    let mut endings = CONDITIONS.iter().filter(|_| !is_fact);
    endings.find_map(|ending| after.strip_prefix(ending))
}

/// Words of an end, and what can stand behind them where they say that the agreement ends.
const ENDS: [&str; 7] = ["종료", "실효", "만료", "해지", "해제", "소멸", "효력을상실"];
const ENDED: [&str; 16] = [
    "된다",
    "되며",
    "되고",
    "된것",
    "되는것",
    "됨",
    "한다",
    "하며",
    "하고",
    "한것",
    "하는것",
    "함",
    "로",
    ".",
    ",",
    ")",
];

/// Returns what a condition leads to, by the text behind it up to the end of the sentence: `true` for a
/// renewal, `false` for an end; `None` if it leads to neither.
fn outcome(text: &str) -> Option<bool> {
    let sentence = ["다.", ";", ")"]
        .iter()
        .filter_map(|end| Some(text.find(end)? + end.len()));
    let text = &text[..sentence.min().unwrap_or(text.len())];
    let ended = |word: &str| {
        let mut places = text.match_indices(word);
        let is_end =
            |after: &str| after.is_empty() || ENDED.iter().any(|ending| after.starts_with(ending));
        let (at, _) = places.find(|(at, word)| is_end(&text[at + word.len()..]))?;
        Some((at, false))
    };
    let ends = ENDS.iter().filter_map(|word| ended(word));
    let renewed = next(text).map(|(at, _)| (at, true));
    ends.chain(renewed).min().map(|(_, renews)| renews)
}

/// Returns whether a text ends an agreement where something does not happen:
/// `연장에 합의하지 않으면 종료`.
pub(super) fn ends_by_absence(text: &str) -> bool {
    conditions(text).any(|rest| outcome(rest) == Some(false))
}

/// Removes the words between a renewal and what is said of it.
fn without_between(after: &str) -> &str {
    let mut rest = after;
    while let Some(shorter) = BETWEEN.iter().find_map(|word| rest.strip_prefix(word)) {
        rest = shorter;
    }
    rest
}

/// Returns whether the text behind a word of renewal negates it.
fn is_negated(after: &str) -> bool {
    let rest = without_between(after);
    if let Some(aside) = rest.strip_prefix('(') {
        let aside = aside.split(')').next().unwrap_or(aside);
        return is_no(aside);
    }
    if NEGATIONS.iter().any(|word| rest.starts_with(word)) || is_no(rest) {
        return true;
    }
    let said = rest
        .split([',', ';', '(', '.', '。'])
        .next()
        .unwrap_or(rest);
    states_none(said)
}

/// Returns whether a text is no more than a negation.
fn is_no(text: &str) -> bool {
    let text = text.trim_end_matches([')', '.', ',']);
    let is_sign = ["x", "×", "✕", "n", "no", "부", "무"].contains(&text.to_lowercase().as_str());
    is_sign
        || NEGATIONS
            .iter()
            .any(|word| text.starts_with(word) && text.chars().count() <= 6)
        || (text.chars().count() <= 8 && states_none(text))
}

/// Returns whether a text states, and not as a condition, that something is not.
fn states_none(text: &str) -> bool {
    // `횟수 제한 없음` negates a limit.
    let of_limit = ["제한", "한도", "횟수"]
        .iter()
        .any(|word| text.contains(word));
    !of_limit
        && ["없", "않", "아니", "아닌", "아님"]
            .into_iter()
            .any(|word| {
                let mut places = text.match_indices(word);
                places.any(|(at, _)| !is_condition(&text[at + word.len()..]))
            })
}

/// Returns whether the text behind a word of renewal leaves it open, or negates something, perhaps it,
/// in brackets.
fn is_unclear(after: &str) -> bool {
    let rest = without_between(after).trim_start_matches('(');
    let open = ["미정", "협의", "추후", "논의", "검토", "미확정"];
    if open.iter().any(|word| rest.starts_with(word)) {
        return true;
    }
    let Some((_, aside)) = after.split_once('(') else {
        return false;
    };
    let aside = aside.split(')').next().unwrap_or(aside);
    states_none(aside) || aside.contains("제외") || aside.contains("불가")
}
