//! `/reference/holidays`

use actix_web::{delete, get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::store;
use super::types::{DeclaredHoliday, Holiday, HolidayContent};
use crate::db::page::{Order, PageBody};
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{
    Deleted, Filter, List, Paged, Paging, Path, Post, Posted, Read, Remove, Session, Single,
};
use crate::kernel::error::ApiError;
use crate::kernel::ids::HolidayId;
use crate::kernel::legal_days::HolidayKind;
use crate::projections::timeline_entry::{ALWAYS, LAST_DAY};

/// Filters of the holidays.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HolidayFilter {
    /// Only holidays on or after this day.
    #[param(example = "2026-01-01")]
    from: Option<NaiveDate>,
    /// Only holidays on or before this day.
    #[param(example = "2026-12-31")]
    to: Option<NaiveDate>,
}

impl Filter for HolidayFilter {
    fn order(&self) -> Order {
        Order::ascending("day", "name")
    }
}

/// List public holidays
///
/// Returns the public holidays of Korea that move the due dates of duties, by day: those of the
/// program's table, which is complete from 2000 to 2030, with the law or decree behind each, and
/// those declared since. Sundays are holidays without an entry. Two holidays can fall on one day.
#[utoipa::path(tag = "reference", operation_id = "list_reference_holidays",
    params(HolidayFilter, Paging), responses((status = 200, description = "One page of holidays", body = PageBody<Holiday>)))]
#[get("/reference/holidays")]
async fn list_reference_holidays(
    session: Session,
    list: List<HolidayFilter>,
) -> Result<Paged<Holiday>, ApiError> {
    session
        .read_list(list, move |conn, _, filter, page| {
            let range = (filter.from.unwrap_or(ALWAYS), filter.to.unwrap_or(LAST_DAY));
            let found = store::list(conn, range)?;
            let day = |holiday: &Holiday| holiday.day.to_string();
            let name =
                |holiday: &Holiday| holiday.name.texts().next().unwrap_or_default().to_owned();
            Ok(page.of(found, day, name))
        })
        .await
}

/// Declare a public holiday
///
/// For a day that the government declares later than the program's table was made: a temporary
/// holiday or the day of an early election. By an admin of all municipalities. The due dates of
/// duties that end on it move to the next working day. Its history is at `/holidays/{id}/history`.
#[utoipa::path(tag = "reference", operation_id = "create_reference_holiday", request_body = HolidayContent,
    responses((status = 201, description = "The holiday as declared", body = DeclaredHoliday)))]
#[post("/reference/holidays")]
async fn create_reference_holiday(
    post: Post<HolidayContent>,
) -> Result<Posted<DeclaredHoliday>, ApiError> {
    let location =
        |holiday: &DeclaredHoliday| format!("/api/v1/reference/holidays/{}", holiday.meta.id);
    post.created(location, store::declare).await
}

/// Read a declared holiday
///
/// Only holidays that an admin declared have an id.
#[utoipa::path(tag = "reference", operation_id = "get_reference_holiday", params(("id" = Uuid, Path, description = "The holiday's id")),
    responses((status = 200, description = "The holiday", body = DeclaredHoliday)))]
#[get("/reference/holidays/{id}")]
async fn get_reference_holiday(
    Path(id): Path<HolidayId>,
    read: Read,
) -> Result<Single<DeclaredHoliday>, ApiError> {
    read.record(move |conn, _| store::get(conn, id)).await
}

/// Withdraw a declared holiday
///
/// By an admin of all municipalities, for a holiday that was revoked or declared in error. The due
/// dates that it moved move back.
#[utoipa::path(tag = "reference", operation_id = "delete_reference_holiday", params(("id" = Uuid, Path, description = "The holiday's id")),
    responses((status = 204, description = "The holiday was withdrawn")))]
#[delete("/reference/holidays/{id}")]
async fn delete_reference_holiday(
    Path(id): Path<HolidayId>,
    remove: Remove,
) -> Result<Deleted, ApiError> {
    remove
        .deleted(move |conn, cx, expected| store::withdraw(conn, cx, id, expected))
        .await
}

pub fn configure(config: &mut impl Mount) {
    config.schema::<HolidayKind>();
    config
        .route(list_reference_holidays, Access::Read)
        .route(create_reference_holiday, Access::Manage)
        .route(get_reference_holiday, Access::Read)
        .route(delete_reference_holiday, Access::Manage);
}
