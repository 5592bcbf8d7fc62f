//! How a record differs from what was announced of it. Pure.

use std::collections::HashSet;

use super::types::{AnnouncedDifference, DifferenceMember};
use crate::announcements::matching::PartyNames;
use crate::announcements::types::{AnnouncedTarget, AnnouncementContent};
use crate::directory::heads::headed_by;
use crate::directory::legal_forms::name_key;
use crate::kernel::language::{Language, Message};
use crate::kernel::values::{Bounds, ImpreciseDate, Money, OtherParties};
use crate::organizations::matching::{Compared, Own, Similar, abbreviated};
use crate::projects::milestones::types::MilestoneKind;

/// What is recorded of the same event.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Day of the signing, or on which the milestone was met.
    pub day: Option<ImpreciseDate>,
    pub cost: Option<Money>,
    /// The parties, the municipality among them; `None` for a milestone.
    pub parties: Option<Vec<PartyNames>>,
    /// The parties that are recorded in words.
    pub others: Option<OtherParties>,
    /// The milestones of the projects, each with all targets ever stated.
    pub milestones: Vec<(MilestoneKind, Vec<ImpreciseDate>)>,
}

/// Returns how what is recorded differs from an announcement of a municipality, with its names. What one
/// of them does not state is no difference.
pub fn differences(
    told: &AnnouncementContent,
    facts: &Facts,
    own: &[Own],
) -> Vec<AnnouncedDifference> {
    let day = told.happened_on.as_ref().zip(facts.day.as_ref());
    let day = day.filter(|(told, recorded)| are_apart(told, recorded));
    let day = day.map(|(told, recorded)| AnnouncedDifference {
        member: DifferenceMember::Day,
        announced: words(told),
        recorded: words(recorded),
    });
    let amount = told.amount.as_ref().zip(facts.cost.as_ref());
    let amount = amount.filter(|(told, recorded)| differ(told, recorded));
    let amount = amount.map(|(told, recorded)| AnnouncedDifference {
        member: DifferenceMember::Amount,
        announced: money(told),
        recorded: money(recorded),
    });
    let all = day
        .into_iter()
        .chain(amount)
        .chain(parties(told, facts, own));
    let targets = told.targets.iter();
    all.chain(targets.filter_map(|told| target(told, facts)))
        .collect()
}

/// Returns whether two dates have no day in common.
fn are_apart(one: &ImpreciseDate, other: &ImpreciseDate) -> bool {
    Bounds::of(Some(one)).and(Bounds::of(Some(other))).is_none()
}

fn words(date: &ImpreciseDate) -> Message {
    Message::new(date.words(Language::Korean), date.words(Language::English))
}

/// The lowest and the highest amount that is meant.
fn range(money: &Money) -> Option<(f64, f64)> {
    #[expect(clippy::cast_precision_loss, reason = "amounts are compared roughly")]
    let number = |amount: i64| amount as f64;
    let low = money.amount.or(money.min_amount).map(number);
    let high = money.amount.or(money.max_amount).map(number);
    if low.is_none() && high.is_none() {
        return None;
    }
    // "About" leaves a twentieth open.
    let rough = if money.approximate { 0.05 } else { 0.0 };
    Some((
        low.unwrap_or(0.0) * (1.0 - rough),
        high.unwrap_or(f64::MAX) * (1.0 + rough),
    ))
}

fn differ(one: &Money, other: &Money) -> bool {
    let Some(((low, high), (from, to))) = range(one).zip(range(other)) else {
        return false;
    };
    one.currency != other.currency || low > to || from > high
}

/// Returns an amount in the words of its source, or else as it is written in documents.
fn money(money: &Money) -> Message {
    let in_words = |language| {
        money
            .as_stated
            .clone()
            .unwrap_or_else(|| money.words(language))
    };
    Message::new(in_words(Language::Korean), in_words(Language::English))
}

/// Returns a difference if a name that was announced is that of no party. Announcements often leave
/// parties out, which is none.
fn parties(told: &AnnouncementContent, facts: &Facts, own: &[Own]) -> Option<AnnouncedDifference> {
    let recorded = facts.parties.as_ref()?;
    let in_words = match &facts.others {
        None => String::new(),
        Some(others) => match &others.as_stated {
            // Names that nobody wrote down: each may be among them.
            None => return None,
            Some(words) if names_nobody(words) => return None,
            Some(words) => name_key(words),
        },
    };
    let keys: HashSet<String> = recorded.iter().flat_map(|one| one.keys.clone()).collect();
    let short: HashSet<String> = keys.iter().filter_map(|key| short_form(key)).collect();
    let similar = Similar::of(keys.iter());
    let is_party = |name: &str| {
        let key = name_key(name);
        keys.contains(&key)
            || short.contains(&key)
            || own.iter().any(|own| own.is_named(name))
            || is_head_of(&key, &keys)
            || (!key.is_empty() && in_words.contains(&key))
            || !similar.to(&Compared::of(&key)).is_empty()
    };
    if told.parties.iter().all(|party| is_party(&party.name)) {
        return None;
    }
    let announced = told.parties.iter().map(|party| party.name.as_str());
    let announced = announced.collect::<Vec<_>>().join(", ");
    let others = facts
        .others
        .iter()
        .filter_map(|others| others.as_stated.as_deref());
    let recorded = recorded.iter().map(|one| one.name.as_str()).chain(others);
    let recorded = recorded.collect::<Vec<_>>().join(", ");
    Some(AnnouncedDifference {
        member: DifferenceMember::Parties,
        announced: Message::new(announced.clone(), announced),
        recorded: Message::new(recorded.clone(), recorded),
    })
}

/// Returns whether words count parties without naming them: `등 5개 기관`.
fn names_nobody(words: &str) -> bool {
    let is_count = |part: &str| {
        let part = part.trim().trim_start_matches(['등', '외', ' ']);
        part.is_empty() || part.starts_with(|c: char| c.is_ascii_digit()) || part.ends_with("기관")
    };
    words.split([',', '·']).any(is_count)
}

/// Returns the short form of a name: `가온대` of 가온대학교, `고양` of 고양시.
fn short_form(key: &str) -> Option<String> {
    let stem = || {
        let stem = ["시", "군", "구", "도"]
            .iter()
            .find_map(|end| key.strip_suffix(end))?;
        (stem.chars().count() >= 2).then(|| stem.to_owned())
    };
    abbreviated(key).or_else(stem)
}

/// Returns whether a name is that of the head or the office of a party: `파주시장`, `파주시청`.
fn is_head_of(key: &str, keys: &HashSet<String>) -> bool {
    let of = ["장", "청"].iter().find_map(|end| key.strip_suffix(end));
    of.is_some_and(|body| keys.contains(body))
        || headed_by(key, |_| true).is_some_and(|body| keys.contains(&body))
}

/// Returns a difference if a target was never stated of a milestone of its kind.
fn target(told: &AnnouncedTarget, facts: &Facts) -> Option<AnnouncedDifference> {
    let of_kind = facts
        .milestones
        .iter()
        .filter(|(kind, _)| *kind == told.kind);
    let stated: Vec<&ImpreciseDate> = of_kind.flat_map(|(_, targets)| targets).collect();
    if stated.iter().any(|date| date.same_days(&told.target)) {
        return None;
    }
    let step = told.kind.title();
    let with_step = |date: Message| {
        Message::new(
            format!("{} {}", step.in_language(Language::Korean), date.ko),
            format!("{}: {}", step.in_language(Language::English), date.en),
        )
    };
    let recorded = stated.last().map(|date| words(date));
    Some(AnnouncedDifference {
        member: DifferenceMember::Target,
        announced: with_step(words(&told.target)),
        recorded: with_step(recorded.unwrap_or(Message::fixed("기록 없음", "not recorded"))),
    })
}
