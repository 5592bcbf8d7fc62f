//! Merging a duplicate into the organization that it duplicates.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde_json::{Map, Value};

use super::facts::{Filled, fill};
use super::{memberships, references};
use crate::access::bound_tokens::{self, Merging};
use crate::db::schema::organizations as o;
use crate::db::{AnyConnection, Json, alone, in_list};
use crate::directory::names;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::{Language, Message};
use crate::kernel::values::{ImpreciseDate, Localized, OrganizationRef, Warning, stored_id};
use crate::ledger::{self, RequestContext};
use crate::organizations::merged::Merge;
use crate::organizations::records::ORGANIZATION;
use crate::organizations::store::{Doc, Record, Row, own_row, row, save};
use crate::organizations::types::{AssociationContent, OrganizationKind};
use crate::projections::search_index as search;
use crate::reference::labels::labels;

/// Merges a duplicate into another organization: references to the duplicate then point to the
/// survivor, which takes over the facts that it lacks. Facts of the duplicate that it does not take
/// over are named in the warnings.
///
/// # Errors
/// `not_found`, `forbidden`; `validation_failed` if the survivor does not exist, is the duplicate
/// itself, or is of a kind that cannot be the same body.
pub fn merge(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
    into: OrganizationId,
) -> Result<Record, ApiError> {
    // Others must not refer to the duplicate while its references are moved.
    alone::demand(conn)?;
    let (duplicate, survivor) = bodies(conn, cx, id, into)?;
    let kind = other_kind(&duplicate, &survivor);
    let duplicates = duplicates_of(conn, &duplicate.id)?;
    let records = references::naming(conn, &duplicate.id)?;
    references::move_all(conn, &duplicate.id, &survivor.id)?;
    let merged = duplicates.iter().chain([&duplicate.id]);
    diesel::update(o::table.filter(in_list(o::id, merged)))
        .set((o::merged_into_id.eq(&survivor.id), o::updated_at.eq(cx.now)))
        .execute(conn)?;
    let (memberships, left_out) = memberships::move_all(conn, cx, &duplicate.id, &survivor.id)?;
    search::remove(conn, ORGANIZATION.name, &duplicate.id)?;
    let (doc, Filled { taken, lost }) = combined(&survivor.doc.0, &duplicate.doc.0)?;
    let merging = merging((&duplicate, &duplicates), &survivor, &records)?;
    let merge = Merge {
        into: merging.survivor,
        duplicates: duplicates.clone(),
        facts: taken,
        members: memberships,
        records,
    };
    keep(conn, cx, &duplicate, merge)?;
    for id in &duplicates {
        ledger::append(conn, cx, &ORGANIZATION, id, None)?;
    }
    let mut merged = save(conn, cx, &survivor, &doc, None)?;
    let own = kind.into_iter().chain(lost);
    merged
        .warnings
        .extend(own.map(|(member, value)| dropped(&format!("/{member}"), &value)));
    let count = bound_tokens::suspended_by(conn, cx, &merging)?;
    bound_tokens::widen(conn, cx, &merging)?;
    merged
        .warnings
        .extend((count > 0).then(|| tokens_suspended(count)));
    merged.warnings.extend(dropped_of_members(left_out));
    Ok(merged)
}

/// Returns the warnings of facts of memberships that were not taken over.
pub(super) fn dropped_of_members(lost: memberships::Lost) -> impl Iterator<Item = Warning> {
    lost.into_iter().map(|(association, member, value)| {
        let at = format!("/associations/{association}/members/{member}");
        dropped(&at, &value)
    })
}

/// Returns the duplicate and the survivor of a merge that the caller can make.
///
/// # Errors
/// Like [`merge`].
pub(super) fn bodies(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
    into: OrganizationId,
) -> Result<(Row, Row), ApiError> {
    let duplicate = row(conn, id, None)?;
    let survivor = row(conn, into, None).map_err(|error| match error.code {
        Code::NotFound => ApiError::invalid(vec![names::unknown("/into_id")]),
        _ => error,
    })?;
    // Both are changed, and callers who act for one of them then act for the other as well.
    duplicate.may_be_changed(cx)?;
    survivor.may_be_changed(cx)?;
    check_same_body(&duplicate, &survivor)?;
    Ok((duplicate, survivor))
}

/// Returns a merge as tokens see it; `records` are those that name the duplicate.
pub(super) fn merging(
    (duplicate, duplicates): (&Row, &[String]),
    survivor: &Row,
    records: &BTreeMap<String, Vec<String>>,
) -> Result<Merging, ApiError> {
    let duplicates = duplicates.iter().map(|id| stored_id(id));
    Ok(Merging {
        duplicate: stored_id(&duplicate.id)?,
        duplicates: duplicates.collect::<Result<_, _>>()?,
        survivor: stored_id(&survivor.id)?,
        is_named: !records.is_empty(),
    })
}

fn tokens_suspended(count: usize) -> Warning {
    let message = Message::new(
        format!(
            "합친 두 기관에 매인 토큰 {count}개가 정지되었습니다. 모든 지방자치단체의 관리자가 다시 열어야 씁니다."
        ),
        format!(
            "Tokens of the two organizations are suspended until an admin of all municipalities renews them: {count}."
        ),
    );
    Warning::new("tokens_suspended", "", message)
}

/// Returns the duplicate's kind if the survivor's differs.
pub(super) fn other_kind(duplicate: &Row, survivor: &Row) -> Option<(String, Value)> {
    let (own, other) = (survivor.kind.0, duplicate.kind.0);
    (own != other).then(|| ("kind".to_owned(), other.as_str().into()))
}

/// Names a fact of the duplicate that the survivor did not take over.
pub(super) fn dropped(pointer: &str, value: &Value) -> Warning {
    let [ko, en] = [Language::Korean, Language::English].map(|language| shown(value, language));
    Warning::new(
        "merge_dropped",
        pointer,
        Message::new(
            format!("합쳐진 기록의 값은 옮기지 않았습니다: {ko}"),
            format!("The duplicate had another value, which was not kept: {en}"),
        ),
    )
}

/// Returns a fact as people read it: a code, a text, a date, or a number as of a date.
fn shown(value: &Value, language: Language) -> String {
    let date = |value: &Value| {
        let date = serde_json::from_value::<ImpreciseDate>(value.clone()).ok();
        date.map_or_else(|| value.to_string(), |date| date.words(language))
    };
    match value {
        Value::String(text) => label(text, language),
        Value::Object(members) if members.contains_key("edtf") => date(value),
        Value::Object(members) if members.contains_key("as_of") => {
            format!("{} ({})", value["value"], date(&value["as_of"]))
        }
        Value::Object(_) => match serde_json::from_value::<Localized>(value.clone()) {
            Ok(text) => text.in_language(language).to_owned(),
            Err(_) => value.to_string(),
        },
        _ => value.to_string(),
    }
}

/// Returns the label of a kind of organizations; any other text is its own.
fn label(text: &str, language: Language) -> String {
    let mut kinds = labels()
        .iter()
        .filter(|all| all.enumeration == "OrganizationKind")
        .flat_map(|all| &all.labels);
    let label = kinds.find(|one| one.code == text);
    label
        .map_or(text, |one| one.label.in_language(language))
        .to_owned()
}

/// Keeps what a merge moved in the document of the duplicate.
fn keep(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    duplicate: &Row,
    merge: Merge,
) -> Result<(), ApiError> {
    let doc = Doc {
        merged: Some(merge),
        ..duplicate.doc.0.clone()
    };
    diesel::update(o::table.find(&duplicate.id))
        .set((o::doc.eq(Json(&doc)), o::version.eq(o::version + 1)))
        .execute(conn)?;
    ledger::append(conn, cx, &ORGANIZATION, &duplicate.id, None)
}

/// Checks that two records can describe one body.
///
/// # Errors
/// `validation_failed`
fn check_same_body(duplicate: &Row, survivor: &Row) -> Result<(), ApiError> {
    if duplicate.id == survivor.id {
        let message = Message::fixed(
            "이미 같은 기관입니다.",
            "They are one organization already.",
        );
        return Err(ApiError::invalid_at("/into_id", "same_record", message));
    }
    // An organization with facts that the other kind cannot have is not the same body.
    let kinds = [duplicate.kind.0, survivor.kind.0];
    let message = if duplicate.is_korean_municipality() || survivor.is_korean_municipality() {
        Some(Message::fixed(
            "지방자치단체는 법으로 하나뿐이어서 다른 기관과 합칠 수 없습니다.",
            "A municipality is one by law: nothing is merged with it.",
        ))
    } else if kinds.contains(&OrganizationKind::Association) && kinds[0] != kinds[1] {
        Some(Message::fixed(
            "협회는 협회와만 합칠 수 있습니다.",
            "An association can be merged only with an association.",
        ))
    } else {
        None
    };
    if let Some(message) = message {
        return Err(ApiError::invalid_at("/into_id", "other_kind", message));
    }
    Ok(())
}

/// Returns the duplicates that were merged into an organization itself, whose merges can be undone.
///
/// # Errors
/// Errors of the database.
pub fn merged_into(
    conn: &mut AnyConnection,
    id: OrganizationId,
) -> Result<Vec<OrganizationRef>, ApiError> {
    let mut all = Vec::new();
    for duplicate in duplicates_of(conn, &id.to_string())? {
        let one = own_row(conn, &duplicate)?;
        if one
            .doc
            .0
            .merged
            .as_ref()
            .is_some_and(|merge| merge.into == id)
        {
            all.push(named_by(&one)?);
        }
    }
    Ok(all)
}

/// Returns the reference to an organization itself, also to a merged duplicate.
pub(super) fn named_by(row: &Row) -> Result<OrganizationRef, ApiError> {
    Ok(OrganizationRef {
        id: stored_id(&row.id)?,
        name: row.doc.0.content.name.clone(),
        code: row.code.clone(),
    })
}

/// Returns the ids of the duplicates that were merged into an organization.
pub(super) fn duplicates_of(conn: &mut AnyConnection, id: &str) -> Result<Vec<String>, ApiError> {
    Ok(o::table
        .filter(o::merged_into_id.eq(id))
        .select(o::id)
        .order(o::id)
        .load(conn)?)
}

/// The facts of an organization that a merge fills, with the number of members of an association.
pub(super) fn facts(doc: &Doc) -> Result<Map<String, Value>, ApiError> {
    let facts = AssociationContent {
        content: doc.content.clone(),
        member_count: doc.member_count.clone(),
    };
    match serde_json::to_value(facts).map_err(ApiError::internal)? {
        Value::Object(facts) => Ok(facts),
        _ => Err(ApiError::internal("facts are an object")),
    }
}

/// Returns a document with other facts.
pub(super) fn with_facts(doc: &Doc, facts: Map<String, Value>) -> Result<Doc, ApiError> {
    let facts: AssociationContent =
        serde_json::from_value(facts.into()).map_err(ApiError::internal)?;
    Ok(Doc {
        content: facts.content,
        member_count: facts.member_count,
        ..doc.clone()
    })
}

/// Returns the survivor with the facts of the duplicate that it lacks, and its names.
pub(super) fn combined(survivor: &Doc, duplicate: &Doc) -> Result<(Doc, Filled), ApiError> {
    let mut into = facts(survivor)?;
    let mut from = facts(duplicate)?;
    // A name or a short name beside another one is one of its other names.
    let mut names: Vec<Value> = from.remove("name").into_iter().collect();
    let has_short = !into["short_name"].is_null();
    names.extend(
        from.get_mut("short_name")
            .filter(|_| has_short)
            .map(Value::take),
    );
    names.extend(from["other_names"].as_array().cloned().unwrap_or_default());
    names.retain(|name| !name.is_null() && *name != into["name"] && *name != into["short_name"]);
    from.insert("other_names".into(), names.into());
    let filled = fill(&mut into, &from);
    Ok((with_facts(survivor, into)?, filled))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case(json!("company"), "기업", "Company")]
    #[case(json!("https://a.example/"), "https://a.example/", "https://a.example/")]
    #[case(json!({"ko": "간사", "en": null}), "간사", "간사")]
    #[case(json!({"edtf": "1999", "as_stated": null, "approximate": false}), "1999년", "1999")]
    #[case(json!({"edtf": null, "as_stated": "창립 때"}), "창립 때", "창립 때")]
    #[case(json!({"value": 132, "as_of": {"edtf": "2021-04"}}), "132 (2021년 4월)", "132 (April 2021)")]
    fn what_is_dropped_is_named_in_words(#[case] value: Value, #[case] ko: &str, #[case] en: &str) {
        assert_eq!(shown(&value, Language::Korean), ko);
        assert_eq!(shown(&value, Language::English), en);
    }
}
