//! Dates of an agreement from which the targets of milestones are counted, stored with it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::kernel::values::{Anchor, AnchorDate};

/// The part of an agreement's stored row that holds its dates.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Dated {
    pub dates: AgreementDates,
}

/// The signing and the stated term of an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementDates {
    /// Day from which the signing counts; `None` before the signing, and of an agreement that was entered
    /// in error.
    pub signed_from: Option<NaiveDate>,
    pub signing: AnchorDate,
    /// First day in force; `None` if it is counted from a milestone itself.
    pub start: Option<AnchorDate>,
    /// Last day of the term; `None` if it is counted from a milestone itself.
    pub end: Option<AnchorDate>,
}

impl AgreementDates {
    /// Returns a date of the agreement; `None` if it is counted from a milestone.
    pub fn of(&self, anchor: Anchor) -> Option<AnchorDate> {
        match anchor {
            Anchor::Signing => Some(self.signing),
            Anchor::EffectiveFrom => self.start,
            Anchor::EffectiveUntil => self.end,
            Anchor::Milestone => None,
        }
    }
}
