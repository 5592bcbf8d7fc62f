//! Agreements that were perhaps recorded twice: alike in title, day and parties.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::doc::Doc;
use super::sharing;
use super::types::{AgreementContent, AgreementStatus};
use crate::db::schema::agreements;
use crate::db::{AnyConnection, in_list};
use crate::directory::names::names;
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, OrganizationId};
use crate::kernel::language::Message;
use crate::kernel::text::squeeze;
use crate::kernel::values::{AgreementRef, Warning, stored, stored_id};
use crate::ledger::{RequestContext, Scope};

/// The number of agreements with one title that are compared, the newest ones.
const MOST: i64 = 50;

/// Returns the form in which titles count as equal: without spaces and punctuation.
pub(super) fn title_key(content: &AgreementContent) -> String {
    let title = content.title.texts().next().unwrap_or_default();
    squeeze(title).chars().take(200).collect()
}

/// Returns a warning that names the other agreements of its municipalities that are alike: one that
/// several share is perhaps also recorded by one of them alone. Only their own staff are warned.
pub(super) fn warning(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    doc: &Doc,
) -> Result<Option<Warning>, ApiError> {
    use agreements as a;
    if !sharing::works_for_one(cx, doc) || is_given_up(doc) {
        return Ok(None);
    }
    let rows: Vec<(String, String)> = a::table
        .filter(in_list(
            a::municipality_id,
            sharing::owners(doc).map(|id| id.to_string()),
        ))
        .filter(a::title_key.eq(title_key(&doc.content)))
        .filter(a::id.ne(id.to_string()))
        .filter(Scope::of(&cx.caller, "agreements"))
        .select((a::id, a::doc))
        .order(a::id.desc())
        .limit(MOST)
        .load(conn)?;
    let mut others: Vec<(AgreementId, Doc)> = Vec::with_capacity(rows.len());
    for (other, text) in rows {
        others.push((stored_id(&other)?, stored(&text)?));
    }
    others.retain(|(other, then)| {
        let linked = refers(doc, *other) || refers(then, id);
        !linked && !is_given_up(then) && may_share_the_day(doc, then)
    });
    if others.is_empty() {
        return Ok(None);
    }
    let all = others.iter().map(|(_, other)| other).chain([doc]);
    let names = names(conn, all.flat_map(parties))?;
    let survivors = |doc: &Doc| -> BTreeSet<OrganizationId> {
        parties(doc).map(|id| names.survivor(id)).collect()
    };
    let own = survivors(doc);
    others.retain(|(_, other)| survivors(other) == own);
    let reference = |(id, other): (AgreementId, Doc)| AgreementRef {
        id,
        title: other.content.title,
    };
    let found: Vec<AgreementRef> = others.into_iter().map(reference).collect();
    Ok((!found.is_empty()).then(|| Warning {
        agreements: found,
        ..Warning::new(
            "similar_agreement",
            "/title",
            Message::fixed(
                "제목, 체결일, 당사자가 같은 협약이 이미 있습니다. 두 번 등록하지 않았는지 확인하세요.",
                "Another agreement has the same title, day and parties. Check that it was not recorded twice.",
            ),
        )
    }))
}

fn parties(doc: &Doc) -> impl Iterator<Item = OrganizationId> {
    doc.parties
        .iter()
        .map(|party| party.content.organization_id)
}

fn is_given_up(doc: &Doc) -> bool {
    matches!(
        doc.status(),
        AgreementStatus::Withdrawn | AgreementStatus::Voided
    )
}

/// Returns whether an agreement names another one as what it renews, implements or amends.
fn refers(doc: &Doc, other: AgreementId) -> bool {
    let content = &doc.content;
    let named = [
        content.supersedes_id,
        content.implements_id,
        content.annex_to_id,
        content.amends_id,
    ];
    named.contains(&Some(other))
}

/// Returns whether two agreements can have been signed on one day. What is still to be signed
/// shares no day with what was signed.
fn may_share_the_day(one: &Doc, other: &Doc) -> bool {
    match (&one.content.signed_on, &other.content.signed_on) {
        (Some(one), Some(other)) => {
            let later = one
                .earliest()
                .zip(other.latest())
                .is_some_and(|(a, b)| a > b);
            let before = one
                .latest()
                .zip(other.earliest())
                .is_some_and(|(a, b)| a < b);
            !later && !before
        }
        _ => one.was_signed() == other.was_signed(),
    }
}
