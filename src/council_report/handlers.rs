//! Handler of the council report: one path, two formats.

use actix_web::body::BoxBody;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder, get};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::page;
use super::rules::Period;
use super::types::CouncilReport;
use crate::edge::OwnPolicy;
use crate::http::mount::Mount;
use crate::http::permissions::Access;
use crate::http::{Accepted, Answer, Answered, Path, Read};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Language;
use crate::kernel::values::to_stored;

/// Format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportFormat {
    /// JSON.
    Json,
    /// HTML page to read and to print.
    Html,
}

impl ReportFormat {
    /// Negotiates the format by `Accept`. The page wins only if it is preferred over JSON, as
    /// browsers do.
    fn negotiate(headers: &HeaderMap) -> Self {
        let accepted = Accepted::of(headers);
        if accepted.quality("text/html") > accepted.quality("application/json") {
            Self::Html
        } else {
            Self::Json
        }
    }
}

/// Selects a report.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// First day of the period.
    #[param(example = "2021-01-01")]
    from: NaiveDate,
    /// Last day of the period, at most ten years after the first.
    #[param(example = "2024-12-31")]
    to: NaiveDate,
    /// Report as known on this day (valid time). Defaults to the last day of the period, or to
    /// today if that is earlier.
    #[param(example = "2024-12-31")]
    as_of: Option<NaiveDate>,
    /// Format of the response; overrides `Accept`.
    #[param(example = "json")]
    format: Option<ReportFormat>,
    /// Language of the page. Defaults to Korean.
    #[param(example = "ko")]
    lang: Option<Language>,
}

/// A report in the requested format.
struct ReportResponse {
    report: Answered<CouncilReport>,
    format: ReportFormat,
    language: Language,
}

impl Responder for ReportResponse {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let kind = match self.format {
            ReportFormat::Json => "application/json",
            ReportFormat::Html => page::KIND,
        };
        let mut response = self.report.response(req, kind);
        let headers = response.headers_mut();
        headers.append(header::VARY, HeaderValue::from_static("Accept"));
        if self.format == ReportFormat::Html {
            let tag = HeaderValue::from_static(self.language.tag());
            headers.insert(header::CONTENT_LANGUAGE, tag);
            response.extensions_mut().insert(OwnPolicy(page::policy()));
        }
        response
    }
}

/// Report to the council
///
/// Returns the council report on a municipality's agreements in a period: agreements signed,
/// completed, terminated, superseded and lapsed; execution rates with the records they leave out;
/// all commitments; reviews made and missed; council actions; overdue duties; moved milestones with
/// reasons; and counts of agreements withheld from the public. The format is JSON or a page for A4
/// paper, selected by `Accept` or `format`. The report covers what the caller can see and states
/// this in `basis`. An imprecise date belongs to the period that contains all its days. The cost is
/// proportional to the municipality's own records. The page is self-contained and runs no script.
#[utoipa::path(tag = "municipalities", operation_id = "get_council_report",
    params(("id" = Uuid, Path, description = "The municipality's id"), ReportQuery),
    responses((status = 200, description = "The report", content(
        (CouncilReport = "application/json"), (String = "text/html", example = json!(page::EXAMPLE))))))]
#[get("/municipalities/{id}/council-report")]
async fn get_council_report(
    req: HttpRequest,
    Path(id): Path<OrganizationId>,
    read: Read<ReportQuery>,
) -> Result<ReportResponse, ApiError> {
    let Read { session, query } = read;
    let (from, to, as_of) = (query.from, query.to, query.as_of);
    Period::check(from, to)?;
    let format = query.format;
    let format = format.unwrap_or_else(|| ReportFormat::negotiate(req.headers()));
    let language = query.lang.unwrap_or_default();
    let speaking = Language::of(&req);
    let session = match format {
        ReportFormat::Json => session,
        // Both formats can be had at the same URL.
        ReportFormat::Html => session.depending_on(language.tag()),
    };
    let read = session.read_answer(move |conn, cx| {
        let as_of = as_of.unwrap_or_else(|| to.min(cx.today));
        let report = super::of_period(conn, cx, id, &Period { from, to, as_of })?;
        let text = match format {
            ReportFormat::Json => speaking.speaking(|| to_stored(&report)),
            ReportFormat::Html => page::write(&report, language),
        };
        Ok(Answer::text(text?))
    });
    Ok(ReportResponse {
        report: read.await?,
        format,
        language,
    })
}

pub fn configure(config: &mut impl Mount) {
    config.schema::<ReportFormat>();
    config.route(get_council_report, Access::Read.to_figures());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_the_page_and_a_program_json() {
        let page = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
        for (accept, form) in [
            (page, ReportFormat::Html),
            ("text/html", ReportFormat::Html),
            ("TEXT/HTML; charset=utf-8", ReportFormat::Html),
            ("text/*, application/json;q=0.5", ReportFormat::Html),
            ("*/*", ReportFormat::Json),
            ("application/json, text/html", ReportFormat::Json),
            ("application/json, text/html;q=0.9", ReportFormat::Json),
            ("text/html;q=0, */*", ReportFormat::Json),
            ("image/png", ReportFormat::Json),
            ("", ReportFormat::Json),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
            assert_eq!(ReportFormat::negotiate(&headers), form, "{accept}");
        }
        assert_eq!(
            ReportFormat::negotiate(&HeaderMap::new()),
            ReportFormat::Json
        );
    }
}
