//! Terms that renew automatically: the last day of each, and the day by which a notice stops the
//! renewal. Pure.

use chrono::NaiveDate;
use validator::ValidationError;

use super::types::AgreementContent;
use crate::kernel::rule::rule_error;
pub use crate::kernel::values::{CurrentTerm, RenewalTerms};

/// Terms that are looked at, far beyond any agreement.
const MOST: u32 = 1200;

/// Returns the term that runs on a day; `None` if the agreement does not renew or the last day of its
/// first term is not known.
pub fn current_term(content: &AgreementContent, day: NaiveDate) -> Option<CurrentTerm> {
    let (first, renewal) = renewing(content)?;
    renewal.terms(first, MOST).find(|term| day <= term.until)
}

/// Terms whose notices are listed.
const NOTICES: u32 = 60;

/// Returns the ordinal of each term and the last day for a notice against the renewal that follows it,
/// in order.
pub fn notices(content: &AgreementContent) -> impl Iterator<Item = (u32, NaiveDate)> {
    let terms = renewing(content).into_iter();
    let terms = terms.flat_map(|(first, renewal)| renewal.terms(first, NOTICES));
    terms.map_while(|term| Some((term.number, term.notice_by?)))
}

/// Returns the last day of the first term, and how it renews.
fn renewing(content: &AgreementContent) -> Option<(NaiveDate, RenewalTerms)> {
    let until = content.effective_until.as_ref()?;
    let first = until
        .earliest()
        .filter(|day| until.latest() == Some(*day))?;
    Some((first, content.renewal?))
}

/// Returns an error if the terms of renewal are given for an agreement that does not renew.
pub fn not_renewing(content: &AgreementContent) -> Option<ValidationError> {
    let wrong = content.renewal.is_some() && content.auto_renews != Some(true);
    wrong.then(|| {
        rule_error(
            "not_renewing",
            "/renewal",
            "auto_renews가 true인 협약에만 쓸 수 있습니다.",
            "Only an agreement with auto_renews true renews.",
        )
    })
}
