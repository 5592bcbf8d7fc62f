//! Refusals as pages, which lead on.

use actix_web::HttpRequest;
use actix_web::http::Method;
use askama::Template;

use super::layout::Layout;
use super::lists::{Field, field};
use super::office::in_labels;
use super::reader::{Frame, NOT_A_DAY};
use super::{POLICY, office};
use crate::http::reader::ErrorPage;
use crate::kernel::error::{Code, Problem, ProblemError};
use crate::kernel::is_office;

#[derive(Template)]
#[template(path = "error.html")]
struct Page {
    l: Layout,
    /// What happened, in a sentence for readers.
    text: String,
    errors: Vec<String>,
    /// The form that asks again, of a page that was asked in a wrong way.
    again: Option<Again>,
    /// URL of the same page in the present, if it was asked about another day.
    present: Option<String>,
    find: String,
    /// URL of the desk, below which somebody meets the refusal.
    desk: Option<String>,
    request_id: String,
}

/// A page's form with what the reader typed, and what is wrong with it.
struct Again {
    path: String,
    /// What links and choices selected, which the form passes on.
    hidden: Vec<(String, String)>,
    fields: Vec<(Field, Vec<String>)>,
}

impl Again {
    /// Returns the form of a page that refused its query; `None` if the reader typed nothing of it.
    fn of(frame: &Frame, problem: &Problem) -> Option<Self> {
        let (mut hidden, mut fields) = (Vec::new(), Vec::new());
        // Another filter has other pages.
        for (name, value) in frame.typed().filter(|(name, _)| *name != "cursor") {
            let wrong = problem.errors.iter();
            let wrong = wrong.filter(|error| error.parameter.as_deref() == Some(name));
            let wrong: Vec<&ProblemError> = wrong.collect();
            match field(frame, name) {
                Some(mut field) => {
                    // A field for days shows nothing that is none.
                    if wrong.iter().any(|error| error.code == NOT_A_DAY) {
                        field.kind = "text";
                    }
                    let said = wrong
                        .iter()
                        .map(|error| in_labels(&error.message, &[], frame.w));
                    fields.push((field, said.collect()));
                }
                None if wrong.is_empty() => hidden.push((name.to_owned(), value.to_owned())),
                None => {}
            }
        }
        // Of what is needed and missing, the form has a field too.
        let is_typed = |name: &str| frame.typed().any(|(typed, _)| typed == name);
        for error in &problem.errors {
            let missing = error.parameter.as_deref().filter(|name| !is_typed(name));
            if let Some(field) = missing.and_then(|name| field(frame, name)) {
                fields.push((field, vec![in_labels(&error.message, &[], frame.w)]));
            }
        }
        (!fields.is_empty()).then(|| Self {
            path: frame.own(),
            hidden,
            fields,
        })
    }
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
    let is_asked = problem.code == Code::InvalidParameters && req.method() == Method::GET;
    let again = match is_asked {
        true => Again::of(&frame, problem),
        false => None,
    };
    let (title, text) = match problem.code {
        Code::NotFound => (
            w.t("요청하신 화면을 찾을 수 없습니다", "Nothing is here"),
            text,
        ),
        _ if again.is_some() => (
            w.t(
                "적은 조건을 수정하여 주십시오",
                "Something in the filter is wrong",
            ),
            "",
        ),
        _ => (&*problem.title, text),
    };
    let text = in_labels(text, &[], w);
    let is_shown = |error: &&ProblemError| {
        let fields = again.iter().flat_map(|again| &again.fields);
        let mut names = fields.map(|(field, _)| field.name);
        !names.any(|name| error.parameter.as_deref() == Some(name))
    };
    let errors = problem.errors.iter().filter(is_shown);
    let page = Page {
        errors: errors
            .map(|error| in_labels(&error.message, &[], w))
            .collect(),
        again,
        present: frame.asks_about_a_day().then(|| frame.present()),
        find: frame.to("find"),
        desk: frame.is_office().then(|| frame.to("office")),
        request_id: problem.request_id.clone(),
        l: Layout::new(&frame, title, text.as_str()),
        text,
    };
    let text = page.render().ok()?;
    Some(ErrorPage {
        text,
        policy: POLICY,
    })
}
