//! Personal data that answers show, and the record of who was shown it.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use diesel::prelude::*;
use uuid::Uuid;

use super::context::RequestContext;
use crate::db::AnyConnection;
use crate::db::schema::personal_data_reads as r;
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, OrganizationId};

/// The contact whose personal data an answer shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    pub agreement: AgreementId,
    pub version: i64,
    pub municipality: OrganizationId,
}

/// Subjects whose personal data a request shows, noted while it reads.
#[derive(Clone, Debug, Default)]
pub struct Shown(Arc<Mutex<Vec<Subject>>>);

impl Shown {
    pub fn note(&self, subject: Subject) {
        let mut subjects = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    }

    /// Returns true if nothing was noted.
    pub fn is_nothing(&self) -> bool {
        let subjects = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        subjects.is_empty()
    }

    /// Takes the subjects noted since the last call.
    pub fn take(&self) -> Vec<Subject> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Records that a caller is about to be shown personal data.
///
/// Nothing may be shown if this fails.
pub fn record(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    origin: IpAddr,
    subjects: &[Subject],
) -> Result<(), ApiError> {
    for subject in subjects {
        diesel::insert_into(r::table)
            .values((
                r::id.eq(Uuid::now_v7().to_string()),
                r::read_at.eq(cx.now),
                r::token_id.eq(cx.caller.id.map(|id| id.to_string())),
                r::account.eq(cx.caller.own_name()),
                r::origin.eq(origin.to_string()),
                r::operation.eq(cx.operation),
                r::request_id.eq(&*cx.request_id),
                r::agreement_id.eq(subject.agreement.to_string()),
                r::agreement_version.eq(subject.version),
                r::municipality_id.eq(subject.municipality.to_string()),
            ))
            .execute(conn)?;
    }
    Ok(())
}
