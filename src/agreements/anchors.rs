//! Dates of an agreement that are relative to others: derived from its own dates, and from
//! milestones of the projects that it serves.
//!
//! The stored document holds what follows from the agreement's own dates alone. What follows from a
//! milestone is derived whenever the agreement is read, and in its derived tables.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use chrono_tz::Tz;
use diesel::prelude::*;
use uuid::Uuid;

use super::derived::rewrite_derived;
use super::doc::Doc;
use super::start::Start;
use super::types::{AgreementContent, AgreementStatus, CommitmentContent};
use super::{read, rules};
use crate::db::schema::{agreement_anchors, milestones as stored_milestones};
use crate::db::{AnyConnection, in_list};
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::ids::{AgreementId, MilestoneId, ProjectId};
use crate::kernel::language::Message;
use crate::kernel::values::{
    Anchor, AnchorDate, ImpreciseDate, ProjectRef, RelativeTo, range_in_order, stored_id,
};
use crate::ledger::{Caller, RequestContext, Visibility};
use crate::projections::agreement_dates::AgreementDates;
use crate::projects::milestones::agreements::anchors_of;
use crate::projects::milestones::anchors::{self as milestones, MilestoneAnchor};

/// The milestones to which dates of an agreement are relative.
#[derive(Clone, Debug, Default)]
pub struct Anchors(BTreeMap<MilestoneId, MilestoneAnchor>);

/// Returns those of the agreements whose dates are relative to milestones.
pub fn following(conn: &mut AnyConnection, ids: &[String]) -> Result<BTreeSet<String>, ApiError> {
    use agreement_anchors as r;
    let following = r::table.filter(in_list(r::agreement_id, ids));
    let following: Vec<String> = following.select(r::agreement_id).load(conn)?;
    Ok(following.into_iter().collect())
}

fn milestone(date: Option<&ImpreciseDate>) -> Option<MilestoneId> {
    date?.relative_to()?.milestone_id
}

impl Doc {
    /// Returns the dates that can be relative to others, each with its pointer.
    fn relative_dates(&self) -> impl Iterator<Item = (String, Option<&ImpreciseDate>)> {
        let content = &self.content;
        let own = [
            (
                "/effective_from".to_owned(),
                content.effective_from.as_ref(),
            ),
            (
                "/effective_until".to_owned(),
                content.effective_until.as_ref(),
            ),
        ];
        let dues = self.commitments.iter().enumerate();
        let dues = dues.map(|(i, c)| (format!("/commitments/{i}/due"), c.content.due.as_ref()));
        own.into_iter().chain(dues)
    }

    fn relative_dates_mut(&mut self) -> impl Iterator<Item = &mut ImpreciseDate> {
        let content = &mut self.content;
        let own = [&mut content.effective_from, &mut content.effective_until];
        let dues = self.commitments.iter_mut().map(|c| &mut c.content.due);
        own.into_iter().chain(dues).flatten()
    }

    /// Returns the milestones to which dates are relative.
    pub fn milestones(&self) -> impl Iterator<Item = MilestoneId> {
        let own = self.relative_dates();
        let own = own.filter_map(|(_, date)| milestone(date));
        own.chain(self.successor_starts.iter().filter_map(Start::milestone))
    }

    /// Derives the relative dates as known on a day.
    pub fn derive_dates(&mut self, day: NaiveDate) {
        let signing = AnchorDate::event(self.content.signed_on.as_ref());
        let lasting = |doc: &Self, to: &RelativeTo| {
            let anchor = to.milestone_id.and_then(|id| doc.usable(&id));
            anchor.map(MilestoneAnchor::lasting)
        };
        let from = derived(self.content.effective_from.as_ref(), |to| match to.anchor {
            Anchor::Signing => Some(signing),
            Anchor::Milestone => lasting(self, to),
            Anchor::EffectiveFrom | Anchor::EffectiveUntil => None,
        });
        self.content.effective_from = from;
        let start = start(&self.content);
        let until = derived(self.content.effective_until.as_ref(), |to| {
            match to.anchor {
                Anchor::Signing => Some(signing),
                Anchor::EffectiveFrom => Some(start),
                Anchor::Milestone => lasting(self, to),
                Anchor::EffectiveUntil => None,
            }
        });
        let end = AnchorDate::event(until.as_ref());
        self.content.effective_until = until;
        let dues = self.commitments.iter().map(|part| {
            derived(part.content.due.as_ref(), |to| match to.anchor {
                Anchor::Signing => Some(signing),
                Anchor::EffectiveFrom => Some(start),
                Anchor::EffectiveUntil => Some(end),
                Anchor::Milestone => {
                    let anchor = to.milestone_id.and_then(|id| self.usable(&id));
                    anchor.map(|anchor| anchor.on(day))
                }
            })
        });
        let dues: Vec<_> = dues.collect();
        for (part, due) in self.commitments.iter_mut().zip(dues) {
            part.content.due = due;
        }
        let mut starts = std::mem::take(&mut self.successor_starts);
        for start in &mut starts {
            start.derive(|id| self.usable(&id).map(MilestoneAnchor::lasting));
        }
        self.successor_starts = starts;
        self.date_supersession();
    }

    /// Returns the due date of a commitment as known on a day.
    pub fn due_on(&self, commitment: &CommitmentContent, day: NaiveDate) -> Option<ImpreciseDate> {
        let mut due = commitment.due.clone()?;
        if let Some(id) = milestone(Some(&due)) {
            let anchor = self.usable(&id).map(|anchor| anchor.on(day));
            due.derive_from(&anchor.unwrap_or_default());
        }
        Some(due.plain())
    }

    /// Returns a milestone from which dates can be derived. Whoever sees the agreement must not learn
    /// of a project that is not seen with it.
    fn usable(&self, id: &MilestoneId) -> Option<&MilestoneAnchor> {
        let anchor = self.anchors.0.get(id)?;
        let own = anchor.municipality_id == self.municipality_id;
        let shown = match anchor.visibility {
            Visibility::Public => true,
            _ => own && self.visibility() == Visibility::Internal,
        };
        Some(anchor).filter(|_| shown)
    }

    /// Returns the document as it is stored: without what follows from milestones.
    pub fn stored(&self) -> Cow<'_, Self> {
        if self.milestones().next().is_none() {
            return Cow::Borrowed(self);
        }
        let mut stored = self.clone();
        stored.anchors = Anchors::default();
        // Without milestones, no date depends on the day.
        stored.derive_dates(NaiveDate::MAX);
        Cow::Owned(stored)
    }

    /// Returns the days from which a date, relative to a milestone, is another.
    pub fn days_of(&self, date: Option<&ImpreciseDate>) -> Vec<NaiveDate> {
        let anchor = milestone(date).and_then(|id| self.usable(&id));
        anchor.map_or_else(Vec::new, |anchor| anchor.days().collect())
    }

    /// Returns the records from which a date is counted, directly or by way of other dates: milestones, and
    /// agreements from which their targets are counted.
    pub fn follows(&self, date: Option<&ImpreciseDate>) -> Vec<Uuid> {
        let Some(id) = milestone_behind(&self.content, date) else {
            return Vec::new();
        };
        let anchor = self.usable(&id);
        let all = anchor.map(|anchor| anchor.follows().iter().copied());
        let all = all.map(|further| std::iter::once(id.into()).chain(further));
        all.into_iter().flatten().collect()
    }

    /// Hides the milestones of projects that the caller cannot see.
    pub fn hide_milestones(&mut self, visible: &[ProjectRef]) {
        let anchors = std::mem::take(&mut self.anchors);
        let hidden = |id: &MilestoneId| {
            let anchor = anchors.0.get(id);
            !anchor.is_some_and(|anchor| visible.iter().any(|p| p.id == anchor.project_id))
        };
        for date in self.relative_dates_mut() {
            if milestone(Some(date)).is_some_and(|id| hidden(&id)) {
                date.hide_milestone();
            }
        }
        self.anchors = anchors;
    }

    /// Returns an error if a term that is relative to other dates certainly ends before it begins.
    pub fn reversed_term(&self) -> Option<FieldError> {
        let (start, until) = rules::term(&self.content);
        let is_relative = |date: &ImpreciseDate| date.relative_to().is_some();
        let relative = start.is_some_and(is_relative) || until.is_some_and(is_relative);
        let reversed = relative && range_in_order(start, until, "").is_err();
        reversed.then(|| {
            let message = Message::fixed(
                "끝나는 때가 시작하는 때보다 앞섭니다.",
                "This ends before it begins.",
            );
            FieldError::body("/effective_until", "reversed", message)
        })
    }

    /// Returns an error for each date relative to a milestone of none of the agreement's projects.
    pub fn foreign_milestones(&self) -> Vec<FieldError> {
        let projects = &self.content.project_ids;
        let known = |id: &MilestoneId| {
            let anchor = self.anchors.0.get(id);
            anchor.is_some_and(|anchor| projects.contains(&anchor.project_id))
        };
        let foreign = self.relative_dates().filter(|(_, date)| {
            let id = milestone(*date);
            id.is_some_and(|id| !known(&id))
        });
        let message = Message::fixed(
            "project_ids에 있는 사업의 추진 단계가 아닙니다.",
            "This is no milestone of a project in `project_ids`.",
        );
        let error = |(at, _)| {
            let at = format!("{at}/relative_to/milestone_id");
            FieldError::body(at, "not_of_its_projects", message.clone())
        };
        foreign.map(error).collect()
    }
}

/// Returns a date as derived from its anchor, if it is relative to one.
fn derived(
    date: Option<&ImpreciseDate>,
    anchor: impl FnOnce(&RelativeTo) -> Option<AnchorDate>,
) -> Option<ImpreciseDate> {
    let mut date = date?.clone();
    let found = date.relative_to().map(|to| anchor(to).unwrap_or_default());
    if let Some(found) = found {
        date.derive_from(&found);
    }
    Some(date)
}

/// Returns the first day in force as an anchor. A term that begins with the signing begins in the
/// course of its day, another at midnight.
fn start(content: &AgreementContent) -> AnchorDate {
    let signed = content.signed_on.as_ref();
    match &content.effective_from {
        Some(from) if !signed.is_some_and(|on| on.same_days(from)) => AnchorDate::first_day(from),
        from => AnchorDate::event(from.as_ref().or(signed)),
    }
}

/// Returns the dates from which targets of milestones are counted. `stored` is the document as it is
/// stored, without what follows from milestones.
pub(super) fn dates(stored: &Doc, zone: Tz) -> AgreementDates {
    let content = &stored.content;
    let steps = &stored.transitions;
    let from = |to| steps.iter().find(|step| step.to == to);
    let counting = stored.counting(zone);
    let from = |to| from(to).map(|step| rules::counts_from(step, &counting));
    let from_own = |stated: Option<&ImpreciseDate>, date| {
        let own = milestone_behind(content, stated).is_none();
        own.then_some(date)
    };
    let (begins, ends) = (
        content.effective_from.as_ref(),
        content.effective_until.as_ref(),
    );
    AgreementDates {
        signed_from: from(AgreementStatus::Signed).filter(|_| !stored.status().is_void()),
        signing: AnchorDate::event(content.signed_on.as_ref()),
        start: from_own(begins, start(content)),
        end: from_own(ends, AnchorDate::event(ends)),
    }
}

/// Returns the milestone from which a date of an agreement is counted, directly or by way of the term.
fn milestone_behind(
    content: &AgreementContent,
    date: Option<&ImpreciseDate>,
) -> Option<MilestoneId> {
    let mut to = date?.relative_to()?;
    // A due date counts from the end of the term, and that from its start, at the most. The rules refuse
    // a longer way, but this runs before they do, and such a way can be a circle.
    for _ in 0..3 {
        let earlier = match to.anchor {
            Anchor::Signing => return None,
            Anchor::Milestone => return to.milestone_id,
            Anchor::EffectiveFrom => &content.effective_from,
            Anchor::EffectiveUntil => &content.effective_until,
        };
        to = earlier.as_ref()?.relative_to()?;
    }
    None
}

/// Returns an error for each end of the term that is counted from a milestone while a target of a
/// milestone is counted from it.
pub(super) fn counted_in_a_circle(
    conn: &mut AnyConnection,
    id: AgreementId,
    doc: &Doc,
) -> Result<Vec<FieldError>, ApiError> {
    let content = &doc.content;
    let mut hanging = vec![
        (
            Anchor::EffectiveFrom,
            &content.effective_from,
            "/effective_from",
        ),
        (
            Anchor::EffectiveUntil,
            &content.effective_until,
            "/effective_until",
        ),
    ];
    hanging.retain(|(_, date, _)| milestone_behind(content, date.as_ref()).is_some());
    if hanging.is_empty() {
        return Ok(Vec::new());
    }
    let counted = anchors_of(conn, id)?;
    let wrong = hanging
        .iter()
        .filter(|(anchor, ..)| counted.contains(anchor.as_str()));
    let message = Message::fixed(
        "추진 단계의 목표 시점이 이 날짜를 기준으로 합니다. 서로를 기준으로 할 수 없습니다.",
        "The target of a milestone is counted from this date: they cannot depend on each other.",
    );
    let error = |(.., at): &(_, _, &str)| {
        FieldError::body(
            format!("{at}/relative_to/anchor"),
            "circular",
            message.clone(),
        )
    };
    Ok(wrong.map(error).collect())
}

/// Reads the milestones to which dates of agreements are relative, and derives these dates as known
/// on a day.
pub fn attach<'a>(
    conn: &mut AnyConnection,
    docs: impl Iterator<Item = &'a mut Doc>,
    day: NaiveDate,
) -> Result<(), ApiError> {
    let relative = |doc: &&mut Doc| doc.milestones().next().is_some();
    let mut docs: Vec<&mut Doc> = docs.filter(relative).collect();
    let ids: Vec<MilestoneId> = docs.iter().flat_map(|doc| doc.milestones()).collect();
    let found = milestones::load(conn, ids, false)?;
    for doc in &mut docs {
        let own = doc
            .milestones()
            .filter_map(|id| Some((id, found.get(&id)?.clone())));
        doc.anchors = Anchors(own.collect());
        doc.derive_dates(day);
    }
    Ok(())
}

/// Like [`attach`], but for a document that is about to be written: derives all relative dates, and
/// locks the projects of its milestones.
pub(super) fn attach_to_write(
    conn: &mut AnyConnection,
    doc: &mut Doc,
    day: NaiveDate,
) -> Result<(), ApiError> {
    doc.anchors = Anchors(milestones::load(conn, doc.milestones(), true)?);
    doc.derive_dates(day);
    Ok(())
}

/// Writes the milestones to which dates of an agreement are relative.
pub(super) fn write(conn: &mut AnyConnection, id: AgreementId, doc: &Doc) -> Result<(), ApiError> {
    use agreement_anchors as n;
    let mut ids: Vec<MilestoneId> = doc.milestones().collect();
    ids.sort();
    ids.dedup();
    for milestone in ids {
        let row = (
            n::agreement_id.eq(id.to_string()),
            n::milestone_id.eq(milestone.to_string()),
        );
        diesel::insert_into(n::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// Removes the rows written by [`write()`].
pub(super) fn remove(conn: &mut AnyConnection, id: &str) -> Result<(), ApiError> {
    use agreement_anchors as n;
    diesel::delete(n::table.filter(n::agreement_id.eq(id))).execute(conn)?;
    Ok(())
}

/// Derives the agreements anew that have dates relative to a milestone of a changed project.
pub fn follow(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    project: ProjectId,
) -> Result<(), ApiError> {
    use {agreement_anchors as n, stored_milestones as m};
    let of_project = m::table.filter(m::project_id.eq(project.to_string()));
    // An agreement follows its successor, whose project it need not serve.
    let ids: Vec<String> = n::table
        .filter(n::milestone_id.eq_any(of_project.select(m::id)))
        .order(n::agreement_id)
        .select(n::agreement_id)
        .distinct()
        .load(conn)?;
    if ids.is_empty() {
        return Ok(());
    }
    // The dates move whoever sees the agreements.
    let program = cx
        .clone()
        .by(Caller::program(), cx.operation, cx.request_id.clone());
    for id in ids {
        let stored = read::load(conn, &program, stored_id(&id)?)?;
        rewrite_derived(conn, &program, &stored)?;
    }
    Ok(())
}
