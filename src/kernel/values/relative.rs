//! Dates relative to another: "36 months after groundbreaking", "two years from the signing". They
//! are recorded as their wording and derived from their anchor, so they move with it. Periods are
//! reckoned as the Civil Act (민법) 157 and 160 do.

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::ValidationError;

use super::{Bounds, ImpreciseDate, in_calendar};
use crate::kernel::ids::{AgreementId, MilestoneId};
use crate::kernel::legal_days::{days_after, months_after};
use crate::kernel::rule::rule_error;

/// Date from which a relative date is counted. `signing`, `effective_from` (or the signing, if none
/// is stated) and `effective_until` are those of the agreement, for the target of a milestone those of
/// the agreement `agreement_id`; `milestone` is the day on which a milestone is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    Signing,
    EffectiveFrom,
    EffectiveUntil,
    Milestone,
}

impl Anchor {
    pub const ALL: [Self; 4] = [
        Self::Signing,
        Self::EffectiveFrom,
        Self::EffectiveUntil,
        Self::Milestone,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signing => "signing",
            Self::EffectiveFrom => "effective_from",
            Self::EffectiveUntil => "effective_until",
            Self::Milestone => "milestone",
        }
    }
}

/// Side of the anchor on which a relative date lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    #[default]
    After,
    Before,
}

/// How a date follows from another: a period after or before it. A period of zero is the day of the
/// anchor itself ("준공 시").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "anchor": "milestone", "milestone_id": "0178d7fa-2c00-7000-8000-000000000001", "agreement_id": null,
    "direction": "after", "years": 0, "months": 36, "days": 0, "is_limit": false, "counts_first_day": null,
}))]
pub struct RelativeTo {
    /// Date from which the period is counted.
    pub anchor: Anchor,
    /// Id of the milestone; only with the anchor `milestone`.
    #[serde(default)]
    pub milestone_id: Option<MilestoneId>,
    /// Index of the milestone in `milestones` of the same request, from 0, in place of its id: for the
    /// targets of a new project, whose milestones have no ids yet. The answer shows the id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(write_only, minimum = 0, maximum = 199, example = 0)]
    pub milestone: Option<u32>,
    /// Id of the agreement; only in targets of milestones, with the other anchors.
    #[serde(default)]
    pub agreement_id: Option<AgreementId>,
    /// Side of the anchor.
    #[serde(default)]
    pub direction: Direction,
    /// Years of the period.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 200, example = 0)]
    pub years: u32,
    /// Months of the period.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 2400, example = 36)]
    pub months: u32,
    /// Days of the period.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 73000, example = 0)]
    pub days: u32,
    /// Whether the day is a limit ("36개월 이내", "준공 전까지"): the date is that day or an earlier one.
    #[serde(default)]
    pub is_limit: bool,
    /// Whether the day of the anchor is the first of the period (초일산입). Null for the rule of the
    /// Civil Act (민법 157): it counts only if the period begins at midnight, which it does on a first
    /// day in force other than the day of signing.
    #[serde(default)]
    pub counts_first_day: Option<bool>,
    /// Whether the date also has a text form of its own, which a rule refuses.
    #[serde(skip)]
    pub(super) beside_edtf: bool,
}

/// A date from which others are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnchorDate {
    pub bounds: Bounds,
    /// Whether the date is approximate, such as one that is only expected.
    pub approximate: bool,
    /// Whether a period from that day begins at midnight.
    pub from_midnight: bool,
}

impl AnchorDate {
    /// Returns the date of an event in the course of a day; an unknown one for `None`.
    pub fn event(date: Option<&ImpreciseDate>) -> Self {
        Self {
            bounds: Bounds::of(date),
            approximate: date.is_some_and(ImpreciseDate::approximate),
            from_midnight: false,
        }
    }

    /// Returns the first day of something that lasts.
    pub fn first_day(date: &ImpreciseDate) -> Self {
        Self {
            from_midnight: true,
            ..Self::event(Some(date))
        }
    }
}

impl RelativeTo {
    /// Returns the relation to a date that is no milestone.
    pub fn after(anchor: Anchor, years: u32, months: u32, days: u32) -> Self {
        Self {
            anchor,
            milestone_id: None,
            milestone: None,
            agreement_id: None,
            direction: Direction::After,
            years,
            months,
            days,
            is_limit: false,
            counts_first_day: None,
            beside_edtf: false,
        }
    }

    /// Returns the bounds of the date for those of its anchor.
    pub(super) fn bounds(&self, anchor: &AnchorDate) -> Bounds {
        let counts = self.counts_first_day.unwrap_or(anchor.from_midnight);
        let day = |day: NaiveDate| self.day(day, counts).and_then(in_calendar);
        let earliest = anchor.bounds.earliest.filter(|_| !self.is_limit);
        Bounds {
            earliest: earliest.and_then(day),
            latest: anchor.bounds.latest.and_then(day),
        }
    }

    /// Returns the date for a known day of its anchor; `None` beyond the calendar.
    fn day(&self, anchor: NaiveDate, counts_first_day: bool) -> Option<NaiveDate> {
        let months = self.years.checked_mul(12)?.checked_add(self.months)?;
        match self.direction {
            _ if (months, self.days) == (0, 0) => Some(anchor),
            Direction::After => {
                let start = match counts_first_day {
                    true => anchor.pred_opt()?,
                    false => anchor,
                };
                let end = match months {
                    0 => start,
                    months => months_after(start, months)?,
                };
                days_after(end, self.days)
            }
            Direction::Before => anchor
                .checked_sub_months(Months::new(months))?
                .checked_sub_days(Days::new(self.days.into())),
        }
    }
}

/// Returns what is wrong with a date at `at` that can be relative to one of the anchors.
pub fn misplaced_anchor(
    date: Option<&ImpreciseDate>,
    anchors: &[Anchor],
    at: &str,
) -> Option<ValidationError> {
    let to = date?.relative_to()?;
    if to.milestone.is_some() {
        let ko = "사업을 새로 등록할 때 그 추진 단계의 목표 시점에만 쓸 수 있습니다.";
        let en = "Only a target in a new project names a milestone by its index.";
        return Some(misplaced(
            "unexpected",
            at,
            "/relative_to/milestone",
            ko,
            en,
        ));
    }
    if to.agreement_id.is_some() {
        let ko = "추진 단계의 목표 시점에만 쓸 수 있습니다. 협약의 날짜는 그 협약 자신의 날짜를 기준으로 합니다.";
        let en = "Only the target of a milestone has one: a date of an agreement is relative to its own.";
        let member = "/relative_to/agreement_id";
        return Some(misplaced("unexpected", at, member, ko, en));
    }
    misplaced_relation(to, anchors, at)
}

/// Returns what is wrong with the target of a milestone at `at`, which can be relative to another
/// milestone of its project, or to the signing or the term of an agreement.
pub fn misplaced_target(target: &ImpreciseDate, at: &str) -> Option<ValidationError> {
    let to = target.relative_to()?;
    let wrong = misplaced_relation(to, &Anchor::ALL, at);
    let agreement = || match (to.anchor, to.agreement_id) {
        (Anchor::Milestone, Some(_)) => {
            let ko = "협약을 기준으로 할 때만 쓸 수 있습니다.";
            let en = "Only a target relative to an agreement has one.";
            Some(("unexpected", ko, en))
        }
        (Anchor::Signing | Anchor::EffectiveFrom | Anchor::EffectiveUntil, None) => {
            let ko = "기준이 되는 협약의 id가 필요합니다.";
            let en = "The id of the agreement is needed.";
            Some(("required", ko, en))
        }
        _ => None,
    };
    wrong.or_else(|| {
        let (code, ko, en) = agreement()?;
        Some(misplaced(code, at, "/relative_to/agreement_id", ko, en))
    })
}

fn misplaced_relation(to: &RelativeTo, anchors: &[Anchor], at: &str) -> Option<ValidationError> {
    let named = to.milestone_id.is_some() || to.milestone.is_some();
    let (code, member, ko, en) = if to.beside_edtf {
        let ko = "relative_to와 함께 쓸 수 없습니다. 정해진 날짜면 relative_to를, 아니면 edtf를 null로 두십시오.";
        let en = "This cannot be given beside `relative_to`: set one of the two to null.";
        ("stated_twice", "/edtf", ko, en)
    } else if !anchors.contains(&to.anchor) {
        let ko = "이 날짜의 기준이 될 수 없습니다.";
        let en = "This date cannot be relative to that one.";
        ("no_anchor", "/relative_to/anchor", ko, en)
    } else if to.milestone_id.is_some() && to.milestone.is_some() {
        let ko = "milestone_id와 함께 쓸 수 없습니다.";
        let en = "This cannot be given beside `milestone_id`.";
        ("stated_twice", "/relative_to/milestone", ko, en)
    } else if to.anchor == Anchor::Milestone && !named {
        let ko = "기준이 되는 추진 단계의 id가 필요합니다.";
        let en = "The id of the milestone is needed.";
        ("required", "/relative_to/milestone_id", ko, en)
    } else if to.anchor != Anchor::Milestone && named {
        let ko = "추진 단계를 기준으로 할 때만 쓸 수 있습니다.";
        let en = "Only a date relative to a milestone has one.";
        ("unexpected", "/relative_to/milestone_id", ko, en)
    } else {
        return None;
    };
    Some(misplaced(code, at, member, ko, en))
}

fn misplaced(
    code: &'static str,
    at: &str,
    member: &str,
    ko: &'static str,
    en: &'static str,
) -> ValidationError {
    rule_error(code, &format!("{at}{member}"), ko, en)
}

#[cfg(test)]
#[path = "relative_tests.rs"]
mod tests;
