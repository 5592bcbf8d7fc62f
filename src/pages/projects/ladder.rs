//! The promise ladder: every date that was ever stated for a milestone, one row a statement, beside
//! what then happened.

use chrono::NaiveDate;

use crate::kernel::ids::StatementId;
use crate::kernel::values::{ImpreciseDate, Retraction, deadline_slip_days, moved_days};
use crate::pages::agreements::source;
use crate::pages::files::Files;
use crate::pages::markup::{Dated, Link, Text};
use crate::pages::reader::Frame;
use crate::pages::scale::{Scale, Span, Tick, place};
use crate::pages::words::Words;
use crate::projects::milestones::rules::is_promise;
use crate::projects::milestones::types::{
    Forecast, Milestone, MilestoneStatus, Outcome, OutcomeKind,
};

/// Width of the picture of a row.
const WIDTH: f64 = 480.0;

/// A milestone with its rows.
pub struct Ladder {
    /// Anchor of the milestone in the page.
    pub id: String,
    pub title: Text,
    pub status: String,
    pub is_late: bool,
    pub baseline: Option<Dated>,
    pub target: Option<Dated>,
    pub actual: Option<Dated>,
    pub slip: Option<String>,
    pub count: String,
    pub years: Vec<Tick>,
    /// Span of the first target.
    pub band: Option<Span>,
    pub rows: Vec<Row>,
    pub files: Vec<Link>,
    pub colour: usize,
}

/// A statement or an outcome.
pub struct Row {
    pub on: Dated,
    /// What happened; `None` for a target.
    pub outcome: Option<String>,
    pub target: Option<Dated>,
    pub note: Option<Text>,
    pub reason: Option<Text>,
    pub by: Option<Text>,
    pub retracted: Option<Text>,
    /// URL of the form that retracts it, for whoever may.
    pub retract: Option<String>,
    pub slip: String,
    pub source: Option<Link>,
    pub mark: Mark,
}

/// What is drawn of a row.
#[derive(Default)]
pub struct Mark {
    /// Place of the day of the statement.
    pub said: Option<String>,
    pub bar: Option<Span>,
    /// Place of an outcome.
    pub dot: Option<String>,
    /// Kind of the outcome, for the form of the dot.
    pub form: &'static str,
}

/// Returns the ladders of a project's milestones, on one scale. `retracts` has the URLs of pages, for
/// whoever may retract what was stated.
pub fn ladders(
    w: Words,
    milestones: &[Milestone],
    files: Files<'_>,
    retracts: Option<&Frame>,
) -> Vec<Ladder> {
    let scale = Scale::of(milestones.iter().flat_map(days), 0.0, WIDTH);
    let all = milestones.iter().enumerate();
    all.map(|(place, one)| Ladder {
        rows: rows(w, one, scale, retracts),
        files: files.links(&one.files, &format!("milestones/{}", one.meta.id)),
        ..ladder(w, one, scale, place % 7)
    })
    .collect()
}

/// Returns the days that a milestone's picture has to hold.
fn days(one: &Milestone) -> impl Iterator<Item = NaiveDate> {
    let forecasts = one.forecasts.iter().flat_map(|forecast| {
        let content = &forecast.content;
        [
            content.stated_on.latest(),
            content.target.named_from(),
            content.target.latest(),
        ]
    });
    let outcomes = one.outcomes.iter();
    let outcomes =
        outcomes.flat_map(|outcome| [outcome.content.on.earliest(), outcome.content.on.latest()]);
    forecasts.chain(outcomes).flatten()
}

fn ladder(w: Words, one: &Milestone, scale: Option<Scale>, colour: usize) -> Ladder {
    let title = one.content.title.clone();
    let met = one.actual.is_some();
    let baseline = one.baseline.as_ref();
    let now = one.actual.as_ref().or(one.target.as_ref());
    let slip = baseline.zip(now);
    let slip = slip.map(|(from, to)| slip_between(w, from, to, met));
    Ladder {
        id: format!("m-{}", one.meta.id),
        title: Text::of(&title.unwrap_or_else(|| one.content.kind.title()), w),
        status: w.label("MilestoneStatus", &one.status),
        is_late: matches!(
            one.status,
            MilestoneStatus::Overdue | MilestoneStatus::MetLate
        ),
        baseline: one.baseline.as_ref().map(|date| Dated::of(Some(date), w)),
        target: one.target.as_ref().map(|date| Dated::of(Some(date), w)),
        actual: one.actual.as_ref().map(|date| Dated::of(Some(date), w)),
        slip,
        count: count(w, one.forecast_count),
        years: scale.map_or_else(Vec::new, |scale| scale.years()),
        band: scale
            .zip(one.baseline.as_ref())
            .and_then(|(scale, date)| scale.span(date)),
        rows: Vec::new(),
        files: Vec::new(),
        colour,
    }
}

/// Returns how often a target was stated.
pub fn count(w: Words, count: usize) -> String {
    match (count, w.tag()) {
        (0, _) => w.t("밝힌 목표 없음", "no target stated").to_owned(),
        (_, "ko") => format!("목표 {count}번"),
        (1, _) => "stated once".to_owned(),
        _ => format!("stated {count} times"),
    }
}

/// Returns the rows by the day of the statement or the event.
fn rows(w: Words, one: &Milestone, scale: Option<Scale>, retracts: Option<&Frame>) -> Vec<Row> {
    let retract = |kind: &str, id: StatementId, retraction: Option<&Retraction>| {
        let frame = retracts.filter(|_| retraction.is_none())?;
        let path = format!("office/milestones/{}/{kind}/{id}/retraction", one.meta.id);
        Some(frame.to(&path))
    };
    let baseline = one.baseline.as_ref();
    let mut first = true;
    let forecasts = one.forecasts.iter().map(|forecast| {
        let counts = forecast.retraction.is_none();
        let is_first = counts && std::mem::replace(&mut first, !counts);
        let content = &forecast.content;
        let on = &content.stated_on;
        let distance = match is_first {
            _ if counts && !is_promise(forecast, one.actual.as_ref()) => w
                .t("달성한 뒤에 밝힘", "Stated after it was met")
                .to_owned(),
            true => w.t("첫 목표", "First target").to_owned(),
            false => slip(w, baseline, &content.target, false, counts),
        };
        let row = Row {
            retract: retract("targets", forecast.id, forecast.retraction.as_ref()),
            ..stated(w, forecast, distance, scale)
        };
        (on.sort_key(), 0, row)
    });
    let outcomes = one.outcomes.iter().map(|outcome| {
        let on = &outcome.content.on;
        let row = Row {
            retract: retract("outcomes", outcome.id, outcome.retraction.as_ref()),
            ..happened(w, outcome, baseline, scale)
        };
        (on.sort_key(), 1, row)
    });
    let mut all: Vec<(String, u8, Row)> = forecasts.chain(outcomes).collect();
    all.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    all.into_iter().map(|(_, _, row)| row).collect()
}

fn stated(w: Words, forecast: &Forecast, slip: String, scale: Option<Scale>) -> Row {
    let content = &forecast.content;
    let (said, target) = (content.stated_on.latest(), &content.target);
    let code = content
        .reason_code
        .map(|code| Text::stated(w.label("ReasonCode", &code), w));
    let words = content.note.as_ref().map(|note| Text::of(note, w));
    // Words that say no more than the target does are not said twice.
    let shown = w.date(Some(target)).replace('\u{a0}', " ");
    let stated = target.as_stated().filter(|words| *words != shown);
    let words = words.or_else(|| stated.map(|words| Text::stated(words, w)));
    Row {
        on: Dated::of(Some(&content.stated_on), w),
        outcome: None,
        target: Some(Dated::of(Some(target), w)),
        note: words,
        reason: content
            .reason
            .as_ref()
            .map(|reason| Text::of(reason, w))
            .or(code),
        by: content
            .stated_by
            .as_ref()
            .map(|by| Text::stated(by.clone(), w)),
        retracted: forecast
            .retraction
            .as_ref()
            .map(|one| Text::of(&one.reason, w)),
        retract: None,
        slip,
        source: content.source.as_ref().map(|one| source(w, one)),
        mark: Mark {
            said: said.zip(scale).map(|(day, scale)| place(scale.at(day))),
            bar: scale.and_then(|scale| scale.span(target)),
            ..Mark::default()
        },
    }
}

fn happened(
    w: Words,
    outcome: &Outcome,
    baseline: Option<&ImpreciseDate>,
    scale: Option<Scale>,
) -> Row {
    let content = &outcome.content;
    let met = content.kind == OutcomeKind::Met;
    Row {
        on: Dated::of(Some(&content.on), w),
        outcome: Some(w.label("OutcomeKind", &content.kind)),
        target: None,
        note: content.note.as_ref().map(|note| Text::of(note, w)),
        reason: None,
        by: None,
        retracted: outcome
            .retraction
            .as_ref()
            .map(|one| Text::of(&one.reason, w)),
        retract: None,
        slip: slip(
            w,
            baseline,
            &content.on,
            true,
            met && outcome.retraction.is_none(),
        ),
        source: content.source.as_ref().map(|one| source(w, one)),
        mark: Mark {
            dot: content
                .on
                .latest()
                .zip(scale)
                .map(|(day, scale)| place(scale.at(day))),
            form: match content.kind {
                OutcomeKind::Met => "met",
                OutcomeKind::Failed | OutcomeKind::Cancelled => "failed",
                _ => "begun",
            },
            ..Mark::default()
        },
    }
}

/// Returns the distance from the first target; nothing for what was retracted, which counts nowhere.
fn slip(
    w: Words,
    baseline: Option<&ImpreciseDate>,
    to: &ImpreciseDate,
    met: bool,
    counts: bool,
) -> String {
    match (baseline, counts) {
        (_, false) => String::new(),
        (None, true) => w.t("첫 목표 미상", "No first target").to_owned(),
        (Some(from), true) => slip_between(w, from, to, met),
    }
}

fn slip_between(w: Words, from: &ImpreciseDate, to: &ImpreciseDate, met: bool) -> String {
    let days = match met {
        true => deadline_slip_days(from, to, met),
        false => moved_days(from, to),
    };
    w.slip(Some(&to.days_from(from)), days, met)
}
