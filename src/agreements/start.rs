//! When an agreement begins to be in force. The one that it supersedes is in force until then, so it
//! keeps the starts of its successors and is derived from them, with all that is unknown of them.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::doc::Doc;
use super::rules::{Counting, happened_by};
use super::types::{AgreementStatus, Transition};
use crate::kernel::ids::MilestoneId;
use crate::kernel::language::{Language, Message};
use crate::kernel::values::{AgreementRef, Anchor, AnchorDate, Bounds, ImpreciseDate, Warning};

/// The dates by which a signed agreement begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    signed_on: Option<ImpreciseDate>,
    /// Time at which the signing was recorded.
    recorded_at: DateTime<Utc>,
    /// First day in force; `None` if it is the day of signing.
    effective_from: Option<ImpreciseDate>,
}

impl Start {
    /// Returns the start of an agreement; `None` if it was never signed.
    pub fn of(doc: &Doc) -> Option<Self> {
        let mut steps = doc.transitions.iter();
        let signing = steps.find(|step| step.to == AgreementStatus::Signed)?;
        Some(Self {
            signed_on: signing.on.clone(),
            recorded_at: signing.recorded_at,
            effective_from: doc.content.effective_from.clone(),
        })
    }

    /// Returns the first day in force: not before the signing, which had happened when it was recorded.
    /// Of a renewal without any day nothing is known, also not that it has begun.
    pub fn bounds(&self, zone: Tz) -> Bounds {
        let on = self.signed_on.as_ref();
        let signed = Bounds {
            latest: Some(happened_by(on, self.recorded_at, zone)),
            ..Bounds::of(on)
        };
        Bounds::of(self.effective_from.as_ref().or(on)).max(signed)
    }

    /// Returns the first day in force as a date: the day of signing if that is certainly not earlier.
    fn date(&self) -> Option<ImpreciseDate> {
        let signed_on = self.signed_on.as_ref();
        let signed = signed_on.and_then(ImpreciseDate::latest);
        let begins = self.effective_from.as_ref();
        let begins = begins.filter(|from| from.latest().is_none_or(|last| signed < Some(last)));
        begins.or(signed_on).map(ImpreciseDate::plain)
    }

    /// Returns true if both are stated alike, whatever follows from a milestone.
    pub fn same_statement(&self, other: &Self) -> bool {
        fn from(start: &Start) -> Option<&ImpreciseDate> {
            start.effective_from.as_ref()
        }
        let to = |start| from(start).and_then(ImpreciseDate::relative_to);
        let words = |start| from(start).and_then(ImpreciseDate::as_stated);
        let same_start = match to(self) {
            Some(relative) => Some(relative) == to(other) && words(self) == words(other),
            None => from(self) == from(other),
        };
        same_start && (&self.signed_on, self.recorded_at) == (&other.signed_on, other.recorded_at)
    }

    /// Returns the milestone to which the first day in force is relative.
    pub fn milestone(&self) -> Option<MilestoneId> {
        self.effective_from.as_ref()?.relative_to()?.milestone_id
    }

    /// Derives the first day in force from the signing or a milestone, if it is relative to one.
    pub fn derive(&mut self, milestone: impl Fn(MilestoneId) -> Option<AnchorDate>) {
        let signing = AnchorDate::event(self.signed_on.as_ref());
        let Some(from) = &mut self.effective_from else {
            return;
        };
        let Some(to) = from.relative_to() else { return };
        let anchor = match to.anchor {
            Anchor::Signing => Some(signing),
            Anchor::Milestone => to.milestone_id.and_then(milestone),
            Anchor::EffectiveFrom | Anchor::EffectiveUntil => None,
        };
        from.derive_from(&anchor.unwrap_or_default());
    }
}

fn ended_after_successor(at: String, other: &AgreementRef, message: Message) -> Warning {
    Warning {
        agreements: vec![other.clone()],
        ..Warning::new("ended_after_successor", at, message)
    }
}

impl Doc {
    /// Returns what the days from which the transitions count depend on.
    pub fn counting(&self, zone: Tz) -> Counting {
        Counting {
            zone,
            taken_over: self.taken_over(zone),
        }
    }

    /// Returns the first day on which a successor is in force, from which this agreement is not.
    fn taken_over(&self, zone: Tz) -> Option<Bounds> {
        let mut starts = self.successor_starts.iter().map(|start| start.bounds(zone));
        let own = starts.next()?;
        // The day that a user stated tells what the successor leaves open.
        let stated = self.superseded_as_stated.as_ref().map(|step| Bounds {
            latest: Some(happened_by(step.on.as_ref(), step.recorded_at, zone)),
            ..Bounds::of(step.on.as_ref())
        });
        let open = stated.filter(|_| own.latest.is_none());
        let own = open.and_then(|stated| own.and(stated)).unwrap_or(own);
        Some(starts.fold(own, Bounds::min))
    }

    /// Returns the place of the transition by which the agreement was completed or terminated when its
    /// successor may have been in force already, and the first day of that one.
    fn late_end(&self) -> Option<(usize, ImpreciseDate)> {
        let start = self.successor_starts.first()?;
        let is_end = |step: &&Transition| step.to.is_signed() && step.to.is_end();
        let place = self.transitions.iter().rposition(|step| is_end(&step))?;
        let recorded = self.transitions[place].to != AgreementStatus::Superseded;
        start.date().filter(|_| recorded).map(|date| (place, date))
    }

    /// Returns a warning that the agreement ended when `successor` may have been in force already.
    pub(super) fn ended_after(&self, successor: &AgreementRef) -> Option<Warning> {
        let (place, date) = self.late_end()?;
        let (ko, en) = (date.words(Language::Korean), date.words(Language::English));
        let message = Message::new(
            format!(
                "이 협약을 잇는 협약의 효력이 먼저 생겼습니다({ko}). 그날부터 이 협약은 효력이 없습니다."
            ),
            format!(
                "The agreement that supersedes this one took effect before ({en}). From then on, this one is not in force."
            ),
        );
        let at = format!("/transitions/{place}/on");
        Some(ended_after_successor(at, successor, message))
    }

    /// Returns the same warning for the successor, of which this agreement is the `predecessor`.
    pub(super) fn ended_after_this(&self, predecessor: &AgreementRef) -> Option<Warning> {
        let (_, date) = self.late_end()?;
        let (ko, en) = (date.words(Language::Korean), date.words(Language::English));
        let message = Message::new(
            format!(
                "이 협약이 잇는 협약은 이 협약의 효력이 생긴 뒤에 끝난 것으로 등록되어 있습니다({ko}). 그날부터 그 협약은 효력이 없습니다."
            ),
            format!(
                "The agreement that this one supersedes is recorded to have ended after this one took effect ({en}). \
                 From then on, that one is not in force."
            ),
        );
        Some(ended_after_successor(
            "/supersedes_id".into(),
            predecessor,
            message,
        ))
    }

    /// Dates the end by supersession by the start of the successor, or by the day that a user stated if
    /// the successor leaves it open.
    pub(super) fn date_supersession(&mut self) {
        let Some(start) = self.successor_starts.first() else {
            return;
        };
        let on = start.date();
        let bounds = Bounds::of(on.as_ref());
        let signed = Bounds {
            latest: None,
            ..Bounds::of(start.signed_on.as_ref())
        };
        let stated = self.superseded_as_stated.as_ref();
        let stated = stated.filter(|step| {
            let possible = bounds.max(signed).and(Bounds::of(step.on.as_ref()));
            bounds.latest.is_none() && possible.is_some()
        });
        let on = stated.map_or(on, |step| step.on.clone());
        let mut steps = self.transitions.iter_mut();
        if let Some(step) = steps.find(|step| step.to == AgreementStatus::Superseded) {
            step.on = on;
        }
    }
}
