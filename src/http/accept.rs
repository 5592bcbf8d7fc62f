//! Negotiation of the media type of an answer by `Accept` (RFC 9110 12.5.1).

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{ACCEPT, HeaderMap};

use super::{BASE, spec, tables};
use crate::kernel::error::{ApiError, Code};

/// The media ranges of `Accept` with their quality values.
pub struct Accepted<'a>(Vec<(&'a str, f32)>);

impl<'a> Accepted<'a> {
    /// Reads the header; parts that cannot be read are left out.
    pub fn of(headers: &'a HeaderMap) -> Self {
        let lines = headers.get_all(ACCEPT);
        let parts = lines.flat_map(|line| line.to_str().unwrap_or_default().split(','));
        Self(parts.filter_map(range).collect())
    }

    /// Returns the quality value of a media type: that of the most specific range that matches it,
    /// and 0 if none does.
    pub fn quality(&self, kind: &str) -> f32 {
        let family = kind.split('/').next().unwrap_or_default();
        let ranges = [kind, &format!("{family}/*"), "*/*"];
        let found = ranges.iter().find_map(|wanted| {
            let same = |(range, _): &&(&str, f32)| range.eq_ignore_ascii_case(wanted);
            self.0.iter().find(same)
        });
        found.map_or(0.0, |(_, quality)| *quality)
    }

    /// Returns true if one of the media types is acceptable. A request without the header, or with
    /// one that cannot be read, accepts all.
    fn accepts(&self, kinds: &[&str]) -> bool {
        self.0.is_empty() || kinds.iter().any(|kind| self.quality(kind) > 0.0)
    }
}

/// Returns a media range and its quality value; `None` if it is none.
fn range(text: &str) -> Option<(&str, f32)> {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().filter(|range| range.contains('/'))?;
    let weight = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    });
    let quality = weight.map_or(Ok(1.0), str::parse).ok()?;
    Some((range, quality))
}

/// Refuses a request whose address has no answer in an acceptable media type.
///
/// # Errors
/// `not_acceptable`
pub(super) fn check_address(req: &ServiceRequest, route: Option<&str>) -> Result<(), ApiError> {
    let operation = route.and_then(|route| spec().operation(req.method().as_str(), route));
    // Probes are answered whatever they accept, and files state their type themselves.
    let held = operation.filter(|operation| {
        operation.path.starts_with(BASE) && !operation.answers.is_empty() && !names_format(req)
    });
    let Some(operation) = held else {
        return Ok(());
    };
    if let Some(kind) = tables::named_type(req.request()) {
        return check(req.headers(), &[kind]);
    }
    let kinds: Vec<&str> = operation.answers.iter().map(String::as_str).collect();
    check(req.headers(), &kinds)
}

/// Refuses a request that accepts none of some media types.
///
/// # Errors
/// `not_acceptable`
pub(super) fn check(headers: &HeaderMap, kinds: &[&str]) -> Result<(), ApiError> {
    if Accepted::of(headers).accepts(kinds) {
        return Ok(());
    }
    let offered = kinds.join(", ");
    Err(ApiError::with(
        Code::NotAcceptable,
        format!("응답 형식: {offered}"),
        format!("Answers are sent as {offered}."),
    ))
}

/// The parameter that names the media type of an answer, whatever `Accept` says.
const FORMAT: &str = "format";

fn names_format(req: &ServiceRequest) -> bool {
    let mut query = url::form_urlencoded::parse(req.query_string().as_bytes());
    query.any(|(name, _)| name == FORMAT)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(&[], true)]
    #[case(&[""], true)]
    #[case(&["*/*"], true)]
    #[case(&["application/json"], true)]
    #[case(&["Application/JSON; charset=utf-8"], true)]
    #[case(&["application/*;q=0.1"], true)]
    #[case(&["image/png, */*; q=0.1"], true)]
    #[case(&["image/png", "application/json"], true)]
    #[case(&["text/html"], false)]
    #[case(&["application/xml, text/*"], false)]
    #[case(&["application/json;q=0, */*"], false)]
    #[case(&["application/json; Q=0"], false)]
    #[case(&["nonsense"], true)]
    fn json_is_accepted(#[case] lines: &[&str], #[case] expected: bool) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT, HeaderValue::from_str(line).unwrap());
        }
        let accepted = Accepted::of(&headers);
        assert_eq!(accepted.accepts(&["application/json"]), expected);
    }
}
