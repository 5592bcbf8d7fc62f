//! Reading and declaring holidays.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::records::HOLIDAY;
use super::types::{DeclaredHoliday, Holiday, HolidayContent};
use crate::agreements::duties;
use crate::db::schema::holidays as h;
use crate::db::{AnyConnection, Json};
use crate::http::IfMatch;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::ids::HolidayId;
use crate::kernel::language::Message;
use crate::kernel::legal_days::TABLE;
use crate::kernel::values::Meta;
use crate::ledger;
use crate::ledger::RequestContext;
use crate::ledger::caller::Reach;
use crate::ledger::records::PastState;
use crate::projections::policies;

#[derive(Queryable, Selectable)]
#[diesel(table_name = h)]
struct Row {
    id: String,
    version: i64,
    doc: Json<HolidayContent>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl Row {
    fn read(self) -> Result<DeclaredHoliday, ApiError> {
        let Json(content) = self.doc;
        let meta = Meta::read(&self.id, self.version, self.created_at, self.updated_at)?;
        Ok(DeclaredHoliday { meta, content })
    }
}

/// Returns the holidays from one day to another, those of the table and those declared.
pub fn list(
    conn: &mut AnyConnection,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Vec<Holiday>, ApiError> {
    let rows = TABLE.iter().filter(|row| (from..=to).contains(&row.day));
    let mut all: Vec<Holiday> = rows.map(Holiday::of_table).collect();
    let declared: Vec<Row> = h::table
        .filter(h::day.between(from, to))
        .select(Row::as_select())
        .load(conn)?;
    for row in declared {
        all.push(Holiday::declared(row.read()?));
    }
    Ok(all)
}

/// Reads a declared holiday.
///
/// # Errors
/// `not_found`
pub fn get(conn: &mut AnyConnection, id: HolidayId) -> Result<DeclaredHoliday, ApiError> {
    let row: Row = h::table
        .find(id.to_string())
        .select(Row::as_select())
        .first(conn)?;
    row.read()
}

fn check_manages_all(cx: &RequestContext) -> Result<(), ApiError> {
    if cx.caller.reach == Reach::All {
        return Ok(());
    }
    Err(ApiError::with(
        Code::Forbidden,
        "공휴일은 모든 지방자치단체를 맡은 관리자만 등록하거나 지울 수 있습니다.",
        "A holiday is declared and withdrawn by an admin of all municipalities.",
    ))
}

/// Declares a holiday, and derives the duties of all agreements anew.
///
/// # Errors
/// `forbidden` if the caller does not work for all municipalities; `conflict` if the day already has
/// a holiday of that name.
pub fn declare(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    new: &HolidayContent,
) -> Result<DeclaredHoliday, ApiError> {
    check_manages_all(cx)?;
    let is_same = |other: &Holiday| {
        let mut texts = other.name.texts();
        texts.any(|text| new.name.texts().any(|name| name == text))
    };
    if list(conn, (new.day, new.day))?.iter().any(is_same) {
        let message = Message::fixed(
            "이 날의 같은 이름의 공휴일이 이미 있습니다.",
            "This day has a holiday of this name already.",
        );
        let twice = FieldError::body("/name", "holiday_twice", message);
        return Err(ApiError::new(Code::Conflict).and(vec![twice]));
    }
    let meta = cx.new_meta();
    put(conn, &meta, new)?;
    derive_duties(conn, cx)?;
    ledger::append(conn, cx, &HOLIDAY, &meta.id.to_string(), None)?;
    get(conn, meta.id)
}

/// Withdraws a declared holiday, and derives the duties of all agreements anew.
///
/// # Errors
/// `not_found`, `forbidden`, or `precondition_failed` if the version differs.
pub fn withdraw(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: HolidayId,
    expected: &IfMatch,
) -> Result<(), ApiError> {
    check_manages_all(cx)?;
    expected.check(&get(conn, id)?.meta.revision())?;
    diesel::delete(h::table.find(id.to_string())).execute(conn)?;
    derive_duties(conn, cx)?;
    ledger::append(conn, cx, &HOLIDAY, &id.to_string(), None)
}

/// Derives the duties of all agreements under policies, whose due dates a holiday can move, and the
/// notices against renewals, which need no policy.
fn derive_duties(conn: &mut AnyConnection, cx: &RequestContext) -> Result<(), ApiError> {
    let mut all = policies::all_locked(conn)?;
    for municipality in duties::with_notices(conn)? {
        all.entry(municipality).or_default();
    }
    for (municipality, policies) in all {
        duties::write_projections(conn, cx, municipality, &policies)?;
    }
    Ok(())
}

/// Writes a past state of a holiday. The duties follow when their agreements are written.
pub fn restore(conn: &mut AnyConnection, was: &PastState) -> Result<(), ApiError> {
    put(conn, &was.meta()?, &was.doc()?)
}

fn put(
    conn: &mut AnyConnection,
    meta: &Meta<HolidayId>,
    content: &HolidayContent,
) -> Result<(), ApiError> {
    diesel::insert_into(h::table)
        .values((
            h::id.eq(meta.id.to_string()),
            h::version.eq(meta.version),
            h::day.eq(content.day),
            h::name.eq(Json(&content.name)),
            h::doc.eq(Json(content)),
            h::created_at.eq(meta.created_at.naive_utc()),
            h::updated_at.eq(meta.updated_at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}
