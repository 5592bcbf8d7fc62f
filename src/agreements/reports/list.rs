//! List of reports on all agreements.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::dsl::exists;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::store::{Recorded, Row};
use super::types::{CommitmentRef, ListedReport, Standing};
use super::views::view;
use crate::agreements::anchors;
use crate::agreements::doc::{Doc, Part};
use crate::agreements::types::CommitmentContent;
use crate::db::page::{Listed, Order, Page};
use crate::db::schema::{agreements as a, commitment_reports as r, timeline_entries as t};
use crate::db::{AnyConnection, Json, MultiBackend, in_list};
use crate::directory::names::{Names, names, survivor};
use crate::directory::succession;
use crate::directory::succession::{Held, Share};
use crate::http::{Filter, Shown};
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, OrganizationId};
use crate::kernel::values::{AgreementRef, Localized, stored_id, to_db};
use crate::ledger::tail::Basis;
use crate::ledger::{RequestContext, Scope};

/// Sort order of reports; `-` for descending.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub enum ReportSort {
    /// By the date of the report.
    #[serde(rename = "on")]
    On,
    #[serde(rename = "-on")]
    OnDown,
    /// By the time of recording.
    #[serde(rename = "created_at")]
    Created,
    #[serde(rename = "-created_at")]
    CreatedDown,
}

/// Filter of a list of reports.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportListFilter {
    /// Only reports on agreements of this municipality, including those that it shares.
    pub municipality_id: Option<OrganizationId>,
    /// Only reports on this agreement.
    pub agreement_id: Option<AgreementId>,
    /// Only reports of this partner organization.
    pub organization_id: Option<OrganizationId>,
    /// Only reports of partners (`true`) or of the cities themselves (`false`).
    pub by_partner: Option<bool>,
    /// Only reports with one of these standings today (comma-separated).
    #[param(style = Form, explode = false, min_items = 1, max_items = 4, example = json!(["awaiting_confirmation"]))]
    pub standing: Option<Vec<Standing>>,
    /// Only reports dated on or after this day. An imprecise date matches if it can mean such a
    /// day.
    #[param(example = "2021-01-01")]
    pub from: Option<NaiveDate>,
    /// Only reports dated on or before this day. An imprecise date matches if it can mean such a
    /// day.
    #[param(example = "2026-12-31")]
    pub to: Option<NaiveDate>,
    /// Show what was known on this day, as if it were today (valid time).
    #[param(example = "2026-06-30")]
    pub as_of: Option<NaiveDate>,
    /// Sort order; latest date first by default.
    #[param(example = "-on")]
    pub sort: Option<ReportSort>,
}

impl Filter for ReportListFilter {
    fn order(&self) -> Order {
        const ID: &str = "commitment_reports.id";
        const DAY: &str = "commitment_reports.sort_day";
        match self.sort.unwrap_or(ReportSort::OnDown) {
            ReportSort::On => Order::ascending(DAY, ID),
            ReportSort::OnDown => Order::descending(DAY, ID),
            // Ids are assigned in the order of recording.
            ReportSort::Created => Order::ascending(ID, ID),
            ReportSort::CreatedDown => Order::descending(ID, ID),
        }
    }
}

/// A report and its agreement.
#[derive(Queryable, Selectable)]
#[diesel(table_name = r)]
struct ListedRow {
    agreement_id: String,
    #[diesel(embed)]
    row: Row,
}

/// A report on a page.
#[derive(Queryable, Selectable)]
#[diesel(table_name = r)]
struct FoundId {
    id: String,
}

/// Finds one page of reports: their ids.
pub fn find(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    wanted: &ReportListFilter,
    page: &Page,
) -> Result<Listed<String>, ApiError> {
    let day = wanted.as_of.unwrap_or(cx.today);
    let held = succession::held(conn, wanted.municipality_id, day)?;
    let query = || filtered(cx, wanted, held.as_ref());
    let listed = page.load(conn, query, |found: &FoundId| found.id.clone())?;
    Ok(listed.map(|found| found.id))
}

/// Returns the rows of reports on a day, by default today, with what they depend on.
pub fn shown(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: &[String],
    as_of: Option<NaiveDate>,
) -> Result<Vec<Shown<ListedReport>>, ApiError> {
    let rows = r::table.filter(in_list(r::id, ids));
    let rows: Vec<ListedRow> = rows.select(ListedRow::as_select()).load(conn)?;
    let agreements: Vec<String> = rows.iter().map(|row| row.agreement_id.clone()).collect();
    let following = anchors::following(conn, &agreements)?;
    let read = |listed: ListedRow| {
        let agreement = stored_id(&listed.agreement_id)?;
        Ok((agreement, listed.row.read(cx)?))
    };
    let reports = rows.into_iter().map(read);
    let reports = reports.collect::<Result<Vec<(AgreementId, Recorded)>, ApiError>>()?;
    let rows = views(conn, &reports, as_of.unwrap_or(cx.today))?;
    let shown = rows
        .into_iter()
        .zip(reports)
        .map(|(row, (agreement, report))| {
            let basis = Basis {
                named: vec![agreement.into(), report.meta.id.into()],
                ..Basis::default()
            };
            // Its commitment's due date changes with milestones, and with those that these follow.
            let follows = following.contains(&agreement.to_string());
            Shown {
                key: report.meta.id.to_string(),
                row,
                basis: (!follows).then_some(basis),
            }
        });
    Ok(shown.collect())
}

type Query<'a> = r::BoxedQuery<'a, MultiBackend>;

/// Returns the query for the filtered reports on agreements that are visible to the caller.
fn filtered<'a>(
    cx: &RequestContext,
    wanted: &'a ReportListFilter,
    held: Option<&Held>,
) -> Query<'a> {
    // Checked for each report: the caller can see many more agreements than there are reports.
    let seen = a::table
        .filter(a::id.eq(r::agreement_id))
        .filter(Scope::of(&cx.caller, "agreements"));
    let mut query = r::table.filter(exists(seen)).into_boxed();
    if let Some(held) = held {
        let of = a::table
            .filter(Scope::held(held, Share::Any, "agreements", "agreements.id"))
            .filter(a::report_changes.gt(0))
            .select(a::id);
        query = query.filter(r::agreement_id.eq_any(of));
    }
    if let Some(id) = wanted.agreement_id {
        query = query.filter(r::agreement_id.eq(id.to_string()));
    }
    if let Some(id) = wanted.organization_id {
        let own = r::organization_id.assume_not_null().eq_any(survivor(id));
        query = query.filter(own);
    }
    query = match wanted.by_partner {
        None => query,
        Some(true) => query.filter(r::organization_id.is_not_null()),
        Some(false) => query.filter(r::organization_id.is_null()),
    };
    if let Some(standings) = &wanted.standing {
        query = query.filter(in_list(r::standing, standings.iter().map(to_db)));
    }
    if let Some(from) = wanted.from {
        // The sort key begins with the last possible day.
        query = query.filter(r::sort_day.ge(from.to_string()));
    }
    if let Some(to) = wanted.to {
        query = query.filter(r::begins.le(to.to_string()));
    }
    if let Some(day) = wanted.as_of.filter(|day| *day < cx.today) {
        let signed = t::table
            .filter(t::owner_id.eq(r::agreement_id))
            .filter(t::type_.eq("signing"))
            .filter(t::known_from.le(day));
        query = query.filter(r::known_from.le(day)).filter(exists(signed));
    }
    query
}

/// Data of an agreement that rows show.
struct ReportedAgreement {
    agreement: AgreementRef,
    municipality: OrganizationId,
    commitments: Vec<Part<CommitmentContent>>,
}

fn views(
    conn: &mut AnyConnection,
    reports: &[(AgreementId, Recorded)],
    day: NaiveDate,
) -> Result<Vec<ListedReport>, ApiError> {
    let agreements = agreements(conn, reports, day)?;
    let cities = agreements.values().map(|of| of.municipality);
    let partners = reports.iter().filter_map(|(_, r)| r.doc.organization_id);
    let names = names(conn, cities.chain(partners))?;
    let row = |(agreement, report): &(AgreementId, Recorded)| {
        let of = agreements.get(agreement);
        let of = of.ok_or_else(|| ApiError::internal(format!("agreement {agreement} is gone")))?;
        listed(of, report, &names, day)
    };
    reports.iter().map(row).collect()
}

fn agreements(
    conn: &mut AnyConnection,
    reports: &[(AgreementId, Recorded)],
    day: NaiveDate,
) -> Result<HashMap<AgreementId, ReportedAgreement>, ApiError> {
    if reports.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: BTreeSet<String> = reports.iter().map(|(id, _)| id.to_string()).collect();
    type Row = (String, Json<Localized>, String, Json<Doc>);
    let mut rows: Vec<Row> = a::table
        .filter(in_list(a::id, ids))
        .select((a::id, a::title, a::municipality_id, a::doc))
        .load(conn)?;
    anchors::attach(conn, rows.iter_mut().map(|(.., doc)| &mut doc.0), day)?;
    let read = |(id, Json(title), municipality, Json(doc)): Row| {
        let id = stored_id(&id)?;
        let of = ReportedAgreement {
            agreement: AgreementRef { id, title },
            municipality: stored_id(&municipality)?,
            commitments: doc.commitments,
        };
        Ok((id, of))
    };
    rows.into_iter().map(read).collect()
}

fn listed(
    of: &ReportedAgreement,
    report: &Recorded,
    names: &Names,
    day: NaiveDate,
) -> Result<ListedReport, ApiError> {
    let id = report.commitment_id;
    let found = of.commitments.iter().find(|part| part.id == id);
    // Commitments with reports are never removed.
    let found = found.ok_or_else(|| ApiError::internal(format!("commitment {id} is gone")))?;
    Ok(ListedReport {
        report: view(
            of.agreement.clone(),
            CommitmentRef::of(found),
            report,
            names,
        )?,
        municipality: names.owner(of.municipality, day)?,
    })
}
