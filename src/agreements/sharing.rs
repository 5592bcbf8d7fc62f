//! Agreements of several municipalities: beside the owner, co-owners see them as the owner does and
//! have duties of their own.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::Value;

use super::doc::{Before, Doc, Part};
use crate::db::schema::{agreement_owners as s, agreements as a, duties as d};
use crate::db::{AnyConnection, Json, in_list};
use crate::directory::names::{Names, known_municipality};
use crate::directory::succession::Successions;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::{AgreementId, OrganizationId, PartId};
use crate::kernel::language::Message;
use crate::kernel::values::{OrganizationRef, stored_id};
use crate::ledger::RequestContext;
use crate::projects::milestones::agreements::follow_agreement;

/// Returns the municipalities of an agreement as they were recorded, the owner first.
pub fn owners(doc: &Doc) -> impl Iterator<Item = OrganizationId> + '_ {
    let others = doc.content.co_owner_ids.iter().copied();
    std::iter::once(doc.municipality_id).chain(others)
}

/// Like [`owners`], without those that are, on a day, one with an earlier one by succession.
pub fn owners_on<'a>(
    doc: &'a Doc,
    names: &'a Names,
    day: NaiveDate,
) -> impl Iterator<Item = OrganizationId> + 'a {
    let mut seen = BTreeSet::new();
    owners(doc).filter(move |id| seen.insert(names.successor(*id, day)))
}

/// Returns true if the caller works for one of the municipalities of an agreement.
pub(super) fn works_for_one(cx: &RequestContext, doc: &Doc) -> bool {
    owners(doc).any(|id| cx.caller.works_for(id))
}

/// Returns the co-owners of an agreement on a day, each once. A co-owner that became one with the
/// owner by succession is none.
pub(super) fn co_owners(
    doc: &Doc,
    names: &Names,
    day: NaiveDate,
) -> Result<Vec<OrganizationRef>, ApiError> {
    let owner = names.owner(doc.municipality_id, day)?;
    let others = doc.content.co_owner_ids.iter().copied();
    let mut others = names.owners(others, day)?;
    others.retain(|other| *other != owner);
    Ok(others)
}

/// Checks the co-owners of an agreement: each is another municipality, and a party. Those that were
/// recorded `before` and became one by succession do not block other changes.
pub(super) fn check(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (doc, names): (&Doc, &Names),
    before: &Before,
    errors: &mut Vec<FieldError>,
) -> Result<(), ApiError> {
    let parties: BTreeSet<OrganizationId> = doc.organizations().into_iter().map(|p| p.1).collect();
    for (i, id) in doc.content.co_owner_ids.iter().enumerate() {
        let at = format!("/co_owner_ids/{i}");
        let known = errors.len();
        known_municipality(conn, &at, *id, errors)?;
        if errors.len() > known {
            continue;
        }
        let is_same = |other: OrganizationId| names.holds(other, *id, cx.today);
        let earlier = owners(doc).take(i + 1);
        if !before.co_owners.contains(id) && earlier.into_iter().any(is_same) {
            let message = Message::fixed(
                "이미 이 협약의 지방자치단체입니다.",
                "This municipality owns the agreement already.",
            );
            errors.push(FieldError::body(at, "owner_already", message));
        } else if !parties
            .iter()
            .any(|party| names.holds(*id, *party, cx.today))
        {
            let message = Message::fixed(
                "협약 당사자인 지방자치단체만 협약을 함께 가집니다. 먼저 parties에 등록하십시오.",
                "Only a municipality that is a party shares the agreement: record it in parties first.",
            );
            errors.push(FieldError::body(at, "not_a_party", message));
        }
    }
    errors.extend(acts_of_strangers(doc, before));
    Ok(())
}

/// Writes the municipalities of an agreement that several share.
pub(super) fn write(conn: &mut AnyConnection, id: AgreementId, doc: &Doc) -> Result<(), ApiError> {
    if doc.content.co_owner_ids.is_empty() {
        return Ok(());
    }
    let all: BTreeSet<OrganizationId> = owners(doc).collect();
    for owner in all {
        diesel::insert_into(s::table)
            .values((
                s::agreement_id.eq(id.to_string()),
                s::municipality_id.eq(owner.to_string()),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Removes the rows of [`write()`].
pub(super) fn remove(conn: &mut AnyConnection, id: &str) -> Result<(), ApiError> {
    diesel::delete(s::table.filter(s::agreement_id.eq(id))).execute(conn)?;
    Ok(())
}

/// Returns the ids of the co-owners in a logged state of an agreement.
pub fn co_owners_in(state: &Value) -> Vec<String> {
    let ids = state.pointer("/doc/content/co_owner_ids");
    let ids = ids.and_then(Value::as_array).into_iter().flatten();
    ids.filter_map(|id| id.as_str().map(str::to_owned))
        .collect()
}

/// Takes an agreement of a rebuilt registry from the co-owners that do not share it `now`, with their
/// duties.
pub fn restrict(
    past: &mut AnyConnection,
    cx: &RequestContext,
    id: &str,
    now: &[String],
) -> Result<(), ApiError> {
    let doc = a::table.find(id).select(a::doc).first(past).optional()?;
    let Some(Json(mut doc)): Option<Json<Doc>> = doc else {
        return Ok(());
    };
    let still = &mut doc.content.co_owner_ids;
    if still.is_empty() {
        return Ok(());
    }
    still.retain(|id| now.contains(&id.to_string()));
    remove(past, id)?;
    write(past, stored_id(id)?, &doc)?;
    let owners: Vec<String> = owners(&doc).map(|id| id.to_string()).collect();
    let others = diesel::dsl::not(in_list(d::municipality_id, owners));
    diesel::delete(d::table.filter(d::agreement_id.eq(id)).filter(others)).execute(past)?;
    follow_agreement(past, cx, stored_id(id)?)
}

/// Returns an agreement as one of its municipalities has it: with its own council actions, reviews and
/// publications alone. The duties of a municipality are derived from it.
pub fn with_acts_of(doc: &Doc, id: OrganizationId) -> Cow<'_, Doc> {
    let own = (id != doc.municipality_id).then_some(id);
    let mut all = acts(doc).map(|act| act.by);
    if all.all(|by| by == own) {
        return Cow::Borrowed(doc);
    }
    let mut doc = doc.clone();
    doc.reviews
        .retain(|part| part.content.municipality_id == own);
    doc.council_actions
        .retain(|part| part.content.municipality_id == own);
    doc.publications
        .retain(|part| part.content.municipality_id == own);
    Cow::Owned(doc)
}

/// A council action, review, document or publication: the act of one of the municipalities.
struct Act {
    id: PartId,
    /// JSON Pointer of its municipality.
    at: String,
    /// `None` for the owner.
    by: Option<OrganizationId>,
}

fn acts(doc: &Doc) -> impl Iterator<Item = Act> + '_ {
    fn of<'a, T>(
        list: &'a [Part<T>],
        member: &'a str,
        by: impl Fn(&T) -> Option<OrganizationId> + 'a,
    ) -> impl Iterator<Item = Act> + 'a {
        let list = list.iter().enumerate();
        list.map(move |(i, part)| Act {
            id: part.id,
            at: format!("/{member}/{i}/municipality_id"),
            by: by(&part.content),
        })
    }
    let reviews = of(&doc.reviews, "reviews", |c| c.municipality_id);
    let actions = of(&doc.council_actions, "council_actions", |c| {
        c.municipality_id
    });
    let documents = of(&doc.documents, "documents", |c| c.municipality_id);
    let publications = of(&doc.publications, "publications", |c| c.municipality_id);
    reviews.chain(actions).chain(documents).chain(publications)
}

/// Returns the acts of co-owners in an agreement.
pub(super) fn acts_of_others(doc: &Doc) -> Vec<(PartId, OrganizationId)> {
    let acts = acts(doc).filter_map(|act| Some((act.id, act.by?)));
    acts.collect()
}

/// Returns an error for each act of a municipality whose agreement this is not. Those that were
/// recorded `before` stay, also of a municipality that no longer shares the agreement.
fn acts_of_strangers<'a>(
    doc: &'a Doc,
    before: &'a Before,
) -> impl Iterator<Item = FieldError> + 'a {
    let strange = acts(doc).filter(|act| {
        act.by.is_some_and(|by| {
            !doc.content.co_owner_ids.contains(&by) && !before.acts.contains(&(act.id, by))
        })
    });
    strange.map(|act| {
        let message = Message::fixed(
            "이 협약을 함께 가진 지방자치단체(municipality_id, co_owner_ids)가 아닙니다.",
            "This municipality is not one of those whose agreement this is (municipality_id, co_owner_ids).",
        );
        FieldError::body(act.at, "not_an_owner", message)
    })
}

/// Attributes an act without a municipality to the one co-owner for which the caller works, if it
/// does not work for the owner.
pub(super) fn attribute(cx: &RequestContext, doc: &Doc, by: &mut Option<OrganizationId>) {
    if by.is_some() || cx.caller.works_for(doc.municipality_id) {
        return;
    }
    let others = doc.content.co_owner_ids.iter().copied();
    let mut own = others.filter(|id| cx.caller.works_for(*id));
    if let (Some(one), None) = (own.next(), own.next()) {
        *by = Some(one);
    }
}

/// Replaces the municipality of an act by the id that the agreement has for it: `None` for the owner,
/// and the predecessor where a successor holds its agreements.
pub(super) fn settle(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    doc: &Doc,
    by: &mut Option<OrganizationId>,
) -> Result<(), ApiError> {
    let Some(id) = *by else {
        return Ok(());
    };
    if !doc.content.co_owner_ids.contains(&id) {
        let successions = Successions::load(conn)?;
        let holds = |owner: &OrganizationId| {
            let held = successions.held_by(*owner, cx.today);
            held.contains(&id)
        };
        let named = owners(doc).find(holds);
        *by = named.or(Some(id)).filter(|id| *id != doc.municipality_id);
    }
    Ok(())
}

/// Like [`settle`], for all acts of a new agreement, of which the caller may record its own.
///
/// # Errors
/// `forbidden` if an act is that of a municipality for which the caller does not work.
pub(super) fn settle_all(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    doc: &mut Doc,
) -> Result<(), ApiError> {
    if acts(doc).all(|act| act.by.is_none()) {
        return Ok(());
    }
    let given = doc.clone();
    let reviews = doc
        .reviews
        .iter_mut()
        .map(|p| &mut p.content.municipality_id);
    let actions = doc.council_actions.iter_mut();
    let actions = actions.map(|p| &mut p.content.municipality_id);
    let documents = doc.documents.iter_mut();
    let documents = documents.map(|p| &mut p.content.municipality_id);
    let publications = doc.publications.iter_mut();
    let publications = publications.map(|p| &mut p.content.municipality_id);
    for by in reviews.chain(actions).chain(documents).chain(publications) {
        settle(conn, cx, &given, by)?;
        may_record(cx, &given, *by)?;
    }
    Ok(())
}

/// Checks that the caller may record, change or remove an act: it works for the municipality whose act
/// it is. An act of a municipality that no longer shares the agreement is the owner's to remove.
///
/// # Errors
/// `forbidden`
pub(super) fn may_record(
    cx: &RequestContext,
    doc: &Doc,
    by: Option<OrganizationId>,
) -> Result<(), ApiError> {
    let others = &doc.content.co_owner_ids;
    let owner = by.filter(|id| others.contains(id));
    let owner = owner.unwrap_or(doc.municipality_id);
    if cx.caller.works_for(owner) {
        return Ok(());
    }
    Err(ApiError::with(
        Code::Forbidden,
        "함께 가진 협약의 의회 조치, 점검, 문서, 공개는 그 지방자치단체만 등록하고 고칩니다. municipality_id에 맡은 지방자치단체를 적으십시오.",
        "A council action, review, document or publication of a shared agreement is recorded by its own municipality: name yours in municipality_id.",
    ))
}
