//! The report as an HTML page: a single file, laid out for A4 paper.

mod agreements;
mod cells;
mod follow_up;
mod milestones;
mod sections;
pub mod words;

use std::sync::LazyLock;

use actix_web::http::header::HeaderValue;
use askama::Template;
use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use self::cells::Section;
use self::sections::sections;
use super::types::CouncilReport;
use crate::kernel::error::ApiError;
use crate::kernel::language::Language;
use crate::kernel::words::Word;

/// Media type of the page.
pub const KIND: &str = "text/html; charset=utf-8";

/// A shortened example of the page.
pub const EXAMPLE: &str = "<!DOCTYPE html>\n<html lang=\"ko\">\n<head>…</head>\n<body>\n<main>\n<header>\n\
    <h1>업무협약 추진현황 보고</h1>\n<p class=\"period\">(2021. 1. 1. ~ 2024. 12. 31.)</p>\n…";

const STYLE: &str = include_str!("page.css");

/// Returns the content security policy: only the page's own style is allowed, by its digest.
pub fn policy() -> HeaderValue {
    static POLICY: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
        let digest = BASE64.encode(&Sha256::digest(STYLE.as_bytes()));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'"
        );
        HeaderValue::from_str(&policy).ok()
    });
    let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    POLICY.clone().unwrap_or(nothing)
}

/// Input of the template, which escapes everything but the style.
#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    lang: &'static str,
    style: &'static str,
    city: &'a str,
    title: &'a str,
    period: String,
    /// Rows on the basis of the report: name and lines.
    about: Vec<(&'static str, Vec<String>)>,
    sections: Vec<Section>,
    /// Text for an empty table.
    none: &'a str,
    /// Closing line.
    end: &'a str,
}

/// Renders the page.
///
/// # Errors
/// `internal_error` if the template fails.
pub fn write(report: &CouncilReport, language: Language) -> Result<String, ApiError> {
    let pick = |ko: &'static str, en: &'static str| match language {
        Language::Korean => ko,
        Language::English => en,
    };
    let period = format!("{} ~ {}", words::day(report.from), words::day(report.to));
    let page = Page {
        lang: language.tag(),
        style: STYLE,
        city: report.municipality.name.in_language(language),
        title: pick("업무협약 추진현황 보고", "Report on agreements"),
        period: format!("({period})"),
        about: about(report, period, language),
        sections: sections(report, language),
        none: pick("해당 없음", "None"),
        end: pick("끝.", "End."),
    };
    page.render().map_err(ApiError::internal)
}

fn about(
    report: &CouncilReport,
    period: String,
    language: Language,
) -> Vec<(&'static str, Vec<String>)> {
    let pick = |ko: &'static str, en: &'static str| match language {
        Language::Korean => ko,
        Language::English => en,
    };
    let mut city = vec![report.municipality.name.in_language(language).to_owned()];
    city.extend(report.officers.iter().map(|officer| {
        let term = match (&officer.from, &officer.until) {
            // The term is still running, or its end is unknown.
            (Some(from), None) => format!("{} ~", words::date(Some(from), language)),
            (from, until) => words::term(from.as_ref(), until.as_ref(), language),
        };
        let title = officer.title.in_language(language);
        let held = pick("재임 기간", "in office");
        format!("{title} {} ({held} {term})", officer.name)
    }));
    let ordinances = report.ordinances.iter().map(|reference| {
        let parts = std::iter::once(&reference.title).chain(&reference.article);
        parts.map(String::as_str).collect::<Vec<_>>().join(" ")
    });
    let mut ordinances: Vec<String> = ordinances.collect();
    if ordinances.is_empty() {
        ordinances.push(pick("기록된 조례 없음", "None recorded").into());
    }
    let basis = report.basis.word();
    let basis = match language {
        Language::Korean => format!("{}을 바탕으로 작성", basis.ko),
        Language::English => format!("Rests on {}", basis.en),
    };
    vec![
        (pick("대상 기관", "Municipality"), city),
        (pick("대상 기간", "Period"), vec![period]),
        (pick("기준일", "As of"), vec![words::day(report.as_of)]),
        (pick("근거", "Ordinance"), ordinances),
        (pick("작성 범위", "Basis"), vec![basis]),
    ]
}
