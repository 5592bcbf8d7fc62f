//! Where one party ends and the next begins.

use super::super::plain::is_blank;
use super::names::{FORMS as SHORT_FORMS, closing};
use super::{english, lists, rest};

/// Returns a text without brackets or quotes around the whole of it: `[갑시, 을전자(주)]`, `‹을전자>`,
/// `(을전자, 병은행)`.
pub(super) fn unwrapped(text: &str) -> &str {
    const OPEN: [char; 10] = ['[', '「', '『', '【', '<', '‹', '《', '〈', '\'', '“'];
    const CLOSE: [char; 10] = [']', '」', '』', '】', '>', '›', '》', '〉', '\'', '”'];
    let text = text.trim();
    let inside = text
        .strip_prefix(OPEN)
        .and_then(|text| text.strip_suffix(CLOSE));
    if let Some(inside) = listed_within(text) {
        return inside;
    }
    match inside {
        Some(inside) if !inside.contains(OPEN) && !inside.contains(CLOSE) => inside.trim(),
        _ => text,
    }
}

/// Returns the parties in round brackets around the whole of a text, which also hold other words alone:
/// `(예정)`.
fn listed_within(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('(')?.strip_suffix(')')?.trim();
    let is_list = inside.contains([',', ';', '\n', '·']);
    let names_any = is_list || looks_like_one(inside) || rest::counted(inside).1.is_some();
    let is_whole = closing(text) == Some(text.len() - 1);
    let is_other = SHORT_FORMS.contains(&inside) || inside.starts_with("단위");
    (is_whole && names_any && !is_other).then_some(inside)
}

/// Splits a text at characters outside brackets that `is_sign` accepts between the part before and the
/// rest of the text.
fn outside<'a>(text: &'a str, is_sign: &dyn Fn(char, &str, &str) -> bool) -> Vec<&'a str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, c) in text.char_indices() {
        let after = &text[at + c.len_utf8()..];
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 && is_sign(c, &text[start..at], after) => {
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
    let is_sign = |c: char, before: &str, after: &str| match c {
        '\n' | ';' | '、' | '|' | '↔' | '⇔' | '⟷' | '⇄' => true,
        ',' => {
            let is_of_name = is_english_form(after) || is_state(after) || is_campus(before, after);
            !is_of_name && country_of(after).is_none()
        }
        _ => false,
    };
    let mut text = text
        .replace("<->", "↔")
        .replace("<=>", "↔")
        .replace("↔", "\n");
    // `[을전자] [병은행]`
    for (between, apart) in [
        ("] [", "]\n["),
        ("][", "]\n["),
        ("」 「", "」\n「"),
        ("」「", "」\n「"),
    ] {
        text = text.replace(between, apart);
    }
    let text = lists::lines(&text);
    let parts = match balanced {
        true => outside(&text, &is_sign),
        false => text.split(['\n', ';', '、', ',']).collect(),
    };
    let parts = parts.into_iter().map(unwrapped);
    let parts = parts.flat_map(|part| match lists::held(part) {
        Some(held) => surely(held),
        None => vec![without_label(part).to_owned()],
    });
    parts.filter(|part| !is_blank(part)).collect()
}

/// States behind a city, as English names them: `Springfield, IL`.
const STATES: &str = " AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT \
    NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY ";

/// Returns whether a text behind a comma begins with a state.
fn is_state(after: &str) -> bool {
    let name = after.split([',', ';', '\n', '(']).next().unwrap_or(after);
    let name = name.trim();
    name.len() == 2 && STATES.contains(&format!(" {name} "))
}

/// Returns whether the text behind a comma can be the campus of a university before it:
/// `University of California, Berkeley`.
fn is_campus(before: &str, after: &str) -> bool {
    let name = after.split([',', ';', '\n']).next().unwrap_or(after).trim();
    let is_place = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_alphabetic() || c == ' ');
    before.trim_start().starts_with("University of ") && is_place && !name.contains("Univ")
}

/// Countries behind a city, as English names them: `San Francisco, USA`.
const COUNTRIES: [&str; 30] = [
    "USA",
    "U.S.A.",
    "U.S.",
    "US",
    "UK",
    "U.K.",
    "United States",
    "United Kingdom",
    "Canada",
    "Mexico",
    "Japan",
    "China",
    "Taiwan",
    "Korea",
    "Republic of Korea",
    "South Korea",
    "Vietnam",
    "Thailand",
    "Mongolia",
    "Philippines",
    "Indonesia",
    "Malaysia",
    "Singapore",
    "India",
    "Russia",
    "Germany",
    "France",
    "Italy",
    "Spain",
    "Australia",
];

/// Returns the country with which a text behind a comma begins.
pub(super) fn country_of(after: &str) -> Option<&'static str> {
    let name = after.split([',', ';', '\n', '(']).next()?.trim();
    COUNTRIES
        .into_iter()
        .find(|country| country.eq_ignore_ascii_case(name))
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

/// Removes what makes a part one of a list: a sign, a number, a label such as `갑:`, or a conjunction.
fn without_label(part: &str) -> &str {
    let part = lists::without_role(without_bullet(part));
    let words = ["및 ", "그리고 ", "and ", "And "];
    words
        .iter()
        .find_map(|word| part.strip_prefix(word))
        .unwrap_or(part)
        .trim_start()
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
    // `사) 한국협회` has a legal form.
    let mut letters = lists::LETTERS.iter();
    let lettered = || letters.find_map(|letter| part.strip_prefix(letter)?.strip_prefix(". "));
    let numbered = numbered.filter(|_| (1..=2).contains(&digits));
    numbered.or_else(lettered).map_or(part, str::trim_start)
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
    if let Some(several) = ratio(whole) {
        return Perhaps::Several(several);
    }
    if let Some(several) = beside(whole, is_known) {
        return Perhaps::Either(whole.to_owned(), several);
    }
    if let Some(found) = english::joined(whole, is_known) {
        return found;
    }
    let all = at_signs(whole);
    if all.len() < 2 {
        return joined(whole, is_known);
    }
    // `을전자 외 25개사 및 병은행`: a number of parties ends no other name.
    if all[..all.len() - 1].iter().any(|name| counts_others(name)) {
        return Perhaps::Several(all);
    }
    let likely = all
        .iter()
        .filter(|name| is_known(name) || looks_like_one(name))
        .count();
    // `을대학교-산학협력단` is perhaps one; a sign of equality stands in no name.
    let is_part = all[1..].iter().any(|name| PARTS.contains(&name.as_str()));
    // An arrow stands rather between the names of one.
    let is_renamed = whole.contains('→');
    let is_sure = !shares_its_end(&all) && !is_part && !is_renamed;
    // `K-water` is a name, `을대·병대` are rather two.
    let is_name = !whole.contains(['×', '✕', '=', '→']) && !all.iter().all(|name| is_word(name));
    match likely {
        n if n == all.len() && is_sure => Perhaps::Several(all),
        0 if is_name => Perhaps::One(whole.to_owned()),
        _ => Perhaps::Either(whole.to_owned(), all),
    }
}

/// Returns whether a text counts further parties behind a name: `을전자 외 25개사`.
fn counts_others(text: &str) -> bool {
    let (before, found) = rest::counted(text);
    !before.is_empty() && found.is_some_and(|all| all.others.count.is_some())
}

/// Returns whether a text is one word of at least two syllables of Hangul.
fn is_word(text: &str) -> bool {
    let hangul = |c: &char| ('가'..='힣').contains(c);
    let word = without_aside(text);
    !word.contains(' ') && word.chars().filter(hangul).count() > 1
}

/// Splits a text at all signs and words that can divide names.
fn at_signs(whole: &str) -> Vec<String> {
    let mut all = vec![whole.to_owned()];
    for signs in [
        &['-', '–', '—', '→', '+', '×', '✕', '=', '~', '_'][..],
        &['·'],
        &['/'],
    ] {
        // `외 3~5개사`
        let is_range =
            |c: char, after: &str| c == '~' && after.starts_with(|c: char| c.is_ascii_digit());
        let is_sign = |c: char, _: &str, after: &str| signs.contains(&c) && !is_range(c, after);
        let apart = all.iter().flat_map(|text| outside(text, &is_sign));
        all = apart.map(|text| text.trim().to_owned()).collect();
    }
    for word in [
        " 및 ",
        " 와 ",
        " 과 ",
        " & ",
        " + ",
        " 그리고 ",
        " vs ",
        " vs. ",
        " VS ",
        " x ",
        " X ",
    ] {
        all = all
            .iter()
            .flat_map(|text| text.split(word))
            .map(|text| text.trim().to_owned())
            .collect();
    }
    all.retain(|text| !text.is_empty());
    match all.len() {
        0 | 1 => all,
        // Each can have brackets or a label of its own.
        _ => all.iter().flat_map(|name| surely(name)).collect(),
    }
}

/// Reads two names with their shares: `을전자 60 : 병은행 40`.
fn ratio(whole: &str) -> Option<Vec<String>> {
    let (one, other) = whole.split_once(':')?;
    let share = |text: &str| -> Option<(String, u32)> {
        let (name, share) = text.trim().rsplit_once(' ')?;
        Some((format!("{name} {share}%"), share.parse().ok()?))
    };
    let ((one, of_one), (other, of_other)) = (share(one)?, share(other)?);
    (of_one.checked_add(of_other)? == 100).then(|| vec![one, other])
}

/// Returns the names in a text where one perhaps explains the other: on both sides of a colon, or
/// in brackets that count further parties: `을전자(병은행 외 3개사)`.
fn beside(whole: &str, is_known: &dyn Fn(&str) -> bool) -> Option<Vec<String>> {
    let is_name = |name: &str| is_known(name.trim()) || looks_like_one(name.trim());
    if let Some((one, other)) = whole.split_once(':') {
        return (is_name(one) && is_name(other)).then(|| [surely(one), surely(other)].concat());
    }
    if whole.starts_with("University of ") && whole.contains(", ") {
        return Some(whole.split(", ").map(str::to_owned).collect());
    }
    let is_last = |open: &usize| closing(&whole[*open..]) == Some(whole.len() - 1 - open);
    let mut opens = whole.match_indices('(').map(|(at, _)| at);
    let open = opens.find(is_last)?;
    let (name, aside) = (
        whole[..open].trim(),
        whole[open + 1..whole.len() - 1].trim(),
    );
    let (named, counted) = rest::counted(aside);
    let is_list = !named.is_empty() && counted.is_some_and(|all| all.others.count.is_some());
    (is_list && !name.is_empty()).then(|| vec![name.to_owned(), aside.to_owned()])
}

/// Parts of bodies that are called by these words alone.
const PARTS: [&str; 6] = [
    "산학협력단",
    "부속병원",
    "부설연구소",
    "대학원",
    "사업단",
    "연구소",
];

/// Returns whether names of a compass point can share the end of the next one: `동부·서부경찰서`.
fn shares_its_end(all: &[String]) -> bool {
    const POINTS: [&str; 5] = ["동부", "서부", "남부", "북부", "중부"];
    all.windows(2).any(|two| {
        let ends = POINTS.iter().any(|point| two[0].ends_with(point));
        let goes_on = |point: &&str| two[1].contains(*point) && !two[1].ends_with(*point);
        ends && POINTS.iter().any(goes_on)
    })
}

/// Splits a part at a particle or sign that hardly ever divides names, if both look like some:
/// `고양시와 한국바이오의약품협회`.
fn joined(whole: &str, is_known: &dyn Fn(&str) -> bool) -> Perhaps {
    let is_name = |name: &str| is_known(name) || looks_like_one(name);
    let mut places: Vec<(usize, &str)> = ["와 ", "과 ", "&"]
        .into_iter()
        .flat_map(|particle| whole.match_indices(particle))
        .collect();
    places.sort_unstable();
    for (at, particle) in places {
        let (one, other) = (whole[..at].trim(), whole[at + particle.len()..].trim());
        let is_counted = rest::counted(other).0.is_empty();
        if counts_others(one) || (is_name(one) && (is_name(other) || is_counted)) {
            let mut all = vec![one.to_owned()];
            match joined(other, is_known) {
                Perhaps::Several(more) => all.extend(more),
                _ => all.push(other.to_owned()),
            }
            return Perhaps::Several(all);
        }
    }
    Perhaps::One(whole.to_owned())
}

/// Returns whether a text says that there is no party, or none that is known.
pub(super) fn is_no_name(text: &str) -> bool {
    // `비공개(을사)`
    let text = text.split('(').next().unwrap_or(text);
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
pub fn looks_like_one(name: &str) -> bool {
    let name = without_aside(name);
    let letters = name.chars().filter(|c| c.is_alphanumeric()).count();
    // `(사)한국` of `(사)한국-몽골협회` is a piece of a name.
    let has_form = |form: &&str| match name.strip_prefix(*form) {
        Some(name) => name.trim().chars().count() >= 3,
        None => name.contains(*form),
    };
    FORMS.iter().any(has_form)
        || (letters >= 2 && SHORT.iter().any(|end| name.ends_with(end)))
        || (letters >= 3 && ENDS.iter().any(|end| name.ends_with(end)))
}

/// Removes brackets at the end, except those of a legal form.
fn without_aside(name: &str) -> &str {
    let mut name = name.trim_end();
    while let Some((before, aside)) = name
        .strip_suffix(')')
        .and_then(|name| name.rsplit_once('('))
        && !SHORT_FORMS.contains(&aside.trim())
        && !before.trim().is_empty()
    {
        name = before.trim_end();
    }
    name
}
