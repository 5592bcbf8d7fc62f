//! The parties of an agreement: the importing city and those that cells name.

use serde_json::{Value, json};

use super::agreement::Group;
use super::cells::stated;
use super::contact::no_place;
use super::names::{Names, new_organization};
use super::persons::names_officer;
use super::row::{Reader, line};
use super::stand_ins::{StandIn, stand_in};
use crate::directory::heads::is_post;
use crate::imports::types::ImportChoice;
use crate::kernel::language::{Language, Message};
use crate::kernel::personal::tidy;
use crate::kernel::wording::Parties;
use crate::organizations::matching::{Candidate, Matched, likely_kind};

/// Records the parties that the rows of an agreement name.
pub fn party_list(reader: &mut Reader<'_>, group: &Group<'_>, names: &Names<'_>) {
    let mut parties = vec![json!({ "organization_id": names.own })];
    let mut unnamed = unnamed_parties(reader);
    let columns: Vec<usize> = reader.ledger.of("parties").collect();
    for column in &columns {
        let rows = std::iter::once(group.main).chain(group.also.iter().copied());
        let texts: Vec<String> = rows.filter_map(|row| row.cells[*column].stated()).collect();
        let mut seen: Vec<&String> = Vec::new();
        for text in &texts {
            if seen.contains(&text) {
                continue;
            }
            seen.push(text);
            let read = settled_parties(reader, *column, text, names);
            for party in &read.named {
                if let Some(country) = &party.country {
                    reader.out.remarks.push(format!("국가: {country}"));
                }
                let party = organization(reader, *column, &party.name, names);
                parties.extend(party.filter(|party| !parties.contains(party)));
            }
            if let Some(others) = read.others {
                unnamed = Some(serde_json::to_value(others).unwrap_or_default());
            }
        }
    }
    if !reader.out.unnamed.is_empty() {
        unnamed = Some(with_unnamed(unnamed, &reader.out.unnamed));
    }
    if parties.len() < 2 && unnamed.is_none() {
        let message = Message::fixed(
            "상대 기관이 없습니다. 체결된 협약에는 당사자가 둘 이상 있어야 합니다.",
            "No partner is named. A signed agreement has at least two parties.",
        );
        reader.problem(columns.first().copied(), "/parties", "no_party", message);
    }
    reader.set("parties", json!(parties));
    if let Some(unnamed) = unnamed {
        reader.set("other_parties", unnamed);
    }
}

/// Returns the parties that columns of their own count or describe.
fn unnamed_parties(reader: &Reader<'_>) -> Option<Value> {
    let text = stated(reader, "other_parties").pop();
    let text = text.map(|(_, text)| line(&text, 500));
    let count = stated(reader, "other_parties_count").pop();
    let count: Option<u32> = count.and_then(|(_, count)| count.parse().ok());
    let is_stated = text.is_some() || count.is_some();
    is_stated.then(|| json!({ "count": count, "as_stated": text }))
}

/// Adds parties without a name to those that are counted or described.
fn with_unnamed(others: Option<Value>, unnamed: &[String]) -> Value {
    let more = unnamed.join(", ");
    let others = others.unwrap_or_else(|| json!({ "count": 0, "as_stated": null }));
    let count = others["count"]
        .as_u64()
        .map(|count| count + unnamed.len() as u64);
    let words = match others["as_stated"].as_str() {
        Some(stated) => format!("{stated}, {more}"),
        None => more,
    };
    json!({ "count": count, "as_stated": line(&words, 500) })
}

/// Returns the parties that a cell names; where it can be read in several ways and the caller has not
/// answered, those of the first. What no member of a party takes is kept.
pub fn settled_parties(
    reader: &mut Reader<'_>,
    column: usize,
    text: &str,
    names: &Names<'_>,
) -> Parties {
    let reading = reader.ledger.parties(column, text, names.is_known);
    let first = reading.choices.first().map(|choice| choice.value.clone());
    let key = |parties: &Parties| {
        let names: Vec<&str> = parties.named.iter().map(|p| p.name.as_str()).collect();
        let others = parties.others.as_ref().and_then(|others| others.count);
        let others = others.map_or_else(String::new, |count| format!(" +{count}"));
        format!("{}{others}", names.join(" | "))
    };
    let read = reader.settled(column, "/parties", reading, key);
    let read = read.or(first).unwrap_or_default();
    let has_more = read.named.iter().any(|party| {
        party.share_percent.is_some()
            || party.former.is_some()
            || party.local_name.is_some()
            || !party.remarks.is_empty()
    });
    if has_more {
        keep_beside(reader, column, text, (&read, names));
    }
    read
}

/// Keeps the words of a cell of parties, without the persons in it: the remarks are public.
pub fn keep_beside(
    reader: &mut Reader<'_>,
    column: usize,
    text: &str,
    (read, names): (&Parties, &Names<'_>),
) {
    let is_person = |name: &str| matches!(stand_in(name, names.is_known), Some(StandIn::Person(_)));
    let people = read.named.iter().map(|party| &party.name);
    let asides = read.named.iter().flat_map(|party| &party.remarks);
    let persons: Vec<&String> = people
        .filter(|name| is_person(name))
        .chain(asides.filter(|aside| names_officer(aside)))
        .collect();
    if persons.is_empty() {
        return reader.keep(column, text);
    }
    reader.note(Some(column), "/parties", "personal_data", no_place());
    // Words that cannot be told from the person are not kept either.
    if persons.iter().any(|person| !text.contains(*person)) {
        return;
    }
    let kept = persons
        .iter()
        .fold(text.to_owned(), |text, person| text.replace(*person, ""));
    let kept = tidy(&kept);
    // The post of a person alone, `(대표)`, says nothing.
    if is_post(kept.trim_matches(|c: char| !c.is_alphanumeric())) {
        return;
    }
    if kept.contains(char::is_alphanumeric) && has_more_than_names(read, &kept) {
        reader.keep(column, &kept);
    }
}

/// Returns whether a text says more than the names of the parties.
fn has_more_than_names(read: &Parties, text: &str) -> bool {
    let names = read.named.iter().map(|party| party.name.as_str());
    let rest = names.fold(text.to_owned(), |text, name| text.replace(name, ""));
    rest.contains(char::is_alphanumeric)
}

/// Returns a party: the organization of the registry or a new one; `None` for the city itself, and if
/// the caller skips it.
pub fn organization(
    reader: &mut Reader<'_>,
    column: usize,
    name: &str,
    names: &Names<'_>,
) -> Option<Value> {
    let short = line(name, 300);
    let new = |kind| new_organization(&short, kind);
    let candidates = match names.of(name) {
        Matched::Own { department: None } => return None,
        Matched::Own {
            department: Some(department),
        } => {
            reader.keep(column, &department);
            return None;
        }
        Matched::Known(known) => {
            return Some(json!({ "organization_id": known.organization.id }));
        }
        Matched::New { kind } => {
            return match stand_in(&short, names.is_known) {
                Some(meant) => named_by(reader, column, &short, (meant, names)),
                None => Some(new(kind)),
            };
        }
        Matched::Unclear(candidates) => match stand_in(&short, names.is_known) {
            Some(meant @ StandIn::Person(_)) => {
                return named_by(reader, column, &short, (meant, names));
            }
            _ => candidates,
        },
    };
    let mut choices: Vec<ImportChoice> = candidates.iter().map(choice).collect();
    choices.push(ImportChoice {
        value: "new".into(),
        message: Message::fixed("새 기관", "A new organization"),
    });
    choices.push(ImportChoice {
        value: "skip".into(),
        message: Message::fixed("당사자로 적지 않음", "Not a party"),
    });
    let message = Message::new(
        format!("“{short}”은(는) 어느 기관입니까?"),
        format!("Which organization is “{short}”?"),
    );
    let code = format!("organization:{short}");
    match reader.ask(Some(column), &code, message, choices).as_deref() {
        Some("new") => {
            let mut new = new(likely_kind(name));
            new["organization"]["record_anew"] = json!(true);
            Some(new)
        }
        Some("skip") => {
            reader.keep(column, &short);
            None
        }
        Some(id) => Some(json!({ "organization_id": id })),
        None => Some(new(likely_kind(name))),
    }
}

/// Returns who can be meant by words that name no organization.
fn meanings(meant: &StandIn) -> Vec<ImportChoice> {
    let is_person = matches!(meant, StandIn::Person(_));
    let head_of = meant.body().map(|body| ImportChoice {
        value: "head_of".into(),
        message: match is_person {
            true => Message::new(
                format!("“{body}”의 사람: 그 기관을 적음"),
                format!("Somebody of “{body}”: record that organization"),
            ),
            false => Message::new(
                format!("“{body}”의 대표자"),
                format!("The head of “{body}”"),
            ),
        },
    });
    let choice = |(value, message): (&str, Message)| ImportChoice {
        value: value.into(),
        message,
    };
    let others = [
        (
            "own",
            Message::fixed("우리 지방자치단체", "This municipality itself"),
        ),
        (
            "unnamed",
            Message::fixed("이름이 적히지 않은 당사자", "A party that is not named"),
        ),
        (
            "new",
            Message::fixed("이 이름의 새 기관", "A new organization of this name"),
        ),
        ("skip", Message::fixed("당사자로 적지 않음", "Not a party")),
    ];
    head_of.into_iter().chain(others.map(choice)).collect()
}

/// Asks which party is meant by words that name none, or name the head of one.
fn named_by(
    reader: &mut Reader<'_>,
    column: usize,
    short: &str,
    (meant, names): (StandIn, &Names<'_>),
) -> Option<Value> {
    let is_person = matches!(meant, StandIn::Person(_));
    let choices = meanings(&meant);
    let message = Message::new(
        format!("“{short}”은(는) 기관의 이름이 아닌 듯합니다. 누구입니까?"),
        format!("“{short}” does not seem to name an organization. Who is meant?"),
    );
    let code = format!("party:{short}");
    let answer = reader.ask(Some(column), &code, message, choices);
    // The name of a person is not kept where everyone sees it.
    let keep = |reader: &mut Reader<'_>| match is_person {
        true => reader.note(Some(column), "/parties", "personal_data", no_place()),
        false => reader.keep(column, short),
    };
    match (answer.as_deref(), meant.body()) {
        (Some("head_of"), Some(body)) => {
            keep(reader);
            organization(reader, column, body, names)
        }
        (Some("own"), _) => Some(json!({ "organization_id": names.own })),
        (Some("unnamed"), _) => {
            let words = if is_person { "개인" } else { short };
            reader.out.unnamed.push(words.to_owned());
            None
        }
        (Some("skip"), _) => {
            keep(reader);
            None
        }
        _ => Some(new_organization(short, likely_kind(short))),
    }
}

pub fn choice(candidate: &Candidate) -> ImportChoice {
    let name = candidate.organization.name.in_language(Language::Korean);
    let score = candidate.score;
    ImportChoice {
        value: candidate.organization.id.to_string(),
        message: Message::new(
            format!("{name} ({score}점)"),
            format!("{name} (score {score})"),
        ),
    }
}
