//! Checks of signings against the policy. A signing without a required fact is refused; one long
//! past gets a warning instead; an approved agreement gets the warning in advance, since the
//! council can be asked between approval and signing.

use chrono::{Days, NaiveDate};

use super::prior::{possible_duties, prior, prior_demand, why_not_counted};
use super::rules::step;
use super::types::Derived;
use crate::agreements::doc::Doc;
use crate::agreements::sharing::with_acts_of;
use crate::agreements::types::{AgreementStatus as Status, Transition};
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::language::Message;
use crate::kernel::legal_days::months_after;
use crate::kernel::member_names::member_name;
use crate::kernel::values::{ImpreciseDate, Warning};
use crate::projections::policies;
use crate::projections::policies::{DutyKind, Policy, PriorDemand, RequiredFact};

/// Requirements of the policy that a signing does not meet.
#[derive(Default)]
struct Unmet {
    /// JSON Pointers of the missing facts.
    facts: Vec<String>,
    /// The unfulfilled council duty, unless the signing was urgent, and why a recorded action does
    /// not count.
    council: Option<(Derived, Option<Message>)>,
    /// Council duties that possibly apply, each with the JSON Pointer of the missing fact that
    /// decides it.
    possible: Vec<(&'static str, Derived)>,
}

impl Unmet {
    /// Keeps what another policy demands as well.
    fn and(mut self, other: Self) -> Self {
        let kind = |unmet: &Option<(Derived, _)>| unmet.as_ref().map(|(duty, _)| duty.kind);
        let is_same = kind(&self.council) == kind(&other.council);
        self.facts.retain(|fact| other.facts.contains(fact));
        self.council = self.council.filter(|_| is_same);
        self.possible.retain(|(at, duty)| {
            let mut others = other.possible.iter();
            others.any(|(other, one)| other == at && one.kind == duty.kind)
        });
        self
    }
}

/// Returns what the policies of all days that a signing can be of demand, and it did not meet.
fn unmet_by(doc: &Doc, policies: &[Policy], signing: &Transition) -> Unmet {
    let unmet = |policy: &Policy| Some(unmet_under(doc, policy, Some(signing)));
    let each = under_each(policies, signing.on.as_ref(), unmet).into_iter();
    each.reduce(Unmet::and).unwrap_or_default()
}

/// Returns what follows from each policy that may have been in force on a day, which may be imprecise;
/// nothing if one of its days has no policy, or one from which nothing follows.
fn under_each<T>(
    policies: &[Policy],
    on: Option<&ImpreciseDate>,
    derive: impl Fn(&Policy) -> Option<T>,
) -> Vec<T> {
    let possible = policies::possible_on(policies, on).into_iter();
    let each: Option<Vec<T>> = possible.map(|policy| derive(policy?)).collect();
    each.unwrap_or_default()
}

/// Returns the requirements of a policy that a past or future signing does not meet.
fn unmet_under(doc: &Doc, policy: &Policy, signing: Option<&Transition>) -> Unmet {
    let facts = policy.required_at_signing.iter();
    let council = prior(doc, policy, signing);
    let urgent = signing.is_some_and(|step| step.urgent.is_some());
    let council = council.filter(|duty| duty.done_by.is_none() && !urgent);
    Unmet {
        facts: facts.flat_map(|fact| missing_at(doc, *fact)).collect(),
        council: council.map(|duty| {
            let why_not = why_not_counted(doc, duty.kind, signing);
            (duty, why_not)
        }),
        possible: possible_duties(doc, policy, signing),
    }
}

/// Whether an agreement was signed under a policy that demands an approval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ApprovalDemand {
    #[default]
    None,
    /// It is not known on which day it was signed, and the policy of one of the days demands one.
    Possible,
    Certain,
}

/// Returns whether the agreement was signed under a policy that demands an approval: it names those
/// who approve, or demands the council's consent. The policy is that of the last day of signing; where
/// there is none, each that was in force by the day on which the signing was recorded.
pub fn approval_demand(doc: &Doc, policies: &[Policy]) -> ApprovalDemand {
    let Some(signing) = step(doc, Status::Signed) else {
        return ApprovalDemand::None;
    };
    let policies = policies::applying(policies, doc.content.kind, doc.content.concluded_by);
    let demands = |policy: &Policy| {
        policy.approver_ids.is_some() || prior_demand(doc, policy) == Some(PriorDemand::Consent)
    };
    let on = signing.on.as_ref();
    let last = on.and_then(ImpreciseDate::latest);
    if policies::in_force_on(&policies, last).is_some_and(demands) {
        return ApprovalDemand::Certain;
    }
    // In any time zone, it was recorded by the end of the next day.
    let recorded = signing.recorded_at.date_naive() + Days::new(1);
    let first = on.and_then(ImpreciseDate::earliest);
    let is_possible = |policy: &&Policy| {
        policy.valid_from.is_none_or(|from| from <= recorded)
            && first.is_none_or(|first| policy.valid_until.is_none_or(|until| first <= until))
    };
    let is_open = on.is_none_or(|on| on.latest().is_none());
    match is_open && policies.iter().filter(is_possible).any(demands) {
        true => ApprovalDemand::Possible,
        false => ApprovalDemand::None,
    }
}

/// Returns the facts that an agreement lacks which is not signed yet, of those that the policy in force
/// on a day demands before a signing.
pub fn lacking(doc: &Doc, policies: &[Policy], day: NaiveDate) -> Vec<RequiredFact> {
    let waits = matches!(
        doc.status(),
        Status::Draft | Status::InReview | Status::Approved
    );
    let policies = policies::applying(policies, doc.content.kind, doc.content.concluded_by);
    let policy = policies::in_force_on(&policies, Some(day)).filter(|_| waits);
    let demanded = policy
        .into_iter()
        .flat_map(|policy| &policy.required_at_signing);
    let lacks = demanded.filter(|fact| !missing_at(doc, **fact).is_empty());
    lacks.copied().collect()
}

/// Warns that no approval is recorded of an agreement that was signed under a policy that names who
/// approves. That the council did not consent has a warning of its own.
fn unapproved(doc: &Doc, policy: &Policy) -> Option<Warning> {
    let lacks = step(doc, Status::Approved).is_none() && policy.approver_ids.is_some();
    lacks.then(|| {
        let message = Message::fixed(
            "체결일의 정책은 승인자를 정하는데, 승인 단계가 등록되어 있지 않습니다.",
            "The policy of the day of signing names who approves; no approval is recorded.",
        );
        warning(
            "signed_without_approval",
            "/transitions".to_owned(),
            message,
        )
    })
}

fn warning(code: &str, pointer: String, message: Message) -> Warning {
    Warning {
        code: code.into(),
        pointer,
        message,
        organizations: Vec::new(),
        agreements: Vec::new(),
    }
}

/// Returns the warnings about a signing. For an agreement approved as of `day`: requirements that
/// would refuse its signing on that day. For a signed agreement: requirements that were not met.
/// For both: council duties that possibly apply, which people have to clarify and which refuse
/// nothing.
pub fn warnings(doc: &Doc, policies: &[Policy], day: NaiveDate) -> Vec<Warning> {
    if doc.transitions.is_empty() || doc.status().is_void() {
        return Vec::new();
    }
    let policies = &policies::applying(policies, doc.content.kind, doc.content.concluded_by);
    let Some(signing) = step(doc, Status::Signed) else {
        let policy = policies::in_force_on(policies, Some(day));
        let approved = policy.filter(|_| doc.status() == Status::Approved);
        let mut all = approved.map_or_else(Vec::new, |policy| warnings_of_approved(doc, policy));
        all.extend(policy.and_then(|policy| term_too_long(doc, policy)));
        return all;
    };
    let on = signing.on.as_ref();
    let mut all = warnings_of_signed(doc, policies, signing);
    all.extend(under_each(policies, on, |policy| term_too_long(doc, policy)).pop());
    all.extend(under_each(policies, on, |policy| unapproved(doc, policy)).pop());
    all.extend(policy_unknown(policies, on));
    all
}

/// Warns that the day of signing is too imprecise to tell under which policy it was, where they demand
/// different things. A day that is not known at all is a gap.
fn policy_unknown(policies: &[Policy], on: Option<&ImpreciseDate>) -> Option<Warning> {
    on?.latest()?;
    let possible = policies::possible_on(policies, on);
    let (first, others) = possible.split_first()?;
    let is_like = |one: &Option<&Policy>| match (first, one) {
        (Some(first), Some(one)) => first.demands_like(one),
        (first, one) => first.is_none() && one.is_none(),
    };
    (!others.iter().all(is_like)).then(|| {
        let message = Message::fixed(
            "체결일이 정밀하지 않아 어느 때의 정책에 따르는지 알 수 없습니다. 그 날들의 정책이 모두 요구하는 것만 의무로 봅니다.",
            "The day of signing is too imprecise to tell which policy applies: only what the policies of all its days demand counts as a duty.",
        );
        warning("policy_unknown", "/signed_on".to_owned(), message)
    })
}

/// Warns that an agreement certainly lasts longer than a policy allows.
fn term_too_long(doc: &Doc, policy: &Policy) -> Option<Warning> {
    let months = policy.maximum_term_months?;
    let content = &doc.content;
    let starts = content
        .effective_from
        .as_ref()
        .or(content.signed_on.as_ref());
    let last = months_after(starts?.latest()?, months)?;
    let ends = content.effective_until.as_ref()?;
    ends.starts_after(last).then(|| {
        let message = Message::new(
            format!("조례가 정한 유효기간의 한도({months}개월)를 넘습니다."),
            format!("This exceeds the longest term that the policy allows, {months} months."),
        );
        warning("term_too_long", "/effective_until".to_owned(), message)
    })
}

/// Returns the requirements that block the next transition of an approved agreement.
fn warnings_of_approved(doc: &Doc, policy: &Policy) -> Vec<Warning> {
    let Unmet {
        facts,
        council,
        possible,
    } = unmet_under(doc, policy, None);
    let code = "demanded_before_signing";
    let facts = facts.into_iter().map(|at| {
        let FieldError { message, .. } = required_at_signing(at.clone());
        warning(code, at, message)
    });
    let council = council.map(|(duty, why_not)| {
        let at = "/council_actions".to_owned();
        warning(code, at, council_required(&duty, why_not.as_ref()))
    });
    let possible = possible.into_iter().map(uncertain);
    facts.chain(council).chain(possible).collect()
}

/// Returns the requirements not met by an agreement recorded as signed, too late to refuse it.
fn warnings_of_signed(doc: &Doc, policies: &[Policy], signing: &Transition) -> Vec<Warning> {
    let Unmet {
        facts,
        council,
        possible,
    } = unmet_by(doc, policies, signing);
    let code = "demanded_at_signing";
    let facts = facts.into_iter().map(|at| {
        let fact = named(&at);
        let message = Message::new(
            format!(
                "이 지방자치단체의 정책은 체결 전에 다음을 요구했습니다: {}.",
                fact.ko
            ),
            format!(
                "The municipality's policy wanted this before the agreement was signed: {}.",
                fact.en
            ),
        );
        warning(code, at, message)
    });
    let council = council.map(|(duty, why_not)| {
        let (ko, en) = match duty.kind {
            DutyKind::Consent => (
                "체결 전에 의회의 동의가 있어야 했으나 인정되는 동의가 등록되어 있지 않습니다.",
                "The council was to consent before this was signed; no consent that counts is recorded.",
            ),
            _ => (
                "체결 전에 의회에 보고해야 했으나 인정되는 보고가 등록되어 있지 않습니다.",
                "The council was to be told before this was signed; no report that counts is recorded.",
            ),
        };
        let (why_ko, why_en) = continuation(why_not.as_ref());
        let message = Message::new(format!("{ko}{why_ko}"), format!("{en}{why_en}"));
        warning(code, "/council_actions".to_owned(), message)
    });
    let possible = possible.into_iter().map(uncertain);
    facts.chain(council).chain(possible).collect()
}

/// Returns a further sentence with a leading space, or nothing.
fn continuation(more: Option<&Message>) -> (String, String) {
    more.map_or_else(Default::default, |more| {
        (format!(" {}", more.ko), format!(" {}", more.en))
    })
}

/// Returns the legal basis of a duty in words.
fn basis(duty: &Derived) -> (&str, &str) {
    let basis = duty.legal_basis.as_deref();
    (
        basis.unwrap_or("근거 미상"),
        basis.unwrap_or("its legal basis is not stated"),
    )
}

/// Warns that a council duty is uncertain because a fact is missing.
fn uncertain((at, duty): (&'static str, Derived)) -> Warning {
    let (fact_ko, fact_en) = match at {
        "/public_property" => (
            "공유재산이 관련되는지",
            "Whether it involves public property",
        ),
        "/restricts_rights" => (
            "주민의 권리를 제한하는지",
            "Whether it restricts rights of residents",
        ),
        _ => ("재정 부담이 있는지", "Whether it costs money"),
    };
    let (council_ko, council_en) = match duty.kind {
        DutyKind::Consent => ("의회의 동의가", "the council has to consent"),
        _ => ("의회 보고가", "the council has to be told"),
    };
    let (ko, en) = basis(&duty);
    let member = at.trim_start_matches('/');
    let message = Message::new(
        format!(
            "{fact_ko} 알 수 없어, 체결 전에 {council_ko} 필요한지 알 수 없습니다 ({ko}). {member}에 등록하면 알 수 있습니다."
        ),
        format!(
            "{fact_en} is not known, nor, for that, whether {council_en} before it is signed ({en}): record {member}."
        ),
    );
    warning("not_known_whether_demanded", at.to_owned(), message)
}

/// Checks an agreement recorded as signed today as strictly as a signing transition. Earlier
/// signings are recorded as they were, with [`warnings`].
///
/// # Errors
/// Like [`check_signing`].
pub fn check_recorded_signing(
    doc: &Doc,
    policies: &[Policy],
    today: NaiveDate,
) -> Result<(), ApiError> {
    let signing = step(doc, Status::Signed).filter(|_| !doc.status().is_void());
    let is_today = |step: &&Transition| {
        let on = step.on.as_ref();
        on.is_some_and(|on| on.earliest() == Some(today) && on.latest() == Some(today))
    };
    match signing.filter(is_today) {
        Some(signing) => check_signing(doc, policies, signing, today)
            .map_err(|error| error.pointing("/to", "/status")),
        None => Ok(()),
    }
}

/// Checks a signing against the policy of the owner on its day, or on the present day where its own is
/// known in words alone. What the policies of co-owners demand refuses nothing: only they can see to it,
/// and [`warnings`] name it.
///
/// # Errors
/// `validation_failed`, naming each missing fact; `duty_stands_in_the_way` if the council did not
/// consent or was not informed, unless the signing is urgent.
pub fn check_signing(
    doc: &Doc,
    policies: &[Policy],
    signing: &Transition,
    today: NaiveDate,
) -> Result<(), ApiError> {
    let policies = policies::applying(policies, doc.content.kind, doc.content.concluded_by);
    let doc = &with_acts_of(doc, doc.municipality_id);
    let day = signing.on.as_ref().and_then(ImpreciseDate::latest);
    let policy = policies::in_force_on(&policies, Some(day.unwrap_or(today)));
    let unmet = policy.map(|policy| unmet_under(doc, policy, Some(signing)));
    let Unmet { facts, council, .. } = unmet.unwrap_or_default();
    let mut wrong: Vec<FieldError> = facts.into_iter().map(required_at_signing).collect();
    let council = council.map(|(duty, why_not)| {
        let said = council_required(&duty, why_not.as_ref());
        FieldError::body("/to", duty.kind.as_str(), said)
    });
    match council {
        None if wrong.is_empty() => Ok(()),
        Some(council) if wrong.is_empty() => {
            let Message { ko, en } = council.message.clone();
            Err(ApiError::with(Code::DutyInTheWay, ko, en).and(vec![council]))
        }
        council => {
            wrong.extend(council);
            Err(ApiError::invalid(wrong))
        }
    }
}

/// Describes the council duty before the signing: its basis, the council action that fulfils it,
/// and why a recorded action does not.
fn council_required(duty: &Derived, why_not: Option<&Message>) -> Message {
    let ((first_ko, first_en), (ko, en)) = match duty.kind {
        DutyKind::Consent => (
            (
                "체결 전에 의회의 동의가 필요합니다",
                "The council has to consent before this is signed",
            ),
            (
                "체결을 두고 체결일이나 그 전에 가결된 의회 동의를 등록하면 충족됩니다.",
                "of the kind consent with the occasion signing and the result accepted, of the day of signing or before",
            ),
        ),
        _ => (
            (
                "체결 전에 의회에 보고해야 합니다",
                "The council has to be told before this is signed",
            ),
            (
                "체결을 두고 체결일이나 그 전에 한 의회 사전 보고를 등록하면 충족됩니다.",
                "of the kind prior_report with the occasion signing, of the day of signing or before",
            ),
        ),
    };
    let (basis_ko, basis_en) = basis(duty);
    let (why_ko, why_en) = continuation(why_not);
    Message::new(
        format!(
            "{first_ko} ({basis_ko}). {ko}{why_ko} 긴급하면 긴급 사유(urgent)를 밝히고 나중에 보고합니다."
        ),
        format!(
            "{first_en} ({basis_en}): record a council action {en}.{why_en} Where it is urgent, say why in urgent and report later."
        ),
    )
}

/// Returns the JSON Pointers at which an agreement lacks a required fact.
fn missing_at(doc: &Doc, fact: RequiredFact) -> Vec<String> {
    let content = &doc.content;
    let (missing, at) = match fact {
        RequiredFact::Signatories => {
            let parties = doc.parties.iter().enumerate();
            let lacking = parties.filter(|(_, p)| !p.content.has_known_signatory());
            return lacking
                .map(|(i, _)| format!("/parties/{i}/signatory"))
                .collect();
        }
        RequiredFact::LeadDepartment => (content.lead_department.is_none(), "/lead_department"),
        RequiredFact::EffectiveUntil => (content.effective_until.is_none(), "/effective_until"),
        RequiredFact::LegallyBinding => (content.legally_binding.is_none(), "/legally_binding"),
        RequiredFact::FinancialObligation => (
            content.financial_obligation.is_none(),
            "/financial_obligation",
        ),
        RequiredFact::PublicProperty => (content.public_property.is_none(), "/public_property"),
        RequiredFact::Commitments => (doc.commitments.is_empty(), "/commitments"),
        RequiredFact::Documents => (doc.documents.is_empty(), "/documents"),
        RequiredFact::Sources => (content.sources.is_empty(), "/sources"),
        RequiredFact::PartnerReview => (
            content.partner_reviewed_on.is_none(),
            "/partner_reviewed_on",
        ),
    };
    missing.then(|| at.to_owned()).into_iter().collect()
}

fn required_at_signing(at: String) -> FieldError {
    let fact = named(&at);
    let message = Message::new(
        format!(
            "이 지방자치단체의 정책은 체결 전에 다음을 요구합니다: {}.",
            fact.ko
        ),
        format!(
            "The municipality's policy wants this before an agreement is signed: {}.",
            fact.en
        ),
    );
    FieldError::body(at, "required_at_signing", message)
}

/// Returns the name of the member to which a pointer leads.
fn named(at: &str) -> Message {
    member_name(at.rsplit('/').next().unwrap_or_default())
}

#[cfg(test)]
#[path = "signing_tests.rs"]
mod tests;
