//! How likely an announcement is about a record, in points with reasons.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::days::{Fit, fit};
use super::text::Pair;
use super::{Entry, Records, Title, Told};
use crate::announcements::store::Target;
use crate::announcements::types::AnnouncementKind;
use crate::kernel::language::{Language, Message};

/// What speaks for or against a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchReasonCode {
    Parties,
    Day,
    Title,
    Project,
}

/// A reason for or against a candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MatchReason)]
pub struct Reason {
    /// What it is about.
    pub code: MatchReasonCode,
    /// Points that it adds to the score; negative if it speaks against the candidate.
    #[schema(minimum = -100, maximum = 100, example = 25)]
    pub points: i32,
    /// The reason in words.
    pub message: Message,
}

/// A record that an announcement is perhaps about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub target: Target,
    /// Sum of the points, from 0 to 100.
    pub score: i32,
    /// Whether it is likely enough to be proposed.
    pub is_proposed: bool,
    pub reasons: Vec<Reason>,
}

/// Points of a title of which no words occur.
const WITHOUT_WORDS: f64 = -8.0;

/// The points that reasons can give at most.
struct Weights {
    parties: f64,
    title: f64,
    day: f64,
    project: f64,
}

impl Weights {
    /// An agreement is known by its parties, a milestone by its project.
    fn of(kind: AnnouncementKind) -> Self {
        match kind {
            AnnouncementKind::Signing | AnnouncementKind::Other => Self {
                parties: 42.0,
                title: 33.0,
                day: 25.0,
                project: 10.0,
            },
            AnnouncementKind::Groundbreaking | AnnouncementKind::Completion => Self {
                parties: 15.0,
                title: 60.0,
                day: 25.0,
                project: 0.0,
            },
        }
    }
}

impl Records {
    /// Compares an announcement with a record. `None` if their days certainly do not fit.
    pub(super) fn score(
        &self,
        told: &Told,
        named: &HashSet<usize>,
        at: usize,
    ) -> Option<Candidate> {
        let entry = &self.all[at];
        let most = Weights::of(told.kind);
        let fit = fit(told.announced, told.happened, entry.known.day);
        if fit == Fit::Apart {
            return None;
        }
        let reasons = [
            self.parties(entry, told, named, most.parties),
            day(fit, most.day),
            title(entry, told, most.title),
            project(entry, told, most.project),
        ];
        let reasons: Vec<Reason> = reasons.into_iter().flatten().collect();
        let sum: i32 = reasons.iter().map(|reason| reason.points).sum();
        Some(Candidate {
            target: entry.known.target,
            score: sum.clamp(0, 100),
            is_proposed: false,
            reasons,
        })
    }

    /// How much a party tells: the fewer records it has, the more.
    fn weight(&self, party: usize) -> f64 {
        rarity(self.by_party[party].len())
    }

    fn parties(
        &self,
        entry: &Entry,
        told: &Told,
        named: &HashSet<usize>,
        most: f64,
    ) -> Option<Reason> {
        let found: Vec<usize> = entry
            .parties
            .iter()
            .copied()
            .filter(|one| named.contains(one))
            .collect();
        let whole: f64 = entry.parties.iter().map(|one| self.weight(*one)).sum();
        let best = found
            .iter()
            .map(|one| self.weight(*one))
            .fold(0.0, f64::max);
        if found.is_empty() {
            // The announcement names other parties, and none of these.
            let named_others = !named.is_empty() && !entry.parties.is_empty();
            return named_others.then(|| {
                reason(
                    MatchReasonCode::Parties,
                    -most / 2.0,
                    "다른 기관의 이름만 나옵니다.",
                    "It names other organizations only.",
                )
            });
        }
        let share = found.iter().map(|one| self.weight(*one)).sum::<f64>() / whole;
        // Announcements name the first of many parties. Who has many agreements tells less.
        let mut points = most * (0.5 * (0.6 + 0.4 * best) + 0.5 * share);
        let stated = named
            .iter()
            .filter(|one| !entry.parties.contains(one))
            .count();
        if stated > 0 && told.parties.len() > found.len() {
            points *= 0.7;
        }
        let names: Vec<&str> = found
            .iter()
            .map(|one| self.parties[*one].as_str())
            .collect();
        let names = names.join(", ");
        let (n, of) = (found.len(), entry.parties.len());
        Some(reason(
            MatchReasonCode::Parties,
            points,
            format!("당사자 {of}곳 가운데 {n}곳의 이름이 나옵니다: {names}"),
            format!("It names {n} of {of} parties: {names}"),
        ))
    }
}

fn title(entry: &Entry, told: &Told, most: f64) -> Option<Reason> {
    let share_in = |title: &Title, pairs: &HashSet<Pair>| -> f64 {
        let shared = title.pairs.iter().filter(|(pair, _)| pairs.contains(pair));
        shared.map(|(_, tells)| tells).sum::<f64>() / title.whole
    };
    let shares = entry
        .titles
        .iter()
        .map(|title| share_in(title, &told.title).max(0.9 * share_in(title, &told.pairs)));
    let share = shares.reduce(f64::max)?;
    if share < 0.15 {
        return Some(reason(
            MatchReasonCode::Title,
            WITHOUT_WORDS,
            "제목의 단어가 나오지 않습니다.",
            "No words of the title occur in it.",
        ));
    }
    let percent = (share * 100.0).round();
    Some(reason(
        MatchReasonCode::Title,
        most * share,
        format!("제목의 {percent}%가 나옵니다."),
        format!("{percent}% of the title occur in it."),
    ))
}

fn day(fit: Fit, most: f64) -> Option<Reason> {
    let (points, ko, en) = match fit {
        Fit::Unknown => return None,
        Fit::Well => (most, "날짜가 맞습니다.", "The days fit."),
        Fit::Roughly => (most / 2.0, "날짜가 맞을 수 있습니다.", "The days may fit."),
        Fit::Hardly => (-most, "날짜가 맞지 않습니다.", "The days do not fit."),
        Fit::Apart => return None,
    };
    Some(reason(MatchReasonCode::Day, points, ko, en))
}

fn project(entry: &Entry, told: &Told, most: f64) -> Option<Reason> {
    let titles = entry.known.projects.iter().zip(&entry.projects);
    let occurs = |pairs: &HashSet<Pair>| {
        let shared = pairs.intersection(&told.pairs).count();
        shared * 10 >= pairs.len() * 9
    };
    let mut named = titles.filter(|(_, languages)| languages.iter().any(occurs));
    let (title, _) = named.next()?;
    let named = |language| title.in_language(language);
    Some(reason(
        MatchReasonCode::Project,
        most,
        format!("사업의 이름이 나옵니다: {}", named(Language::Korean)),
        format!("It names the project: {}", named(Language::English)),
    ))
}

/// Returns how much tells what several records share: 1 for what one alone has.
pub(super) fn rarity(shared: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a number of records")]
    let shared = shared.max(1) as f64;
    1.0 / (1.0 + shared.ln())
}

fn reason(
    code: MatchReasonCode,
    points: f64,
    ko: impl Into<String>,
    en: impl Into<String>,
) -> Reason {
    #[expect(clippy::cast_possible_truncation, reason = "-100 to 100")]
    let points = points.round() as i32;
    Reason {
        code,
        points,
        message: Message::new(ko.into(), en.into()),
    }
}
