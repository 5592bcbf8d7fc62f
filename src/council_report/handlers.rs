//! The operation: one address, in two forms.

use actix_web::body::BoxBody;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder, get};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::page;
use super::rules::Period;
use super::store;
use super::types::CouncilReport;
use crate::access::Session;
use crate::edge::OwnPolicy;
use crate::error::{ApiError, Code};
use crate::http::language::Language;
use crate::http::mount::Mount;
use crate::http::{Id, Logged, Params};
use crate::values::to_stored;

/// The forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportFormat {
    /// For programs.
    Json,
    /// A page to read and to print.
    Html,
}

impl ReportFormat {
    /// What `Accept` prefers: the page where it is liked better than JSON, as browsers do.
    fn of(headers: &HeaderMap) -> Self {
        let accepted = headers.get_all(header::ACCEPT);
        let accepted: Vec<&str> = accepted.filter_map(|value| value.to_str().ok()).collect();
        let liking = |ranges: [&str; 3]| {
            // The narrowest range that names a type counts.
            let found = ranges.iter().find_map(|range| {
                let all = accepted.iter().flat_map(|value| value.split(','));
                all.map(str::trim).find_map(|one| liked(one, range))
            });
            found.unwrap_or(0.0)
        };
        let page = liking(["text/html", "text/*", "*/*"]);
        if page > liking(["application/json", "application/*", "*/*"]) {
            Self::Html
        } else {
            Self::Json
        }
    }
}

/// How much a range of `Accept` is liked, where it is this one.
fn liked(accepted: &str, range: &str) -> Option<f32> {
    let mut parts = accepted.split(';').map(str::trim);
    let named = parts.next()?.eq_ignore_ascii_case(range);
    let quality = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    named.then(|| quality.and_then(|q| q.parse().ok()).unwrap_or(1.0))
}

/// Which report is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// The first day of the period.
    #[param(example = "2021-01-01")]
    from: NaiveDate,
    /// The last day of the period, ten years later at most.
    #[param(example = "2024-12-31")]
    to: NaiveDate,
    /// Tell what was known on this day; unless it is given on the last day of the period, or today
    /// where that is earlier.
    #[param(example = "2024-12-31")]
    as_of: Option<NaiveDate>,
    /// Answer in this form, whatever `Accept` says.
    #[param(example = "json")]
    format: Option<ReportFormat>,
    /// The language of the page; Korean unless it says otherwise.
    #[param(example = "ko")]
    lang: Option<Language>,
}

/// A report in the form that was asked for.
struct Told {
    text: Logged<String>,
    format: ReportFormat,
    language: Language,
}

impl Responder for Told {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let kind = match self.format {
            ReportFormat::Json => "application/json",
            ReportFormat::Html => page::KIND,
        };
        let mut response = self.text.text(req, kind);
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
/// What a council is told of a municipality's agreements in a period: what was signed, completed,
/// terminated, superseded and lapsed, execution rates with what they leave out, each commitment, the
/// reviews that were made and missed, what the council did, overdue duties, the milestones that moved
/// with their reasons, and what is withheld from the public. As JSON, or as a page that fits A4 paper,
/// by `Accept` or by `format`. It rests on what the caller sees, and says so. What is dated imprecisely
/// lies in the period in which its last day does. It costs in proportion to the municipality's own
/// records. The page holds all that it needs, and runs no script.
#[utoipa::path(tag = "municipalities", operation_id = "get_council_report",
    params(("id" = Uuid, Path, description = "The municipality's id"), ReportQuery),
    responses((status = 200, description = "The report", content(
        (CouncilReport = "application/json"), (String = "text/html", example = json!(page::EXAMPLE))))))]
#[get("/municipalities/{id}/council-report")]
async fn get_council_report(
    session: Session,
    req: HttpRequest,
    id: Id,
    query: Params<ReportQuery>,
) -> Result<Told, ApiError> {
    let ([id], asked) = (id.0, query.0);
    let (from, to, as_of) = (asked.from, asked.to, asked.as_of);
    Period::check(from, to)
        .map_err(|wrong| ApiError::new(Code::InvalidParameters).and(vec![wrong]))?;
    let format = asked.format;
    let format = format.unwrap_or_else(|| ReportFormat::of(req.headers()));
    let language = asked.lang.unwrap_or_default();
    let session = match format {
        ReportFormat::Json => session,
        // Another form of the same address has a tag of its own.
        ReportFormat::Html => session.speaking(language),
    };
    let read = session.read_logged(move |conn, cx| {
        let as_of = as_of.unwrap_or_else(|| to.min(cx.today));
        let period = Period { from, to, as_of };
        store::report(conn, cx, id, &period)
    });
    let text = read.await?.try_map(|report| match format {
        ReportFormat::Json => to_stored(&report),
        ReportFormat::Html => page::write(&report, language),
    })?;
    Ok(Told {
        text,
        format,
        language,
    })
}

pub fn configure(config: &mut impl Mount) {
    config.service(get_council_report);
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
            assert_eq!(ReportFormat::of(&headers), form, "{accept}");
        }
        assert_eq!(ReportFormat::of(&HeaderMap::new()), ReportFormat::Json);
    }
}
