//! The choice of a municipality on pages with lists.

use actix_web::web::Bytes;
use askama::Template;

use super::lists::{Choice, MUNICIPALITY};
use super::markup::Markup;
use super::reader::Frame;
use super::words::Words;
use crate::db::AnyConnection;
use crate::directory::municipalities::ReferenceMunicipality;
use crate::http::{Shown, Texts};
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::language::Language;
use crate::ledger::RequestContext;
use crate::ledger::tail::Basis;
use crate::municipalities::store;

/// The options of all recorded municipalities.
#[derive(Template)]
#[template(path = "municipality_options.html")]
struct Options {
    options: Vec<(String, &'static str)>,
}

/// Returns the choice of a municipality, where there are several. The options are kept, if there is a
/// place for `texts`: there can be hundreds, and they rarely change.
///
/// # Errors
/// Errors of the database.
pub fn choice(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (frame, texts): (&Frame, Option<&Texts>),
    chosen: Option<OrganizationId>,
) -> Result<Option<Choice>, ApiError> {
    let w = frame.w;
    let number = store::number(conn)?;
    if number < 2 {
        return Ok(None);
    }
    let options = match texts {
        None => Bytes::from(options(conn, w)?),
        Some(texts) => {
            // A change of a municipality ends everything that is kept, but a new one does not.
            let view = format!("choice of {number} municipalities");
            let show = |conn: &mut _, _: &_, _: &_| {
                Ok(vec![Shown {
                    key: view.clone(),
                    row: options(conn, w)?,
                    basis: Some(Basis::default()),
                }])
            };
            let kept = texts.of(conn, cx, (&view, w.0), std::slice::from_ref(&view), show)?;
            kept.into_iter().next().unwrap_or_default()
        }
    };
    let id = chosen.map(|id| id.to_string()).unwrap_or_default();
    let label = ("지방자치단체", "Municipality");
    let (others, options) = match selected(&options, &id) {
        Some(options) => ("", options.into()),
        // Also of what is no municipality.
        None => (id.as_str(), options),
    };
    let mut choice = Choice::chosen(w, MUNICIPALITY, label, Vec::new(), others);
    choice.rest = Markup::of(options);
    Ok(Some(choice))
}

/// Returns the name of a municipality that is chosen.
///
/// # Errors
/// Errors of the database.
pub fn name(
    conn: &mut AnyConnection,
    w: Words,
    id: OrganizationId,
) -> Result<Option<&'static str>, ApiError> {
    Ok(store::named(conn, id)?.map(|one| in_words(one, w)))
}

fn in_words(one: &'static ReferenceMunicipality, w: Words) -> &'static str {
    // Districts of several cities have the same name.
    let name = match w.0 {
        Language::Korean => &one.full_name,
        Language::English => &one.name,
    };
    name.in_language(w.0)
}

fn options(conn: &mut AnyConnection, w: Words) -> Result<String, ApiError> {
    let all = store::listed(conn)?.into_iter();
    let options = all.map(|(id, one)| (id.to_string(), in_words(one, w)));
    let options = Options {
        options: options.collect(),
    };
    options.render().map_err(ApiError::internal)
}

/// Returns options with one selected; `None` if it is not among them.
fn selected(options: &[u8], id: &str) -> Option<String> {
    let value = format!("value=\"{id}\"");
    let (before, after) = std::str::from_utf8(options).ok()?.split_once(&value)?;
    Some(format!("{before}{value} selected{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_option_is_selected() {
        let options = Options {
            options: vec![("a".into(), "Goyang"), ("b".into(), "R&D <City>")],
        };
        let options = options.render().unwrap();
        let goyang = r#"<option value="a">Goyang</option>"#;
        let second = "<option value=\"b\" selected>R&#38;D &#60;City&#62;</option>";
        let chosen = selected(options.as_bytes(), "b");
        assert_eq!(chosen, Some(format!("{goyang}{second}")));
        assert_eq!(selected(options.as_bytes(), "c"), None);
        assert_eq!(selected(options.as_bytes(), ""), None);
    }
}
