//! Names everything that is wrong with a body at once: what the schema refuses, and what the rules
//! of the type and of the store refuse.
//!
//! The rules of the store run in the transaction of the request, which is rolled back if anything
//! is wrong. If the schema refuses the body, they run on repaired values, see [`super::repair`], and
//! only errors that occur for each of them are reported, except at repaired places: those do not
//! come from a repair.

use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::Connection;
use diesel::result::Error as DbError;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use validator::{Validate, ValidationError, ValidationErrors, ValidationErrorsKind};

use super::contract;
use super::contract::Members;
use super::named::Body;
use super::repair::{MOST, is_within, repairs};
use crate::db::AnyConnection;
use crate::kernel::error::{ApiError, Code, FieldError, Place};
use crate::kernel::language::Message;
use crate::kernel::rule;

/// A value as sent, or if the schema refuses it, its repairs.
pub struct Checked<T> {
    pub(super) values: Vec<T>,
    /// The bodies of the values, with the organizations that these name.
    pub(super) bodies: Vec<Body>,
    /// The errors of the schema.
    pub(super) refused: Vec<FieldError>,
}

impl<T: DeserializeOwned + Validate> Checked<T> {
    /// Checks a JSON value that has the errors `refused` against a schema of the spec.
    ///
    /// # Errors
    /// `validation_failed` if the value fits its schema, but not its type.
    pub(super) fn of(
        schema: &str,
        members: Members,
        value: Value,
        mut refused: Vec<FieldError>,
    ) -> Result<Self, ApiError> {
        refused.extend(contract::check(schema, members, &value)?);
        let is_sent = refused.is_empty();
        let sent = match is_sent {
            true => vec![value],
            false => repairs(schema, members, &value, &refused)?,
        };
        let (mut values, mut bodies, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
        for value in sent {
            // Records themselves refer to organizations by id.
            let mut body = match members {
                Members::Closed => Body::of(value, &mut wrong),
                Members::Open => Body::plain(value),
            };
            let plain = body.take_plain();
            let value = match is_sent {
                true => Some(typed(schema, plain)?),
                false => serde_json::from_value(plain).ok(),
            };
            if let Some(value) = value {
                values.push(value);
                bodies.push(body);
            }
        }
        refused = joined([refused, wrong]);
        Ok(Self {
            values,
            bodies,
            refused,
        })
    }

    /// Returns the value if neither the schema nor a rule of its type refuses it.
    ///
    /// # Errors
    /// `validation_failed`, with every invalid member.
    pub(super) fn accepted(mut self) -> Result<T, ApiError> {
        let mut broken = Common::default();
        for value in &self.values {
            broken.keep(broken_rules(value));
        }
        let broken = outside(broken.errors(), &self.refused);
        let errors = joined([self.refused, broken]);
        match self.values.pop() {
            Some(value) if errors.is_empty() => Ok(value),
            _ => Err(ApiError::invalid(errors)),
        }
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
    Checked::of(schema, members, value, Vec::new())?.accepted()
}

fn typed<T: DeserializeOwned>(schema: &str, value: Value) -> Result<T, ApiError> {
    serde_json::from_value(value).map_err(|error| {
        // The schema should refuse everything that the type refuses; if it does not, tell the
        // caller.
        tracing::warn!(%error, schema, "a body that fits its schema does not fit its type");
        ApiError::invalid_at(
            "",
            "invalid",
            Message::new("본문을 읽을 수 없습니다.", error.to_string()),
        )
    })
}

/// One attempt at the work of a request.
pub(super) struct Attempt<R> {
    pub result: Result<R, ApiError>,
    /// The errors of the schema in the content that a patch leads to.
    pub refused: Vec<FieldError>,
    /// The errors of the rules of the type.
    pub broken: Vec<FieldError>,
    /// Number of repairs of the content that a patch leads to.
    pub repairs: usize,
}

impl<R> Attempt<R> {
    /// Returns an attempt that failed before the work.
    pub fn failed(error: ApiError) -> Self {
        Self {
            result: Err(error),
            refused: Vec::new(),
            broken: Vec::new(),
            repairs: 0,
        }
    }

    /// Forgets the result of an attempt that is undone.
    fn undone(self) -> Attempt<()> {
        Attempt {
            result: self.result.map(drop),
            refused: self.refused,
            broken: self.broken,
            repairs: self.repairs,
        }
    }

    /// Returns the result of an attempt at the request as sent.
    ///
    /// # Errors
    /// `validation_failed`, with the errors of the type and of the store; the error of the work if
    /// the type has none.
    fn end(self) -> Result<R, ApiError> {
        let is_repeated = matches!(&self.result, Err(error) if error.is_repeated());
        if self.broken.is_empty() || is_repeated {
            return self.result;
        }
        let stored = store_errors(&self.result).unwrap_or_default();
        Err(ApiError::invalid(joined([self.broken, stored])))
    }
}

/// Runs work, and turns a panic into an error: before a refusal, rules run on values that would not
/// reach them otherwise.
pub(super) fn guarded<R>(work: impl FnOnce() -> Result<R, ApiError>) -> Result<R, ApiError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(ApiError::internal("work on the database panicked")))
}

/// Returns the errors that the store found; `None` if the work failed otherwise.
fn store_errors<R>(result: &Result<R, ApiError>) -> Option<Vec<FieldError>> {
    match result {
        Ok(_) => Some(Vec::new()),
        Err(error) if error.code == Code::Invalid => Some(error.errors.clone()),
        Err(_) => None,
    }
}

/// Runs the work of a request: on the request as sent (`None`) or, if the schema refused it with
/// the errors `refused`, on each of its `repairs`. The caller must roll back what a refused request
/// wrote.
///
/// # Errors
/// `validation_failed`, with everything that is wrong, or the error of the work.
pub(super) fn settle<R>(
    conn: &mut AnyConnection,
    refused: &[FieldError],
    repairs: usize,
    mut attempt: impl FnMut(&mut AnyConnection, Option<usize>) -> Attempt<R>,
) -> Result<R, ApiError> {
    let (refused, repairs) = if refused.is_empty() {
        let sent = attempt(conn, None);
        if sent.refused.is_empty() {
            return sent.end();
        }
        // The patch was refused before anything was written.
        (sent.refused, sent.repairs)
    } else {
        (refused.to_vec(), repairs)
    };
    Err(refusal(conn, &refused, repairs, &mut |conn, repair| {
        attempt(conn, Some(repair)).undone()
    }))
}

/// Attempts the work on every repair, and returns all errors.
#[expect(
    clippy::disallowed_methods,
    reason = "a savepoint inside the transaction of `db.write`, always rolled back"
)]
fn refusal(
    conn: &mut AnyConnection,
    refused: &[FieldError],
    mut repairs: usize,
    attempt: &mut dyn FnMut(&mut AnyConnection, usize) -> Attempt<()>,
) -> ApiError {
    let (mut of_type, mut of_store) = (Common::default(), Common::default());
    let mut n = 0;
    while n < repairs.min(MOST) && !(of_type.is_nothing() && of_store.is_nothing()) {
        let mut seen = None;
        let undone: Result<(), DbError> = conn.transaction(|conn| {
            seen = Some(attempt(conn, n));
            Err(DbError::RollbackTransaction)
        });
        let seen = match (seen, undone) {
            (Some(seen), Err(DbError::RollbackTransaction)) => seen,
            (_, undone) => return undone.err().map_or_else(ApiError::collision, Into::into),
        };
        if let Err(error) = &seen.result
            && error.is_repeated()
        {
            return error.clone();
        }
        if let Some(found) = store_errors(&seen.result) {
            of_store.keep(outside(found, &seen.refused));
        }
        of_type.keep([outside(seen.broken, &seen.refused), seen.refused].concat());
        repairs = repairs.max(seen.repairs);
        n += 1;
    }
    let found = joined([of_type.errors(), of_store.errors()]);
    ApiError::invalid(joined([refused.to_vec(), outside(found, refused)]))
}

/// The errors that every attempt so far has found; `None` before the first.
#[derive(Default)]
struct Common(Option<Vec<FieldError>>);

impl Common {
    fn keep(&mut self, found: Vec<FieldError>) {
        match &mut self.0 {
            Some(kept) => kept.retain(|error| found.contains(error)),
            None => self.0 = Some(found),
        }
    }

    fn is_nothing(&self) -> bool {
        self.0.as_ref().is_some_and(Vec::is_empty)
    }

    fn errors(self) -> Vec<FieldError> {
        self.0.unwrap_or_default()
    }
}

/// Returns the errors of all lists, each once.
fn joined<const N: usize>(lists: [Vec<FieldError>; N]) -> Vec<FieldError> {
    let mut all = Vec::new();
    for error in lists.into_iter().flatten() {
        if !all.contains(&error) {
            all.push(error);
        }
    }
    all
}

/// Returns the errors that are not at, above or below a refused place.
fn outside(mut errors: Vec<FieldError>, refused: &[FieldError]) -> Vec<FieldError> {
    errors.retain(|error| {
        let Place::Body(at) = &error.place else {
            return true;
        };
        let near = |other: &FieldError| match &other.place {
            Place::Body(other) => is_within(at, other) || is_within(other, at),
            _ => false,
        };
        !refused.iter().any(near)
    });
    errors
}

/// Returns the errors of the rules of a type.
pub fn broken_rules(value: &impl Validate) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if let Err(found) = value.validate() {
        collect(&found, "", &mut errors);
    }
    // The validator's maps have an order of their own at each call.
    errors.sort_by_cached_key(|error| (in_order(&error.place), error.code.clone()));
    errors
}

/// Returns the parts of a pointer so that items are in the order of their numbers.
fn in_order(place: &Place) -> Vec<(usize, String)> {
    let Place::Body(pointer) = place else {
        return Vec::new();
    };
    let parts = pointer.split('/');
    parts
        .map(|part| (part.parse().unwrap_or(0), part.to_owned()))
        .collect()
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
