//! Numbers of parties with names in brackets: `총 2개 기관(갑재단, 을재단)`, `을전자 외 2개사(병은행)`.

use super::rest::{Counted, Named, counted};
use super::split::looks_like_one;

/// Splits a text into the number of parties and the list that names them:
/// `총 3개 기관(갑재단, 을재단, 병재단)`, `3개 기관: 갑재단, 을재단, 병재단`.
pub(super) fn listed(text: &str) -> Option<(&str, Counted)> {
    let text = text.trim();
    let (number, list) = match text.strip_suffix(')') {
        Some(text) => text.split_once('(')?,
        None => text.split_once(':')?,
    };
    let is_list = list.contains([',', '\n', '·', '/', '、']) && !list.contains(['(', ')']);
    let (before, found) = counted(number);
    let mut found = found.filter(|_| is_list && before.is_empty())?;
    found.named = Named::Perhaps;
    let list = list.trim();
    Some((list.strip_suffix(" 등").unwrap_or(list), found))
}

/// Returns a text in which the parties that an end counts stand by their names, if it names as many:
/// `을전자 외 2개사(병, 정)` as `을전자, 병, 정`.
pub(super) fn with_named_others(text: &str) -> Option<String> {
    let (before, names, found) = others_in_brackets(text)?;
    let is_whole = u32::try_from(names.len()).ok() == found.others.count;
    is_whole.then(|| format!("{before}, {}", names.join(", ")))
}

/// Splits `을전자 외 2개사(병은행)` into the name, the names in the brackets and the number. Brackets that
/// hold no names stay a part of the words of the number.
pub(super) fn with_some_named(text: &str) -> Option<(&str, Vec<String>, Counted)> {
    let (before, names, mut found) = others_in_brackets(text)?;
    found.others.as_stated = Some(
        text.trim()[before.len()..]
            .trim_start_matches([',', ' '])
            .to_owned(),
    );
    if !names.iter().all(|name| looks_like_one(name)) {
        return Some((before, Vec::new(), found));
    }
    found.named = Named::Listed(names.len());
    Some((
        before,
        names.into_iter().map(str::to_owned).collect(),
        found,
    ))
}

/// Splits a text that ends with brackets behind a number of parties: `을전자 외 2개사(병, 정)`.
fn others_in_brackets(text: &str) -> Option<(&str, Vec<&str>, Counted)> {
    let (head, list) = last_brackets(text.trim())?;
    let (before, found) = counted(head);
    let found = found.filter(|found| found.others.count.is_some())?;
    let is_behind =
        !before.is_empty() && head[before.len()..].trim_start().starts_with(['외', '外']);
    let signs: &[char] = &[',', '\n', '·', '/', '、'];
    let names = list.split(signs).flat_map(|part| part.split(" 및 "));
    let names = names.map(str::trim).filter(|name| !name.is_empty());
    is_behind.then(|| (before, names.collect(), found))
}

/// Splits a text into what stands before the brackets at its end, and what these hold.
fn last_brackets(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_suffix(')')?;
    let mut depth = 1;
    let open = inside.char_indices().rev().find(|(_, c)| {
        match c {
            ')' => depth += 1,
            '(' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    let (open, _) = open?;
    Some((&text[..open], &inside[open + 1..]))
}
