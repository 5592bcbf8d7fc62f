//! Queries on organizations of every kind.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::annual_reports::AnnualReport;
use super::identifiers::check_identifiers;
use super::merged::Merge;
use super::types::{MemberCount, OrganizationChange, OrganizationContent, OrganizationKind};
use super::{members, rules};
use crate::access::bound_tokens;
use crate::db::schema::{organization_identifiers, organizations};
use crate::db::{AnyConnection, Json, Name, in_list};
use crate::directory::names::{look_alikes, sort_name};
use crate::directory::succession::{Succession, Successions};
use crate::directory::{municipalities as reference, names};
use crate::http::{IfMatch, Patch};
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{Localized, Meta, Revision, Warning, from_db, stored_id};
use crate::ledger;
use crate::ledger::records::PastState;
use crate::ledger::{Reach, RequestContext, Role, Visibility};
use crate::organizations::records::ORGANIZATION;
use crate::projections::policies::Policy;
use crate::projections::search_index::Owned;
use crate::projections::{gap_codes, policies, search_index as search};

/// Stored document of an organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Doc {
    pub content: OrganizationContent,
    /// Only for an association.
    pub member_count: Option<MemberCount>,
    /// Only for a municipality.
    pub policies: Vec<Policy>,
    /// Only for a municipality.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub annual_reports: Vec<AnnualReport>,
    /// The merge of a duplicate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged: Option<Merge>,
    /// Only for a municipality that others succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succession: Option<Succession>,
}

impl Doc {
    /// Returns the document of an organization that is neither an association nor a municipality.
    pub fn of(content: OrganizationContent) -> Self {
        Self {
            content,
            member_count: None,
            policies: Vec::new(),
            annual_reports: Vec::new(),
            merged: None,
            succession: None,
        }
    }
}

#[derive(Clone, Queryable, Selectable, Identifiable)]
#[diesel(table_name = organizations)]
pub struct Row {
    pub id: String,
    version: i64,
    pub kind: Name<OrganizationKind>,
    pub code: Option<String>,
    added_by: Option<String>,
    pub doc: Json<Doc>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl Row {
    /// Returns the instant at which the organization was recorded.
    pub fn created_at(&self) -> DateTime<Utc> {
        self.created_at.and_utc()
    }

    /// Returns whether the organization is on the official list.
    pub fn is_korean_municipality(&self) -> bool {
        self.code.is_some()
    }

    /// Checks that the caller may change the organization. Only its admins may change a
    /// municipality.
    ///
    /// # Errors
    /// `forbidden`
    pub fn may_be_changed(&self, cx: &RequestContext) -> Result<(), ApiError> {
        if self.code.is_some() {
            if cx.caller.role != Some(Role::Admin) {
                return Err(ApiError::with(
                    Code::Forbidden,
                    "지방자치단체는 관리자만 바꿀 수 있습니다.",
                    "A municipality is changed by its admins.",
                ));
            }
            return cx.caller.may_change(stored_id(&self.id)?);
        }
        let added_by = self.added_by.as_deref().map(stored_id).transpose()?;
        cx.caller.may_change_shared(added_by)
    }
}

/// A row with its document and warnings.
#[derive(Clone)]
pub struct Record {
    pub meta: Meta<OrganizationId>,
    pub kind: OrganizationKind,
    pub code: Option<String>,
    pub doc: Doc,
    pub warnings: Vec<Warning>,
    pub members: i64,
}

/// Reads an organization. The id of a merged duplicate returns its survivor.
///
/// # Errors
/// `not_found`
pub fn get(
    conn: &mut AnyConnection,
    id: OrganizationId,
    kind: Option<OrganizationKind>,
) -> Result<Record, ApiError> {
    let row = row(conn, id, kind)?;
    records(conn, vec![row])?
        .pop()
        .ok_or_else(ApiError::not_found)
}

pub fn row(
    conn: &mut AnyConnection,
    id: OrganizationId,
    kind: Option<OrganizationKind>,
) -> Result<Row, ApiError> {
    use organizations as o;
    let merged = o::table
        .find(id.to_string())
        .select(o::merged_into_id)
        .first::<Option<String>>(conn)?;
    let id = merged.unwrap_or_else(|| id.to_string());
    let mut query = o::table.find(id).select(Row::as_select()).into_boxed();
    if let Some(kind) = kind {
        query = query.filter(o::kind.eq(kind.as_str()));
        // One abroad is an organization like others.
        if kind == OrganizationKind::Municipality {
            query = query.filter(o::code.is_not_null());
        }
    }
    Ok(query.first(conn)?)
}

/// Reads the row of an organization itself, also that of a merged duplicate.
///
/// # Errors
/// `not_found`
pub fn own_row(conn: &mut AnyConnection, id: &str) -> Result<Row, ApiError> {
    let row = organizations::table.find(id).select(Row::as_select());
    Ok(row.first(conn)?)
}

/// Reads the rows of organizations, without merged duplicates.
pub fn rows_of(conn: &mut AnyConnection, ids: &[String]) -> Result<Vec<Row>, ApiError> {
    use organizations as o;
    let rows = o::table
        .filter(in_list(o::id, ids))
        .filter(o::merged_into_id.is_null());
    Ok(rows.select(Row::as_select()).load(conn)?)
}

pub fn records(conn: &mut AnyConnection, rows: Vec<Row>) -> Result<Vec<Record>, ApiError> {
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let mut alike = look_alikes(conn, &ids)?;
    let associations: Vec<String> = rows
        .iter()
        .filter(|r| r.kind.0 == OrganizationKind::Association)
        .map(|r| r.id.clone())
        .collect();
    let members = members::counts(conn, &associations)?;
    rows.into_iter()
        .map(|row| {
            let Json(doc) = row.doc;
            let twins = alike.remove(&row.id).unwrap_or_default();
            Ok(Record {
                warnings: rules::warnings(&doc.content, twins),
                members: members.get(&row.id).copied().unwrap_or(0),
                meta: Meta::read(&row.id, row.version, row.created_at, row.updated_at)?,
                kind: row.kind.0,
                code: row.code,
                doc,
            })
        })
        .collect()
}

/// Records an organization of any kind but a Korean municipality.
///
/// # Errors
/// `conflict` if another organization has one of its identifiers.
pub fn create(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    kind: OrganizationKind,
    doc: &Doc,
) -> Result<Record, ApiError> {
    insert(conn, cx, kind, None, doc)
}

/// Returns what determines duties in a logged state of an organization, its policies and its
/// succession; nothing if it did not exist.
///
/// # Errors
/// Fails if the state is not that of an organization.
pub fn rulings_in(state: &Value) -> Result<(Vec<Policy>, Option<Succession>), ApiError> {
    let doc = state.get("doc");
    let doc = doc.map(Doc::deserialize).transpose();
    let doc = doc.map_err(ApiError::internal)?;
    Ok(doc.map_or_else(Default::default, |doc| (doc.policies, doc.succession)))
}

/// Checks that the caller works for all municipalities, as recording and deleting one requires.
pub(crate) fn check_manages_all_municipalities(cx: &RequestContext) -> Result<(), ApiError> {
    if cx.caller.reach == Reach::All {
        return Ok(());
    }
    Err(ApiError::with(
        Code::Forbidden,
        "지방자치단체는 모든 지방자치단체를 맡은 관리자만 등록하거나 지울 수 있습니다.",
        "A municipality is recorded and removed by an admin of all municipalities.",
    ))
}

pub(crate) fn insert(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    kind: OrganizationKind,
    official: Option<&reference::ReferenceMunicipality>,
    doc: &Doc,
) -> Result<Record, ApiError> {
    let meta = cx.new_meta();
    let id = meta.id;
    check_identifiers(conn, id, &doc.content)?;
    put(conn, &meta, kind, official, cx.caller.home(), doc)?;
    index(conn, id, official.map(|m| m.code.as_str()), doc)?;
    ledger::append(conn, cx, &ORGANIZATION, &id.to_string(), None)?;
    get(conn, id, None)
}

/// Restores an organization from its logged state.
pub fn restore(conn: &mut AnyConnection, was: &PastState) -> Result<(), ApiError> {
    use organizations as o;
    let doc: Doc = was.doc()?;
    let code = was.column("code");
    let kind = from_db(was.column("kind").unwrap_or_default())?;
    let added_by = was.column("added_by").map(stored_id).transpose()?;
    let official = code.and_then(reference::municipality);
    let meta = was.meta()?;
    put(conn, &meta, kind, official, added_by, &doc)?;
    // A merged duplicate is found by its survivor's names.
    let Some(into) = was.column("merged_into_id") else {
        return index(conn, meta.id, code, &doc);
    };
    diesel::update(o::table.find(meta.id.to_string()))
        .set(o::merged_into_id.eq(into))
        .execute(conn)?;
    Ok(())
}

fn put(
    conn: &mut AnyConnection,
    meta: &Meta<OrganizationId>,
    kind: OrganizationKind,
    official: Option<&reference::ReferenceMunicipality>,
    added_by: Option<OrganizationId>,
    doc: &Doc,
) -> Result<(), ApiError> {
    use organizations as o;
    diesel::insert_into(o::table)
        .values((
            o::id.eq(meta.id.to_string()),
            o::version.eq(meta.version),
            o::kind.eq(kind.as_str()),
            o::name.eq(Json(&doc.content.name)),
            o::sort_name.eq(sort_name(&doc.content.name)),
            o::country.eq(&doc.content.country),
            o::gaps.eq(gap_codes::to_column(&rules::organization_gaps(
                &doc.content,
            ))),
            o::code.eq(official.map(|m| m.code.as_str())),
            o::level.eq(official.map(|m| m.level.as_str())),
            o::municipality_kind.eq(official.map(|m| m.kind.as_str())),
            o::parent_code.eq(official.and_then(|m| m.parent_code.as_deref())),
            o::added_by.eq(added_by.map(|id| id.to_string())),
            o::policies.eq(policies::to_column(&doc.policies)?),
            o::succession.eq(Succession::to_column(doc.succession.as_ref())?),
            o::doc.eq(Json(doc)),
            o::created_at.eq(meta.created_at.naive_utc()),
            o::updated_at.eq(meta.updated_at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Changes an organization. `change` returns the new document, or `None` if nothing changes.
///
/// # Errors
/// `not_found`, `forbidden`, `precondition_failed`, or the error of `change`.
pub fn update(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
    kind: Option<OrganizationKind>,
    expected: &IfMatch,
    change: impl Fn(&Doc) -> Result<Option<Doc>, ApiError>,
) -> Result<Record, ApiError> {
    let row = row(conn, id, kind)?;
    row.may_be_changed(cx)?;
    expected.check(&Revision::read(&row.id, row.version, row.updated_at)?)?;
    match change(&row.doc.0)? {
        Some(doc) => save(conn, cx, &row, &doc, None),
        None => get(conn, stored_id(&row.id)?, kind),
    }
}

/// Changes an organization by a merge patch, which can correct its kind.
///
/// # Errors
/// `not_found`, `forbidden`, `precondition_failed`; `validation_failed` if the organization cannot
/// be of the kind.
pub fn revise(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
    expected: &IfMatch,
    patch: &Patch<OrganizationChange>,
) -> Result<Record, ApiError> {
    let mut row = row(conn, id, None)?;
    row.may_be_changed(cx)?;
    expected.check(&Revision::read(&row.id, row.version, row.updated_at)?)?;
    let old = OrganizationChange {
        kind: row.kind.0,
        content: row.doc.0.content.clone(),
    };
    let Some(OrganizationChange { kind, content }) = patch.apply(&old)? else {
        return get(conn, stored_id(&row.id)?, None);
    };
    if kind != old.kind {
        let members = members::counts(conn, std::slice::from_ref(&row.id))?;
        let recorded = members.get(&row.id).copied().unwrap_or(0);
        let is_association = row.doc.0.member_count.is_some() || recorded > 0;
        rules::check_kind(row.code.as_deref(), is_association)?;
        row.kind = Name(kind);
    }
    let doc = Doc {
        content,
        ..row.doc.0.clone()
    };
    save(conn, cx, &row, &doc, None)
}

/// Writes a changed organization.
///
/// # Errors
/// `conflict` if another organization has one of its identifiers.
pub fn save(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    row: &Row,
    doc: &Doc,
    reason: Option<&Localized>,
) -> Result<Record, ApiError> {
    use organizations as o;
    let id = stored_id(&row.id)?;
    rules::check_country(row.kind.0, row.code.as_deref(), &doc.content)?;
    check_identifiers(conn, id, &doc.content)?;
    let changed = diesel::update(o::table.find(&row.id).filter(o::version.eq(row.version)))
        .set((
            o::version.eq(row.version + 1),
            o::kind.eq(row.kind.0.as_str()),
            o::gaps.eq(gap_codes::to_column(&rules::organization_gaps(
                &doc.content,
            ))),
            o::name.eq(Json(&doc.content.name)),
            o::sort_name.eq(sort_name(&doc.content.name)),
            o::country.eq(&doc.content.country),
            o::policies.eq(policies::to_column(&doc.policies)?),
            o::succession.eq(Succession::to_column(doc.succession.as_ref())?),
            o::doc.eq(Json(doc)),
            o::updated_at.eq(cx.now),
        ))
        .execute(conn)?;
    if changed == 0 {
        return Err(ApiError::collision());
    }
    search::remove(conn, "organization", &row.id)?;
    index(conn, id, row.code.as_deref(), doc)?;
    ledger::append(conn, cx, &ORGANIZATION, &row.id, reason)?;
    get(conn, id, None)
}

/// Deletes an organization that nothing refers to.
///
/// # Errors
/// `not_found`, `forbidden`, `precondition_failed`; `conflict` if a record or a valid token refers
/// to it.
pub fn delete(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
    kind: Option<OrganizationKind>,
    expected: &IfMatch,
) -> Result<(), ApiError> {
    use organizations as o;
    let row = row(conn, id, kind)?;
    if row.id != id.to_string() {
        return Err(ApiError::with(
            Code::Conflict,
            "다른 기관에 합쳐진 기관입니다.",
            "This organization was merged into another.",
        ));
    }
    row.may_be_changed(cx)?;
    if row.code.is_some() {
        check_manages_all_municipalities(cx)?;
    }
    expected.check(&Revision::read(&row.id, row.version, row.updated_at)?)?;
    bound_tokens::check_unbound(conn, cx, id)?;
    if !Successions::load(conn)?.predecessors(id).is_empty() {
        return Err(ApiError::with(
            Code::Conflict,
            "다른 지방자치단체를 승계하였습니다.",
            "It succeeded another municipality.",
        ));
    }
    let gone =
        diesel::delete(o::table.find(&row.id).filter(o::version.eq(row.version))).execute(conn)?;
    if gone == 0 {
        return Err(ApiError::collision());
    }
    search::remove(conn, "organization", &row.id)?;
    ledger::append(conn, cx, &ORGANIZATION, &row.id, None)
}

fn index(
    conn: &mut AnyConnection,
    id: OrganizationId,
    code: Option<&str>,
    doc: &Doc,
) -> Result<(), ApiError> {
    use organization_identifiers as i;
    let content = &doc.content;
    let text = id.to_string();
    diesel::delete(i::table.filter(i::organization_id.eq(&text))).execute(conn)?;
    for identifier in &content.identifiers {
        diesel::insert_into(i::table)
            .values((
                i::scheme.eq(identifier.scheme.as_str()),
                i::value.eq(identifier.key()),
                i::organization_id.eq(&text),
            ))
            .execute(conn)?;
    }
    names::index(conn, &text, content.full_names())?;
    let shown: Vec<&Localized> = std::iter::once(&content.name)
        .chain(&content.short_name)
        .chain(&content.other_names)
        .collect();
    let texts = serde_json::to_value((content, &doc.annual_reports));
    let mut texts = texts.map_err(ApiError::internal)?;
    texts[0]["code"] = code.into();
    let owned = Owned {
        municipality_id: None,
        visibility: Visibility::Public,
        context_id: id.into(),
    };
    search::index(conn, "organization", id.into(), owned, &shown, &texts)
}
