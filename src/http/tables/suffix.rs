//! Suffixes of paths that name a format: `/agreements.csv` is `/agreements` as CSV.

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::{HttpMessage, HttpRequest};

use super::Format;
use crate::edge::{set_uri, with_path};
use crate::http::openapi::Operation;
use crate::http::{BASE, spec};

/// The format that the suffix of the path named.
#[derive(Clone, Copy)]
struct Suffix(Format);

/// Returns the format that the path of a request named.
pub(super) fn format(req: &HttpRequest) -> Option<Format> {
    req.extensions().get::<Suffix>().map(|suffix| suffix.0)
}

/// Returns the path of the list of which a path is the file: `/agreements` for `/agreements.csv`.
pub fn list_of(path: &str) -> Option<&str> {
    named(path).map(|(list, _)| list)
}

fn named(path: &str) -> Option<(&str, Format)> {
    let mut formats = [Format::Csv, Format::Xlsx].into_iter();
    formats.find_map(|format| {
        let list = path.strip_suffix(format.suffix())?.strip_suffix('.')?;
        list.starts_with(BASE).then_some((list, format))
    })
}

/// Takes the suffix from the path of a request for a list that can be had as a file. Other paths stay
/// as they are.
pub fn take_suffix(req: &mut ServiceRequest) {
    if req.method() != Method::GET {
        return;
    }
    let uri = req.head().uri.clone();
    let Some((path, format)) = named(uri.path()) else {
        return;
    };
    let Some(list) = with_path(&uri, path) else {
        return;
    };
    set_uri(req, &list);
    let route = spec().route(req.path());
    let operation = route.and_then(|route| spec().operation("GET", route));
    if operation.is_some_and(Operation::has_files) {
        req.extensions_mut().insert(Suffix(format));
    } else {
        set_uri(req, &uri);
    }
}
