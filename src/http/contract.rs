//! Validation of requests against the schemas that the spec publishes.
//!
//! One pass over the schema finds all invalid members, where a deserializer would stop at the
//! first; and the server accepts exactly what partners read in the spec.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};

use jsonschema::error::{ValidationError, ValidationErrorKind as Kind};
use jsonschema::{Draft, Keyword, Validator};
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use super::named;
use super::openapi::{LINE, ONE_REQUIRED, VISIBLE, standing_alone};
use super::uri;
use super::words;
use crate::directory::codes::is_code;
use crate::kernel::error::{ApiError, FieldError, Place};
use crate::kernel::language::Message;
use crate::kernel::text::fold;
use crate::kernel::values::country::is_country;
use crate::kernel::values::{EdtfError, ImpreciseDate};
use crate::kernel::wording::{offered_date, written};

/// Treatment of unknown members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Members {
    /// For requests: unknown members are refused, as in the spec.
    Closed,
    /// For a stored record with a patch merged into it: derived members are allowed.
    Open,
}

type Cache = RwLock<HashMap<(String, Members), Arc<Validator>>>;

static VALIDATORS: LazyLock<Cache> = LazyLock::new(Cache::default);
static OPEN_COMPONENTS: LazyLock<Value> = LazyLock::new(|| {
    let mut components = super::spec().schemas.clone();
    open(&mut components);
    components
});

/// Validates a body against a schema of the spec and returns all errors.
///
/// # Errors
/// `internal_error` if the spec has no such schema.
pub fn check(schema: &str, members: Members, body: &Value) -> Result<Vec<FieldError>, ApiError> {
    let validator = validator(schema, members)?;
    let mut errors = Vec::new();
    // Listing errors takes far longer than finding that there are none.
    if validator.is_valid(body) {
        return Ok(errors);
    }
    find_oversized(body, "", &mut errors);
    if !errors.is_empty() {
        return Ok(errors);
    }
    for error in validator.iter_errors(body) {
        report(&error, &mut errors);
        if errors.len() >= COUNTED {
            break;
        }
    }
    errors.truncate(COUNTED);
    let schemas = &super::spec().schemas;
    for error in errors.iter_mut().filter(|error| error.code == TYPE) {
        let Place::Body(at) = &error.place else {
            continue;
        };
        if let Some(example) = super::repair::example(schemas, schema, at) {
            let Message { ko, en } = &error.message;
            error.message = Message::new(
                format!("{ko} 예: {example}"),
                format!("{en} Example: {example}"),
            );
        }
    }
    Ok(errors)
}

/// Maximum number of errors that are found in one body.
const COUNTED: usize = 1_000;

/// Maximum number of items of a list and of members of an object: no schema allows more items. A
/// longer one is refused for its length before each of its items is.
pub const LONGEST: usize = 500;

fn find_oversized(value: &Value, at: &str, errors: &mut Vec<FieldError>) {
    let mut refuse = |code: &str| {
        let message = Message::new(
            format!("{LONGEST}개를 넘을 수 없습니다."),
            format!("At most {LONGEST} are accepted."),
        );
        errors.push(FieldError::body(at, code, message));
    };
    match value {
        Value::Array(items) if items.len() > LONGEST => refuse("max_items"),
        Value::Object(members) if members.len() > LONGEST => refuse("max_properties"),
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                find_oversized(item, &format!("{at}/{n}"), errors);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                find_oversized(member, &format!("{at}/{}", escape(name)), errors);
            }
        }
        _ => {}
    }
}

/// Returns true if a body fits a schema of the spec.
///
/// # Errors
/// `internal_error` if the spec has no such schema.
pub(super) fn fits(schema: &str, members: Members, body: &Value) -> Result<bool, ApiError> {
    Ok(validator(schema, members)?.is_valid(body))
}

fn validator(schema: &str, members: Members) -> Result<Arc<Validator>, ApiError> {
    let key = (schema.to_owned(), members);
    if let Some(found) = VALIDATORS.read()?.get(&key) {
        return Ok(found.clone());
    }
    let schemas = match members {
        Members::Closed => &super::spec().schemas,
        Members::Open => &*OPEN_COMPONENTS,
    };
    let root = json!({"$ref": format!("#/components/schemas/{schema}")});
    let built = Arc::new(compile(&standing_alone(root, schemas))?);
    VALIDATORS.write()?.insert(key, built.clone());
    Ok(built)
}

/// Compiles a schema with the formats known to the registry.
///
/// # Errors
/// `internal_error` if it is not a valid schema.
pub fn compile(schema: &Value) -> Result<Validator, ApiError> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .with_format("edtf", |text: &str| ImpreciseDate::parse(text).is_ok())
        .with_format(words::DATE_TEXT, |text: &str| {
            ImpreciseDate::from_text(text).is_ok()
        })
        .with_format(words::MUNICIPALITY_KEY, |text: &str| {
            is_code(text) || Uuid::try_parse(text).is_ok()
        })
        .with_format("iso3166-1", is_country)
        .with_format("iso4217", |text: &str| {
            iso_currency::Currency::from_code(text).is_some()
        })
        .with_format("uri", uri::is_web_address)
        .with_keyword(ONE_REQUIRED, |_, names, _| {
            let names = names.as_array().into_iter().flatten();
            let names = names.filter_map(|name| name.as_str().map(str::to_owned));
            Ok(Box::new(OneRequired(names.collect())))
        })
        .build(schema)
        .map_err(ApiError::internal)
}

/// Checks [`ONE_REQUIRED`].
struct OneRequired(Vec<String>);

impl<'i> Keyword<'i> for OneRequired {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        match self.is_valid(instance) {
            true => Ok(()),
            false => Err(ValidationError::custom(self.0.join(", "))),
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        let given = |name: &String| instance.get(name).is_some_and(|value| !value.is_null());
        !instance.is_object() || self.0.iter().any(given)
    }
}

fn open(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.get("additionalProperties") == Some(&Value::Bool(false)) {
                map.remove("additionalProperties");
            }
            map.values_mut().for_each(open);
        }
        Value::Array(items) => items.iter_mut().for_each(open),
        _ => {}
    }
}

/// Escapes a member's name for a JSON Pointer.
pub fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Returns the member's name of an escaped one.
pub(super) fn unescape(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}

/// Code of an unknown member.
pub(super) const UNKNOWN: &str = "unknown_member";
/// Code of a value of another type than expected.
const TYPE: &str = "type";

/// Returns the names of the types that the schema expects in place of a value, in the words of JSON
/// Schema.
fn expected_types(error: &ValidationError<'_>, at: &str, names: &mut Vec<String>) {
    match error.kind() {
        Kind::Type { kind } if error.instance_path().to_string() == at => {
            let debug = format!("{kind:?}");
            let types = debug
                .split(|c: char| !c.is_ascii_alphabetic())
                .filter(|w| !matches!(*w, "" | "Single" | "Multiple" | "JsonTypeSet" | "Types"))
                .map(str::to_lowercase);
            names.extend(types);
        }
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
            for inner in context.iter().flatten() {
                expected_types(inner, at, names);
            }
        }
        _ => {}
    }
}

/// Returns true if a branch refuses a value for its type alone.
fn is_of_another_type(branch: &[ValidationError<'_>], at: &str) -> bool {
    branch.iter().any(|error| match error.kind() {
        Kind::Type { .. } => error.instance_path().to_string() == at,
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
            error.instance_path().to_string() == at
                && context.iter().all(|inner| is_of_another_type(inner, at))
        }
        _ => false,
    })
}

/// Returns whether a member is null that needs a value.
fn is_null_member(error: &ValidationError<'_>, at: &str) -> bool {
    let last = at.rsplit('/').next().unwrap_or_default();
    error.instance().is_null() && !last.is_empty() && last.parse::<usize>().is_err()
}

pub(super) fn report(error: &ValidationError<'_>, errors: &mut Vec<FieldError>) {
    let at = error.instance_path().to_string();
    let mut add = |pointer: String, code: &str, ko: String, en: String| {
        errors.push(FieldError::body(pointer, code, Message::new(ko, en)));
    };
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            add(
                format!("{at}/{}", escape(name)),
                "required",
                "필수 항목입니다.".into(),
                "This member is required.".into(),
            );
        }
        Kind::AdditionalProperties { unexpected } => {
            for name in unexpected {
                add(
                    format!("{at}/{}", escape(name)),
                    UNKNOWN,
                    "알 수 없거나 쓸 수 없는 항목입니다.".into(),
                    "This member is unknown or read-only.".into(),
                );
            }
        }
        Kind::Custom { message: names, .. } => {
            let first = names.split(", ").next().unwrap_or_default();
            add(
                format!("{at}/{}", escape(first)),
                "one_required",
                format!("다음 가운데 하나는 있어야 합니다: {names}"),
                format!("One of these members is required: {names}."),
            );
        }
        _ if is_null_member(error, &at) => add(
            at,
            "required",
            "필수 항목이라 비울 수 없습니다.".into(),
            "This member is required and cannot be empty.".into(),
        ),
        // A nullable member or one of several shapes: report the errors of the intended shape.
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
            let mut branches = context.iter();
            if let Some(branch) = branches.find(|branch| !is_of_another_type(branch, &at)) {
                branch.iter().for_each(|e| report(e, errors));
            } else {
                let mut names = Vec::new();
                expected_types(error, &at, &mut names);
                let Message { ko, en } = match named::is_reference(&at) {
                    true => words::ORGANIZATION,
                    false => words::of_types(&names),
                };
                add(at, TYPE, ko.into(), en.into());
            }
        }
        // [`normalize`] names U+0000 in every text.
        Kind::Pattern { pattern } if pattern == LINE && has_nul(error.instance()) => {}
        kind => {
            let (code, ko, en) = describe(kind, error);
            add(at, &code, ko, en);
        }
    }
}

/// Returns the messages for an address that is no URI, with the URI that it would be, if any.
fn uri_messages(encoded: Option<String>) -> (String, String) {
    match encoded {
        Some(encoded) => (
            format!("주소에 그대로 쓸 수 없는 글자가 있습니다. 이렇게 적으십시오: {encoded}"),
            format!("The address has characters that must be encoded; write: {encoded}"),
        ),
        None => (
            "http:// 또는 https://로 시작하는 온전한 주소여야 합니다. 예: https://www.goyang.go.kr/"
                .into(),
            "A whole address that starts with http:// or https:// is needed, such as \
             https://www.goyang.go.kr/."
                .into(),
        ),
    }
}

/// Message for a text of another form than expected.
const UNFIT: Message = Message::fixed("형식이 맞지 않습니다.", "The form does not fit.");

/// Returns the messages that a text is not in one of the accepted forms of EDTF.
fn not_in_edtf(text: &str) -> (String, String) {
    let error = match ImpreciseDate::from_text(text) {
        // In `edtf`, a day as texts write it.
        Ok(date) if date.is_dated() => return in_edtf(&date),
        Ok(_) => EdtfError::Malformed,
        Err(error) => error,
    };
    let offered = Some(text).filter(|_| error == EdtfError::Malformed);
    match offered.and_then(offered_date) {
        Some(Message { ko, en }) => (ko.into(), en.into()),
        None => (error.message_ko(), error.message_en()),
    }
}

/// Returns the messages that a date as texts write it stands where its EDTF form is expected.
fn in_edtf(date: &ImpreciseDate) -> (String, String) {
    let edtf = date.edtf().unwrap_or_default();
    (
        format!(
            "여기에는 {} 적고, 출처의 표현은 as_stated에 적으십시오.",
            written(&edtf)
        ),
        format!("Write {edtf} here, and the wording of the source in as_stated."),
    )
}

#[expect(
    clippy::too_many_lines,
    reason = "a table of messages, with one line of code for each kind of error"
)]
fn describe(kind: &Kind, error: &ValidationError<'_>) -> (String, String, String) {
    let of = |code: &str, ko: String, en: String| (code.to_owned(), ko, en);
    match kind {
        Kind::Type { .. } => {
            let mut names = Vec::new();
            expected_types(error, &error.instance_path().to_string(), &mut names);
            let Message { ko, en } = words::of_types(&names);
            of(TYPE, ko.into(), en.into())
        }
        Kind::Enum { options } => {
            let options: Vec<String> = options
                .as_array()
                .into_iter()
                .flatten()
                .map(|o| o.as_str().map_or_else(|| o.to_string(), str::to_owned))
                .collect();
            let options = options.join(", ");
            of(
                "enum",
                format!("다음 중 하나여야 합니다: {options}"),
                format!("Expected one of: {options}."),
            )
        }
        Kind::Format { format } if format == "edtf" || format == words::DATE_TEXT => {
            let text = error.instance().as_str().unwrap_or_default().to_owned();
            let (ko, en) = not_in_edtf(&text);
            of("format_edtf", ko, en)
        }
        Kind::Format { format } if format == "date" => {
            let text = error.instance().as_str().unwrap_or_default();
            let Message { ko, en } = words::not_a_day(text);
            of("format_date", ko.into(), en.into())
        }
        Kind::Format { format } if format == "uri" => {
            let text = error.instance().as_str().unwrap_or_default();
            let (ko, en) = uri_messages(uri::encoded(text));
            of("format_uri", ko, en)
        }
        Kind::Format { format } => {
            let Message { ko, en } = words::of_format(format).unwrap_or(UNFIT);
            let name = if format == "iso3166-1" {
                "iso3166_1"
            } else {
                format
            };
            let code = format!("format_{name}");
            of(&code, ko.into(), en.into())
        }
        Kind::MinLength { limit } => of(
            "min_length",
            format!("{limit}자 이상이어야 합니다."),
            format!("At least {limit} characters are needed."),
        ),
        Kind::MaxLength { limit } => of(
            "max_length",
            format!("{limit}자를 넘을 수 없습니다."),
            format!("At most {limit} characters are accepted."),
        ),
        Kind::MinItems { limit } => of(
            "min_items",
            format!("{limit}개 이상이어야 합니다."),
            format!("At least {limit} items are needed."),
        ),
        Kind::MaxItems { limit } => of(
            "max_items",
            format!("{limit}개를 넘을 수 없습니다."),
            format!("At most {limit} items are accepted."),
        ),
        Kind::MinProperties { limit } => of(
            "min_properties",
            format!("항목이 {limit}개 이상 있어야 합니다."),
            format!("Members needed at least: {limit}."),
        ),
        Kind::MaxProperties { limit } => of(
            "max_properties",
            format!("항목이 {limit}개를 넘을 수 없습니다."),
            format!("Members accepted at most: {limit}."),
        ),
        Kind::Minimum { limit } => of(
            "minimum",
            format!("{limit} 이상이어야 합니다."),
            format!("The least value accepted is {limit}."),
        ),
        Kind::Maximum { limit } => of(
            "maximum",
            format!("{limit} 이하여야 합니다."),
            format!("The greatest value accepted is {limit}."),
        ),
        Kind::ExclusiveMinimum { limit } => of(
            "minimum",
            format!("{limit}보다 커야 합니다."),
            format!("The value must be greater than {limit}."),
        ),
        Kind::Pattern { pattern } if pattern == LINE && breaks_lines(error.instance()) => of(
            "line_break",
            "한 줄로 적으십시오. 줄바꿈과 탭 같은 제어 문자는 쓸 수 없습니다.".into(),
            "One line is expected here: line breaks, tabs and other control characters are not accepted."
                .into(),
        ),
        Kind::Pattern { pattern } if pattern == VISIBLE || pattern == LINE => of(
            "blank",
            "비어 있을 수 없습니다.".into(),
            "The text must not be blank.".into(),
        ),
        Kind::Pattern { pattern } => {
            let Message { ko, en } = words::of_pattern(pattern).unwrap_or(UNFIT);
            of("pattern", ko.into(), en.into())
        }
        Kind::UniqueItems => of(
            "unique_items",
            "같은 항목이 두 번 있습니다.".into(),
            "The same item stands twice.".into(),
        ),
        other => of(
            other.keyword(),
            "받아들일 수 없는 값입니다.".into(),
            "This value is not accepted.".into(),
        ),
    }
}

fn has_nul(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains('\0'))
}

/// Returns true for a text that is not blank and has line breaks or other control characters.
fn breaks_lines(value: &Value) -> bool {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let shown = |c: char| !c.is_whitespace() && !c.is_control();
    let breaks_up = |text: &str| text.contains(breaks) && fold(text).contains(shown);
    value.as_str().is_some_and(breaks_up)
}

/// Normalizes texts to Unicode NFC, which makes composed and decomposed Hangul equal, and whole
/// numbers written as `1.0` to integers. Reports each text that contains U+0000, which no database
/// stores.
pub fn normalize(value: &mut Value, at: &str, errors: &mut Vec<FieldError>) {
    match value {
        Value::String(text) => {
            if text.contains('\0') {
                let message = Message::fixed(
                    "U+0000 문자는 쓸 수 없습니다.",
                    "The character U+0000 is not accepted.",
                );
                errors.push(FieldError::body(at, "nul", message));
            }
            if !unicode_normalization::is_nfc(text) {
                *text = text.nfc().collect();
            }
        }
        Value::Number(number) => {
            if let Some(float) = number.as_f64().filter(|_| number.is_f64())
                && float.fract() == 0.0
                && float.abs() < 9_007_199_254_740_992.0
            {
                *value = json!(float as i64);
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter_mut().enumerate() {
                normalize(item, &format!("{at}/{i}"), errors);
            }
        }
        Value::Object(map) => {
            for (name, member) in map.iter_mut() {
                normalize(member, &format!("{at}/{}", escape(name)), errors);
            }
        }
        _ => {}
    }
}
