//! Parties in English: names that `and` joins, such as `Eul Inc. and Byeong University`, and those that
//! are only counted.

use super::split::Perhaps;

/// Legal forms at the end of a name.
const FORMS: [&str; 11] = [
    "inc",
    "ltd",
    "llc",
    "corp",
    "co",
    "limited",
    "plc",
    "gmbh",
    "ag",
    "corporation",
    "company",
];

/// Nouns with which the name of one organization ends, and which hardly ever join others.
const PLACES: [&str; 6] = [
    "city",
    "county",
    "province",
    "university",
    "hospital",
    "bank",
];

/// Further nouns at the end of a name.
const NOUNS: [&str; 16] = [
    "college",
    "association",
    "institute",
    "foundation",
    "group",
    "center",
    "centre",
    "council",
    "agency",
    "authority",
    "federation",
    "society",
    "school",
    "ministry",
    "government",
    "holdings",
];

/// Splits a text in Latin letters at `and` or `&`; `None` if neither stands between names. Many names hold
/// these words themselves: `Ministry of Trade and Industry`.
pub(super) fn joined(whole: &str, is_known: &dyn Fn(&str) -> bool) -> Option<Perhaps> {
    if !whole.is_ascii() || whole.contains('/') {
        return None;
    }
    let (mut names, mut all_sure, mut from) = (Vec::new(), true, 0);
    let mut places: Vec<(usize, &str)> = [" and ", " & "]
        .into_iter()
        .flat_map(|joint| whole.match_indices(joint))
        .collect();
    places.sort_unstable();
    let last = places.last().map(|(at, _)| *at);
    for (at, joint) in places {
        let (one, other) = (whole[from..at].trim(), whole[at + joint.len()..].trim());
        let is_sure = (is_known(one)
            || (ends_with(one, &[&FORMS, &PLACES]) && !one.contains(" of ")))
            && begins_with_name(other, is_known);
        let may_divide = joint == " and "
            && (ends_with(one, &[&FORMS, &PLACES, &NOUNS])
                || (Some(at) == last && ends_with(other, &[&FORMS])));
        if is_sure || may_divide {
            names.push(one.to_owned());
            from = at + joint.len();
            all_sure &= is_sure;
        }
    }
    if names.is_empty() {
        return None;
    }
    names.push(whole[from..].trim().to_owned());
    Some(match all_sure {
        true => Perhaps::Several(names),
        false => Perhaps::Either(whole.to_owned(), names),
    })
}

/// Returns whether a text begins with the whole name of an organization, of two words at least.
fn begins_with_name(text: &str, is_known: &dyn Fn(&str) -> bool) -> bool {
    let name = text.split(" and ").next().unwrap_or(text);
    is_known(text)
        || is_known(name)
        || (name.contains(' ') && ends_with(name, &[&FORMS, &PLACES, &NOUNS]))
}

/// Returns whether the last word of a name is one of a table.
fn ends_with(name: &str, tables: &[&[&str]]) -> bool {
    let last = name.rsplit([' ', ',']).next().unwrap_or(name);
    let last = last.trim_end_matches('.').to_ascii_lowercase();
    tables.iter().any(|words| words.contains(&last.as_str()))
}

/// Splits a text before the parties that it counts beside others: `Eul Inc. and 3 others`,
/// `Eul Inc. et al.`
pub(super) fn others(text: &str) -> Option<(&str, Option<u32>)> {
    const NUMBERS: [&str; 9] = [
        "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    ];
    const VAGUE: [&str; 3] = ["several", "many", "various"];
    const COUNTED: [&str; 16] = [
        "other",
        "others",
        "more",
        "companies",
        "organizations",
        "organisations",
        "institutions",
        "partners",
        "firms",
        "parties",
        "agencies",
        "hospitals",
        "universities",
        "cities",
        "members",
        "entities",
    ];
    let lower = text.to_ascii_lowercase();
    if let Some(before) = lower.trim_end_matches('.').strip_suffix(" et al") {
        return Some((&text[..before.len()], None));
    }
    let joints = [" and ", " & ", " plus "];
    let places = joints
        .iter()
        .filter_map(|joint| Some((lower.rfind(joint)?, joint.len())));
    let (at, width) = places.max()?;
    let words: Vec<&str> = lower[at + width..].split_whitespace().collect();
    let (first, rest) = words.split_first()?;
    let in_words = NUMBERS.iter().position(|number| number == first);
    let in_words = in_words.and_then(|at| u32::try_from(at + 2).ok());
    let count: Option<u32> = first.replace(',', "").parse().ok().or(in_words);
    let is_number = count.is_some_and(|count| count > 0) || VAGUE.contains(first);
    let counts = |words: &[&str]| words.iter().all(|word| COUNTED.contains(word));
    let is_rest = match (is_number, *first) {
        (true, _) => (1..=2).contains(&rest.len()) && counts(rest),
        // `and others`, `and other companies`
        (false, "others") => rest.is_empty(),
        (false, "other") => rest.len() == 1 && counts(rest),
        (false, _) => false,
    };
    is_rest.then(|| (&text[..at], count))
}
