//! Validation of requests against the schemas that the spec publishes.
//!
//! One pass over the schema finds all invalid members, where a deserializer would stop at the
//! first; and the server accepts exactly what partners read in the spec.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};

use jsonschema::error::ValidationError;
use jsonschema::{Draft, Keyword, Validator};
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use super::openapi::{ONE_REQUIRED, standing_alone};
use super::violations::{TYPE, report};
use super::{uri, words};
use crate::directory::codes::is_code;
use crate::kernel::error::{ApiError, FieldError, Place};
use crate::kernel::language::Message;
use crate::kernel::values::ImpreciseDate;
use crate::kernel::values::country::is_country;

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
