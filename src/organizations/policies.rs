//! What a municipality's ordinance (업무협약 관리 조례) demands of its agreements, and since when.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::agreements::duties::types::DutyKind;
use crate::error::ApiError;
use crate::http::body::{broken, none_broken};
use crate::values::{stored, to_stored};

/// The ordinance that a policy is taken from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct PolicyReference {
    /// Its title.
    #[schema(
        max_length = 300,
        pattern = r"\S",
        example = "부산광역시 업무협약 관리 조례"
    )]
    pub title: String,
    /// The article that is meant, where none of `articles` is; null for the whole.
    #[schema(max_length = 100, pattern = r"\S", example = "제7조")]
    pub article: Option<String>,
    /// Where it can be read: an http or https address.
    #[schema(max_length = 2000, format = "uri", example = "https://www.law.go.kr/")]
    pub url: Option<String>,
    /// The articles that demand the one or the other duty; of two for the same the first counts.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 20)]
    pub articles: Vec<PolicyArticle>,
}

/// The article of an ordinance that demands a sort of duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct PolicyArticle {
    /// What it demands.
    pub kind: DutyKind,
    /// The article.
    #[schema(max_length = 100, pattern = r"\S", example = "제9조제2항")]
    pub article: String,
}

impl PolicyReference {
    /// What a sort of duty rests on in words, as a notice cites it.
    pub fn words(&self, kind: DutyKind) -> String {
        let own = self.articles.iter().find(|own| own.kind == kind);
        let article = own.map(|own| &own.article).or(self.article.as_ref());
        let parts = std::iter::once(&self.title).chain(article);
        parts.map(String::as_str).collect::<Vec<_>>().join(" ")
    }
}

/// A session of the council (회기).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "session_in_order", skip_on_field_errors = false))]
pub struct CouncilSession {
    /// What it is called; null where that is not stated.
    #[schema(max_length = 200, pattern = r"\S", example = "제300회 임시회")]
    pub name: Option<String>,
    /// Its first day.
    #[schema(example = "2026-12-01")]
    pub from: NaiveDate,
    /// Its last day, by which a report "in the next session" is made.
    #[schema(example = "2026-12-18")]
    pub until: NaiveDate,
}

fn session_in_order(session: &CouncilSession) -> Result<(), ValidationError> {
    none_broken((session.until < session.from).then(|| reversed("/until")))
}

fn reversed(at: &str) -> ValidationError {
    broken(
        "reversed",
        at,
        "끝나는 때가 시작하는 때보다 앞섭니다.",
        "This ends before it begins.",
    )
}

/// On what the council wants a report, and by when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "is_consistent", skip_on_field_errors = false))]
pub struct CouncilReportRule {
    /// Within how many days of the signing, completion or termination; null where none are set.
    #[schema(minimum = 1, maximum = 3650, example = 50)]
    pub within_days: Option<u32>,
    /// Whether it is made in the council's next session instead: the first that begins after the day
    /// that is reported.
    #[serde(default)]
    pub in_next_session: bool,
    /// The council's sessions, in their order, as far as they are known. Those of all policies count
    /// for each: the last day of the next session is the day by which its report is due. Until it is
    /// recorded here nobody can tell that day, and no such report is overdue.
    #[serde(default)]
    #[validate(nested)]
    #[schema(max_items = 200)]
    pub sessions: Vec<CouncilSession>,
    /// Whether a signing is reported.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub on_signing: bool,
    /// Whether a completion is reported.
    #[serde(default)]
    pub on_completion: bool,
    /// Whether a termination is reported.
    #[serde(default)]
    pub on_termination: bool,
}

fn yes() -> bool {
    true
}

/// One span is demanded, and the sessions follow one another.
fn is_consistent(rule: &CouncilReportRule) -> Result<(), ValidationError> {
    let two_spans = (rule.within_days.is_some() && rule.in_next_session).then(|| {
        broken(
            "one_of_two",
            "/in_next_session",
            "within_days가 있으면 false여야 합니다.",
            "This must be false where within_days is given.",
        )
    });
    let pairs = rule.sessions.windows(2).enumerate();
    let wrong = pairs.filter(|(_, pair)| pair[1].from <= pair[0].until);
    let too_early = wrong.map(|(before, _)| {
        broken(
            "out_of_order",
            &format!("/sessions/{}/from", before + 1),
            "앞 회기가 끝난 뒤에 시작해야 합니다.",
            "This does not begin after the session before has ended.",
        )
    });
    none_broken(two_spans.into_iter().chain(too_early))
}

/// What the council wants before a signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PriorDemand {
    /// To be told.
    Report,
    /// To consent.
    Consent,
}

/// What the council wants before an agreement is signed, by what it involves. Where nobody knows what it
/// involves, nothing is demanded, and the agreement has a warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
pub struct PriorConsentRule {
    /// Of one that costs money; null for nothing.
    pub money: Option<PriorDemand>,
    /// Of one that involves public property; null for nothing.
    pub property: Option<PriorDemand>,
}

/// A fact without which an agreement is not signed.
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
}

/// How a municipality handles its agreements during some time. What is null is not demanded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[validate(schema(function = "in_order", skip_on_field_errors = false))]
pub struct Policy {
    /// The first day on which it holds; null where it always did.
    #[schema(example = "2024-01-01")]
    pub valid_from: Option<NaiveDate>,
    /// The last day on which it holds; null while no end is known.
    #[schema(example = json!(null))]
    pub valid_until: Option<NaiveDate>,
    /// The ordinance; null where that is not stated.
    #[validate(nested)]
    pub reference: Option<PolicyReference>,
    /// After how many months at most a signed agreement is reviewed (점검).
    #[schema(minimum = 1, maximum = 240, example = 12)]
    pub review_interval_months: Option<u32>,
    /// The report to the council (의회 보고).
    #[validate(nested)]
    pub council_report: Option<CouncilReportRule>,
    /// What the council wants before a signing, where money or public property is involved.
    #[validate(nested)]
    pub prior_consent: Option<PriorConsentRule>,
    /// Within how many days of its signing an agreement is disclosed on the website.
    #[schema(minimum = 1, maximum = 3650, example = 30)]
    pub disclosure_within_days: Option<u32>,
    /// How many days before its last day in force it is decided whether to renew an agreement.
    #[schema(minimum = 1, maximum = 3650, example = 90)]
    pub renewal_decision_days_before_expiry: Option<u32>,
    /// Who may approve (전결권자), of those whose role lets them: ids of tokens or of subjects of the
    /// single sign-on, as `/me` tells them; null for all of them.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 100, example = json!(null))]
    pub approver_ids: Option<Vec<Uuid>>,
    /// Whether who drafted or changed an agreement may approve it, too.
    #[serde(default)]
    pub self_approval: bool,
    /// The facts without which no agreement is signed.
    #[serde(default)]
    #[schema(max_items = 20, example = json!(["lead_department", "effective_until"]))]
    pub required_at_signing: Vec<RequiredFact>,
    /// After how many months without news an agreement is ageing.
    #[serde(default = "ageing")]
    #[schema(minimum = 1, maximum = 240, default = 12, example = 12)]
    pub ageing_after_months: u32,
    /// After how many months without news an agreement is stale.
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
    /// One that demands nothing, and always did.
    fn default() -> Self {
        Self {
            valid_from: None,
            valid_until: None,
            reference: None,
            review_interval_months: None,
            council_report: None,
            prior_consent: None,
            disclosure_within_days: None,
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
        broken(
            "reversed",
            "/stale_after_months",
            "ageing_after_months보다 작을 수 없습니다.",
            "This cannot be less than ageing_after_months.",
        )
    });
    none_broken(ends_first.into_iter().chain(stale_first))
}

impl Policy {
    /// Whether it holds on a day. Of a day that nobody knows only that is certain which always holds.
    pub fn holds_on(&self, day: Option<NaiveDate>) -> bool {
        match day {
            Some(day) => {
                self.valid_from.is_none_or(|from| from <= day)
                    && self.valid_until.is_none_or(|until| day <= until)
            }
            None => self.valid_from.is_none() && self.valid_until.is_none(),
        }
    }

    /// Whether it ends before it begins, and so never holds.
    fn is_reversed(&self) -> bool {
        matches!((self.valid_from, self.valid_until), (Some(a), Some(b)) if b < a)
    }

    fn overlaps(&self, other: &Self) -> bool {
        if self.is_reversed() || other.is_reversed() {
            return false;
        }
        let begins_in_time = |a: &Self, b: &Self| match (a.valid_from, b.valid_until) {
            (Some(from), Some(until)) => from <= until,
            _ => true,
        };
        begins_in_time(self, other) && begins_in_time(other, self)
    }
}

/// The policy that holds on a day.
pub fn on(policies: &[Policy], day: Option<NaiveDate>) -> Option<&Policy> {
    policies.iter().find(|policy| policy.holds_on(day))
}

/// The first of the council's sessions that begins after a day, of those that the policies tell.
pub fn next_session(policies: &[Policy], day: NaiveDate) -> Option<&CouncilSession> {
    let rules = policies.iter().filter_map(|p| p.council_report.as_ref());
    let later = rules
        .flat_map(|rule| &rule.sessions)
        .filter(|s| s.from > day);
    later.min_by_key(|session| (session.from, session.until))
}

/// Refuses policies of which two hold on the same day.
///
/// # Errors
/// `overlapping_policies`, at each that holds together with one before it.
pub fn apart(policies: &[Policy]) -> Result<(), ValidationError> {
    let overlapping = policies.iter().enumerate().filter_map(|(i, policy)| {
        let before = policies[..i].iter();
        let mut before = before.enumerate().filter(|(_, p)| policy.overlaps(p));
        let (j, _) = before.next()?;
        Some(broken(
            "overlapping_policies",
            &format!("/policies/{i}/valid_from"),
            &format!("/policies/{j}와 유효기간이 겹칩니다."),
            &format!("Its validity overlaps that of /policies/{j}."),
        ))
    });
    none_broken(overlapping)
}

/// The policies as they stand beside the document, for the reads of agreements, which need nothing
/// else of it; none where there are none.
///
/// # Errors
/// When they cannot be written as JSON.
pub fn beside(policies: &[Policy]) -> Result<Option<String>, ApiError> {
    let some = (!policies.is_empty()).then_some(&policies);
    some.map(to_stored).transpose()
}

/// What [`beside`] wrote.
///
/// # Errors
/// When it is something else.
pub fn stored_beside(text: Option<&str>) -> Result<Vec<Policy>, ApiError> {
    text.map_or_else(|| Ok(Vec::new()), stored)
}

/// Reads the policies of a document; in older ones there is a single one, which said only who
/// approves.
///
/// # Errors
/// When it is neither.
pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Policy>, D::Error> {
    #[derive(Deserialize)]
    struct Older {
        #[serde(default)]
        self_approval: bool,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        All(Vec<Policy>),
        Older(Older),
    }
    Ok(match Stored::deserialize(deserializer)? {
        Stored::All(policies) => policies,
        Stored::Older(Older { self_approval }) => {
            let only = self_approval.then(|| Policy {
                self_approval,
                ..Policy::default()
            });
            only.into_iter().collect()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(from: Option<&str>, until: Option<&str>) -> Policy {
        let day = |text: &str| text.parse().unwrap();
        Policy {
            valid_from: from.map(day),
            valid_until: until.map(day),
            ..Policy::default()
        }
    }

    #[test]
    fn two_policies_never_hold_on_one_day() {
        let one = policy(None, Some("2023-12-31"));
        let two = policy(Some("2024-01-01"), None);
        assert!(apart(&[one.clone(), two.clone()]).is_ok());
        assert!(apart(&[two.clone(), one.clone()]).is_ok());
        let third = policy(Some("2023-12-31"), Some("2023-12-31"));
        assert!(apart(&[one, two, third.clone()]).is_err());
        assert!(apart(&[policy(None, None), third.clone(), third]).is_err());
        // One that never holds overlaps none.
        let never = policy(Some("2024-01-02"), Some("2024-01-01"));
        assert!(apart(&[policy(None, None), never]).is_ok());
    }

    #[test]
    fn of_an_unknown_day_only_what_always_holds_is_certain() {
        let day = |text: &str| Some(text.parse().unwrap());
        let always = [policy(None, None)];
        assert!(on(&always, None).is_some());
        let since = [policy(Some("2024-01-01"), None)];
        assert!(on(&since, None).is_none());
        assert!(on(&since, day("2023-12-31")).is_none());
        assert!(on(&since, day("2024-01-01")).is_some());
    }

    #[test]
    fn older_documents_are_read() {
        #[derive(Deserialize)]
        struct Doc {
            #[serde(default, alias = "policy", deserialize_with = "read")]
            policies: Vec<Policy>,
        }
        let read = |text: &str| serde_json::from_str::<Doc>(text).unwrap().policies;
        assert_eq!(read("{}"), []);
        assert_eq!(read(r#"{"policy": {"self_approval": false}}"#), []);
        let may = Policy {
            self_approval: true,
            ..Policy::default()
        };
        assert_eq!(
            read(r#"{"policy": {"self_approval": true}}"#),
            std::slice::from_ref(&may)
        );
        assert_eq!(read(r#"{"policies": [{"self_approval": true}]}"#), [may]);
    }
}
