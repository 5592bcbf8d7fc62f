//! Request bodies: read, validated against the spec, and converted to a type.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::rt::time::timeout;
use actix_web::{FromRequest, HttpRequest, dev, web};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use validator::{Validate, ValidationError, ValidationErrors, ValidationErrorsKind};

use super::contract;
use super::contract::Members;
use super::openapi::patch_name;
use super::spec::input_name;
use crate::edge::Edge;
use crate::kernel::error::{ApiError, Code, FieldError};
use crate::kernel::language::Message;
use crate::kernel::rule;

/// A JSON body of type `T` and the digest of its bytes.
pub struct Body<T> {
    pub value: T,
    pub digest: u128,
}

/// A merge patch (RFC 7396) for content of type `T`.
pub struct Patch<T> {
    changes: Value,
    content: PhantomData<T>,
}

impl<T: ToSchema + DeserializeOwned + Validate + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let body = read(req, payload, "application/json");
        Box::pin(async move {
            let Read {
                value,
                digest,
                wrong,
            } = body.await?;
            let schema = input_name(&T::name());
            if !wrong.is_empty() {
                let more = contract::check(&schema, Members::Closed, &value)?;
                return Err(ApiError::invalid([wrong, more].concat()));
            }
            Ok(Self {
                value: decode(&schema, Members::Closed, value)?,
                digest,
            })
        })
    }
}

impl<T: ToSchema + 'static> FromRequest for Patch<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let body = read(req, payload, "application/merge-patch+json");
        Box::pin(async move {
            let Read { value, wrong, .. } = body.await?;
            let schema = patch_name(&T::name());
            let mut errors = wrong;
            errors.extend(contract::check(&schema, Members::Closed, &value)?);
            if !errors.is_empty() {
                return Err(ApiError::invalid(errors));
            }
            Ok(Self {
                changes: value,
                content: PhantomData,
            })
        })
    }
}

impl<T: ToSchema + Serialize + DeserializeOwned + Validate> Patch<T> {
    /// Returns the content with the patch merged into it, validated as a whole; `None` if nothing
    /// changes.
    ///
    /// # Errors
    /// `validation_failed`, with every invalid member of the result.
    pub fn apply(&self, content: &T) -> Result<Option<T>, ApiError> {
        let before = serde_json::to_value(content).map_err(ApiError::internal)?;
        let mut after = before.clone();
        contract::merge(&mut after, self.changes.clone());
        let merged: T = decode(&input_name(&T::name()), Members::Open, after)?;
        let changed = serde_json::to_value(&merged).map_err(ApiError::internal)? != before;
        Ok(changed.then_some(merged))
    }

    /// Removes and returns a member of the patch that is not part of the content.
    pub fn take(&mut self, member: &str) -> Option<Value> {
        self.changes
            .as_object_mut()?
            .remove(member)
            .filter(|v| !v.is_null())
    }
}

/// Validates a JSON value against a schema of the spec and the rules of its type.
///
/// # Errors
/// `validation_failed`, with every invalid member.
pub fn decode<T: DeserializeOwned + Validate>(
    schema: &str,
    members: Members,
    value: Value,
) -> Result<T, ApiError> {
    let errors = contract::check(schema, members, &value)?;
    if !errors.is_empty() {
        return Err(ApiError::invalid(errors));
    }
    let decoded: T = serde_json::from_value(value).map_err(|error| {
        // The schema should refuse everything that the type refuses; if it does not, tell the
        // caller.
        tracing::warn!(%error, schema, "a body that fits its schema does not fit its type");
        ApiError::invalid_at(
            "",
            "invalid",
            Message::new("본문을 읽을 수 없습니다.", error.to_string()),
        )
    })?;
    let mut errors = Vec::new();
    if let Err(found) = decoded.validate() {
        collect(&found, "", &mut errors);
    }
    if errors.is_empty() {
        Ok(decoded)
    } else {
        Err(ApiError::invalid(errors))
    }
}

fn collect(found: &ValidationErrors, at: &str, errors: &mut Vec<FieldError>) {
    for (field, kind) in found.errors() {
        // Rules of the whole value and of the flattened part add nothing to the path.
        let at = if matches!(field.as_ref(), "__all__" | "content") {
            at.to_owned()
        } else {
            format!("{at}/{field}")
        };
        match kind {
            ValidationErrorsKind::Struct(inner) => collect(inner, &at, errors),
            ValidationErrorsKind::List(items) => {
                for (i, inner) in items {
                    collect(inner, &format!("{at}/{i}"), errors);
                }
            }
            ValidationErrorsKind::Field(list) => {
                for error in list {
                    name(error, &at, errors);
                }
            }
        }
    }
}

/// Adds the messages of a broken rule, and of those that broke with it, for the value at pointer
/// `at`.
fn name(error: &ValidationError, at: &str, errors: &mut Vec<FieldError>) {
    let text = |name: &str| {
        let text = error.params.get(name).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    errors.push(FieldError::body(
        format!("{at}{}", text("at")),
        error.code.as_ref(),
        Message::new(text("ko"), text("en")),
    ));
    let besides = error.params.get(rule::BESIDES).map(Vec::deserialize);
    for error in besides.and_then(Result::ok).unwrap_or_default() {
        name(&error, at, errors);
    }
}

/// A body as received.
struct Read {
    value: Value,
    digest: u128,
    /// Errors for characters that no text may contain.
    wrong: Vec<FieldError>,
}

fn read(
    req: &HttpRequest,
    payload: &mut dev::Payload,
    expected: &'static str,
) -> impl Future<Output = Result<Read, ApiError>> + use<> {
    let given = req
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or("");
    let mut parts = given.split(';').map(str::trim);
    let essence = parts.next().unwrap_or("").to_ascii_lowercase();
    let utf8 = parts
        .filter_map(|p| p.split_once('='))
        .all(|(name, value)| {
            name != "charset" || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        });
    // A merge patch sent as plain JSON is accepted, too.
    let accepted = utf8 && (essence == expected || essence == "application/json");
    let bytes = web::Bytes::from_request(req, payload);
    let limit = req
        .app_data::<web::Data<Edge>>()
        .map_or(Duration::MAX, |edge| edge.body_timeout);
    async move {
        if !accepted {
            let detail = (
                format!("{expected} (UTF-8)로 보내 주세요."),
                format!("Send {expected} in UTF-8."),
            );
            return Err(ApiError::with(
                Code::UnsupportedMediaType,
                detail.0,
                detail.1,
            ));
        }
        let in_time = timeout(limit, bytes).await;
        let bytes = in_time.map_err(|_| ApiError::new(Code::RequestTimeout))?;
        let bytes =
            bytes.map_err(
                |error| match error.as_response_error().status_code().as_u16() {
                    413 => ApiError::new(Code::TooLarge),
                    _ => malformed("본문을 끝까지 읽지 못했습니다.", error),
                },
            )?;
        let text =
            std::str::from_utf8(&bytes).map_err(|e| malformed("본문이 UTF-8이 아닙니다.", e))?;
        let mut value: Value = serde_json::from_str(text)
            .map_err(|e| malformed("본문이 올바른 JSON이 아닙니다.", e))?;
        let mut wrong = Vec::new();
        contract::normalize(&mut value, "", &mut wrong);
        Ok(Read {
            value,
            digest: xxhash_rust::xxh3::xxh3_128(&bytes),
            wrong,
        })
    }
}

fn malformed(ko: &str, error: impl std::fmt::Display) -> ApiError {
    ApiError::with(Code::MalformedRequest, ko, format!("{error}."))
}
