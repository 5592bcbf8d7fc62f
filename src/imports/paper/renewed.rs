//! The earlier agreement that a paper renews or replaces: `2021년 4월 16일 체결한 업무협약을 갱신하기 위하여`.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::lines::{Line, Paper};
use super::marks::leading_day;
use crate::agreements::types::AgreementStatus;
use crate::db::schema::{agreement_parties as ap, agreements as a};
use crate::db::{AnyConnection, in_list};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, OrganizationId};
use crate::kernel::values::{stored_id, to_db};
use crate::kernel::wording::{Context, read_date};

/// Number of characters between a day and the word for signing.
const NEAR: usize = 20;

/// Returns the day on which the earlier agreement was signed, with the sentence that states it.
pub(super) fn renewed(paper: &Paper, this_year: i32) -> Option<(NaiveDate, Line)> {
    const RENEWS: [&str; 6] = ["갱신", "대체", "대신", "재체결", "연장", "변경"];
    let has = |line: &Line, words: &[&str]| words.iter().any(|word| line.text.contains(word));
    // What amends a part lets the rest go on.
    let renews = |line: &Line| has(line, &RENEWS) && !has(line, &["일부"]);
    let sentences = paper.lines().flat_map(Line::sentences).filter(renews);
    let mut found = sentences.filter_map(|line| Some((signing(&line.text, this_year)?, line)));
    found.next()
}

/// Returns the day of which a sentence says that something was signed on it.
fn signing(text: &str, this_year: i32) -> Option<NaiveDate> {
    let mut starts = text.char_indices().filter(|(at, c)| {
        c.is_ascii_digit() && !text[..*at].ends_with(|c: char| c.is_ascii_digit())
    });
    starts.find_map(|(at, _)| {
        let (day, rest) = leading_day(&text[at..])?;
        let near: String = rest.chars().take(NEAR).collect();
        let is_signed = ["체결한", "체결된", "체결하였", "체결했"]
            .iter()
            .any(|word| near.contains(word));
        let date = read_date(day, &Context::past(this_year))
            .value
            .filter(|_| is_signed)?;
        date.earliest().filter(|day| date.latest() == Some(*day))
    })
}

/// Returns the one agreement of a municipality that was signed on a day with one of some partners, and
/// still stands.
pub(super) fn standing(
    conn: &mut AnyConnection,
    owner: OrganizationId,
    day: NaiveDate,
    partners: &[OrganizationId],
) -> Result<Option<AgreementId>, ApiError> {
    let theirs = ap::table
        .filter(in_list(
            ap::organization_id,
            partners.iter().map(OrganizationId::to_string),
        ))
        .select(ap::agreement_id);
    let ids: Vec<String> = a::table
        .filter(a::municipality_id.eq(owner.to_string()))
        .filter(a::status.eq(to_db(&AgreementStatus::Signed)))
        .filter(a::signed_earliest.eq(day))
        .filter(a::signed_latest.eq(day))
        .filter(a::id.eq_any(theirs))
        .select(a::id)
        .limit(2)
        .load(conn)?;
    match &ids[..] {
        [id] => Ok(Some(stored_id(id)?)),
        _ => Ok(None),
    }
}
