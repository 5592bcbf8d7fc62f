//! Amounts: scales, units and the words beside a figure.

use super::{is_english, words};

/// Returns a unit with its scale in Korean, before its currency: `KRW million` as `백만krw`.
pub fn unit(text: &str) -> Option<String> {
    if !is_english(text) {
        return None;
    }
    let words = words(text);
    let scaled = words.iter().map(|word| {
        let word = word.strip_suffix('s').unwrap_or(word);
        SCALES
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, scale)| *scale)
    });
    let scale = scaled.clone().flatten().next()?;
    let rest = words
        .iter()
        .zip(scaled)
        .filter(|(_, scale)| scale.is_none());
    let rest: Vec<&str> = rest
        .map(|(word, _)| word.as_str())
        .filter(|word| *word != "in" && *word != "of")
        .collect();
    Some(format!("{scale}{}", rest.join(" ")))
}

/// Scales of English amounts in Korean.
const SCALES: [(&str, &str); 6] = [
    ("trillion", "조"),
    ("billion", "십억"),
    ("million", "백만"),
    ("thousand", "천"),
    ("bn", "십억"),
    ("mn", "백만"),
];

/// Words before an English figure in Korean, the longest first.
const BEFORE: [(&str, &str); 41] = [
    ("not less than", "최소"),
    ("no less than", "최소"),
    ("in excess of", "최소"),
    ("not more than", "최대"),
    ("no more than", "최대"),
    ("not to exceed", "최대"),
    ("more than", "최소"),
    ("at least", "최소"),
    ("less than", "최대"),
    ("up to", "최대"),
    ("at most", "최대"),
    ("not exceeding", "최대"),
    ("minimum", "최소"),
    ("min", "최소"),
    ("over", "최소"),
    ("above", "최소"),
    ("exceeding", "최소"),
    ("maximum", "최대"),
    ("max", "최대"),
    ("under", "최대"),
    ("below", "최대"),
    ("approximately", "약"),
    ("approx", "약"),
    ("about", "약"),
    ("around", "약"),
    ("roughly", "약"),
    ("nearly", "약"),
    ("almost", "약"),
    ("circa", "약"),
    ("ca", "약"),
    ("c", "약"),
    ("estimated", "약"),
    ("est", "약"),
    ("expected", "약"),
    ("annual", "연간"),
    ("yearly", "연간"),
    ("monthly", "월간"),
    ("average", "평균"),
    ("remaining", "잔여"),
    ("additional", "추가"),
    ("another", "추가"),
];

/// Words behind an English figure in Korean.
const BEHIND: [(&str, &str); 11] = [
    ("minimum", "최소"),
    ("min", "최소"),
    ("maximum", "최대"),
    ("max", "최대"),
    ("approx", "내외"),
    ("or more", "이상"),
    ("and above", "이상"),
    ("or less", "이하"),
    ("at least", "최소"),
    ("at most", "최대"),
    ("estimated", "추정"),
];

/// Writes the scales of English amounts and the words beside them in Korean: `849.3 billion` as
/// `849.3십억`, `up to 3 ha` as `최대 3 ha`.
pub fn amount(text: &str) -> String {
    if !text.contains(|c: char| c.is_ascii_alphabetic()) {
        return text.to_owned();
    }
    let lines: Vec<String> = text.lines().map(amount_in_line).collect();
    lines.join("\n")
}

fn amount_in_line(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut out = String::with_capacity(line.len());
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let is_behind = out.contains(|c: char| c.is_ascii_digit());
        let table = if is_behind { &BEHIND[..] } else { &BEFORE[..] };
        let named = |(phrase, korean): &(&'static str, &'static str)| {
            let width = phrase.split(' ').count();
            let found = words.get(at..at + width)?.join(" ").to_lowercase();
            (found.trim_matches(['.', ',', '(', ')']) == *phrase).then_some((*korean, width))
        };
        let scale = SCALES.iter().find(|(name, _)| word.to_lowercase() == *name);
        if let Some((korean, width)) = table.iter().find_map(named) {
            let last = words[at + width - 1];
            let (open, close) = (word.starts_with('('), last.ends_with(')'));
            let gap = if open { " (" } else { " " };
            out.push_str(gap);
            out.push_str(korean);
            out.push_str(if close { ")" } else { " " });
            at += width;
            continue;
        }
        match scale {
            Some((_, scale)) if out.ends_with(|c: char| c.is_ascii_digit()) => out.push_str(scale),
            _ => {
                out.push(' ');
                out.push_str(word);
            }
        }
        at += 1;
    }
    out.trim().to_owned()
}
