//! Lists of agreements.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::force::EndedBy;
use super::gaps::AgreementGap;
use super::known::Known;
use super::parts_of_list as parts;
use super::past_list;
use super::summary::{self, AgreementSummary};
use super::types::{AgreementKind, AgreementStatus, InForce};
use crate::db::page::{Listed, Order, Page};
use crate::db::schema::{agreement_parties, agreement_projects, agreements};
use crate::db::steered::Unindexed;
use crate::db::{AnyConnection, Json, MultiBackend, in_list, in_period};
use crate::directory::names::{ORGANIZATION, survivor};
use crate::directory::succession;
use crate::directory::succession::{Held, Share};
use crate::http::Filter;
use crate::kernel::error::ApiError;
use crate::kernel::ids::{OrganizationId, ProjectId};
use crate::kernel::text::{number, squeeze, tidy};
use crate::kernel::values::{Localized, to_db};
use crate::ledger::{RequestContext, Scope, Visibility, scope};
use crate::projections::freshness::{FreshnessState, Thresholds};
use crate::projections::timeline_entry::{ALWAYS, NEVER_ENDS};
use crate::projections::{gap_codes, policies, search_index as search};

/// Sort order of agreements; `-` for descending. In ascending order, agreements without a day of
/// signing come first, those without an end last.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub enum AgreementSort {
    #[serde(rename = "signed_on")]
    Signed,
    #[serde(rename = "-signed_on")]
    SignedDown,
    #[serde(rename = "title")]
    Title,
    #[serde(rename = "-title")]
    TitleDown,
    #[serde(rename = "effective_until")]
    Until,
    #[serde(rename = "-effective_until")]
    UntilDown,
    #[serde(rename = "id")]
    Id,
    #[serde(rename = "-id")]
    IdDown,
}

/// Filter of a list of agreements.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AgreementFilter {
    /// Only agreements of this municipality, including those that it shares.
    pub municipality_id: Option<OrganizationId>,
    /// Only agreements that serve this project.
    pub project_id: Option<ProjectId>,
    /// Only agreements to which this organization is or was a party. With `as_of`, those that it had
    /// joined by that day.
    pub organization_id: Option<OrganizationId>,
    /// Only agreements of these kinds (comma-separated).
    #[param(style = Form, explode = false, min_items = 1, max_items = 9, example = json!(["mou"]))]
    pub kind: Option<Vec<AgreementKind>>,
    /// Only agreements in these statuses (comma-separated).
    #[param(style = Form, explode = false, min_items = 1, max_items = 9, example = json!(["signed"]))]
    pub status: Option<Vec<AgreementStatus>>,
    /// Only agreements with this visibility.
    pub visibility: Option<Visibility>,
    /// Only agreements that are in force, are not, or whose dates leave it open.
    pub in_force: Option<InForce>,
    /// Only agreements that are certainly in force and whose last day is certainly at most this many
    /// days ahead.
    #[param(minimum = 0, maximum = 36500, example = 90)]
    pub expiring_within_days: Option<u64>,
    /// Only signed agreements whose term has run out (`true`), or whose last day has not passed as far
    /// as known (`false`). One that its successor has overtaken is neither.
    pub expired: Option<bool>,
    /// Only agreements signed on or after this day. An imprecise date matches if it can mean such a
    /// day.
    #[param(example = "2021-01-01")]
    pub signed_from: Option<NaiveDate>,
    /// Only agreements signed on or before this day. An imprecise date matches if it can mean such
    /// a day.
    #[param(example = "2021-12-31")]
    pub signed_to: Option<NaiveDate>,
    /// Only signed agreements that have not ended and have this freshness, by the policies of their
    /// municipalities.
    #[param(example = "stale")]
    pub freshness: Option<FreshnessState>,
    /// Only agreements with this number of the city's own.
    #[param(min_length = 1, max_length = 100, example = "2024-017")]
    pub reference_number: Option<String>,
    /// Only agreements of this lead department.
    #[param(
        min_length = 1,
        max_length = 200,
        pattern = r"\S",
        example = "전략산업과"
    )]
    pub department: Option<String>,
    /// Only agreements with this topic, in Korean or English, written together or apart.
    #[param(min_length = 1, max_length = 200, pattern = r"\S", example = "바이오")]
    pub topic: Option<String>,
    /// Only agreements that lack at least one of these facts, by the codes in `gaps`
    /// (comma-separated): `signed_on_unknown` for signed agreements without a day of signing,
    /// `effective_until_unknown` for agreements without an end.
    #[param(style = Form, explode = false, min_items = 1, max_items = 14, example = json!(["signed_on_unknown"]))]
    pub gap: Option<Vec<AgreementGap>>,
    /// Only agreements whose title or texts, or a name of a party's, contain this text, written
    /// together or apart; initial consonants (`ㅎㅇ`) match titles and names.
    #[param(min_length = 1, max_length = 100, example = "바이오")]
    pub q: Option<String>,
    /// Valid time: returns the agreements that were known on this day as they were then, which every
    /// row shows as the agreement does with this `as_of`. Filters and the order go by that day, apart
    /// from `q`. Defaults to today.
    #[param(example = "2024-12-31")]
    pub as_of: Option<NaiveDate>,
    /// Sort order; newest first by default.
    #[param(example = "-signed_on")]
    pub sort: Option<AgreementSort>,
}

impl AgreementFilter {
    /// Returns the day of `as_of`, by default today.
    fn day(&self, cx: &RequestContext) -> NaiveDate {
        self.as_of.unwrap_or(cx.today)
    }
}

impl Filter for AgreementFilter {
    fn order(&self) -> Order {
        const ID: &str = "agreements.id";
        match self.sort.unwrap_or(AgreementSort::SignedDown) {
            AgreementSort::Signed => Order::ascending("agreements.sort_signed", ID),
            AgreementSort::SignedDown => Order::descending("agreements.sort_signed", ID),
            AgreementSort::Title => Order::ascending("agreements.sort_title", ID),
            AgreementSort::TitleDown => Order::descending("agreements.sort_title", ID),
            AgreementSort::Until => Order::ascending("agreements.sort_until", ID),
            AgreementSort::UntilDown => Order::descending("agreements.sort_until", ID),
            AgreementSort::Id => Order::ascending(ID, ID),
            AgreementSort::IdDown => Order::descending(ID, ID),
        }
    }
}

/// Reads one page of agreements.
///
/// # Errors
/// Like [`find`].
pub fn list(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    wanted: &AgreementFilter,
    page: &Page,
) -> Result<Listed<AgreementSummary>, ApiError> {
    let found = find(conn, cx, wanted, page)?;
    let shown = summary::shown_rows(conn, cx, &found.items, wanted.as_of)?;
    Ok(found.with(shown.into_iter().map(|shown| (shown.key, shown.row))))
}

/// Finds one page of agreements: their ids.
pub fn find(
    conn: &mut AnyConnection,
    cx: &RequestContext,
    wanted: &AgreementFilter,
    page: &Page,
) -> Result<Listed<String>, ApiError> {
    let day = wanted.day(cx);
    // Parties that had left by the day leave gaps that no column shows.
    if day < cx.today || (wanted.as_of.is_some() && wanted.gap.is_some()) {
        return past_list::find(conn, cx, wanted, page, day);
    }
    let found = wanted.q.as_ref().map(|q| Texts::by(conn, q));
    let marks = match wanted.freshness {
        Some(state) => Some((state, marks(conn, day)?)),
        None => None,
    };
    let held = succession::held(conn, wanted.municipality_id, day)?;
    let overtaken = match wanted.expired {
        Some(true) => overtaken(conn, day)?,
        _ => Vec::new(),
    };
    let query = |(share, signing)| {
        let marks = marks.as_ref();
        let fresh = marks.map(|(state, marks)| fresh(*state, marks, day));
        let query = filtered(
            cx,
            wanted,
            held.as_ref().map(|held| (held, share)),
            found.as_ref(),
            fresh,
        );
        let query = match overtaken.is_empty() {
            true => query,
            false => query.filter(diesel::dsl::not(in_list(agreements::id, overtaken.clone()))),
        };
        parts::by_index(query, wanted, signing)
    };
    let parts = parts::of(wanted, Share::parts(held.as_ref()));
    let listed = page.load_parts(conn, &parts, query, |found: &FoundId| found.id.clone())?;
    Ok(listed.map(|found| found.id))
}

/// An agreement on a page, of which the index of the list knows all.
#[derive(Queryable, Selectable)]
#[diesel(table_name = agreements)]
struct FoundId {
    id: String,
}

pub(super) type Query<'a> = agreements::BoxedQuery<'a, MultiBackend>;
type Condition<'a> =
    Box<dyn BoxableExpression<agreements::table, MultiBackend, SqlType = Bool> + 'a>;

/// Returns the query for the filtered agreements that are visible to the caller. `held` are the
/// municipalities whose agreements the one in the filter holds.
pub fn filtered<'a>(
    cx: &RequestContext,
    wanted: &'a AgreementFilter,
    held: Option<(&Held, Share)>,
    found: Option<&Texts>,
    fresh: Option<Condition<'a>>,
) -> Query<'a> {
    use agreements as a;
    let day = wanted.day(cx);
    let mut query = filtered_alike(cx, wanted, held, found);
    if let Some(statuses) = &wanted.status {
        query = query.filter(has_status(statuses, day));
    }
    if let Some(gaps) = &wanted.gap {
        query = query.filter(has_gap(gaps, day));
    }
    query = in_term(query, wanted, day);
    query = in_period!(
        query,
        (a::signed_earliest, a::signed_latest),
        (wanted.signed_from, wanted.signed_to)
    );
    if let Some(fresh) = fresh {
        query = query.filter(fresh);
    }
    query
}

/// Like [`filtered`], with only the filters that do not depend on the day, and the filter by party,
/// whose table has days.
pub(super) fn filtered_alike<'a>(
    cx: &RequestContext,
    wanted: &'a AgreementFilter,
    held: Option<(&Held, Share)>,
    found: Option<&Texts>,
) -> Query<'a> {
    use agreement_projects as j;
    use agreements as a;
    let mut query = a::table
        .filter(Scope::of(&cx.caller, "agreements"))
        .into_boxed();
    if let Some((held, share)) = held {
        query = query.filter(Scope::held(held, share, "agreements", "agreements.id"));
    }
    if let Some(id) = wanted.project_id {
        let of = j::table
            .filter(j::project_id.eq_any(scope::visible_project(cx, id)))
            .select(j::agreement_id);
        query = query.filter(a::id.eq_any(of));
    }
    if let Some(id) = wanted.organization_id {
        query = query.filter(has_party(id, wanted.as_of));
    }
    if let Some(kinds) = &wanted.kind {
        query = query.filter(in_list(a::kind, kinds.iter().map(to_db)));
    }
    if let Some(visibility) = &wanted.visibility {
        query = query.filter(Unindexed(a::stated_visibility).eq(to_db(visibility)));
    }
    if let Some(wanted) = &wanted.reference_number {
        query = query.filter(a::reference_number.eq(number(wanted)));
    }
    if let Some(department) = &wanted.department {
        query = query.filter(a::lead_department.eq(tidy(department)));
    }
    if let Some(topic) = &wanted.topic {
        // Letters and digits alone are left, so nothing needs escaping.
        query = query.filter(a::topics.like(format!("%\n{}\n%", squeeze(topic))));
    }
    if let Some(found) = found {
        query = query.filter(found.condition());
    }
    query
}

/// Returns the condition that an organization is or was a party; as of a day, one that had joined by
/// then.
fn has_party(id: OrganizationId, as_of: Option<NaiveDate>) -> Condition<'static> {
    use agreement_parties as p;
    use agreements as a;
    let party = p::table.filter(p::organization_id.eq_any(survivor(id)));
    match as_of {
        None => Box::new(a::id.eq_any(party.select(p::agreement_id))),
        Some(day) => {
            let joined = party.filter(p::since.le(day.clamp(ALWAYS, NEVER_ENDS)));
            Box::new(a::id.eq_any(joined.select(p::agreement_id)))
        }
    }
}

/// Returns the column by which agreements are found by topic. No line is empty, so that a text
/// without letters and digits finds none.
pub(super) fn topics_column(topics: &[Localized]) -> String {
    let texts = topics.iter().flat_map(Localized::texts).map(squeeze);
    let lines = texts.filter(|text| !text.is_empty());
    let lines: String = lines.map(|text| format!("\n{text}")).collect();
    lines + "\n"
}

const THROUGH_PARTIES: &str =
    "SELECT agreement_id FROM agreement_parties WHERE agreement_parties.organization_id";

/// A text that is looked up in agreements and in the names of their parties.
pub struct Texts {
    own: search::Found,
    of_party: search::Found,
}

impl Texts {
    pub(super) fn by(conn: &AnyConnection, text: &str) -> Self {
        Self {
            own: search::Found::by(conn, "agreement", text),
            of_party: search::Found::by_related(conn, ORGANIZATION, THROUGH_PARTIES, text),
        }
    }

    fn condition(&self) -> Condition<'static> {
        let own: Condition<'static> = self.own.condition("agreements.id");
        let by_party: Condition<'static> = self.of_party.condition("agreements.id");
        Box::new(own.or(by_party))
    }
}

/// Returns the condition that an agreement is signed and has not ended otherwise than by its term.
/// An end that lies ahead is recorded already, but has no effect yet.
pub(super) fn is_signed(today: NaiveDate) -> Condition<'static> {
    use agreements as a;
    let ahead = a::ended_from
        .is_not_null()
        .and(a::ended_from.gt(today).assume_not_null());
    Box::new(a::status.eq("signed").or(ahead))
}

/// Returns the condition that an agreement has one of the statuses today.
fn has_status(statuses: &[AgreementStatus], today: NaiveDate) -> Condition<'static> {
    use agreements as a;
    let counts = a::ended_from
        .is_null()
        .or(a::ended_from.le(today).assume_not_null());
    let names: Vec<&str> = statuses.iter().map(|s| s.as_str()).collect();
    let recorded = in_list(a::status, names).and(counts);
    match statuses.contains(&AgreementStatus::Signed) {
        true => Box::new(recorded.or(is_signed(today))),
        false => Box::new(recorded),
    }
}

/// Returns the condition that an agreement has one of the gaps on a day.
fn has_gap(gaps: &[AgreementGap], day: NaiveDate) -> Condition<'static> {
    const COLUMN: &str = "agreements.gaps";
    let (of_ends, others): (Vec<AgreementGap>, Vec<AgreementGap>) = gaps
        .iter()
        .partition(|gap| **gap == AgreementGap::CommitmentOutcomeUnknown);
    // An end that lies ahead leaves no outcome open.
    let over = agreements::ended_from.le(day).assume_not_null();
    match (of_ends.is_empty(), others.is_empty()) {
        (true, _) => gap_codes::any_of(COLUMN, &others),
        (false, true) => Box::new(gap_codes::any_of(COLUMN, &of_ends).and(over)),
        (false, false) => {
            let lacks_outcome = gap_codes::any_of(COLUMN, &of_ends).and(over);
            Box::new(gap_codes::any_of(COLUMN, &others).or(lacks_outcome))
        }
    }
}

/// Applies the filters by the term: the rules of `force::Force` as database conditions.
fn in_term<'a>(mut query: Query<'a>, wanted: &AgreementFilter, today: NaiveDate) -> Query<'a> {
    use agreements as a;
    let was_signed = in_list(
        Unindexed(a::status),
        AgreementStatus::ALL
            .into_iter()
            .filter(|status| status.is_signed())
            .map(AgreementStatus::as_str),
    );
    let started = a::starts_latest.le(today).assume_not_null();
    let lasts = a::ends_earliest.ge(today).assume_not_null();
    let not_begun = a::starts_earliest.gt(today).assume_not_null();
    let over = a::ends_latest.lt(today).assume_not_null();
    let in_force = was_signed
        .clone()
        .and(a::starts_latest.is_not_null())
        .and(started)
        .and(a::ends_earliest.is_not_null())
        .and(lasts);
    let not_in_force = diesel::dsl::not(was_signed)
        .or(a::starts_earliest.is_not_null().and(not_begun))
        .or(a::ends_latest.is_not_null().and(over));
    query = match wanted.in_force {
        None => query,
        Some(InForce::True) => query.filter(in_force.clone()),
        Some(InForce::False) => query.filter(not_in_force),
        Some(InForce::Unknown) => query
            .filter(diesel::dsl::not(in_force.clone()))
            .filter(diesel::dsl::not(not_in_force)),
    };
    if let Some(days) = wanted.expiring_within_days {
        let until = today.checked_add_days(Days::new(days)).unwrap_or(today);
        query = query.filter(in_force).filter(a::ends_latest.le(until));
    }
    match wanted.expired {
        None => query,
        Some(true) => query
            .filter(is_signed(today))
            .filter(a::ends_latest.lt(today)),
        Some(false) => query
            .filter(is_signed(today))
            .filter(a::ends_latest.ge(today).or(a::ends_latest.is_null())),
    }
}

/// Returns the agreements that a successor has overtaken by a day, while the end of which notice was given
/// lies ahead: no column tells them from those whose term has run out. There are few.
fn overtaken(conn: &mut AnyConnection, day: NaiveDate) -> Result<Vec<String>, ApiError> {
    use agreements as a;
    let rows: Vec<(String, Json<Known>)> = a::table
        .filter(a::status.eq(AgreementStatus::Terminated.as_str()))
        .filter(a::ended_from.gt(day).and(a::ends_latest.lt(day)))
        .select((a::id, a::summary))
        .load(conn)?;
    let rows = rows.into_iter();
    let ended_by = |row: &Known| row.force?.ended_by(day);
    let rows = rows.filter(|(_, Json(row))| ended_by(row) == Some(EndedBy::Supersession));
    Ok(rows.map(|(id, _)| id).collect())
}

/// Freshness thresholds: the default ones, and those of municipalities whose policies differ today.
struct Marks {
    usual: Thresholds,
    own: BTreeMap<Thresholds, Vec<String>>,
}

fn marks(conn: &mut AnyConnection, day: NaiveDate) -> Result<Marks, ApiError> {
    let usual = Thresholds::on(&[], day);
    let mut own: BTreeMap<Thresholds, Vec<String>> = BTreeMap::new();
    for (id, policies) in policies::all(conn)? {
        let thresholds = Thresholds::on(&policies, day);
        if thresholds != usual {
            own.entry(thresholds).or_default().push(id.to_string());
        }
    }
    Ok(Marks { usual, own })
}

/// Returns the condition that news of an agreement is expected: it is signed and has not ended.
pub(super) fn is_awaited(today: NaiveDate) -> Condition<'static> {
    use agreements as a;
    let lasts = a::ends_latest
        .is_null()
        .or(a::ends_latest.ge(today).assume_not_null());
    Box::new(is_signed(today).and(lasts))
}

/// Returns the rule of `freshness::freshness` as a database condition.
fn fresh(state: FreshnessState, marks: &Marks, today: NaiveDate) -> Condition<'static> {
    use agreements as a;
    let since = |day| {
        a::last_sign
            .is_not_null()
            .and(a::last_sign.ge(day).assume_not_null())
    };
    let before = |day| {
        a::last_sign
            .is_not_null()
            .and(a::last_sign.lt(day).assume_not_null())
    };
    let stands = |t: &Thresholds| -> Condition<'static> {
        match state {
            FreshnessState::Current => Box::new(since(t.current)),
            FreshnessState::Ageing => Box::new(since(t.ageing).and(before(t.current))),
            FreshnessState::Stale => Box::new(before(t.ageing)),
            FreshnessState::Unknown => Box::new(a::last_sign.is_null()),
        }
    };
    let others: Vec<String> = marks.own.values().flatten().cloned().collect();
    let mut any: Condition<'static> =
        Box::new(diesel::dsl::not(in_list(a::municipality_id, others)).and(stands(&marks.usual)));
    for (thresholds, ids) in &marks.own {
        let own = in_list(a::municipality_id, ids.clone()).and(stands(thresholds));
        any = Box::new(any.or(own));
    }
    Box::new(is_awaited(today).and(any))
}
