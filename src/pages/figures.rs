//! Figures of agreements, with what they leave out.

use super::lists::first;
use super::reader::Frame;
use super::words::Words;
use crate::db::AnyConnection;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::ledger::RequestContext;
use crate::statistics::agreements::figures;
use crate::statistics::agreements::types::{AgreementFigures, AgreementStatisticsFilter};
use crate::statistics::rules;

/// A count of agreements with the list behind it.
pub struct FigureRow {
    pub name: String,
    pub count: String,
    pub href: String,
}

/// A rate with the records that it leaves out.
pub struct RateRow {
    pub name: &'static str,
    pub share: String,
    pub left_out: Vec<String>,
}

/// The body of whose agreements something is shown.
#[derive(Clone, Copy)]
pub enum Body {
    /// A municipality, with the agreements that it holds.
    Municipality(OrganizationId),
    /// An organization, with the agreements to which it is a party.
    Organization(OrganizationId),
}

impl Body {
    /// Returns the filter of the API by the body.
    pub fn filter(self) -> (&'static str, String) {
        match self {
            Self::Municipality(id) => ("municipality_id", id.to_string()),
            Self::Organization(id) => ("organization_id", id.to_string()),
        }
    }

    pub fn municipality(self) -> Option<OrganizationId> {
        match self {
            Self::Municipality(id) => Some(id),
            Self::Organization(_) => None,
        }
    }

    pub fn organization(self) -> Option<OrganizationId> {
        match self {
            Self::Municipality(_) => None,
            Self::Organization(id) => Some(id),
        }
    }
}

/// Returns the figures of all agreements, or of those of a body.
pub fn of(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    frame: &Frame,
    body: Option<Body>,
) -> Result<(Vec<FigureRow>, Vec<RateRow>), ApiError> {
    let filter = AgreementStatisticsFilter {
        municipality_id: body.and_then(Body::municipality),
        organization_id: body.and_then(Body::organization),
        as_of: frame.as_of,
        ..AgreementStatisticsFilter::default()
    };
    let found = figures::statistics(conn, cx, &filter, &filter.link(), &first(&filter, 1))?;
    Ok((
        counts(frame, &found.totals, body),
        rates(frame.w, &found.totals),
    ))
}

fn counts(frame: &Frame, figures: &AgreementFigures, body: Option<Body>) -> Vec<FigureRow> {
    let w = frame.w;
    let body = body.map(Body::filter);
    let row = |name: String, count: u64, filter: Option<(&str, &str)>| {
        let body = body.as_ref().map(|(name, id)| (*name, id.as_str()));
        let query: Vec<_> = body.into_iter().chain(filter).collect();
        FigureRow {
            name,
            count: w.number(usize::try_from(count).unwrap_or(usize::MAX)),
            href: frame.with("agreements", &query),
        }
    };
    let all = w.t("모든 협약", "All agreements").to_owned();
    let mut rows = vec![row(all, figures.count.count, None)];
    let parts = figures.in_force.counts.iter().filter(|part| part.count > 0);
    rows.extend(parts.map(|part| {
        let name = match part.value.as_str() {
            "unknown" => w.t("효력 여부 미상", "In force: unknown").to_owned(),
            value => w.label("InForce", &value),
        };
        row(name, part.count, Some(("in_force", &part.value)))
    }));
    rows
}

fn rates(w: Words, figures: &AgreementFigures) -> Vec<RateRow> {
    let rate = |name: &'static str, figure: &rules::Figure| {
        let left_out = figure.left_out.iter().map(|out| match w.tag() {
            "ko" => format!("{} {}건", out.words.ko, out.count),
            _ => format!("{}: {}", out.words.en, out.count),
        });
        RateRow {
            name,
            share: w.share(figure.value, figure.numerator, figure.denominator),
            left_out: left_out.collect(),
        }
    };
    let (commitments, agreements) = match w.tag() {
        "ko" => ("협약 사항 이행률", "협약 완료율"),
        _ => ("Commitments carried out", "Agreements completed"),
    };
    vec![
        rate(commitments, &figures.execution_rate_commitments),
        rate(agreements, &figures.execution_rate_agreements),
    ]
}
