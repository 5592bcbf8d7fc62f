//! The facts of an organization, and who holds its posts.

use crate::kernel::values::{Localized, OrganizationRef};
use crate::municipalities::types::Municipality;
use crate::organizations::store::Record;
use crate::organizations::types::{Officer, OrganizationContent};
use crate::pages::markup::{Dated, Fact, Link, Text, Value};
use crate::pages::reader::Frame;
use crate::pages::words::Words;

/// The holder of a post.
pub struct Post {
    pub title: Text,
    pub name: Text,
    pub term: String,
}

/// Returns the posts with their holders.
pub fn posts(w: Words, officers: &[Officer]) -> Vec<Post> {
    let posts = officers.iter().map(|officer| Post {
        title: Text::of(&officer.title, w),
        name: Text::stated(officer.name.clone(), w),
        term: match (&officer.from, &officer.until) {
            (None, None) => w.t("임기 미상", "Term unknown").to_owned(),
            // It lasts, or its end is unknown.
            (Some(from), None) => format!("{} ~", w.date(Some(from))),
            (from, until) => format!("{} ~ {}", w.date(from.as_ref()), w.date(until.as_ref())),
        },
    });
    posts.collect()
}

/// Returns the facts that are known.
pub fn facts(frame: &Frame, record: &Record, city: Option<&Municipality>) -> Vec<Fact> {
    let (w, content) = (frame.w, &record.doc.content);
    let mut facts = names(w, content);
    if let Some(city) = city {
        facts.extend(official(frame, city));
    }
    if let Some(date) = &content.founded {
        let founded = vec![Value::Date(Dated::of(Some(date), w))];
        facts.push(fact(w.t("설립", "Founded"), founded));
    }
    let identifiers = content.identifiers.iter().map(|one| {
        let scheme = w.label("Scheme", &one.scheme);
        Value::Text(Text::stated(format!("{scheme} {}", one.id), w))
    });
    facts.push(fact(w.t("등록번호", "Identifiers"), identifiers.collect()));
    if let Some(count) = &record.doc.member_count {
        let on = w.date(Some(&count.as_of));
        let text = match w.tag() {
            "ko" => format!("{} ({on})", count.value),
            _ => format!("{} on {on}", count.value),
        };
        let value = Value::Text(Text::stated(text, w));
        facts.push(fact(w.t("회원 수", "Members"), vec![value]));
    }
    let activities = content.activities.iter().map(|activity| {
        let text = activity.text.in_language(w.0);
        let text = match &activity.since {
            Some(since) => format!("{text} ({})", w.date(Some(since))),
            None => text.to_owned(),
        };
        Value::Text(Text::stated(text, w))
    });
    facts.push(fact(w.t("주요 활동", "Activities"), activities.collect()));
    if let Some(url) = &content.website {
        let link = Link::elsewhere(Some(url), Text::stated(url.clone(), w));
        facts.push(fact(w.t("누리집", "Website"), vec![Value::Link(link)]));
    }
    facts.retain(|fact| !fact.values.is_empty());
    facts
}

fn fact(name: &'static str, values: Vec<Value>) -> Fact {
    Fact {
        name,
        values,
        note: None,
    }
}

fn names(w: Words, content: &OrganizationContent) -> Vec<Fact> {
    let text = |name: &Localized| Value::Text(Text::of(name, w));
    // The name in the language that is not the page's.
    let other = content
        .name
        .texts()
        .find(|name| *name != content.name.in_language(w.0));
    let other = other.map(|name| Value::Text(Text::stated(name, w)));
    let local = content.local_name.as_ref();
    let local = local.map(|name| Value::Text(Text::stated(name.text.clone(), w)));
    let others = content.other_names.iter().map(text);
    let abroad = content.country.iter().filter(|_| content.is_foreign());
    vec![
        fact(
            w.t("약칭", "Short name"),
            content.short_name.iter().map(text).collect(),
        ),
        fact(
            w.t("다른 이름", "Other names"),
            other.into_iter().chain(local).chain(others).collect(),
        ),
        fact(
            w.t("국가", "Country"),
            abroad
                .map(|code| Value::Text(Text::stated(code.clone(), w)))
                .collect(),
        ),
    ]
}

/// Returns what the official list tells of a municipality, and its succession.
fn official(frame: &Frame, city: &Municipality) -> Vec<Fact> {
    let w = frame.w;
    let text = |text: String| vec![Value::Text(Text::stated(text, w))];
    let link = |other: &OrganizationRef| {
        let href = frame.to(&format!("municipalities/{}", other.id));
        Value::Link(Link::to(href, Text::of(&other.name, w)))
    };
    let parent = city
        .parent_name
        .iter()
        .map(|name| Value::Text(Text::of(name, w)));
    let before = city.predecessors.iter().map(|one| link(&one.municipality));
    let after = city
        .succession
        .iter()
        .flat_map(|next| next.successors.iter().map(link));
    vec![
        fact(w.t("행정구역 코드", "Code"), text(city.code.clone())),
        fact(
            w.t("종류", "Kind"),
            text(w.label("MunicipalityKind", &city.kind)),
        ),
        fact(w.t("소속 광역자치단체", "Belongs to"), parent.collect()),
        fact(
            w.t("이어받은 지방자치단체", "Predecessors"),
            before.collect(),
        ),
        fact(
            w.t("이 지방자치단체를 이어받은 곳", "Successors"),
            after.collect(),
        ),
    ]
}
