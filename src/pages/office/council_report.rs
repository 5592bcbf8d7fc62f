//! The report to the council on all that the city's officers can see.

use actix_web::{HttpResponse, get};
use chrono::NaiveDate;

use super::visit::{Visit, answer};
use crate::council_report::{Period, of_period, page};
use crate::edge::OwnPolicy;
use crate::http::Path;
use crate::kernel::error::{ApiError, Code};
use crate::kernel::ids::OrganizationId;
use crate::pages::reader::{Frame, not_a_day};

/// The operation of the API with the same report.
const OPERATION: &str = "get_council_report";

#[get("/office/municipalities/{id}/council-report")]
pub async fn show(Path(id): Path<OrganizationId>, visit: Visit) -> Result<HttpResponse, ApiError> {
    let Visit { by, frame } = visit;
    let days = [day(&frame, "from"), day(&frame, "to")];
    let [Some(from), Some(to)] = days else {
        let missing = ["from", "to"].into_iter().zip(days);
        let missing = missing.filter(|(_, day)| day.is_none());
        let errors = missing.map(|(name, _)| not_a_day(name, frame.get(name).unwrap_or_default()));
        return Err(ApiError::new(Code::InvalidParameters).and(errors.collect()));
    };
    Period::check(from, to)?;
    let (as_of, language) = (frame.as_of, frame.w.0);
    let read = by.read_as(OPERATION, move |conn, cx| {
        let as_of = as_of.unwrap_or_else(|| to.min(cx.today));
        let report = of_period(conn, cx, id, &Period { from, to, as_of })?;
        page::write(&report, language)
    });
    let mut response = answer(&mut HttpResponse::Ok(), frame.w.tag(), read.await?);
    response.extensions_mut().insert(OwnPolicy(page::policy()));
    Ok(response)
}

fn day(frame: &Frame, name: &str) -> Option<NaiveDate> {
    frame.get(name)?.parse().ok()
}
