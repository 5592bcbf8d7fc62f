//! The parties that are the subjects of sentences: `“갑”과 “을”은 …`.

use super::parties::{NamedParty, QUOTES};

/// What begins with the names of parties.
pub(super) struct Subject<'a> {
    /// Places of the parties.
    pub parties: Vec<usize>,
    /// What stands behind them and a colon: `예산 지원` of `갑: 예산 지원`.
    pub labelled: Option<&'a str>,
}

/// Returns the parties that are the subject of a sentence: `“갑”과 “을”은 …`, `양 기관은 …`, or before a
/// colon; `None` if it has no such subject.
pub(super) fn subject<'a>(text: &'a str, parties: &[NamedParty]) -> Option<Subject<'a>> {
    named_first(
        text,
        parties,
        &[
            "은 ",
            "는 ",
            "이 ",
            "가 ",
            "에서 ",
            "에서는 ",
            " shall ",
            " will ",
            " agree",
            " intend",
        ],
    )
}

/// Returns the parties that are the subjects of further clauses of a sentence: 병 of
/// `을은 장비를 지원하고, 병은 자문을 한다`.
pub(super) fn further(text: &str, parties: &[NamedParty]) -> Vec<usize> {
    let gaps = [", ", "고 ", "며 "].into_iter();
    let starts = gaps.flat_map(|gap| text.match_indices(gap).map(|(at, gap)| at + gap.len()));
    let mut found: Vec<usize> = starts
        .filter_map(|start| named_first(text[start..].trim_start(), parties, &["은 ", "는 "]))
        .flat_map(|subject| subject.parties)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Returns the parties whose matter a heading is: `“갑”의 역할`.
pub(super) fn owners(heading: &str, parties: &[NamedParty]) -> Vec<usize> {
    named_first(heading, parties, &["의 "]).map_or(Vec::new(), |found| found.parties)
}

fn named_first<'a>(text: &'a str, parties: &[NamedParty], ends: &[&str]) -> Option<Subject<'a>> {
    let mut rest = without_article(text.trim_start_matches(QUOTES));
    let mut found: Vec<usize> = Vec::new();
    loop {
        let (named, after) = first_name(rest, parties)?;
        found.extend(
            named
                .into_iter()
                .filter(|at| !found.contains(at))
                .collect::<Vec<_>>(),
        );
        let after = after.trim_start_matches(QUOTES);
        if ends.iter().any(|end| after.starts_with(end)) {
            return Some(Subject {
                parties: found,
                labelled: None,
            });
        }
        if let Some(labelled) = after.trim_start().strip_prefix([':', '：']) {
            return Some(Subject {
                parties: found,
                labelled: Some(labelled.trim()),
            });
        }
        let particle = ["과 ", "와 ", "및 ", ", ", "·", "ㆍ", " 및 ", ",", " and "]
            .iter()
            .find_map(|particle| after.strip_prefix(particle));
        rest = without_article(particle?.trim_start().trim_start_matches(QUOTES));
    }
}

/// Removes the article before an English name, without which parties are called.
fn without_article(text: &str) -> &str {
    let rest = ["The ", "the "]
        .iter()
        .find_map(|word| text.strip_prefix(word));
    rest.unwrap_or(text)
}

/// Returns the parties with whose name a text begins, and what follows; the longest name counts.
fn first_name<'a>(text: &'a str, parties: &[NamedParty]) -> Option<(Vec<usize>, &'a str)> {
    const ALL: [&str; 18] = [
        "양 기관",
        "양기관",
        "각 기관",
        "두 기관",
        "양 당사자",
        "각 당사자",
        "협약 당사자",
        "협약당사자",
        "당사자",
        "쌍방",
        "양측",
        "양 도시",
        "협약기관",
        "참여기관",
        "Parties",
        "Both Parties",
        "Each Party",
        "two Parties",
    ];
    let names = |party: &NamedParty| -> Option<usize> {
        let names = party.alias.iter().chain([&party.name]);
        names
            .filter(|name| text.starts_with(name.as_str()))
            .map(String::len)
            .max()
    };
    let named: Vec<(usize, usize)> = parties
        .iter()
        .enumerate()
        .filter_map(|(at, party)| Some((at, names(party)?)))
        .collect();
    let longest = named.iter().map(|(_, length)| *length).max();
    if let Some(longest) = longest {
        let named = named.into_iter().filter(|(_, length)| *length == longest);
        return Some((named.map(|(at, _)| at).collect(), &text[longest..]));
    }
    let rest = ALL
        .iter()
        .find_map(|word| text.strip_prefix(word))
        .or_else(|| {
            // `3개 기관`
            let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
            let rest = rest
                .strip_prefix('개')
                .filter(|_| rest.len() < text.len())?
                .trim_start();
            ["기관", "시", "군", "구", "도시", "단체", "사"]
                .iter()
                .find_map(|word| rest.strip_prefix(word))
        })?;
    let rest = ["들", " 모두"]
        .iter()
        .find_map(|word| rest.strip_prefix(word))
        .unwrap_or(rest);
    Some(((0..parties.len()).collect(), rest))
}
