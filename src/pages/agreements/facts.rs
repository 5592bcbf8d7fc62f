//! The facts of an agreement by name. Expected facts that are unknown are shown as such.

use crate::agreements::types::{Agreement, PartyContent, Signatory};
use crate::kernel::values::{AgreementRef, DayRange, ImpreciseDate, Localized};
use crate::pages::agreements::commitments::{stated, words_of};
use crate::pages::markup::{Dated, Fact, Link, Text, Value};
use crate::pages::reader::Frame;
use crate::pages::words::Words;

/// A party with its posts and days.
pub struct PartyRow {
    pub name: Link,
    pub role: String,
    pub signatory: Text,
    /// Days of its own: joined, signed, left.
    pub days: Vec<(&'static str, Dated)>,
}

/// Returns the facts of an agreement itself.
pub fn facts(frame: &Frame, one: &Agreement) -> Vec<Fact> {
    let (w, content) = (frame.w, &one.content);
    let text = |value: Option<&Localized>| value.map(|text| Value::Text(Text::of(text, w)));
    let plain = |value: Option<&str>| value.map(|text| Value::Text(Text::stated(text, w)));
    let unknown = || Value::Text(Text::stated(w.unknown(), w));
    let mut facts = vec![
        optional(w.t("목적", "Purpose"), text(content.purpose.as_ref())),
        optional(
            w.t("협약 번호", "Number"),
            plain(content.reference_number.as_deref()),
        ),
        Some(dated(
            w,
            w.t("체결일", "Signed"),
            content.signed_on.as_ref(),
        )),
        optional(
            w.t("체결 장소", "Place of signing"),
            text(content.venue.as_ref()),
        ),
    ];
    facts.extend(term(frame, one).into_iter().map(Some));
    let department = plain(content.lead_department.as_deref());
    facts.push(Some(fact(
        w.t("담당 부서", "Department"),
        vec![department.unwrap_or_else(unknown)],
    )));
    let topics = content
        .topics
        .iter()
        .map(|topic| Value::Text(Text::of(topic, w)));
    facts.push(several(w.t("주제", "Topics"), topics.collect()));
    let projects = one.projects.iter().map(|project| {
        let href = frame.to(&format!("projects/{}", project.id));
        Value::Link(Link::to(href, Text::of(&project.title, w)))
    });
    facts.push(several(w.t("관련 사업", "Projects"), projects.collect()));
    facts.extend(burdens(w, one).into_iter().map(Some));
    facts.push(optional(w.t("비고", "Note"), text(content.note.as_ref())));
    facts.into_iter().flatten().collect()
}

fn fact(name: &'static str, values: Vec<Value>) -> Fact {
    Fact {
        name,
        values,
        note: None,
    }
}

fn optional(name: &'static str, value: Option<Value>) -> Option<Fact> {
    value.map(|value| fact(name, vec![value]))
}

fn several(name: &'static str, values: Vec<Value>) -> Option<Fact> {
    (!values.is_empty()).then(|| fact(name, values))
}

/// Returns a date with the words of the source.
fn dated(w: Words, name: &'static str, date: Option<&ImpreciseDate>) -> Fact {
    Fact {
        name,
        values: vec![Value::Date(Dated::of(date, w))],
        note: date.and_then(|date| words_of(date, w)),
    }
}

/// Returns the facts about the term: its days, how it renews, and whether it is in force.
fn term(frame: &Frame, one: &Agreement) -> Vec<Fact> {
    let (w, content) = (frame.w, &one.content);
    let mut facts = Vec::new();
    if let Some(from) = &content.effective_from {
        facts.push(dated(
            w,
            w.t("효력 시작일", "First day in force"),
            Some(from),
        ));
    }
    let until = content.effective_until.as_ref();
    facts.push(dated(w, w.t("효력 종료일", "Last day in force"), until));
    let renews = w.yes_no(content.auto_renews);
    let mut renewal = vec![Value::Text(Text::stated(renews, w))];
    if let Some(terms) = &content.renewal {
        let months = match w.tag() {
            "ko" => format!("{}개월씩", terms.months),
            _ => format!("by {} months", terms.months),
        };
        renewal.push(Value::Text(Text::stated(months, w)));
    }
    if let Some(current) = &one.current_term {
        let until = w.day(current.until);
        let text = match w.tag() {
            "ko" => format!("지금은 {}번째 기간, {until}까지", current.number),
            _ => format!("now in term {}, until {until}", current.number),
        };
        renewal.push(Value::Text(Text::stated(text, w)));
    }
    facts.push(fact(w.t("자동 연장", "Renews automatically"), renewal));
    let mut force = vec![Value::Text(Text::stated(in_force(w, one), w))];
    if let Some(left) = one.expires_in.as_ref().and_then(|range| left(w, range)) {
        force.push(Value::Text(Text::stated(left, w)));
    }
    facts.push(fact(w.t("효력", "In force"), force));
    facts
}

/// Returns whether an agreement is in force, or how it ended.
pub fn in_force(w: Words, one: &Agreement) -> String {
    match (one.ended_by, one.in_force) {
        (Some(by), _) => format!("{}: {}", w.t("종료", "Ended"), w.label("EndedBy", &by)),
        (None, Some(true)) => w.t("효력 있음", "In force").to_owned(),
        (None, Some(false)) => w.t("효력 없음", "Not in force").to_owned(),
        (None, None) => w.t("효력 여부 미상", "In force: unknown").to_owned(),
    }
}

/// Returns the days until the last day in force.
fn left(w: Words, range: &DayRange) -> Option<String> {
    let days = match (range.min_days, range.max_days) {
        (Some(min), Some(max)) if min == max => w.days(min),
        (Some(min), Some(max)) => format!("{} ~ {}", w.days(min), w.days(max)),
        _ => return None,
    };
    Some(match w.tag() {
        "ko" => format!("끝나기까지 {days}"),
        _ => format!("{days} left"),
    })
}

/// Returns the facts about obligations and cost.
fn burdens(w: Words, one: &Agreement) -> Vec<Fact> {
    let content = &one.content;
    let yes_no = |name, value| fact(name, vec![Value::Text(Text::stated(w.yes_no(value), w))]);
    let mut facts = vec![
        yes_no(
            w.t("법적 구속력", "Legally binding"),
            content.legally_binding,
        ),
        yes_no(
            w.t("재정 부담", "Financial obligation"),
            content.financial_obligation,
        ),
    ];
    if let Some(cost) = &content.cost {
        facts.push(Fact {
            name: w.t("비용", "Cost"),
            values: vec![Value::Text(Text::stated(w.money(cost), w))],
            note: stated(cost.as_stated.as_deref(), w),
        });
    }
    facts
}

/// Returns the parties with those who signed for them.
pub fn parties(frame: &Frame, one: &Agreement) -> Vec<PartyRow> {
    let w = frame.w;
    let rows = one.parties.iter().map(|party| {
        let (organization, content) = (&party.organization, &party.content);
        let href = frame.to(&format!("organizations/{}", organization.id));
        PartyRow {
            name: Link::to(href, Text::of(&organization.name, w)),
            role: w.label("PartyRole", &content.role),
            signatory: signed_by(w, content),
            days: days(w, content),
        }
    });
    rows.collect()
}

fn signed_by(w: Words, party: &PartyContent) -> Text {
    let not_stated = w.t("출처에 밝혀지지 않음", "Not stated in the sources");
    match &party.signatory {
        Some(signatory) => Text::stated(person(w, signatory), w),
        None if party.signatory_not_stated => Text::stated(not_stated, w),
        None => Text::stated(w.unknown(), w),
    }
}

/// Returns the post and the name of a person, and for whom that person signed.
fn person(w: Words, one: &Signatory) -> String {
    let title = one
        .title
        .as_ref()
        .map(|title| title.in_language(w.0).to_owned());
    let parts = title.into_iter().chain(one.name.clone());
    let text = parts.collect::<Vec<_>>().join(" ");
    match &one.on_behalf_of {
        Some(other) => match w.tag() {
            "ko" => format!("{text} ({} 대신)", other.in_language(w.0)),
            _ => format!("{text} (for {})", other.in_language(w.0)),
        },
        None => text,
    }
}

fn days(w: Words, party: &PartyContent) -> Vec<(&'static str, Dated)> {
    let days = [
        (w.t("참여", "Joined"), party.from.as_ref()),
        (w.t("서명", "Signed"), party.signed_on.as_ref()),
        (w.t("탈퇴", "Left"), party.until.as_ref()),
    ];
    let known = days
        .into_iter()
        .filter_map(|(name, day)| Some((name, day?)));
    known
        .map(|(name, day)| (name, Dated::of(Some(day), w)))
        .collect()
}

/// Returns the parties that no source names, in words.
pub fn others(w: Words, one: &Agreement) -> Vec<Text> {
    let content = &one.content;
    let counted = content.other_parties.as_ref().map(|others| {
        let count = others.count.map(|count| match w.tag() {
            "ko" => format!("이름이 밝혀지지 않은 당사자 {count}곳"),
            _ => format!("{count} parties that the source does not name"),
        });
        let count = count.or_else(|| others.as_stated.clone());
        Text::stated(count.unwrap_or_default(), w)
    });
    let individuals = content
        .individual_parties
        .iter()
        .map(|one| match &one.title {
            Some(title) => Text::of(title, w),
            None => Text::stated(w.t("개인", "An individual"), w),
        });
    counted.into_iter().chain(individuals).collect()
}

/// Returns the agreements to which one is linked without ending or being ended by them.
pub fn linked(frame: &Frame, one: &Agreement) -> Vec<Fact> {
    let w = frame.w;
    let all = [
        (
            w.t("기본협약", "Framework agreement"),
            one.implements.as_slice(),
        ),
        (w.t("세부 협약", "Carried out by"), &one.implemented_by),
        (w.t("본협약", "Annex to"), one.annex_to.as_slice()),
        (w.t("부속 협약", "Annexes"), &one.annexes),
        (w.t("일부 변경하는 협약", "Amends"), one.amends.as_slice()),
        (
            w.t("이 협약의 일부를 변경한 협약", "Amended by"),
            &one.amended_by,
        ),
        (w.t("이어받은 협약", "Continues"), &one.continues),
        (
            w.t("이 협약을 이어받은 협약", "Continued by"),
            &one.continued_by,
        ),
    ];
    let link = |other: &AgreementRef| {
        let href = frame.to(&format!("agreements/{}", other.id));
        Value::Link(Link::to(href, Text::of(&other.title, w)))
    };
    let all = all.into_iter().filter(|(_, others)| !others.is_empty());
    all.map(|(name, others)| fact(name, others.iter().map(link).collect()))
        .collect()
}
