//! The facts of a project, and how they were stated over time.

use std::collections::HashMap;

use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{Area, Localized, Money};
use crate::pages::agreements::source;
use crate::pages::markup::{Dated, Fact, Link, Text, Value};
use crate::pages::reader::Frame;
use crate::pages::words::{Words, decimal};
use crate::projects::funding::ProgressFigure;
use crate::projects::phases::Phase;
use crate::projects::statements::types::ProjectStatement;
use crate::projects::types::{Implementer, Project};

/// A statement of figures of the project.
pub struct StatedRow {
    pub on: Dated,
    pub by: Option<Text>,
    /// What it states, each with its name.
    pub facts: Vec<Fact>,
    pub retracted: Option<Text>,
    /// URL of the form that retracts it, for whoever may.
    pub retract: Option<String>,
    pub source: Option<Link>,
}

/// Names of the organizations of a project.
pub struct Names(HashMap<OrganizationId, Localized>);

impl Names {
    pub fn of(one: &Project) -> Self {
        let all = one.named_organizations.iter();
        Self(all.map(|named| (named.id, named.name.clone())).collect())
    }

    /// Returns an organization that carries something out, with its share.
    fn implementer(&self, w: Words, one: &Implementer) -> Option<Value> {
        let name = self.0.get(&one.organization_id)?.in_language(w.0);
        let text = match one.share_percent {
            Some(share) => format!("{name} {}%", decimal(share)),
            None => name.to_owned(),
        };
        Some(Value::Text(Text::stated(text, w)))
    }
}

/// Returns the facts of a project. Expected ones that are unknown are shown as such.
pub fn facts(w: Words, one: &Project, names: &Names) -> Vec<Fact> {
    let content = &one.content;
    let unknown = || vec![Value::Text(Text::stated(w.unknown(), w))];
    let mut facts = Vec::new();
    if let Some(description) = &content.description {
        facts.push(plain(w.t("내용", "Description"), Text::of(description, w)));
    }
    let status = w.label("ProjectStatus", &content.status);
    facts.push(plain(w.t("단계", "Stage"), Text::stated(status, w)));
    let places = content.locations.iter().map(|place| {
        let name = place.name.in_language(w.0);
        Value::Text(Text::stated(
            match (place.approximate, w.tag()) {
                (true, "ko") => format!("{name} 일원"),
                (true, _) => format!("around {name}"),
                (false, _) => name.to_owned(),
            },
            w,
        ))
    });
    let places: Vec<Value> = places.collect();
    facts.push(listed(w.t("위치", "Location"), places, unknown));
    facts.push(match &content.area {
        Some(area) => stated_area(w, area),
        None => listed(w.t("면적", "Area"), Vec::new(), unknown),
    });
    facts.push(match &content.budget {
        Some(money) => stated_budget(w, money),
        None => listed(w.t("사업비", "Cost"), Vec::new(), unknown),
    });
    let implementers = content.implementers.iter();
    let implementers = implementers.filter_map(|one| names.implementer(w, one));
    let implementers: Vec<Value> = implementers.collect();
    facts.push(listed(
        w.t("시행자", "Carried out by"),
        implementers,
        unknown,
    ));
    let basis = content.legal_basis.as_ref();
    let basis = basis.map(|basis| Value::Text(Text::stated(basis.clone(), w)));
    facts.push(listed(
        w.t("근거 법률", "Legal basis"),
        basis.into_iter().collect(),
        unknown,
    ));
    facts.extend(more(w, one));
    facts
}

/// Returns the facts of which nothing is said where they are unknown.
fn more(w: Words, one: &Project) -> impl Iterator<Item = Fact> {
    let content = &one.content;
    let industries = content.target_industries.iter();
    let industries = industries
        .map(|one| Value::Text(Text::of(one, w)))
        .collect();
    let phases = content
        .phases
        .iter()
        .map(|phase| self::phase(w, phase))
        .collect();
    let progress = one.progress.iter().map(|latest| {
        let figure = progress(w, &latest.progress);
        let on = w.date(Some(&latest.stated_on));
        Value::Text(Text::stated(format!("{figure} ({on})"), w))
    });
    let all = [
        (w.t("대상 산업", "Industries"), industries),
        (w.t("구간·단계", "Phases"), phases),
        (w.t("진행률", "Progress"), progress.collect::<Vec<_>>()),
    ];
    let known = all.into_iter().filter(|(_, values)| !values.is_empty());
    known.map(|(name, values)| Fact {
        name,
        values,
        note: None,
    })
}

fn plain(name: &'static str, text: Text) -> Fact {
    Fact {
        name,
        values: vec![Value::Text(text)],
        note: None,
    }
}

fn listed(name: &'static str, values: Vec<Value>, unknown: impl Fn() -> Vec<Value>) -> Fact {
    let values = match values.is_empty() {
        true => unknown(),
        false => values,
    };
    Fact {
        name,
        values,
        note: None,
    }
}

fn stated_area(w: Words, area: &Area) -> Fact {
    Fact {
        name: w.t("면적", "Area"),
        values: vec![Value::Text(Text::stated(w.area(area), w))],
        note: area
            .as_stated
            .as_ref()
            .map(|words| Text::stated(words.clone(), w)),
    }
}

fn stated_budget(w: Words, money: &Money) -> Fact {
    Fact {
        name: w.t("사업비", "Cost"),
        values: vec![Value::Text(Text::stated(w.money(money), w))],
        note: money
            .as_stated
            .as_ref()
            .map(|words| Text::stated(words.clone(), w)),
    }
}

fn phase(w: Words, one: &Phase) -> Value {
    let period = one.period.as_ref().map(|period| w.date(Some(period)));
    let area = one.area.as_ref().map(|area| w.area(area));
    let budget = one.budget.as_ref().map(|money| w.money(money));
    let title = one.title.in_language(w.0).to_owned();
    let parts = [Some(title), period, area, budget];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    Value::Text(Text::stated(parts.join(", "), w))
}

fn progress(w: Words, one: &ProgressFigure) -> String {
    let name = match &one.name {
        Some(name) => name.in_language(w.0).to_owned(),
        None => w.label("ProgressMeasure", &one.measure),
    };
    format!("{name} {}%", decimal(one.percent))
}

/// Returns what was stated about a project, by day. `retracts` has the URLs of pages, for whoever may
/// retract it.
pub fn stated(w: Words, one: &Project, names: &Names, retracts: Option<&Frame>) -> Vec<StatedRow> {
    let rows = one.statements.iter().map(|said| {
        let frame = retracts.filter(|_| said.retraction.is_none());
        let (id, statement) = (one.meta.id, said.id);
        let path = format!("office/projects/{id}/statements/{statement}/retraction");
        StatedRow {
            retract: frame.map(|frame| frame.to(&path)),
            ..stated_row(w, said, names)
        }
    });
    rows.collect()
}

fn stated_row(w: Words, said: &ProjectStatement, names: &Names) -> StatedRow {
    let content = &said.content;
    let mut facts = Vec::new();
    if let Some(title) = &content.title {
        facts.push(plain(w.t("사업명", "Title"), Text::of(title, w)));
    }
    facts.extend(content.area.as_ref().map(|area| stated_area(w, area)));
    facts.extend(content.budget.as_ref().map(|money| stated_budget(w, money)));
    let several = |name, values: Vec<Value>| {
        (!values.is_empty()).then_some(Fact {
            name,
            values,
            note: None,
        })
    };
    let funding = content.funding.iter().map(|part| {
        let origin = w.label("FundingOrigin", &part.origin);
        Value::Text(Text::stated(
            format!("{origin} {}", w.money(&part.amount)),
            w,
        ))
    });
    facts.extend(several(w.t("재원", "Funding"), funding.collect()));
    let implementers = content.implementers.iter();
    let implementers = implementers.filter_map(|one| names.implementer(w, one));
    facts.extend(several(
        w.t("시행자", "Carried out by"),
        implementers.collect(),
    ));
    let figures = content.progress.iter();
    let figures = figures.map(|one| Value::Text(Text::stated(progress(w, one), w)));
    facts.extend(several(w.t("진행률", "Progress"), figures.collect()));
    if let Some(note) = &content.note {
        facts.push(plain(w.t("비고", "Note"), Text::of(note, w)));
    }
    StatedRow {
        on: Dated::of(Some(&content.stated_on), w),
        by: content
            .stated_by
            .as_ref()
            .map(|by| Text::stated(by.clone(), w)),
        facts,
        retracted: said.retraction.as_ref().map(|one| Text::of(&one.reason, w)),
        retract: None,
        source: content.source.as_ref().map(|one| source(w, one)),
    }
}
