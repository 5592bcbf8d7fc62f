//! Queries of the `duties` table.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use uuid::Uuid;

use super::handlers::DutyFilter;
use super::projection::{CHUNK, DutyDoc};
use super::types::{Duty, DutyStatus};
use crate::agreements::anchors;
use crate::db::page::{Listed, Page};
use crate::db::schema::duties as d;
use crate::db::{AnyConnection, Json, MultiBackend, in_list};
use crate::directory::names::names;
use crate::directory::succession;
use crate::http::Shown;
use crate::kernel::error::ApiError;
use crate::kernel::ids::OrganizationId;
use crate::kernel::text::tidy;
use crate::kernel::values::{OrganizationRef, stored_id, to_db};
use crate::ledger::tail::Basis;
use crate::ledger::{RequestContext, Scope};
use crate::projections::policies::DutyKind;
use crate::projections::timeline_entry::{LAST_DAY, UNDATED};

#[derive(Queryable, Selectable)]
#[diesel(table_name = d)]
struct Row {
    duty_id: String,
    municipality_id: String,
    department: Option<String>,
    doc: Json<DutyDoc>,
}

impl Row {
    fn shown(self, municipality: OrganizationRef, day: NaiveDate) -> Duty {
        let Json(doc) = self.doc;
        let about = (doc.agreement, municipality);
        Duty::of(self.duty_id, doc.duty, about, self.department, day)
    }
}

/// Reads one page of duties.
pub fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    wanted: &DutyFilter,
    page: &Page,
) -> Result<Listed<Duty>, ApiError> {
    let day = wanted.as_of.unwrap_or(cx.today);
    let owners = succession::owners(conn, wanted.municipality_id, day)?;
    let query = || filtered(cx, wanted, owners.as_deref(), day);
    let listed = page.load(conn, query, |row: &Row| row.duty_id.clone())?;
    listed.try_map(|rows| duties(conn, rows, day))
}

/// Finds one page of duties: their ids.
pub fn find(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    wanted: &DutyFilter,
    page: &Page,
) -> Result<Listed<String>, ApiError> {
    let day = wanted.as_of.unwrap_or(cx.today);
    let owners = succession::owners(conn, wanted.municipality_id, day)?;
    let query = || filtered(cx, wanted, owners.as_deref(), day);
    let listed = page.load(conn, query, |found: &FoundId| found.duty_id.clone())?;
    Ok(listed.map(|found| found.duty_id))
}

/// A duty on a page, of which the index of the list knows all.
#[derive(Queryable, Selectable)]
#[diesel(table_name = d)]
struct FoundId {
    duty_id: String,
}

/// Returns the duties with these ids as they are on a day, by default today, with what they depend
/// on.
pub fn shown(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    ids: &[String],
    as_of: Option<NaiveDate>,
) -> Result<Vec<Shown<Duty>>, ApiError> {
    let day = as_of.unwrap_or(cx.today);
    let known = day.min(LAST_DAY);
    let rows = d::table
        .filter(in_list(d::duty_id, ids))
        .filter(d::known_from.le(known).and(d::known_until.gt(known)));
    let rows: Vec<Row> = rows.select(Row::as_select()).load(conn)?;
    let agreements = rows.iter().filter_map(|row| row.doc.0.agreement.as_ref());
    let agreements: Vec<String> = agreements.map(|one| one.id.to_string()).collect();
    let following = anchors::following(conn, &agreements)?;
    let bases = rows.iter().map(|row| {
        let agreement = row.doc.0.agreement.as_ref().map(|one| one.id);
        let follows = agreement.is_some_and(|id| following.contains(&id.to_string()));
        let basis = Basis {
            // A duty of the municipality itself changes with the municipality alone.
            named: agreement.map(Uuid::from).into_iter().collect(),
            ..Basis::default()
        };
        (row.duty_id.clone(), (!follows).then_some(basis))
    });
    let bases: Vec<_> = bases.collect();
    let duties = duties(conn, rows, day)?.into_iter();
    let shown = duties.zip(bases);
    Ok(shown
        .map(|(row, (key, basis))| Shown { key, row, basis })
        .collect())
}

/// Returns the duties of a municipality itself that are overdue on a day.
pub fn overdue_of_municipality(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipality: OrganizationId,
    day: NaiveDate,
) -> Result<Vec<Duty>, ApiError> {
    let wanted = DutyFilter {
        status: Some(vec![DutyStatus::Overdue]),
        ..DutyFilter::default()
    };
    let owners = succession::owners(conn, Some(municipality), day)?;
    let rows: Vec<Row> = filtered(cx, &wanted, owners.as_deref(), day)
        .filter(d::agreement_id.is_null())
        .order((d::sort_due, d::duty_id))
        .select(Row::as_select())
        .load(conn)?;
    duties(conn, rows, day)
}

fn duties(conn: &mut AnyConnection, rows: Vec<Row>, day: NaiveDate) -> Result<Vec<Duty>, ApiError> {
    let cities = rows.iter().map(|row| stored_id(&row.municipality_id));
    let names = names(conn, cities.collect::<Result<Vec<_>, _>>()?)?;
    let items = rows.into_iter().map(|row| {
        let municipality = names.owner(stored_id(&row.municipality_id)?, day)?;
        Ok(row.shown(municipality, day))
    });
    items.collect()
}

/// Returns at most `most` duties of a municipality that were already overdue and were missed once
/// more on the day before `day`, with their total number. Only the program can compute on which
/// days a duty recurs, so it examines every overdue duty.
pub fn missed_again(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipality: OrganizationId,
    day: NaiveDate,
    most: usize,
) -> Result<Listed<Duty>, ApiError> {
    let wanted = DutyFilter {
        municipality_id: Some(municipality),
        kind: Some(vec![DutyKind::Review, DutyKind::AnnualReport]),
        status: Some(vec![DutyStatus::Overdue]),
        ..DutyFilter::default()
    };
    let before = day.pred_opt().unwrap_or(day).to_string();
    let city = names(conn, [municipality])?.owner(municipality, day)?;
    let owners = succession::owners(conn, Some(municipality), day)?;
    let (mut items, mut total) = (Vec::new(), 0);
    let mut after = (String::new(), String::new());
    loop {
        let (due, id) = after;
        let rest = d::sort_due
            .gt(due.clone())
            .or(d::sort_due.eq(due).and(d::duty_id.gt(id)));
        let rows: Vec<(Row, String)> = filtered(cx, &wanted, owners.as_deref(), day)
            .filter(d::sort_due.lt(&before).and(rest))
            .order((d::sort_due, d::duty_id))
            .limit(CHUNK)
            .select((Row::as_select(), d::sort_due))
            .load(conn)?;
        let Some((last, due)) = rows.last() else {
            break;
        };
        after = (due.clone(), last.duty_id.clone());
        for (row, _) in rows {
            let duty = &row.doc.0.duty;
            if duty.missed_within(day, day, day).is_some_and(|n| n > 0) {
                total += 1;
                if items.len() < most {
                    items.push(row.shown(city.clone(), day));
                }
            }
        }
    }
    Ok(Listed {
        items,
        next: None,
        total: Some(total),
    })
}

type Query<'a> = d::BoxedQuery<'a, MultiBackend>;
type Condition<'a> = Box<dyn BoxableExpression<d::table, MultiBackend, SqlType = Bool> + 'a>;

fn filtered<'a>(
    cx: &RequestContext,
    wanted: &'a DutyFilter,
    owners: Option<&[String]>,
    day: NaiveDate,
) -> Query<'a> {
    // Open-ended rows end on `NEVER_ENDS`; capping the day keeps them known on it.
    let known = day.min(LAST_DAY);
    let mut query = d::table
        .filter(d::known_from.le(known))
        .filter(d::known_until.gt(known))
        .filter(Scope::with(&cx.caller, "duties", &["duties.agreement_id"]))
        .into_boxed();
    if let Some(owners) = owners {
        query = query.filter(in_list(d::municipality_id, owners));
    }
    if let Some(id) = wanted.agreement_id {
        query = query.filter(d::agreement_id.eq(id.to_string()));
    }
    if let Some(department) = &wanted.department {
        query = query.filter(d::department.eq(tidy(department)));
    }
    if let Some(kinds) = &wanted.kind {
        query = query.filter(in_list(d::kind, kinds.iter().map(|kind| kind.as_str())));
    }
    if let Some(from) = wanted.due_from {
        // The sort key begins with the last day. Undated duties match no window.
        query = query
            .filter(d::sort_due.ge(from.to_string()))
            .filter(d::sort_due.lt(UNDATED));
    }
    if let Some(to) = wanted.due_to {
        query = query.filter(d::begins.le(to.to_string()));
    }
    if let Some(last) = wanted.ends_on {
        let after = last.succ_opt().unwrap_or(LAST_DAY);
        query = query
            .filter(d::sort_due.ge(last.to_string()))
            .filter(d::sort_due.lt(after.to_string()));
    }
    if let Some(statuses) = &wanted.status {
        let any = statuses
            .iter()
            .map(|status| has_status(*status, day))
            .reduce(|a, b| Box::new(a.or(b)));
        if let Some(any) = any {
            query = query.filter(any);
        }
    }
    query
}

/// Applies the rule of `Derived::status` in SQL.
fn has_status<'a>(status: DutyStatus, day: NaiveDate) -> Condition<'a> {
    let is_past_due = || {
        d::due_latest
            .is_not_null()
            .and(d::due_latest.lt(day).assume_not_null())
    };
    let phase = d::phase.eq(to_db(&match status {
        DutyStatus::Overdue => DutyStatus::Open,
        phase => phase,
    }));
    match status {
        DutyStatus::Open => Box::new(phase.and(diesel::dsl::not(is_past_due()))),
        DutyStatus::Overdue => Box::new(phase.and(is_past_due())),
        _ => Box::new(phase),
    }
}
