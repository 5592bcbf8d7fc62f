//! Policies: the requirements of a municipality's ordinance (업무협약 관리 조례) on its agreements, each
//! for a period.

mod annual_report;
mod prior_consent;
mod reference;
mod scope;
mod stored;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use super::duty_term::DutyTerm;
use crate::kernel::ids::TokenId;
use crate::kernel::rule::{merge_errors, rule_error};
use crate::kernel::values::ImpreciseDate;
use crate::kernel::words::words;

pub use annual_report::AnnualReportRule;
pub use prior_consent::{PriorConsentRule, PriorDemand};
pub use reference::{PolicyArticle, PolicyReference};
pub use scope::{Organ, PolicyScope, applying};
pub use stored::{all, all_locked, locked, of, of_all, of_if, to_column};

/// Kind of a duty: `review` of the agreement (점검), `council_report` after an event (의회 보고), the
/// council's `consent` before signing (의회 동의), `prior_report` to the council before signing (사전
/// 보고), `disclosure` on the website (공개), `renewal_decision` before expiry (연장 여부 결정), or the
/// municipality's `annual_report` to the council on all its agreements (연간 보고). A `renewal_notice`
/// (자동 연장 거절 통지) follows from the agreement itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DutyKind {
    /// Review the agreement (점검).
    Review,
    /// Report to the council (의회 보고).
    CouncilReport,
    /// Get the council's consent before signing or termination (의회 동의).
    Consent,
    /// Report to the council before signing or termination (사전 보고).
    PriorReport,
    /// Disclose the agreement on the website (공개).
    Disclosure,
    /// Decide whether to renew the agreement before it expires (연장 여부 결정).
    RenewalDecision,
    /// Report to the council on all agreements of the municipality in the year (연간 보고).
    AnnualReport,
    /// Give notice that an agreement does not renew itself (자동 연장 거절 통지). Follows from the terms of
    /// the agreement, not from a policy.
    RenewalNotice,
}

words!(DutyKind: Review "점검" "Review", CouncilReport "의회 보고" "Report to the council", Consent "의회 동의" "Consent of the council",
    PriorReport "의회 사전 보고" "Report to the council before signing", Disclosure "공개" "Disclosure",
    RenewalDecision "연장 여부 결정" "Decision on renewal", AnnualReport "연간 보고" "Annual report",
    RenewalNotice "자동 연장 거절 통지" "Notice against renewal");

impl DutyKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::CouncilReport => "council_report",
            Self::Consent => "consent",
            Self::PriorReport => "prior_report",
            Self::Disclosure => "disclosure",
            Self::RenewalDecision => "renewal_decision",
            Self::AnnualReport => "annual_report",
            Self::RenewalNotice => "renewal_notice",
        }
    }
}

/// A session of the council (회기).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "session_in_order", skip_on_field_errors = false))]
pub struct CouncilSession {
    /// Name of the session; null if not stated.
    #[schema(max_length = 200, pattern = r"^.+$", example = "제300회 임시회")]
    pub name: Option<String>,
    /// First day.
    #[schema(example = "2026-12-01")]
    pub from: NaiveDate,
    /// Last day, on which a report "in the next session" is due.
    #[schema(example = "2026-12-18")]
    pub until: NaiveDate,
}

fn session_in_order(session: &CouncilSession) -> Result<(), ValidationError> {
    merge_errors((session.until < session.from).then(|| reversed("/until")))
}

fn reversed(at: &str) -> ValidationError {
    rule_error(
        "reversed",
        at,
        "끝나는 때가 시작하는 때보다 앞섭니다.",
        "This ends before it begins.",
    )
}

/// Events that have to be reported to the council, and the deadline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "is_consistent", skip_on_field_errors = false))]
pub struct CouncilReportRule {
    /// Days after the signing, completion or termination within which the report is due; null for
    /// no such deadline.
    #[schema(minimum = 1, maximum = 3650, example = 50)]
    pub within_days: Option<u32>,
    /// Deadline in another form than `within_days`: working days, months, or without delay.
    #[serde(default)]
    #[validate(nested)]
    #[schema(example = json!(null))]
    pub within: Option<DutyTerm>,
    /// Whether the report is due in the council's next session instead: the first that begins after
    /// the reported event.
    #[serde(default)]
    pub in_next_session: bool,
    /// Known sessions of the council, in order. The sessions of all policies count together. A
    /// report in the next session is due on its last day; until that session is recorded, the due
    /// date is unknown and the report is not overdue.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub sessions: Vec<CouncilSession>,
    /// Whether signings have to be reported.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub on_signing: bool,
    /// Whether completions have to be reported.
    #[serde(default)]
    pub on_completion: bool,
    /// Whether terminations have to be reported.
    #[serde(default)]
    pub on_termination: bool,
}

fn yes() -> bool {
    true
}

impl CouncilReportRule {
    /// Returns the time within which a report is due; `None` if it is not counted from the event.
    pub fn term(&self) -> Option<DutyTerm> {
        self.within.or(self.within_days.map(DutyTerm::days))
    }
}

/// Checks that at most one deadline is set and that the sessions follow one another.
fn is_consistent(rule: &CouncilReportRule) -> Result<(), ValidationError> {
    let two_spans = (rule.term().is_some() && rule.in_next_session).then(|| {
        rule_error(
            "one_of_two",
            "/in_next_session",
            "within_days나 within이 있으면 false여야 합니다.",
            "This must be false where within_days or within is given.",
        )
    });
    let two_terms = two_terms(rule.within_days, rule.within, "/within", "within_days");
    let pairs = rule.sessions.windows(2).enumerate();
    let wrong = pairs.filter(|(_, pair)| pair[1].from <= pair[0].until);
    let too_early = wrong.map(|(before, _)| {
        rule_error(
            "out_of_order",
            &format!("/sessions/{}/from", before + 1),
            "앞 회기가 끝난 뒤에 시작해야 합니다.",
            "This does not begin after the session before has ended.",
        )
    });
    merge_errors(two_spans.into_iter().chain(two_terms).chain(too_early))
}

/// Refuses a term beside a number of days.
fn two_terms(
    days: Option<u32>,
    term: Option<DutyTerm>,
    at: &str,
    other: &str,
) -> Option<ValidationError> {
    days.and(term)?;
    let ko = format!("{other}가 있으면 null이어야 합니다.");
    let en = format!("This must be null where {other} is given.");
    Some(rule_error("one_of_two", at, &ko, &en))
}

/// A fact that has to be recorded before an agreement is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequiredFact {
    Signatories,
    LeadDepartment,
    EffectiveUntil,
    LegallyBinding,
    FinancialObligation,
    PublicProperty,
    Commitments,
    Documents,
    Sources,
    /// Day on which the partner had reviewed the draft (상대방 사전 검토).
    PartnerReview,
}

/// Policy of a municipality on its agreements during a period. A null member requires nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "in_order", skip_on_field_errors = false))]
pub struct Policy {
    /// First day in force; null if it has always been in force.
    #[schema(example = "2024-01-01")]
    pub valid_from: Option<NaiveDate>,
    /// Last day in force; null while no end is known.
    #[schema(example = json!(null))]
    pub valid_until: Option<NaiveDate>,
    /// Ordinance on which the policy is based; null if not stated.
    #[validate(nested)]
    pub reference: Option<PolicyReference>,
    /// Agreements to which it applies; null for all of them.
    #[validate(nested)]
    pub applies_to: Option<PolicyScope>,
    /// Months between two reviews (점검) of a signed agreement, at most.
    #[schema(minimum = 1, maximum = 240, example = 12)]
    pub review_interval_months: Option<u32>,
    /// Whether a signed agreement has to be reviewed in every calendar year after that of its signing
    /// (매년 1회 이상), on whatever day of the year. Not together with `review_interval_months`.
    #[serde(default)]
    pub review_every_year: bool,
    /// Rule on reports to the council (의회 보고).
    #[validate(nested)]
    pub council_report: Option<CouncilReportRule>,
    /// Yearly report of the municipality to the council on all its agreements (연간 보고): a duty of
    /// the municipality, not of one agreement.
    #[serde(default)]
    #[validate(nested)]
    pub annual_report: Option<AnnualReportRule>,
    /// Council actions required before a signing or termination that involves money, public property
    /// or rights of residents.
    #[validate(nested)]
    pub prior_consent: Option<PriorConsentRule>,
    /// Days after its signing within which an agreement is disclosed on the website.
    #[schema(minimum = 1, maximum = 3650, example = 30)]
    pub disclosure_within_days: Option<u32>,
    /// Time for the disclosure in another form than `disclosure_within_days`: working days, months,
    /// or without delay.
    #[serde(default)]
    #[validate(nested)]
    #[schema(example = json!(null))]
    pub disclosure_within: Option<DutyTerm>,
    /// Whether the completion or termination of an agreement is disclosed as well, within the same
    /// time. Requires `disclosure_within_days` or `disclosure_within`.
    #[serde(default)]
    pub disclosure_of_end: bool,
    /// Longest term of an agreement in months. One that certainly lasts longer gets a warning; null
    /// for no limit.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1200, example = 60)]
    pub maximum_term_months: Option<u32>,
    /// Days before the last day in force by which the decision on renewal is due.
    #[schema(minimum = 1, maximum = 3650, example = 90)]
    pub renewal_decision_days_before_expiry: Option<u32>,
    /// Ids of the callers who may approve (전결권자), among those whose role allows it: tokens, or
    /// subjects of the single sign-on, as returned by `/me`. Null for all of them.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 100, example = json!(null))]
    pub approver_ids: Option<Vec<TokenId>>,
    /// Whether a caller who drafted or changed an agreement may also approve it.
    #[serde(default)]
    pub self_approval: bool,
    /// Facts required before an agreement is signed.
    #[serde(default)]
    #[schema(max_items = 20, example = json!(["lead_department", "effective_until"]))]
    pub required_at_signing: Vec<RequiredFact>,
    /// Months without news after which an agreement is ageing.
    #[serde(default = "ageing")]
    #[schema(minimum = 1, maximum = 240, default = 12, example = 12)]
    pub ageing_after_months: u32,
    /// Months without news after which an agreement is stale.
    #[serde(default = "stale")]
    #[schema(minimum = 1, maximum = 240, default = 24, example = 24)]
    pub stale_after_months: u32,
}

fn ageing() -> u32 {
    12
}

fn stale() -> u32 {
    24
}

impl Default for Policy {
    /// Returns a policy that requires nothing and is always in force.
    fn default() -> Self {
        Self {
            valid_from: None,
            valid_until: None,
            reference: None,
            applies_to: None,
            review_interval_months: None,
            review_every_year: false,
            council_report: None,
            annual_report: None,
            prior_consent: None,
            disclosure_within_days: None,
            disclosure_within: None,
            disclosure_of_end: false,
            maximum_term_months: None,
            renewal_decision_days_before_expiry: None,
            approver_ids: None,
            self_approval: false,
            required_at_signing: Vec::new(),
            ageing_after_months: ageing(),
            stale_after_months: stale(),
        }
    }
}

fn in_order(policy: &Policy) -> Result<(), ValidationError> {
    let ends_first = policy.is_reversed().then(|| reversed("/valid_until"));
    let stale_first = policy.stale_after_months < policy.ageing_after_months;
    let stale_first = stale_first.then(|| {
        rule_error(
            "reversed",
            "/stale_after_months",
            "ageing_after_months보다 작을 수 없습니다.",
            "This cannot be less than ageing_after_months.",
        )
    });
    let two_rules = policy.review_every_year && policy.review_interval_months.is_some();
    let two_rules = two_rules.then(|| {
        rule_error(
            "one_of_two",
            "/review_every_year",
            "review_interval_months가 있으면 false여야 합니다.",
            "This must be false where review_interval_months is given.",
        )
    });
    let two_terms = two_terms(
        policy.disclosure_within_days,
        policy.disclosure_within,
        "/disclosure_within",
        "disclosure_within_days",
    );
    let no_time = policy.disclosure_of_end && policy.disclosure_term().is_none();
    let no_time = no_time.then(|| {
        rule_error(
            "required",
            "/disclosure_within_days",
            "disclosure_of_end가 true이면 필요합니다.",
            "This is required where disclosure_of_end is true.",
        )
    });
    let all = [ends_first, stale_first, two_rules, two_terms, no_time];
    merge_errors(all.into_iter().flatten())
}

/// When the reviews of an agreement are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewRule {
    /// At most so many months after the last review, or the signing.
    Months(u32),
    /// In each calendar year after that of the last review, or of the signing.
    EveryYear,
}

impl ReviewRule {
    /// Returns the interval in months in which a review recurs that is not made.
    pub fn months(self) -> u32 {
        match self {
            Self::Months(months) => months,
            Self::EveryYear => 12,
        }
    }
}

impl Policy {
    /// Returns when reviews are due; `None` if none is required.
    pub fn review_rule(&self) -> Option<ReviewRule> {
        let months = self.review_interval_months.map(ReviewRule::Months);
        months.or(self.review_every_year.then_some(ReviewRule::EveryYear))
    }

    /// Returns the time within which an agreement is disclosed; `None` if it need not be.
    pub fn disclosure_term(&self) -> Option<DutyTerm> {
        let days = self.disclosure_within_days.map(DutyTerm::days);
        self.disclosure_within.or(days)
    }

    /// Returns true if the policy is in force on a day. An unknown day matches only a policy that
    /// is always in force.
    pub fn is_in_force_on(&self, day: Option<NaiveDate>) -> bool {
        match day {
            Some(day) => {
                self.valid_from.is_none_or(|from| from <= day)
                    && self.valid_until.is_none_or(|until| day <= until)
            }
            None => self.valid_from.is_none() && self.valid_until.is_none(),
        }
    }

    /// Returns true if the policy ends before it begins and is therefore never in force.
    fn is_reversed(&self) -> bool {
        matches!((self.valid_from, self.valid_until), (Some(a), Some(b)) if b < a)
    }

    /// Returns true if both demand the same, whenever they are in force and in whatever ordinance.
    pub fn demands_like(&self, other: &Self) -> bool {
        let demands = |policy: &Self| Self {
            valid_from: None,
            valid_until: None,
            reference: None,
            ..policy.clone()
        };
        demands(self) == demands(other)
    }

    fn overlaps(&self, other: &Self) -> bool {
        if self.is_reversed() || other.is_reversed() || !self.shares_organ(other) {
            return false;
        }
        let begins_in_time = |a: &Self, b: &Self| match (a.valid_from, b.valid_until) {
            (Some(from), Some(until)) => from <= until,
            _ => true,
        };
        begins_in_time(self, other) && begins_in_time(other, self)
    }
}

/// Returns the policy in force on a day: where the council has one of its own beside it, that of the
/// executive.
pub fn in_force_on(policies: &[Policy], day: Option<NaiveDate>) -> Option<&Policy> {
    let in_force = policies.iter().filter(|policy| policy.is_in_force_on(day));
    in_force.min_by_key(|policy| policy.organ() == Some(Organ::Council))
}

/// Returns the policies of the days that a date can be, in their order: `None` stands for days without
/// a policy. A date without a last or first day can be any day after or before.
pub fn possible_on<'a>(
    policies: &'a [Policy],
    on: Option<&ImpreciseDate>,
) -> Vec<Option<&'a Policy>> {
    let first = on.and_then(ImpreciseDate::earliest);
    let last = on.and_then(ImpreciseDate::latest);
    let first = first.unwrap_or(NaiveDate::MIN);
    let begin = policies.iter().filter_map(|policy| policy.valid_from);
    let ends = policies
        .iter()
        .filter_map(|policy| policy.valid_until?.succ_opt());
    let within = |day: &NaiveDate| first < *day && last.is_none_or(|last| *day <= last);
    let changes: BTreeSet<NaiveDate> = begin.chain(ends).filter(within).collect();
    let days = std::iter::once(first).chain(changes);
    let mut possible: Vec<_> = days.map(|day| in_force_on(policies, Some(day))).collect();
    possible.dedup();
    possible
}

/// Returns the first council session that begins after a day, among the sessions of all policies.
pub fn next_session(policies: &[Policy], day: NaiveDate) -> Option<&CouncilSession> {
    let rules = policies.iter().filter_map(|p| p.council_report.as_ref());
    let later = rules
        .flat_map(|rule| &rule.sessions)
        .filter(|s| s.from > day);
    later.min_by_key(|session| (session.from, session.until))
}

/// Checks that no two policies are in force on the same day, unless one is the executive's and the other
/// the council's.
///
/// # Errors
/// `overlapping_policies`, at each policy that overlaps an earlier one.
pub fn check_no_overlap(policies: &[Policy]) -> Result<(), ValidationError> {
    let overlapping = policies.iter().enumerate().filter_map(|(i, policy)| {
        let before = policies[..i].iter();
        let mut before = before.enumerate().filter(|(_, p)| policy.overlaps(p));
        let (j, _) = before.next()?;
        Some(rule_error(
            "overlapping_policies",
            &format!("/policies/{i}/valid_from"),
            &format!("/policies/{j}와 유효기간이 겹칩니다."),
            &format!("Its validity overlaps that of /policies/{j}."),
        ))
    });
    merge_errors(overlapping)
}

#[cfg(test)]
mod tests;
