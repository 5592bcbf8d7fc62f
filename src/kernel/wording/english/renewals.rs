//! Clauses of renewal: `renewed by one year unless objected to`.

use super::terms::{IDLE, cardinal, counted};

/// Words of renewal.
const RENEWALS: [&str; 10] = [
    "renewed",
    "renews",
    "renew",
    "renewal",
    "extended",
    "extends",
    "extend",
    "extension",
    "renewable",
    "extendable",
];

/// Words directly before one of renewal that belong to its clause.
const QUALIFIERS: [&str; 12] = [
    "automatically",
    "automatic",
    "tacitly",
    "tacit",
    "not",
    "no",
    "may",
    "can",
    "then",
    "thereafter",
    "it",
    "which",
];

/// Words of a renewal that needs an act.
const ACTS: [&str; 7] = [
    "may",
    "can",
    "renewable",
    "extendable",
    "mutual",
    "consent",
    "if",
];

/// Further words of a clause.
const KNOWN: [&str; 61] = [
    "additional",
    "advance",
    "agree",
    "agreed",
    "agrees",
    "an",
    "another",
    "any",
    "at",
    "before",
    "both",
    "by",
    "each",
    "either",
    "end",
    "equal",
    "expiration",
    "expires",
    "expiry",
    "further",
    "give",
    "given",
    "gives",
    "in",
    "least",
    "like",
    "neither",
    "notice",
    "notified",
    "notifies",
    "object",
    "objected",
    "objection",
    "objections",
    "objects",
    "one",
    "other",
    "otherwise",
    "parties",
    "party",
    "periods",
    "prior",
    "same",
    "successive",
    "term",
    "terminated",
    "terminates",
    "terms",
    "time",
    "to",
    "unless",
    "writing",
    "written",
    "request",
    "requests",
    "reached",
    "ends",
    "lapse",
    "lapses",
    "expire",
    "terminate",
];

/// Words of what the parties do for a renewal: `unless they agree to extend`.
const ASKED: [&str; 8] = [
    "unless",
    "agree",
    "agrees",
    "agreed",
    "agreement",
    "request",
    "requests",
    "notice",
];
/// Words of an end.
const ENDS: [&str; 8] = [
    "end",
    "ends",
    "expire",
    "expires",
    "terminate",
    "terminates",
    "lapse",
    "lapses",
];

/// Splits the words of a term from those of the clause of its renewal, if it has one.
pub fn split<'a>(words: &'a [&'a str]) -> (&'a [&'a str], Option<&'a [&'a str]>) {
    let Some(at) = renewal_at(words) else {
        return (words, None);
    };
    let condition = condition_at(&words[..at]);
    let (term, clause) = words.split_at(condition.unwrap_or(at - qualifiers(words, at).len()));
    (term, Some(clause))
}

fn renewal_at(words: &[&str]) -> Option<usize> {
    words.iter().position(|word| RENEWALS.contains(word))
}

fn condition_at(words: &[&str]) -> Option<usize> {
    words
        .iter()
        .position(|word| matches!(*word, "unless" | "if"))
}

/// Returns the words directly before the one of renewal that say how it renews.
fn qualifiers<'a>(words: &'a [&'a str], renewal: usize) -> &'a [&'a str] {
    let before = &words[..renewal];
    let belongs = |word: &&&str| QUALIFIERS.contains(*word) || IDLE.contains(*word);
    let count = before.iter().rev().take_while(belongs).count();
    &before[renewal - count..]
}

/// Returns whether a renewal is the condition, and not what follows from it: `unless extended, it ends`.
fn is_asked_for(clause: &[&str]) -> bool {
    let (Some(condition), Some(renewal)) = (condition_at(clause), renewal_at(clause)) else {
        return false;
    };
    if condition > renewal {
        return false;
    }
    let is_by_the_way = |word: &&&str| {
        let is_asked = ASKED.contains(*word);
        !is_asked && (IDLE.contains(*word) || matches!(**word, "it" | "to" | "on" | "an" | "any"))
    };
    let between = clause[condition..renewal].iter().rev();
    let mut before = between.skip_while(is_by_the_way);
    before.next().is_some_and(|word| ASKED.contains(word))
}

/// Returns whether a clause says that the agreement ends; `before it ends` says when.
fn ends(clause: &[&str]) -> bool {
    let is_end = |at: usize| {
        let mut before = clause[..at].iter().rev();
        let before = before.find(|word| !IDLE.contains(word) && !matches!(**word, "it" | "term"));
        ENDS.contains(&clause[at]) && !matches!(before, Some(&("before" | "prior" | "to" | "at")))
    };
    (0..clause.len()).any(is_end)
}

/// What a clause counts.
#[derive(Default)]
struct Counts {
    length: Option<String>,
    notice: Option<String>,
    times: Option<u32>,
}

/// Returns a clause of renewal: `renewed by one year unless objected to` as `이의 없으면 1년씩 자동 연장`.
/// `None` if it does not say whether the agreement renews by itself.
pub fn renewal(clause: &[&str]) -> Option<String> {
    let counts = counts(clause)?;
    let has = |word: &str| clause.contains(&word);
    let denied = qualifiers(clause, renewal_at(clause)?)
        .iter()
        .any(|word| matches!(*word, "not" | "no"));
    let condition = condition_at(clause);
    if denied || is_asked_for(clause) {
        let said = match condition {
            Some(_) if !ends(clause) => "합의로 연장",
            _ => "자동 연장 없음",
        };
        return Some(said.to_owned());
    }
    let behind_if = condition.map_or(&[][..], |at| &clause[at..]);
    let is_none = |word: &&str| matches!(*word, "no" | "not" | "neither");
    let is_absence = has("unless") || behind_if.iter().any(is_none);
    let by_agreement = |pair: &[&str]| matches!(pair, ["by" | "written", "agreement"]);
    let needs_act = ACTS.iter().any(|word| has(word)) || clause.windows(2).any(by_agreement);
    if !is_absence && needs_act {
        let length = counts.length.unwrap_or_default();
        return Some(format!("합의로 {length} 연장"));
    }
    let by_itself = QUALIFIERS[..4].iter().any(|word| has(word));
    if !is_absence && !by_itself {
        return None;
    }
    let parts = [
        counts.notice.map(|notice| format!("만료 {notice} 전까지")),
        is_absence.then(|| "이의 없으면".to_owned()),
        counts.length.map(|length| format!("{length}씩")),
        has("same").then(|| "동일 기간".to_owned()),
        counts.times.map(|times| format!("{times}회")),
        Some("자동 연장".to_owned()),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    Some(parts.join(" "))
}

/// Returns what a clause counts; `None` if it has a word that is not known, or two lengths.
fn counts(clause: &[&str]) -> Option<Counts> {
    let mut counts = Counts::default();
    let mut rest = clause;
    while let [first, after @ ..] = rest {
        if let Some((length, after)) = counted(rest) {
            let place = match is_notice(after) {
                true => &mut counts.notice,
                false => &mut counts.length,
            };
            if place.replace(length).is_some() {
                return None;
            }
            rest = after;
            continue;
        }
        rest = match (*first, after) {
            ("each" | "every", ["year", after @ ..]) => {
                counts.length = Some("1년".to_owned());
                after
            }
            ("annually" | "yearly", after) => {
                counts.length = Some("1년".to_owned());
                after
            }
            ("once", after) => {
                counts.times = Some(1);
                after
            }
            ("twice", after) => {
                counts.times = Some(2);
                after
            }
            (count, ["time" | "times", after @ ..]) if cardinal(count).is_some() => {
                counts.times = cardinal(count);
                after
            }
            (word, after) => {
                let lists = [&RENEWALS[..], &QUALIFIERS, &ACTS, &KNOWN, &IDLE];
                lists.iter().find(|list| list.contains(&word))?;
                after
            }
        };
    }
    Some(counts)
}

/// Returns whether the words behind a length make it that of a notice.
fn is_notice(after: &[&str]) -> bool {
    matches!(
        after,
        ["before" | "prior" | "notice" | "written", ..] | ["in", "advance", ..]
    )
}
