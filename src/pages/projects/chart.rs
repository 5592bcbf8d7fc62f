//! The milestone trend: the target of a milestone upwards, the day on which it was stated across.
//!
//! Steps, not slopes: a slope suggests statements that nobody made. Below the diagonal the target had
//! passed; while nothing new was said there, the line is red.

use chrono::NaiveDate;

use crate::kernel::values::ImpreciseDate;
use crate::pages::markup::Text;
use crate::pages::scale::{Scale, Tick, place};
use crate::pages::words::Words;
use crate::projects::milestones::types::{Forecast, Milestone};

/// Ends of the picture: left, right, top and bottom.
const LEFT: f64 = 40.0;
const RIGHT: f64 = 310.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 212.0;

/// The trend of a milestone.
pub struct Chart {
    pub title: Text,
    pub summary: String,
    pub across: Vec<Tick>,
    pub upwards: Vec<Tick>,
    /// The diagonal on which a target is the day itself, and the ground below it.
    pub diagonal: [String; 4],
    pub ground: String,
    pub steps: Vec<Step>,
    /// Lines from one target to the next.
    pub rises: Vec<[String; 3]>,
    /// Place of the day on which it was met.
    pub met: Option<[String; 2]>,
    pub colour: usize,
}

/// A statement until the next one.
pub struct Step {
    pub at: String,
    pub level: String,
    pub until: String,
    /// Place from which the target had passed.
    pub silent: Option<String>,
    /// Upper end and height of the days that the target can mean.
    pub range: Option<[String; 2]>,
}

/// A target as it is drawn.
struct Said {
    on: NaiveDate,
    deadline: NaiveDate,
    from: NaiveDate,
}

fn said(forecast: &Forecast) -> Option<Said> {
    let content = &forecast.content;
    let target = &content.target;
    let deadline = target.latest().or_else(|| target.named_from())?;
    Some(Said {
        on: content.stated_on.latest()?,
        deadline,
        from: target.named_from().unwrap_or(deadline),
    })
}

/// Returns the targets that count, by the day of the statement.
fn all_said(one: &Milestone) -> Vec<Said> {
    let counting = one
        .forecasts
        .iter()
        .filter(|forecast| forecast.retraction.is_none());
    let mut all: Vec<Said> = counting.filter_map(said).collect();
    all.sort_by_key(|said| said.on);
    all
}

/// Returns the trends of the milestones that have targets, on one scale, until a day.
pub fn charts(w: Words, milestones: &[Milestone], today: NaiveDate) -> Vec<Chart> {
    let all: Vec<(usize, &Milestone, Vec<Said>)> = milestones
        .iter()
        .enumerate()
        .map(|(place, one)| (place, one, all_said(one)))
        .filter(|(_, _, said)| !said.is_empty())
        .collect();
    let said = || all.iter().flat_map(|(_, _, said)| said);
    let across = Scale::of(said().map(|said| said.on).chain([today]), LEFT, RIGHT);
    let targets = said().flat_map(|said| [said.from, said.deadline]);
    let upwards = Scale::of(
        targets.chain([today]).chain(said().map(|said| said.on)),
        BOTTOM,
        TOP,
    );
    let Some((across, upwards)) = across.zip(upwards) else {
        return Vec::new();
    };
    all.iter()
        .map(|(place, one, said)| chart(w, one, said, (across, upwards), (today, place % 7)))
        .collect()
}

fn chart(
    w: Words,
    one: &Milestone,
    said: &[Said],
    (across, upwards): (Scale, Scale),
    (today, colour): (NaiveDate, usize),
) -> Chart {
    let actual = one.actual.as_ref().and_then(ImpreciseDate::latest);
    // Nothing is expected of a milestone that was met.
    let end = actual.unwrap_or(today);
    let steps = said.iter().enumerate().map(|(i, this)| {
        let next = said.get(i + 1).map_or(end, |next| next.on).max(this.on);
        let silent = (this.deadline < next).then(|| across.at(this.deadline.max(this.on)));
        let top = upwards.at(this.deadline);
        let height = upwards.at(this.from) - top;
        Step {
            at: place(across.at(this.on)),
            level: place(top),
            until: place(across.at(next)),
            silent: silent.map(place),
            range: (height > 1.0).then(|| [place(top), place(height)]),
        }
    });
    let rises = said.windows(2).map(|pair| {
        let levels = [&pair[0], &pair[1]].map(|said| place(upwards.at(said.deadline)));
        let [from, to] = levels;
        [place(across.at(pair[1].on)), from, to]
    });
    // The day itself as a target: from the lower left to the upper right.
    let (from, to) = (
        across.first().max(upwards.first()),
        across.last().min(upwards.last()),
    );
    let diagonal = [
        across.at(from),
        upwards.at(from),
        across.at(to),
        upwards.at(to),
    ];
    let [x1, y1, x2, y2] = diagonal;
    Chart {
        title: title(w, one),
        summary: summary(w, one),
        across: across.years(),
        upwards: upwards.years(),
        ground: format!("M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}V{BOTTOM}H{x1:.1}Z"),
        diagonal: diagonal.map(place),
        steps: steps.collect(),
        rises: rises.collect(),
        met: actual.map(|day| [place(across.at(day)), place(upwards.at(day))]),
        colour,
    }
}

fn title(w: Words, one: &Milestone) -> Text {
    let title = one.content.title.clone();
    Text::of(&title.unwrap_or_else(|| one.content.kind.title()), w)
}

/// Returns the trend in a sentence.
fn summary(w: Words, one: &Milestone) -> String {
    let count = super::ladder::count(w, one.forecast_count);
    let (target, actual) = (w.date(one.target.as_ref()), w.date(one.actual.as_ref()));
    match (one.actual.is_some(), w.tag()) {
        (true, "ko") => format!("{count}, {actual} 달성"),
        (false, "ko") => format!("{count}, 지금 목표는 {target}"),
        (true, _) => format!("{count}, met {actual}"),
        (false, _) => format!("{count}, now {target}"),
    }
}
