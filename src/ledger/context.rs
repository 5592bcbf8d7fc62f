//! The context of one piece of work: the instant, the caller, the operation.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use chrono::{NaiveDate, NaiveDateTime, SubsecRound};
use chrono_tz::Tz;
use uuid::Uuid;

use super::caller::Caller;
use super::personal::Shown;
use crate::kernel::clock::{Clock, NewIds};
use crate::kernel::values::Meta;

/// The context in which work runs: the time, the caller and the request.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// The current time, in UTC, to the microsecond.
    pub now: NaiveDateTime,
    /// Today in the registry's time zone.
    pub today: NaiveDate,
    /// The registry's time zone, which determines the day of an instant.
    pub zone: Tz,
    ids: NewIds,
    pub caller: Arc<Caller>,
    /// The API operation that runs; `program` for work that the program does by itself.
    pub operation: &'static str,
    /// The personal data shown so far, for the log of reads.
    pub shown: Shown,
    /// Whether the answer depends on more than the log, so that it is not kept.
    varies: Arc<AtomicBool>,
    /// Sequence number of the last logged change; 0 if there is none.
    pub logged: Arc<AtomicI64>,
    /// The request id; empty for work that the program does by itself.
    pub request_id: Arc<str>,
}

impl RequestContext {
    /// Creates the context for work that the program does by itself.
    pub fn new(clock: &Clock, ids: NewIds) -> Self {
        let now = clock.now();
        let today = clock.day_of(now);
        Self {
            now: now.naive_utc().trunc_subsecs(6),
            today,
            zone: clock.zone(),
            ids,
            caller: Arc::new(Caller::program()),
            operation: "program",
            request_id: "".into(),
            shown: Shown::default(),
            varies: Arc::default(),
            logged: Arc::default(),
        }
    }

    /// Returns the context for an operation of a caller.
    pub fn by(self, caller: Caller, operation: &'static str, request_id: Arc<str>) -> Self {
        Self {
            caller: Arc::new(caller),
            operation,
            request_id,
            ..self
        }
    }

    /// Returns the context with another day as today.
    pub fn on(&self, today: NaiveDate) -> Self {
        Self {
            today,
            ..self.clone()
        }
    }

    /// Notes that the answer depends on more than the log: it is not kept.
    pub fn vary(&self) {
        self.varies.store(true, Ordering::Relaxed);
    }

    /// Returns true if the answer depends on the log alone, and shows nothing that is recorded each time.
    pub fn may_be_kept(&self) -> bool {
        self.shown.is_nothing() && !self.varies.load(Ordering::Relaxed)
    }

    /// Returns an id for a new record.
    pub fn id<Id: From<Uuid>>(&self) -> Id {
        self.ids.next().into()
    }

    /// Returns the metadata of a record that is recorded now.
    pub fn new_meta<Id: From<Uuid>>(&self) -> Meta<Id> {
        Meta {
            id: self.id(),
            version: 1,
            created_at: self.now.and_utc(),
            updated_at: self.now.and_utc(),
        }
    }
}
