//! The mapping of columns to members of a record, by the names in their headers.

pub mod apart;

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

use super::kind::ImportKind;
use super::personal::{self, Personal};
use super::rows::{step_headers, steps};
use crate::kernel::text::is_word;
use crate::kernel::wording::header_unit;

/// How it was found what a column states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ImportMappingRule)]
pub enum MappingRule {
    /// The header is a name of the field.
    Name,
    /// The header without what it has in parentheses is a name of the field.
    NameWithoutUnit,
    /// The header ends with a name of the field.
    Ending,
    /// An import of the municipality with the same headers was mapped so.
    Remembered,
    /// The caller states it.
    Given,
    /// The file is an export of the registry, and the column is one of its columns.
    Exported,
    /// The column is hidden in the file. It is left out until the caller states its field.
    Hidden,
    /// No field takes the column; its content is kept in the remarks.
    None,
}

/// What a column states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    pub field: Option<String>,
    /// From 0 to 100.
    pub score: u8,
    pub rule: MappingRule,
}

impl Match {
    pub const NONE: Self = Self {
        field: None,
        score: 0,
        rule: MappingRule::None,
    };
}

/// Lowest score of a header that is known.
pub const KNOWN: u8 = 55;

type Names = HashMap<String, Vec<Name>>;

/// A name of a field in headers.
#[derive(Clone, Copy)]
struct Name {
    field: &'static str,
    score: u8,
    /// Whether it is a name only if it is the whole header: `번호` ends the names of numbers of any kind.
    is_whole: bool,
}

/// The names of fields in headers, with their scores, and the fields in alphabetical order.
struct Fields {
    names: Names,
    all: Vec<&'static str>,
}

static AGREEMENTS: LazyLock<Fields> = LazyLock::new(|| Fields::of(include_str!("agreements.tsv")));
static ORGANIZATIONS: LazyLock<Fields> =
    LazyLock::new(|| Fields::of(include_str!("organizations.tsv")));
static ANNOUNCEMENTS: LazyLock<Fields> =
    LazyLock::new(|| Fields::of(include_str!("announcements.tsv")));
static MEETINGS: LazyLock<Fields> = LazyLock::new(|| Fields::of(include_str!("meetings.tsv")));
static MILESTONES: LazyLock<Fields> = LazyLock::new(|| Fields::of(include_str!("milestones.tsv")));

impl Fields {
    fn of(table: &'static str) -> Self {
        let names = names(table);
        let mut all: Vec<&str> = names.values().flatten().map(|name| name.field).collect();
        all.sort_unstable();
        all.dedup();
        Self { names, all }
    }
}

fn names(table: &'static str) -> Names {
    let mut names = Names::new();
    for line in table.lines() {
        let mut parts = line.split('\t');
        if let (Some(field), Some(name), Some(Ok(score))) =
            (parts.next(), parts.next(), parts.next().map(str::parse))
        {
            let is_whole = parts.next() == Some("whole");
            let name = names.entry(plain(name)).or_default();
            name.push(Name {
                field,
                score,
                is_whole,
            });
        }
    }
    names
}

fn table(kind: ImportKind) -> &'static Fields {
    match kind {
        ImportKind::Agreements => &AGREEMENTS,
        ImportKind::Organizations => &ORGANIZATIONS,
        ImportKind::Meetings => &MEETINGS,
        ImportKind::Announcements => &ANNOUNCEMENTS,
        ImportKind::Milestones => &MILESTONES,
    }
}

/// Returns the fields of a kind of records, in alphabetical order.
pub fn fields(kind: ImportKind) -> &'static [&'static str] {
    &table(kind).all
}

/// Returns a header without spaces and punctuation, in lower case.
pub fn plain(header: &str) -> String {
    let folded = header.nfkc().flat_map(char::to_lowercase);
    folded.filter(|c| is_word(*c)).collect()
}

/// Returns the text of a header before its parentheses, and what is in these.
pub fn with_unit(header: &str) -> (String, Option<String>) {
    let open = |c: char| matches!(c, '(' | '（' | '[' | '〔');
    let close = |c: char| matches!(c, ')' | '）' | ']' | '〕');
    let Some(start) = header.find(open) else {
        let behind = header
            .rsplit_once(',')
            .map(|(name, unit)| (name.trim(), unit.trim()));
        return match (behind, header_unit(header)) {
            (Some((name, unit)), Some(_)) => (name.to_owned(), Some(unit.to_owned())),
            _ => (header.to_owned(), None),
        };
    };
    let inside = &header[start..];
    let end = inside.find(close).unwrap_or(inside.len());
    let unit = inside[..end].trim_start_matches(open).trim().to_owned();
    let after = inside[end..].trim_start_matches(close);
    let name = format!("{} {}", header[..start].trim(), after.trim());
    (name.trim().to_owned(), Some(unit).filter(|u| !u.is_empty()))
}

/// Returns all fields that a header can mean, the likeliest first.
fn candidates(kind: ImportKind, header: &str) -> Vec<Match> {
    let names = &table(kind).names;
    let found = |name: &str, minus: u8, rule| {
        let all = names.get(name).into_iter().flatten();
        let all = all.filter(|name| rule != MappingRule::Ending || !name.is_whole);
        all.map(|name| Match {
            field: Some(name.field.to_owned()),
            score: name.score.saturating_sub(minus),
            rule,
        })
        .collect::<Vec<_>>()
    };
    let personal = personal::of_header(header);
    if personal == Some(Personal::Number) {
        return Vec::new();
    }
    let whole = plain(header);
    let without_unit = with_unit(header).0;
    let bare = plain(&without_unit);
    let mut all = found(&whole, 0, MappingRule::Name);
    if bare != whole {
        all.extend(found(&bare, 2, MappingRule::NameWithoutUnit));
    }
    if all.is_empty() && kind == ImportKind::Milestones {
        let step = step_headers::of_header(header).map(|(step, _)| step);
        all.extend(step.map(|step| Match {
            field: Some(step.as_str().to_owned()),
            score: 90,
            rule: MappingRule::Name,
        }));
    }
    if all.is_empty() {
        let is_end = |name: &&String| match name.is_ascii() {
            true => ends_in_word(&without_unit, name),
            false => name.chars().count() >= 2 && bare.ends_with(name.as_str()),
        };
        let mut endings: Vec<(usize, &String)> = names
            .iter()
            .filter(|(_, all)| all.iter().any(|name| !name.is_whole))
            .map(|(name, _)| name)
            .filter(is_end)
            .map(|name| (name.len(), name))
            .collect();
        endings.sort_unstable_by(|a, b| b.cmp(a));
        if let Some((_, name)) = endings.first() {
            let before = bare.strip_suffix(name.as_str()).unwrap_or_default();
            let of_field = |m: &Match| {
                let field = m.field.as_deref();
                !field.is_some_and(|field| apart::is_of_other(field, before, &without_unit))
            };
            let ending = found(name, 20, MappingRule::Ending);
            all.extend(ending.into_iter().filter(of_field));
        }
    }
    all.sort_by_key(|m| std::cmp::Reverse(m.score));
    // Data about officers stand in no public member, whatever the header ends with.
    let is_public = |m: &Match| m.field.as_deref().is_none_or(|f| !OF_PERSONS.contains(&f));
    let is_of_officer = personal == Some(Personal::Officer);
    all.retain(|m| m.score >= KNOWN && !(is_of_officer && is_public(m)));
    all
}

/// Fields whose columns may hold data about persons: staff alone see the contact, the officer is told from
/// the department, and the heads of organizations are public.
const OF_PERSONS: [&str; 6] = [
    "contact",
    "contact_phone",
    "contact_email",
    "lead_department",
    "officers",
    "officer_titles",
];

/// Returns whether a header ends with a name in Latin letters that begins with a word: `update` does not end
/// with `date`.
fn ends_in_word(header: &str, name: &str) -> bool {
    let header = header.to_lowercase();
    let is_word = |c: char| c.is_alphanumeric();
    let mut starts = header.char_indices().filter(|(at, c)| {
        let before = header[..*at].chars().next_back();
        is_word(*c) && before.is_none_or(|before| !is_word(before))
    });
    starts.any(|(at, _)| plain(&header[at..]) == name)
}

/// Fields that several columns can state together.
const SHARED: &[&str] = &[
    "parties",
    "purpose",
    "topics",
    "note",
    "sources_url",
    "commitment_amount",
    "commitment_persons",
    "commitment_area",
    "attendees",
    "officers",
    "activities",
    "contact",
    "contact_phone",
    "contact_email",
    "visibility",
    "terminated_on",
    "completed_on",
    "ended_on",
    "end_reason",
];

/// Returns what each column states. A field is given to the column whose header fits best.
pub fn map(kind: ImportKind, headers: &[String]) -> Vec<Match> {
    let all: Vec<Vec<Match>> = headers.iter().map(|h| candidates(kind, h)).collect();
    let mut order: Vec<(u8, usize, usize)> = Vec::new();
    for (column, matches) in all.iter().enumerate() {
        order.extend(
            matches
                .iter()
                .enumerate()
                .map(|(n, m)| (m.score, column, n)),
        );
    }
    order.sort_by_key(|(score, column, n)| (std::cmp::Reverse(*score), *column, *n));
    let mut mapped = vec![Match::NONE; headers.len()];
    // A step has a column for its day, and further ones for its targets.
    let part = |column: usize| match kind {
        ImportKind::Milestones => step_headers::part(&headers[column]),
        _ => step_headers::Part::Day,
    };
    let mut taken: Vec<(&str, step_headers::Part)> = Vec::new();
    for (_, column, n) in order {
        let found = &all[column][n];
        let Some(field) = found.field.as_deref() else {
            continue;
        };
        let key = match steps::of_field(field) {
            Some(_) => (field, part(column)),
            None => (field, step_headers::Part::Day),
        };
        if mapped[column].field.is_some() || taken.contains(&key) {
            continue;
        }
        mapped[column] = found.clone();
        if !SHARED.contains(&field) {
            taken.push(key);
        }
    }
    // A second column of money is a part of the first.
    for (column, matches) in all.iter().enumerate() {
        let is_cost = matches.iter().any(|m| m.field.as_deref() == Some("cost"));
        if mapped[column].field.is_none() && is_cost {
            mapped[column] = Match {
                field: Some("commitment_amount".to_owned()),
                ..matches[0].clone()
            };
        }
    }
    if kind == ImportKind::Milestones {
        number_phases(&mut mapped);
    }
    mapped
}

/// Takes a column of steps for one of phases where each step has a column of its own.
fn number_phases(mapped: &mut [Match]) {
    let is = |found: &Match, field: &str| found.field.as_deref() == Some(field);
    let is_step = |found: &&Match| found.field.as_deref().and_then(steps::of_field).is_some();
    let steps = mapped.iter().filter(is_step).count();
    if steps < 2 || mapped.iter().any(|found| is(found, "phase")) {
        return;
    }
    if let Some(found) = mapped.iter_mut().find(|found| is(found, "kind")) {
        found.field = Some("phase".to_owned());
    }
}

#[cfg(test)]
mod tests;
