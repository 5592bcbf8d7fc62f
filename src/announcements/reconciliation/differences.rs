//! How a record differs from what was announced of it. Pure.

use std::collections::HashSet;

use super::types::{AnnouncedDifference, DifferenceMember};
use crate::announcements::matching::PartyNames;
use crate::announcements::parties::read;
use crate::announcements::types::{AnnouncedParty, AnnouncedTarget, AnnouncementContent};
use crate::directory::heads::{POSTS, headed_by, is_post};
use crate::directory::legal_forms::name_key;
use crate::directory::municipalities::within_parent;
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
    // By their names without the province: none of another province is meant.
    let within = recorded.iter().filter_map(|one| within_parent(&one.name));
    let within: HashSet<String> = within.map(|(_, own)| name_key(own)).collect();
    let short: HashSet<String> = keys.iter().filter_map(|key| short_form(key)).collect();
    let similar = Similar::of(keys.iter());
    let is_body = |name: &str| {
        let key = name_key(name);
        let is_within = within_parent(name).is_some_and(|(full, own)| {
            keys.contains(&name_key(&full)) || keys.contains(&name_key(own))
        });
        is_within
            || keys.contains(&key)
            || within.contains(&key)
            || short.contains(&key)
            || own
                .iter()
                .any(|own| own.is_named(name) || own.part(name).is_some())
            || is_head_of(&key, &keys)
            || (!key.is_empty() && in_words.contains(&key))
            || !similar.to(&Compared::of(&key)).is_empty()
    };
    let is_party = |name: &str| is_body(name) || is_person_of(name, &is_body);
    let is_known = |party: &AnnouncedParty| {
        is_party(&party.name) || {
            let read = read(party, &is_body);
            read.named.iter().all(|one| is_party(&one.name))
        }
    };
    if told.parties.iter().all(is_known) {
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

/// Returns whether words name the head of a body, perhaps with the name: `을재단 이사장`, `을재단 홍길동
/// 이사장`, `을대학교총장`.
fn is_person_of(name: &str, is_body: &dyn Fn(&str) -> bool) -> bool {
    let words: Vec<&str> = name.split_whitespace().collect();
    let is_behind = (1..words.len()).any(|at| {
        let (body, person) = words.split_at(at);
        person.len() <= 2 && person.iter().any(|word| is_post(word)) && is_body(&body.join(" "))
    });
    let of = || POSTS.iter().filter_map(|post| name.strip_suffix(post));
    is_behind || of().any(|body| !body.is_empty() && is_body(body))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn is_another(recorded: &str, announced: &str) -> bool {
        let party = PartyNames {
            name: recorded.to_owned(),
            keys: vec![name_key(recorded)],
        };
        let facts = Facts {
            parties: Some(vec![party]),
            ..Facts::default()
        };
        let told = serde_json::json!({"kind": "signing", "title": {"ko": "협약"},
            "parties": [{"name": announced}]});
        let told: AnnouncementContent = serde_json::from_value(told).unwrap();
        parties(&told, &facts, &[]).is_some()
    }

    #[test]
    fn the_same_party_is_no_other_one() {
        for (recorded, announced) in [
            ("나래병원", "나래병원 등 3개 기관"),
            ("나래병원", "나래병원(병원장 김하나)"),
            ("나래병원", "나래병원장"),
            ("나래공사", "나래공사(NR)"),
            ("나래전자", "나래전자(주) 대표 홍길동"),
            ("재단법인 나래재단", "나래재단 이사장"),
            ("재단법인 나래재단", "(재)나래재단 이사장 홍길동"),
            ("나래대학교", "나래대 홍길동 총장"),
            ("나래대학교", "나래대학교총장"),
            ("나래대학교병원", "나래대병원"),
            ("동국대학교의료원", "동국대의료원"),
            ("나래대학교 산학협력단", "나래대 산학협력단"),
            ("파주시", "경기도 파주시"),
            ("파주시", "경기 파주시"),
            ("경기도 파주시", "파주시"),
            ("경기도 파주시", "경기 파주시"),
            ("파주시", "파주시장"),
        ] {
            assert!(!is_another(recorded, announced), "{recorded}: {announced}");
        }
        for (recorded, announced) in [
            ("나래병원", "다온병원"),
            ("나래병원", "다온병원 등 3개 기관"),
            ("나래병원", "나래병원, 다온전자"),
            ("나래대학교", "나래대병원"),
            ("나래재단", "다온재단 이사장"),
            ("파주시", "경기도 김포시"),
            ("부산광역시 중구", "대구 중구"),
            ("파주시", "파주시설관리공단"),
        ] {
            assert!(is_another(recorded, announced), "{recorded}: {announced}");
        }
    }
}
