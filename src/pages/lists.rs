//! What pages with lists share: their query, their pages, and the choices of their forms.

use super::markup::Markup;
use super::reader::{AS_OF, Frame};
use super::words::Words;
use crate::db::page::{Cursor, Page};
use crate::http::{Filter, RECORDED_AS_OF, encode_cursor};

/// Rows of a page of a list.
const ROWS: usize = 25;

/// Parameters that readers fill in themselves: name, label and type of the field.
const TYPED: [(&str, (&str, &str), &str); 14] = [
    ("q", ("찾는 말", "Text"), "search"),
    ("from", ("이날부터", "From"), "date"),
    ("to", ("이날까지", "Until"), "date"),
    ("month", ("공개한 달", "Month"), "month"),
    ("compare", ("비교할 날", "Day to compare"), "date"),
    ("signed_from", ("체결일(부터)", "Signed from"), "date"),
    ("signed_to", ("체결일(까지)", "Signed until"), "date"),
    (
        "expiring_within_days",
        ("며칠 안에 끝남", "Ends within days"),
        "number",
    ),
    ("department", ("담당 부서", "Department"), "text"),
    ("topic", ("주제", "Topic"), "text"),
    ("reference_number", ("협약 번호", "Number"), "text"),
    ("record", ("기록", "Record"), "text"),
    (AS_OF, ("이날 알려진 대로", "As known on"), "date"),
    (
        RECORDED_AS_OF,
        ("이날까지 기록된 대로", "As recorded by"),
        "date",
    ),
];

/// A field of a form for a text, a number or a day.
pub struct Field {
    pub name: &'static str,
    pub label: &'static str,
    pub kind: &'static str,
    pub value: String,
}

/// Returns the field of a parameter, with what the reader typed; `None` if readers do not fill it in.
pub fn field(frame: &Frame, name: &str) -> Option<Field> {
    let found = TYPED.iter().find(|(known, ..)| *known == name);
    found.map(|&(name, label, kind)| Field {
        name,
        label: pick(frame.w, label),
        kind,
        value: frame.get(name).unwrap_or_default().to_owned(),
    })
}

/// Returns the query of a list: the filters with these names, and the page.
pub fn query(frame: &Frame, filters: &[&str]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(frame.only(filters));
    query.extend_pairs(frame.only(&["cursor", "limit"]));
    query.finish()
}

/// Returns the page with as many rows as a page shows, unless the reader wants another number, and
/// with the number of all.
pub fn sized(frame: &Frame, page: Page) -> Page {
    Page {
        limit: match frame.get("limit") {
            Some(_) => page.limit,
            None => ROWS,
        },
        with_total: true,
        ..page
    }
}

/// Returns the first page of a list, without the number of all rows.
pub fn first(filter: &impl Filter, limit: usize) -> Page {
    Page {
        order: filter.order(),
        limit,
        after: None,
        with_total: false,
    }
}

/// A field of a form for a day: name, label and value.
pub type DayField = (&'static str, &'static str, String);

/// Returns the field of a day with a name and a label.
pub fn day_field(
    frame: &Frame,
    (name, label): (&'static str, (&'static str, &'static str)),
) -> DayField {
    let value = frame.get(name).unwrap_or_default().to_owned();
    (name, pick(frame.w, label), value)
}

/// Returns the fields by which a reader asks about another day.
pub fn days(frame: &Frame) -> Vec<DayField> {
    let fields = [AS_OF, RECORDED_AS_OF].into_iter();
    let fields = fields.filter_map(|name| field(frame, name));
    fields
        .map(|field| (field.name, field.label, field.value))
        .collect()
}

/// The other pages of a list.
#[derive(Default)]
pub struct Pager {
    pub total: Option<String>,
    pub first: Option<String>,
    pub next: Option<String>,
}

impl Pager {
    pub fn of(frame: &Frame, filters: &[&str], next: Option<&Cursor>, total: Option<i64>) -> Self {
        let path = frame.path.trim_start_matches('/');
        let mut query = frame.only(filters);
        query.extend(frame.only(&["limit"]));
        let cursor = next.map(encode_cursor);
        let next = cursor.as_deref().map(|cursor| {
            let mut query = query.clone();
            query.push(("cursor", cursor));
            frame.with(path, &query)
        });
        let total = total.and_then(|total| usize::try_from(total).ok());
        Self {
            total: total.map(|total| frame.w.number(total)),
            first: frame.get("cursor").map(|_| frame.with(path, &query)),
            next,
        }
    }
}

/// A field of a form that chooses among codes.
pub struct Choice {
    pub name: &'static str,
    pub label: &'static str,
    pub options: Vec<(String, String, bool)>,
    /// Options that follow as they were rendered before.
    pub rest: Markup,
}

impl Choice {
    /// Returns the choice of a filter among the codes of an enumeration.
    pub fn of(
        frame: &Frame,
        name: &'static str,
        label: (&'static str, &'static str),
        codes: Vec<(String, String)>,
    ) -> Self {
        let chosen = frame.get(name).unwrap_or_default();
        Self::chosen(frame.w, name, label, codes, chosen)
    }

    pub(super) fn chosen(
        w: Words,
        name: &'static str,
        label: (&'static str, &'static str),
        codes: Vec<(String, String)>,
        chosen: &str,
    ) -> Self {
        let mut options = vec![(String::new(), w.t("모두", "All").to_owned(), false)];
        // Several codes, as a link can name them, are an option of their own.
        if !chosen.is_empty() && codes.iter().all(|(code, _)| code != chosen) {
            options.push((chosen.to_owned(), chosen.to_owned(), true));
        }
        options.extend(codes.into_iter().map(|(code, label)| {
            let is_chosen = code == chosen;
            (code, label, is_chosen)
        }));
        Self {
            name,
            label: pick(w, label),
            options,
            rest: Markup::default(),
        }
    }

    /// Returns the choice of the order of a list, the usual one first.
    pub fn order(frame: &Frame, sorts: &[(&str, &str, &str)]) -> Self {
        let sorts = sorts.iter();
        let sorts = sorts.map(|(code, ko, en)| ((*code).to_owned(), frame.w.t(ko, en).to_owned()));
        let mut order = Self::of(frame, "sort", ("정렬", "Order"), sorts.collect());
        // Unlike a filter, an order cannot be left open.
        order.options.remove(0);
        order
    }
}

/// Name of the filter by municipality.
pub const MUNICIPALITY: &str = "municipality_id";

/// Returns the text in a language.
pub fn pick(w: Words, (ko, en): (&'static str, &'static str)) -> &'static str {
    w.t(ko, en)
}
