//! Lists within one line: `1. 갑시 2. 을시`, `① 갑시 ② 을시`, `(갑)갑시 (을)을전자`, `갑공사(85%)·을도(15%)`.

/// Names of the sides of a contract.
const ROLES: [&str; 6] = ["갑", "을", "병", "정", "무", "기"];

/// Puts each item of a list within a line on its own.
pub(super) fn lines(text: &str) -> String {
    let text = circled(text);
    let text = numbered(&text);
    shares(&roles(&text))
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

/// Divides a text at the numbers 1, 2 and so on, if it begins with the first.
fn numbered(text: &str) -> String {
    for close in [". ", ") "] {
        let Some(mut rest) = text.trim_start().strip_prefix(&format!("1{close}")) else {
            continue;
        };
        let mut all = Vec::new();
        let mut next = 2;
        while let Some(at) = [" ", "\n", ","].iter().find_map(|gap| {
            let mark = format!("{gap}{next}{close}");
            Some((rest.find(&mark)?, mark.len()))
        }) {
            all.push(&rest[..at.0]);
            rest = &rest[at.0 + at.1..];
            next += 1;
        }
        if !all.is_empty() {
            all.push(rest);
            return all.join("\n");
        }
    }
    text.to_owned()
}

/// Divides a text that begins with the role of a side at the further roles.
fn roles(text: &str) -> String {
    for (open, close) in [("(", ")"), ("", ":"), ("", " :"), ("\"", "\"")] {
        let mark = |role: &str| format!("{open}{role}{close}");
        if !text.trim_start().starts_with(&mark(ROLES[0])) {
            continue;
        }
        let mut lines = text.to_owned();
        for role in &ROLES[1..] {
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

/// Removes the role of a side before a name: `갑: 갑시`, `(을)을전자`.
pub(super) fn without_role(part: &str) -> &str {
    for role in ROLES {
        for (open, close) in [("(", ")"), ("", ":"), ("", " :"), ("\"", "\"")] {
            let rest = part
                .strip_prefix(open)
                .and_then(|part| part.strip_prefix(role));
            let rest = rest
                .and_then(|part| part.strip_prefix(close))
                .map(str::trim_start);
            if let Some(rest) = rest.filter(|rest| !rest.is_empty()) {
                return rest.trim_start_matches(':').trim_start();
            }
        }
    }
    let labelled = part.split_once(':').filter(|(label, _)| {
        let label: String = label.chars().filter(|c| !c.is_whitespace()).collect();
        LABELS.contains(&label.as_str())
    });
    labelled.map_or(part, |(_, name)| name.trim_start())
}

/// Labels of the sides of an agreement.
const LABELS: [&str; 26] = [
    "주관",
    "주관기관",
    "참여",
    "참여기관",
    "참여기업",
    "주최",
    "후원",
    "협력",
    "협력기관",
    "공동",
    "시행",
    "시행자",
    "위탁",
    "위탁기관",
    "수탁",
    "수탁기관",
    "발주",
    "상대",
    "상대방",
    "상대기관",
    "당사자",
    "협약기관",
    "투자자",
    "투자기업",
    "국내",
    "해외",
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
