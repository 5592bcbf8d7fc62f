//! Which agreements were known on a day, and in which state, told without their documents.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::force::Force;
use super::read::State;
use super::rules::{self, Counting};
use super::types::{AgreementStatus, Transition};
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::ImpreciseDate;
use crate::ledger::RequestContext;

/// Transitions of an agreement, each with the day from which it counts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Steps(Vec<(AgreementStatus, NaiveDate)>);

impl Steps {
    pub fn of(steps: &[Transition], counting: &Counting) -> Self {
        let steps = steps.iter();
        Self(
            steps
                .map(|step| (step.to, rules::counts_from(step, counting)))
                .collect(),
        )
    }

    /// Returns the status on a day by the rule of `rules::status_on`; `None` before the first
    /// transition.
    fn status_on(&self, day: NaiveDate) -> Option<AgreementStatus> {
        let first = self.0.iter().map(|(_, from)| *from).min();
        first.filter(|first| *first <= day)?;
        let mut steps = self.0.iter().rev();
        let last = steps.find(|(to, from)| *to == AgreementStatus::Voided || *from <= day);
        last.map(|(to, _)| *to)
    }

    /// Returns true if the agreement was signed by a day, even if it was voided since.
    pub fn signed_by(&self, day: NaiveDate) -> bool {
        let mut steps = self.0.iter();
        steps.any(|(to, from)| *to == AgreementStatus::Signed && *from <= day)
    }

    /// Returns the state on a day of an agreement of some municipalities, by the rule of
    /// `read::rewind_to`; `None` if nothing was known of it, as far as the caller can see.
    pub fn state_on(
        &self,
        force: Option<Force>,
        mut owners: impl Iterator<Item = OrganizationId>,
        cx: &RequestContext,
        day: NaiveDate,
    ) -> Option<State> {
        let status = match self.status_on(day) {
            None if day >= cx.today => AgreementStatus::Draft,
            status => status?,
        };
        let is_seen =
            day >= cx.today || self.signed_by(day) || owners.any(|id| cx.caller.works_for(id));
        is_seen.then_some(State { status, force })
    }
}

/// The part of the row data that tells which agreements were known on a day, and in which state.
#[derive(Deserialize)]
pub struct Known {
    municipality_id: OrganizationId,
    #[serde(default)]
    co_owner_ids: Vec<OrganizationId>,
    steps: Steps,
    pub force: Option<Force>,
    effective_until: Option<ImpreciseDate>,
}

impl Known {
    /// Returns true if the end is relative to another date, and can move with it.
    pub fn has_relative_end(&self) -> bool {
        let end = self.effective_until.as_ref();
        end.is_some_and(|end| end.relative_to().is_some())
    }

    /// Returns true if the agreement was signed by a day, even if it was voided since.
    pub fn was_signed_by(&self, day: NaiveDate) -> bool {
        self.steps.signed_by(day)
    }

    /// Returns the state on a day, as [`Steps::state_on`] does.
    pub fn state_on(&self, cx: &RequestContext, day: NaiveDate) -> Option<State> {
        let owners = self.co_owner_ids.iter().copied();
        let owners = owners.chain([self.municipality_id]);
        self.steps.state_on(self.force, owners, cx, day)
    }
}
