//! `/municipalities/{id}/withheld-agreements`: counts of signed agreements that are not public, by
//! reason.

use actix_web::get;
use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::types::{AgreementStatus, Withholding};
use crate::db::schema::agreements as a;
use crate::db::steered::Literal;
use crate::db::{AnyConnection, in_list};
use crate::directory::succession::{self, Share};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Answered, Path, Read};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::values::{OrganizationRef, stored};
use crate::ledger::Scope;
use crate::organizations::store as organizations;
use crate::organizations::types::OrganizationKind;

/// The condition of the index `agreements_withheld`.
const NOT_PUBLIC: Literal = Literal("agreements.visibility <> 'public'");

/// Number of agreements withheld on the same legal basis until the same day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WithheldGroup {
    /// Legal basis and end of the withholding; null if not stated.
    pub withholding: Option<Withholding>,
    /// Number of agreements.
    #[schema(minimum = 1, example = 3)]
    pub count: i64,
}

/// Counts of the signed agreements of a municipality that are not public.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Withheld {
    /// Municipality that owns the agreements.
    pub municipality: OrganizationRef,
    /// Withheld count: the number of agreements that are not public.
    #[schema(minimum = 0, example = 3)]
    pub count: i64,
    /// Withheld counts by legal basis and end of the withholding.
    pub groups: Vec<WithheldGroup>,
}

/// Counts the signed agreements of a municipality, or of all, that are not public; on a past day,
/// those known to be signed by then.
pub fn count(
    conn: &mut AnyConnection,
    (municipality, today): (Option<OrganizationId>, NaiveDate),
    by: Option<NaiveDate>,
) -> Result<Vec<WithheldGroup>, ApiError> {
    let signed = AgreementStatus::ALL.iter().filter(|s| s.is_signed());
    let mut found = a::table
        .filter(NOT_PUBLIC)
        .filter(in_list(a::status, signed.map(|s| s.as_str())))
        .group_by(a::withholding)
        .select((a::withholding, count_star()))
        .into_boxed();
    if let Some(id) = municipality {
        let held = succession::held_of(conn, id, today)?;
        found = found.filter(Scope::held(
            &held,
            Share::Any,
            "agreements",
            "agreements.id",
        ));
    }
    if let Some(day) = by {
        found = found.filter(a::signed_latest.le(day));
    }
    let mut rows: Vec<(Option<String>, i64)> = found.load(conn)?;
    // Databases differ in the position of nulls and in the comparison of texts.
    rows.sort();
    let groups = rows.into_iter().map(|(withholding, count)| {
        let withholding = withholding.as_deref().map(stored).transpose()?;
        Ok(WithheldGroup { withholding, count })
    });
    groups.collect()
}

fn withheld(
    conn: &mut AnyConnection,
    id: OrganizationId,
    today: NaiveDate,
) -> Result<Withheld, ApiError> {
    let kind = Some(OrganizationKind::Municipality);
    let municipality = organizations::get(conn, id, kind)?;
    let groups = count(conn, (Some(municipality.meta.id), today), None)?;
    Ok(Withheld {
        municipality: OrganizationRef {
            id: municipality.meta.id,
            name: municipality.doc.content.name,
            code: municipality.code,
        },
        count: groups.iter().map(|group| group.count).sum(),
        groups,
    })
}

/// Count the withheld agreements
///
/// Number of signed agreements of a municipality that are not public, by legal basis and end of the
/// withholding. The agreements themselves are shown only to callers with access.
#[utoipa::path(tag = "agreements", operation_id = "get_withheld_agreements",
    params(("id" = Uuid, Path, description = "The municipality's id")),
    responses((status = 200, description = "Counts of withheld agreements", body = Withheld)))]
#[get("/municipalities/{id}/withheld-agreements")]
async fn get_withheld_agreements(
    Path(id): Path<OrganizationId>,
    read: Read,
) -> Result<Answered<Withheld>, ApiError> {
    read.value(move |conn, cx| withheld(conn, id, cx.today))
        .await
}

pub fn configure(config: &mut impl Mount) {
    config.route(get_withheld_agreements, Access::Read);
}
