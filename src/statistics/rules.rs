//! Figures, and the rules for counting records in them. Pure: the day is an argument.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::agreements::force::EndedBy;
use crate::agreements::reports::types::CommitmentStatus;
use crate::agreements::types::AgreementStatus;
use crate::kernel::language::Message;
use crate::kernel::values::{Bounds, DayRange, ImpreciseDate, to_db};
use crate::projections::timeline_entry::Phase;

/// Why a figure leaves out a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeftOutReason {
    /// The due date is unknown.
    NoDueDate,
    /// The due date has not wholly passed.
    NotDueYet,
    /// It is due, but no report on it counts.
    NothingReported,
    /// It was dropped, or carried over into another agreement.
    Released,
    /// The agreement has not ended.
    NotEnded,
    /// Another agreement superseded it.
    Superseded,
    /// The agreement ended by the expiry of its term, with no other outcome recorded.
    Expired,
    /// No target was stated.
    NoTarget,
    /// It was cancelled.
    Cancelled,
    /// The dates are too imprecise.
    CannotTell,
    /// It is not signed yet, has ended or is settled, so no news of it is expected.
    NotUnderWay,
}

impl LeftOutReason {
    fn words(self) -> Message {
        let (ko, en) = match self {
            Self::NoDueDate => ("이행 기한을 모름", "by when it is due is unknown"),
            Self::NotDueYet => (
                "기한이 아직 다 지나지 않음",
                "its date has not wholly passed",
            ),
            Self::NothingReported => (
                "기한이 지났으나 반영된 보고가 없음",
                "it is due, and no report on it counts",
            ),
            Self::Released => (
                "취소되었거나 다른 협약으로 넘어감",
                "it was dropped or carried over",
            ),
            Self::NotEnded => ("아직 끝나지 않음", "it has not ended"),
            Self::Superseded => ("다른 협약이 이음", "another agreement goes on with it"),
            Self::Expired => ("유효기간 만료로 끝남", "it ended by the expiry of its term"),
            Self::NoTarget => ("목표 시점이 없음", "no target was stated"),
            Self::Cancelled => ("취소됨", "it was cancelled"),
            Self::CannotTell => (
                "날짜가 정밀하지 않아 알 수 없음",
                "its dates are too imprecise to tell",
            ),
            Self::NotUnderWay => (
                "진행 중이 아님",
                "it is not under way: not signed yet, ended or settled",
            ),
        };
        Message::fixed(ko, en)
    }
}

/// Placement of a record in a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// In the numerator, and so in the denominator too.
    Numerator,
    /// In the denominator alone.
    DenominatorOnly,
    LeftOut(LeftOutReason),
}

/// Places a commitment of a signed agreement in the execution rate. Commitments that are due and
/// reported on are counted as fulfilled or missed; all others are left out.
pub fn place_commitment(status: CommitmentStatus, due: Bounds, day: NaiveDate) -> Placement {
    use LeftOutReason as Why;
    // Of a date in words alone nobody knows whether it has passed.
    let due = Some(due).filter(|due| *due != Bounds::UNKNOWN);
    match (status, due) {
        (CommitmentStatus::Dropped | CommitmentStatus::CarriedOver, _) => {
            Placement::LeftOut(Why::Released)
        }
        (_, None) => Placement::LeftOut(Why::NoDueDate),
        (_, Some(due)) if due.is_from(day) != Some(false) => Placement::LeftOut(Why::NotDueYet),
        (CommitmentStatus::Unknown, _) => Placement::LeftOut(Why::NothingReported),
        (CommitmentStatus::Fulfilled, _) => Placement::Numerator,
        (
            CommitmentStatus::NotStarted
            | CommitmentStatus::InProgress
            | CommitmentStatus::Unfulfilled,
            _,
        ) => Placement::DenominatorOnly,
    }
}

/// Places a commitment of a signed agreement in the rate over all that is due: like
/// [`place_commitment`], but what was not reported on counts as not fulfilled.
pub fn place_due(status: CommitmentStatus, due: Bounds, day: NaiveDate) -> Placement {
    match place_commitment(status, due, day) {
        Placement::LeftOut(LeftOutReason::NothingReported) => Placement::DenominatorOnly,
        placement => placement,
    }
}

/// Places a commitment with a target in numbers among the amounts: those of which a reached number
/// is known are the numerator.
pub fn place_amount(status: CommitmentStatus, reached: Option<f64>) -> Placement {
    match (status, reached) {
        (CommitmentStatus::Dropped | CommitmentStatus::CarriedOver, _) => {
            Placement::LeftOut(LeftOutReason::Released)
        }
        (_, Some(_)) => Placement::Numerator,
        (_, None) => Placement::DenominatorOnly,
    }
}

/// Places an agreement in the completion rate: by its status and how it ended, or as one that may have
/// ended already. Returns `None` if it was never signed, or was withdrawn or voided.
pub fn place_agreement(
    status: AgreementStatus,
    ended_by: Option<EndedBy>,
    may_have_ended: bool,
) -> Option<Placement> {
    use LeftOutReason as Why;
    Some(match status {
        AgreementStatus::Completed => Placement::Numerator,
        AgreementStatus::Terminated => Placement::DenominatorOnly,
        AgreementStatus::Superseded => Placement::LeftOut(Why::Superseded),
        // A successor took over, and the recorded end is yet to come.
        AgreementStatus::Signed if ended_by == Some(EndedBy::Supersession) => {
            Placement::LeftOut(Why::Superseded)
        }
        AgreementStatus::Signed if ended_by.is_some() => Placement::LeftOut(Why::Expired),
        AgreementStatus::Signed if may_have_ended => Placement::LeftOut(Why::CannotTell),
        AgreementStatus::Signed => Placement::LeftOut(Why::NotEnded),
        AgreementStatus::Draft
        | AgreementStatus::InReview
        | AgreementStatus::Approved
        | AgreementStatus::Withdrawn
        | AgreementStatus::Voided => return None,
    })
}

/// Places a milestone in the on-time rate. The denominator holds milestones that were met, or whose
/// first target has wholly passed; those met by their first target count. Moving the target changes
/// nothing.
pub fn place_milestone(
    phase: Phase,
    baseline: Option<&ImpreciseDate>,
    actual: Option<&ImpreciseDate>,
    day: NaiveDate,
) -> Placement {
    use LeftOutReason as Why;
    let Some(baseline) = baseline else {
        return Placement::LeftOut(Why::NoTarget);
    };
    match (phase, actual) {
        (Phase::Cancelled, _) => Placement::LeftOut(Why::Cancelled),
        (Phase::Met | Phase::MetLate, Some(actual)) => match (actual.latest(), baseline.latest()) {
            (_, Some(last)) if actual.starts_after(last) => Placement::DenominatorOnly,
            (Some(met), Some(last)) if met <= last => Placement::Numerator,
            _ => Placement::LeftOut(Why::CannotTell),
        },
        // Of a target in words alone nobody knows whether it has passed.
        _ if !baseline.is_dated() => Placement::LeftOut(Why::CannotTell),
        _ if baseline.ends_before(day) => Placement::DenominatorOnly,
        _ => Placement::LeftOut(Why::NotDueYet),
    }
}

/// Address of a list, with its filters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// URL of the server; empty if it is not known.
    base: String,
    path: &'static str,
    query: Vec<(&'static str, String)>,
}

impl Link {
    pub fn to(path: &'static str) -> Self {
        Self {
            base: String::new(),
            path,
            query: Vec::new(),
        }
    }

    /// Sets the URL of the server.
    #[must_use]
    pub fn reached_at(self, base: String) -> Self {
        Self { base, ..self }
    }

    /// Adds a filter, or replaces its value.
    #[must_use]
    pub fn with(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut with = self.clone();
        with.query.retain(|(other, _)| *other != name);
        with.query.push((name, value.into()));
        with
    }

    /// Adds the filters that have a value.
    #[must_use]
    pub fn with_those<const N: usize>(self, filters: [(&'static str, Option<String>); N]) -> Self {
        let given = filters.into_iter();
        given.fold(self, |link, (name, value)| match value {
            Some(value) => link.with(name, value),
            None => link,
        })
    }

    /// Returns the URL, relative to the server unless its URL is known.
    pub fn text(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.query {
            query.append_pair(name, value);
        }
        let Self { base, path, .. } = self;
        format!("{base}{}{path}?{}", crate::http::BASE, query.finish())
    }
}

/// Number of records that a figure leaves out for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LeftOut {
    /// Code of the reason.
    pub reason: LeftOutReason,
    /// The reason, in words.
    pub words: Message,
    /// Number of records.
    #[schema(minimum = 1)]
    pub count: u64,
    /// Link to the list of these records.
    pub link: String,
}

/// A ratio of two counts, with links to the records that it counts and leaves out.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Figure {
    /// Numerator divided by denominator, from 0 to 1, rounded to four decimals; null if the
    /// denominator is 0. The two counts are exact.
    #[schema(minimum = 0, maximum = 1, example = 0.1711)]
    pub value: Option<f64>,
    /// Number of records in the numerator.
    #[schema(minimum = 0, example = 32)]
    pub numerator: u64,
    /// Number of records in the denominator.
    #[schema(minimum = 0, example = 187)]
    pub denominator: u64,
    /// Records in neither, by reason.
    pub left_out: Vec<LeftOut>,
    /// Link to the list of the denominator's records.
    pub link: String,
    /// Link to the list of the numerator's records.
    pub numerator_link: String,
}

/// Numbers of records by their placement in a figure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    numerator: u64,
    denominator_only: u64,
    left_out: BTreeMap<LeftOutReason, u64>,
}

impl Tally {
    pub fn add(&mut self, placement: Placement) {
        match placement {
            Placement::Numerator => self.numerator += 1,
            Placement::DenominatorOnly => self.denominator_only += 1,
            Placement::LeftOut(why) => *self.left_out.entry(why).or_default() += 1,
        }
    }

    /// Returns the counts of records left out, with links to their lists.
    pub fn left_out(&self, link: &Link) -> Vec<LeftOut> {
        let link = link.with("part", "left_out");
        let left_out = self.left_out.iter().map(|(reason, count)| LeftOut {
            reason: *reason,
            words: reason.words(),
            count: *count,
            link: link.with("reason", to_db(reason)).text(),
        });
        left_out.collect()
    }

    /// Returns the ratio, with links to the lists behind it.
    pub fn figure(&self, link: &Link) -> Figure {
        let denominator = self.numerator + self.denominator_only;
        Figure {
            value: ratio(self.numerator, denominator),
            numerator: self.numerator,
            denominator,
            left_out: self.left_out(link),
            link: link.with("part", "denominator").text(),
            numerator_link: link.with("part", "numerator").text(),
        }
    }
}

fn ratio(numerator: u64, denominator: u64) -> Option<f64> {
    let (n, d) = (numerator as f64, denominator as f64);
    (denominator > 0).then(|| (n / d * 10_000.0).round() / 10_000.0)
}

/// Returns the median; of an even number of values, the mean of the two middle ones.
pub fn median(mut days: Vec<i64>) -> Option<f64> {
    days.sort_unstable();
    let upper = *days.get(days.len() / 2)?;
    let lower = days[(days.len() - 1) / 2];
    Some((lower + upper) as f64 / 2.0)
}

/// Distances between dates, in days: from deadline to deadline as one number, and as a range, since
/// dates are imprecise.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SlipFigure {
    /// Number of distances measured from deadline to deadline.
    #[schema(minimum = 0)]
    pub count: u64,
    /// Median of the distances from deadline to deadline; null if none is measured.
    #[schema(example = 664.0)]
    pub median_deadline_days: Option<f64>,
    /// Smallest distance from deadline to deadline; null if none is measured.
    pub min_deadline_days: Option<i64>,
    /// Largest distance from deadline to deadline; null if none is measured.
    pub max_deadline_days: Option<i64>,
    /// Number of these distances that have a range with both ends; the ranges below are of these.
    #[schema(minimum = 0)]
    pub range_count: u64,
    /// Median of the minimum distances; null if none is measured.
    #[schema(example = 664.0)]
    pub median_min_days: Option<f64>,
    /// Median of the maximum distances; null if none is measured.
    #[schema(example = 1028.0)]
    pub median_max_days: Option<f64>,
    /// Smallest distance; null if none is measured.
    pub min_days: Option<i64>,
    /// Largest distance; null if none is measured.
    pub max_days: Option<i64>,
    /// Records that are not measured, by reason.
    pub left_out: Vec<LeftOut>,
    /// Link to the list of measured records.
    pub link: String,
}

/// Places a slip in the figure. It is measured from deadline to deadline; a target without a last
/// day has none.
pub fn place_slip(slip: Option<DayRange>, deadline: Option<i64>) -> Placement {
    match (slip, deadline) {
        (None, _) => Placement::LeftOut(LeftOutReason::NoTarget),
        (Some(_), Some(_)) => Placement::Numerator,
        (Some(_), None) => Placement::LeftOut(LeftOutReason::CannotTell),
    }
}

/// Accumulates slips.
#[derive(Clone, Debug, Default)]
pub struct Slips {
    tally: Tally,
    deadlines: Vec<i64>,
    least: Vec<i64>,
    greatest: Vec<i64>,
}

impl Slips {
    pub fn add(&mut self, slip: Option<DayRange>, deadline: Option<i64>) {
        self.tally.add(place_slip(slip, deadline));
        self.deadlines.extend(deadline);
        // A distance that is not measured has no place in the ranges either.
        if let Some(DayRange {
            min_days: Some(least),
            max_days: Some(greatest),
        }) = slip.filter(|_| deadline.is_some())
        {
            self.least.push(least);
            self.greatest.push(greatest);
        }
    }

    pub fn figure(self, link: &Link) -> SlipFigure {
        SlipFigure {
            count: self.tally.numerator,
            left_out: self.tally.left_out(link),
            min_deadline_days: self.deadlines.iter().min().copied(),
            max_deadline_days: self.deadlines.iter().max().copied(),
            median_deadline_days: median(self.deadlines),
            range_count: self.least.len() as u64,
            min_days: self.least.iter().min().copied(),
            max_days: self.greatest.iter().max().copied(),
            median_min_days: median(self.least),
            median_max_days: median(self.greatest),
            link: link.with("part", "denominator").text(),
        }
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
