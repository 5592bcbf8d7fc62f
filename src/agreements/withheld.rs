//! `/municipalities/{id}/withheld-agreements`: how many signed agreements are not public, and why.

use actix_web::get;
use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::types::{AgreementStatus, Withholding};
use crate::access::{Session, Visibility};
use crate::db::schema::agreements as a;
use crate::db::{AnyConnection, among};
use crate::error::ApiError;
use crate::http::mount::Mount;
use crate::http::{Id, Logged, NoParams, Params};
use crate::organizations::store as organizations;
use crate::organizations::types::OrganizationKind;
use crate::values::{OrganizationRef, stored};

/// How many agreements are withheld for the same reason until the same day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WithheldGroup {
    /// Why and until when; null where that is not stated.
    pub withholding: Option<Withholding>,
    /// How many agreements.
    #[schema(minimum = 1, example = 3)]
    pub count: i64,
}

/// The signed agreements of a municipality that are not public, as numbers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Withheld {
    /// Whose agreements they are.
    pub municipality: OrganizationRef,
    /// How many are withheld.
    #[schema(minimum = 0, example = 3)]
    pub count: i64,
    /// The same, by why and until when.
    pub groups: Vec<WithheldGroup>,
}

/// Counts the signed agreements of a municipality that are not public: of a past day those that are
/// known to have been signed by it.
///
/// # Errors
/// What the database says.
pub fn count(
    conn: &mut AnyConnection,
    municipality: Uuid,
    by: Option<NaiveDate>,
) -> Result<Vec<WithheldGroup>, ApiError> {
    let signed = AgreementStatus::ALL.iter().filter(|s| s.is_signed());
    let mut found = a::table
        .filter(a::municipality_id.eq(municipality.to_string()))
        .filter(a::audience.ne(Visibility::Public.as_str()))
        .filter(among(a::status, signed.map(|s| s.as_str())))
        .group_by(a::withholding)
        .select((a::withholding, count_star()))
        .into_boxed();
    if let Some(day) = by {
        found = found.filter(a::signed_latest.le(day));
    }
    let mut rows: Vec<(Option<String>, i64)> = found.load(conn)?;
    // Databases differ in where null stands and how texts are compared.
    rows.sort();
    let groups = rows.into_iter().map(|(withholding, count)| {
        let withholding = withholding.as_deref().map(stored).transpose()?;
        Ok(WithheldGroup { withholding, count })
    });
    groups.collect()
}

fn withheld(conn: &mut AnyConnection, id: Uuid) -> Result<Withheld, ApiError> {
    let kind = Some(OrganizationKind::Municipality);
    let municipality = organizations::get(conn, id, kind)?.into_organization();
    let groups = count(conn, municipality.meta.id, None)?;
    Ok(Withheld {
        municipality: OrganizationRef {
            id: municipality.meta.id,
            name: municipality.content.name,
        },
        count: groups.iter().map(|group| group.count).sum(),
        groups,
    })
}

/// Count the agreements that are withheld
///
/// The signed agreements of a municipality that are not public: how many, on which legal basis and
/// until when. They themselves are seen by those who may see them.
#[utoipa::path(tag = "agreements", operation_id = "get_withheld_agreements",
    params(("id" = Uuid, Path, description = "The municipality's id")),
    responses((status = 200, description = "What is withheld, as numbers", body = Withheld)))]
#[get("/municipalities/{id}/withheld-agreements")]
async fn get_withheld_agreements(
    session: Session,
    id: Id,
    _: Params<NoParams>,
) -> Result<Logged<Withheld>, ApiError> {
    let [id] = id.0;
    session.read_logged(move |conn, _| withheld(conn, id)).await
}

pub fn configure(config: &mut impl Mount) {
    config.service(get_withheld_agreements);
}
