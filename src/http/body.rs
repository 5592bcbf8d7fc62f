//! Request bodies: validated against the spec, and converted to a type.

use std::cell::RefCell;
use std::future::Future;
use std::marker::PhantomData;

use actix_web::{HttpRequest, dev};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;
use validator::Validate;

use super::checked::{Attempt, Checked, broken_rules, guarded, settle};
use super::contract;
use super::contract::Members;
use super::named::{Body, Organizations};
use super::openapi::patch_name;
use super::received::{Received, receive};
use super::repair::repairs;
use super::spec::input_name;
use crate::db::AnyConnection;
use crate::kernel::error::{ApiError, FieldError};
use crate::kernel::values::Versioned;
use crate::kernel::values::past_events::PastDays;
use crate::ledger::RequestContext;

const JSON: &str = "application/json";
/// Media type of merge patches (RFC 7396).
pub const MERGE_PATCH: &str = "application/merge-patch+json";

/// A JSON body of type `T` that may be refused, and the digest of its bytes.
pub(super) struct Sent<T> {
    checked: Checked<T>,
    pub digest: u128,
    past: PastDays,
    /// Whether neither the schema nor a rule of the type refuses the body.
    pub is_accepted: bool,
}

/// A merge patch (RFC 7396) for content of type `T`.
pub struct Patch<T> {
    changes: Value,
    /// Number of the repair with which refused content goes on; `None` if it fails instead.
    repair: Option<usize>,
    notes: RefCell<Notes>,
    content: PhantomData<T>,
}

/// The errors of the content that a patch leads to.
#[derive(Default)]
struct Notes {
    /// The errors of the schema, and the number of repairs.
    refused: Vec<FieldError>,
    repairs: usize,
    /// The errors of the rules of the type.
    broken: Vec<FieldError>,
}

impl<T: ToSchema + DeserializeOwned + Validate + Send + 'static> Sent<T> {
    pub fn read(
        req: &HttpRequest,
        payload: &mut dev::Payload,
    ) -> impl Future<Output = Result<Self, ApiError>> + use<T> {
        receive(req, payload, JSON, Self::of)
    }

    /// Checks a body as received.
    ///
    /// # Errors
    /// `validation_failed` if it fits its schema, but not its type.
    pub fn of(body: Received) -> Result<Self, ApiError> {
        let schema = input_name(&T::name());
        let past = PastDays::of(&body.value);
        let checked: Checked<T> = Checked::of(&schema, Members::Closed, body.value, body.wrong)?;
        let mut values = checked.values.iter();
        Ok(Self {
            is_accepted: checked.refused.is_empty()
                && values.all(|value| broken_rules(value).is_empty()),
            checked,
            past,
            digest: body.digest,
        })
    }
}

impl<T: Validate + DeserializeOwned> Sent<T> {
    /// Returns the value of a body that records nothing.
    ///
    /// # Errors
    /// `validation_failed`, with every invalid member.
    pub fn accepted(self) -> Result<T, ApiError> {
        self.checked.accepted()
    }

    /// Runs the work of the request.
    ///
    /// # Errors
    /// Fails like [`settle`].
    pub fn settle<R: Versioned>(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        organizations: &dyn Organizations,
        mut work: impl FnMut(&mut AnyConnection, &T) -> Result<R, ApiError>,
    ) -> Result<R, ApiError> {
        let Checked {
            values,
            bodies,
            refused,
        } = &self.checked;
        let past = self.past.wrong(cx.today);
        settle(conn, refused, values.len(), |conn, repair| {
            let place = repair.unwrap_or(0);
            let (value, body) = (&values[place], &bodies[place]);
            if !body.is_naming() {
                return Attempt {
                    result: guarded(|| work(conn, value)),
                    refused: Vec::new(),
                    broken: [broken_rules(value), past.clone()].concat(),
                    repairs: 0,
                };
            }
            let resolution = match body.resolve(conn, cx, organizations) {
                Ok(resolution) => resolution,
                Err(error) => return Attempt::failed(error),
            };
            let value: T = match serde_json::from_value(body.with(&resolution)) {
                Ok(value) => value,
                Err(error) => return Attempt::failed(ApiError::internal(error)),
            };
            let result = guarded(|| work(conn, &value));
            Attempt {
                result: body.settled(result, resolution.warnings),
                refused: Vec::new(),
                broken: body
                    .pointing([resolution.errors, broken_rules(&value), past.clone()].concat()),
                repairs: 0,
            }
        })
    }
}

/// A merge patch that may be refused.
pub(super) struct SentPatch<T> {
    /// The patch as sent, or if the schema refuses it, its repairs.
    changes: Vec<Body>,
    past: PastDays,
    refused: Vec<FieldError>,
    content: PhantomData<T>,
}

impl<T: ToSchema + Send + 'static> SentPatch<T> {
    pub fn read(
        req: &HttpRequest,
        payload: &mut dev::Payload,
    ) -> impl Future<Output = Result<Self, ApiError>> + use<T> {
        receive(req, payload, MERGE_PATCH, Self::of)
    }

    /// # Errors
    /// Internal, if the schema cannot be read.
    pub fn of(body: Received) -> Result<Self, ApiError> {
        let Received { value, wrong, .. } = body;
        let schema = patch_name(&T::name());
        let past = PastDays::of(&value);
        let mut refused = wrong;
        refused.extend(contract::check(&schema, Members::Closed, &value)?);
        let changes = if refused.is_empty() {
            vec![value]
        } else {
            repairs(&schema, Members::Closed, &value, &refused)?
        };
        let mut misnamed = Vec::new();
        let changes = changes.into_iter();
        let changes = changes
            .map(|value| Body::of(value, &mut misnamed))
            .collect();
        refused.extend(misnamed);
        Ok(Self {
            changes,
            past,
            refused,
            content: PhantomData,
        })
    }

    /// Runs the work of the request.
    ///
    /// # Errors
    /// Fails like [`settle`].
    pub fn settle<R: Versioned>(
        &self,
        conn: &mut AnyConnection,
        cx: &RequestContext,
        organizations: &dyn Organizations,
        mut work: impl FnMut(&mut AnyConnection, &Patch<T>) -> Result<R, ApiError>,
    ) -> Result<R, ApiError> {
        let Self {
            changes, refused, ..
        } = self;
        let past = self.past.wrong(cx.today);
        settle(conn, refused, changes.len(), |conn, repair| {
            let body = &changes[repair.unwrap_or(0) % changes.len()];
            let resolution = match body.resolve(conn, cx, organizations) {
                Ok(resolution) => resolution,
                Err(error) => return Attempt::failed(error),
            };
            let patch = Patch {
                changes: body.with(&resolution),
                repair,
                notes: RefCell::default(),
                content: PhantomData,
            };
            let result = guarded(|| work(conn, &patch));
            let notes = patch.notes.into_inner();
            Attempt {
                result: body.settled(result, resolution.warnings),
                refused: notes.refused,
                broken: body.pointing([resolution.errors, notes.broken, past.clone()].concat()),
                repairs: notes.repairs,
            }
        })
    }
}

impl<T> Patch<T> {
    /// Returns a merge patch that no request sent, so that nothing of it is repaired.
    pub fn of(changes: Value) -> Self {
        Self {
            changes,
            repair: None,
            notes: RefCell::default(),
            content: PhantomData,
        }
    }

    /// Checks the rules of the type that the content with the patch broke. To be called after the
    /// work with a patch that no request sent, before the transaction ends.
    ///
    /// # Errors
    /// `validation_failed`
    pub fn check_rules(self) -> Result<(), ApiError> {
        match self.notes.into_inner().broken {
            broken if broken.is_empty() => Ok(()),
            broken => Err(ApiError::invalid(broken)),
        }
    }
}

impl<T: ToSchema + Serialize + DeserializeOwned + Validate> Patch<T> {
    /// Returns the content with the patch merged into it, validated as a whole; `None` if nothing
    /// changes.
    ///
    /// # Errors
    /// `validation_failed`, with every member of the result that the schema refuses. The work must
    /// then fail with it before it writes anything. The errors of the rules are noted, and refuse
    /// the request after the work.
    pub fn apply(&self, content: &T) -> Result<Option<T>, ApiError> {
        let before = serde_json::to_value(content).map_err(ApiError::internal)?;
        let mut after = before.clone();
        json_patch::merge(&mut after, &self.changes);
        let schema = input_name(&T::name());
        let checked = Checked::of(&schema, Members::Open, after, Vec::new())?;
        let merged = self.noted(checked)?;
        let changed = serde_json::to_value(&merged).map_err(ApiError::internal)? != before;
        Ok(changed.then_some(merged))
    }

    /// Notes the errors of the content, and returns the content or the repair to go on with.
    fn noted(&self, checked: Checked<T>) -> Result<T, ApiError> {
        let Checked {
            mut values,
            refused,
            ..
        } = checked;
        let mut notes = self.notes.borrow_mut();
        notes.repairs = values.len();
        notes.refused.clone_from(&refused);
        let place = match self.repair {
            Some(repair) if !values.is_empty() => repair % values.len(),
            _ if refused.is_empty() => 0,
            _ => return Err(ApiError::invalid(refused)),
        };
        let value = values.swap_remove(place);
        notes.broken = broken_rules(&value);
        Ok(value)
    }
}
