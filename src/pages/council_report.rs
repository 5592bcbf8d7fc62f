//! The report to the council as a page: for readers on what everybody can see, and for officers on all that
//! they can see.

use actix_web::{HttpResponse, get};
use chrono::NaiveDate;

use super::office::{Visit, answer};
use super::reader::{Frame, Reader, day, not_a_day};
use crate::council_report::{Period, of_period, page};
use crate::db::{AnyConnection, ReadClass};
use crate::edge::OwnPolicy;
use crate::http::Path;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::OrganizationId;
use crate::ledger::RequestContext;

/// The operation of the API with the same report.
const OPERATION: &str = "get_council_report";

#[get("/municipalities/{id}/council-report")]
pub async fn of_readers(
    Path(id): Path<OrganizationId>,
    reader: Reader,
) -> Result<HttpResponse, ApiError> {
    let days = reader.frame.checked(period(&reader.frame))?;
    let reader = reader.under(page::policy());
    let work = move |conn: &mut _, cx: &_, frame: &_| report(conn, cx, frame, id, days);
    reader.page(ReadClass::Figures, work).await
}

#[get("/office/municipalities/{id}/council-report")]
pub async fn of_officers(
    Path(id): Path<OrganizationId>,
    visit: Visit,
) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let (days, tag) = (frame.checked(period(&frame))?, frame.w.tag());
    let read = by.read_as(OPERATION, move |conn, cx| {
        report(conn, cx, &frame, id, days)
    });
    let mut response = answer(&mut HttpResponse::Ok(), tag, read.await?);
    response.extensions_mut().insert(OwnPolicy(page::policy()));
    Ok(response)
}

/// Returns the first and the last day of the report.
fn period(frame: &Frame) -> Result<(NaiveDate, NaiveDate), ApiError> {
    let names = ["from", "to"];
    let typed = names.map(|name| frame.get(name).unwrap_or_default());
    if let [Some(from), Some(to)] = typed.map(day) {
        return Period::check(from, to).map(|()| (from, to));
    }
    let wrong = names.into_iter().zip(typed);
    let wrong = wrong.filter(|(_, text)| day(text).is_none());
    let errors = wrong.map(|(name, text)| not_a_day(name, text));
    Err(ApiError::new(Code::InvalidParameters).and(errors.collect()))
}

fn report(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    id: OrganizationId,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<String, ApiError> {
    let as_of = frame.as_of.unwrap_or_else(|| to.min(cx.today));
    let report = of_period(conn, cx, id, &Period { from, to, as_of })?;
    page::write(&report, frame.w.0)
}
