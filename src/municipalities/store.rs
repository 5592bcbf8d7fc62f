//! Writing municipalities: organizations with a code of the official list.

use diesel::prelude::*;

use super::succession;
use super::types::{MunicipalityContent, MunicipalityCreate};
use crate::agreements::duties;
use crate::db::AnyConnection;
use crate::db::schema::organizations as o;
use crate::directory::municipalities::{ReferenceMunicipality, municipality as official};
use crate::http::{IfMatch, Patch};
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Message;
use crate::kernel::values::country::KOREA;
use crate::kernel::values::stored_id;
use crate::ledger::RequestContext;
use crate::organizations::annual_reports;
use crate::organizations::store::{self as organizations, Doc, Record};
use crate::organizations::types::{OrganizationContent, OrganizationKind};
use crate::projections::policies;

/// The kind that every municipality has.
pub const KIND: Option<OrganizationKind> = Some(OrganizationKind::Municipality);

/// Returns the recorded municipality with an official code, if there is one.
pub fn recorded(conn: &mut AnyConnection, code: &str) -> Result<Option<OrganizationId>, ApiError> {
    let found = o::table.filter(o::code.eq(code)).select(o::id);
    let found: Option<String> = found.first(conn).optional()?;
    found.map(|id| stored_id(&id)).transpose()
}

/// Returns the number of recorded municipalities.
pub fn number(conn: &mut AnyConnection) -> Result<i64, ApiError> {
    let codes = o::table.filter(o::code.is_not_null());
    Ok(codes.count().get_result(conn)?)
}

/// Returns a recorded municipality as the official list names it; `None` if it is none.
pub fn named(
    conn: &mut AnyConnection,
    id: OrganizationId,
) -> Result<Option<&'static ReferenceMunicipality>, ApiError> {
    let found = o::table.filter(o::id.eq(id.to_string()));
    let found = found.filter(o::code.is_not_null());
    let code = found.select(o::code.assume_not_null());
    let code: Option<String> = code.first(conn).optional()?;
    Ok(code.as_deref().and_then(official))
}

/// Returns the recorded municipalities, as the official list names them, in its order.
pub fn listed(
    conn: &mut AnyConnection,
) -> Result<Vec<(OrganizationId, &'static ReferenceMunicipality)>, ApiError> {
    let codes = o::table.filter(o::code.is_not_null());
    let codes = codes
        .order(o::code)
        .select((o::id, o::code.assume_not_null()));
    let rows: Vec<(String, String)> = codes.load(conn)?;
    let known = (rows.iter()).filter_map(|(id, code)| Some((stored_id(id), official(code)?)));
    known.map(|(id, one)| Ok((id?, one))).collect()
}

/// Records a municipality by its code.
///
/// # Errors
/// `forbidden` if the caller does not work for all municipalities; `validation_failed` if no
/// municipality has the code; `conflict` if it is already recorded.
pub fn create(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    new: &MunicipalityCreate,
) -> Result<Record, ApiError> {
    organizations::check_manages_all_municipalities(cx)?;
    let Some(official) = official(&new.code) else {
        let message = Message::fixed(
            "이 코드의 지방자치단체가 없습니다. /reference/municipalities에서 찾을 수 있습니다.",
            "No municipality has this code; /reference/municipalities lists them.",
        );
        return Err(ApiError::invalid_at("/code", "unknown_code", message));
    };
    if let Some(id) = recorded(conn, &new.code)? {
        let message = Message::new(
            format!("이미 등록되어 있습니다: {id}"),
            format!("It is recorded already, as {id}."),
        );
        let taken = FieldError::body("/code", "code_taken", message);
        return Err(ApiError::new(Code::Conflict).and(vec![taken]));
    }
    let mut annual_reports = new.annual_reports.clone();
    annual_reports::accept(&mut annual_reports, cx.today)?;
    let doc = Doc {
        policies: new.policies.clone(),
        annual_reports,
        ..Doc::of(OrganizationContent {
            country: Some(KOREA.into()),
            officers: new.officers.clone(),
            website: new.website.clone(),
            sources: new.sources.clone(),
            ..OrganizationContent::named(official.name.clone())
        })
    };
    let kind = OrganizationKind::Municipality;
    let record = organizations::insert(conn, cx, kind, Some(official), &doc)?;
    let id = record.meta.id;
    if !doc.policies.is_empty() {
        succession::write_duties(conn, cx, id)?;
    }
    succession::follow_official_list(conn, cx, official)?;
    organizations::get(conn, id, KIND)
}

/// Changes a municipality by a merge patch. With its policies the duties of its agreements change, and
/// with them or its annual reports its own.
///
/// # Errors
/// `not_found`, `forbidden`, `precondition_failed` or `validation_failed`.
pub fn update(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
    expected: &IfMatch,
    patch: &Patch<MunicipalityContent>,
) -> Result<Record, ApiError> {
    policies::locked(conn, id)?;
    let before = organizations::get(conn, id, KIND)?.doc;
    let record = organizations::update(conn, cx, id, KIND, expected, |doc| {
        let content = MunicipalityContent {
            content: doc.content.clone(),
            policies: doc.policies.clone(),
            annual_reports: doc.annual_reports.clone(),
        };
        let Some(mut after) = patch.apply(&content)? else {
            return Ok(None);
        };
        annual_reports::accept(&mut after.annual_reports, cx.today)?;
        Ok(Some(Doc {
            content: after.content,
            policies: after.policies,
            annual_reports: after.annual_reports,
            ..doc.clone()
        }))
    })?;
    if record.doc.policies != before.policies {
        succession::write_duties(conn, cx, record.meta.id)?;
    } else if record.doc.annual_reports != before.annual_reports {
        let policies = policies::locked(conn, record.meta.id)?;
        duties::write_own(conn, cx, record.meta.id, &policies)?;
    }
    Ok(record)
}
