//! Duties as rows, written with the agreements and the policies from which they follow.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::spans::{Known, spans};
use super::types::{Derived, DutyStatus};
use super::yearly::{Reporter, yearly_spans};
use crate::agreements::anchors;
use crate::agreements::doc::Doc;
use crate::agreements::{read, sharing};
use crate::db::schema::{agreement_owners as s, agreements as a, duties as d};
use crate::db::{AnyConnection, Json, in_list};
use crate::directory::holidays::holidays;
use crate::directory::succession::Successions;
use crate::kernel::error::ApiError;
use crate::kernel::ids::{AgreementId, OrganizationId};
use crate::kernel::legal_days::Holidays;
use crate::kernel::values::{AgreementRef, ImpreciseDate, stored_id, to_db, to_stored};
use crate::ledger::{RequestContext, Visibility};
use crate::organizations::store as organizations;
use crate::projections::policies::{self, DutyKind, Policy};
use crate::projections::timeline_entry::{NEVER_ENDS, UNDATED};

/// Part of a row that no query filters by.
#[derive(Serialize, Deserialize)]
pub(super) struct DutyDoc {
    /// `None` for a duty of the municipality itself.
    pub agreement: Option<AgreementRef>,
    pub duty: Derived,
}

/// A row as inserted.
#[derive(Clone, Debug, PartialEq, Eq, Insertable, Queryable, Selectable)]
#[diesel(table_name = d, treat_none_as_default_value = false)]
pub(super) struct Written {
    pub duty_id: String,
    known_from: NaiveDate,
    known_until: NaiveDate,
    agreement_id: Option<String>,
    pub municipality_id: String,
    visibility: String,
    kind: String,
    pub department: Option<String>,
    phase: String,
    pub sort_due: String,
    begins: String,
    due_latest: Option<NaiveDate>,
    pub doc: String,
}

impl Written {
    /// Returns whether the duty is known on a day, and not fulfilled.
    pub fn is_open_on(&self, day: NaiveDate) -> bool {
        let is_known = self.known_from <= day && day < self.known_until;
        is_known && self.phase == to_db(&DutyStatus::Open)
    }
}

/// Whose duty it is: that of an agreement, or of the municipality itself.
struct Bearer {
    agreement: Option<AgreementRef>,
    municipality: OrganizationId,
    /// The municipality, if it shares the agreement without owning it.
    co_owner: Option<OrganizationId>,
    /// Visibility of duties from the signing on.
    visibility: Visibility,
    department: Option<String>,
}

impl Bearer {
    fn row(&self, known: Known) -> Result<Written, ApiError> {
        let duty = Derived {
            co_owner: self.co_owner,
            ..known.duty
        };
        let due = duty.due.as_ref();
        let first = |date: &ImpreciseDate| date.earliest().map(|day| day.to_string());
        let agreement = self.agreement.as_ref().map(|one| one.id.to_string());
        let municipality = self.municipality.to_string();
        let visibility = if known.signed {
            self.visibility
        } else {
            Visibility::Internal
        };
        Ok(Written {
            duty_id: duty.id(agreement.as_ref().unwrap_or(&municipality)),
            known_from: known.from,
            known_until: known.until.unwrap_or(NEVER_ENDS),
            agreement_id: agreement,
            municipality_id: municipality,
            visibility: visibility.as_str().to_owned(),
            kind: duty.kind.as_str().to_owned(),
            department: self.department.clone(),
            phase: to_db(&duty.phase()),
            sort_due: due.map_or_else(|| UNDATED.into(), ImpreciseDate::sort_key),
            begins: due.map_or_else(|| UNDATED.into(), |date| first(date).unwrap_or_default()),
            due_latest: duty.last_day(),
            doc: to_stored(&DutyDoc {
                agreement: self.agreement.clone(),
                duty,
            })?,
        })
    }
}

/// Builds the rows for the duties of an agreement: those of its owner and of each co-owner, under the
/// policies of each.
pub(super) fn rows<'a>(
    cx: &RequestContext,
    id: AgreementId,
    doc: &Doc,
    policies: impl Fn(OrganizationId) -> &'a [Policy],
    (holidays, successions): (&Holidays, &Successions),
) -> Result<Vec<Written>, ApiError> {
    let mut all = Vec::new();
    for (place, owner) in sharing::owners(doc).enumerate() {
        let own = sharing::with_acts_of(doc, owner);
        let mut rows = rows_of(cx, id, (&own, owner), (policies(owner), holidays))?;
        // Municipalities that became one have each duty once: that of the first.
        let earlier = sharing::owners(doc).take(place);
        let one = earlier.filter_map(|other| successions.one_from(other, owner));
        if let Some(one) = one.min() {
            rows.retain_mut(|row| {
                row.known_until = row.known_until.min(one);
                row.known_from < row.known_until
            });
        }
        all.extend(rows);
    }
    Ok(all)
}

/// Builds the rows for the duties of one municipality, from the agreement with its own acts.
fn rows_of(
    cx: &RequestContext,
    id: AgreementId,
    (doc, owner): (&Doc, OrganizationId),
    (policies, holidays): (&[Policy], &Holidays),
) -> Result<Vec<Written>, ApiError> {
    let title = doc.content.title.clone();
    let co_owner = (owner != doc.municipality_id).then_some(owner);
    let bearer = Bearer {
        agreement: Some(AgreementRef { id, title }),
        municipality: owner,
        co_owner,
        visibility: doc.visibility(),
        department: doc.content.lead_department.clone(),
    };
    let all = spans(doc, policies, holidays, (cx.zone, cx.today)).into_iter();
    all.map(|known| bearer.row(known)).collect()
}

/// Builds the rows for the duties of a municipality itself.
pub(super) fn own_rows(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: OrganizationId,
    (policies, holidays): (&[Policy], &Holidays),
) -> Result<Vec<Written>, ApiError> {
    let successions = Successions::load(conn)?;
    let before = successions.predecessors(id);
    let row = organizations::own_row(conn, &id.to_string())?;
    let reporter = Reporter {
        policies,
        reports: &row.doc.0.annual_reports,
        recorded_on: row.created_at().with_timezone(&cx.zone).date_naive(),
        began: before.into_iter().map(|(_, on)| on).min(),
        ended: successions.of(id).map(|succession| succession.on),
    };
    let bearer = Bearer {
        agreement: None,
        municipality: id,
        co_owner: None,
        visibility: Visibility::Public,
        department: None,
    };
    let all = yearly_spans(&reporter, holidays).into_iter();
    all.map(|known| bearer.row(known)).collect()
}

/// Writes the duties of an agreement. The caller removes the old rows first.
pub fn write_projection(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    id: AgreementId,
    doc: &Doc,
    policies: &[Policy],
) -> Result<(), ApiError> {
    let mut of_others = HashMap::new();
    for other in &doc.content.co_owner_ids {
        of_others.insert(*other, policies::locked(conn, *other)?);
    }
    let holidays = holidays(conn)?;
    let successions = match doc.content.co_owner_ids.is_empty() {
        true => Successions::default(),
        false => Successions::load(conn)?,
    };
    let of = |id| of_others.get(&id).map_or(policies, Vec::as_slice);
    for row in rows(cx, id, doc, of, (&holidays, &successions))? {
        diesel::insert_into(d::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// Removes the duties of an agreement.
pub fn remove(conn: &mut AnyConnection, agreement: &str) -> Result<(), ApiError> {
    diesel::delete(d::table.filter(d::agreement_id.eq(agreement))).execute(conn)?;
    Ok(())
}

/// Sets the visibility of an agreement's duties in a snapshot. Duties from before the signing stay
/// internal.
pub fn set_visibility(
    past: &mut AnyConnection,
    program: &RequestContext,
    agreement: &str,
    visibility: Visibility,
) -> Result<(), ApiError> {
    let stored = read::load(past, program, stored_id(agreement)?)?;
    remove(past, agreement)?;
    write_projection(past, program, stored.id, &stored.doc, &stored.policies)?;
    let signed = d::agreement_id
        .eq(agreement)
        .and(d::visibility.ne("internal"));
    diesel::update(d::table.filter(signed))
        .set(d::visibility.eq(visibility.as_str()))
        .execute(past)?;
    Ok(())
}

/// Updates the duties of a municipality itself, after a change of its policies or its annual reports.
pub fn write_own(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipality: OrganizationId,
    policies: &[Policy],
) -> Result<(), ApiError> {
    let holidays = holidays(conn)?;
    let new = own_rows(conn, cx, municipality, (policies, &holidays))?;
    let old = stored_own(conn, municipality)?;
    replace(conn, by_duty(old), by_duty(new))
}

/// Writes the duties of all municipalities themselves in a registry that is rebuilt.
pub fn restore_own(past: &mut AnyConnection, program: &RequestContext) -> Result<(), ApiError> {
    for (municipality, policies) in policies::all(past)? {
        write_own(past, program, municipality, &policies)?;
    }
    Ok(())
}

/// Returns the municipalities with agreements of which a notice against renewal is listed.
pub fn with_notices(conn: &mut AnyConnection) -> Result<Vec<OrganizationId>, ApiError> {
    let ids: Vec<String> = d::table
        .filter(d::kind.eq(DutyKind::RenewalNotice.as_str()))
        .select(d::municipality_id)
        .distinct()
        .load(conn)?;
    ids.iter().map(|id| stored_id(id)).collect()
}

/// Agreements read at once when projecting all of a municipality.
pub(super) const CHUNK: i64 = 500;
/// Rows per statement at most, below the bind limits of both databases.
const BATCH: usize = 250;

/// Updates the duties of a municipality and of all its agreements after a change of its policies, also
/// of those that it shares. Writes only the changed rows, in batches, since all other writes wait for
/// this one.
pub fn write_projections(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    municipality: OrganizationId,
    policies: &[Policy],
) -> Result<(), ApiError> {
    let holidays = holidays(conn)?;
    let successions = Successions::load(conn)?;
    let rules = (&holidays, &successions);
    let text = municipality.to_string();
    write_own(conn, cx, municipality, policies)?;
    // The duties of one agreement are all written on one day, those of its other owners included.
    let mut known = HashMap::from([(municipality, policies.to_vec())]);
    for shared in [false, true] {
        let mut after = String::new();
        loop {
            let place = (text.as_str(), shared, &mut after);
            let agreements = next_chunk(conn, cx, place, &mut known, policies::locked)?;
            if agreements.is_empty() {
                break;
            }
            let old = stored_of(conn, &agreements)?;
            let mut new = Vec::new();
            for (id, Json(doc)) in &agreements {
                let of = |owner| known.get(&owner).map(Vec::as_slice).unwrap_or_default();
                new.extend(rows(cx, stored_id(id)?, doc, of, rules)?);
            }
            replace(conn, by_duty(old), by_duty(new))?;
        }
    }
    Ok(())
}

/// Reads the duties of a municipality itself.
pub(super) fn stored_own(
    conn: &mut AnyConnection,
    municipality: OrganizationId,
) -> Result<Vec<Written>, ApiError> {
    let own = d::table
        .filter(d::municipality_id.eq(municipality.to_string()))
        .filter(d::agreement_id.is_null());
    Ok(own.select(Written::as_select()).load(conn)?)
}

/// Reads the duties of agreements.
pub(super) fn stored_of(
    conn: &mut AnyConnection,
    agreements: &[(String, Json<Doc>)],
) -> Result<Vec<Written>, ApiError> {
    let ids = agreements.iter().map(|(id, _)| id);
    let theirs = d::table.filter(in_list(d::agreement_id.assume_not_null(), ids));
    Ok(theirs.select(Written::as_select()).load(conn)?)
}

/// Reads the next agreements of a municipality with their dates as of today, and adds the policies of
/// their owners that are not known yet. Returns none after the last one.
pub(super) fn next_chunk(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    (municipality, shared, after): (&str, bool, &mut String),
    known: &mut HashMap<OrganizationId, Vec<Policy>>,
    policies: impl Fn(&mut AnyConnection, OrganizationId) -> Result<Vec<Policy>, ApiError>,
) -> Result<Vec<(String, Json<Doc>)>, ApiError> {
    let mut agreements = chunk(conn, municipality, shared, after)?;
    let Some((last, _)) = agreements.last() else {
        return Ok(Vec::new());
    };
    after.clone_from(last);
    let docs = agreements.iter_mut().map(|(_, doc)| &mut doc.0);
    anchors::attach(conn, docs, cx.today)?;
    let owners = agreements
        .iter()
        .flat_map(|(_, doc)| sharing::owners(&doc.0));
    for other in owners.collect::<BTreeSet<_>>() {
        if let Entry::Vacant(other) = known.entry(other) {
            let policies = policies(conn, *other.key())?;
            other.insert(policies);
        }
    }
    Ok(agreements)
}

/// Reads the next agreements of a municipality: those that it owns, or those of others that it shares.
fn chunk(
    conn: &mut AnyConnection,
    municipality: &str,
    shared: bool,
    after: &str,
) -> Result<Vec<(String, Json<Doc>)>, ApiError> {
    let rest = a::table.filter(a::id.gt(after)).into_boxed();
    let own = match shared {
        false => rest.filter(a::municipality_id.eq(municipality)),
        true => rest.filter(a::municipality_id.ne(municipality)).filter(
            a::id.eq_any(
                s::table
                    .filter(s::municipality_id.eq(municipality))
                    .select(s::agreement_id),
            ),
        ),
    };
    let next = own.order(a::id).limit(CHUNK).select((a::id, a::doc));
    Ok(next.load(conn)?)
}

/// Rows by duty id, sorted by `known_from`.
type ByDuty = BTreeMap<String, Vec<Written>>;

fn by_duty(rows: Vec<Written>) -> ByDuty {
    let mut all = ByDuty::new();
    for row in rows {
        all.entry(row.duty_id.clone()).or_default().push(row);
    }
    for rows in all.values_mut() {
        rows.sort_by_key(|row| row.known_from);
    }
    all
}

/// Writes the changed rows of each duty and removes the rows they replace.
fn replace(conn: &mut AnyConnection, mut old: ByDuty, mut new: ByDuty) -> Result<(), ApiError> {
    new.retain(|duty, rows| {
        let same = old.get(duty) == Some(rows);
        if same {
            old.remove(duty);
        }
        !same
    });
    let gone: Vec<String> = old.into_keys().collect();
    for gone in gone.chunks(BATCH) {
        diesel::delete(d::table.filter(in_list(d::duty_id, gone))).execute(conn)?;
    }
    let rows: Vec<Written> = new.into_values().flatten().collect();
    for rows in rows.chunks(BATCH) {
        // A multi-row insert needs the concrete connection type.
        match conn {
            AnyConnection::Sqlite(conn) => {
                diesel::insert_into(d::table).values(rows).execute(conn)?
            }
            AnyConnection::Postgres(conn) => {
                diesel::insert_into(d::table).values(rows).execute(conn)?
            }
        };
    }
    Ok(())
}
