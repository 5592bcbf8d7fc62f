//! The entries of an agreement in the timeline: its signing, its expiry and its commitments.

use chrono::NaiveDate;
use chrono_tz::Tz;
use uuid::Uuid;

use super::doc::{Doc, Part};
use super::force::last_term;
use super::renewing::notices;
use super::reports::{Reports, rules as reported};
use super::rules::{Counting, counts_from, happened_by, term};
use super::types::{AgreementStatus, CommitmentContent, Transition};
use crate::kernel::ids::AgreementId;
use crate::kernel::values::{AgreementRef, ImpreciseDate, Localized};
use crate::projections::timeline_entry::{Entry, EntryKind, EntryType, NEVER_ENDS, Phase};
use crate::projects::milestones::rules::slip;

/// Returns the timeline entries of an agreement; none before it is signed, and none of one that was entered
/// in error.
pub fn entries(doc: &Doc, id: AgreementId, reports: &Reports, zone: Tz) -> Vec<Entry> {
    let step = |is: fn(AgreementStatus) -> bool| doc.transitions.iter().find(|s| is(s.to));
    let Some(signed) = step(|to| to == AgreementStatus::Signed) else {
        return Vec::new();
    };
    if doc.status() == AgreementStatus::Voided {
        return Vec::new();
    }
    let counting = doc.counting(zone);
    let day = |step: &Transition| counts_from(step, &counting);
    let ended = step(AgreementStatus::is_end);
    let ended = ended.map(|step| (day(step), after(step.to)));
    let taken_over = counting.taken_over.and_then(|start| start.latest);
    let taken_over = taken_over.map(|day| (day, Phase::Cancelled));
    let ends = ended.into_iter().chain(taken_over);
    let end = ends.min_by_key(|(day, _)| *day);
    let agreement = Dated {
        doc,
        id,
        known_from: day(signed),
        end,
        counting,
    };
    let mut entries = vec![agreement.signing()];
    entries.extend(agreement.ends());
    entries.extend(agreement.renewal_notices());
    for commitment in &doc.commitments {
        entries.extend(agreement.commitment(commitment, reports));
    }
    entries.retain(|entry| entry.known_from < entry.known_until);
    entries
}

/// The phase of what was still to come when the agreement ended: cancelled, or unknown if the
/// agreement was completed.
fn after(end: AgreementStatus) -> Phase {
    match end {
        AgreementStatus::Completed => Phase::Unknown,
        _ => Phase::Cancelled,
    }
}

/// A signed agreement, with the day from which its signing is known and its end, if any.
struct Dated<'a> {
    doc: &'a Doc,
    id: AgreementId,
    known_from: NaiveDate,
    end: Option<(NaiveDate, Phase)>,
    counting: Counting,
}

impl Dated<'_> {
    /// An open entry for a date of the agreement, known from the signing on.
    fn entry(
        &self,
        type_: EntryType,
        kind: EntryKind,
        record_id: Uuid,
        title: &Localized,
        when: Option<&ImpreciseDate>,
    ) -> Entry {
        Entry {
            type_,
            kind,
            record_id,
            owner_id: self.id.into(),
            municipality_id: self.doc.municipality_id,
            visibility: self.doc.visibility(),
            project_id: None,
            project_phase: None,
            agreement: Some(AgreementRef {
                id: self.id,
                title: self.doc.content.title.clone(),
            }),
            working_group_id: None,
            known_from: self.known_from,
            known_until: NEVER_ENDS,
            title: title.clone(),
            phase: Phase::Open,
            when: when.map(ImpreciseDate::plain),
            baseline: when.map(ImpreciseDate::plain),
            target: when.map(ImpreciseDate::plain),
            actual: None,
            slip: None,
            follows: self.doc.follows(when),
        }
    }

    /// An entry for a date of the agreement as a whole.
    fn own(&self, type_: EntryType, when: Option<&ImpreciseDate>) -> Entry {
        let content = &self.doc.content;
        self.entry(
            type_,
            content.kind.into(),
            self.id.into(),
            &content.title,
            when,
        )
    }

    fn signing(&self) -> Entry {
        let signed_on = &self.doc.content.signed_on;
        Entry {
            phase: Phase::Met,
            baseline: None,
            target: None,
            actual: signed_on.clone(),
            ..self.own(EntryType::Signing, signed_on.as_ref())
        }
    }

    /// The end of the agreement: that by its term and, from the day of its notice, a termination that
    /// takes effect later.
    fn ends(&self) -> Vec<Entry> {
        let mut entries = self.expiry();
        let Some((notified, step)) = self.announced() else {
            return entries;
        };
        entries.retain_mut(|entry| {
            entry.known_until = entry.known_until.min(notified);
            entry.known_from < entry.known_until
        });
        let entry = self.own(EntryType::Expiry, step.on.as_ref());
        let (effect, from) = (
            counts_from(step, &self.counting),
            notified.max(self.known_from),
        );
        // A successor can take over before that day.
        let (over_from, phase) = match self.end {
            Some((day, phase)) if day < effect => (day.max(from), phase),
            _ => (effect, Phase::Met),
        };
        let ahead = Entry {
            known_from: from,
            known_until: over_from,
            ..entry.clone()
        };
        let over = Entry {
            known_from: over_from,
            phase,
            actual: step.on.clone().filter(|_| phase == Phase::Met),
            ..entry
        };
        entries.extend([ahead, over]);
        entries
    }

    /// The last days for a notice against the renewal: one at a time, the next from the day after the
    /// last one, as long as the agreement goes on.
    fn renewal_notices(&self) -> Vec<Entry> {
        let over = self.end.map_or(NEVER_ENDS, |(day, _)| day);
        let mut known_from = self.known_from;
        let notices = notices(&self.doc.content).filter_map(|(_, notice_by)| {
            let known_until = notice_by.succ_opt()?.min(over);
            let from = known_from;
            known_from = from.max(known_until);
            let on = ImpreciseDate::from_day(notice_by);
            (from < known_until).then(|| Entry {
                known_from: from,
                known_until,
                follows: self.doc.follows(self.doc.content.effective_until.as_ref()),
                ..self.own(EntryType::RenewalNotice, Some(&on))
            })
        });
        notices.collect()
    }

    /// The termination that was notified before it takes effect, and the day of the notice.
    fn announced(&self) -> Option<(NaiveDate, &Transition)> {
        let mut steps = self.doc.transitions.iter();
        let step = steps.find(|step| step.to == AgreementStatus::Terminated)?;
        let notified = step.notified_on.as_ref();
        let notified =
            notified.map(|on| happened_by(Some(on), step.recorded_at, self.counting.zone))?;
        (notified.max(self.known_from) < counts_from(step, &self.counting))
            .then_some((notified, step))
    }

    /// The expiry, before and after the day on which it is over or the agreement ended earlier.
    fn expiry(&self) -> Vec<Entry> {
        let content = &self.doc.content;
        // A term that renews has an end only where the renewals are counted.
        let until = match content.auto_renews {
            Some(true) => {
                let first = content.effective_until.as_ref();
                let is_approximate = first.is_some_and(ImpreciseDate::approximate);
                let last = ImpreciseDate::between(last_term(content), is_approximate);
                Some(last).filter(ImpreciseDate::is_dated)
            }
            _ => term(content).1.cloned(),
        };
        let Some(until) = until else {
            return Vec::new();
        };
        let entry = self.own(EntryType::Expiry, Some(&until));
        // The term is over on the day after its last day, unless the agreement ended before.
        let over = until.latest().and_then(|last| last.succ_opt());
        let over = over.filter(|day| *day < NEVER_ENDS);
        let change = match (over, self.end) {
            (Some(day), Some((ended, _))) if ended < day => self.end,
            (Some(day), _) => Some((day, Phase::Met)),
            (None, end) => end,
        };
        let Some((day, phase)) = change else {
            return vec![entry];
        };
        let before = (day > self.known_from).then(|| Entry {
            known_until: day,
            ..entry.clone()
        });
        let after = Entry {
            known_from: day.max(self.known_from),
            phase,
            actual: entry.when.clone().filter(|_| phase == Phase::Met),
            ..entry
        };
        before.into_iter().chain([after]).collect()
    }

    /// The entries of a commitment, one for each span in which the same was known of it. A due date
    /// relative to a milestone moves with it, from the date as known at the signing.
    fn commitment(&self, part: &Part<CommitmentContent>, reports: &Reports) -> Vec<Entry> {
        let content = &part.content;
        let moves = self.doc.days_of(content.due.as_ref());
        let due = |day| self.doc.due_on(content, day);
        let (first, last) = (due(self.known_from), due(NaiveDate::MAX));
        let (type_, kind) = (EntryType::Commitment, EntryKind::Commitment);
        let entry = Entry {
            follows: self.doc.follows(content.due.as_ref()),
            ..self.entry(type_, kind, part.id.into(), &content.text, first.as_ref())
        };
        let recorded = reports.on(part.id);
        let states = reported::timeline_states(recorded, last.as_ref(), self.known_from, self.end);
        let until = states.iter().skip(1).map(|state| state.from);
        let spans = states.iter().zip(until.chain([NEVER_ENDS]));
        let mut entries: Vec<Entry> = Vec::new();
        for (state, until) in spans {
            let within = |day: &&NaiveDate| state.from < **day && **day < until;
            let starts = std::iter::once(&state.from).chain(moves.iter().filter(within));
            for from in starts {
                let (due, actual) = (due(*from), state.actual.cloned());
                if *from > state.from && entries.last().is_some_and(|last| last.target == due) {
                    continue;
                }
                if let Some(last) = entries.last_mut() {
                    last.known_until = *from;
                }
                let moved = first
                    .as_ref()
                    .zip(due.as_ref())
                    .filter(|_| !moves.is_empty());
                let slip = match actual.as_ref().zip(due.as_ref()) {
                    Some((on, due)) => Some(on.days_from(due)),
                    None => moved.map(|(first, due)| slip(first, due, false)),
                };
                entries.push(Entry {
                    known_from: *from,
                    known_until: NEVER_ENDS,
                    phase: state.phase,
                    slip,
                    when: actual.clone().or_else(|| due.clone()),
                    target: due,
                    actual,
                    ..entry.clone()
                });
            }
        }
        entries
    }
}
