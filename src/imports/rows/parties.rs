//! The parties that a cell names: several in one cell, with shares, former names, and others that
//! are counted and not named.

/// A party that a cell names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedParty {
    pub name: String,
    /// What stands in parentheses after the name and is no legal form, such as a share.
    pub remark: Option<String>,
}

/// The parties of a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parties {
    pub named: Vec<NamedParty>,
    /// Number of those that are not named, with its wording.
    pub unnamed: Option<(Option<u32>, String)>,
}

/// Reads the parties in a cell. `is_own` tells names of the importing city, by which a dash between
/// names is told from one within a name.
pub fn read(text: &str, is_own: impl Fn(&str) -> bool) -> Parties {
    let mut parties = Parties::default();
    let inner = text.trim();
    let bare = inner
        .strip_prefix(['[', '【', '「'])
        .and_then(|t| t.strip_suffix([']', '】', '」']));
    for part in split(bare.unwrap_or(inner), &is_own) {
        add(&mut parties, part.trim());
    }
    parties
}

fn add(parties: &mut Parties, part: &str) {
    let part = part.trim_matches(['-', '–', '○', '●', '•', '▪', '□', '*', ' ']);
    let (name, count) = counted(part);
    if let Some(count) = count {
        let named = parties.named.len() + usize::from(!name.is_empty());
        let number = match count.includes_named {
            true => count.number.and_then(|n| n.checked_sub(u32::try_from(named).ok()?)),
            false => count.number,
        };
        parties.unnamed = Some((number.filter(|n| *n > 0), part.to_owned()));
    }
    let (name, remark) = without_remark(name);
    if name.chars().any(char::is_alphanumeric) && parties.named.iter().all(|p| p.name != name) {
        parties.named.push(NamedParty { name, remark });
    }
}

struct Count {
    number: Option<u32>,
    /// Whether those that are named are among them.
    includes_named: bool,
}

/// Returns the name before a count of others, and the count: `A 외 25개사`, `A 등 5개 기관`, `42개사`.
fn counted(part: &str) -> (&str, Option<Count>) {
    for (word, includes_named) in [(" 외 ", false), (" 외", false), (" 등 ", true), (" 등", true)] {
        let Some((name, rest)) = part.rsplit_once(word) else {
            continue;
        };
        let number = units(rest);
        if rest.trim().is_empty() || number.is_some() {
            let count = Count {
                number,
                includes_named,
            };
            return (name.trim(), Some(count));
        }
    }
    match units(part.trim_start_matches(['외', '총', ' '])) {
        Some(number) => {
            let count = Count {
                number: Some(number),
                includes_named: part.starts_with('총'),
            };
            ("", Some(count))
        }
        None => (part, None),
    }
}

/// Returns the number of a count such as `25개사`.
fn units(text: &str) -> Option<u32> {
    let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != ',').collect();
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(end);
    let known = [
        "개", "개사", "개소", "개기관", "개업체", "개기업", "개단체", "개교", "개대학", "개시", "개시군",
        "개병원", "곳", "명", "처", "사", "기관", "업체", "기업", "단체", "개은행", "개도시", "개학교",
    ];
    known.contains(&unit).then(|| number.parse().ok()).flatten()
}

/// Legal forms in parentheses, which belong to the name.
const FORMS: &[&str] = &[
    "주", "유", "재", "사", "합", "학", "의", "복", "농", "유한", "합자", "사복", "영농", "주식회사",
];

/// Returns a name without what stands in parentheses after it.
fn without_remark(name: &str) -> (String, Option<String>) {
    let name = name.trim();
    let Some(open) = name.rfind(['(', '（']) else {
        return (name.to_owned(), None);
    };
    let inside = name[open..].trim_start_matches(['(', '（']);
    let Some(inside) = inside.strip_suffix([')', '）']) else {
        return (name.to_owned(), None);
    };
    let before = name[..open].trim();
    if FORMS.contains(&inside) || before.is_empty() {
        return (name.to_owned(), None);
    }
    (before.to_owned(), Some(inside.trim().to_owned()))
}

/// Splits a cell at the signs between parties, outside parentheses.
fn split(text: &str, is_own: &impl Fn(&str) -> bool) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '(' | '（' | '[' => depth += 1,
            ')' | '）' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let is_sign = matches!(
            c,
            ',' | '，' | '、' | ';' | '；' | '\n' | '/' | '／' | '·' | 'ㆍ' | '・' | '‧' | '•' | '↔' | '⇔' | '&' | '\u{318d}'
        );
        if depth == 0 && is_sign {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    let mut all = Vec::new();
    for part in parts {
        let dashed: Vec<&str> = part.split(['-', '–', '~']).map(str::trim).collect();
        let is_list = dashed.len() > 1
            && dashed.iter().all(|name| name.chars().count() > 1)
            && dashed.iter().any(|name| is_own(name));
        match is_list {
            true => all.extend(dashed.into_iter().map(str::to_owned)),
            false => all.extend(part.split(" 및 ").map(str::to_owned)),
        }
    }
    all.retain(|part| !part.trim().is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let parties = read(text, |name| name == "갑시");
        parties.named.into_iter().map(|p| p.name).collect()
    }

    #[test]
    fn parties_of_ledgers_are_split() {
        for (text, right) in [
            ("을전자㈜", &["을전자㈜"][..]),
            ("병대학교, 정대학교 산학협력단", &["병대학교", "정대학교 산학협력단"]),
            ("무병원\n기노인복지관", &["무병원", "기노인복지관"]),
            ("[갑시, 갑도시공사, 을전자(주)]", &["갑시", "갑도시공사", "을전자(주)"]),
            ("갑시-(주)을산업개발-병은행", &["갑시", "(주)을산업개발", "병은행"]),
            ("갑시↔무시", &["갑시", "무시"]),
            ("신은행·임카드㈜", &["신은행", "임카드㈜"]),
            ("경환경공단(구 경관리공단)", &["경환경공단"]),
            ("갑도시공사(85%), 을도(2%), 기개발㈜(13%)", &["갑도시공사", "을도", "기개발㈜"]),
            ("K-water", &["K-water"]),
        ] {
            assert_eq!(names(text), right, "{text}");
        }
    }

    #[test]
    fn others_are_counted() {
        for (text, named, count) in [
            ("정무역협회 외 25개사", 1, Some(25)),
            ("42개사", 0, Some(42)),
            ("가 등 5개 기관", 1, Some(4)),
            ("가, 나 등", 2, None),
        ] {
            let parties = read(text, |_| false);
            let unnamed = parties.unnamed.map(|(count, _)| count);
            assert_eq!((parties.named.len(), unnamed), (named, Some(count)), "{text}");
        }
    }
}
