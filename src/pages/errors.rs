//! Refusals as pages, which lead on.

use actix_web::HttpRequest;
use askama::Template;

use super::layout::Layout;
use super::reader::Frame;
use super::{POLICY, office};
use crate::http::reader::ErrorPage;
use crate::kernel::error::{Code, Problem};
use crate::kernel::is_office;

#[derive(Template)]
#[template(path = "error.html")]
struct Page {
    l: Layout,
    /// What happened, in a sentence for readers.
    text: String,
    errors: Vec<String>,
    /// URL of the same page in the present, if it was asked about another day.
    present: Option<String>,
    find: String,
    /// URL of the desk, below which somebody meets the refusal.
    desk: Option<String>,
    request_id: String,
}

/// Shows a refusal as a page.
pub fn page(req: &HttpRequest, problem: &Problem) -> Option<ErrorPage> {
    if problem.code == Code::Unauthenticated && is_office(req.path()) {
        return office::ended(req, problem);
    }
    let frame = Frame::without_days(req);
    let w = frame.w;
    let text = match problem.code {
        Code::NotFound => w.t(
            "주소가 잘못되었거나, 공개되지 않았거나, 그날까지 알려진 것이 없습니다.",
            "The address is wrong, the record is not public, or nothing was known of it by that day.",
        ),
        Code::Unauthenticated => w.t(
            "이 등록부는 공개되어 있지 않습니다.",
            "This registry is not open to the public.",
        ),
        _ => problem.detail.as_deref().unwrap_or_default(),
    };
    let title = match problem.code {
        Code::NotFound => w.t("요청하신 화면을 찾을 수 없습니다", "Nothing is here"),
        _ => &problem.title,
    };
    let errors = problem.errors.iter().map(|error| match &error.parameter {
        Some(name) => format!("{name}: {}", error.message),
        None => error.message.clone(),
    });
    let page = Page {
        text: text.to_owned(),
        errors: errors.collect(),
        present: frame.asks_about_a_day().then(|| frame.present()),
        find: frame.to("find"),
        desk: frame.is_office().then(|| frame.to("office")),
        request_id: problem.request_id.clone(),
        l: Layout::new(&frame, title, text),
    };
    let text = page.render().ok()?;
    Some(ErrorPage {
        text,
        policy: POLICY,
    })
}
