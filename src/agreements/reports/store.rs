//! Storage of reports.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::types::{Confirmation, Refusal, ReportContent, ReportedStatus};
use crate::agreements::read::Stored;
use crate::agreements::records::COMMITMENT_REPORT;
use crate::db::schema::{agreements as a, commitment_reports as r};
use crate::db::{AnyConnection, Json, in_list};
use crate::directory::names::survivor;
use crate::directory::succession::{Held, Share};
use crate::files::{RecordFile, table};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, OrganizationId, PartId, ReportId};
use crate::kernel::values::{ImpreciseDate, Localized, Meta, Retraction, stored_id, to_db};
use crate::ledger;
use crate::ledger::records::PastState;
use crate::ledger::{RequestContext, Scope};

/// Stored form of a report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Doc {
    pub content: ReportContent,
    /// Name of the token that reported.
    pub reported_by: String,
    /// Partner organization; `None` if the city itself reported.
    pub organization_id: Option<OrganizationId>,
    /// Whether the transition that ended the agreement recorded it.
    pub at_end: bool,
    /// Agreement whose signing recorded it.
    pub successor_id: Option<AgreementId>,
    pub confirmation: Option<Confirmation>,
    pub refusal: Option<Refusal>,
    pub retraction: Option<Retraction>,
    /// In the order in which they were added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<RecordFile>,
}

/// Report with the day of its recording.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub meta: Meta<ReportId>,
    pub commitment_id: PartId,
    pub doc: Doc,
    /// Day of recording, in the registry's time zone.
    pub recorded_on: NaiveDate,
}

/// Reports on the commitments of an agreement, in the order of recording.
#[derive(Debug, Default)]
pub struct Reports {
    /// Number of changes to the reports; writers compare it to detect concurrent changes.
    pub changes: i64,
    pub all: Vec<Recorded>,
}

impl Reports {
    /// Returns the reports on a commitment.
    pub fn on(&self, commitment: PartId) -> impl DoubleEndedIterator<Item = &Recorded> + Clone {
        self.all
            .iter()
            .filter(move |report| report.commitment_id == commitment)
    }

    /// Returns the texts that can be searched.
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
pub(super) struct Row {
    pub id: String,
    version: i64,
    commitment_id: String,
    doc: Json<Doc>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl Row {
    pub fn read(self, cx: &RequestContext) -> Result<Recorded, ApiError> {
        let meta = Meta::read(&self.id, self.version, self.created_at, self.updated_at)?;
        let commitment = stored_id(&self.commitment_id)?;
        Ok(recorded(meta, commitment, self.doc.0, cx.zone))
    }
}

fn recorded(meta: Meta<ReportId>, commitment_id: PartId, doc: Doc, zone: Tz) -> Recorded {
    Recorded {
        recorded_on: meta.created_at.with_timezone(&zone).date_naive(),
        meta,
        commitment_id,
        doc,
    }
}

/// Loads the reports of an agreement.
pub fn of_agreement(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    agreement: AgreementId,
) -> Result<Vec<Recorded>, ApiError> {
    let rows: Vec<Row> = r::table
        .filter(r::agreement_id.eq(agreement.to_string()))
        .order((r::created_at, r::id))
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(|row| row.read(cx)).collect()
}

/// Loads the reports of several agreements, keyed by agreement id.
pub fn of_agreements(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    agreements: &[&str],
) -> Result<HashMap<AgreementId, Vec<Recorded>>, ApiError> {
    let rows: Vec<(String, Row)> = r::table
        .filter(in_list(r::agreement_id, agreements.iter().copied()))
        .order((r::agreement_id, r::created_at, r::id))
        .select((r::agreement_id, Row::as_select()))
        .load(conn)?;
    by_agreement(cx, rows)
}

/// Loads the reports on those agreements of municipalities that the caller can see, keyed by
/// agreement id.
pub fn of_municipalities(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    held: &Held,
) -> Result<HashMap<AgreementId, Vec<Recorded>>, ApiError> {
    let reported_on = a::table
        .filter(Scope::held(held, Share::Any, "agreements", "agreements.id"))
        .filter(a::report_changes.gt(0))
        .filter(Scope::of(&cx.caller, "agreements"))
        .select(a::id);
    let rows: Vec<(String, Row)> = r::table
        .filter(r::agreement_id.eq_any(reported_on))
        .order((r::created_at, r::id))
        .select((r::agreement_id, Row::as_select()))
        .load(conn)?;
    by_agreement(cx, rows)
}

fn by_agreement(
    cx: &RequestContext,
    rows: Vec<(String, Row)>,
) -> Result<HashMap<AgreementId, Vec<Recorded>>, ApiError> {
    let mut reports: HashMap<AgreementId, Vec<Recorded>> = HashMap::new();
    for (agreement, row) in rows {
        let of = reports.entry(stored_id(&agreement)?).or_default();
        of.push(row.read(cx)?);
    }
    Ok(reports)
}

/// Restores a report to a recorded state.
pub fn restore(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    was: &PastState,
) -> Result<(), ApiError> {
    let (agreement, commitment) = (was.id_in("agreement_id")?, was.id_in("commitment_id")?);
    let doc: Doc = was.doc()?;
    table::restore(conn, &doc.files)?;
    let report = recorded(was.meta()?, commitment, doc, cx.zone);
    put(conn, agreement, &report)
}

/// Columns for list queries, derived from the document.
#[derive(AsChangeset, Insertable)]
#[diesel(table_name = r)]
struct Columns<'a> {
    standing: String,
    sort_day: String,
    begins: String,
    known_from: NaiveDate,
    doc: Json<&'a Doc>,
}

fn columns(report: &Recorded) -> Columns<'_> {
    let on = &report.doc.content.on;
    let first = on.earliest().map(|day| day.to_string());
    Columns {
        standing: to_db(&report.standing()),
        sort_day: on.sort_key(),
        begins: first.unwrap_or_default(),
        known_from: report.known_from(),
        doc: Json(&report.doc),
    }
}

fn put(
    conn: &mut AnyConnection,
    agreement: AgreementId,
    report: &Recorded,
) -> Result<(), ApiError> {
    let meta = &report.meta;
    // The partner can have been merged into another organization since.
    let organization: Option<String> = match report.doc.organization_id {
        Some(id) => Some(survivor(id).first(conn)?),
        None => None,
    };
    diesel::insert_into(r::table)
        .values((
            r::id.eq(meta.id.to_string()),
            r::version.eq(meta.version),
            r::agreement_id.eq(agreement.to_string()),
            r::commitment_id.eq(report.commitment_id.to_string()),
            r::organization_id.eq(organization),
            columns(report),
            r::created_at.eq(meta.created_at.naive_utc()),
            r::updated_at.eq(meta.updated_at.naive_utc()),
        ))
        .execute(conn)?;
    let ids = (&*meta.id.to_string(), &*agreement.to_string());
    table::write_uses(conn, ids, &report.doc.files)
}

/// Counts a change to an agreement's reports; fails if another transaction was faster.
fn count_change(conn: &mut AnyConnection, stored: &mut Stored) -> Result<(), ApiError> {
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

/// Records a report. The derived tables are written with its agreement.
///
/// # Errors
/// A collision if another transaction changed the agreement or its reports.
pub fn write(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &mut Stored,
    commitment: PartId,
    doc: Doc,
) -> Result<ReportId, ApiError> {
    count_change(conn, stored)?;
    let report = recorded(cx.new_meta(), commitment, doc, cx.zone);
    let id = report.meta.id;
    put(conn, stored.id, &report)?;
    ledger::append(conn, cx, &COMMITMENT_REPORT, &id.to_string(), None)?;
    stored.reports.all.push(report);
    Ok(id)
}

/// Writes a confirmation, refusal or retraction of a report.
///
/// # Errors
/// A collision if another transaction changed the agreement or its reports.
pub fn rewrite(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    stored: &mut Stored,
    place: usize,
    reason: Option<&Localized>,
) -> Result<(), ApiError> {
    count_change(conn, stored)?;
    let report = &mut stored.reports.all[place];
    let id = report.meta.id.to_string();
    diesel::update(r::table.find(&id))
        .set((
            columns(report),
            r::version.eq(report.meta.version + 1),
            r::updated_at.eq(cx.now),
        ))
        .execute(conn)?;
    let found_as = stored.id.to_string();
    table::rewrite_uses(conn, (&id, &found_as), &report.doc.files)?;
    report.meta.version += 1;
    report.meta.updated_at = cx.now.and_utc();
    ledger::append(conn, cx, &COMMITMENT_REPORT, &id, reason)
}

/// Returns a report of the city itself, which counts at once.
pub(super) fn city_report(cx: &RequestContext, content: ReportContent) -> Doc {
    Doc {
        content,
        reported_by: cx.caller.name.clone(),
        organization_id: None,
        at_end: false,
        successor_id: None,
        confirmation: None,
        refusal: None,
        retraction: None,
        files: Vec::new(),
    }
}

/// Returns the content of a report that a transition of the agreement records.
pub(super) fn outcome_content(
    on: ImpreciseDate,
    status: ReportedStatus,
    note: Option<Localized>,
) -> ReportContent {
    ReportContent {
        on,
        status,
        percent: None,
        value: None,
        note,
        evidence: Vec::new(),
    }
}
