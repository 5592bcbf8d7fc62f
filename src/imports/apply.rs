//! Recording the rows of an import.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::Connection;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::contacts;
use super::existing::Compared;
use super::planned::{self, Rows};
use super::records::{self, Records, versions};
use super::rows::{Position, Row};
use super::store::{self, Recorded, Refusal, Stored};
use super::types::{ImportApply, ImportOutcome, ImportStatus, LedgerImport};
use super::view::is_valid;
use crate::db::AnyConnection;
use crate::http::named::{Organizations, Resolved};
use crate::kernel::error::{ApiError, Code, FieldError, Place};
use crate::kernel::ids::{ImportId, OrganizationId};
use crate::kernel::language::Message;
use crate::kernel::values::Localized;
use crate::ledger::RequestContext;
use crate::organizations::records::ORGANIZATION;

/// Ids of organizations, by the JSON with which rows name them.
type Ids = HashMap<String, OrganizationId>;

/// How a row changes its record, with the version of it that the caller has seen.
type Change<'a> = (&'a Compared, Option<i64>);

/// Number of rows that share a savepoint, unless one of them is refused: in each, SQLite copies every page
/// that it changes.
const TOGETHER: usize = 100;

/// Means of recording rows beside the database.
pub struct Work<'a> {
    pub organizations: &'a dyn Organizations,
    /// Called with the municipality and the numbers of done rows and of all rows.
    pub told: &'a dyn Fn(OrganizationId, usize, usize),
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
    let table = planned::table(conn, &stored)?;
    let rows = planned::rows(conn, cx, &stored, &table)?;
    let chosen = chosen(request, &rows, &stored)?;
    let mut applied = Applied {
        records: records::of(stored.doc.kind),
        owner: stored.municipality_id,
        cx,
        organizations: work.organizations,
        ids: Ids::new(),
        made: Vec::new(),
    };
    let done = applied.all(conn, (&stored, &rows), &chosen, work.told)?;
    let Done {
        mut recorded,
        refused,
    } = done;
    let made = applied.made(conn)?;
    let is_nothing = recorded.is_empty() && refused.is_empty();
    for (position, _) in &recorded {
        refusals_left.remove(position);
    }
    refusals_left.extend(refused);
    let new: BTreeSet<_> = recorded.iter().map(|(position, _)| *position).collect();
    let cleared = contacts::of_recorded(&table, &rows, |row| new.contains(&row.position()));
    let sheet = table.layout.sheet;
    // They are planned anew below, and take room.
    drop(table);
    level(&mut stored.doc.recorded, &mut recorded, &rows);
    drop(rows);
    let is_cleared = contacts::forget(conn, &mut stored, sheet, cleared)?;
    let doc = &mut stored.doc;
    doc.refused = refusals_left;
    if is_nothing && !is_cleared && doc.status == ImportStatus::Applied {
        return store::view(conn, cx, &stored);
    }
    doc.recorded.extend(recorded);
    doc.organizations.extend(made);
    doc.status = match doc.recorded.is_empty() {
        true => ImportStatus::Failed,
        false => ImportStatus::Applied,
    };
    store::save_seen(conn, cx, &mut stored)
}

/// Gives all rows of one record its last version: several rows can state one milestone, and an undo
/// takes back what nobody else changed since.
fn level(
    before: &mut BTreeMap<Position, Recorded>,
    new: &mut [(Position, Recorded)],
    planned: &Rows,
) {
    let mut last: HashMap<Uuid, (Option<i64>, i64)> = HashMap::new();
    for (position, made) in new.iter() {
        let compared = planned.compared.get(position);
        let was = compared.and_then(|compared| compared.version);
        last.insert(made.id, (was, made.version));
    }
    for made in before.values_mut() {
        if let Some((Some(was), version)) = last.get(&made.id)
            && made.version == *was
        {
            made.version = *version;
        }
    }
    for (_, made) in new {
        if let Some((_, version)) = last.get(&made.id) {
            made.version = *version;
        }
    }
}

/// Returns the rows to record, each with its place in the request if it is stated there.
fn chosen<'a>(
    request: &ImportApply,
    planned: &'a Rows,
    stored: &Stored,
) -> Result<Vec<(String, &'a Row)>, ApiError> {
    let says_something = |row: &Row| {
        let compared = planned.compared.get(&row.position());
        compared.is_none_or(|compared| compared.outcome != ImportOutcome::Same)
    };
    let Some(numbers) = &request.rows else {
        let rows = planned.rows.iter();
        let rows = rows.filter(|row| is_valid(row) && says_something(row) && !row.hidden);
        return Ok(rows.map(|row| (String::new(), row)).collect());
    };
    let mut rows = stated(numbers, &planned.rows, stored)?;
    rows.retain(|(_, row)| says_something(row));
    Ok(rows)
}

/// Returns the rows with these numbers that are not recorded yet.
///
/// # Errors
/// `validation_failed` for each that cannot be recorded.
fn stated<'a>(
    numbers: &[u32],
    rows: &'a [Row],
    stored: &Stored,
) -> Result<Vec<(String, &'a Row)>, ApiError> {
    let (mut chosen, mut errors) = (Vec::new(), Vec::new());
    let is_recorded = |row: &&Row| stored.doc.recorded.contains_key(&row.position());
    for (i, number) in numbers.iter().enumerate() {
        let at = format!("/rows/{i}");
        let number = *number as usize;
        let of_row: Vec<&Row> = rows.iter().filter(|row| row.row == number).collect();
        let mut recorded = stored.doc.recorded.keys();
        if of_row.is_empty() && !recorded.any(|position| position.row == number) {
            let message = Message::fixed(
                "기록이 되는 행이 아닙니다.",
                "No record stands in this row.",
            );
            errors.push(FieldError::body(at, "no_such_row", message));
            continue;
        }
        let left: Vec<&Row> = of_row.into_iter().filter(|row| !is_recorded(row)).collect();
        if left.iter().all(|row| is_valid(row)) {
            chosen.extend(left.into_iter().map(|row| (at.clone(), row)));
            continue;
        }
        let message = Message::fixed(
            "문제나 답하지 않은 질문이 있는 행입니다.",
            "The row has problems or open questions.",
        );
        errors.push(FieldError::body(at, "row_not_valid", message));
    }
    match errors.is_empty() {
        true => Ok(chosen),
        false => Err(ApiError::invalid(errors)),
    }
}

/// The work of recording rows.
struct Applied<'a> {
    records: &'static dyn Records,
    owner: OrganizationId,
    cx: &'a RequestContext,
    organizations: &'a dyn Organizations,
    ids: Ids,
    /// Organizations that were recorded.
    made: Vec<OrganizationId>,
}

/// What became of the rows.
#[derive(Default)]
struct Done {
    recorded: Vec<(Position, Recorded)>,
    refused: Vec<(Position, Vec<Refusal>)>,
}

impl Applied<'_> {
    /// Records or corrects rows, each with its place in the request if it is stated there.
    ///
    /// # Errors
    /// `validation_failed` for each stated row that the rules refuse.
    fn all(
        &mut self,
        conn: &mut AnyConnection,
        (stored, planned): (&Stored, &Rows),
        chosen: &[(String, &Row)],
        told: &dyn Fn(OrganizationId, usize, usize),
    ) -> Result<Done, ApiError> {
        let mut done = Done::default();
        let mut errors = Vec::new();
        let work = |row: &Row| {
            let position = row.position();
            let compared = planned.compared.get(&position);
            let change = compared.filter(|compared| compared.outcome == ImportOutcome::Change);
            change.map(|change| (change, stored.doc.seen.get(&position).copied()))
        };
        for (n, some) in chosen.chunks(TOGETHER).enumerate() {
            told(self.owner, n * TOGETHER, chosen.len());
            let rows: Vec<_> = some.iter().map(|(_, row)| (*row, work(row))).collect();
            match self.together(conn, &rows) {
                Ok(new) => {
                    done.recorded.extend(new);
                    continue;
                }
                Err(error) if !is_of_the_row(&error) => return Err(error),
                Err(_) => {}
            }
            for ((at, row), alone) in some.iter().zip(rows.chunks(1)) {
                match self.together(conn, alone) {
                    Ok(new) => done.recorded.extend(new),
                    Err(error) if is_of_the_row(&error) => {
                        let found = refusals(&error);
                        if !at.is_empty() {
                            errors.extend(found.iter().map(|refusal| named(at, row, refusal)));
                        }
                        done.refused.push((row.position(), found));
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        told(self.owner, chosen.len(), chosen.len());
        match errors.is_empty() {
            true => Ok(done),
            false => Err(ApiError::invalid(errors)),
        }
    }

    /// Records or corrects rows in a savepoint of their own: all or none.
    #[expect(
        clippy::disallowed_methods,
        reason = "a savepoint inside the transaction of `db.write`"
    )]
    fn together(
        &mut self,
        conn: &mut AnyConnection,
        rows: &[(&Row, Option<Change<'_>>)],
    ) -> Result<Vec<(Position, Recorded)>, ApiError> {
        let mut new = Named::default();
        let recorded = conn.transaction(|conn| {
            let mut recorded = Vec::with_capacity(rows.len());
            for (row, change) in rows {
                let made = if let Some(change) = change {
                    self.correct(conn, row, change, &mut new)
                } else {
                    let body = self.resolved(conn, row.body.clone(), &mut new)?;
                    self.records.create(conn, self.cx, self.owner, body)
                };
                recorded.push((row.position(), made?));
            }
            Ok::<_, ApiError>(recorded)
        })?;
        self.ids.extend(new.ids);
        self.made.extend(new.made);
        Ok(recorded)
    }

    /// Corrects the record of a row, unless it changed since the caller saw it.
    fn correct(
        &self,
        conn: &mut AnyConnection,
        row: &Row,
        (change, seen): &Change<'_>,
        new: &mut Named,
    ) -> Result<Recorded, ApiError> {
        let id = change.record_id.filter(|_| change.version == *seen);
        let id = id.ok_or_else(|| {
            ApiError::with(
                Code::Conflict,
                "이 행을 비교한 뒤에 그 기록이 바뀌었습니다. 바뀐 기록과 다시 비교한 뒤 적용하십시오.",
                "The record was changed since this row was compared with it. Look at the row again, then apply it.",
            )
        })?;
        let changes = self.resolved(conn, change.changes.clone(), new)?;
        self.records
            .correct(conn, self.cx, id, &changes, &reason(row))
    }

    /// Returns a body with the ids of the organizations that it names, which are found or recorded.
    fn resolved(
        &self,
        conn: &mut AnyConnection,
        mut body: Map<String, Value>,
        new: &mut Named,
    ) -> Result<Value, ApiError> {
        let parties = body.get_mut("parties").and_then(Value::as_array_mut);
        for (i, party) in parties.into_iter().flatten().enumerate() {
            let Some(named) = party.as_object_mut().and_then(|p| p.remove("organization")) else {
                continue;
            };
            let at = format!("/parties/{i}/organization");
            party["organization_id"] = json!(self.organization(conn, &named, &at, new)?);
        }
        let attendees = body.get_mut("attendee_ids").and_then(Value::as_array_mut);
        for (i, attendee) in attendees.into_iter().flatten().enumerate() {
            if let Some(named) = attendee.get_mut("organization").map(Value::take) {
                let at = format!("/attendee_ids/{i}/organization");
                *attendee = json!(self.organization(conn, &named, &at, new)?);
            }
        }
        Ok(Value::Object(body))
    }

    /// Finds or records an organization that a body names.
    fn organization(
        &self,
        conn: &mut AnyConnection,
        named: &Value,
        at: &str,
        new: &mut Named,
    ) -> Result<OrganizationId, ApiError> {
        let key = named.to_string();
        let known = self.ids.get(&key).or_else(|| new.ids.get(&key));
        if let Some(id) = known {
            return Ok(*id);
        }
        let id = match self.organizations.resolve(conn, self.cx, named, &[])? {
            Resolved::Known(found) => found.id,
            Resolved::Recorded(made) => {
                new.made.push(made.id);
                made.id
            }
            Resolved::Refused(_, errors) => {
                let errors = errors.into_iter().map(|error| error.below(at));
                return Err(ApiError::invalid(errors.collect()));
            }
        };
        new.ids.insert(key, id);
        Ok(id)
    }

    /// Returns the recorded organizations with their versions.
    fn made(&self, conn: &mut AnyConnection) -> Result<Vec<Recorded>, ApiError> {
        let ids: Vec<Uuid> = self.made.iter().map(|id| (*id).into()).collect();
        let versions = versions(conn, &ORGANIZATION, &ids)?.into_iter();
        Ok(versions
            .map(|(id, version)| Recorded::new(id, version))
            .collect())
    }
}

/// Organizations that a row names for the first time.
#[derive(Default)]
struct Named {
    ids: Ids,
    made: Vec<OrganizationId>,
}

/// Returns the reason for a correction: the file and the row.
fn reason(row: &Row) -> Localized {
    let title = row.body.get("sources").map(|all| &all[0]["title"]);
    let title = title.and_then(Value::as_str).unwrap_or_default();
    Localized {
        ko: Some(format!("가져온 파일에 따라 정정: {title}")),
        en: Some(format!("Corrected by an imported file: {title}")),
    }
}

/// Returns whether an error concerns the content of the row alone, so that others can be recorded.
pub fn is_of_the_row(error: &ApiError) -> bool {
    !error.is_collision()
        && matches!(
            error.code,
            Code::Invalid
                | Code::Conflict
                | Code::DutyInTheWay
                | Code::TransitionNotAllowed
                // Whoever imports may record; a policy can reserve single records to others.
                | Code::Forbidden
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
