//! The agreements of a municipality that were signed, as they stood on a day, for what is told of
//! many of them at once.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use uuid::Uuid;

use super::doc::Doc;
use super::read::back_to;
use super::reports::{self, Reports};
use super::types::{AgreementStatus as Status, Transition};
use crate::access::{Scope, scope};
use crate::app::Cx;
use crate::db::schema::agreements as a;
use crate::db::{AnyConnection, among};
use crate::error::{ApiError, Code};
use crate::values::{AgreementRef, ImpreciseDate, stored, stored_id};

/// An agreement that was signed, as it stood on a day.
pub struct Standing {
    pub id: Uuid,
    pub doc: Doc,
    pub status: Status,
    pub reports: Reports,
}

impl Standing {
    pub fn reference(&self) -> AgreementRef {
        reference(self.id, &self.doc)
    }

    /// The step to a status, where it was taken.
    pub fn step(&self, to: Status) -> Option<&Transition> {
        self.doc.transitions.iter().find(|step| step.to == to)
    }
}

fn reference(id: Uuid, doc: &Doc) -> AgreementRef {
    let title = doc.content.title.clone();
    AgreementRef { id, title }
}

/// A step of which nobody knows the day, so that it is in no period.
pub struct UndatedStep {
    pub agreement: AgreementRef,
    pub to: Status,
}

/// What of a municipality's agreements was signed and not voided.
#[derive(Default)]
pub struct Standings {
    /// As they stood on the day, by the day on which they were signed.
    pub all: Vec<Standing>,
    /// The steps without a day, whenever they were taken.
    pub undated: Vec<UndatedStep>,
}

/// Whether a step makes or ends an agreement.
fn matters(step: &Transition) -> bool {
    step.to.is_signed()
}

/// Reads the agreements of a municipality that the caller sees and that were signed by a day, in two
/// statements, however many they are.
///
/// # Errors
/// What the database says.
pub fn of_municipality(
    conn: &mut AnyConnection,
    cx: &Cx,
    municipality: Uuid,
    day: NaiveDate,
) -> Result<Standings, ApiError> {
    let once_signed = Status::ALL
        .iter()
        .filter(|s| s.is_signed() || **s == Status::Voided);
    let begun = a::signed_earliest.le(day).assume_not_null();
    let rows: Vec<(String, String)> = a::table
        .filter(a::municipality_id.eq(municipality.to_string()))
        .filter(among(a::status, once_signed.map(|s| s.as_str())))
        .filter(a::signed_earliest.is_null().or(begun))
        .filter(Scope::of(&cx.caller, &scope::AGREEMENTS))
        .order((a::sort_signed, a::id))
        .select((a::id, a::doc))
        .load(conn)?;
    let mut reports: HashMap<Uuid, _> = reports::store::of_municipality(conn, cx, municipality)?;
    let mut standings = Standings::default();
    for (id, doc) in rows {
        let (id, mut doc): (Uuid, Doc) = (stored_id(&id)?, stored(&doc)?);
        if doc.status() != Status::Voided {
            let steps = doc.transitions.iter().filter(|step| matters(step));
            let undated = steps.filter(|s| s.on.as_ref().and_then(ImpreciseDate::latest).is_none());
            standings.undated.extend(undated.map(|step| UndatedStep {
                agreement: reference(id, &doc),
                to: step.to,
            }));
        }
        let status = if day < cx.today {
            match back_to(&mut doc, cx, day) {
                Err(error) if error.code == Code::NotFound => continue,
                status => status?,
            }
        } else {
            doc.status()
        };
        if status.is_signed() {
            let reports = Reports {
                all: reports.remove(&id).unwrap_or_default(),
                ..Reports::default()
            };
            standings.all.push(Standing {
                id,
                doc,
                status,
                reports,
            });
        }
    }
    Ok(standings)
}
