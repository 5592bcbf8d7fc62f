//! Recording the rows of an import, and taking them back.

use std::collections::{BTreeMap, HashMap};

use diesel::Connection;
use serde_json::{Map, Value, json};

use super::rows::Row;
use super::store::{self, Recorded, Refusal, Stored};
use super::types::{ImportApply, ImportOutcome, ImportStatus, LedgerImport};
use super::view::is_valid;
use crate::agreements;
use crate::agreements::types::{AgreementCreate, AgreementStatus, TransitionCreate};
use crate::db::AnyConnection;
use crate::http::contract::Members;
use crate::http::named::{Organizations, Resolved};
use crate::http::{checked, input_name};
use crate::kernel::error::{ApiError, Code, FieldError, Place};
use crate::kernel::ids::{ImportId, OrganizationId};
use crate::kernel::language::Message;
use crate::kernel::values::Localized;
use crate::ledger::RequestContext;

/// Ids of organizations, by the JSON with which rows name them.
type Ids = HashMap<String, OrganizationId>;

/// Means of recording rows beside the database.
pub struct Work<'a> {
    pub organizations: &'a dyn Organizations,
    /// Called with the numbers of done rows and of all rows.
    pub told: &'a dyn Fn(usize, usize),
}

/// Records rows of an import, in the transaction of the request. Rows that it recorded before stay
/// as they are.
///
/// # Errors
/// `not_found`; `validation_failed` for each stated row that cannot be recorded.
pub fn apply(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: ImportId,
    work: &Work<'_>,
    request: &ImportApply,
) -> Result<LedgerImport, ApiError> {
    let mut stored = store::load(conn, cx, id)?;
    // Refused rows are tried again: the registry can have changed.
    let mut refusals_left = std::mem::take(&mut stored.doc.refused);
    let table = store::table(conn, &stored)?;
    let planned = store::rows(conn, &stored, &table)?;
    let is_new = |row: &Row| {
        let outcome = planned.outcomes.get(&row.row);
        outcome.is_none_or(|(outcome, _)| *outcome == ImportOutcome::New)
    };
    let chosen: Vec<(String, &Row)> = match &request.rows {
        None => planned
            .rows
            .iter()
            .filter(|row| is_valid(row) && is_new(row) && !row.hidden)
            .map(|row| (String::new(), row))
            .collect(),
        Some(numbers) => stated(numbers, &planned.rows, &stored, is_new)?,
    };
    let (mut ids, mut errors) = (Ids::new(), Vec::new());
    let (mut recorded, mut refused) = (Vec::new(), Vec::new());
    let all = chosen.len();
    for (done, (at, row)) in chosen.into_iter().enumerate() {
        (work.told)(done, all);
        match record(conn, cx, work.organizations, row, &mut ids) {
            Ok(new) => recorded.push((row.row, new)),
            Err(error) if is_of_the_row(&error) => {
                let found = refusals(&error);
                if !at.is_empty() {
                    errors.extend(found.iter().map(|refusal| named(&at, row, refusal)));
                }
                refused.push((row.row, found));
            }
            Err(error) => return Err(error),
        }
    }
    if !errors.is_empty() {
        return Err(ApiError::invalid(errors));
    }
    let is_nothing = recorded.is_empty() && refused.is_empty();
    drop(table);
    for (row, _) in &recorded {
        refusals_left.remove(row);
    }
    refusals_left.extend(refused);
    let doc = &mut stored.doc;
    doc.refused = refusals_left;
    if !is_nothing || doc.status != ImportStatus::Applied {
        doc.recorded.extend(recorded);
        doc.status = match doc.recorded.is_empty() {
            true => ImportStatus::Failed,
            false => ImportStatus::Applied,
        };
        store::save(conn, cx, &mut stored)?;
    }
    store::view(conn, &stored)
}

/// Returns the rows with these numbers that are not recorded yet.
///
/// # Errors
/// `validation_failed` for each that cannot be recorded.
fn stated<'a>(
    numbers: &[u32],
    rows: &'a [Row],
    stored: &Stored,
    is_new: impl Fn(&Row) -> bool,
) -> Result<Vec<(String, &'a Row)>, ApiError> {
    let (mut chosen, mut errors) = (Vec::new(), Vec::new());
    for (i, number) in numbers.iter().enumerate() {
        let at = format!("/rows/{i}");
        let number = *number as usize;
        let row = rows.iter().find(|row| row.row == number);
        let (code, message) = match row {
            _ if stored.doc.recorded.contains_key(&number) => continue,
            None => (
                "no_such_row",
                Message::fixed(
                    "기록이 되는 행이 아닙니다.",
                    "No record stands in this row.",
                ),
            ),
            Some(row) if !is_valid(row) => (
                "row_not_valid",
                Message::fixed(
                    "문제나 답하지 않은 질문이 있는 행입니다.",
                    "The row has problems or open questions.",
                ),
            ),
            Some(row) if !is_new(row) => (
                "row_not_new",
                Message::fixed(
                    "이미 있는 기록과 같거나 그것을 바꾸는 행입니다. 바꿀 것은 그 기록에서 고치십시오.",
                    "A record is the same as this row or differs from it. Correct the record itself.",
                ),
            ),
            Some(row) => {
                chosen.push((at, row));
                continue;
            }
        };
        errors.push(FieldError::body(at, code, message));
    }
    match errors.is_empty() {
        true => Ok(chosen),
        false => Err(ApiError::invalid(errors)),
    }
}

/// Records a row in a savepoint of its own, by the rules of `POST /agreements`.
#[expect(
    clippy::disallowed_methods,
    reason = "a savepoint inside the transaction of `db.write`"
)]
fn record(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    organizations: &dyn Organizations,
    row: &Row,
    ids: &mut Ids,
) -> Result<Recorded, ApiError> {
    let mut new_ids = Ids::new();
    let recorded = conn.transaction(|conn| {
        let all_ids = (&*ids, &mut new_ids);
        let body = resolved(conn, cx, organizations, row.body.clone(), all_ids)?;
        let schema = input_name("AgreementCreate");
        let new: AgreementCreate = checked::decode(&schema, Members::Closed, body)?;
        let agreement = agreements::create(conn, cx, &new)?;
        Ok::<_, ApiError>(Recorded {
            id: agreement.meta.id,
            version: agreement.meta.version,
        })
    })?;
    ids.extend(new_ids);
    Ok(recorded)
}

/// Returns a body with the ids of the organizations that it names, which are found or recorded.
fn resolved(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    organizations: &dyn Organizations,
    mut body: Map<String, Value>,
    (ids, new_ids): (&Ids, &mut Ids),
) -> Result<Value, ApiError> {
    let parties = body.get_mut("parties").and_then(Value::as_array_mut);
    for (i, party) in parties.into_iter().flatten().enumerate() {
        let Some(named) = party.as_object_mut().and_then(|p| p.remove("organization")) else {
            continue;
        };
        let key = named.to_string();
        let known = ids.get(&key).or_else(|| new_ids.get(&key)).copied();
        let id = match known {
            Some(id) => id,
            None => match organizations.resolve(conn, cx, &named, &[])? {
                Resolved::Known(found) | Resolved::Recorded(found) => found.id,
                Resolved::Refused(_, errors) => {
                    let at = format!("/parties/{i}/organization");
                    let errors = errors.into_iter().map(|error| error.below(&at));
                    return Err(ApiError::invalid(errors.collect()));
                }
            },
        };
        new_ids.insert(key, id);
        party["organization_id"] = json!(id);
    }
    Ok(Value::Object(body))
}

/// Returns whether an error concerns the content of the row alone, so that others can be recorded.
fn is_of_the_row(error: &ApiError) -> bool {
    !error.is_collision()
        && matches!(
            error.code,
            Code::Invalid | Code::Conflict | Code::DutyInTheWay | Code::TransitionNotAllowed
        )
}

fn refusals(error: &ApiError) -> Vec<Refusal> {
    if error.errors.is_empty() {
        let message = error.detail.as_deref().cloned();
        return vec![Refusal {
            pointer: String::new(),
            code: error.code.as_str().to_owned(),
            message: message.unwrap_or_else(|| error.code.title()),
        }];
    }
    let errors = error.errors.iter().map(|error| Refusal {
        pointer: match &error.place {
            Place::Body(pointer) => pointer.clone(),
            Place::Query(_) | Place::Header(_) => String::new(),
        },
        code: error.code.clone(),
        message: error.message.clone(),
    });
    errors.collect()
}

fn named(at: &str, row: &Row, refusal: &Refusal) -> FieldError {
    let Message { ko, en } = &refusal.message;
    let message = Message::new(
        format!("{}행 {}: {ko}", row.row, refusal.pointer),
        format!("Row {} {}: {en}", row.row, refusal.pointer),
    );
    FieldError::body(at, refusal.code.clone(), message)
}

/// Voids every agreement that an import recorded and that nobody changed since.
///
/// # Errors
/// `not_found`
pub fn undo(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: ImportId,
) -> Result<LedgerImport, ApiError> {
    let mut stored = store::load(conn, cx, id)?;
    let mut kept: BTreeMap<usize, Recorded> = BTreeMap::new();
    for (row, recorded) in &stored.doc.recorded {
        if !void(conn, cx, *recorded)? {
            kept.insert(*row, *recorded);
        }
    }
    if stored.doc.status == ImportStatus::Applied {
        stored.doc.not_undone = kept.values().map(|recorded| recorded.id).collect();
        stored.doc.recorded = kept;
        stored.doc.status = ImportStatus::Undone;
        store::save(conn, cx, &mut stored)?;
    }
    store::view(conn, &stored)
}

/// Voids a record that nobody changed. Returns false if somebody did, or if the rules refuse it.
#[expect(
    clippy::disallowed_methods,
    reason = "a savepoint inside the transaction of `db.write`"
)]
fn void(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    recorded: Recorded,
) -> Result<bool, ApiError> {
    let is_unchanged = match agreements::read::get(conn, cx, recorded.id, None) {
        Ok(agreement) => agreement.meta.version == recorded.version,
        Err(error) if error.code == Code::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    if !is_unchanged {
        return Ok(false);
    }
    let step = TransitionCreate {
        to: AgreementStatus::Voided,
        on: None,
        notified_on: None,
        reason: Some(Localized {
            ko: Some("가져오기를 취소함".into()),
            en: Some("The import was undone".into()),
        }),
        commitments: Vec::new(),
        signatures: Vec::new(),
        urgent: None,
    };
    let done = conn.transaction(|conn| agreements::transition(conn, cx, recorded.id, &step));
    match done {
        Ok(_) => Ok(true),
        Err(error) if is_of_the_row(&error) => Ok(false),
        Err(error) => Err(error),
    }
}
