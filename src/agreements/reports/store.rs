//! Every query of reports.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::types::{
    CommitmentReport, CommitmentReportCreate, Confirmation, ConfirmationCreate, Refusal,
    RefusalCreate, ReportContent, ReportedStatus, Standing,
};
use super::views::{commitment, place, shown};
use crate::access::{Scope, scope};
use crate::agreements::derived;
use crate::agreements::doc::Doc as Agreement;
use crate::agreements::read::{self, Stored};
use crate::app::Cx;
use crate::audit;
use crate::audit::records::{self, Was};
use crate::db::schema::{agreements as a, commitment_reports as r};
use crate::db::{AnyConnection, among};
use crate::error::{ApiError, Code, FieldError};
use crate::http::language::Message;
use crate::organizations::names::names;
use crate::projects::milestones::types::{Retraction, RetractionCreate};
use crate::values::happened::not_passed;
use crate::values::{ImpreciseDate, Localized, Meta, stored, stored_id, to_stored};

/// A report as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Doc {
    pub content: ReportContent,
    /// Who reported, by the token's name.
    pub reported_by: String,
    /// The partner's organization; none where the city itself reported.
    pub organization_id: Option<Uuid>,
    /// Whether the step that ended the agreement recorded it.
    pub at_end: bool,
    /// The agreement whose signing made it.
    pub successor_id: Option<Uuid>,
    pub confirmation: Option<Confirmation>,
    pub refusal: Option<Refusal>,
    pub retraction: Option<Retraction>,
}

/// A report, and when it was recorded.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub meta: Meta,
    pub commitment_id: Uuid,
    pub doc: Doc,
    /// The day on which it was recorded, in the registry's time zone.
    pub recorded_on: NaiveDate,
}

/// The reports on the commitments of an agreement, in the order in which they were recorded.
#[derive(Debug, Default)]
pub struct Reports {
    /// The count of their changes: whoever works on what they say compares it when writing.
    pub changes: i64,
    pub all: Vec<Recorded>,
}

impl Reports {
    /// Those on a commitment.
    pub fn on(&self, commitment: Uuid) -> impl DoubleEndedIterator<Item = &Recorded> + Clone {
        self.all
            .iter()
            .filter(move |report| report.commitment_id == commitment)
    }

    /// What of them can be searched.
    pub fn texts(&self) -> Vec<impl Serialize> {
        let texts = |report: &Recorded| {
            let Doc {
                content,
                confirmation,
                refusal,
                retraction,
                ..
            } = &report.doc;
            (
                content.note.clone(),
                content.evidence.clone(),
                confirmation.as_ref().and_then(|c| c.note.clone()),
                refusal.as_ref().map(|r| r.reason.clone()),
                retraction.as_ref().map(|r| r.reason.clone()),
            )
        };
        self.all.iter().map(texts).collect()
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = r)]
struct Row {
    id: String,
    version: i64,
    commitment_id: String,
    doc: String,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl Row {
    fn read(&self, cx: &Cx) -> Result<Recorded, ApiError> {
        let meta = Meta::read(&self.id, self.version, self.created_at, self.updated_at)?;
        let commitment = stored_id(&self.commitment_id)?;
        Ok(recorded(meta, commitment, stored(&self.doc)?, cx.zone))
    }
}

fn recorded(meta: Meta, commitment_id: Uuid, doc: Doc, zone: Tz) -> Recorded {
    Recorded {
        recorded_on: meta.created_at.with_timezone(&zone).date_naive(),
        meta,
        commitment_id,
        doc,
    }
}

/// The reports of an agreement.
///
/// # Errors
/// What the database says.
pub fn of_agreement(
    conn: &mut AnyConnection,
    cx: &Cx,
    agreement: Uuid,
) -> Result<Vec<Recorded>, ApiError> {
    let rows: Vec<Row> = r::table
        .filter(r::agreement_id.eq(agreement.to_string()))
        .order((r::created_at, r::id))
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(|row| row.read(cx)).collect()
}

/// The reports of several agreements, by agreement.
///
/// # Errors
/// What the database says.
pub fn of_agreements(
    conn: &mut AnyConnection,
    cx: &Cx,
    agreements: &[&str],
) -> Result<HashMap<Uuid, Vec<Recorded>>, ApiError> {
    let rows: Vec<(String, Row)> = r::table
        .filter(among(r::agreement_id, agreements.iter().copied()))
        .order((r::agreement_id, r::created_at, r::id))
        .select((r::agreement_id, Row::as_select()))
        .load(conn)?;
    by_agreement(cx, rows)
}

/// The reports on the agreements of a municipality that the caller sees, by agreement.
///
/// # Errors
/// What the database says.
pub fn of_municipality(
    conn: &mut AnyConnection,
    cx: &Cx,
    municipality: Uuid,
) -> Result<HashMap<Uuid, Vec<Recorded>>, ApiError> {
    let reported_on = a::table
        .filter(a::municipality_id.eq(municipality.to_string()))
        .filter(a::report_changes.gt(0))
        .filter(Scope::of(&cx.caller, &scope::AGREEMENTS))
        .select(a::id);
    let rows: Vec<(String, Row)> = r::table
        .filter(r::agreement_id.eq_any(reported_on))
        .order((r::created_at, r::id))
        .select((r::agreement_id, Row::as_select()))
        .load(conn)?;
    by_agreement(cx, rows)
}

fn by_agreement(
    cx: &Cx,
    rows: Vec<(String, Row)>,
) -> Result<HashMap<Uuid, Vec<Recorded>>, ApiError> {
    let mut reports: HashMap<Uuid, Vec<Recorded>> = HashMap::new();
    for (agreement, row) in rows {
        let of = reports.entry(stored_id(&agreement)?).or_default();
        of.push(row.read(cx)?);
    }
    Ok(reports)
}

/// Writes a report again as it was.
///
/// # Errors
/// What the database says.
pub fn restore(conn: &mut AnyConnection, was: &Was) -> Result<(), ApiError> {
    let (agreement, commitment) = (was.id_in("agreement_id")?, was.id_in("commitment_id")?);
    put(conn, agreement, commitment, &was.meta, &was.doc()?)
}

fn put(
    conn: &mut AnyConnection,
    agreement: Uuid,
    commitment: Uuid,
    meta: &Meta,
    doc: &Doc,
) -> Result<(), ApiError> {
    diesel::insert_into(r::table)
        .values((
            r::id.eq(meta.id.to_string()),
            r::version.eq(meta.version),
            r::agreement_id.eq(agreement.to_string()),
            r::commitment_id.eq(commitment.to_string()),
            r::organization_id.eq(doc.organization_id.map(|id| id.to_string())),
            r::doc.eq(to_stored(doc)?),
            r::created_at.eq(meta.created_at.naive_utc()),
            r::updated_at.eq(meta.updated_at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Counts a change of an agreement's reports, and finds out whether anybody else was faster.
fn count(conn: &mut AnyConnection, stored: &mut Stored) -> Result<(), ApiError> {
    let seen = a::version
        .eq(stored.meta.version)
        .and(a::report_changes.eq(stored.reports.changes));
    let changed = diesel::update(a::table.find(stored.id.to_string()).filter(seen))
        .set(a::report_changes.eq(stored.reports.changes + 1))
        .execute(conn)?;
    if changed == 0 {
        return Err(ApiError::collision());
    }
    stored.reports.changes += 1;
    Ok(())
}

/// Records a report. What follows from it for others is written with its agreement.
///
/// # Errors
/// What the database says.
pub fn write(
    conn: &mut AnyConnection,
    cx: &Cx,
    stored: &mut Stored,
    commitment: Uuid,
    doc: Doc,
) -> Result<Uuid, ApiError> {
    count(conn, stored)?;
    let meta = Meta::new(cx);
    let id = meta.id;
    put(conn, stored.id, commitment, &meta, &doc)?;
    audit::append(conn, cx, records::COMMITMENT_REPORT, &id.to_string(), None)?;
    let report = recorded(meta, commitment, doc, cx.zone);
    stored.reports.all.push(report);
    Ok(id)
}

/// Writes what has become of a report.
///
/// # Errors
/// What the database says.
pub fn rewrite(
    conn: &mut AnyConnection,
    cx: &Cx,
    stored: &mut Stored,
    place: usize,
    reason: Option<&Localized>,
) -> Result<(), ApiError> {
    count(conn, stored)?;
    let Recorded { meta, doc, .. } = &mut stored.reports.all[place];
    let id = meta.id.to_string();
    diesel::update(r::table.find(&id))
        .set((
            r::version.eq(meta.version + 1),
            r::doc.eq(to_stored(doc)?),
            r::updated_at.eq(cx.now),
        ))
        .execute(conn)?;
    meta.version += 1;
    meta.updated_at = cx.now.and_utc();
    audit::append(conn, cx, records::COMMITMENT_REPORT, &id, reason)
}

/// Refuses reports on what was never signed, or stands for nothing.
fn can_be_reported_on(doc: &Agreement) -> Result<(), ApiError> {
    if doc.status().is_signed() {
        return Ok(());
    }
    Err(ApiError::with(
        Code::Conflict,
        "체결된 협약의 협약 사항에 대해서만 보고할 수 있습니다.",
        "Only commitments of an agreement that was signed, and not voided, are reported on.",
    ))
}

/// The partner for whose organization the caller reports; none where it is the city itself.
///
/// # Errors
/// `forbidden` for those for whom it is not to report.
fn reporter(
    conn: &mut AnyConnection,
    cx: &Cx,
    doc: &Agreement,
    owed_by: &[Uuid],
) -> Result<Option<Uuid>, ApiError> {
    let Some(organization) = cx.caller.organization_id else {
        return cx.caller.may_change(doc.municipality_id).map(|()| None);
    };
    let names = names(conn, owed_by.iter().copied().chain([organization]))?;
    let own = names.survivor(organization);
    if owed_by.iter().any(|id| names.survivor(*id) == own) {
        return Ok(Some(own));
    }
    Err(ApiError::with(
        Code::Forbidden,
        "이 토큰의 기관이 이행한다고 기록된 협약 사항이 아닙니다.",
        "This commitment is not recorded as owed by the token's organization.",
    ))
}

/// Records a report of the city, which counts, or of a partner, which the city confirms or declines.
///
/// # Errors
/// `not_found`, `forbidden`, `conflict`; `validation_failed` for a day that has not passed yet or lies
/// before the signing.
pub fn create(
    conn: &mut AnyConnection,
    cx: &Cx,
    [id, commitment_id]: [Uuid; 2],
    new: &CommitmentReportCreate,
) -> Result<CommitmentReport, ApiError> {
    let mut stored = read::load(conn, cx, id)?;
    let owed_by = &commitment(&stored.doc, commitment_id)?.content.owed_by;
    let organization_id = reporter(conn, cx, &stored.doc, owed_by)?;
    can_be_reported_on(&stored.doc)?;
    let signed = stored.doc.content.signed_on.as_ref();
    let before = signed
        .and_then(|on| on.earliest())
        .is_some_and(|day| new.on.ends_before(day));
    let wrong = not_passed(&new.on, "/on", cx.today).or_else(|| {
        let message = Message::fixed(
            "협약을 체결하기 전입니다.",
            "This lies before the agreement was signed.",
        );
        before.then(|| FieldError::body("/on", "before_signing", message))
    });
    if let Some(wrong) = wrong {
        return Err(ApiError::invalid(vec![wrong]));
    }
    let doc = Doc {
        organization_id,
        ..of_city(cx, new.clone().into())
    };
    write(conn, cx, &mut stored, commitment_id, doc)?;
    derived::reindex(conn, cx, &stored)?;
    let last = stored.reports.all.len() - 1;
    shown(conn, &stored, last)
}

/// A report of the city itself, which counts at once.
pub(super) fn of_city(cx: &Cx, content: ReportContent) -> Doc {
    Doc {
        content,
        reported_by: cx.caller.name.clone(),
        organization_id: None,
        at_end: false,
        successor_id: None,
        confirmation: None,
        refusal: None,
        retraction: None,
    }
}

fn load_waiting(
    conn: &mut AnyConnection,
    cx: &Cx,
    [id, commitment, report]: [Uuid; 3],
) -> Result<(Stored, usize), ApiError> {
    let stored = read::load_own(conn, cx, id)?;
    let place = place(&stored, commitment, report)?;
    let (ko, en) = match stored.reports.all[place].standing() {
        Standing::AwaitingConfirmation => return Ok((stored, place)),
        Standing::Counted => ("이미 반영된 보고입니다.", "This report counts already."),
        Standing::Declined => (
            "이미 반려된 보고입니다.",
            "This report is declined already.",
        ),
        Standing::Retracted => ("철회된 보고입니다.", "This report is retracted."),
    };
    Err(ApiError::with(Code::Conflict, ko, en))
}

/// Confirms a partner's report, which then counts.
///
/// # Errors
/// `not_found`, `forbidden`; `conflict` when it does not await that.
pub fn confirm(
    conn: &mut AnyConnection,
    cx: &Cx,
    ids: [Uuid; 3],
    with: &ConfirmationCreate,
) -> Result<CommitmentReport, ApiError> {
    let (mut stored, place) = load_waiting(conn, cx, ids)?;
    can_be_reported_on(&stored.doc)?;
    stored.reports.all[place].doc.confirmation = Some(Confirmation {
        by: cx.caller.name.clone(),
        confirmed_at: cx.now.and_utc(),
        note: with.note.clone(),
    });
    changed(conn, cx, &mut stored, place, with.note.as_ref())
}

/// Declines a partner's report, which stays visible.
///
/// # Errors
/// As [`confirm`].
pub fn decline(
    conn: &mut AnyConnection,
    cx: &Cx,
    ids: [Uuid; 3],
    why: &RefusalCreate,
) -> Result<CommitmentReport, ApiError> {
    let (mut stored, place) = load_waiting(conn, cx, ids)?;
    stored.reports.all[place].doc.refusal = Some(Refusal {
        by: cx.caller.name.clone(),
        declined_at: cx.now.and_utc(),
        reason: why.reason.clone(),
    });
    changed(conn, cx, &mut stored, place, Some(&why.reason))
}

/// Retracts a mistaken report, which stays visible: the city any, a partner its own as long as the
/// city has not confirmed it.
///
/// # Errors
/// `not_found`, `forbidden`; `conflict` when it is retracted already.
pub fn retract(
    conn: &mut AnyConnection,
    cx: &Cx,
    [id, commitment, report]: [Uuid; 3],
    why: &RetractionCreate,
) -> Result<CommitmentReport, ApiError> {
    let mut stored = read::load(conn, cx, id)?;
    let place = place(&stored, commitment, report)?;
    let doc = &stored.reports.all[place].doc;
    match (cx.caller.organization_id, doc.organization_id) {
        (None, _) => cx.caller.may_change(stored.doc.municipality_id)?,
        (Some(own), reporter) => {
            let names = names(conn, reporter.into_iter().chain([own]))?;
            let same = |id: Uuid| names.survivor(id) == names.survivor(own);
            if !reporter.is_some_and(same) {
                return Err(ApiError::with(
                    Code::Forbidden,
                    "다른 기관의 보고는 철회할 수 없습니다.",
                    "Reports of others are not yours to retract.",
                ));
            }
            if doc.confirmation.is_some() {
                return Err(ApiError::with(
                    Code::Forbidden,
                    "확인된 보고는 지방자치단체만 철회할 수 있습니다.",
                    "A report that the city has confirmed is retracted by the city.",
                ));
            }
        }
    }
    if doc.retraction.is_some() {
        let (ko, en) = ("이미 철회되었습니다.", "It is retracted already.");
        return Err(ApiError::with(Code::Conflict, ko, en));
    }
    stored.reports.all[place].doc.retraction = Some(Retraction {
        reason: why.reason.clone(),
        retracted_on: cx.today,
    });
    changed(conn, cx, &mut stored, place, Some(&why.reason))
}

fn changed(
    conn: &mut AnyConnection,
    cx: &Cx,
    stored: &mut Stored,
    place: usize,
    reason: Option<&Localized>,
) -> Result<CommitmentReport, ApiError> {
    rewrite(conn, cx, stored, place, reason)?;
    derived::reindex(conn, cx, stored)?;
    shown(conn, stored, place)
}

/// What a report says that a step of the agreement records.
pub(super) fn at_end(
    on: ImpreciseDate,
    status: ReportedStatus,
    note: Option<Localized>,
) -> ReportContent {
    ReportContent {
        on,
        status,
        percent: None,
        note,
        evidence: Vec::new(),
    }
}
