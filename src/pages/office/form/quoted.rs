//! The places of a paper from which fields of a form were read. The form passes them on, so that they stand
//! beside their fields until it is recorded.

use super::shown::{names, nearest};
use super::{Group, PAPER};
use crate::http::forms::Form;
use crate::imports::paper::PaperPlace;
use crate::pages::markup::Text;
use crate::pages::words::Words;

/// What a paper says from which a field was read.
pub struct Quoted {
    /// The page or paragraph, in words.
    pub place: String,
    pub text: Text,
    /// The place as the form passes it on.
    pub passed: String,
}

/// Adds to a form the places from which its fields were read.
pub fn with_quotes(mut form: Form, groups: &[Group], places: &[PaperPlace], w: Words) -> Form {
    let names = names(groups, &form, w);
    for place in places {
        let Some(name) = nearest(&names, place.pointer.trim_start_matches('/')) else {
            tracing::warn!(place.pointer, "no field shows what was read from a paper");
            continue;
        };
        let name = format!("{name}/{PAPER}");
        // A sentence can state several members of one field.
        let is_new = form.all(&name).filter_map(parsed).all(|known| {
            (known.page, known.paragraph, &known.text) != (place.page, place.paragraph, &place.text)
        });
        if let Some(passed) = serde_json::to_string(place).ok().filter(|_| is_new) {
            form = form.with(name, passed);
        }
    }
    form
}

fn parsed(passed: &str) -> Option<PaperPlace> {
    serde_json::from_str(passed).ok()
}

/// Returns what a paper says from which a field was read.
pub fn quoted(form: &Form, name: &str, w: Words) -> Vec<Quoted> {
    let name = format!("{name}/{PAPER}");
    let all = form.all(&name).filter_map(|passed| {
        let place = parsed(passed)?;
        Some(Quoted {
            place: w.place(place.page, place.paragraph),
            text: Text::stated(place.text, w),
            passed: passed.to_owned(),
        })
    });
    all.collect()
}
