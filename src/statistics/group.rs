//! What figures are grouped by, and what they are made of beside ratios. Pure.

use std::collections::BTreeMap;

use chrono::Datelike;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::freshness::{Freshness, FreshnessState};
use super::rules::{LeftOut, LeftOutReason, Link, Place, Tally};
use crate::http::language::Message;
use crate::organizations::types::Officer;
use crate::values::{ImpreciseDate, Localized, OrganizationRef, word};

/// What the records of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct GroupKey {
    /// The year, the id, the code or the text; null for those of which it is not known.
    #[schema(example = "2021")]
    pub value: Option<String>,
    /// What it is called; null where the value says it itself.
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

    /// That of an organization.
    pub fn organization(organization: &OrganizationRef) -> Self {
        Self::named(organization.id.to_string(), organization.name.clone())
    }

    /// Where the group stands: by what it is called, and unknown last.
    pub fn place(&self) -> (bool, String, Option<String>) {
        let called = self.label.as_ref().map(Localized::sort_key);
        (
            self.value.is_none(),
            called.unwrap_or_default(),
            self.value.clone(),
        )
    }
}

/// Keys of which an empty list means that none is known.
pub fn or_unknown(keys: Vec<GroupKey>) -> Vec<GroupKey> {
    if keys.is_empty() {
        vec![GroupKey::UNKNOWN]
    } else {
        keys
    }
}

/// By each topic, once.
pub fn by_topics(topics: &[Localized]) -> Vec<GroupKey> {
    let mut keys: Vec<GroupKey> = Vec::new();
    for topic in topics {
        let text = topic.texts().next().unwrap_or_default();
        // Values go into addresses, so they are cut.
        let text: String = text.chars().take(200).collect();
        if !keys.iter().any(|key| key.value.as_ref() == Some(&text)) {
            keys.push(GroupKey::named(text, topic.clone()));
        }
    }
    keys
}

/// The year in which a date certainly lies.
pub fn year(date: Option<&ImpreciseDate>) -> Option<i32> {
    let (first, last) = (date?.earliest()?.year(), date?.latest()?.year());
    (first == last).then_some(first)
}

pub fn by_year(date: Option<&ImpreciseDate>) -> GroupKey {
    GroupKey::of(year(date).map(|year| format!("{year:04}")))
}

/// Whether an officer is the elected head of a municipality, as the title tells: 시장, 군수, 구청장 or
/// 도지사, and no deputy or acting one.
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

/// The head of a municipality in whose term a date certainly lies. A term without an end lasts until
/// that of another head begins; one without a start, and terms that overlap, do not tell.
fn head_on<'a>(officers: &'a [Officer], date: &ImpreciseDate) -> Option<&'a Officer> {
    let (first, last) = (date.earliest()?, date.latest()?);
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

/// The term of office in which a date lies.
pub fn by_term(municipality: Uuid, officers: &[Officer], date: Option<&ImpreciseDate>) -> GroupKey {
    let Some(head) = date.and_then(|date| head_on(officers, date)) else {
        return GroupKey::UNKNOWN;
    };
    let text = |date: &Option<ImpreciseDate>| date.as_ref().map(ImpreciseDate::edtf);
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

/// How many records there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Count {
    /// How many.
    #[schema(minimum = 0)]
    pub count: u64,
    /// What is counted, in words.
    pub formula: Message,
    /// The list of them.
    pub link: String,
}

/// How many records stand in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PartCount {
    /// How they stand; `unknown` where nobody knows.
    #[schema(example = "signed")]
    pub value: String,
    /// How many.
    #[schema(minimum = 0)]
    pub count: u64,
    /// The list of them.
    pub link: String,
}

/// How many records stand how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Breakdown {
    /// What is told apart, in words.
    pub formula: Message,
    /// Each way in which they may stand.
    pub counts: Vec<PartCount>,
    /// What stands in none of them, by the reason.
    pub left_out: Vec<LeftOut>,
}

/// Counts by words, with the lists behind them.
pub fn breakdown<'a>(
    formula: Message,
    filter: &'static str,
    counts: impl Iterator<Item = (&'a str, u64)>,
    link: &Link,
) -> Breakdown {
    let counts = counts.map(|(value, count)| PartCount {
        value: value.to_owned(),
        count,
        link: link.with(filter, value).text(),
    });
    Breakdown {
        formula,
        counts: counts.collect(),
        left_out: Vec::new(),
    }
}

/// How many records are how fresh.
#[derive(Clone, Debug, Default)]
pub struct Freshnesses {
    counts: BTreeMap<String, u64>,
    tally: Tally,
}

/// Where a record stands among those of which it is asked how fresh they are.
pub fn awaited(freshness: Option<Freshness>) -> Place {
    freshness.map_or(Place::Out(LeftOutReason::NotUnderWay), |_| Place::Counted)
}

impl Freshnesses {
    pub fn add(&mut self, freshness: Option<Freshness>) {
        self.tally.add(awaited(freshness));
        if let Some(freshness) = freshness {
            *self.counts.entry(word(&freshness.state)).or_default() += 1;
        }
    }

    pub fn breakdown(&self, formula: Message, link: &Link) -> Breakdown {
        let link = link.with("figure", "freshness");
        let states = [
            FreshnessState::Current,
            FreshnessState::Ageing,
            FreshnessState::Stale,
            FreshnessState::Unknown,
        ]
        .map(|state| word(&state));
        let of = |state: &String| self.counts.get(state).copied().unwrap_or(0);
        let counts = states.iter().map(|state| (state.as_str(), of(state)));
        Breakdown {
            left_out: self.tally.left_out(&link),
            ..breakdown(formula, "freshness", counts, &link)
        }
    }
}

/// Which records of a figure are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FigurePart {
    /// What the numerator counts.
    Numerator,
    /// What the denominator counts, or what is measured.
    Denominator,
    /// What is in neither.
    LeftOut,
}

impl FigurePart {
    pub fn holds(self, place: Place) -> bool {
        matches!(
            (self, place),
            (Self::Numerator, Place::Counted)
                | (Self::Denominator, Place::Counted | Place::Missed)
                | (Self::LeftOut, Place::Out(_))
        )
    }
}

/// Where a record stands in the figure asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FigureStanding {
    /// In the numerator, in the denominator alone, or in neither.
    pub part: FigurePart,
    /// Why it is in neither; null where it is in one.
    pub reason: Option<LeftOutReason>,
}

impl From<Place> for FigureStanding {
    fn from(place: Place) -> Self {
        let (part, reason) = match place {
            Place::Counted => (FigurePart::Numerator, None),
            Place::Missed => (FigurePart::Denominator, None),
            Place::Out(why) => (FigurePart::LeftOut, Some(why)),
        };
        Self { part, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            // The next term began some day of this month.
            ("2026-07-10", None),
            ("2026-08-01", Some("정")),
            ("2017-01-01", None),
            ("../2021", None),
        ];
        for (date, name) in cases {
            let found = head_on(&officers, &ImpreciseDate::parse(date).unwrap());
            assert_eq!(found.map(|o| o.name.as_str()), name, "{date}");
        }
        let undated = [officer("시장", "갑", None, None)];
        assert!(head_on(&undated, &ImpreciseDate::parse("2021").unwrap()).is_none());
        let key = by_term(Uuid::nil(), &officers, None);
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
        let of = |text: &str| year(Some(&ImpreciseDate::parse(text).unwrap()));
        assert_eq!(of("2021-35"), Some(2021));
        assert_eq!(of("2021/2022"), None);
        assert_eq!(of("../2022"), None);
        assert_eq!(year(None), None);
    }
}
