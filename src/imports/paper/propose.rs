//! Proposes the members of an agreement from the parts of its paper.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::binding::binding;
use super::commitments::commitments;
use super::english;
use super::lines::{Line, Paper};
use super::missing::missing;
use super::parties::{NamedParty, parties};
use super::renewed::renewed;
use super::signing::signing;
use super::term::term;
use super::title::title;
use crate::kernel::personal::{Reach, without};
use crate::kernel::values::OtherParties;
use crate::kernel::wording::{Context, Note, Parties, read_parties};

/// Maximum length of a sentence that is shown as a place, and of a commitment, in characters.
const LONGEST: usize = 2_000;

/// Place in a paper from which a part of the proposal was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaperPlace {
    /// JSON Pointer to the part of `body`.
    #[schema(example = "/signed_on")]
    pub pointer: String,
    /// Number of the page; null for documents without fixed pages.
    #[schema(minimum = 1, example = 2)]
    pub page: Option<u32>,
    /// Number of the paragraph; null for a page.
    #[schema(minimum = 1, example = json!(null))]
    pub paragraph: Option<u32>,
    /// The sentence, as the paper has it.
    #[schema(example = "2021년 4월 16일")]
    pub text: String,
    /// Whether the sentence has telephone numbers, addresses of mail or numbers that identify a person,
    /// which `body` leaves out.
    #[schema(example = false)]
    pub withheld: bool,
}

/// What a paper says.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    /// The members of the agreement, but for its parties.
    pub body: Map<String, Value>,
    pub parties: Vec<NamedParty>,
    /// The day on which the earlier agreement was signed that it renews, and where it says so.
    pub renews: Option<(NaiveDate, Line)>,
    pub places: Vec<PaperPlace>,
    /// What was looked for and not found.
    pub notes: Vec<Note>,
}

impl Proposal {
    pub(super) fn set(&mut self, member: &str, value: Value, line: &Line) {
        self.body.insert(member.to_owned(), value);
        self.place(format!("/{member}"), line);
    }

    pub(super) fn place(&mut self, pointer: String, line: &Line) {
        self.places.push(PaperPlace {
            pointer,
            page: line.page,
            paragraph: line.paragraph,
            text: quoted(line),
            withheld: unpersonal(&line.text).is_some(),
        });
    }
}

/// Returns a text without what is personal in it, as in imports; `None` if nothing is.
pub(super) fn unpersonal(text: &str) -> Option<String> {
    without(text, "", Reach::None).map(|(kept, _)| kept)
}

/// Leaves out of all texts what is personal: what a paper states can become public.
fn withhold(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(kept) = unpersonal(text) {
                *text = kept;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(withhold),
        Value::Object(members) => members.values_mut().for_each(withhold),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Returns a line as it is shown. The reader of PDF documents has a dot in place of any sign before an item
/// (`②`), which the paper may not have.
pub(super) fn quoted(line: &Line) -> String {
    let without = line.text.strip_prefix("• ");
    let without = without.filter(|_| line.page.is_some());
    shortened(without.unwrap_or(&line.text))
}

/// Proposes an agreement from a paper.
pub fn propose(paper: &Paper, today: NaiveDate) -> Proposal {
    let this_year = today.year();
    let mut out = Proposal::default();
    title(&paper.head, &mut out);
    out.parties = parties(paper, this_year);
    for (at, party) in out.parties.clone().iter().enumerate() {
        out.place(format!("/parties/{at}"), &party.line);
    }
    others(&mut out);
    signing(paper, today, &mut out);
    out.renews = renewed(paper, this_year);
    purpose(paper, &mut out);
    term(paper, &mut out);
    binding(paper, &mut out);
    commitments(paper, &mut out);
    out.body.values_mut().for_each(withhold);
    for party in &mut out.parties {
        if let Some(kept) = unpersonal(&party.name) {
            party.name = kept;
        }
    }
    out.notes = missing(paper, &out);
    out
}

/// Splits a party from those that a paper counts beside it: `(주)을드론 외 2개사`.
fn with_others(name: &str) -> Option<(String, OtherParties)> {
    let read = read_parties(name, &Context::default(), &|_| false);
    let Parties { named, others } = read.value?;
    let [party] = &named[..] else { return None };
    Some((party.name.clone(), others?))
}

/// Takes the parties that a paper only counts off the names beside which they stand.
fn others(out: &mut Proposal) {
    let mut all: Vec<(OtherParties, Line)> = Vec::new();
    for party in &mut out.parties {
        if let Some((name, others)) = with_others(&party.name) {
            party.name = name;
            all.push((others, party.line.clone()));
        }
    }
    let Some((_, line)) = all.first().cloned() else {
        return;
    };
    let counts = all.iter().map(|(others, _)| others.count);
    let count = counts.sum::<Option<u32>>();
    let words = all
        .iter()
        .filter_map(|(others, _)| others.as_stated.clone());
    let as_stated = words.collect::<Vec<_>>().join(", ");
    let others = json!({ "count": count, "as_stated": as_stated });
    out.set("other_parties", others, &line);
}

pub(super) fn localized(text: &str) -> Value {
    let language = match text.is_ascii() || english::is_latin(text) {
        true => "en",
        false => "ko",
    };
    json!({ language: shortened(text) })
}

fn shortened(text: &str) -> String {
    match text.chars().count() > LONGEST {
        true => text.chars().take(LONGEST - 1).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

fn purpose(paper: &Paper, out: &mut Proposal) {
    if let Some(line) = paper
        .article(&["목적", "purpose", "objective"])
        .and_then(|a| a.lines.first())
    {
        out.set("purpose", localized(&line.text), line);
    }
}
