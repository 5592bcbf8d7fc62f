//! Cells that name the parties of an agreement.

mod brackets;
mod english;
mod lists;
mod names;
mod rest;
mod split;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Choice, Context, Note, Reading, plain, shortened};
use crate::kernel::language::Message;
use crate::kernel::values::OtherParties;
use rest::{Counted, Named};
use split::Perhaps;
pub use split::looks_like_one;

/// The parties that a text names, and those that it only counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Parties {
    /// The parties that are named, in their order.
    pub named: Vec<PartyName>,
    /// The parties that are counted or mentioned, as `other_parties` of an agreement takes them;
    /// null if there are none.
    #[serde(rename = "other_parties")]
    pub others: Option<OtherParties>,
}

/// A party as a text names it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PartyName {
    /// The name with its legal form, as it is written.
    #[schema(example = "을전자(주)")]
    pub name: String,
    /// The share in percent, such as 85 for `LH(85%)`; null if none is stated.
    pub share_percent: Option<f64>,
    /// The former name, such as that in `을시(구 갑시)`; null if none is stated.
    pub former: Option<String>,
    /// The name in its own script, such as that in `하코다테시(函館市)`; null if none is stated.
    pub local_name: Option<String>,
    /// The country before the name, such as that in `일본/하코다테시`, where the header announces one.
    pub country: Option<String>,
    /// Other words in brackets.
    pub remarks: Vec<String>,
}

/// Reads a text as the parties of an agreement. `is_known` tells names that are recorded: they settle
/// whether a dash or a middle dot divides two names or belongs to one.
pub fn read_parties(
    text: &str,
    context: &Context,
    is_known: &dyn Fn(&str) -> bool,
) -> Reading<Parties> {
    let stated = text.trim();
    let soft = plain::soft(stated);
    if plain::is_blank(&soft) {
        return Reading::blank(stated);
    }
    let mut notes = Vec::new();
    let soft = rest::with_joint_units(&soft);
    let soft = brackets::with_named_others(&soft).unwrap_or(soft);
    let listed = brackets::listed(split::unwrapped(&soft));
    let is_listed = listed.is_some();
    let (names, counted) = match listed {
        Some((names, counted)) => (names, Some(counted)),
        None => rest::counted(split::unwrapped(&soft)),
    };
    let names = split::unwrapped(names);
    // `갑시와 을대학교 간`
    let names = names.strip_suffix(" 간").unwrap_or(names);
    let names = if split::is_no_name(names) { "" } else { names };
    let (apart, together) = splittings(names, context, is_known);
    // A number before a list of as many names counts these alone.
    let counts_names = |all: &Counted| all.others.count == u32::try_from(apart.len()).ok();
    let counted = counted.filter(|all| !(is_listed && counts_names(all)));
    let together = together.map(|together| rest::without_counted(together, counted.clone()));
    let (apart, counted) = rest::without_counted(apart, counted);
    let first = parties(&apart, counted.as_ref(), context);
    if first.named.is_empty() && first.others.is_none() {
        return nobody(stated);
    }
    if first.others.is_some() {
        notes.push(Note::unnamed_parties());
    }
    let mut choices = Vec::new();
    if let Some((together, counted)) = together {
        choices.push(choice(parties(&together, counted.as_ref(), context), true));
        choices.insert(0, choice(first.clone(), false));
    } else if let Some(rest) = counted
        .as_ref()
        .and_then(|all| without_named(all, perhaps_within(all, first.named.len())))
    {
        let fewer = Parties {
            others: rest,
            ..first.clone()
        };
        choices.push(of_all(fewer));
        choices.push(beside(first.clone()));
    }
    match choices.is_empty() {
        true => Reading::of(stated, first, notes),
        false => Reading::question(stated, choices, notes),
    }
}

/// Returns the reading of a text that names no party: its words for parties without a name.
fn nobody(stated: &str) -> Reading<Parties> {
    let mut notes = vec![Note::no_party()];
    let as_stated = Some(shortened(stated, &mut notes));
    let others = Some(OtherParties {
        count: None,
        as_stated,
    });
    let parties = Parties {
        named: Vec::new(),
        others,
    };
    Reading::of(stated, parties, notes)
}

/// Splits a text into names; where a sign may belong to a name, also into fewer names.
fn splittings(
    text: &str,
    context: &Context,
    is_known: &dyn Fn(&str) -> bool,
) -> (Vec<String>, Option<Vec<String>>) {
    let (mut apart, mut together, mut differ) = (Vec::new(), Vec::new(), false);
    for part in split::surely(text) {
        // The slash divides country and name.
        let read = match context.country_first && part.contains('/') {
            true => Perhaps::One(part),
            false => split::perhaps(&part, is_known),
        };
        match read {
            Perhaps::One(name) => {
                apart.push(name.clone());
                together.push(name);
            }
            Perhaps::Several(names) => {
                apart.extend(names.iter().cloned());
                together.extend(names);
            }
            Perhaps::Either(name, names) => {
                differ = true;
                apart.extend(names);
                together.push(name);
            }
        }
    }
    (apart, differ.then_some(together))
}

fn parties(names: &[String], counted: Option<&Counted>, context: &Context) -> Parties {
    let named = names.iter().filter_map(|name| names::read(name, context));
    let named: Vec<PartyName> = named.collect();
    let others = counted.and_then(|all| {
        let fewer = Some(all).filter(|all| all.named == Named::Within);
        let fewer = fewer.and_then(|all| without_named(all, named.len()));
        fewer.unwrap_or_else(|| Some(all.others.clone()))
    });
    Parties { named, others }
}

/// Returns how many of the named parties a number may include.
fn perhaps_within(counted: &Counted, named: usize) -> usize {
    match counted.named {
        Named::Perhaps => named,
        Named::Listed(listed) => listed,
        Named::Beside | Named::Within => 0,
    }
}

/// Returns the parties beside those that are named if the number includes these: `Some(None)` for
/// none beside them.
fn without_named(counted: &Counted, named: usize) -> Option<Option<OtherParties>> {
    let count = counted.others.count.filter(|_| named > 0)?;
    let rest = count.checked_sub(u32::try_from(named).ok()?)?;
    Some((rest > 0).then(|| OtherParties {
        count: Some(rest),
        ..counted.others.clone()
    }))
}

fn choice(value: Parties, together: bool) -> Choice<Parties> {
    let reason = match together {
        false => Message::fixed("여러 기관으로 나누어 읽음", "Read as several organizations"),
        true => Message::fixed(
            "한 기관의 이름으로 읽음",
            "Read as the name of one organization",
        ),
    };
    Choice { value, reason }
}

fn of_all(value: Parties) -> Choice<Parties> {
    let reason = Message::fixed(
        "수에 이름이 적힌 기관이 들어 있음",
        "The number includes the organizations that are named",
    );
    Choice { value, reason }
}

fn beside(value: Parties) -> Choice<Parties> {
    let reason = Message::fixed(
        "수에 이름이 적힌 기관이 들어 있지 않음",
        "The number does not include the organizations that are named",
    );
    Choice { value, reason }
}
