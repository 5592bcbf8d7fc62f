//! Grouping of figures. Pure.

use std::collections::HashMap;

use chrono::Datelike;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::rules::Link;
use crate::db::page::{Listed, Page};
use crate::kernel::ids::OrganizationId;
use crate::kernel::text::tidy;
use crate::kernel::values::{Bounds, ImpreciseDate, Localized, OrganizationRef, ProjectRef};
use crate::organizations::types::Officer;

/// Key of a group: the property that its records share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct GroupKey {
    /// Year, id, code or text; null for the group of unknown.
    #[schema(example = "2021")]
    pub value: Option<String>,
    /// Display name; null if the value is its own name.
    pub label: Option<Localized>,
}

impl GroupKey {
    pub const UNKNOWN: Self = Self {
        value: None,
        label: None,
    };

    pub fn of(value: Option<String>) -> Self {
        Self { value, label: None }
    }

    pub fn named(value: impl Into<String>, label: Localized) -> Self {
        Self {
            value: Some(value.into()),
            label: Some(label),
        }
    }

    pub fn organization(organization: &OrganizationRef) -> Self {
        Self::named(organization.id.to_string(), organization.name.clone())
    }

    pub fn project(project: &ProjectRef) -> Self {
        Self::named(project.id.to_string(), project.title.clone())
    }

    /// Returns the sort key of the group: by label, with the unknown group last. Cursors contain
    /// it, so a long label is cut; groups with the same key are ordered by value.
    fn page_key(&self) -> String {
        let label = self.label.as_ref().map(Localized::sort_key);
        let label = label.unwrap_or_default();
        let unknown = u8::from(self.value.is_none());
        format!("{unknown}{}", label.chars().take(60).collect::<String>())
    }
}

/// Returns the keys, or [`GroupKey::UNKNOWN`] if there are none.
pub fn or_unknown(keys: Vec<GroupKey>) -> Vec<GroupKey> {
    if keys.is_empty() {
        vec![GroupKey::UNKNOWN]
    } else {
        keys
    }
}

pub fn by_parties(parties: Option<&Vec<OrganizationRef>>) -> Vec<GroupKey> {
    let parties = parties.into_iter().flatten();
    parties.map(GroupKey::organization).collect()
}

/// Returns one key per distinct topic.
pub fn by_topics(topics: &[Localized]) -> Vec<GroupKey> {
    let mut keys: Vec<GroupKey> = Vec::new();
    for topic in topics {
        let text = tidy(topic.texts().next().unwrap_or_default());
        // Values become part of URLs, so they are truncated.
        let text: String = text.chars().take(200).collect();
        if !keys.iter().any(|key| key.value.as_ref() == Some(&text)) {
            keys.push(GroupKey::named(text, topic.clone()));
        }
    }
    keys
}

/// Returns the year of a date, if all its possible days lie in one year.
pub fn year(date: Bounds) -> Option<i32> {
    let (first, last) = (date.earliest?.year(), date.latest?.year());
    (first == last).then_some(first)
}

pub fn by_year(date: Bounds) -> GroupKey {
    GroupKey::of(year(date).map(|year| format!("{year:04}")))
}

/// Returns whether an officer is the elected head of a municipality, by the title: 시장, 군수, 구청장 or
/// 도지사, but no deputy (부시장) or acting head.
fn is_head(officer: &Officer) -> bool {
    if let Some(ko) = &officer.title.ko {
        let ko = ko.trim();
        let head = ["시장", "군수", "구청장", "지사"]
            .into_iter()
            .find_map(|post| ko.strip_suffix(post));
        return head.is_some_and(|before| !before.ends_with('부') && !before.ends_with("부도"));
    }
    let en = officer.title.en.as_deref().unwrap_or_default().trim();
    ["Mayor", "Governor"]
        .into_iter()
        .filter_map(|post| en.strip_prefix(post))
        .any(|rest| rest.is_empty() || rest.starts_with(" of "))
}

/// Returns the head in whose term a date certainly lies.
///
/// A term without an end lasts until the term of another head begins. A term without a start is
/// ignored, and overlapping terms yield `None`.
fn head_on(officers: &[Officer], date: Bounds) -> Option<&Officer> {
    let (first, last) = (date.earliest?, date.latest?);
    let begins = |o: &Officer| o.from.as_ref().and_then(ImpreciseDate::latest);
    let holds = |o: &&Officer| {
        let begun = begins(o).is_some_and(|from| from <= first);
        let until = o.until.as_ref();
        let lasts = until.is_none_or(|until| until.earliest().is_some_and(|day| day >= last));
        let followed = officers.iter().filter(|other| is_head(other)).any(|other| {
            let start = other.from.as_ref().and_then(ImpreciseDate::earliest);
            until.is_none() && begins(other) > begins(o) && start.is_some_and(|day| day <= last)
        });
        is_head(o) && begun && lasts && !followed
    };
    let mut found = officers.iter().filter(holds);
    found.next().filter(|_| found.next().is_none())
}

/// Returns the key of the term of office in which a date lies.
pub fn by_term(municipality: OrganizationId, officers: &[Officer], date: Bounds) -> GroupKey {
    let Some(head) = head_on(officers, date) else {
        return GroupKey::UNKNOWN;
    };
    let text = |date: &Option<ImpreciseDate>| date.as_ref().and_then(ImpreciseDate::edtf);
    let (from, until) = (text(&head.from), text(&head.until));
    let from = from.unwrap_or_default();
    let term = format!("{from}/{}", until.as_deref().unwrap_or(".."));
    let name = &head.name;
    let label = Localized {
        ko: head
            .title
            .ko
            .as_ref()
            .map(|t| format!("{t} {name} ({term})")),
        en: head
            .title
            .en
            .as_ref()
            .map(|t| format!("{t} {name} ({term})")),
    };
    GroupKey::named(format!("{municipality}/{from}/{name}"), label)
}

/// Counts over all records, and over those of each group.
#[derive(Default)]
pub struct GroupedCounts<C> {
    totals: C,
    /// By value: a filter for a group knows no labels.
    groups: HashMap<Option<String>, (GroupKey, C)>,
}

impl<C: Default> GroupedCounts<C> {
    /// Adds a record to the totals (without a key) and to each of its groups.
    pub fn add(&mut self, keys: &[GroupKey], add: impl Fn(&mut C, Option<&GroupKey>)) {
        add(&mut self.totals, None);
        for key in keys {
            let group = self.groups.entry(key.value.clone());
            let (_, counts) = group.or_insert_with(|| (key.clone(), C::default()));
            add(counts, Some(key));
        }
    }

    /// Returns one page of the groups in order, and the totals, with links to the lists of their
    /// records.
    pub fn figures<F, G>(
        self,
        link: &Link,
        page: &Page,
        figures: impl Fn(C, &Link) -> F,
        group: impl Fn(GroupKey, F) -> G,
    ) -> (Listed<G>, F) {
        let groups = page.of(
            self.groups.into_values().collect(),
            |(key, _)| key.page_key(),
            |(key, _)| key.value.clone().unwrap_or_default(),
        );
        let groups = groups.map(|(key, counts)| {
            let link = match &key.value {
                Some(value) => link.with("group", value),
                None => link.with("group_unknown", "true"),
            };
            group(key, figures(counts, &link))
        });
        (groups, figures(self.totals, link))
    }
}

/// Returns the figures of the groups and the totals in serialized statistics.
pub fn figures_of(statistics: &mut Value) -> Vec<&mut Value> {
    let Some(members) = statistics.as_object_mut() else {
        return Vec::new();
    };
    let mut figures = Vec::new();
    for (name, member) in members {
        match name.as_str() {
            "totals" => figures.push(member),
            "groups" => {
                let groups = member.as_array_mut().into_iter().flatten();
                figures.extend(groups.filter_map(|group| group.get_mut("figures")));
            }
            _ => {}
        }
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(text: &str) -> Bounds {
        Bounds::of(Some(&ImpreciseDate::parse(text).unwrap()))
    }

    fn officer(title: &str, name: &str, from: Option<&str>, until: Option<&str>) -> Officer {
        let date = |text: &str| ImpreciseDate::parse(text).unwrap();
        Officer {
            title: Localized::ko(title),
            name: name.into(),
            from: from.map(date),
            until: until.map(date),
        }
    }

    #[test]
    fn a_term_is_told_only_where_it_is_certain() {
        let officers = [
            officer("시장", "갑", Some("2018-07-01"), Some("2022-06-30")),
            officer("부시장", "을", Some("2015-01-01"), None),
            officer("고양특례시장", "병", Some("2022-07-01"), None),
            officer("시장", "정", Some("2026-07"), None),
        ];
        let cases = [
            ("2021-04-16", Some("갑")),
            ("2021", Some("갑")),
            ("2022", None),
            ("2022-07-01", Some("병")),
            ("2026-06-30", Some("병")),
            // The next term began on an unknown day of this month.
            ("2026-07-10", None),
            ("2026-08-01", Some("정")),
            ("2017-01-01", None),
            ("../2021", None),
        ];
        for (date, name) in cases {
            let found = head_on(&officers, bounds(date));
            assert_eq!(found.map(|o| o.name.as_str()), name, "{date}");
        }
        let undated = [officer("시장", "갑", None, None)];
        assert!(head_on(&undated, bounds("2021")).is_none());
        let key = by_term(uuid::Uuid::nil().into(), &officers, Bounds::UNKNOWN);
        assert_eq!(key, GroupKey::UNKNOWN);
    }

    #[test]
    fn deputies_are_no_heads() {
        for (title, head) in [
            ("시장", true),
            ("구청장", true),
            ("경기도지사", true),
            ("경제부지사", false),
            ("제2부시장", false),
            ("시장 권한대행", false),
            ("의장", false),
        ] {
            assert_eq!(is_head(&officer(title, "갑", None, None)), head, "{title}");
        }
    }

    #[test]
    fn a_date_of_two_years_is_of_none() {
        let of = |text: &str| year(bounds(text));
        assert_eq!(of("2021-35"), Some(2021));
        assert_eq!(of("2021/2022"), None);
        assert_eq!(of("../2022"), None);
        assert_eq!(year(Bounds::UNKNOWN), None);
    }
}
