//! Agreements that were perhaps recorded twice: alike in title, day and parties.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::doc::Doc;
use super::sharing;
use super::types::{AgreementContent, AgreementStatus};
use crate::db::schema::{agreement_links, agreement_parties, agreements};
use crate::db::{AnyConnection, Json, Name, in_list};
use crate::directory::names::names;
use crate::kernel::error::ApiError;
use crate::kernel::ids::AgreementId;
use crate::kernel::language::Message;
use crate::kernel::text::squeeze;
use crate::kernel::values::{AgreementRef, Localized, Warning, stored_id};
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
    if !sharing::works_for_one(cx, doc) || doc.status().is_void() {
        return Ok(None);
    }
    let mut others: Vec<Other> = a::table
        .filter(in_list(
            a::municipality_id,
            sharing::owners(doc).map(|id| id.to_string()),
        ))
        .filter(a::title_key.eq(title_key(&doc.content)))
        .filter(a::id.ne(id.to_string()))
        .filter(Scope::of(&cx.caller, "agreements"))
        .select(Other::as_select())
        .order(a::id.desc())
        .limit(MOST)
        .load(conn)?;
    others.retain(|other| !other.status.0.is_void() && may_share_the_day(doc, other));
    let linked = linked(conn, id, doc, &others)?;
    others.retain(|other| !linked.contains(&other.id));
    if others.is_empty() {
        return Ok(None);
    }
    let mut parties = parties_of(conn, &others)?;
    let own = own_parties(conn, doc)?;
    others.retain(|other| parties.remove(&other.id).unwrap_or_default() == own);
    let found = others.into_iter().map(|other| {
        Ok(AgreementRef {
            id: stored_id(&other.id)?,
            title: other.title.0,
        })
    });
    let found: Vec<AgreementRef> = found.collect::<Result<_, ApiError>>()?;
    Ok((!found.is_empty()).then(|| Warning {
        agreements: found,
        ..Warning::new(
            "similar_agreement",
            "/title",
            Message::fixed(
                "제목, 체결일, 당사자가 같은 협약이 이미 있습니다. 두 번 등록하지 않았는지 확인하십시오.",
                "Another agreement has the same title, day and parties. Check that it was not recorded twice.",
            ),
        )
    }))
}

/// Another agreement with the same title, as far as it is compared.
#[derive(Queryable, Selectable)]
#[diesel(table_name = agreements)]
struct Other {
    id: String,
    title: Json<Localized>,
    status: Name<AgreementStatus>,
    /// Empty if no day of signing is stated.
    sort_signed: String,
    signed_earliest: Option<NaiveDate>,
    signed_latest: Option<NaiveDate>,
    supersedes_id: Option<String>,
}

/// Returns the ids of the agreements that the agreement renews, implements, amends, continues or is an
/// annex to, and of those among `others` that name it so.
fn linked(
    conn: &mut AnyConnection,
    id: AgreementId,
    doc: &Doc,
    others: &[Other],
) -> Result<BTreeSet<String>, ApiError> {
    use agreement_links as l;
    let content = &doc.content;
    let own = [
        content.supersedes_id,
        content.implements_id,
        content.annex_to_id,
        content.amends_id,
    ];
    let id = id.to_string();
    let superseding = others
        .iter()
        .filter(|other| other.supersedes_id.as_ref() == Some(&id));
    let superseding = superseding.map(|other| other.id.clone());
    let own = own.into_iter().flatten();
    let own = own.chain(content.continues_ids.iter().copied());
    let mut linked: BTreeSet<String> = own.map(|id| id.to_string()).collect();
    linked.extend(superseding);
    let naming = l::table
        .filter(l::base_id.eq(&id))
        .filter(in_list(
            l::agreement_id,
            others.iter().map(|other| &other.id),
        ))
        .select(l::agreement_id);
    let naming: Vec<String> = naming.load(conn)?;
    linked.extend(naming);
    Ok(linked)
}

/// Returns the parties of agreements, each as the organization into which it was merged.
fn parties_of(
    conn: &mut AnyConnection,
    others: &[Other],
) -> Result<BTreeMap<String, BTreeSet<String>>, ApiError> {
    use agreement_parties as p;
    let ids = others.iter().map(|other| &other.id);
    let rows: Vec<(String, String)> = p::table
        .filter(in_list(p::agreement_id, ids))
        .select((p::agreement_id, p::organization_id))
        .load(conn)?;
    let mut parties: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (agreement, organization) in rows {
        parties.entry(agreement).or_default().insert(organization);
    }
    Ok(parties)
}

fn own_parties(conn: &mut AnyConnection, doc: &Doc) -> Result<BTreeSet<String>, ApiError> {
    let parties = || {
        doc.parties
            .iter()
            .map(|party| party.content.organization_id)
    };
    let names = names(conn, parties())?;
    Ok(parties().map(|id| names.survivor(id).to_string()).collect())
}

/// Returns whether two agreements can have been signed on one day. What is still to be signed
/// shares no day with what was signed.
fn may_share_the_day(one: &Doc, other: &Other) -> bool {
    match &one.content.signed_on {
        Some(on) if !other.sort_signed.is_empty() => {
            let is_after = |a: Option<_>, b: Option<_>| a.zip(b).is_some_and(|(a, b)| a > b);
            !is_after(on.earliest(), other.signed_latest)
                && !is_after(other.signed_earliest, on.latest())
        }
        _ => one.was_signed() == other.status.0.is_signed(),
    }
}
