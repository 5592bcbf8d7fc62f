//! A project in the terms of OC4IDS. Nothing is stated more exactly than the record states it: a date
//! that is no certain day is in words, and what the record lacks is left out.

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use crate::kernel::clock::begin_of;
use crate::kernel::language::Language;
use crate::kernel::values::{ImpreciseDate, Localized, Money, Source, to_db};
use crate::projects::geojson::point;
use crate::projects::milestones::derived::title;
use crate::projects::milestones::types::{Milestone, MilestoneKind, MilestoneStatus};
use crate::projects::types::{Location, Project, ProjectStatus};

/// What the projects of a package have in common.
#[derive(Clone)]
pub(super) struct Terms {
    pub language: Language,
    pub zone: Tz,
    /// The publisher's registered prefix of project ids.
    pub prefix: Option<String>,
}

impl Terms {
    /// Returns the project.
    #[expect(clippy::too_many_lines, reason = "one member after another")]
    pub fn project(&self, project: &Project) -> Value {
        let content = &project.content;
        let id = project.meta.id;
        let id = self
            .prefix
            .as_ref()
            .map_or_else(|| id.to_string(), |prefix| format!("{prefix}-{id}"));
        let authority = project.municipality.id.to_string();
        let mut made = json!({
            "id": id,
            "updated": self.instant(updated(project).with_timezone(&self.zone)),
            "language": self.language.tag(),
            "identifiers": [{"scheme": "mou-registry", "id": project.meta.id}],
            "publicAuthority": {"id": authority, "name": self.text(&project.municipality.name)},
            "title": self.text(&content.title),
            "status": status(content.status),
            "additionalClassifications": [{"scheme": "mou-registry", "id": to_db(&content.kind)}],
            "parties": self.parties(project),
        });
        let Some(members) = made.as_object_mut() else {
            return made;
        };
        let mut add = |name: &str, value: Value| {
            let is_empty = match &value {
                Value::Null => true,
                Value::Array(items) => items.is_empty(),
                Value::Object(members) => members.is_empty(),
                _ => false,
            };
            if !is_empty {
                members.insert(name.to_owned(), value);
            }
        };
        add(
            "description",
            content
                .description
                .as_ref()
                .map(|text| self.text(text))
                .into(),
        );
        add(
            "sector",
            distinct(content.sectors.iter().map(|sector| json!(sector))),
        );
        add(
            "budget",
            content
                .budget
                .as_ref()
                .map_or(Value::Null, |budget| self.budget(budget)),
        );
        let locations = content.locations.iter().enumerate();
        add(
            "locations",
            locations
                .map(|(at, location)| self.location(at, location))
                .collect(),
        );
        add(
            "milestones",
            project
                .milestones
                .iter()
                .map(|it| self.milestone(it))
                .collect(),
        );
        add("completion", self.completion(&project.milestones));
        let sources = content.sources.iter().enumerate();
        add(
            "documents",
            sources
                .filter_map(|(at, source)| self.document(at, source))
                .collect(),
        );
        made
    }

    /// Returns a budget: the amount if it is known as one exact number, and the wording.
    fn budget(&self, budget: &Money) -> Value {
        let mut made = Map::new();
        let amount = budget.amount.zip(budget.currency.as_ref());
        if let Some((amount, currency)) = amount.filter(|_| !budget.approximate) {
            let amount = json!({"amount": amount, "currency": currency});
            made.insert("amount".into(), amount);
        }
        let words = budget.as_stated.clone().or_else(|| self.inexact(budget));
        if let Some(words) = words {
            made.insert("description".into(), json!(words));
        }
        Value::Object(made)
    }

    /// Returns an approximate amount or a range in words; `None` for an exact amount.
    fn inexact(&self, budget: &Money) -> Option<String> {
        let is_korean = self.language == Language::Korean;
        let figures = match (budget.amount, budget.min_amount, budget.max_amount) {
            (Some(amount), _, _) if budget.approximate => amount.to_string(),
            (None, Some(least), Some(most)) => format!("{least}–{most}"),
            (None, Some(least), None) if is_korean => format!("{least} 이상"),
            (None, Some(least), None) => format!("at least {least}"),
            (None, None, Some(most)) if is_korean => format!("{most} 이하"),
            (None, None, Some(most)) => format!("at most {most}"),
            _ => return None,
        };
        let about = match (budget.approximate, is_korean) {
            (false, _) => "",
            (true, true) => "약 ",
            (true, false) => "about ",
        };
        let currency = budget.currency.as_deref().unwrap_or_default();
        Some(format!("{currency} {about}{figures}").trim().to_owned())
    }

    /// Returns the terms in the language of a title: the one that is asked for, or the other if the
    /// title is in that alone.
    pub fn in_language_of(&self, title: &Localized) -> Self {
        let language = match (&title.ko, &title.en) {
            (Some(_), None) => Language::Korean,
            (None, Some(_)) => Language::English,
            _ => self.language,
        };
        Self {
            language,
            ..self.clone()
        }
    }

    /// Returns the name of the municipality that publishes a project.
    pub fn publisher(&self, project: &Project) -> String {
        self.text(&project.municipality.name).to_owned()
    }

    fn text<'a>(&self, text: &'a Localized) -> &'a str {
        text.in_language(self.language)
    }

    fn instant<T: TimeZone<Offset: std::fmt::Display>>(&self, at: chrono::DateTime<T>) -> String {
        at.to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// Returns the instant at which a day begins.
    fn day(&self, day: NaiveDate) -> Option<String> {
        begin_of(day, self.zone).map(|at| self.instant(at))
    }

    /// Returns the day of a date that certainly is one.
    fn certain(&self, date: &ImpreciseDate) -> Option<String> {
        let day = date.earliest().filter(|_| date.is_certain_day())?;
        self.day(day)
    }

    /// Returns the municipality, then the organizations that carry the project out.
    fn parties(&self, project: &Project) -> Value {
        let city = &project.municipality;
        let mut parties = vec![json!({
            "id": city.id, "name": self.text(&city.name), "roles": ["publicAuthority"],
        })];
        for one in &project.implementing_organizations {
            let id = json!(one.id);
            match parties.iter_mut().find(|party| party["id"] == id) {
                Some(party) => {
                    let roles = party["roles"].as_array_mut();
                    let roles = roles.filter(|roles| !roles.contains(&json!(IMPLEMENTER)));
                    if let Some(roles) = roles {
                        roles.push(json!(IMPLEMENTER));
                    }
                }
                None => parties
                    .push(json!({"id": id, "name": self.text(&one.name), "roles": [IMPLEMENTER]})),
            }
        }
        parties.into()
    }

    fn location(&self, at: usize, location: &Location) -> Value {
        let mut made = json!({"id": at.to_string(), "description": self.text(&location.name)});
        if let Some(position) = location.position {
            made["geometry"] = point(position);
        }
        if let Some(code) = &location.code {
            made["gazetteer"] = json!({"scheme": "KR-BJD", "identifiers": [code]});
        }
        made
    }

    fn milestone(&self, milestone: &Milestone) -> Value {
        let mut made = Map::new();
        let mut add = |name: &str, value: Value| {
            if !value.is_null() {
                made.insert(name.to_owned(), value);
            }
        };
        add("id", json!(milestone.meta.id));
        add("title", json!(self.text(&title(&milestone.content))));
        add("type", json!(kind(milestone.content.kind)));
        add("code", json!(to_db(&milestone.content.kind)));
        // A target is also a deadline: its last day. An approximate one has none.
        let target = milestone.target.as_ref();
        let deadline = target.filter(|target| !target.approximate());
        let deadline = deadline.and_then(ImpreciseDate::latest);
        add("dueDate", deadline.and_then(|day| self.day(day)).into());
        let met = milestone.actual.as_ref();
        add("dateMet", met.and_then(|met| self.certain(met)).into());
        add("status", met_or_not(milestone.status).into());
        let words = [("목표", "Target", target), ("실제", "Actual", met)];
        let words = words.into_iter().filter_map(|(ko, en, date)| {
            let name = match self.language {
                Language::Korean => ko,
                Language::English => en,
            };
            date.map(|date| format!("{name}: {}", date.words(self.language)))
        });
        let words: Vec<String> = words.collect();
        add(
            "description",
            (!words.is_empty()).then(|| words.join("; ")).into(),
        );
        Value::Object(made)
    }

    /// Returns when the project was completed, by its milestones of the whole.
    fn completion(&self, milestones: &[Milestone]) -> Value {
        let mut whole = milestones.iter().filter(|milestone| {
            milestone.content.kind == MilestoneKind::Completion && milestone.content.phase.is_none()
        });
        let met = whole.find_map(|milestone| milestone.actual.as_ref());
        met.map_or(Value::Null, |met| match self.certain(met) {
            Some(day) => json!({"endDate": day}),
            None => json!({"endDateDetails": met.words(self.language)}),
        })
    }

    fn document(&self, at: usize, source: &Source) -> Option<Value> {
        let members = [
            (
                "title",
                source.title.clone().or_else(|| source.publisher.clone()),
            ),
            ("url", source.url.clone()),
            ("author", source.author.clone()),
            (
                "datePublished",
                source.published_on.as_ref().and_then(|on| self.certain(on)),
            ),
        ];
        let members = members.into_iter().filter_map(|(name, text)| {
            text.filter(|text| !text.is_empty())
                .map(|text| (name.to_owned(), json!(text)))
        });
        let mut made: Map<String, Value> = members.collect();
        if made.is_empty() {
            return None;
        }
        made.insert("id".into(), json!(at.to_string()));
        Some(Value::Object(made))
    }
}

/// Returns the instant of the last change of a project or of one of its milestones.
pub(super) fn updated(project: &Project) -> DateTime<Utc> {
    let milestones = project.milestones.iter().map(|it| it.meta.updated_at);
    milestones.fold(project.meta.updated_at, DateTime::max)
}

/// The role of an organization that carries a project out, which the codelist lacks.
const IMPLEMENTER: &str = "implementer";

/// Returns the stage. The codelist has none for a completed project of whose later life nothing is
/// known.
fn status(status: ProjectStatus) -> &'static str {
    match status {
        ProjectStatus::Identification => "identification",
        ProjectStatus::Preparation => "preparation",
        ProjectStatus::Implementation => "implementation",
        ProjectStatus::Completion | ProjectStatus::Completed => "completion",
        ProjectStatus::Cancelled => "cancelled",
    }
}

/// Returns the type of a milestone.
fn kind(kind: MilestoneKind) -> &'static str {
    match kind {
        MilestoneKind::ZoneDesignation
        | MilestoneKind::DevelopmentPlan
        | MilestoneKind::PlanApproval
        | MilestoneKind::PlanAmendment => "approval",
        MilestoneKind::Compensation => "payment",
        MilestoneKind::Groundbreaking
        | MilestoneKind::LandSupply
        | MilestoneKind::Completion
        | MilestoneKind::Other => "delivery",
    }
}

/// Returns the status of a milestone; `None` if the codelist has none for it.
fn met_or_not(status: MilestoneStatus) -> Option<&'static str> {
    match status {
        MilestoneStatus::Planned | MilestoneStatus::Due => Some("scheduled"),
        MilestoneStatus::Overdue => Some("notMet"),
        MilestoneStatus::PartiallyMet => Some("partiallyMet"),
        MilestoneStatus::Met | MilestoneStatus::MetLate => Some("met"),
        MilestoneStatus::Suspended | MilestoneStatus::Cancelled | MilestoneStatus::Unknown => None,
    }
}

/// Returns values without repetitions.
fn distinct(values: impl Iterator<Item = Value>) -> Value {
    let mut found: Vec<Value> = Vec::new();
    for value in values {
        if !found.contains(&value) {
            found.push(value);
        }
    }
    found.into()
}
