//! Query parameters: unknown ones are refused, and all invalid ones are reported.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::sync::{Arc, LazyLock, RwLock};

use actix_web::{FromRequest, HttpRequest, dev};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use data_encoding::HEXLOWER_PERMISSIVE;
use jsonschema::Validator;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use super::session::{RECORDED_AS_OF, may_ask_the_past, offers_files, rows_of, wrong_past};
use super::{contract, fields, openapi, tables, violations};
use crate::db::page::{Cursor, Order, Page};
use crate::kernel::error::{ApiError, Code, FieldError, Place};
use crate::kernel::hex;
use crate::kernel::language::{Language, Message};

/// No query parameters: all are refused.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NoParams {}

/// Query parameter that selects the valid time.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AsOf {
    /// Answer as known on this day (valid time). Defaults to today.
    #[param(example = "2021-12-31")]
    pub as_of: Option<NaiveDate>,
}

/// Query parameters of an answer as of a day that can also be had as a file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AsOfTable {
    /// Answer as known on this day (valid time). Defaults to today.
    #[param(example = "2021-12-31")]
    pub as_of: Option<NaiveDate>,
    /// Encoding of a CSV file; for other formats it is refused. Defaults to `utf-8`, with a byte order
    /// mark. `cp949` is refused if it lacks a character of the rows, with all such cells.
    #[param(inline)]
    #[expect(dead_code, reason = "read when the file is begun")]
    encoding: Option<CsvEncoding>,
    /// Language of a file; for JSON it is refused. Overrides `Accept-Language`, for links.
    #[param(example = "ko")]
    #[expect(dead_code, reason = "read when the file is begun")]
    lang: Option<Language>,
}

/// The filters of a list, which also determine its order.
pub trait Filter: IntoParams + DeserializeOwned + 'static {
    /// Returns the requested order or the default.
    fn order(&self) -> Order;
}

/// The requested part of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Maximum number of rows per page.
    #[param(minimum = 1, maximum = 200, default = 50, example = 50)]
    limit: Option<usize>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 4000)]
    cursor: Option<String>,
    /// Whether to count the rows of all pages, as `total`.
    #[param(default = false)]
    with_total: Option<bool>,
    /// Only these members of the rows, separated by commas (`title,status`), and their `id`. By
    /// default rows have all members; a generated client may refuse rows that lack some. Of a file they
    /// select columns, which also have names of their own: the English header in small letters
    /// (`roles_of_parties`).
    #[param(style = Form, explode = false, inline, min_items = 1, max_items = 50)]
    #[expect(dead_code, reason = "read when the response is written")]
    fields: Option<Vec<MemberName>>,
    /// Encoding of a CSV file; for other formats it is refused. Defaults to `utf-8`, with a byte order
    /// mark. `cp949` is refused if it lacks a character of the rows, with all such cells.
    #[param(inline)]
    #[expect(dead_code, reason = "read when the file is begun")]
    encoding: Option<CsvEncoding>,
    /// Language of a file; for JSON it is refused. Overrides `Accept-Language`, for links.
    #[param(example = "ko")]
    #[expect(dead_code, reason = "read when the file is begun")]
    lang: Option<Language>,
}

/// Encoding of a CSV file.
#[derive(Debug, Deserialize, ToSchema)]
pub enum CsvEncoding {
    /// UTF-8 with a byte order mark.
    #[serde(rename = "utf-8")]
    Utf8,
    /// Windows code page 949, for old Korean spreadsheets. Refused if it cannot hold the rows.
    #[serde(rename = "cp949")]
    Cp949,
}

/// Name of a member of a row.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(pattern = "^[a-z_]{1,50}$")]
#[expect(dead_code, reason = "for its schema alone")]
struct MemberName(String);

/// The filters and the page of a list.
pub struct List<F> {
    pub filter: F,
    pub page: Page,
}

/// Reads the query parameters of an operation that is not a list.
///
/// # Errors
/// `invalid_parameters`, with every invalid one.
pub(super) fn params<Q: IntoParams + DeserializeOwned + 'static>(
    req: &HttpRequest,
) -> Result<Q, ApiError> {
    let parameters = || Q::into_params(|| Some(ParameterIn::Query));
    let name = std::any::type_name::<Q>();
    let mut wrong: Vec<FieldError> = wrong_past(req).into_iter().collect();
    if offers_files(req) && !tables::is_file(req) {
        wrong.extend(tables::of_files(req.query_string()));
    }
    typed(&parse(name, &parameters, &own_query(req), wrong)?)
}

impl<F: Filter> FromRequest for List<F> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let mut wrong: Vec<FieldError> = wrong_past(req).into_iter().collect();
        let mut query = own_query(req);
        if tables::is_file(req) {
            wrong.extend(tables::of_pages(&query));
            query = without(&query, |name| tables::OF_PAGES.contains(&name));
        } else {
            wrong.extend(tables::of_files(&query));
            wrong.extend(rows_of(req).and_then(|rows| fields::unknown_of(&query, &rows)));
        }
        ready(Self::parse(&query, wrong))
    }
}

/// Returns the query without the parameter shared by all reads, which was parsed before.
fn own_query(req: &HttpRequest) -> String {
    let query = req.query_string();
    if !may_ask_the_past(req) {
        return query.to_owned();
    }
    without(query, |name| name == RECORDED_AS_OF)
}

/// Returns a query without some of its parameters.
fn without(query: &str, is_left_out: impl Fn(&str) -> bool) -> String {
    let kept = query.split('&').filter(|pair| {
        let mut pairs = url::form_urlencoded::parse(pair.as_bytes());
        pairs.next().is_none_or(|(name, _)| !is_left_out(&name))
    });
    kept.collect::<Vec<_>>().join("&")
}

impl<F: Filter> List<F> {
    /// Reads the filters and the page from a query that has no other parameters.
    ///
    /// # Errors
    /// `invalid_parameters`, with every invalid one.
    pub fn of_query(query: &str) -> Result<Self, ApiError> {
        Self::parse(query, Vec::new())
    }

    fn parse(query: &str, wrong: Vec<FieldError>) -> Result<Self, ApiError> {
        let parameters = || {
            let mut all = F::into_params(|| Some(ParameterIn::Query));
            all.extend(Paging::into_params(|| Some(ParameterIn::Query)));
            all
        };
        let values = parse(std::any::type_name::<Self>(), &parameters, query, wrong)
            .map_err(|error| with_cursor(error, query))?;
        let paging: Paging = typed(&values)?;
        let filter: F = typed(&values)?;
        let mut page = Page {
            order: filter.order(),
            limit: paging.limit.unwrap_or(50),
            after: None,
            with_total: paging.with_total.unwrap_or(false),
        };
        if let Some(text) = paging.cursor {
            let cursor = decode_cursor(&text)
                .filter(|c| page.accepts(c))
                .ok_or_else(|| ApiError::new(Code::InvalidParameters).and(vec![bad_cursor()]))?;
            page.after = Some(cursor);
        }
        Ok(Self { filter, page })
    }
}

/// Adds that the cursor is none, where nothing else was said of it.
fn with_cursor(mut error: ApiError, query: &str) -> ApiError {
    let cursor = bad_cursor();
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let is_bad = pairs.any(|(name, text)| name == "cursor" && decode_cursor(&text).is_none());
    if is_bad && error.errors.iter().all(|one| one.place != cursor.place) {
        error.errors.push(cursor);
    }
    error
}

/// Encodes a cursor as text.
pub fn encode_cursor(cursor: &Cursor) -> String {
    hex(serde_json::to_vec(cursor).unwrap_or_default())
}

/// Decodes a cursor; `None` if the text is not a cursor.
pub fn decode_cursor(text: &str) -> Option<Cursor> {
    let json = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
    let cursor: Cursor = serde_json::from_slice(&json).ok()?;
    (!cursor.key.contains('\0') && !cursor.id.contains('\0')).then_some(cursor)
}

fn bad_cursor() -> FieldError {
    let message = Message::fixed(
        "이 목록과 정렬 순서에서 받은 커서가 아닙니다.",
        "This is not a cursor of this list in this order.",
    );
    FieldError::query("cursor", "invalid_cursor", message)
}

fn typed<T: DeserializeOwned>(values: &Value) -> Result<T, ApiError> {
    T::deserialize(values).map_err(ApiError::internal)
}

/// The parameters of an operation: the JSON type of each, and a validator for all.
struct Known {
    types: HashMap<String, &'static str>,
    validator: Validator,
}

static KNOWN: LazyLock<RwLock<HashMap<&'static str, Arc<Known>>>> = LazyLock::new(RwLock::default);

fn known(
    name: &'static str,
    parameters: &dyn Fn() -> Vec<Parameter>,
) -> Result<Arc<Known>, ApiError> {
    if let Some(found) = KNOWN.read()?.get(name) {
        return Ok(found.clone());
    }
    let mut types = HashMap::new();
    let mut properties = Map::new();
    let mut required = Vec::new();
    for parameter in parameters() {
        let parameter = serde_json::to_value(parameter).map_err(ApiError::internal)?;
        let name = parameter["name"].as_str().unwrap_or_default().to_owned();
        let mut schema = parameter["schema"].clone();
        openapi::inline_ids(&mut schema);
        openapi::something_visible(&mut schema);
        let says = |kind: &str| {
            schema["type"] == kind
                || schema["type"]
                    .as_array()
                    .is_some_and(|t| t.contains(&kind.into()))
        };
        let kind = ["integer", "boolean", "array"]
            .into_iter()
            .find(|k| says(k))
            .unwrap_or("string");
        if parameter["required"] == true {
            required.push(name.clone());
        }
        types.insert(name.clone(), kind);
        properties.insert(name, schema);
    }
    let schema = json!({
        "type": "object", "properties": properties, "required": required,
    });
    let built = Arc::new(Known {
        types,
        validator: contract::compile(&openapi::standing_alone(schema, &super::spec().schemas))?,
    });
    KNOWN.write()?.insert(name, built.clone());
    Ok(built)
}

/// The pairs of parameters that begin and end a period.
const SPANS: [(&str, &str); 3] = [
    ("from", "to"),
    ("signed_from", "signed_to"),
    ("due_from", "due_to"),
];

/// Returns the error of a period that ends before it begins.
fn reversed(values: &Value, (from, to): (&str, &str)) -> Option<FieldError> {
    let at = |name: &str| {
        let text = values.get(name)?.as_str()?;
        let day = || text.parse::<NaiveDate>().ok();
        let midnight = || Some(day()?.and_time(NaiveTime::MIN).and_utc());
        text.parse::<DateTime<Utc>>().ok().or_else(midnight)
    };
    (at(to)? < at(from)?).then(|| FieldError::reversed_period(to))
}

/// Parameters that other lists call differently, with the name that is common to all lists. The
/// former name is accepted where only the common one is declared.
const FORMER_NAMES: [(&str, &str); 6] = [
    ("types", "type"),
    ("kinds", "kind"),
    ("due_after", "due_from"),
    ("due_before", "due_to"),
    ("from", "signed_from"),
    ("to", "signed_to"),
];

/// Returns the name of a parameter as it is declared.
fn declared<'a>(known: &Known, name: &'a str) -> &'a str {
    let mut names = FORMER_NAMES.into_iter();
    names
        .find(|(former, common)| {
            *former == name && !known.types.contains_key(name) && known.types.contains_key(*common)
        })
        .map_or(name, |(_, common)| common)
}

fn parse(
    name: &'static str,
    parameters: &dyn Fn() -> Vec<Parameter>,
    query: &str,
    mut errors: Vec<FieldError>,
) -> Result<Value, ApiError> {
    let known = known(name, parameters)?;
    let mut values = Map::new();
    let mut written = HashMap::new();
    for (name, text) in url::form_urlencoded::parse(query.as_bytes()) {
        let former = name.clone();
        let name = declared(&known, &name);
        written.insert(name.to_owned(), former.into_owned());
        let mut refuse = |code: &str, ko: &'static str, en: &'static str| {
            errors.push(FieldError::query(name, code, Message::fixed(ko, en)));
        };
        let Some(kind) = known.types.get(name) else {
            refuse(
                "unknown_parameter",
                "알 수 없는 매개변수입니다.",
                "This parameter is unknown.",
            );
            continue;
        };
        // Bytes that are not UTF-8 were decoded as U+FFFD.
        if text.contains(['\0', '\u{FFFD}']) {
            refuse(
                "character",
                "U+0000이나 UTF-8이 아닌 문자는 쓸 수 없습니다.",
                "The text holds U+0000 or is not UTF-8.",
            );
            continue;
        }
        let value = value_of(kind, &text);
        // A list can be `kind=a,b` or, as many clients write it, `kind=a&kind=b`.
        if let (Value::Array(more), Some(Value::Array(list))) = (&value, values.get_mut(name)) {
            list.extend(more.iter().cloned());
        } else if values.insert(name.to_string(), value).is_some() {
            refuse(
                "repeated_parameter",
                "매개변수가 두 번 있습니다.",
                "This parameter stands twice.",
            );
        }
    }
    let values = Value::Object(values);
    errors.extend(SPANS.into_iter().filter_map(|span| reversed(&values, span)));
    if errors.is_empty() && known.validator.is_valid(&values) {
        return Ok(values);
    }
    add_contract_errors(&known.validator, &values, &mut errors);
    for error in &mut errors {
        if let Place::Query(name) = &mut error.place
            && let Some(written) = written.get(name)
        {
            name.clone_from(written);
        }
    }
    Err(ApiError::new(Code::InvalidParameters).and(errors))
}

/// Returns the value of a parameter of a JSON type. A text that is none of the type stays a text,
/// which the validator refuses.
fn value_of(kind: &str, text: &str) -> Value {
    let mut value = match kind {
        "integer" => text
            .parse::<i64>()
            .map_or_else(|_| json!(text), Value::from),
        "boolean" => text
            .parse::<bool>()
            .map_or_else(|_| json!(text), Value::from),
        "array" => text
            .split(',')
            .filter(|t| !t.is_empty())
            .map(Value::from)
            .collect(),
        _ => json!(text),
    };
    contract::normalize(&mut value, "", &mut Vec::new());
    value
}

/// Adds what the validator refuses.
fn add_contract_errors(validator: &Validator, values: &Value, errors: &mut Vec<FieldError>) {
    let mut found = Vec::new();
    for error in validator.iter_errors(values) {
        violations::report(&error, &mut found);
    }
    for error in found {
        let Place::Body(pointer) = &error.place else {
            continue;
        };
        let name = pointer.split('/').nth(1).unwrap_or_default().to_owned();
        let place = Place::Query(name);
        // Do not report a parameter that was refused above as missing as well.
        if error.code != "required" || errors.iter().all(|e| e.place != place) {
            errors.push(FieldError { place, ..error });
        }
    }
}
