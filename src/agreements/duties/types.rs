//! Duties as they are derived, stored and sent.

use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::agreements::council::Occasion;
use crate::http::language::Message;
use crate::values::{AgreementRef, ImpreciseDate, OrganizationRef};

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DutyKind {
    /// Review the agreement (점검).
    Review,
    /// Report to the council (의회 보고).
    CouncilReport,
    /// Get the council's consent before signing (의회 동의).
    Consent,
    /// Report to the council before signing (사전 보고).
    PriorReport,
    /// Disclose the agreement on the website (공개).
    Disclosure,
    /// Decide whether to renew it before it expires (연장 여부 결정).
    RenewalDecision,
}

impl DutyKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::CouncilReport => "council_report",
            Self::Consent => "consent",
            Self::PriorReport => "prior_report",
            Self::Disclosure => "disclosure",
            Self::RenewalDecision => "renewal_decision",
        }
    }
}

/// How a duty stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DutyStatus {
    /// Not done, and the day has not certainly passed.
    Open,
    /// Not done, and the day has passed.
    Overdue,
    Done,
    /// Done after the day.
    DoneLate,
    /// Not demanded of this agreement after all, for a reason that is stated.
    Waived,
}

/// What sort of thing has done a duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DoneByKind {
    Review,
    CouncilAction,
    /// A document that was disclosed.
    Document,
    /// A step that ended the agreement, which leaves nothing to decide.
    Transition,
}

/// What has done a duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DoneBy {
    /// What sort of thing it is.
    pub kind: DoneByKind,
    /// Its id within the agreement; null for a step, which has none.
    pub id: Option<Uuid>,
    /// When it was done; null where that is not known.
    pub on: Option<ImpreciseDate>,
}

/// How a duty comes again while it is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// After how many months.
    pub months: u32,
    /// The last day on which it still does; none where it goes on.
    pub until: Option<NaiveDate>,
    /// How it goes on under the policies that follow.
    #[serde(default)]
    pub then: Vec<Onward>,
}

/// How a duty comes again under a later policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Onward {
    /// The first day on which it does.
    pub first: NaiveDate,
    pub months: u32,
    pub until: Option<NaiveDate>,
}

/// A duty without regard to the day, and without the agreement whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derived {
    pub kind: DutyKind,
    pub occasion: Occasion,
    /// Which of its kind and occasion it is, from 1.
    pub place: usize,
    pub legal_basis: Option<String>,
    pub due: Option<ImpreciseDate>,
    pub due_as_stated: Option<Message>,
    pub done_by: Option<DoneBy>,
    pub waived_because: Option<Message>,
    pub again: Option<Again>,
}

impl Derived {
    /// Names it within the agreement, the same as long as it is there.
    pub fn id(&self, agreement: Uuid) -> String {
        let (kind, occasion) = (self.kind.as_str(), self.occasion.as_str());
        format!("{agreement}:{kind}:{occasion}:{}", self.place)
    }

    /// The last day on which it is not overdue.
    pub fn last_day(&self) -> Option<NaiveDate> {
        self.due.as_ref().and_then(ImpreciseDate::latest)
    }

    /// What is known of it without regard to the day: the word of the status, `open` also for what
    /// is overdue.
    pub fn phase(&self) -> DutyStatus {
        let late = |done: &DoneBy| {
            let on = done.on.as_ref();
            self.last_day()
                .is_some_and(|last| on.is_some_and(|on| on.starts_after(last)))
        };
        match &self.done_by {
            _ if self.waived_because.is_some() => DutyStatus::Waived,
            Some(done) if late(done) => DutyStatus::DoneLate,
            Some(_) => DutyStatus::Done,
            None => DutyStatus::Open,
        }
    }

    /// How it stands on a day.
    pub fn status(&self, day: NaiveDate) -> DutyStatus {
        match self.phase() {
            DutyStatus::Open if self.last_day().is_some_and(|last| last < day) => {
                DutyStatus::Overdue
            }
            phase => phase,
        }
    }

    /// How often it was to be done and was not: until it was done, or by a day.
    pub fn missed(&self, day: NaiveDate) -> Option<u32> {
        self.missed_before(day, NaiveDate::MAX)
    }

    /// How often that became so within a period, as known on a day: it does on the day after it was
    /// due, so that each miss lies in one of the periods that follow one another.
    pub fn missed_within(&self, from: NaiveDate, to: NaiveDate, day: NaiveDate) -> Option<u32> {
        let before = from.pred_opt().unwrap_or(from);
        Some(self.missed_before(day, to)? - self.missed_before(day, before)?)
    }

    fn missed_before(&self, day: NaiveDate, limit: NaiveDate) -> Option<u32> {
        let again = self.again.as_ref()?;
        let done = self.done_by.as_ref().and_then(|done| done.on.as_ref());
        let by = done.map_or(Some(day), ImpreciseDate::earliest)?.min(limit);
        let count = |first, months, until: Option<NaiveDate>| {
            let after = until.and_then(|last| last.succ_opt());
            passed(first, months, after.map_or(by, |after| by.min(after)))
        };
        let later = again.then.iter().map(|o| count(o.first, o.months, o.until));
        Some(count(self.last_day()?, again.months, again.until) + later.sum::<u32>())
    }
}

/// How many of the days that come again after so many months lie before a day.
pub(super) fn passed(first: NaiveDate, months: u32, by: NaiveDate) -> u32 {
    let lies_before = |n: u32| {
        let day = n
            .checked_mul(months)
            .and_then(|m| first.checked_add_months(Months::new(m)));
        day.is_some_and(|day| day < by)
    };
    let between = (by.year() - first.year()) * 12 + by.month0() as i32 - first.month0() as i32;
    // The last one may lie in the same month as the day, before or after it.
    let last = u32::try_from(between).unwrap_or(0) / months.max(1);
    if lies_before(last) { last + 1 } else { last }
}

/// What a municipality's policy demands of an agreement.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Duty {
    /// Names it as long as the agreement and its policy stay so: the agreement's id, what is to be
    /// done, and which of its sort it is.
    #[schema(example = "0178d7fa-2c00-7000-8000-00000000003d:review:review:1")]
    pub id: String,
    /// What is to be done.
    #[schema(example = "review")]
    pub kind: DutyKind,
    /// What gives rise to it.
    #[schema(example = "review")]
    pub occasion: Occasion,
    /// The agreement of which it is demanded.
    pub agreement: AgreementRef,
    /// The municipality whose policy demands it.
    pub municipality: OrganizationRef,
    /// The department in charge of the agreement.
    #[schema(example = "전략산업과")]
    pub department: Option<String>,
    /// The ordinance that demands it; null where that is not stated.
    #[schema(example = "부산광역시 업무협약 관리 조례 제7조")]
    pub legal_basis: Option<String>,
    /// By when: a range where the day from which it counts is imprecise; null where it is not known.
    pub due: Option<ImpreciseDate>,
    /// By when in words, where no day says it, or a session of the council does.
    pub due_as_stated: Option<Message>,
    /// How it stands on the day asked about.
    #[schema(example = "overdue")]
    pub status: DutyStatus,
    /// What has done it.
    pub done_by: Option<DoneBy>,
    /// Why it is not demanded after all; null where it is.
    pub waived_because: Option<Message>,
    /// How many reviews fell due and were not made: by the day asked about, or until the one that
    /// was made at last, under all policies that wanted them. Null for what does not come again.
    /// Of an agreement that ended on an unknown day no review is open, and nobody can tell how many
    /// were missed.
    #[schema(minimum = 0, example = 5)]
    pub missed: Option<u32>,
}

impl Duty {
    pub fn of(
        derived: Derived,
        agreement: AgreementRef,
        municipality: OrganizationRef,
        department: Option<String>,
        day: NaiveDate,
    ) -> Self {
        Self {
            id: derived.id(agreement.id),
            status: derived.status(day),
            missed: derived.missed(day),
            kind: derived.kind,
            occasion: derived.occasion,
            agreement,
            municipality,
            department,
            legal_basis: derived.legal_basis,
            due: derived.due,
            due_as_stated: derived.due_as_stated,
            done_by: derived.done_by,
            waived_because: derived.waived_because,
        }
    }
}
