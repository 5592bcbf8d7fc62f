//! Where one party ends and the next begins.

use super::super::plain::is_blank;
use crate::kernel::values::OtherParties;

/// Returns a text without brackets around the whole of it: `[갑시, 을전자(주)]`.
pub(super) fn unwrapped(text: &str) -> &str {
    let text = text.trim();
    let inside = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    match inside {
        Some(inside) if !inside.contains(['[', ']']) => inside.trim(),
        _ => text,
    }
}

/// Splits a text at characters outside brackets that `is_sign` accepts, with the rest of the text.
fn outside<'a>(text: &'a str, is_sign: &dyn Fn(char, &str) -> bool) -> Vec<&'a str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, c) in text.char_indices() {
        let after = &text[at + c.len_utf8()..];
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 && is_sign(c, after) => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Splits a text at the signs that always divide names.
pub(super) fn surely(text: &str) -> Vec<String> {
    // A bracket that never closes divides nothing.
    let balanced = text.matches('(').count() == text.matches(')').count();
    let is_sign = |c: char, after: &str| match c {
        '\n' | ';' | '、' | '|' | '↔' | '⇔' | '⟷' | '⇄' => true,
        ',' => !is_english_form(after),
        _ => false,
    };
    let text = text
        .replace("<->", "↔")
        .replace("<=>", "↔")
        .replace("↔", "\n");
    let parts = match balanced {
        true => outside(&text, &is_sign),
        false => text.split(['\n', ';', '、', ',']).collect(),
    };
    let parts = parts.into_iter().map(|part| without_bullet(part.trim()));
    parts
        .filter(|part| !is_blank(part))
        .map(str::to_owned)
        .collect()
}

/// Returns whether a text goes on with the legal form of an English name: `Acme Co., Ltd.`
fn is_english_form(after: &str) -> bool {
    let word: String = after
        .trim_start()
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    matches!(
        word.to_lowercase().as_str(),
        "ltd" | "inc" | "llc" | "corp" | "co" | "limited" | "plc" | "gmbh"
    )
}

/// Removes the sign or number of a list.
fn without_bullet(part: &str) -> &str {
    let circled = |c: char| ('\u{2460}'..='\u{2473}').contains(&c);
    if let Some(rest) = part.strip_prefix(circled) {
        return rest.trim_start();
    }
    let bullets = ["- ", "· ", "○ ", "ㅇ ", "◦ ", "▶ ", "• ", "* ", "□ ", "■ "];
    if let Some(rest) = bullets.iter().find_map(|bullet| part.strip_prefix(bullet)) {
        return rest.trim_start();
    }
    let digits = part.bytes().take_while(u8::is_ascii_digit).count();
    let numbered = part[digits..]
        .strip_prefix(". ")
        .or_else(|| part[digits..].strip_prefix(") "));
    match numbered {
        Some(rest) if (1..=2).contains(&digits) => rest.trim_start(),
        _ => part,
    }
}

/// How a part with a sign that may divide names is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Perhaps {
    One(String),
    Several(Vec<String>),
    /// Each of both is possible.
    Either(String, Vec<String>),
}

/// Splits a part at a sign that divides names or belongs to one: a dash, a middle dot, a slash, `및`.
pub(super) fn perhaps(part: &str, is_known: &dyn Fn(&str) -> bool) -> Perhaps {
    let whole = part.trim();
    if is_known(whole) {
        return Perhaps::One(whole.to_owned());
    }
    let mut all = vec![whole.to_owned()];
    for signs in [&['-', '–', '—'][..], &['·'], &['/']] {
        let is_sign = |c: char, _: &str| signs.contains(&c);
        let apart = all.iter().flat_map(|text| outside(text, &is_sign));
        all = apart.map(|text| text.trim().to_owned()).collect();
    }
    for word in [" 및 ", " 와 ", " 과 ", " & ", " + ", " 그리고 "] {
        all = all
            .iter()
            .flat_map(|text| text.split(word))
            .map(|text| text.trim().to_owned())
            .collect();
    }
    all.retain(|text| !text.is_empty());
    if all.len() < 2 {
        return joined(whole, is_known);
    }
    let likely = all
        .iter()
        .filter(|name| is_known(name) || looks_like_one(name))
        .count();
    match likely {
        n if n == all.len() => Perhaps::Several(all),
        0 => Perhaps::One(whole.to_owned()),
        _ => Perhaps::Either(whole.to_owned(), all),
    }
}

/// Splits a part at a particle or sign that hardly ever divides names, if both look like some:
/// `고양시와 한국바이오의약품협회`.
fn joined(whole: &str, is_known: &dyn Fn(&str) -> bool) -> Perhaps {
    for particle in ["와 ", "과 ", "&"] {
        let Some((one, other)) = whole.split_once(particle) else {
            continue;
        };
        let (one, other) = (one.trim(), other.trim());
        let is_name = |name: &str| is_known(name) || looks_like_one(name);
        if is_name(one) && is_name(other) {
            return Perhaps::Several(vec![one.to_owned(), other.to_owned()]);
        }
    }
    Perhaps::One(whole.to_owned())
}

/// Returns whether a text says that there is no party, or none that is known.
pub(super) fn is_no_name(text: &str) -> bool {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    matches!(
        text.as_str(),
        "미정"
            | "없음"
            | "해당없음"
            | "미상"
            | "불명"
            | "추후확정"
            | "추후결정"
            | "비공개"
            | "확인불가"
            | "다수"
    )
}

/// Ends of the names of municipalities.
const SHORT: [&str; 3] = ["시", "군", "구"];

/// Ends of the names of organizations.
const ENDS: [&str; 41] = [
    "도",
    "청",
    "원",
    "협회",
    "학회",
    "의회",
    "위원회",
    "연합회",
    "협의회",
    "공사",
    "관",
    "대",
    "학교",
    "대학",
    "은행",
    "공단",
    "재단",
    "조합",
    "센터",
    "소",
    "서",
    "본부",
    "부",
    "처",
    "그룹",
    "전자",
    "건설",
    "카드",
    "생명",
    "보험",
    "증권",
    "법인",
    "단체",
    "연맹",
    "협의체",
    "농협",
    "수협",
    "금고",
    "홀딩스",
    "산학협력단",
    "사업단",
];

/// Legal forms, in full and abbreviated.
const FORMS: [&str; 12] = [
    "(주)",
    "㈜",
    "주식회사",
    "(유)",
    "유한회사",
    "(사)",
    "㈔",
    "사단법인",
    "(재)",
    "재단법인",
    "학교법인",
    "의료법인",
];

/// Returns whether a name ends or begins as those of organizations do.
fn looks_like_one(name: &str) -> bool {
    let name = without_aside(name);
    let letters = name.chars().filter(|c| c.is_alphanumeric()).count();
    FORMS.iter().any(|form| name.contains(form))
        || (letters >= 2 && SHORT.iter().any(|end| name.ends_with(end)))
        || (letters >= 3 && ENDS.iter().any(|end| name.ends_with(end)))
}

/// Removes brackets at the end, except those of a legal form.
fn without_aside(name: &str) -> &str {
    match name.rsplit_once('(') {
        Some((before, aside)) if aside.ends_with(')') && aside.chars().count() > 4 => {
            before.trim_end()
        }
        _ => name.trim_end(),
    }
}

/// Parties that a text counts, and those that it then means: `등 5개 기관` counts the named ones too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    pub others: OtherParties,
    /// Whether the number can include those that are named.
    pub with_named: bool,
}

/// Splits off the parties that the end of a text counts: `외 25개사`, `등`, `42개사`.
pub(super) fn counted(text: &str) -> (&str, Option<Counted>) {
    let text = text.trim();
    let stated = |words: &str, count: Option<u32>, with_named: bool| {
        let as_stated = Some(words.trim().to_owned());
        let others = OtherParties { count, as_stated };
        Some(Counted { others, with_named })
    };
    const GENERAL: [&str; 14] = [
        "총",
        "관내",
        "관외",
        "국내",
        "해외",
        "지역",
        "참여",
        "기업",
        "업체",
        "대학",
        "유관기관",
        "기관",
        "단체",
        "병원",
    ];
    let mut bare = text;
    while let Some(after) = GENERAL.iter().find_map(|word| bare.strip_prefix(word)) {
        bare = after.trim_start();
    }
    if let Some(count) = number_of(bare).filter(|_| bare.contains(['개', '곳'])) {
        return ("", stated(text, Some(count), false));
    }
    for mark in ["…", "..."] {
        let before = text.strip_suffix(mark).map(without_end);
        if let Some(before) = before.filter(|before| !before.is_empty()) {
            return (before, stated(mark, None, false));
        }
    }
    for (mark, with_named) in [("외", false), ("등", true)] {
        let Some(at) = text.rfind(mark) else { continue };
        let (before, after) = (&text[..at], &text[at + mark.len()..]);
        let before = without_end(before);
        let apart = text[..at].ends_with([' ', ',', '\n', ')'])
            || after.trim_start().starts_with(|c: char| c.is_ascii_digit());
        if before.is_empty() || !apart {
            continue;
        }
        let after = after.trim();
        let count = number_of(after).filter(|count| (1..=100_000).contains(count));
        let vague = matches!(
            after,
            "" | "다수" | "여러 기관" | "관계기관" | "유관기관" | "관계 기관"
        );
        if count.is_some() || vague {
            return (
                before,
                stated(&text[at..], count, with_named && count.is_some()),
            );
        }
    }
    (text, None)
}

/// Removes the comma and the spaces at the end of a list.
fn without_end(text: &str) -> &str {
    text.trim_end_matches([',', ' ', '\n'])
}

/// Reads `25개사`, `25개 기관`, `25곳`.
fn number_of(text: &str) -> Option<u32> {
    let text = text.trim().trim_start_matches(['약', ' ']);
    let width = text
        .bytes()
        .take_while(|b| b.is_ascii_digit() || *b == b',')
        .count();
    let count: u32 = text[..width]
        .replace(',', "")
        .parse()
        .ok()
        .filter(|count| *count > 0)?;
    let unit = text[width..]
        .trim_start()
        .trim_start_matches('여')
        .trim_start();
    let thing = unit.strip_prefix('개').unwrap_or(unit).trim_start();
    // A longer text is more than a unit.
    let is_unit =
        unit.starts_with('개') && thing.chars().count() <= 8 && !thing.contains([',', '(', '·']);
    (is_unit || matches!(unit, "" | "곳" | "사")).then_some(count)
}
