//! Lists within one line: `1. 갑시 2. 을시`, `① 갑시 ② 을시`, `(갑)갑시 (을)을전자`, `갑공사(85%)·을도(15%)`.

use super::names::{FORMS, closing};
use super::rest;
use super::split::looks_like_one;

/// Names of the sides of a contract, in their order.
const ROLES: [[&str; 6]; 2] = [["갑", "을", "병", "정", "무", "기"], HANJA];
const HANJA: [&str; 6] = ["甲", "乙", "丙", "丁", "戊", "己"];
/// Names in English, which a colon follows: `"A" Bank` is a name.
const ENGLISH: [[&str; 6]; 2] = [
    ["A", "B", "C", "D", "E", "F"],
    [
        "Party A", "Party B", "Party C", "Party D", "Party E", "Party F",
    ],
];

/// Signs around the role of a side.
const COLONS: [(&str, &str); 2] = [("", ":"), ("", " :")];
const BRACKETS: [(&str, &str); 4] = [("(", ")"), ("\"", "\""), ("“", "”"), ("", ")")];

/// Returns the roles with the signs around them: `갑:`, `(갑)`, `甲 `.
fn roles_with_signs() -> impl Iterator<Item = ([&'static str; 6], &'static str, &'static str)> {
    let with = |roles| move |(open, close)| (roles, open, close);
    let in_brackets = ROLES
        .into_iter()
        .flat_map(move |roles| BRACKETS.map(with(roles)));
    let all = ROLES.into_iter().chain(ENGLISH);
    let with_colons = all.flat_map(move |roles| COLONS.map(with(roles)));
    in_brackets.chain(with_colons).chain([(HANJA, "", " ")])
}

/// Returns whether a text is the role of a side alone.
pub(super) fn is_role(text: &str) -> bool {
    ROLES.iter().flatten().any(|role| *role == text)
}

/// Puts each item of a list within a line on its own.
pub(super) fn lines(text: &str) -> String {
    let text = circled(text);
    let text = bulleted(&numbered(&text));
    shares(&roles_behind(&roles(&text)))
}

/// Divides a text behind the role of each side in brackets: `갑시(갑) 을전자(을)`.
fn roles_behind(text: &str) -> String {
    let in_brackets = |role: &str| format!("({role})");
    let both = |roles: &[&str; 6]| {
        roles[..2]
            .iter()
            .all(|role| text.contains(&in_brackets(role)))
    };
    if text.trim_start().starts_with('(') || !ROLES.iter().any(both) {
        return text.to_owned();
    }
    let mut lines = String::with_capacity(text.len());
    for part in text.split_inclusive(") ") {
        // A sign between them divides them too.
        let is_name = part.starts_with(char::is_alphanumeric);
        let is_behind = |role: &&str| lines.trim_end().ends_with(&in_brackets(role));
        if is_name && ROLES.iter().flatten().any(is_behind) {
            lines.push('\n');
        }
        lines.push_str(part);
    }
    lines
}

fn circled(text: &str) -> String {
    let mut lines = String::with_capacity(text.len());
    for c in text.chars() {
        if ('\u{2460}'..='\u{2473}').contains(&c) && !lines.is_empty() {
            lines.push('\n');
        }
        lines.push(c);
    }
    lines
}

/// Divides a text at the numbers 1, 2 and so on, or at 가, 나 and so on, if it begins with the first.
fn numbered(text: &str) -> String {
    let number = |at: usize| (at + 1).to_string();
    let letter = |at: usize| LETTERS.get(at).copied().unwrap_or_default().to_owned();
    let names: [&dyn Fn(usize) -> String; 2] = [&number, &letter];
    let signs = [". ", ") "];
    for (name, close) in names
        .into_iter()
        .flat_map(|name| signs.map(|close| (name, close)))
    {
        let begins = text.trim_start();
        let Some(mut rest) = begins.strip_prefix(&format!("{}{close}", name(0))) else {
            continue;
        };
        let mut all = Vec::new();
        let mark = |at| Some(name(at)).filter(|name| !name.is_empty());
        while let Some(next) = mark(all.len() + 1)
            && let Some(at) = [" ", "\n", ","].iter().find_map(|gap| {
                let mark = format!("{gap}{next}{close}");
                Some((rest.find(&mark)?, mark.len()))
            })
        {
            all.push(&rest[..at.0]);
            rest = &rest[at.0 + at.1..];
        }
        if !all.is_empty() {
            all.push(rest);
            return all.join("\n");
        }
    }
    text.to_owned()
}

/// Letters that number the items of a list.
pub(super) const LETTERS: [&str; 14] = [
    "가", "나", "다", "라", "마", "바", "사", "아", "자", "차", "카", "타", "파", "하",
];

/// Signs of the items of a list, which can stand at a name without a space.
const BULLETS: [char; 10] = ['ㅇ', '◦', '▶', '□', '■', '●', '◎', '※', '◆', '▪'];

/// Divides a text that begins with the sign of an item at the further ones: `ㅇ을전자 ㅇ병은행`. Two in a
/// row stand for a name that is left out.
fn bulleted(text: &str) -> String {
    let begins = text.trim_start();
    let sign = BULLETS.iter().find(|sign| begins.starts_with(**sign));
    let sign = sign.filter(|sign| !begins[sign.len_utf8()..].starts_with(**sign));
    let further = |sign: &&char| begins.contains([' ', '\n']) && begins.matches(**sign).count() > 1;
    match sign.filter(further) {
        Some(sign) => [' ', '\n']
            .iter()
            .fold(begins[sign.len_utf8()..].to_owned(), |text, gap| {
                text.replace(&format!("{gap}{sign}"), "\n")
            }),
        None => text.to_owned(),
    }
}

/// Divides a text that begins with the role of a side at the further roles.
fn roles(text: &str) -> String {
    for (roles, open, close) in roles_with_signs() {
        let mark = |role: &str| format!("{open}{role}{close}");
        if !text.trim_start().starts_with(&mark(roles[0])) {
            continue;
        }
        let mut lines = text.to_owned();
        for role in &roles[1..] {
            let mark = mark(role);
            let apart = |lines: &str, gap: &str| {
                lines.replace(&format!("{gap}{mark}"), &format!("\n{mark}"))
            };
            for gap in [" / ", " /", "/ ", "/", " "] {
                lines = apart(&lines, gap);
            }
            if open == "(" {
                lines = apart(&lines, "");
            }
        }
        return lines;
    }
    text.to_owned()
}

/// Removes the role of a side before a name: `갑: 갑시`, `(을)을전자`, `위탁자 갑시`.
pub(super) fn without_role(part: &str) -> &str {
    for (roles, open, close) in roles_with_signs() {
        let rest = roles.iter().find_map(|role| {
            let part = part.strip_prefix(open)?.strip_prefix(role)?;
            Some(part.strip_prefix(close)?.trim_start())
        });
        if let Some(rest) = rest.filter(|rest| !rest.is_empty()) {
            return rest.trim_start_matches(':').trim_start();
        }
    }
    let labelled = part.split_once(':').filter(|(label, _)| is_label(label));
    let labelled = labelled.or_else(|| {
        part.split_once(' ').filter(|(label, name)| {
            // `참여기관 협의체` is a name.
            let goes_on = GENERAL.iter().any(|word| name.trim().starts_with(word));
            SIDES.contains(label) && !goes_on
        })
    });
    labelled.map_or(part, |(_, name)| name.trim_start())
}

/// Returns the parties in brackets behind the role or label of a side, or behind a word for several:
/// `주무관청(갑시)`, `컨소시엄(을전자, 병건설)`.
pub(super) fn held(part: &str) -> Option<&str> {
    const FORMER: [&str; 6] = ["구 ", "구:", "舊", "옛", "前", "전 "];
    let open = part.find('(')?;
    let label = part[..open].trim();
    let is_whole = closing(&part[open..]).is_some_and(|close| open + close + 1 == part.len());
    let inside = part.get(open + 1..part.len().checked_sub(1)?)?.trim();
    let is_list = inside.contains([',', ';', '\n', '·']);
    let is_name = (is_list || looks_like_one(inside) || rest::counted(inside).1.is_some())
        && !FORMS.contains(&inside)
        && !FORMER.iter().any(|word| inside.starts_with(word));
    let holds = is_role(label) || is_label(label) || TOGETHER.contains(&label);
    (is_whole && is_name && holds).then_some(inside)
}

fn is_label(text: &str) -> bool {
    let label: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    LABELS.contains(&label.as_str()) || SIDES.contains(&label.as_str())
}

/// Words for several parties together.
const TOGETHER: [&str; 4] = ["컨소시엄", "공동수급체", "참여사", "협약사"];

/// Words that go on with a label as a name.
const GENERAL: [&str; 8] = [
    "협의체",
    "협의회",
    "위원회",
    "연합",
    "대표",
    "단체",
    "모임",
    "컨소시엄",
];

/// Labels of sides that stand in no name: a space can divide them from the name.
const SIDES: [&str; 27] = [
    "주무관청",
    "사업시행자",
    "시행자",
    "시행사",
    "시공자",
    "시공사",
    "사업자",
    "위탁자",
    "수탁자",
    "위탁기관",
    "수탁기관",
    "임대인",
    "임차인",
    "대여자",
    "차용자",
    "대표사",
    "대표기관",
    "주관사",
    "주관기관",
    "참여기관",
    "참여기업",
    "협력기관",
    "발주처",
    "발주자",
    "수급자",
    "상대기관",
    "투자기업",
];

/// Labels of the sides of an agreement.
const LABELS: [&str; 20] = [
    "주관",
    "참여",
    "주최",
    "후원",
    "협력",
    "공동",
    "시행",
    "위탁",
    "수탁",
    "발주",
    "상대",
    "상대방",
    "당사자",
    "협약기관",
    "투자자",
    "국내",
    "해외",
    "민간",
    "공공",
    "구성원",
];

/// Divides a text behind each share in percent that another name follows.
fn shares(text: &str) -> String {
    const JOINTS: [&str; 13] = [
        "·",
        "/",
        "-",
        "–",
        "—",
        "+",
        "&",
        "→",
        "및 ",
        "와 ",
        "과 ",
        "그리고 ",
        "and ",
    ];
    let mut lines = String::with_capacity(text.len());
    let mut left = text;
    while let Some(at) = left.find('%') {
        let mut end = at + 1;
        let inside = left[..at].rfind('(') > left[..at].rfind(')');
        if inside {
            // The bracket may go on: `(지분 85%, 대표)`.
            let Some(after) = left[end..].trim_start().strip_prefix(')') else {
                lines.push_str(&left[..end]);
                left = &left[end..];
                continue;
            };
            end = left.len() - after.len();
        }
        lines.push_str(&left[..end]);
        let after = left[end..].trim_start();
        let joint = JOINTS.iter().find_map(|joint| after.strip_prefix(joint));
        let goes_on = inside && after.contains("%)") && !after.starts_with(['(', ',', ';']);
        if joint.is_some() || goes_on {
            lines.push('\n');
        }
        left = joint.unwrap_or(&left[end..]);
    }
    lines.push_str(left);
    lines
}
