//! `/reference`: data of the program itself.

pub mod labels;
pub mod wording;

use actix_web::get;
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::db::page::{Listed, Order, PageBody};
use crate::directory::municipalities::{MUNICIPALITIES, MunicipalityLevel, ReferenceMunicipality};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Filter, List, Paged, Paging, Session};
use crate::kernel::error::ApiError;
use crate::kernel::text;

/// Filters of the official list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReferenceFilter {
    /// Part of the name, in Korean or English.
    #[param(max_length = 100, example = "고양")]
    q: Option<String>,
    /// Only municipalities in force on this day.
    #[param(example = "2026-11-23")]
    active_on: Option<NaiveDate>,
    /// Only municipalities of this level.
    level: Option<MunicipalityLevel>,
    /// Only municipalities of this metropolitan government.
    #[param(pattern = "^[0-9]{10}$", example = "4100000000")]
    parent_code: Option<String>,
}

impl Filter for ReferenceFilter {
    fn order(&self) -> Order {
        Order::ascending("code", "code")
    }
}

/// List the official municipalities
///
/// Returns the local governments of Korea in force and those abolished since 2010, with their
/// successors, ordered by code.
#[utoipa::path(tag = "reference", operation_id = "list_reference_municipalities",
    params(ReferenceFilter, Paging), responses((status = 200, description = "One page of municipalities", body = PageBody<ReferenceMunicipality>)))]
#[get("/reference/municipalities")]
async fn list_reference_municipalities(
    session: Session,
    list: List<ReferenceFilter>,
) -> Result<Paged<ReferenceMunicipality>, ApiError> {
    // The list is not in the database, but the caller is still authenticated there.
    session.read(|_, _| Ok(())).await?;
    let List { filter, page } = list;
    let q = filter.q.filter(|q| !q.trim().is_empty());
    let is_match = |m: &&ReferenceMunicipality| {
        let named = |q: &String| {
            let mut names = m.name.texts().chain(m.full_name.texts());
            names.any(|name| text::contains(name, q))
        };
        q.as_ref().is_none_or(named)
            && filter.active_on.is_none_or(|day| m.is_active_on(day))
            && filter.level.is_none_or(|level| m.level == level)
            && filter
                .parent_code
                .as_ref()
                .is_none_or(|code| m.parent_code.as_ref() == Some(code))
    };
    let found: Vec<_> = MUNICIPALITIES.iter().filter(is_match).collect();
    let listed: Listed<&ReferenceMunicipality> =
        page.of(found, |m| m.code.clone(), |m| m.code.clone());
    session.page(listed.map(Clone::clone))
}

pub fn configure(config: &mut impl Mount) {
    config.tag("reference", "Built-in reference data");
    config.route(list_reference_municipalities, Access::Timeless);
    config.route(labels::list_labels, Access::Timeless);
    config.route(wording::read_wording, Access::Timeless);
}
